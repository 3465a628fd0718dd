//! Rows of plans, saved cards and subscriptions.

use serde::{Deserialize, Serialize};

use super::ChargeOfMonthRow;
use crate::{
    ids::{AccountId, CardId, Micros, PlanId, SubscriptionId, TenantId},
    records::payments::{Plan, SavedCard, Subscription},
    row::{Row, RowKey, RowType},
    rows::table,
};

table!(PLAN: PlanRow = "payments"."plan", ("tenant_id"), ("plan_id"));
table!(SAVED_CARD: SavedCardRow = "payments"."saved_card", ("tenant_id", "card_id"), ());
table!(SUBSCRIPTION: SubscriptionRow = "payments"."subscription", ("tenant_id", "subscription_id"), ());
table!(SUBSCRIPTION_OF_MONTH: SubscriptionOfMonthRow = "payments"."subscription_of_month", ("tenant_id", "month"), ("newest_first", "subscription_id"));
table!(REMOTE_SUBSCRIPTION: RemoteSubscriptionRow = "payments"."remote_subscription", ("tenant_id", "account_id", "remote_id"), ());

/// The types of these rows.
pub(super) const ROWS: [RowType; 5] = [
    *RowType::of::<PlanRow>(),
    *RowType::of::<SavedCardRow>(),
    *RowType::of::<SubscriptionRow>(),
    *RowType::of::<SubscriptionOfMonthRow>(),
    *RowType::of::<RemoteSubscriptionRow>(),
];

/// A plan of a shop; a shop's plans share a partition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanRow {
    /// The shop.
    pub tenant_id: TenantId,
    /// +1 each event.
    pub version: i64,
    /// The other columns.
    #[serde(flatten)]
    pub plan: Plan,
}

impl PlanRow {
    /// The beginning of the keys of a shop's plans.
    pub fn all(tenant: TenantId) -> RowKey {
        RowKey::new([tenant.uuid().into()], [])
    }

    /// The key of a plan's row.
    pub fn at(tenant: TenantId, plan: PlanId) -> RowKey {
        RowKey::new([tenant.uuid().into()], [plan.uuid().into()])
    }
}

impl Row for PlanRow {
    fn key(&self) -> RowKey {
        Self::at(self.tenant_id, self.plan.plan_id)
    }
}

/// A card that a gateway keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedCardRow {
    /// The shop.
    pub tenant_id: TenantId,
    /// +1 each event.
    pub version: i64,
    /// The other columns.
    #[serde(flatten)]
    pub card: SavedCard,
}

impl SavedCardRow {
    /// The key of a card's row.
    pub fn at(tenant: TenantId, card: CardId) -> RowKey {
        RowKey::new([tenant.uuid().into(), card.uuid().into()], [])
    }
}

impl Row for SavedCardRow {
    fn key(&self) -> RowKey {
        Self::at(self.tenant_id, self.card.card_id)
    }
}

/// A subscription.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubscriptionRow {
    /// The tenant that sells or owes.
    pub tenant_id: TenantId,
    /// +1 each event.
    pub version: i64,
    /// The other columns.
    #[serde(flatten)]
    pub subscription: Subscription,
}

impl SubscriptionRow {
    /// The key of a subscription's row.
    pub fn at(tenant: TenantId, subscription: SubscriptionId) -> RowKey {
        RowKey::new([tenant.uuid().into(), subscription.uuid().into()], [])
    }
}

impl Row for SubscriptionRow {
    fn key(&self) -> RowKey {
        Self::at(self.tenant_id, self.subscription.subscription_id)
    }
}

/// A subscription among those of the month in which it was asked for, by which they are listed, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubscriptionOfMonthRow {
    /// The tenant that sells or owes.
    pub tenant_id: TenantId,
    /// The month in UTC, as 2026-12.
    pub month: String,
    /// Minus the time at which it was asked for.
    pub newest_first: i64,
    /// The subscription.
    pub subscription_id: SubscriptionId,
}

impl SubscriptionOfMonthRow {
    /// The row of a subscription that was asked for at this time.
    pub fn of(tenant_id: TenantId, created_at: Micros, subscription_id: SubscriptionId) -> Self {
        let month = ChargeOfMonthRow::month(created_at);
        Self { tenant_id, month, newest_first: -created_at, subscription_id }
    }

    /// The beginning of the keys of a month's subscriptions; the month as [`ChargeOfMonthRow::month`] writes it.
    pub fn all(tenant: TenantId, month: &str) -> RowKey {
        RowKey::new([tenant.uuid().into(), month.into()], [])
    }
}

impl Row for SubscriptionOfMonthRow {
    fn key(&self) -> RowKey {
        let partition = [self.tenant_id.uuid().into(), self.month.as_str().into()];
        RowKey::new(partition, [self.newest_first.into(), self.subscription_id.uuid().into()])
    }
}

/// The subscription that an account's gateway knows by an id of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoteSubscriptionRow {
    /// The tenant that sells or owes.
    pub tenant_id: TenantId,
    /// The account.
    pub account_id: AccountId,
    /// The gateway's id of the subscription.
    pub remote_id: String,
    /// The subscription.
    pub subscription_id: SubscriptionId,
}

impl RemoteSubscriptionRow {
    /// The key of the row of a gateway's id.
    pub fn at(tenant: TenantId, account: AccountId, remote: &str) -> RowKey {
        RowKey::new([tenant.uuid().into(), account.uuid().into(), remote.into()], [])
    }
}

impl Row for RemoteSubscriptionRow {
    fn key(&self) -> RowKey {
        Self::at(self.tenant_id, self.account_id, &self.remote_id)
    }
}
