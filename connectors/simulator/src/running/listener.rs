//! The listener: connections, bodies and replies within limits, and what was ordered to go wrong on the wire.

use std::{io, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{Response, StatusCode};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use serde_json::json;
use tokio::{net::TcpListener, sync::Semaphore, task::JoinSet};

use super::Shared;
use crate::exchange::{Fate, Reply, Request};

/// Bytes of a body, as much as an order of 50 lines takes several times.
const BODY: usize = 256 * 1024;
/// Connections at once; others wait to be accepted.
const CONNECTIONS: usize = 1_024;
/// Time for a request's headers and for its body: a client that takes longer is not there any more.
const ARRIVAL: Duration = Duration::from_secs(10);
/// The longest time for which nothing is answered where that was ordered; callers give up long before.
const SILENCE: Duration = Duration::from_secs(120);
/// The pause after an accept that failed, as where descriptors have run out.
const PAUSE: Duration = Duration::from_millis(50);

/// Takes connections for as long as it is polled; they end with it.
pub(super) async fn listen(listener: TcpListener, shared: Arc<Shared>) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let mut connections = JoinSet::new();
    loop {
        let Ok(place) = places.clone().acquire_owned().await else { return };
        while connections.try_join_next().is_some() {}
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(PAUSE).await;
                continue;
            }
        };
        let shared = shared.clone();
        connections.spawn(async move {
            let service = service_fn(|request| serve(shared.clone(), request));
            let mut builder = http1::Builder::new();
            builder.timer(TokioTimer::new()).header_read_timeout(ARRIVAL);
            if let Err(error) = builder.serve_connection(TokioIo::new(stream), service).await {
                tracing::debug!(%error, "a connection ended");
            }
            drop(place);
        });
    }
}

/// Answers one request. An error ends the connection without an answer.
async fn serve(shared: Arc<Shared>, request: http::Request<Incoming>) -> io::Result<Response<Full<Bytes>>> {
    let (parts, body) = request.into_parts();
    let reply = match tokio::time::timeout(ARRIVAL, Limited::new(body, BODY).collect()).await {
        Err(_) => refused(StatusCode::REQUEST_TIMEOUT, "the body did not come"),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            refused(StatusCode::PAYLOAD_TOO_LARGE, "the body is longer than 256 KiB")
        }
        Ok(Err(error)) => return Err(io::Error::other(error)),
        Ok(Ok(body)) => {
            let request = Request::new(&parts, body.to_bytes());
            tokio::task::spawn_blocking(move || shared.answer(&request)).await.map_err(io::Error::other)?
        }
    };
    match reply.fate {
        Fate::Arrives => {}
        Fate::Late(wait) => tokio::time::sleep(wait).await,
        Fate::Silent => tokio::time::sleep(SILENCE).await,
        Fate::Dropped => {}
    }
    if matches!(reply.fate, Fate::Silent | Fate::Dropped) {
        return Err(io::Error::new(io::ErrorKind::ConnectionAborted, "the connection ends, as was ordered"));
    }
    let mut response = Response::new(Full::new(reply.body));
    *response.status_mut() = reply.status;
    *response.headers_mut() = reply.headers;
    Ok(response)
}

fn refused(status: StatusCode, message: &str) -> Reply {
    Reply::json(status, &json!({"message": message}))
}
