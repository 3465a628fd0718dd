//! Errors of the state (`StateError`), each variant named after what the caller should do about it.

/// A read or a write of rows that failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StateError {
    /// The store doesn't answer; the same call may succeed later, and repeating it is harmless.
    #[error("state is unavailable (repeat later): {0}")]
    Unavailable(String),
    /// The embedded store had a write fail and takes no more, since only a start can tell what reached the disk. Nothing is
    /// lost by that: what is missing is folded again from the log.
    #[error("state takes no more writes until this process is started again: {0}")]
    Broken(String),
    /// A stored row can't be read as the row it should be; repeating changes nothing.
    #[error("state is corrupt: {0}")]
    Corrupt(String),
    /// The call can't ever be done as it stands: a table that was not ensured, a column that doesn't exist, a partial key.
    #[error("state refused: {0}")]
    Refused(String),
}
