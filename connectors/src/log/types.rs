//! Types that go into and come out of a log: records, pages, topics, transactions and members' events.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use feira_schemas::limits;

use super::error::LogError;

/// The most that key and value of one record may hold together. Larger would stall the partition's other tenants
/// while it is copied and fetched; smaller would refuse legal products.
pub const MAX_RECORD_BYTES: usize = limits::WHOLE_RECORD_BYTES;

/// The most that one record's headers may hold. They have a limit of their own so that the largest record can still
/// be moved to a retry or dead-letter topic, which adds headers.
pub const MAX_HEADER_BYTES: usize = 64 * 1024;

/// One partition of a topic.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TopicPartition {
    /// The topic's name.
    pub topic: Arc<str>,
    /// The partition, from 0.
    pub partition: u32,
}

impl TopicPartition {
    /// Partition `partition` of `topic`.
    pub fn new(topic: impl Into<Arc<str>>, partition: u32) -> Self {
        Self { topic: topic.into(), partition }
    }
}

impl fmt::Display for TopicPartition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}[{}]", self.topic, self.partition)
    }
}

/// A record to append.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRecord {
    /// The topic, which must exist.
    pub topic: Arc<str>,
    /// The partition; `None` takes [`super::murmur2_partition`] of the key.
    pub partition: Option<u32>,
    /// The key, never empty when `partition` is `None` (clients disagree on where an empty key belongs).
    pub key: Bytes,
    /// The value; `None` is a tombstone, which is not the same as an empty value.
    pub value: Option<Bytes>,
    /// Headers, kept in order. A name may repeat.
    pub headers: Vec<(String, Bytes)>,
}

/// A committed record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogRecord {
    /// The topic and partition that the record lies in.
    pub at: TopicPartition,
    /// The record's offset in the partition.
    pub offset: i64,
    /// The record's time in milliseconds since 1970, given at the append.
    pub timestamp_ms: i64,
    /// The key, which decides the partition.
    pub key: Bytes,
    /// The value; `None` is a tombstone.
    pub value: Option<Bytes>,
    /// Headers in the order they were given.
    pub headers: Vec<(String, Bytes)>,
}

/// A part of a partition, as [`super::Log::read`] returns it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Committed records in order.
    pub records: Vec<LogRecord>,
    /// The offset to read on from: past the records, and past control and aborted records that follow them.
    pub next: i64,
}

/// The time that a topic keeps its records (Kafka's `retention.ms`). They are deleted by age only, never compacted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retention {
    /// Never deleted (Kafka's `retention.ms=-1`).
    Forever,
    /// May be deleted once older than this.
    For(Duration),
}

/// A topic that must exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicSpec {
    /// The topic's name: 1 to 249 of `[a-zA-Z0-9._-]`.
    pub name: Arc<str>,
    /// The number of partitions, fixed once the topic exists; at least 1.
    pub partitions: u32,
    /// The time that records are kept.
    pub retention: Retention,
}

/// Records and positions to commit as one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Transaction {
    /// Records to append, possibly none.
    pub records: Vec<NewRecord>,
    /// For each owned partition, the offset to read next: what Kafka calls the committed offset.
    pub positions: Vec<(TopicPartition, i64)>,
}

/// News for a [`super::Member`]: changes of its assignment, and records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MemberEvent {
    /// The partitions that are owned from now on, and paused; each with its committed position, read after the former
    /// owner's last transaction ended. The list is empty where the group has more members than there are partitions.
    Assigned(Vec<(TopicPartition, Option<i64>)>),
    /// Other partitions were given without these topics of theirs, so they are not owned: another member has them, which reads
    /// fewer topics, as programs do during an upgrade. Told anew, also with none, when the assignment changes.
    Lacking(Vec<TopicPartition>),
    /// The partitions that are no longer owned. Commits that name them are refused from now on.
    Revoked(Vec<TopicPartition>),
    /// Records of resumed partitions, at least one.
    Records(Vec<LogRecord>),
    /// Nothing happened in the time given.
    Idle,
}

/// Refuses records over the limits before any of them is sent.
pub(super) fn check_sizes(records: &[NewRecord]) -> Result<(), LogError> {
    for record in records {
        let size = record.key.len() + record.value.as_ref().map_or(0, Bytes::len);
        if size > MAX_RECORD_BYTES {
            return Err(LogError::TooLarge { topic: record.topic.to_string(), size, limit: MAX_RECORD_BYTES });
        }
        let size = record.headers.iter().map(|(name, value)| name.len() + value.len()).sum();
        if size > MAX_HEADER_BYTES {
            return Err(LogError::TooLarge { topic: record.topic.to_string(), size, limit: MAX_HEADER_BYTES });
        }
    }
    Ok(())
}

/// Refuses a topic that no adapter could make.
pub(super) fn check_spec(spec: &TopicSpec) -> Result<(), LogError> {
    let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    if spec.name.is_empty() || spec.name.len() > 249 || !spec.name.chars().all(legal) {
        return Err(LogError::Refused(format!(
            "{:?} is not a topic's name: 1 to 249 of a-z, A-Z, 0-9, '.', '_' and '-'",
            spec.name
        )));
    }
    if spec.partitions == 0 {
        return Err(LogError::Refused(format!("topic {} needs at least one partition", spec.name)));
    }
    Ok(())
}

/// The partition a record goes to, of `partitions` that its topic has.
pub(super) fn partition_of(record: &NewRecord, partitions: u32) -> Result<u32, LogError> {
    match record.partition {
        Some(partition) if partition < partitions => Ok(partition),
        Some(partition) => Err(LogError::Refused(format!(
            "{} has {partitions} partitions, there is no partition {partition}",
            record.topic
        ))),
        None if record.key.is_empty() => {
            Err(LogError::Refused(format!("a record for {} has neither a key nor a partition", record.topic)))
        }
        None => Ok(super::murmur2_partition(&record.key, partitions)),
    }
}
