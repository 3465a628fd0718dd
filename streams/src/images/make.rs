//! Making images that a shop can show of whatever a merchant uploads: known kinds only, bounded before they are decoded,
//! turned upright, in the colours of the web, without metadata (which may say where somebody lives), and in two sizes.

use std::io::Cursor;

use bytes::Bytes;
use feira_schemas::{
    limits,
    problem::{Code, Refusal},
    refusals,
};
use image::{
    DynamicImage, ExtendedColorType, ImageDecoder, ImageEncoder, ImageError, ImageFormat, ImageReader, ImageResult,
    Limits,
    codecs::{
        jpeg::JpegEncoder,
        png::{CompressionType, FilterType, PngEncoder},
        webp::WebPEncoder,
    },
    imageops,
    metadata::Orientation,
};

use super::{
    NotKept,
    behind::behind,
    colours::to_srgb,
    whole::{Unfit, unfit},
};

/// Longest side of the large size, in pixels: a full screen.
const LARGE: u32 = 1_600;
/// Longest side of the small size: a card on a phone at twice its pixels.
pub const SMALL: u32 = 480;
/// JPEG quality: beyond it files grow and nobody sees why.
const QUALITY: u8 = 85;
/// Bytes of a PNG beyond which an image without transparency becomes JPEG, where that is smaller: below it, it is a drawing, whose
/// edges JPEG would blur to no one's gain.
const LARGE_PNG: usize = 128 * 1024;
/// Bytes that decoding one image may allocate: 40 megapixels at 8 bytes each, and room to work.
const ALLOCATED: u64 = 512 * 1024 * 1024;

/// An image ready to be kept.
#[derive(Debug, Clone)]
pub struct MadeImage {
    /// `image/jpeg`, `image/png` or `image/webp`.
    pub content_type: &'static str,
    /// The large size's width in pixels.
    pub width: u32,
    /// The large size's height in pixels.
    pub height: u32,
    /// Longest side at most 1600.
    pub large: Bytes,
    /// Longest side at most 480.
    pub small: Bytes,
}

/// The image that a file holds. Its kind is seen from its bytes; of an animation the first frame is kept.
pub async fn make(file: Bytes) -> Result<MadeImage, NotKept> {
    if file.is_empty() {
        return Err(Refusal::new(Code::Required, "Envie o arquivo da imagem.").into());
    }
    if file.len() > limits::IMAGE_BYTES {
        return Err(Refusal::new(Code::TooLarge, refusals::image_bytes()).into());
    }
    let made = behind(move || converted(&file)).await.map_err(NotKept::ours)?;
    made.ok_or_else(|| NotKept::ours("an image could not be made: see the panic above"))?
}

fn converted(file: &[u8]) -> Result<MadeImage, NotKept> {
    let format = image::guess_format(file).ok().filter(|format| accepted(*format));
    let format = format.ok_or_else(|| unsupported("A imagem deve ser JPEG, PNG, WebP ou GIF."))?;
    match unfit(file, format) {
        Some(Unfit::CutShort) => return Err(damaged().into()),
        Some(Unfit::Cmyk) => {
            let detail = "A imagem está em CMYK, as cores da impressão. Salve-a em RGB (sRGB) e envie de novo.";
            return Err(Refusal::new(Code::Invalid, detail).into());
        }
        None => {}
    }
    let (image, profile) = decoded(file, format)?;
    // Smaller first: a profile is applied to what is kept, not to 40 megapixels.
    let large = to_srgb(image, profile.as_deref());
    let small = shrunk(large.clone(), SMALL);
    let (width, height) = (large.width(), large.height());
    let (kind, large) = kept_as(format, large).map_err(NotKept::ours)?;
    let small = encode(kind, small).map_err(NotKept::ours)?;
    Ok(MadeImage { content_type: kind.to_mime_type(), width, height, large, small })
}

fn accepted(format: ImageFormat) -> bool {
    matches!(format, ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::WebP | ImageFormat::Gif)
}

/// The image upright and in its large size, and the profile of its colours.
fn decoded(file: &[u8], format: ImageFormat) -> Result<(DynamicImage, Option<Vec<u8>>), Refusal> {
    let mut reader = ImageReader::with_format(Cursor::new(file), format);
    let mut bounds = Limits::default();
    bounds.max_alloc = Some(ALLOCATED);
    reader.limits(bounds);
    let mut decoder = reader.into_decoder().map_err(broken)?;
    // The header's word on the size, before a byte of pixels is read.
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > limits::IMAGE_PIXELS {
        return Err(Refusal::new(Code::TooLarge, refusals::image_pixels()));
    }
    let orientation = orientation(&mut decoder);
    let profile = decoder.icc_profile().ok().flatten();
    // Turned once it is small: 40 megapixels that are turned take as much again.
    let mut image = shrunk(DynamicImage::from_decoder(decoder).map_err(broken)?, LARGE);
    image.apply_orientation(orientation);
    Ok((image, profile))
}

/// The EXIF orientation of an image. ImageMagick wrote JPEG's mark before the data of a WebP, too, where the standard
/// has none.
fn orientation(decoder: &mut impl ImageDecoder) -> Orientation {
    let exif = decoder.exif_metadata().ok().flatten();
    let marked = exif.as_deref().and_then(|exif| exif.strip_prefix(b"Exif\0\0"));
    let found = marked.and_then(Orientation::from_exif_chunk).or_else(|| decoder.orientation().ok());
    found.unwrap_or(Orientation::NoTransforms)
}

fn broken(error: ImageError) -> Refusal {
    match error {
        ImageError::Limits(_) => Refusal::new(Code::TooLarge, refusals::image_pixels()),
        error => {
            tracing::debug!(%error, "an image can't be read");
            damaged()
        }
    }
}

fn damaged() -> Refusal {
    Refusal::new(Code::Invalid, "A imagem não pode ser lida: o arquivo está danificado ou incompleto.")
}

fn unsupported(detail: &str) -> Refusal {
    Refusal::new(Code::UnsupportedMedia, detail)
}

fn shrunk(image: DynamicImage, most: u32) -> DynamicImage {
    if image.width() <= most && image.height() <= most {
        return image;
    }
    // A large reduction goes through a quick one first; the fine filter over 40 megapixels would take seconds.
    let image = if image.width().max(image.height()) > 4 * most {
        let smaller = image.thumbnail(2 * most, 2 * most);
        drop(image); // The fine filter needs room as well.
        smaller
    } else {
        image
    };
    image.resize(most, most, imageops::FilterType::CatmullRom)
}

/// The format that an image is kept in, and its bytes in that format. The WebP encoder writes without loss, which
/// suits drawings with transparency but makes photographs large: these become JPEG, and so does a PNG that is large
/// without being seen through.
fn kept_as(format: ImageFormat, image: DynamicImage) -> ImageResult<(ImageFormat, Bytes)> {
    let kept = |kind, image| Ok((kind, encode(kind, image)?));
    match format {
        ImageFormat::Jpeg => kept(ImageFormat::Jpeg, image),
        ImageFormat::WebP if image.color().has_alpha() => kept(ImageFormat::WebP, image),
        ImageFormat::WebP => kept(ImageFormat::Jpeg, image),
        _ => {
            let png = encode(ImageFormat::Png, image.clone())?;
            if png.len() > LARGE_PNG && is_opaque(&image) {
                let jpeg = encode(ImageFormat::Jpeg, image)?;
                if jpeg.len() < png.len() {
                    return Ok((ImageFormat::Jpeg, jpeg));
                }
            }
            Ok((ImageFormat::Png, png))
        }
    }
}

/// True if nothing shows through: many programs write a transparency that nothing makes use of.
fn is_opaque(image: &DynamicImage) -> bool {
    !image.color().has_alpha() || image.to_rgba8().pixels().all(|pixel| pixel.0[3] == u8::MAX)
}

fn encode(kind: ImageFormat, image: DynamicImage) -> ImageResult<Bytes> {
    let mut file = Vec::new();
    let (width, height) = (image.width(), image.height());
    let alpha = image.color().has_alpha() && kind != ImageFormat::Jpeg;
    let (pixels, colour) = if alpha {
        (image.into_rgba8().into_raw(), ExtendedColorType::Rgba8)
    } else {
        (image.into_rgb8().into_raw(), ExtendedColorType::Rgb8)
    };
    match kind {
        ImageFormat::Jpeg => {
            JpegEncoder::new_with_quality(&mut file, QUALITY).write_image(&pixels, width, height, colour)?
        }
        ImageFormat::WebP => WebPEncoder::new_lossless(&mut file).write_image(&pixels, width, height, colour)?,
        _ => PngEncoder::new_with_quality(&mut file, CompressionType::Default, FilterType::Adaptive)
            .write_image(&pixels, width, height, colour)?,
    }
    Ok(file.into())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use image::{Rgb, RgbImage, Rgba, RgbaImage};

    use super::*;

    fn file(image: &DynamicImage, format: ImageFormat) -> Bytes {
        let mut bytes = Cursor::new(Vec::new());
        image.write_to(&mut bytes, format).unwrap();
        bytes.into_inner().into()
    }

    fn photograph(width: u32, height: u32) -> DynamicImage {
        RgbImage::from_fn(width, height, |x, y| Rgb([x as u8, y as u8, (x ^ y) as u8])).into()
    }

    /// An image that no file makes small without loss.
    fn grainy(width: u32, height: u32) -> DynamicImage {
        let grain =
            |x: u32, y: u32| (x.wrapping_mul(0x9E37_79B1) ^ y.wrapping_mul(0x85EB_CA77)).wrapping_mul(0xC2B2_AE3D) >> 8;
        RgbImage::from_fn(width, height, |x, y| Rgb(grain(x, y).to_le_bytes()[..3].try_into().unwrap())).into()
    }

    #[tokio::test]
    async fn every_accepted_kind_becomes_one_that_a_shop_shows() {
        let drawing: DynamicImage = RgbaImage::from_pixel(40, 20, Rgba([1, 2, 3, 128])).into();
        let opaque = DynamicImage::from(grainy(2_000, 1_000).into_rgba8());
        let mut see_through = opaque.to_rgba8();
        see_through.get_pixel_mut(1_999, 999).0[3] = 0;
        let see_through = see_through.into();
        for (image, format, content_type) in [
            (photograph(2_000, 1_000), ImageFormat::Jpeg, "image/jpeg"),
            (grainy(2_000, 1_000), ImageFormat::Png, "image/jpeg"),
            (photograph(2_000, 1_000), ImageFormat::WebP, "image/jpeg"),
            (grainy(2_000, 1_000), ImageFormat::Gif, "image/jpeg"),
            (photograph(40, 20), ImageFormat::Png, "image/png"),
            (see_through, ImageFormat::Png, "image/png"),
            (opaque, ImageFormat::Png, "image/jpeg"),
            (drawing, ImageFormat::WebP, "image/webp"),
        ] {
            let scaled = image.width() > LARGE;
            let made = make(file(&image, format)).await.unwrap();
            assert_eq!(made.content_type, content_type, "{format:?}");
            assert_eq!((made.width, made.height), if scaled { (1_600, 800) } else { (40, 20) });
            let small = image::load_from_memory(&made.small).unwrap();
            assert_eq!((small.width(), small.height()), if scaled { (480, 240) } else { (40, 20) });
        }
    }

    #[tokio::test]
    async fn metadata_does_not_survive() {
        let mut jpeg = file(&photograph(10, 10), ImageFormat::Jpeg).to_vec();
        // An EXIF segment (APP1) behind the start of the image.
        let exif = b"Exif\0\0MM\0*\0\0\0\x08\0\0-23.5505,-46.6333";
        let mut segment = vec![0xFF, 0xE1];
        segment.extend(u16::try_from(exif.len() + 2).unwrap().to_be_bytes());
        segment.extend(exif);
        jpeg.splice(2..2, segment);
        let made = make(jpeg.into()).await.unwrap();
        assert!(!made.large.windows(4).any(|window| window == b"Exif"));
    }

    /// A photograph on its side: EXIF's orientation 6, as a big-endian TIFF of one field.
    const ON_ITS_SIDE: &[u8] = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";

    /// A WebP with EXIF data, in the extended frame that they need.
    fn with_exif(width: u8, height: u8, exif: &[u8]) -> Bytes {
        let plain = file(&photograph(width.into(), height.into()), ImageFormat::WebP);
        let chunk = |kind: &[u8], data: &[u8]| {
            let padding: &[u8] = if data.len().is_multiple_of(2) { &[] } else { &[0] };
            [kind, &u32::try_from(data.len()).unwrap().to_le_bytes(), data, padding].concat()
        };
        let extended = chunk(b"VP8X", &[8, 0, 0, 0, width - 1, 0, 0, height - 1, 0, 0]);
        let rest = [b"WEBP", &extended[..], &plain[12..], &chunk(b"EXIF", exif)].concat();
        [b"RIFF", &u32::try_from(rest.len()).unwrap().to_le_bytes()[..], &rest].concat().into()
    }

    #[tokio::test]
    async fn a_webp_is_turned_upright_with_and_without_the_mark_of_jpeg() {
        for (exif, size) in [
            (ON_ITS_SIDE.to_vec(), (20, 40)),
            ([b"Exif\0\0", ON_ITS_SIDE].concat(), (20, 40)),
            (b"Exif\0\0nothing".to_vec(), (40, 20)),
        ] {
            let made = make(with_exif(40, 20, &exif)).await.unwrap();
            assert_eq!((made.width, made.height), size, "{exif:?}");
        }
    }

    #[tokio::test]
    async fn a_file_cut_short_is_refused_whatever_its_kind() {
        for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP, ImageFormat::Gif] {
            let whole = file(&photograph(200, 150), format);
            for percent in [30, 60, 95] {
                let part = whole.slice(..whole.len() * percent / 100);
                let refused = make(part).await;
                assert!(
                    matches!(refused, Err(NotKept::Refused(refusal)) if refusal.code == Code::Invalid),
                    "{format:?} {percent} %"
                );
            }
        }
    }

    #[tokio::test]
    async fn what_is_no_image_or_too_large_a_one_is_refused_before_it_is_decoded() {
        // A PNG that says it has 100,000 × 100,000 pixels, and ends there.
        let mut bomb = file(&photograph(1, 1), ImageFormat::Png).to_vec();
        bomb[16..24].copy_from_slice(&[0, 1, 0x86, 0xA0, 0, 1, 0x86, 0xA0]);
        let crc = {
            let mut crc = u32::MAX;
            for byte in &bomb[12..29] {
                crc ^= u32::from(*byte);
                for _ in 0..8 {
                    crc = if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 };
                }
            }
            !crc
        };
        bomb[29..33].copy_from_slice(&crc.to_be_bytes());
        let half = file(&photograph(50, 50), ImageFormat::Png);
        for (bytes, code) in [
            (Bytes::new(), Code::Required),
            (Bytes::from_static(b"<svg xmlns='http://www.w3.org/2000/svg'/>"), Code::UnsupportedMedia),
            (Bytes::from_static(b"not an image"), Code::UnsupportedMedia),
            (half.slice(..half.len() / 2), Code::Invalid),
            (bomb.into(), Code::TooLarge),
            (vec![0; limits::IMAGE_BYTES + 1].into(), Code::TooLarge),
        ] {
            assert!(matches!(make(bytes).await, Err(NotKept::Refused(refusal)) if refusal.code == code), "{code}");
        }
    }
}
