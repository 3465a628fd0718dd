//! What can go wrong with a registry, by what the caller should do about it.

/// Why the registry didn't do as asked.
#[derive(Debug, Clone, thiserror::Error)]
pub enum RegistryError {
    /// It doesn't answer; repeat later.
    #[error("the schema registry is unavailable (repeat later): {0}")]
    Unavailable(String),
    /// The schema and a version that is registered can't read each other's records.
    #[error("schema of {subject} is incompatible: {why}")]
    Incompatible {
        /// The subject.
        subject: String,
        /// What differs.
        why: String,
    },
    /// There is no such subject, version or id.
    #[error("the schema registry has no {0}")]
    NotFound(String),
    /// The text is no Avro schema, or the answer can't be used; repeating changes nothing.
    #[error("the schema registry refused: {0}")]
    Refused(String),
}
