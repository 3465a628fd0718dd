//! A check that a file is all there. Decoders draw what they have: half a photograph and grey below it, which a shop
//! would show.

use image::ImageFormat;

/// A file that can't be taken, by what is known before anything of it is decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unfit {
    /// The file ends in the middle.
    CutShort,
    /// Colours of a printing press, which no screen has.
    Cmyk,
}

/// Looks at the file's own frame: its parts and their lengths.
pub(super) fn unfit(file: &[u8], format: ImageFormat) -> Option<Unfit> {
    let ends = match format {
        ImageFormat::Jpeg => return jpeg(file),
        ImageFormat::Png => png_ends(file),
        ImageFormat::Gif => gif_ends(file),
        ImageFormat::WebP => webp_ends(file),
        _ => Some(()),
    };
    ends.is_none().then_some(Unfit::CutShort)
}

/// Follows the markers of a JPEG (ISO 10918-1, B.1) to the end of the image, and sees how many colours it has on the way.
fn jpeg(file: &[u8]) -> Option<Unfit> {
    /// Start and end of the image; these, restarts and TEM stand alone, without a length.
    const SOI: u8 = 0xD8;
    const EOI: u8 = 0xD9;
    const TEM: u8 = 0x01;
    let mut at = 0;
    loop {
        let Some(found) = file[at..].iter().position(|byte| *byte == 0xFF) else { return Some(Unfit::CutShort) };
        at += found + 1;
        match file.get(at).copied() {
            None => return Some(Unfit::CutShort),
            // Fill bytes, a byte of data, and markers that stand alone.
            Some(0xFF) => {}
            Some(0x00 | 0xD0..=0xD7 | SOI | TEM) => at += 1,
            Some(EOI) => return None,
            Some(marker) => {
                let Some(length) = file.get(at + 1..at + 3).map(|two| usize::from(two[0]) << 8 | usize::from(two[1]))
                else {
                    return Some(Unfit::CutShort);
                };
                let is_frame = matches!(marker, 0xC0..=0xCF) && !matches!(marker, 0xC4 | 0xC8 | 0xCC);
                if is_frame && file.get(at + 8) == Some(&4) {
                    return Some(Unfit::Cmyk);
                }
                // A scan's data follow its header; they end where a marker begins.
                at += 1 + length.max(2);
                if at > file.len() {
                    return Some(Unfit::CutShort);
                }
            }
        }
    }
}

/// Follows the chunks of a PNG to its last.
fn png_ends(file: &[u8]) -> Option<()> {
    let mut at = 8;
    loop {
        let length = u32::from_be_bytes(*file.get(at..)?.first_chunk()?);
        let kind = file.get(at + 4..at + 8)?;
        at = at.checked_add(usize::try_from(length).ok()?)?.checked_add(12)?;
        if at > file.len() {
            return None;
        }
        if kind == b"IEND" {
            return Some(());
        }
    }
}

/// Follows the blocks of a GIF. Some programs leave out the last byte, the trailer: the file may end between two blocks.
fn gif_ends(file: &[u8]) -> Option<()> {
    /// Bytes of a colour table, by the flags that say whether it is there.
    fn table(flags: u8) -> usize {
        if flags & 0x80 == 0 { 0 } else { 3 << (1 + (flags & 7)) }
    }
    let mut at = 13 + table(*file.get(10)?);
    let mut has_image = false;
    loop {
        match file.get(at) {
            Some(0x2C) => {
                at += 11 + table(*file.get(at + 9)?);
                has_image = true;
            }
            Some(0x21) => at += 2,
            Some(0x3B) => return Some(()),
            // Between blocks: the end, or what others put behind it.
            _ => return has_image.then_some(()),
        }
        // The parts of a block, each with its length, up to an empty one.
        loop {
            let length = usize::from(*file.get(at)?);
            at += 1 + length;
            if at > file.len() {
                return None;
            }
            if length == 0 {
                break;
            }
        }
    }
}

/// A WebP says how long it is.
fn webp_ends(file: &[u8]) -> Option<()> {
    let length = u32::from_le_bytes(*file.get(4..)?.first_chunk()?);
    (file.len() >= usize::try_from(length).ok()?.checked_add(8)?).then_some(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::io::Cursor;

    use image::{DynamicImage, Rgb, RgbImage};

    use super::*;

    fn file(format: ImageFormat) -> Vec<u8> {
        let image: DynamicImage = RgbImage::from_fn(64, 48, |x, y| Rgb([x as u8, y as u8, (x * y) as u8])).into();
        let mut bytes = Cursor::new(Vec::new());
        image.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    #[test]
    fn a_file_that_ends_in_the_middle_is_known_by_its_frame() {
        for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::Gif, ImageFormat::WebP] {
            let whole = file(format);
            assert_eq!(unfit(&whole, format), None, "{format:?}");
            let behind = [&whole[..], b"what others put behind it"].concat();
            assert_eq!(unfit(&behind, format), None, "{format:?}");
            // The last byte of a GIF is one that some leave out.
            let most = if format == ImageFormat::Gif { whole.len() - 1 } else { whole.len() };
            for end in 14..most {
                assert_eq!(unfit(&whole[..end], format), Some(Unfit::CutShort), "{format:?} of {end} bytes");
            }
        }
    }

    #[test]
    fn the_end_of_a_thumbnail_is_not_the_end_of_the_image() {
        let mut whole = file(ImageFormat::Jpeg);
        let thumbnail = file(ImageFormat::Jpeg);
        let length = u16::try_from(thumbnail.len() + 2).unwrap().to_be_bytes();
        let segment = [&[0xFF, 0xE1][..], &length, &thumbnail].concat();
        whole.splice(2..2, segment);
        assert_eq!(unfit(&whole, ImageFormat::Jpeg), None);
        assert_eq!(unfit(&whole[..whole.len() - 40], ImageFormat::Jpeg), Some(Unfit::CutShort));
    }

    #[test]
    fn colours_of_a_press_are_known_by_their_number() {
        let mut four = file(ImageFormat::Jpeg);
        let frame = four.windows(2).position(|two| two == [0xFF, 0xC0]).unwrap();
        four[frame + 9] = 4;
        assert_eq!(unfit(&four, ImageFormat::Jpeg), Some(Unfit::Cmyk));
    }
}
