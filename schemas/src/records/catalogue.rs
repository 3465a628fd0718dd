//! Parts of products that both the merchant's and the buyer's side use.

use serde::{Deserialize, Serialize};

use super::sets::avro_files;
use crate::{ids::ImageId, refusals};

/// The state in which buyers see a product, or do not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ProductStatus {
    /// `DRAFT`.
    Draft,
    /// `PUBLISHED`.
    Published,
    /// A symbol of a later version.
    #[serde(other)]
    Unknown,
}

/// Variants are counted unless said otherwise, also those of records that had no word for it.
pub(super) const fn tracked() -> bool {
    true
}

/// Such as Tamanho.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductOption {
    /// Shown as it is.
    pub name: String,
    /// The option's values, in the order they are shown.
    #[serde(default)]
    pub values: Vec<String>,
}

/// The state of an image's file: it is there, it is awaited, or its address did not give it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ImageStatus {
    /// `READY`.
    Ready,
    /// `WAITING`.
    Waiting,
    /// `ADDRESS_REFUSED`: not http(s), or not of the public internet.
    AddressRefused,
    /// `UNREACHABLE`: nobody answers there, or not with the file.
    Unreachable,
    /// `TOO_LARGE`: over the limits of an upload.
    TooLarge,
    /// `NOT_A_PICTURE`: a file, but of no kind that a shop shows.
    NotAPicture,
    /// A symbol of a later version.
    #[serde(other)]
    Unknown,
}

impl ImageStatus {
    /// Says why the address did not give the image, in words (pt-BR), if it was asked in vain.
    pub fn problem(self) -> Option<String> {
        let detail = match self {
            Self::AddressRefused => "O endereço da imagem não é http(s) ou não é público na internet.",
            Self::Unreachable => "O endereço da imagem não respondeu, ou respondeu sem ela.",
            Self::TooLarge => return Some(refusals::image_too_large()),
            Self::NotAPicture => "O arquivo não é uma imagem JPEG, PNG, WebP ou GIF que se possa ler.",
            Self::Ready | Self::Waiting | Self::Unknown => return None,
        };
        Some(detail.to_owned())
    }
}

/// An image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Image {
    /// UUID; the file's name.
    pub image_id: ImageId,
    /// The state of the image's file; all but READY are known by their address only.
    pub status: ImageStatus,
    /// Media type of the file.
    #[serde(default)]
    pub content_type: Option<String>,
    /// Pixels.
    #[serde(default)]
    pub width: Option<i32>,
    /// Pixels.
    #[serde(default)]
    pub height: Option<i32>,
    /// The alternative text: what the image shows.
    #[serde(default)]
    pub alt: Option<String>,
    /// The address at which an import found the image.
    #[serde(default)]
    pub source_url: Option<String>,
}

/// For search engines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seo {
    /// Instead of the name.
    #[serde(default)]
    pub title: Option<String>,
    /// Instead of the description.
    #[serde(default)]
    pub description: Option<String>,
}

/// Avro files of these types.
pub(crate) const AVRO: &[(&str, &str)] = avro_files! {
    "catalogue":
    "ProductStatus", "ProductOption", "ImageStatus", "Image", "Seo"
};
