//! Opening what is sealed, for the length of an attempt.

use feira_connectors::keyring::{Keyring, KeyringError, Opened};
use feira_schemas::{
    ids::TenantId,
    sealed::{Personal, Sealed},
};

/// The reason for which a sealed value is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NotOpened {
    /// It was erased: nobody can open it any more.
    Erased,
    /// The keyring does not answer: it is asked again.
    Away(String),
    /// The key is lost, or the bytes are not as they were sealed: a person must look. An alarm was raised where it was found.
    Lost(String),
}

/// Opens a value.
pub(super) async fn open<T: Personal>(keyring: &Keyring, tenant: TenantId, sealed: &Sealed<T>) -> Result<T, NotOpened> {
    match keyring.unseal(tenant, sealed).await {
        Ok(Opened::Value(value)) => Ok(value),
        Ok(Opened::Erased) => Err(NotOpened::Erased),
        Ok(Opened::Lost) => Err(NotOpened::Lost("a data key is lost".to_owned())),
        Err(KeyringError::Away(why) | KeyringError::Broken(why)) => Err(NotOpened::Away(why)),
        Err(error) => Err(NotOpened::Lost(error.to_string())),
    }
}

/// Opens a value that may be absent.
pub(super) async fn open_some<T: Personal>(
    keyring: &Keyring,
    tenant: TenantId,
    sealed: Option<&Sealed<T>>,
) -> Result<Option<T>, NotOpened> {
    match sealed {
        Some(sealed) => open(keyring, tenant, sealed).await.map(Some),
        None => Ok(None),
    }
}
