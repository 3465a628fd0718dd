//! What products and categories are told by: slugs, options that match, codes of goods.

mod gtin;
mod matching;
mod slug;

pub use gtin::gtin;
pub use matching::{Wanted, matched, variant_key};
pub use slug::{is_slug, slugify};
