//! The loop of an effect: it reads its source's events, attempts what they ask for, and keeps the position below
//! which nothing is left to do.

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

/// The error of the log that ended the effect.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct EffectError(#[from] pub LogError);

/// The state of a partition that is owned.
struct Owned {
    /// The next offset to read.
    next: i64,
    /// The position that is kept.
    kept: i64,
}

/// An effect in this process.
pub struct Runner<E: Effect> {
    platform: Platform,
    effect: Arc<E>,
    /// Waits between attempts of one that may pass; after the last it is given up.
    again_after: Vec<Duration>,
    member: Member,
    events: Arc<str>,
    partitions: BTreeMap<u32, Owned>,
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
        if self.begun.len() >= E::AT_ONCE {
            return IDLE; // What is due has no place before an attempt ends.
        }
        let until = |due: Micros| {
            let micros = u64::try_from(due - self.platform.now()).unwrap_or_default();
            Duration::from_micros(micros)
        };
        self.queue.next_due().map_or(IDLE, until).min(IDLE)
    }

    async fn take(&mut self, at: TopicPartition, committed: Option<i64>) -> Result<(), LogError> {
        let patient = Patient::new(&self.platform, E::GROUP);
        let from = match committed {
            Some(position) => position,
            None => patient.log(|| self.platform.log.start(&at)).await?,
        };
        self.partitions.insert(at.partition, Owned { next: from, kept: from });
        if self.full { Ok(()) } else { patient.resume(&mut self.member, &at, from).await }
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
        let Some(owned) = self.partitions.get_mut(&record.at.partition) else { return };
        if record.offset < owned.next {
            return;
        }
        owned.next = record.offset + 1;
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
            (Ok(_), _) => self.queue.finished(errand),
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
            if full {
                self.member.pause(&at).await?;
            } else {
                Patient::new(&self.platform, E::GROUP).resume(&mut self.member, &at, owned.next).await?;
            }
        }
        Ok(())
    }

    /// Keeps the positions if one has moved, with the dead letters of what could not be read.
    async fn keep(&mut self) -> Result<(), LogError> {
        self.kept_at = Instant::now();
        let position = |partition: &u32, owned: &Owned| self.queue.lowest(*partition).unwrap_or(owned.next);
        let positions: Vec<(u32, i64)> =
            self.partitions.iter().map(|(partition, owned)| (*partition, position(partition, owned))).collect();
        let moved = self.partitions.values().zip(&positions).any(|(owned, (_, position))| owned.kept != *position);
        if positions.is_empty() || !moved && self.letters.is_empty() {
            return Ok(());
        }
        let at = |partition| TopicPartition { topic: Arc::clone(&self.events), partition };
        let transaction = Transaction {
            records: self.letters.clone(),
            positions: positions.iter().map(|(partition, position)| (at(*partition), *position)).collect(),
        };
        fail_point!(&format!("{}::before_keep", E::GROUP));
        self.member.commit(transaction).await?;
        fail_point!(&format!("{}::after_keep", E::GROUP));
        self.letters.clear();
        for (owned, (_, position)) in self.partitions.values_mut().zip(positions) {
            owned.kept = position;
        }
        Ok(())
    }
}

impl<E: Effect> Consumer for Runner<E> {
    type Error = EffectError;

    fn group(&self) -> &str {
        E::GROUP
    }

    async fn next(&mut self) -> Result<MemberEvent, LogError> {
        let wait = self.wait();
        // Cancel safety: `join_next_with_id` and `Member::next` take nothing when they are dropped.
        tokio::select! {
            biased;
            Some(ended) = self.attempts.join_next_with_id() => {
                self.ended(ended);
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
        self.start();
        self.bound().await?;
        if self.kept_at.elapsed() >= KEEP_EVERY {
            self.keep().await?;
        }
        Ok(())
    }

    fn doing(&mut self) -> Doing {
        self.effect.away().any().map_or(Doing::Working, Doing::Waiting)
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
        self.keep().await?;
        Ok(self.member.leave().await?)
    }
}
