//! Charges of other systems: asked for, read, cancelled.

use std::sync::Arc;

use feira_schemas::{
    api::payments::{CardChosen, ChargeBody, ChargeContent, charge_content},
    ids::ChargeId,
    records::{
        PaymentsCommand,
        common::CommandMeta,
        payments::{CancelCharge, Charge, ChargePurpose, ChargeStatus, KeptCard, RequestCharge},
    },
    rows::payments::ChargeRow,
    topics::Context,
};
use feira_web::{
    cards,
    context::Api,
    json,
    payments::{Opener, entity_of},
    problem::Problem,
    reads,
    reply::Response,
    routing::{Request, Route},
    settled, writes,
};
use http::{Method, StatusCode};

use crate::{
    choosing::{BODIES, default_account, kept_card},
    kinds::{CHARGES, address, changing, decided, making, private, reading, with_processing},
    outcomes::{Asked, Made, answer, is_refused, last_why, not_answered, undecided},
    seal,
};

const ONE: &str = "/api/payments/v1/charges/{id}";
const CANCEL: &str = "/api/payments/v1/charges/{id}/cancel";
/// Bytes of a charge's body: 50 lines of the longest words and what people type are far below.
const BODY_BYTES: usize = 256 * 1024;

pub(crate) fn routes() -> Vec<Route> {
    let made = "The charge; one that a card's bank has declined is a charge, too, with `errors` in it. `Location` is its address.";
    let cancelled =
        "The charge; while `cancel_wanted` is true and it is not cancelled, the gateway is still to be asked.";
    vec![
        making(Route::new(Method::POST, CHARGES, create), made, "Charge")
            .takes(vec![("application/json", "ChargeBody")], BODY_BYTES)
            .says("Makes a charge by card, boleto or Pix, and waits up to 12 s for the gateway."),
        with_processing(reading(Route::get(ONE, read), "The charge as it is known here.", "Charge"))
            .says("Reads a charge."),
        changing(Route::new(Method::POST, CANCEL, cancel), cancelled, "Charge")
            .says("Cancels a charge that nobody has paid, and waits up to 12 s for the gateway."),
    ]
}

async fn create(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let body: ChargeBody = json::typed(&BODIES, cards::parse(&request)?, "ChargeBody")?;
    let content = charge_content(body, api.platform.now()).map_err(Problem::fields)?;
    let (content, kept) = with_card(&api, &request, content).await?;
    let meta = CommandMeta { expected_version: None, ..writes::personal_meta(&api, &request, request.tenant)? };
    let charge_id = ChargeId::from_uuid(meta.command_id.uuid());
    let not_after = content.not_after;
    let asked = seal::charge(&api, request.tenant, charge_id, content, kept).await?;
    let command = RequestCharge {
        meta,
        charge_id,
        purpose: ChargePurpose::Api,
        order_id: None,
        request: asked,
        not_after,
        lent: None,
    };
    let decision = match writes::send(&api, &request, PaymentsCommand::RequestCharge(command)).await {
        Ok(decision) => decision,
        Err(not_decided) => return not_answered(&api, not_decided, charge_id.uuid(), address(charge_id)),
    };
    let charge = settled::charge(&api, request.tenant, entity_of(&decision.body)?).await?;
    let asked = Asked { what: "a cobrança", id: charge.charge_id.uuid(), address: address(charge.charge_id) };
    answer(&api, &request, &decision, asked, made(&charge), Opener::of(&api, &request).charge(&charge)).await
}

/// The outcome of a charge that was asked for: one that the gateway refused to make is a refusal, and no charge.
fn made(charge: &Charge) -> Made<'_> {
    match charge.status {
        ChargeStatus::Processing => Made::NotYet,
        ChargeStatus::Failed if charge.observed.is_none() && is_refused(&charge.attempts) => {
            Made::Refused(charge.why(), last_why(&charge.attempts))
        }
        _ => Made::There,
    }
}

/// A card goes to the account whose public key made its token: where none is named, that is the default one now, and not the one at the
/// first grant. One that is kept goes to the account that keeps it.
async fn with_card(
    api: &Api,
    request: &Request,
    content: ChargeContent,
) -> Result<(ChargeContent, Option<KeptCard>), Problem> {
    match content.card.as_ref().map(|card| &card.card) {
        Some(CardChosen::Saved(card)) => {
            let (account, kept) = kept_card(api, request, *card, content.account_id).await?;
            Ok((ChargeContent { account_id: Some(account), ..content }, Some(kept)))
        }
        Some(CardChosen::Token(_)) if content.account_id.is_none() => {
            let account_id = default_account(api, request.tenant).await?;
            Ok((ChargeContent { account_id, ..content }, None))
        }
        _ => Ok((content, None)),
    }
}

async fn read(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let id = charge_id(&request)?;
    match found(&api, &request, id).await? {
        Some(charge) => Ok(private(StatusCode::OK, &Opener::of(&api, &request).charge(&charge).await?)),
        None => undecided(&api, &request, id.uuid(), address(id), no_charge).await,
    }
}

async fn cancel(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let charge_id = charge_id(&request)?;
    let meta = CommandMeta { expected_version: None, ..writes::meta(&api, &request, request.tenant)? };
    let command = PaymentsCommand::CancelCharge(CancelCharge { meta, charge_id });
    let decision = match writes::send(&api, &request, command).await {
        Ok(decision) => decision,
        Err(not_decided) => return not_answered(&api, not_decided, charge_id.uuid(), address(charge_id)),
    };
    let charge = settled::cancelled(&api, request.tenant, entity_of(&decision.body)?).await?;
    Ok(decided(&decision, &Opener::of(&api, &request).charge(&charge).await?, None))
}

/// The charge of this id, as it is at the position that the request asks for. What the shop owes the platform is none that it sells by.
pub(crate) async fn found(api: &Api, request: &Request, id: ChargeId) -> Result<Option<Charge>, Problem> {
    reads::point(api, request, Context::Payments).await?;
    let row = api.platform.state.get::<ChargeRow>(&ChargeRow::at(request.tenant, id)).await?;
    Ok(row.map(|row| row.charge).filter(|charge| charge.lent.is_none()))
}

/// The charge that a path names.
pub(crate) fn charge_id(request: &Request) -> Result<ChargeId, Problem> {
    request.id(0, "A cobrança")
}

pub(crate) fn no_charge() -> Problem {
    Problem::not_found("A cobrança")
}
