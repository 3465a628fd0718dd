//! The merchant's side: tenants, settings, categories, products.

mod categories;
mod products;
mod tenants;

pub use categories::*;
pub use products::*;
pub use tenants::*;
