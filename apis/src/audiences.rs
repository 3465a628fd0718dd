//! The audiences' lists, joined.

use feira_api_admin as admin;
use feira_api_operator as operator;
use feira_api_panel as panel;
use feira_api_payments as payments;
use feira_api_signup as signup;
use feira_api_store as store;
use feira_web::{routing::Route, schemas::Named};

/// Every audience's routes, those asked for most first.
pub(crate) fn routes() -> Vec<Route> {
    [store::routes(), admin::routes(), payments::routes(), signup::routes(), operator::routes(), panel::routes()]
        .concat()
}

/// Every schema that those routes name.
pub(crate) fn schemas() -> Vec<Named> {
    [
        feira_web::schemas(),
        store::schemas(),
        admin::schemas(),
        payments::schemas(),
        signup::schemas(),
        operator::schemas(),
    ]
    .concat()
}
