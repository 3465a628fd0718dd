#!/usr/bin/env bash
# Behaviour: a consumer that only asks for watermarks goes on asking a broker that died, though another one leads the partition by
#   then. Every call times out until the metadata is older than metadata.max.age.ms, 15 minutes by default.
# Versions: crate rdkafka 0.39.0, rdkafka-sys 4.10.0 (librdkafka 2.12.1). Needs make and a C compiler.
# Source: CONFIGURATION.md has "topic.metadata.refresh.interval.ms: … if there is an error or the leader is not available, metadata is
#   refreshed"; rdkafka.h says of rd_kafka_query_watermark_offsets() no more than that it asks the broker.
# Guess before running: a transport error or a timeout of the leader has the client ask who leads now, as it does where it reads.
# Seen: no call comes through in 20 seconds; with metadata.max.age.ms=3000 the calls come through within them.
#   The brokers are librdkafka's own mock cluster.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
mkdir src
cat >Cargo.toml <<'TOML'
[package]
name = "leader"
version = "0.0.0"
edition = "2021"

[dependencies]
rdkafka = { version = "=0.39.0", default-features = false }

[workspace]
TOML
cat >src/main.rs <<'RUST'
use std::time::{Duration, Instant};

use rdkafka::{
    consumer::{BaseConsumer, Consumer},
    mocking::MockCluster,
    ClientConfig,
};

const CALL: Duration = Duration::from_secs(2);
const PATIENCE: Duration = Duration::from_secs(20);

/// Whether a call comes through within the patience, once the leader has died and another broker leads.
fn comes_through(max_age_ms: Option<&str>) -> bool {
    let cluster = MockCluster::new(3).unwrap();
    cluster.create_topic("orders", 1, 3).unwrap();
    cluster.partition_leader("orders", 0, Some(1)).unwrap();
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", cluster.bootstrap_servers()).set("group.id", "shop");
    if let Some(max_age_ms) = max_age_ms {
        config.set("metadata.max.age.ms", max_age_ms);
    }
    let consumer: BaseConsumer = config.create().unwrap();
    consumer.fetch_watermarks("orders", 0, PATIENCE).unwrap();

    cluster.partition_leader("orders", 0, Some(2)).unwrap();
    cluster.broker_down(1).unwrap();
    let died = Instant::now();
    while died.elapsed() < PATIENCE {
        let _ = consumer.poll(Duration::ZERO);
        if consumer.fetch_watermarks("orders", 0, CALL).is_ok() {
            return true;
        }
    }
    false
}

fn main() {
    println!("as it is: {}", comes_through(None));
    println!("metadata.max.age.ms=3000: {}", comes_through(Some("3000")));
}
RUST
cargo update --quiet --package rdkafka-sys --precise 4.10.0+2.12.1
seen=$(CARGO_TARGET_DIR=$folder/target cargo run --quiet)
echo "$seen"
[[ $seen == "as it is: false
metadata.max.age.ms=3000: true" ]]
