//! The HTML of the shops: one view model and one `render` function per page, pt-BR, readable without JavaScript.
//!
//! Everything here is pure. A view model is plain data (ids as text, prices in centavos) that whoever serves the page
//! fills; `render` turns it into one HTML string. Text is escaped by the templates; the only HTML taken as it comes is a
//! [`CleanHtml`], and the only style a shop chooses is its [`Theme`]'s accent colour, which travels in the stylesheet's
//! name so that a strict Content-Security-Policy (no inline script, no inline style) holds for every page.
//!
//! | page | view model | rendered by |
//! |---|---|---|
//! | `/` of a shop | [`home::Home`] | [`home::render`] |
//! | `/category/{slug}` | [`category::CategoryPage`] | [`category::render`] |
//! | `/product/{slug}` | [`product::ProductPage`] | [`product::render`] |
//! | `/search` | [`search::SearchPage`] | [`search::render`] |
//! | not found, suspended, failed | [`message`] | `message::render_*` |
//! | `/` of the platform in dev | [`platform::PlatformHome`] | [`platform::render`] |
//! | `/sitemap.xml`, `/robots.txt` | [`feeds`] | `feeds::render_*` |
//! | a product's tile without a picture | name and [`Theme`] | [`monogram::render`] |

pub mod assets;
pub mod category;
pub mod feeds;
mod filters;
pub mod format;
pub mod home;
pub mod links;
pub mod listing;
pub mod message;
pub mod monogram;
pub mod platform;
pub mod product;
pub mod search;
pub mod shop;
mod structured;
pub mod theme;

pub use listing::{Paging, Sort};
pub use shop::{Card, Category, CategoryLink, CleanHtml, Menu, PaymentLine, Picture, Shop};
pub use theme::Theme;
