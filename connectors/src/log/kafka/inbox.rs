//! The inbox of a member: changes of the assignment and records that its thread has for it until it asks.

use std::collections::VecDeque;
use std::sync::Mutex;

use tokio::sync::Notify;

use super::lock;
use crate::log::error::LogError;
use crate::log::types::{LogRecord, MemberEvent, TopicPartition};

/// The inbox is full at this many records, or bytes. More would hold more memory per member; less would starve a
/// quick one.
const MAX_RECORDS: usize = 2000;
const MAX_BYTES: usize = 16 * 1024 * 1024;

/// Filled by the thread, emptied by the member. Being data under a lock, nothing of it is lost when a waiting member
/// gives up.
#[derive(Default)]
pub(super) struct Inbox {
    content: Mutex<Content>,
    pub(super) filled: Notify,
}

#[derive(Default)]
struct Content {
    /// Changes of the assignment; always told before records.
    changes: VecDeque<MemberEvent>,
    records: VecDeque<LogRecord>,
    bytes: usize,
    /// Trouble that passes, told once.
    trouble: Option<LogError>,
    /// The end of this member, told for ever.
    fatal: Option<LogError>,
}

/// Something that the member took from its inbox.
pub(super) enum Taken {
    Event(MemberEvent),
    /// Records, and whether the inbox was full before.
    Records(Vec<LogRecord>, bool),
    Nothing,
}

impl Inbox {
    /// The next thing to tell, if any.
    pub(super) fn take(&self, max_records: usize) -> Result<Taken, LogError> {
        let mut content = lock(&self.content);
        if let Some(fatal) = &content.fatal {
            return Err(fatal.clone());
        }
        if let Some(change) = content.changes.pop_front() {
            return Ok(Taken::Event(change));
        }
        if content.records.is_empty() {
            return content.trouble.take().map_or(Ok(Taken::Nothing), Err);
        }
        let was_full = content.full();
        let count = content.records.len().min(max_records.max(1));
        let records: Vec<_> = content.records.drain(..count).collect();
        content.bytes -= records.iter().map(weight).sum::<usize>();
        Ok(Taken::Records(records, was_full))
    }

    pub(super) fn change(&self, change: MemberEvent) {
        lock(&self.content).changes.push_back(change);
        self.filled.notify_one();
    }

    /// True if the owner has yet to be told of a change of its assignment.
    pub(super) fn has_changes(&self) -> bool {
        !lock(&self.content).changes.is_empty()
    }

    pub(super) fn record(&self, record: LogRecord) {
        let mut content = lock(&self.content);
        content.bytes += weight(&record);
        content.records.push_back(record);
        // Records show that the trouble is over.
        content.trouble = None;
        drop(content);
        self.filled.notify_one();
    }

    pub(super) fn trouble(&self, error: LogError) {
        lock(&self.content).trouble = Some(error);
        self.filled.notify_one();
    }

    pub(super) fn fail(&self, error: LogError) {
        lock(&self.content).fatal.get_or_insert(error);
        self.filled.notify_one();
    }

    pub(super) fn fatal(&self) -> Option<LogError> {
        lock(&self.content).fatal.clone()
    }

    pub(super) fn full(&self) -> bool {
        lock(&self.content).full()
    }

    /// Drops the records of a partition: they are no longer wanted, or no longer ours.
    pub(super) fn purge(&self, at: &TopicPartition) {
        let mut content = lock(&self.content);
        content.records.retain(|record| record.at != *at);
        content.bytes = content.records.iter().map(weight).sum();
    }
}

impl Content {
    fn full(&self) -> bool {
        self.records.len() >= MAX_RECORDS || self.bytes >= MAX_BYTES
    }
}

fn weight(record: &LogRecord) -> usize {
    record.key.len() + record.value.as_ref().map_or(0, |value| value.len())
}
