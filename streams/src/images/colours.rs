//! Colours: an image's own are converted to those of the web (sRGB), since no profile stays with it. Telephones take wide ones,
//! and shown as if they were sRGB they look pale.

use image::{DynamicImage, RgbImage, RgbaImage};
use moxcms::{ColorProfile, DataColorSpace, Layout, Transform8BitExecutor, TransformOptions};

/// Steps of each colour of the lattice by which a profile is tried.
const STEPS: [u8; 6] = [0, 51, 102, 153, 204, 255];
/// Levels of 255 that a colour may move by, and the profile is sRGB by another name: rounding alone moves it by one.
const SAME: u8 = 2;

/// The image in sRGB. A profile that can't be read, or is of colours that the image does not have, is passed over, as browsers do.
pub(super) fn to_srgb(image: DynamicImage, profile: Option<&[u8]>) -> DynamicImage {
    let Some(profile) = profile else { return image };
    match converted(&image, profile) {
        Ok(Some(converted)) => converted,
        Ok(None) => image,
        Err(error) => {
            tracing::debug!(%error, "an image's profile can't be applied");
            image
        }
    }
}

fn converted(image: &DynamicImage, profile: &[u8]) -> Result<Option<DynamicImage>, moxcms::CmsError> {
    let profile = ColorProfile::new_from_slice(profile)?;
    let (from, to) = match (profile.color_space, image.color().has_color(), image.color().has_alpha()) {
        (DataColorSpace::Rgb, _, false) => (Layout::Rgb, Layout::Rgb),
        (DataColorSpace::Rgb, _, true) => (Layout::Rgba, Layout::Rgba),
        (DataColorSpace::Gray, false, false) => (Layout::Gray, Layout::Rgb),
        (DataColorSpace::Gray, false, true) => (Layout::GrayAlpha, Layout::Rgba),
        _ => return Ok(None),
    };
    let transform = profile.create_transform_8bit(from, &ColorProfile::new_srgb(), to, TransformOptions::default())?;
    if is_srgb(&*transform, from)? {
        return Ok(None);
    }
    let pixels = match from {
        Layout::Gray => image.to_luma8().into_raw(),
        Layout::GrayAlpha => image.to_luma_alpha8().into_raw(),
        Layout::Rgba => image.to_rgba8().into_raw(),
        _ => image.to_rgb8().into_raw(),
    };
    let (width, height) = (image.width(), image.height());
    let mut out = vec![0; pixels.len() / from.channels() * to.channels()];
    transform.transform(&pixels, &mut out)?;
    Ok(match to {
        Layout::Rgba => RgbaImage::from_raw(width, height, out).map(Into::into),
        _ => RgbImage::from_raw(width, height, out).map(Into::into),
    })
}

/// True if a profile moves no colour: most images say sRGB, and these keep every level as it is.
fn is_srgb(transform: &Transform8BitExecutor, layout: Layout) -> Result<bool, moxcms::CmsError> {
    let alpha: &[u8] = if matches!(layout, Layout::Rgba | Layout::GrayAlpha) { &[255] } else { &[] };
    let (mut tried, mut expected): (Vec<u8>, Vec<u8>) = (Vec::new(), Vec::new());
    let mut add = |of: &[u8], rgb: [u8; 3]| {
        tried.extend(of.iter().chain(alpha));
        expected.extend(rgb.iter().chain(alpha));
    };
    if matches!(layout, Layout::Gray | Layout::GrayAlpha) {
        STEPS.into_iter().for_each(|grey| add(&[grey], [grey; 3]));
    } else {
        let lattice = STEPS.into_iter().flat_map(|r| STEPS.into_iter().flat_map(move |g| STEPS.map(|b| [r, g, b])));
        lattice.for_each(|colour| add(&colour, colour));
    }
    let mut out = vec![0; expected.len()];
    transform.transform(&tried, &mut out)?;
    Ok(out.iter().zip(&expected).all(|(one, other)| one.abs_diff(*other) <= SAME))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use image::{GrayImage, Luma, Rgb, Rgba};
    use moxcms::ToneReprCurve;

    use super::*;

    fn near(found: [u8; 3], expected: [u8; 3]) -> bool {
        found.iter().zip(expected).all(|(one, other)| one.abs_diff(other) <= 3)
    }

    fn pixel(image: DynamicImage) -> [u8; 3] {
        image.to_rgb8().get_pixel(0, 0).0
    }

    #[test]
    fn wide_colours_become_those_of_the_web() {
        // Reckoned by the primaries' own matrices, not by this library.
        for (profile, colour, expected) in [
            (ColorProfile::new_display_p3(), [200, 60, 60], [215, 41, 52]),
            (ColorProfile::new_display_p3(), [60, 190, 80], [0, 193, 61]),
            (ColorProfile::new_adobe_rgb(), [100, 150, 200], [66, 151, 203]),
            (ColorProfile::new_adobe_rgb(), [128, 128, 128], [128, 128, 128]),
        ] {
            let profile = profile.encode().unwrap();
            let opaque = RgbImage::from_pixel(5, 3, Rgb(colour)).into();
            let found = pixel(to_srgb(opaque, Some(&profile)));
            assert!(near(found, expected), "{colour:?} → {found:?}, not {expected:?}");
            let [r, g, b] = colour;
            let clear: DynamicImage = RgbaImage::from_pixel(5, 3, Rgba([r, g, b, 77])).into();
            let clear = to_srgb(clear, Some(&profile)).to_rgba8();
            assert_eq!(clear.get_pixel(4, 2).0[3], 77, "what is seen through stays so");
            assert!(near(clear.get_pixel(4, 2).0[..3].try_into().unwrap(), expected));
        }
    }

    #[test]
    fn greys_follow_their_own_curve() {
        let linear = ColorProfile::new_gray_with_gamma(1.0).encode().unwrap();
        let grey: DynamicImage = GrayImage::from_pixel(4, 4, Luma([128])).into();
        let found = pixel(to_srgb(grey.clone(), Some(&linear)));
        assert!(near(found, [188; 3]), "half the light is a lighter grey: {found:?}");
        let colour: DynamicImage = RgbImage::from_pixel(4, 4, Rgb([10, 200, 30])).into();
        assert_eq!(pixel(to_srgb(colour, Some(&linear))), [10, 200, 30], "a profile of greys says nothing of colours");
    }

    #[test]
    fn what_is_srgb_or_no_profile_keeps_every_level() {
        let image: DynamicImage =
            RgbImage::from_fn(64, 64, |x, y| Rgb([x as u8 * 4, y as u8 * 4, (x ^ y) as u8])).into();
        let srgb = ColorProfile::new_srgb().encode().unwrap();
        let mut table = ColorProfile::new_srgb();
        let curve: Vec<u16> = (0..1024_u32)
            .map(|step| {
                let level = f64::from(step) / 1023.0;
                let linear = if level <= 0.04045 { level / 12.92 } else { ((level + 0.055) / 1.055).powf(2.4) };
                (linear * 65_535.0).round() as u16
            })
            .collect();
        for trc in [&mut table.red_trc, &mut table.green_trc, &mut table.blue_trc] {
            *trc = Some(ToneReprCurve::Lut(curve.clone()));
        }
        table.cicp = None;
        let table = table.encode().unwrap();
        for profile in [None, Some(&srgb[..]), Some(&table[..]), Some(&b"no profile"[..]), Some(&srgb[..100])] {
            assert_eq!(to_srgb(image.clone(), profile), image);
        }
    }
}
