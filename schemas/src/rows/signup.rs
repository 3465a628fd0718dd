//! Rows of sign-up: the platform's plans.

use serde::{Deserialize, Serialize};

use super::{context_rows, keyspace::Keyspace, table};
use crate::{
    ids::{SignupPlanId, TenantId},
    records::signup::Plan,
    row::{Row, RowKey, RowType},
};

table!(PLAN: PlanRow = "signup"."plan", ("tenant_id"), ("plan_id"));
context_rows!("signup");

/// This keyspace.
pub(super) const KEYSPACE: Keyspace =
    Keyspace { name: "signup", generation: 1, cql: include_str!("../../cql/signup.cql") };
/// The type of each table's rows.
pub(super) const ROWS: &[RowType] = &[
    *RowType::of::<PlanRow>(),
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
