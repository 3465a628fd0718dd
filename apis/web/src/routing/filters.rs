//! The table as warp filters: a tree by the segments of paths for each kind of host, so that a request tries the few filters
//! on its way and not one per path.

use std::{future::ready, sync::Arc};

use http::HeaderMap;
use warp::{Filter, filters::BoxedFilter};

use super::{
    body, dispatch,
    raw::{Endpoint, Raw, Side},
    route::{Dialect, Route, parameter_name},
};
use crate::{addresses::ClientAddress, context::Api, reply::Response};

/// A path of the table that a request matches, with its parameters, undecoded.
type Match = (Arc<Endpoint>, Vec<String>);

/// Everything that answers. Routes earlier in the list are found sooner, so the ones asked for most stand first.
pub fn filter(api: Arc<Api>, routes: &[Route]) -> BoxedFilter<(Response,)> {
    let shop = side(&api, routes, Side::Shop, headers_of_shop(Arc::clone(&api)));
    let platform = side(&api, routes, Side::Platform, warp::header::headers_cloned().boxed());
    // Most that is asked for is a shop's.
    shop.or(platform).unify().boxed()
}

/// The endpoints of one kind of host, in the order of the list.
fn endpoints(routes: &[Route], side: Side) -> Vec<Endpoint> {
    let mut grouped: Vec<(&'static str, Vec<Route>)> = Vec::new();
    for route in routes.iter().filter(|route| side.has(route)) {
        match grouped.iter_mut().find(|(path, _)| *path == route.path) {
            Some((_, group)) => group.push(route.clone()),
            None => grouped.push((route.path, vec![route.clone()])),
        }
    }
    grouped.into_iter().map(|(path, routes)| Endpoint { path, routes: routes.into() }).collect()
}

/// The dialects of one kind of host, each once.
fn dialects(routes: &[Route], side: Side) -> Vec<Dialect> {
    let mut all: Vec<Dialect> = Vec::new();
    for dialect in routes.iter().filter(|route| side.has(route)).filter_map(|route| route.dialect) {
        if all.iter().all(|known| known.under != dialect.under) {
            all.push(dialect);
        }
    }
    all
}

/// The filter of one kind of host, for requests that have such headers.
fn side(api: &Arc<Api>, routes: &[Route], side: Side, headers: BoxedFilter<(HeaderMap,)>) -> BoxedFilter<(Response,)> {
    let mut tree = Node::default();
    for endpoint in endpoints(routes, side) {
        tree.insert(endpoint);
    }
    let dialects = dialects(routes, side);
    let known = tree.filter().map(Some);
    let api = Arc::clone(api);
    let found = known.or(warp::any().map(|| None)).unify();
    raw(headers)
        .and(found)
        .then(move |mut raw: Raw, found: Option<Match>| {
            let api = Arc::clone(&api);
            raw.dialect = dialects.iter().find(|dialect| dialect.is_at(&raw.path)).copied();
            // On the heap: filters move what they combine.
            Box::pin(async move {
                match found {
                    Some((endpoint, params)) => dispatch::answer(api, &endpoint, params, side, raw).await,
                    None => dispatch::nothing_here(api, side, raw).await,
                }
            })
        })
        .boxed()
}

/// Paths that begin alike, segment by segment.
#[derive(Default)]
struct Node {
    /// The path that ends here.
    ends: Option<Arc<Endpoint>>,
    /// The nodes behind words, in the table's order.
    words: Vec<(&'static str, Node)>,
    /// The node behind a parameter: taken by a segment that is none of the words, or leads nowhere by them.
    parameter: Option<Box<Node>>,
}

impl Node {
    fn insert(&mut self, endpoint: Endpoint) {
        let mut node = self;
        for segment in endpoint.path.split('/').filter(|segment| !segment.is_empty()) {
            node = match parameter_name(segment) {
                Some(_) => node.parameter.get_or_insert_default(),
                None => node.word(segment),
            };
        }
        node.ends = Some(Arc::new(endpoint));
    }

    fn word(&mut self, word: &'static str) -> &mut Node {
        let known = self.words.iter().position(|(other, _)| *other == word);
        let at = known.unwrap_or_else(|| {
            self.words.push((word, Node::default()));
            self.words.len() - 1
        });
        &mut self.words[at].1
    }

    #[allow(clippy::disallowed_methods)] // The one place that makes paths.
    fn filter(self) -> BoxedFilter<(Match,)> {
        let ends = self.ends.map(|endpoint| warp::path::end().map(move || (Arc::clone(&endpoint), Vec::new())).boxed());
        let words = self.words.into_iter().map(|(word, node)| warp::path(word).and(node.filter()).boxed());
        let parameter = self.parameter.map(|node| {
            let leads = warp::path::param::<String>().and(node.filter());
            leads.map(with_parameter).boxed()
        });
        joined(ends.into_iter().chain(words).chain(parameter).collect()).unwrap_or_else(nowhere)
    }
}

fn with_parameter(parameter: String, (endpoint, mut rest): Match) -> Match {
    rest.insert(0, parameter);
    (endpoint, rest)
}

/// An empty table's filter.
fn nowhere() -> BoxedFilter<(Match,)> {
    warp::any().and_then(|| async { Err::<Match, _>(warp::reject()) }).boxed()
}

/// A balanced tree: matching tries one filter after the other, and a chain would also nest their types' boxes as deep as it is long.
fn joined(mut filters: Vec<BoxedFilter<(Match,)>>) -> Option<BoxedFilter<(Match,)>> {
    if filters.len() <= 1 {
        return filters.pop();
    }
    let right = filters.split_off(filters.len() / 2);
    Some(joined(filters)?.or(joined(right)?).unify().boxed())
}

/// A request whose headers are such; the others are none of this filter's.
fn raw(headers: BoxedFilter<(HeaderMap,)>) -> BoxedFilter<(Raw,)> {
    let query = warp::query::raw().or(warp::any().map(String::new)).unify();
    headers
        .and(warp::method())
        .and(warp::path::full())
        .and(query)
        .and(warp::ext::optional::<ClientAddress>())
        .and(warp::body::stream())
        .map(|headers, method, path: warp::path::FullPath, query, client: Option<ClientAddress>, stream| Raw {
            method,
            path: path.as_str().to_owned(),
            query,
            headers,
            client: client.map(|client| client.0),
            body: body::boxed(stream),
            dialect: None,
        })
        .boxed()
}

/// The headers of a request for a shop.
fn headers_of_shop(api: Arc<Api>) -> BoxedFilter<(HeaderMap,)> {
    warp::header::headers_cloned()
        .and_then(move |headers: HeaderMap| {
            let platform = api.hosts.is_platform(&headers);
            ready(if platform { Err(warp::reject::reject()) } else { Ok(headers) })
        })
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
        assert_eq!(paths(Side::Platform), ["/b/{id}", "/b/c", "/d"]);
    }

    #[tokio::test]
    async fn patterns_match_whole_paths_and_give_their_parameters() {
        let mut tree = Node::default();
        for path in ["/", "/products/{id}", "/products/{id}/images/{image}", "/products/new", "/products/new/{at}/x"] {
            tree.insert(Endpoint { path, routes: Vec::new().into() });
        }
        let filter = tree.filter();
        let service = warp::service(
            filter.map(|(endpoint, params): Match| reply::bytes(format!("{} {}", endpoint.path, params.join("|")))),
        );
        for (asked, found) in [
            ("/", Some("/ ")),
            ("/products/7", Some("/products/{id} 7")),
            ("/products/7/", Some("/products/{id} 7")),
            ("/products/new", Some("/products/new ")),
            ("/products/new/1/x", Some("/products/new/{at}/x 1")),
            ("/products/1/images/a%20b", Some("/products/{id}/images/{image} 1|a%20b")),
            // A word that leads nowhere may still be a parameter.
            ("/products/new/images/2", Some("/products/{id}/images/{image} new|2")),
            ("/products", None),
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
