//! Subscriptions of other systems: asked for, read, listed, ended. The gateway makes their charges by itself, which are charges like others.

use std::sync::Arc;

use feira_schemas::{
    api::payments::{
        SUBSCRIPTION_STATUSES, SubscriptionBody, subscription_card_json, subscription_content, subscription_status,
    },
    ids::{PlanId, SubscriptionId},
    problem::Code,
    records::{
        PaymentsCommand,
        common::CommandMeta,
        payments::{EndSubscription, RequestSubscription, Subscription, SubscriptionStatus},
    },
    rows::payments::{SubscriptionOfMonthRow, SubscriptionRow},
    topics::Context,
};
use feira_web::{
    cards,
    context::Api,
    cursor, json,
    payments::{Opener, entity_of},
    problem::Problem,
    reads,
    reply::Response,
    routing::{Kind, Parameter, Request, Route, UUID},
    settled, writes,
};
use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    choosing::BODIES,
    kinds::{changing, decided, making, private, reading, with_processing},
    months::{self, Place},
    outcomes::{Asked, Made, answer, is_refused, not_answered, processing, refused, undecided},
    plans, seal,
};

const ALL: &str = "/api/payments/v1/subscriptions";
const ONE: &str = "/api/payments/v1/subscriptions/{id}";
/// Bytes of a subscription's body: a token, and what people type.
const BODY_BYTES: usize = 32 * 1024;

pub(crate) fn routes() -> Vec<Route> {
    let made = "The subscription as the gateway has made it; one whose card was declined is there, too, with `errors` in it. `Location` \
                is its address.";
    let ended = "The subscription, which the gateway has ended.";
    let page =
        "A page of subscriptions, the newest first. There is no total: it would count all that the shop ever had.";
    let parameters = [
        Parameter::new("status", Kind::OneOf(SUBSCRIPTION_STATUSES), "Only these."),
        Parameter::new("plan_id", Kind::Text(36), "Only those of this plan.").like(UUID),
        Parameter::new("reference", Kind::Text(64), "Only those of your own id."),
        reads::AFTER,
        reads::LIMIT,
    ];
    vec![
        reading(Route::get(ALL, list), page, "SubscriptionPage")
            .query(parameters)
            .says("Lists the shop's subscriptions, the newest first."),
        with_processing(reading(Route::get(ONE, read), "The subscription as it is known here.", "Subscription"))
            .says("Reads a subscription, with the ids of its charges."),
        making(Route::new(Method::POST, ALL, create), made, "Subscription")
            .takes(vec![("application/json", "SubscriptionBody")], BODY_BYTES)
            .says("Makes a subscription to a plan, paid by card, and waits up to 12 s for the gateway."),
        changing(Route::new(Method::DELETE, ONE, end), ended, "Subscription")
            .says("Ends a subscription at once, and waits up to 12 s for the gateway to confirm it."),
    ]
}

async fn create(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let body: SubscriptionBody = json::typed(&BODIES, cards::parse(&request)?, "SubscriptionBody")?;
    let content = subscription_content(body, api.platform.now()).map_err(Problem::fields)?;
    // Before a key is minted: a card's token is of the account that its plan is at.
    let plan = plans::named(&api, &request, content.plan_id).await?;
    let meta = CommandMeta { expected_version: None, ..writes::personal_meta(&api, &request, request.tenant)? };
    let subscription_id = SubscriptionId::from_uuid(meta.command_id.uuid());
    let not_after = content.card.not_after();
    let asked = seal::subscription(&api, request.tenant, subscription_id, plan.account_id, content).await?;
    let (lent, lent_plan) = (None, None);
    let command = RequestSubscription { meta, subscription_id, request: asked, not_after, lent, lent_plan };
    let decision = match writes::send(&api, &request, PaymentsCommand::RequestSubscription(command)).await {
        Ok(decision) => decision,
        Err(not_decided) => return not_answered(&api, not_decided, subscription_id.uuid(), address(subscription_id)),
    };
    let subscription = settled::subscription(&api, request.tenant, entity_of(&decision.body)?).await?;
    let id = subscription.subscription_id;
    let asked = Asked { what: "a assinatura", id: id.uuid(), address: address(id) };
    let opener = Opener::of(&api, &request);
    answer(&api, &request, &decision, asked, made(&subscription), opener.subscription(&subscription)).await
}

/// The outcome of a subscription that was asked for: one that the gateway refused to make is a refusal.
fn made(subscription: &Subscription) -> Made<'_> {
    match subscription.status {
        SubscriptionStatus::Processing => Made::NotYet,
        SubscriptionStatus::Failed if subscription.observed.is_none() && is_refused(&subscription.attempts) => {
            Made::Refused(&subscription.reasons, subscription.why.as_deref())
        }
        _ => Made::There,
    }
}

async fn end(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let id = subscription_id(&request)?;
    let meta = CommandMeta { expected_version: None, ..writes::meta(&api, &request, request.tenant)? };
    let command = EndSubscription { meta, subscription_id: id };
    let decision = match writes::send(&api, &request, PaymentsCommand::EndSubscription(command)).await {
        Ok(decision) => decision,
        Err(not_decided) => return not_answered(&api, not_decided, id.uuid(), address(id)),
    };
    let subscription = settled::ended(&api, request.tenant, entity_of(&decision.body)?).await?;
    let mut response = match settled::is_over(subscription.status) {
        true => decided(&decision, &Opener::of(&api, &request).subscription(&subscription).await?, None),
        false if subscription.end_wanted => processing(&api, id.uuid(), address(id)),
        false => {
            let (reasons, why) = (&subscription.reasons, subscription.why.as_deref());
            refused(&api, &request, "encerrar a assinatura", reasons, why).await?
        }
    };
    writes::with_position(&mut response, decision.position);
    Ok(response)
}

async fn read(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let id = subscription_id(&request)?;
    reads::point(&api, &request, Context::Payments).await?;
    let row = api.platform.state.get::<SubscriptionRow>(&SubscriptionRow::at(request.tenant, id)).await?;
    // What the shop owes the platform is none that it sells.
    match row.map(|row| row.subscription).filter(|subscription| subscription.lent.is_none()) {
        Some(subscription) => {
            Ok(private(StatusCode::OK, &Opener::of(&api, &request).subscription(&subscription).await?))
        }
        None => undecided(&api, &request, id.uuid(), address(id), no_subscription).await,
    }
}

/// The subscriptions that a request asks for.
struct Filter<'a> {
    status: Option<&'a str>,
    plan_id: Option<PlanId>,
    reference: Option<&'a str>,
}

impl<'a> Filter<'a> {
    fn of(request: &'a Request) -> Result<Self, Problem> {
        let query = |name| request.query.text(name);
        let no_plan = |_| Problem::parameter("/query/plan_id", Code::Malformed, "plan_id é o id de um plano.");
        let plan_id = query("plan_id").map(|id| id.parse().map_err(no_plan)).transpose()?;
        Ok(Self { status: query("status"), plan_id, reference: query("reference") })
    }

    /// All that makes this list another one.
    fn query(&self) -> String {
        let plan = self.plan_id.map(|plan| plan.to_string()).unwrap_or_default();
        let word = Option::unwrap_or_default;
        format!("subscriptions\u{1}{}\u{1}{plan}\u{1}{}", word(self.status), word(self.reference))
    }

    fn takes(&self, subscription: &Subscription) -> bool {
        let request = &subscription.request;
        self.status.is_none_or(|status| status == subscription_status(subscription.status))
            && self.plan_id.is_none_or(|plan| plan == request.plan_id)
            && self.reference.is_none_or(|reference| request.reference.as_deref() == Some(reference))
    }
}

async fn list(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    reads::point(&api, &request, Context::Payments).await?;
    let filter = Filter::of(&request)?;
    let query = filter.query();
    let after = request.query.text("after").map(|after| cursor::open::<Place>(after, &query)).transpose()?;
    let wanted = |row: &SubscriptionRow| row.subscription.lent.is_none() && filter.takes(&row.subscription);
    let limit = reads::limit(&request);
    let page = months::page::<SubscriptionOfMonthRow>(&api, request.tenant, wanted, after, limit).await?;
    let items: Vec<Value> = page.items.iter().map(|row| subscription_card_json(&row.subscription)).collect();
    let next = page.next.map(|place| cursor::seal(place, &query));
    Ok(private(StatusCode::OK, &json!({"items": items, "next": next})))
}

/// The subscription that a path names.
pub(crate) fn subscription_id(request: &Request) -> Result<SubscriptionId, Problem> {
    request.id(0, "A assinatura")
}

fn no_subscription() -> Problem {
    Problem::not_found("A assinatura")
}

fn address(subscription: SubscriptionId) -> String {
    format!("{ALL}/{subscription}")
}
