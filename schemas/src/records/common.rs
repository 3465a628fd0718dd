//! The types that the records of all contexts share: the common fields of commands and events, outcomes and answers.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use crate::{
    ids::{CommandId, EventId, Micros, TenantId, TimerId},
    time::hour_of,
};

/// The outcome of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Outcome {
    /// `CREATED`.
    Created,
    /// `UPDATED`.
    Updated,
    /// `DELETED`.
    Deleted,
    /// `UNCHANGED`.
    Unchanged,
    /// `REFUSED`.
    Refused,
    /// `FAILED`.
    Failed,
    /// A symbol of a later version.
    #[serde(other)]
    Unknown,
}

/// A field of a body that is wrong, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldProblem {
    /// JSON Pointer (RFC 6901).
    pub pointer: String,
    /// The code from the closed list.
    pub code: String,
    /// pt-BR.
    pub detail: String,
}

/// The actor of who asks by the operator's token.
pub const OPERATOR: &str = "operator";

/// The fields that every command has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandMeta {
    /// UUID; derived from the client's Idempotency-Key where it sent one.
    pub command_id: CommandId,
    /// UUID of the shop.
    pub tenant_id: TenantId,
    /// The asker: token:<first 8 of its hash>, operator, or system:<context>.
    pub actor: String,
    /// The time at which the API took the command.
    pub issued_at: Micros,
    /// SHA-256 of the request's body, hex; empty if the command was not made by a request.
    pub body_hash: String,
    /// True if the client chose the id by an Idempotency-Key: then an earlier answer is looked up.
    pub keyed: bool,
    /// The version that the change is meant for, from If-Match.
    #[serde(default)]
    pub expected_version: Option<i64>,
}

/// The record that was decided. Of a timer the topic is [`topics::TIMER`](crate::topics::TIMER), and the offset -1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputPosition {
    /// Topic.
    pub topic: String,
    /// Partition.
    pub partition: i32,
    /// Offset.
    pub offset: i64,
}

/// Marks the event that answers a command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answers {
    /// The command.
    pub command_id: CommandId,
    /// The hash of the command's body.
    pub body_hash: String,
    /// The outcome of the command.
    pub outcome: Outcome,
}

/// The fields that every event has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventMeta {
    /// UUIDv7.
    pub event_id: EventId,
    /// The shop.
    pub tenant_id: TenantId,
    /// The entity that changed.
    pub aggregate_id: String,
    /// 1 for the entity's first event, then +1 each.
    pub aggregate_version: i64,
    /// Microseconds; strictly increasing within a partition; the write timestamp of every row made from this event.
    pub write_ts: i64,
    /// The command, foreign event or timer that was decided.
    pub causation_id: CommandId,
    /// The place of that record in the log.
    pub input: InputPosition,
    /// The time at which the event was decided.
    pub occurred_at: Micros,
    /// The asker, as in the command.
    pub actor: String,
    /// Set on the one event that answers a command.
    #[serde(default)]
    pub answers: Option<Answers>,
}

/// A command that changed nothing: refused, unchanged or failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandAnswered {
    /// Id, shop, cause and time of the event.
    pub meta: EventMeta,
    /// The code from the closed list; null if not refused.
    #[serde(default)]
    pub code: Option<String>,
    /// pt-BR.
    #[serde(default)]
    pub detail: Option<String>,
    /// The errors of fields.
    #[serde(default)]
    pub errors: Vec<FieldProblem>,
    /// The entity as it is, as JSON; null if there is none.
    #[serde(default)]
    pub body: Option<String>,
    /// The kind of the entity: product, category, settings and so on; null if nothing is shown, and in events of before.
    #[serde(default)]
    pub entity: Option<String>,
}

/// A timer, and where its row lies. Keys sort as the rows do: by hour, and within it by due time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TimerKey {
    /// The timer: one with one due time, never set again.
    pub timer_id: TimerId,
    /// The time at which the timer is due: never before.
    pub due: Micros,
    /// The beginning of the hour that the timer's row lies in: that of `due`, or of `write_ts` of the event that set it where that
    /// is later.
    pub bucket: Micros,
}

impl TimerKey {
    /// The key of a timer that an event of this `write_ts` sets.
    pub fn new(timer_id: TimerId, due: Micros, write_ts: Micros) -> Self {
        Self { timer_id, due, bucket: hour_of(due.max(write_ts)) }
    }

    /// The key's place among those of its partition.
    fn place(&self) -> (Micros, Micros, TimerId) {
        (self.bucket, self.due, self.timer_id)
    }
}

impl Ord for TimerKey {
    fn cmp(&self, other: &Self) -> Ordering {
        self.place().cmp(&other.place())
    }
}

impl PartialOrd for TimerKey {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// A timer is set: when it is due, the context that set it looks at the entity again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimerSet {
    /// Id, shop, cause and time of the event. The aggregate is the timer.
    pub meta: EventMeta,
    /// See [`TimerKey`].
    pub timer_id: TimerId,
    /// The entity of the context that is looked at again.
    pub entity: String,
    /// See [`TimerKey`].
    pub due: Micros,
    /// See [`TimerKey`]. No timer is ever set into an hour that was swept.
    pub bucket: Micros,
    /// The matter that is looked for; each context has its own words for it.
    pub what: String,
    /// The timer that is cleared by this event.
    #[serde(default)]
    pub replaces: Option<TimerKey>,
}

impl TimerSet {
    /// The key of the timer that is set.
    pub fn key(&self) -> TimerKey {
        TimerKey { timer_id: self.timer_id, due: self.due, bucket: self.bucket }
    }
}

/// A timer is no more: it was due and decided upon, or nobody waits for it any longer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimerCleared {
    /// Id, shop, cause and time of the event. The aggregate is the timer.
    pub meta: EventMeta,
    /// See [`TimerKey`].
    pub timer_id: TimerId,
    /// See [`TimerKey`].
    pub due: Micros,
    /// See [`TimerKey`].
    pub bucket: Micros,
}

impl TimerCleared {
    /// The key of the timer that is no more.
    pub fn key(&self) -> TimerKey {
        TimerKey { timer_id: self.timer_id, due: self.due, bucket: self.bucket }
    }
}

/// An event of a timer, of whatever context.
#[derive(Debug, Clone, Copy)]
pub enum TimerEvent<'a> {
    /// A timer is set.
    Set(&'a TimerSet),
    /// A timer is no more.
    Cleared(&'a TimerCleared),
}

impl TimerEvent<'_> {
    /// The timer that is no more after this event: the one that is cleared, or that another replaces.
    pub fn ended(&self) -> Option<TimerKey> {
        match self {
            Self::Set(event) => event.replaces,
            Self::Cleared(event) => Some(event.key()),
        }
    }
}

/// A question of an entity to another context that was not answered yet. It is asked again by the timer; asking twice is asking once,
/// by the id inside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// The question; each context has its own words for it.
    pub what: String,
    /// The time at which it was asked first, or will be.
    pub since: Micros,
    /// The number of times that it was asked so far; 0: it is asked first when the timer is due.
    pub times: i32,
    /// The timer by which it is asked again.
    pub timer: TimerKey,
}

/// The answer to a command, for whoever waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandResult {
    /// The command.
    pub command_id: CommandId,
    /// The shop.
    pub tenant_id: TenantId,
    /// Hash of the body that was decided; another hash under the same id is another body.
    pub body_hash: String,
    /// The outcome of the command.
    pub outcome: Outcome,
    /// The code of the refusal; null if not refused.
    #[serde(default)]
    pub code: Option<String>,
    /// pt-BR.
    #[serde(default)]
    pub detail: Option<String>,
    /// The errors of fields.
    #[serde(default)]
    pub errors: Vec<FieldProblem>,
    /// The entity.
    #[serde(default)]
    pub aggregate_id: Option<String>,
    /// The entity's version.
    #[serde(default)]
    pub version: Option<i64>,
    /// The entity as JSON.
    #[serde(default)]
    pub body: Option<String>,
    /// The context; with partition and write_ts it makes the position from which on the change is visible.
    pub context: String,
    /// See context.
    pub partition: i32,
    /// See context.
    pub write_ts: i64,
    /// The kind of the entity: product, category, settings and so on; null if the command was refused.
    #[serde(default)]
    pub entity: Option<String>,
}
