//! The HTTP server: accepts connections, bounds them, and ends them gracefully. warp routes; the connections are ours,
//! because `warp::serve` sets no timer, so that slow headers would hold a connection for ever, and waits for the last one without limit.

mod bodies;
mod connections;
mod encoding;
mod progress;
mod settings;
mod socket;

use std::{any::Any, convert::Infallible, net::IpAddr, panic::AssertUnwindSafe, sync::Arc, time::Duration};

use bytes::Bytes;
use futures::{FutureExt, future::BoxFuture};
use http::{HeaderName, HeaderValue, Request, header};
use hyper::body::Incoming;
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto,
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
};
use tower::{ServiceExt, util::BoxCloneSyncService};
use warp::filters::BoxedFilter;

pub use settings::{ServerSettings, Times};

use self::{
    bodies::{Coming, Going},
    connections::Connections,
    encoding::Asked,
    progress::{Over, Progress},
    socket::Socket,
};
use crate::{
    addresses::{ClientAddress, Source},
    context::Api,
    problem::Problem,
    reply::{self, Response},
    room::{Held, TakenRoom},
    routing::{self, Route},
};

/// The bytes that an HTTP/2 connection begins with (RFC 9113, 3.4).
const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// The time between two looks for the rest of a preface that came in part: a packet is hardly ever cut in it.
const LOOK: Duration = Duration::from_millis(50);
/// Requests at once on one HTTP/2 connection.
const STREAMS: u32 = 128;
/// Bytes that an HTTP/2 client may send of all bodies, and of one, before they are read: they wait in our memory. Ten times as many
/// would speed up uploads over long ways, and cost each connection as much.
const WINDOW: u32 = 128 * 1024;
/// Bytes of a request's line and headers, and of what is buffered of an answer.
const BUFFER: usize = 128 * 1024;
/// The time that requests under way have once the process is to end.
const DRAIN: Duration = Duration::from_secs(25);
/// The time that an idle connection has to say goodbye.
const GOODBYE: Duration = Duration::from_millis(300);
/// The time for which nothing is accepted after that failed. Out of descriptors, as a rule: trying at once would only
/// burn the processor.
const BREATH: Duration = Duration::from_millis(50);
/// Ties answer, log lines and a client's own notes together.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Everything that answers on a listener.
pub type Answers = BoxedFilter<(Response,)>;

/// Serves these routes until `stop` turns true, then lets requests under way finish, for 25 seconds at most.
pub async fn serve(
    listener: TcpListener,
    api: Arc<Api>,
    routes: &[Route],
    settings: ServerSettings,
    stop: watch::Receiver<bool>,
) {
    let filter = routing::filter(api, routes);
    serve_filter(listener, filter, settings, stop).await;
}

/// Serves a filter of the caller's own table until `stop`.
pub async fn serve_filter(
    listener: TcpListener,
    filter: Answers,
    settings: ServerSettings,
    mut stop: watch::Receiver<bool>,
) {
    let connections = Connections::new(settings.connections, settings.per_address);
    let server = Arc::new(Server { service: BoxCloneSyncService::new(warp::service(filter)), settings });
    loop {
        // Cancel safety: room is not taken before a connection is admitted; `accept` takes no connection when it is dropped.
        let accepted = tokio::select! {
            biased;
            () = stopped(&mut stop) => break,
            accepted = async { connections.room().await; listener.accept().await } => accepted,
        };
        let (stream, peer) = match accepted {
            Ok((stream, peer)) => (stream, peer.ip().to_canonical()),
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(BREATH).await;
                continue;
            }
        };
        let progress = Arc::new(Progress::new(server.settings.times));
        let source = (!server.settings.proxies.trusts(peer)).then(|| Source::from(peer));
        let Some(place) = connections.admit(source, &progress) else {
            metrics::counter!("feira_connections_refused_total").increment(1);
            continue;
        };
        let (server, stop) = (Arc::clone(&server), stop.clone());
        tokio::spawn(async move {
            server.connection(stream, peer, progress, stop).await;
            drop(place);
        });
    }
    drop(listener);
    if tokio::time::timeout(DRAIN, connections.ended()).await.is_err() {
        tracing::warn!("requests were still under way after {} s and are cut off", DRAIN.as_secs());
    }
}

/// Waits until the process is to end.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    // Nobody left to say it says it too.
    let _ = stop.wait_for(|stop| *stop).await;
}

/// The state that all connections of a listener share.
struct Server {
    service: Routed,
    settings: ServerSettings,
}

impl Server {
    /// Serves a connection until it ends, or is over.
    async fn connection(
        &self,
        stream: TcpStream,
        peer: IpAddr,
        progress: Arc<Progress>,
        mut stop: watch::Receiver<bool>,
    ) {
        // Cancel safety: nothing is taken from a connection before it has begun. One that has is served, also now.
        let begun = tokio::select! {
            biased;
            begun = begins(&stream, self.settings.times.headers) => begun,
            () = stopped(&mut stop) => None,
            _ = progress.over() => None,
        };
        let Some(http2) = begun else { return };
        // Answers are small and written at once; waiting to fill a packet would delay them.
        let _ = stream.set_nodelay(true);
        let socket = Socket::new(stream, Arc::clone(&progress), !http2);
        let service = self.of_connection(peer, Arc::clone(&progress));
        let connection =
            builder().serve_connection(TokioIo::new(socket), TowerToHyperService::new(service)).into_owned();
        let mut connection = std::pin::pin!(connection);
        let mut ending = false;
        loop {
            // Cancel safety: the connection is polled on where it was; what ends it is looked at again.
            tokio::select! {
                ended = connection.as_mut() => {
                    // How a connection ends is its client's business: a reset says nothing about us.
                    if let Err(error) = ended {
                        tracing::debug!(%error, "connection ended");
                    }
                    return;
                }
                () = stopped(&mut stop), if !ending => {
                    ending = true;
                    connection.as_mut().graceful_shutdown();
                }
                over = progress.over() => {
                    if over == Over::Idle {
                        connection.as_mut().graceful_shutdown();
                        let _ = tokio::time::timeout(GOODBYE, connection.as_mut()).await;
                    }
                    return;
                }
            }
        }
    }

    /// The service for one connection's requests.
    fn of_connection(&self, peer: IpAddr, progress: Arc<Progress>) -> OfConnection {
        let (service, proxies) = (self.service.clone(), self.settings.proxies.clone());
        BoxCloneSyncService::new(tower::service_fn(move |mut request: Request<Incoming>| {
            proxies.believe(peer, request.headers_mut());
            let client = ClientAddress(proxies.client(peer, request.headers()));
            request.extensions_mut().insert(client);
            answered(service.clone(), request, &progress)
        }))
    }
}

fn builder() -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    // How long headers take, and an idle connection is kept, is the connection's progress to say: here both are one time.
    builder.http1().timer(TokioTimer::new()).header_read_timeout(None).max_buf_size(BUFFER);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS)
        .initial_stream_window_size(WINDOW)
        .initial_connection_window_size(WINDOW)
        .max_send_buf_size(BUFFER)
        .keep_alive_interval(Duration::from_secs(30));
    builder
}

/// Waits until it shows which HTTP a connection speaks: whether it is HTTP/2. None if its client goes, or takes too long. The
/// builder waits for just that without a limit, so that a connection on which nothing is sent would stay for ever.
async fn begins(stream: &TcpStream, within: Duration) -> Option<bool> {
    let shows = async {
        let mut first = [0; PREFACE.len()];
        loop {
            match stream.peek(&mut first).await {
                Ok(0) | Err(_) => return None,
                Ok(count) if count == PREFACE.len() => return Some(first == *PREFACE),
                Ok(count) if !PREFACE.starts_with(&first[..count]) => return Some(false),
                Ok(_) => tokio::time::sleep(LOOK).await,
            }
        }
    };
    tokio::time::timeout(within, shows).await.unwrap_or(None)
}

type AnyError = Box<dyn std::error::Error + Send + Sync>;
type AnyBody = http_body_util::combinators::UnsyncBoxBody<Bytes, AnyError>;
type Routed = BoxCloneSyncService<Request<Coming<Incoming>>, Response, Infallible>;
type OfConnection = BoxCloneSyncService<Request<Incoming>, http::Response<AnyBody>, Infallible>;

/// A request's answer with what holds for every one: an id (the client's, if it is sane), its `Host`, fewer bytes for who takes
/// them so, and room in memory until they have left.
fn answered(
    service: Routed,
    mut request: Request<Incoming>,
    progress: &Arc<Progress>,
) -> BoxFuture<'static, Result<http::Response<AnyBody>, Infallible>> {
    let exchange = Arc::new(progress.begin());
    let id = request.headers().get(&REQUEST_ID).filter(|id| is_sane(id)).cloned().unwrap_or_else(new_id);
    request.headers_mut().insert(REQUEST_ID, id.clone());
    // HTTP/2 and absolute targets name the host in the request's target, which then counts (RFC 9112, 3.2.2).
    if let Some(host) = request.uri().authority().and_then(|host| HeaderValue::try_from(host.as_str()).ok()) {
        request.headers_mut().insert(header::HOST, host);
    }
    let span =
        tracing::info_span!("request", request.id = id.to_str().unwrap_or_default(), http.method = %request.method());
    let answered = async move {
        let asked = Asked::of(request.method(), request.headers());
        let coming = request.map(|body| Coming::new(body, Arc::clone(&exchange)));
        // A handler that panicked is answered for, and its connection goes on: nothing of it is shared with others.
        let called = AssertUnwindSafe(service.oneshot(coming)).catch_unwind().await;
        let mut response = called.unwrap_or_else(|panic| Ok(panicked(&*panic)))?;
        let held = response.extensions_mut().remove::<TakenRoom>();
        let response = encoding::encode(&asked, response).await;
        let (mut response, held) = fitted(response, held).await;
        response.headers_mut().insert(REQUEST_ID, id);
        let going = |body| Going::new(body, exchange, held);
        Ok(response.map(|body| AnyBody::new(http_body_util::BodyExt::map_err(going(body), Into::into))))
    };
    tracing::Instrument::instrument(answered, span).boxed()
}

/// The answer with room for what it turned out to be; 503 in its stead where there is none.
async fn fitted(response: Response, taken: Option<TakenRoom>) -> (Response, Option<Arc<Held>>) {
    let Some(mut held) = taken.and_then(TakenRoom::take) else { return (response, None) };
    let (parts, body) = response.into_parts();
    let bytes = match reply::whole(body) {
        Ok(bytes) => bytes,
        Err(body) => return (Response::from_parts(parts, body), Some(Arc::new(held))),
    };
    match held.fit(&bytes).await {
        Ok(()) => (Response::from_parts(parts, bytes.into()), Some(Arc::new(held))),
        Err(problem) => (problem.into_response(), None),
    }
}

fn is_sane(id: &HeaderValue) -> bool {
    let legal = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b':');
    (1..=128).contains(&id.len()) && id.as_bytes().iter().all(legal)
}

fn new_id() -> HeaderValue {
    HeaderValue::try_from(uuid::Uuid::now_v7().to_string()).unwrap_or(HeaderValue::from_static("-"))
}

fn panicked(panic: &(dyn Any + Send)) -> Response {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "panic".into());
    Problem::internal(format!("a handler panicked: {text}")).into_response()
}

#[cfg(test)]
mod tests;
