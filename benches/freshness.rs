//! Freshness: the time after a merchant's write in which a buyer's search finds the product, on an idle Feira: both
//! over HTTP, without `Feira-At-Least`, asking every 5 ms.
//!
//! `cargo bench --bench freshness`, embedded; with the services' addresses in the environment distributed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::time::{Duration, Instant};

use common::{
    either, quantile,
    shop::{self, PATIENCE, Running},
};
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

/// The time between two searches of the buyer.
const EVERY: Duration = Duration::from_millis(5);
/// The time between two writes; not a multiple of anything that ticks inside.
const PAUSE: Duration = Duration::from_millis(137);

fn main() {
    let writes = either(300, 5);
    let runtime = Runtime::new().unwrap();
    runtime.block_on(async {
        let running = Running::start().await;
        let shop = Shop::make(&running).await;
        shop.freshness(0).await; // Opens the shard and the connections.
        let mut took = Vec::new();
        for number in 1..=writes {
            tokio::time::sleep(PAUSE).await;
            took.push(shop.freshness(number).await);
        }
        took.sort_unstable();
        let at = |part| quantile(&took, part).unwrap().as_secs_f64() * 1e3;
        println!(
            "freshness: write → found by search, {writes} writes, idle, {}",
            if shop.distributed { "distributed" } else { "embedded" }
        );
        println!(
            "  from the request: p50 {:.1} ms, p90 {:.1} ms, p99 {:.1} ms, max {:.1} ms",
            at(0.5),
            at(0.9),
            at(0.99),
            at(1.0)
        );
        running.node.stop().await.unwrap();
    });
}

/// A shop, as its merchant and its buyers reach it.
struct Shop {
    client: Client,
    url: String,
    host: String,
    token: String,
    distributed: bool,
}

impl Shop {
    async fn make(running: &Running) -> Self {
        let client = Client::builder().no_proxy().build().unwrap();
        let url = format!("http://{}", running.address);
        let subdomain = shop::subdomain();
        let body = json!({"subdomain": subdomain, "name": "Loja"});
        let made =
            client.post(format!("{url}/api/operator/v1/tenants")).bearer_auth(&running.operator_token).json(&body);
        let response = made.header("host", "localhost").send().await.unwrap();
        assert_eq!(response.status(), 201);
        let token = response.json::<Value>().await.unwrap()["admin_token"].as_str().unwrap().to_owned();
        let distributed = running.node.platform.state.is_shared();
        Self { client, url, host: format!("{subdomain}.localhost"), token, distributed }
    }

    /// Writes a product that no other one is like, and asks until it is found.
    async fn freshness(&self, number: usize) -> Duration {
        let word = format!("novidade{number}x");
        let body = json!({
            "name": format!("Produto {word}"), "status": "published",
            "variants": [{"price": {"amount": 4_990, "currency": "BRL"}, "stock": 1}]
        });
        let begun = Instant::now();
        let made = self.client.post(format!("{}/api/admin/v1/products", self.url)).bearer_auth(&self.token).json(&body);
        assert_eq!(self.of_shop(made).await["name"], body["name"]);
        while begun.elapsed() < PATIENCE {
            let asked = Instant::now();
            let found = self.client.get(format!("{}/api/store/v1/search", self.url)).query(&[("q", &word)]);
            // "novidade12x" is near to others' words; only the right name counts.
            if self.of_shop(found).await["items"][0]["name"] == body["name"] {
                return begun.elapsed();
            }
            tokio::time::sleep(EVERY.saturating_sub(asked.elapsed())).await;
        }
        panic!("{word} was not found within {} s", PATIENCE.as_secs());
    }

    async fn of_shop(&self, request: RequestBuilder) -> Value {
        let response = request.header("host", &self.host).send().await.unwrap();
        assert!(response.status().is_success(), "{}", response.text().await.unwrap());
        response.json().await.unwrap()
    }
}
