//! The loop of a view: reads events, has them folded, and moves position and mark once they are readable.

use std::{
    collections::BTreeMap,
    future::Future,
    sync::Arc,
    time::{Duration, Instant},
};

use feira_connectors::{
    log::{LogError, LogRecord, Member, MemberEvent, TopicPartition, Transaction},
    state::StateError,
};
use feira_schemas::{
    codec::CodecError,
    records::{EventSet, RecordSet},
    row::Write,
    rows::{common::Progress, storefront::ProgressRow},
    topics::{self, Context},
};
use tokio::sync::watch;

use super::{Placed, Shown};
use crate::{
    deadletter::{Stage, dead_letter},
    health::Doing,
    platform::{Backoff, Platform},
    watermarks::Mark,
};

/// Events folded at once. A larger batch makes fewer, larger writes; a smaller one shows the first event sooner.
const BATCH: usize = 1_000;
/// How long the loop waits for events before it shows that it is alive.
const IDLE: Duration = Duration::from_secs(1);
/// How often positions are kept. What lies between is folded again after a crash, which changes nothing.
const KEEP_EVERY: Duration = Duration::from_millis(500);

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

/// A fold of one context's events into something that is read.
pub trait View: Send + Sync + 'static {
    /// Consumer group, and the name of its marks.
    const GROUP: &'static str;
    /// Whose events.
    const SOURCE: Context;
    /// Those events.
    type Event: EventSet;

    /// A partition is this process' from now on, beginning at this position.
    fn take(&mut self, partition: u32, from: Shown) -> impl Future<Output = Result<(), ViewError>> + Send;
    /// A partition is another's.
    fn lose(&mut self, partition: u32);
    /// Folds events of one partition, in order; `seen` is the position after them. Waits while a dependency is down.
    fn fold(
        &mut self,
        partition: u32,
        events: Vec<Placed<Self::Event>>,
        seen: Shown,
    ) -> impl Future<Output = Result<(), ViewError>> + Send;
    /// Makes readable what is due, and says how far each partition is.
    fn settle(&mut self) -> impl Future<Output = Result<BTreeMap<u32, Shown>, ViewError>> + Send;
    /// When `settle` has something to do again, at the latest.
    fn due_in(&self) -> Option<Duration>;
    /// The process stops: what is folded is made durable.
    fn close(&mut self) -> impl Future<Output = Result<(), ViewError>> + Send;
}

/// The processor of one view in this process.
pub struct ViewTask<V: View> {
    platform: Platform,
    view: V,
    member: Member,
    kept: BTreeMap<u32, Shown>,
    shown: BTreeMap<u32, Shown>,
    kept_at: Instant,
}

impl<V: View> ViewTask<V> {
    /// Joins the view's group.
    pub async fn join(platform: Platform, view: V, instance: Option<&str>) -> Result<Self, ViewError> {
        let inputs: [Arc<str>; 1] = [topics::events(V::SOURCE).into()];
        let mut backoff = Backoff::default();
        let member = loop {
            match platform.log.join(V::GROUP, &inputs, instance).await {
                Ok(member) => break member,
                Err(LogError::Unavailable(why)) => {
                    tracing::warn!(%why, group = V::GROUP, "waiting for the log");
                    backoff.wait().await;
                }
                Err(error) => return Err(error.into()),
            }
        };
        platform.health.report(V::GROUP, Doing::Restoring, platform.now());
        let (kept, shown) = (BTreeMap::new(), BTreeMap::new());
        Ok(Self { platform, view, member, kept, shown, kept_at: Instant::now() })
    }

    /// Works until told to stop, then leaves the group.
    pub async fn run(mut self, mut stop: watch::Receiver<bool>) -> Result<(), ViewError> {
        let mut backoff = Backoff::default();
        loop {
            let wait = self.view.due_in().unwrap_or(IDLE).min(IDLE);
            // Cancel safety: `Member::next` takes no event when it is dropped, and `wait_for` holds no state.
            let event = tokio::select! {
                biased;
                _ = stop.wait_for(|stop| *stop) => break,
                event = self.member.next(BATCH, wait) => event,
            };
            match event {
                Ok(event) => {
                    self.on(event).await?;
                    self.settle().await?;
                    self.report(Doing::Working);
                    backoff = Backoff::default();
                }
                Err(LogError::Unavailable(why)) => {
                    self.report(Doing::Waiting(format!("log: {why}")));
                    backoff.wait().await;
                }
                Err(error) => return Err(error.into()),
            }
        }
        self.view.close().await?;
        self.settle().await?;
        self.keep().await?;
        Ok(self.member.leave().await?)
    }

    fn report(&self, doing: Doing) {
        self.platform.health.report(V::GROUP, doing, self.platform.now());
    }

    async fn on(&mut self, event: MemberEvent) -> Result<(), ViewError> {
        match event {
            MemberEvent::Assigned(partitions) => {
                for (at, _) in partitions {
                    self.take(&at).await?;
                }
                Ok(())
            }
            MemberEvent::Revoked(partitions) => {
                for at in partitions {
                    self.view.lose(at.partition);
                    self.kept.remove(&at.partition);
                    self.shown.remove(&at.partition);
                }
                Ok(())
            }
            MemberEvent::Records(records) => self.fold(records).await,
            MemberEvent::Idle => Ok(()),
        }
    }

    async fn take(&mut self, at: &TopicPartition) -> Result<(), ViewError> {
        self.report(Doing::Restoring);
        let progress = self.progress(at.partition).await?;
        let shown = Shown { offset: progress.applied, write_ts: progress.write_ts };
        self.view.take(at.partition, shown).await?;
        self.kept.insert(at.partition, shown);
        self.shown.insert(at.partition, shown);
        self.platform.watermarks.advance(V::GROUP, at.partition, Mark { write_ts: shown.write_ts, inputs: Vec::new() });
        Ok(self.member.resume(at, shown.offset).await?)
    }

    async fn progress(&self, partition: u32) -> Result<Progress, ViewError> {
        let mut backoff = Backoff::default();
        loop {
            match self.platform.state.get::<ProgressRow>(&Progress::key(V::GROUP, partition)).await {
                Ok(row) => return Ok(row.map(|row| row.0).unwrap_or_default()),
                Err(StateError::Unavailable(why)) => {
                    self.report(Doing::Waiting(format!("state: {why}")));
                    backoff.wait().await;
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    async fn fold(&mut self, records: Vec<LogRecord>) -> Result<(), ViewError> {
        let mut by_partition: BTreeMap<u32, Vec<LogRecord>> = BTreeMap::new();
        for record in records {
            by_partition.entry(record.at.partition).or_default().push(record);
        }
        for (partition, records) in by_partition {
            let Some(before) = self.shown.get(&partition).copied() else { continue };
            let Some(last) = records.last().map(|record| record.offset) else { continue };
            let mut seen = Shown { offset: last + 1, ..before };
            let mut events = Vec::with_capacity(records.len());
            for record in records {
                let Some(event) = self.decode(&record).await? else { continue };
                seen.write_ts = seen.write_ts.max(event.meta().write_ts);
                events.push(Placed { event, record });
            }
            let lag = self.platform.now() - seen.write_ts;
            metrics::gauge!("feira_projection_lag_seconds", "group" => V::GROUP).set(lag as f64 / 1e6);
            self.view.fold(partition, events, seen).await?;
        }
        Ok(())
    }

    /// Reads an event. What can't be read goes to the dead letters, and the view goes on.
    async fn decode(&mut self, record: &LogRecord) -> Result<Option<V::Event>, ViewError> {
        let mut backoff = Backoff::default();
        let why = loop {
            let Some(value) = record.value.as_deref() else { break "a record without value".to_owned() };
            match V::Event::decode(&self.platform.codec, value) {
                Ok(event) => return Ok(Some(event)),
                Err(CodecError::UnknownSchema(id)) => match self.platform.learn_schema(id).await {
                    Ok(true) => {}
                    Ok(false) if self.platform.registry_verifies().await => {
                        break CodecError::UnknownSchema(id).to_string();
                    }
                    Ok(false) | Err(_) => {
                        self.report(Doing::Waiting("schema registry".into()));
                        backoff.wait().await;
                    }
                },
                Err(error) => break error.to_string(),
            }
        };
        tracing::warn!(group = V::GROUP, topic = %record.at.topic, partition = record.at.partition, offset = record.offset, %why, "unreadable record");
        metrics::counter!("feira_dlq_total", "group" => V::GROUP, "reason" => "decode").increment(1);
        let letter = dead_letter(record, V::GROUP, Stage::Decode, 1, &why);
        let positions = vec![(record.at.clone(), record.offset + 1)];
        self.member.commit(Transaction { records: vec![letter], positions }).await?;
        Ok(None)
    }

    /// Moves the marks to what is readable now, and keeps positions now and then.
    async fn settle(&mut self) -> Result<(), ViewError> {
        for (partition, shown) in self.view.settle().await? {
            let Some(present) = self.shown.get_mut(&partition) else { continue };
            if *present != shown {
                *present = shown;
                let mark = Mark { write_ts: shown.write_ts, inputs: Vec::new() };
                self.platform.watermarks.advance(V::GROUP, partition, mark);
            }
        }
        if self.kept_at.elapsed() >= KEEP_EVERY && self.kept != self.shown {
            self.keep().await?;
        }
        Ok(())
    }

    async fn keep(&mut self) -> Result<(), ViewError> {
        self.kept_at = Instant::now();
        let now = self.platform.now();
        let moved = self.shown.iter().filter(|(partition, shown)| self.kept.get(partition) != Some(shown));
        let rows: Vec<Write> = moved
            .map(|(partition, shown)| {
                let progress = Progress {
                    consumer: V::GROUP.to_owned(),
                    partition: i64::from(*partition),
                    applied: shown.offset,
                    write_ts: shown.write_ts,
                    inputs: Vec::new(),
                };
                Write::put(ProgressRow(progress), now)
            })
            .collect();
        match self.platform.state.write(&rows).await {
            Ok(()) => self.kept.clone_from(&self.shown),
            // Kept the next time; until then a restart folds a little more again.
            Err(StateError::Unavailable(why)) => self.report(Doing::Waiting(format!("state: {why}"))),
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }
}
