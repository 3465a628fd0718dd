//! Turns at decoding images: so many bytes of pixels at once, in turns of the shops.

use std::io::Cursor;

use feira_connectors::turns::{Turn, Turns};
use feira_schemas::{ids::TenantId, limits};
use image::{ImageDecoder, ImageReader};

/// Images that take no more than this when they are decoded, 2.7 megapixels of a photograph, pass those that take more: one of
/// those takes seconds.
const LIGHT: u64 = 16 * 1024 * 1024;
/// The memory that an image takes while it is made, in copies of its pixels: as it was read, and what its decoder
/// keeps beside that (of a progressive JPEG all coefficients), or afterwards what is smaller.
const COPIES: u64 = 2;

/// The room, in bytes of pixels, that images of all shops are decoded in.
#[derive(Debug)]
pub struct Decoders {
    light: Lane,
    heavy: Lane,
}

/// Bytes that are shared in turns.
#[derive(Debug)]
struct Lane {
    bytes: Turns,
    /// The least bytes that one image takes, so that no more are decoded at once than there are cores.
    least: u64,
}

impl Lane {
    fn within(bytes: u64) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from) as u64;
        Self { bytes: Turns::of(bytes), least: bytes / cores }
    }
}

impl Decoders {
    /// Decoders that take so many bytes together. The largest legal images may take more: they come alone.
    pub fn within(bytes: u64) -> Self {
        let light = (bytes / 6).max(LIGHT);
        let heavy = Lane::within(bytes.saturating_sub(light));
        Self { light: Lane::within(light), heavy }
    }

    /// A turn to decode a shop's file, kept until it is decoded.
    pub(crate) async fn turn(&self, tenant: TenantId, file: &[u8]) -> Turn {
        let weight = weight(file);
        let lane = if weight <= LIGHT { &self.light } else { &self.heavy };
        lane.bytes.take(tenant, weight.max(lane.least)).await
    }
}

/// Bytes that a file takes when it is decoded, as its header says. One that is refused takes next to nothing.
fn weight(file: &[u8]) -> u64 {
    let reader = ImageReader::new(Cursor::new(file)).with_guessed_format();
    let Some(decoder) = reader.ok().and_then(|reader| reader.into_decoder().ok()) else { return 1 };
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > limits::IMAGE_PIXELS {
        return 1;
    }
    decoder.total_bytes() * COPIES
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::pin::pin;

    use futures::poll;
    use image::{DynamicImage, ImageFormat};
    use uuid::Uuid;

    use super::*;

    fn file(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        DynamicImage::new_rgb8(width, height).write_to(&mut bytes, ImageFormat::Png).unwrap();
        bytes.into_inner()
    }

    fn tenant(number: u128) -> TenantId {
        TenantId::from_uuid(Uuid::from_u128(number))
    }

    #[test]
    fn a_file_weighs_what_its_header_says() {
        assert_eq!(weight(&file(100, 10)), 2 * 3 * 1_000);
        assert_eq!(weight(&file(100, 10)[..20]), 1);
        assert_eq!(weight(b"not an image"), 1);
    }

    #[tokio::test]
    async fn f40_large_pictures_of_one_shop_keep_no_other_shop_waiting() {
        let decoders = Decoders::within(100 * 1024 * 1024);
        let (large, small) = (file(8_000, 5_000), file(10, 10));
        let first = decoders.turn(tenant(1), &large).await;
        let mut second = pin!(decoders.turn(tenant(1), &large));
        let mut third = pin!(decoders.turn(tenant(1), &large));
        assert!(poll!(second.as_mut()).is_pending());
        assert!(poll!(third.as_mut()).is_pending());
        drop(decoders.turn(tenant(2), &small).await);
        let mut others = pin!(decoders.turn(tenant(2), &large));
        assert!(poll!(others.as_mut()).is_pending());
        drop(first);
        let std::task::Poll::Ready(second) = poll!(second.as_mut()) else { panic!("it was first") };
        assert!(poll!(others.as_mut()).is_pending());
        drop(second);
        assert!(poll!(others.as_mut()).is_ready(), "before the third of the first shop");
        assert!(poll!(third.as_mut()).is_ready());
    }
}
