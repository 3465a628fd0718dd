//! What staff says of charges, refunds and subscriptions of which nobody knows what became of them, after it has looked at the gateway's
//! own pages.

use std::sync::{Arc, LazyLock};

use feira_schemas::{
    api::payments::{SettleBody, SettleChargeBody, settle_charge, settle_note, settle_schemas},
    ids::RefundId,
    records::{
        PaymentsCommand,
        common::CommandMeta,
        payments::{Refund, SettleCharge, SettleRefund, SettleSubscription, Subscription},
    },
};
use feira_web::{
    context::Api,
    json,
    payments::{Opener, entity_of},
    problem::Problem,
    reply::Response,
    routing::{Request, Route},
    settled, writes,
};
use http::Method;

use crate::{
    charges::{charge_id, found, no_charge},
    kinds::{WITHIN, decided, staff_changing},
    subscriptions::subscription_id,
};

const CHARGE: &str = "/api/admin/v1/payments/charges/{id}/settle";
const REFUND: &str = "/api/admin/v1/payments/charges/{id}/refunds/{rid}/settle";
const SUBSCRIPTION: &str = "/api/admin/v1/payments/subscriptions/{id}/settle";
/// Bytes of a body: a note.
const BODY_BYTES: usize = 16 * 1024;

/// The JSON schemas that bodies are checked against.
static BODIES: LazyLock<json::Schemas> = LazyLock::new(|| json::Schemas::new(settle_schemas()));

pub(crate) fn routes() -> Vec<Route> {
    let looked = "The charge: as the gateway shows it under the id that was named, or failed; while it is `processing`, the gateway is \
                  still to be looked at.";
    let closed = "The subscription: `failed` where it was to be made, and as the gateway has shown it last where it was to end. What a \
                  later look shows still counts.";
    vec![
        staff_changing(Route::new(Method::POST, CHARGE, charge), looked, "Charge")
            .within(WITHIN)
            .takes(vec![("application/json", "ChargeSettleBody")], BODY_BYTES)
            .says("Settles a charge of which the gateway has shown nothing for 20 h: it has made none, or one of the id that is named."),
        staff_changing(Route::new(Method::POST, REFUND, refund), "The refund, which was made by hand.", "Refund")
            .takes(vec![("application/json", "RefundSettleBody")], BODY_BYTES)
            .says("Settles a refund that failed, or of which nobody knows what became of it: it was given back by hand."),
        staff_changing(Route::new(Method::POST, SUBSCRIPTION, subscription), closed, "Subscription")
            .takes(vec![("application/json", "SubscriptionSettleBody")], BODY_BYTES)
            .says(
                "Settles a subscription of which the gateway has shown for 20 h neither that it was made nor, where it was to end, that \
                 it has: no attempt at it follows.",
            ),
    ]
}

async fn charge(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let charge_id = charge_id(&request)?;
    let body: SettleChargeBody = json::read(&BODIES, &request.body, "ChargeSettleBody")?;
    let (remote_id, note) = settle_charge(body).map_err(Problem::fields)?;
    let meta = CommandMeta { expected_version: None, ..writes::meta(&api, &request, request.tenant)? };
    let command = PaymentsCommand::SettleCharge(SettleCharge { meta, charge_id, remote_id, note });
    let decision = match writes::send(&api, &request, command).await {
        Ok(decision) => decision,
        Err(not_decided) => return writes::not_answered(not_decided),
    };
    let known = found(&api, &request, charge_id).await?.ok_or_else(no_charge)?;
    let charge = settled::charge(&api, request.tenant, known).await?;
    Ok(decided(&decision, &Opener::of(&api, &request).charge(&charge).await?, None))
}

async fn refund(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let charge_id = charge_id(&request)?;
    let refund_id: RefundId = request.id(1, "A devolução")?;
    let body: SettleBody = json::read(&BODIES, &request.body, "RefundSettleBody")?;
    let note = settle_note(body).map_err(Problem::fields)?;
    let meta = CommandMeta { expected_version: None, ..writes::meta(&api, &request, request.tenant)? };
    let command = PaymentsCommand::SettleRefund(SettleRefund { meta, refund_id, charge_id, note });
    let decision = match writes::send(&api, &request, command).await {
        Ok(decision) => decision,
        Err(not_decided) => return writes::not_answered(not_decided),
    };
    let refund = entity_of::<Refund>(&decision.body)?;
    Ok(decided(&decision, &Opener::of(&api, &request).refund(&refund).await?, None))
}

async fn subscription(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let subscription_id = subscription_id(&request)?;
    let body: SettleBody = json::read(&BODIES, &request.body, "SubscriptionSettleBody")?;
    let note = settle_note(body).map_err(Problem::fields)?;
    let meta = CommandMeta { expected_version: None, ..writes::meta(&api, &request, request.tenant)? };
    let command = PaymentsCommand::SettleSubscription(SettleSubscription { meta, subscription_id, note });
    let decision = match writes::send(&api, &request, command).await {
        Ok(decision) => decision,
        Err(not_decided) => return writes::not_answered(not_decided),
    };
    let subscription = entity_of::<Subscription>(&decision.body)?;
    Ok(decided(&decision, &Opener::of(&api, &request).subscription(&subscription).await?, None))
}
