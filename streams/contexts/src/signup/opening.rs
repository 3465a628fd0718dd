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
    paid, undoing,
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
    let mut case = Case::of(&row, rows, context)?;
    match shop.subdomain == case.now.subdomain {
        true => by_its_name(&mut case, shop),
        false => by_another_name(&mut case, shop),
    }
    Ok(case.say(None))
}

fn by_its_name(case: &mut Case<'_>, shop: &Tenant) {
    match (shop.status, case.now.status) {
        // Also where it was opened while its first administrator was asked for anew.
        (
            TenantStatus::Active | TenantStatus::Suspended,
            SubscriptionStatus::Paid | SubscriptionStatus::Securing | SubscriptionStatus::NameLost,
        ) => {
            case.stop_asking();
            case.now.status = SubscriptionStatus::Active;
        }
        // It is closed for good: nothing more is paid for it.
        (
            TenantStatus::Closed,
            SubscriptionStatus::Paid
            | SubscriptionStatus::Securing
            | SubscriptionStatus::NameLost
            | SubscriptionStatus::Active,
        ) => {
            case.stop_asking();
            case.now.status = SubscriptionStatus::Ended;
            if let Some(remote_id) = case.now.payment.remote_id {
                undoing::end(case, remote_id);
            }
        }
        // The directory has not let admin have the name, perhaps after the shop was open for a moment.
        (TenantStatus::Refused, SubscriptionStatus::Paid | SubscriptionStatus::Active) => {
            case.now.held_until = 0;
            paid::lose_name(case);
        }
        (TenantStatus::Refused, SubscriptionStatus::NameLost) => case.now.held_until = 0,
        _ => return,
    }
    case.now.shop_version = shop.version;
}

/// Admin has opened the shop by a name of before, which was given up here before admin had said anything of it: that one holds, and who
/// subscribes hears of it by admin's mail. The name of now is let go: where the directory is still asked for it by its answer, else by the end
/// of its hold, since admin may have been asked for it, too. What admin has said before it refused that name is old.
fn by_another_name(case: &mut Case<'_>, shop: &Tenant) {
    let is_open = matches!(shop.status, TenantStatus::Active | TenantStatus::Suspended);
    let waits = match case.now.status {
        SubscriptionStatus::Paid | SubscriptionStatus::Securing | SubscriptionStatus::NameLost => true,
        SubscriptionStatus::Naming
        | SubscriptionStatus::NameTaken
        | SubscriptionStatus::Paying
        | SubscriptionStatus::Refused
        | SubscriptionStatus::Expired
        | SubscriptionStatus::Active
        | SubscriptionStatus::Ended
        | SubscriptionStatus::Unknown => false,
    };
    if is_open && waits && shop.version > case.now.shop_version {
        case.stop_asking();
        case.now.status = SubscriptionStatus::Active;
        case.now.subdomain.clone_from(&shop.subdomain);
        case.now.held_until = 0;
        case.now.shop_version = shop.version;
    }
}
