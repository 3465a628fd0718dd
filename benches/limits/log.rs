//! Limit of commands to committed events: the log alone. The same records (keys, values, headers) are appended and read, and
//! nothing is decided: on Kafka by librdkafka's own producer and consumer, embedded by the log's own append and tail.
//!
//! Like the commands beside it, `AT_ONCE` records are under way at a time, each counted once it is durable and has been read.

use std::{
    collections::HashSet,
    time::{Duration, Instant},
};

use feira_connectors::log::{Log, NewRecord, Retention, TopicSpec};
use futures::{StreamExt, stream};
use rdkafka::{
    ClientConfig, Message,
    admin::{AdminClient, AdminOptions, NewTopic, TopicReplication},
    consumer::{Consumer, StreamConsumer},
    message::{Header, OwnedHeaders},
    producer::{FutureProducer, FutureRecord},
};
use tokio::runtime::Runtime;

use crate::common::Round;

/// The best settings that were found on Kafka, printed with the result.
pub const KAFKA_SETTINGS: &str =
    "FutureProducer, enable.idempotence, acks=all, linger.ms=1; StreamConsumer, read_committed, fetch.wait.max.ms=10";
/// Likewise, embedded.
pub const EMBEDDED_SETTINGS: &str =
    "the embedded log's append, one record a call, its committer syncing them in groups; its tail";
/// A name of its own for every run: what an earlier one left is not read again.
const TOPIC: &str = "bench.raw";

/// Appends and reads back records by the log of this process.
pub fn embedded(runtime: &Runtime, log: &Log, partitions: u32, records: &[NewRecord], at_once: usize) -> Round {
    runtime.block_on(async {
        let spec = TopicSpec { name: TOPIC.into(), partitions, retention: Retention::Forever };
        log.ensure_topics(&[spec]).await.unwrap();
        let mut tail = log.tail(&[TOPIC.into()]).await.unwrap();
        let started = Instant::now();
        let read = tokio::spawn({
            let count = records.len();
            async move {
                let mut read = 0;
                while read < count {
                    read += tail.next().await.unwrap().len();
                }
            }
        });
        let appends = stream::iter(records).map(|record| {
            let record = NewRecord { topic: TOPIC.into(), ..record.clone() };
            async move { log.append(vec![record]).await.unwrap() }
        });
        appends.buffer_unordered(at_once).for_each(|_| async {}).await;
        read.await.unwrap();
        Round { done: records.len(), took: started.elapsed(), latencies: Vec::new() }
    })
}

/// librdkafka's clients on a topic of their own.
pub struct Raw {
    producer: FutureProducer,
    consumer: StreamConsumer,
    topic: String,
}

impl Raw {
    /// Makes the topic and waits until the consumer reads it.
    pub async fn start(brokers: &str, partitions: u32) -> Self {
        let topic = format!("{TOPIC}.{}", uuid::Uuid::new_v4().simple());
        let mut client = ClientConfig::new();
        client.set("bootstrap.servers", brokers);
        let admin: AdminClient<_> = client.create().unwrap();
        let made = NewTopic::new(&topic, i32::try_from(partitions).unwrap(), TopicReplication::Fixed(1));
        admin.create_topics([&made], &AdminOptions::new()).await.unwrap().remove(0).unwrap();
        let producer =
            client.clone().set("enable.idempotence", "true").set("linger.ms", "1").create::<FutureProducer>().unwrap();
        let consumer: StreamConsumer = client
            .set("group.id", &topic)
            .set("isolation.level", "read_committed")
            .set("enable.auto.commit", "false")
            .set("auto.offset.reset", "earliest")
            .set("fetch.wait.max.ms", "10")
            .create()
            .unwrap();
        consumer.subscribe(&[&topic]).unwrap();
        let raw = Self { producer, consumer, topic };
        // The first record comes once partitions are assigned; what it takes is nobody's throughput.
        raw.append(&NewRecord {
            topic: TOPIC.into(),
            partition: None,
            key: "k".into(),
            value: None,
            headers: Vec::new(),
        })
        .await;
        raw.consumer.recv().await.unwrap();
        raw
    }

    /// Appends and reads back records.
    pub async fn round(&self, records: &[NewRecord], at_once: usize) -> Round {
        let started = Instant::now();
        let read = async {
            let mut read = HashSet::new();
            while read.len() < records.len() {
                let record = self.consumer.recv().await.unwrap();
                read.insert((record.partition(), record.offset()));
            }
        };
        let append = async {
            let appends = stream::iter(records).map(|record| self.append(record));
            appends.buffer_unordered(at_once).for_each(|()| async {}).await;
        };
        tokio::join!(read, append);
        Round { done: records.len(), took: started.elapsed(), latencies: Vec::new() }
    }

    async fn append(&self, record: &NewRecord) {
        let headers = record.headers.iter().fold(OwnedHeaders::new(), |headers, (key, value)| {
            headers.insert(Header { key, value: Some(value.as_ref()) })
        });
        let value = record.value.clone().unwrap_or_default();
        let record = FutureRecord::to(&self.topic).key(record.key.as_ref()).payload(value.as_ref()).headers(headers);
        self.producer.send(record, Duration::from_secs(30)).await.unwrap();
    }
}
