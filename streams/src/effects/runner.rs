//! The loop of an effect: it reads its source's events and attempts what they ask for. What is left to do it finds by the position below
//! which nothing is, or by the open rows of its partitions, with which it begins.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::{Duration, Instant},
};

use fail::fail_point;
use feira_connectors::log::{LogError, LogRecord, Member, MemberEvent, NewRecord, Seat, TopicPartition, Transaction};
use feira_schemas::{
    ids::Micros,
    records::{EventSet, RecordSet},
    row::RowKey,
    time::MINUTE,
    topics,
};
use tokio::{
    sync::watch,
    task::{AbortHandle, Id, JoinError, JoinSet},
};

use super::{Attempted, Effect, Errand, Named, Wanted, queue::Queue};
use crate::{
    consumer::{self, Consumer, IDLE},
    health::Doing,
    platform::Platform,
    reading::{Unread, read, unreadable},
    waiting::Patient,
};

/// Errands that are known and not finished, beyond which no events are read: some 200 bytes each.
const MOST: usize = 50_000;
/// Events read at once.
const BATCH: usize = 500;
/// The time between two commits of the position. What lies between is read again after a crash, and found done.
const KEEP_EVERY: Duration = Duration::from_millis(500);
/// The time after which an attempt that panicked is made again, where a row says that it is left to do: no wish is lost to a fault of ours.
const AFTER_PANIC: Micros = MINUTE;

/// The error of the log that ended the effect.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct EffectError(#[from] pub LogError);

/// The state of a partition that is owned.
struct Owned {
    /// Tells it from the same partition at another time.
    number: u64,
    /// The next offset to read; `None` until the source's rows are caught up.
    next: Option<i64>,
    /// The position that is kept.
    kept: i64,
    /// The place of the scan of open rows that is under way.
    scan: Option<Place>,
}

/// A place among the open rows of a partition: behind this key, or at the beginning.
struct Place(Option<RowKey>);

/// An effect in this process.
pub struct Runner<E: Effect> {
    platform: Platform,
    effect: Arc<E>,
    /// Waits between attempts of one that may pass; after the last it is given up.
    again_after: Vec<Duration>,
    member: Member,
    events: Arc<str>,
    partitions: BTreeMap<u32, Owned>,
    numbered: u64,
    /// Partitions whose rows are awaited: the partition, its number, and the offset from which on rows may not show events.
    beginnings: JoinSet<(u32, u64, i64)>,
    queue: Queue<E::Wanted>,
    attempts: JoinSet<Attempted>,
    /// The errands that are being attempted, by their tokio task.
    begun: HashMap<Id, (Errand<E::Wanted>, AbortHandle)>,
    letters: Vec<NewRecord>,
    full: bool,
    kept_at: Instant,
}

impl<E: Effect> Runner<E> {
    /// Joins the effect's group, over what its source says.
    pub async fn join(
        platform: Platform,
        effect: E,
        again_after: Vec<Duration>,
        instance: Option<&str>,
    ) -> Result<Self, EffectError> {
        let events: Arc<str> = topics::events(E::SOURCE).into();
        let inputs = [Arc::clone(&events)];
        let member = consumer::join(&platform, E::GROUP, &inputs, Seat::alone(instance)).await?;
        Ok(Self {
            platform,
            effect: Arc::new(effect),
            again_after,
            member,
            events,
            partitions: BTreeMap::new(),
            numbered: 0,
            beginnings: JoinSet::new(),
            queue: Queue::new(E::PER_SHOP),
            attempts: JoinSet::new(),
            begun: HashMap::new(),
            letters: Vec::new(),
            full: false,
            kept_at: Instant::now(),
        })
    }

    /// Works until told to stop, then leaves the group. What is being attempted is attempted again by whoever goes on.
    pub async fn run(self, stop: watch::Receiver<bool>) -> Result<(), EffectError> {
        let platform = self.platform.clone();
        consumer::run(self, &platform, stop).await
    }

    /// The time until the next repeated attempt is due, [`IDLE`] at most.
    fn wait(&self) -> Duration {
        if self.partitions.values().any(|owned| self.has_room(owned)) {
            return Duration::ZERO;
        }
        if self.begun.len() >= E::AT_ONCE {
            return IDLE; // What is due has no place before an attempt ends.
        }
        let until = |due: Micros| {
            let micros = u64::try_from(due - self.platform.now()).unwrap_or_default();
            Duration::from_micros(micros)
        };
        self.queue.next_due().map_or(IDLE, until).min(IDLE)
    }

    /// True if a page of open rows can be taken into memory.
    fn has_room(&self, owned: &Owned) -> bool {
        owned.scan.is_some() && !self.full && self.queue.len() <= MOST
    }

    async fn take(&mut self, at: TopicPartition, committed: Option<i64>) -> Result<(), LogError> {
        self.numbered += 1;
        let (number, partition) = (self.numbered, at.partition);
        if let Some(open) = E::OPEN {
            let owned = Owned { number, next: None, kept: committed.unwrap_or(-1), scan: None };
            self.partitions.insert(partition, owned);
            let caught_up = (open.caught_up)(self.platform.clone(), partition);
            self.beginnings.spawn(async move { (partition, number, caught_up.await) });
            return Ok(());
        }
        let patient = Patient::new(&self.platform, E::GROUP);
        let from = match committed {
            Some(position) => position,
            None => patient.log(|| self.platform.log.start(&at)).await?,
        };
        self.partitions.insert(partition, Owned { number, next: Some(from), kept: from, scan: None });
        if self.full { Ok(()) } else { patient.resume(&mut self.member, &at, from).await }
    }

    /// The source's rows show everything below `applied`: what is left of it stands in open rows, and events flow from there.
    async fn begin(&mut self, partition: u32, number: u64, applied: i64) -> Result<(), LogError> {
        let at = self.at(partition);
        let Some(owned) = self.partitions.get_mut(&partition).filter(|owned| owned.number == number) else {
            return Ok(());
        };
        (owned.next, owned.scan) = (Some(applied), Some(Place(None)));
        if self.full {
            return Ok(());
        }
        Patient::new(&self.platform, E::GROUP).resume(&mut self.member, &at, applied).await
    }

    /// Takes a page of each partition's open rows into memory, where there is room.
    async fn scan(&mut self) -> Result<(), EffectError> {
        let Some(open) = E::OPEN else { return Ok(()) };
        let ready: Vec<u32> = {
            let owned = self.partitions.iter().filter(|(_, owned)| self.has_room(owned));
            owned.map(|(partition, _)| *partition).collect()
        };
        for partition in ready {
            let after = self.partitions.get(&partition).and_then(|owned| owned.scan.as_ref()?.0.clone());
            let read = || (open.page)(self.platform.clone(), partition, after.clone());
            let page = Patient::new(&self.platform, E::GROUP).state(read).await;
            // Rows that can't be read are waited for as the log is: the loop goes on with what it has.
            let page = page.map_err(|error| LogError::Unavailable(format!("open rows can't be read: {error}")))?;
            for wanted in page.wanted {
                self.queue.add(Errand { wanted, named: Named::by_row(partition), tries: 0 });
            }
            if let Some(owned) = self.partitions.get_mut(&partition) {
                owned.scan = page.next.map(|next| Place(Some(next)));
            }
        }
        Ok(())
    }

    fn at(&self, partition: u32) -> TopicPartition {
        TopicPartition { topic: Arc::clone(&self.events), partition }
    }

    fn lose(&mut self, partition: u32) {
        self.partitions.remove(&partition);
        let lost: Vec<Errand<E::Wanted>> = self
            .begun
            .extract_if(|_, (errand, _)| errand.named.partition == partition)
            .map(|(id, (errand, attempt))| {
                attempt.abort();
                self.effect.away().over(id);
                errand
            })
            .collect();
        self.queue.forget(partition, &lost);
    }

    async fn record(&mut self, record: &LogRecord) {
        let partition = record.at.partition;
        let Some(next) = self.partitions.get_mut(&partition).and_then(|owned| owned.next.as_mut()) else { return };
        if record.offset < *next {
            return;
        }
        *next = record.offset + 1;
        match read(&self.platform, E::GROUP, record, E::Event::decode).await {
            Ok(event) => self.add(record, &event),
            // What it does not know wants nothing of it.
            Err(Unread::Newer { .. }) => {}
            Err(unread) => self.letters.push(unreadable(E::GROUP, record, &unread.to_string())),
        }
    }

    fn add(&mut self, record: &LogRecord, event: &E::Event) {
        let meta = event.meta();
        let named = Named {
            event: meta.event_id,
            partition: record.at.partition,
            offset: record.offset,
            write_ts: meta.write_ts,
        };
        for wanted in E::wanted(event) {
            self.queue.add(Errand { wanted, named, tries: 0 });
        }
    }

    /// Begins as many attempts as may be under way at once.
    fn start(&mut self) {
        while self.begun.len() < E::AT_ONCE {
            let Some(errand) = self.queue.next(self.platform.now()) else { return };
            let last = errand.tries >= self.again_after.len();
            let effect = Arc::clone(&self.effect);
            let attempt = self.attempts.spawn(async move { effect.attempt(errand, last).await });
            self.begun.insert(attempt.id(), (errand, attempt));
        }
    }

    fn ended(&mut self, ended: Result<(Id, Attempted), JoinError>) {
        let id = ended.as_ref().map_or_else(JoinError::id, |(id, _)| *id);
        self.effect.away().over(id);
        // Of a partition that was lost.
        let Some((errand, _)) = self.begun.remove(&id) else { return };
        match (ended, self.again_after.get(errand.tries)) {
            (Ok((_, Attempted::Again)), Some(wait)) => {
                let wait = i64::try_from(wait.as_micros()).unwrap_or(i64::MAX);
                self.queue.again(errand, self.platform.now().saturating_add(wait));
            }
            (Ok((_, Attempted::At(due))), _) => self.queue.again(errand, due),
            (Ok(_), _) => self.queue.finished(errand),
            (Err(panic), _) if E::OPEN.is_some() => {
                let wanted = errand.wanted;
                tracing::error!(group = E::GROUP, tenant.id = %wanted.tenant(), ?wanted, %panic, "an attempt panicked, and is made again");
                self.queue.again(errand, self.platform.now().saturating_add(AFTER_PANIC));
            }
            (Err(panic), _) => {
                let wanted = errand.wanted;
                tracing::error!(group = E::GROUP, tenant.id = %wanted.tenant(), ?wanted, %panic, "an attempt panicked, and is not repeated");
                self.queue.finished(errand);
            }
        }
    }

    /// Reads no events while too much is not finished.
    async fn bound(&mut self) -> Result<(), LogError> {
        let full = if self.full { self.queue.len() > MOST / 2 } else { self.queue.len() > MOST };
        if full == self.full {
            return Ok(());
        }
        self.full = full;
        for (partition, owned) in &self.partitions {
            let at = TopicPartition { topic: Arc::clone(&self.events), partition: *partition };
            match owned.next {
                Some(next) if !full => {
                    Patient::new(&self.platform, E::GROUP).resume(&mut self.member, &at, next).await?;
                }
                _ => self.member.pause(&at).await?,
            }
        }
        Ok(())
    }

    /// Keeps the positions if one has moved, with the dead letters of what could not be read.
    async fn keep(&mut self) -> Result<(), LogError> {
        self.kept_at = Instant::now();
        metrics::gauge!("feira_effect_errands_waiting", "group" => E::GROUP).set(self.queue.waiting() as f64);
        let positions: BTreeMap<u32, i64> = self.partitions.iter().filter_map(|of| self.position(of)).collect();
        let moved = positions
            .iter()
            .any(|(partition, position)| self.partitions.get(partition).is_some_and(|owned| owned.kept != *position));
        if positions.is_empty() || !moved && self.letters.is_empty() {
            return Ok(());
        }
        let transaction = Transaction {
            records: self.letters.clone(),
            positions: positions.iter().map(|(partition, position)| (self.at(*partition), *position)).collect(),
        };
        fail_point!(&format!("{}::before_keep", E::GROUP));
        self.member.commit(transaction).await?;
        fail_point!(&format!("{}::after_keep", E::GROUP));
        self.letters.clear();
        for (partition, position) in positions {
            if let Some(owned) = self.partitions.get_mut(&partition) {
                owned.kept = position;
            }
        }
        Ok(())
    }

    /// The position to keep of a partition: what open rows say holds none back.
    fn position(&self, (partition, owned): (&u32, &Owned)) -> Option<(u32, i64)> {
        let lowest = self.queue.lowest(*partition).filter(|_| E::OPEN.is_none());
        Some((*partition, lowest.or(owned.next)?))
    }
}

impl<E: Effect> Consumer for Runner<E> {
    type Error = EffectError;

    fn group(&self) -> &str {
        E::GROUP
    }

    async fn next(&mut self) -> Result<MemberEvent, LogError> {
        let wait = self.wait();
        // Cancel safety: `join_next`, `join_next_with_id` and `Member::next` take nothing when they are dropped.
        tokio::select! {
            biased;
            Some(ended) = self.attempts.join_next_with_id() => {
                self.ended(ended);
                Ok(MemberEvent::Idle)
            }
            Some(Ok((partition, number, applied))) = self.beginnings.join_next() => {
                self.begin(partition, number, applied).await?;
                Ok(MemberEvent::Idle)
            }
            event = self.member.next(BATCH, wait) => event,
        }
    }

    async fn assigned(&mut self, partitions: Vec<(TopicPartition, Option<i64>)>) -> Result<(), EffectError> {
        for (at, committed) in partitions {
            self.take(at, committed).await?;
        }
        Ok(())
    }

    fn revoked(&mut self, partitions: &[TopicPartition]) {
        partitions.iter().for_each(|at| self.lose(at.partition));
    }

    async fn records(&mut self, records: Vec<LogRecord>) -> Result<(), EffectError> {
        for record in &records {
            self.record(record).await;
        }
        Ok(())
    }

    async fn step(&mut self) -> Result<(), EffectError> {
        self.scan().await?;
        self.start();
        self.bound().await?;
        if self.kept_at.elapsed() >= KEEP_EVERY {
            self.keep().await?;
        }
        Ok(())
    }

    fn doing(&mut self) -> Doing {
        match self.effect.away().any() {
            Some(why) => Doing::Waiting(why),
            None if !self.beginnings.is_empty() => Doing::Restoring,
            None => Doing::Working,
        }
    }

    fn passes(EffectError(error): &EffectError) -> Option<String> {
        match error {
            LogError::Unavailable(why) | LogError::Aborted(why) => Some(why.clone()),
            _ => None,
        }
    }

    /// Does nothing: what was read is in the queue, and a position that was not kept is kept the next time.
    async fn rewind(&mut self) -> Result<(), EffectError> {
        Ok(())
    }

    async fn close(mut self) -> Result<(), EffectError> {
        self.attempts.shutdown().await;
        self.beginnings.shutdown().await;
        let kept = self.keep().await.map_err(EffectError);
        self.ended(kept)?;
        Ok(self.member.leave().await?)
    }
}
