//! The store's own state: what its decisions need of shops, stock and listings.

use serde::{Deserialize, Serialize};

use super::{context_rows, keyspace::Keyspace, table};
use crate::{
    ids::{CategoryId, ProductId, TenantId, VariantId},
    records::store::{ListedCategory, Listing, ProductMethods, Shop, Stock},
    row::{KeyPart, Row, RowKey, RowType},
};

table!(SHOP: ShopRow = "store"."shop", ("tenant_id"), ());
table!(STOCK: StockRow = "store"."stock", ("tenant_id", "product_id"), ("variant_id"));
table!(LOW_STOCK: LowStockRow = "store"."low_stock", ("tenant_id", "bucket"), ("product_id", "variant_id"));
table!(LISTING: ListingRow = "store"."listing", ("tenant_id", "product_id"), ());
table!(PRODUCT_METHODS: ProductMethodsRow = "store"."product_methods", ("tenant_id", "product_id"), ());
table!(CATEGORY: CategoryRow = "store"."category", ("tenant_id", "bucket"), ("category_id"));
context_rows!("store");

/// This keyspace. Its fifth generation knows what a shop publishes of itself: contact, seller, policies and payment methods.
pub(super) const KEYSPACE: Keyspace =
    Keyspace { name: "store", generation: 5, cql: include_str!("../../cql/store.cql") };
/// The type of each table's rows.
pub(super) const ROWS: &[RowType] = &[
    *RowType::of::<ShopRow>(),
    *RowType::of::<StockRow>(),
    *RowType::of::<LowStockRow>(),
    *RowType::of::<ListingRow>(),
    *RowType::of::<ProductMethodsRow>(),
    *RowType::of::<CategoryRow>(),
    *RowType::of::<AnswerRow>(),
    *RowType::of::<TimerRow>(),
    *RowType::of::<ProgressRow>(),
];

/// The shop as the store knows it.
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

/// Stock of a variant; a product's variants share a partition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockRow {
    /// The shop.
    pub tenant_id: TenantId,
    /// The other columns.
    #[serde(flatten)]
    pub stock: Stock,
}

impl StockRow {
    /// The key of the row with a variant's stock.
    pub fn at(tenant: TenantId, product: ProductId, variant: VariantId) -> RowKey {
        RowKey::new([tenant.uuid().into(), product.uuid().into()], [variant.uuid().into()])
    }
}

impl Row for StockRow {
    fn key(&self) -> RowKey {
        Self::at(self.tenant_id, self.stock.product_id, self.stock.variant_id)
    }
}

/// A variant that runs low. A shop's lie in [`Self::BUCKETS`] partitions, those of a product beside one another: a hundred thousand take
/// about 600 kB in each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LowStockRow {
    /// The shop.
    pub tenant_id: TenantId,
    /// The partition of the shop's, which follows from the product.
    pub bucket: i64,
    /// The product.
    pub product_id: ProductId,
    /// The variant.
    pub variant_id: VariantId,
    /// Pieces.
    pub on_hand: i64,
}

impl LowStockRow {
    /// The partitions of a shop, numbered from 0.
    pub const BUCKETS: i64 = 16;

    /// The row of a variant that has so many pieces.
    pub fn new(tenant_id: TenantId, product_id: ProductId, variant_id: VariantId, on_hand: i64) -> Self {
        Self { tenant_id, bucket: Self::bucket_of(product_id), product_id, variant_id, on_hand }
    }
    /// The partition of a product's variants: the last byte of its id is as good as a hash.
    pub fn bucket_of(product: ProductId) -> i64 {
        let [.., last] = product.uuid().into_bytes();
        i64::from(last) % Self::BUCKETS
    }
    /// The beginning of the keys of one partition of a shop's.
    pub fn all(tenant: TenantId, bucket: i64) -> RowKey {
        RowKey::new([tenant.uuid().into(), KeyPart::BigInt(bucket)], [])
    }
    /// The key of a variant's row.
    pub fn at(tenant: TenantId, product: ProductId, variant: VariantId) -> RowKey {
        let clustering = vec![KeyPart::Uuid(product.uuid()), KeyPart::Uuid(variant.uuid())];
        RowKey { clustering, ..Self::all(tenant, Self::bucket_of(product)) }
    }
}

impl Row for LowStockRow {
    fn key(&self) -> RowKey {
        Self::at(self.tenant_id, self.product_id, self.variant_id)
    }
}

/// The listing of a product, or that it was listed and is not any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListingRow {
    /// The shop.
    pub tenant_id: TenantId,
    /// False: unlisted; the other columns are as they were last.
    pub listed: bool,
    /// The other columns.
    #[serde(flatten)]
    pub listing: Listing,
}

impl ListingRow {
    /// The key of the row with a product's listing.
    pub fn at(tenant: TenantId, product: ProductId) -> RowKey {
        RowKey::new([tenant.uuid().into(), product.uuid().into()], [])
    }
}

impl Row for ListingRow {
    fn key(&self) -> RowKey {
        Self::at(self.tenant_id, self.listing.product_id)
    }
}

/// What a product says of payment methods, also while it is not listed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductMethodsRow {
    /// The shop.
    pub tenant_id: TenantId,
    /// The other columns.
    #[serde(flatten)]
    pub product: ProductMethods,
}

impl ProductMethodsRow {
    /// The key of the row with what a product says.
    pub fn at(tenant: TenantId, product: ProductId) -> RowKey {
        RowKey::new([tenant.uuid().into(), product.uuid().into()], [])
    }
}

impl Row for ProductMethodsRow {
    fn key(&self) -> RowKey {
        Self::at(self.tenant_id, self.product.product_id)
    }
}

/// A category of the shop.
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
    /// The key of a category's row.
    pub fn at(tenant: TenantId, category: CategoryId) -> RowKey {
        RowKey::new([tenant.uuid().into(), KeyPart::BigInt(0)], [category.uuid().into()])
    }
}

impl Row for CategoryRow {
    fn key(&self) -> RowKey {
        Self::at(self.tenant_id, self.category.category_id)
    }
}
