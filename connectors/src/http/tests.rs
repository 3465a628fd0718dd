//! A client beside servers on loopback. Loopback is refused, so each test names the addresses that it allows.
#![allow(clippy::unwrap_used)]

use std::{
    io,
    net::IpAddr,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use futures::future::BoxFuture;
use tokio::net::{TcpListener, TcpSocket};

use super::*;
use pages::{Page, Pages};

#[path = "../../../tests/common/pages.rs"]
#[allow(dead_code, clippy::expect_used)]
mod pages;

const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);
/// Another address of loopback, which no test allows.
const BESIDE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(127, 0, 0, 2));

fn policy() -> HttpPolicy {
    HttpPolicy { also: vec![HERE], bytes: 1_000, ..HttpPolicy::images() }
}

fn client() -> HttpClient {
    HttpClient::new(policy()).unwrap()
}

/// A client for which every name has these addresses: the first the first time, and so on; the last for ever.
fn naming(addresses: Vec<Vec<IpAddr>>) -> HttpClient {
    let asked = AtomicUsize::new(0);
    let lookup = move |_| -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
        let at = asked.fetch_add(1, Ordering::Relaxed).min(addresses.len() - 1);
        Box::pin(std::future::ready(Ok(addresses[at].clone())))
    };
    HttpClient::resolving(policy(), Arc::new(lookup)).unwrap()
}

fn is_refused(got: &Result<Bytes, HttpError>) -> bool {
    matches!(got, Err(HttpError::Refused(why)) if !why.is_empty())
}

#[tokio::test]
async fn a_file_comes_whole_also_behind_redirects() {
    let pages = Pages::start(HERE, |path| match path {
        "/file" => Page::file(b"whole"),
        "/elsewhere" => Page::to("/folder/there"),
        "/folder/there" => Page::to("../file"),
        _ => Page::status(404),
    })
    .await;
    for path in ["/file", "/elsewhere"] {
        assert_eq!(client().get(&pages.url(path)).await.unwrap(), "whole");
    }
    assert_eq!(pages.asked(), ["/file", "/elsewhere", "/folder/there", "/file"]);
}

#[tokio::test]
async fn what_is_not_public_is_never_asked() {
    let pages = Pages::start(HERE, |_| Page::file(b"secret")).await;
    let strict = HttpClient::new(HttpPolicy::images()).unwrap();
    let port = pages.address.port();
    let numbers = ["127.0.0.1", "127.1", "2130706433", "0x7f.0.0.1", "0177.0.0.1", "[::ffff:127.0.0.1]", "[::1]"];
    for host in numbers.into_iter().chain(["localhost", "LOCALHOST"]) {
        let got = strict.get(&format!("http://{host}:{port}/")).await;
        assert!(is_refused(&got), "{host}: {got:?}");
    }
    for address in ["ftp://example.com/a.jpg", "file:///etc/passwd", "data:image/png;base64,AA==", "a.jpg", ""] {
        let got = strict.get(address).await;
        assert!(is_refused(&got), "{address}: {got:?}");
    }
    assert!(pages.asked().is_empty());
}

#[tokio::test]
async fn a_redirect_is_checked_like_an_address() {
    let inside = Pages::start(BESIDE, |_| Page::file(b"secret")).await;
    let (number, name) = (inside.url("/"), format!("http://inside.test:{}/", inside.address.port()));
    let pages = Pages::start(HERE, move |path| match path {
        "/number" => Page::to(&number),
        "/name" => Page::to(&name),
        "/scheme" => Page::to("file:///etc/passwd"),
        _ => Page::to("/loop"),
    })
    .await;
    let client = naming(vec![vec![BESIDE]]);
    for path in ["/number", "/name", "/scheme"] {
        let got = client.get(&pages.url(path)).await;
        assert!(is_refused(&got), "{path}: {got:?}");
    }
    assert!(inside.asked().is_empty());
    assert_eq!(client.get(&pages.url("/loop")).await, Err(HttpError::Answered(302)));
    assert_eq!(pages.asked().iter().filter(|path| *path == "/loop").count(), 6, "the address, and five redirects");
}

#[tokio::test]
async fn a_name_is_connected_to_where_it_was_checked() {
    // Only the address tells the two servers apart: they have the same port.
    let (inside, _allowed) = loop {
        let inside = Pages::start(BESIDE, |_| Page::file(b"secret")).await;
        if let Ok(listener) = TcpListener::bind((HERE, inside.address.port())).await {
            break (inside, Pages::on(listener, |_| Page::to("/again")));
        }
    };
    let url = format!("http://rebound.test:{}/", inside.address.port());
    // A name that becomes another address between two requests of one call.
    let got = naming(vec![vec![HERE], vec![BESIDE]]).get(&url).await;
    assert!(is_refused(&got), "{got:?}");
    // A name with an inside address among others: that one is left out.
    let got = naming(vec![vec![BESIDE, HERE]]).get(&url).await;
    assert_eq!(got, Err(HttpError::Answered(302)), "redirected in a circle by the allowed one");
    assert!(inside.asked().is_empty());
}

#[tokio::test]
async fn a_file_is_bounded_whatever_its_server_says() {
    let head = |length: &str| format!("HTTP/1.1 200 OK\r\n{length}connection: close\r\n\r\n").into_bytes();
    let announced = head("content-length: 1001\r\n");
    let endless = [head(""), vec![b'x'; 4_096]].concat();
    let pages = Pages::start(HERE, move |path| match path {
        "/announced" => Page::Raw(announced.clone()),
        "/endless" => Page::Endless(endless.clone()),
        _ => Page::file(&[7; 1_000]),
    })
    .await;
    for path in ["/announced", "/endless"] {
        assert_eq!(client().get(&pages.url(path)).await, Err(HttpError::TooLarge(1_000)), "{path}");
    }
    assert_eq!(client().get(&pages.url("/fits")).await.unwrap().len(), 1_000);
}

#[tokio::test]
async fn who_does_not_answer_is_unreachable_and_who_says_no_is_believed() {
    let cut = b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\nconnection: close\r\n\r\nhalf".to_vec();
    let pages = Pages::start(HERE, move |path| match path {
        "/silent" => Page::Silence,
        "/cut" => Page::Raw(cut.clone()),
        "/nonsense" => Page::Raw(b"\x00\x01".to_vec()),
        status => Page::status(status[1..].parse().unwrap()),
    })
    .await;
    let hasty = HttpClient::new(HttpPolicy { within: Duration::from_millis(500), ..policy() }).unwrap();
    let silent = hasty.get(&pages.url("/silent")).await;
    assert!(matches!(silent, Err(HttpError::Unreachable(_))), "{silent:?}");
    for path in ["/cut", "/nonsense", "/500", "/503", "/429", "/408"] {
        let got = client().get(&pages.url(path)).await;
        assert!(matches!(got, Err(HttpError::Unreachable(_))), "{path}: {got:?}");
    }
    for status in [404, 403, 410, 304, 302] {
        assert_eq!(client().get(&pages.url(&format!("/{status}"))).await, Err(HttpError::Answered(status)));
    }
    assert_eq!(pages.asked().iter().filter(|path| *path == "/silent").count(), 1);
    for _ in 0..10 {
        hasty.get(&pages.url("/silent")).await.unwrap_err();
    }
    let asked = pages.asked().iter().filter(|path| *path == "/silent").count();
    assert_eq!(asked, 5, "a server that did not answer five times is left alone");
    let held = TcpSocket::new_v4().unwrap();
    held.bind((HERE, 0).into()).unwrap();
    let got = client().get(&format!("http://{}/", held.local_addr().unwrap())).await;
    assert!(matches!(got, Err(HttpError::Unreachable(_))), "{got:?}");
}
