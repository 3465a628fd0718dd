//! What every process says of itself, whatever its roles are: that it lives, that it is ready, and what it counts. Where the whole table
//! is served the routes of health answer by this; a process without the role `api` answers by this alone.

use std::{sync::Arc, time::Instant};

use feira_schemas::{ids::Micros, time::Clock};
use feira_streams::health::{Doing, Health};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use metrics_exporter_prometheus::PrometheusHandle;
use serde_json::{Map, Value, json};
use tokio::sync::watch;
use warp::{Filter, filters::BoxedFilter, path::FullPath};

use crate::{
    context::Api,
    hosts,
    problem::Problem,
    reply::{self, Response},
    routing::measure,
};

/// The path at which a process says that it lives.
pub const ALIVE: &str = "/healthz";
/// The path at which it says that it is ready.
pub const READY: &str = "/readyz";
/// The path at which it shows what it counts.
pub const METRICS: &str = "/metrics";

/// A processor that has said nothing for so long is stuck: its loop says something every second.
const SILENT: Micros = 60 * 1_000_000;

/// A part of a process: what decides for a context, folds a view or has an effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The name of its group.
    pub name: String,
    /// What it does.
    pub doing: Doing,
    /// The inputs that it waits for, in words.
    pub lacks: Option<String>,
    /// Why it holds its timers, in words.
    pub holds: Option<String>,
    /// The time at which it last said something.
    pub said: Micros,
}

/// What a process says of itself. Clones share it.
#[derive(Clone)]
pub struct Probes {
    health: Health,
    clock: Clock,
    platform_domain: Arc<str>,
    metrics: Option<PrometheusHandle>,
    stop: watch::Receiver<bool>,
}

impl Probes {
    /// Of a process with this health. It is ready until `stop` turns true.
    pub fn new(
        health: Health,
        clock: Clock,
        platform_domain: &str,
        metrics: Option<PrometheusHandle>,
        stop: watch::Receiver<bool>,
    ) -> Self {
        Self { health, clock, platform_domain: platform_domain.into(), metrics, stop }
    }

    /// Of a process that serves everything.
    pub fn of(api: &Api) -> Self {
        let (health, clock) = (api.platform.health.clone(), api.platform.clock.clone());
        Self::new(health, clock, &api.config.platform_domain, api.metrics.clone(), api.stop.clone())
    }

    /// True while each loop has said something of late.
    pub fn is_alive(&self) -> bool {
        let now = self.clock.now();
        self.health.all().values().all(|(_, said)| now - said <= SILENT)
    }

    /// True when all parts work and the process is not to end.
    pub fn is_ready(&self) -> bool {
        self.health.ready() && !*self.stop.borrow()
    }

    /// The process's parts, by name.
    pub fn parts(&self) -> Vec<Part> {
        let (mut lacking, mut holding) = (self.health.lacking(), self.health.holding());
        let part = |(name, (doing, said)): (String, (Doing, Micros))| Part {
            lacks: lacking.remove(&name),
            holds: holding.remove(&name),
            name,
            doing,
            said,
        };
        self.health.all().into_iter().map(part).collect()
    }

    /// 200 while the process lives, else 503.
    pub fn alive(&self, headers: &HeaderMap) -> Response {
        self.answer(headers, self.is_alive())
    }

    /// 200 when it is ready, else 503.
    pub fn ready(&self, headers: &HeaderMap) -> Response {
        self.answer(headers, self.is_ready())
    }

    /// What the process counts and measures, in Prometheus' text format.
    pub fn metrics(&self) -> Response {
        let text = self.metrics.as_ref().map(PrometheusHandle::render).unwrap_or_default();
        reply::content(HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8"), text)
    }

    fn is_platform(&self, headers: &HeaderMap) -> bool {
        hosts::is_platform(headers, &self.platform_domain)
    }

    /// Strangers see whether it is well; what ails it is said on the platform's host alone.
    fn answer(&self, headers: &HeaderMap, good: bool) -> Response {
        let parts = if self.is_platform(headers) { self.parts() } else { Vec::new() };
        let said = |Part { name, doing, lacks, holds, .. }: Part| {
            let more = [lacks, holds].into_iter().flatten();
            (name, more.fold(words(doing), |said, more| format!("{said}; {more}")).into())
        };
        let processors: Map<String, Value> = parts.into_iter().map(said).collect();
        let (status, word) = if good { (StatusCode::OK, "ok") } else { (StatusCode::SERVICE_UNAVAILABLE, "failing") };
        let mut response = reply::with_status(status, &json!({"status": word, "processors": processors}));
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }

    /// Answers by the probes alone, on the hosts that each has in the table: any, or the platform's.
    fn alone(&self, method: &Method, path: &str, headers: &HeaderMap) -> Response {
        let started = Instant::now();
        let route = match path.trim_end_matches('/') {
            ALIVE => Some(ALIVE),
            READY => Some(READY),
            METRICS if self.is_platform(headers) => Some(METRICS),
            _ => None,
        };
        let reads = method == Method::GET || method == Method::HEAD;
        let mut response = match route {
            None => Problem::no_such_address().into_response(),
            Some(_) if !reads => Problem::method_not_allowed("GET, HEAD").into_response(),
            Some(ALIVE) => self.alive(headers),
            Some(READY) => self.ready(headers),
            Some(_) => self.metrics(),
        };
        if method == Method::HEAD {
            reply::without_body(&mut response);
        }
        measure(route.unwrap_or("none"), method, response.status(), started);
        response
    }
}

/// Answers by the probes alone: every other address is 404.
pub fn filter(probes: Probes) -> BoxedFilter<(Response,)> {
    warp::header::headers_cloned()
        .and(warp::method())
        .and(warp::path::full())
        .map(move |headers: HeaderMap, method: Method, path: FullPath| probes.alone(&method, path.as_str(), &headers))
        .boxed()
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use feira_connectors::clock::wall_clock;
    use http_body_util::{BodyExt, Empty};
    use metrics_exporter_prometheus::PrometheusBuilder;
    use tower::ServiceExt;

    use super::*;

    /// The status and the body of an answer.
    async fn asked(probes: &Probes, method: &str, host: &str, path: &str) -> (u16, String) {
        let request = http::Request::builder().method(method).uri(path).header("host", host);
        let request = request.body(Empty::<bytes::Bytes>::new()).unwrap();
        let answer = warp::service(filter(probes.clone())).oneshot(request).await.unwrap();
        let status = answer.status().as_u16();
        (status, String::from_utf8(answer.into_body().collect().await.unwrap().to_bytes().to_vec()).unwrap())
    }

    #[tokio::test]
    async fn a_process_that_serves_nothing_else_says_how_it_is_and_what_it_counts() {
        let (health, clock, (stop, stopped)) = (Health::default(), wall_clock(), watch::channel(false));
        let metrics = PrometheusBuilder::new().build_recorder().handle();
        let probes = Probes::new(health.clone(), clock.clone(), "feira.example", Some(metrics), stopped);
        health.report("search", Doing::Restoring, clock.now());
        assert_eq!(asked(&probes, "GET", "10.0.0.7:8080", "/healthz").await.0, 200);
        let (status, body) = asked(&probes, "GET", "10.0.0.7:8080", "/readyz").await;
        assert!(status == 503 && body.contains(r#""search":"restoring""#), "{body}");
        health.assigned("search", clock.now());
        health.report("search", Doing::Working, clock.now());
        for host in ["feira.example", "moda.feira.example", "other.example", ""] {
            assert_eq!(asked(&probes, "GET", host, "/readyz").await.0, 200, "{host:?}");
        }
        let (_, body) = asked(&probes, "GET", "moda.feira.example", "/readyz").await;
        assert!(!body.contains("search"), "strangers see no part: {body}");
        assert_eq!(asked(&probes, "HEAD", "feira.example", "/healthz").await, (200, String::new()));
        assert_eq!(asked(&probes, "GET", "feira.example", "/metrics").await.0, 200);
        stop.send(true).unwrap();
        assert_eq!(asked(&probes, "GET", "feira.example", "/readyz").await.0, 503, "it is to end");
        health.report("search", Doing::Working, clock.now() - SILENT - 1_000_000);
        assert_eq!(asked(&probes, "GET", "feira.example", "/healthz").await.0, 503, "it hangs");
    }

    #[tokio::test]
    async fn nothing_else_is_there() {
        let (_stop, stopped) = watch::channel(false);
        let probes = Probes::new(Health::default(), wall_clock(), "feira.example", None, stopped);
        for (method, host, path, status) in [
            ("GET", "feira.example", "/", 404),
            ("GET", "moda.feira.example", "/metrics", 404),
            ("GET", "feira.example", "/api/operator/v1/tenants", 404),
            ("POST", "feira.example", "/api/operator/v1/tenants", 404),
            ("GET", "feira.example", "/healthz/x", 404),
            ("POST", "feira.example", "/healthz", 405),
        ] {
            assert_eq!(asked(&probes, method, host, path).await.0, status, "{method} {host} {path}");
        }
    }
}
