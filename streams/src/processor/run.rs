//! The loop itself: owns partitions of a context's inputs and turns what arrives into one transaction after the other.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    marker::PhantomData,
    sync::Arc,
    time::{Duration, Instant},
};

use fail::fail_point;
use feira_connectors::log::{LogError, LogRecord, Member, MemberEvent, Seat, TopicPartition, Transaction};
use feira_contexts::{Decider, Rows};
use feira_schemas::topics::{self, Context};
use tokio::sync::watch;

use super::{
    append::Batch,
    error::{Fault, ProcessorError},
    hot::rows_within,
    input::Arrived,
    jump::Watched,
    partition::{Committed, Partition, positions, write_rows},
    queue::Queue,
    restore::{clock_agrees, restore},
    timers::Timers,
    transaction::Deciding,
};
use crate::{
    consumer::{self, Consumer},
    counted::Counted,
    health::Doing,
    platform::Platform,
    waiting::Patient,
};

/// Records decided in one transaction. More would make the first wait longer; fewer would pay a commit for each.
const BATCH: usize = 500;
/// Bytes that one transaction makes, of records and rows together. The records it decides are bounded by their count and the
/// record limit; this bounds what is appended and written, several times over in memory while it is.
const BATCH_BYTES: usize = 4 * 1024 * 1024;
/// The time in which the records of one transaction are decided. Longer would keep other inputs waiting for a few
/// heavy records, once for the transaction under way and once for their own; shorter would pay more commits.
const BATCH_TIME: Duration = Duration::from_millis(100);
/// Records whose rows are looked for together, at most, and at first: where few fit into a transaction since their rows are
/// heavy, many looked for in vain would fill the memory.
const LOOK_AHEAD: usize = 128;
const PACE: usize = 8;

/// The processor of one context in this process.
pub struct Processor<D: Decider> {
    pub(super) platform: Platform,
    pub(super) group: String,
    member: Member,
    inputs: Vec<Arc<str>>,
    pub(super) partitions: HashMap<u32, Partition>,
    /// The timers of each of them.
    pub(super) timers: HashMap<u32, Timers>,
    /// How many timers of this loop are in memory.
    pub(super) counted: Counted,
    pub(super) clock: Watched,
    /// True while the clock has jumped: no timer is decided.
    pub(super) held: bool,
    rows: Rows,
    queue: Queue<D>,
    /// Records whose rows are looked for together at the beginning of a transaction: as many as the last one decided.
    pace: usize,
}

impl<D: Decider> Processor<D> {
    /// Joins the context's group. A process may take several seats: each works on the partitions that it is given.
    pub async fn join(platform: Platform, seat: Seat<'_>) -> Result<Self, ProcessorError> {
        let platform = platform.of_seat(seat.number);
        let group = D::CONTEXT.name().to_owned();
        let mut inputs: Vec<Arc<str>> = vec![topics::commands(D::CONTEXT).into()];
        inputs.extend(D::FOREIGN.iter().map(|context| Arc::from(topics::events(*context))));
        let member = consumer::join(&platform, &group, &inputs, seat).await?;
        let clock = Watched::new(platform.clock.clone());
        let counted = Counted::of(metrics::gauge!("feira_timers_waiting", "group" => group.clone()));
        let rows = rows_within(platform.budget.hot_rows() / (Context::ALL.len() as u64 * u64::from(seat.members)));
        Ok(Self {
            platform,
            group,
            member,
            inputs,
            partitions: HashMap::new(),
            timers: HashMap::new(),
            counted,
            clock,
            held: false,
            rows,
            queue: Queue::default(),
            pace: PACE,
        })
    }

    /// Works until told to stop, then leaves the group.
    pub async fn run(self, stop: watch::Receiver<bool>) -> Result<(), ProcessorError> {
        let platform = self.platform.clone();
        consumer::run(self, &platform, stop).await
    }

    fn report(&self, doing: Doing) {
        self.platform.health.report(&self.group, doing, self.platform.now());
    }

    /// Takes partitions: restores each, then lets its inputs flow.
    async fn take(&mut self, assigned: Vec<(TopicPartition, Option<i64>)>) -> Result<(), ProcessorError> {
        // Rows of a partition that was elsewhere meanwhile may have changed there.
        self.rows.forget();
        let mut by_partition: BTreeMap<u32, Committed> = BTreeMap::new();
        for (at, committed) in assigned {
            by_partition.entry(at.partition).or_default().push((at.topic, committed));
        }
        if !by_partition.is_empty() {
            clock_agrees::<D>(&self.platform).await?;
        }
        for (at, committed) in by_partition {
            self.report(Doing::Restoring);
            self.queue.forget(at);
            self.timers.remove(&at);
            let (partition, hour) = match restore::<D>(&self.platform, &self.group, at, committed.clone()).await {
                Ok(restored) => restored,
                // Its own log can't be followed, so nothing of it is decided here; the other partitions go on.
                Err(ProcessorError::Broken(fault)) => {
                    self.alarm(&fault);
                    self.partitions.insert(at, Partition::stopped(committed));
                    continue;
                }
                Err(error) => return Err(error),
            };
            self.timers.insert(at, Timers::from(at, hour));
            for (topic, position) in &partition.positions {
                let at = TopicPartition { topic: Arc::clone(topic), partition: at };
                Patient::new(&self.platform, &self.group).resume(&mut self.member, &at, *position).await?;
            }
            self.platform.reached.take(&self.group, at, partition.mark(), 0);
            self.partitions.insert(at, partition);
        }
        self.count_timers();
        self.report(Doing::Working);
        Ok(())
    }

    /// One transaction over the records whose turn it is and timers that are due; how many records it took, none if it was
    /// aborted: then the inputs were rewound and bring the records again, and timers wait as before.
    async fn transaction(&mut self) -> Result<usize, ProcessorError> {
        // Numbers move on copies, so that an aborted transaction leaves no trace.
        let mut after = self.partitions.clone();
        let mut due = self.due_timers();
        let mut deciding = Deciding::<D> {
            platform: &self.platform,
            group: &self.group,
            clock: &self.clock,
            rows: &mut self.rows,
            batch: Batch::default(),
            decider: PhantomData,
        };
        let started = Instant::now();
        let (mut done, mut records, mut fault) = (0, 0, None);
        let full = |batch: &Batch| batch.bytes > BATCH_BYTES || started.elapsed() > BATCH_TIME;
        let mut together = self.pace;
        while done < BATCH && fault.is_none() && !full(&deciding.batch) {
            let wanted = together.min(BATCH - done);
            let timers = due.len().min(wanted.div_ceil(2));
            let mut arrived = among(self.queue.take(wanted - timers), due.drain(..timers));
            if arrived.is_empty() {
                break;
            }
            together = (2 * together).min(LOOK_AHEAD);
            deciding.look_ahead(&arrived, &after).await;
            while let Some(next) = arrived.front() {
                // The first is decided however long the rest took, or there would be no progress.
                if done > 0 && full(&deciding.batch) {
                    break;
                }
                if let Err(stopped) = deciding.in_turn(next, &mut after).await {
                    fault = Some(stopped);
                    break;
                }
                records += usize::from(!next.is_timer());
                arrived.pop_front();
                done += 1;
            }
            arrived.retain(|left| !left.is_timer());
            self.queue.put_back(arrived);
        }
        self.pace = done.clamp(PACE, LOOK_AHEAD);
        let batch = deciding.batch;
        if fault.is_some() && done == 0 {
            // Nothing before the record that stops its partition: only the stop itself is left to do.
            return self.stop_partition(fault).await;
        }
        let committed = self.commit(batch, after).await?;
        if committed.is_some() && fault.is_some() {
            return self.stop_partition(fault).await;
        }
        Ok(committed.map_or(0, |()| records))
    }

    /// Commits a batch and, once it is committed, writes its rows and moves the marks.
    async fn commit(&mut self, batch: Batch, mut after: HashMap<u32, Partition>) -> Result<Option<()>, ProcessorError> {
        let transaction = Transaction { records: batch.records, positions: positions(&after) };
        fail_point!(&format!("{}::before_commit", self.group));
        let started = Instant::now();
        let offsets = match self.member.commit(transaction).await {
            Ok(offsets) => offsets,
            Err(LogError::Aborted(why) | LogError::Unavailable(why)) => {
                tracing::warn!(%why, group = self.group, "transaction not committed; going back to what is");
                self.rewind().await?;
                return Ok(None);
            }
            Err(error) => return Err(error.into()),
        };
        metrics::histogram!("feira_txn_commit_seconds", "group" => self.group.clone())
            .record(started.elapsed().as_secs_f64());
        fail_point!(&format!("{}::after_commit", self.group));
        for (offset, event_of) in offsets.iter().zip(&batch.events) {
            if let Some(partition) = event_of.and_then(|at| after.get_mut(&at)) {
                partition.applied = offset + 1;
            }
        }
        let now = self.platform.now();
        let moved: Vec<u32> = after
            .iter()
            .filter(|(at, partition)| {
                // A timer's events move the partition and no input of it.
                let moved = |before: &Partition| {
                    before.positions != partition.positions || before.last_write_ts != partition.last_write_ts
                };
                self.partitions.get(at).is_none_or(moved)
            })
            .map(|(at, _)| *at)
            .collect();
        let mut progress = Vec::with_capacity(moved.len());
        for at in &moved {
            let partition = after.get_mut(at);
            progress.extend(partition.map(|partition| partition.progress_write::<D>(&self.group, *at, now)));
        }
        self.fold_timers(batch.timers);
        progress.extend(self.swept(&after, &moved));
        write_rows(&self.platform, &self.group, batch.writes, progress).await?;
        fail_point!(&format!("{}::after_apply", self.group));
        self.rows.acknowledge();
        self.partitions = after;
        for due in batch.fired {
            metrics::histogram!("feira_timer_lateness_seconds", "group" => self.group.clone())
                .record((now - due) as f64 / 1e6);
        }
        for at in moved {
            if let Some(partition) = self.partitions.get(&at) {
                self.platform.reached.advance(&self.group, at, partition.mark());
            }
        }
        Ok(Some(()))
    }

    /// A fault stops its partition and alarms; the others go on.
    async fn stop_partition(&mut self, fault: Option<Fault>) -> Result<usize, ProcessorError> {
        let Some(fault) = fault else { return Ok(0) };
        self.alarm(&fault);
        if let Some(partition) = self.partitions.get_mut(&fault.at.partition) {
            partition.stopped = true;
        }
        for topic in &self.inputs {
            let at = TopicPartition { topic: Arc::clone(topic), partition: fault.at.partition };
            self.member.pause(&at).await?;
        }
        self.rewind().await?;
        Ok(0)
    }

    fn alarm(&self, fault: &Fault) {
        tracing::error!(group = self.group, %fault, "partition stopped: going on would make state differ from the log");
        metrics::counter!("feira_partition_stopped_total", "group" => self.group.clone()).increment(1);
        self.report(Doing::Stopped(fault.to_string()));
    }
}

/// Puts a timer behind each record, and what is more of either to the end.
fn among<D: Decider>(
    records: VecDeque<Arrived<D>>,
    mut timers: impl Iterator<Item = Arrived<D>>,
) -> VecDeque<Arrived<D>> {
    let mut all = VecDeque::with_capacity(2 * records.len());
    for record in records {
        all.push_back(record);
        all.extend(timers.next());
    }
    all.extend(timers);
    all
}

impl<D: Decider> Consumer for Processor<D> {
    type Error = ProcessorError;

    fn group(&self) -> &str {
        &self.group
    }

    /// Waits for more while nothing is queued and no timer is due. Queued records are decided while more come, so that who has a
    /// record in another input need not wait for all of it.
    async fn next(&mut self) -> Result<MemberEvent, LogError> {
        let wait = if self.queue.is_empty() { self.until_due() } else { Duration::ZERO };
        match self.queue.room().min(BATCH) {
            0 => Ok(MemberEvent::Idle),
            room => self.member.next(room, wait).await,
        }
    }

    async fn assigned(&mut self, partitions: Vec<(TopicPartition, Option<i64>)>) -> Result<(), ProcessorError> {
        self.take(partitions).await
    }

    fn revoked(&mut self, partitions: &[TopicPartition]) {
        for at in partitions {
            self.partitions.remove(&at.partition);
            self.timers.remove(&at.partition);
            self.queue.forget(at.partition);
            self.platform.reached.lose(&self.group, at.partition);
        }
        self.count_timers();
        self.rows.forget();
    }

    async fn records(&mut self, records: Vec<LogRecord>) -> Result<(), ProcessorError> {
        for record in records {
            self.queue.push(Arrived::new(record, &self.platform.codec));
        }
        Ok(())
    }

    /// Decides some of what has arrived and of what is due, in one transaction of bounded size.
    async fn step(&mut self) -> Result<(), ProcessorError> {
        self.watch_clock();
        self.load_timers().await?;
        if !self.queue.is_empty() || self.until_due().is_zero() {
            let started = Instant::now();
            let count = self.transaction().await?;
            metrics::counter!("messaging_client_consumed_messages_total", "messaging_consumer_group_name" => self.group.clone())
                .increment(count as u64);
            metrics::histogram!("messaging_process_duration_seconds", "messaging_consumer_group_name" => self.group.clone())
                .record(started.elapsed().as_secs_f64());
        }
        Ok(())
    }

    fn doing(&mut self) -> Doing {
        Doing::Working
    }

    /// A transaction that was not committed has gone back by itself; whatever else fails can't be mended here.
    fn passes(_: &ProcessorError) -> Option<String> {
        None
    }

    /// The committed positions say what is, and the rows catch up with it.
    async fn rewind(&mut self) -> Result<(), ProcessorError> {
        self.rows.forget();
        self.queue.clear();
        let going = self.partitions.iter().filter(|(_, partition)| !partition.stopped);
        let owned: Vec<u32> = going.map(|(at, _)| *at).collect();
        let mut assigned = Vec::new();
        let patient = Patient::new(&self.platform, &self.group);
        for at in owned {
            let at: Vec<TopicPartition> =
                self.inputs.iter().map(|topic| TopicPartition { topic: Arc::clone(topic), partition: at }).collect();
            let committed = patient.log(|| self.platform.log.committed(&self.group, &at)).await?;
            assigned.extend(at.into_iter().zip(committed));
        }
        self.take(assigned).await
    }

    async fn close(self) -> Result<(), ProcessorError> {
        Ok(self.member.leave().await?)
    }
}
