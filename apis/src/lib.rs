//! The APIs: everything that answers HTTP, for all audiences together. Each audience is a crate of its own over the same kernel and
//! knows no other; here their lists are joined.

mod audiences;
mod description;
mod docs;

use feira_web::{routing::Route, site::Site};

/// All that is answered, for a process to serve.
pub const SITE: Site = Site { routes, error_page: feira_api_store::error_page };

/// Every route there is, those asked for most first.
pub fn routes() -> Vec<Route> {
    [audiences::routes(), description::routes()].concat()
}
