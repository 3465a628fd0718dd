//! The marks that tell products and categories apart: slugs, option values that match, trade numbers (GTIN).

mod gtin;
mod matching;
mod slug;

pub use gtin::gtin;
pub use matching::{Wanted, matched, variant_key};
pub use slug::{is_slug, slugify};
