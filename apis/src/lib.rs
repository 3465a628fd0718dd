//! The APIs: everything that answers HTTP. One table of routes ([`routing`]), one file per resource.

pub mod context;
pub mod hosts;
pub mod pages;
pub mod problem;
pub mod reads;
pub mod reply;
pub mod routing;
pub mod server;
pub mod tokens;
pub mod writes;

use routing::Route;

/// Every route there is, those asked for most first.
pub fn routes() -> Vec<Route> {
    Vec::new()
}

/// Every schema that routes name.
pub fn schemas() -> Vec<(&'static str, serde_json::Value)> {
    Vec::new()
}
