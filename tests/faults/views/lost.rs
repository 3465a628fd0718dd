//! Shards that lose their files, or go back to an earlier state as after a power cut: everything is found again.

use std::{
    fs,
    path::{Path, PathBuf},
};

use bytes::Bytes;
use feira_connectors::{
    log::{NewRecord, TopicPartition},
    search::{SearchQuery, ShardError},
};
use feira_node::node::Node;
use feira_schemas::{
    generations::SHARDS,
    ids::TenantId,
    topics::{self, Context},
};

use super::product;
use crate::common::{PATIENCE, config, embedded, position, shown, tenant, until};

/// The folder of a catalogue's shards.
fn shards(data: &Path, catalogue: &str) -> PathBuf {
    data.join("shards").join(catalogue)
}

fn shard(data: &Path, node: &Node, shop: TenantId) -> PathBuf {
    let partition = node.platform.partition_of(shop).to_string();
    shards(data, "search").join(partition).join(shop.to_string())
}

/// Makes so many products of this name, and waits until all are found.
async fn products(node: &Node, shop: TenantId, name: &str, count: usize) {
    for number in 0..count {
        let (_, made) = product(node, shop, &format!("{name} {number}")).await;
        shown(node, "search", position(&made)).await;
        node.platform.reached.wait("panel", Context::Admin, position(&made), PATIENCE).await.unwrap();
    }
}

/// The number of products that a shop's search finds; `None` where it is refused, as not all are there yet.
async fn count(node: &Node, shop: TenantId) -> Option<u64> {
    match node.search.search(shop, &SearchQuery { limit: 1, ..SearchQuery::default() }).await {
        Ok(page) => Some(page.total),
        Err(ShardError::Elsewhere { .. }) => None,
        Err(error) => panic!("{error}"),
    }
}

/// Waits until all are found. A part of them is never found meanwhile.
async fn all_found(node: &Node, shop: TenantId, all: u64) {
    until("all products are found", async || {
        let found = count(node, shop).await;
        assert!(found.is_none_or(|found| found == all), "{found:?} of {all}: a part of the shop looks like the whole");
        found.is_some()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn products_are_found_again_when_a_shards_files_are_gone() {
    let Some(folder) = embedded() else { return };
    let node = Node::start(&config(&folder)).await.unwrap();
    let (shop, other) = (tenant(&node, "moda").await, tenant(&node, "casa").await);
    products(&node, shop, "Camisa", 20).await;
    products(&node, other, "Vaso", 3).await;
    let files = shard(folder.path(), &node, shop);
    node.stop().await.unwrap();

    fs::remove_dir_all(&files).unwrap();
    let node = Node::start(&config(&folder)).await.unwrap();
    all_found(&node, shop, 20).await;
    assert_eq!(count(&node, other).await, Some(3), "and nobody else waits");
    node.stop().await.unwrap();

    let segment = fs::read_dir(files.join(format!("g{SHARDS}"))).unwrap().map(|file| file.unwrap().path());
    fs::remove_file(segment.into_iter().find(|path| path.extension().is_some_and(|end| end == "fast")).unwrap())
        .unwrap();
    let node = Node::start(&config(&folder)).await.unwrap();
    all_found(&node, shop, 20).await;

    // Under a process that runs: the next change finds out.
    fs::remove_dir_all(&files).unwrap();
    let (_, made) = product(&node, shop, "Camisa nova").await;
    until("the last is found", async || count(&node, shop).await == Some(21)).await;
    shown(&node, "search", position(&made)).await;
    node.stop().await.unwrap();
    let node = Node::start(&config(&folder)).await.unwrap();
    all_found(&node, shop, 21).await;
    node.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_power_cut_everything_is_found_again_and_no_letter_comes_twice() {
    let Some(folder) = embedded() else { return };
    let node = Node::start(&config(&folder)).await.unwrap();
    let shop = tenant(&node, "moda").await;
    products(&node, shop, "Camisa", 4).await;
    for topic in ["store.events", "search.retry"] {
        spoil(&node, shop, topic).await;
    }
    until("what can't be read is a letter", async || letters(&node).await == 2).await;
    products(&node, shop, "Calça", 1).await;
    node.stop().await.unwrap();

    // What had reached the disk before the power went: an earlier commit, though positions are later.
    let earlier = tempfile::tempdir().unwrap();
    copy(&shards(folder.path(), "search"), earlier.path());
    let node = Node::start(&config(&folder)).await.unwrap();
    products(&node, shop, "Meia", 5).await;
    node.stop().await.unwrap();
    let root = shards(folder.path(), "search");
    fs::remove_dir_all(&root).unwrap();
    copy(earlier.path(), &root);
    let name = fs::read_to_string(root.join(format!("folder-{SHARDS}"))).unwrap().lines().next().unwrap().to_owned();
    fs::write(root.join(format!("folder-{SHARDS}")), format!("{name}\nopen another-boot\n")).unwrap();

    let node = Node::start(&config(&folder)).await.unwrap();
    until("all products are found", async || count(&node, shop).await == Some(10)).await;
    products(&node, shop, "Vaso", 1).await;
    assert_eq!(count(&node, shop).await, Some(11));
    assert_eq!(letters(&node).await, 2, "what was a letter before is not written again");
    node.stop().await.unwrap();
}

/// Appends what nobody can read.
async fn spoil(node: &Node, shop: TenantId, topic: &str) {
    let garbage = NewRecord {
        topic: topic.into(),
        partition: Some(node.platform.partition_of(shop)),
        key: shop.to_string().into(),
        value: Some(Bytes::from_static(b"not Avro")),
        headers: Vec::new(),
    };
    node.platform.log.append(vec![garbage]).await.unwrap();
}

/// The number of dead letters of the search.
async fn letters(node: &Node) -> i64 {
    let mut letters = 0;
    for partition in 0..topics::DEAD_LETTER_PARTITIONS {
        let at = TopicPartition::new(topics::dead_letters("search"), partition);
        letters += node.platform.log.end(&at).await.unwrap();
    }
    letters
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (path, there) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy(&path, &there);
        } else {
            fs::copy(path, there).unwrap();
        }
    }
}
