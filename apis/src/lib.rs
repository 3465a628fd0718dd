//! The APIs: everything that answers HTTP, for all audiences together. Each audience is a crate of its own over the same kernel and
//! knows no other; here their lists are joined.

mod description;

use feira_api_admin as admin;
use feira_api_operator as operator;
use feira_api_store as store;
use feira_web::{routing::Route, schemas::Named};

/// Every route there is, those asked for most first.
pub fn routes() -> Vec<Route> {
    [store::routes(), admin::routes(), operator::routes(), description::routes()].concat()
}

/// Every schema that routes name.
pub fn schemas() -> Vec<Named> {
    [feira_web::schemas(), store::schemas(), admin::schemas(), operator::schemas(), description::schemas()].concat()
}
