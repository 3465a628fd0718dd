//! Plans of the platform as its staff sees and changes them, by whatever way it comes.

use feira_schemas::{
    api::signup::plan_status,
    ids::{SignupPlanId, TenantId},
    problem::Code,
    records::{
        SignupCommand,
        common::CommandMeta,
        signup::{AskPlanAgain, ChangePlan, CreatePlan, Plan, PlanChanges, PlanContent},
    },
    refusals,
    rows::signup::PlanRow,
    topics::Context,
};

use crate::{
    context::Api,
    cursor,
    payments::entity_of,
    problem::Problem,
    reads::{self, Asked},
    routing::Request,
    sorted::{self, Order, Place, Value},
    writes::{self, Decided, NotDecided},
};

/// Plans that are read: decide lets the platform have fewer.
const MOST: usize = 1_000;

/// The orders of the list: from the least, or with `-` from the greatest.
pub const ORDERS: &[&str] =
    &["position", "-position", "name", "-name", "price", "-price", "months", "-months", "status", "-status"];

/// A page of plans.
#[derive(Debug, Clone)]
pub struct Page {
    /// The plans.
    pub plans: Vec<Plan>,
    /// The cursor of the next page.
    pub next: Option<String>,
    /// The number of plans on all pages.
    pub total: usize,
}

/// The plans that are asked for, as far as this request must see them; in no order of [`ORDERS`] they are as they stand on the page on which
/// they are offered.
pub async fn list(api: &Api, request: &Request, asked: Asked<'_>, order: Option<Order>) -> Result<Page, Problem> {
    reads::point(api, request, Context::Signup).await?;
    let rows = api.platform.state.scan::<PlanRow>(&PlanRow::all(TenantId::PLATFORM), None, MOST).await?;
    let part = asked.q.trim().to_lowercase();
    let shows = |plan: &Plan| {
        plan.name.to_lowercase().contains(&part) && asked.status.is_none_or(|status| plan_status(plan.status) == status)
    };
    let mut found: Vec<Plan> = rows.into_iter().map(|row| row.plan).filter(shows).collect();
    let (total, query) = (found.len(), format!("plans\u{1}{}\u{1}{}", asked.q, asked.status.unwrap_or_default()));
    let (page, next) = match order {
        Some(order) => {
            let query = format!("{query}\u{1}{order}");
            sorted::page(&mut found, |plan| place_by(plan, order), &query, asked.after, asked.limit)?
        }
        None => {
            found.sort_by_key(place);
            cursor::page(&found, place, &query, asked.after, asked.limit)?
        }
    };
    Ok(Page { plans: page.to_vec(), next, total })
}

/// The place of a plan in a list of this order.
fn place_by(plan: &Plan, order: Order) -> Place {
    let value = match order.by {
        "name" => Value::text(&plan.name),
        "price" => Value::Number(plan.price.amount),
        "months" => Value::Number(plan.months.into()),
        "status" => Value::text(plan_status(plan.status)),
        _ => Value::Number(plan.position.into()),
    };
    order.place(value, plan.plan_id)
}

/// The place of a plan among all.
fn place(plan: &Plan) -> (i32, i64, SignupPlanId) {
    (plan.position, plan.price.amount, plan.plan_id)
}

/// The plan that the path's first parameter names, as it is at the position that the request asks for.
pub async fn present(api: &Api, request: &Request) -> Result<Plan, Problem> {
    let plan_id = id(request)?;
    reads::point(api, request, Context::Signup).await?;
    let row = api.platform.state.get::<PlanRow>(&PlanRow::at(TenantId::PLATFORM, plan_id)).await?;
    row.map(|row| row.plan).ok_or_else(no_such_plan)
}

/// The id that the path's first parameter is.
pub fn id(request: &Request) -> Result<SignupPlanId, Problem> {
    request.param(0).parse().map_err(|_| no_such_plan())
}

/// Makes a plan and waits for the decision. The plan's id is its command's: a repeated key names the same.
pub async fn create(api: &Api, request: &Request, content: PlanContent) -> Result<(Plan, Decided), NotDecided> {
    let meta = CommandMeta { expected_version: None, ..writes::meta(api, request, TenantId::PLATFORM)? };
    let plan_id = SignupPlanId::from_uuid(meta.command_id.uuid());
    changed(api, request, CreatePlan { meta, plan_id, content }.into()).await
}

/// Changes a plan and waits for the decision.
pub async fn change(
    api: &Api,
    request: &Request,
    plan_id: SignupPlanId,
    changes: PlanChanges,
) -> Result<(Plan, Decided), NotDecided> {
    let meta = writes::meta(api, request, TenantId::PLATFORM)?;
    changed(api, request, ChangePlan { meta, plan_id, changes }.into()).await
}

/// Has the gateway asked for a plan once more, and waits for the decision.
pub async fn ask_again(api: &Api, request: &Request, plan_id: SignupPlanId) -> Result<(Plan, Decided), NotDecided> {
    let meta = writes::meta(api, request, TenantId::PLATFORM)?;
    changed(api, request, AskPlanAgain { meta, plan_id }.into()).await
}

async fn changed(api: &Api, request: &Request, command: SignupCommand) -> Result<(Plan, Decided), NotDecided> {
    let decided = writes::send(api, request, command).await?;
    Ok((entity_of::<Plan>(&decided.body)?, decided))
}

fn no_such_plan() -> Problem {
    Problem::new(Code::NotFound, refusals::NO_SUCH_PLAN)
}
