//! The plans that people can subscribe to now: active ones that can be paid in some way.

use std::sync::Arc;

use feira_schemas::{
    api::signup::offered_json,
    ids::{SignupPlanId, TenantId},
    problem::Code,
    records::signup::Plan,
    refusals,
    rows::signup::PlanRow,
    topics::Context,
};
use feira_web::{
    context::Api,
    problem::Problem,
    public, reads,
    reply::Response,
    routing::{Request, Route},
};
use serde_json::{Value, json};

const ALL: &str = "/api/signup/v1/plans";
const ONE: &str = "/api/signup/v1/plans/{id}";
/// Plans that are read: decide lets the platform have fewer.
const MOST: usize = 1_000;

pub(crate) fn routes() -> Vec<Route> {
    let kept = |route: Route| {
        let route = route.with_headers(&["ETag", "Cache-Control"]);
        route
            .gives(304, "The client has this already.", None)
            .with_headers(&["ETag", "Cache-Control"])
            .on_platform()
            .problems(&[409])
    };
    let listing = Route::get(ALL, list).gives_json("The plans, in their order.", "OfferedPlanList");
    let reading = Route::get(ONE, read).gives_json("The plan.", "OfferedPlan");
    vec![
        kept(listing).says("Lists the plans that people can subscribe to now."),
        kept(reading).says("Reads a plan that people can subscribe to now."),
    ]
}

async fn list(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    reads::point(&api, &request, Context::Signup).await?;
    let items: Vec<Value> = offered(&api).await?.iter().map(offered_json).collect();
    Ok(public::json(&request, json!({"items": items}).to_string()))
}

/// The plans that people can subscribe to now, in their order.
pub(crate) async fn offered(api: &Api) -> Result<Vec<Plan>, Problem> {
    let rows = api.platform.state.scan::<PlanRow>(&PlanRow::all(TenantId::PLATFORM), None, MOST).await?;
    let mut plans: Vec<Plan> = rows.into_iter().map(|row| row.plan).filter(Plan::is_offered).collect();
    plans.sort_by_key(|plan| (plan.position, plan.price.amount, plan.plan_id));
    Ok(plans)
}

/// The plan of this id, if people can subscribe to it now.
pub(crate) async fn offered_one(api: &Api, id: SignupPlanId) -> Result<Option<Plan>, Problem> {
    let row = api.platform.state.get::<PlanRow>(&PlanRow::at(TenantId::PLATFORM, id)).await?;
    Ok(row.map(|row| row.plan).filter(Plan::is_offered))
}

async fn read(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let none = || Problem::new(Code::NotFound, refusals::NO_SUCH_PLAN);
    let id: SignupPlanId = request.param(0).parse().map_err(|_| none())?;
    reads::point(&api, &request, Context::Signup).await?;
    let plan = offered_one(&api, id).await?.ok_or_else(none)?;
    Ok(public::json(&request, offered_json(&plan).to_string()))
}
