//! An image to ask for. Its address is in the product's row, where it is looked up when it is the image's turn.

use feira_schemas::{
    ids::{ImageId, ProductId, TenantId},
    records::{AdminEvent, catalogue::ImageStatus},
};

use crate::effects::Wanted;

/// An image that waits for its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WantedImage {
    pub(super) tenant: TenantId,
    pub(super) product: ProductId,
    pub(super) image: ImageId,
}

impl Wanted for WantedImage {
    type Key = (TenantId, ImageId);

    fn key(&self) -> Self::Key {
        (self.tenant, self.image)
    }

    fn tenant(&self) -> TenantId {
        self.tenant
    }
}

/// The images that an event names and that wait for their files.
pub(super) fn images_of(event: &AdminEvent) -> Vec<WantedImage> {
    let AdminEvent::ProductChanged(event) = event else { return Vec::new() };
    let (tenant, product) = (event.meta.tenant_id, event.product.product_id);
    let waits = event.product.images.iter().filter(|image| image.status == ImageStatus::Waiting);
    let with_address = waits.filter(|image| image.source_url.is_some());
    with_address.map(|image| WantedImage { tenant, product, image: image.image_id }).collect()
}
