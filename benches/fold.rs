//! Folding a new generation: every table of admin, store and storefront from the log, beside the bare read of the same records.
//!
//! `cargo bench --bench fold`, embedded: what a start pays after tables have changed, or after the state was lost.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::time::{Duration, Instant};

use common::{Round, command, either, shop};
use feira_connectors::{
    clock::wall_clock,
    log::{Log, TopicPartition},
    registry::Registry,
    state::State,
};
use feira_contexts::{admin::Admin, store::Store};
use feira_node::{config::Config, node::Node, ports};
use feira_schemas::topics::{self, Context};
use feira_streams::{
    generations::fold,
    platform::{Platform, Ports},
    processor::ContextFold,
    views::storefront::StorefrontView,
};
use futures::{StreamExt, stream};
use tempfile::TempDir;
use tokio::{runtime::Runtime, sync::watch};

/// Shops that the products are of.
const SHOPS: usize = 32;
/// Commands under way at once while the log is filled.
const AT_ONCE: usize = 256;
/// Records read at once, as the fold does.
const PAGE: usize = 500;

fn main() {
    let products = either(20_000, 100);
    let runtime = Runtime::new().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let config = Config { data: folder.path().to_owned(), ..Config::default() };
    runtime.block_on(fill(&config, products));
    let filled = runtime.block_on(ports::open(&config)).unwrap();
    // What is folded: admin's events once, the store's for its own tables and for the storefront's.
    let read = [Context::Admin, Context::Store, Context::Store];
    let (records, bytes) = runtime.block_on(count(&filled.log, config.partitions, &read));
    println!("{products} products in {SHOPS} shops: {records} records of {} bytes", bytes / records);
    common::compare(
        "records folded into new tables, embedded",
        5,
        vec![
            (
                "raw read of the log",
                Box::new(|| {
                    let started = Instant::now();
                    let (done, _) = runtime.block_on(count(&filled.log, config.partitions, &read));
                    round(done, started)
                }),
            ),
            (
                "feira, three keyspaces at once",
                Box::new(|| {
                    let empty = tempfile::tempdir().unwrap();
                    runtime.block_on(async {
                        let platform = without_state(&filled, &config, &empty).await;
                        let started = Instant::now();
                        folded(&platform).await;
                        round(records, started)
                    })
                }),
            ),
        ],
    );
}

fn round(done: usize, started: Instant) -> Round {
    Round { done, took: started.elapsed(), latencies: Vec::<Duration>::new() }
}

/// Makes shops and their products.
async fn fill(config: &Config, products: usize) {
    let node = Node::start(config).await.unwrap();
    let names: Vec<String> = (0..SHOPS).map(|_| shop::subdomain()).collect();
    let shops: Vec<_> =
        stream::iter(&names).map(|name| command::provision(&node.commands, name)).buffered(SHOPS).collect().await;
    let sent = stream::iter(0..products).map(|number| {
        let import = shop::import(shops[number % shops.len()], number);
        shop::send(&node.commands, import)
    });
    sent.buffer_unordered(AT_ONCE).count().await;
    let store = node.platform.clone();
    let last = |context| {
        let (store, partitions) = (store.clone(), config.partitions);
        async move { count(&store.log, partitions, &[context]).await.0 }
    };
    // The store says of each product what buyers may see, some of it after the merchant's answer.
    while last(Context::Store).await < products {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    node.stop().await.unwrap();
}

/// Reads these contexts' events, and says how many records and bytes they are.
async fn count(log: &Log, partitions: u32, contexts: &[Context]) -> (usize, usize) {
    let (mut records, mut bytes) = (0, 0);
    for context in contexts {
        for partition in 0..partitions {
            let at = TopicPartition::new(topics::events(*context), partition);
            let (mut from, end) = (0, log.end(&at).await.unwrap());
            while from < end {
                let page = log.read(&at, from, PAGE).await.unwrap();
                records += page.records.len();
                bytes += page
                    .records
                    .iter()
                    .filter_map(|record| record.value.as_ref())
                    .map(|value| value.len())
                    .sum::<usize>();
                from = page.next;
            }
        }
    }
    (records, bytes)
}

/// A platform on the filled log whose state is empty.
async fn without_state(filled: &Ports, config: &Config, folder: &TempDir) -> Platform {
    let Registry::Embedded(_) = &filled.registry else { panic!("this bench is of the embedded parts") };
    let state = State::embedded_within(folder.path(), config.budget().state_store()).unwrap();
    let Ports { log, cache, files, registry, .. } = filled;
    let (log, cache, files, registry) = (log.clone(), cache.clone(), files.clone(), registry.clone());
    let ports = Ports { log, state, cache, files, registry };
    Platform::start(ports, config.partitions, config.budget(), wall_clock()).await.unwrap()
}

async fn folded(platform: &Platform) {
    let (_stop, stopped) = watch::channel(false);
    let (admin, store, storefront) = tokio::join!(
        fold::<ContextFold<Admin>>(platform, None, stopped.clone()),
        fold::<ContextFold<Store>>(platform, None, stopped.clone()),
        fold::<StorefrontView>(platform, None, stopped.clone()),
    );
    admin.and(store).and(storefront).unwrap();
}
