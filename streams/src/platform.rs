//! The platform, which every processor and every API works with: the ports, the codec, and the deployment's numbers.

use std::sync::Arc;

use feira_connectors::{
    cache::Cache,
    files::Files,
    log::{Log, LogError, LogRecord, NewRecord, Retention, TopicSpec, murmur2_partition},
    registry::{Registry, RegistryError},
    state::State,
};
use feira_schemas::{
    budget::Budget,
    codec::Codec,
    ids::{Micros, TenantId},
    records::record_schemas,
    rows,
    time::Clock,
    topics::{self, Kept},
};

use crate::{
    decoders::Decoders,
    health::Health,
    known_schemas,
    live::Generations,
    reached::Reached,
    start::{StartError, starting, starting_over},
};

/// Everything a process shares. Cheap to clone.
#[derive(Clone)]
pub struct Platform {
    /// The log of topics.
    pub log: Log,
    /// The state: rows of tables.
    pub state: State,
    /// Versioned values in front of the tables.
    pub cache: Cache,
    /// The store of files: images and logos.
    pub files: Files,
    /// The registry of schemas by id.
    pub registry: Registry,
    /// Records to bytes and back.
    pub codec: Arc<Codec>,
    /// The position that each consumer has reached, here and in other processes.
    pub reached: Arc<Reached>,
    /// The health of each processor of this process.
    pub health: Health,
    /// The generations of tables that are live, and this program's.
    pub generations: Arc<Generations>,
    /// The one clock that everything in this process reads.
    pub clock: Clock,
    /// The memory that the parts of this process share.
    pub budget: Budget,
    /// The room that images are decoded in.
    pub decoders: Arc<Decoders>,
    /// Partitions of every topic; fixed when the topics are made.
    pub partitions: u32,
}

/// The ports of a platform before it is checked.
pub struct Ports {
    /// The log of topics.
    pub log: Log,
    /// The state: rows of tables.
    pub state: State,
    /// The cache of cards and pages.
    pub cache: Cache,
    /// The store of files: images and logos.
    pub files: Files,
    /// The registry of schemas.
    pub registry: Registry,
}

impl Platform {
    /// A handle for another of the loops that a processor runs in, numbered `seat`: what it reports is its own.
    pub fn of_seat(&self, seat: u32) -> Self {
        Self { health: self.health.of_seat(seat), ..self.clone() }
    }

    /// Makes what is missing (topics, tables, subjects) and refuses to start on what does not fit; waits for services that are away. What it
    /// does takes memory within the budget.
    pub async fn start(ports: Ports, partitions: u32, budget: Budget, clock: Clock) -> Result<Self, StartError> {
        let Ports { log, state, cache, files, registry } = ports;
        // Before anything else is made: what a newer program keeps is not this one's to add to.
        let (shared, asked) = (state.is_shared(), matches!(registry, Registry::Confluent(_)));
        let first = [rows::platform::GENERATION];
        starting_over(shared, || state.ensure_tables(&first, rows::CQL)).await?;
        let generations = Arc::new(Generations::agree(&state, &log).await?);
        ensure_topics(&log, partitions).await?;
        starting_over(shared, || state.ensure_tables(rows::TABLES, rows::CQL)).await?;
        let codec = Arc::new(starting_over(asked, || register_schemas(&registry, &state, clock.now())).await?);
        let (reached, health) = (Arc::new(Reached::of(state.clone())), Health::default());
        let decoders = Arc::new(Decoders::within(budget.images()));
        Ok(Self {
            log,
            state,
            cache,
            files,
            registry,
            codec,
            reached,
            health,
            generations,
            clock,
            budget,
            decoders,
            partitions,
        })
    }

    /// The partition that holds a tenant's records, in every topic keyed by tenant.
    pub fn partition_of(&self, tenant: TenantId) -> u32 {
        murmur2_partition(tenant.to_string().as_bytes(), self.partitions)
    }

    /// The wall clock's present.
    pub fn now(&self) -> Micros {
        self.clock.now()
    }

    /// Asks the registry for a schema id that a record names. `Ok(false)`: the registry answers, and has no such id.
    pub async fn learn_schema(&self, id: u32) -> Result<bool, RegistryError> {
        let Some(json) = self.registry.schema(id).await? else { return Ok(false) };
        known_schemas::keep(&self.state, id, &json, self.now()).await?;
        Ok(self.codec.learn(id, &json).is_ok())
    }

    /// True if the registry still knows the ids that this process writes: if not, an unknown id says nothing about
    /// the record.
    pub async fn registry_verifies(&self) -> bool {
        let Some(id) = self.codec.id_of("feira.common.CommandResult") else { return false };
        match self.registry.schema(id).await {
            Ok(Some(json)) => known_schemas::keep(&self.state, id, &json, self.now()).await.is_ok(),
            Ok(None) | Err(_) => false,
        }
    }
}

/// Makes the topics that are missing and checks the others; gives all of them. Waits for a log that is away.
pub async fn ensure_topics(log: &Log, partitions: u32) -> Result<Vec<TopicSpec>, LogError> {
    let specs = topic_specs(partitions);
    starting(|| log.ensure_topics(&specs)).await?;
    Ok(specs)
}

/// Every topic of a deployment with this many partitions.
pub fn topic_specs(partitions: u32) -> Vec<TopicSpec> {
    topics::all(partitions).into_iter().map(topic_spec).collect()
}

fn topic_spec((name, partitions, kept): (String, u32, Kept)) -> TopicSpec {
    let retention = match kept {
        Kept::For(duration) => Retention::For(duration),
        Kept::Forever | Kept::UntilDone => Retention::Forever,
    };
    TopicSpec { name: name.into(), partitions, retention }
}

async fn register_schemas(registry: &Registry, state: &State, now: Micros) -> Result<Codec, StartError> {
    let schemas = record_schemas().map_err(|error| StartError::Schema(error.to_string()))?;
    let ids = known_schemas::registered(registry, state, schemas, now).await?;
    Ok(Codec::new(schemas, &ids)?)
}

/// A header's value as text, if the record has it.
pub fn header<'a>(record: &'a LogRecord, name: &str) -> Option<&'a str> {
    record.headers.iter().find(|(key, _)| key == name).and_then(|(_, value)| std::str::from_utf8(value).ok())
}

/// A record on its way: Avro value, CloudEvents headers in binary mode, and the trace it belongs to.
pub fn new_record(topic: String, key: &str, value: Vec<u8>, event: CloudEvent<'_>) -> NewRecord {
    let mut headers: Vec<(String, bytes::Bytes)> = [
        ("ce_specversion", "1.0".to_owned()),
        ("ce_id", event.id),
        ("ce_source", format!("/feira/{}", event.source)),
        ("ce_type", event.kind.to_owned()),
        ("ce_time", event.time),
        ("ce_subject", event.subject.to_owned()),
        ("ce_partitionkey", key.to_owned()),
        ("content-type", "application/avro".to_owned()),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.into()))
    .collect();
    if let Some(traceparent) = event.traceparent {
        headers.push(("traceparent".to_owned(), traceparent.to_owned().into()));
    }
    NewRecord { topic: topic.into(), partition: None, key: key.to_owned().into(), value: Some(value.into()), headers }
}

/// The CloudEvents attributes of a record (Kafka protocol binding, binary content mode).
pub struct CloudEvent<'a> {
    /// Unique among the source's records.
    pub id: String,
    /// The context that says it.
    pub source: &'a str,
    /// The record type's full name.
    pub kind: &'a str,
    /// The event's time as RFC 3339.
    pub time: String,
    /// The entity that the event is about.
    pub subject: &'a str,
    /// W3C trace context of the request that caused it.
    pub traceparent: Option<&'a str>,
}
