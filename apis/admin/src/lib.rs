//! The admin API: a shop's staff, on the shop's host, with the shop's token.

mod bodies;
pub mod categories;
pub mod commands;
pub mod images;
pub mod import;
pub mod listing;
pub mod logo;
pub mod products;
pub mod settings;
pub mod shopify;
pub mod stock;
pub mod uploads;

use feira_web::{routing::Route, schemas::Named, staff::Permission};

/// Its routes.
pub fn routes() -> Vec<Route> {
    [
        products::routes(),
        listing::routes(),
        stock::routes(),
        images::routes(),
        categories::routes(),
        settings::routes(),
        logo::routes(),
        commands::routes(),
        import::routes(),
    ]
    .concat()
}

/// Its schemas.
pub fn schemas() -> Vec<Named> {
    [products::schemas(), stock::schemas(), images::schemas(), categories::schemas(), import::schemas()].concat()
}

/// Headers of an entity that is read.
const READ: &[&str] = &["ETag"];
/// Headers of a write's answer.
const WRITTEN: &[&str] = &["ETag", "Feira-Position"];
/// Headers of a creation's answer.
const CREATED: &[&str] = &["Location", "ETag", "Feira-Position"];
/// Headers of a removal's answer.
const REMOVED: &[&str] = &["Feira-Position"];
/// Headers of a write that is not decided yet.
const PENDING: &[&str] = &["Location"];

/// JSON of this schema, as answers name it.
fn json(schema: &'static str) -> Option<(&'static str, &'static str)> {
    Some(("application/json", schema))
}

/// A read of one entity.
fn reading(route: Route, schema: &'static str) -> Route {
    route
        .for_staff(Permission::Read)
        .gives(200, "It.", json(schema))
        .with_headers(READ)
        .gives(304, "It is still so.", None)
        .with_headers(READ)
        .problems(&[409])
}

/// A write that makes an entity.
fn creating(route: Route, permission: Permission, schema: &'static str) -> Route {
    command(route.for_staff(permission).gives(201, "Made.", json(schema)).with_headers(CREATED))
}

/// A write that changes an entity.
fn changing(route: Route, permission: Permission, schema: &'static str) -> Route {
    command(
        route
            .for_staff(permission)
            .versioned()
            .gives(200, "Changed, or already so.", json(schema))
            .with_headers(WRITTEN),
    )
}

/// A write that removes an entity.
fn removing(route: Route, permission: Permission) -> Route {
    command(route.for_staff(permission).versioned().gives(204, "Gone.", None).with_headers(REMOVED))
}

fn command(route: Route) -> Route {
    route.keyed().gives(202, "Kept, and not decided within 2 s.", json("PendingCommand")).with_headers(PENDING)
}
