//! The rows of the keyring, which are no fold of the log: the keyring port alone reads and writes them, in a store of their own. So
//! they are of no generation that another could follow, and stand in none of the lists of rows that are folded.

use serde::{Deserialize, Serialize};

use crate::{
    ids::{KeyId, Micros, TenantId},
    row::{Row, RowKey, RowType, Stored, Table},
};

/// The keyspace without its prefix.
pub const KEYSPACE: &str = "keyring";
/// The text of the keyspace's file in `schemas/cql`.
pub const CQL: &str = include_str!("../../cql/keyring.cql");
/// The generation in the tables' names, for ever.
pub const GENERATION: u32 = 1;

/// `feira_keyring.data_key`.
pub const DATA_KEY: Table = Table {
    keyspace: KEYSPACE,
    name: "data_key",
    generation: GENERATION,
    partition_key: &["tenant_id", "subject"],
    clustering_key: &["key_id"],
    kept: None,
};

/// `feira_keyring.master_key`.
pub const MASTER_KEY: Table = Table {
    keyspace: KEYSPACE,
    name: "master_key",
    generation: GENERATION,
    partition_key: &["master_id"],
    clustering_key: &[],
    kept: None,
};

/// `feira_keyring.secret`.
pub const SECRET: Table = Table {
    keyspace: KEYSPACE,
    name: "secret",
    generation: GENERATION,
    partition_key: &["secret_id"],
    clustering_key: &[],
    kept: None,
};

/// The type of each table's rows.
pub const ROWS: &[RowType] =
    &[*RowType::of::<DataKeyRow>(), *RowType::of::<MasterKeyRow>(), *RowType::of::<SecretRow>()];

/// A data key, wrapped by a master key, or the tombstone of one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataKeyRow {
    /// The shop, or the platform.
    pub tenant_id: TenantId,
    /// The text of the subject whose values the key seals.
    pub subject: String,
    /// The key's random id.
    pub key_id: KeyId,
    /// The master key's id, a point, and nonce and ciphertext in base64url: one cell, so that no two writes can leave the id of one
    /// master key beside the ciphertext of another. Null once the key is erased.
    pub wrapped: Option<String>,
    /// The time at which the key was made.
    pub made_at: Micros,
    /// The number of times that the key was wrapped anew.
    pub rotation: i64,
    /// The time at which the key was erased: then no value of it opens, whatever `wrapped` holds.
    pub erased_at: Option<Micros>,
}

impl Stored for DataKeyRow {
    const TABLE: Table = DATA_KEY;
}

impl Row for DataKeyRow {
    fn key(&self) -> RowKey {
        RowKey::new([self.tenant_id.uuid().into(), self.subject.as_str().into()], [self.key_id.uuid().into()])
    }
}

/// A master key's sentinel: a value that this master key alone opens, by which a wrong one is known before it wraps anything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MasterKeyRow {
    /// The master key's id.
    pub master_id: String,
    /// Nonce and ciphertext as in [`DataKeyRow::wrapped`].
    pub wrapped: String,
    /// The time at which the sentinel was made.
    pub made_at: Micros,
}

impl Stored for MasterKeyRow {
    const TABLE: Table = MASTER_KEY;
}

impl Row for MasterKeyRow {
    fn key(&self) -> RowKey {
        RowKey::new([self.master_id.as_str().into()], [])
    }
}

/// What tells a secret of the deployment from another under its id, by which a wrong one is known before anything is derived from it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecretRow {
    /// The secret's id.
    pub secret_id: String,
    /// Derived from the secret, which it does not tell: 32 hex digits.
    pub fingerprint: String,
    /// The time at which a process had this secret first.
    pub made_at: Micros,
}

impl Stored for SecretRow {
    const TABLE: Table = SECRET;
}

impl Row for SecretRow {
    fn key(&self) -> RowKey {
        RowKey::new([self.secret_id.as_str().into()], [])
    }
}
