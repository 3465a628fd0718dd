//! Helpers of the log's contract: a log, topic names of their own, and short ways to ask for what a case is about.

use std::env;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use feira_connectors::log::{
    KafkaSecurity, KafkaSettings, Log, LogRecord, Member, MemberEvent, NewRecord, Retention, Seat, TopicPartition,
    TopicSpec,
};
use tokio::time::{Instant, timeout};

/// The partitions of every topic made here.
pub const PARTITIONS: u32 = 4;

/// No test asserts a time; this only ends one that hangs.
const PATIENCE: Duration = Duration::from_secs(90);

pub struct Bed {
    pub log: Log,
    /// Unique to the test and the run, since a broker keeps the topics of former runs.
    run: String,
    _folder: Option<tempfile::TempDir>,
}

pub fn embedded() -> Bed {
    let folder = tempfile::tempdir().unwrap();
    let log = Log::embedded(&folder.path().join("log")).unwrap();
    Bed { log, run: unique(), _folder: Some(folder) }
}

/// `None` when no broker is configured, which is then said.
pub fn kafka() -> Option<Bed> {
    Some(Bed { log: Log::kafka(&kafka_settings(&brokers()?)).unwrap(), run: unique(), _folder: None })
}

pub fn brokers() -> Option<String> {
    let brokers = env::var("FEIRA_KAFKA_BROKERS").ok().filter(|brokers| !brokers.is_empty());
    if brokers.is_none() {
        assert_ne!(
            env::var("FEIRA_REQUIRE").as_deref(),
            Ok("all"),
            "FEIRA_REQUIRE=all, but FEIRA_KAFKA_BROKERS is not set"
        );
        println!("skipped: FEIRA_KAFKA_BROKERS is not set");
    }
    brokers
}

pub fn kafka_settings(brokers: &str) -> KafkaSettings {
    KafkaSettings {
        brokers: brokers.to_owned(),
        client_id: "log-contract".to_owned(),
        replication: None,
        security: KafkaSecurity::default(),
    }
}

fn unique() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_micros();
    format!("t{now}-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}

impl Bed {
    /// Creates a topic that keeps its records.
    pub async fn topic(&self, name: &str) -> Arc<str> {
        let spec = self.spec(name, Retention::Forever);
        self.log.ensure_topics(std::slice::from_ref(&spec)).await.unwrap();
        spec.name
    }

    pub fn spec(&self, name: &str, retention: Retention) -> TopicSpec {
        TopicSpec { name: format!("{}.{name}", self.run).into(), partitions: PARTITIONS, retention }
    }

    pub fn group(&self, name: &str) -> String {
        format!("{}.{name}", self.run)
    }

    /// All committed records of a partition, read as a restore reads them: up to the end that was there when it began.
    pub async fn all(&self, at: &TopicPartition) -> Vec<LogRecord> {
        let end = self.log.end(at).await.unwrap();
        let (mut from, mut records) = (0, Vec::new());
        soon(async {
            while from < end {
                let page = self.log.read(at, from, 100).await.unwrap();
                assert!(page.next >= from && page.records.len() <= 100);
                assert!(page.next > from || page.records.is_empty(), "a page that gives something moves on");
                records.extend(page.records);
                from = page.next;
            }
        })
        .await;
        records
    }

    /// Joins a group and waits until all partitions of the topics are assigned.
    pub async fn join(&self, group: &str, topics: &[Arc<str>]) -> (Member, Vec<(TopicPartition, Option<i64>)>) {
        let mut member = self.log.join(group, topics, Seat::alone(None)).await.unwrap();
        let assigned = assigned(&mut member).await;
        assert_eq!(assigned.len(), topics.len() * PARTITIONS as usize);
        (member, assigned)
    }
}

/// Waits for the next assignment.
pub async fn assigned(member: &mut Member) -> Vec<(TopicPartition, Option<i64>)> {
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        match member.next(100, Duration::from_secs(1)).await.unwrap() {
            MemberEvent::Assigned(mut partitions) => {
                partitions.sort();
                return partitions;
            }
            MemberEvent::Records(records) => panic!("records of partitions that were never resumed: {records:?}"),
            MemberEvent::Lacking(_) | MemberEvent::Revoked(_) | MemberEvent::Idle => {}
        }
    }
    panic!("no assignment came");
}

/// Waits for `count` records.
pub async fn collect(member: &mut Member, count: usize) -> Vec<LogRecord> {
    let (mut records, deadline) = (Vec::new(), Instant::now() + PATIENCE);
    while records.len() < count {
        assert!(Instant::now() < deadline, "only {} of {count} records came", records.len());
        if let MemberEvent::Records(more) = member.next(100, Duration::from_secs(1)).await.unwrap() {
            assert!(!more.is_empty() && more.len() <= 100);
            records.extend(more);
        }
    }
    assert_eq!(records.len(), count, "no record comes twice");
    records
}

/// Waits for something that must come.
pub async fn soon<T>(what: impl Future<Output = T>) -> T {
    timeout(PATIENCE, what).await.expect("it did not come")
}

pub async fn resume_all(member: &mut Member, assigned: &[(TopicPartition, Option<i64>)]) {
    for (at, position) in assigned {
        member.resume(at, position.unwrap_or(0)).await.unwrap();
    }
}

/// A record that goes where its key says.
pub fn keyed(topic: &Arc<str>, key: &str, value: impl ToString) -> NewRecord {
    let value = Some(Bytes::from(value.to_string()));
    NewRecord { topic: topic.clone(), partition: None, key: Bytes::from(key.to_owned()), value, headers: Vec::new() }
}

/// A record for one partition.
pub fn placed(at: &TopicPartition, value: impl ToString) -> NewRecord {
    NewRecord { partition: Some(at.partition), ..keyed(&at.topic, "key", value) }
}

pub fn number(record: &LogRecord) -> u64 {
    text(record).parse().unwrap()
}

pub fn text(record: &LogRecord) -> &str {
    std::str::from_utf8(record.value.as_deref().unwrap()).unwrap()
}

/// Bytes that do not compress, so that limits meet them in full.
pub fn noise(size: usize) -> Vec<u8> {
    let mut state = 1u64;
    let next = || {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 56) as u8
    };
    std::iter::repeat_with(next).take(size).collect()
}
