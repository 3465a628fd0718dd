//! A deployment of the build before, on the real services: two processes fold it together.

use std::{any::Any, path::Path, sync::Arc};

use feira::{config::Role, node::Node, ports};
use feira_connectors::{
    log::{Log, NewRecord, TopicPartition},
    registry::Registry,
    state::State,
};
use feira_schemas::{
    generations::KEYSPACES,
    row::{AnyRow, KeyPart, Row, RowKey, Stored, Table, Write},
    rows::{CQL, TABLES, platform::GenerationRow},
    topics::{self, Context},
};
use feira_streams::{
    generations::{drop_older, older},
    platform::{Ports, topic_specs},
};
use serde_json::Value;

use crate::common::{
    generations::{finds_everything, unpack, until_whole},
    services::{PARTITIONS, distributed, services},
};

/// The tables as they were.
const SHIPPED: [(&str, &str); 4] = [
    ("directory", include_str!("../../schemas/cql/shipped/directory_g1.cql")),
    ("admin", include_str!("../../schemas/cql/shipped/admin_g1.cql")),
    ("store", include_str!("../../schemas/cql/shipped/store_g1.cql")),
    ("storefront", include_str!("../../schemas/cql/shipped/storefront_g1.cql")),
];

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

/// Makes the services' tables those of the build before, with the folder's rows.
async fn rows_of_the_build_before(folder: &Path, state: &State) {
    for (keyspace, ours) in KEYSPACES {
        for generation in 1..=*ours {
            state.drop_generation(keyspace, generation).await.unwrap();
        }
    }
    let old = State::embedded(&folder.join("state")).unwrap();
    let tables: Vec<Table> = TABLES
        .iter()
        .filter(|table| table.keyspace != "platform" && table.name != "progress")
        .filter(|table| {
            let place = format!("feira_{}.{}_g1 (", table.keyspace, table.name);
            SHIPPED.iter().any(|(_, text)| text.contains(&place))
        })
        .map(|table| table.of_generation(1))
        .collect();
    let cql: Vec<(&str, String)> =
        SHIPPED.iter().map(|(keyspace, text)| (*keyspace, text.replace("_g1", "_g{g}"))).collect();
    let cql: Vec<(&str, &str)> = cql.iter().map(|(keyspace, text)| (*keyspace, text.as_str())).collect();
    state.ensure_tables(&tables, &cql).await.unwrap();
    for table in tables {
        assert!(old.open_table(table).await.unwrap(), "{table:?}");
        let rows = old.scan_table_in::<Value>(table, None, 1_000).await.unwrap().rows;
        let writes: Vec<Write> = rows
            .into_iter()
            .map(|row| Write::Put { table, row: Arc::new(Copied { table, row }), write_ts: 1 })
            .collect();
        state.write(&writes).await.unwrap();
    }
    state.ensure_tables(&[GenerationRow::TABLE], CQL).await.unwrap();
    let marks = KEYSPACES.iter().map(|(name, _)| GenerationRow { name: (*name).to_owned(), generation: 1 });
    state.write(&marks.map(|row| Write::put(row, 1)).collect::<Vec<_>>()).await.unwrap();
}

/// Appends the folder's events, under the ids that the services' registry gives their schemas.
async fn events_of_the_build_before(folder: &Path, log: &Log, registry: &Registry) {
    log.ensure_topics(&topic_specs(PARTITIONS)).await.unwrap();
    let old = Log::embedded(&folder.join("log")).unwrap();
    let meant = Registry::embedded(&folder.join("registry")).unwrap();
    for context in Context::ALL {
        for partition in 0..PARTITIONS {
            let at = TopicPartition::new(topics::events(context), partition);
            let mut records = Vec::new();
            for record in old.read(&at, 0, 10_000).await.unwrap().records {
                let mut value = record.value.unwrap().to_vec();
                let id = u32::from_be_bytes(value[1..5].try_into().unwrap());
                let schema = meant.schema(id).await.unwrap().unwrap();
                let json: Value = serde_json::from_str(&schema).unwrap();
                let name = format!("{}.{}", json["namespace"].as_str().unwrap(), json["name"].as_str().unwrap());
                value[1..5].copy_from_slice(&registry.register(&name, &schema).await.unwrap().to_be_bytes());
                let (topic, key, headers) = (at.topic.clone(), record.key, record.headers);
                let partition = Some(partition);
                records.push(NewRecord { topic, partition, key, value: Some(value.into()), headers });
            }
            log.append(records).await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn f26_two_processes_fold_what_the_build_before_has_kept() {
    let Some(_alone) = services().await else { return };
    let (old, folders) = (tempfile::tempdir().unwrap(), [(); 2].map(|()| tempfile::tempdir().unwrap()));
    let shops = unpack(old.path());
    let [one, other] = [0, 1].map(|index: usize| distributed(folders[index].path(), Role::ALL));
    let Ports { log, state, registry, .. } = ports::open(&one).await.unwrap();
    rows_of_the_build_before(old.path(), &state).await;
    events_of_the_build_before(old.path(), &log, &registry).await;

    let key = GenerationRow { name: "admin".to_owned(), generation: 0 }.key();
    assert_eq!(state.get::<GenerationRow>(&key).await.unwrap().unwrap().generation, 1);
    // Both at once: a folder as small as this is folded by one of them before the other has come up.
    let (one, other) = tokio::join!(Node::start(&one), Node::start(&other));
    let (mut one, mut other) = (one.unwrap(), other.unwrap());
    tokio::join!(until_whole(&mut one), until_whole(&mut other));
    other.stop().await.unwrap();
    finds_everything(&one, shops).await;

    let live = one.platform.generations.all();
    assert!(KEYSPACES.iter().all(|(name, ours)| live[*name].live == i64::from(*ours)), "{live:?}");
    let dropped = drop_older(&one.platform).await.unwrap();
    assert_eq!(dropped.len(), KEYSPACES.iter().filter(|(_, ours)| *ours > 1).count(), "{dropped:?}");
    assert_eq!(older(&one.platform).await.unwrap(), []);
    one.stop().await.unwrap();
}
