//! Errors of the log (`LogError`), each variant named after what the caller should do about it.

/// A failed call on a log.
#[derive(Clone, Debug, thiserror::Error)]
pub enum LogError {
    /// The dependency is down or slow. Wait, then repeat. For a write the outcome is unknown.
    #[error("the log is unavailable: {0}")]
    Unavailable(String),
    /// Another owner took over, or a transaction hangs beyond help. Fatal for this member: drop it; as a rule the
    /// process ends.
    #[error("this member of the group is fenced: {0}")]
    Fenced(String),
    /// The transaction was rolled back and nothing was committed. Rewind to the committed positions and repeat.
    #[error("the transaction was aborted: {0}")]
    Aborted(String),
    /// The request or the topics' configuration is wrong; repeating it changes nothing. The text says what to do.
    #[error("refused: {0}")]
    Refused(String),
    /// A record is over the limit; nothing was written.
    #[error("a record for {topic} holds {size} bytes, over the limit of {limit}")]
    TooLarge {
        /// The topic it was meant for.
        topic: String,
        /// The record's size in bytes.
        size: usize,
        /// The limit it exceeds: [`super::MAX_RECORD_BYTES`] or [`super::MAX_HEADER_BYTES`].
        limit: usize,
    },
    /// Another process holds the data folder.
    #[error("the log's folder {folder} is in use by process {pid}")]
    Locked {
        /// The data folder's path.
        folder: String,
        /// The process that holds it.
        pid: u32,
    },
    /// Stored bytes can't be decoded; the text names the place.
    #[error("the log is corrupt: {0}")]
    Corrupt(String),
    /// A write or fsync of the embedded log failed (as a rule the disk is full), and it takes no more writes until
    /// the process is restarted. Nothing of the failed write is visible.
    #[error("the log can't be written until the process is restarted: {0}")]
    Broken(String),
}
