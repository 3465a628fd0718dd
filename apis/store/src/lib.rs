//! The buyers' side: the store API as JSON, and the shop's pages.
//!
//! Everything is read from what the views show: the hits of a list come from the shop's search shard, what is shown of each
//! hit from its card. A hit whose card is gone is left out: of the two views the storefront may be a moment ahead.

mod answer;
mod api;
mod cart;
mod links;
mod lists;
mod media;
pub mod pages;
mod product;
mod shop;
mod tree;

use feira_web::{routing::Route, schemas::Named};

pub use pages::error::error_page;

/// The routes of a shop for buyers, those asked for most first.
pub fn routes() -> Vec<Route> {
    [api::routes(), pages::routes(), media::routes()].concat()
}

/// The schemas that those routes name.
pub fn schemas() -> Vec<Named> {
    api::schemas()
}
