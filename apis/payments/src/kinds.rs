//! The kinds of routes of payments: what each asks for, gives and carries, and the pieces of their answers.

use std::time::Duration;

use feira_schemas::ids::ChargeId;
use feira_web::{
    reply::{self, Response},
    routing::Route,
    sessions::{Access, Area},
    writes,
};
use http::{HeaderValue, StatusCode, header};
use serde_json::Value;

/// The address of all charges.
pub(crate) const CHARGES: &str = "/api/payments/v1/charges";
/// Longest time until the answer of a write that waits for a gateway begins: 2 s for the decision, 12 s for the gateway, and the rest
/// for slow dependencies.
pub(crate) const WITHIN: Duration = Duration::from_secs(18);
/// Headers of a write's answer.
const WRITTEN: &[&str] = &["Feira-Position"];
/// Headers of a creation's answer.
const CREATED: &[&str] = &["Location", "Feira-Position"];
/// Headers of a write that is not decided yet.
const PENDING: &[&str] = &["Location"];

/// JSON of this schema, as answers name it.
pub(crate) fn json_of(schema: &'static str) -> Option<(&'static str, &'static str)> {
    Some(("application/json", schema))
}

/// A read of another system.
pub(crate) fn reading(route: Route, what: &'static str, schema: &'static str) -> Route {
    route.for_payments().gives(200, what, json_of(schema)).problems(&[409])
}

/// A read of what may not be decided yet.
pub(crate) fn with_processing(route: Route) -> Route {
    route
        .gives(202, "It is kept and was not decided yet.", json_of("Processing"))
        .with_headers(PENDING)
        .problems(&[403, 409, 422])
}

/// A write of another system that makes something, and waits for the gateway.
pub(crate) fn making(route: Route, what: &'static str, schema: &'static str) -> Route {
    waiting(route.for_payments().gives(201, what, json_of(schema)).with_headers(CREATED))
}

/// A write of another system that changes something, and waits for the gateway.
pub(crate) fn changing(route: Route, what: &'static str, schema: &'static str) -> Route {
    waiting(route.for_payments().gives(200, what, json_of(schema)).with_headers(WRITTEN))
}

fn waiting(route: Route) -> Route {
    route
        .keyed()
        .within(WITHIN)
        .gives(
            202,
            "It is kept, and what becomes of it is not known yet; `Location` is where that is read.",
            json_of("Processing"),
        )
        .with_headers(PENDING)
}

/// A write of the shop's staff that makes something.
pub(crate) fn staff_making(route: Route, what: &'static str, schema: &'static str) -> Route {
    staff(route.for_staff(Access::write(Area::Payments)).gives(201, what, json_of(schema)).with_headers(CREATED))
}

/// A write of the shop's staff that changes something.
pub(crate) fn staff_changing(route: Route, what: &'static str, schema: &'static str) -> Route {
    staff(route.for_staff(Access::write(Area::Payments)).gives(200, what, json_of(schema)).with_headers(WRITTEN))
}

fn staff(route: Route) -> Route {
    route.keyed().gives(202, feira_web::commands::KEPT, json_of("PendingCommand")).with_headers(PENDING)
}

/// The address of a charge.
pub(crate) fn address(charge: ChargeId) -> String {
    format!("{CHARGES}/{charge}")
}

/// JSON that nobody on the way keeps: it has personal data or a secret in it.
pub(crate) fn private(status: StatusCode, json: &Value) -> Response {
    let mut response = reply::with_status(status, json);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// The answer to a decided write: 201 with this address where something was made, else 200.
pub(crate) fn decided(decided: &writes::Decided, json: &Value, made_at: Option<String>) -> Response {
    let status = if made_at.is_some() { StatusCode::CREATED } else { StatusCode::OK };
    let mut response = private(status, json);
    with_location(&mut response, made_at);
    writes::with_position(&mut response, decided.position);
    response
}

/// Says where something is read.
pub(crate) fn with_location(response: &mut Response, address: Option<String>) {
    if let Some(address) = address.and_then(|address| HeaderValue::try_from(address).ok()) {
        response.headers_mut().insert(header::LOCATION, address);
    }
}
