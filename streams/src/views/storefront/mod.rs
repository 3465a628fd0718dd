//! The storefront: ready cards, addresses, categories and the shop itself, in tables and in the cache.

mod card;
mod fold;
mod read;

pub use card::{Card, CardImage, CardOption, CardVariant, ListCard};
pub use fold::{StorefrontView, rows};
pub use read::{Found, Storefront};

use std::sync::LazyLock;

use feira_schemas::{ids::ProductId, row::Row, rows::storefront::CardRow};

/// What is cached is made of rows, and is shared with programs of other generations: no two of them mean the same value.
const GENERATION: u32 = CardRow::TABLE.generation;

/// Cache key of a card.
fn card_key(product: ProductId) -> String {
    format!("g{GENERATION}.card:{product}")
}

/// Cache key of a product as lists show it.
fn list_key(product: ProductId) -> String {
    format!("g{GENERATION}.list:{product}")
}

/// Cache key of an address.
fn slug_key(slug: &str) -> String {
    format!("g{GENERATION}.slug:{slug}")
}

/// Cache key of a shop's whole category list.
static CATEGORIES: LazyLock<String> = LazyLock::new(|| format!("g{GENERATION}.categories"));
/// Cache key of the shop.
static SHOP: LazyLock<String> = LazyLock::new(|| format!("g{GENERATION}.shop"));
