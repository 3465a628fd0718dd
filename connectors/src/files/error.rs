//! Errors of the file store (`FilesError`), each variant named after what the caller should do about it.

/// A file that was not kept, found or deleted.
#[derive(Debug, Clone, thiserror::Error)]
pub enum FilesError {
    /// The store doesn't answer; repeat later.
    #[error("files are unavailable (repeat later): {0}")]
    Unavailable(String),
    /// The path, type or size can't be accepted; repeating changes nothing.
    #[error("file refused: {0}")]
    Refused(String),
}
