//! The OpenAPI description of all routes of the process.

use std::sync::{Arc, LazyLock};

use bytes::Bytes;
use feira_web::{
    context::Api,
    problem::Problem,
    reply::{self, Response},
    routing::{self, HostKind, Request, Route},
    schemas::Named,
};
use http::{HeaderValue, header};
use serde_json::{Value, json};

use crate::{
    audiences,
    docs::{self, Group},
};

/// What is said of one kind of host.
struct Described {
    /// The document.
    json: Bytes,
    /// What people read of it where there are no scripts.
    groups: Vec<Group>,
}

/// The description of each kind of host, made once: a shop's host describes what it has.
static SHOP: LazyLock<Described> = LazyLock::new(|| Described::of(|route| route.host != HostKind::Platform));
static ALL: LazyLock<Described> = LazyLock::new(|| Described::of(|_| true));

/// The routes of the description, as a document and as a page.
pub(crate) fn routes() -> Vec<Route> {
    let document = Route::get("/openapi.json", description)
        .on_any_host()
        .while_folding()
        .gives(200, "The document, in OpenAPI 3.1.", Some(("application/json", "Description")))
        .says("Describes what can be asked here, as OpenAPI.");
    [vec![document], docs::routes(|api, request| described(api, request).groups.as_slice())].concat()
}

/// The schema of the description.
fn schemas() -> Vec<Named> {
    vec![("Description", json!({"type": "object"}))]
}

impl Described {
    fn of(here: impl Fn(&Route) -> bool) -> Self {
        let document = document(here);
        Self { json: document.to_string().into(), groups: docs::groups(&document) }
    }
}

fn document(here: impl Fn(&Route) -> bool) -> Value {
    let routes: Vec<Route> = [audiences::routes(), routes()].concat().into_iter().filter(here).collect();
    let mut document = routing::document(&routes, &[audiences::schemas(), schemas()].concat());
    docs::examples::add(&mut document);
    document
}

/// What is said of the host of a request.
fn described(api: &Api, request: &Request) -> &'static Described {
    if api.hosts.is_platform(&request.headers) { &ALL } else { &SHOP }
}

async fn description(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let document = Bytes::clone(&described(&api, &request).json);
    let mut response = reply::content(HeaderValue::from_static("application/json"), document);
    // Programs in browsers read descriptions from anywhere; there is nothing secret in them.
    response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    Ok(response)
}
