//! Plans that subscriptions are made of: each is made once at its account's gateway, and its terms never change.

use std::sync::Arc;

use feira_schemas::{
    api::payments::{PlanBody, plan_content},
    ids::PlanId,
    problem::{Code, FieldError},
    records::{
        PaymentsCommand,
        common::CommandMeta,
        payments::{Plan, PlanStatus, SavePlan},
    },
    refusals::not_in_this_shop,
    rows::payments::PlanRow,
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
    routing::{Request, Route},
    settled, writes,
};
use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    choosing::BODIES,
    kinds::{making, private, reading, with_processing},
    outcomes::{Asked, Made, answer, not_answered, undecided},
};

const ALL: &str = "/api/payments/v1/plans";
const ONE: &str = "/api/payments/v1/plans/{id}";
/// Bytes of a plan's body: a few words and a sum.
const BODY_BYTES: usize = 16 * 1024;
/// Plans of a shop that are listed: decide lets a shop have fewer.
const PLANS: usize = 1_000;

pub(crate) fn routes() -> Vec<Route> {
    let made = "The plan, which the gateway has. `Location` is its address.";
    vec![
        reading(Route::get(ALL, list), "A page of the shop's plans, oldest first.", "PlanPage")
            .query([reads::AFTER, reads::LIMIT])
            .says("Lists the shop's plans."),
        with_processing(reading(Route::get(ONE, read), "The plan as it is known here.", "Plan")).says("Reads a plan."),
        making(Route::new(Method::POST, ALL, create), made, "Plan")
            .takes(vec![("application/json", "PlanBody")], BODY_BYTES)
            .says("Makes a plan at the gateway, and waits up to 12 s for it."),
    ]
}

async fn create(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let body: PlanBody = json::typed(&BODIES, cards::parse(&request)?, "PlanBody")?;
    let content = plan_content(body).map_err(Problem::fields)?;
    let meta = CommandMeta { expected_version: None, ..writes::meta(&api, &request, request.tenant)? };
    let plan_id = PlanId::from_uuid(meta.command_id.uuid());
    let command = SavePlan {
        meta,
        plan_id,
        reference: content.reference,
        account_id: content.account_id,
        name: content.name,
        description: content.description,
        price: content.price,
        months: content.months,
        statement_descriptor: content.statement_descriptor,
    };
    let decision = match writes::send(&api, &request, PaymentsCommand::SavePlan(command)).await {
        Ok(decision) => decision,
        Err(not_decided) => return not_answered(&api, not_decided, plan_id.uuid(), address(plan_id)),
    };
    let plan = settled::plan(&api, request.tenant, entity_of(&decision.body)?).await?;
    let asked = Asked { what: "o plano", id: plan.plan_id.uuid(), address: address(plan.plan_id) };
    answer(&api, &request, &decision, asked, made(&plan), Opener::of(&api, &request).plan(&plan)).await
}

fn made(plan: &Plan) -> Made<'_> {
    match plan.status {
        PlanStatus::Failed => Made::Refused(&plan.reasons, plan.why.as_deref()),
        PlanStatus::Processing | PlanStatus::Unknown => Made::NotYet,
        PlanStatus::Ready => Made::There,
    }
}

async fn list(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    reads::point(&api, &request, Context::Payments).await?;
    let rows = api.platform.state.scan::<PlanRow>(&PlanRow::all(request.tenant), None, PLANS).await?;
    let mut plans: Vec<Plan> = rows.into_iter().map(|row| row.plan).collect();
    plans.sort_by_key(|plan| (plan.created_at, plan.plan_id));
    let opener = Opener::of(&api, &request);
    let mut shown = Vec::with_capacity(plans.len());
    for plan in &plans {
        shown.push(opener.plan(plan).await?);
    }
    let key = |plan: &Value| {
        let text = |name: &str| plan[name].as_str().unwrap_or_default().to_owned();
        (text("created_at"), text("id"))
    };
    let (page, next) = cursor::page(&shown, key, "plans", request.query.text("after"), reads::limit(&request))?;
    Ok(private(StatusCode::OK, &json!({"items": page, "next": next, "total": shown.len()})))
}

async fn read(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let id: PlanId = request.id(0, "O plano")?;
    match found(&api, &request, id).await? {
        Some(plan) => Ok(private(StatusCode::OK, &Opener::of(&api, &request).plan(&plan).await?)),
        None => undecided(&api, &request, id.uuid(), address(id), || Problem::not_found("O plano")).await,
    }
}

/// The plan of this id, as it is at the position that the request asks for.
async fn found(api: &Api, request: &Request, id: PlanId) -> Result<Option<Plan>, Problem> {
    reads::point(api, request, Context::Payments).await?;
    let row = api.platform.state.get::<PlanRow>(&PlanRow::at(request.tenant, id)).await?;
    Ok(row.map(|row| row.plan))
}

/// The plan that a body names.
pub(crate) async fn named(api: &Api, request: &Request, id: PlanId) -> Result<Plan, Problem> {
    let unknown = || FieldError::new("/plan_id", Code::UnknownReference, not_in_this_shop("O plano"));
    let none = || Problem::fields(vec![unknown()]);
    found(api, request, id).await?.ok_or_else(none)
}

fn address(plan: PlanId) -> String {
    format!("{ALL}/{plan}")
}
