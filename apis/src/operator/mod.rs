//! What the platform's operator and a merchant's import use.

pub mod shopify;
