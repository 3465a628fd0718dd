//! A processor and its timers, turn by turn, with a clock that a test moves.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use feira_connectors::{
    clock::wall_clock,
    log::{MemberEvent, NewRecord, Seat, TopicPartition},
};
use feira_contexts::{
    Decided, Decider, Decision, DecisionContext, EntityVersion, Input, NewTimer, NoForeign, Rows, Shown, admin::Admin,
};
use feira_schemas::{
    groups::Context,
    ids::{CommandId, Micros, TenantId},
    records::{
        AdminCommand, AdminEvent, CommandSet, DirectoryCommand, DirectoryEvent, EventSet,
        admin::{AnswerNameClaim, ProvisionTenant},
        common::{CommandMeta, TimerEvent, TimerKey},
        directory::{ClaimName, ConfirmName, Name, NameAsker, NameConfirmed, NameReleased, NameStatus},
    },
    row::Write,
    rows::{
        admin::TimerRow as AdminTimerRow,
        common::{Progress, Timer},
        directory::{AnswerRow, ProgressRow, TimerRow},
    },
    time::{Clock, HOUR, MINUTE, hour_of},
    topics,
};
use uuid::Uuid;

use super::{Processor, timers::MOST};
use crate::{
    consumer::{Consumer, IDLE},
    platform::Platform,
    testing::{platform_of, tenant},
};

/// A context for which each claim sets a timer that is due when the hold ends, and says of each that is due that the name is free.
struct Sample;

impl Decider for Sample {
    const CONTEXT: Context = Context::Directory;
    const FOREIGN: &'static [Context] = &[];
    type Command = DirectoryCommand;
    type Event = DirectoryEvent;
    type Foreign = NoForeign;
    type Answer = AnswerRow;
    type Timer = TimerRow;
    type Progress = ProgressRow;

    fn decide(
        input: &Input<DirectoryCommand, NoForeign>,
        _: &Rows,
        context: &DecisionContext,
    ) -> Decided<DirectoryEvent> {
        let mut decision = Decision::new(context);
        let tenant_id = context.cause.tenant_id;
        let name = |name: &str, status| Name { name: name.to_owned(), tenant_id, status, until: None };
        match input {
            Input::Command(DirectoryCommand::ClaimName(claim)) => {
                decision.set_timer(NewTimer { entity: &claim.name, what: "end", due: claim.until, replaces: None });
            }
            Input::Command(DirectoryCommand::ConfirmName(confirm)) => {
                let name = name(&confirm.name, NameStatus::Confirmed);
                decision.event(EntityVersion::new(&confirm.name, 1), |meta| NameConfirmed { meta, name });
            }
            Input::Timer(timer) => {
                let name = name(&timer.entity, NameStatus::Released);
                decision.event(EntityVersion::new(&timer.entity, 1), |meta| NameReleased { meta, name });
            }
            other => panic!("{other:?}"),
        }
        Ok(decision)
    }

    fn apply(_: &DirectoryEvent) -> Vec<Write> {
        Vec::new()
    }

    fn shown(_: &DirectoryEvent) -> Option<Shown> {
        None
    }

    fn key(_: &DirectoryEvent) -> Option<String> {
        None
    }
}

/// A platform whose clock stands until it is moved.
struct Bed {
    platform: Platform,
    wall: Arc<AtomicI64>,
    steady: Arc<AtomicI64>,
}

impl Bed {
    async fn of(folder: &Path, partitions: u32) -> Self {
        // The middle of an hour, so that minutes don't pass its end.
        let wall = Arc::new(AtomicI64::new(hour_of(wall_clock().now()) + 30 * MINUTE));
        let steady = Arc::new(AtomicI64::new(0));
        let read = |clock: &Arc<AtomicI64>| {
            let clock = Arc::clone(clock);
            move || clock.load(Ordering::Relaxed)
        };
        let clock = Clock::new(read(&wall), read(&steady));
        Self { platform: platform_of(folder, partitions, clock).await, wall, steady }
    }

    fn now(&self) -> Micros {
        self.platform.now()
    }

    /// Time passes.
    fn pass(&self, time: Micros) {
        self.wall.fetch_add(time, Ordering::Relaxed);
        self.steady.fetch_add(time, Ordering::Relaxed);
    }

    /// Somebody sets the wall clock.
    fn set(&self, by: Micros) {
        self.wall.fetch_add(by, Ordering::Relaxed);
    }

    /// A processor that owns all partitions, caught up.
    async fn processor<D: Decider>(&self) -> Processor<D> {
        self.processor_at(Seat::alone(None)).await
    }

    async fn processor_at<D: Decider>(&self, seat: Seat<'_>) -> Processor<D> {
        let mut processor = Processor::join(self.platform.clone(), seat).await.unwrap();
        while processor.partitions.is_empty() {
            turn(&mut processor).await;
        }
        processor
    }

    async fn send<C: CommandSet>(&self, commands: impl IntoIterator<Item = C>) {
        let record = |command: C| NewRecord {
            topic: topics::commands(C::CONTEXT).into(),
            partition: Some(0),
            key: "k".into(),
            value: Some(command.encode(&self.platform.codec).unwrap().into()),
            headers: Vec::new(),
        };
        self.platform.log.append(commands.into_iter().map(record).collect()).await.unwrap();
    }

    /// All events of a context so far, of partition 0.
    async fn events<E: EventSet>(&self, context: Context) -> Vec<E> {
        let at = TopicPartition::new(topics::events(context), 0);
        let mut events: Vec<E> = Vec::new();
        let mut from = 0;
        loop {
            let page = self.platform.log.read(&at, from, 1_000).await.unwrap();
            let read = page.records.iter().map(|record| record.value.as_deref().unwrap());
            events.extend(read.map(|value| E::decode(&self.platform.codec, value).unwrap()));
            if page.next == from {
                return events;
            }
            from = page.next;
        }
    }

    /// The names that timers have made free, in order.
    async fn freed(&self) -> Vec<String> {
        let events = self.events::<DirectoryEvent>(Context::Directory).await;
        let freed = events.into_iter().filter_map(|event| match event {
            DirectoryEvent::NameReleased(event) => Some(event.name.name),
            _ => None,
        });
        freed.collect()
    }

    /// The first hour in which a timer may wait, as it is kept.
    async fn hint(&self) -> Option<Micros> {
        let key = Progress::key(&Progress::timers_of("directory"), 0);
        self.platform.state.get::<ProgressRow>(&key).await.unwrap().map(|row| row.0.write_ts)
    }
}

/// One round of the loop.
async fn turn<D: Decider>(processor: &mut Processor<D>) {
    match processor.next().await.unwrap() {
        MemberEvent::Assigned(partitions) => processor.assigned(partitions).await.unwrap(),
        MemberEvent::Revoked(partitions) => processor.revoked(&partitions),
        MemberEvent::Records(records) => processor.records(records).await.unwrap(),
        MemberEvent::Lacking(_) | MemberEvent::Idle => {}
    }
    processor.step().await.unwrap();
}

/// Rounds until all records that were sent are decided.
async fn until_decided<D: Decider>(processor: &mut Processor<D>, sent: i64) {
    let topic: Arc<str> = topics::commands(D::CONTEXT).into();
    while processor.partitions[&0].positions[&topic] < sent {
        turn(processor).await;
    }
}

fn meta(number: u128, tenant_id: TenantId) -> CommandMeta {
    CommandMeta {
        command_id: CommandId::from_uuid(Uuid::from_u128(number)),
        tenant_id,
        actor: "test".into(),
        issued_at: 0,
        body_hash: String::new(),
        keyed: false,
        expected_version: None,
    }
}

/// Sets a timer that is due then.
fn claim(number: u128, until: Micros) -> DirectoryCommand {
    let (meta, name, asker) = (meta(number, tenant(7)), format!("nome-{number}"), NameAsker::Admin);
    ClaimName { meta, name, until, asker, held_for: 0 }.into()
}

fn confirm(number: u128) -> DirectoryCommand {
    ConfirmName { meta: meta(number, tenant(7)), name: format!("nome-{number}"), asker: NameAsker::Admin }.into()
}

#[tokio::test]
async fn a_timer_is_decided_when_it_is_due_once_and_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let bed = Bed::of(folder.path(), 1).await;
    let mut processor = bed.processor::<Sample>().await;
    let at = |minutes: Micros| bed.now() + minutes * MINUTE;
    let (late, past) = (at(70), bed.now() - HOUR);
    bed.send([claim(1, late), claim(2, at(10)), claim(3, at(20)), claim(4, past)]).await;
    until_decided(&mut processor, 4).await;
    processor.step().await.unwrap();
    assert_eq!(bed.freed().await, ["nome-4"], "what is due before it is set is due at once");

    bed.pass(10 * MINUTE - 1);
    processor.step().await.unwrap();
    assert_eq!(bed.freed().await, ["nome-4"]);
    bed.pass(1);
    for _ in 0..3 {
        processor.step().await.unwrap();
    }
    assert_eq!(bed.freed().await, ["nome-4", "nome-2"]);
    bed.pass(3 * HOUR);
    for _ in 0..3 {
        processor.step().await.unwrap();
    }
    assert_eq!(bed.freed().await, ["nome-4", "nome-2", "nome-3", "nome-1"]);

    // What a timer causes names it, and clears it in the same transaction.
    let events = bed.events::<DirectoryEvent>(Context::Directory).await;
    let [.., freed, cleared] = events.as_slice() else { panic!("{events:?}") };
    let TimerEvent::Cleared(timer) = cleared.as_timer().unwrap() else { panic!("{cleared:?}") };
    assert_eq!(timer.due, late);
    for event in [freed, cleared] {
        let meta = event.meta();
        assert_eq!((meta.input.topic.as_str(), meta.input.partition, meta.input.offset), ("timer", 0, -1));
        assert_eq!((meta.causation_id.uuid(), meta.tenant_id), (timer.timer_id.uuid(), tenant(7)));
    }
    let rows = bed.platform.state.scan_table::<TimerRow>(None, 10).await.unwrap().rows;
    assert_eq!(rows, [], "cleared timers have no rows");
}

#[tokio::test]
async fn a_loop_wakes_when_the_next_timer_is_due() {
    let folder = tempfile::tempdir().unwrap();
    let bed = Bed::of(folder.path(), 1).await;
    let mut processor = bed.processor::<Sample>().await;
    assert_eq!(processor.until_due(), IDLE, "none waits");
    bed.send([claim(1, bed.now() + 1_300_000)]).await;
    until_decided(&mut processor, 1).await;
    assert_eq!(processor.until_due(), IDLE);
    bed.pass(1_000_000);
    assert_eq!(processor.until_due(), Duration::from_millis(300));
    bed.pass(300_000);
    assert!(processor.until_due().is_zero());
    turn(&mut processor).await;
    assert_eq!(bed.freed().await, ["nome-1"]);
    assert_eq!(processor.until_due(), IDLE);
}

#[tokio::test]
async fn the_next_owner_decides_what_is_open_and_nothing_twice() {
    let folder = tempfile::tempdir().unwrap();
    let bed = Bed::of(folder.path(), 1).await;
    let mut processor = bed.processor::<Sample>().await;
    bed.send([claim(1, bed.now() + MINUTE), claim(2, bed.now() + 2 * HOUR)]).await;
    until_decided(&mut processor, 2).await;
    bed.pass(MINUTE);
    processor.step().await.unwrap();
    processor.close().await.unwrap();
    for (pass, freed) in [(0, 1), (3 * HOUR, 2), (1_000 * HOUR, 2)] {
        bed.pass(pass);
        let mut next = bed.processor::<Sample>().await;
        next.step().await.unwrap();
        next.step().await.unwrap();
        assert_eq!(bed.freed().await, &["nome-1", "nome-2"][..freed]);
        next.close().await.unwrap();
    }
}

#[tokio::test]
async fn a_transaction_that_is_aborted_puts_its_timers_back() {
    let folder = tempfile::tempdir().unwrap();
    let bed = Bed::of(folder.path(), 2).await;
    let mut processor = bed.processor_at::<Sample>(Seat { instance: None, number: 0, members: 2 }).await;
    bed.send([claim(1, bed.now() + MINUTE)]).await;
    until_decided(&mut processor, 1).await;
    bed.pass(MINUTE);
    // A position of what is another's: nothing of the transaction is committed.
    let foreign = processor.partitions[&0].clone();
    processor.partitions.insert(1, foreign);
    processor.step().await.unwrap();
    assert_eq!(bed.freed().await, [] as [&str; 0]);
    processor.revoked(&[TopicPartition::new("directory.commands", 1)]);
    processor.step().await.unwrap();
    processor.step().await.unwrap();
    assert_eq!(bed.freed().await, ["nome-1"]);
}

#[tokio::test]
async fn a_stopped_partition_decides_no_timer() {
    let folder = tempfile::tempdir().unwrap();
    let bed = Bed::of(folder.path(), 1).await;
    let mut processor = bed.processor::<Sample>().await;
    bed.send([claim(1, bed.now() + MINUTE)]).await;
    until_decided(&mut processor, 1).await;
    bed.pass(MINUTE);
    processor.partitions.get_mut(&0).unwrap().stopped = true;
    assert_eq!(processor.until_due(), IDLE);
    processor.step().await.unwrap();
    assert_eq!(bed.freed().await, [] as [&str; 0]);
    processor.partitions.get_mut(&0).unwrap().stopped = false;
    processor.step().await.unwrap();
    assert_eq!(bed.freed().await, ["nome-1"]);
}

#[tokio::test]
async fn a_clock_that_has_jumped_holds_timers_and_leads_no_event_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let bed = Bed::of(folder.path(), 1).await;
    let mut processor = bed.processor::<Sample>().await;
    bed.send([claim(1, bed.now() + HOUR)]).await;
    until_decided(&mut processor, 1).await;

    let (before, year) = (bed.now(), 365 * 24 * HOUR);
    bed.set(year);
    bed.send([confirm(2)]).await;
    until_decided(&mut processor, 2).await;
    processor.step().await.unwrap();
    assert_eq!(bed.freed().await, [] as [&str; 0]);
    assert!(bed.platform.health.holding()["directory"].contains("jumped by 31536000 s"));
    let last = bed.events::<DirectoryEvent>(Context::Directory).await.pop().unwrap();
    assert!(last.meta().write_ts <= before + MINUTE, "records go on, in a time that has not jumped");

    bed.set(-year);
    processor.step().await.unwrap();
    assert!(bed.platform.health.holding().is_empty());
    assert_eq!(bed.freed().await, [] as [&str; 0], "it is not due");
    bed.pass(HOUR);
    processor.step().await.unwrap();
    assert_eq!(bed.freed().await, ["nome-1"]);
}

#[tokio::test]
async fn no_timer_is_set_into_an_hour_that_was_swept_and_a_lost_hint_costs_a_scan() {
    let folder = tempfile::tempdir().unwrap();
    let bed = Bed::of(folder.path(), 1).await;
    let mut processor = bed.processor::<Sample>().await;
    assert_eq!(bed.hint().await, None);
    let (mut hint, mut seen) = (0, 0);
    for round in 0..12 {
        // One that is past, one of this hour, one of the next but one; now and then nothing for days.
        let commands = [-2 * HOUR, MINUTE, 2 * HOUR].map(|after| bed.now() + after);
        bed.send((0..).zip(commands).map(|(number, due)| claim(10 * round + number, due))).await;
        until_decided(&mut processor, 3 * (round as i64 + 1)).await;
        let events = bed.events::<DirectoryEvent>(Context::Directory).await;
        for event in &events[seen..] {
            let Some(TimerEvent::Set(set)) = event.as_timer() else { continue };
            assert!(set.bucket >= hint, "set into an hour before {hint}: {set:?}");
            assert_eq!(set.bucket, hour_of(set.due.max(set.meta.write_ts)));
        }
        seen = events.len();
        let kept = bed.hint().await.unwrap_or_default();
        assert!(kept >= hint);
        hint = kept;
        bed.pass([MINUTE, HOUR, 25 * MINUTE, 100 * HOUR][round as usize % 4]);
    }
    assert!(hint > 0);
    let open = bed.freed().await.len();
    processor.close().await.unwrap();

    // The next owner goes on from the hint; without it, from the first event's hour.
    let timers = bed.platform.state.scan_table::<TimerRow>(None, 100).await.unwrap().rows;
    assert!(timers.iter().all(|row| row.0.bucket >= hint));
    bed.pass(3 * HOUR);
    let key = Progress::key(&Progress::timers_of("directory"), 0);
    bed.platform.state.write(&[Write::delete::<ProgressRow>(key, Micros::MAX)]).await.unwrap();
    let mut next = bed.processor::<Sample>().await;
    next.step().await.unwrap();
    assert_eq!(bed.freed().await.len(), open + timers.len());
    assert_eq!(bed.freed().await.len(), 36);
}

#[tokio::test]
async fn ten_thousand_that_are_due_at_once_are_decided_among_the_commands() {
    const COMMANDS: u128 = 2_000;
    let folder = tempfile::tempdir().unwrap();
    let bed = Bed::of(folder.path(), 1).await;
    let mut processor = bed.processor::<Sample>().await;
    // More than are kept in memory, in three hours.
    let count = MOST as u128 + 2_000;
    let due = |number: u128| bed.now() + MINUTE + (number % 3) as i64 * HOUR;
    bed.send((0..count).map(|number| claim(number, due(number)))).await;
    until_decided(&mut processor, count as i64).await;
    processor.step().await.unwrap();
    assert!(processor.timers[&0].len() <= MOST && processor.timers[&0].len() > MOST / 3);

    bed.pass(4 * HOUR);
    bed.send((0..COMMANDS).map(|number| confirm(count + number))).await;
    let mut seen = bed.events::<DirectoryEvent>(Context::Directory).await.len();
    let topic: Arc<str> = topics::commands(Context::Directory).into();
    let sent = (count + COMMANDS) as i64;
    while processor.partitions[&0].positions[&topic] < sent {
        turn(&mut processor).await;
        assert!(processor.timers[&0].len() <= MOST);
        let events = bed.events::<DirectoryEvent>(Context::Directory).await;
        let of = |kind: fn(&DirectoryEvent) -> bool| events[seen..].iter().filter(|event| kind(event)).count();
        let commands = of(|event| matches!(event, DirectoryEvent::NameConfirmed(_)));
        let timers = of(|event| matches!(event, DirectoryEvent::NameReleased(_)));
        if events.len() > seen {
            assert!(commands > 0 && timers > 0, "{commands} commands and {timers} timers in a batch");
            assert!(timers <= 250, "{timers} timers in a batch, of which half may be timers");
        }
        seen = events.len();
    }
    while processor.until_due().is_zero() {
        processor.step().await.unwrap();
    }
    let mut freed = bed.freed().await;
    assert_eq!(freed.len() as u128, count);
    freed.sort();
    freed.dedup();
    assert_eq!(freed.len() as u128, count, "each once");
    assert_eq!(bed.platform.state.scan_table::<TimerRow>(None, 10).await.unwrap().rows, []);
}

fn asked(number: u128) -> AdminCommand {
    let (subdomain, shop_name) = (format!("loja-{number}"), "Loja".to_owned());
    ProvisionTenant { meta: meta(number, tenant(number)), subdomain, shop_name, token_hash: None }.into()
}

fn answer(number: u128, shop: u128, confirmed: bool) -> AdminCommand {
    let (meta, name) = (meta(number, tenant(shop)), format!("loja-{shop}"));
    AnswerNameClaim { meta, name, held: true, confirmed }.into()
}

/// Timers of admin's that were ended so far.
async fn ended(bed: &Bed) -> Vec<TimerKey> {
    let events = bed.events::<AdminEvent>(Context::Admin).await;
    events.iter().filter_map(|event| event.as_timer()?.ended()).collect()
}

#[tokio::test]
async fn a_timer_that_a_record_of_its_batch_has_cleared_is_not_decided() {
    let folder = tempfile::tempdir().unwrap();
    let bed = Bed::of(folder.path(), 1).await;
    let mut processor = bed.processor::<Admin>().await;
    bed.send([asked(1)]).await;
    until_decided(&mut processor, 1).await;
    processor.step().await.unwrap();
    bed.pass(MINUTE);
    assert!(processor.until_due().is_zero());
    // The answer is decided in the same batch, before the timer.
    bed.send([answer(2, 1, false)]).await;
    until_decided(&mut processor, 2).await;
    assert_eq!(ended(&bed).await.len(), 1, "by the answer alone");
    let rows = bed.platform.state.scan_table::<AdminTimerRow>(None, 10).await.unwrap().rows;
    let [AdminTimerRow(Timer { what, due, .. })] = rows.as_slice() else { panic!("{rows:?}") };
    assert_eq!((what.as_str(), *due), ("confirm_name", bed.now() + MINUTE));

    // Nobody answers for a while: it is asked for until the answer comes, and not after.
    let asked = async || {
        let at = TopicPartition::new("directory.commands", 0);
        bed.platform.log.read(&at, 0, 100).await.unwrap().records.len()
    };
    assert_eq!(asked().await, 2);
    for (count, after) in [(3, MINUTE), (4, 10 * MINUTE), (5, HOUR), (6, 24 * HOUR), (7, 24 * HOUR)] {
        bed.pass(after + 1_000);
        processor.step().await.unwrap();
        processor.step().await.unwrap();
        assert_eq!(asked().await, count);
    }
    bed.send([answer(3, 1, true)]).await;
    until_decided(&mut processor, 3).await;
    bed.pass(1_000 * HOUR);
    processor.step().await.unwrap();
    assert_eq!(asked().await, 7);
    assert_eq!(bed.platform.state.scan_table::<AdminTimerRow>(None, 10).await.unwrap().rows, []);
    let mut all = ended(&bed).await;
    all.dedup();
    assert_eq!(all.len(), 7, "each timer has one end");
}
