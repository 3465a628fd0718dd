//! Tries of what needs no grant, since doing it twice is doing it once: an account's key, a plan. It is tried at least once, and again by
//! timer as long as nobody was reached.

use feira_schemas::{
    ids::Micros,
    records::{
        PaymentsEvent,
        payments::{AttemptEnd, Effect, EffectState, ReportAttempt},
    },
    time::{DAY, HOUR, MINUTE},
};

use super::timers;
use crate::{Decision, DecisionContext};

/// Notes a try that was reported. The effect is closed, or is tried `again` when its timer is due.
pub(super) fn ended(effect: &mut Effect, report: &ReportAttempt, again: bool, context: &DecisionContext) {
    effect.attempts += 1;
    effect.state = if again { EffectState::Question } else { EffectState::Closed };
    effect.last = Some(AttemptEnd {
        attempt: effect.attempts,
        outcome: report.outcome,
        why: report.why.clone(),
        ended_at: context.now,
    });
}

/// Sets the timer by which an effect is tried again that was tried so many times.
pub(super) fn set(decision: &mut Decision<PaymentsEvent>, effect: &Effect, context: &DecisionContext) {
    let due = context.now.saturating_add(again_after(effect.attempts));
    timers::set(decision, effect.effect_id, timers::TRY_AGAIN, due);
}

/// Microseconds until it is tried again what was tried so many times: a gateway that is away for a moment keeps no shop waiting, and one
/// that is away for long is not buried in questions.
fn again_after(times: i32) -> Micros {
    match times {
        ..=1 => MINUTE,
        2 => 10 * MINUTE,
        3 => HOUR,
        _ => DAY,
    }
}
