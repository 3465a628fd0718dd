//! Reading a partition from its end to its start. A log reads forwards alone, so it is read in stretches, the last one
//! first.

use feira_connectors::log::{Log, LogRecord, TopicPartition};

use crate::{log::in_time, problem::Problem};

/// Offsets of a stretch: about a page's, of which a slow reader holds one for each partition.
const STRETCH: i64 = 50;

/// A partition that is read from its end to its start.
pub(super) struct Backwards {
    at: TopicPartition,
    start: i64,
    /// All records below this offset are still to come.
    before: i64,
    /// Records of the stretch below it, oldest first.
    held: Vec<LogRecord>,
}

impl Backwards {
    /// The records of a partition from `start` on and below `before`.
    pub(super) fn new(at: TopicPartition, start: i64, before: i64) -> Self {
        Self { at, start, before, held: Vec::new() }
    }

    /// Reads further back until it has a record, or is at the partition's start.
    pub(super) async fn look(&mut self, log: &Log) -> Result<(), Problem> {
        while self.held.is_empty() && self.before > self.start {
            let from = (self.before - STRETCH).max(self.start);
            self.held = between(log, &self.at, from, self.before).await?;
            if self.held.is_empty() {
                // Marks of transactions, and records of those that were aborted.
                self.before = from;
            }
        }
        Ok(())
    }

    /// The time of the newest record that is to come.
    pub(super) fn time(&self) -> Option<i64> {
        self.held.last().map(|record| record.timestamp_ms)
    }

    /// Takes that record.
    pub(super) fn take(&mut self) -> Option<LogRecord> {
        let record = self.held.pop()?;
        self.before = record.offset;
        Some(record)
    }

    /// The partition, and the offset below which its records are still to come; `None` where none are.
    pub(super) fn rest(&self) -> Option<(u32, i64)> {
        (self.before > self.start).then_some((self.at.partition, self.before))
    }
}

/// The records from an offset on and below another one.
async fn between(log: &Log, at: &TopicPartition, from: i64, before: i64) -> Result<Vec<LogRecord>, Problem> {
    let (mut records, mut next) = (Vec::new(), from);
    while next < before {
        let page = in_time(log.read(at, next, usize::try_from(before - next).unwrap_or(1))).await?;
        if page.next == next {
            break;
        }
        next = page.next;
        records.extend(page.records.into_iter().filter(|record| record.offset < before));
    }
    Ok(records)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use feira_connectors::log::{NewRecord, Retention, TopicSpec};

    use super::*;

    fn record(offset: i64) -> NewRecord {
        let key = offset.to_string().into();
        NewRecord { topic: "t".into(), partition: Some(0), key, value: None, headers: Vec::new() }
    }

    #[tokio::test]
    async fn a_partition_is_read_backwards_without_gap_or_double_however_many_stretches_it_has() {
        let folder = tempfile::tempdir().unwrap();
        let log = Log::embedded(folder.path()).unwrap();
        let topic = TopicSpec { name: "t".into(), partitions: 1, retention: Retention::Forever };
        log.ensure_topics(&[topic]).await.unwrap();
        let count = 2 * STRETCH + 3;
        log.append((0..count).map(record).collect()).await.unwrap();
        let mut partition = Backwards::new(TopicPartition::new("t", 0), 0, count);
        let mut seen = Vec::new();
        loop {
            partition.look(&log).await.unwrap();
            let Some(record) = partition.take() else { break };
            seen.push(record.offset);
            assert_eq!(partition.rest(), (record.offset > 0).then_some((0, record.offset)));
        }
        assert_eq!(seen, (0..count).rev().collect::<Vec<_>>());
    }
}
