//! The storefront: ready cards, addresses, categories and the shop itself, in tables and in the cache.

mod card;
mod fold;
mod read;
mod values;

pub use card::{Card, CardImage, CardMethod, CardOption, CardVariant, ListCard};
pub use fold::{StorefrontView, rows};
pub use read::{Found, Storefront};

use std::sync::LazyLock;

use feira_schemas::{generations::CACHE, ids::ProductId};

/// Cache key of a card.
fn card_key(product: ProductId) -> String {
    format!("g{CACHE}.card:{product}")
}

/// Cache key of a product as lists show it.
fn list_key(product: ProductId) -> String {
    format!("g{CACHE}.list:{product}")
}

/// Cache key of an address.
fn slug_key(slug: &str) -> String {
    format!("g{CACHE}.slug:{slug}")
}

/// Cache key of a shop's whole category list.
static CATEGORIES: LazyLock<String> = LazyLock::new(|| format!("g{CACHE}.categories"));
/// Cache key of the shop.
static SHOP: LazyLock<String> = LazyLock::new(|| format!("g{CACHE}.shop"));
/// Cache key of what the shop's policies say, which the shop itself is kept without.
static POLICIES: LazyLock<String> = LazyLock::new(|| format!("g{CACHE}.policies"));
