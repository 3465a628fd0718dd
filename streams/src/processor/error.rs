//! Errors that end a processor or stop one of its partitions.

use feira_connectors::{
    log::{LogError, LogRecord, TopicPartition},
    state::StateError,
};

/// The error that ended a processor.
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

/// A fault that stops a partition: state would differ from the log.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{at} at offset {offset}: {why}")]
pub struct Fault {
    /// Partition of the input, or of the own events, that can't be followed.
    pub at: TopicPartition,
    /// Offset of the record that stops it.
    pub offset: i64,
    /// The reason, in words.
    pub why: String,
}
