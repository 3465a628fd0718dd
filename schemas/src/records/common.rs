//! The types that the records of all contexts share: the common fields of commands and events, outcomes and answers.

use serde::{Deserialize, Serialize};

use crate::ids::{CommandId, EventId, Micros, TenantId};

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

/// The record that was decided.
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
    /// The command (or foreign event) that was decided.
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
