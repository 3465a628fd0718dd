//! The operator's API and what the platform says of itself, on the platform's host.

pub mod commands;
pub mod dead_letters;
pub mod generations;
pub mod health;
pub mod media;
pub mod methods;
pub mod owed;
pub mod plans;
pub mod reconciliations;
pub mod records;
pub mod registry;
pub mod reports;
pub mod shop_staff;
pub mod staff;
pub mod staff_groups;
pub mod subscriptions;
pub mod tenants;
pub mod tls;

use feira_schemas::api::{payment_method, payments, report, signup, tenant};
use feira_web::{routing::Route, schemas::Named};

/// The operator API's routes.
pub fn routes() -> Vec<Route> {
    [
        health::routes(),
        tls::routes(),
        tenants::routes(),
        staff::routes(),
        staff_groups::routes(),
        shop_staff::routes(),
        commands::routes(),
        records::routes(),
        media::routes(),
        methods::routes(),
        plans::routes(),
        subscriptions::routes(),
        reports::routes(),
        owed::routes(),
        reconciliations::routes(),
        dead_letters::routes(),
        generations::routes(),
        registry::routes(),
    ]
    .concat()
}

/// The schemas of the operator API's bodies.
pub fn schemas() -> Vec<Named> {
    [
        health::schemas(),
        tenant::schemas(),
        records::schemas(),
        dead_letters::schemas(),
        generations::schemas(),
        payments::operator_schemas(),
        payment_method::operator_schemas(),
        signup::operator_schemas(),
        signup::subscription_schemas(),
        report::schemas(),
        registry::schemas(),
    ]
    .concat()
}
