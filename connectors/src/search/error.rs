//! Errors of search shards (`ShardError`).

/// A call on a shard that failed.
#[derive(Debug, thiserror::Error)]
pub enum ShardError {
    /// The cursor is malformed, or it belongs to another tenant, query or sort.
    #[error("the cursor does not belong to this query")]
    BadCursor,
    /// The configuration contradicts itself.
    #[error("search configuration: {0}")]
    Config(String),
    /// A limit of the machine or a fault of the disk; the shard's files are left as they are.
    #[error("search shard {shard}: {reason}")]
    Storage {
        /// The shard, as `<partition>/<tenant>`.
        shard: String,
        /// The error in the library's words.
        reason: String,
    },
    /// This process has no shards of the partition, or does not have all of them yet; another process may.
    #[error("the shops of partition {partition} are not searched by this process, or not yet")]
    Elsewhere {
        /// The number of the partition of events.
        partition: u32,
    },
    /// The pool is closed, or the task that worked on the shard ended early.
    #[error("search shards are closed")]
    Closed,
}
