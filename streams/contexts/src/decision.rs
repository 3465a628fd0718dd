//! A decision: events to append, commands to other contexts, and the one event that answers.

use feira_schemas::{
    groups::Context,
    ids::{CommandId, EffectId, EventId, Micros, TenantId, TimerId},
    limits,
    problem::Refusal,
    records::{
        EventSet, Outgoing,
        common::{
            Answers, Asked, CommandAnswered, CommandMeta, EventMeta, FieldProblem, InputPosition, Outcome,
            TimerCleared, TimerKey, TimerSet,
        },
    },
    time::{DAY, HOUR, MINUTE},
};

/// The asker of a decision, and the record by which it asks.
#[derive(Debug, Clone)]
pub struct Cause {
    /// The command; or the foreign event, or the timer, under its own id.
    pub command_id: CommandId,
    /// The shop.
    pub tenant_id: TenantId,
    /// The asker, as in the command.
    pub actor: String,
    /// SHA-256 of the request's body; empty where no request asked.
    pub body_hash: String,
    /// The place of the record in the log.
    pub input: InputPosition,
}

/// The surroundings of a decision beside its rows: its clock, its cause, and the ids it may make.
#[derive(Debug, Clone)]
pub struct DecisionContext {
    /// The context that decides. Two contexts that decide the same event at the same instant must not make the same ids.
    pub decider: Context,
    /// Microseconds, `max(wall clock, last write_ts + 1)`: the `write_ts` of the first event.
    pub now: Micros,
    /// The record that is decided upon.
    pub cause: Cause,
}

/// The entity that an event changes, and its version after the event.
pub struct EntityVersion {
    /// Id of the entity.
    pub aggregate_id: String,
    /// +1 each event of the entity.
    pub version: i64,
}

/// An entity as an answer shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The kind of the entity, of those that the context's records name.
    pub entity: &'static str,
    /// The entity as the API gives it, as JSON; `None` where it is gone, or is not to be seen.
    pub json: Option<String>,
}

/// The events and commands that an input brings about.
#[derive(Debug, Clone)]
pub struct Decision<E> {
    context: DecisionContext,
    /// The events to append, in order.
    pub events: Vec<E>,
    /// The commands to send to other contexts.
    pub commands: Vec<Outgoing>,
    /// The reason for which nothing can be made of a foreign event, which is set aside; none of any other input.
    pub set_aside: Option<String>,
}

/// A timer that a decision sets.
#[derive(Debug, Clone, Copy)]
pub struct NewTimer<'a> {
    /// The entity that is looked at again.
    pub entity: &'a str,
    /// The matter that is looked for, in the context's own words.
    pub what: &'a str,
    /// The time at which the timer is due, in microseconds since 1970; one that is past is due at once.
    pub due: Micros,
    /// The timer that this one replaces.
    pub replaces: Option<TimerKey>,
}

/// Microseconds after which a question is asked again that was asked so many times: a record that was lost is soon made good, and a
/// context that is away for long is not buried in questions.
fn asked_again_after(times: i32) -> Micros {
    match times {
        ..=1 => MINUTE,
        2 => 10 * MINUTE,
        3 => HOUR,
        _ => DAY,
    }
}

impl<E: EventSet> Decision<E> {
    /// Nothing yet.
    pub fn new(context: &DecisionContext) -> Self {
        Self { context: context.clone(), events: Vec::new(), commands: Vec::new(), set_aside: None }
    }

    /// Nothing can be made of a foreign event, for this reason: it is set aside.
    pub(crate) fn set_aside(context: &DecisionContext, why: &Refusal) -> Self {
        Self { set_aside: Some(format!("{}: {}", why.code, why.detail)), ..Self::new(context) }
    }

    /// Nothing changes, and the answer is this refusal.
    pub fn refuse(context: &DecisionContext, refusal: Refusal) -> Self {
        let mut decision = Self::new(context);
        decision.refuse_for(Some(context.answers(Outcome::Refused)), refusal);
        decision
    }

    /// Nothing changes, because all is already as asked: the answer shows the entity.
    pub fn unchanged(context: &DecisionContext, shown: Shown) -> Self {
        let mut decision = Self::new(context);
        let answers = context.answers(Outcome::Unchanged);
        decision.answer_without_change(Some(answers), None, Some(shown));
        decision
    }

    /// Refuses a command, perhaps another one than the cause.
    pub fn refuse_for(&mut self, answers: Option<Answers>, refusal: Refusal) {
        self.answer_without_change(answers, Some(refusal), None);
    }

    fn answer_without_change(&mut self, answers: Option<Answers>, refusal: Option<Refusal>, shown: Option<Shown>) {
        let of = answers.as_ref().map_or(self.context.cause.command_id, |answers| answers.command_id);
        let meta = self.meta(EntityVersion { aggregate_id: of.to_string(), version: 1 }, answers);
        let (code, detail, errors) = match refusal {
            Some(refusal) => (Some(refusal.code.to_string()), Some(refusal.detail), refusal.errors),
            None => (None, None, Vec::new()),
        };
        let errors = errors
            .into_iter()
            .map(|error| FieldProblem { pointer: error.pointer, code: error.code.to_string(), detail: error.detail })
            .collect();
        let entity = shown.as_ref().map(|shown| shown.entity.to_owned());
        let body = shown.and_then(|shown| shown.json).filter(|body| body.len() <= limits::ANSWER_BODY_BYTES);
        self.events.push(E::answered(CommandAnswered { meta, code, detail, errors, body, entity }));
    }

    /// Appends an event that answers nobody.
    pub fn event<T: Into<E>>(&mut self, entity: EntityVersion, build: impl FnOnce(EventMeta) -> T) {
        let meta = self.meta(entity, None);
        self.events.push(build(meta).into());
    }

    /// Appends the event that answers the cause.
    pub fn answer<T: Into<E>>(&mut self, outcome: Outcome, entity: EntityVersion, build: impl FnOnce(EventMeta) -> T) {
        let answers = self.context.answers(outcome);
        self.answer_for(Some(answers), entity, build);
    }

    /// Appends the event that answers another command than the cause, or none.
    pub fn answer_for<T: Into<E>>(
        &mut self,
        answers: Option<Answers>,
        entity: EntityVersion,
        build: impl FnOnce(EventMeta) -> T,
    ) {
        let meta = self.meta(entity, answers);
        self.events.push(build(meta).into());
    }

    /// Sets a timer; what it replaces is cleared by the same event. The entity keeps the key, by which it is cleared.
    pub fn set_timer(&mut self, timer: NewTimer<'_>) -> TimerKey {
        let index = u32::try_from(self.events.len()).unwrap_or(u32::MAX);
        // Ids of timers take indexes between those of events and of commands: each is of an event of its own.
        let timer_id =
            TimerId::derive(self.context.cause.command_id, (3 << 30) + self.context.index(index), self.context.now);
        let key = TimerKey::new(timer_id, timer.due, self.context.now + i64::from(index));
        let (entity, what) = (timer.entity.to_owned(), timer.what.to_owned());
        self.event(EntityVersion::new(timer_id, 1), |meta| TimerSet {
            meta,
            timer_id,
            entity,
            due: key.due,
            bucket: key.bucket,
            what,
            replaces: timer.replaces,
        });
        key
    }

    /// Clears a timer that nobody waits for any longer.
    pub fn clear_timer(&mut self, key: TimerKey) {
        let TimerKey { timer_id, due, bucket } = key;
        self.event(EntityVersion::new(timer_id, 2), |meta| TimerCleared { meta, timer_id, due, bucket });
    }

    /// Clears a timer that is decided upon, unless an event of the decision does so already.
    pub(crate) fn clear_unless_ended(&mut self, key: TimerKey) {
        let ended = self.events.iter().filter_map(|event| event.as_timer()?.ended());
        if !{ ended }.any(|ended| ended.timer_id == key.timer_id) {
            self.clear_timer(key);
        }
    }

    /// An entity asks another context something, first or again: the timer by which it will ask again is set in the place of the
    /// one before. The entity keeps what comes back until it is answered; the command is the caller's to send.
    pub fn ask(&mut self, entity: &str, what: &str, before: Option<&Asked>) -> Asked {
        let asked = before.filter(|before| before.what == what);
        let times = asked.map_or(1, |asked| asked.times.saturating_add(1));
        let (due, replaces) = (self.context.now + asked_again_after(times), before.map(|before| before.timer));
        let timer = self.set_timer(NewTimer { entity, what, due, replaces });
        Asked { what: what.to_owned(), since: asked.map_or(self.context.now, |asked| asked.since), times, timer }
    }

    /// The common fields of a command that this decision sends.
    pub fn command_meta(&self, tenant_id: TenantId, actor: &str) -> CommandMeta {
        let index = u32::try_from(self.commands.len()).unwrap_or(u32::MAX);
        CommandMeta {
            command_id: self.context.cause.command_id.follow_up(self.context.index(index), self.context.now),
            tenant_id,
            actor: actor.to_owned(),
            issued_at: self.context.now,
            body_hash: String::new(),
            keyed: false,
            expected_version: None,
        }
    }

    fn meta(&self, entity: EntityVersion, answers: Option<Answers>) -> EventMeta {
        let index = u32::try_from(self.events.len()).unwrap_or(u32::MAX);
        let cause = &self.context.cause;
        EventMeta {
            // Event ids take indexes from the middle of the range, apart from entities' (low) and commands' (high).
            event_id: EventId::derive(cause.command_id, (1 << 31) + self.context.index(index), self.context.now),
            tenant_id: cause.tenant_id,
            aggregate_id: entity.aggregate_id,
            aggregate_version: entity.version,
            write_ts: self.context.now + i64::from(index),
            causation_id: cause.command_id,
            input: cause.input.clone(),
            occurred_at: self.context.now,
            actor: cause.actor.clone(),
            answers,
        }
    }
}

impl DecisionContext {
    /// The index from which an id is derived, of the context's own range: a decision makes far fewer than 2^24 of a kind.
    fn index(&self, index: u32) -> u32 {
        (self.decider.number() << 24) + index
    }

    /// The id of a mail that the decision's event of this index asks for. They take indexes between those of events and of timers.
    pub(crate) fn mail_id(&self, event: usize) -> EffectId {
        let index = self.index(u32::try_from(event).unwrap_or(u32::MAX));
        EffectId::derive(self.cause.command_id, (5 << 29) + index, self.now)
    }

    /// Says that an event answers the cause.
    pub fn answers(&self, outcome: Outcome) -> Answers {
        Answers { command_id: self.cause.command_id, body_hash: self.cause.body_hash.clone(), outcome }
    }
}

impl Shown {
    /// An entity of this kind, and its JSON.
    pub fn new(entity: &'static str, json: impl ToString) -> Self {
        Self { entity, json: Some(json.to_string()) }
    }

    /// An entity of this kind that is gone, or is not to be seen.
    pub fn without_json(entity: &'static str) -> Self {
        Self { entity, json: None }
    }
}

impl EntityVersion {
    /// An entity that an event makes this version.
    pub fn new(aggregate_id: impl ToString, version: i64) -> Self {
        Self { aggregate_id: aggregate_id.to_string(), version }
    }
}
