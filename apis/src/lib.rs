//! The APIs: everything that answers HTTP. One table of routes ([`routing`]), one file per resource.

pub mod addresses;
pub mod admin;
pub mod commands;
pub mod context;
pub mod cursor;
pub mod derived;
mod description;
pub mod hosts;
pub mod json;
mod log;
pub mod markup;
pub mod operator;
pub mod pages;
pub mod problem;
pub mod quotas;
pub mod reads;
pub mod reply;
pub mod room;
pub mod routing;
pub mod schemas;
pub mod server;
pub mod settings;
pub mod store;
pub mod tokens;
pub mod writes;

use routing::Route;

/// Every route there is, those asked for most first.
pub fn routes() -> Vec<Route> {
    [store::routes(), admin::routes(), operator::routes(), description::routes()].concat()
}

/// Every schema that routes name.
pub fn schemas() -> Vec<schemas::Named> {
    let kernel = [schemas::common(), settings::schemas(), commands::schemas()].concat();
    [kernel, store::schemas(), admin::schemas(), operator::schemas(), description::schemas()].concat()
}
