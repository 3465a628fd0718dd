//! The buyer's side: stock, and what is listed in the shop.

use serde::{Deserialize, Serialize};

use super::{
    definition::Definition,
    sets::{AnySet, Touches, avro_files, command_set, event_set},
};
use crate::{
    ids::{CategoryId, Micros, ProductId, VariantId},
    money::Money,
    records::admin::{Contact, Logo, PaymentTerms, Policies, Seller},
    records::catalogue::{Image, ProductOption, Seo, tracked},
    records::common::{CommandAnswered, CommandMeta, EventMeta, TimerCleared, TimerSet},
    records::payments::PaymentMethod,
};

/// Stock of a variant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stock {
    /// Product.
    pub product_id: ProductId,
    /// Variant.
    pub variant_id: VariantId,
    /// +1 each change.
    pub version: i64,
    /// Pieces.
    pub on_hand: i64,
    /// False while only adjustments are known and the product's own first stock has not come yet.
    pub settled: bool,
    /// False: pieces are moved and not counted; the variant is for sale whatever is on hand, which may be below zero.
    #[serde(default = "tracked")]
    pub tracked: bool,
}

/// Pieces on hand are now so many.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetStock {
    /// Id, shop, asker and time of the command.
    pub meta: CommandMeta,
    /// Product.
    pub product_id: ProductId,
    /// Variant.
    pub variant_id: VariantId,
    /// Pieces.
    pub on_hand: i64,
    /// Why, in the words of who asks, up to 200 characters.
    #[serde(default)]
    pub reason: Option<String>,
}

/// So many pieces more or less.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdjustStock {
    /// Id, shop, asker and time of the command.
    pub meta: CommandMeta,
    /// Product.
    pub product_id: ProductId,
    /// Variant.
    pub variant_id: VariantId,
    /// Pieces, negative to take away.
    pub adjust: i64,
    /// Why, in the words of who asks, up to 200 characters.
    #[serde(default)]
    pub reason: Option<String>,
}

/// Stock of a variant changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StockChanged {
    /// Id, shop, cause and time of the event.
    pub meta: EventMeta,
    /// The stock after this event.
    pub stock: Stock,
    /// The pieces on hand before it, where somebody has set or adjusted them; null otherwise.
    #[serde(default)]
    pub on_hand_before: Option<i64>,
    /// Why, in the words of who set or adjusted it; null where nobody said.
    #[serde(default)]
    pub reason: Option<String>,
    /// True if the variant runs low after this event: it is in the shop and counted, and few pieces are on hand.
    #[serde(default)]
    pub low: bool,
    /// True if it was said to run low by an event before.
    #[serde(default)]
    pub was_low: bool,
}

/// A variant as buyers see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedVariant {
    /// UUID.
    pub variant_id: VariantId,
    /// Code.
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
    /// Weight.
    #[serde(default)]
    pub weight_grams: Option<i64>,
    /// True if buyers can buy the variant now.
    pub available: bool,
    /// GTIN or another.
    #[serde(default)]
    pub barcode: Option<String>,
    /// False: for sale without a count.
    #[serde(default = "tracked")]
    pub tracked: bool,
}

/// A payment method as a shop, or one of its products, has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedMethod {
    /// The method; of each there is one.
    pub method: PaymentMethod,
    /// The version of admin's configuration that this shows.
    pub version: i64,
    /// True if buyers may pay by it.
    pub active: bool,
    /// The terms.
    pub terms: PaymentTerms,
}

/// What a product says of payment methods, whatever its shop says of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductMethods {
    /// UUID.
    pub product_id: ProductId,
    /// +1 each change.
    pub version: i64,
    /// The methods of which the product says something; none where its shop's hold alone.
    #[serde(default)]
    pub methods: Vec<ListedMethod>,
}

/// What a product says of payment methods changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductMethodsChanged {
    /// Id, shop, cause and time of the event.
    pub meta: EventMeta,
    /// What the product says after this event.
    pub product: ProductMethods,
}

/// A product as buyers see it: the whole card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listing {
    /// UUID.
    pub product_id: ProductId,
    /// +1 each listing.
    pub version: i64,
    /// The product's version in admin.
    pub source_version: i64,
    /// Address.
    pub slug: String,
    /// Addresses that redirect here.
    #[serde(default)]
    pub slug_history: Vec<String>,
    /// Name.
    pub name: String,
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
    pub variants: Vec<ListedVariant>,
    /// Images.
    #[serde(default)]
    pub images: Vec<Image>,
    /// For search engines.
    #[serde(default)]
    pub seo: Option<Seo>,
    /// What the product says of payment methods; what its shop says holds for the others.
    #[serde(default)]
    pub methods: Vec<ListedMethod>,
    /// The time at which the product was made, in microseconds since 1970.
    pub created_at: Micros,
    /// The time of the product's last change, in microseconds since 1970.
    pub updated_at: Micros,
}

/// A variant that runs low.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LowVariant {
    /// UUID.
    pub variant_id: VariantId,
    /// Pieces.
    pub on_hand: i64,
}

/// A product is in the shop, as this.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductListed {
    /// Id, shop, cause and time of the event.
    pub meta: EventMeta,
    /// The whole card.
    pub listing: Listing,
    /// Addresses that do not redirect any more.
    #[serde(default)]
    pub forgotten_slugs: Vec<String>,
    /// Variants that run low after this event, where none before said so with these pieces.
    #[serde(default)]
    pub low: Vec<LowVariant>,
    /// Variants that an event before said to run low, and that do so no more.
    #[serde(default)]
    pub not_low: Vec<VariantId>,
}

/// A product is not in the shop any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductUnlisted {
    /// Id, shop, cause and time of the event.
    pub meta: EventMeta,
    /// The listing as it was last; its version is this event's.
    pub listing: Listing,
    /// The product's addresses, none of which leads here any more.
    #[serde(default)]
    pub forgotten_slugs: Vec<String>,
    /// Variants that an event before said to run low: what is not in the shop does not.
    #[serde(default)]
    pub not_low: Vec<VariantId>,
}

/// A category as buyers see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedCategory {
    /// UUID.
    pub category_id: CategoryId,
    /// +1 each listing.
    pub version: i64,
    /// The category's version in admin.
    pub source_version: i64,
    /// Name.
    pub name: String,
    /// Address.
    pub slug: String,
    /// The one above.
    #[serde(default)]
    pub parent_id: Option<CategoryId>,
    /// Addresses that redirect here.
    #[serde(default)]
    pub slug_history: Vec<String>,
}

/// A category is in the shop, as this.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CategoryListed {
    /// Id, shop, cause and time of the event.
    pub meta: EventMeta,
    /// The category after this event.
    pub category: ListedCategory,
}

/// A category is gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CategoryUnlisted {
    /// Id, shop, cause and time of the event.
    pub meta: EventMeta,
    /// The category as it was last.
    pub category: ListedCategory,
}

/// The state in which a shop is open to buyers, or is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ShopStatus {
    /// `OPENING`: the shop is asked for and has never been open.
    Opening,
    /// `OPEN`.
    Open,
    /// `SUSPENDED`: the shop is closed for a time, or was refused.
    Suspended,
    /// `CLOSED`: the shop is closed for good.
    Closed,
    /// A symbol of a later version.
    #[serde(other)]
    Unknown,
}

/// The shop as buyers see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shop {
    /// +1 each change.
    pub version: i64,
    /// Open or not.
    pub status: ShopStatus,
    /// The shop's sub-domain: its temporary address.
    pub subdomain: String,
    /// Name.
    pub name: String,
    /// A sentence under the name.
    #[serde(default)]
    pub tagline: Option<String>,
    /// #rrggbb.
    #[serde(default)]
    pub accent: Option<String>,
    /// Logo.
    #[serde(default)]
    pub logo: Option<Logo>,
    /// The most instalments without interest; none is one.
    #[serde(default)]
    pub interest_free_installments: Option<i32>,
    /// Origins of front ends elsewhere whose scripts may read the shop's API.
    #[serde(default)]
    pub cors_origins: Vec<String>,
    /// The ways in which the shop is reached; none where it says nothing of it.
    #[serde(default)]
    pub contact: Option<Contact>,
    /// The person or company that sells; none where the shop says nothing of it.
    #[serde(default)]
    pub seller: Option<Seller>,
    /// The shop's policies; none where none is written.
    #[serde(default)]
    pub policies: Option<Policies>,
    /// Ways in which the shop's buyers pay.
    #[serde(default)]
    pub methods: Vec<ListedMethod>,
    /// The version of admin's tenant row that the shop shows.
    pub tenant_version: i64,
    /// Version of the settings in admin that this shop shows.
    pub settings_version: i64,
}

impl Shop {
    /// The shop as every page needs it: which policies are written, without their texts, which may be longer than all else.
    pub fn in_short(&self) -> Self {
        Self { policies: self.policies.as_ref().map(Policies::in_short), ..self.clone() }
    }
}

/// The shop opened, closed or looks different.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShopChanged {
    /// Id, shop, cause and time of the event.
    pub meta: EventMeta,
    /// The shop after this event.
    pub shop: Shop,
}

command_set! {
    /// `store.commands`, keyed by tenant.
    StoreCommand of Store {
        SetStock = "feira.store.SetStock",
        AdjustStock = "feira.store.AdjustStock",
    }
}

event_set! {
    /// `store.events`, keyed by tenant.
    StoreEvent {
        StockChanged = "feira.store.StockChanged",
        ProductListed = "feira.store.ProductListed",
        ProductUnlisted = "feira.store.ProductUnlisted",
        CategoryListed = "feira.store.CategoryListed",
        CategoryUnlisted = "feira.store.CategoryUnlisted",
        ShopChanged = "feira.store.ShopChanged",
        ProductMethodsChanged = "feira.store.ProductMethodsChanged",
    }
}

/// The entity that the store's answers show, as they name it.
pub mod entity {
    /// Pieces of a variant on hand.
    pub const STOCK: &str = "stock";
}

impl Touches for StoreCommand {
    fn product(&self) -> Option<ProductId> {
        match self {
            Self::SetStock(command) => Some(command.product_id),
            Self::AdjustStock(command) => Some(command.product_id),
        }
    }
}

/// The definition of the context `store`: its name, number, records and Avro files.
pub(super) const CONTEXT: Definition = Definition {
    name: "store",
    number: 3,
    keyed_by_shop: true,
    does: "decides stock and listings",
    sets: [AnySet::of::<StoreCommand>(), AnySet::of::<StoreEvent>()],
    avro: AVRO,
    erasing: &[],
};

/// Avro files of these types.
const AVRO: &[(&str, &str)] = avro_files! {
    "store":
    "Stock", "SetStock", "AdjustStock", "StockChanged", "ListedVariant", "Listing", "ProductListed", "ProductUnlisted",
    "ListedCategory", "CategoryListed", "CategoryUnlisted", "ShopStatus", "Shop", "ShopChanged", "ListedMethod",
    "ProductMethods", "ProductMethodsChanged", "LowVariant"
};
