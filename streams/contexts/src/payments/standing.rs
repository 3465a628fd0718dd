//! The standing of shops: whether they may ask for new charges.

use feira_schemas::{
    records::{
        PaymentsEvent,
        admin::{TenantChanged, TenantStatus},
        payments::{Standing, StandingChanged, StandingStatus},
    },
    rows::payments::StandingRow,
};

use crate::{Decided, Decision, DecisionContext, EntityVersion, Rows};

pub(super) fn tenant_changed(event: &TenantChanged, rows: &Rows, context: &DecisionContext) -> Decided<PaymentsEvent> {
    let (tenant_id, tenant) = (context.cause.tenant_id, &event.tenant);
    let status = match tenant.status {
        TenantStatus::Requested => StandingStatus::Opening,
        TenantStatus::Active => StandingStatus::Open,
        TenantStatus::Suspended | TenantStatus::Refused | TenantStatus::Unknown => StandingStatus::Suspended,
    };
    let before = rows.get::<StandingRow>(StandingRow::at(tenant_id))?.map(|row| row.standing.clone());
    let mut decision = Decision::new(context);
    if before.as_ref().is_some_and(|before| before.source_version >= tenant.version || before.status == status) {
        return Ok(decision);
    }
    let version = before.map_or(0, |before| before.version) + 1;
    let standing = Standing { status, version, source_version: tenant.version };
    decision.event(EntityVersion::new(tenant_id, version), |meta| StandingChanged { meta, standing });
    Ok(decision)
}
