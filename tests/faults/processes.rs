//! Real processes of the real binary, ended and held up in the middle of a stream of commands. Told on the services alone.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use feira_connectors::log::TopicPartition;
use feira_node::{
    config::{Config, Role},
    node::Node,
};
use feira_schemas::{
    ids::{CommandId, ProductId, TenantId},
    records::{AdminEvent, EventSet, RecordSet, admin::CreateProduct, common::Outcome},
    rows::{admin::ProductRow, storefront::CardRow},
    topics::{self, Context},
};
use feira_streams::commands::SendError;
use futures::{StreamExt, stream};
use tempfile::TempDir;
use tokio::time::{Instant, sleep};

use crate::common::{
    meta, position,
    process::{Mode, PATIENCE, Process},
    products::content,
    services::{PARTITIONS, distributed, services, subdomain},
    shown, tenant, until,
};

/// Commands of one stream, and how many of them are under way at once.
const COMMANDS: usize = 300;
const AT_ONCE: usize = 16;
/// Longer than a member's session: its partitions are another's by then.
const PAST_THE_SESSION: Duration = Duration::from_secs(20);

/// A process of this test's own that only asks, and shops in every partition.
struct Bed {
    asking: Arc<Node>,
    shops: Vec<TenantId>,
    _folder: TempDir,
}

impl Bed {
    async fn make() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config: Config = distributed(folder.path(), [Role::Api]);
        let asking = Node::start(&config).await.unwrap();
        let (mut shops, mut partitions) = (Vec::new(), BTreeSet::new());
        while partitions.len() < PARTITIONS as usize {
            let shop = tenant(&asking, &subdomain("loja")).await;
            partitions.insert(asking.platform.partition_of(shop));
            shops.push(shop);
        }
        Self { asking: Arc::new(asking), shops, _folder: folder }
    }

    /// Creates products in all shops, as a client does that repeats with the same key until it has an answer. Counts answers.
    async fn stream(&self, from: usize, count: usize, answered: &AtomicUsize) -> Vec<(TenantId, ProductId, String)> {
        let sends = (from..from + count).map(|number| {
            let shop = self.shops[number % self.shops.len()];
            async move {
                let created = create(&self.asking, shop, number).await;
                answered.fetch_add(1, Ordering::Relaxed);
                created
            }
        });
        stream::iter(sends).buffer_unordered(AT_ONCE).collect().await
    }

    /// Everything acknowledged is in the state and in the shop, and the log tells of each product exactly once per version.
    async fn count(&self, acknowledged: &[(TenantId, ProductId, String)]) {
        let (state, platform) = (&self.asking.platform.state, &self.asking.platform);
        for (shop, product, name) in acknowledged {
            let row = async || state.get::<ProductRow>(&ProductRow::at(*shop, *product)).await.unwrap();
            until("what was acknowledged is in the state", async || row().await.is_some()).await;
            assert_eq!(row().await.map(|row| row.product.name).as_ref(), Some(name));
        }
        let mut versions: BTreeMap<ProductId, Vec<i64>> = BTreeMap::new();
        let mut answers: BTreeMap<CommandId, usize> = BTreeMap::new();
        for partition in 0..PARTITIONS {
            for event in events(&self.asking, partition).await {
                let meta = event.meta();
                if !self.shops.contains(&meta.tenant_id) {
                    continue;
                }
                if let Some(answer) = &meta.answers {
                    *answers.entry(answer.command_id).or_default() += 1;
                }
                if let AdminEvent::ProductChanged(changed) = &event {
                    assert_eq!(partition, platform.partition_of(meta.tenant_id));
                    versions.entry(changed.product.product_id).or_default().push(meta.aggregate_version);
                }
            }
        }
        assert_eq!(versions.len(), acknowledged.len(), "as many products as were acknowledged");
        for (product, versions) in &versions {
            let contiguous: Vec<i64> = (1..=i64::try_from(versions.len()).unwrap()).collect();
            assert_eq!(*versions, contiguous, "{product}: each version once, in order");
        }
        assert!(answers.values().all(|count| *count == 1), "no command was decided twice");
        for (shop, product, name) in acknowledged {
            let deadline = Instant::now() + PATIENCE;
            let card = loop {
                match state.get::<CardRow>(&CardRow::at(*shop, *product)).await.unwrap() {
                    Some(card) => break card,
                    None => assert!(Instant::now() < deadline, "{name} is not in the shop"),
                }
                sleep(Duration::from_millis(100)).await;
            };
            assert_eq!(card.listing.name, *name);
        }
    }
}

async fn create(asking: &Node, shop: TenantId, number: usize) -> (TenantId, ProductId, String) {
    let name = format!("Produto número {number}");
    let mut meta = meta(shop);
    (meta.keyed, meta.body_hash) = (true, format!("{number:064x}"));
    let deadline = Instant::now() + PATIENCE;
    loop {
        let command = CreateProduct { meta: meta.clone(), content: content(&name, 1_000) };
        let command: feira_schemas::records::AdminCommand = command.into();
        let sent = asking.commands.send(&shop.to_string(), command, None, Duration::from_secs(5)).await;
        match sent {
            Ok(result) => {
                assert_eq!(result.outcome, Outcome::Created, "{result:?}");
                return (shop, result.aggregate_id.unwrap().parse().unwrap(), name);
            }
            Err(SendError::Pending | SendError::OutcomeUnknown(_)) => {
                assert!(Instant::now() < deadline, "{name} was never decided");
            }
            Err(error) => panic!("{name}: {error}"),
        }
    }
}

/// All of admin's events in a partition.
async fn events(node: &Node, partition: u32) -> Vec<AdminEvent> {
    let at = TopicPartition::new(topics::events(Context::Admin), partition);
    let end = node.platform.log.end(&at).await.unwrap();
    let (mut events, mut from) = (Vec::new(), node.platform.log.start(&at).await.unwrap());
    let deadline = Instant::now() + PATIENCE;
    while from < end {
        let page = node.platform.log.read(&at, from, 1_000).await.unwrap();
        assert!(Instant::now() < deadline, "{at} can't be read up to {end}");
        from = page.next;
        let values = page.records.iter().filter_map(|record| record.value.as_deref());
        events.extend(values.map(|value| AdminEvent::decode(&node.platform.codec, value).unwrap()));
    }
    events
}

async fn until_answered(answered: &AtomicUsize, count: usize) {
    let deadline = Instant::now() + PATIENCE;
    while answered.load(Ordering::Relaxed) < count {
        assert!(Instant::now() < deadline, "the stream stands still");
        sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_is_killed_loses_and_doubles_nothing() {
    let Some(_alone) = services().await else { return };
    let (mut killed, survivor) = tokio::join!(Process::start(Mode::Distributed), Process::start(Mode::Distributed));
    let bed = Bed::make().await;
    let answered = AtomicUsize::new(0);
    let (acknowledged, ()) = tokio::join!(bed.stream(0, COMMANDS, &answered), async {
        until_answered(&answered, COMMANDS / 3).await;
        killed.kill();
    });
    assert_eq!(acknowledged.len(), COMMANDS);
    bed.count(&acknowledged).await;
    assert!(survivor.stop().await.success(), "asked to stop, it ends well");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_slept_past_its_session_harms_nothing_when_it_wakes() {
    let Some(_alone) = services().await else { return };
    let (mut sleeper, survivor) = tokio::join!(Process::start(Mode::Distributed), Process::start(Mode::Distributed));
    let bed = Bed::make().await;
    let answered = AtomicUsize::new(0);
    let (mut acknowledged, ()) = tokio::join!(bed.stream(0, COMMANDS, &answered), async {
        until_answered(&answered, COMMANDS / 3).await;
        sleeper.signal("STOP");
        sleep(PAST_THE_SESSION).await;
        until_answered(&answered, COMMANDS / 2).await;
        sleeper.signal("CONT");
    });
    acknowledged.extend(bed.stream(COMMANDS, COMMANDS / 3, &answered).await);
    // Awake among the others, it comes back into its groups by itself.
    sleeper.until_ready().await;
    assert!(sleeper.ended().is_none(), "it has ended:\n{}", sleeper.log());
    assert_eq!(acknowledged.len(), COMMANDS + COMMANDS / 3);
    bed.count(&acknowledged).await;
    assert!(survivor.stop().await.success(), "asked to stop, it ends well");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partition_that_moves_is_searched_only_once_it_is_whole() {
    let Some(_alone) = services().await else { return };
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let all = |folder: &Path| distributed(folder, Role::ALL);
    let first = Node::start(&all(folders[0].path())).await.unwrap();
    let shop = tenant(&first, &subdomain("moda")).await;
    let created = create(&first, shop, 7).await;
    let last = crate::common::admin(&first, CreateProduct { meta: meta(shop), content: content("Último", 100) }).await;
    shown(&first, "search", position(&last)).await;
    first.stop().await.unwrap();

    // Nothing of the first one's shards is in the folder of the second.
    let second = Node::start(&all(folders[1].path())).await.unwrap();
    let found = crate::common::products::found(&second, shop, "produto número").await;
    assert_eq!((found.total, found.hits[0].product_id), (1, created.1));
    second.stop().await.unwrap();
}
