//! The pages of the shops, pt-BR, readable without JavaScript. A page is a folder: its route and what fills it (`mod.rs`), its view
//! model (`model.rs`), its template.
//!
//! A view model is pure: plain data (ids as text, prices in centavos) that `render` turns into one HTML string. Text is escaped by the
//! templates; the only HTML taken as it comes is a [`CleanHtml`], and the only style a shop chooses is its [`Theme`]'s accent colour,
//! which travels in the stylesheet's name so that a strict Content-Security-Policy (no inline script, no inline style) holds for
//! every page.
//!
//! Parts that several pages have in common stand beside them: the frame, the pieces that their models are made of,
//! shelves of products.

pub mod assets;
pub mod cart;
pub mod category;
pub mod error;
pub mod feeds;
mod filters;
mod format;
mod frame;
pub mod home;
pub mod listing;
pub mod monogram;
mod payment;
mod pieces;
pub mod policy;
pub mod product;
pub mod report;
pub mod search;
mod seller;
mod shelf;
mod structured;

use feira_web::routing::Route;

pub use feira_web::theme::Theme;
pub use listing::{Paging, Sort};
pub use pieces::{AtOnce, Badge, Card, Category, CategoryLink, CleanHtml, InParts, Menu, PaymentLine, Picture, Shop};
pub use seller::{Number, Policy, Seller};

/// The routes of a shop's pages and the files beside them.
pub(super) fn routes() -> Vec<Route> {
    let pages = [
        product::route(),
        home::route(),
        category::route(),
        search::route(),
        assets::route(),
        monogram::route(),
        policy::route(),
    ];
    pages.into_iter().chain(cart::routes()).chain(report::routes()).chain(feeds::routes()).collect()
}
