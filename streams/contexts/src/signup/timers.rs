//! Timers of subscriptions: what was not answered is asked again, and who has not paid in time has ended.

use feira_schemas::{
    ids::SubscriptionId,
    records::{SignupEvent, signup::SubscriptionStatus},
    rows::common::Timer,
};

use super::{
    case::{self, Case, word},
    ending, names, paid, paying, undoing,
};
use crate::{Decided, Decision, DecisionContext, Rows};

/// A timer is due: it is left alone if it was answered or something else is asked by now.
pub(super) fn due(
    subscription: SubscriptionId,
    timer: &Timer,
    rows: &Rows,
    context: &DecisionContext,
) -> Decided<SignupEvent> {
    let Some(row) = case::known(timer.tenant_id, subscription, rows)? else { return Ok(Decision::new(context)) };
    let mut case = Case::of(&row, rows, context)?;
    if case.now.ends.is_some_and(|ends| ends.timer_id == timer.timer_id) {
        ending::due(&mut case);
    }
    let asked = case.now.asked.as_ref().filter(|asked| asked.timer.timer_id == timer.timer_id);
    if let Some(what) = asked.map(|asked| asked.what.clone()) {
        ask_again(&mut case, &what);
    }
    undoing::ask_again(&mut case, timer.timer_id);
    Ok(case.say(None))
}

fn ask_again(case: &mut Case<'_>, what: &str) {
    match what {
        word::CLAIM | word::CLAIM_ANOTHER => names::claim(case, what),
        word::PAY => paying::ask(case),
        word::PROVISION => {
            paid::provision(case);
            if case.now.status == SubscriptionStatus::Paid {
                // Admin is away, and the name waits for it.
                names::hold(case);
            }
        }
        // Of a later version.
        _ => case.stop_asking(),
    }
}
