//! The HTTP server: accepts connections, bounds them, and ends them gracefully. warp routes; the connections are ours,
//! because `warp::serve` sets no timer, so that slow headers would hold a connection for ever, and waits for the last one without limit.

use std::{any::Any, convert::Infallible, sync::Arc, time::Duration};

use bytes::Bytes;
use futures::{FutureExt, future::BoxFuture};
use http::{HeaderName, HeaderValue, Request, header};
use hyper::body::Incoming;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::{
        conn::auto,
        graceful::{GracefulShutdown, Watcher},
    },
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, watch},
};
use tower::{Service, ServiceBuilder, ServiceExt, util::BoxCloneSyncService};
use tower_http::{
    catch_panic::CatchPanicLayer,
    compression::{
        CompressionLayer, Predicate,
        predicate::{DefaultPredicate, NotForContentType},
    },
};
use warp::filters::BoxedFilter;

use crate::{context::Api, problem::Problem, reply::Response, routing};

/// Connections at once. Each costs some 20 KB; beyond this many, new ones wait in the kernel's queue.
const CONNECTIONS: usize = 10_000;
/// How long a client may take to begin, and then to send its request's headers.
const HEADERS_WITHIN: Duration = Duration::from_secs(10);
/// What an HTTP/2 connection begins with (RFC 9113, 3.4).
const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// How often the rest of a preface that came in part is looked for: a packet is hardly ever cut in it.
const LOOK: Duration = Duration::from_millis(50);
/// Requests at once on one HTTP/2 connection.
const STREAMS: u32 = 256;
/// How long requests under way may take once the process is to end.
const DRAIN: Duration = Duration::from_secs(25);
/// Ties answer, log lines and a client's own notes together.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Serves until `stop` turns true, then lets requests under way finish, for 25 seconds at most.
pub async fn serve(listener: TcpListener, api: Arc<Api>, stop: watch::Receiver<bool>) {
    let filter = routing::filter(api, &crate::routes());
    serve_filter(listener, filter, stop).await;
}

/// The same for a filter of the caller's own table.
pub async fn serve_filter(listener: TcpListener, filter: BoxedFilter<(Response,)>, stop: watch::Receiver<bool>) {
    serve_within(listener, filter, stop, HEADERS_WITHIN).await;
}

async fn serve_within(
    listener: TcpListener,
    filter: BoxedFilter<(Response,)>,
    mut stop: watch::Receiver<bool>,
    within: Duration,
) {
    let service = layered(filter);
    let connections = Arc::new(Semaphore::new(CONNECTIONS));
    let graceful = GracefulShutdown::new();
    loop {
        // Cancel safety: a permit that is dropped with the branch goes back; `accept` takes no connection when it is dropped.
        let accepted = tokio::select! {
            biased;
            _ = stop.wait_for(|stop| *stop) => break,
            accepted = accept(&listener, &connections) => accepted,
        };
        match accepted {
            Some((stream, permit)) => {
                let (service, watcher, mut stop) = (service.clone(), graceful.watcher(), stop.clone());
                tokio::spawn(async move {
                    // Cancel safety: nothing is taken from a connection before it has begun. One that has is served, also now.
                    let begun = tokio::select! {
                        biased;
                        begun = begins(&stream, within) => begun,
                        _ = stop.wait_for(|stop| *stop) => false,
                    };
                    if begun {
                        connection(stream, service, watcher, within).await;
                    }
                    drop(permit);
                });
            }
            // Out of file descriptors, as a rule: trying again at once would only burn the processor.
            None => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
    drop(listener);
    if tokio::time::timeout(DRAIN, graceful.shutdown()).await.is_err() {
        tracing::warn!("requests were still under way after {} s and are cut off", DRAIN.as_secs());
    }
}

async fn accept(listener: &TcpListener, connections: &Arc<Semaphore>) -> Option<(TcpStream, OwnedSemaphorePermit)> {
    let permit = Arc::clone(connections).acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, _)) => Some((stream, permit)),
        Err(error) => {
            tracing::warn!(%error, "a connection could not be accepted");
            None
        }
    }
}

/// Waits until it shows which HTTP a connection speaks; false if its client goes, or takes too long. The builder waits for just
/// that without a limit, so that a connection on which nothing is sent would stay for ever.
async fn begins(stream: &TcpStream, within: Duration) -> bool {
    let shows = async {
        let mut first = [0; PREFACE.len()];
        loop {
            match stream.peek(&mut first).await {
                Ok(0) | Err(_) => return false,
                Ok(count) if count == PREFACE.len() || !PREFACE.starts_with(&first[..count]) => return true,
                Ok(_) => tokio::time::sleep(LOOK).await,
            }
        }
    };
    tokio::time::timeout(within, shows).await.unwrap_or(false)
}

async fn connection(stream: TcpStream, service: Layered, watcher: Watcher, within: Duration) {
    // Answers are small and written at once; waiting to fill a packet would delay them.
    let _ = stream.set_nodelay(true);
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(within);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS)
        .keep_alive_interval(Duration::from_secs(30));
    let connection = builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(service)).into_owned();
    // How a connection ends is its client's business: a reset says nothing about us.
    if let Err(error) = watcher.watch(connection).await {
        tracing::debug!(%error, "connection ended");
    }
}

type AnyBody = http_body_util::combinators::UnsyncBoxBody<Bytes, Box<dyn std::error::Error + Send + Sync>>;
type Layered = BoxCloneSyncService<Request<Incoming>, http::Response<AnyBody>, Infallible>;

/// The filter with what holds for every request around it.
fn layered(filter: BoxedFilter<(Response,)>) -> Layered {
    let compressible = DefaultPredicate::new()
        // Lines that are followed as they come must not wait in a compressor.
        .and(NotForContentType::const_new("application/x-ndjson"));
    let inner = ServiceBuilder::new()
        .layer(CompressionLayer::new().gzip(true).br(true).compress_when(compressible))
        .layer(CatchPanicLayer::custom(panicked))
        .service(warp::service(filter));
    BoxCloneSyncService::new(tower::service_fn(move |request| with_request_id(inner.clone(), request)))
}

/// Gives the request an id (the client's, if it is sane) and its `Host`, and the answer the same id.
fn with_request_id<S, B>(
    inner: S,
    mut request: Request<Incoming>,
) -> BoxFuture<'static, Result<http::Response<AnyBody>, Infallible>>
where
    S: Service<Request<Incoming>, Response = http::Response<B>, Error = Infallible> + Send + 'static,
    S::Future: Send,
    B: hyper::body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let id = request.headers().get(&REQUEST_ID).filter(|id| is_sane(id)).cloned().unwrap_or_else(new_id);
    request.headers_mut().insert(REQUEST_ID, id.clone());
    // HTTP/2 and absolute targets name the host in the request's target, which then counts (RFC 9112, 3.2.2).
    if let Some(host) = request.uri().authority().and_then(|host| HeaderValue::try_from(host.as_str()).ok()) {
        request.headers_mut().insert(header::HOST, host);
    }
    let span =
        tracing::info_span!("request", request.id = id.to_str().unwrap_or_default(), http.method = %request.method());
    let answered = async move {
        let mut response = inner.oneshot(request).await?;
        response.headers_mut().insert(REQUEST_ID, id);
        Ok(response.map(|body| AnyBody::new(http_body_util::BodyExt::map_err(body, Into::into))))
    };
    tracing::Instrument::instrument(answered, span).boxed()
}

fn is_sane(id: &HeaderValue) -> bool {
    let legal = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b':');
    (1..=128).contains(&id.len()) && id.as_bytes().iter().all(legal)
}

fn new_id() -> HeaderValue {
    HeaderValue::try_from(uuid::Uuid::now_v7().to_string()).unwrap_or(HeaderValue::from_static("-"))
}

fn panicked(panic: Box<dyn Any + Send>) -> Response {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "panic".into());
    Problem::internal(format!("a handler panicked: {text}")).into_response()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::time::Instant;

    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        task::JoinHandle,
    };
    use warp::Filter;

    use super::*;

    /// A server that gives its clients this long, and answers everything.
    async fn server(within: Duration) -> (std::net::SocketAddr, watch::Sender<bool>, JoinHandle<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let filter = warp::any().map(|| crate::reply::bytes("answered")).boxed();
        let (stop, stopped) = watch::channel(false);
        (address, stop, tokio::spawn(serve_within(listener, filter, stopped, within)))
    }

    /// All that is answered to this until the server closes the connection.
    async fn answer(address: std::net::SocketAddr, sent: &[u8]) -> String {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(sent).await.unwrap();
        let mut answered = Vec::new();
        let _ = stream.read_to_end(&mut answered).await;
        String::from_utf8_lossy(&answered).into_owned()
    }

    #[tokio::test]
    async fn a_connection_that_does_not_begin_or_go_on_is_closed() {
        let within = Duration::from_millis(200);
        let (address, _stop, _serving) = server(within).await;
        for sent in ["", "P", "PRI * HTTP/2.0\r\n", "GET / HTTP/1.1\r\nhost:"] {
            let begun = Instant::now();
            let answered = tokio::time::timeout(Duration::from_secs(30), answer(address, sent.as_bytes())).await;
            assert!(!answered.unwrap().contains("answered"), "{sent:?}");
            assert!(begun.elapsed() >= within, "{sent:?}");
        }
        let whole = b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";
        assert!(answer(address, whole).await.ends_with("answered"));
    }

    #[tokio::test]
    async fn who_begins_late_or_in_parts_is_answered() {
        let (address, _stop, _serving) = server(Duration::from_secs(30)).await;
        for parts in [["", "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"], ["P", "OST / HTTP/1.0\r\n\r\n"]] {
            let mut stream = TcpStream::connect(address).await.unwrap();
            for part in parts {
                stream.write_all(part.as_bytes()).await.unwrap();
                tokio::time::sleep(LOOK * 2).await;
            }
            let mut answered = String::new();
            stream.read_to_string(&mut answered).await.unwrap();
            assert!(answered.ends_with("answered"), "{parts:?}: {answered}");
        }
    }

    #[tokio::test]
    async fn who_has_asked_nothing_holds_up_no_end() {
        let (address, stop, serving) = server(Duration::from_secs(3_600)).await;
        let _silent = TcpStream::connect(address).await.unwrap();
        tokio::time::sleep(LOOK).await;
        stop.send(true).unwrap();
        tokio::time::timeout(DRAIN / 2, serving).await.unwrap().unwrap();
    }

    #[test]
    fn a_request_id_is_taken_only_if_it_can_stand_in_a_log_line() {
        for (id, sane) in [("abc-1.2:3_4", true), ("", false), ("a b", false), ("a\"b", false)] {
            assert_eq!(is_sane(&HeaderValue::try_from(id).unwrap()), sane, "{id}");
        }
        assert!(!is_sane(&HeaderValue::try_from("a".repeat(129)).unwrap()));
        assert!(is_sane(&new_id()));
    }
}
