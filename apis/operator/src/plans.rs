//! Plans of the platform: made, changed, listed, and asked for at the gateway once more.

use std::sync::{Arc, LazyLock};

use feira_schemas::{
    api::signup::{PLAN_STATUSES, PlanBody, operator_schemas, plan_changes, plan_content},
    limits,
    records::signup::Plan,
};
use feira_web::{
    commands::KEPT,
    context::Api,
    json as bodies,
    payments::Opener,
    plans::{self, ORDERS},
    problem::Problem,
    reads::{self, Asked},
    reply,
    reply::Response,
    routing::{Kind, Parameter, Request, Route},
    sorted::Order,
    writes::{self, Decided, NotDecided},
};
use http::Method;
use serde_json::json;

const ALL: &str = "/api/operator/v1/plans";
const ONE: &str = "/api/operator/v1/plans/{id}";
const ASK: &str = "/api/operator/v1/plans/{id}/ask";

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
    let order = "The order; that of the page on which they are offered if left out.";
    let sort = Parameter::new("sort", Kind::OneOf(ORDERS), order);
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
            .query([words, status, sort, reads::AFTER, reads::LIMIT])
            .gives(200, "A page of plans.", json("PlatformPlanPage"))
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

/// A decision with the plan as operators see it.
async fn shown(
    api: &Api,
    request: &Request,
    changed: Result<(Plan, Decided), NotDecided>,
) -> Result<Decided, NotDecided> {
    let (plan, decided) = changed?;
    let body = Opener::of(api, request).platform_plan(&plan).await?;
    Ok(Decided { body, ..decided })
}

async fn list(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let (q, status) = (request.query.text("q").unwrap_or_default(), request.query.text("status"));
    let asked = Asked { q, status, after: request.query.text("after"), limit: reads::limit(&request) };
    let order = Order::read(request.query.text("sort"), ORDERS);
    let plans::Page { plans, next, total } = plans::list(&api, &request, asked, order).await?;
    let opener = Opener::of(&api, &request);
    let mut items = Vec::with_capacity(plans.len());
    for plan in &plans {
        items.push(opener.platform_plan(plan).await?);
    }
    Ok(reply::json(&json!({"items": items, "next": next, "total": total})))
}

async fn create(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let body: PlanBody = bodies::read(&BODIES, &request.body, "PlatformPlanBody")?;
    let content = plan_content(body).map_err(Problem::fields)?;
    answer(&api, &request, plans::create(&api, &request, content).await).await
}

async fn read(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let plan = plans::present(&api, &request).await?;
    let json = Opener::of(&api, &request).platform_plan(&plan).await?;
    Ok(reply::entity(&request.headers, &json, plan.version))
}

async fn patch(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let (id, patch) = (plans::id(&request)?, bodies::read_patch(&BODIES, &request.body, "PlatformPlanPatch")?);
    let changes = plan_changes(&patch).map_err(Problem::fields)?;
    answer(&api, &request, plans::change(&api, &request, id, changes).await).await
}

async fn ask(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let id = plans::id(&request)?;
    answer(&api, &request, plans::ask_again(&api, &request, id).await).await
}

/// The usual answer to a write, with the plan as operators see it.
async fn answer(
    api: &Api,
    request: &Request,
    changed: Result<(Plan, Decided), NotDecided>,
) -> Result<Response, Problem> {
    writes::answer(shown(api, request, changed).await, |id| format!("{ALL}/{id}"))
}
