//! Goes through all that a Feira keeps: records of every topic, rows of every table, cached values, documents and terms of shards, files.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use feira_connectors::log::TopicPartition;
use feira_node::node::Node;
use feira_schemas::{
    row::Table,
    rows::{TABLES, keyring},
    sealed::Envelope,
    topics,
};
use serde_json::Value;
use tantivy::{Document, Index, TantivyDocument};

use super::{
    copies::Sought,
    scanner::{Find, Scanner},
};

/// Records and rows that are read at once.
const PAGE: usize = 500;
/// Files of a data folder that hold secrets, by their very purpose, readable by their owner alone.
const SECRETS: [&str; 2] = ["master.key", "credentials.json"];

/// What looking through bytes has found.
pub struct Look<'a> {
    scanner: &'a Scanner,
    /// Values that stand in clear.
    pub finds: BTreeSet<Find>,
    /// Pieces that were looked through, by store.
    pub seen: BTreeMap<String, usize>,
    /// Sealed values of each subject that is sought, with the store that they stand in.
    pub copies: Vec<Vec<(String, Envelope)>>,
    sought: Vec<Sought>,
    /// Copies that can't be read, with their stores. Of a record that was cut off on purpose there are some.
    pub torn: BTreeSet<String>,
}

impl<'a> Look<'a> {
    /// Looks for what people typed, and for sealed values of these subjects.
    pub fn new(scanner: &'a Scanner, sought: Vec<Sought>) -> Self {
        let copies = sought.iter().map(|_| Vec::new()).collect();
        Self { scanner, finds: BTreeSet::new(), seen: BTreeMap::new(), copies, sought, torn: BTreeSet::new() }
    }

    /// Looks through a piece of a store.
    pub fn through(&mut self, store: &str, piece: &str, bytes: &[u8]) {
        *self.seen.entry(store.to_owned()).or_default() += 1;
        self.finds.extend(self.scanner.finds(&format!("{store} {piece}"), bytes));
        for (sought, copies) in self.sought.iter().zip(&mut self.copies) {
            match sought.copies(bytes) {
                Ok(found) => copies.extend(found.into_iter().map(|envelope| (store.to_owned(), envelope))),
                Err(error) => drop(self.torn.insert(format!("{store}: {error}"))),
            }
        }
    }

    /// Looks through a JSON value: as it is written, and every text in it, which may be JSON of its own.
    fn through_json(&mut self, store: &str, piece: &str, json: &Value) {
        self.through(store, piece, json.to_string().as_bytes());
        let mut finds = BTreeSet::new();
        self.texts(&format!("{store} {piece}"), json, &mut finds);
        self.finds.extend(finds);
    }

    fn texts(&self, place: &str, json: &Value, finds: &mut BTreeSet<Find>) {
        match json {
            Value::String(text) => {
                finds.extend(self.scanner.finds(place, text.as_bytes()));
                if let Ok(inner @ (Value::Object(_) | Value::Array(_) | Value::String(_))) = serde_json::from_str(text)
                {
                    self.texts(place, &inner, finds);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.texts(place, item, finds)),
            Value::Object(fields) => fields.values().for_each(|field| self.texts(place, field, finds)),
            _ => {}
        }
    }

    /// What was found, a line each.
    pub fn told(&self) -> String {
        self.finds.iter().map(|find| format!("{find}\n")).collect()
    }
}

/// Looks through what a node keeps elsewhere than in its data folder alone, and through the stores whose files hold it compressed.
pub async fn of_node(node: &Node, redis: &str, look: &mut Look<'_>) {
    topics(node, look).await;
    rows(node, look).await;
    cached(node, redis, look).await;
}

/// Looks through the values that are cached: in the memory of a node, and in its Redis, if it has one.
pub async fn cached(node: &Node, redis: &str, look: &mut Look<'_>) {
    for (key, cached) in node.platform.cache.in_memory() {
        look.through("cache", &key, key.as_bytes());
        look.through("cache", &key, cached.body.as_deref().unwrap_or_default());
    }
    if !redis.is_empty() {
        in_redis(redis, look).await;
    }
}

async fn topics(node: &Node, look: &mut Look<'_>) {
    let log = &node.platform.log;
    for (topic, partitions, _) in topics::all(node.platform.partitions) {
        for partition in 0..partitions {
            let at = TopicPartition::new(topic.as_str(), partition);
            let (mut from, end) = (log.start(&at).await.unwrap(), log.end(&at).await.unwrap());
            while from < end {
                let page = log.read(&at, from, PAGE).await.unwrap();
                for record in &page.records {
                    let piece = format!("[{partition}] at {}", record.offset);
                    let headers = record.headers.iter().flat_map(|(name, value)| [name.as_bytes(), &value[..]]);
                    look.through(&topic, &format!("{piece}, headers"), &headers.collect::<Vec<_>>().join(&b'\n'));
                    look.through(&topic, &format!("{piece}, key"), &record.key);
                    look.through(&topic, &piece, record.value.as_deref().unwrap_or_default());
                }
                if page.next == from {
                    tokio::time::sleep(std::time::Duration::from_millis(20)).await; // Readable a moment after its commit.
                }
                from = page.next;
            }
        }
    }
}

async fn rows(node: &Node, look: &mut Look<'_>) {
    let mut tables = TABLES.to_vec();
    // On a cluster the keyring is a keyspace of the same; embedded it has files of its own.
    if node.platform.state.is_shared() {
        for table in [keyring::DATA_KEY, keyring::MASTER_KEY] {
            assert!(node.platform.state.open_table(table).await.unwrap());
            tables.push(table);
        }
    }
    for table in tables {
        rows_of(node, table, look).await;
    }
}

async fn rows_of(node: &Node, table: Table, look: &mut Look<'_>) {
    let (store, mut after, mut number) = (format!("{}.{}", table.keyspace, table.name), None, 0);
    loop {
        let page = node.platform.state.scan_table_in::<Value>(table, after, PAGE).await.unwrap();
        for row in &page.rows {
            look.through_json(&store, &format!("row {number}"), row);
            number += 1;
        }
        after = page.next;
        if after.is_none() {
            return;
        }
    }
}

/// Every key of a Redis, of which each value is a string or a hash.
async fn in_redis(url: &str, look: &mut Look<'_>) {
    let mut connection = redis::Client::open(url).unwrap().get_multiplexed_async_connection().await.unwrap();
    let mut cursor = 0_u64;
    loop {
        let scan = redis::cmd("SCAN").arg(cursor).arg("COUNT").arg(PAGE).to_owned();
        let (next, keys): (u64, Vec<Vec<u8>>) = scan.query_async(&mut connection).await.unwrap();
        for key in keys {
            look.through("redis", "key", &key);
            let kind: String = redis::cmd("TYPE").arg(&key).query_async(&mut connection).await.unwrap();
            let read = match kind.as_str() {
                "string" => "GET",
                "hash" => "HGETALL",
                "none" => continue, // It has run out since.
                other => panic!("a {other} in the cache"),
            };
            let value: redis::Value = redis::cmd(read).arg(&key).query_async(&mut connection).await.unwrap();
            for bytes in bytes_of(value) {
                look.through("redis", &String::from_utf8_lossy(&key), &bytes);
            }
        }
        cursor = next;
        if cursor == 0 {
            return;
        }
    }
}

fn bytes_of(value: redis::Value) -> Vec<Vec<u8>> {
    match value {
        redis::Value::BulkString(bytes) => vec![bytes],
        redis::Value::SimpleString(text) => vec![text.into_bytes()],
        redis::Value::Array(items) => items.into_iter().flat_map(bytes_of).collect(),
        redis::Value::Map(pairs) => {
            pairs.into_iter().flat_map(|(key, value)| [key, value]).flat_map(bytes_of).collect()
        }
        _ => Vec::new(),
    }
}

/// Looks through every file of a data folder as it lies there, and its name. Nobody may have it open.
pub fn files(folder: &Path, look: &mut Look<'_>) {
    each_file(folder, &mut |path| {
        let within = path.strip_prefix(folder).unwrap().to_string_lossy().into_owned();
        look.through("files", &within, within.as_bytes());
        if !SECRETS.contains(&&*within) {
            look.through("files", &within, &fs::read(path).unwrap());
        }
    });
}

/// Looks through the documents and terms of every search shard below a folder, whose files hold them compressed.
pub fn shards(folder: &Path, look: &mut Look<'_>) {
    each_file(folder, &mut |path| {
        if path.file_name().is_some_and(|name| name == "meta.json") {
            shard(path.parent().unwrap(), look);
        }
    });
}

fn shard(folder: &Path, look: &mut Look<'_>) {
    let index = Index::open_in_dir(folder).unwrap();
    let (schema, name) = (index.schema(), folder.file_name().unwrap().to_string_lossy().into_owned());
    let searcher = index.reader().unwrap().searcher();
    for segment in searcher.segment_readers() {
        let store = segment.get_store_reader(1).unwrap();
        for document in store.iter::<TantivyDocument>(segment.alive_bitset()) {
            look.through("shards", &name, document.unwrap().to_json(&schema).as_bytes());
        }
        for (field, _) in schema.fields().filter(|(_, entry)| entry.is_indexed()) {
            let inverted = segment.inverted_index(field).unwrap();
            let mut terms = inverted.terms().stream().unwrap();
            while terms.advance() {
                look.through("shards", &name, terms.key());
            }
        }
    }
}

fn each_file(folder: &Path, look: &mut impl FnMut(&Path)) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => each_file(&path, look),
            false => look(&path),
        }
    }
}
