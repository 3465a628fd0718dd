//! What the platform offers to everybody on its own host: the plans that people subscribe to.

mod plans;

use feira_schemas::api::signup;
use feira_web::{routing::Route, schemas::Named};

/// The routes of sign-up.
pub fn routes() -> Vec<Route> {
    plans::routes()
}

/// The schemas of sign-up's answers.
pub fn schemas() -> Vec<Named> {
    signup::offered_schemas()
}
