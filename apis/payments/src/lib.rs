//! Payments over HTTP: charges and refunds for other systems, which have credentials of their own; the accounts at gateways and those
//! credentials for the shop's staff; and the gateways' callbacks.

mod accounts;
mod callbacks;
mod charges;
mod credentials;
mod kinds;
mod listing;
mod refunds;
mod seal;
mod settled;

use feira_schemas::api::payments;
use feira_web::{routing::Route, schemas::Named};

/// The routes of payments.
pub fn routes() -> Vec<Route> {
    [
        charges::routes(),
        listing::routes(),
        refunds::routes(),
        accounts::routes(),
        credentials::routes(),
        callbacks::routes(),
    ]
    .concat()
}

/// The schemas of payments' bodies.
pub fn schemas() -> Vec<Named> {
    [payments::schemas(), payments::admin_schemas(), callbacks::schemas()].concat()
}
