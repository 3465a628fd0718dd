//! What is at an account that its tenant lends to others.

use serde::{Deserialize, Serialize};

use crate::{
    ids::{AccountId, ChargeId, Micros, TenantId},
    row::{Row, RowKey},
    rows::table,
};

use super::ChargeOfMonthRow;

table!(LENT_REMOTE: LentRemoteRow = "payments"."lent_remote", ("tenant_id", "account_id", "remote_id"), ());
table!(LENT_CHARGE_OF_MONTH: LentChargeOfMonthRow = "payments"."lent_charge_of_month", ("tenant_id", "month"), ("newest_first", "borrower", "charge_id"));

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

/// A charge that another tenant owes at an account that its tenant lends, among those of the month in which it was asked for. It is another
/// tenant's than the key that its event has, too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LentChargeOfMonthRow {
    /// The tenant whose account it is.
    pub tenant_id: TenantId,
    /// The month in UTC, as 2026-12.
    pub month: String,
    /// Minus the time at which it was asked for, so that the newest sorts first.
    pub newest_first: i64,
    /// The tenant that it is charged to.
    pub borrower: TenantId,
    /// The charge, one of the borrower's.
    pub charge_id: ChargeId,
}

impl LentChargeOfMonthRow {
    /// The row of a borrower's charge that was asked for at this time.
    pub fn of(owner: TenantId, created_at: Micros, borrower: TenantId, charge_id: ChargeId) -> Self {
        let month = ChargeOfMonthRow::month(created_at);
        Self { tenant_id: owner, month, newest_first: -created_at, borrower, charge_id }
    }

    /// The beginning of the keys of a month's charges.
    pub fn all(owner: TenantId, month: &str) -> RowKey {
        RowKey::new([owner.uuid().into(), month.into()], [])
    }
}

impl Row for LentChargeOfMonthRow {
    fn key(&self) -> RowKey {
        let partition = [self.tenant_id.uuid().into(), self.month.as_str().into()];
        let clustering = [self.newest_first.into(), self.borrower.uuid().into(), self.charge_id.uuid().into()];
        RowKey::new(partition, clustering)
    }
}
