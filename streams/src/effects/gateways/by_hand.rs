//! Faults that a test puts in by hand, to show that it would see them. Builds without failpoints have none.

use fail::fail_point;
use feira_schemas::{ids::EffectId, records::payments::Effect};
use uuid::Uuid;

/// An attempt is made also where no grant was given.
pub(super) const GRANT_NOT_CHECKED: &str = "gateways::grant_not_checked";
/// Each attempt has a key of idempotency of its own.
pub(super) const KEY_OF_ATTEMPT: &str = "gateways::key_of_attempt";
/// What became of an attempt is reported once more, as if it were another report.
pub(super) const REPORTED_TWICE: &str = "gateways::reported_twice";

/// True if a test has put this fault in.
pub(super) fn is_in(_fault: &str) -> bool {
    fail_point!(_fault, |_| true);
    false
}

/// A key that only the next attempt of an effect has.
pub(super) fn key_of(effect: &Effect) -> EffectId {
    let attempt = u128::from(effect.attempts.unsigned_abs()) + 1;
    EffectId::from_uuid(Uuid::from_u128(effect.effect_id.uuid().as_u128() ^ attempt))
}
