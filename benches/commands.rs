//! Commands to committed events: how fast processors decide, beside the log's raw append and read of the same records.
//!
//! `cargo bench --bench commands`, embedded; with the services' addresses in the environment on Kafka and its state store.
//! Only the processors run that the commands need (directory and admin), so that views and APIs don't share the cores.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;
#[path = "limits/log.rs"]
mod limit;

use std::{sync::Arc, time::Instant};

use common::{Round, command, either, shop};
use feira_connectors::{clock::wall_clock, log::NewRecord};
use feira_node::{node, ports};
use feira_schemas::{
    groups::Role,
    ids::TenantId,
    records::{AdminCommand, CommandSet, admin::ImportProduct},
    topics::{self, Context},
};
use feira_streams::{
    commands::Commands,
    platform::Platform,
    wiring::{Parts, Wiring},
};
use futures::{StreamExt, stream};
use tokio::runtime::Runtime;

/// Shops that the commands are for.
const SHOPS: usize = 32;
/// Commands, or records, under way at a time.
const AT_ONCE: usize = 512;

fn main() {
    let count = either(10_000, 200);
    let runtime = Runtime::new().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let config = shop::configured(&folder);
    let mut parts = Parts::on(runtime.handle().clone());
    let (platform, commands, shops) = runtime.block_on(async {
        let ports = ports::open(&config).await.unwrap();
        let platform = Platform::start(ports, config.partitions, config.budget(), wall_clock()).await.unwrap();
        let wiring = Wiring::open(platform.clone(), node::settings(&config), parts.stopped()).await.unwrap();
        wiring.run(&[Context::Directory, Context::Admin].map(Role::Context).into(), &mut parts).await.unwrap();
        let commands = wiring.commands;
        let names: Vec<String> = (0..SHOPS).map(|_| shop::subdomain()).collect();
        let shops: Vec<TenantId> =
            stream::iter(&names).map(|name| command::provision(&commands, name)).buffered(SHOPS).collect().await;
        (platform, commands, shops)
    });
    let records: Vec<NewRecord> = (0..count).map(|number| record(&platform, import(&shops, number))).collect();
    let raw = (!config.kafka_brokers.is_empty())
        .then(|| runtime.block_on(limit::Raw::start(&config.kafka_brokers, config.partitions)));

    println!("limit: {}", if raw.is_some() { limit::KAFKA_SETTINGS } else { limit::EMBEDDED_SETTINGS });
    let bytes = records.iter().map(|record| record.value.as_ref().map_or(0, |value| value.len())).sum::<usize>();
    let threads = config.threads();
    println!(
        "{count} commands of {} bytes for {SHOPS} shops, {AT_ONCE} under way at a time, {threads} threads",
        bytes / count
    );
    let mut next = 0;
    common::compare(
        &format!("commands to committed events, {}", shop::mode(&config)),
        5,
        vec![
            (
                "raw append and read",
                Box::new(|| match &raw {
                    Some(raw) => runtime.block_on(raw.round(&records, AT_ONCE)),
                    None => limit::embedded(&runtime, &platform.log, config.partitions, &records, AT_ONCE),
                }),
            ),
            (
                "feira",
                Box::new(|| {
                    let from = next;
                    next += count;
                    runtime.block_on(decide(&commands, (from..next).map(|number| import(&shops, number))))
                }),
            ),
        ],
    );
    runtime.block_on(parts.stop()).unwrap();
    runtime.block_on(platform.state.sync()).unwrap();
}

/// The command that brings product `number` into one of the shops.
fn import(shops: &[TenantId], number: usize) -> ImportProduct {
    shop::import(shops[number % shops.len()], number)
}

/// The record that a command becomes, for the limit to append; some 200 bytes of headers as Feira writes them.
fn record(platform: &Platform, command: ImportProduct) -> NewRecord {
    let command = AdminCommand::from(command);
    let key = command.meta().tenant_id.to_string();
    let record = feira_streams::commands::record(&platform.codec, &key, &command, None).unwrap();
    assert_eq!(&*record.topic, topics::commands(Context::Admin));
    record
}

/// Sends commands and waits for every answer, which is an event that is committed.
async fn decide(commands: &Arc<Commands>, sent: impl Iterator<Item = ImportProduct>) -> Round {
    let sent: Vec<ImportProduct> = sent.collect();
    let started = Instant::now();
    let done = stream::iter(sent).map(|command| shop::send(commands, command)).buffer_unordered(AT_ONCE).count().await;
    Round { done, took: started.elapsed(), latencies: Vec::new() }
}
