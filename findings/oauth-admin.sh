#!/usr/bin/env bash
# Behaviour: an AdminClient never asks its context for an OAUTHBEARER token, so it never authenticates.
#   A producer and a consumer with the same settings and context do ask.
# Versions: crate rdkafka 0.39.0, rdkafka-sys 4.10.0 (librdkafka 2.12.1). Needs the OpenSSL headers, make and a C compiler.
# Source: the docs of `ClientContext::ENABLE_REFRESH_OAUTH_TOKEN` and `generate_oauth_token` except no kind of client.
#   src/admin.rs polls only a queue of its own and does not serve the event of the refresh (fede1024/rust-rdkafka#757).
# Guess before running: every client with that context asks for a token.
# Seen: once for the producer, once for the consumer, never for the AdminClient, its metadata or its requests.
#   No broker is needed, because librdkafka wants the first token before it connects.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
mkdir src
cat >Cargo.toml <<'TOML'
[package]
name = "admin"
version = "0.0.0"
edition = "2021"

[dependencies]
rdkafka = { version = "=0.39.0", default-features = false, features = ["ssl"] }

[workspace]
TOML
cat >src/main.rs <<'RUST'
use std::{
    error::Error,
    sync::{
        atomic::{AtomicBool, Ordering::SeqCst},
        Arc,
    },
    thread::sleep,
    time::{Duration, Instant},
};

use rdkafka::{
    admin::{AdminClient, AdminOptions, ResourceSpecifier},
    client::OAuthToken,
    consumer::{BaseConsumer, Consumer, ConsumerContext},
    message::DeliveryResult,
    producer::{BaseProducer, ProducerContext},
    ClientConfig, ClientContext,
};

#[derive(Clone, Default)]
struct Asked(Arc<AtomicBool>);

impl ClientContext for Asked {
    const ENABLE_REFRESH_OAUTH_TOKEN: bool = true;

    fn generate_oauth_token(&self, _: Option<&str>) -> Result<OAuthToken, Box<dyn Error>> {
        self.0.store(true, SeqCst);
        let year_2100 = 4_102_444_800_000;
        Ok(OAuthToken { token: "token".into(), principal_name: "shop".into(), lifetime_ms: year_2100 })
    }
}

impl ConsumerContext for Asked {}

impl ProducerContext for Asked {
    type DeliveryOpaque = ();

    fn delivery(&self, _: &DeliveryResult<'_>, (): ()) {}
}

const WAIT: Duration = Duration::from_secs(3);
const POLL: Duration = Duration::from_millis(100);

fn main() {
    let mut config = ClientConfig::new();
    config
        .set("bootstrap.servers", "127.0.0.1:9")
        .set("security.protocol", "SASL_PLAINTEXT")
        .set("sasl.mechanism", "OAUTHBEARER")
        .set("group.id", "shop");

    let asked = Asked::default();
    let producer: BaseProducer<Asked> = config.create_with_context(asked.clone()).unwrap();
    let start = Instant::now();
    while start.elapsed() < WAIT {
        producer.poll(POLL);
    }
    println!("producer asked: {}", asked.0.load(SeqCst));

    let asked = Asked::default();
    let consumer: BaseConsumer<Asked> = config.create_with_context(asked.clone()).unwrap();
    consumer.subscribe(&["orders"]).unwrap();
    let start = Instant::now();
    while start.elapsed() < WAIT {
        let _ = consumer.poll(POLL);
    }
    println!("consumer asked: {}", asked.0.load(SeqCst));

    let asked = Asked::default();
    let admin: AdminClient<Asked> = config.create_with_context(asked.clone()).unwrap();
    let options = AdminOptions::new().request_timeout(Some(WAIT));
    let request = admin.describe_configs(&[ResourceSpecifier::Topic("orders")], &options);
    sleep(WAIT);
    let metadata = admin.inner().fetch_metadata(None, WAIT);
    println!("admin asked: {}, got metadata: {}", asked.0.load(SeqCst), metadata.is_ok());
    drop(request);
}
RUST
cargo update --quiet --package rdkafka-sys --precise 4.10.0+2.12.1
seen=$(CARGO_TARGET_DIR=$folder/target cargo run --quiet)
echo "$seen"
[[ $seen == "producer asked: true
consumer asked: true
admin asked: false, got metadata: false" ]]
