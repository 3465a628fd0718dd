//! Rows of payments: accounts, charges, refunds, subscriptions, the ledger of what is done outside, and what finds them.

mod charge_of_subscription;
mod lent;
mod subscriptions;

use serde::{Deserialize, Serialize};

pub use self::charge_of_subscription::{CHARGE_OF_SUBSCRIPTION, ChargeOfSubscriptionRow};
pub use self::lent::{LENT_CHARGE_OF_MONTH, LENT_REMOTE, LentChargeOfMonthRow, LentRemoteRow};
pub use self::subscriptions::{
    PLAN, PlanRow, REMOTE_SUBSCRIPTION, RemoteSubscriptionRow, SAVED_CARD, SUBSCRIPTION, SUBSCRIPTION_OF_MONTH,
    SavedCardRow, SubscriptionOfMonthRow, SubscriptionRow,
};
pub use super::differences::{DifferenceRow, OpenDifferenceRow, ReconciledRow, ReconciliationRow};
use super::{context_rows, generation_of, keyspace::Keyspace, mail_rows, table};
use crate::{
    ids::{AccountId, ChargeId, EffectId, Micros, RefundId, SubscriptionId, TenantId},
    records::payments::{Account, Callback, Charge, Credential, Effect, Refund, Standing},
    row::{KeyPart, Row, RowKey, RowType, Table},
    time::{DAY, month},
};

table!(ACCOUNT: AccountRow = "payments"."account", ("tenant_id"), ("account_id"));
table!(CHARGE: ChargeRow = "payments"."charge", ("tenant_id", "charge_id"), ());
table!(CHARGE_OF_MONTH: ChargeOfMonthRow = "payments"."charge_of_month", ("tenant_id", "month"), ("newest_first", "charge_id"));
table!(REMOTE_CHARGE: RemoteChargeRow = "payments"."remote_charge", ("tenant_id", "account_id", "remote_id"), ());
table!(REFUND: RefundRow = "payments"."refund", ("tenant_id", "charge_id"), ("refund_id"));
table!(EFFECT: EffectRow = "payments"."effect", ("tenant_id", "effect_id"), ());
table!(OPEN_MATTER: OpenMatterRow = "payments"."open_matter", ("partition"), ("matter"));
table!(CREDENTIAL: CredentialRow = "payments"."credential", ("tenant_id"), ("hash"));
table!(STANDING: StandingRow = "payments"."standing", ("tenant_id"), ());
context_rows!("payments");
mail_rows!("payments");

/// Microseconds for which a callback's id is kept: gateways send one again for a month at most.
pub const CALLBACKS_KEPT: Micros = 40 * DAY;

/// `feira_payments.callback`.
pub const CALLBACK: Table = Table {
    keyspace: "payments",
    name: "callback",
    generation: generation_of("payments"),
    partition_key: &["tenant_id", "account_id", "callback_id"],
    clustering_key: &[],
    kept: Some(CALLBACKS_KEPT),
};

impl crate::row::Stored for CallbackRow {
    const TABLE: Table = CALLBACK;
}

/// This keyspace.
pub(super) const KEYSPACE: Keyspace =
    Keyspace { name: "payments", generation: 3, cql: include_str!("../../cql/payments.cql") };
/// The type of each table's rows.
pub(super) const ROWS: &[RowType] = &[
    *RowType::of::<AccountRow>(),
    *RowType::of::<ChargeRow>(),
    *RowType::of::<ChargeOfMonthRow>(),
    *RowType::of::<RemoteChargeRow>(),
    *RowType::of::<RefundRow>(),
    *RowType::of::<EffectRow>(),
    *RowType::of::<OpenMatterRow>(),
    *RowType::of::<CallbackRow>(),
    *RowType::of::<CredentialRow>(),
    *RowType::of::<StandingRow>(),
    subscriptions::ROWS[0],
    subscriptions::ROWS[1],
    subscriptions::ROWS[2],
    subscriptions::ROWS[3],
    subscriptions::ROWS[4],
    *RowType::of::<ChargeOfSubscriptionRow>(),
    *RowType::of::<LentRemoteRow>(),
    *RowType::of::<LentChargeOfMonthRow>(),
    *RowType::of::<AnswerRow>(),
    *RowType::of::<TimerRow>(),
    *RowType::of::<ProgressRow>(),
    *RowType::of::<DifferenceRow>(),
    *RowType::of::<OpenDifferenceRow>(),
    *RowType::of::<ReconciliationRow>(),
    *RowType::of::<ReconciledRow>(),
    *RowType::of::<MailRow>(),
    *RowType::of::<OpenMailRow>(),
];

/// An account of a shop; a shop's accounts share a partition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountRow {
    /// The shop.
    pub tenant_id: TenantId,
    /// +1 each event.
    pub version: i64,
    /// The other columns.
    #[serde(flatten)]
    pub account: Account,
}

impl AccountRow {
    /// The beginning of the keys of a shop's accounts.
    pub fn all(tenant: TenantId) -> RowKey {
        RowKey::new([tenant.uuid().into()], [])
    }

    /// The key of an account's row.
    pub fn at(tenant: TenantId, account: AccountId) -> RowKey {
        RowKey::new([tenant.uuid().into()], [account.uuid().into()])
    }
}

impl Row for AccountRow {
    fn key(&self) -> RowKey {
        Self::at(self.tenant_id, self.account.account_id)
    }
}

/// A charge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChargeRow {
    /// The tenant that sells or owes.
    pub tenant_id: TenantId,
    /// +1 each event.
    pub version: i64,
    /// The other columns.
    #[serde(flatten)]
    pub charge: Charge,
}

impl ChargeRow {
    /// The key of a charge's row.
    pub fn at(tenant: TenantId, charge: ChargeId) -> RowKey {
        RowKey::new([tenant.uuid().into(), charge.uuid().into()], [])
    }
}

impl Row for ChargeRow {
    fn key(&self) -> RowKey {
        Self::at(self.tenant_id, self.charge.charge_id)
    }
}

/// A charge among those of the month in which it was asked for, by which they are listed, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChargeOfMonthRow {
    /// The tenant that sells or owes.
    pub tenant_id: TenantId,
    /// The month in UTC, as 2026-12.
    pub month: String,
    /// Minus the time at which it was asked for: rows sort ascending, and an id that a client's key has made tells no time.
    pub newest_first: i64,
    /// The charge.
    pub charge_id: ChargeId,
}

impl ChargeOfMonthRow {
    /// The row of a charge that was asked for at this time.
    pub fn of(tenant_id: TenantId, created_at: Micros, charge_id: ChargeId) -> Self {
        Self { tenant_id, month: Self::month(created_at), newest_first: -created_at, charge_id }
    }

    /// The month in UTC of a time, as 2026-12.
    pub fn month(time: Micros) -> String {
        month(time)
    }

    /// The month before a month such as 2026-12, and the time at which it ends, in microseconds since 1970; `None` for what is no month.
    pub fn month_before(month: &str) -> Option<(String, Micros)> {
        let ends = format!("{month}-01T00:00:00Z").parse::<jiff::Timestamp>().ok()?.as_microsecond();
        Some((Self::month(ends - 1), ends))
    }

    /// The beginning of the keys of a month's charges.
    pub fn all(tenant: TenantId, month: &str) -> RowKey {
        RowKey::new([tenant.uuid().into(), month.into()], [])
    }
}

impl Row for ChargeOfMonthRow {
    fn key(&self) -> RowKey {
        let partition = [self.tenant_id.uuid().into(), self.month.as_str().into()];
        RowKey::new(partition, [self.newest_first.into(), self.charge_id.uuid().into()])
    }
}

/// The charge that an account's gateway knows by an id of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoteChargeRow {
    /// The tenant that sells or owes.
    pub tenant_id: TenantId,
    /// The account.
    pub account_id: AccountId,
    /// The gateway's id of the charge.
    pub remote_id: String,
    /// The charge.
    pub charge_id: ChargeId,
}

impl RemoteChargeRow {
    /// The key of the row of a gateway's id.
    pub fn at(tenant: TenantId, account: AccountId, remote: &str) -> RowKey {
        RowKey::new([tenant.uuid().into(), account.uuid().into(), remote.into()], [])
    }
}

impl Row for RemoteChargeRow {
    fn key(&self) -> RowKey {
        Self::at(self.tenant_id, self.account_id, &self.remote_id)
    }
}

/// A refund; a charge's refunds share a partition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundRow {
    /// The tenant whose charge it is.
    pub tenant_id: TenantId,
    /// +1 each event.
    pub version: i64,
    /// The other columns.
    #[serde(flatten)]
    pub refund: Refund,
}

impl RefundRow {
    /// The beginning of the keys of a charge's refunds.
    pub fn all(tenant: TenantId, charge: ChargeId) -> RowKey {
        RowKey::new([tenant.uuid().into(), charge.uuid().into()], [])
    }

    /// The key of a refund's row.
    pub fn at(tenant: TenantId, charge: ChargeId, refund: RefundId) -> RowKey {
        RowKey::new([tenant.uuid().into(), charge.uuid().into()], [refund.uuid().into()])
    }
}

impl Row for RefundRow {
    fn key(&self) -> RowKey {
        Self::at(self.tenant_id, self.refund.charge_id, self.refund.refund_id)
    }
}

/// A line of the ledger that is not closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EffectRow {
    /// The tenant that it is done for.
    pub tenant_id: TenantId,
    /// +1 each event.
    pub version: i64,
    /// The other columns.
    #[serde(flatten)]
    pub effect: Effect,
}

impl EffectRow {
    /// The key of an effect's row.
    pub fn at(tenant: TenantId, effect: EffectId) -> RowKey {
        RowKey::new([tenant.uuid().into(), effect.uuid().into()], [])
    }
}

impl Row for EffectRow {
    fn key(&self) -> RowKey {
        Self::at(self.tenant_id, self.effect.effect_id)
    }
}

/// A matter that a runner has to look after, by the partition of the events that it is of: an effect that is not closed, a charge
/// that is looked at until it is final, a subscription that is looked at until it is ended, or an account whose charges are compared
/// every night.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenMatterRow {
    /// The partition of payments' events.
    pub partition: i64,
    /// The matter, as [`Matter`] writes it.
    pub matter: String,
    /// The tenant that it is of.
    pub tenant_id: TenantId,
}

/// A matter of a runner: `effect:018f4d7e-…`, `charge:018f4d7e-…`, `subscription:018f4d7e-…` or `account:018f4d7e-…`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Matter {
    /// An effect that is not closed.
    Effect(EffectId),
    /// A charge that is not final.
    Charge(ChargeId),
    /// An account, whose charges are compared with the gateway's.
    Account(AccountId),
    /// A subscription that is not ended.
    Subscription(SubscriptionId),
}

impl std::fmt::Display for Matter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Effect(effect) => write!(f, "effect:{effect}"),
            Self::Charge(charge) => write!(f, "charge:{charge}"),
            Self::Account(account) => write!(f, "account:{account}"),
            Self::Subscription(subscription) => write!(f, "subscription:{subscription}"),
        }
    }
}

impl Matter {
    /// The matter of a row's text; `None` for one that a later version has written.
    pub fn read(text: &str) -> Option<Self> {
        let (kind, id) = text.split_once(':')?;
        match kind {
            "effect" => id.parse().ok().map(Self::Effect),
            "charge" => id.parse().ok().map(Self::Charge),
            "account" => id.parse().ok().map(Self::Account),
            "subscription" => id.parse().ok().map(Self::Subscription),
            _ => None,
        }
    }
}

impl OpenMatterRow {
    /// The beginning of the keys of a partition's matters.
    pub fn all(partition: u32) -> RowKey {
        RowKey::new([KeyPart::BigInt(i64::from(partition))], [])
    }

    /// The key of a matter's row.
    pub fn at(partition: u32, matter: Matter) -> RowKey {
        RowKey::new([KeyPart::BigInt(i64::from(partition))], [matter.to_string().as_str().into()])
    }
}

impl Row for OpenMatterRow {
    fn key(&self) -> RowKey {
        RowKey::new([KeyPart::BigInt(self.partition)], [self.matter.as_str().into()])
    }
}

/// A callback that is kept, so that the same one is not kept twice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallbackRow {
    /// The tenant whose account it came in for.
    pub tenant_id: TenantId,
    /// The other columns.
    #[serde(flatten)]
    pub callback: Callback,
    /// The charge that it is about, where that is known.
    pub charge_id: Option<ChargeId>,
    /// The subscription that it is about, where that is known.
    pub subscription_id: Option<SubscriptionId>,
}

impl CallbackRow {
    /// The key of a callback's row.
    pub fn at(tenant: TenantId, account: AccountId, callback: &str) -> RowKey {
        RowKey::new([tenant.uuid().into(), account.uuid().into(), callback.into()], [])
    }
}

impl Row for CallbackRow {
    fn key(&self) -> RowKey {
        Self::at(self.tenant_id, self.callback.account_id, &self.callback.callback_id)
    }
}

/// A credential of another system; a shop's credentials share a partition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CredentialRow {
    /// The shop whose payments API it opens.
    pub tenant_id: TenantId,
    /// +1 each event.
    pub version: i64,
    /// The other columns.
    #[serde(flatten)]
    pub credential: Credential,
}

impl CredentialRow {
    /// The beginning of the keys of a shop's credentials.
    pub fn all(tenant: TenantId) -> RowKey {
        RowKey::new([tenant.uuid().into()], [])
    }

    /// The key of the row of the credential with this hash.
    pub fn at(tenant: TenantId, hash: &str) -> RowKey {
        RowKey::new([tenant.uuid().into()], [hash.into()])
    }
}

impl Row for CredentialRow {
    fn key(&self) -> RowKey {
        Self::at(self.tenant_id, &self.credential.hash)
    }
}

/// The standing of a shop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StandingRow {
    /// The shop.
    pub tenant_id: TenantId,
    /// The other columns.
    #[serde(flatten)]
    pub standing: Standing,
}

impl StandingRow {
    /// The key of a shop's row.
    pub fn at(tenant: TenantId) -> RowKey {
        RowKey::new([tenant.uuid().into()], [])
    }
}

impl Row for StandingRow {
    fn key(&self) -> RowKey {
        Self::at(self.tenant_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_go_back_over_the_years_and_what_is_no_month_has_none_before() {
        for (month, before, ends) in [
            ("2026-12", "2026-11", 1_796_083_200_000_000),
            ("2026-01", "2025-12", 1_767_225_600_000_000),
            ("1970-01", "1969-12", 0),
        ] {
            assert_eq!(ChargeOfMonthRow::month_before(month), Some((before.to_owned(), ends)), "{month}");
            assert_eq!(ChargeOfMonthRow::month(ends), month);
        }
        for wrong in ["x", "", "2026", "2026-13", "2026-1"] {
            assert_eq!(ChargeOfMonthRow::month_before(wrong), None, "{wrong}");
        }
    }
}
