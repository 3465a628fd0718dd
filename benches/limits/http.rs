//! Limit of a card over HTTP: warp alone, handing out bytes that lie ready, under the server of its own library.
//!
//! `warp::serve` was measured against warp's filter under hyper's HTTP/1 server with and without `pipeline_flush`.

use std::{collections::HashMap, net::SocketAddr, sync::Arc};

use bytes::Bytes;
use http::{HeaderMap, Response};
use tokio::net::TcpListener;
use warp::{Filter, filters::path::FullPath};

/// The best settings that were found, printed with the result.
pub const SETTINGS: &str = "warp::serve, one filter, answers looked up by path with headers and body made before";

/// Serves these answers (by path) until the runtime ends.
pub async fn serve(answers: HashMap<String, (HeaderMap, Bytes)>) -> SocketAddr {
    let answers = Arc::new(answers);
    let filter = warp::get().and(warp::path::full()).and_then(move |path: FullPath| {
        let answer = answers.get(path.as_str()).cloned();
        async move {
            let (headers, body) = answer.ok_or_else(warp::reject::not_found)?;
            let mut response = Response::new(body);
            *response.headers_mut() = headers;
            Ok::<_, warp::Rejection>(response)
        }
    });
    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
    let address = listener.local_addr().unwrap();
    #[allow(clippy::disallowed_methods)] // Bare warp is what is measured, with its own server.
    tokio::spawn(warp::serve(filter).incoming(listener).run());
    address
}
