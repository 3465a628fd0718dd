//! The routes `/healthz`, `/readyz` and `/metrics`: the process lives, is ready, and counts. A process without the role `api` has them
//! alone ([`feira_web::probes::filter`]).

use std::sync::Arc;

use feira_web::{
    context::Api,
    probes::{ALIVE, METRICS, Probes, READY},
    problem::Problem,
    reply::Response,
    routing::{Request, Route},
    schemas::{Named, object, text},
};
use serde_json::json;

/// The routes of health.
pub fn routes() -> Vec<Route> {
    let probe = |route: Route, what| {
        route
            .on_any_host()
            .while_folding()
            .gives(200, "The process is well.", Some(("application/json", "Health")))
            .gives(
                503,
                "The process is not well; on the platform's host the body says what ails it.",
                Some(("application/json", "Health")),
            )
            .says(what)
    };
    vec![
        probe(Route::get(ALIVE, alive), "Tells whether the process lives; if not, it should be started again."),
        probe(Route::get(READY, ready), "Tells whether the process can take requests."),
        Route::get(METRICS, metrics)
            .on_platform()
            .while_folding()
            .gives(200, "Metrics in Prometheus' text format.", Some(("text/plain", "Text")))
            .says("Reads what the process counts and measures."),
    ]
}

/// The schemas of health.
pub fn schemas() -> Vec<Named> {
    let status = json!({"type": "string", "enum": ["ok", "failing"]});
    let processors = json!({"type": "object", "additionalProperties": text()});
    vec![("Health", object(&[("status", status), ("processors", processors)], &["status", "processors"]))]
}

async fn alive(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    Ok(Probes::of(&api).alive(&request.headers))
}

async fn ready(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    Ok(Probes::of(&api).ready(&request.headers))
}

async fn metrics(api: Arc<Api>, _: Request) -> Result<Response, Problem> {
    Ok(Probes::of(&api).metrics())
}
