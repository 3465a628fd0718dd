//! Plans of the platform as the APIs give them. What is sealed in a record is opened by the caller and handed in.

use serde_json::{Value, json};

use super::rules::{METHODS, STATUSES};
use crate::{
    api::payments::error_json,
    records::{
        payments::PaymentMethod,
        signup::{Plan, PlanLimits, PlanStatus, RemotePlan, RemotePlanStatus},
    },
    sealed::GatewayText,
    time::rfc3339,
};

/// Words for the states of a plan.
pub const PLAN_STATUSES: &[&str] = &[STATUSES[0].1, STATUSES[1].1];
/// Words for the stages of a plan at the gateway.
pub(super) const REMOTE_STATUSES: [&str; 5] = ["asked", "making", "made", "refused", "no_account"];

/// A plan as operators see it, with the gateway's sentence of each reason for which it has refused it.
pub fn plan_json(plan: &Plan, messages: &[Option<GatewayText>]) -> Value {
    json!({
        "id": plan.plan_id,
        "version": plan.version,
        "name": plan.name,
        "description": plan.description,
        "features": plan.features,
        "price": plan.price,
        "months": plan.months,
        "limits": limits(plan.limits),
        "status": plan_status(plan.status),
        "position": plan.position,
        "methods": words(&plan.methods),
        "offered": plan.is_offered(),
        "gateway_plan": plan.remote.as_ref().map(|remote| remote_json(remote, messages)),
        "earlier_gateway_plans": plan.earlier.iter().map(|remote| remote_json(remote, &[])).collect::<Vec<_>>(),
        "created_at": rfc3339(plan.created_at),
        "changed_at": rfc3339(plan.changed_at),
    })
}

/// A plan as it is offered to everybody: with the ways to pay that it has now.
pub fn offered_json(plan: &Plan) -> Value {
    json!({
        "id": plan.plan_id,
        "name": plan.name,
        "description": plan.description,
        "features": plan.features,
        "price": plan.price,
        "months": plan.months,
        "limits": limits(plan.limits),
        "methods": words(&plan.payable_by()),
    })
}

/// The word for the state of a plan, of [`PLAN_STATUSES`].
pub fn plan_status(status: PlanStatus) -> &'static str {
    // What only a later program knows is not offered by this one.
    STATUSES.into_iter().find(|(known, _)| *known == status).map_or(STATUSES[1].1, |(_, word)| word)
}

fn remote_json(remote: &RemotePlan, messages: &[Option<GatewayText>]) -> Value {
    let message = |place: usize| messages.get(place).and_then(Option::as_ref);
    let reasons = remote.reasons.iter().enumerate();
    json!({
        "payments_plan_id": remote.payments_plan_id,
        "status": remote_status(remote.status),
        "price": remote.price,
        "months": remote.months,
        "account_id": remote.account_id,
        "remote_id": remote.remote_id,
        "why": remote.why,
        "detail": remote.detail,
        "errors": reasons.map(|(place, reason)| error_json(reason, message(place))).collect::<Vec<_>>(),
        "asked_at": rfc3339(remote.asked_at),
        "asked_again_at": remote.asked.as_ref().map(|asked| rfc3339(asked.timer.due)),
    })
}

fn remote_status(status: RemotePlanStatus) -> &'static str {
    match status {
        RemotePlanStatus::Asked | RemotePlanStatus::Unknown => REMOTE_STATUSES[0],
        RemotePlanStatus::Making => REMOTE_STATUSES[1],
        RemotePlanStatus::Made => REMOTE_STATUSES[2],
        RemotePlanStatus::Refused => REMOTE_STATUSES[3],
        RemotePlanStatus::NoAccount => REMOTE_STATUSES[4],
    }
}

pub(super) fn limits(limits: PlanLimits) -> Value {
    json!({"products": limits.products, "staff": limits.staff})
}

fn words(methods: &[PaymentMethod]) -> Vec<&'static str> {
    METHODS.into_iter().filter(|(method, _)| methods.contains(method)).map(|(_, word)| word).collect()
}
