//! The server with clients that misbehave.
#![allow(clippy::unwrap_used, clippy::panic)]

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
    let body = Bytes::from(vec![b'x'; 32 << 20]);
    let size = body.len();
    let filter = warp::any().map(move || crate::reply::bytes(body.clone())).boxed();
    let read_all = async |pause: Duration, times: Times| {
        let settings = ServerSettings { times, ..ServerSettings::default() };
        let (address, _stop, _serving) = serving(filter.clone(), settings).await;
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await.unwrap();
        tokio::time::sleep(pause).await;
        let mut read = Vec::new();
        let _ = stream.read_to_end(&mut read).await;
        read.len()
    };
    assert!(read_all(Duration::ZERO, Times::default()).await > size);
    // A connection is looked at every five seconds.
    let pause = Duration::from_secs(5) + within * 5;
    assert!(
        read_all(pause, Times { stalled: within, ..Times::default() }).await < size,
        "what had not left by then never did"
    );
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
