//! Errors of requests to strangers' servers, each variant named after what the caller should do about it.

/// A request that gave no usable answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HttpError {
    /// The address is none that is asked: not http or https, or not public.
    #[error("refused: {0}")]
    Refused(String),
    /// The body has more bytes than the policy allows.
    #[error("larger than {0} bytes")]
    TooLarge(usize),
    /// The server answers that there is nothing; it will do so again.
    #[error("the server answered {0}")]
    Answered(u16),
    /// Nobody answers, or not now.
    #[error("unreachable: {0}")]
    Unreachable(String),
}

/// https can't be used, as a rule since the machine has no certificates of authorities.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("https can't be used: {0}")]
pub struct NoTls(pub(super) String);
