//! Payments over HTTP: charges, refunds, plans, kept cards and subscriptions for other systems, which have credentials of their own; the
//! accounts at gateways and those credentials for the shop's staff; and the gateways' callbacks.

pub mod accounts;
mod callbacks;
mod cards;
mod charges;
mod choosing;
mod credentials;
mod kinds;
mod listing;
mod months;
mod outcomes;
mod plans;
mod refunds;
mod seal;
mod settling;
mod subscriptions;

use feira_schemas::api::payments;
use feira_web::{routing::Route, schemas::Named};

/// The routes of payments.
pub fn routes() -> Vec<Route> {
    [
        charges::routes(),
        listing::routes(),
        refunds::routes(),
        plans::routes(),
        cards::routes(),
        subscriptions::routes(),
        accounts::routes(),
        credentials::routes(),
        callbacks::routes(),
        settling::routes(),
    ]
    .concat()
}

/// The schemas of payments' bodies.
pub fn schemas() -> Vec<Named> {
    [payments::schemas(), payments::admin_schemas(), payments::settle_schemas(), callbacks::schemas()].concat()
}
