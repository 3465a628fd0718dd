//! Errors that say that something is away, so that the same call may succeed later.

use feira_connectors::{keyring::KeyringError, log::LogError, registry::RegistryError, state::StateError};

/// The error of a call on what may be away.
pub trait Unavailable {
    /// What is away, in a word, and why; `None` where waiting mends nothing.
    fn unavailable(&self) -> Option<(&'static str, &str)>;
}

impl Unavailable for LogError {
    fn unavailable(&self) -> Option<(&'static str, &str)> {
        match self {
            Self::Unavailable(why) => Some(("log", why)),
            _ => None,
        }
    }
}

impl Unavailable for StateError {
    fn unavailable(&self) -> Option<(&'static str, &str)> {
        match self {
            Self::Unavailable(why) => Some(("state", why)),
            _ => None,
        }
    }
}

impl Unavailable for RegistryError {
    fn unavailable(&self) -> Option<(&'static str, &str)> {
        match self {
            Self::Unavailable(why) => Some(("schema registry", why)),
            _ => None,
        }
    }
}

impl Unavailable for KeyringError {
    fn unavailable(&self) -> Option<(&'static str, &str)> {
        match self {
            Self::Away(why) => Some(("keyring", why)),
            _ => None,
        }
    }
}
