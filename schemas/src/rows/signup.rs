//! Rows of sign-up: the platform's plans, and subscriptions with their invoices.

use serde::{Deserialize, Serialize};

use super::{context_rows, keyspace::Keyspace, mail_rows, table};
use crate::{
    ids::{InvoiceId, Micros, SignupPlanId, SubscriptionId, TenantId},
    records::signup::{Invoice, Plan, Subscription},
    row::{KeyPart, Row, RowKey, RowType},
    time::month,
};

table!(PLAN: PlanRow = "signup"."plan", ("tenant_id"), ("plan_id"));
table!(SUBSCRIPTION: SubscriptionRow = "signup"."subscription", ("tenant_id"), ("subscription_id"));
table!(SUBSCRIPTION_OF_MONTH: SubscriptionOfMonthRow = "signup"."subscription_of_month", ("month"), ("newest_first", "tenant_id", "subscription_id"));
table!(INVOICE: InvoiceRow = "signup"."invoice", ("tenant_id"), ("invoice_id"));
mail_rows!("signup");
context_rows!("signup");

/// This keyspace.
pub(super) const KEYSPACE: Keyspace =
    Keyspace { name: "signup", generation: 3, cql: include_str!("../../cql/signup.cql") };
/// The type of each table's rows.
pub(super) const ROWS: &[RowType] = &[
    *RowType::of::<PlanRow>(),
    *RowType::of::<SubscriptionRow>(),
    *RowType::of::<SubscriptionOfMonthRow>(),
    *RowType::of::<InvoiceRow>(),
    *RowType::of::<MailRow>(),
    *RowType::of::<OpenMailRow>(),
    *RowType::of::<AnswerRow>(),
    *RowType::of::<TimerRow>(),
    *RowType::of::<ProgressRow>(),
];

/// A plan of the platform; all of them share a partition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanRow {
    /// The platform.
    pub tenant_id: TenantId,
    /// The other columns.
    #[serde(flatten)]
    pub plan: Plan,
}

impl PlanRow {
    /// The beginning of the keys of all plans.
    pub fn all(tenant: TenantId) -> RowKey {
        RowKey::new([tenant.uuid().into()], [])
    }

    /// The key of a plan's row.
    pub fn at(tenant: TenantId, plan: SignupPlanId) -> RowKey {
        RowKey::new([tenant.uuid().into()], [plan.uuid().into()])
    }
}

impl Row for PlanRow {
    fn key(&self) -> RowKey {
        Self::at(self.tenant_id, self.plan.plan_id)
    }
}

/// A subscription to a plan of the platform; those of a shop share a partition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubscriptionRow {
    /// The shop that it is for.
    pub tenant_id: TenantId,
    /// The other columns.
    #[serde(flatten)]
    pub subscription: Subscription,
}

impl SubscriptionRow {
    /// The beginning of the keys of a shop's subscriptions.
    pub fn all(tenant: TenantId) -> RowKey {
        RowKey::new([tenant.uuid().into()], [])
    }

    /// The key of a subscription's row.
    pub fn at(tenant: TenantId, subscription: SubscriptionId) -> RowKey {
        RowKey::new([tenant.uuid().into()], [subscription.uuid().into()])
    }
}

impl Row for SubscriptionRow {
    fn key(&self) -> RowKey {
        Self::at(self.tenant_id, self.subscription.subscription_id)
    }
}

/// A subscription among those of all shops of the month in which it was asked for, by which operators list them, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubscriptionOfMonthRow {
    /// The month in UTC, as 2026-12.
    pub month: String,
    /// Minus the time at which it was asked for.
    pub newest_first: i64,
    /// The shop that it is for.
    pub tenant_id: TenantId,
    /// The subscription.
    pub subscription_id: SubscriptionId,
}

impl SubscriptionOfMonthRow {
    /// The row of a subscription that was asked for at this time.
    pub fn of(tenant_id: TenantId, created_at: Micros, subscription_id: SubscriptionId) -> Self {
        Self { month: Self::month(created_at), newest_first: -created_at, tenant_id, subscription_id }
    }

    /// The month in UTC of a time, as 2026-12.
    pub fn month(time: Micros) -> String {
        month(time)
    }

    /// The beginning of the keys of a month's subscriptions.
    pub fn all(month: &str) -> RowKey {
        RowKey::new([month.into()], [])
    }
}

impl Row for SubscriptionOfMonthRow {
    fn key(&self) -> RowKey {
        let clustering: [KeyPart; 3] =
            [self.newest_first.into(), self.tenant_id.uuid().into(), self.subscription_id.uuid().into()];
        RowKey::new([self.month.as_str().into()], clustering)
    }
}

/// An invoice; those of a shop share a partition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvoiceRow {
    /// The shop that it is for.
    pub tenant_id: TenantId,
    /// The other columns.
    #[serde(flatten)]
    pub invoice: Invoice,
}

impl InvoiceRow {
    /// The beginning of the keys of a shop's invoices.
    pub fn all(tenant: TenantId) -> RowKey {
        RowKey::new([tenant.uuid().into()], [])
    }

    /// The key of an invoice's row.
    pub fn at(tenant: TenantId, invoice: InvoiceId) -> RowKey {
        RowKey::new([tenant.uuid().into()], [invoice.uuid().into()])
    }
}

impl Row for InvoiceRow {
    fn key(&self) -> RowKey {
        Self::at(self.tenant_id, self.invoice.invoice_id)
    }
}
