//! A deployment of the build before, on the real services: two processes fold it together. Told on the services alone.

use std::{
    any::Any,
    collections::{BTreeMap, BTreeSet},
    env,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use feira_connectors::{
    clock::wall_clock,
    log::{Log, NewRecord, TopicPartition},
    registry::Registry,
    state::State,
};
use feira_node::{config::Role, node::Node, ports};
use feira_schemas::{
    budget::Budget,
    generations::KEYSPACES,
    row::{AnyRow, KeyPart, Row, RowKey, Stored, Table, Write},
    rows::{
        CQL, TABLES,
        common::{parked_of, progress_of},
        payments::{ChargeRow, RefundRow},
        platform::GenerationRow,
    },
    topics::{self, Context},
};
use feira_streams::{
    generations::{drop_older, older, take_over},
    platform::{Platform, Ports, topic_specs},
};
use rdkafka::{
    ClientConfig,
    admin::{AdminClient, AdminOptions},
    client::DefaultClientContext,
    types::RDKafkaErrorCode,
    util::Timeout,
};
use serde_json::Value;
use tempfile::TempDir;

use super::asked::Asked;
use crate::common::{
    PATIENCE,
    generations::{
        Shops, VIEWS, Way, all_made, asks_by_timers, finds_everything, made, unpack, until_whole,
        what_was_parked_comes_in,
    },
    services::{PARTITIONS, distributed, services},
};

/// A build before: its folder, and its tables as they were by keyspace and generation.
struct Build {
    folder: &'static str,
    shipped: &'static [(&'static str, u32, &'static str)],
}

const G1: Build = Build {
    folder: "g1",
    shipped: &[
        ("directory", 1, include_str!("../../../schemas/cql/shipped/directory_g1.cql")),
        ("admin", 1, include_str!("../../../schemas/cql/shipped/admin_g1.cql")),
        ("store", 1, include_str!("../../../schemas/cql/shipped/store_g1.cql")),
        ("storefront", 1, include_str!("../../../schemas/cql/shipped/storefront_g1.cql")),
    ],
};
const G2: Build = Build {
    folder: "g2",
    shipped: &[
        ("directory", 1, include_str!("../../../schemas/cql/shipped/directory_g1.cql")),
        ("admin", 2, include_str!("../../../schemas/cql/shipped/admin_g2.cql")),
        ("store", 2, include_str!("../../../schemas/cql/shipped/store_g2.cql")),
        ("storefront", 2, include_str!("../../../schemas/cql/shipped/storefront_g2.cql")),
    ],
};
const G3: Build = Build {
    folder: "g3",
    shipped: &[
        ("directory", 1, include_str!("../../../schemas/cql/shipped/directory_g1.cql")),
        ("admin", 2, include_str!("../../../schemas/cql/shipped/admin_g2.cql")),
        ("store", 2, include_str!("../../../schemas/cql/shipped/store_g2.cql")),
        ("storefront", 3, include_str!("../../../schemas/cql/shipped/storefront_g3.cql")),
        ("search", 1, include_str!("../../../schemas/cql/shipped/search_g1.cql")),
        ("panel", 1, include_str!("../../../schemas/cql/shipped/panel_g1.cql")),
    ],
};
const G4: Build = Build {
    folder: "g4",
    shipped: &[
        ("directory", 2, include_str!("../../../schemas/cql/shipped/directory_g2.cql")),
        ("admin", 3, include_str!("../../../schemas/cql/shipped/admin_g3.cql")),
        ("store", 3, include_str!("../../../schemas/cql/shipped/store_g3.cql")),
        ("storefront", 4, include_str!("../../../schemas/cql/shipped/storefront_g4.cql")),
        ("search", 1, include_str!("../../../schemas/cql/shipped/search_g1.cql")),
        ("panel", 1, include_str!("../../../schemas/cql/shipped/panel_g1.cql")),
    ],
};

const G5: Build = Build {
    folder: "g5",
    shipped: &[
        ("directory", 3, include_str!("../../../schemas/cql/shipped/directory_g3.cql")),
        ("admin", 4, include_str!("../../../schemas/cql/shipped/admin_g4.cql")),
        ("store", 4, include_str!("../../../schemas/cql/shipped/store_g4.cql")),
        ("payments", 1, include_str!("../../../schemas/cql/shipped/payments_g1.cql")),
        ("storefront", 4, include_str!("../../../schemas/cql/shipped/storefront_g4.cql")),
        ("search", 1, include_str!("../../../schemas/cql/shipped/search_g1.cql")),
        ("panel", 1, include_str!("../../../schemas/cql/shipped/panel_g1.cql")),
    ],
};

impl Build {
    /// The keyspaces whose tables this program has in a later generation, with their generations.
    fn older(&self) -> BTreeSet<(&str, u32)> {
        let ours: BTreeMap<&str, u32> = KEYSPACES.iter().copied().collect();
        let all = self.shipped.iter().map(|(keyspace, generation, _)| (*keyspace, *generation));
        all.filter(|(keyspace, generation)| *generation < ours[keyspace]).collect()
    }
}

/// A row of whatever table, as the folder has it.
#[derive(Debug, Clone)]
struct Copied {
    table: Table,
    row: Value,
}

impl AnyRow for Copied {
    fn row_key(&self) -> RowKey {
        let part = |column: &&str| match &self.row[*column] {
            Value::Number(number) => KeyPart::BigInt(number.as_i64().unwrap()),
            value => {
                let text = value.as_str().unwrap();
                text.parse().map_or_else(|_| KeyPart::Text(text.to_owned()), KeyPart::Uuid)
            }
        };
        let parts = |columns: &[&str]| columns.iter().map(part).collect::<Vec<_>>();
        RowKey::new(parts(self.table.partition_key), parts(self.table.clustering_key))
    }
    fn to_json(&self) -> Result<Value, serde_json::Error> {
        Ok(self.row.clone())
    }
    fn to_json_bytes(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(&self.row)
    }
    fn weight(&self) -> usize {
        self.row.to_string().len()
    }
    fn as_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync> {
        self
    }
}

/// A table as a generation had it: its key may be another by now.
fn as_it_was(table: Table, generation: u32) -> Table {
    let table = table.of_generation(generation);
    match (table.keyspace, table.name) {
        // Each token had a partition of its own.
        ("admin", "token") if generation < 7 => {
            Table { partition_key: &["tenant_id", "token_hash"], clustering_key: &[], ..table }
        }
        _ => table,
    }
}

/// Makes the services' tables those of a build before, with the folder's rows: all but where processors were, since offsets are
/// others here.
async fn rows_of_the_build_before(build: &Build, folder: &Path, state: &State) {
    for (keyspace, ours) in KEYSPACES {
        for generation in 1..=*ours {
            state.drop_generation(keyspace, generation).await.unwrap();
        }
    }
    let old = State::embedded(&folder.join("state")).unwrap();
    for (keyspace, generation, text) in build.shipped.iter().copied() {
        let made = |table: &&Table| {
            table.keyspace == keyspace && text.contains(&format!("feira_{keyspace}.{}_g{generation} (", table.name))
        };
        let tables: Vec<Table> = TABLES.iter().filter(made).map(|table| as_it_was(*table, generation)).collect();
        let text = text.replace(&format!("_g{generation}"), "_g{g}");
        state.ensure_tables(&tables, &[(keyspace, text.as_str())]).await.unwrap();
        for table in tables.into_iter().filter(|table| !["progress", "parked"].contains(&table.name)) {
            assert!(old.open_table(table).await.unwrap(), "{table:?}");
            let rows = old.scan_table_in::<Value>(table, None, 1_000).await.unwrap().rows;
            let put = |row| Write::Put { table, row: Arc::new(Copied { table, row }), write_ts: 1 };
            state.write(&rows.into_iter().map(put).collect::<Vec<_>>()).await.unwrap();
        }
    }
    state.ensure_tables(&[GenerationRow::TABLE], CQL).await.unwrap();
    let live = build.shipped.iter().map(|(keyspace, generation, _)| (*keyspace, *generation));
    let marks = live.chain([("platform", 1)]);
    let marks = marks.map(|(name, generation)| GenerationRow { name: name.to_owned(), generation: generation.into() });
    state.write(&marks.map(|row| Write::put(row, 1)).collect::<Vec<_>>()).await.unwrap();
}

/// Deletes all topics: what tests before have left there is younger than the folder's events, and in no partition of a deployment does
/// a younger event stand before an older one.
async fn delete_topics() {
    let mut client = ClientConfig::new();
    client.set("bootstrap.servers", env::var("FEIRA_KAFKA_BROKERS").unwrap());
    let admin: AdminClient<DefaultClientContext> = client.create().unwrap();
    let specs = topic_specs(PARTITIONS);
    let names: Vec<&str> = specs.iter().map(|spec| spec.name.as_ref()).collect();
    let deleted = admin.delete_topics(&names, &AdminOptions::new()).await.unwrap();
    for topic in deleted {
        let absent = |(_, code): &(String, RDKafkaErrorCode)| *code == RDKafkaErrorCode::UnknownTopicOrPartition;
        assert!(topic.is_ok() || topic.as_ref().is_err_and(absent), "{topic:?}");
    }
    // A broker says that it has deleted a topic a moment before it has forgotten it.
    let deadline = Instant::now() + PATIENCE;
    loop {
        let known = admin.inner().fetch_metadata(None, Timeout::After(PATIENCE)).unwrap();
        let left = known.topics().iter().filter(|topic| names.contains(&topic.name())).count();
        if left == 0 {
            return;
        }
        assert!(Instant::now() < deadline, "{left} topics are still there");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The folder's topics, for those of the services, whose registry gives schemas other ids.
struct Topics<'a> {
    old: Log,
    meant: Registry,
    log: &'a Log,
    registry: &'a Registry,
}

impl<'a> Topics<'a> {
    async fn open(folder: &Path, log: &'a Log, registry: &'a Registry) -> Self {
        delete_topics().await;
        log.ensure_topics(&topic_specs(PARTITIONS)).await.unwrap();
        let old = Log::embedded(&folder.join("log")).unwrap();
        let meant = Registry::embedded(&folder.join("registry")).unwrap();
        Self { old, meant, log, registry }
    }

    /// Appends what a partition has, and says which offset each record has now by the one that it had.
    async fn copy(&self, topic: String, partition: u32) -> BTreeMap<i64, i64> {
        let at = TopicPartition::new(topic, partition);
        if self.old.end(&at).await.is_err() {
            return BTreeMap::new(); // The build before knew no such topic.
        }
        let (mut offsets, mut records) = (Vec::new(), Vec::new());
        for record in self.old.read(&at, 0, 10_000).await.unwrap().records {
            let mut value = record.value.unwrap().to_vec();
            let id = u32::from_be_bytes(value[1..5].try_into().unwrap());
            let schema = self.meant.schema(id).await.unwrap().unwrap();
            let json: Value = serde_json::from_str(&schema).unwrap();
            let name = format!("{}.{}", json["namespace"].as_str().unwrap(), json["name"].as_str().unwrap());
            value[1..5].copy_from_slice(&self.registry.register(&name, &schema).await.unwrap().to_be_bytes());
            let (topic, key, headers) = (at.topic.clone(), record.key, record.headers);
            offsets.push(record.offset);
            records.push(NewRecord { topic, partition: Some(partition), key, value: Some(value.into()), headers });
        }
        offsets.into_iter().zip(self.log.append(records).await.unwrap()).collect()
    }

    /// Appends the folder's events.
    async fn events(&self) {
        for context in Context::ALL {
            for partition in 0..PARTITIONS {
                self.copy(topics::events(context), partition).await;
            }
        }
    }

    /// Appends what waits in the retry topics, and keeps in the state what the folder's views kept of their way, with the offsets
    /// that these records have now.
    async fn way(&self, folder: &Path, state: &State) -> Way {
        let old = State::embedded(&folder.join("state")).unwrap();
        let mut way = Way::read(&old).await;
        for view in VIEWS {
            for partition in 0..PARTITIONS {
                let topic = topics::retry(view);
                let now = self.copy(topic.clone(), partition).await;
                let of = |consumer: &str, at: i64, name: &str| consumer == name && at == i64::from(partition);
                for parked in way.parked.iter_mut().filter(|row| of(&row.consumer, row.partition, view)) {
                    parked.offsets = parked.offsets.iter().map(|offset| now[offset]).collect();
                }
                let end = now.last_key_value().map_or(0, |(_, offset)| offset + 1);
                for row in way.positions.iter_mut().filter(|row| of(&row.consumer, row.partition, &topic)) {
                    row.applied = end;
                }
            }
        }
        let (keyspace, generation) = Way::LAY;
        let (positions, parked) = (progress_of(keyspace), parked_of(keyspace));
        let positions =
            way.positions.iter().map(|row| Write::put_in(positions.of_generation(generation), row.clone(), 1));
        let parked = way.parked.iter().map(|row| Write::put_in(parked.of_generation(generation), row.clone(), 1));
        state.write(&positions.chain(parked).collect::<Vec<_>>()).await.unwrap();
        way
    }
}

/// Two processes start on what a build before has kept, and fold it. Then one ends, so that the other has all shards.
async fn folded(folders: &[TempDir; 2], shops: Shops) -> Node {
    let [one, other] = [0, 1].map(|index: usize| distributed(folders[index].path(), Role::ALL));
    // Both at once: a folder as small as this is folded by one of them before the other has come up.
    let (one, other) = tokio::join!(Node::start(&one), Node::start(&other));
    let (mut one, mut other) = (one.unwrap(), other.unwrap());
    tokio::join!(until_whole(&mut one), until_whole(&mut other));
    let live = one.platform.generations.all();
    assert!(KEYSPACES.iter().all(|(name, ours)| live[*name].live == i64::from(*ours)), "{live:?}");
    other.stop().await.unwrap();
    finds_everything(&one, shops).await;
    one
}

#[tokio::test(flavor = "multi_thread")]
async fn f26_two_processes_fold_what_the_build_before_has_kept() {
    let Some(_alone) = services().await else { return };
    let (old, folders) = (tempfile::tempdir().unwrap(), [(); 2].map(|()| tempfile::tempdir().unwrap()));
    let shops = unpack(old.path(), G1.folder);
    let Ports { log, state, registry, .. } = ports::open(&distributed(folders[0].path(), Role::ALL)).await.unwrap();
    rows_of_the_build_before(&G1, old.path(), &state).await;
    Topics::open(old.path(), &log, &registry).await.events().await;

    let key = GenerationRow { name: "admin".to_owned(), generation: 0 }.key();
    assert_eq!(state.get::<GenerationRow>(&key).await.unwrap().unwrap().generation, 1);
    let one = folded(&folders, shops).await;

    let dropped = drop_older(&one.platform).await.unwrap();
    let dropped: BTreeSet<_> = dropped.iter().map(|older| (older.keyspace.as_str(), older.generation)).collect();
    assert_eq!(dropped, G1.older());
    assert_eq!(older(&one.platform).await.unwrap(), []);
    one.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn f26_what_views_keep_of_their_way_goes_into_keyspaces_of_their_own() {
    let Some(_alone) = services().await else { return };
    let (old, folders) = (tempfile::tempdir().unwrap(), [(); 2].map(|()| tempfile::tempdir().unwrap()));
    let shops = unpack(old.path(), G2.folder);
    let config = distributed(folders[0].path(), Role::ALL);
    let Ports { log, state, registry, .. } = ports::open(&config).await.unwrap();
    rows_of_the_build_before(&G2, old.path(), &state).await;
    let topics = Topics::open(old.path(), &log, &registry).await;
    topics.events().await;
    let way = topics.way(old.path(), &state).await;

    // Two take over at once, before any view is at work.
    let start = async || {
        let ports = ports::open(&config).await.unwrap();
        Platform::start(ports, PARTITIONS, Budget::default(), wall_clock()).await.unwrap()
    };
    let both = [start().await, start().await];
    let (one, other) = tokio::join!(take_over(&both[0]), take_over(&both[1]));
    one.and(other).unwrap();
    way.is_in(&both[0].state).await;
    drop(both);

    let one = folded(&folders, shops).await;
    what_was_parked_comes_in(&one, shops).await;
    let dropped = drop_older(&one.platform).await.unwrap();
    let dropped: BTreeSet<_> = dropped.iter().map(|older| (older.keyspace.as_str(), older.generation)).collect();
    assert_eq!(dropped, [("admin", 2), ("directory", 1), ("store", 2), Way::LAY].into());
    one.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn f26_answers_of_the_build_before_say_what_they_show() {
    let Some(_alone) = services().await else { return };
    let (old, folders) = (tempfile::tempdir().unwrap(), [(); 2].map(|()| tempfile::tempdir().unwrap()));
    let (shops, asked) = (unpack(old.path(), G3.folder), Asked::read(old.path()));
    let config = distributed(folders[0].path(), Role::ALL);
    let Ports { log, state, registry, .. } = ports::open(&config).await.unwrap();
    rows_of_the_build_before(&G3, old.path(), &state).await;
    Topics::open(old.path(), &log, &registry).await.events().await;

    let ports = ports::open(&config).await.unwrap();
    let platform = Platform::start(ports, PARTITIONS, Budget::default(), asked.clock()).await.unwrap();
    Asked::fold(&platform).await;
    asked.is_understood(&platform).await;
    drop(platform);
    folded(&folders, shops).await.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn f26_a_build_that_knows_no_timers_is_folded_and_its_next_shop_asks_by_them() {
    let Some(_alone) = services().await else { return };
    let (old, folders) = (tempfile::tempdir().unwrap(), [(); 2].map(|()| tempfile::tempdir().unwrap()));
    let (shops, (quarta, slug)) = (unpack(old.path(), G4.folder), made(old.path()));
    let config = distributed(folders[0].path(), Role::ALL);
    let Ports { log, state, registry, .. } = ports::open(&config).await.unwrap();
    rows_of_the_build_before(&G4, old.path(), &state).await;
    Topics::open(old.path(), &log, &registry).await.events().await;

    let one = folded(&folders, shops).await;
    assert!(one.storefront.by_slug(quarta, &slug).await.unwrap().is_some(), "{slug}");
    asks_by_timers(&one, &format!("nova-{}", uuid::Uuid::now_v7().simple())).await;
    let dropped = drop_older(&one.platform).await.unwrap();
    let dropped: BTreeSet<_> = dropped.iter().map(|older| (older.keyspace.as_str(), older.generation)).collect();
    assert_eq!(dropped, [("admin", 3), ("directory", 2), ("store", 3), ("storefront", 4)].into());
    one.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn f26_what_a_build_before_has_charged_is_folded() {
    let Some(_alone) = services().await else { return };
    let (old, folders) = (tempfile::tempdir().unwrap(), [(); 2].map(|()| tempfile::tempdir().unwrap()));
    let (shops, all) = (unpack(old.path(), G5.folder), all_made(old.path()));
    let config = distributed(folders[0].path(), Role::ALL);
    let Ports { log, state, registry, .. } = ports::open(&config).await.unwrap();
    rows_of_the_build_before(&G5, old.path(), &state).await;
    Topics::open(old.path(), &log, &registry).await.events().await;

    let one = folded(&folders, shops).await;
    let charged = |made: &Value| {
        let status = made["status"].as_str().unwrap().to_uppercase();
        (made["id"].as_str().unwrap().to_owned(), made["amount"]["amount"].as_i64().unwrap(), status)
    };
    let expected: BTreeSet<_> = all["payments"]["charges"].as_object().unwrap().values().map(charged).collect();
    let rows = one.platform.state.scan_table::<ChargeRow>(None, 1_000).await.unwrap().rows;
    let charge = |row: &ChargeRow| {
        let status = serde_json::to_value(row.charge.status).unwrap();
        (row.charge.charge_id.to_string(), row.charge.request.amount.amount, status.as_str().unwrap().to_owned())
    };
    assert_eq!(rows.iter().map(charge).collect::<BTreeSet<_>>(), expected);
    let refunds = one.platform.state.scan_table::<RefundRow>(None, 1_000).await.unwrap().rows;
    let refunds: BTreeSet<_> = refunds.iter().map(|row| row.refund.refund_id.to_string()).collect();
    let asked = all["payments"]["refunds"].as_object().unwrap().values();
    assert_eq!(refunds, asked.map(|refund| refund["id"].as_str().unwrap().to_owned()).collect());
    let dropped = drop_older(&one.platform).await.unwrap();
    let dropped: BTreeSet<_> = dropped.iter().map(|older| (older.keyspace.as_str(), older.generation)).collect();
    assert_eq!(dropped, G5.older());
    one.stop().await.unwrap();
}
