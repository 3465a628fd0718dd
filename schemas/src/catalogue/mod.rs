//! Products and categories: what the API takes and gives (`body`, `view`), what a written body must hold (`validate`), and slugs.

mod body;
mod gtin;
mod matching;
mod slug;
mod validate;
mod view;

pub use body::{CategoryBody, OptionBody, ProductBody, SeoBody, StatusBody, VariantBody};
pub use gtin::gtin;
pub use matching::{Wanted, matched, variant_key};
pub use slug::{is_slug, slugify};
pub use validate::{category_content, product_content, product_content_without_variants};
pub use view::{
    category_body, category_json, extension, image_url, option_map, product_body, product_body_without_variants,
    product_card_json, product_json, product_text,
};
