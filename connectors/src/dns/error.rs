//! Errors of the resolver port, each variant named after what it says of the name that was asked for.

/// A question that has no records for an answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DnsError {
    /// There is no such name.
    #[error("the name does not exist")]
    NoSuchName,
    /// No name server has answered; one may later.
    #[error("no name server answers: {0}")]
    Timeout(String),
    /// A name server does not answer this: it refuses, or has failed itself.
    #[error("a name server refuses: {0}")]
    Refused(String),
    /// No name server can be asked as it is set; the text says why.
    #[error("names can't be resolved as it is set: {0}")]
    Settings(String),
}
