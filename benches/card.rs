//! A card over HTTP, as a shop's front end asks for it, beside bare warp handing out the same bytes.
//!
//! `cargo bench --bench card`. One process serves both; the client is a thread that keeps some connections busy.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;
#[path = "limits/http.rs"]
mod limit;

use std::{collections::HashMap, time::Duration};

use bytes::Bytes;
use common::{
    command, either,
    http::{Asked, load},
    shop::{self, Running, fill},
};
use http::HeaderMap;
use tokio::runtime::Runtime;

/// Cards that are asked for in turn; all of them fit into the cache.
const CARDS: usize = 200;
/// Connections that each wait for their answer: enough to keep two cores busy.
const CONNECTIONS: usize = 32;

fn main() {
    let runtime = Runtime::new().unwrap();
    let running = runtime.block_on(Running::start());
    let subdomain = shop::subdomain();
    let host = format!("{subdomain}.localhost");
    runtime.block_on(async {
        let tenant = command::provision(&running.node.commands, &subdomain).await;
        fill(&running, tenant, CARDS).await;
    });
    let paths: Vec<String> = (0..CARDS).map(|number| format!("/api/store/v1/products/produto-{number}")).collect();
    let own = Asked { address: running.address, host: host.clone(), paths: paths.clone() };
    let answers = runtime.block_on(answers(&own));
    let bytes = answers.values().map(|(_, body)| body.len()).sum::<usize>() / answers.len();
    let bare = Asked { address: runtime.block_on(limit::serve(answers)), host, paths };

    println!("limit: {}", limit::SETTINGS);
    println!(
        "{CARDS} cards of {bytes} bytes on average; {CONNECTIONS} connections, client and servers on the same cores"
    );
    let time = either(Duration::from_secs(3), Duration::from_millis(50));
    common::compare(
        "a card over HTTP",
        7,
        vec![
            ("bare warp", Box::new(|| load(&bare, CONNECTIONS, time))),
            ("feira", Box::new(|| load(&own, CONNECTIONS, time))),
        ],
    );
    runtime.block_on(running.node.stop()).unwrap();
}

/// Feira's answer on each path, for the limit to answer with the same bytes; without the headers that a server adds
/// itself.
async fn answers(asked: &Asked) -> HashMap<String, (HeaderMap, Bytes)> {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut answers = HashMap::new();
    for path in &asked.paths {
        let request = client.get(format!("http://{}{path}", asked.address)).header("host", &asked.host);
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200, "{path}");
        let mut headers = response.headers().clone();
        for added in ["date", "content-length", "transfer-encoding", "connection"] {
            headers.remove(added);
        }
        answers.insert(path.clone(), (headers, response.bytes().await.unwrap()));
    }
    answers
}
