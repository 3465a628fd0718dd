//! The kinds of routes that a shop's staff has: what each asks for, gives and carries.

use feira_web::{
    commands::KEPT,
    routing::Route,
    sessions::{Access, Area},
};

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
pub(super) fn json_of(schema: &'static str) -> Option<(&'static str, &'static str)> {
    Some(("application/json", schema))
}

/// A read of one entity.
pub(super) fn reading(route: Route, area: Area, schema: &'static str) -> Route {
    route
        .for_staff(Access::read(area))
        .gives(200, "The resource as it is now; `ETag` names this version of it.", json_of(schema))
        .with_headers(READ)
        .gives(304, "The version that the client has is the present one.", None)
        .with_headers(READ)
        .problems(&[409])
}

/// A write that makes an entity.
pub(super) fn creating(route: Route, access: Access, schema: &'static str) -> Route {
    command(
        route
            .for_staff(access)
            .gives(201, "The new resource; `Location` is its address.", json_of(schema))
            .with_headers(CREATED),
    )
}

/// A write that changes an entity.
pub(super) fn changing(route: Route, access: Access, schema: &'static str) -> Route {
    command(
        route
            .for_staff(access)
            .versioned()
            .gives(
                200,
                "The resource after the change; the same version as before if nothing differed.",
                json_of(schema),
            )
            .with_headers(WRITTEN),
    )
}

/// A write that removes an entity.
pub(super) fn removing(route: Route, access: Access) -> Route {
    command(route.for_staff(access).versioned().gives(204, "The resource is removed.", None).with_headers(REMOVED))
}

/// A write that may be kept before it is decided.
pub(super) fn command(route: Route) -> Route {
    route.keyed().gives(202, KEPT, json_of("PendingCommand")).with_headers(PENDING)
}
