//! Credentials of other systems for the payments API.

use serde::{Deserialize, Serialize};

use crate::{
    ids::{CredentialId, Micros},
    records::common::{CommandMeta, EventMeta},
};

/// State of a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CredentialStatus {
    /// `ACTIVE`: it opens the payments API.
    Active,
    /// `REVOKED`: it opens nothing.
    Revoked,
    /// A symbol of a later version.
    #[serde(other)]
    Unknown,
}

/// The credential of another system for the payments API of a shop. It opens nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credential {
    /// The credential.
    pub credential_id: CredentialId,
    /// The name by which the merchant knows it.
    pub name: String,
    /// SHA-256 of the secret, hex; the secret is kept nowhere.
    pub hash: String,
    /// The state.
    pub status: CredentialStatus,
    /// The time at which it was made.
    pub created_at: Micros,
}

/// Make a credential whose secret the caller has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssueCredential {
    /// Id, shop, asker and time of the command.
    pub meta: CommandMeta,
    /// The credential.
    pub credential_id: CredentialId,
    /// The name by which the merchant knows it.
    pub name: String,
    /// SHA-256 of the secret, hex.
    pub hash: String,
}

/// A credential shall open nothing any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevokeCredential {
    /// Id, shop, asker and time of the command.
    pub meta: CommandMeta,
    /// The credential.
    pub credential_id: CredentialId,
}

/// A credential is now this.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CredentialChanged {
    /// Id, shop, cause and time of the event.
    pub meta: EventMeta,
    /// The credential after this event.
    pub credential: Credential,
}
