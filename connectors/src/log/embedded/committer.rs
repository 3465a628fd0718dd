//! The one thread that writes.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use fjall::{OwnedWriteBatch, PersistMode};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use super::store::{self, failed};
use super::{Partition, Shared, Topic, lock};
use crate::log::error::LogError;
use crate::log::types::{Retention, TopicSpec};

/// Jobs that may wait for the committer thread. More would hold more memory while the disk is slow; fewer would make
/// callers wait twice.
const MAX_WAITING: usize = 4096;

/// One batch takes no further jobs once it holds this much. A larger one delays those who wait for it, a smaller one
/// syncs more often.
const MAX_BATCH_BYTES: usize = 16 * 1024 * 1024;

/// The time between two looks at retention. More often costs reads for nothing; records may outlive their retention
/// by as much.
const RETENTION_EVERY: Duration = Duration::from_secs(60);

/// Records removed at once by retention. More would make commits wait longer behind them.
const REMOVE_AT_ONCE: i64 = 1000;

pub(super) type Answer<T> = oneshot::Sender<Result<T, LogError>>;

/// A job for the committer thread.
pub(super) enum Job {
    /// Append records and move positions, as one.
    Write { appended: Vec<Appended>, moved: Vec<Moved>, answer: Answer<Vec<i64>> },
    /// Create topics, or check them.
    Topics { specs: Vec<TopicSpec>, answer: Answer<()> },
    /// Delete the records of a partition below an offset.
    Trim { topic: Arc<Topic>, partition: u32, offset: i64, answer: Answer<()> },
    /// Answer once all earlier jobs are done.
    Barrier { answer: Answer<()> },
    /// Enforce retention now.
    #[cfg(test)]
    Sweep { answer: Answer<()> },
}

/// A record that has its partition but not yet its offset and timestamp.
pub(super) struct Appended {
    pub(super) topic: Arc<Topic>,
    pub(super) partition: u32,
    pub(super) body: Vec<u8>,
}

/// A position to commit.
pub(super) struct Moved {
    pub(super) group: String,
    pub(super) topic: u16,
    pub(super) partition: u32,
    pub(super) position: i64,
}

/// The way to the committer thread. Dropping it finishes what waits, then ends the thread.
pub(super) struct Committer {
    queue: Option<Sender<Waiting>>,
    slots: Arc<Semaphore>,
    thread: Option<JoinHandle<()>>,
}

/// A job and its place among those that may wait.
type Waiting = (Job, OwnedSemaphorePermit);

impl Committer {
    pub(super) fn start(shared: Arc<Shared>) -> std::io::Result<Self> {
        let (queue, jobs) = mpsc::channel();
        let worker = Worker {
            now: 0,
            next_sweep: Instant::now() + RETENTION_EVERY,
            garbage: VecDeque::new(),
            group: Group::new(&shared),
            jobs,
            shared,
        };
        let thread = thread::Builder::new().name("log-committer".into()).spawn(move || worker.run())?;
        Ok(Self { queue: Some(queue), slots: Arc::new(Semaphore::new(MAX_WAITING)), thread: Some(thread) })
    }

    /// Hands a job to the thread, waiting while too many others do.
    pub(super) async fn send(&self, job: Job) -> Result<(), LogError> {
        let slot = self.slots.clone().acquire_owned().await.map_err(|_| gone())?;
        let queue = self.queue.as_ref().ok_or_else(gone)?;
        queue.send((job, slot)).map_err(|_| gone())
    }
}

impl Drop for Committer {
    fn drop(&mut self) {
        self.queue = None;
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the log's committer thread had panicked");
        }
    }
}

/// The error that callers get when the committer thread has ended.
pub(super) fn gone() -> LogError {
    LogError::Broken("its committer thread has ended".into())
}

struct Worker {
    shared: Arc<Shared>,
    jobs: Receiver<Waiting>,
    group: Group,
    /// The timestamp of the last batch. Timestamps never go back, so that retention can search by them.
    now: i64,
    /// Removed ranges whose records still lie in the store.
    garbage: VecDeque<Garbage>,
    next_sweep: Instant,
}

struct Garbage {
    topic: u16,
    partition: u32,
    offsets: std::ops::Range<i64>,
}

/// The appends, transactions and removals that are committed together, in one batch and one sync.
struct Group {
    batch: OwnedWriteBatch,
    bytes: usize,
    touched: Vec<(Arc<Topic>, u32)>,
    moved: Vec<Moved>,
    trims: Vec<(Arc<Topic>, u32, i64)>,
    writers: Vec<(Vec<i64>, Answer<Vec<i64>>)>,
    others: Vec<Answer<()>>,
}

impl Group {
    fn new(shared: &Shared) -> Self {
        let batch = shared.store.batch().durability(Some(PersistMode::SyncAll));
        Self {
            batch,
            bytes: 0,
            touched: Vec::new(),
            moved: Vec::new(),
            trims: Vec::new(),
            writers: Vec::new(),
            others: Vec::new(),
        }
    }
}

impl Worker {
    fn run(mut self) {
        if let Err(error) = self.recover() {
            tracing::error!(%error, "the log's committer could not look through its partitions");
            return;
        }
        while let Some((job, slot)) = self.next_job() {
            self.add(job);
            let mut slots = vec![slot];
            while self.group.bytes < MAX_BATCH_BYTES
                && let Ok((job, slot)) = self.jobs.try_recv()
            {
                self.add(job);
                slots.push(slot);
            }
            self.commit();
            self.housekeep();
        }
    }

    /// The last timestamp given, and ranges whose removal was interrupted.
    fn recover(&mut self) -> Result<(), LogError> {
        for topic in self.shared.topics.load().values() {
            for partition in 0..topic.partitions.len() as u32 {
                let (start, first, end) = self.shared.store.bounds(topic.id, partition)?;
                let last = self.shared.store.timestamp(topic.id, partition, end - 1)?;
                self.now = self.now.max(last.unwrap_or_default());
                self.garbage.push_back(Garbage { topic: topic.id, partition, offsets: first..start });
            }
        }
        self.garbage.retain(|garbage| !garbage.offsets.is_empty());
        Ok(())
    }

    /// The next job, doing the housekeeping while there is none; `None` when the log was dropped.
    fn next_job(&mut self) -> Option<Waiting> {
        loop {
            let wait = if self.garbage.is_empty() {
                self.next_sweep.saturating_duration_since(Instant::now())
            } else {
                Duration::ZERO
            };
            match self.jobs.recv_timeout(wait) {
                Ok(waiting) => return Some(waiting),
                Err(RecvTimeoutError::Timeout) => self.housekeep(),
                Err(RecvTimeoutError::Disconnected) => return None,
            }
        }
    }

    fn add(&mut self, job: Job) {
        match job {
            Job::Write { appended, moved, answer } => self.add_write(appended, moved, answer),
            Job::Trim { topic, partition, offset, answer } => {
                let end = topic.at(partition).end.load(Ordering::Relaxed);
                if offset > end {
                    let name = &topic.name;
                    let _ = answer.send(Err(LogError::Refused(format!(
                        "{name}[{partition}] ends at {end}, it can't be deleted up to {offset}"
                    ))));
                } else {
                    self.add_trim(topic, partition, offset);
                    self.group.others.push(answer);
                }
            }
            // Answered with the group, whose jobs came earlier.
            Job::Barrier { answer } => self.group.others.push(answer),
            Job::Topics { specs, answer } => {
                self.commit();
                let _ = answer.send(self.ensure_topics(&specs));
            }
            #[cfg(test)]
            Job::Sweep { answer } => {
                self.sweep();
                self.group.others.push(answer);
            }
        }
    }

    fn add_write(&mut self, appended: Vec<Appended>, moved: Vec<Moved>, answer: Answer<Vec<i64>>) {
        self.now = self.now.max((self.shared.clock)());
        let mut offsets = Vec::with_capacity(appended.len());
        for Appended { topic, partition, mut body } in appended {
            let offset = topic.at(partition).next.fetch_add(1, Ordering::Relaxed);
            store::stamp(&mut body, self.now);
            self.group.bytes += body.len();
            self.group.batch.insert(&self.shared.store.records, store::record_key(topic.id, partition, offset), body);
            offsets.push(offset);
            if !self.group.touched.last().is_some_and(|(last, p)| last.id == topic.id && *p == partition) {
                self.group.touched.push((topic, partition));
            }
        }
        for row in &moved {
            let key = store::position_key(&row.group, row.topic, row.partition);
            self.group.batch.insert(&self.shared.store.positions, key, row.position.to_be_bytes());
        }
        self.group.moved.extend(moved);
        self.group.writers.push((offsets, answer));
    }

    fn add_trim(&mut self, topic: Arc<Topic>, partition: u32, offset: i64) {
        if offset > topic.at(partition).start.load(Ordering::Relaxed) {
            self.group.batch.insert(
                &self.shared.store.topics,
                store::start_key(topic.id, partition),
                offset.to_be_bytes(),
            );
            self.group.trims.push((topic, partition, offset));
        }
    }

    /// Writes and syncs the group, then makes it visible and answers; or undoes it and says why.
    fn commit(&mut self) {
        let fresh = Group::new(&self.shared);
        let group = std::mem::replace(&mut self.group, fresh);
        let written = match group.batch.is_empty() {
            true => Ok(()),
            false => self.shared.store.commit(group.batch, group.bytes),
        };
        if let Err(error) = written {
            let error = match failed("write", &error) {
                LogError::Broken(why) => LogError::Broken(why),
                other => LogError::Broken(other.to_string()),
            };
            tracing::error!(%error, "the log can't be written; the process must be restarted");
            for (topic, partition) in group.touched {
                let Partition { end, next, .. } = topic.at(partition);
                next.store(end.load(Ordering::Relaxed), Ordering::Relaxed);
            }
            group.writers.into_iter().for_each(|(_, answer)| drop(answer.send(Err(error.clone()))));
            group.others.into_iter().for_each(|answer| drop(answer.send(Err(error.clone()))));
            return;
        }
        if !group.touched.is_empty() || !group.moved.is_empty() || !group.trims.is_empty() {
            self.shared.syncs.fetch_add(1, Ordering::Relaxed);
        }
        self.publish(group.touched, group.moved, group.trims);
        // An answer whose caller has gone away is not missed.
        group.writers.into_iter().for_each(|(offsets, answer)| drop(answer.send(Ok(offsets))));
        group.others.into_iter().for_each(|answer| drop(answer.send(Ok(()))));
    }

    /// Makes visible what is on disk now.
    fn publish(&mut self, touched: Vec<(Arc<Topic>, u32)>, moved: Vec<Moved>, trims: Vec<(Arc<Topic>, u32, i64)>) {
        if !moved.is_empty() {
            let mut positions = lock(&self.shared.positions);
            for row in moved {
                positions.entry(row.group).or_default().insert((row.topic, row.partition), row.position);
            }
        }
        for (topic, partition, offset) in trims {
            let start = topic.at(partition).start.fetch_max(offset, Ordering::Release);
            self.garbage.push_back(Garbage { topic: topic.id, partition, offsets: start..offset });
        }
        for (topic, partition) in &touched {
            let Partition { end, next, .. } = topic.at(*partition);
            end.store(next.load(Ordering::Relaxed), Ordering::Release);
        }
        let mut woken: Vec<u16> = Vec::new();
        for (topic, _) in touched {
            if !woken.contains(&topic.id) {
                woken.push(topic.id);
                topic.wake();
            }
        }
    }

    /// Creates and checks topics, all or none.
    fn ensure_topics(&mut self, specs: &[TopicSpec]) -> Result<(), LogError> {
        let mut topics: HashMap<_, _> = HashMap::clone(&self.shared.topics.load());
        let mut batch = self.shared.store.batch().durability(Some(PersistMode::SyncAll));
        for spec in specs {
            let old = topics.get(&spec.name);
            if let Some(old) = old {
                check_topic(old, spec)?;
            }
            if old.is_some_and(|old| old.retention == spec.retention || old.retention == Retention::Forever) {
                continue;
            }
            let topic = match old {
                Some(old) => old.with_retention(spec.retention),
                None => {
                    let id = topics.values().map(|topic| topic.id).max().map_or(Some(0), |id| id.checked_add(1));
                    let id =
                        id.ok_or_else(|| LogError::Refused("an embedded log holds at most 65536 topics".into()))?;
                    Topic::new(
                        id,
                        spec.name.clone(),
                        spec.retention,
                        (0..spec.partitions).map(|_| Partition::default()).collect(),
                    )
                }
            };
            batch.insert(
                &self.shared.store.topics,
                store::topic_key(&spec.name),
                store::topic_value(topic.id, spec.partitions, spec.retention),
            );
            topics.insert(spec.name.clone(), Arc::new(topic));
        }
        if !batch.is_empty() {
            batch.commit().map_err(|e| failed("write the topics", &e))?;
            self.shared.topics.store(Arc::new(topics));
        }
        Ok(())
    }

    /// Enforces retention when it is due, and removes a part of what lies below the starts.
    fn housekeep(&mut self) {
        if Instant::now() >= self.next_sweep {
            self.sweep();
            self.commit();
        }
        let Some(garbage) = self.garbage.front_mut() else { return };
        let until = garbage.offsets.end.min(garbage.offsets.start + REMOVE_AT_ONCE);
        // After a crash they are found and removed again, as the start already hides them. All the same it is synced: a batch that a
        // power cut has torn must have no whole one behind it, or it can't be told from one that the disk has lost.
        let mut batch = self.shared.store.batch().durability(Some(PersistMode::SyncData));
        for offset in garbage.offsets.start..until {
            batch.remove(&self.shared.store.records, store::record_key(garbage.topic, garbage.partition, offset));
        }
        garbage.offsets.start = until;
        let done = garbage.offsets.is_empty();
        if let Err(error) = self.shared.store.commit(batch, 0) {
            tracing::error!(error = %failed("remove old records", &error), "the log leaves its old records until it is opened again");
            self.garbage.clear();
        } else if done {
            self.garbage.pop_front();
        }
    }

    /// Adds to the group the trims that retention asks for.
    fn sweep(&mut self) {
        self.next_sweep = Instant::now() + RETENTION_EVERY;
        let now = (self.shared.clock)();
        for topic in self.shared.topics.load_full().values() {
            let Retention::For(age) = topic.retention else { continue };
            let oldest = now.saturating_sub(i64::try_from(age.as_millis()).unwrap_or(i64::MAX));
            for partition in 0..topic.partitions.len() as u32 {
                match self.first_since(topic, partition, oldest) {
                    Ok(offset) => self.add_trim(topic.clone(), partition, offset),
                    Err(error) => {
                        tracing::error!(%error, topic = %topic.name, partition, "retention could not be enforced")
                    }
                }
            }
        }
    }

    /// The first offset of a partition whose record is not older than `oldest`. Timestamps never go back, so halving
    /// finds it.
    fn first_since(&self, topic: &Topic, partition: u32, oldest: i64) -> Result<i64, LogError> {
        let Partition { start, end, .. } = topic.at(partition);
        let (mut low, mut high) = (start.load(Ordering::Relaxed), end.load(Ordering::Relaxed));
        while low < high {
            let middle = low + (high - low) / 2;
            if self.shared.store.timestamp(topic.id, partition, middle)?.is_some_and(|timestamp| timestamp >= oldest) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        Ok(low)
    }
}

/// Refuses a topic that exists otherwise than asked for.
fn check_topic(topic: &Topic, spec: &TopicSpec) -> Result<(), LogError> {
    let (name, has, wants) = (&topic.name, topic.partitions.len(), spec.partitions);
    if has != wants as usize {
        return Err(LogError::Refused(format!(
            "topic {name} has {has} partitions and {wants} were asked for; the count can't change, configure {has}"
        )));
    }
    if spec.retention == Retention::Forever && topic.retention != Retention::Forever {
        return Err(LogError::Refused(format!(
            "topic {name} must keep its records for ever, and was made with a limited retention"
        )));
    }
    Ok(())
}
