//! Errors of the schema registry (`RegistryError`), each variant named after what the caller should do about it.

/// A call on the schema registry that failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum RegistryError {
    /// The registry doesn't answer; repeat later.
    #[error("the schema registry is unavailable (repeat later): {0}")]
    Unavailable(String),
    /// The schema and a version that is registered can't read each other's records.
    #[error("schema of {subject} is incompatible: {why}")]
    Incompatible {
        /// The subject.
        subject: String,
        /// The difference between the two schemas.
        why: String,
    },
    /// There is no such subject, version or id.
    #[error("the schema registry has no {0}")]
    NotFound(String),
    /// The text is no Avro schema, or the answer can't be used; repeating changes nothing.
    #[error("the schema registry refused: {0}")]
    Refused(String),
}
