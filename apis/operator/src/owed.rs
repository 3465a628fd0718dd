//! What shops owe the platform: charges and subscriptions at gateways that sign-up has asked for, at the account that the platform lends. Of a
//! shop's own they are none, so that the operator alone reads them, gives money back, ends what renews itself, and settles what is in doubt.

use std::{
    sync::{Arc, LazyLock},
    time::Duration,
};

use feira_schemas::{
    api::payments::{
        RefundBody, SettleBody, SettleChargeBody, refund_content, schemas, settle_charge, settle_note, settle_schemas,
    },
    ids::{ChargeId, RefundId, SubscriptionId, TenantId},
    records::{
        PaymentsCommand,
        common::CommandMeta,
        payments::{
            BY_OPERATOR, Charge, EndSubscription, Refund, RequestRefund, SettleCharge, SettleRefund,
            SettleSubscription, Subscription,
        },
    },
    rows::payments::{ChargeRow, SubscriptionRow},
    sealed::{BankAccount, Sealed},
    topics::Context,
};
use feira_web::{
    cards,
    commands::KEPT,
    context::Api,
    json as bodies,
    payments::{Opener, entity_of},
    problem::Problem,
    reads,
    reply::Response,
    routing::{Request, Route},
    settled,
    writes::{self, Decided},
};
use http::{HeaderValue, Method, StatusCode, header};
use serde_json::Value;

use crate::staff::{json_of, private};

const CHARGE: &str = "/api/operator/v1/subscribers/{shop}/charges/{cid}";
const SETTLE_CHARGE: &str = "/api/operator/v1/subscribers/{shop}/charges/{cid}/settle";
const REFUNDS: &str = "/api/operator/v1/subscribers/{shop}/charges/{cid}/refunds";
const SETTLE_REFUND: &str = "/api/operator/v1/subscribers/{shop}/charges/{cid}/refunds/{rid}/settle";
const SUBSCRIPTION: &str = "/api/operator/v1/subscribers/{shop}/subscriptions/{id}";
const SETTLE_SUBSCRIPTION: &str = "/api/operator/v1/subscribers/{shop}/subscriptions/{id}/settle";
/// Bytes of a body: a sum and a bank account, or a note.
const BODY_BYTES: usize = 16 * 1024;
/// Longest time until the answer of a write that waits for a gateway begins: 2 s for the decision, 12 s for the gateway, and the rest
/// for slow dependencies.
const WITHIN: Duration = Duration::from_secs(18);

/// The JSON schemas that bodies are checked against.
static BODIES: LazyLock<bodies::Schemas> =
    LazyLock::new(|| bodies::Schemas::new([schemas(), settle_schemas()].concat()));

/// The routes of what shops owe.
pub fn routes() -> Vec<Route> {
    let given = "The refund, as far as it has come; `Location` is the charge's address, which shows it.";
    let settled = "The charge: as the gateway shows it under the id that was named, or failed; while it is `processing`, the gateway is \
                   still to be looked at.";
    let ended = "The subscription; while `end_wanted` is true and it is not over, the gateway is still to be asked, and where it turns up \
                 late it is ended then.";
    let closed =
        "The subscription: `failed` where it was to be made, and as the gateway has shown it last where it was to end.";
    let refund_made = Route::new(Method::POST, REFUNDS, refund).for_operator().gives(201, given, json_of("Refund"));
    vec![
        Route::get(CHARGE, read)
            .for_operator()
            .gives(200, "The charge with its refunds, as it is known here.", json_of("Charge"))
            .problems(&[409])
            .says("Reads a charge that a shop owes the platform."),
        kept(refund_made.with_headers(&["Location", "Feira-Position"]))
            .within(WITHIN)
            .takes(vec![("application/json", "RefundBody")], BODY_BYTES)
            .says("Gives back a part of what a shop has paid to the platform, or all of it, and waits up to 12 s for the gateway."),
        changing(Route::new(Method::POST, SETTLE_CHARGE, settle_of_charge), settled, "Charge")
            .within(WITHIN)
            .takes(vec![("application/json", "ChargeSettleBody")], BODY_BYTES)
            .says("Settles a charge that a shop owes, of which the gateway has shown nothing for 20 h: it has made none, or one of the id that is named."),
        changing(Route::new(Method::POST, SETTLE_REFUND, settle_of_refund), "The refund, which was made by hand.", "Refund")
            .takes(vec![("application/json", "RefundSettleBody")], BODY_BYTES)
            .says("Settles a refund of what a shop has paid that failed, or is in doubt: it was given back by hand."),
        changing(Route::new(Method::DELETE, SUBSCRIPTION, end), ended, "Subscription")
            .within(WITHIN)
            .says("Ends the subscription at the gateway by which a shop pays the platform, and waits up to 12 s for that."),
        changing(Route::new(Method::POST, SETTLE_SUBSCRIPTION, settle_of_subscription), closed, "Subscription")
            .takes(vec![("application/json", "SubscriptionSettleBody")], BODY_BYTES)
            .says("Settles a subscription by which a shop pays, of which the gateway has shown for 20 h neither that it was made nor that it ended."),
    ]
}

/// A write that changes something.
fn changing(route: Route, what: &'static str, schema: &'static str) -> Route {
    kept(route.for_operator().gives(200, what, json_of(schema)).with_headers(&["Feira-Position"]))
}

/// A write that may not be decided yet.
fn kept(route: Route) -> Route {
    route.keyed().gives(202, KEPT, json_of("PendingCommand")).with_headers(&["Location"])
}

async fn read(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let (tenant, charge) = charge(&api, &request).await?;
    Ok(private(StatusCode::OK, &opener(&api, &request, tenant).charge(&charge).await?))
}

async fn refund(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let body: RefundBody = bodies::typed(&BODIES, cards::parse(&request)?, "RefundBody")?;
    let content = refund_content(body).map_err(Problem::fields)?;
    let (tenant, charge) = charge(&api, &request).await?;
    let meta = by_operator(writes::personal_meta(&api, &request, tenant)?);
    let (charge_id, refund_id) = (charge.charge_id, RefundId::from_uuid(meta.command_id.uuid()));
    let bank_account = match &content.bank_account {
        Some(account) => Some(sealed(&api, tenant, &charge, account).await?),
        None => None,
    };
    let (reference, amount) = (content.reference, content.amount);
    let command = RequestRefund { meta, refund_id, charge_id, reference, amount, bank_account };
    let decided = match writes::send(&api, &request, PaymentsCommand::RequestRefund(command)).await {
        Ok(decided) => decided,
        Err(not_decided) => return writes::not_answered(not_decided),
    };
    let refund = settled::refund(&api, tenant, entity_of::<Refund>(&decided.body)?).await?;
    let json = opener(&api, &request, tenant).refund(&refund).await?;
    let mut response = answered(StatusCode::CREATED, &json, &decided);
    let address = format!("/api/operator/v1/subscribers/{tenant}/charges/{charge_id}");
    if let Ok(address) = HeaderValue::try_from(address) {
        response.headers_mut().insert(header::LOCATION, address);
    }
    Ok(response)
}

async fn settle_of_charge(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let body: SettleChargeBody = bodies::read(&BODIES, &request.body, "ChargeSettleBody")?;
    let (remote_id, note) = settle_charge(body).map_err(Problem::fields)?;
    let (tenant, owed) = charge(&api, &request).await?;
    let meta = by_operator(writes::meta(&api, &request, tenant)?);
    let command = SettleCharge { meta, charge_id: owed.charge_id, remote_id, note };
    let decided = match writes::send(&api, &request, PaymentsCommand::SettleCharge(command)).await {
        Ok(decided) => decided,
        Err(not_decided) => return writes::not_answered(not_decided),
    };
    // What is decided may be said of the effect alone.
    let (_, known) = charge(&api, &request).await?;
    let settled = settled::charge(&api, tenant, known).await?;
    Ok(answered(StatusCode::OK, &opener(&api, &request, tenant).charge(&settled).await?, &decided))
}

async fn settle_of_refund(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let body: SettleBody = bodies::read(&BODIES, &request.body, "RefundSettleBody")?;
    let note = settle_note(body).map_err(Problem::fields)?;
    let refund_id: RefundId = request.id(2, "A devolução")?;
    let (tenant, charge) = charge(&api, &request).await?;
    let meta = by_operator(writes::meta(&api, &request, tenant)?);
    let command = SettleRefund { meta, refund_id, charge_id: charge.charge_id, note };
    let decided = match writes::send(&api, &request, PaymentsCommand::SettleRefund(command)).await {
        Ok(decided) => decided,
        Err(not_decided) => return writes::not_answered(not_decided),
    };
    let refund = entity_of::<Refund>(&decided.body)?;
    Ok(answered(StatusCode::OK, &opener(&api, &request, tenant).refund(&refund).await?, &decided))
}

async fn end(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let (tenant, subscription_id) = subscription(&api, &request).await?;
    let meta = by_operator(writes::meta(&api, &request, tenant)?);
    let command = EndSubscription { meta, subscription_id };
    let decided = match writes::send(&api, &request, PaymentsCommand::EndSubscription(command)).await {
        Ok(decided) => decided,
        Err(not_decided) => return writes::not_answered(not_decided),
    };
    let ended = settled::ended(&api, tenant, entity_of::<Subscription>(&decided.body)?).await?;
    Ok(answered(StatusCode::OK, &opener(&api, &request, tenant).subscription(&ended).await?, &decided))
}

async fn settle_of_subscription(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let body: SettleBody = bodies::read(&BODIES, &request.body, "SubscriptionSettleBody")?;
    let note = settle_note(body).map_err(Problem::fields)?;
    let (tenant, subscription_id) = subscription(&api, &request).await?;
    let meta = by_operator(writes::meta(&api, &request, tenant)?);
    let command = SettleSubscription { meta, subscription_id, note };
    let decided = match writes::send(&api, &request, PaymentsCommand::SettleSubscription(command)).await {
        Ok(decided) => decided,
        Err(not_decided) => return writes::not_answered(not_decided),
    };
    let settled = entity_of::<Subscription>(&decided.body)?;
    Ok(answered(StatusCode::OK, &opener(&api, &request, tenant).subscription(&settled).await?, &decided))
}

/// The meta of a command about what a shop owes, which decide takes from operators alone.
fn by_operator(meta: CommandMeta) -> CommandMeta {
    CommandMeta { actor: format!("{BY_OPERATOR}{}", meta.actor), expected_version: None, ..meta }
}

fn answered(status: StatusCode, json: &Value, decided: &Decided) -> Response {
    let mut response = private(status, json);
    writes::with_position(&mut response, decided.position);
    response
}

fn opener<'a>(api: &'a Api, request: &'a Request, tenant: TenantId) -> Opener<'a> {
    Opener { tenant, ..Opener::of(api, request) }
}

/// A bank account, sealed of whom the charge is about: erased with the buyer.
async fn sealed(
    api: &Api,
    tenant: TenantId,
    charge: &Charge,
    account: &BankAccount,
) -> Result<Sealed<BankAccount>, Problem> {
    let subject = charge.request.buyer.name.envelope().subject();
    Ok(api.keyring.mint(tenant, subject).await?.seal(account)?)
}

/// The charge that the path names, and who owes it; none of a shop's own.
async fn charge(api: &Api, request: &Request) -> Result<(TenantId, Charge), Problem> {
    let (tenant, charge): (TenantId, ChargeId) = (tenant(request)?, request.id(1, "A cobrança")?);
    reads::point(api, request, Context::Payments).await?;
    let row = api.platform.state.get::<ChargeRow>(&ChargeRow::at(tenant, charge)).await?;
    let charge = row.map(|row| row.charge).filter(|charge| charge.lent.is_some());
    Ok((tenant, charge.ok_or_else(|| Problem::not_found("A cobrança"))?))
}

/// The subscription at a gateway that the path names, and who pays by it; none of a shop's own.
async fn subscription(api: &Api, request: &Request) -> Result<(TenantId, SubscriptionId), Problem> {
    let (tenant, subscription): (TenantId, SubscriptionId) = (tenant(request)?, request.id(1, "A assinatura")?);
    reads::point(api, request, Context::Payments).await?;
    let row = api.platform.state.get::<SubscriptionRow>(&SubscriptionRow::at(tenant, subscription)).await?;
    let is_owed = row.is_some_and(|row| row.subscription.lent.is_some());
    if is_owed { Ok((tenant, subscription)) } else { Err(Problem::not_found("A assinatura")) }
}

/// Who owes: a shop that may not be made yet, so that its id alone names it.
fn tenant(request: &Request) -> Result<TenantId, Problem> {
    request.id(0, "A loja")
}
