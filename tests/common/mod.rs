//! The bed of all tests of the whole: a Feira in one process or as processes of its own, and what is asked of it.
#![allow(dead_code, unused_imports)] // Each program takes a part of it.

pub mod bed;
pub mod command;
pub mod gateway;
pub mod generations;
pub mod images;
pub mod import;
pub mod pages;
pub mod pressure;
pub mod process;
pub mod products;
pub mod sealing;
pub mod services;
pub mod shop;
pub mod signup;

use std::{env, path::PathBuf, time::Duration};

pub use bed::{Bed, embedded};
pub use command::{PATIENCE, meta, position};
use feira_connectors::log::{LogRecord, TopicPartition};
use feira_node::{config::Config, node::Node};
use feira_schemas::{
    groups,
    ids::TenantId,
    records::{AdminCommand, common::CommandResult, store::ListedCategory},
    rows::common::Parked,
    topics::{self, Context, Position},
};
use feira_streams::platform::Platform;
use tempfile::TempDir;
use tokio::time::{Instant, sleep};

/// A configuration on this folder, with few partitions.
pub fn config(folder: &TempDir) -> Config {
    Config { data: folder.path().to_owned(), partitions: 4, ..Config::default() }
}

/// A part of the real input, which is not of the project: a folder in the one that `FEIRA_DATASETS` names. Where that is not set a
/// test says so and passes.
pub fn data(part: &str) -> Option<PathBuf> {
    let Some(datasets) = env::var_os("FEIRA_DATASETS").filter(|folder| !folder.is_empty()) else {
        println!("skipped: FEIRA_DATASETS is not set, which names the folder with real input");
        return None;
    };
    let folder = PathBuf::from(datasets).join(part);
    assert!(folder.is_dir(), "FEIRA_DATASETS is set, but {} is missing", folder.display());
    Some(folder)
}

/// Sends an admin command and waits for its answer.
pub async fn admin(node: &Node, command: impl Into<AdminCommand>) -> CommandResult {
    command::send(&node.commands, command).await
}

/// Makes a shop.
pub async fn tenant(node: &Node, subdomain: &str) -> TenantId {
    command::provision(&node.commands, subdomain).await
}

/// Waits until a view of the store's events shows a position.
pub async fn shown(node: &Node, view: &str, at: Position) {
    node.platform.reached.wait(view, Context::Store, at, PATIENCE).await.unwrap();
}

/// A shop's categories as buyers see them, by name.
pub async fn listed_categories(node: &Node, shop: TenantId) -> Vec<ListedCategory> {
    serde_json::from_slice(&node.storefront.categories(shop).await.unwrap()).unwrap()
}

/// The rows of a view's parked entities, of this shop.
pub async fn parked(platform: &Platform, shop: TenantId, view: &str) -> Vec<Parked> {
    let table = groups::named(view).unwrap().parked().unwrap();
    let all = Parked::all(view, platform.partition_of(shop));
    let rows = platform.state.scan_in::<Parked>(table, &all, None, 1_000).await.unwrap();
    rows.into_iter().filter(|row| row.tenant_id == shop).collect()
}

/// All dead letters of a group.
pub async fn dead_letters(node: &Node, group: &str) -> Vec<LogRecord> {
    let mut letters = Vec::new();
    for partition in 0..topics::DEAD_LETTER_PARTITIONS {
        let at = TopicPartition::new(topics::dead_letters(group), partition);
        letters.extend(node.platform.log.read(&at, 0, 10_000).await.unwrap().records);
    }
    letters
}

/// Waits until it is so.
pub async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !holds().await {
        assert!(Instant::now() < deadline, "never: {what}");
        sleep(Duration::from_millis(20)).await;
    }
}
