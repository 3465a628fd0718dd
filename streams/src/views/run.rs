//! The loop of a view: it has events folded, and moves position and mark once they are readable.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use feira_connectors::log::{LogError, LogRecord, MemberEvent, TopicPartition};
use feira_schemas::{
    ids::Micros,
    records::{EventSet, RecordSet},
    topics,
};
use tokio::sync::watch;

use super::{
    Placed, fold_or_park,
    processor::ViewProcessor,
    view::{View, ViewError},
};
use crate::{
    consumer::{self, Consumer, IDLE},
    health::Doing,
    reading::{Unread, read, unreadable},
};

/// Events folded at once. A larger batch makes fewer, larger writes; a smaller one shows the first event sooner.
const BATCH: usize = 1_000;

impl<V: View> ViewProcessor<V> {
    /// Works until told to stop, then leaves the group.
    pub async fn run(self, stop: watch::Receiver<bool>) -> Result<(), ViewError> {
        let platform = self.platform.clone();
        consumer::run(self, &platform, stop).await
    }

    /// The time until something is due (a commit, a position, a parked record), [`IDLE`] at most.
    fn wait(&self) -> Duration {
        let now = self.platform.now();
        let due = self.partitions.values().filter_map(|partition| partition.parking.next_due()).min();
        let until = |due: Micros| Duration::from_micros(u64::try_from(due - now).unwrap_or_default());
        let parked = due.map_or(IDLE, until);
        self.view.due_in().unwrap_or(IDLE).min(self.keep_due_in()).min(parked).min(IDLE)
    }

    async fn events(&mut self, partition: u32, records: Vec<LogRecord>) -> Result<(), ViewError> {
        let Some(present) = self.partitions.get(&partition) else { return Ok(()) };
        let (mut seen, committed) = (present.seen, present.committed);
        let count = records.len();
        let mut events = Vec::with_capacity(count);
        let (mut letters, mut last) = (Vec::new(), None);
        for record in records {
            if record.offset < seen.offset {
                continue;
            }
            seen.offset = record.offset + 1;
            match read(&self.platform, V::GROUP, &record, V::Event::decode).await {
                Ok(event) => {
                    seen.write_ts = seen.write_ts.max(event.meta().write_ts);
                    events.push(Placed { event, record });
                }
                // What this program can't show, a newer one shows from the first record on.
                Err(Unread::Newer { name, write_ts }) => {
                    tracing::debug!(group = V::GROUP, name, "a record that only a newer program knows");
                    seen.write_ts = seen.write_ts.max(write_ts.unwrap_or_default());
                }
                // A dead letter since the partition was first folded.
                Err(_) if record.offset < committed => {}
                Err(unread) => {
                    letters.push(unreadable(V::GROUP, &record, &unread.to_string()));
                    last = Some((record.at, record.offset + 1));
                }
            }
        }
        if let Some((at, position)) = last {
            self.bury(&at, position, letters).await?;
        }
        let lag = self.platform.now() - seen.write_ts;
        metrics::gauge!("feira_projection_lag_seconds", "group" => V::GROUP).set(lag as f64 / 1e6);
        fold_or_park::fold(self, partition, events, seen, committed).await?;
        if let Some(present) = self.partitions.get_mut(&partition) {
            present.seen = seen;
        }
        if let Some(pace) = &self.pace {
            pace.moves(partition, seen.offset, count);
        }
        Ok(())
    }
}

impl<V: View> Consumer for ViewProcessor<V> {
    type Error = ViewError;

    fn group(&self) -> &str {
        V::GROUP
    }

    async fn next(&mut self) -> Result<MemberEvent, LogError> {
        let wait = self.wait();
        self.member.next(BATCH, wait).await
    }

    async fn assigned(&mut self, partitions: Vec<(TopicPartition, Option<i64>)>) -> Result<(), ViewError> {
        let events = topics::events(V::SOURCE);
        let committed: BTreeMap<TopicPartition, i64> =
            partitions.into_iter().map(|(at, committed)| (at, committed.unwrap_or_default())).collect();
        for at in committed.keys().filter(|at| *at.topic == *events) {
            self.take_unless_away(at, &committed).await?;
        }
        Ok(())
    }

    fn revoked(&mut self, partitions: &[TopicPartition]) {
        for at in partitions {
            self.view.lose(at.partition);
            self.partitions.remove(&at.partition);
            self.platform.reached.lose(V::GROUP, at.partition);
        }
    }

    async fn records(&mut self, records: Vec<LogRecord>) -> Result<(), ViewError> {
        self.came_at = Instant::now();
        let events = topics::events(V::SOURCE);
        let mut by_partition: BTreeMap<u32, Vec<LogRecord>> = BTreeMap::new();
        // Of the retry topic: put back by an operator, or parked and indexed already.
        let mut parked: BTreeSet<u32> = BTreeSet::new();
        for record in records {
            if *record.at.topic == *events {
                by_partition.entry(record.at.partition).or_default().push(record);
            } else {
                parked.insert(record.at.partition);
            }
        }
        for partition in parked {
            self.index_parked(partition).await?;
        }
        for (partition, records) in by_partition {
            self.events(partition, records).await?;
            self.report_progress();
        }
        Ok(())
    }

    async fn step(&mut self) -> Result<(), ViewError> {
        self.retry_due().await?;
        self.settle().await?;
        self.fold_lost_again().await
    }

    fn doing(&mut self) -> Doing {
        self.progress()
    }

    fn passes(error: &ViewError) -> Option<String> {
        match error {
            ViewError::Log(LogError::Unavailable(why) | LogError::Aborted(why)) => Some(why.clone()),
            _ => None,
        }
    }

    async fn rewind(&mut self) -> Result<(), ViewError> {
        self.resume_all().await
    }

    async fn close(mut self) -> Result<(), ViewError> {
        self.view.close().await?;
        self.settle().await?;
        let kept = self.keep().await;
        self.ended(kept)?;
        Ok(self.member.leave().await?)
    }
}
