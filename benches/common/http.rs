//! One client for every arm: connections that each ask again as soon as they have an answer, on a thread of their own.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper::{Request, client::conn::http1};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::Round;

/// Requests of a bench: the host of a shop and the paths, in turn.
#[derive(Clone)]
pub struct Asked {
    /// The server's address.
    pub address: SocketAddr,
    /// `Host`.
    pub host: String,
    /// Paths with queries.
    pub paths: Vec<String>,
}

/// Asks over `connections` connections for `time`. Every answer must be 200 with a body.
pub fn load(asked: &Asked, connections: usize, time: Duration) -> Round {
    let asked = asked.clone();
    apart(async move {
        let until = Instant::now() + time;
        let connections = (0..connections).map(|number| connection(&asked, number, |_| Instant::now() < until));
        futures::future::join_all(connections).await.concat()
    })
}

/// Asks `count` times over one connection, one after another.
pub fn each(asked: &Asked, count: usize) -> Round {
    let asked = asked.clone();
    apart(async move { connection(&asked, 0, |done| done < count).await })
}

/// Runs a client on a thread of its own; what it gives is how long each answer took.
fn apart(client: impl Future<Output = Vec<Duration>> + Send + 'static) -> Round {
    let thread = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let started = Instant::now();
        let latencies = runtime.block_on(client);
        Round { done: latencies.len(), took: started.elapsed(), latencies }
    });
    thread.join().unwrap()
}

/// Asks over one connection, beginning at the path of this number, while `on` holds of how often it has asked.
async fn connection(asked: &Asked, number: usize, on: impl Fn(usize) -> bool) -> Vec<Duration> {
    let stream = TcpStream::connect(asked.address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
    let driver = tokio::spawn(connection);
    let mut latencies = Vec::new();
    for path in asked.paths.iter().cycle().skip(number) {
        if !on(latencies.len()) {
            break;
        }
        let begun = Instant::now();
        get(&mut sender, &asked.host, path).await;
        latencies.push(begun.elapsed());
    }
    drop(sender);
    driver.await.unwrap().unwrap();
    latencies
}

async fn get(sender: &mut http1::SendRequest<Empty<Bytes>>, host: &str, path: &str) {
    let request = Request::get(path).header("host", host).body(Empty::new()).unwrap();
    let response = sender.send_request(request).await.unwrap();
    assert_eq!(response.status(), 200, "{path}");
    let body = response.into_body().collect().await.unwrap().to_bytes();
    assert!(!body.is_empty(), "{path}");
}
