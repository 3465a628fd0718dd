//! A product as clients write it. Unknown fields are refused by name.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::money::Money;

/// The state in which buyers see a product, or do not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StatusBody {
    /// Only the panel shows it.
    #[default]
    Draft,
    /// Buyers see the product in the shop.
    Published,
}

/// A product as written.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProductBody {
    /// Required; see [`NAME`](crate::api::rules::NAME).
    pub name: String,
    /// Made from the name if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slug: Option<String>,
    /// HTML; cleaned before it is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// A category of the same shop.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category_id: Option<String>,
    /// Brand or maker.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vendor: Option<String>,
    /// Free words.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Draft unless said.
    #[serde(default)]
    pub status: StatusBody,
    /// Shown on the shop's first page.
    #[serde(default)]
    pub featured: bool,
    /// Such as Tamanho and Cor; see [`OPTIONS`](super::fields::OPTIONS).
    #[serde(default)]
    pub options: Vec<OptionBody>,
    /// The product's variants, at least one.
    #[serde(default)]
    pub variants: Vec<VariantBody>,
    /// For search engines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seo: Option<SeoBody>,
}

/// One option and its values, in the order they are shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OptionBody {
    /// Such as Tamanho.
    pub name: String,
    /// Such as P, M, G.
    pub values: Vec<String>,
}

/// A variant as written.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VariantBody {
    /// An existing variant of the product.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The merchant's code; empty is never a double.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sku: Option<String>,
    /// A value for each option: `{"Tamanho": "M"}`.
    #[serde(default)]
    pub options: Map<String, Value>,
    /// Required.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Money>,
    /// The price before, shown struck through; above `price`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compare_at_price: Option<Money>,
    /// The price in centavos that the merchant paid for a piece; never shown in the shop.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<Money>,
    /// GTIN or another code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub barcode: Option<String>,
    /// For shipping.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weight_grams: Option<i64>,
    /// Pieces on hand at the start; counts only for a new variant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stock: Option<i64>,
    /// False: for sale without a count, such as a service or what is made to order. Counted unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracked: Option<bool>,
}

/// Title and description for search engines.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeoBody {
    /// Instead of the name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Instead of the description's beginning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}
