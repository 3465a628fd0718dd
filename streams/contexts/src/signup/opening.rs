//! What admin says of the shop that a subscription is for.

use feira_schemas::{
    ids::TenantId,
    records::{
        AdminEvent, EventSet, SignupEvent,
        admin::{Tenant, TenantStatus},
        signup::SubscriptionStatus,
    },
};

use super::{
    case::{self, Case},
    paid,
};
use crate::{Decided, Decision, DecisionContext, Rows};

pub(super) fn by_admin(event: &AdminEvent, rows: &Rows, context: &DecisionContext) -> Decided<SignupEvent> {
    match event {
        AdminEvent::TenantChanged(changed) => tenant_changed(event.meta().tenant_id, &changed.tenant, rows, context),
        _ => Ok(Decision::new(context)),
    }
}

fn tenant_changed(tenant: TenantId, shop: &Tenant, rows: &Rows, context: &DecisionContext) -> Decided<SignupEvent> {
    let Some(subscription) = shop.subscription_id else { return Ok(Decision::new(context)) };
    let Some(row) = case::known(tenant, subscription, rows)? else { return Ok(Decision::new(context)) };
    if shop.subdomain != row.subscription.subdomain {
        // It is of the name of before, which was lost.
        return Ok(Decision::new(context));
    }
    let mut case = Case::of(&row, rows, context)?;
    match (shop.status, case.now.status) {
        // Also where it was opened while its first administrator was asked for anew.
        (
            TenantStatus::Active | TenantStatus::Suspended | TenantStatus::Closed,
            SubscriptionStatus::Paid | SubscriptionStatus::Securing | SubscriptionStatus::NameLost,
        ) => {
            case.stop_asking();
            case.now.status = SubscriptionStatus::Active;
        }
        // The directory has not let admin have the name, perhaps after the shop was open for a moment.
        (TenantStatus::Refused, SubscriptionStatus::Paid | SubscriptionStatus::Active) => {
            case.now.held_until = 0;
            paid::lose_name(&mut case);
        }
        (TenantStatus::Refused, SubscriptionStatus::NameLost) => case.now.held_until = 0,
        _ => {}
    }
    Ok(case.say(None))
}
