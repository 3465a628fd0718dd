//! What the directory answers: whether the name is held.

use std::sync::Arc;

use feira_schemas::{
    records::{
        DirectoryCommand, Outgoing, SignupEvent,
        common::Outcome,
        directory::ReleaseName,
        signup::{AnswerNameClaim, Subscription, SubscriptionStatus, entity::SUBSCRIPTION},
    },
    rows::signup::SubscriptionRow,
    time::MINUTE,
};

use super::{
    case::{self, Case, word},
    names, paid, paying,
};
use crate::{Decided, Decision, DecisionContext, Rows, Shown};

pub(super) fn answered(command: &AnswerNameClaim, rows: &Rows, context: &DecisionContext) -> Decided<SignupEvent> {
    let all = case::all(command.meta.tenant_id, rows)?;
    let Some(row) = all.iter().find(|row| waits_for(&row.subscription, &command.name)) else {
        return not_waited_for(command, &all, rows, context);
    };
    let mut case = Case::of(row, rows, context)?;
    // Whichever clock is behind: the name is held at least until then.
    let held_until = names::held_until(&case.now, command.meta.issued_at.min(context.now));
    let is_securing = case.now.status == SubscriptionStatus::Securing;
    match (command.held, is_securing) {
        (true, true) => {
            case.now.held_until = held_until;
            paid::provision(&mut case);
        }
        // The answer has waited for so long that nobody could pay any more.
        (true, false) if held_until < context.now + 10 * MINUTE => names::claim(&mut case, word::CLAIM),
        (true, false) => paying::begin(&mut case, held_until),
        (false, true) => {
            case.now.held_until = 0;
            paid::lose_name(&mut case);
        }
        (false, false) => {
            case.stop_asking();
            case.now.held_until = 0;
            case.now.status = SubscriptionStatus::NameTaken;
        }
    }
    Ok(case.say(Some(context.answers(Outcome::Updated))))
}

/// It was answered before, or another name is asked for by now. A name that is held for nobody is let go.
fn not_waited_for(
    command: &AnswerNameClaim,
    all: &[Arc<SubscriptionRow>],
    rows: &Rows,
    context: &DecisionContext,
) -> Decided<SignupEvent> {
    let name = &command.name;
    let is_held_on = |subscription: &Subscription| {
        subscription.status == SubscriptionStatus::NameLost
            && subscription.subdomain == *name
            && subscription.held_until > 0
    };
    if let Some(row) = all.iter().find(|row| !command.held && is_held_on(&row.subscription)) {
        let mut case = Case::of(row, rows, context)?;
        case.now.held_until = 0;
        return Ok(case.say(Some(context.answers(Outcome::Updated))));
    }
    let mut decision = Decision::unchanged(context, Shown::without_json(SUBSCRIPTION));
    let is_idle = command.held && !command.confirmed && !all.is_empty();
    if is_idle && all.iter().all(|row| !wants(&row.subscription, name)) {
        let meta = decision.command_meta(command.meta.tenant_id, "system:signup");
        let release = ReleaseName { meta, name: name.clone(), asker: None };
        decision.commands.push(Outgoing::new(name, DirectoryCommand::from(release)));
    }
    Ok(decision)
}

/// True unless this name is nothing to a subscription any more.
fn wants(subscription: &Subscription, name: &str) -> bool {
    let is_over = matches!(subscription.status, SubscriptionStatus::NameTaken | SubscriptionStatus::Expired);
    subscription.subdomain == name && !is_over
}

/// True if the directory was asked for this name and has not answered.
fn waits_for(subscription: &Subscription, name: &str) -> bool {
    let status = matches!(subscription.status, SubscriptionStatus::Naming | SubscriptionStatus::Securing);
    let is_claim = |what: &str| what == word::CLAIM || what == word::CLAIM_ANOTHER;
    let asked = subscription.asked.as_ref().is_some_and(|asked| is_claim(&asked.what));
    status && asked && subscription.subdomain == name
}
