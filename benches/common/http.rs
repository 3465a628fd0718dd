//! One client for every arm: connections that each ask again as soon as they have an answer, on a thread of their own.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper::{Request, client::conn::http1};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, task::JoinHandle};

use super::Round;

/// What to ask: the host of a shop and the paths, in turn.
#[derive(Clone)]
pub struct Asked {
    /// Who answers.
    pub address: SocketAddr,
    /// `Host`.
    pub host: String,
    /// Paths with queries.
    pub paths: Vec<String>,
}

/// Asks over `connections` connections for `time`. Every answer must be 200 with a body.
pub fn load(asked: &Asked, connections: usize, time: Duration) -> Round {
    let asked = asked.clone();
    let client = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async move {
            let started = Instant::now();
            let until = started + time;
            let connections = (0..connections).map(|number| connection(asked.clone(), number, until));
            let latencies = futures::future::join_all(connections).await.concat();
            Round { done: latencies.len(), took: started.elapsed(), latencies }
        })
    });
    client.join().unwrap()
}

async fn connection(asked: Asked, number: usize, until: Instant) -> Vec<Duration> {
    let (mut sender, driver) = connect(&asked).await;
    let mut latencies = Vec::new();
    for path in asked.paths.iter().cycle().skip(number) {
        let begun = Instant::now();
        if begun >= until {
            break;
        }
        get(&mut sender, &asked.host, path).await;
        latencies.push(begun.elapsed());
    }
    drop(sender);
    driver.await.unwrap().unwrap();
    latencies
}

type Sender = http1::SendRequest<Empty<Bytes>>;

async fn connect(asked: &Asked) -> (Sender, JoinHandle<hyper::Result<()>>) {
    let stream = TcpStream::connect(asked.address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
    (sender, tokio::spawn(connection))
}

async fn get(sender: &mut Sender, host: &str, path: &str) {
    let request = Request::get(path).header("host", host).body(Empty::new()).unwrap();
    let response = sender.send_request(request).await.unwrap();
    assert_eq!(response.status(), 200, "{path}");
    let body = response.into_body().collect().await.unwrap().to_bytes();
    assert!(!body.is_empty(), "{path}");
}

/// Asks `count` times over one connection, one after another.
pub fn each(asked: &Asked, count: usize) -> Round {
    let asked = asked.clone();
    let client = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async move {
            let (mut sender, driver) = connect(&asked).await;
            let started = Instant::now();
            let mut latencies = Vec::new();
            for path in asked.paths.iter().cycle().take(count) {
                let begun = Instant::now();
                get(&mut sender, &asked.host, path).await;
                latencies.push(begun.elapsed());
            }
            let took = started.elapsed();
            drop(sender);
            driver.await.unwrap().unwrap();
            Round { done: count, took, latencies }
        })
    });
    client.join().unwrap()
}
