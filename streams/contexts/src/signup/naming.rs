//! What the directory answers: whether the name is held.

use feira_schemas::{
    records::{
        SignupEvent,
        common::Outcome,
        signup::{AnswerNameClaim, Subscription, SubscriptionStatus, entity::SUBSCRIPTION},
    },
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
        // Answered before, or another name is asked for by now.
        return Ok(Decision::unchanged(context, Shown::without_json(SUBSCRIPTION)));
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

/// True if the directory was asked for this name and has not answered.
fn waits_for(subscription: &Subscription, name: &str) -> bool {
    let status = matches!(subscription.status, SubscriptionStatus::Naming | SubscriptionStatus::Securing);
    let is_claim = |what: &str| what == word::CLAIM || what == word::CLAIM_ANOTHER;
    let asked = subscription.asked.as_ref().is_some_and(|asked| is_claim(&asked.what));
    status && asked && subscription.subdomain == name
}
