//! A program folds what an older one has kept into its own generation, and refuses what a newer one has; what is live stands beside
//! the data. Told of the embedded parts alone, on the folders of builds before.

use super::asked::Asked;
use crate::common::{
    admin, config, embedded,
    generations::{
        Way, asks_by_timers, finds_everything, folded_and_written_to, lasting, made, started, unpack, until_whole,
        what_was_parked_comes_in,
    },
    meta, position,
    products::{content, found},
    shown,
};
use feira_connectors::{
    clock::wall_clock,
    log::{Log, LogRecord, NewRecord, TopicPartition},
    state::State,
};
use feira_node::{config::Config, node::Node};
use feira_schemas::{
    api::settings::settings_json,
    budget::Budget,
    generations::KEYSPACES,
    records::{admin::CreateProduct, common::Outcome, store::ShopStatus},
    row::{Row, Stored, Write},
    rows::{admin::SettingsRow, common::Parked, platform::GenerationRow, storefront},
    topics::{self, Context},
};
use feira_streams::{
    generations::{self, SHARDS},
    platform::{Platform, Ports, topic_specs},
};
use serde_json::Value;
use std::{fs, path::Path};

fn row(name: &str, generation: u32) -> GenerationRow {
    GenerationRow { name: name.to_owned(), generation: generation.into() }
}

async fn live(state: &State) -> Vec<GenerationRow> {
    let mut rows = state.scan_table::<GenerationRow>(None, 100).await.unwrap().rows;
    rows.sort_by(|one, other| one.name.cmp(&other.name));
    rows
}

/// The generations of a deployment that is this program's own, as rows.
fn of_this_program() -> Vec<GenerationRow> {
    let mut rows: Vec<_> = KEYSPACES.iter().map(|(name, generation)| row(name, *generation)).collect();
    rows.push(row("log", 1));
    rows.sort_by(|one, other| one.name.cmp(&other.name));
    rows
}

/// Starts once, leaves this row, and says how the next start is refused.
async fn refused(config: &Config, left: GenerationRow) -> String {
    let node = Node::start(config).await.unwrap();
    let (now, own) = (node.platform.now(), live(&node.platform.state).await);
    let own = own.into_iter().find(|row| row.name == left.name).unwrap();
    node.platform.state.write(&[Write::put(left, now)]).await.unwrap();
    node.stop().await.unwrap();
    let refused = Node::start(config).await.err().unwrap().to_string();

    // Back to what it was, for the next.
    let ports = feira_node::ports::open(config).await.unwrap();
    ports.state.ensure_tables(&[GenerationRow::TABLE], &[]).await.unwrap();
    ports.state.write(&[Write::put(own, now + 1)]).await.unwrap();
    ports.state.sync().await.unwrap();
    refused
}

#[tokio::test(flavor = "multi_thread")]
async fn data_that_can_not_be_folded_into_this_program_is_refused_with_what_to_do() {
    let Some(folder) = embedded() else { return };
    let config = config(&folder);
    for name in KEYSPACES.iter().map(|(name, _)| *name).chain(["log", SHARDS]) {
        let newer = refused(&config, row(name, 100)).await;
        let said =
            format!("the data of {name} is of generation 100 (feira_platform.generation_g1), and this program knows");
        assert!(newer.starts_with(&said) && newer.ends_with("start the newer program"), "{newer}");
    }
    let older = refused(&config, row("log", 0)).await;
    assert!(older.contains("the data of log is of generation 0") && older.contains("has written it"), "{older}");
    Node::start(&config).await.unwrap().stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_starts_again_on_its_own_data_and_twice_at_once_on_none() {
    let Some(folder) = embedded() else { return };
    let ports = feira_node::ports::open(&config(&folder)).await.unwrap();
    let start = || {
        let Ports { log, state, cache, files, registry } = &ports;
        let (log, state, cache) = (log.clone(), state.clone(), cache.clone());
        let ports = Ports { log, state, cache, files: files.clone(), registry: registry.clone() };
        Platform::start(ports, 4, Budget::default(), wall_clock())
    };
    let (one, other) = tokio::join!(start(), start());
    let one = one.unwrap();
    assert_eq!(live(&one.state).await, of_this_program());
    assert!(one.generations.tables_are_whole() && other.unwrap().generations.tables_are_whole());

    let again = start().await.unwrap();
    assert_eq!(live(&again.state).await, of_this_program());
}

#[tokio::test(flavor = "multi_thread")]
async fn f26_data_of_the_build_before_is_folded_and_everything_is_found() {
    let Some(folder) = embedded() else { return };
    let (node, shops, made) = folded_and_written_to(&folder).await;
    for view in ["storefront", "search"] {
        shown(&node, view, position(&made)).await;
    }
    finds_everything(&node, shops).await;
    assert_eq!(found(&node, shops.casa, "dobra").await.total, 1);

    // What is live has moved, and every row has its like beside it.
    let expected: Vec<_> = of_this_program();
    let of_tables = |rows: Vec<GenerationRow>| rows.into_iter().filter(|row| row.name != SHARDS).collect::<Vec<_>>();
    assert_eq!(of_tables(live(&node.platform.state).await), expected);
    let (state, mut compared) = (&node.platform.state, 0);
    for table in lasting().filter(|table| table.generation > 1) {
        let old = table.of_generation(1);
        if !state.open_table(old).await.unwrap() {
            continue; // It is new in this program.
        }
        compared += 1;
        let rows = async |table| state.scan_table_in::<Value>(table, None, 1_000).await.unwrap().rows.len();
        let (before, after) = (rows(old).await, rows(table).await);
        assert!(after >= before, "{}.{}: {before} rows before, {after} after", table.keyspace, table.name);
    }

    assert!(compared >= 15, "{compared} tables were there before");

    // The old ones go when somebody says so, and are not missed.
    let older: Vec<(String, u32)> = {
        let dropped = generations::drop_older(&node.platform).await.unwrap();
        dropped.into_iter().map(|older| (older.keyspace, older.generation)).collect()
    };
    // That build knew neither payments nor sign-up.
    let were = KEYSPACES.iter().filter(|(name, ours)| *ours > 1 && !["payments", "signup"].contains(name));
    let were: Vec<(String, u32)> = were.map(|(name, _)| ((*name).to_owned(), 1)).collect();
    let sorted = |mut all: Vec<(String, u32)>| {
        all.sort();
        all
    };
    assert_eq!(sorted(older), sorted(were));
    assert_eq!(generations::older(&node.platform).await.unwrap(), []);
    node.stop().await.unwrap();
    let node = Node::start(&config(&folder)).await.unwrap();
    assert!(node.platform.generations.tables_are_whole(), "nothing is folded twice");
    finds_everything(&node, shops).await;
    node.stop().await.unwrap();
}

/// A part of a start: the platform and what is taken over, with no view at work.
async fn taken_over(config: &Config) -> Platform {
    let ports = feira_node::ports::open(config).await.unwrap();
    let platform = Platform::start(ports, config.partitions, Budget::default(), wall_clock()).await.unwrap();
    generations::take_over(&platform).await.unwrap();
    platform
}

#[tokio::test(flavor = "multi_thread")]
async fn f26_what_views_keep_of_their_way_goes_into_keyspaces_of_their_own() {
    let Some(folder) = embedded() else { return };
    let (shops, config) = (unpack(folder.path(), "g2"), config(&folder));
    {
        let platform = taken_over(&config).await;
        let state = &platform.state;
        let before = Way::read(state).await;
        before.is_in(state).await;
        let pending = |name| platform.generations.is_pending(name);
        assert_eq!(["search", "panel", "storefront"].map(pending), [false, false, true], "the last is folded");

        // Until then it is taken over at each start, and replaces nothing that was written meanwhile.
        let done = before.parked.iter().find(|parked| parked.consumer == "storefront").unwrap();
        state.write(&[Write::delete_in(storefront::PARKED, done.key(), platform.now())]).await.unwrap();
        generations::take_over(&platform).await.unwrap();
        assert_eq!(state.get_in::<Parked>(storefront::PARKED, &done.key()).await.unwrap(), None);
        state.write(&[Write::put_in(storefront::PARKED, done.clone(), platform.now() + 1)]).await.unwrap();
    }
    let mut node = started(&config).await;
    until_whole(&mut node).await;
    finds_everything(&node, shops).await;
    what_was_parked_comes_in(&node, shops).await;
    let made = admin(&node, CreateProduct { meta: meta(shops.casa), content: content("Depois", 4_990) }).await;
    for view in ["storefront", "search"] {
        shown(&node, view, position(&made)).await;
    }
    assert_eq!(dropped(&node).await, [("admin", 2), ("directory", 1), ("store", 2), Way::LAY]);
    node.stop().await.unwrap();

    let node = started(&config).await;
    assert!(node.platform.generations.tables_are_whole(), "nothing is folded twice");
    finds_everything(&node, shops).await;
    what_was_parked_comes_in(&node, shops).await;
    node.stop().await.unwrap();
}

/// Drops what older generations have left, and says of which keyspaces.
async fn dropped(node: &Node) -> Vec<(&'static str, u32)> {
    let dropped = generations::drop_older(&node.platform).await.unwrap();
    let name_of = |name: &str| KEYSPACES.iter().map(|(keyspace, _)| *keyspace).find(|known| *known == name).unwrap();
    let mut dropped: Vec<_> = dropped.iter().map(|older| (name_of(&older.keyspace), older.generation)).collect();
    dropped.sort_unstable();
    dropped
}

#[tokio::test(flavor = "multi_thread")]
async fn f26_answers_of_the_build_before_say_what_they_show() {
    let Some(folder) = embedded() else { return };
    let config = config(&folder);
    unpack(folder.path(), "g3");
    let asked = Asked::read(folder.path());
    let ports = feira_node::ports::open(&config).await.unwrap();
    let platform = Platform::start(ports, config.partitions, Budget::default(), asked.clock()).await.unwrap();
    Asked::fold(&platform).await;
    asked.is_understood(&platform).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f26_a_folder_with_shops_in_every_state_is_folded_and_nothing_is_lost() {
    let Some(folder) = embedded() else { return };
    let (shops, config) = (unpack(folder.path(), "g3"), config(&folder));
    let asked = Asked::read(folder.path());
    let mut node = started(&config).await;
    until_whole(&mut node).await;
    finds_everything(&node, shops).await;
    what_was_parked_comes_in(&node, shops).await;
    let status = async |shop| node.storefront.shop(shop).await.unwrap().unwrap().status;
    assert_eq!(status(asked.closed).await, ShopStatus::Suspended);
    // The directory answers, unless what it was asked is so old that the log has let it go.
    assert!(matches!(status(asked.opening).await, ShopStatus::Opening | ShopStatus::Open));

    // The same key again gets the same answer, and one that is forgotten says the same.
    let again = admin(&node, asked.again.clone()).await;
    let key = SettingsRow::at(shops.casa);
    let settings = node.platform.state.get::<SettingsRow>(&key).await.unwrap().unwrap().settings;
    assert_eq!((again.outcome, again.entity.as_deref()), (Outcome::Unchanged, Some("settings")));
    assert_eq!(again.body, Some(settings_json(&settings).to_string()));
    assert_eq!(dropped(&node).await, [("admin", 2), ("directory", 1), ("store", 2), ("storefront", 3)]);
    node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn f26_a_folder_that_knows_no_timers_is_folded_and_its_next_shop_asks_by_them() {
    let Some(folder) = embedded() else { return };
    let (shops, config) = (unpack(folder.path(), "g4"), config(&folder));
    let (quarta, slug) = made(folder.path());
    let mut node = started(&config).await;
    until_whole(&mut node).await;
    finds_everything(&node, shops).await;
    what_was_parked_comes_in(&node, shops).await;
    assert!(node.storefront.by_slug(quarta, &slug).await.unwrap().is_some(), "{slug}");
    assert_eq!(dropped(&node).await, [("admin", 3), ("directory", 2), ("store", 3), ("storefront", 4)]);
    asks_by_timers(&node, "nova").await;
    node.stop().await.unwrap();

    let node = started(&config).await;
    assert!(node.platform.generations.tables_are_whole(), "nothing is folded twice");
    finds_everything(&node, shops).await;
    node.stop().await.unwrap();
}

/// Makes a folder's log anew, with the events and nothing else: no commands, and no positions of groups.
async fn only_events_are_left(folder: &Path, partitions: u32) {
    let (log, before) = (folder.join("log"), folder.join("log-before"));
    fs::rename(&log, &before).unwrap();
    let (log, before) = (Log::embedded(&log).unwrap(), Log::embedded(&before).unwrap());
    log.ensure_topics(&topic_specs(partitions)).await.unwrap();
    for context in Context::ALL {
        for partition in 0..partitions {
            let at = TopicPartition::new(topics::events(context), partition);
            if before.end(&at).await.unwrap_or_default() == 0 {
                continue; // The build before may know no such topic.
            }
            let records = before.read(&at, 0, 10_000).await.unwrap().records.into_iter();
            let anew = |record: LogRecord| {
                let LogRecord { at: TopicPartition { topic, partition }, key, value, headers, .. } = record;
                NewRecord { topic, partition: Some(partition), key, value, headers }
            };
            log.append(records.map(anew).collect()).await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn topics_of_commands_that_were_made_anew_are_read_from_their_start() {
    let Some(folder) = embedded() else { return };
    let (shops, config) = (unpack(folder.path(), "g4"), config(&folder));
    only_events_are_left(folder.path(), config.partitions).await;
    let mut node = started(&config).await;
    until_whole(&mut node).await;
    finds_everything(&node, shops).await;
    asks_by_timers(&node, "nova").await;
    node.stop().await.unwrap();
}
