//! The rows that buyers read: ready cards, addresses, categories and the shop itself. Folded from `store.events` alone.

use serde::{Deserialize, Serialize};

use super::{common, keyspace::Keyspace, progress_rows, table};
use crate::{
    ids::{CategoryId, ProductId, TenantId},
    records::store::{ListedCategory, Listing, Shop},
    row::{KeyPart, Row, RowKey, RowType, Table},
};

table!(SHOP: ShopRow = "storefront"."shop", ("tenant_id"), ());
table!(CARD: CardRow = "storefront"."card", ("tenant_id", "product_id"), ());
table!(CARD_SLUG: CardSlugRow = "storefront"."card_slug", ("tenant_id", "slug"), ());
table!(CATEGORY: CategoryRow = "storefront"."category", ("tenant_id", "bucket"), ("category_id"));
progress_rows!("storefront");

/// The table of what the view has parked.
pub const PARKED: Table = common::parked_of("storefront");

/// This keyspace. Its fifth generation knows what a shop publishes of itself: contact, seller, policies and payment methods.
pub(super) const KEYSPACE: Keyspace =
    Keyspace { name: "storefront", generation: 5, cql: include_str!("../../cql/storefront.cql") };
/// The type of each table's rows.
pub(super) const ROWS: &[RowType] = &[
    *RowType::of::<ShopRow>(),
    *RowType::of::<CardRow>(),
    *RowType::of::<CardSlugRow>(),
    *RowType::of::<CategoryRow>(),
    RowType::within::<common::Parked>(PARKED),
    *RowType::of::<ProgressRow>(),
];

/// The shop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShopRow {
    /// The shop.
    pub tenant_id: TenantId,
    /// The other columns.
    #[serde(flatten)]
    pub shop: Shop,
}

impl ShopRow {
    /// The key of a shop's row.
    pub fn at(tenant: TenantId) -> RowKey {
        RowKey::new([tenant.uuid().into()], [])
    }
}

impl Row for ShopRow {
    fn key(&self) -> RowKey {
        Self::at(self.tenant_id)
    }
}

/// A product's card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardRow {
    /// The shop.
    pub tenant_id: TenantId,
    /// The other columns.
    #[serde(flatten)]
    pub listing: Listing,
}

impl CardRow {
    /// The key of a card's row.
    pub fn at(tenant: TenantId, product: ProductId) -> RowKey {
        RowKey::new([tenant.uuid().into(), product.uuid().into()], [])
    }
}

impl Row for CardRow {
    fn key(&self) -> RowKey {
        Self::at(self.tenant_id, self.listing.product_id)
    }
}

/// The product that an address leads to; one that is not the card's own slug redirects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardSlugRow {
    /// The shop.
    pub tenant_id: TenantId,
    /// The address.
    pub slug: String,
    /// The product.
    pub product_id: ProductId,
}

impl CardSlugRow {
    /// The key of a slug's row.
    pub fn at(tenant: TenantId, slug: &str) -> RowKey {
        RowKey::new([tenant.uuid().into(), slug.into()], [])
    }
}

impl Row for CardSlugRow {
    fn key(&self) -> RowKey {
        Self::at(self.tenant_id, &self.slug)
    }
}

/// A category of the menu.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CategoryRow {
    /// The shop.
    pub tenant_id: TenantId,
    /// Always 0 in this generation.
    pub bucket: i64,
    /// The other columns.
    #[serde(flatten)]
    pub category: ListedCategory,
}

impl CategoryRow {
    /// A shop's category as a row.
    pub fn new(tenant_id: TenantId, category: ListedCategory) -> Self {
        Self { tenant_id, bucket: 0, category }
    }
    /// The beginning of the keys of all categories of a shop.
    pub fn all(tenant: TenantId) -> RowKey {
        RowKey::new([tenant.uuid().into(), KeyPart::BigInt(0)], [])
    }
    /// The key of a category's row.
    pub fn at(tenant: TenantId, category: CategoryId) -> RowKey {
        RowKey { clustering: vec![category.uuid().into()], ..Self::all(tenant) }
    }
}

impl Row for CategoryRow {
    fn key(&self) -> RowKey {
        Self::at(self.tenant_id, self.category.category_id)
    }
}
