//! What is at an account that its tenant lends to others.

use serde::{Deserialize, Serialize};

use crate::{
    ids::{AccountId, TenantId},
    row::{Row, RowKey},
    rows::table,
};

table!(LENT_REMOTE: LentRemoteRow = "payments"."lent_remote", ("tenant_id", "account_id", "remote_id"), ());

/// The tenant whose charge or subscription a lent account's gateway knows by an id of its own. It is another tenant's than the key that
/// its event has: no decision reads it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LentRemoteRow {
    /// The tenant whose account it is.
    pub tenant_id: TenantId,
    /// The account.
    pub account_id: AccountId,
    /// The gateway's id of the charge or subscription.
    pub remote_id: String,
    /// The tenant that it is charged to.
    pub borrower: TenantId,
}

impl LentRemoteRow {
    /// The key of the row of a gateway's id.
    pub fn at(owner: TenantId, account: AccountId, remote: &str) -> RowKey {
        RowKey::new([owner.uuid().into(), account.uuid().into(), remote.into()], [])
    }
}

impl Row for LentRemoteRow {
    fn key(&self) -> RowKey {
        Self::at(self.tenant_id, self.account_id, &self.remote_id)
    }
}
