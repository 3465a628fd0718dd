//! The log: topics of partitions of records, consumer groups, and transactions over records and positions.
//!
//! One closed enum with two adapters of the same shape. [`EmbeddedLog`] serves one process from a folder;
//! [`KafkaLog`] speaks to Apache Kafka. What a caller may rely on is written on [`Log`], [`Member`] and [`Tail`], and
//! held for both adapters by one contract suite. A vendor's types never leave its adapter.

mod embedded;
mod error;
mod kafka;
mod partitioner;
mod settings;
mod types;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use feira_schemas::budget::StoreShare;

pub use embedded::{EmbeddedLog, EmbeddedMember, EmbeddedTail};
pub use error::LogError;
pub use kafka::{KafkaLog, KafkaMember, KafkaTail, check_property};
pub use partitioner::murmur2_partition;
pub use settings::{KafkaSecurity, KafkaSettings, PasswordMechanism, Sasl};
pub use types::{
    LogRecord, MAX_HEADER_BYTES, MAX_RECORD_BYTES, MemberEvent, NewRecord, Page, Retention, TopicPartition, TopicSpec,
    Transaction,
};

/// Waits for a log call, `time` at most, and gives its result; [`LogError::Unavailable`] where it does not end by
/// then, since a log may hang as well as fail. After an append that did not end, the records may be there or not.
pub async fn within<T>(time: Duration, call: impl Future<Output = Result<T, LogError>>) -> Result<T, LogError> {
    let hangs = |_| Err(LogError::Unavailable("it does not answer in time".to_owned()));
    tokio::time::timeout(time, call).await.unwrap_or_else(hangs)
}

/// A log. Cheap to clone: clones share one connection, or one folder.
///
/// Offsets start at 0 and grow within a partition. In the embedded log they are dense; on Kafka control records take
/// offsets of their own, so a reader goes on from [`Page::next`], never from the last record's offset + 1.
#[derive(Clone)]
pub enum Log {
    /// Records in a folder of this process.
    Embedded(EmbeddedLog),
    /// Records in an Apache Kafka cluster.
    Kafka(KafkaLog),
}

impl Log {
    /// Opens, or makes, the log in the folder `dir`, which belongs to this process until the last clone is dropped.
    ///
    /// Blocks while it recovers, so it is called before requests are served. Errors: [`LogError::Locked`] when
    /// another process (or another `Log` of this one) holds the folder, [`LogError::Corrupt`] when its content can't
    /// be read.
    pub fn embedded(dir: &Path) -> Result<Log, LogError> {
        EmbeddedLog::open(dir).map(Log::Embedded)
    }

    /// Opens an embedded log as [`Self::embedded`] does, with at most about `share` bytes of memtables and blocks in
    /// memory.
    pub fn embedded_within(dir: &Path, share: StoreShare) -> Result<Log, LogError> {
        EmbeddedLog::open_within(dir, share).map(Log::Embedded)
    }

    /// A log on the Kafka cluster that `settings` name. Nothing is connected yet: an unreachable broker shows in the
    /// first call.
    ///
    /// Errors: [`LogError::Refused`] when the client library does not take the settings.
    pub fn kafka(settings: &KafkaSettings) -> Result<Log, LogError> {
        KafkaLog::new(settings).map(Log::Kafka)
    }

    /// Creates the topics that are missing and checks those that exist.
    ///
    /// A topic keeps its partition count for ever, since keys would move; and one that is kept for ever must be so in
    /// fact. Either being wrong is [`LogError::Refused`], with what to do. A topic that keeps its records longer than
    /// asked is left as it is.
    pub async fn ensure_topics(&self, topics: &[TopicSpec]) -> Result<(), LogError> {
        match self {
            Log::Embedded(log) => log.ensure_topics(topics).await,
            Log::Kafka(log) => log.ensure_topics(topics).await,
        }
    }

    /// A problem of the embedded log that a person must look at (journals that do not become fewer), in words; `None`
    /// if all is well, and always on Kafka.
    pub fn trouble(&self) -> Option<String> {
        match self {
            Log::Embedded(log) => log.trouble(),
            Log::Kafka(_) => None,
        }
    }

    /// Appends records outside any transaction and returns their offsets, in the order given.
    ///
    /// `Ok` means that all are durable (fsync, or acknowledged by all in-sync replicas). Records of one call to one
    /// partition keep their order. After [`LogError::Unavailable`] the outcome is unknown: none, some or all may be
    /// there. A record over the limit is [`LogError::TooLarge`] and then nothing was sent.
    pub async fn append(&self, records: Vec<NewRecord>) -> Result<Vec<i64>, LogError> {
        types::check_sizes(&records)?;
        match self {
            Log::Embedded(log) => log.append(records).await,
            Log::Kafka(log) => log.append(records).await,
        }
    }

    /// Joins the consumer group `group` over `topics`, which must have equal partition counts so that one member gets
    /// the same partition of each. A partition is owned with all of them or not at all ([`MemberEvent::Lacking`]).
    ///
    /// The member can also write: see [`Member::commit`]. On the embedded log a seat is taken by one member at a time; a
    /// second is [`LogError::Refused`], and so is one that counts the group's seats otherwise than those that are there.
    pub async fn join(&self, group: &str, topics: &[Arc<str>], seat: Seat<'_>) -> Result<Member, LogError> {
        match self {
            Log::Embedded(log) => log.join(group, topics, seat).await.map(Member::Embedded),
            Log::Kafka(log) => log.join(group, topics, seat.member().as_deref()).await.map(Member::Kafka),
        }
    }

    /// Follows all partitions of `topics` from their present end, without a group.
    ///
    /// The end is fixed before this returns: every record appended afterwards will be seen.
    pub async fn tail(&self, topics: &[Arc<str>]) -> Result<Tail, LogError> {
        match self {
            Log::Embedded(log) => log.tail(topics).await.map(Tail::Embedded),
            Log::Kafka(log) => log.tail(topics).await.map(Tail::Kafka),
        }
    }

    /// Reads up to `max_records` committed records of a partition from offset `from`, without a group.
    ///
    /// Returns what is there now and does not wait for more. A `from` below the start of the partition reads from the
    /// start. An empty page whose `next` equals `from` means: nothing readable there yet. On Kafka a transaction
    /// becomes readable some milliseconds after its commit returned, so who must see everything takes [`Log::end`]
    /// first and reads until `next` has reached it.
    pub async fn read(&self, at: &TopicPartition, from: i64, max_records: usize) -> Result<Page, LogError> {
        match self {
            Log::Embedded(log) => log.read(at, from, max_records).await,
            Log::Kafka(log) => log.read(at, from, max_records).await,
        }
    }

    /// The offset of the oldest record still kept (equal to the end when there is none).
    pub async fn start(&self, at: &TopicPartition) -> Result<i64, LogError> {
        match self {
            Log::Embedded(log) => log.start(at).await,
            Log::Kafka(log) => log.start(at).await,
        }
    }

    /// The offset that the next record will get: also past records of transactions that are still open or were aborted.
    pub async fn end(&self, at: &TopicPartition) -> Result<i64, LogError> {
        match self {
            Log::Embedded(log) => log.end(at).await,
            Log::Kafka(log) => log.end(at).await,
        }
    }

    /// Deletes the records below `offset`. An offset past the end is [`LogError::Refused`]; one below the start
    /// changes nothing.
    pub async fn delete_before(&self, at: &TopicPartition, offset: i64) -> Result<(), LogError> {
        match self {
            Log::Embedded(log) => log.delete_before(at, offset).await,
            Log::Kafka(log) => log.delete_before(at, offset).await,
        }
    }

    /// The committed positions of `group`, in the order of `partitions`; `None` where it never committed one.
    pub async fn committed(&self, group: &str, partitions: &[TopicPartition]) -> Result<Vec<Option<i64>>, LogError> {
        match self {
            Log::Embedded(log) => log.committed(group, partitions).await,
            Log::Kafka(log) => log.committed(group, partitions).await,
        }
    }
}

/// A member's place among those of its group that this process has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seat<'a> {
    /// Name of the process across restarts: a later member of the same name and number fences the earlier one
    /// ([`LogError::Fenced`]). Kafka's `group.instance.id`; the embedded log has no use for it.
    pub instance: Option<&'a str>,
    /// The member's number, from 0.
    pub number: u32,
    /// Members that this process has in the group, at least 1. On the embedded log, where there are no others, member `n`
    /// owns the partitions whose number divided by this leaves `n`; Kafka deals partitions out by itself.
    pub members: u32,
}

impl<'a> Seat<'a> {
    /// The place of the only member that this process has in the group.
    pub const fn alone(instance: Option<&'a str>) -> Self {
        Self { instance, number: 0, members: 1 }
    }

    /// The places of all members that this process has in the group.
    pub fn all(instance: Option<&'a str>, members: u32) -> impl Iterator<Item = Self> {
        (0..members).map(move |number| Self { instance, number, members })
    }

    /// Name of the member across restarts. The first keeps the process's, so that a process that begins to have more
    /// takes its own place again.
    fn member(&self) -> Option<String> {
        let named = |instance: &str| match self.number {
            0 => instance.to_owned(),
            number => format!("{instance}-{}", number + 1),
        };
        self.instance.map(named)
    }
}

/// A member of a consumer group with a transactional writer. It has one owner, which calls one method at a time.
///
/// Partitions arrive paused ([`MemberEvent::Assigned`]); records flow from those that [`Member::resume`] started. After
/// [`LogError::Fenced`] the member is dead: drop it and, as a rule, end the process.
pub enum Member {
    /// A member of an embedded log's group.
    Embedded(EmbeddedMember),
    /// A member of a Kafka consumer group.
    Kafka(KafkaMember),
}

impl Member {
    /// The next event, waiting for one up to `max_wait` (then [`MemberEvent::Idle`]). Records come at most
    /// `max_records` at a time, those of one partition in order; changes of the assignment come before records that
    /// were read after them.
    ///
    /// Cancel safe: a dropped call has taken no event.
    pub async fn next(&mut self, max_records: usize, max_wait: Duration) -> Result<MemberEvent, LogError> {
        match self {
            Member::Embedded(member) => member.next(max_records, max_wait).await,
            Member::Kafka(member) => member.next(max_records, max_wait).await,
        }
    }

    /// Lets the records of an assigned partition flow, beginning at offset `from`, also when it flowed already (that
    /// is how to rewind).
    ///
    /// A partition that is no longer assigned is ignored: its `Revoked` event is on the way.
    pub async fn resume(&mut self, at: &TopicPartition, from: i64) -> Result<(), LogError> {
        match self {
            Member::Embedded(member) => member.resume(at, from).await,
            Member::Kafka(member) => member.resume(at, from).await,
        }
    }

    /// Stops the flow of a partition; no record of it is returned until the next [`Member::resume`].
    pub async fn pause(&mut self, at: &TopicPartition) -> Result<(), LogError> {
        match self {
            Member::Embedded(member) => member.pause(at).await,
            Member::Kafka(member) => member.pause(at).await,
        }
    }

    /// Appends all records and commits all positions in one transaction, or does nothing; returns the records' offsets.
    ///
    /// `positions` are the offsets to read next. They name at least one partition, better all that are owned, since
    /// the positions are what fences a member that lost its partitions: [`LogError::Refused`] without any.
    ///
    /// [`LogError::Aborted`]: nothing was committed; rewind with [`Member::resume`] and repeat, or learn from
    /// [`Member::next`] that a partition is no longer owned. [`LogError::Unavailable`]: the outcome is unknown;
    /// [`Member::next`] takes the partitions away and gives them back with the positions that hold, once that is
    /// known. If the call is dropped before it returns, the transaction may still be committed, so the caller must
    /// drop the member too.
    pub async fn commit(&mut self, transaction: Transaction) -> Result<Vec<i64>, LogError> {
        types::check_sizes(&transaction.records)?;
        if transaction.positions.is_empty() {
            return Err(LogError::Refused(
                "a transaction must name the position of each owned partition; without any, nothing fences it".into(),
            ));
        }
        match self {
            Member::Embedded(member) => member.commit(transaction).await,
            Member::Kafka(member) => member.commit(transaction).await,
        }
    }

    /// Leaves the group at once, so that its partitions need not wait for a time-out. Dropping a member leaves too,
    /// without waiting.
    pub async fn leave(self) -> Result<(), LogError> {
        match self {
            Member::Embedded(member) => member.leave().await,
            Member::Kafka(member) => member.leave().await,
        }
    }
}

/// A reader of everything appended to some topics since it was made.
pub enum Tail {
    /// A tail of an embedded log.
    Embedded(EmbeddedTail),
    /// A tail of a Kafka cluster.
    Kafka(KafkaTail),
}

impl Tail {
    /// The next committed records, at least one; waits for them without limit. Those of one partition are in order.
    ///
    /// Cancel safe: a dropped call has taken no record. After [`LogError::Unavailable`] the caller may simply call
    /// again.
    pub async fn next(&mut self) -> Result<Vec<LogRecord>, LogError> {
        match self {
            Tail::Embedded(tail) => tail.next().await,
            Tail::Kafka(tail) => tail.next().await,
        }
    }
}
