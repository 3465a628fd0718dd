//! The log of one process, in one folder.
//!
//! Records, positions and topics lie in one LSM store; a transaction is one atomic batch of it. A single committer
//! thread takes all waiting appends and transactions, gives them offsets, writes them as one batch, syncs once, and
//! only then moves the visible ends. So nothing can be seen before it is on disk, and the cost of fsync is shared by
//! all who wait.

mod committer;
mod reader;
mod store;

use std::collections::{HashMap, HashSet};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read, Write};
use std::path::Path;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use arc_swap::ArcSwap;
use feira_schemas::budget::{Budget, StoreShare};
use tokio::sync::{Notify, oneshot};

pub use reader::{EmbeddedMember, EmbeddedTail};

use self::committer::{Appended, Committer, Job};
use self::store::{Batch, Store};
use super::Seat;
use super::error::LogError;
use super::types::{self, NewRecord, Page, Retention, TopicPartition, TopicSpec};
use crate::clock::wall_clock;

/// The clock of records, in milliseconds since 1970.
pub(super) type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// The log in the data folder. Clones share the folder; the last one dropped closes it.
#[derive(Clone)]
pub struct EmbeddedLog {
    shared: Arc<Shared>,
    committer: Arc<Committer>,
}

/// The state that callers, readers and the committer thread share. Only the committer writes to the store and moves
/// starts and ends.
struct Shared {
    store: Store,
    topics: ArcSwap<HashMap<Arc<str>, Arc<Topic>>>,
    /// Committed (synced) positions, by group.
    positions: Mutex<HashMap<String, Positions>>,
    /// Groups that have a member.
    groups: Mutex<HashMap<String, Seats>>,
    syncs: AtomicU64,
    clock: Clock,
    /// Held until the store is closed, since fields drop in this order.
    _folder: File,
}

/// The seats of a group: how many there are, and the numbers of those that are taken.
struct Seats {
    members: u32,
    taken: HashSet<u32>,
}

/// The positions of one group, by topic id and partition.
type Positions = HashMap<(u16, u32), i64>;

struct Topic {
    id: u16,
    name: Arc<str>,
    retention: Retention,
    partitions: Arc<[Partition]>,
    /// Whom to wake when records become visible.
    readers: Arc<Mutex<Vec<Weak<Notify>>>>,
}

/// The offsets of one partition: `start <= end <= next`.
#[derive(Default)]
struct Partition {
    /// The oldest record kept.
    start: AtomicI64,
    /// Past the last record that is synced, hence visible.
    end: AtomicI64,
    /// Past the last offset given; the committer's own.
    next: AtomicI64,
}

impl EmbeddedLog {
    pub(super) fn open(dir: &Path) -> Result<Self, LogError> {
        Self::open_within(dir, Budget::default().log_store())
    }

    pub(super) fn open_within(dir: &Path, share: StoreShare) -> Result<Self, LogError> {
        let clock = wall_clock();
        Self::open_with_clock(dir, share, Arc::new(move || clock.now() / 1_000))
    }

    fn open_with_clock(dir: &Path, share: StoreShare, clock: Clock) -> Result<Self, LogError> {
        let io =
            |e: std::io::Error| LogError::Unavailable(format!("can't open the log's folder {}: {e}", dir.display()));
        fs::create_dir_all(dir).map_err(io)?;
        let folder = lock_folder(dir)?;
        let store = Store::open(&dir.join("store"), share)?;
        // The entries of a new folder are durable only once the folder itself is.
        File::open(dir).and_then(|dir| dir.sync_all()).map_err(io)?;
        let topics = load_topics(&store)?;
        let mut positions: HashMap<String, Positions> = HashMap::new();
        for row in store.position_rows()? {
            positions.entry(row.group).or_default().insert((row.topic, row.partition), row.position);
        }
        let shared = Arc::new(Shared {
            store,
            topics: ArcSwap::from_pointee(topics),
            positions: Mutex::new(positions),
            groups: Mutex::default(),
            syncs: AtomicU64::new(0),
            clock,
            _folder: folder,
        });
        let committer = Arc::new(Committer::start(shared.clone()).map_err(io)?);
        Ok(Self { shared, committer })
    }

    /// Counts the log's syncs to disk since it was opened; fewer than the appends and transactions it acknowledged,
    /// when those came together.
    pub fn sync_count(&self) -> u64 {
        self.shared.syncs.load(Ordering::Relaxed)
    }

    pub(super) fn trouble(&self) -> Option<String> {
        self.shared.store.trouble()
    }

    pub(super) async fn ensure_topics(&self, topics: &[TopicSpec]) -> Result<(), LogError> {
        topics.iter().try_for_each(types::check_spec)?;
        self.ask(|answer| Job::Topics { specs: topics.to_vec(), answer }).await
    }

    pub(super) async fn append(&self, records: Vec<NewRecord>) -> Result<Vec<i64>, LogError> {
        self.write(records, Vec::new()).await
    }

    pub(super) async fn join(
        &self,
        group: &str,
        topics: &[Arc<str>],
        seat: Seat<'_>,
    ) -> Result<EmbeddedMember, LogError> {
        EmbeddedMember::join(self, group, topics, seat).await
    }

    pub(super) async fn tail(&self, topics: &[Arc<str>]) -> Result<EmbeddedTail, LogError> {
        EmbeddedTail::new(self, topics)
    }

    pub(super) async fn read(&self, at: &TopicPartition, from: i64, max_records: usize) -> Result<Page, LogError> {
        let topic = self.shared.partition(at)?;
        let Partition { start, end, .. } = topic.at(at.partition);
        let from = from.max(start.load(Ordering::Acquire));
        let mut batch = Batch::new(max_records);
        self.shared.store.read(topic.id, at, from..end.load(Ordering::Acquire), &mut batch)?;
        let next = batch.records.last().map_or(from, |record| record.offset + 1);
        Ok(Page { records: batch.records, next })
    }

    pub(super) async fn start(&self, at: &TopicPartition) -> Result<i64, LogError> {
        Ok(self.shared.partition(at)?.at(at.partition).start.load(Ordering::Acquire))
    }

    pub(super) async fn end(&self, at: &TopicPartition) -> Result<i64, LogError> {
        Ok(self.shared.partition(at)?.at(at.partition).end.load(Ordering::Acquire))
    }

    pub(super) async fn delete_before(&self, at: &TopicPartition, offset: i64) -> Result<(), LogError> {
        let topic = self.shared.partition(at)?;
        self.ask(|answer| Job::Trim { topic, partition: at.partition, offset, answer }).await
    }

    pub(super) async fn committed(
        &self,
        group: &str,
        partitions: &[TopicPartition],
    ) -> Result<Vec<Option<i64>>, LogError> {
        self.shared.committed(group, partitions)
    }

    /// Writes records and positions as one and waits until they are synced.
    async fn write(
        &self,
        records: Vec<NewRecord>,
        positions: Vec<(String, TopicPartition, i64)>,
    ) -> Result<Vec<i64>, LogError> {
        let mut appended = Vec::with_capacity(records.len());
        for record in records {
            let topic = self.shared.topic(&record.topic)?;
            let partition = types::partition_of(&record, topic.partitions.len() as u32)?;
            appended.push(Appended { topic, partition, body: store::encode_body(&record) });
        }
        let mut moved = Vec::with_capacity(positions.len());
        for (group, at, position) in positions {
            let topic = self.shared.partition(&at)?;
            moved.push(committer::Moved { group, topic: topic.id, partition: at.partition, position });
        }
        self.ask(|answer| Job::Write { appended, moved, answer }).await
    }

    /// Sends a job to the committer and waits for its answer.
    async fn ask<T>(&self, job: impl FnOnce(oneshot::Sender<Result<T, LogError>>) -> Job) -> Result<T, LogError> {
        let (answer, answered) = oneshot::channel();
        self.committer.send(job(answer)).await?;
        answered.await.unwrap_or_else(|_| Err(committer::gone()))
    }
}

impl Shared {
    fn topic(&self, name: &str) -> Result<Arc<Topic>, LogError> {
        let topic = self.topics.load().get(name).cloned();
        topic.ok_or_else(|| LogError::Refused(format!("there is no topic {name}; create the topics first")))
    }

    /// The topic of a partition that exists.
    fn partition(&self, at: &TopicPartition) -> Result<Arc<Topic>, LogError> {
        let topic = self.topic(&at.topic)?;
        if at.partition as usize >= topic.partitions.len() {
            return Err(LogError::Refused(format!(
                "there is no partition {at}; the topic has {}",
                topic.partitions.len()
            )));
        }
        Ok(topic)
    }

    fn committed(&self, group: &str, partitions: &[TopicPartition]) -> Result<Vec<Option<i64>>, LogError> {
        let mut keys = Vec::with_capacity(partitions.len());
        for at in partitions {
            keys.push((self.partition(at)?.id, at.partition));
        }
        let positions = lock(&self.positions);
        let group = positions.get(group);
        Ok(keys.iter().map(|key| group.and_then(|group| group.get(key).copied())).collect())
    }
}

impl Topic {
    fn new(id: u16, name: Arc<str>, retention: Retention, partitions: Vec<Partition>) -> Self {
        Self { id, name, retention, partitions: partitions.into(), readers: Arc::default() }
    }

    /// A partition, which [`Shared::partition`] has found to exist.
    fn at(&self, partition: u32) -> &Partition {
        &self.partitions[partition as usize]
    }

    /// A copy of the topic with the same offsets and readers, but another retention.
    fn with_retention(&self, retention: Retention) -> Self {
        Self {
            id: self.id,
            name: self.name.clone(),
            retention,
            partitions: self.partitions.clone(),
            readers: self.readers.clone(),
        }
    }

    /// Wakes every reader of the topic. `notify_one` leaves a permit when the reader is not waiting just now, so no
    /// wake-up is lost.
    fn wake(&self) {
        lock(&self.readers).retain(|reader| match reader.upgrade() {
            Some(reader) => {
                reader.notify_one();
                true
            }
            None => false,
        });
    }
}

fn load_topics(store: &Store) -> Result<HashMap<Arc<str>, Arc<Topic>>, LogError> {
    let mut topics = HashMap::new();
    for row in store.topic_rows()? {
        let mut partitions = Vec::with_capacity(row.partitions as usize);
        for partition in 0..row.partitions {
            let (start, _, end) = store.bounds(row.id, partition)?;
            partitions.push(Partition { start: start.into(), end: end.into(), next: end.into() });
        }
        let name: Arc<str> = row.name.into();
        topics.insert(name.clone(), Arc::new(Topic::new(row.id, name, row.retention, partitions)));
    }
    Ok(topics)
}

/// Takes the folder for this process, or names the process that has it. The kernel lets go of the lock when the
/// process ends, however it ends.
fn lock_folder(dir: &Path) -> Result<File, LogError> {
    let path = dir.join("pid");
    let io = |e: std::io::Error| LogError::Unavailable(format!("can't lock {}: {e}", path.display()));
    let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path).map_err(io)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut pid = String::new();
            file.read_to_string(&mut pid).map_err(io)?;
            return Err(LogError::Locked {
                folder: dir.display().to_string(),
                pid: pid.trim().parse().unwrap_or_default(),
            });
        }
        Err(TryLockError::Error(e)) => return Err(io(e)),
    }
    file.set_len(0).and_then(|()| writeln!(file, "{}", std::process::id())).map_err(io)?;
    Ok(file)
}

/// Takes a lock whose data stay valid when another thread panicked while holding it: every change under our locks is
/// a single step.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::time::Duration;

    use bytes::Bytes;

    use super::*;
    use crate::log::types::Transaction;

    const HOUR: i64 = 3_600_000;

    /// A log whose clock stands where the test puts it.
    fn log_at(dir: &Path, hour: &Arc<AtomicI64>) -> EmbeddedLog {
        let hour = hour.clone();
        let clock = Arc::new(move || hour.load(Ordering::Relaxed) * HOUR);
        EmbeddedLog::open_with_clock(dir, Budget::default().log_store(), clock).unwrap()
    }

    fn record(topic: &str, n: usize) -> NewRecord {
        let value = Some(Bytes::from(n.to_string()));
        NewRecord { topic: topic.into(), partition: Some(0), key: Bytes::from_static(b"k"), value, headers: vec![] }
    }

    #[tokio::test]
    async fn retention_deletes_what_is_old_but_never_what_is_kept_for_ever() {
        let (folder, hour) = (tempfile::tempdir().unwrap(), Arc::new(AtomicI64::new(0)));
        let log = log_at(folder.path(), &hour);
        let spec = |name: &str, retention| TopicSpec { name: name.into(), partitions: 1, retention };
        let day = Retention::For(Duration::from_secs(86_400));
        log.ensure_topics(&[spec("commands", day), spec("events", Retention::Forever)]).await.unwrap();
        for at in 0..50 {
            hour.store(at, Ordering::Relaxed);
            log.append((0..60).flat_map(|n| [record("commands", n), record("events", n)]).collect()).await.unwrap();
        }
        log.ask(|answer| Job::Sweep { answer }).await.unwrap();
        let (commands, events) = (TopicPartition::new("commands", 0), TopicPartition::new("events", 0));
        // At hour 49, what is older than hour 25 goes: 25 hours of 60 records.
        assert_eq!((log.start(&commands).await.unwrap(), log.end(&commands).await.unwrap()), (1500, 3000));
        assert_eq!((log.start(&events).await.unwrap(), log.end(&events).await.unwrap()), (0, 3000));
        assert_eq!(log.read(&commands, 0, 1).await.unwrap().records[0].offset, 1500);

        hour.store(1000, Ordering::Relaxed);
        log.ask(|answer| Job::Sweep { answer }).await.unwrap();
        assert_eq!((log.start(&commands).await.unwrap(), log.end(&commands).await.unwrap()), (3000, 3000));
        drop(log);
        let log = log_at(folder.path(), &hour);
        assert_eq!((log.start(&commands).await.unwrap(), log.end(&commands).await.unwrap()), (3000, 3000));
        assert_eq!(log.append(vec![record("commands", 0)]).await.unwrap(), [3000]);
        assert_eq!(log.read(&events, 2999, 10).await.unwrap().records.len(), 1);
    }

    #[tokio::test]
    async fn deleted_records_leave_the_store_also_when_the_removal_was_interrupted() {
        let (folder, hour) = (tempfile::tempdir().unwrap(), Arc::new(AtomicI64::new(0)));
        let at = TopicPartition::new("parked", 0);
        let log = log_at(folder.path(), &hour);
        let spec = TopicSpec { name: "parked".into(), partitions: 1, retention: Retention::Forever };
        log.ensure_topics(&[spec]).await.unwrap();
        log.append((0..2500).map(|n| record("parked", n)).collect()).await.unwrap();
        log.delete_before(&at, 2400).await.unwrap();
        // Closing drops what of the removal is still ahead.
        drop(log);
        let log = log_at(folder.path(), &hour);
        assert_eq!(log.start(&at).await.unwrap(), 2400);
        while log.shared.store.bounds(0, 0).unwrap().1 < 2400 {
            tokio::task::yield_now().await;
        }
        assert_eq!(log.read(&at, 0, 1000).await.unwrap().records.len(), 100);
    }

    #[tokio::test]
    async fn a_commit_that_nobody_waits_for_is_settled_before_the_next_member_starts() {
        let (folder, hour) = (tempfile::tempdir().unwrap(), Arc::new(AtomicI64::new(0)));
        let log = log_at(folder.path(), &hour);
        let spec = TopicSpec { name: "in".into(), partitions: 1, retention: Retention::Forever };
        log.ensure_topics(&[spec]).await.unwrap();
        let at = TopicPartition::new("in", 0);
        for position in 1..50 {
            let mut member = log.join("g", &["in".into()], Seat::alone(None)).await.unwrap();
            let transaction = Transaction { records: vec![record("in", 0)], positions: vec![(at.clone(), position)] };
            // Polled once, so that the job is on its way, then dropped.
            let mut commit = Box::pin(member.commit(transaction));
            let _ = futures::poll!(&mut commit);
            drop(commit);
            drop(member);
            drop(log.join("g", &["in".into()], Seat::alone(None)).await.unwrap());
            assert_eq!(log.committed("g", std::slice::from_ref(&at)).await.unwrap(), [Some(position)]);
        }
    }
}
