//! The loop of a view: reads events, has them folded, and moves position and mark once they are readable.

use std::{
    collections::BTreeMap,
    future::Future,
    sync::Arc,
    time::{Duration, Instant},
};

use fail::fail_point;
use feira_connectors::{
    log::{LogError, LogRecord, Member, MemberEvent, TopicPartition, Transaction},
    state::StateError,
};
use feira_schemas::{
    records::EventSet,
    row::Write,
    rows::{common::Progress, storefront::ProgressRow},
    topics::{self, Context},
};
use tokio::sync::watch;

use super::{
    Placed, Shown,
    parking::Parking,
    retry::{self, Partition},
};
use crate::{
    health::Doing,
    platform::{Backoff, Platform},
    reading::decoded,
    waiting::{unless_away, unless_state_away},
    watermarks::Mark,
};

/// Events folded at once. A larger batch makes fewer, larger writes; a smaller one shows the first event sooner.
const BATCH: usize = 1_000;
/// How long the loop waits for events before it shows that it is alive.
const IDLE: Duration = Duration::from_secs(1);
/// How often positions are kept. What lies between is folded again after a crash, which changes nothing.
const KEEP_EVERY: Duration = Duration::from_millis(500);
/// The same where other processes read them: whoever waits there for a mark has half a second in all.
const KEEP_SHARED_EVERY: Duration = Duration::from_millis(50);
/// How often they are kept there although they have not moved: a process that slept past its session may have written an
/// older position over the owner's when it woke.
const KEEP_AGAIN_EVERY: Duration = Duration::from_secs(5);

/// Why a view ended.
#[derive(Debug, thiserror::Error)]
pub enum ViewError {
    /// The log refused, or another process took the partitions.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The state refused a row: the tables are not those of this program.
    #[error(transparent)]
    State(#[from] StateError),
    /// The view itself can't go on.
    #[error("{0}")]
    Broken(String),
}

/// Why a batch was not folded.
#[derive(Debug, thiserror::Error)]
pub enum FoldError {
    /// This record is to blame; the others can be folded without it.
    #[error("offset {offset}: {why}")]
    Record {
        /// Which.
        offset: i64,
        /// What happened.
        why: String,
    },
    /// The view can't go on.
    #[error(transparent)]
    View(#[from] ViewError),
}

/// What one event does, made before anything is written.
pub struct Prepared<T> {
    /// Of its record; `i64::MAX` for one that was parked, which no position may leave out.
    pub offset: i64,
    /// The shop.
    pub tenant: feira_schemas::ids::TenantId,
    /// `write_ts` of the event.
    pub write_ts: i64,
    /// What it does.
    pub effect: T,
}

/// A fold of one context's events into something that is read. Its unit is one entity's row or document.
pub trait View: Send + Sync + 'static {
    /// Consumer group, and the name of its marks.
    const GROUP: &'static str;
    /// Whose events.
    const SOURCE: Context;
    /// Those events.
    type Event: EventSet;
    /// What an event does.
    type Effect: Clone + Send + Sync;

    /// Names the folder in which this view keeps what it shows, if that is nowhere else: what another process folded is not
    /// there, so positions are this folder's own.
    fn folder(&self) -> Option<String>;
    /// A partition is this process' from now on, beginning at this position.
    fn take(&mut self, partition: u32, from: Shown) -> impl Future<Output = Result<(), ViewError>> + Send;
    /// A partition is another's.
    fn lose(&mut self, partition: u32);
    /// What an event does. Pure; an error or a panic is this record's alone.
    fn prepare(event: &Self::Event) -> Result<Self::Effect, String>;
    /// Folds what events of one partition do, in order; `seen` is the position after them. Waits while a dependency is down.
    fn fold(
        &mut self,
        partition: u32,
        prepared: &[Prepared<Self::Effect>],
        seen: Shown,
    ) -> impl Future<Output = Result<(), FoldError>> + Send;
    /// Makes readable what is due, and says how far each partition is.
    fn settle(&mut self) -> impl Future<Output = Result<BTreeMap<u32, Shown>, ViewError>> + Send;
    /// Makes durable all that is folded; false if it could not be.
    fn flush(&mut self) -> impl Future<Output = Result<bool, ViewError>> + Send;
    /// Partitions of which something folded was lost, each with the position to fold it again from.
    fn lost(&mut self) -> BTreeMap<u32, Shown>;
    /// When `settle` has something to do again, at the latest.
    fn due_in(&self) -> Option<Duration>;
    /// The process stops: what is folded is made durable.
    fn close(&mut self) -> impl Future<Output = Result<(), ViewError>> + Send;
}

/// The processor of one view in this process.
pub struct ViewTask<V: View> {
    pub(super) platform: Platform,
    pub(super) view: V,
    pub(super) member: Member,
    pub(super) partitions: BTreeMap<u32, Partition>,
    /// Whose positions these are: the group's, or one folder's.
    place: String,
    kept_at: Instant,
    kept_all_at: Instant,
}

impl<V: View> ViewTask<V> {
    /// Joins the view's group, over the events and the records that were parked of them.
    pub async fn join(platform: Platform, view: V, instance: Option<&str>) -> Result<Self, ViewError> {
        let inputs: [Arc<str>; 2] = [topics::events(V::SOURCE).into(), topics::retry(V::GROUP).into()];
        let member = unless_away(|| platform.log.join(V::GROUP, &inputs, instance)).await?;
        platform.health.report(V::GROUP, Doing::Restoring, platform.now());
        let folder = view.folder().filter(|_| platform.state.is_shared());
        let place = folder.map_or_else(|| V::GROUP.to_owned(), |folder| format!("{}@{folder}", V::GROUP));
        Ok(Self {
            platform,
            view,
            member,
            partitions: BTreeMap::new(),
            place,
            kept_at: Instant::now(),
            kept_all_at: Instant::now(),
        })
    }

    /// Works until told to stop, then leaves the group.
    pub async fn run(mut self, mut stop: watch::Receiver<bool>) -> Result<(), ViewError> {
        let mut backoff = Backoff::default();
        loop {
            let wait = self.view.due_in().unwrap_or(IDLE).min(self.keep_due_in()).min(IDLE);
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
                        self.report(Doing::Waiting(format!("log: {why}")));
                        backoff.wait().await;
                        self.rewind().await?;
                    }
                    Err(error) => return Err(error),
                },
                Err(ViewError::Log(LogError::Unavailable(why))) => {
                    self.report(Doing::Waiting(format!("log: {why}")));
                    backoff.wait().await;
                }
                Err(error) => return Err(error),
            }
        }
        self.view.close().await?;
        self.settle().await?;
        self.keep().await?;
        Ok(self.member.leave().await?)
    }

    async fn round(&mut self, event: MemberEvent) -> Result<(), ViewError> {
        match event {
            MemberEvent::Assigned(partitions) => {
                self.platform.health.assigned(V::GROUP, self.platform.now());
                let events = topics::events(V::SOURCE);
                for (at, _) in partitions.iter().filter(|(at, _)| *at.topic == *events) {
                    self.take_unless_away(at).await?;
                }
            }
            MemberEvent::Revoked(partitions) => {
                for at in partitions {
                    self.view.lose(at.partition);
                    self.partitions.remove(&at.partition);
                    self.platform.watermarks.lose(V::GROUP, at.partition);
                }
            }
            MemberEvent::Records(records) => self.records(records).await?,
            MemberEvent::Idle => {}
        }
        self.retry_due().await?;
        self.settle().await?;
        self.fold_lost_again().await?;
        self.report(Doing::Working);
        Ok(())
    }

    pub(super) fn report(&self, doing: Doing) {
        self.platform.health.report(V::GROUP, doing, self.platform.now());
    }

    /// An assignment comes once: a partition that is not taken while the log is away would never be.
    async fn take_unless_away(&mut self, at: &TopicPartition) -> Result<(), ViewError> {
        let mut backoff = Backoff::default();
        loop {
            match self.take(at).await {
                Err(ViewError::Log(LogError::Unavailable(why) | LogError::Aborted(why))) => {
                    self.report(Doing::Waiting(format!("log: {why}")));
                    backoff.wait().await;
                }
                other => return other,
            }
        }
    }

    /// Takes a partition: what is parked first, then the events from the position on.
    async fn take(&mut self, at: &TopicPartition) -> Result<(), ViewError> {
        self.report(Doing::Restoring);
        let group = self.progress(V::GROUP, at.partition).await?;
        // A folder that was never here before folds the partition from its beginning.
        let own = if self.place == V::GROUP { group.clone() } else { self.progress(&self.place, at.partition).await? };
        let shown = Shown { offset: own.applied, write_ts: own.write_ts };
        self.view.take(at.partition, shown).await?;
        let parking = Parking::load(&self.platform, V::GROUP, at.partition).await?;
        self.partitions.insert(at.partition, Partition { kept: shown, shown, seen: shown, parking });
        self.index_parked(at.partition).await?;
        let mark = Mark { write_ts: shown.write_ts, inputs: Vec::new() };
        self.platform.watermarks.take(V::GROUP, at.partition, mark, group.write_ts);
        let retry = TopicPartition::new(topics::retry(V::GROUP), at.partition);
        let end = self.platform.log.end(&retry).await?;
        self.member.resume(&retry, end).await?;
        Ok(self.member.resume(at, shown.offset).await?)
    }

    async fn progress(&self, place: &str, partition: u32) -> Result<Progress, ViewError> {
        let key = Progress::key(place, partition);
        let row = unless_state_away(|| self.platform.state.get::<ProgressRow>(&key)).await?;
        Ok(row.map(|row| row.0).unwrap_or_default())
    }

    /// After a failed round: everything is read again from what is readable.
    async fn rewind(&mut self) -> Result<(), ViewError> {
        let events: Arc<str> = topics::events(V::SOURCE).into();
        let owned: Vec<u32> = self.partitions.keys().copied().collect();
        for partition in owned {
            let at = TopicPartition { topic: Arc::clone(&events), partition };
            let from = self.partitions.get(&partition).map_or(0, |partition| partition.seen.offset);
            let mut backoff = Backoff::default();
            while let Err(LogError::Unavailable(_)) = self.member.resume(&at, from).await {
                backoff.wait().await;
            }
        }
        Ok(())
    }

    async fn fold_lost_again(&mut self) -> Result<(), ViewError> {
        let lost = self.view.lost();
        for (at, from) in &lost {
            if let Some(partition) = self.partitions.get_mut(at) {
                partition.seen = *from;
            }
        }
        if lost.is_empty() { Ok(()) } else { self.rewind().await }
    }

    async fn records(&mut self, records: Vec<LogRecord>) -> Result<(), ViewError> {
        let events = topics::events(V::SOURCE);
        let mut by_partition: BTreeMap<u32, Vec<LogRecord>> = BTreeMap::new();
        for record in records {
            if *record.at.topic == *events {
                by_partition.entry(record.at.partition).or_default().push(record);
            } else {
                // A record in the retry topic that this loop did not put there itself, or has indexed already.
                self.index_parked(record.at.partition).await?;
            }
        }
        for (partition, records) in by_partition {
            self.events(partition, records).await?;
        }
        Ok(())
    }

    async fn events(&mut self, partition: u32, records: Vec<LogRecord>) -> Result<(), ViewError> {
        let Some(present) = self.partitions.get(&partition) else { return Ok(()) };
        let mut seen = present.seen;
        let mut events = Vec::with_capacity(records.len());
        for record in records {
            if record.offset < seen.offset {
                continue;
            }
            seen.offset = record.offset + 1;
            if let Some(event) = self.decode(&record).await? {
                seen.write_ts = seen.write_ts.max(event.meta().write_ts);
                events.push(Placed { event, record });
            }
        }
        let lag = self.platform.now() - seen.write_ts;
        metrics::gauge!("feira_projection_lag_seconds", "group" => V::GROUP).set(lag as f64 / 1e6);
        retry::fold(self, partition, events, seen).await?;
        if let Some(present) = self.partitions.get_mut(&partition) {
            present.seen = seen;
        }
        Ok(())
    }

    /// Reads an event. What can't be read goes to the dead letters, and the view goes on.
    pub(super) async fn decode(&mut self, record: &LogRecord) -> Result<Option<V::Event>, ViewError> {
        let letter = match decoded(&self.platform, V::GROUP, record).await {
            Ok(event) => return Ok(Some(event)),
            Err(letter) => letter,
        };
        let positions = vec![(record.at.clone(), record.offset + 1)];
        self.member.commit(Transaction { records: vec![letter], positions }).await?;
        Ok(None)
    }

    /// Moves the marks to what is readable now, and keeps positions now and then.
    async fn settle(&mut self) -> Result<(), ViewError> {
        for (at, shown) in self.view.settle().await? {
            let Some(partition) = self.partitions.get_mut(&at) else { continue };
            if partition.shown != shown {
                partition.shown = shown;
                let mark = Mark { write_ts: shown.write_ts, inputs: Vec::new() };
                self.platform.watermarks.advance(V::GROUP, at, mark);
            }
        }
        if self.kept_at.elapsed() >= self.keep_every() {
            self.keep().await?;
        }
        Ok(())
    }

    fn keep_every(&self) -> Duration {
        if self.platform.state.is_shared() { KEEP_SHARED_EVERY } else { KEEP_EVERY }
    }

    /// When a position that has moved is to be kept; far off where nobody else reads it, as stopping keeps it too.
    fn keep_due_in(&self) -> Duration {
        let moved = || self.partitions.values().any(|partition| partition.kept != partition.shown);
        if !self.platform.state.is_shared() || !moved() {
            return IDLE;
        }
        self.keep_every().saturating_sub(self.kept_at.elapsed())
    }

    async fn keep(&mut self) -> Result<(), ViewError> {
        self.kept_at = Instant::now();
        let now = self.platform.now();
        let all = self.platform.state.is_shared() && self.kept_all_at.elapsed() >= KEEP_AGAIN_EVERY;
        if all {
            self.kept_all_at = Instant::now();
        }
        let mut rows: Vec<Write> = Vec::new();
        for (at, partition) in self.partitions.iter().filter(|(_, partition)| all || partition.kept != partition.shown)
        {
            let progress = |consumer: &str| Progress {
                consumer: consumer.to_owned(),
                partition: i64::from(*at),
                applied: partition.shown.offset,
                write_ts: partition.shown.write_ts,
                inputs: Vec::new(),
            };
            rows.push(Write::put(ProgressRow(progress(&self.place)), now));
            // While a folder catches up, the group has come further: readers elsewhere, and the next owner, are told so.
            if self.place != V::GROUP && self.platform.watermarks.serves(V::GROUP, *at) {
                rows.push(Write::put(ProgressRow(progress(V::GROUP)), now));
            }
        }
        if rows.is_empty() {
            return Ok(());
        }
        fail_point!("view::before_keep");
        let kept = self.platform.state.write(&rows).await;
        fail_point!("view::after_keep");
        match kept {
            Ok(()) => self.partitions.values_mut().for_each(|partition| partition.kept = partition.shown),
            // Kept the next time; until then a restart folds a little more again.
            Err(StateError::Unavailable(why)) => self.report(Doing::Waiting(format!("state: {why}"))),
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }
}
