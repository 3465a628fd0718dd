//! The storefront: ready cards, addresses, categories and the shop itself, in tables and in the cache.

mod card;
mod fold;
mod read;

pub use card::{Card, CardImage, CardOption, CardVariant, ListCard};
pub use fold::{StorefrontView, rows};
pub use read::{Found, Storefront};

use feira_schemas::ids::ProductId;

/// Cache key of a card.
fn card_key(product: ProductId) -> String {
    format!("card:{product}")
}

/// Cache key of a product as lists show it.
fn list_key(product: ProductId) -> String {
    format!("list:{product}")
}

/// Cache key of an address.
fn slug_key(slug: &str) -> String {
    format!("slug:{slug}")
}

/// Cache key of a shop's whole category list.
const CATEGORIES: &str = "categories";
/// Cache key of the shop.
const SHOP: &str = "shop";
