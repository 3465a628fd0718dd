//! Rows that every context has in its own keyspace: answers to commands, and how far its loops have come.

use serde::{Deserialize, Serialize};

use super::generation_of;
use crate::{
    ids::{CommandId, Micros, TenantId, TimerId},
    records::common::{CommandResult, FieldProblem, Outcome, TimerKey, TimerSet},
    row::{KeyPart, Row, RowKey, Table},
    time::DAY,
};

/// The microseconds for which answers are kept: a day longer than the commands that they answer are on their topic.
pub const ANSWERS_KEPT: Micros = 8 * DAY;

/// The answer to a command, kept so that the same `Idempotency-Key` gets it again and `/commands/{id}` can show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The shop.
    pub tenant_id: TenantId,
    /// The command.
    pub command_id: CommandId,
    /// SHA-256 of the request's body, hex.
    pub body_hash: String,
    /// The outcome of the command.
    pub outcome: Outcome,
    /// The code of the refusal; `None` if not refused.
    pub code: Option<String>,
    /// pt-BR.
    pub detail: Option<String>,
    /// The errors of fields.
    pub errors: Vec<FieldProblem>,
    /// The entity.
    pub aggregate_id: Option<String>,
    /// The entity's version.
    pub version: Option<i64>,
    /// The kind of the entity: product, category, settings and so on; `None` if the command was refused.
    pub entity: Option<String>,
    /// The entity as JSON, as the APIs give it.
    pub body: Option<String>,
    /// The partition; with `write_ts` it says where the change stands in its context's events.
    pub partition: i64,
    /// The `write_ts` of the event that answers, in microseconds.
    pub write_ts: Micros,
}

impl Answer {
    /// The key of the row with the answer to a command.
    pub fn key(tenant: TenantId, command: CommandId) -> RowKey {
        RowKey::new([tenant.uuid().into(), command.uuid().into()], [])
    }

    /// The record for whoever waits.
    pub fn into_result(self, context: &str) -> CommandResult {
        CommandResult {
            command_id: self.command_id,
            tenant_id: self.tenant_id,
            body_hash: self.body_hash,
            outcome: self.outcome,
            code: self.code,
            detail: self.detail,
            errors: self.errors,
            aggregate_id: self.aggregate_id,
            version: self.version,
            body: self.body,
            context: context.to_owned(),
            partition: i32::try_from(self.partition).unwrap_or_default(),
            write_ts: self.write_ts,
            entity: self.entity,
        }
    }
}

/// The progress of one consumer in one partition.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Progress {
    /// The consumer group.
    pub consumer: String,
    /// Partition of the events that it applies.
    pub partition: i64,
    /// Next offset of those events to apply: every earlier one is in the rows.
    pub applied: i64,
    /// The position reached: the `write_ts` of the last event that was applied or ignored, in microseconds since 1970.
    pub write_ts: Micros,
    /// For each foreign input: how far it is decided, and which own events that made.
    pub inputs: Vec<InputProgress>,
}

/// The translation of a token: a foreign event up to `decided_ts` is in own events up to `own_ts`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputProgress {
    /// The foreign context.
    pub context: String,
    /// `write_ts` of the last foreign event that was decided.
    pub decided_ts: Micros,
    /// `write_ts` of the last own event at that moment.
    pub own_ts: Micros,
}

impl Progress {
    /// The consumer under whose name a context's timers are, beside its processor: `write_ts` is the beginning of the first hour in
    /// which one may wait. A hint: without it every hour since the first event is looked at.
    pub fn timers_of(processor: &str) -> String {
        format!("{processor}.timers")
    }

    /// The key of the row with a consumer's progress in a partition.
    pub fn key(consumer: &str, partition: u32) -> RowKey {
        RowKey::new([consumer.into(), KeyPart::BigInt(i64::from(partition))], [])
    }
}

impl Row for Answer {
    fn key(&self) -> RowKey {
        Self::key(self.tenant_id, self.command_id)
    }
}

impl Row for Progress {
    fn key(&self) -> RowKey {
        Self::key(&self.consumer, u32::try_from(self.partition).unwrap_or_default())
    }
}

/// An entity whose records wait in a view's retry topic: its later records follow it there, in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parked {
    /// The view's consumer group.
    pub consumer: String,
    /// Partition of the events, and of the retry topic.
    pub partition: i64,
    /// `<tenant>/<aggregate>`.
    pub entity: String,
    /// The shop.
    pub tenant_id: TenantId,
    /// Offsets of its records in the retry topic, oldest first.
    pub offsets: Vec<i64>,
    /// Tries of the oldest record so far.
    pub tries: i64,
    /// The time of the next try, in microseconds since 1970.
    pub due: Micros,
    /// The time of the first failure.
    pub first_failed: Micros,
    /// The message of the last failure.
    pub error: String,
}

impl Parked {
    /// The beginning of the keys of all that is parked of a partition.
    pub fn all(consumer: &str, partition: u32) -> RowKey {
        RowKey::new([consumer.into(), KeyPart::BigInt(i64::from(partition))], [])
    }
    /// The key of an entity's row.
    pub fn at(consumer: &str, partition: u32, entity: &str) -> RowKey {
        RowKey { clustering: vec![entity.into()], ..Self::all(consumer, partition) }
    }
}

impl Row for Parked {
    fn key(&self) -> RowKey {
        Self::at(&self.consumer, u32::try_from(self.partition).unwrap_or_default(), &self.entity)
    }
}

/// A timer that waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timer {
    /// The partition of the context's events, whose owner decides upon the timer.
    pub partition: i64,
    /// See [`TimerKey`].
    pub bucket: Micros,
    /// See [`TimerKey`].
    pub due: Micros,
    /// See [`TimerKey`].
    pub timer_id: TimerId,
    /// The shop.
    pub tenant_id: TenantId,
    /// The entity of the context that is looked at again.
    pub entity: String,
    /// The matter that is looked for; each context has its own words for it.
    pub what: String,
}

impl Timer {
    /// The timer that an event of this partition sets.
    pub fn of(event: &TimerSet, partition: u32) -> Self {
        Self {
            partition: i64::from(partition),
            bucket: event.bucket,
            due: event.due,
            timer_id: event.timer_id,
            tenant_id: event.meta.tenant_id,
            entity: event.entity.clone(),
            what: event.what.clone(),
        }
    }

    /// The timer's key among those of its partition.
    pub fn timer_key(&self) -> TimerKey {
        TimerKey { timer_id: self.timer_id, due: self.due, bucket: self.bucket }
    }

    /// The beginning of the keys of all timers of an hour.
    pub fn all(partition: u32, bucket: Micros) -> RowKey {
        RowKey::new([KeyPart::BigInt(i64::from(partition)), KeyPart::BigInt(bucket)], [])
    }

    /// The key of a timer's row.
    pub fn at(partition: u32, key: &TimerKey) -> RowKey {
        let clustering = vec![KeyPart::BigInt(key.due), key.timer_id.uuid().into()];
        RowKey { clustering, ..Self::all(partition, key.bucket) }
    }
}

impl Row for Timer {
    fn key(&self) -> RowKey {
        Self::at(u32::try_from(self.partition).unwrap_or_default(), &self.timer_key())
    }
}

/// The table of a context's answers.
pub const fn answers_of(keyspace: &'static str) -> Table {
    let partition_key = &["tenant_id", "command_id"];
    let kept = Some(ANSWERS_KEPT);
    Table { keyspace, name: "answer", generation: generation_of(keyspace), partition_key, clustering_key: &[], kept }
}

/// The table of how far a keyspace's consumers have come.
pub const fn progress_of(keyspace: &'static str) -> Table {
    let partition_key = &["consumer", "partition"];
    Table {
        keyspace,
        name: "progress",
        generation: generation_of(keyspace),
        partition_key,
        clustering_key: &[],
        kept: None,
    }
}

/// The table of what a view has parked.
pub const fn parked_of(keyspace: &'static str) -> Table {
    Table { name: "parked", clustering_key: &["entity"], ..progress_of(keyspace) }
}

/// The table of a context's timers: by partition, as a loop reads them, and in it by the hour.
pub const fn timers_of(keyspace: &'static str) -> Table {
    Table {
        keyspace,
        name: "timer",
        generation: generation_of(keyspace),
        partition_key: &["partition", "bucket"],
        clustering_key: &["due", "timer_id"],
        kept: None,
    }
}

/// The tables that each context has of its own, each with a row type that names it.
macro_rules! context_rows {
    ($keyspace:literal) => {
        crate::rows::progress_rows!($keyspace);
        crate::rows::common::own_rows!(
            /// An answer to a command of this context.
            AnswerRow(Answer) in ANSWER = answers_of($keyspace)
        );
        crate::rows::common::own_rows!(
            /// A timer of this context that waits.
            TimerRow(Timer) in TIMER = timers_of($keyspace)
        );
    };
}

/// The progress table of a context or a view.
macro_rules! progress_rows {
    ($keyspace:literal) => {
        crate::rows::common::own_rows!(
            /// The progress of a consumer of this keyspace.
            ProgressRow(Progress) in PROGRESS = progress_of($keyspace)
        );
    };
}

/// A table that several keyspaces have, in one of them, and its row.
macro_rules! own_rows {
    ($(#[$doc:meta])* $row:ident($shape:ident) in $table:ident = $of:ident($keyspace:literal)) => {
        #[doc = concat!("See [`", stringify!($row), "`].")]
        pub const $table: crate::row::Table = crate::rows::common::$of($keyspace);

        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $row(pub crate::rows::common::$shape);

        impl crate::row::Row for $row {
            fn key(&self) -> crate::row::RowKey {
                crate::row::Row::key(&self.0)
            }
        }
        impl crate::row::Stored for $row {
            const TABLE: crate::row::Table = $table;
        }
        impl From<crate::rows::common::$shape> for $row {
            fn from(row: crate::rows::common::$shape) -> Self {
                Self(row)
            }
        }
        impl From<$row> for crate::rows::common::$shape {
            fn from(row: $row) -> Self {
                row.0
            }
        }
    };
}
pub(crate) use context_rows;
pub(crate) use own_rows;
pub(crate) use progress_rows;
