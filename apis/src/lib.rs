//! The APIs: everything that answers HTTP. One table of routes ([`routing`]), one file per resource.

pub mod context;
pub mod demo;
pub mod hosts;
pub mod pages;
pub mod problem;
pub mod reads;
pub mod reply;
pub mod routing;
pub mod server;
pub mod store;
pub mod tokens;
pub mod writes;

use routing::Route;

/// Every route there is, those asked for most first.
pub fn routes() -> Vec<Route> {
    [store::routes()].concat()
}

/// Every schema that routes name.
pub fn schemas() -> Vec<(&'static str, serde_json::Value)> {
    [store::schemas()].concat()
}
