#!/usr/bin/env bash
# Behaviour: a transactional producer's send_offsets_to_transaction does not end by the time-out it is given when the group's
#   coordinator has gone since the last call, though another broker is coordinator meanwhile and the producer is connected to it.
#   It ends when a connection of the producer comes up or goes down, here when the broker that went is back.
# Versions: crate rdkafka 0.39.0, rdkafka-sys 4.10.0 (librdkafka 2.12.1), on librdkafka's own mock cluster.
# Source: librdkafka's src/rdkafka_coord.c: rd_kafka_coord_req keeps the time (creq_ts_timeout), and rd_kafka_coord_req_fsm, which
#   is run by changes of brokers' states, never looks at it. The call itself waits without end
#   (rd_kafka_send_offsets_to_transaction, RD_POLL_INFINITE).
# Guess before running: every step of a transaction ends by its time-out, as the declaration in rdkafka.h says ("timeout_ms: Maximum time allowed to register the offsets on the broker").
# Seen: told to take 3 s at most, the call took the 12 s that the broker was away.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
mkdir src
cat >Cargo.toml <<'TOML'
[package]
name = "offsets"
version = "0.0.0"
edition = "2021"

[dependencies]
rdkafka = { version = "=0.39.0", default-features = false }

[workspace]
TOML
cat >src/main.rs <<'RUST'
use std::{
    thread,
    time::{Duration, Instant},
};

use rdkafka::{
    consumer::{BaseConsumer, Consumer},
    mocking::{MockCluster, MockCoordinator},
    producer::{BaseProducer, Producer},
    ClientConfig, Offset, TopicPartitionList,
};

const TOLD: Duration = Duration::from_secs(3);
const AWAY: Duration = Duration::from_secs(12);

fn main() {
    let cluster = MockCluster::new(3).unwrap();
    cluster.create_topic("orders", 1, 3).unwrap();
    let coordinator = |broker| cluster.coordinator(MockCoordinator::Group("group".into()), broker).unwrap();
    cluster.coordinator(MockCoordinator::Transaction("writer".into()), 1).unwrap();
    coordinator(2);
    let mut client = ClientConfig::new();
    client.set("bootstrap.servers", cluster.bootstrap_servers());
    let producer: BaseProducer = client.clone().set("transactional.id", "writer").create().unwrap();
    let reader: BaseConsumer = client.clone().set("group.id", "group").create().unwrap();
    let mut offsets = TopicPartitionList::new();
    offsets.add_partition_offset("orders", 0, Offset::Offset(7)).unwrap();
    let send = || {
        let begun = Instant::now();
        let sent = producer.send_offsets_to_transaction(&offsets, &reader.group_metadata().unwrap(), TOLD);
        println!("{:.1} s: {sent:?}", begun.elapsed().as_secs_f64());
        begun.elapsed()
    };

    producer.init_transactions(TOLD).unwrap();
    producer.begin_transaction().unwrap();
    assert!(send() < TOLD);
    producer.commit_transaction(TOLD).unwrap();

    producer.begin_transaction().unwrap();
    cluster.broker_down(2).unwrap();
    coordinator(3);
    // The producer sees that connection go down.
    thread::sleep(Duration::from_secs(1));
    let took = thread::scope(|scope| {
        let took = scope.spawn(send);
        thread::sleep(AWAY);
        cluster.broker_up(2).unwrap();
        took.join().unwrap()
    });
    assert!(took >= AWAY, "the call ends by its time-out");
}
RUST
cargo update --quiet --package rdkafka-sys --precise 4.10.0+2.12.1
cargo build --quiet --release
target/release/offsets
