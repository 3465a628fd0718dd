//! Charges of other systems: asked for, read, cancelled.

use std::sync::{Arc, LazyLock};

use feira_schemas::{
    api::payments::{ChargeBody, ChargeContent, charge_content, error_json, schemas},
    ids::{AccountId, ChargeId, CommandId, TenantId},
    problem::Code,
    records::{
        PaymentsCommand,
        common::{CommandMeta, Outcome},
        payments::{
            AttemptOutcome, CancelCharge, Charge, ChargePurpose, ChargeStatus, PaymentMethod, Reason, RequestCharge,
            Why,
        },
    },
    rows::payments::{AccountRow, ChargeRow},
    topics::Context,
};
use feira_web::{
    cards,
    commands::{Became, became},
    context::Api,
    json,
    payments::{Opener, entity_of},
    problem::Problem,
    reads,
    reply::Response,
    routing::{Request, Route},
    writes::{self, Decided, NotDecided},
};
use http::{Method, StatusCode};
use serde_json::Value;

use crate::{
    kinds::{CHARGES, address, changing, decided, json_of, making, private, processing, reading, with_location},
    seal, settled,
};

const ONE: &str = "/api/payments/v1/charges/{id}";
const CANCEL: &str = "/api/payments/v1/charges/{id}/cancel";
/// Bytes of a charge's body: 50 lines of the longest words and what people type are far below.
const BODY_BYTES: usize = 256 * 1024;
/// Accounts of a shop that are looked through for its default: decide lets a shop have fewer.
const ACCOUNTS: usize = 1_000;

/// The JSON schemas that bodies are checked against.
pub(crate) static BODIES: LazyLock<json::Schemas> = LazyLock::new(|| json::Schemas::new(schemas()));

pub(crate) fn routes() -> Vec<Route> {
    let made = "The charge; one that a card's bank has declined is a charge, too, with `errors` in it. `Location` is its address.";
    let cancelled =
        "The charge; while `cancel_wanted` is true and it is not cancelled, the gateway is still to be asked.";
    vec![
        making(Route::new(Method::POST, CHARGES, create), made, "Charge")
            .takes(vec![("application/json", "ChargeBody")], BODY_BYTES)
            .says("Makes a charge by card, boleto or Pix, and waits up to 12 s for the gateway."),
        reading(Route::get(ONE, read), "The charge as it is known here.", "Charge")
            .gives(202, "It is kept and was not decided yet.", json_of("PendingCharge"))
            .with_headers(&["Location"])
            .problems(&[403, 409, 422])
            .says("Reads a charge."),
        changing(Route::new(Method::POST, CANCEL, cancel), cancelled, "Charge")
            .says("Cancels a charge that nobody has paid, and waits up to 12 s for the gateway."),
    ]
}

async fn create(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let body: ChargeBody = json::typed(&BODIES, cards::parse(&request)?, "ChargeBody")?;
    let content = charge_content(body, api.platform.now()).map_err(Problem::fields)?;
    let content = with_account(&api, request.tenant, content).await?;
    let meta = CommandMeta { expected_version: None, ..writes::personal_meta(&api, &request, request.tenant)? };
    let charge_id = ChargeId::from_uuid(meta.command_id.uuid());
    let not_after = Some(content.not_after);
    let asked = seal::charge(&api, request.tenant, charge_id, content).await?;
    let command =
        RequestCharge { meta, charge_id, purpose: ChargePurpose::Api, order_id: None, request: asked, not_after };
    let sent = writes::send(&api, &request, PaymentsCommand::RequestCharge(command)).await;
    let decided = match sent {
        Ok(decided) => decided,
        Err(not_decided) => return not_answered(not_decided, charge_id),
    };
    let charge = settled::charge(&api, request.tenant, entity_of(&decided.body)?).await?;
    answer(&api, &request, &decided, &charge).await
}

/// A card goes to the account whose public key made its token: where none is named, that is the default one now, and not the one at the
/// first grant.
async fn with_account(api: &Api, tenant: TenantId, content: ChargeContent) -> Result<ChargeContent, Problem> {
    if content.method != PaymentMethod::Card || content.account_id.is_some() {
        return Ok(content);
    }
    let account_id = default_account(api, tenant).await?;
    Ok(ChargeContent { account_id, ..content })
}

async fn default_account(api: &Api, tenant: TenantId) -> Result<Option<AccountId>, Problem> {
    let rows = api.platform.state.scan::<AccountRow>(&AccountRow::all(tenant), None, ACCOUNTS).await?;
    Ok(rows.into_iter().find(|row| row.account.is_default).map(|row| row.account.account_id))
}

/// The answer to a charge that was asked for: what the gateway refused to make is a refusal, not a charge.
async fn answer(api: &Api, request: &Request, decision: &Decided, charge: &Charge) -> Result<Response, Problem> {
    let mut response = match charge.status {
        ChargeStatus::Processing => processing(charge.charge_id),
        ChargeStatus::Failed if is_refused(charge) => refused(api, request, charge).await?,
        _ => {
            let json = Opener::of(api, request).charge(charge).await?;
            decided(decision, &json, Some(address(charge.charge_id)))
        }
    };
    with_location(&mut response, Some(address(charge.charge_id)));
    writes::with_position(&mut response, decision.position);
    Ok(response)
}

/// True where the gateway refused the request itself, and made nothing. A card that its bank declined was asked for rightly, also at
/// gateways that make no charge of it.
fn is_refused(charge: &Charge) -> bool {
    let last = charge.attempts.last();
    let is_refused = last.is_some_and(|attempt| attempt.outcome == Some(AttemptOutcome::Refused));
    let why = last.and_then(|attempt| attempt.why.as_deref());
    charge.observed.is_none() && is_refused && why != Some(Why::Declined.word())
}

/// 422: each thing that the gateway says is wrong, by the gateway's own names beside the contract's.
async fn refused(api: &Api, request: &Request, charge: &Charge) -> Result<Response, Problem> {
    let messages = Opener::of(api, request).messages(charge.why()).await?;
    let mut errors: Vec<Value> =
        charge.why().iter().zip(&messages).map(|(reason, message)| error_json(reason, message.as_ref())).collect();
    if errors.is_empty() {
        // The gateway has said nothing: how the last attempt ended does.
        let why = charge.attempts.last().and_then(|attempt| attempt.why.clone());
        let reason = Reason { kind: why.unwrap_or_else(|| "request".to_owned()), parameter_name: None, message: None };
        errors.push(error_json(&reason, None));
    }
    let detail = "O gateway de pagamento recusou a cobrança: «errors» tem o que ele disse.";
    Ok(Problem::new(Code::GatewayRefused, detail).into_response_with(errors))
}

/// The answer where there is no decision: 202 with the charge's address, or a problem.
pub(crate) fn not_answered(not_decided: NotDecided, charge: ChargeId) -> Result<Response, Problem> {
    match not_decided {
        NotDecided::Pending(_) => Ok(processing(charge)),
        NotDecided::Problem(problem) => Err(problem),
    }
}

async fn read(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let id = charge_id(&request)?;
    match found(&api, &request, id).await? {
        Some(charge) => Ok(private(StatusCode::OK, &Opener::of(&api, &request).charge(&charge).await?)),
        None => undecided(&api, &request, id).await,
    }
}

/// A charge that is no row: its id is that of the command that asks for it, which may wait for its decision, or have been refused.
async fn undecided(api: &Api, request: &Request, id: ChargeId) -> Result<Response, Problem> {
    match became(api, request, request.tenant, CommandId::from_uuid(id.uuid())).await? {
        Some(Became::Pending) => Ok(processing(id)),
        Some(Became::Done(result, Context::Payments)) if result.outcome == Outcome::Refused => {
            let position = writes::position(&result, Context::Payments);
            Err(writes::decided(*result, position).err().unwrap_or_else(no_charge))
        }
        _ => Err(no_charge()),
    }
}

async fn cancel(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let charge_id = charge_id(&request)?;
    let meta = CommandMeta { expected_version: None, ..writes::meta(&api, &request, request.tenant)? };
    let command = PaymentsCommand::CancelCharge(CancelCharge { meta, charge_id });
    let decision = match writes::send(&api, &request, command).await {
        Ok(decision) => decision,
        Err(not_decided) => return not_answered(not_decided, charge_id),
    };
    let charge = settled::cancelled(&api, request.tenant, entity_of(&decision.body)?).await?;
    Ok(decided(&decision, &Opener::of(&api, &request).charge(&charge).await?, None))
}

/// The charge of this id, as it is at the position that the request asks for.
pub(crate) async fn found(api: &Api, request: &Request, id: ChargeId) -> Result<Option<Charge>, Problem> {
    reads::point(api, request, Context::Payments).await?;
    let row = api.platform.state.get::<ChargeRow>(&ChargeRow::at(request.tenant, id)).await?;
    Ok(row.map(|row| row.charge))
}

/// The charge that a path names.
pub(crate) fn charge_id(request: &Request) -> Result<ChargeId, Problem> {
    request.id(0, "A cobrança")
}

pub(crate) fn no_charge() -> Problem {
    Problem::not_found("A cobrança")
}
