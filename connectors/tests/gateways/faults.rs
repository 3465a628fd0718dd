//! Connections that break: of each it is known whether the gateway can have acted.

use std::{net::SocketAddr, time::Duration};

use feira_connectors::gateway::*;
use feira_schemas::gateway::{Method, NotSent, Outcome, RefusedFor, Unknown};
use futures::future::join_all;
use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, TcpSocket, TcpStream},
};

use crate::{given, server::read};

/// The ways in which a server treats a connection.
#[derive(Debug, Clone, Copy)]
enum Does {
    /// Reads the whole request and says these bytes; then the connection ends.
    Says(&'static str),
    /// Reads the whole request, says these bytes, and nothing more.
    SaysAndWaits(&'static str),
    /// Reads the whole request and resets the connection.
    Resets,
    /// Takes no byte and resets the connection, as nobody speaks TLS here.
    SpeaksNoTls,
}

async fn serve(does: Does, mut stream: TcpStream) {
    match does {
        Does::Says(text) => {
            read(&mut stream).await;
            let _ = stream.write_all(text.as_bytes()).await;
        }
        Does::SaysAndWaits(text) => {
            read(&mut stream).await;
            let _ = stream.write_all(text.as_bytes()).await;
            // Until the other side gives up.
            let _ = stream.readable().await;
        }
        Does::Resets => {
            read(&mut stream).await;
            stream.set_zero_linger().unwrap();
        }
        Does::SpeaksNoTls => {
            let _ = stream.write_all(b"HTTP/1.1 400 x\r\ncontent-length: 0\r\n\r\n").await;
        }
    }
}

async fn server(does: Does) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(does, stream));
        }
    });
    address
}

/// The time that a call has where its end is not the test's matter.
const ENOUGH: Duration = Duration::from_secs(60);

/// The outcomes of a charge, a refund and a look at once, on every gateway.
async fn outcomes(address: &str, whole: Duration) -> Vec<(String, Outcome<()>)> {
    let (account, facts, look) = (given::account(), given::charge(given::pix()), LookUp::Id("x".to_owned()));
    let (account, facts, look, refund) = (&account, &facts, &look, &given::refund(Method::Pix, None));
    let of = async |name: &'static str| {
        let gateway = given::limited(name, address, CallLimits { whole, ..CallLimits::default() });
        let (charged, refunded, looked) = tokio::join!(
            gateway.create_charge(account, facts),
            gateway.refund(account, refund),
            gateway.get_charge(account, look),
        );
        [("charge", charged.map(drop)), ("refund", refunded.map(drop)), ("look", looked.map(drop))]
            .map(|(call, outcome)| (format!("{name}: {call}"), outcome))
    };
    join_all(Gateways::names().map(of)).await.into_iter().flatten().collect()
}

async fn all_end_in(address: &str, expected: Outcome<()>) {
    for (call, outcome) in outcomes(address, ENOUGH).await {
        assert_eq!(outcome, expected, "{call}");
    }
}

#[tokio::test]
async fn a_port_where_nobody_listens_was_not_asked() {
    // What is bound and does not listen refuses whoever comes.
    let held = TcpSocket::new_v4().unwrap();
    held.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = held.local_addr().unwrap();
    all_end_in(&format!("http://{address}"), Outcome::NotSent(NotSent::NoConnection)).await;
}

#[tokio::test]
async fn a_name_that_nobody_has_was_not_asked() {
    all_end_in("https://gateway.invalid", Outcome::NotSent(NotSent::NoConnection)).await;
}

#[tokio::test]
async fn a_server_without_tls_was_not_asked() {
    let address = server(Does::SpeaksNoTls).await;
    all_end_in(&format!("https://{address}"), Outcome::NotSent(NotSent::NoConnection)).await;
}

#[tokio::test]
async fn a_connection_that_is_reset_after_the_request_leaves_it_unknown() {
    let address = server(Does::Resets).await;
    all_end_in(&format!("http://{address}"), Outcome::Unknown(Unknown::Reset)).await;
}

#[tokio::test]
async fn a_connection_that_ends_after_the_request_or_within_the_answer_leaves_it_unknown() {
    for said in ["", "HTTP/1.1 200 OK\r\ncontent-le", "HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n{\"id\":"] {
        let address = server(Does::Says(said)).await;
        all_end_in(&format!("http://{address}"), Outcome::Unknown(Unknown::Reset)).await;
    }
}

#[tokio::test]
async fn a_gateway_that_is_slow_leaves_it_unknown() {
    for said in ["", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\n{\"id\":"] {
        let address = server(Does::SaysAndWaits(said)).await;
        for (call, outcome) in outcomes(&format!("http://{address}"), Duration::from_secs(2)).await {
            assert_eq!(outcome, Outcome::Unknown(Unknown::TimedOut), "{call}");
        }
    }
}

#[tokio::test]
async fn a_gateway_that_fails_leaves_it_unknown() {
    for (said, status) in [
        ("HTTP/1.1 500 x\r\ncontent-length: 2\r\n\r\n{}", 500),
        ("HTTP/1.1 502 x\r\ncontent-length: 0\r\n\r\n", 502),
        ("HTTP/1.1 503 x\r\nretry-after: 5\r\ncontent-length: 0\r\n\r\n", 503),
        ("HTTP/1.1 504 x\r\ncontent-length: 0\r\n\r\n", 504),
        ("HTTP/1.1 408 x\r\ncontent-length: 0\r\n\r\n", 408),
        // Somewhere else is nowhere that a key is taken to.
        ("HTTP/1.1 302 x\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n", 302),
        ("HTTP/1.1 307 x\r\nlocation: /\r\ncontent-length: 0\r\n\r\n", 307),
    ] {
        let address = server(Does::Says(said)).await;
        all_end_in(&format!("http://{address}"), Outcome::Unknown(Unknown::Status(status))).await;
    }
    let address = server(Does::Says("HTTP/1.1 409 x\r\ncontent-length: 0\r\n\r\n")).await;
    all_end_in(&format!("http://{address}"), Outcome::Unknown(Unknown::KeyInUse)).await;
}

#[tokio::test]
async fn too_many_requests_were_not_taken_and_say_when_to_come_back() {
    for (headers, retry_after) in [
        ("", None),
        ("retry-after: 7\r\n", Some(7)),
        ("retry-after: 86400\r\n", Some(3_600)),
        ("retry-after: soon\r\n", None),
        ("retry-after: -1\r\n", None),
        // Between two times of the gateway's own clock.
        ("date: Tue, 01 Dec 2026 18:00:00 GMT\r\nretry-after: Tue, 01 Dec 2026 18:00:30 GMT\r\n", Some(30)),
        ("date: Tue, 01 Dec 2026 18:00:00 GMT\r\nretry-after: Tue, 01 Dec 2026 17:00:00 GMT\r\n", Some(0)),
        ("retry-after: Tue, 01 Dec 2026 18:00:30 GMT\r\n", None),
    ] {
        let said = format!("HTTP/1.1 429 x\r\n{headers}content-length: 0\r\n\r\n");
        let address = server(Does::Says(said.leak())).await;
        all_end_in(&format!("http://{address}"), Outcome::NotSent(NotSent::TooMany { retry_after })).await;
    }
}

#[tokio::test]
async fn keys_that_are_not_taken_are_the_accounts_fault() {
    for said in ["HTTP/1.1 401 x\r\ncontent-length: 0\r\n\r\n", "HTTP/1.1 403 x\r\ncontent-length: 0\r\n\r\n"] {
        let address = server(Does::Says(said)).await;
        for (call, outcome) in outcomes(&format!("http://{address}"), ENOUGH).await {
            assert!(matches!(&outcome, Outcome::Refused(no) if no.why == RefusedFor::Account), "{call}: {outcome:?}");
        }
    }
}

/// Under the same key the gateway was asked otherwise: something was sent before, which has to be looked for.
#[tokio::test]
async fn a_key_that_was_used_otherwise_leaves_it_unknown() {
    let body = r#"{"error": {"type": "idempotency_error"}}"#;
    let said = format!("HTTP/1.1 400 x\r\ncontent-length: {}\r\n\r\n{body}", body.len());
    let address = server(Does::Says(said.leak())).await;
    let gateway = given::gateway("stripe", &format!("http://{address}"));
    let outcome = gateway.create_charge(&given::account(), &given::charge(given::pix())).await;
    assert_eq!(outcome, Outcome::Unknown(Unknown::KeyInUse));
}
