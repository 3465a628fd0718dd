//! Rows of payments' reconciliation: differences, and what was asked for and done.

use serde::{Deserialize, Serialize};

use super::table;
use crate::{
    ids::{AccountId, DifferenceId, Micros, TenantId},
    records::payments::Difference,
    row::{KeyPart, Row, RowKey},
};

table!(DIFFERENCE: DifferenceRow = "payments"."difference", ("tenant_id"), ("difference_id"));
table!(OPEN_DIFFERENCE: OpenDifferenceRow = "payments"."open_difference", ("partition"), ("tenant_id", "difference_id"));
table!(RECONCILIATION: ReconciliationRow = "payments"."reconciliation", ("tenant_id"), ("account_id"));
table!(RECONCILED: ReconciledRow = "payments"."reconciled", ("tenant_id"), ("account_id"));

/// A difference; a shop's differences share a partition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DifferenceRow {
    /// The shop.
    pub tenant_id: TenantId,
    /// The difference.
    pub difference_id: DifferenceId,
    /// +1 each event.
    pub version: i64,
    /// The other columns.
    #[serde(flatten)]
    pub difference: Difference,
}

impl DifferenceRow {
    /// The beginning of the keys of a shop's differences.
    pub fn all(tenant: TenantId) -> RowKey {
        RowKey::new([tenant.uuid().into()], [])
    }

    /// The key of a difference's row.
    pub fn at(tenant: TenantId, difference: DifferenceId) -> RowKey {
        RowKey::new([tenant.uuid().into()], [difference.uuid().into()])
    }
}

impl Row for DifferenceRow {
    fn key(&self) -> RowKey {
        Self::at(self.tenant_id, self.difference_id)
    }
}

/// A difference that is open, by the partition of the events that it is of: by these, those of all shops are listed and counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenDifferenceRow {
    /// The partition of payments' events.
    pub partition: i64,
    /// The shop.
    pub tenant_id: TenantId,
    /// The difference.
    pub difference_id: DifferenceId,
}

impl OpenDifferenceRow {
    /// The beginning of the keys of a partition's open differences.
    pub fn all(partition: u32) -> RowKey {
        RowKey::new([KeyPart::BigInt(i64::from(partition))], [])
    }

    /// The beginning of the keys of a shop's open differences.
    pub fn of(partition: u32, tenant: TenantId) -> RowKey {
        RowKey::new([KeyPart::BigInt(i64::from(partition))], [tenant.uuid().into()])
    }

    /// The key of an open difference's row.
    pub fn at(partition: u32, tenant: TenantId, difference: DifferenceId) -> RowKey {
        RowKey::new([KeyPart::BigInt(i64::from(partition))], [tenant.uuid().into(), difference.uuid().into()])
    }
}

impl Row for OpenDifferenceRow {
    fn key(&self) -> RowKey {
        RowKey::new([KeyPart::BigInt(self.partition)], [self.tenant_id.uuid().into(), self.difference_id.uuid().into()])
    }
}

/// The last time that somebody asked for an account to be reconciled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReconciliationRow {
    /// The shop.
    pub tenant_id: TenantId,
    /// The account.
    pub account_id: AccountId,
    /// The version of the event that asked for it.
    pub version: i64,
    /// The time at which it was asked for.
    pub asked_at: Micros,
}

impl ReconciliationRow {
    /// The beginning of the keys of a shop's rows.
    pub fn all(tenant: TenantId) -> RowKey {
        RowKey::new([tenant.uuid().into()], [])
    }

    /// The key of an account's row.
    pub fn at(tenant: TenantId, account: AccountId) -> RowKey {
        RowKey::new([tenant.uuid().into()], [account.uuid().into()])
    }
}

impl Row for ReconciliationRow {
    fn key(&self) -> RowKey {
        Self::at(self.tenant_id, self.account_id)
    }
}

/// The last reconciliation of an account. The runner writes it and no event makes it, so that a night without differences leaves no
/// record for ever: where it is lost, the account is reconciled once more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReconciledRow {
    /// The shop.
    pub tenant_id: TenantId,
    /// The account.
    pub account_id: AccountId,
    /// The last night that was reconciled: its day in São Paulo, in days since 1970.
    pub night: i64,
    /// The time at which the last of these that was done was asked for; null: none was.
    #[serde(default)]
    pub asked_at: Option<Micros>,
    /// The time at which it began.
    pub began_at: Micros,
    /// The time at which it ended.
    pub ended_at: Micros,
    /// Charges that the gateway has listed.
    pub listed: i64,
    /// Charges that were looked at one by one.
    pub looked_at: i64,
    /// Charges that were found to be otherwise, and are as the gateway has them now.
    pub mended: i64,
    /// Differences that are open after it, of those that it has looked for.
    pub differences: i64,
    /// False if there was more than one reconciliation goes through.
    pub whole: bool,
}

impl ReconciledRow {
    /// The beginning of the keys of a shop's rows.
    pub fn all(tenant: TenantId) -> RowKey {
        RowKey::new([tenant.uuid().into()], [])
    }

    /// The key of an account's row.
    pub fn at(tenant: TenantId, account: AccountId) -> RowKey {
        RowKey::new([tenant.uuid().into()], [account.uuid().into()])
    }
}

impl Row for ReconciledRow {
    fn key(&self) -> RowKey {
        Self::at(self.tenant_id, self.account_id)
    }
}
