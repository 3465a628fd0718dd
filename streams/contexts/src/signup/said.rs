//! What payments says of the platform's plans and accounts.

use std::sync::Arc;

use feira_schemas::{
    ids::TenantId,
    problem::Code,
    records::{
        PaymentsEvent, SignupEvent,
        common::{CommandAnswered, Outcome},
        payments::{self, Account, AccountStatus, PlanStatus},
        signup::{Plan, RemotePlan, RemotePlanStatus},
    },
    rows::signup::PlanRow,
};

use super::{plans, remote};
use crate::{Decided, Decision, DecisionContext, Rows};

pub(super) fn by_payments(event: &PaymentsEvent, rows: &Rows, context: &DecisionContext) -> Decided<SignupEvent> {
    match event {
        PaymentsEvent::PlanChanged(event) => plan_changed(&event.plan, rows, context),
        PaymentsEvent::CommandAnswered(event) => answered(event, rows, context),
        PaymentsEvent::AccountChanged(event) => account_changed(&event.account, rows, context),
        _ => Ok(Decision::new(context)),
    }
}

/// Payments has the plan, or says what became of it at the gateway.
fn plan_changed(made: &payments::Plan, rows: &Rows, context: &DecisionContext) -> Decided<SignupEvent> {
    let mut decision = Decision::new(context);
    let Some(plan_id) = made.reference.as_deref().and_then(|reference| reference.parse().ok()) else {
        return Ok(decision);
    };
    let Some(row) = rows.get::<PlanRow>(PlanRow::at(TenantId::PLATFORM, plan_id))? else { return Ok(decision) };
    let mut plan = row.plan.clone();
    // One of before is another one by now, whatever becomes of it.
    let present = plan.remote.as_mut().filter(|remote| remote.payments_plan_id == made.plan_id);
    let Some(remote) = present else { return Ok(decision) };
    remote.status = match made.status {
        PlanStatus::Processing => RemotePlanStatus::Making,
        PlanStatus::Ready => RemotePlanStatus::Made,
        PlanStatus::Failed => RemotePlanStatus::Refused,
        PlanStatus::Unknown => return Ok(decision),
    };
    remote.account_id = Some(made.account_id);
    remote.remote_id.clone_from(&made.remote_id);
    remote.why.clone_from(&made.why);
    remote.detail = None;
    remote.reasons.clone_from(&made.reasons);
    remote::stop_asking(&mut plan, &mut decision);
    if plan != row.plan {
        plans::say(&mut decision, plan, None, context);
    }
    Ok(decision)
}

/// Payments has refused to take a plan. It says what it takes before it refuses to take the same once more, so that
/// only who is not answered otherwise is refused.
fn answered(event: &CommandAnswered, rows: &Rows, context: &DecisionContext) -> Decided<SignupEvent> {
    let mut decision = Decision::new(context);
    let Some(answers) = event.meta.answers.as_ref().filter(|answers| answers.outcome == Outcome::Refused) else {
        return Ok(decision);
    };
    let plans = plans::all(TenantId::PLATFORM, rows)?;
    let asks = |row: &&Arc<PlanRow>| {
        let remote = row.plan.remote.as_ref();
        remote.is_some_and(|remote| remote.asked.is_some() && remote.command_id == answers.command_id)
    };
    let Some(row) = plans.iter().find(asks) else { return Ok(decision) };
    let mut plan = row.plan.clone();
    let no_account = event.code.as_deref() == Some(Code::NoAccount.to_string().as_str());
    if let Some(remote) = &mut plan.remote {
        remote.status = if no_account { RemotePlanStatus::NoAccount } else { RemotePlanStatus::Refused };
        remote.why.clone_from(&event.code);
        remote.detail.clone_from(&event.detail);
    }
    if !no_account {
        remote::stop_asking(&mut plan, &mut decision);
    }
    if plan != row.plan {
        plans::say(&mut decision, plan, None, context);
    }
    Ok(decision)
}

/// A default account that takes charges is what plans without one wait for. Plans of an account that retires, or that are
/// being made there, are made at the default one: nobody could subscribe to them any more. Where cards do not pay, none is
/// made, and none is left that would be offered if they pay again.
fn account_changed(account: &Account, rows: &Rows, context: &DecisionContext) -> Decided<SignupEvent> {
    let takes = account.is_default && matches!(account.status, AccountStatus::Ready | AccountStatus::Untested);
    let retires = account.status == AccountStatus::Retired;
    let mut decision = Decision::new(context);
    if !takes && !retires {
        return Ok(decision);
    }
    let lacks = |remote: &RemotePlan| takes && remote.status == RemotePlanStatus::NoAccount;
    let leaves = |remote: &RemotePlan| {
        retires && remote::is_taken(remote.status) && remote.account_id == Some(account.account_id)
    };
    for (index, row) in (0..).zip(plans::all(TenantId::PLATFORM, rows)?) {
        let mut plan: Plan = row.plan.clone();
        let (cards, Some(present)) = (plan.wants_cards(), &plan.remote) else { continue };
        if cards && lacks(present) {
            remote::ask_now(&mut plan, &mut decision);
        } else if leaves(present) {
            let left = match cards {
                true => remote::ask_anew(&mut plan, index, &mut decision, context),
                false => remote::set_aside(&mut plan, &mut decision),
            };
            // One that was made too often stays as it is: a person makes another plan.
            if left.is_err() {
                continue;
            }
        } else {
            continue;
        }
        plans::say(&mut decision, plan, None, context);
    }
    Ok(decision)
}
