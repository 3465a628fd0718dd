//! What the platform offers to everybody on its own host: its site, the plans that people subscribe to, and the way from a plan to a shop.
//!
//! A page is a folder: its routes and what fills it (`mod.rs`), and its template. Pages are pt-BR and work without JavaScript, but for a card's
//! token, which the browser gets from the gateway. Pages that hold what somebody typed are kept by nobody.

mod answer;
mod assets;
mod form;
mod frame;
mod landing;
mod legal;
mod offers;
mod plans;
mod status;
mod subscribe;
mod words;

use feira_schemas::api::signup;
use feira_web::{routing::Route, schemas::Named};

/// The routes of sign-up.
pub fn routes() -> Vec<Route> {
    [
        landing::routes(),
        offers::routes(),
        subscribe::routes(),
        status::routes(),
        legal::routes(),
        assets::routes(),
        plans::routes(),
    ]
    .concat()
}

/// The schemas of sign-up's answers.
pub fn schemas() -> Vec<Named> {
    [signup::offered_schemas(), subscribe::schemas()].concat()
}
