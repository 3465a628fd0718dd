//! The plan at the gateway by which cards pay a plan of the platform. Payments makes it: it is asked, and asked again
//! by timer until its events answer. A plan at a gateway never changes its terms, so that another price or period is
//! another one there.

use feira_schemas::{
    ids::{PlanId, SignupPlanId, TenantId},
    problem::{Code, Refusal},
    records::{
        Outgoing, PaymentsCommand, SignupEvent,
        payments::SavePlan,
        signup::{Plan, RemotePlan, RemotePlanStatus},
    },
};

use crate::{Decision, DecisionContext};

/// Begins the id of the entity of a timer, of which the plan's is the rest.
const ENTITY: &str = "plan:";
/// The word for what is asked, in timers and records.
const SAVE_PLAN: &str = "save_plan";
/// Plans of before that are kept with a plan: subscriptions of before name them, so that none is dropped.
const EARLIER: usize = 20;

/// The plan at the gateway follows what an operator has written: it is asked for where cards may pay and none has
/// this price and period, and is asked for no longer where none is needed.
pub(super) fn follow(
    plan: &mut Plan,
    decision: &mut Decision<SignupEvent>,
    context: &DecisionContext,
) -> Result<(), Refusal> {
    if plan.wants_cards() {
        return match plan.fitting() {
            Some(_) => Ok(()),
            None => ask_anew(plan, 0, decision, context),
        };
    }
    // What payments has taken stays: subscriptions name it, and cards may pay again.
    if let Some(RemotePlan { status, .. }) = &plan.remote
        && !is_taken(*status)
    {
        stop_asking(plan, decision);
        plan.remote = None;
    }
    Ok(())
}

/// Asks for a new plan at the gateway in the place of the present one. `index` tells those of one decision apart.
pub(super) fn ask_anew(
    plan: &mut Plan,
    index: u32,
    decision: &mut Decision<SignupEvent>,
    context: &DecisionContext,
) -> Result<(), Refusal> {
    set_aside(plan, decision)?;
    plan.remote = Some(RemotePlan {
        payments_plan_id: PlanId::derive(context.cause.command_id, index, context.now),
        price: plan.price,
        months: plan.months,
        status: RemotePlanStatus::Asked,
        command_id: context.cause.command_id,
        account_id: None,
        remote_id: None,
        why: None,
        detail: None,
        reasons: Vec::new(),
        asked: None,
        asked_at: context.now,
    });
    ask(plan, decision);
    Ok(())
}

/// Leaves the plan without one at the gateway. The present one is kept among those of before if subscriptions may name it.
pub(super) fn set_aside(plan: &mut Plan, decision: &mut Decision<SignupEvent>) -> Result<(), Refusal> {
    if plan.earlier.len() >= EARLIER && plan.remote.as_ref().is_some_and(is_named) {
        let detail = format!("Um plano é refeito no gateway até {EARLIER} vezes: crie outro e desative este.");
        return Err(Refusal::new(Code::LimitReached, detail));
    }
    stop_asking(plan, decision);
    plan.earlier.extend(plan.remote.take().filter(is_named));
    Ok(())
}

/// Asks at once for what is asked, as if it were for the first time.
pub(super) fn ask_now(plan: &mut Plan, decision: &mut Decision<SignupEvent>) {
    stop_asking(plan, decision);
    ask(plan, decision);
}

/// Asks payments, first or again.
pub(super) fn ask(plan: &mut Plan, decision: &mut Decision<SignupEvent>) {
    let Some(remote) = &mut plan.remote else { return };
    let meta = decision.command_meta(TenantId::PLATFORM, "system:signup");
    remote.asked = Some(decision.ask(&entity(plan.plan_id), SAVE_PLAN, remote.asked.as_ref()));
    remote.command_id = meta.command_id;
    let command = SavePlan {
        meta,
        plan_id: remote.payments_plan_id,
        reference: Some(plan.plan_id.to_string()),
        account_id: None,
        name: plan.name.clone(),
        // The words for a plan go over several lines, which a gateway shows nowhere.
        description: plan.name.clone(),
        price: remote.price,
        months: remote.months,
        statement_descriptor: None,
    };
    decision.commands.push(Outgoing::new(TenantId::PLATFORM, PaymentsCommand::from(command)));
}

/// Nothing is asked any longer: the timer goes.
pub(super) fn stop_asking(plan: &mut Plan, decision: &mut Decision<SignupEvent>) {
    if let Some(asked) = plan.remote.as_mut().and_then(|remote| remote.asked.take()) {
        decision.clear_timer(asked.timer);
    }
}

/// The plan that a timer's entity names.
pub(super) fn plan_of(entity: &str) -> Option<SignupPlanId> {
    entity.strip_prefix(ENTITY).and_then(|id| id.parse().ok())
}

fn entity(plan: SignupPlanId) -> String {
    format!("{ENTITY}{plan}")
}

/// True if payments has it.
pub(super) fn is_taken(status: RemotePlanStatus) -> bool {
    matches!(status, RemotePlanStatus::Making | RemotePlanStatus::Made)
}

/// True if subscriptions may name it: it was offered.
fn is_named(remote: &RemotePlan) -> bool {
    remote.status == RemotePlanStatus::Made
}
