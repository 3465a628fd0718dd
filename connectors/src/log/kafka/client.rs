//! Configuration of librdkafka's clients, and the translation of its types into ours.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{BorrowedMessage, Header, Headers, Message, OwnedHeaders};
use rdkafka::producer::FutureRecord;
use rdkafka::{ClientConfig, Offset, TopicPartitionList};

use super::security::Use;
use crate::log::error::LogError;
use crate::log::settings::KafkaSettings;
use crate::log::types::{LogRecord, MAX_HEADER_BYTES, MAX_RECORD_BYTES, NewRecord, TopicPartition};

/// The time limit of one question to the cluster. A longer wait would only delay the caller's own back-off.
pub(super) const CALL_TIMEOUT: Duration = Duration::from_secs(5);

/// The largest batch, hence message, that clients send and topics take: the largest record with its headers and
/// framing.
pub(super) const MAX_MESSAGE_BYTES: usize = MAX_RECORD_BYTES + 2 * MAX_HEADER_BYTES;

/// Kafka's `isolation.level`: which records a consumer sees.
#[derive(Clone, Copy)]
pub(super) enum Isolation {
    /// `read_committed`: records of committed transactions; ends are those of the last stable offset.
    Committed,
    /// All, also of open and aborted transactions.
    Uncommitted,
}

/// The librdkafka settings that all clients share.
fn common(settings: &KafkaSettings) -> ClientConfig {
    let mut client = ClientConfig::new();
    client.set("bootstrap.servers", &settings.brokers);
    client.set("client.id", &settings.client_id);
    // A broker that is back is found again within a second, not within ten.
    client.set("reconnect.backoff.max.ms", "1000");
    // A request waits this long for a broker that died or hangs before it is asked again who leads; the library's minute would
    // be a minute in which a partition stands still. Less than a transaction's time, which the library demands.
    client.set("socket.timeout.ms", "9000");
    // And who leads is asked anyway this often: in some states of a partition nothing else tells that its leader has changed.
    client.set("topic.metadata.refresh.interval.ms", "10000");
    // Idle connections are closed by brokers; that is no news.
    client.set("log.connection.close", "false");
    settings.security.introduce(&mut client);
    client
}

/// A consumer that commits nothing by itself.
pub(super) fn consumer(settings: &KafkaSettings, group: Option<&str>, isolation: Isolation) -> ClientConfig {
    let mut client = common(settings);
    if let Some(group) = group {
        client.set("group.id", group);
    }
    let isolation = match isolation {
        Isolation::Committed => "read_committed",
        Isolation::Uncommitted => "read_uncommitted",
    };
    client.set("isolation.level", isolation);
    client.set("enable.auto.commit", "false");
    client.set("enable.auto.offset.store", "false");
    client.set("auto.offset.reset", "earliest");
    // What is fetched ahead, per client. There is one client per task, so the defaults (64 MiB) would add up.
    client.set("queued.max.messages.kbytes", "16384");
    client.set("fetch.queue.backoff.ms", "10");
    client.set("fetch.error.backoff.ms", "100");
    settings.security.adjust(&mut client, Use::Reads);
    client
}

/// The readers of a topic, which decide how a producer may compress.
#[derive(Clone, Copy)]
pub(super) enum Readers {
    /// Clients of every kind, as installed.
    Anybody,
    /// This program alone.
    Ours,
}

/// The librdkafka settings of an idempotent producer.
pub(super) fn producer(settings: &KafkaSettings, readers: Readers) -> ClientConfig {
    let mut client = common(settings);
    client.set("enable.idempotence", "true");
    client.set("acks", "all");
    // Batches form by themselves while requests are under way; waiting for more only adds latency.
    client.set("linger.ms", "0");
    // Of the codecs, gzip alone is in every client's standard library: kafkajs, kafka-python and aiokafka read no other as installed.
    // Of events (465 bytes without headers, 500 in a batch) gzip at its fastest takes 7 µs of CPU each and leaves 113 bytes on the
    // disk; lz4 takes 6 and leaves 181, zstd 13 and 90, gzip's default 12 and 96, none 3 and 761.
    match readers {
        Readers::Anybody => client.set("compression.type", "gzip").set("compression.level", "1"),
        Readers::Ours => client.set("compression.type", "lz4"),
    };
    client.set("partitioner", "murmur2_random");
    client.set("message.max.bytes", MAX_MESSAGE_BYTES.to_string());
    client.set("message.timeout.ms", "10000");
    settings.security.adjust(&mut client, Use::Writes);
    client
}

/// A client that makes and checks topics.
pub(super) fn admin(settings: &KafkaSettings) -> ClientConfig {
    let mut client = common(settings);
    settings.security.adjust(&mut client, Use::Both);
    client
}

/// A record on its way out. Without a value the payload is left out, which makes a tombstone; an empty one would not.
pub(super) fn outgoing(record: &NewRecord, partition: u32) -> FutureRecord<'_, [u8], [u8]> {
    let mut headers = OwnedHeaders::new_with_capacity(record.headers.len());
    for (key, value) in &record.headers {
        headers = headers.insert(Header { key, value: Some(value.as_ref()) });
    }
    let mut outgoing =
        FutureRecord::to(&record.topic).partition(partition as i32).key(record.key.as_ref()).headers(headers);
    outgoing.payload = record.value.as_deref();
    outgoing
}

/// A record that came in.
pub(super) fn incoming(topic: &Arc<str>, message: &BorrowedMessage<'_>) -> LogRecord {
    LogRecord {
        at: TopicPartition::new(topic.clone(), message.partition() as u32),
        offset: message.offset(),
        timestamp_ms: message.timestamp().to_millis().unwrap_or_default(),
        key: message.key().map(Bytes::copy_from_slice).unwrap_or_default(),
        value: message.payload().map(Bytes::copy_from_slice),
        headers: headers(message),
    }
}

/// The headers of a message. The client library panics on a name that is not UTF-8, which anyone may write; such
/// headers are left out.
fn headers(message: &BorrowedMessage<'_>) -> Vec<(String, Bytes)> {
    let Some(headers) = message.headers() else { return Vec::new() };
    let copied = catch_unwind(AssertUnwindSafe(|| {
        let copy = |header: Header<'_, &[u8]>| {
            (header.key.to_owned(), header.value.map(Bytes::copy_from_slice).unwrap_or_default())
        };
        headers.iter().map(copy).collect()
    }));
    copied.unwrap_or_else(|_| {
        tracing::warn!(
            topic = message.topic(),
            partition = message.partition(),
            offset = message.offset(),
            "headers are not UTF-8"
        );
        Vec::new()
    })
}

/// The name of a topic among those that are read, shared instead of copied for every record.
pub(super) fn shared_name(topics: &[Arc<str>], name: &str) -> Arc<str> {
    topics.iter().find(|topic| ***topic == *name).cloned().unwrap_or_else(|| name.into())
}

/// A list of partitions as the library takes it.
pub(super) fn list<'a>(
    partitions: impl IntoIterator<Item = (&'a TopicPartition, Offset)>,
) -> Result<TopicPartitionList, LogError> {
    let mut list = TopicPartitionList::new();
    for (at, offset) in partitions {
        list.add_partition_offset(&at.topic, at.partition as i32, offset).map_err(|e| failed("name an offset", &e))?;
    }
    Ok(list)
}

/// Partitions without offsets, as the library takes them.
pub(super) fn names<'a>(partitions: impl IntoIterator<Item = &'a TopicPartition>) -> TopicPartitionList {
    let mut list = TopicPartitionList::new();
    for at in partitions {
        list.add_partition(&at.topic, at.partition as i32);
    }
    list
}

/// The committed positions of the consumer's group. Blocks while a transaction that carries positions of it is open,
/// up to `timeout`.
pub(super) fn committed<C: ConsumerContext>(
    consumer: &BaseConsumer<C>,
    partitions: &[TopicPartition],
    timeout: Duration,
) -> Result<Vec<Option<i64>>, LogError> {
    if partitions.is_empty() {
        return Ok(Vec::new());
    }
    let failed = |e: KafkaError| failed("read committed positions", &e);
    let found = consumer.committed_offsets(names(partitions), timeout).map_err(failed)?;
    let mut positions = Vec::with_capacity(partitions.len());
    for at in partitions {
        let Some(found) = found.find_partition(&at.topic, at.partition as i32) else {
            return Err(LogError::Unavailable(format!("the position of {at} was not answered")));
        };
        found.error().map_err(failed)?;
        positions.push(match found.offset() {
            Offset::Offset(position) => Some(position),
            _ => None,
        });
    }
    Ok(positions)
}

/// An error of the library, by what it means for the caller. What is not known to be wrong for good counts as
/// unavailable: waiting and repeating is right there, and says so in the readiness.
pub(super) fn failed(what: &str, error: &KafkaError) -> LogError {
    use RDKafkaErrorCode as Code;
    let text = || format!("can't {what}: {error}");
    let code = match error {
        KafkaError::ClientConfig(..) | KafkaError::ClientCreation(_) | KafkaError::Nul(_) => {
            return LogError::Refused(text());
        }
        KafkaError::AdminOp(code) => *code,
        KafkaError::Transaction(error) if error.is_fatal() => return LogError::Fenced(text()),
        KafkaError::MessageConsumptionFatal(_) => return LogError::Fenced(text()),
        error => error.rdkafka_error_code().unwrap_or(Code::Unknown),
    };
    match code {
        Code::Fatal | Code::Fenced | Code::FencedInstanceId | Code::ProducerFenced => LogError::Fenced(text()),
        Code::UnknownTopic
        | Code::UnknownPartition
        | Code::UnknownTopicOrPartition
        | Code::InvalidTopic
        | Code::InvalidConfig
        | Code::InvalidPartitions
        | Code::InvalidReplicationFactor
        | Code::PolicyViolation
        | Code::OffsetOutOfRange
        | Code::MessageSizeTooLarge
        | Code::MessageBatchTooLarge
        | Code::UnsupportedVersion
        | Code::TopicAuthorizationFailed
        | Code::GroupAuthorizationFailed
        | Code::ClusterAuthorizationFailed
        | Code::TransactionalIdAuthorizationFailed
        | Code::SaslAuthenticationFailed => LogError::Refused(text()),
        _ => LogError::Unavailable(text()),
    }
}
