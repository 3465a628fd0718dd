//! The table as warp filters: one per path, joined into a balanced tree for each kind of host.

use std::sync::Arc;

use http::{HeaderMap, Method};
use warp::{Filter, filters::BoxedFilter};

use super::{BodyStream, HostKind, Route, body, dispatch, parameter_name};
use crate::{context::Api, reply::Response};

/// A path and everything that can be done at it on one kind of host.
#[derive(Clone)]
pub struct Endpoint {
    /// The pattern.
    pub path: &'static str,
    /// One per method.
    pub routes: Arc<[Route]>,
}

/// A request as warp hands it over.
pub(super) struct Raw {
    pub method: Method,
    pub path: String,
    pub params: Vec<String>,
    pub query: String,
    pub headers: HeaderMap,
    pub body: BodyStream,
}

/// Which hosts' tree a request came by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Platform,
    Shop,
}

/// Everything that answers. Routes earlier in the list are found sooner, so the ones asked for most stand first.
pub fn filter(api: Arc<Api>, routes: &[Route]) -> BoxedFilter<(Response,)> {
    let platform = side(&api, routes, Side::Platform);
    let shop = side(&api, routes, Side::Shop);
    is_platform(api).and(platform).or(shop).unify().boxed()
}

/// The endpoints of one kind of host, in the order of the list.
fn endpoints(routes: &[Route], side: Side) -> Vec<Endpoint> {
    let here = |route: &&Route| match side {
        Side::Platform => route.host != HostKind::Shop,
        Side::Shop => route.host != HostKind::Platform,
    };
    let mut grouped: Vec<(&'static str, Vec<Route>)> = Vec::new();
    for route in routes.iter().filter(here) {
        match grouped.iter_mut().find(|(path, _)| *path == route.path) {
            Some((_, group)) => group.push(route.clone()),
            None => grouped.push((route.path, vec![route.clone()])),
        }
    }
    // Among paths of one length, one with a word matches before one with a parameter in its place.
    grouped.sort_by_key(|(path, _)| path.contains('{'));
    grouped.into_iter().map(|(path, routes)| Endpoint { path, routes: routes.into() }).collect()
}

fn side(api: &Arc<Api>, routes: &[Route], side: Side) -> BoxedFilter<(Response,)> {
    let filters = endpoints(routes, side).into_iter().map(|endpoint| answering(api, endpoint, side)).collect();
    let nothing = answering_none(api, side);
    match joined(filters) {
        Some(found) => found.or(nothing).unify().boxed(),
        None => nothing,
    }
}

/// A balanced tree: matching tries one filter after the other, and a chain would also nest their types' boxes as deep as it is long.
fn joined(mut filters: Vec<BoxedFilter<(Response,)>>) -> Option<BoxedFilter<(Response,)>> {
    if filters.len() <= 1 {
        return filters.pop();
    }
    let right = filters.split_off(filters.len() / 2);
    Some(joined(filters)?.or(joined(right)?).unify().boxed())
}

fn answering(api: &Arc<Api>, endpoint: Endpoint, side: Side) -> BoxedFilter<(Response,)> {
    let api = Arc::clone(api);
    let at = path(endpoint.path);
    raw(at)
        .then(move |raw| {
            let (api, endpoint) = (Arc::clone(&api), endpoint.clone());
            async move { dispatch::answer(api, &endpoint, side, raw).await }
        })
        .boxed()
}

fn answering_none(api: &Arc<Api>, side: Side) -> BoxedFilter<(Response,)> {
    let api = Arc::clone(api);
    let anywhere = warp::any().map(Vec::new).boxed();
    raw(anywhere)
        .then(move |raw| {
            let api = Arc::clone(&api);
            async move { dispatch::nothing_here(api, side, raw).await }
        })
        .boxed()
}

/// Matches a pattern and gives its parameters, undecoded.
#[allow(clippy::disallowed_methods)] // The one place that makes paths.
fn path(pattern: &'static str) -> BoxedFilter<(Vec<String>,)> {
    let start = warp::any().map(Vec::new).boxed();
    let segments = pattern.split('/').filter(|segment| !segment.is_empty());
    let matched = segments.fold(start, |filter, segment| match parameter_name(segment) {
        None => filter.and(warp::path(segment)).boxed(),
        Some(_) => filter
            .and(warp::path::param::<String>())
            .map(|mut params: Vec<String>, param| {
                params.push(param);
                params
            })
            .boxed(),
    });
    matched.and(warp::path::end()).boxed()
}

fn raw(params: BoxedFilter<(Vec<String>,)>) -> BoxedFilter<(Raw,)> {
    let query = warp::query::raw().or(warp::any().map(String::new)).unify();
    params
        .and(warp::method())
        .and(warp::path::full())
        .and(query)
        .and(warp::header::headers_cloned())
        .and(warp::body::stream())
        .map(|params, method, path: warp::path::FullPath, query, headers, stream| Raw {
            method,
            path: path.as_str().to_owned(),
            params,
            query,
            headers,
            body: body::boxed(stream),
        })
        .boxed()
}

fn is_platform(api: Arc<Api>) -> BoxedFilter<()> {
    warp::header::headers_cloned()
        .and_then(move |headers: HeaderMap| {
            let platform = api.hosts.is_platform(&headers);
            async move { if platform { Ok(()) } else { Err(warp::reject::reject()) } }
        })
        .untuple_one()
        .boxed()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::reply;

    fn route(path: &'static str) -> Route {
        Route::get(path, |_, _| async { Ok(reply::empty(http::StatusCode::OK)) })
    }

    #[test]
    fn a_host_has_its_own_routes_and_those_of_any() {
        let routes =
            [route("/a"), route("/b/{id}").on_platform(), route("/b/c").on_platform(), route("/d").on_any_host()];
        let paths = |side| endpoints(&routes, side).iter().map(|endpoint| endpoint.path).collect::<Vec<_>>();
        assert_eq!(paths(Side::Shop), ["/a", "/d"]);
        assert_eq!(paths(Side::Platform), ["/b/c", "/d", "/b/{id}"]);
    }

    #[tokio::test]
    async fn patterns_match_whole_paths_and_give_their_parameters() {
        let filter = path("/products/{id}/images/{image}");
        let service = warp::service(filter.map(|params: Vec<String>| reply::bytes(params.join("|"))));
        for (asked, found) in [
            ("/products/1/images/a%20b", Some("1|a%20b")),
            ("/products/1/images/", None),
            ("/products/1/images/2/3", None),
            ("/products//images/2", None),
        ] {
            let request = http::Request::get(asked).body(http_body_util::Empty::<bytes::Bytes>::new()).unwrap();
            let response = tower::ServiceExt::oneshot(service.clone(), request).await.unwrap();
            let status = response.status();
            let body = http_body_util::BodyExt::collect(response.into_body()).await.unwrap().to_bytes();
            assert_eq!((status == 200).then_some(&body[..]), found.map(str::as_bytes), "{asked}");
        }
    }
}
