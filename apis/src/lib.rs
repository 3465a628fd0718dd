//! The APIs: everything that answers HTTP, for all audiences together.

pub mod admin;
mod description;
pub mod operator;
pub mod pages;
pub mod store;

use feira_web::{routing::Route, schemas::Named};

/// Every route there is, those asked for most first.
pub fn routes() -> Vec<Route> {
    [store::routes(), admin::routes(), operator::routes(), description::routes()].concat()
}

/// Every schema that routes name.
pub fn schemas() -> Vec<Named> {
    [feira_web::schemas(), store::schemas(), admin::schemas(), operator::schemas(), description::schemas()].concat()
}
