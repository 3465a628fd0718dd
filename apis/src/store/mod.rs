//! What buyers are served: the store API as JSON, and the shop's pages.

use crate::routing::Route;

/// The routes of a shop for buyers, those asked for most first.
pub fn routes() -> Vec<Route> {
    Vec::new()
}

/// The schemas that those routes name.
pub fn schemas() -> Vec<(&'static str, serde_json::Value)> {
    Vec::new()
}
