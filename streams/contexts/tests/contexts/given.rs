//! Given rows, when a command or a foreign event, then exactly these events and rows.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Debug,
    marker::PhantomData,
    sync::Arc,
};

use feira_contexts::{Cause, Decider, Decision, DecisionContext, Input, Need, NotKept, Rows, decide};
use feira_schemas::{
    ids::{CategoryId, CommandId, EventId, ImageId, Micros, ProductId, TenantId, VariantId},
    problem::Code,
    records::{
        CommandSet, EventSet, Outgoing,
        common::{Answers, CommandAnswered, CommandMeta, EventMeta, InputPosition, Outcome, TimerEvent, TimerKey},
    },
    row::{AnyRow, RowKey, Stored, Table, Write},
    rows::common::Timer,
};
use serde_json::Value;
use uuid::Uuid;

/// The time at which the tests' commands are decided, unless they say another, in microseconds since the Unix epoch.
pub const NOW: Micros = 1_700_000_000_000_000;
/// The shop that asks.
pub const SHOP: TenantId = TenantId::from_uuid(Uuid::from_u128(1));

/// A shop of this number.
pub const fn tenant(number: u128) -> TenantId {
    TenantId::from_uuid(Uuid::from_u128(number))
}

/// A product of this number.
pub const fn product_id(number: u128) -> ProductId {
    ProductId::from_uuid(Uuid::from_u128(0x1000 + number))
}

/// A variant of this number.
pub const fn variant_id(number: u128) -> VariantId {
    VariantId::from_uuid(Uuid::from_u128(0x2000 + number))
}

/// A category of this number.
pub const fn category_id(number: u128) -> CategoryId {
    CategoryId::from_uuid(Uuid::from_u128(0x3000 + number))
}

/// An image of this number.
pub const fn image_id(number: u128) -> ImageId {
    ImageId::from_uuid(Uuid::from_u128(0x4000 + number))
}

/// The common fields of a command of this shop.
pub fn asked_by(tenant_id: TenantId) -> CommandMeta {
    CommandMeta {
        command_id: CommandId::from_uuid(Uuid::from_u128(0xc0)),
        tenant_id,
        actor: "token:12345678".into(),
        issued_at: NOW - 1,
        body_hash: "hash".into(),
        keyed: false,
        expected_version: None,
    }
}

/// The common fields of a command of [`SHOP`].
pub fn asked() -> CommandMeta {
    asked_by(SHOP)
}

/// The common fields of a command of [`SHOP`] that is meant for this version (`If-Match`).
pub fn asked_for_version(version: i64) -> CommandMeta {
    CommandMeta { expected_version: Some(version), ..asked() }
}

/// The common fields of a foreign event of [`SHOP`] about this entity in this version.
pub fn said(aggregate_id: impl ToString, version: i64) -> EventMeta {
    EventMeta {
        event_id: EventId::from_uuid(Uuid::from_u128(0xe0)),
        tenant_id: SHOP,
        aggregate_id: aggregate_id.to_string(),
        aggregate_version: version,
        write_ts: NOW - 10,
        causation_id: CommandId::from_uuid(Uuid::from_u128(0xc1)),
        input: InputPosition { topic: "admin.commands".into(), partition: 0, offset: 0 },
        occurred_at: NOW - 10,
        actor: "operator".into(),
        answers: None,
    }
}

type Place = (&'static str, &'static str, RowKey);

/// Rows of a context, as they are before somebody asks.
pub struct Given<D> {
    rows: BTreeMap<Place, Arc<dyn AnyRow>>,
    now: Micros,
    decider: PhantomData<D>,
}

/// A context without rows.
pub fn nothing<D: Decider>() -> Given<D> {
    Given { rows: BTreeMap::new(), now: NOW, decider: PhantomData }
}

/// A context with this row.
pub fn given<D: Decider>(row: impl Stored) -> Given<D> {
    nothing().and(row)
}

impl<D: Decider> Given<D> {
    /// Adds a row.
    pub fn and(mut self, row: impl Stored) -> Self {
        let table = table_of(&row);
        self.rows.insert((table.keyspace, table.name, row.key()), Arc::new(row));
        self
    }

    /// Decides at this time.
    pub fn at(self, now: Micros) -> Self {
        Self { now, ..self }
    }

    /// Decides a command.
    pub fn when(self, command: impl Into<D::Command>) -> Then<D> {
        let command = command.into();
        let CommandMeta { command_id, tenant_id, actor, body_hash, .. } = command.meta().clone();
        self.decide(&Input::Command(command), command_id, tenant_id, actor, body_hash)
    }

    /// Decides a foreign event.
    pub fn when_said(self, event: impl Into<D::Foreign>) -> Then<D> {
        let event = event.into();
        let EventMeta { event_id, tenant_id, .. } = feira_contexts::ForeignEvent::source(&event).clone();
        let actor = format!("system:{}", D::CONTEXT);
        self.decide(&Input::Foreign(event), CommandId::of_event(event_id), tenant_id, actor, String::new())
    }

    /// Decides a timer that is due: now, or where it is due later, then.
    pub fn when_due(self, timer: &Timer) -> Then<D> {
        let (now, id) = (self.now.max(timer.due), CommandId::of_timer(timer.timer_id));
        let actor = format!("system:{}", D::CONTEXT);
        self.at(now).decide(&Input::Timer(timer.clone()), id, timer.tenant_id, actor, String::new())
    }

    fn decide(
        self,
        input: &Input<D::Command, D::Foreign>,
        command_id: CommandId,
        tenant_id: TenantId,
        actor: String,
        body_hash: String,
    ) -> Then<D> {
        let input_position = InputPosition { topic: "input".into(), partition: 3, offset: 42 };
        let cause = Cause { command_id, tenant_id, actor, body_hash, input: input_position };
        let context = DecisionContext { decider: D::CONTEXT, now: self.now, cause };
        let decision = self.decided(input, &context);
        let again = self.decided(input, &context);
        assert_eq!(decision.events, again.events, "the same rows, clock and command decide the same");
        let mut then = Then { rows: self.rows, decision, context, written: Vec::new(), decider: PhantomData };
        then.apply();
        then
    }

    /// Decides on rows that are loaded when they are asked for.
    fn decided(&self, input: &Input<D::Command, D::Foreign>, context: &DecisionContext) -> Decision<D::Event> {
        let mut rows = Rows::over(NotKept);
        for _ in 0..1_000 {
            match decide::<D>(input, &rows, context) {
                Ok(decision) => return decision,
                Err(Need::Rows(row_type, keys)) => {
                    is_own::<D>(&row_type.table);
                    for key in keys {
                        let place = (row_type.table.keyspace, row_type.table.name, key);
                        let row = self.rows.get(&place).cloned();
                        rows.know(&row_type.table, place.2, row);
                    }
                }
                Err(Need::Prefix(row_type, prefix)) => {
                    is_own::<D>(&row_type.table);
                    let below = self.rows.iter().filter(|((keyspace, name, key), _)| {
                        *keyspace == row_type.table.keyspace
                            && *name == row_type.table.name
                            && key.partition == prefix.partition
                            && key.clustering.starts_with(&prefix.clustering)
                    });
                    rows.know_prefix(&row_type.table, prefix.clone(), below.map(|(_, row)| Arc::clone(row)).collect());
                }
            }
        }
        panic!("the decision asks for rows without end");
    }
}

/// A context has a database of its own, and no other.
fn is_own<D: Decider>(table: &Table) {
    assert_eq!(table.keyspace, D::CONTEXT.name(), "{} is another's: {}", table.name, table.keyspace);
}

fn table_of<R: Stored>(_: &R) -> Table {
    R::TABLE
}

/// One row that an event makes or takes away.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// The row is now this.
    Put(&'static str, Value),
    /// The row is gone.
    Gone(&'static str, RowKey),
}

/// The row is now this.
pub fn put(row: impl Stored) -> Change {
    Change::Put(table_of(&row).name, serde_json::to_value(row).unwrap())
}

/// There is no such row any more.
pub fn gone<R: Stored>(key: RowKey) -> Change {
    Change::Gone(R::TABLE.name, key)
}

/// The decision that came of a command or an event, and the rows that its events make.
pub struct Then<D: Decider> {
    rows: BTreeMap<Place, Arc<dyn AnyRow>>,
    decision: Decision<D::Event>,
    context: DecisionContext,
    written: Vec<Change>,
    decider: PhantomData<D>,
}

impl<D: Decider> Then<D> {
    /// Applies the events, and holds them to what every event must keep.
    fn apply(&mut self) {
        for (index, event) in self.decision.events.iter().enumerate() {
            let meta = event.meta();
            assert_eq!(meta.write_ts, self.context.now + i64::try_from(index).unwrap());
            let mut places = Vec::new();
            for write in D::apply(event) {
                assert_eq!(write.write_ts(), meta.write_ts, "a row bears the time of its event");
                is_own::<D>(&write.table());
                let place = (write.table().keyspace, write.table().name, write.key());
                assert!(!places.contains(&place), "an event writes a row once: {place:?}");
                places.push(place.clone());
                match write {
                    Write::Put { row, .. } => {
                        self.written.push(Change::Put(place.1, row.to_json().unwrap()));
                        self.rows.insert(place, row);
                    }
                    Write::Delete { key, .. } => {
                        self.written.push(Change::Gone(place.1, key));
                        self.rows.remove(&place);
                    }
                }
            }
        }
        let answers = self.decision.events.iter().filter_map(|event| event.meta().answers.as_ref());
        assert!(answers.count() <= 1, "one event answers: {:?}", self.decision.events);
    }

    /// The databases in which the rows lie.
    pub fn keyspaces(&self) -> BTreeSet<&'static str> {
        self.rows.keys().map(|(keyspace, ..)| *keyspace).collect()
    }

    /// The common fields of the event at this index, which answers nobody.
    pub fn meta(&self, index: u32, aggregate_id: impl ToString, version: i64) -> EventMeta {
        let (cause, now) = (&self.context.cause, self.context.now);
        let number = (1 << 31) + (D::CONTEXT.number() << 24) + index;
        EventMeta {
            event_id: EventId::derive(cause.command_id, number, now),
            tenant_id: cause.tenant_id,
            aggregate_id: aggregate_id.to_string(),
            aggregate_version: version,
            write_ts: now + i64::from(index),
            causation_id: cause.command_id,
            input: cause.input.clone(),
            occurred_at: now,
            actor: cause.actor.clone(),
            answers: None,
        }
    }

    /// The common fields of the event at this index, which answers the command.
    pub fn answering(&self, index: u32, aggregate_id: impl ToString, version: i64, outcome: Outcome) -> EventMeta {
        let Cause { command_id, body_hash, .. } = self.context.cause.clone();
        let answers = Some(Answers { command_id, body_hash, outcome });
        EventMeta { answers, ..self.meta(index, aggregate_id, version) }
    }

    /// The id with this index that the decision makes for a new entity.
    pub fn derived(&self, index: u32) -> Uuid {
        ProductId::derive(self.context.cause.command_id, index, self.context.now).uuid()
    }

    /// Exactly these events came of it.
    #[track_caller]
    pub fn events(&self, events: impl IntoIterator<Item = D::Event>) -> &Self {
        assert_eq!(self.decision.events, events.into_iter().collect::<Vec<_>>());
        self
    }

    /// Exactly these rows came of the events, in their order.
    #[track_caller]
    pub fn rows(&self, changes: impl IntoIterator<Item = Change>) -> &Self {
        assert_eq!(self.written, changes.into_iter().collect::<Vec<_>>());
        self
    }

    /// The rows that came of the events.
    pub fn changes(&self) -> &[Change] {
        &self.written
    }

    /// The only event.
    #[track_caller]
    pub fn event(&self) -> &D::Event {
        let [event] = self.decision.events.as_slice() else { panic!("not one event: {:?}", self.decision.events) };
        event
    }

    /// The events.
    pub fn all(&self) -> &[D::Event] {
        &self.decision.events
    }

    /// The timers that the events set, as rows of partition 3.
    pub fn timers(&self) -> Vec<Timer> {
        let events = self.decision.events.iter().filter_map(EventSet::as_timer);
        let set = events.filter_map(|event| match event {
            TimerEvent::Set(event) => Some(Timer::of(event, 3)),
            TimerEvent::Cleared(_) => None,
        });
        set.collect()
    }

    /// The only timer that the events set.
    #[track_caller]
    pub fn timer(&self) -> Timer {
        let [timer] = <[Timer; 1]>::try_from(self.timers()).unwrap_or_else(|all| panic!("not one timer: {all:?}"));
        timer
    }

    /// The timers that are no more after the events.
    pub fn ended(&self) -> Vec<TimerKey> {
        self.decision.events.iter().filter_map(|event| event.as_timer()?.ended()).collect()
    }

    /// The commands to other contexts.
    pub fn commands(&self) -> &[Outgoing] {
        &self.decision.commands
    }

    /// The reason for which nothing can be made of a foreign event.
    pub fn set_aside(&self) -> Option<&str> {
        self.decision.set_aside.as_deref()
    }

    /// Nothing came of it, and nobody is answered.
    #[track_caller]
    pub fn nothing(&self) -> &Self {
        assert_eq!(self.decision.set_aside, None);
        assert!(self.decision.commands.is_empty(), "{:?}", self.decision.commands);
        self.events([])
    }

    /// The command is refused with this code, and nothing else came of it.
    #[track_caller]
    pub fn refused(&self, code: Code) -> &CommandAnswered {
        let answered = self.answered(Outcome::Refused);
        assert_eq!(answered.code.as_deref(), Some(code.to_string().as_str()), "{answered:?}");
        assert!(answered.detail.as_ref().is_some_and(|detail| detail.ends_with('.')), "{answered:?}");
        assert_eq!((&answered.body, &answered.entity), (&None, &None));
        answered
    }

    /// The command is refused for one field of its body.
    #[track_caller]
    pub fn refused_for(&self, pointer: &str, code: Code) {
        let answered = self.answered(Outcome::Refused);
        let errors: Vec<_> =
            answered.errors.iter().map(|error| (error.pointer.as_str(), error.code.as_str())).collect();
        assert_eq!(errors, [(pointer, code.to_string().as_str())]);
    }

    /// All is as asked already: the entity is the answer, as JSON.
    #[track_caller]
    pub fn unchanged(&self) -> Option<Value> {
        let answered = self.answered(Outcome::Unchanged);
        assert_eq!((&answered.code, &answered.detail), (&None, &None));
        assert!(answered.entity.is_some(), "{answered:?}");
        answered.body.as_ref().map(|body| serde_json::from_str(body).unwrap())
    }

    #[track_caller]
    fn answered(&self, outcome: Outcome) -> &CommandAnswered {
        let command = self.context.cause.command_id;
        let Some(answered) = self.event().as_answered() else { panic!("not refused: {:?}", self.event()) };
        assert_eq!(answered.meta, self.answering(0, command, 1, outcome));
        assert!(self.written.is_empty() && self.decision.commands.is_empty(), "{:?}", self.written);
        answered
    }

    /// The entity that the answer shows.
    #[track_caller]
    pub fn body(&self) -> Value {
        let answering = self.decision.events.iter().find(|event| event.meta().answers.is_some());
        let body = answering.and_then(D::shown).and_then(|shown| shown.json);
        serde_json::from_str(&body.expect("an event that answers with the entity")).unwrap()
    }

    /// The kind of the entity that the answer shows.
    #[track_caller]
    pub fn entity(&self) -> Option<String> {
        let answering = self.decision.events.iter().find(|event| event.meta().answers.is_some());
        let event = answering.expect("an event that answers");
        match event.as_answered() {
            Some(answered) => answered.entity.clone(),
            None => D::shown(event).map(|shown| shown.entity.to_owned()),
        }
    }

    /// The rows as they are now, a second later, given to the next command.
    pub fn then(self) -> Given<D> {
        Given { rows: self.rows, now: self.context.now + 1_000_000, decider: PhantomData }
    }
}

impl<D: Decider> Debug for Then<D> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Then").field("decision", &self.decision).field("written", &self.written).finish()
    }
}
