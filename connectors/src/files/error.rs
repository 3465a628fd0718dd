//! What can go wrong with files, by what the caller should do about it.

/// Why a file was not kept or found.
#[derive(Debug, Clone, thiserror::Error)]
pub enum FilesError {
    /// The store doesn't answer; repeat later.
    #[error("files are unavailable (repeat later): {0}")]
    Unavailable(String),
    /// The path, type or size can't be accepted; repeating changes nothing.
    #[error("file refused: {0}")]
    Refused(String),
}
