//! Processes are ended at every step of fetching an image, and afterwards each image is there once. On the embedded parts alone.

use std::{
    collections::BTreeSet,
    os::unix::process::ExitStatusExt,
    path::{Path, PathBuf},
    process::Command,
};

use feira_connectors::log::TopicPartition;
use feira_node::{config::Config, node::Node};
use feira_schemas::{
    ids::{CommandId, ProductId, TenantId},
    records::{
        AdminEvent, RecordSet,
        admin::{ImportImage, ImportProduct, ProvisionTenant},
        catalogue::ImageStatus,
        common::CommandMeta,
    },
    topics::{self, Context},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::common::{
    PATIENCE, admin, embedded,
    images::{HERE, fetch, kept, png, product, settings, settled},
    pages::{Page, Pages},
    position, products,
};

/// Names the variable that tells a child what to do.
const VARIABLE: &str = "FEIRA_IMAGES_CHILD";
/// SIGABRT: how a process ends at its failpoint.
const ABORTED: i32 = 6;
/// Images of the one product.
const COUNT: u8 = 24;
/// The failpoints at which a process ends, each with the number of the passing.
const PLACES: [(&str, usize); 8] = [
    ("pictures::fetched", 1),
    ("pictures::kept", 1),
    ("pictures::kept", 3),
    ("pictures::decided", 1),
    ("pictures::decided", 2),
    ("admin::after_commit", 2),
    ("pictures::before_keep", 1),
    ("pictures::after_keep", 1),
];

/// The work of a child process.
#[derive(Serialize, Deserialize)]
struct Errand {
    data: PathBuf,
    urls: Vec<String>,
    /// Nowhere if empty.
    failpoint: String,
    passing: usize,
}

fn shop() -> TenantId {
    TenantId::from_uuid(Uuid::from_u128(0x018f_4d7e_3c1b_7a52_9d0e_0000_0000_0001))
}

fn config(data: &Path) -> Config {
    Config { data: data.to_owned(), partitions: 1, fetch_images: false, ..Config::default() }
}

/// The common fields of the command with this key, the same whichever process sends it.
fn meta(key: &str) -> CommandMeta {
    let command_id = CommandId::from_client_key(shop(), "test", "POST", "images", key);
    CommandMeta { command_id, keyed: true, ..crate::common::meta(shop()) }
}

/// Opens the shop and imports its product, unless that was done before.
async fn imported(node: &Node, urls: &[String]) -> ProductId {
    let provision =
        ProvisionTenant { meta: meta("shop"), subdomain: "moda".into(), shop_name: "Moda".into(), token_hash: None };
    admin(node, provision).await;
    let images = urls.iter().map(|url| ImportImage { source_url: url.clone(), alt: None }).collect();
    let content = products::content("Calça", 4_990);
    let import = ImportProduct { meta: meta("product"), content, category_name: None, images, clears_images: false };
    let result = admin(node, import).await;
    // It is answered when it is decided; the product's row is written after that.
    node.platform.reached.wait("admin", Context::Admin, position(&result), PATIENCE).await.unwrap();
    result.aggregate_id.unwrap().parse().unwrap()
}

/// Not a test of its own: the body of the processes that the test below starts and ends.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "started by the test below, as a process of its own"]
async fn child() {
    let Ok(errand) = std::env::var(VARIABLE) else { return };
    let errand: Errand = serde_json::from_str(&errand).unwrap();
    let mut node = Node::start(&config(&errand.data)).await.unwrap();
    let id = imported(&node, &errand.urls).await;
    if !errand.failpoint.is_empty() {
        let passed = std::sync::atomic::AtomicUsize::new(0);
        let end = move || {
            if passed.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1 == errand.passing {
                std::process::abort();
            }
        };
        fail::cfg_callback(&errand.failpoint, end).unwrap();
    }
    fetch(&mut node, settings(PATIENCE)).await;
    settled(&node, shop(), id).await;
    kept(&node, shop()).await;
    node.stop().await.unwrap();
}

/// Runs one process; whether it ended at its place.
fn ended(errand: &Errand) -> bool {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["images::child", "--exact", "--ignored", "--nocapture"])
        .env(VARIABLE, serde_json::to_string(errand).unwrap())
        .output()
        .unwrap();
    let aborted = output.status.signal() == Some(ABORTED);
    assert!(aborted || output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    aborted
}

#[tokio::test(flavor = "multi_thread")]
async fn wherever_a_process_ends_each_image_is_there_once() {
    let Some(folder) = embedded() else { return };
    let pages = Pages::start(HERE, |path| Page::file(&png(path[1..].parse().unwrap()))).await;
    let urls: Vec<String> = (0..COUNT).map(|number| pages.url(&format!("/{number}"))).collect();
    let mut errand = Errand { data: folder.path().join("data"), urls, failpoint: String::new(), passing: 0 };
    for (failpoint, passing) in PLACES {
        (errand.failpoint, errand.passing) = (failpoint.to_owned(), passing);
        let at_its_place = tokio::task::block_in_place(|| ended(&errand));
        assert!(at_its_place, "{failpoint} was not passed {passing} times");
    }
    errand.failpoint.clear();
    assert!(!tokio::task::block_in_place(|| ended(&errand)), "the last one comes to its end");

    let node = Node::start(&config(&errand.data)).await.unwrap();
    let id = imported(&node, &errand.urls).await;
    let images = product(&node, shop(), id).await.images;
    let named: Vec<&str> = images.iter().map(|image| image.source_url.as_deref().unwrap()).collect();
    assert_eq!(named, errand.urls, "each once, in the order of the import");
    assert!(images.iter().all(|image| image.status == ImageStatus::Ready), "{images:?}");
    let ids: BTreeSet<String> = images.iter().map(|image| image.image_id.to_string()).collect();
    let files = node.platform.files.list(shop()).await.unwrap();
    assert_eq!(files.len(), 2 * ids.len(), "two sizes of each, and nothing else: {files:?}");
    assert!(files.iter().all(|file| ids.contains(&file[..36])), "{files:?} of {ids:?}");
    assert_eq!(versions(&node).await, (1..=1 + i64::from(COUNT)).collect::<Vec<_>>(), "one change per image");
    node.stop().await.unwrap();
}

/// The product's versions, as the log has them.
async fn versions(node: &Node) -> Vec<i64> {
    let at = TopicPartition::new(topics::events(Context::Admin), 0);
    let records = node.platform.log.read(&at, 0, 10_000).await.unwrap().records;
    let events = records
        .iter()
        .map(|record| AdminEvent::decode(&node.platform.codec, record.value.as_deref().unwrap()).unwrap());
    let changes = events.filter_map(|event| match event {
        AdminEvent::ProductChanged(event) => Some(event.product.version),
        _ => None,
    });
    changes.collect()
}
