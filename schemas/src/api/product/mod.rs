//! A product: as it is written, the content that a command carries of it, and as it is given.

mod body;
mod content;
mod fields;
mod schemas;
mod view;

pub use body::{OptionBody, ProductBody, SeoBody, StatusBody, VariantBody};
pub use content::{product_content, product_content_without_variants};
pub use fields::{DESCRIPTION, VARIANTS};
pub use schemas::schemas;
pub use view::{
    option_map, product_body, product_body_without_variants, product_card_json, product_json, product_text,
};
