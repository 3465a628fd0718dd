//! Plans of the platform: made, changed, listed, and asked for at the gateway once more.

use std::sync::{Arc, LazyLock};

use feira_schemas::{
    api::signup::{PLAN_STATUSES, PlanBody, operator_schemas, plan_changes, plan_content, plan_status},
    ids::{SignupPlanId, TenantId},
    limits,
    problem::Code,
    records::{
        SignupCommand,
        common::CommandMeta,
        signup::{AskPlanAgain, ChangePlan, CreatePlan, Plan},
    },
    refusals,
    rows::signup::PlanRow,
    topics::Context,
};
use feira_web::{
    commands::KEPT,
    context::Api,
    cursor, json as bodies,
    payments::{Opener, entity_of},
    problem::Problem,
    reads, reply,
    reply::Response,
    routing::{Kind, Parameter, Request, Route},
    writes::{self, Decided, NotDecided},
};
use http::Method;
use serde_json::{Map, Value, json};

const ALL: &str = "/api/operator/v1/plans";
const ONE: &str = "/api/operator/v1/plans/{id}";
const ASK: &str = "/api/operator/v1/plans/{id}/ask";
/// Plans that are read: decide lets the platform have fewer.
const MOST: usize = 1_000;

/// The JSON schemas that bodies are checked against.
static BODIES: LazyLock<bodies::Schemas> = LazyLock::new(|| bodies::Schemas::new(operator_schemas()));

/// The routes of plans.
pub fn routes() -> Vec<Route> {
    let json = |schema| Some(("application/json", schema));
    let kept = |route: Route| route.keyed().gives(202, KEPT, json("PendingCommand")).with_headers(&["Location"]);
    let changing = |route: Route| {
        let route = route.for_operator().versioned().gives(200, "The plan.", json("PlatformPlan"));
        kept(route.with_headers(&["ETag", "Feira-Position"]))
    };
    let words = Parameter::new("q", Kind::Text(255), "A part of the name.");
    let status = Parameter::new("status", Kind::OneOf(PLAN_STATUSES), "Shows only plans of this status.");
    let making = Route::new(Method::POST, ALL, create)
        .for_operator()
        .takes_json("PlatformPlanBody")
        .gives(201, "The new plan; the gateway is asked for it where cards may pay.", json("PlatformPlan"))
        .with_headers(&["Location", "ETag", "Feira-Position"]);
    let patching = Route::new(Method::PATCH, ONE, patch).takes(
        vec![("application/merge-patch+json", "PlatformPlanPatch"), ("application/json", "PlatformPlanPatch")],
        limits::JSON_BODY_BYTES,
    );
    vec![
        Route::get(ALL, list)
            .for_operator()
            .query([words, status, reads::AFTER, reads::LIMIT])
            .gives(
                200,
                "A page of plans, in the order of the page on which they are offered.",
                json("PlatformPlanPage"),
            )
            .problems(&[409])
            .says("Lists the platform's plans, also those that are not offered."),
        kept(making).says("Makes a plan of the platform, which people subscribe to."),
        Route::get(ONE, read)
            .for_operator()
            .gives_json("The plan.", "PlatformPlan")
            .with_headers(&["ETag"])
            .gives(304, "The version that the client has is the present one.", None)
            .with_headers(&["ETag"])
            .problems(&[409])
            .says("Reads a plan of the platform, and how far the gateway is with it."),
        changing(patching).says("Changes a plan: another price or period is another plan at the gateway."),
        changing(Route::new(Method::POST, ASK, ask)).says(
            "Asks the gateway for a plan once more: for a new one where it has refused it. One that is made stays.",
        ),
    ]
}

/// Makes a plan, whose id is its command's: a repeated key names the same.
pub async fn submit(api: &Api, request: &Request, body: PlanBody) -> Result<Decided, NotDecided> {
    let content = plan_content(body).map_err(Problem::fields)?;
    let meta = CommandMeta { expected_version: None, ..writes::meta(api, request, TenantId::PLATFORM)? };
    let plan_id = SignupPlanId::from_uuid(meta.command_id.uuid());
    send(api, request, CreatePlan { meta, plan_id, content }.into()).await
}

/// Changes a plan as a merge patch (RFC 7396) says.
pub async fn submit_changes(
    api: &Api,
    request: &Request,
    plan_id: SignupPlanId,
    patch: &Map<String, Value>,
) -> Result<Decided, NotDecided> {
    let changes = plan_changes(patch).map_err(Problem::fields)?;
    let meta = writes::meta(api, request, TenantId::PLATFORM)?;
    send(api, request, ChangePlan { meta, plan_id, changes }.into()).await
}

/// Has the gateway asked for a plan once more.
pub async fn submit_asking(api: &Api, request: &Request, plan_id: SignupPlanId) -> Result<Decided, NotDecided> {
    let meta = writes::meta(api, request, TenantId::PLATFORM)?;
    send(api, request, AskPlanAgain { meta, plan_id }.into()).await
}

/// Sends a command; the plan comes back as operators see it.
async fn send(api: &Api, request: &Request, command: SignupCommand) -> Result<Decided, NotDecided> {
    let decided = writes::send(api, request, command).await?;
    let body = Opener::of(api, request).platform_plan(&entity_of::<Plan>(&decided.body)?).await?;
    Ok(Decided { body, ..decided })
}

/// The plans with this part in their names and of this status, as they stand on the page.
pub async fn found(api: &Api, words: &str, status: Option<&str>) -> Result<Vec<Plan>, Problem> {
    let rows = api.platform.state.scan::<PlanRow>(&PlanRow::all(TenantId::PLATFORM), None, MOST).await?;
    let asked = words.trim().to_lowercase();
    let shows = |plan: &Plan| {
        plan.name.to_lowercase().contains(&asked) && status.is_none_or(|status| plan_status(plan.status) == status)
    };
    let mut plans: Vec<Plan> = rows.into_iter().map(|row| row.plan).filter(shows).collect();
    plans.sort_by_key(place);
    Ok(plans)
}

/// The place of a plan among all.
fn place(plan: &Plan) -> (i32, i64, SignupPlanId) {
    (plan.position, plan.price.amount, plan.plan_id)
}

async fn list(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    reads::point(&api, &request, Context::Signup).await?;
    let (words, status) = (request.query.text("q").unwrap_or_default(), request.query.text("status"));
    let plans = found(&api, words, status).await?;
    let query = format!("plans\u{1}{words}\u{1}{}", status.unwrap_or_default());
    let (page, next) = cursor::page(&plans, place, &query, request.query.text("after"), reads::limit(&request))?;
    let opener = Opener::of(&api, &request);
    let mut items = Vec::with_capacity(page.len());
    for plan in page {
        items.push(opener.platform_plan(plan).await?);
    }
    Ok(reply::json(&json!({"items": items, "next": next, "total": plans.len()})))
}

async fn create(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let body: PlanBody = bodies::read(&BODIES, &request.body, "PlatformPlanBody")?;
    writes::answer(submit(&api, &request, body).await, |id| format!("{ALL}/{id}"))
}

async fn read(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let id = plan_id(&request)?;
    reads::point(&api, &request, Context::Signup).await?;
    let row = api.platform.state.get::<PlanRow>(&PlanRow::at(TenantId::PLATFORM, id)).await?;
    let plan = row.map(|row| row.plan).ok_or_else(no_such_plan)?;
    let json = Opener::of(&api, &request).platform_plan(&plan).await?;
    Ok(reply::entity(&request.headers, &json, plan.version))
}

async fn patch(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let (id, patch) = (plan_id(&request)?, bodies::read_patch(&BODIES, &request.body, "PlatformPlanPatch")?);
    let changed = submit_changes(&api, &request, id, &patch).await;
    writes::answer(changed, |id| format!("{ALL}/{id}"))
}

async fn ask(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let asked = submit_asking(&api, &request, plan_id(&request)?).await;
    writes::answer(asked, |id| format!("{ALL}/{id}"))
}

fn plan_id(request: &Request) -> Result<SignupPlanId, Problem> {
    request.param(0).parse().map_err(|_| no_such_plan())
}

fn no_such_plan() -> Problem {
    Problem::new(Code::NotFound, refusals::NO_SUCH_PLAN)
}
