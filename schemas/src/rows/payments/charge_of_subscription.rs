//! The charges of a subscription.

use serde::{Deserialize, Serialize};

use crate::{
    ids::{ChargeId, Micros, SubscriptionId, TenantId},
    row::{Row, RowKey},
    rows::table,
};

table!(CHARGE_OF_SUBSCRIPTION: ChargeOfSubscriptionRow = "payments"."charge_of_subscription", ("tenant_id", "subscription_id"), ("newest_first", "charge_id"));

/// A charge among those of its subscription, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChargeOfSubscriptionRow {
    /// The tenant that sells or owes.
    pub tenant_id: TenantId,
    /// The subscription.
    pub subscription_id: SubscriptionId,
    /// Minus the time at which it came to be known.
    pub newest_first: i64,
    /// The charge.
    pub charge_id: ChargeId,
}

impl ChargeOfSubscriptionRow {
    /// The row of a charge that came to be known at this time.
    pub fn of(tenant_id: TenantId, subscription_id: SubscriptionId, created_at: Micros, charge_id: ChargeId) -> Self {
        Self { tenant_id, subscription_id, newest_first: -created_at, charge_id }
    }

    /// The beginning of the keys of a subscription's charges.
    pub fn all(tenant: TenantId, subscription: SubscriptionId) -> RowKey {
        RowKey::new([tenant.uuid().into(), subscription.uuid().into()], [])
    }
}

impl Row for ChargeOfSubscriptionRow {
    fn key(&self) -> RowKey {
        let partition = [self.tenant_id.uuid().into(), self.subscription_id.uuid().into()];
        RowKey::new(partition, [self.newest_first.into(), self.charge_id.uuid().into()])
    }
}
