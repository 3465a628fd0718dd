#!/usr/bin/env bash
# Behaviour: a transactional producer's send_offsets_to_transaction does not end by the time-out it is given while the group's
#   coordinator takes the request and does not answer: it waits as long as requests may take (socket.timeout.ms, a minute).
# Versions: crate rdkafka 0.39.0, rdkafka-sys 4.10.0 (librdkafka 2.12.1), on librdkafka's own mock cluster.
# Source: librdkafka's src/rdkafka_txnmgr.c: rd_kafka_send_offsets_to_transaction waits without end (RD_POLL_INFINITE) for an
#   operation that keeps the time (abs_timeout), and rd_kafka_txn_send_TxnOffsetCommitRequest sends its request without it.
# Guess before running: every step of a transaction ends by its time-out, as the declaration in rdkafka.h says ("timeout_ms: Maximum time allowed to register the offsets on the broker").
# Seen: told to take 3 s at most, the call was not back after 12 s.
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
rdkafka = { version = "=0.39.0", default-features = false, features = ["tokio"] }

[workspace]
TOML
cat >src/main.rs <<'RUST'
use std::{sync::mpsc, thread, time::Duration};

use rdkafka::{
    consumer::{BaseConsumer, Consumer},
    mocking::{MockCluster, MockCoordinator},
    producer::{FutureProducer, Producer},
    ClientConfig, Offset, TopicPartitionList,
};

const TOLD: Duration = Duration::from_secs(3);
const WATCHED: Duration = Duration::from_secs(12);

fn main() {
    let cluster = MockCluster::new(3).unwrap();
    cluster.create_topic("orders", 1, 3).unwrap();
    cluster.coordinator(MockCoordinator::Transaction("writer".into()), 1).unwrap();
    cluster.coordinator(MockCoordinator::Group("group".into()), 2).unwrap();
    let mut client = ClientConfig::new();
    client.set("bootstrap.servers", cluster.bootstrap_servers());
    let producer: FutureProducer = client.clone().set("transactional.id", "writer").create().unwrap();
    let reader: BaseConsumer = client.clone().set("group.id", "group").create().unwrap();
    let mut offsets = TopicPartitionList::new();
    offsets.add_partition_offset("orders", 0, Offset::Offset(7)).unwrap();
    let (send, sent) = mpsc::channel();
    let (ask, asked) = mpsc::channel();
    let sending = producer.clone();
    thread::spawn(move || {
        for () in asked {
            let group = reader.group_metadata().unwrap();
            send.send(sending.send_offsets_to_transaction(&offsets, &group, TOLD)).unwrap();
        }
    });

    producer.init_transactions(TOLD).unwrap();
    producer.begin_transaction().unwrap();
    ask.send(()).unwrap();
    println!("while the coordinator answers: {:?}", sent.recv_timeout(TOLD).unwrap());
    producer.commit_transaction(TOLD).unwrap();

    producer.begin_transaction().unwrap();
    cluster.broker_round_trip_time(2, 5 * WATCHED).unwrap();
    ask.send(()).unwrap();
    let back = sent.recv_timeout(WATCHED);
    println!("once it does not, within {WATCHED:?}: {back:?}");
    std::process::exit(i32::from(back.is_ok()));
}
RUST
cargo update --quiet --package rdkafka-sys --precise 4.10.0+2.12.1
cargo build --quiet --release
target/release/offsets
