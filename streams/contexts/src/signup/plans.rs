//! Plans as operators make and change them. None is deleted: one that is not offered any more is inactive.

use std::sync::Arc;

use feira_schemas::{
    api::signup,
    ids::{SignupPlanId, TenantId},
    problem::{Code, Refusal},
    records::{
        SignupEvent,
        common::{Answers, CommandMeta, Outcome},
        signup::{AskPlanAgain, ChangePlan, CreatePlan, Plan, PlanChanged, RemotePlanStatus, entity::PLAN},
    },
    refusals,
    rows::{common::Timer, signup::PlanRow},
};

use super::remote;
use crate::{Decided, Decision, DecisionContext, EntityVersion, Need, Rows, Shown, Stop, expected::check_version};

/// Plans of the platform, of which none is deleted: a page offers some, and what payments refuses is looked for among
/// all of them.
const PLANS: usize = 100;

pub(super) fn create(command: &CreatePlan, rows: &Rows, context: &DecisionContext) -> Decided<SignupEvent> {
    let tenant = of_platform(&command.meta)?;
    let plans = all(tenant, rows)?;
    if let Some(row) = plans.iter().find(|row| row.plan.plan_id == command.plan_id) {
        return Ok(Decision::unchanged(context, shown(&row.plan)));
    }
    signup::check(&command.content).map_err(Refusal::fields)?;
    if plans.len() >= PLANS {
        let detail = format!("A plataforma tem até {PLANS} planos: altere um que não oferece mais.");
        return Err(Refusal::new(Code::LimitReached, detail).into());
    }
    let content = command.content.clone();
    let mut plan = Plan {
        plan_id: command.plan_id,
        version: 0,
        name: content.name,
        description: content.description,
        features: content.features,
        price: content.price,
        months: content.months,
        limits: content.limits,
        status: content.status,
        position: content.position,
        methods: content.methods,
        remote: None,
        earlier: Vec::new(),
        created_at: context.now,
        changed_at: context.now,
    };
    let mut decision = Decision::new(context);
    remote::follow(&mut plan, &mut decision, context)?;
    say(&mut decision, plan, Some(context.answers(Outcome::Created)), context);
    Ok(decision)
}

pub(super) fn change(command: &ChangePlan, rows: &Rows, context: &DecisionContext) -> Decided<SignupEvent> {
    let present = known(of_platform(&command.meta)?, command.plan_id, rows)?;
    check_version(&command.meta, present.plan.version)?;
    let content = command.changes.clone().over(present.plan.content());
    signup::check(&content).map_err(Refusal::fields)?;
    let mut plan = present.plan.clone().with(content);
    if plan == present.plan {
        return Ok(Decision::unchanged(context, shown(&plan)));
    }
    let mut decision = Decision::new(context);
    remote::follow(&mut plan, &mut decision, context)?;
    say(&mut decision, plan, Some(context.answers(Outcome::Updated)), context);
    Ok(decision)
}

/// Payments is asked at once for what it has not taken, and for a new plan where the gateway has refused one, with what it
/// refused mended. One that is made stays: in the place of a good plan there would be none for a while.
pub(super) fn ask_again(command: &AskPlanAgain, rows: &Rows, context: &DecisionContext) -> Decided<SignupEvent> {
    let present = known(of_platform(&command.meta)?, command.plan_id, rows)?;
    check_version(&command.meta, present.plan.version)?;
    let mut plan = present.plan.clone();
    if !plan.wants_cards() {
        let detail = "Este plano não é pago com cartão: não há o que pedir ao gateway.";
        return Err(Refusal::new(Code::PaymentState, detail).into());
    }
    let mut decision = Decision::new(context);
    match plan.fitting().map(|remote| remote.status) {
        // Payments goes on by itself, or there is nothing to ask for.
        Some(RemotePlanStatus::Making | RemotePlanStatus::Made) => {
            return Ok(Decision::unchanged(context, shown(&plan)));
        }
        Some(RemotePlanStatus::Asked | RemotePlanStatus::NoAccount) => {
            remote::ask_now(&mut plan, &mut decision);
        }
        Some(RemotePlanStatus::Refused | RemotePlanStatus::Unknown) | None => {
            remote::ask_anew(&mut plan, 0, &mut decision, context)?;
        }
    }
    say(&mut decision, plan, Some(context.answers(Outcome::Updated)), context);
    Ok(decision)
}

/// A timer is due: what payments has not answered is asked again, unless something else is asked by now.
pub(super) fn due(timer: &Timer, rows: &Rows, context: &DecisionContext) -> Decided<SignupEvent> {
    let mut decision = Decision::new(context);
    let Some(plan_id) = remote::plan_of(&timer.entity) else { return Ok(decision) };
    let Some(row) = rows.get::<PlanRow>(PlanRow::at(timer.tenant_id, plan_id))? else { return Ok(decision) };
    let asked = row.plan.remote.as_ref().and_then(|remote| remote.asked.as_ref());
    if asked.is_some_and(|asked| asked.timer.timer_id == timer.timer_id) {
        let mut plan = row.plan.clone();
        remote::ask(&mut plan, &mut decision);
        say(&mut decision, plan, None, context);
    }
    Ok(decision)
}

/// Says what a plan is now.
pub(super) fn say(
    decision: &mut Decision<SignupEvent>,
    plan: Plan,
    answers: Option<Answers>,
    context: &DecisionContext,
) {
    let plan = Plan { version: plan.version + 1, changed_at: context.now, ..plan };
    let entity = EntityVersion::new(plan.plan_id, plan.version);
    decision.answer_for(answers, entity, |meta| PlanChanged { meta, plan });
}

/// A plan as an answer shows it: the record as the event has it, in which the gateway's sentences are sealed.
pub(super) fn shown(plan: &Plan) -> Shown {
    Shown { entity: PLAN, json: serde_json::to_string(plan).ok() }
}

/// All plans of the platform.
pub(super) fn all(tenant: TenantId, rows: &Rows) -> Result<Vec<Arc<PlanRow>>, Need> {
    rows.scan::<PlanRow>(PlanRow::all(tenant))
}

fn known(tenant: TenantId, plan: SignupPlanId, rows: &Rows) -> Result<Arc<PlanRow>, Stop> {
    match rows.get::<PlanRow>(PlanRow::at(tenant, plan))? {
        Some(row) => Ok(row),
        None => Err(Refusal::new(Code::NotFound, refusals::NO_SUCH_PLAN).into()),
    }
}

/// The platform, whose plans these are; a shop has none here.
fn of_platform(meta: &CommandMeta) -> Result<TenantId, Refusal> {
    if meta.tenant_id == TenantId::PLATFORM {
        return Ok(TenantId::PLATFORM);
    }
    Err(Refusal::new(Code::Forbidden, "Os planos de assinatura são da plataforma, e não de uma loja."))
}
