//! The merchant's side: tenants, settings, categories, products.

use serde::{Deserialize, Serialize};

use crate::{
    ids::{CategoryId, ImageId, Micros, ProductId, TenantId, VariantId},
    money::Money,
    records::catalogue::{Image, ImageStatus, ProductOption, ProductStatus, Seo},
    records::common::{Answers, CommandMeta, EventMeta},
};

/// A variant as a command asks for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VariantContent {
    /// An existing variant; null: matched by its option values, else new.
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
    /// What the merchant paid.
    #[serde(default)]
    pub cost: Option<Money>,
    /// GTIN or another.
    #[serde(default)]
    pub barcode: Option<String>,
    /// Weight.
    #[serde(default)]
    pub weight_grams: Option<i64>,
    /// On hand at the start, for a new variant.
    #[serde(default)]
    pub stock: Option<i64>,
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
    /// On the first page.
    pub featured: bool,
    /// Options.
    #[serde(default)]
    pub options: Vec<ProductOption>,
    /// At least one.
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
    /// What its stock begins with.
    #[serde(default)]
    pub initial_stock: Option<i64>,
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
    /// On the first page.
    pub featured: bool,
    /// Options.
    #[serde(default)]
    pub options: Vec<ProductOption>,
    /// Variants.
    #[serde(default)]
    pub variants: Vec<Variant>,
    /// Pictures, in order.
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

/// A category.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Category {
    /// UUID.
    pub category_id: CategoryId,
    /// +1 each change.
    pub version: i64,
    /// Name.
    pub name: String,
    /// Address.
    pub slug: String,
    /// The one above.
    #[serde(default)]
    pub parent_id: Option<CategoryId>,
    /// First event.
    pub created_at: Micros,
    /// This event.
    pub updated_at: Micros,
}

/// A category as a command asks for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CategoryContent {
    /// Name.
    pub name: String,
    /// Null: made from the name.
    #[serde(default)]
    pub slug: Option<String>,
    /// The one above.
    #[serde(default)]
    pub parent_id: Option<CategoryId>,
}

/// Life of a shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TenantStatus {
    /// `REQUESTED`.
    Requested,
    /// `ACTIVE`.
    Active,
    /// `SUSPENDED`.
    Suspended,
    /// `REFUSED`.
    Refused,
    /// A symbol of a later version.
    #[serde(other)]
    Unknown,
}

/// A shop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tenant {
    /// UUID.
    pub tenant_id: TenantId,
    /// +1 each change.
    pub version: i64,
    /// Status.
    pub status: TenantStatus,
    /// Its temporary address.
    pub subdomain: String,
    /// When it was asked for.
    pub created_at: Micros,
    /// The command that waits for its provisioning.
    #[serde(default)]
    pub requested_by: Option<Answers>,
}

/// A shop's logo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Logo {
    /// The file's name.
    pub image_id: ImageId,
    /// Media type.
    pub content_type: String,
    /// Pixels.
    #[serde(default)]
    pub width: Option<i32>,
    /// Pixels.
    #[serde(default)]
    pub height: Option<i32>,
}

/// What a shop is called and looks like.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// +1 each change.
    pub version: i64,
    /// Name.
    pub shop_name: String,
    /// A sentence under the name.
    #[serde(default)]
    pub tagline: Option<String>,
    /// Colour, #rrggbb.
    #[serde(default)]
    pub accent: Option<String>,
    /// Logo.
    #[serde(default)]
    pub logo: Option<Logo>,
    /// The most instalments without interest; none is one.
    #[serde(default)]
    pub interest_free_installments: Option<i32>,
    /// This event.
    pub updated_at: Micros,
}

/// State of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TokenStatus {
    /// `ACTIVE`.
    Active,
    /// `REVOKED`.
    Revoked,
    /// A symbol of a later version.
    #[serde(other)]
    Unknown,
}

/// A credential of the admin API; only its hash is ever kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// SHA-256, hex.
    pub token_hash: String,
    /// What it is for.
    pub label: String,
    /// Status.
    pub status: TokenStatus,
    /// When it was made.
    pub created_at: Micros,
}

/// Make a shop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProvisionTenant {
    /// Who asks for what, and when.
    pub meta: CommandMeta,
    /// Normalised.
    pub subdomain: String,
    /// Name.
    pub shop_name: String,
    /// First token of its admin API.
    #[serde(default)]
    pub token_hash: Option<String>,
}

/// The directory's answer to a claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerNameClaim {
    /// Who asks for what, and when.
    pub meta: CommandMeta,
    /// The name that was claimed.
    pub name: String,
    /// False: it is another's.
    pub held: bool,
}

/// Close a shop for buyers and writers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SuspendTenant {
    /// Who asks for what, and when.
    pub meta: CommandMeta,
}

/// Open it again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResumeTenant {
    /// Who asks for what, and when.
    pub meta: CommandMeta,
}

/// Make a token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssueToken {
    /// Who asks for what, and when.
    pub meta: CommandMeta,
    /// SHA-256, hex.
    pub token_hash: String,
    /// What it is for.
    pub label: String,
}

/// Change name and looks; null leaves a field as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeSettings {
    /// Who asks for what, and when.
    pub meta: CommandMeta,
    /// Name.
    #[serde(default)]
    pub shop_name: Option<String>,
    /// Sentence.
    #[serde(default)]
    pub tagline: Option<String>,
    /// #rrggbb.
    #[serde(default)]
    pub accent: Option<String>,
    /// The most instalments without interest; 1 offers none.
    #[serde(default)]
    pub interest_free_installments: Option<i32>,
}

/// Set or remove the logo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeLogo {
    /// Who asks for what, and when.
    pub meta: CommandMeta,
    /// Null removes it.
    #[serde(default)]
    pub logo: Option<Logo>,
}

/// Make a product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreateProduct {
    /// Who asks for what, and when.
    pub meta: CommandMeta,
    /// The product.
    pub content: ProductContent,
}

/// The product is now this; variants are matched by id, else by option values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplaceProduct {
    /// Who asks for what, and when.
    pub meta: CommandMeta,
    /// The product.
    pub product_id: ProductId,
    /// The product.
    pub content: ProductContent,
}

/// Change some fields (JSON Merge Patch, RFC 7396).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PatchProduct {
    /// Who asks for what, and when.
    pub meta: CommandMeta,
    /// The product.
    pub product_id: ProductId,
    /// JSON; its description is clean HTML.
    pub merge_patch: String,
}

/// Remove a product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeleteProduct {
    /// Who asks for what, and when.
    pub meta: CommandMeta,
    /// The product.
    pub product_id: ProductId,
}

/// A picture of an imported product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportImage {
    /// Where it is.
    pub source_url: String,
    /// What it shows.
    #[serde(default)]
    pub alt: Option<String>,
}

/// Make or replace the product with this slug.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportProduct {
    /// Who asks for what, and when.
    pub meta: CommandMeta,
    /// The product; its slug is its identity.
    pub content: ProductContent,
    /// Made if the shop has none of this name.
    #[serde(default)]
    pub category_name: Option<String>,
    /// Pictures, in order.
    #[serde(default)]
    pub images: Vec<ImportImage>,
}

/// Add a picture whose file is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddProductImage {
    /// Who asks for what, and when.
    pub meta: CommandMeta,
    /// The product.
    pub product_id: ProductId,
    /// The picture.
    pub image: Image,
    /// 1 is the first; null is the last.
    #[serde(default)]
    pub position: Option<i32>,
    /// The address of the picture that this is the file of; one that has a file is left as it is.
    #[serde(default)]
    pub replaces_url: Option<String>,
}

/// Change text or place of a picture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeProductImage {
    /// Who asks for what, and when.
    pub meta: CommandMeta,
    /// The product.
    pub product_id: ProductId,
    /// The picture.
    pub image_id: ImageId,
    /// Null leaves it.
    #[serde(default)]
    pub alt: Option<String>,
    /// Null leaves it.
    #[serde(default)]
    pub position: Option<i32>,
}

/// Remove a picture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoveProductImage {
    /// Who asks for what, and when.
    pub meta: CommandMeta,
    /// The product.
    pub product_id: ProductId,
    /// The picture.
    pub image_id: ImageId,
}

/// A waiting picture's address does not give it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailProductImage {
    /// Who asks for what, and when.
    pub meta: CommandMeta,
    /// The product.
    pub product_id: ProductId,
    /// The picture.
    pub image_id: ImageId,
    /// Why: neither READY nor WAITING.
    pub status: ImageStatus,
}

/// Make a category.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreateCategory {
    /// Who asks for what, and when.
    pub meta: CommandMeta,
    /// The category.
    pub content: CategoryContent,
}

/// The category is now this.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplaceCategory {
    /// Who asks for what, and when.
    pub meta: CommandMeta,
    /// The category.
    pub category_id: CategoryId,
    /// The category.
    pub content: CategoryContent,
}

/// Change some fields (JSON Merge Patch, RFC 7396).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PatchCategory {
    /// Who asks for what, and when.
    pub meta: CommandMeta,
    /// The category.
    pub category_id: CategoryId,
    /// JSON.
    pub merge_patch: String,
}

/// Remove a category that nothing uses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeleteCategory {
    /// Who asks for what, and when.
    pub meta: CommandMeta,
    /// The category.
    pub category_id: CategoryId,
}

/// A shop was asked for, opened, suspended or refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TenantChanged {
    /// What every event carries.
    pub meta: EventMeta,
    /// The shop after this event.
    pub tenant: Tenant,
}

/// Name, looks or logo changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingsChanged {
    /// What every event carries.
    pub meta: EventMeta,
    /// After this event.
    pub settings: Settings,
    /// Whether the logo did.
    pub logo_changed: bool,
}

/// A token was made or revoked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenChanged {
    /// What every event carries.
    pub meta: EventMeta,
    /// After this event.
    pub token: Token,
}

/// A category was made or changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CategoryChanged {
    /// What every event carries.
    pub meta: EventMeta,
    /// After this event.
    pub category: Category,
    /// The address it had, if that changed.
    #[serde(default)]
    pub previous_slug: Option<String>,
    /// The one above it before, if that changed.
    #[serde(default)]
    pub previous_parent_id: Option<CategoryId>,
}

/// A category is gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CategoryDeleted {
    /// What every event carries.
    pub meta: EventMeta,
    /// As it was last.
    pub category: Category,
}

/// A product was made or changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductChanged {
    /// What every event carries.
    pub meta: EventMeta,
    /// After this event.
    pub product: Product,
    /// Addresses that do not redirect any more.
    #[serde(default)]
    pub forgotten_slugs: Vec<String>,
}

/// A product is gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductDeleted {
    /// What every event carries.
    pub meta: EventMeta,
    /// As it was last.
    pub product: Product,
}
