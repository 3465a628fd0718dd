//! The loop of a view: reads events, has them folded, and moves position and mark once they are readable.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::{Duration, Instant},
};

use feira_connectors::log::{LogError, LogRecord, Member, MemberEvent, NewRecord, Seat, TopicPartition, Transaction};
use feira_schemas::{
    ids::Micros,
    records::{EventSet, RecordSet},
    topics,
};
use tokio::sync::watch;

use super::{
    Placed,
    positions::Partition,
    retry,
    view::{View, ViewError},
};
use crate::{
    generations::{Pace, SHARDS},
    health::Doing,
    platform::{Backoff, Platform},
    reading::{Unread, read, unreadable},
    waiting::Patient,
};

/// Events folded at once. A larger batch makes fewer, larger writes; a smaller one shows the first event sooner.
const BATCH: usize = 1_000;
/// How long the loop waits for events before it shows that it is alive.
pub(super) const IDLE: Duration = Duration::from_secs(1);

/// The processor of one view in this process.
pub struct ViewTask<V: View> {
    pub(super) platform: Platform,
    pub(super) view: V,
    pub(super) member: Member,
    pub(super) partitions: BTreeMap<u32, Partition>,
    /// Whose positions these are: the group's, or one folder's.
    pub(super) place: String,
    /// How far the fold of a new generation of shards is, where there is one.
    pub(super) pace: Option<Pace>,
    /// When the last records came.
    pub(super) came_at: Instant,
    pub(super) kept_at: Instant,
    pub(super) kept_all_at: Instant,
}

impl<V: View> ViewTask<V> {
    /// Joins the view's group, over the events and the records that were parked of them.
    pub async fn join(platform: Platform, view: V, instance: Option<&str>) -> Result<Self, ViewError> {
        let inputs: [Arc<str>; 2] = [topics::events(V::SOURCE).into(), topics::retry(V::GROUP).into()];
        let member = Patient::new(&platform, V::GROUP)
            .log(|| platform.log.join(V::GROUP, &inputs, Seat::alone(instance)))
            .await?;
        platform.health.report(V::GROUP, Doing::Restoring, platform.now());
        let place = view.folder().map_or_else(|| V::GROUP.to_owned(), |folder| format!("{}@{folder}", V::GROUP));
        let shards = view.folder().is_some().then(|| platform.generations.all().remove(SHARDS)).flatten();
        let pace = shards.filter(|kept| kept.live < kept.ours).map(|kept| Pace::new(kept.ours));
        Ok(Self {
            platform,
            view,
            member,
            partitions: BTreeMap::new(),
            place,
            pace,
            came_at: Instant::now(),
            kept_at: Instant::now(),
            kept_all_at: Instant::now(),
        })
    }

    /// Works until told to stop, then leaves the group.
    pub async fn run(mut self, mut stop: watch::Receiver<bool>) -> Result<(), ViewError> {
        let mut backoff = Backoff::default();
        loop {
            let wait = self.wait();
            // Cancel safety: `Member::next` takes no event when it is dropped, and `wait_for` holds no state.
            let event = tokio::select! {
                biased;
                _ = stop.wait_for(|stop| *stop) => break,
                event = self.member.next(BATCH, wait) => event,
            };
            match event.map_err(ViewError::from) {
                Ok(event) => match self.round(event).await {
                    Ok(()) => backoff = Backoff::default(),
                    Err(ViewError::Log(LogError::Unavailable(why) | LogError::Aborted(why))) => {
                        self.patient().wait(&mut backoff, "log", &why).await;
                        self.rewind().await?;
                    }
                    Err(error) => return Err(error),
                },
                Err(ViewError::Log(LogError::Unavailable(why))) => {
                    self.patient().wait(&mut backoff, "log", &why).await;
                }
                Err(error) => return Err(error),
            }
        }
        self.view.close().await?;
        self.settle().await?;
        self.keep().await?;
        Ok(self.member.leave().await?)
    }

    /// How long there is nothing to do, unless something happens.
    fn wait(&self) -> Duration {
        let now = self.platform.now();
        let due = self.partitions.values().filter_map(|partition| partition.parking.next_due()).min();
        let until = |due: Micros| Duration::from_micros(u64::try_from(due - now).unwrap_or_default());
        let parked = due.map_or(IDLE, until);
        self.view.due_in().unwrap_or(IDLE).min(self.keep_due_in()).min(parked).min(IDLE)
    }

    async fn round(&mut self, event: MemberEvent) -> Result<(), ViewError> {
        match event {
            MemberEvent::Assigned(partitions) => {
                self.platform.health.assigned(V::GROUP, self.platform.now());
                let events = topics::events(V::SOURCE);
                let committed: BTreeMap<TopicPartition, i64> =
                    partitions.into_iter().map(|(at, committed)| (at, committed.unwrap_or_default())).collect();
                for at in committed.keys().filter(|at| *at.topic == *events) {
                    self.take_unless_away(at, &committed).await?;
                }
            }
            MemberEvent::Revoked(partitions) => {
                for at in partitions {
                    self.view.lose(at.partition);
                    self.partitions.remove(&at.partition);
                    self.platform.watermarks.lose(V::GROUP, at.partition);
                }
            }
            MemberEvent::Records(records) => {
                self.came_at = Instant::now();
                self.records(records).await?;
            }
            MemberEvent::Lacking(missing) => {
                self.platform.health.lacks(V::GROUP, &missing, self.platform.now());
            }
            MemberEvent::Idle => {}
        }
        self.retry_due().await?;
        self.settle().await?;
        self.fold_lost_again().await?;
        self.report_progress();
        Ok(())
    }

    pub(super) fn report(&self, doing: Doing) {
        self.platform.health.report(V::GROUP, doing, self.platform.now());
    }

    pub(super) fn patient(&self) -> Patient<'_> {
        Patient::new(&self.platform, V::GROUP)
    }

    async fn records(&mut self, records: Vec<LogRecord>) -> Result<(), ViewError> {
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
            // Each is a sign of life: heavy cards of several partitions take their time together.
            self.report_progress();
        }
        Ok(())
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
        retry::fold(self, partition, events, seen, committed).await?;
        if let Some(present) = self.partitions.get_mut(&partition) {
            present.seen = seen;
        }
        if let Some(pace) = &self.pace {
            pace.moves(partition, seen.offset, count);
        }
        Ok(())
    }

    /// Writes dead letters, and in the same transaction a position of theirs, below which there are none to be written.
    pub(super) async fn bury(
        &mut self,
        at: &TopicPartition,
        position: i64,
        letters: Vec<NewRecord>,
    ) -> Result<(), ViewError> {
        let committed = self.partitions.get(&at.partition).map_or(0, |partition| partition.committed_of(at));
        let position = position.max(committed);
        self.member.commit(Transaction { records: letters, positions: vec![(at.clone(), position)] }).await?;
        if let Some(partition) = self.partitions.get_mut(&at.partition) {
            partition.committed(at, position);
        }
        Ok(())
    }
}
