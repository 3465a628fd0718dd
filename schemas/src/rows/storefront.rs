//! What buyers read: ready cards, addresses, categories and the shop itself. Folded from `store.events` alone.

use serde::{Deserialize, Serialize};

use super::{progress_rows, table};
use crate::{
    ids::{CategoryId, ProductId, TenantId},
    records::store::{ListedCategory, Listing, Shop},
    row::{KeyPart, Row, RowKey, Table},
};

table!(SHOP = "storefront"."shop", ("tenant_id"), ());
table!(CARD = "storefront"."card", ("tenant_id", "product_id"), ());
table!(CARD_SLUG = "storefront"."card_slug", ("tenant_id", "slug"), ());
table!(CATEGORY = "storefront"."category", ("tenant_id", "bucket"), ("category_id"));
table!(PARKED = "storefront"."parked", ("consumer", "partition"), ("entity"));
progress_rows!("storefront");

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
    /// Where a shop lies.
    pub fn at(tenant: TenantId) -> RowKey {
        RowKey::new([tenant.uuid().into()], [])
    }
}

impl Row for ShopRow {
    const TABLE: &'static Table = &SHOP;
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
    /// Where a card lies.
    pub fn at(tenant: TenantId, product: ProductId) -> RowKey {
        RowKey::new([tenant.uuid().into(), product.uuid().into()], [])
    }
}

impl Row for CardRow {
    const TABLE: &'static Table = &CARD;
    fn key(&self) -> RowKey {
        Self::at(self.tenant_id, self.listing.product_id)
    }
}

/// Which product an address leads to; one that is not the card's own slug redirects.
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
    /// Where a slug lies.
    pub fn at(tenant: TenantId, slug: &str) -> RowKey {
        RowKey::new([tenant.uuid().into(), slug.into()], [])
    }
}

impl Row for CardSlugRow {
    const TABLE: &'static Table = &CARD_SLUG;
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
    /// Where all categories of a shop lie.
    pub fn all(tenant: TenantId) -> RowKey {
        RowKey::new([tenant.uuid().into(), KeyPart::BigInt(0)], [])
    }
    /// Where a category lies.
    pub fn at(tenant: TenantId, category: CategoryId) -> RowKey {
        RowKey { clustering: vec![category.uuid().into()], ..Self::all(tenant) }
    }
}

impl Row for CategoryRow {
    const TABLE: &'static Table = &CATEGORY;
    fn key(&self) -> RowKey {
        Self::at(self.tenant_id, self.category.category_id)
    }
}

/// An entity whose records wait in a view's retry topic: its later records follow it there, in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParkedRow {
    /// The view's consumer group.
    pub consumer: String,
    /// Of the events, and of the retry topic.
    pub partition: i64,
    /// `<tenant>/<aggregate>`.
    pub entity: String,
    /// The shop.
    pub tenant_id: TenantId,
    /// Where its records lie in the retry topic, oldest first.
    pub offsets: Vec<i64>,
    /// How often the oldest was tried.
    pub tries: i64,
    /// When it is tried next.
    pub due: i64,
    /// When it failed first.
    pub first_failed: i64,
    /// Why it failed last.
    pub error: String,
}

impl ParkedRow {
    /// Where all that is parked of a partition lies.
    pub fn all(consumer: &str, partition: u32) -> RowKey {
        RowKey::new([consumer.into(), KeyPart::BigInt(i64::from(partition))], [])
    }
    /// Where an entity's row lies.
    pub fn at(consumer: &str, partition: u32, entity: &str) -> RowKey {
        RowKey { clustering: vec![entity.into()], ..Self::all(consumer, partition) }
    }
}

impl Row for ParkedRow {
    const TABLE: &'static Table = &PARKED;
    fn key(&self) -> RowKey {
        Self::at(&self.consumer, u32::try_from(self.partition).unwrap_or_default(), &self.entity)
    }
}
