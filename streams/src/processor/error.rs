//! Why a processor, or one of its partitions, can't go on.

use feira_connectors::{
    log::{LogError, LogRecord, TopicPartition},
    state::StateError,
};

/// Why a processor ended.
#[derive(Debug, thiserror::Error)]
pub enum ProcessorError {
    /// The log refused, or another process took the partitions.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The state refused a row: the tables are not those of this program.
    #[error(transparent)]
    State(#[from] StateError),
    /// An own event can't be read or applied.
    #[error(transparent)]
    Broken(Fault),
}

impl ProcessorError {
    pub(super) fn broken(record: &LogRecord, why: String) -> Self {
        Self::Broken(Fault { at: record.at.clone(), offset: record.offset, why })
    }
}

/// Why a partition can't go on: state would differ from the log.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{at} at offset {offset}: {why}")]
pub struct Fault {
    /// Partition of the input, or of the own events, that can't be followed.
    pub at: TopicPartition,
    /// Offset of the record that stops it.
    pub offset: i64,
    /// What happened.
    pub why: String,
}
