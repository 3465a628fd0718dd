//! Rows that every context has in its own keyspace: answers to commands, and how far its loops have come.

use serde::{Deserialize, Serialize};

use crate::{
    ids::{CommandId, Micros, TenantId},
    records::common::{CommandResult, FieldProblem, Outcome},
    row::{KeyPart, RowKey},
    time::DAY,
};

/// How long answers are kept: a day longer than the commands that they answer are on their topic.
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
    /// How it ended.
    pub outcome: Outcome,
    /// Why it was refused.
    pub code: Option<String>,
    /// pt-BR.
    pub detail: Option<String>,
    /// Per field.
    pub errors: Vec<FieldProblem>,
    /// The entity.
    pub aggregate_id: Option<String>,
    /// Its version.
    pub version: Option<i64>,
    /// The entity as JSON.
    pub body: Option<String>,
    /// With `write_ts`: where the change stands in its context's events.
    pub partition: i64,
    /// Of the event that answers.
    pub write_ts: Micros,
}

impl Answer {
    /// Where the answer to a command lies.
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
        }
    }
}

/// How far one consumer has come in one partition.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Progress {
    /// The consumer group.
    pub consumer: String,
    /// Of the events it applies.
    pub partition: i64,
    /// Next offset of those events to apply: every earlier one is in the rows.
    pub applied: i64,
    /// Watermark: the `write_ts` of the last event that was applied or ignored.
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
    /// Where a consumer's progress in a partition lies.
    pub fn key(consumer: &str, partition: u32) -> RowKey {
        RowKey::new([consumer.into(), KeyPart::BigInt(i64::from(partition))], [])
    }
}

/// The two tables that each context has of its own. A macro, because a row type names its table.
macro_rules! context_rows {
    ($keyspace:literal) => {
        crate::rows::table!(ANSWER = $keyspace."answer", ("tenant_id", "command_id"), (), Some(crate::rows::common::ANSWERS_KEPT));
        crate::rows::progress_rows!($keyspace);

        /// An answer to a command of this context.
        #[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct AnswerRow(pub crate::rows::common::Answer);

        impl crate::row::Row for AnswerRow {
            const TABLE: &'static crate::row::Table = &ANSWER;
            fn key(&self) -> crate::row::RowKey {
                crate::rows::common::Answer::key(self.0.tenant_id, self.0.command_id)
            }
        }
        impl From<crate::rows::common::Answer> for AnswerRow {
            fn from(answer: crate::rows::common::Answer) -> Self {
                Self(answer)
            }
        }
        impl From<AnswerRow> for crate::rows::common::Answer {
            fn from(row: AnswerRow) -> Self {
                row.0
            }
        }
    };
}

/// The progress table of a context or a view.
macro_rules! progress_rows {
    ($keyspace:literal) => {
        crate::rows::table!(PROGRESS = $keyspace."progress", ("consumer", "partition"), ());

        /// How far a consumer of this keyspace has come.
        #[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct ProgressRow(pub crate::rows::common::Progress);

        impl crate::row::Row for ProgressRow {
            const TABLE: &'static crate::row::Table = &PROGRESS;
            fn key(&self) -> crate::row::RowKey {
                crate::rows::common::Progress::key(&self.0.consumer, u32::try_from(self.0.partition).unwrap_or_default())
            }
        }
        impl From<crate::rows::common::Progress> for ProgressRow {
            fn from(progress: crate::rows::common::Progress) -> Self {
                Self(progress)
            }
        }
        impl From<ProgressRow> for crate::rows::common::Progress {
            fn from(row: ProgressRow) -> Self {
                row.0
            }
        }
    };
}
pub(crate) use context_rows;
pub(crate) use progress_rows;
