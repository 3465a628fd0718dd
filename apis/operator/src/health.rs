//! The routes `/healthz`, `/readyz` and `/metrics`: the process lives, is ready, and counts.

use std::sync::Arc;

use feira_streams::health::Doing;
use feira_web::{
    context::Api,
    problem::Problem,
    reply::{self, Response},
    routing::{Request, Route},
    schemas::{Named, object, text},
};
use http::{HeaderValue, StatusCode, header};
use serde_json::{Map, Value, json};

/// A processor that has said nothing for so long is stuck: its loop says something every second.
const SILENT: i64 = 60 * 1_000_000;

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
        probe(Route::get("/healthz", alive), "Tells whether the process lives; if not, it should be started again."),
        probe(Route::get("/readyz", ready), "Tells whether the process can take requests."),
        Route::get("/metrics", metrics)
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
    let now = api.platform.now();
    let silent = api.platform.health.all().values().any(|(_, said)| now - said > SILENT);
    Ok(answer(&api, &request, !silent))
}

async fn ready(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let ending = *api.stop.borrow();
    Ok(answer(&api, &request, api.platform.health.ready() && !ending))
}

/// Strangers see whether it is well; what ails it is said on the platform's host alone.
fn answer(api: &Api, request: &Request, good: bool) -> Response {
    let health = &api.platform.health;
    let (all, mut lacking, mut holding) = match api.hosts.is_platform(&request.headers) {
        true => (health.all(), health.lacking(), health.holding()),
        false => Default::default(),
    };
    let said = |(name, (doing, _)): (String, (Doing, _))| {
        let more = [lacking.remove(&name), holding.remove(&name)].into_iter().flatten();
        (name, more.fold(words(doing), |said, more| format!("{said}; {more}")).into())
    };
    let processors: Map<String, Value> = all.into_iter().map(said).collect();
    let (status, word) = if good { (StatusCode::OK, "ok") } else { (StatusCode::SERVICE_UNAVAILABLE, "failing") };
    let mut response = reply::with_status(status, &json!({"status": word, "processors": processors}));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn words(doing: Doing) -> String {
    match doing {
        Doing::Restoring => "restoring".into(),
        Doing::Folding(progress) => progress.to_string(),
        Doing::Working => "working".into(),
        Doing::Waiting(what) => format!("waiting: {what}"),
        Doing::Stopped(why) => format!("stopped: {why}"),
    }
}

async fn metrics(api: Arc<Api>, _: Request) -> Result<Response, Problem> {
    let text = api.metrics.as_ref().map(|metrics| metrics.render()).unwrap_or_default();
    Ok(reply::content(HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8"), text))
}
