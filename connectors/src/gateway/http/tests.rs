//! The one border that only a body of a test's own size shows: whether a request has left whole.
#![allow(clippy::unwrap_used)]

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use super::*;

/// Far more than the buffers of two sockets hold: a server that does not read keeps the rest of it here.
const LARGE: usize = 64 << 20;

/// A server that reads until a head has come, and then does this with what it has read and the connection.
async fn after_the_head<F: Future<Output = ()> + Send>(
    act: impl Fn(Vec<u8>, TcpStream) -> F + Send + Sync + 'static,
) -> GatewayHttp {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut head = Vec::new();
            while !head.windows(4).any(|end| end == b"\r\n\r\n") {
                stream.read_buf(&mut head).await.unwrap();
            }
            act(head, stream).await;
        }
    });
    GatewayHttp::new(base, CallLimits { whole: Duration::from_secs(2), ..CallLimits::default() }).unwrap()
}

fn post(bytes: usize) -> Request<'static> {
    let (headers, body) = (header::HeaderMap::new(), vec![b'x'; bytes].into());
    Request { method: Method::POST, path: &["orders"], query: Vec::new(), headers, body }
}

async fn reset(_: Vec<u8>, stream: TcpStream) {
    stream.set_zero_linger().unwrap();
}

#[tokio::test]
async fn a_request_that_is_reset_before_its_body_has_left_was_not_sent() {
    let http = after_the_head(reset).await;
    assert!(matches!(http.call(post(LARGE)).await, Outcome::NotSent(NotSent::Incomplete)));
}

#[tokio::test]
async fn a_request_that_nobody_reads_to_its_end_was_not_sent() {
    let http = after_the_head(|_, stream| async move {
        // Held open, until the other side gives up.
        tokio::time::sleep(Duration::from_secs(60)).await;
        drop(stream);
    })
    .await;
    assert!(matches!(http.call(post(LARGE)).await, Outcome::NotSent(NotSent::Incomplete)));
}

#[tokio::test]
async fn a_failure_that_is_said_before_the_body_has_left_was_not_sent() {
    let http = after_the_head(|_, mut stream| async move {
        let _ = stream.write_all(b"HTTP/1.1 503 x\r\ncontent-length: 0\r\n\r\n").await;
        // Nothing more is read: closing now would reset the connection, and the answer with it.
        tokio::time::sleep(Duration::from_secs(60)).await;
    })
    .await;
    assert!(matches!(http.call(post(LARGE)).await, Outcome::NotSent(NotSent::Incomplete)));
}

#[tokio::test]
async fn a_body_comes_whole_with_its_length_whatever_its_size() {
    for size in [1, 2, 100_000] {
        let (told, tell) = tokio::sync::oneshot::channel();
        let told = std::sync::Mutex::new(Some(told));
        let http = after_the_head(move |head, mut stream| {
            let told = told.lock().unwrap().take();
            async move {
                let (head, start) = {
                    let text = String::from_utf8(head).unwrap();
                    let (head, start) = text.split_once("\r\n\r\n").unwrap();
                    (head.to_owned(), start.len())
                };
                let mut rest = vec![0; size - start];
                stream.read_exact(&mut rest).await.unwrap();
                let _ = stream.write_all(b"HTTP/1.1 200 x\r\ncontent-length: 2\r\n\r\n{}").await;
                let _ = told.unwrap().send(head);
            }
        })
        .await;
        assert!(matches!(http.call(post(size)).await, Outcome::Done(answer) if answer.is_yes()));
        assert!(tell.await.unwrap().to_lowercase().contains(&format!("content-length: {size}")));
    }
}

#[test]
fn the_last_byte_leaves_once_or_never() {
    let (left, kept) = (LastByte::default(), LastByte::default());
    assert!(left.leave() && !left.keep_back() && !left.leave());
    assert!(kept.keep_back() && !kept.leave() && !kept.keep_back());
    assert!(!LastByte::none().keep_back(), "a head is whole without a body");
}
