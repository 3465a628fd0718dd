//! A processor and its timers, turn by turn, with a clock that a test moves.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod asked;
mod clock;
mod due;
#[path = "../../../contexts/tests/contexts/made_up.rs"]
mod made_up;
mod owners;

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use feira_connectors::{
    clock::wall_clock,
    log::{MemberEvent, NewRecord, Seat, TopicPartition},
};
use feira_contexts::{Decided, Decider, Decision, DecisionContext, EntityVersion, Input, NewTimer, NoForeign};
use feira_schemas::{
    groups::Context,
    ids::{CommandId, Micros, TenantId},
    records::{
        CommandSet, DirectoryCommand, DirectoryEvent, EventSet,
        common::CommandMeta,
        directory::{ClaimName, ConfirmName, Name, NameAsker, NameConfirmed, NameReleased, NameStatus},
    },
    rows::{common::Progress, directory::ProgressRow},
    time::{Clock, MINUTE, hour_of},
    topics,
};
use uuid::Uuid;

use self::made_up::{Decides, MadeUp};
use super::Processor;
use crate::{
    consumer::Consumer,
    platform::Platform,
    testing::{platform_of, tenant},
};

/// A context for which each claim sets a timer that is due when the hold ends, and says of each that is due that the name is free.
type Sample = MadeUp<Holds>;

struct Holds;

impl Decides for Holds {
    fn decide(input: &Input<DirectoryCommand, NoForeign>, context: &DecisionContext) -> Decided<DirectoryEvent> {
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
    assert_eq!(processor.counted.get(), processor.timers.values().map(|timers| timers.len()).sum::<usize>());
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
