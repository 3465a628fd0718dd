//! The loop: it begins with the open rows of its partitions, follows payments' events from where these are folded to, and has each
//! matter's turn when it is due.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::{Duration, Instant},
};

use fail::fail_point;
use feira_connectors::log::{LogError, LogRecord, Member, MemberEvent, NewRecord, Seat, TopicPartition, Transaction};
use feira_contexts::{Decider, payments::Payments};
use feira_schemas::{
    ids::{EffectId, Micros},
    records::{EventSet, PaymentsEvent, RecordSet},
    row::{KeyPart, Write},
    rows::payments::Matter,
    topics::{self, Context},
};
use tokio::{
    sync::watch,
    task::{Id, JoinError, JoinSet},
    time::timeout,
};

use super::{
    GROUP, GatewayRunner,
    beginning::{PAGE, Scan},
    differences,
    matters::{Key, MOST, Matters, Next},
    work::{AFTER_PANIC, Work},
};
use crate::{
    consumer::{self, Consumer, IDLE},
    effects::{EffectError, beginning::caught_up},
    health::Doing,
    platform::Platform,
    reading::{Unread, read, unreadable},
    waiting::Patient,
};

/// Turns under way at once, of all accounts: as many rows are read together, and as many answers held.
const AT_ONCE: usize = 256;
/// Events read at once.
const BATCH: usize = 500;
/// The time between two commits of the position.
const KEEP_EVERY: Duration = Duration::from_millis(500);
/// The time that calls which are under way have to end when the process stops. A longer one would hold up the process's end; what
/// it cuts off is looked for by whoever goes on.
const ENDING: Duration = Duration::from_secs(5);
/// A charge or account whose next look is later than this is handed back to its row where others wait for its place in memory.
const HANDED_BACK: Micros = 60_000_000;

/// The state of a partition that is owned.
pub(super) struct Owned {
    /// Tells it from the same partition at another time.
    number: u64,
    /// The position that the group has kept.
    committed: Option<i64>,
    /// The next offset to read; `None` until payments' rows are caught up.
    next: Option<i64>,
    /// The position that is kept.
    kept: i64,
    /// The place of the scan that is under way.
    scan: Option<Scan>,
    /// True if rows or events did not fit into memory: they are scanned again when half of what is there is done.
    missed: bool,
    /// True if matters whose next look is far were handed back to their rows.
    handed_back: bool,
    /// The time before which these are not scanned again, by the steady clock: none of them is due before.
    rests_until: Micros,
    /// Open differences, as they were counted last.
    differences: usize,
    /// The `write_ts` of the event since which they are to be counted again.
    uncounted: Option<Micros>,
}

/// What the loop keeps, beside what turns work with.
pub(super) struct State {
    pub platform: Platform,
    pub work: Arc<Work>,
    pub member: Member,
    pub events: Arc<str>,
    pub partitions: BTreeMap<u32, Owned>,
    pub numbered: u64,
    pub matters: Matters,
    pub turns: JoinSet<Next>,
    /// The turns under way, by their tokio task.
    pub begun: HashMap<Id, (Key, u32)>,
    /// Partitions whose rows are awaited: the partition, its number, and the offset from which on rows may not show events.
    pub beginnings: JoinSet<(u32, u64, i64)>,
    /// Counts of open differences that are under way: the partition, its number, and the count.
    pub counts: JoinSet<(u32, u64, usize)>,
    pub letters: Vec<NewRecord>,
    pub kept_at: Instant,
    /// The beat of this process, which ends with the loop.
    pub beat: JoinSet<()>,
}

impl GatewayRunner {
    pub(super) async fn seated(work: Work, instance: Option<&str>) -> Result<Self, EffectError> {
        let platform = work.platform.clone();
        let events: Arc<str> = topics::events(Context::Payments).into();
        let member = consumer::join(&platform, GROUP, &[Arc::clone(&events)], Seat::alone(instance)).await?;
        let mut beat = JoinSet::new();
        beat.spawn(Arc::clone(&work.pulse).run());
        Ok(Self(State {
            platform,
            work: Arc::new(work),
            member,
            events,
            partitions: BTreeMap::new(),
            numbered: 0,
            matters: Matters::default(),
            turns: JoinSet::new(),
            begun: HashMap::new(),
            beginnings: JoinSet::new(),
            counts: JoinSet::new(),
            letters: Vec::new(),
            kept_at: Instant::now(),
            beat,
        }))
    }

    /// Works until told to stop, then leaves the group.
    pub async fn run(self, stop: watch::Receiver<bool>) -> Result<(), EffectError> {
        let platform = self.0.platform.clone();
        consumer::run(self.0, &platform, stop).await
    }
}

impl State {
    fn now(&self) -> Micros {
        self.platform.clock.steady()
    }

    fn at(&self, partition: u32) -> TopicPartition {
        TopicPartition { topic: Arc::clone(&self.events), partition }
    }

    /// The time until there is something to do without an event.
    fn wait(&self) -> Duration {
        let pages = self.partitions.iter().any(|(partition, owned)| self.has_room(*partition, owned));
        if pages {
            return Duration::ZERO;
        }
        if self.begun.len() >= AT_ONCE {
            return IDLE; // What is due has no place before a turn ends.
        }
        let until = |due: Micros| Duration::from_micros(u64::try_from(due - self.now()).unwrap_or_default());
        self.matters.next_due().map_or(IDLE, until).min(IDLE)
    }

    /// True if a page of rows can be taken into memory.
    fn has_room(&self, partition: u32, owned: &Owned) -> bool {
        let count = self.matters.len(partition);
        let room = match (owned.missed, &owned.scan) {
            (true, _) => count <= MOST / 2,
            (false, Some(_)) => count + PAGE <= MOST,
            (false, None) => owned.handed_back && count + PAGE <= MOST && self.now() >= owned.rests_until,
        };
        owned.next.is_some() && room
    }

    fn take(&mut self, at: &TopicPartition, committed: Option<i64>) {
        self.numbered += 1;
        let (number, partition) = (self.numbered, at.partition);
        let owned = Owned {
            number,
            committed,
            next: None,
            kept: -1,
            scan: None,
            missed: false,
            handed_back: false,
            rests_until: Micros::MIN,
            differences: 0,
            uncounted: None,
        };
        self.partitions.insert(partition, owned);
        let platform = self.platform.clone();
        self.beginnings
            .spawn(async move { (partition, number, caught_up::<Payments>(platform, GROUP, partition).await) });
    }

    /// Payments' rows show everything below `applied`: events flow from there, or from the first callback that was not followed.
    async fn begin(&mut self, partition: u32, number: u64, applied: i64) -> Result<(), LogError> {
        let at = self.at(partition);
        let Some(owned) = self.partitions.get_mut(&partition).filter(|owned| owned.number == number) else {
            return Ok(());
        };
        let from = owned.committed.map_or(applied, |committed| committed.min(applied));
        owned.next = Some(from);
        owned.kept = owned.committed.unwrap_or(-1);
        owned.scan = Some(Scan::new(partition));
        owned.uncounted = Some(Micros::MIN);
        Patient::new(&self.platform, GROUP).resume(&mut self.member, &at, from).await
    }

    /// Takes a page of each partition's open rows into memory, where there is room.
    async fn scan(&mut self) -> Result<(), EffectError> {
        let ready: Vec<u32> = {
            let owned = self.partitions.iter().filter(|(partition, owned)| self.has_room(**partition, owned));
            owned.map(|(partition, _)| *partition).collect()
        };
        for partition in ready {
            let now = self.now();
            let Some(owned) = self.partitions.get_mut(&partition) else { continue };
            if owned.scan.is_none() {
                (owned.handed_back, owned.rests_until) = (false, now + HANDED_BACK);
            }
            let scan = owned.scan.take().unwrap_or_else(|| Scan::new(partition));
            owned.missed = false;
            let (rows, next) = scan.clone().page(&self.platform, partition).await.map_err(unreadable_rows)?;
            let mut all = true;
            for row in rows {
                // A later version's matter is a later version's to look after.
                let Some(matter) = Matter::read(&row.matter) else { continue };
                all &= self.matters.add(partition, Key { tenant: row.tenant_id, matter }, Micros::MIN, now);
            }
            let count = self.matters.len(partition);
            let Some(owned) = self.partitions.get_mut(&partition) else { continue };
            owned.scan = if all { next } else { Some(scan) };
            owned.missed |= !all || (owned.scan.is_some() && count + PAGE > MOST);
        }
        Ok(())
    }

    async fn record(&mut self, record: &LogRecord) {
        let partition = record.at.partition;
        let Some(next) = self.partitions.get_mut(&partition).and_then(|owned| owned.next.as_mut()) else { return };
        if record.offset < *next {
            return;
        }
        *next = record.offset + 1;
        match read(&self.platform, GROUP, record, PaymentsEvent::decode).await {
            Ok(event) => self.event(record, &event),
            // What it does not know wants nothing of it.
            Err(Unread::Newer { .. }) => {}
            Err(unread) => self.letters.push(unreadable(GROUP, record, &unread.to_string())),
        }
    }

    /// Follows an event: what it opens or closes, by the rule that makes the rows, and what a callback points at.
    fn event(&mut self, record: &LogRecord, event: &PaymentsEvent) {
        let (partition, meta, now) = (record.at.partition, event.meta(), self.now());
        for write in Payments::of_partition(event, partition) {
            let Some(matter) = matter_of(&write) else { continue };
            let key = Key { tenant: meta.tenant_id, matter };
            match write {
                Write::Put { .. } => {
                    let taken = self.matters.add(partition, key, meta.write_ts, now);
                    if !taken && let Some(owned) = self.partitions.get_mut(&partition) {
                        owned.missed = true;
                    }
                }
                Write::Delete { .. } => self.matters.closed(key, meta.write_ts),
            }
        }
        if let (PaymentsEvent::DifferenceChanged(_), Some(owned)) = (event, self.partitions.get_mut(&partition)) {
            owned.uncounted = Some(meta.write_ts);
        }
        let PaymentsEvent::CallbackKept(callback) = event else { return };
        let of = |matter| Key { tenant: meta.tenant_id, matter };
        // What is pointed at is looked at; what is still to make it is looked for.
        let pointed_at = [
            callback.charge_id.map(|charge| (Matter::Charge(charge), charge.uuid())),
            callback.subscription_id.map(|subscription| (Matter::Subscription(subscription), subscription.uuid())),
        ];
        for (matter, id) in pointed_at.into_iter().flatten() {
            self.matters.point_at(partition, of(matter), meta.write_ts, record.offset);
            self.matters.hasten(of(Matter::Effect(EffectId::from_uuid(id))), now);
        }
    }

    /// Has open differences counted where one has changed, one partition after the other.
    fn count(&mut self) {
        if !self.counts.is_empty() {
            return;
        }
        let uncounted = self.partitions.iter_mut().find_map(|(partition, owned)| {
            let seen = owned.uncounted.take()?;
            Some((*partition, owned.number, seen))
        });
        if let Some((partition, number, seen)) = uncounted {
            self.counts.spawn(differences::count(Arc::clone(&self.work), partition, number, seen));
        }
    }

    fn counted(&mut self, partition: u32, number: u64, count: usize) {
        if let Some(owned) = self.partitions.get_mut(&partition).filter(|owned| owned.number == number) {
            owned.differences = count;
        }
    }

    /// Begins as many turns as may be under way at once.
    fn start(&mut self) {
        while self.begun.len() < AT_ONCE {
            let Some(turn) = self.matters.next(self.now()) else { break };
            let work = Arc::clone(&self.work);
            let begun = self.turns.spawn(async move { work.turn(turn).await });
            self.begun.insert(begun.id(), (turn.key, turn.partition));
        }
    }

    /// Says how many matters and accounts there are that somebody may want to look at.
    fn tell(&self) {
        metrics::gauge!("feira_gateway_open_questions").set(self.matters.questions() as f64);
        let differences: usize = self.partitions.values().map(|owned| owned.differences).sum();
        metrics::gauge!("feira_gateway_open_differences").set(differences as f64);
        metrics::gauge!("feira_gateway_breakers_open").set(self.work.accounts.breakers_open() as f64);
    }

    fn ended(&mut self, ended: Result<(Id, Next), JoinError>) {
        let id = ended.as_ref().map_or_else(JoinError::id, |(id, _)| *id);
        self.work.away.over(id);
        let Some((key, partition)) = self.begun.remove(&id) else { return };
        let now = self.now();
        let next = match ended {
            Ok((_, next)) => self.or_handed_back(key, partition, next, now),
            Err(panic) => {
                tracing::error!(group = GROUP, tenant.id = %key.tenant, matter = %key.matter, %panic, "a turn panicked, and is had again");
                Next::Again { due: now + AFTER_PANIC, memory: Default::default(), looked: true }
            }
        };
        self.matters.ended(key, next, now);
    }

    /// A charge, subscription or account that waits for long makes room for others that are in rows alone; a later scan finds it again.
    fn or_handed_back(&mut self, key: Key, partition: u32, next: Next, now: Micros) -> Next {
        let Some(owned) = self.partitions.get_mut(&partition).filter(|owned| owned.missed) else { return next };
        match (key.matter, next) {
            (Matter::Charge(_) | Matter::Subscription(_) | Matter::Account(_), Next::Again { due, .. })
                if due > now + HANDED_BACK =>
            {
                owned.handed_back = true;
                Next::Finished
            }
            _ => next,
        }
    }

    /// Keeps the positions if one has moved, with the dead letters of what could not be read. A position waits for the first callback
    /// that was not followed: all else is found in rows.
    async fn keep(&mut self) -> Result<(), LogError> {
        self.kept_at = Instant::now();
        let position = |(partition, owned): (&u32, &Owned)| {
            let next = owned.next?;
            Some((*partition, self.matters.first_callback(*partition).unwrap_or(next)))
        };
        let positions: BTreeMap<u32, i64> = self.partitions.iter().filter_map(position).collect();
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
        fail_point!("gateways::before_keep");
        self.member.commit(transaction).await?;
        fail_point!("gateways::after_keep");
        self.letters.clear();
        for (partition, position) in positions {
            if let Some(owned) = self.partitions.get_mut(&partition) {
                owned.kept = position;
            }
        }
        Ok(())
    }
}

/// The matter that a row of open matters is of; `None` for another row, or one of a later version.
fn matter_of(write: &Write) -> Option<Matter> {
    match write.key().clustering.first()? {
        KeyPart::Text(text) => Matter::read(text),
        _ => None,
    }
}

/// Rows that can't be read are waited for as the log is: the loop goes on with what it has.
fn unreadable_rows(error: feira_connectors::state::StateError) -> EffectError {
    EffectError(LogError::Unavailable(format!("open matters can't be read: {error}")))
}

impl Consumer for State {
    type Error = EffectError;

    fn group(&self) -> &str {
        GROUP
    }

    async fn next(&mut self) -> Result<MemberEvent, LogError> {
        let wait = self.wait();
        // Cancel safety: `join_next`, `join_next_with_id` and `Member::next` take nothing when they are dropped.
        tokio::select! {
            biased;
            Some(ended) = self.turns.join_next_with_id() => {
                self.ended(ended);
                Ok(MemberEvent::Idle)
            }
            Some(Ok((partition, number, applied))) = self.beginnings.join_next() => {
                self.begin(partition, number, applied).await?;
                Ok(MemberEvent::Idle)
            }
            Some(Ok((partition, number, count))) = self.counts.join_next() => {
                self.counted(partition, number, count);
                Ok(MemberEvent::Idle)
            }
            event = self.member.next(BATCH, wait) => event,
        }
    }

    async fn assigned(&mut self, partitions: Vec<(TopicPartition, Option<i64>)>) -> Result<(), EffectError> {
        partitions.iter().for_each(|(at, committed)| self.take(at, *committed));
        Ok(())
    }

    /// Turns that are under way go on: who has a grant reports, whoever owns the partition.
    fn revoked(&mut self, partitions: &[TopicPartition]) {
        for at in partitions {
            self.partitions.remove(&at.partition);
            self.matters.forget(at.partition);
        }
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
        self.count();
        if self.kept_at.elapsed() >= KEEP_EVERY {
            self.tell();
            self.keep().await?;
        }
        Ok(())
    }

    fn doing(&mut self) -> Doing {
        match self.work.away.any() {
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

    /// Does nothing: what was read is in memory, and a position that was not kept is kept the next time.
    async fn rewind(&mut self) -> Result<(), EffectError> {
        Ok(())
    }

    async fn close(mut self) -> Result<(), EffectError> {
        let all = async { while self.turns.join_next().await.is_some() {} };
        let _ = timeout(ENDING, all).await;
        self.turns.shutdown().await;
        self.beginnings.shutdown().await;
        self.counts.shutdown().await;
        self.beat.shutdown().await;
        let kept = self.keep().await.map_err(EffectError);
        self.ended(kept)?;
        Ok(self.member.leave().await?)
    }
}
