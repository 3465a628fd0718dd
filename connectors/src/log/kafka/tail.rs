//! Following topics without a group.

use std::sync::Arc;

use futures::{FutureExt, StreamExt};
use rdkafka::Offset;
use rdkafka::consumer::{Consumer, StreamConsumer};

use super::client::{self, CALL_TIMEOUT, Isolation, failed};
use super::{Cluster, blocking, release};
use crate::log::error::LogError;
use crate::log::types::{LogRecord, TopicPartition};

/// The most that a tail returns at once, in records and bytes, so that a slow caller catches up in steps.
const MAX_RECORDS: usize = 1000;
const MAX_BYTES: usize = 8 * 1024 * 1024;

/// A consumer of all partitions of some topics, from where they ended when it was made.
pub struct KafkaTail {
    topics: Vec<Arc<str>>,
    /// Always there until it is dropped.
    consumer: Option<StreamConsumer>,
}

impl KafkaTail {
    pub(super) async fn new(cluster: Arc<Cluster>, topics: &[Arc<str>]) -> Result<Self, LogError> {
        let topics = topics.to_vec();
        blocking(move || {
            let consumer = start(&cluster, &topics)?;
            Ok(Self { topics, consumer: Some(consumer) })
        })
        .await
    }

    pub(crate) async fn next(&mut self) -> Result<Vec<LogRecord>, LogError> {
        let Some(consumer) = &self.consumer else { return Err(LogError::Unavailable("the tail has ended".into())) };
        let topics = &self.topics;
        let copy = |message: &rdkafka::message::BorrowedMessage<'_>| {
            client::incoming(&client::shared_name(topics, rdkafka::Message::topic(message)), message)
        };
        // Cancel safe: the only await is `recv`, which takes a message only when it returns it; from there on nothing
        // waits.
        let first = consumer.recv().await.map_err(|e| failed("read", &e))?;
        let mut records = vec![copy(&first)];
        let mut bytes = records[0].value.as_ref().map_or(0, |value| value.len());
        let mut stream = consumer.stream();
        while records.len() < MAX_RECORDS
            && bytes < MAX_BYTES
            && let Some(Some(Ok(message))) = stream.next().now_or_never()
        {
            let record = copy(&message);
            bytes += record.value.as_ref().map_or(0, |value| value.len());
            records.push(record);
        }
        Ok(records)
    }
}

impl Drop for KafkaTail {
    fn drop(&mut self) {
        release(self.consumer.take());
    }
}

/// A consumer that stands at the present end of every partition.
fn start(cluster: &Cluster, topics: &[Arc<str>]) -> Result<StreamConsumer, LogError> {
    if topics.is_empty() {
        return Err(LogError::Refused("no topic to read was named".into()));
    }
    let group = format!("{}.tail", cluster.settings.client_id);
    let client = client::consumer(&cluster.settings, Some(&group), Isolation::Committed);
    let consumer: StreamConsumer = client.create().map_err(|e| failed("create a client", &e))?;
    let mut ends = Vec::new();
    for topic in topics {
        for partition in 0..cluster.partitions(topic)? {
            // The last stable offset: what an open transaction holds may still be committed, so it comes after the end.
            let (_, end) = consumer
                .fetch_watermarks(topic, partition as i32, CALL_TIMEOUT)
                .map_err(|e| failed("ask for an end", &e))?;
            ends.push((TopicPartition::new(topic.clone(), partition), end));
        }
    }
    let list = client::list(ends.iter().map(|(at, end)| (at, Offset::Offset(*end))))?;
    consumer.assign(&list).map_err(|e| failed("read", &e))?;
    Ok(consumer)
}
