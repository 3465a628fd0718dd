//! The standing of shops: whether they may ask for new charges, and what they are called.

use feira_schemas::{
    ids::TenantId,
    problem::{Code, Refusal},
    records::{
        PaymentsEvent,
        admin::{SettingsChanged, TenantChanged, TenantStatus},
        payments::{Standing, StandingChanged, StandingStatus},
    },
    refusals,
    rows::payments::StandingRow,
};

use crate::{Decided, Decision, DecisionContext, EntityVersion, Need, Rows, Stop};

/// Refuses a new charge of a shop that is not open. The platform's own need no shop.
pub(super) fn check_open(tenant: TenantId, rows: &Rows) -> Result<(), Stop> {
    if tenant == TenantId::PLATFORM {
        return Ok(());
    }
    match rows.get::<StandingRow>(StandingRow::at(tenant))?.map(|row| row.standing.status) {
        Some(StandingStatus::Open) => Ok(()),
        Some(_) => Err(Refusal::new(Code::ShopSuspended, refusals::SHOP_NOT_ACTIVE).into()),
        None => Err(Refusal::new(Code::NotFound, refusals::NO_SUCH_SHOP).into()),
    }
}

/// Follows a shop. That it is closed for good is said once, also of one that was suspended before.
pub(super) fn tenant_changed(event: &TenantChanged, rows: &Rows, context: &DecisionContext) -> Decided<PaymentsEvent> {
    let tenant = &event.tenant;
    let status = match tenant.status {
        TenantStatus::Requested => StandingStatus::Opening,
        TenantStatus::Active => StandingStatus::Open,
        // Of a shop that is closed for good, too, what was charged stays as it is; what renews itself is ended.
        TenantStatus::Suspended | TenantStatus::Refused | TenantStatus::Closed | TenantStatus::Unknown => {
            StandingStatus::Suspended
        }
    };
    let before = known(rows, context)?;
    let closes = tenant.status == TenantStatus::Closed;
    let is_known = before.version > 0 && before.status == status && !closes;
    if before.source_version >= tenant.version || is_known {
        return Ok(Decision::new(context));
    }
    Ok(now_is(Standing { status, source_version: tenant.version, ..before }, context))
}

/// The name of a shop stands in its settings, which say more than is of use here.
pub(super) fn settings_changed(
    event: &SettingsChanged,
    rows: &Rows,
    context: &DecisionContext,
) -> Decided<PaymentsEvent> {
    let settings = &event.settings;
    let before = known(rows, context)?;
    let is_known = before.shop_name.as_ref() == Some(&settings.shop_name);
    if before.settings_version >= settings.version || is_known {
        return Ok(Decision::new(context));
    }
    let (shop_name, settings_version) = (Some(settings.shop_name.clone()), settings.version);
    Ok(now_is(Standing { shop_name, settings_version, ..before }, context))
}

/// The standing that is known; of a shop that is not it is version 0 of one that opens.
fn known(rows: &Rows, context: &DecisionContext) -> Result<Standing, Need> {
    let row = rows.get::<StandingRow>(StandingRow::at(context.cause.tenant_id))?;
    Ok(row.map_or(
        Standing {
            status: StandingStatus::Opening,
            version: 0,
            source_version: 0,
            shop_name: None,
            settings_version: 0,
        },
        |row| row.standing.clone(),
    ))
}

fn now_is(standing: Standing, context: &DecisionContext) -> Decision<PaymentsEvent> {
    let standing = Standing { version: standing.version + 1, ..standing };
    let mut decision = Decision::new(context);
    decision.event(EntityVersion::new(context.cause.tenant_id, standing.version), |meta| StandingChanged {
        meta,
        standing,
    });
    decision
}
