//! The log in an Apache Kafka cluster.
//!
//! librdkafka's blocking calls never run on a worker of the async runtime: a member owns a thread ([`worker`]),
//! everything else blocks on the runtime's blocking pool. Positions are exact only under read_committed, whose
//! control records take offsets: see [`reader`].

mod admin;
mod assignment;
mod client;
mod inbox;
mod member;
mod positions;
mod pulse;
mod reader;
mod security;
mod steps;
mod tail;
mod watch;
mod worker;
mod writer;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use rdkafka::admin::AdminClient;
use rdkafka::client::DefaultClientContext;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::FutureProducer;
use rdkafka::types::RDKafkaRespErr;

pub use member::KafkaMember;
pub use security::check_property;
pub use tail::KafkaTail;

use self::client::{CALL_TIMEOUT, Isolation, Readers, failed};
use self::reader::Reader;
use self::watch::Watch;
use super::error::LogError;
use super::settings::KafkaSettings;
use super::types::{self, NewRecord, Page, TopicPartition, TopicSpec};

/// A Kafka cluster. Clones share their connections.
#[derive(Clone)]
pub struct KafkaLog {
    cluster: Arc<Cluster>,
}

/// The connections that do not belong to one member or tail.
struct Cluster {
    settings: KafkaSettings,
    /// The errors that `probe` and `stable` hear of their connections.
    watch: Watch,
    /// Asks for metadata and for ends; read_uncommitted, so that an end is one past open transactions too.
    probe: BaseConsumer<Watch>,
    /// Asks for ends too; read_committed, so that an end is the last stable offset.
    stable: BaseConsumer<Watch>,
    admin: AdminClient<DefaultClientContext>,
    producer: FutureProducer,
    /// Consumers between two reads, each with its position, so that reading on needs no new fetch.
    readers: Mutex<Vec<Reader>>,
    /// Partition counts, which never change.
    counts: Mutex<HashMap<Arc<str>, u32>>,
}

impl KafkaLog {
    pub(super) fn new(settings: &KafkaSettings) -> Result<Self, LogError> {
        let created = |e: KafkaError| failed("create a client", &e);
        let watch = Watch::default();
        let asking = |isolation| {
            let mut client = client::consumer(settings, None, isolation);
            // A connection that is closed at once is how brokers answer who speaks in the clear where they want TLS.
            client.set("log.connection.close", "true");
            // Who leads a partition is asked again after this. Neither client reads, so nothing else tells it that a broker has
            // gone, and it would go on asking that one until what it knows is old: half a minute, three times the interval of all.
            client.set("metadata.max.age.ms", "3000");
            client.create_with_context(watch.clone())
        };
        let cluster = Cluster {
            probe: asking(Isolation::Uncommitted).map_err(created)?,
            stable: asking(Isolation::Committed).map_err(created)?,
            admin: client::admin(settings).create().map_err(created)?,
            // Commands, which only this program reads.
            producer: client::producer(settings, Readers::Ours).create().map_err(created)?,
            readers: Mutex::default(),
            counts: Mutex::default(),
            watch,
            settings: settings.clone(),
        };
        let cluster = Arc::new(cluster);
        watch::start(&cluster)?;
        Ok(Self { cluster })
    }

    pub(super) async fn ensure_topics(&self, topics: &[TopicSpec]) -> Result<(), LogError> {
        topics.iter().try_for_each(types::check_spec)?;
        admin::ensure_topics(&self.cluster, topics).await
    }

    pub(super) async fn append(&self, records: Vec<NewRecord>) -> Result<Vec<i64>, LogError> {
        let records = placed(&self.cluster, records).await?;
        let mut sent = Vec::with_capacity(records.len());
        for (record, partition) in &records {
            loop {
                match self.cluster.producer.send_result(client::outgoing(record, *partition)) {
                    Ok(delivery) => break sent.push(delivery),
                    // The queue holds what other callers wait for too; it empties at the pace of the brokers.
                    Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), _)) => {
                        tokio::time::sleep(Duration::from_millis(5)).await
                    }
                    Err((error, _)) => return Err(failed("append", &error)),
                }
            }
        }
        let mut offsets = Vec::with_capacity(sent.len());
        for delivery in sent {
            match delivery.await {
                Ok(Ok(delivered)) => offsets.push(delivered.offset),
                Ok(Err((error, _))) => return Err(failed("append", &error)),
                Err(_) => return Err(LogError::Unavailable("the producer has ended".into())),
            }
        }
        Ok(offsets)
    }

    pub(super) async fn join(
        &self,
        group: &str,
        topics: &[Arc<str>],
        instance: Option<&str>,
    ) -> Result<KafkaMember, LogError> {
        KafkaMember::join(self.cluster.clone(), group, topics, instance).await
    }

    pub(super) async fn tail(&self, topics: &[Arc<str>]) -> Result<KafkaTail, LogError> {
        KafkaTail::new(self.cluster.clone(), topics).await
    }

    pub(super) async fn read(&self, at: &TopicPartition, from: i64, max_records: usize) -> Result<Page, LogError> {
        let at = at.clone();
        self.blocking(move |cluster| reader::read(cluster, &at, from, max_records)).await
    }

    pub(super) async fn start(&self, at: &TopicPartition) -> Result<i64, LogError> {
        let at = at.clone();
        self.blocking(move |cluster| Ok(cluster.bounds(&at)?.0)).await
    }

    pub(super) async fn end(&self, at: &TopicPartition) -> Result<i64, LogError> {
        let at = at.clone();
        self.blocking(move |cluster| Ok(cluster.bounds(&at)?.1)).await
    }

    pub(super) async fn delete_before(&self, at: &TopicPartition, offset: i64) -> Result<(), LogError> {
        let checked = at.clone();
        let (_, end) = self.blocking(move |cluster| cluster.bounds(&checked)).await?;
        if offset > end {
            return Err(LogError::Refused(format!("{at} ends at {end}, it can't be deleted up to {offset}")));
        }
        admin::delete_before(&self.cluster, at, offset).await
    }

    pub(super) async fn committed(
        &self,
        group: &str,
        partitions: &[TopicPartition],
    ) -> Result<Vec<Option<i64>>, LogError> {
        let (group, partitions) = (group.to_owned(), partitions.to_vec());
        self.blocking(move |cluster| {
            // A consumer of its own, since the group is a property of the client. It never joins, so it disturbs no
            // member.
            let consumer: BaseConsumer = client::consumer(&cluster.settings, Some(&group), Isolation::Committed)
                .create()
                .map_err(|e| failed("create a client", &e))?;
            client::committed(&consumer, &partitions, CALL_TIMEOUT)
        })
        .await
    }

    async fn blocking<T: Send + 'static>(
        &self,
        call: impl FnOnce(&Cluster) -> Result<T, LogError> + Send + 'static,
    ) -> Result<T, LogError> {
        let cluster = self.cluster.clone();
        blocking(move || call(&cluster)).await
    }
}

/// Gives each record its partition.
async fn placed(cluster: &Arc<Cluster>, records: Vec<NewRecord>) -> Result<Vec<(NewRecord, u32)>, LogError> {
    if let Some(placed) = cluster.try_place(&records) {
        return records.into_iter().zip(placed).map(|(record, partition)| Ok((record, partition?))).collect();
    }
    let cluster = cluster.clone();
    blocking(move || cluster.place(records)).await
}

/// Runs a call that blocks where it may.
async fn blocking<T: Send + 'static>(
    call: impl FnOnce() -> Result<T, LogError> + Send + 'static,
) -> Result<T, LogError> {
    match tokio::task::spawn_blocking(call).await {
        Ok(result) => result,
        Err(error) => Err(LogError::Unavailable(format!("a call did not end: {error}"))),
    }
}

impl Cluster {
    /// The partitions of records whose topics are known already; `None` when one is not.
    fn try_place(&self, records: &[NewRecord]) -> Option<Vec<Result<u32, LogError>>> {
        let counts = lock(&self.counts);
        records.iter().map(|record| Some(types::partition_of(record, *counts.get(&record.topic)?))).collect()
    }

    /// Gives each record its partition. Blocks while it learns about topics.
    fn place(&self, records: Vec<NewRecord>) -> Result<Vec<(NewRecord, u32)>, LogError> {
        let mut placed = Vec::with_capacity(records.len());
        for record in records {
            let partition = types::partition_of(&record, self.partitions(&record.topic)?)?;
            placed.push((record, partition));
        }
        Ok(placed)
    }

    /// Gives a topic's number of partitions, and asks the cluster for it the first time (blocks). Refused where there
    /// is no such topic.
    fn partitions(&self, topic: &Arc<str>) -> Result<u32, LogError> {
        if let Some(count) = lock(&self.counts).get(topic) {
            return Ok(*count);
        }
        match self.ask_partitions(topic)? {
            Some(count) => {
                lock(&self.counts).insert(topic.clone(), count);
                Ok(count)
            }
            None => Err(LogError::Refused(format!("there is no topic {topic}; create the topics first"))),
        }
    }

    /// Asks the cluster for a topic's number of partitions; `None` when there is no such topic,
    /// [`LogError::Unavailable`] until each of them has a leader.
    fn ask_partitions(&self, topic: &str) -> Result<Option<u32>, LogError> {
        let asked = self.probe.fetch_metadata(Some(topic), CALL_TIMEOUT);
        let metadata = asked.map_err(|e| self.watch.explain(failed("ask for a topic", &e)))?;
        let Some(found) = metadata.topics().iter().find(|found| found.name() == topic) else { return Ok(None) };
        match found.error() {
            None => {}
            Some(
                RDKafkaRespErr::RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART
                | RDKafkaRespErr::RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC,
            ) => return Ok(None),
            Some(error) => return Err(failed("ask for a topic", &KafkaError::MetadataFetch(error.into()))),
        }
        if found.partitions().iter().any(|partition| partition.leader() < 0) {
            return Err(LogError::Unavailable(format!("a partition of {topic} has no leader")));
        }
        Ok(Some(found.partitions().len() as u32))
    }

    /// Refuses a partition that does not exist.
    fn check(&self, at: &TopicPartition) -> Result<(), LogError> {
        match self.partitions(&at.topic)? {
            count if at.partition < count => Ok(()),
            count => Err(LogError::Refused(format!("there is no partition {at}; the topic has {count}"))),
        }
    }

    /// Start and end of a partition, open and aborted transactions included.
    fn bounds(&self, at: &TopicPartition) -> Result<(i64, i64), LogError> {
        self.check(at)?;
        self.probe
            .fetch_watermarks(&at.topic, at.partition as i32, CALL_TIMEOUT)
            .map_err(|e| failed("ask for an end", &e))
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        release(std::mem::take(&mut *lock(&self.readers)));
    }
}

/// Drops consumers where it may block: closing one waits for the library's threads, which must not stop a worker of
/// the runtime.
fn release(consumers: impl Send + 'static) {
    if let Ok(runtime) = tokio::runtime::Handle::try_current() {
        runtime.spawn_blocking(move || drop(consumers));
    }
}

/// Starts a thread of this name; `what` it is stands in the error.
fn spawn(name: String, what: &str, run: impl FnOnce() + Send + 'static) -> Result<(), LogError> {
    let spawned = thread::Builder::new().name(name).spawn(run);
    spawned.map(drop).map_err(|error| LogError::Unavailable(format!("can't start {what}: {error}")))
}

/// Takes a lock whose data stay valid when another thread panicked while holding it: every change under our locks is
/// a single step.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
