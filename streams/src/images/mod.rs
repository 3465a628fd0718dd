//! Images: made of what was sent or fetched, and kept before any command speaks of them.

mod behind;
mod colours;
mod make;
mod whole;

use bytes::Bytes;
use feira_connectors::files::{Files, FilesError};
use feira_schemas::{
    api::image::extension,
    ids::{CommandId, ImageId, ProductId, TenantId},
    problem::Refusal,
    records::{
        admin::AddProductImage,
        catalogue::{Image, ImageStatus},
        common::{CommandMeta, Outcome},
    },
};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::platform::Platform;

pub use make::{MadeImage, SMALL, make};

/// Characters of an id, with which every file's name begins.
const ID_CHARS: usize = 36;

/// An image that was not kept.
#[derive(Debug, thiserror::Error)]
pub enum NotKept {
    /// The file is none that a shop shows; the same file never will be.
    #[error("{}: {}", .0.code, .0.detail)]
    Refused(Refusal),
    /// The store of files failed.
    #[error(transparent)]
    Files(#[from] FilesError),
    /// A fault of ours.
    #[error("{0}")]
    Ours(String),
}

impl NotKept {
    fn ours(error: impl ToString) -> Self {
        Self::Ours(error.to_string())
    }
}

impl From<Refusal> for NotKept {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// A file for a product, and what is said of it.
#[derive(Debug, Default)]
pub struct Brought {
    /// The file's bytes as they were uploaded or fetched.
    pub file: Bytes,
    /// The text in place of the image (HTML's `alt`).
    pub alt: Option<String>,
    /// The image's place among the product's, from 1; `None`: the last place, or that of the one replaced.
    pub position: Option<i32>,
    /// The address of the image that it is the file of.
    pub replaces_url: Option<String>,
    /// The image in whose place it comes. Neither makes it one more.
    pub replaces_id: Option<ImageId>,
}

/// Keeps a file and makes the command by which the product has it.
pub async fn bring(
    platform: &Platform,
    meta: CommandMeta,
    product_id: ProductId,
    brought: Brought,
) -> Result<AddProductImage, NotKept> {
    let Brought { file, alt, position, replaces_url, replaces_id } = brought;
    let image_id = image_id(meta.command_id, &meta.body_hash);
    let made = keep(platform, meta.tenant_id, image_id, file).await?;
    let image = Image {
        image_id,
        status: ImageStatus::Ready,
        content_type: Some(made.content_type.to_owned()),
        width: i32::try_from(made.width).ok(),
        height: i32::try_from(made.height).ok(),
        alt,
        source_url: None,
    };
    Ok(AddProductImage { meta, product_id, image, position, replaces_url, replaces_id })
}

/// The id of the image that a command brings: the same command with the same body brings the same image, so a repeated
/// request writes the same file again, and the same key with another body never overwrites the first one's.
pub fn image_id(command: CommandId, body_hash: &str) -> ImageId {
    let digest = Sha256::new().chain_update(command.uuid().as_bytes()).chain_update(body_hash).finalize();
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    ImageId::from_uuid(uuid::Builder::from_custom_bytes(bytes).into_uuid())
}

/// Makes the image, when it is the shop's turn, and keeps both its files.
pub async fn keep(platform: &Platform, tenant: TenantId, id: ImageId, file: Bytes) -> Result<MadeImage, NotKept> {
    let turn = platform.decoders.turn(tenant, &file).await;
    // A task of its own, so that the turn ends with the work, also where nobody waits for it any more.
    let making = tokio::spawn(async move {
        let _turn = turn;
        make(file).await
    });
    let made = making.await.map_err(NotKept::ours)??;
    let (files, [large, small]) = (&platform.files, names(id, made.content_type));
    files.put(tenant, &large, made.content_type, made.large.clone()).await?;
    files.put(tenant, &small, made.content_type, made.small.clone()).await?;
    Ok(made)
}

/// Removes an image's files. It is not shown any more: a file that can't be removed now costs space and nothing else.
pub async fn forget(files: &Files, tenant: TenantId, id: ImageId, content_type: &str) {
    for name in names(id, content_type) {
        if let Err(error) = files.delete(tenant, &name).await {
            tracing::warn!(tenant.id = %tenant, image.id = %id, %error, "an image's file is left behind");
        }
    }
}

/// One image of a product's JSON.
pub fn of(product: &Value, id: ImageId) -> Option<&Value> {
    let id = id.to_string();
    product["images"].as_array()?.iter().find(|image| image["id"] == id.as_str())
}

/// True if an image's files are of no use, since the answer to [`bring`]'s command shows that another file was there
/// first.
pub fn is_unused(outcome: Outcome, product: &Value, id: ImageId) -> bool {
    outcome == Outcome::Unchanged && product["images"].is_array() && of(product, id).is_none()
}

/// The image that a file is of, by the file's name.
pub fn image_of(name: &str) -> Option<ImageId> {
    name.get(..ID_CHARS)?.parse().ok()
}

/// Removes all files of an image, whatever their types; how many there were. It is shown nowhere any more, or must not be.
pub async fn remove(files: &Files, tenant: TenantId, id: ImageId) -> Result<usize, FilesError> {
    let mut removed = 0;
    for name in files.list(tenant).await?.iter().filter(|name| image_of(name) == Some(id)) {
        files.delete(tenant, name).await?;
        removed += 1;
    }
    Ok(removed)
}

fn names(id: ImageId, content_type: &str) -> [String; 2] {
    let extension = extension(content_type);
    [format!("{id}.{extension}"), format!("{id}-{SMALL}.{extension}")]
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn another_body_under_the_same_key_is_another_image() {
        let command = CommandId::from_uuid(Uuid::from_u128(7));
        assert_eq!(image_id(command, "a"), image_id(command, "a"));
        assert_ne!(image_id(command, "a"), image_id(command, "b"));
    }
}
