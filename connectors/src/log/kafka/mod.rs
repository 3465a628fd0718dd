//! Apache Kafka. Until the adapter is here, each call says so.

use std::sync::Arc;
use std::time::Duration;

use super::error::LogError;
use super::types::{LogRecord, MemberEvent, NewRecord, Page, TopicPartition, TopicSpec, Transaction};

/// How to reach a cluster.
#[derive(Clone, Debug)]
pub struct KafkaConfig {
    /// Host and port of one or more brokers, comma-separated.
    pub brokers: String,
    /// What this process calls itself to the brokers.
    pub client_id: String,
    /// In how many copies new topics are kept; `None` takes the cluster's default.
    pub replication: Option<u16>,
}

fn absent<T>() -> Result<T, LogError> {
    Err(LogError::Refused("this build has no Kafka adapter".into()))
}

macro_rules! absent {
    ($type:ident: $($name:ident($($arg:ty),*) -> $out:ty;)*) => {
        impl $type {
            $(#[allow(missing_docs)] pub(super) async fn $name(&self, $(_: $arg),*) -> Result<$out, LogError> { absent() })*
        }
    };
}

/// A Kafka cluster.
#[derive(Clone)]
pub struct KafkaLog;
/// A member of a Kafka consumer group.
pub struct KafkaMember;
/// A reader without a group.
pub struct KafkaTail;

impl KafkaLog {
    pub(super) fn new(_: KafkaConfig) -> Result<Self, LogError> {
        absent()
    }
}

absent! { KafkaLog:
    ensure_topics(&[TopicSpec]) -> ();
    append(Vec<NewRecord>) -> Vec<i64>;
    join(&str, &[Arc<str>], Option<&str>) -> KafkaMember;
    tail(&[Arc<str>]) -> KafkaTail;
    read(&TopicPartition, i64, usize) -> Page;
    start(&TopicPartition) -> i64;
    end(&TopicPartition) -> i64;
    delete_before(&TopicPartition, i64) -> ();
    committed(&str, &[TopicPartition]) -> Vec<Option<i64>>;
}
absent! { KafkaMember:
    next(usize, Duration) -> MemberEvent;
    resume(&TopicPartition, i64) -> ();
    pause(&TopicPartition) -> ();
    commit(Transaction) -> Vec<i64>;
    leave() -> ();
}
absent! { KafkaTail:
    next() -> Vec<LogRecord>;
}
