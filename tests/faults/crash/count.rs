//! Opens the folder a last time and counts.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use feira_connectors::{
    log::{LogRecord, TopicPartition},
    search::{ShardId, Shards, ShardsSettings},
};
use feira_node::node::Node;
use feira_schemas::{
    generations::SHARDS,
    groups,
    ids::{CommandId, EventId, TenantId},
    records::{
        AdminEvent, DirectoryEvent, EventSet, RecordSet, ResultRecord, StoreEvent,
        catalogue::ProductStatus,
        common::{CommandResult, Outcome},
    },
    rows::{admin::ProductRow, common::Parked, store::ListingRow},
    topics::{self, Context, Position},
};

use super::{
    child::{self, Errand},
    fold,
    journal::{self, Entry, Journal},
    plan::{self, SHOPS},
};
use crate::common::PATIENCE;

/// The numbers of what was counted, and every fault that was found.
#[derive(Debug, Default)]
pub struct Counted {
    pub commands: usize,
    pub refused: usize,
    pub answered_again: usize,
    pub results: usize,
    pub events: BTreeMap<&'static str, usize>,
    pub aggregates: usize,
    pub rows: BTreeMap<String, usize>,
    pub documents: BTreeMap<&'static str, usize>,
    pub faults: Vec<String>,
}

impl Counted {
    fn fault(&mut self, fault: String) {
        println!("FAULT {fault}");
        self.faults.push(fault);
    }

    fn equal<T: PartialEq + std::fmt::Debug>(&mut self, what: &str, found: T, expected: T) {
        if found != expected {
            self.fault(format!("{what}: found {found:?}, expected {expected:?}"));
        }
    }
}

/// Finishes what was begun, waits until all is seen everywhere, and compares.
pub async fn count(errand: &Errand) -> Counted {
    let mut counted = Counted::default();
    let node = Node::start(&super::config(&errand.data)).await.unwrap();
    let answers = ask_again(&node, errand, &mut counted).await;
    settle(&node, &mut counted).await;

    let directory = events::<DirectoryEvent>(&node, Context::Directory, &mut counted).await;
    let admin = events::<AdminEvent>(&node, Context::Admin, &mut counted).await;
    let store = events::<StoreEvent>(&node, Context::Store, &mut counted).await;
    every_answer_once(&answers, &admin, &store, &mut counted);
    results_agree(&node, &answers, &mut counted).await;
    every_change_listed(&admin, &store, &mut counted);

    let fresh = fold::Fresh::of(&directory, &admin, &store).await;
    for (table, found, expected) in fold::compare(&node.platform.state, &fresh).await {
        counted.rows.insert(table.clone(), expected.len());
        for (key, row) in &expected {
            if found.get(key) != Some(row) {
                counted.fault(format!("{table} {key:?}: found {:?}, expected {row}", found.get(key)));
            }
        }
        for key in found.keys().filter(|key| !expected.contains_key(*key)) {
            counted.fault(format!("{table} {key:?} has a row that the log does not tell of"));
        }
    }
    let listed: Vec<ListingRow> = fold::rows(&node.platform.state).await;
    let listed = listed
        .into_iter()
        .filter(|row| row.listed)
        .map(|row| (row.tenant_id, (row.listing.product_id, row.listing.version)));
    let products: Vec<ProductRow> = fold::rows(&node.platform.state).await;
    let products = products.into_iter().map(|row| (row.tenant_id, (row.product.product_id, row.product.version)));
    let (listed, products): (BTreeSet<_>, BTreeSet<_>) = (listed.collect(), products.collect());
    let platform = node.platform.clone();
    node.stop().await.unwrap();
    for (catalogue, expected) in [("search", listed), ("panel", products)] {
        let shards = Shards::open(ShardsSettings::new(errand.data.join("shards").join(catalogue), SHARDS)).unwrap();
        let mut found = BTreeSet::new();
        for tenant in (0..SHOPS).map(plan::tenant) {
            let ids = shards.ids(ShardId { partition: platform.partition_of(tenant), tenant }).await.unwrap();
            counted.documents.entry(catalogue).and_modify(|count| *count += ids.len()).or_insert(ids.len());
            found.extend(ids.into_iter().map(|id| (tenant, id)));
        }
        let total = counted.documents[catalogue];
        counted.equal(&format!("{catalogue}: documents, each once"), total, found.len());
        for (tenant, id) in found.symmetric_difference(&expected) {
            let there = if found.contains(&(*tenant, *id)) { "too many" } else { "missing" };
            counted.fault(format!("{catalogue} {tenant} {id:?}: {there}"));
        }
    }
    counted
}

/// Every client finishes its last question and then repeats all it ever asked.
async fn ask_again(node: &Node, errand: &Errand, counted: &mut Counted) -> HashMap<CommandId, CommandResult> {
    let journal = Journal::open(&errand.journal);
    let mut answered = journal::read(&errand.journal);
    for client in plan::clients() {
        let known = answered.entry(client).or_default();
        let result = child::send(node, plan::next(errand.seed, client, known)).await;
        let entry = Entry { client, step: known.len(), result };
        journal.keep(&entry);
        known.push(entry);
    }
    let mut answers = HashMap::new();
    for (client, known) in &answered {
        for entry in known {
            let again = child::send(node, plan::next(errand.seed, *client, &known[..entry.step])).await;
            counted.answered_again += 1;
            counted.equal(&format!("{client:?} step {} asked again", entry.step), again, entry.result.clone());
            counted.refused += usize::from(entry.result.outcome == Outcome::Refused);
            answers.insert(plan::command_id(*client, entry.step), entry.result.clone());
        }
    }
    counted.commands = answers.len();
    answers
}

/// Waits until the views show every event and nothing is parked.
async fn settle(node: &Node, counted: &mut Counted) {
    let deadline = tokio::time::Instant::now() + 4 * PATIENCE;
    for partition in 0..node.platform.partitions {
        for view in ["search", "panel", "storefront", "audit", "audit_store"] {
            let (table, parked) = (groups::named(view).unwrap().parked().unwrap(), Parked::all(view, partition));
            while !node.platform.state.scan_in::<Parked>(table, &parked, None, 1).await.unwrap().is_empty() {
                assert!(tokio::time::Instant::now() < deadline, "{view} still has something parked");
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            }
        }
        // The store decides admin's last event; only then is its own last event known.
        for (source, view, of) in [
            (Context::Store, "storefront", Context::Admin),
            (Context::Admin, "panel", Context::Admin),
            (Context::Admin, "audit", Context::Admin),
            (Context::Store, "audit_store", Context::Store),
            (Context::Store, "storefront", Context::Store),
            (Context::Store, "search", Context::Store),
        ] {
            let last = match of {
                Context::Admin => last_write_ts::<AdminEvent>(node, of, partition).await,
                _ => last_write_ts::<StoreEvent>(node, of, partition).await,
            };
            let Some(write_ts) = last else { continue };
            let position = Position { context: of, partition, write_ts };
            if node.platform.reached.wait(view, source, position, PATIENCE).await.is_err() {
                counted.fault(format!("{view} never shows {position}"));
            }
        }
    }
}

async fn last_write_ts<E: EventSet>(node: &Node, context: Context, partition: u32) -> Option<i64> {
    let records = read(node, &topics::events(context), partition).await;
    records.last().map(|record| decode::<E>(node, record).meta().write_ts)
}

fn decode<R: RecordSet>(node: &Node, record: &LogRecord) -> R {
    R::decode(&node.platform.codec, record.value.as_deref().unwrap()).unwrap()
}

async fn read(node: &Node, topic: &str, partition: u32) -> Vec<LogRecord> {
    let at = TopicPartition::new(topic, partition);
    let (mut from, mut records) = (0, Vec::new());
    loop {
        let page = node.platform.log.read(&at, from, 1_000).await.unwrap();
        if page.next == from {
            return records;
        }
        from = page.next;
        records.extend(page.records);
    }
}

/// All events of a context, by partition. In each, versions are contiguous per entity, clocks move on, ids are unique, and
/// each input was decided once.
async fn events<E: EventSet>(node: &Node, context: Context, counted: &mut Counted) -> Vec<(u32, E)> {
    let mut all = Vec::new();
    let mut versions: HashMap<(TenantId, String), i64> = HashMap::new();
    let mut ids: BTreeSet<EventId> = BTreeSet::new();
    for partition in 0..node.platform.partitions {
        let mut last_ts = 0;
        let mut decided: HashMap<String, (i64, CommandId)> = HashMap::new();
        for record in read(node, &topics::events(context), partition).await {
            let event: E = decode(node, &record);
            let (meta, at) = (event.meta(), format!("{context}.events[{partition}] offset {}", record.offset));
            let version = versions.entry((meta.tenant_id, meta.aggregate_id.clone())).or_default();
            *version += 1;
            counted.equal(&format!("{at}: version of {}", meta.aggregate_id), meta.aggregate_version, *version);
            if meta.write_ts <= last_ts || !ids.insert(meta.event_id) {
                counted.fault(format!("{at}: its clock does not move on, or its id is another's"));
            }
            last_ts = meta.write_ts;
            // A timer lies on no topic: each is an input of its own, decided at one instant.
            let (topic, place) = match meta.input.topic.as_str() {
                topics::TIMER => (format!("timer {}", meta.causation_id), meta.occurred_at),
                topic => (topic.to_owned(), meta.input.offset),
            };
            let input = (place, meta.causation_id);
            let before = decided.insert(topic, input);
            if before.is_some_and(|before| before.0 > input.0 || (before.0 == input.0) != (before.1 == input.1)) {
                counted.fault(format!("{at}: its input {:?} was decided twice", meta.input));
            }
            all.push((partition, event));
        }
    }
    counted.aggregates += versions.len();
    counted.events.insert(context.name(), all.len());
    all
}

/// Each command that was acknowledged has one event that answers it, with the same end; no other command has any.
fn every_answer_once(
    answers: &HashMap<CommandId, CommandResult>,
    admin: &[(u32, AdminEvent)],
    store: &[(u32, StoreEvent)],
    counted: &mut Counted,
) {
    let metas = admin.iter().map(|(_, event)| event.meta()).chain(store.iter().map(|(_, event)| event.meta()));
    let mut times: HashMap<CommandId, Vec<Outcome>> = HashMap::new();
    for answered in metas.filter_map(|meta| meta.answers.as_ref()) {
        times.entry(answered.command_id).or_default().push(answered.outcome);
    }
    for (command, result) in answers {
        let found = times.remove(command).unwrap_or_default();
        counted.equal(&format!("events that answer command {command}"), found, vec![result.outcome]);
    }
    for command in times.keys() {
        counted.fault(format!("command {command} is answered and nobody sent it"));
    }
}

/// Every answer that was ever given, to whoever waited, is the one that was acknowledged.
async fn results_agree(node: &Node, answers: &HashMap<CommandId, CommandResult>, counted: &mut Counted) {
    for context in [Context::Admin, Context::Store] {
        for partition in 0..node.platform.partitions {
            for record in read(node, &topics::results(context), partition).await {
                let ResultRecord::CommandResult(result) = decode(node, &record);
                counted.results += 1;
                counted.equal("an answer on the results topic", Some(&result), answers.get(&result.command_id));
            }
        }
    }
}

/// Each state of a published product was listed once, by the event that the store made of it.
fn every_change_listed(admin: &[(u32, AdminEvent)], store: &[(u32, StoreEvent)], counted: &mut Counted) {
    let mut listed: HashMap<CommandId, usize> = HashMap::new();
    for (_, event) in store {
        if let StoreEvent::ProductListed(event) = event {
            *listed.entry(event.meta.causation_id).or_default() += 1;
        }
    }
    for (_, event) in admin {
        let AdminEvent::ProductChanged(event) = event else { continue };
        if event.product.status == ProductStatus::Published {
            let times = listed.get(&CommandId::of_event(event.meta.event_id)).copied().unwrap_or_default();
            let what = format!("listings of product {} at version {}", event.product.product_id, event.product.version);
            counted.equal(&what, times, 1);
        }
    }
}
