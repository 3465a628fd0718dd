//! Refunds of charges, as other systems ask for them.

use std::sync::Arc;

use feira_schemas::{
    api::payments::{RefundBody, refund_content},
    ids::RefundId,
    records::{
        PaymentsCommand,
        common::CommandMeta,
        payments::{Refund, RequestRefund},
    },
    rows::payments::RefundRow,
};
use feira_web::{
    cards,
    context::Api,
    cursor, json,
    payments::{Opener, entity_of},
    problem::Problem,
    reads,
    reply::Response,
    routing::{Request, Route},
    settled, writes,
};
use http::{Method, StatusCode};
use serde_json::json;

use crate::{
    charges::{charge_id, found, no_charge},
    choosing::BODIES,
    kinds::{address, decided, making, private, reading},
    outcomes::not_answered,
    seal,
};

const ALL: &str = "/api/payments/v1/charges/{id}/refunds";
const ONE: &str = "/api/payments/v1/charges/{id}/refunds/{rid}";
/// Bytes of a refund's body: a sum and a bank account.
const BODY_BYTES: usize = 16 * 1024;

pub(crate) fn routes() -> Vec<Route> {
    let made = "The refund, as far as it has come; `Location` is its address.";
    vec![
        reading(Route::get(ALL, list), "A page of the charge's refunds, oldest first.", "RefundPage")
            .query([reads::AFTER, reads::LIMIT])
            .says("Lists a charge's refunds."),
        reading(Route::get(ONE, read), "The refund as it is known here.", "Refund").says("Reads a refund."),
        making(Route::new(Method::POST, ALL, create), made, "Refund")
            .takes(vec![("application/json", "RefundBody")], BODY_BYTES)
            .says("Gives back a part of a charge, or all that is left of it, and waits up to 12 s for the gateway."),
    ]
}

async fn create(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let charge_id = charge_id(&request)?;
    let body: RefundBody = json::typed(&BODIES, cards::parse(&request)?, "RefundBody")?;
    let content = refund_content(body).map_err(Problem::fields)?;
    // Before a key is minted below it: what does not exist has no subject.
    found(&api, &request, charge_id).await?.ok_or_else(no_charge)?;
    let meta = CommandMeta { expected_version: None, ..writes::personal_meta(&api, &request, request.tenant)? };
    let refund_id = RefundId::from_uuid(meta.command_id.uuid());
    let bank_account = match &content.bank_account {
        Some(account) => Some(seal::bank_account(&api, request.tenant, charge_id, account).await?),
        None => None,
    };
    let (reference, amount) = (content.reference, content.amount);
    let command = RequestRefund { meta, refund_id, charge_id, reference, amount, bank_account };
    let decision = match writes::send(&api, &request, PaymentsCommand::RequestRefund(command)).await {
        Ok(decision) => decision,
        Err(not_decided) => return not_answered(&api, not_decided, charge_id.uuid(), address(charge_id)),
    };
    let refund = settled::refund(&api, request.tenant, entity_of::<Refund>(&decision.body)?).await?;
    let json = Opener::of(&api, &request).refund(&refund).await?;
    Ok(decided(&decision, &json, Some(format!("{}/refunds/{}", address(charge_id), refund.refund_id))))
}

async fn list(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let charge = found(&api, &request, charge_id(&request)?).await?.ok_or_else(no_charge)?;
    let refunds = Opener::of(&api, &request).refunds(&charge).await?;
    let key = |refund: &serde_json::Value| {
        let text = |name: &str| refund[name].as_str().unwrap_or_default().to_owned();
        (text("created_at"), text("id"))
    };
    let query = format!("refunds\u{1}{}", charge.charge_id);
    let (page, next) = cursor::page(&refunds, key, &query, request.query.text("after"), reads::limit(&request))?;
    Ok(private(StatusCode::OK, &json!({"items": page, "next": next, "total": refunds.len()})))
}

async fn read(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let (charge_id, none) = (charge_id(&request)?, || Problem::not_found("A devolução"));
    let refund_id: RefundId = request.id(1, "A devolução")?;
    found(&api, &request, charge_id).await?.ok_or_else(none)?;
    let key = RefundRow::at(request.tenant, charge_id, refund_id);
    let row = api.platform.state.get::<RefundRow>(&key).await?.ok_or_else(none)?;
    Ok(private(StatusCode::OK, &Opener::of(&api, &request).refund(&row.refund).await?))
}
