//! Products with their variants and images.

use serde::{Deserialize, Serialize};

use crate::{
    ids::{CategoryId, ImageId, Micros, ProductId, VariantId},
    money::Money,
    records::{
        catalogue::{Image, ImageStatus, ProductOption, ProductStatus, Seo, tracked},
        common::{CommandMeta, EventMeta},
    },
};

/// A variant as a command asks for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VariantContent {
    /// An existing variant; null: matched by its option values, else by its code, else new.
    #[serde(default)]
    pub variant_id: Option<VariantId>,
    /// The merchant's code.
    #[serde(default)]
    pub sku: Option<String>,
    /// A value for each option, in the options' order.
    #[serde(default)]
    pub options: Vec<String>,
    /// Price.
    pub price: Money,
    /// The price before.
    #[serde(default)]
    pub compare_at_price: Option<Money>,
    /// The price in centavos that the merchant paid for a piece.
    #[serde(default)]
    pub cost: Option<Money>,
    /// GTIN or another.
    #[serde(default)]
    pub barcode: Option<String>,
    /// Weight.
    #[serde(default)]
    pub weight_grams: Option<i64>,
    /// Pieces on hand at the start, for a new variant.
    #[serde(default)]
    pub stock: Option<i64>,
    /// False: for sale without a count.
    #[serde(default = "tracked")]
    pub tracked: bool,
}

/// A product as a command asks for it; checked and cleaned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductContent {
    /// Name.
    pub name: String,
    /// Null: made from the name.
    #[serde(default)]
    pub slug: Option<String>,
    /// Clean HTML.
    pub description: String,
    /// Category.
    #[serde(default)]
    pub category_id: Option<CategoryId>,
    /// Brand.
    #[serde(default)]
    pub vendor: Option<String>,
    /// Words.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Status.
    pub status: ProductStatus,
    /// True if the product stands on the first page.
    pub featured: bool,
    /// Options.
    #[serde(default)]
    pub options: Vec<ProductOption>,
    /// The product's variants, at least one.
    #[serde(default)]
    pub variants: Vec<VariantContent>,
    /// For search engines.
    #[serde(default)]
    pub seo: Option<Seo>,
}

/// A variant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variant {
    /// UUID.
    pub variant_id: VariantId,
    /// The merchant's code.
    #[serde(default)]
    pub sku: Option<String>,
    /// A value for each option.
    #[serde(default)]
    pub options: Vec<String>,
    /// Price.
    pub price: Money,
    /// The price before.
    #[serde(default)]
    pub compare_at_price: Option<Money>,
    /// Never shown in the shop.
    #[serde(default)]
    pub cost: Option<Money>,
    /// GTIN or another.
    #[serde(default)]
    pub barcode: Option<String>,
    /// Weight.
    #[serde(default)]
    pub weight_grams: Option<i64>,
    /// The pieces on hand that its stock begins with.
    #[serde(default)]
    pub initial_stock: Option<i64>,
    /// False: for sale without a count.
    #[serde(default = "tracked")]
    pub tracked: bool,
}

/// A product with everything it has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    /// UUID.
    pub product_id: ProductId,
    /// +1 each change.
    pub version: i64,
    /// Status.
    pub status: ProductStatus,
    /// Name.
    pub name: String,
    /// Address.
    pub slug: String,
    /// Addresses that redirect here, newest first.
    #[serde(default)]
    pub slug_history: Vec<String>,
    /// Clean HTML.
    pub description: String,
    /// Category.
    #[serde(default)]
    pub category_id: Option<CategoryId>,
    /// Brand.
    #[serde(default)]
    pub vendor: Option<String>,
    /// Words.
    #[serde(default)]
    pub tags: Vec<String>,
    /// True if the product stands on the first page.
    pub featured: bool,
    /// Options.
    #[serde(default)]
    pub options: Vec<ProductOption>,
    /// Variants.
    #[serde(default)]
    pub variants: Vec<Variant>,
    /// Images, in order.
    #[serde(default)]
    pub images: Vec<Image>,
    /// For search engines.
    #[serde(default)]
    pub seo: Option<Seo>,
    /// First event.
    pub created_at: Micros,
    /// This event.
    pub updated_at: Micros,
}

/// Make a product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreateProduct {
    /// Id, shop, asker and time of the command.
    pub meta: CommandMeta,
    /// The product.
    pub content: ProductContent,
}

/// The product is now this; variants are matched by id, else by option values, else by SKU.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplaceProduct {
    /// Id, shop, asker and time of the command.
    pub meta: CommandMeta,
    /// The product.
    pub product_id: ProductId,
    /// The product.
    pub content: ProductContent,
}

/// Change some fields (JSON Merge Patch, RFC 7396).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PatchProduct {
    /// Id, shop, asker and time of the command.
    pub meta: CommandMeta,
    /// The product.
    pub product_id: ProductId,
    /// JSON; its description is clean HTML.
    pub merge_patch: String,
}

/// Remove a product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeleteProduct {
    /// Id, shop, asker and time of the command.
    pub meta: CommandMeta,
    /// The product.
    pub product_id: ProductId,
}

/// An image of an imported product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportImage {
    /// The address that the image is fetched from.
    pub source_url: String,
    /// The image's alternative text; null leaves it, an empty one removes it.
    #[serde(default)]
    pub alt: Option<String>,
}

/// Make or replace the product with this slug. The version that it expects is the one that the file was laid over, 0 where there
/// was none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportProduct {
    /// Id, shop, asker and time of the command.
    pub meta: CommandMeta,
    /// The product; its slug is its identity.
    pub content: ProductContent,
    /// Made if the shop has none of this name.
    #[serde(default)]
    pub category_name: Option<String>,
    /// Images, in order.
    #[serde(default)]
    pub images: Vec<ImportImage>,
    /// The file names no image where it has a column for them: those that an import brought go.
    #[serde(default)]
    pub clears_images: bool,
}

/// Add an image whose file is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddProductImage {
    /// Id, shop, asker and time of the command.
    pub meta: CommandMeta,
    /// The product.
    pub product_id: ProductId,
    /// The image.
    pub image: Image,
    /// 1 is the first; null is the last.
    #[serde(default)]
    pub position: Option<i32>,
    /// The address of the image that this is the file of; one that has a file is left as it is.
    #[serde(default)]
    pub replaces_url: Option<String>,
    /// The image in whose place this one comes; its text, and its place, stay where none is given.
    #[serde(default)]
    pub replaces_id: Option<ImageId>,
}

/// Change text or place of an image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeProductImage {
    /// Id, shop, asker and time of the command.
    pub meta: CommandMeta,
    /// The product.
    pub product_id: ProductId,
    /// The image.
    pub image_id: ImageId,
    /// Null leaves it; an empty one removes it.
    #[serde(default)]
    pub alt: Option<String>,
    /// Null leaves it.
    #[serde(default)]
    pub position: Option<i32>,
}

/// Remove an image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoveProductImage {
    /// Id, shop, asker and time of the command.
    pub meta: CommandMeta,
    /// The product.
    pub product_id: ProductId,
    /// The image.
    pub image_id: ImageId,
}

/// A waiting image's address does not give it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailProductImage {
    /// Id, shop, asker and time of the command.
    pub meta: CommandMeta,
    /// The product.
    pub product_id: ProductId,
    /// The image.
    pub image_id: ImageId,
    /// The state that says why the file did not come: neither READY nor WAITING.
    pub status: ImageStatus,
}

/// A product was made or changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductChanged {
    /// Id, shop, cause and time of the event.
    pub meta: EventMeta,
    /// The product after this event.
    pub product: Product,
    /// Addresses that do not redirect any more.
    #[serde(default)]
    pub forgotten_slugs: Vec<String>,
    /// Images with a file that the product had and has no more.
    #[serde(default)]
    pub removed_images: Vec<ImageId>,
    /// The number of products that the shop has after this event; none where it was not counted.
    #[serde(default)]
    pub products: Option<i64>,
}

/// A product is gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductDeleted {
    /// Id, shop, cause and time of the event.
    pub meta: EventMeta,
    /// The product as it was last.
    pub product: Product,
    /// The number of products that the shop has after this event; none where it was not counted.
    #[serde(default)]
    pub products: Option<i64>,
}
