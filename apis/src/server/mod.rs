//! The HTTP server: accepts connections, bounds them, and ends them gracefully. warp routes; the connections are ours,
//! because `warp::serve` sets no timer, so that slow headers would hold a connection for ever, and waits for the last one without limit.

mod addresses;
mod bodies;
mod connections;
mod encoding;
mod progress;
mod settings;
mod socket;

use std::{
    any::Any,
    convert::Infallible,
    net::IpAddr,
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

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

pub use addresses::{NoNetwork, Source, TrustedProxies};
pub use settings::{ServerSettings, Times};

use self::{
    bodies::{Coming, Going},
    connections::Connections,
    encoding::Asked,
    progress::{Over, Progress},
    socket::Socket,
};
use crate::{
    context::Api,
    problem::Problem,
    reply::{self, Response},
    room::Held,
    routing,
};

/// What an HTTP/2 connection begins with (RFC 9113, 3.4).
const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// How often the rest of a preface that came in part is looked for: a packet is hardly ever cut in it.
const LOOK: Duration = Duration::from_millis(50);
/// Requests at once on one HTTP/2 connection.
const STREAMS: u32 = 128;
/// Bytes that an HTTP/2 client may send of all bodies, and of one, before they are read: they wait in our memory. Ten times as many
/// would speed up uploads over long ways, and cost each connection as much.
const WINDOW: u32 = 128 * 1024;
/// Bytes of a request's line and headers, and of what is buffered of an answer.
const BUFFER: usize = 128 * 1024;
/// How long requests under way may take once the process is to end.
const DRAIN: Duration = Duration::from_secs(25);
/// How long an idle connection may take to say goodbye.
const GOODBYE: Duration = Duration::from_secs(1);
/// How long nothing is accepted after that failed. Out of descriptors, as a rule: trying at once would only burn the processor.
const BREATH: Duration = Duration::from_millis(50);
/// Ties answer, log lines and a client's own notes together.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Who sent a request, as far as proxies are believed. Every request that came by the server carries it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

/// Serves until `stop` turns true, then lets requests under way finish, for 25 seconds at most.
pub async fn serve(listener: TcpListener, api: Arc<Api>, settings: ServerSettings, stop: watch::Receiver<bool>) {
    let filter = routing::filter(api, &crate::routes());
    serve_filter(listener, filter, settings, stop).await;
}

/// The same for a filter of the caller's own table.
pub async fn serve_filter(
    listener: TcpListener,
    filter: BoxedFilter<(Response,)>,
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

/// What all connections of a listener share.
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

/// The room that was taken for an answer, on its way from who makes it to who sends it.
#[derive(Clone)]
pub(crate) struct TakenRoom(Arc<Mutex<Option<Held>>>);

impl TakenRoom {
    pub(crate) fn new(held: Held) -> Self {
        Self(Arc::new(Mutex::new(Some(held))))
    }

    fn take(self) -> Option<Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
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
#[allow(clippy::unwrap_used, clippy::panic)]
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
        let times = Times { headers: within, idle: within, stalled: within };
        let filter = warp::any().map(|| crate::reply::bytes("answered")).boxed();
        serving(filter, ServerSettings { times, ..ServerSettings::default() }).await
    }

    async fn serving(
        filter: BoxedFilter<(Response,)>,
        settings: ServerSettings,
    ) -> (std::net::SocketAddr, watch::Sender<bool>, JoinHandle<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = watch::channel(false);
        (address, stop, tokio::spawn(serve_filter(listener, filter, settings, stopped)))
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

    const GET: &[u8] = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n";

    #[tokio::test]
    async fn an_idle_connection_is_kept_for_longer_than_headers_may_take() {
        let times = Times { headers: Duration::from_millis(100), ..Times::default() };
        let filter = warp::any().map(|| crate::reply::bytes("answered")).boxed();
        let (address, _stop, _serving) = serving(filter, ServerSettings { times, ..ServerSettings::default() }).await;
        let mut stream = TcpStream::connect(address).await.unwrap();
        for _ in 0..2 {
            stream.write_all(GET).await.unwrap();
            let mut answered = Vec::new();
            while !answered.ends_with(b"answered") {
                assert_ne!(stream.read_buf(&mut answered).await.unwrap(), 0, "closed between two requests");
            }
            tokio::time::sleep(times.headers * 3).await;
        }
    }

    #[tokio::test]
    async fn f40_a_reader_that_stalls_is_given_up_and_one_that_reads_is_not() {
        let within = Duration::from_millis(300);
        let times = Times { stalled: within, ..Times::default() };
        let body = Bytes::from(vec![b'x'; 64 << 20]);
        let size = body.len();
        let filter = warp::any().map(move || crate::reply::bytes(body.clone())).boxed();
        let (address, _stop, _serving) = serving(filter, ServerSettings { times, ..ServerSettings::default() }).await;
        let read_all = async |pause: Duration| {
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.write_all(b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await.unwrap();
            tokio::time::sleep(pause).await;
            let mut read = Vec::new();
            let _ = stream.read_to_end(&mut read).await;
            read.len()
        };
        assert!(read_all(Duration::ZERO).await > size);
        assert!(read_all(within * 10).await < size, "what had not left by then never did");
    }

    #[tokio::test]
    async fn f40_who_does_not_send_the_body_that_it_announced_is_given_up() {
        let times = Times { stalled: Duration::from_millis(100), ..Times::default() };
        let reads = |mut body| async move {
            while let Some(Ok(_)) = futures::StreamExt::next(&mut body).await {}
            crate::reply::bytes("answered")
        };
        let filter = warp::body::stream().map(Box::pin).then(reads).boxed();
        let (address, _stop, _serving) = serving(filter, ServerSettings { times, ..ServerSettings::default() }).await;
        let half = b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\n12345";
        let answered = tokio::time::timeout(Duration::from_secs(30), answer(address, half)).await;
        assert_eq!(answered.unwrap(), "");
    }

    #[tokio::test]
    async fn f40_pings_keep_no_connection() {
        let times = Times { idle: Duration::from_millis(300), ..Times::default() };
        let filter = warp::any().map(|| crate::reply::bytes("answered")).boxed();
        let (address, _stop, _serving) = serving(filter, ServerSettings { times, ..ServerSettings::default() }).await;
        let (mut reading, mut writing) = TcpStream::connect(address).await.unwrap().into_split();
        writing.write_all(PREFACE).await.unwrap();
        writing.write_all(&[0, 0, 0, 4, 0, 0, 0, 0, 0]).await.unwrap();
        let pinging = tokio::spawn(async move {
            let ping = [&[0, 0, 8, 6, 0, 0, 0, 0, 0][..], &[7; 8]].concat();
            while writing.write_all(&ping).await.is_ok() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        });
        let ended = tokio::time::timeout(Duration::from_secs(30), reading.read_to_end(&mut Vec::new())).await;
        assert!(ended.is_ok());
        pinging.abort();
    }

    #[tokio::test]
    async fn f40_one_address_has_a_share_and_others_are_answered() {
        let settings = ServerSettings { connections: 20, per_address: 8, ..ServerSettings::default() };
        let filter = warp::any().map(|| crate::reply::bytes("answered")).boxed();
        let (address, _stop, _serving) = serving(filter, settings).await;
        let mut held = Vec::new();
        for _ in 0..30 {
            held.push(TcpStream::connect(address).await.unwrap());
        }
        let other = tokio::net::TcpSocket::new_v4().unwrap();
        other.bind("127.0.0.99:0".parse().unwrap()).unwrap();
        let mut stream = other.connect(address).await.unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await.unwrap();
        let mut answered = String::new();
        stream.read_to_string(&mut answered).await.unwrap();
        assert!(answered.ends_with("answered"), "{answered}");
    }

    #[tokio::test]
    async fn f40_strangers_from_many_addresses_keep_nobody_out() {
        let settings = ServerSettings { connections: 20, per_address: 8, ..ServerSettings::default() };
        let filter = warp::any().map(|| crate::reply::bytes("answered")).boxed();
        let (address, _stop, _serving) = serving(filter, settings).await;
        let mut held = Vec::new();
        for last in 2..42 {
            let socket = tokio::net::TcpSocket::new_v4().unwrap();
            socket.bind(std::net::SocketAddr::from(([127, 0, 1, last], 0))).unwrap();
            held.push(socket.connect(address).await.unwrap());
        }
        let answered = tokio::time::timeout(
            Duration::from_secs(30),
            answer(address, b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n"),
        );
        assert!(answered.await.unwrap().ends_with("answered"));
    }

    #[tokio::test]
    async fn a_panic_is_an_answer() {
        let filter = warp::any().map(|| -> Response { panic!("a mistake") }).boxed();
        let (address, _stop, _serving) = serving(filter, ServerSettings::default()).await;
        let answered = answer(address, b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await;
        assert!(answered.starts_with("HTTP/1.1 500") && answered.contains("application/problem+json"), "{answered}");
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
