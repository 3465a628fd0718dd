//! Opening what is sealed in rows and answers, for the length of one answer. What is opened is kept nowhere.

use feira_connectors::keyring::{KeyringError, Opened};
use feira_schemas::{
    ids::TenantId,
    sealed::{Personal, Sealed},
};

use crate::{context::Api, problem::Problem};

/// Opens a value of a tenant; `None` where it was erased.
///
/// # Errors
/// 503 where the keyring is away. A key that is lost is no erased one: 503, too.
pub async fn opened<T: Personal>(api: &Api, tenant: TenantId, sealed: &Sealed<T>) -> Result<Option<T>, Problem> {
    match api.keyring.unseal(tenant, sealed).await? {
        Opened::Value(value) => Ok(Some(value)),
        Opened::Erased => Ok(None),
        Opened::Lost => Err(Problem::unavailable("a data key is lost")),
    }
}

impl From<KeyringError> for Problem {
    fn from(error: KeyringError) -> Self {
        match error {
            KeyringError::Away(_) | KeyringError::Broken(_) => Self::unavailable(error),
            KeyringError::Forged | KeyringError::Corrupt(_) | KeyringError::Refused(_) => Self::internal(error),
        }
    }
}
