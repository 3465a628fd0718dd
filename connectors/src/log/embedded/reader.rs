//! Readers of the embedded log: members of groups, and tails.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, timeout_at};

use super::committer::Job;
use super::store::Batch;
use super::{EmbeddedLog, Seats, Topic, lock};
use crate::log::Seat;
use crate::log::error::LogError;
use crate::log::types::{LogRecord, MemberEvent, TopicPartition, Transaction};

/// The most that a tail returns at once, so that a slow caller catches up in steps.
const TAIL_RECORDS: usize = 1000;

/// A member of a group: it gets all partitions of its seat at once and keeps them.
pub struct EmbeddedMember {
    log: EmbeddedLog,
    group: GroupSeat,
    feed: Feed,
    /// True once `Assigned` has been returned.
    told: bool,
}

/// A reader of all partitions of some topics, from where they ended when it was made.
pub struct EmbeddedTail {
    log: EmbeddedLog,
    feed: Feed,
}

impl EmbeddedMember {
    pub(super) async fn join(
        log: &EmbeddedLog,
        group: &str,
        topics: &[Arc<str>],
        seat: Seat<'_>,
    ) -> Result<Self, LogError> {
        let feed = Feed::new(log, topics, |partition| partition % seat.members.max(1) == seat.number)?;
        let counts: Vec<_> = feed.topics.iter().map(|topic| topic.partitions.len()).collect();
        if counts.iter().any(|count| *count != counts[0]) {
            return Err(LogError::Refused(format!(
                "the topics of group {group} have different partition counts: {counts:?}"
            )));
        }
        let group = GroupSeat::take(log, group, seat)?;
        // A former member may have been dropped while its commit was waiting; the positions are read after that is
        // settled.
        log.ask(|answer| Job::Barrier { answer }).await?;
        Ok(Self { log: log.clone(), group, feed, told: false })
    }

    pub(crate) async fn next(&mut self, max_records: usize, max_wait: Duration) -> Result<MemberEvent, LogError> {
        if !self.told {
            let owned: Vec<_> = self.feed.cursors.iter().map(|cursor| cursor.at.clone()).collect();
            let positions = self.log.shared.committed(&self.group.name, &owned)?;
            self.told = true;
            return Ok(MemberEvent::Assigned(owned.into_iter().zip(positions).collect()));
        }
        // Cancel safe: cursors move only in `take`, after which this returns without another await; and a wake-up
        // that is consumed by a dropped call is made up for by the next call, which looks before it waits.
        let deadline = Instant::now() + max_wait;
        loop {
            let records = self.feed.take(&self.log, max_records)?;
            if !records.is_empty() {
                return Ok(MemberEvent::Records(records));
            }
            if timeout_at(deadline, self.feed.wake.notified()).await.is_err() {
                return Ok(MemberEvent::Idle);
            }
        }
    }

    pub(crate) async fn resume(&mut self, at: &TopicPartition, from: i64) -> Result<(), LogError> {
        self.feed.set(at, Some(from));
        Ok(())
    }

    pub(crate) async fn pause(&mut self, at: &TopicPartition) -> Result<(), LogError> {
        self.feed.set(at, None);
        Ok(())
    }

    pub(crate) async fn commit(&mut self, transaction: Transaction) -> Result<Vec<i64>, LogError> {
        let mut positions = Vec::with_capacity(transaction.positions.len());
        for (at, position) in transaction.positions {
            if !self.feed.index.contains_key(&at) {
                return Err(LogError::Aborted(format!("{at} does not belong to this member of {}", self.group.name)));
            }
            positions.push((self.group.name.clone(), at, position));
        }
        self.log.write(transaction.records, positions).await
    }

    pub(crate) async fn leave(self) -> Result<(), LogError> {
        Ok(())
    }
}

impl EmbeddedTail {
    pub(super) fn new(log: &EmbeddedLog, topics: &[Arc<str>]) -> Result<Self, LogError> {
        let mut feed = Feed::new(log, topics, |_| true)?;
        for cursor in &mut feed.cursors {
            cursor.next = Some(cursor.topic.at(cursor.at.partition).end.load(Ordering::Acquire));
        }
        Ok(Self { log: log.clone(), feed })
    }

    pub(crate) async fn next(&mut self) -> Result<Vec<LogRecord>, LogError> {
        // Cancel safe for the same reasons as a member's.
        loop {
            let records = self.feed.take(&self.log, TAIL_RECORDS)?;
            if !records.is_empty() {
                return Ok(records);
            }
            self.feed.wake.notified().await;
        }
    }
}

/// A member's seat in its group, free again when this is dropped.
struct GroupSeat {
    log: EmbeddedLog,
    name: String,
    number: u32,
}

impl GroupSeat {
    fn take(log: &EmbeddedLog, name: &str, seat: Seat<'_>) -> Result<Self, LogError> {
        if name.is_empty() || name.contains('\0') {
            return Err(LogError::Refused("a group needs a name without zero bytes".into()));
        }
        let Seat { number, members, .. } = seat;
        if number >= members {
            return Err(LogError::Refused(format!("group {name} has {members} seats, and no number {number}")));
        }
        let mut groups = lock(&log.shared.groups);
        let seats = groups.entry(name.to_owned()).or_insert_with(|| Seats { members, taken: HashSet::new() });
        if seats.members != members {
            let there = seats.members;
            return Err(LogError::Refused(format!("group {name} is shared out to {there} members, not to {members}")));
        }
        if !seats.taken.insert(number) {
            return Err(LogError::Refused(format!(
                "group {name} already has its member {number}; an embedded log gives each seat one"
            )));
        }
        Ok(Self { log: log.clone(), name: name.to_owned(), number })
    }
}

impl Drop for GroupSeat {
    fn drop(&mut self) {
        let mut groups = lock(&self.log.shared.groups);
        if let Some(seats) = groups.get_mut(&self.name) {
            seats.taken.remove(&self.number);
            if seats.taken.is_empty() {
                groups.remove(&self.name);
            }
        }
    }
}

/// Cursors over partitions of some topics, and the wake-up that new records give.
struct Feed {
    topics: Vec<Arc<Topic>>,
    cursors: Vec<Cursor>,
    index: HashMap<TopicPartition, usize>,
    wake: Arc<Notify>,
    /// The cursor that goes first in the next batch, by its index, so that a busy partition can't starve the others.
    turn: usize,
}

struct Cursor {
    topic: Arc<Topic>,
    at: TopicPartition,
    /// The next offset to return; `None` while paused.
    next: Option<i64>,
}

impl Feed {
    fn new(log: &EmbeddedLog, names: &[Arc<str>], owns: impl Fn(u32) -> bool) -> Result<Self, LogError> {
        let topics = names.iter().map(|name| log.shared.topic(name)).collect::<Result<Vec<_>, _>>()?;
        if topics.is_empty() {
            return Err(LogError::Refused("no topic to read was named".into()));
        }
        let wake = Arc::new(Notify::new());
        let mut cursors = Vec::new();
        for topic in &topics {
            lock(&topic.readers).push(Arc::downgrade(&wake));
            for partition in (0..topic.partitions.len() as u32).filter(|partition| owns(*partition)) {
                cursors.push(Cursor {
                    topic: topic.clone(),
                    at: TopicPartition::new(topic.name.clone(), partition),
                    next: None,
                });
            }
        }
        let index = cursors.iter().enumerate().map(|(i, cursor)| (cursor.at.clone(), i)).collect();
        Ok(Self { topics, cursors, index, wake, turn: 0 })
    }

    fn set(&mut self, at: &TopicPartition, next: Option<i64>) {
        if let Some(i) = self.index.get(at) {
            self.cursors[*i].next = next;
        }
    }

    /// The visible records at the cursors, which move past them.
    fn take(&mut self, log: &EmbeddedLog, max_records: usize) -> Result<Vec<LogRecord>, LogError> {
        let mut batch = Batch::new(max_records);
        let count = self.cursors.len();
        let mut moved = Vec::new();
        for i in (self.turn..self.turn + count).map(|i| i % count) {
            let cursor = &self.cursors[i];
            let Some(next) = cursor.next else { continue };
            let partition = cursor.topic.at(cursor.at.partition);
            let from = next.max(partition.start.load(Ordering::Acquire));
            let end = partition.end.load(Ordering::Acquire);
            if from >= end {
                continue;
            }
            let before = batch.records.len();
            log.shared.store.read(cursor.topic.id, &cursor.at, from..end, &mut batch)?;
            if batch.records.len() > before
                && let Some(last) = batch.records.last()
            {
                moved.push((i, last.offset + 1));
            }
            if batch.full() {
                break;
            }
        }
        // Cursors move only when the whole batch could be read, or an error would lose what was read before it.
        for (i, next) in moved {
            self.cursors[i].next = Some(next);
            self.turn = (i + 1) % count;
        }
        Ok(batch.records)
    }
}
