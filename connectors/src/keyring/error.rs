//! Errors of the keyring (`KeyringError`), each variant named after what the caller should do about it. None holds a key or a value.

/// A key that was not minted, found, erased or wrapped anew.
#[derive(Debug, Clone, thiserror::Error)]
pub enum KeyringError {
    /// The store of keys doesn't answer, or the master key of this data key is not configured here yet; repeat later. Nothing is known
    /// about the value, least of all that it was erased.
    #[error("the keyring is unavailable (repeat later): {0}")]
    Away(String),
    /// The embedded store had a write fail and takes no more, since only a start can tell what reached the disk.
    #[error("the keyring takes no more keys until this process is started again: {0}")]
    Broken(String),
    /// The sealed value does not open by its own key: it was changed, or moved from another shop or field.
    #[error("a sealed value is not as it was sealed: it was changed, or is another shop's or field's")]
    Forged,
    /// A stored row can't be read; the text names the place. Repeating changes nothing.
    #[error("the keyring is corrupt: {0}")]
    Corrupt(String),
    /// The call, the store or the master keys can't be used as they are; the text says what to do.
    #[error("the keyring refused: {0}")]
    Refused(String),
}

impl From<crate::state::StateError> for KeyringError {
    fn from(error: crate::state::StateError) -> Self {
        use crate::state::StateError;
        match error {
            StateError::Unavailable(why) => Self::Away(why),
            StateError::Broken(why) => Self::Broken(why),
            StateError::Corrupt(why) => Self::Corrupt(why),
            StateError::Refused(why) => Self::Refused(why),
        }
    }
}
