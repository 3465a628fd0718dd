//! Timers of payments: the words for what they look for, and whom they name.

use feira_schemas::{
    ids::{EffectId, Micros},
    records::PaymentsEvent,
};

use crate::{Decision, NewTimer};

/// Nobody may have sent an effect until now: it is closed, or is an open question from now on.
pub(super) const DEADLINE: &str = "deadline";
/// The gateway is asked once more about an open question.
pub(super) const ASK_DAILY: &str = "ask_daily";
/// What needs no grant, an account's key or a plan, is tried once more.
pub(super) const TRY_AGAIN: &str = "check_again";

/// Begins the id of an effect as an entity that a timer looks at.
const EFFECT: &str = "effect:";

/// Sets a timer that looks at an effect again.
pub(super) fn set(decision: &mut Decision<PaymentsEvent>, effect: EffectId, what: &'static str, due: Micros) {
    let entity = format!("{EFFECT}{effect}");
    // Whoever is done with the effect leaves the timer: it finds no row then, and is cleared. No record has to carry its key.
    decision.set_timer(NewTimer { entity: &entity, what, due, replaces: None });
}

/// The effect that a timer looks at; `None` for an entity of a later version.
pub(super) fn effect_of(entity: &str) -> Option<EffectId> {
    entity.strip_prefix(EFFECT)?.parse().ok()
}
