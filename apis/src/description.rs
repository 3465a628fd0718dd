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
use serde_json::json;

use crate::audiences;

/// The document of each kind of host, made once: a shop's host describes what it has.
static SHOP: LazyLock<Bytes> = LazyLock::new(|| document(|route| route.host != HostKind::Platform));
static ALL: LazyLock<Bytes> = LazyLock::new(|| document(|_| true));

/// The route of the description.
pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::get("/openapi.json", description)
            .on_any_host()
            .while_folding()
            .gives(200, "The document, in OpenAPI 3.1.", Some(("application/json", "Description")))
            .says("Describes what can be asked here, as OpenAPI."),
    ]
}

/// The schema of the description.
fn schemas() -> Vec<Named> {
    vec![("Description", json!({"type": "object"}))]
}

fn document(here: impl Fn(&Route) -> bool) -> Bytes {
    let routes: Vec<Route> = [audiences::routes(), routes()].concat().into_iter().filter(here).collect();
    routing::document(&routes, &[audiences::schemas(), schemas()].concat()).to_string().into()
}

async fn description(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let document = if api.hosts.is_platform(&request.headers) { &ALL } else { &SHOP };
    let mut response = reply::content(HeaderValue::from_static("application/json"), Bytes::clone(document));
    // Programs in browsers read descriptions from anywhere; there is nothing secret in them.
    response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    Ok(response)
}
