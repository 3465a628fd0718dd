//! Parts of products that both the merchant's and the buyer's side use.

use serde::{Deserialize, Serialize};

use crate::ids::ImageId;

/// Whether buyers see a product.
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

/// Such as Tamanho.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductOption {
    /// Shown as it is.
    pub name: String,
    /// In the order they are shown.
    #[serde(default)]
    pub values: Vec<String>,
}

/// Whether the picture's file is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ImageStatus {
    /// `READY`.
    Ready,
    /// `WAITING`.
    Waiting,
    /// A symbol of a later version.
    #[serde(other)]
    Unknown,
}

/// A picture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Image {
    /// UUID; the file's name.
    pub image_id: ImageId,
    /// WAITING: known by its address only.
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
    /// What it shows.
    #[serde(default)]
    pub alt: Option<String>,
    /// Where an import found it.
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
