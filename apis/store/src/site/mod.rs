//! The shop's pages: what `crate::pages` draws, filled with what the views show.

mod category;
mod error;
mod feeds;
mod files;
mod frame;
mod home;
mod payment;
mod platform;
mod product;
mod search;
mod shelf;

use feira_web::routing::Route;

pub use error::error_page;

/// The routes of a shop's pages and the files beside them, and of the platform's own page.
pub(super) fn routes() -> Vec<Route> {
    let pages = [product::route(), home::route(), category::route(), search::route()];
    pages.into_iter().chain(files::routes()).chain(feeds::routes()).chain([platform::route()]).collect()
}
