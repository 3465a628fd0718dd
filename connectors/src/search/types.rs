//! Documents, queries and results of a search shard; nothing of the search library appears here.

use std::fmt;

use feira_schemas::ids::{CategoryId, Micros, ProductId, TenantId};
use serde::{Deserialize, Serialize};

/// One tenant's shard. It lies in `<root>/<partition>/<tenant>/g<generation>/`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ShardId {
    /// The events partition that the tenant's records lie in.
    pub partition: u32,
    /// The tenant, whose documents alone the shard holds.
    pub tenant: TenantId,
}

impl fmt::Display for ShardId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.partition, self.tenant)
    }
}

/// The place up to which a shard has followed its partition of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Position {
    /// The next offset to read.
    pub offset: i64,
    /// The `write_ts` of the last event that was applied, microseconds.
    pub write_ts: Micros,
}

/// A product's visibility: to buyers, or to staff alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Status {
    /// Shown in the shop.
    Published,
    /// Seen by staff alone.
    Draft,
}

/// Something that a product should have, and does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lack {
    /// A picture.
    Picture,
    /// The weight of a variant.
    Weight,
    /// A variant that can be bought now.
    Stock,
}

impl Lack {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Picture, Self::Weight, Self::Stock];
}

/// A product as the search knows it.
#[derive(Debug, Clone, PartialEq)]
pub struct ProductDocument {
    /// Identity: a later document with this id replaces the earlier one.
    pub product_id: ProductId,
    /// The product's `aggregate_version`, handed back with each hit.
    pub version: i64,
    /// The last part of the product's address.
    pub slug: String,
    /// Searched first, and what suggestions show.
    pub name: String,
    /// Searched like a tag.
    pub vendor: Option<String>,
    /// Searched after the name.
    pub tags: Vec<String>,
    /// Searched like tags: what its variants are called (M, Azul).
    pub option_values: Vec<String>,
    /// Found in any letter case and with any separators, whole, by their beginning, or from a separator on.
    pub skus: Vec<String>,
    /// Bar codes, found like SKUs.
    pub barcodes: Vec<String>,
    /// Plain text (no HTML), searched last.
    pub description: String,
    /// The category, at most one; a filter by a parent category names its sub-categories too.
    pub category: Option<CategoryId>,
    /// Draft or published.
    pub status: Status,
    /// The lowest variant's price in centavos.
    pub price: i64,
    /// True if some variant can be bought now; of two equally relevant hits the available one comes first.
    pub available: bool,
    /// True if the merchant put the product forward.
    pub featured: bool,
    /// The time when the product was made, in microseconds since 1970.
    pub created_at: Micros,
    /// Units sold so far.
    pub sales: i64,
    /// The things that it lacks, as far as the catalogue knows.
    pub lacks: Vec<Lack>,
}

/// A category as the search knows it: its products, and those of all categories below it, are found by the words of its
/// name.
#[derive(Debug, Clone, PartialEq)]
pub struct CategoryDocument {
    /// Identity: a later document with this id replaces the earlier one.
    pub category_id: CategoryId,
    /// The category's `aggregate_version`.
    pub version: i64,
    /// The category's name, by whose words its products are found.
    pub name: String,
    /// The category that it is in.
    pub above: Option<CategoryId>,
}

/// The entity that a document of a shard describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Entity {
    /// A product.
    Product(ProductId),
    /// A category.
    Category(CategoryId),
}

/// One change to a shard.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// The product is now this.
    Upsert(Box<ProductDocument>),
    /// The product is gone; nothing happens if it was not there.
    Remove(ProductId),
    /// The category is now this.
    UpsertCategory(Box<CategoryDocument>),
    /// The category is gone; nothing happens if it was not there.
    RemoveCategory(CategoryId),
}

impl Change {
    /// The product or category that the change is about.
    pub fn entity(&self) -> Entity {
        match self {
            Self::Upsert(document) => Entity::Product(document.product_id),
            Self::Remove(product) => Entity::Product(*product),
            Self::UpsertCategory(document) => Entity::Category(document.category_id),
            Self::RemoveCategory(category) => Entity::Category(*category),
        }
    }
}

/// The order of hits. Every order is total: equals are ordered by ascending product id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Sort {
    /// Best match first; of equal matches the available, then the shorter name, then the better sold. Without words in
    /// the query: available ones first, then the best sold.
    #[default]
    Relevance,
    /// Last made first.
    Newest,
    /// Cheapest first.
    PriceAsc,
    /// Dearest first.
    PriceDesc,
    /// By name, without regard to letter case and accents.
    Name,
    /// Most sold first.
    BestSelling,
    /// Products put forward by the merchant first, then the others; each group last made first.
    Featured,
}

/// A search in one shard: words, filters, order and page.
#[derive(Debug, Clone, Default)]
pub struct SearchQuery {
    /// The buyer's words as typed; none, or nothing but punctuation, matches every product. At most the first 256
    /// characters and 16 words count.
    pub text: Option<String>,
    /// Filter: products of any of these categories (sub-categories already added by the caller).
    pub categories: Option<Vec<CategoryId>>,
    /// The categories as the client named them, which a cursor is bound to, so that a sub-category which is made or
    /// moved while somebody turns pages ends no cursor. `None` binds it to the categories themselves.
    pub asked_categories: Option<Vec<String>>,
    /// Lowest price in centavos, inclusive.
    pub min_price: Option<i64>,
    /// Highest price in centavos, inclusive.
    pub max_price: Option<i64>,
    /// Filter: products of this status.
    pub status: Option<Status>,
    /// Filter: products that lack this.
    pub lacking: Option<Lack>,
    /// The order of hits.
    pub sort: Sort,
    /// Go on behind this cursor (the `next` of a page of the same query and sort).
    pub after: Option<String>,
    /// Most hits in the page; at most [`MAX_LIMIT`].
    pub limit: usize,
    /// True to count facets.
    pub facets: bool,
}

/// The largest page: a larger one would keep a worker busy and hold more hits than any screen shows.
pub const MAX_LIMIT: usize = 1_000;

/// Lower ends of the price bands in centavos, inclusive; each band ends before the next one begins and the last is
/// open.
pub const PRICE_BANDS: [i64; 6] = [0, 5_000, 10_000, 20_000, 50_000, 100_000];

/// One page of hits.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SearchPage {
    /// The number of products that match in all, exactly.
    pub total: u64,
    /// The hits, at most `limit`, in the order asked for.
    pub hits: Vec<Hit>,
    /// The cursor of the next page; none on the last page.
    pub next: Option<String>,
    /// Counts, if asked for.
    pub facets: Option<Facets>,
    /// The position that the page is at least as new as; `None` if the tenant has no shard here.
    pub position: Option<Position>,
}

/// A product that matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit {
    /// The product whose card is to be shown.
    pub product_id: ProductId,
    /// The version that was indexed.
    pub version: i64,
}

/// Exact counts, each with its own filter left out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facets {
    /// Products per category under all filters but the categories; most first, then by id. Empty ones are left out.
    pub categories: Vec<(CategoryId, u64)>,
    /// Products per band of [`PRICE_BANDS`] under all filters but the prices; always all bands, in order.
    pub prices: Vec<PriceBand>,
    /// Drafts under all filters.
    pub drafts: u64,
    /// Published products under all filters that lack each of [`Lack::ALL`], in that order.
    pub lacking: [u64; Lack::ALL.len()],
}

/// Products whose price lies in `from <= price < to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PriceBand {
    /// The band's lower end in centavos, inclusive.
    pub from: i64,
    /// Centavos, exclusive; none is open.
    pub to: Option<i64>,
    /// The number of products in the band.
    pub count: u64,
}

/// A completion of what the buyer typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// A product's name.
    pub text: String,
    /// The product's slug, to go there at once.
    pub slug: Option<String>,
}
