#!/usr/bin/env bash
# Behaviour: a database with two worker threads, fjall's own choice on two cores, has one thread that spins while the
#   other compacts: it takes the order to compact from the queue and puts it back, as often as it can. With four threads
#   there is nearly always another to take the order.
# Versions: crate fjall 3.1.13.
# Source: fjall's src/worker_pool.rs: the worker with id 0 returns an order to compact to the queue to stay free for
#   flushes, and a flush sends as many orders as there are workers.
# Guess before running: what a store with small memtables costs is the flushing and compacting itself, and two threads
#   on two cores cost the least.
# Seen: for the same rows, 3.9 million such turns with two threads and 160,000 with four.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
mkdir src
cat >Cargo.toml <<'TOML'
[package]
name = "workers"
version = "0.0.0"
edition = "2021"

[dependencies]
fjall = "=3.1.13"
log = { version = "0.4", features = ["max_level_trace", "release_max_level_trace"] }

[workspace]
TOML
cat >src/main.rs <<'RUST'
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use fjall::{Database, KeyspaceCreateOptions};

/// How often the first worker was given an order to compact, by the library's own log.
static TURNS: AtomicU64 = AtomicU64::new(0);

struct Count;

impl log::Log for Count {
    fn enabled(&self, _: &log::Metadata) -> bool {
        true
    }
    fn log(&self, record: &log::Record) {
        if record.target() == "fjall::worker_pool" {
            let said = record.args().to_string();
            TURNS.fetch_add(said.starts_with("Worker #0 got message: WorkerMessage:Compact").into(), Relaxed);
        }
    }
    fn flush(&self) {}
}

fn main() {
    log::set_logger(&Count).unwrap();
    log::set_max_level(log::LevelFilter::Trace);
    let threads: usize = std::env::args().nth(1).unwrap().parse().unwrap();
    let folder = std::env::args().nth(2).unwrap();
    let database = Database::builder(&folder).worker_threads(threads).open().unwrap();
    let options = || KeyspaceCreateOptions::default().max_memtable_size(8 * 1024 * 1024);
    let rows = database.keyspace("rows", options).unwrap();
    // Keys in no order, so that tables overlap and are merged.
    let mut state = 1_u64;
    for _ in 0..400_000 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        rows.insert(state.to_be_bytes(), [7; 300]).unwrap();
    }
    println!("{}", TURNS.load(Relaxed));
}
RUST
cargo build --quiet --release
two=$(target/release/workers 2 two)
four=$(target/release/workers 4 four)
echo "orders to compact that the first of two threads was given: $two"
echo "of four threads: $four"
((two > 5 * (four + 100)))
