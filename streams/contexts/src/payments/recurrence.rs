//! Merging looks at a subscription, so that they end alike in whatever order they come, however often, and whichever of the older ones
//! are missing.

use feira_schemas::{
    ids::Micros,
    records::payments::{ObservedSubscription, Recurrence, SubscriptionStatus},
};

/// What two looks at one subscription have found together; `None` if they are of two subscriptions.
///
/// - Ended stays ended; of other states the later look's is believed, and one that is not known here says nothing.
/// - The period never goes back, and what is said once (ids, code) stays.
/// - The next charge is what the latest look says of it, the latest charge what the latest look says that tells one.
///
/// Of a subscription that was looked at once, `merged(look, look)` is the same look.
pub(super) fn merged(one: &ObservedSubscription, other: &ObservedSubscription) -> Option<ObservedSubscription> {
    let same = one.gateway == other.gateway && one.account_id == other.account_id && one.remote_id == other.remote_id;
    if !same {
        return None;
    }
    let state = if rank(other) > rank(one) { other } else { one };
    let period = period(one).max(period(other));
    let next = (one.observed_at, one.next_billing).max((other.observed_at, other.next_billing));
    let charge = (one.charge_seen_at, &one.charge).max((other.charge_seen_at, &other.charge));
    Some(ObservedSubscription {
        gateway: one.gateway.clone(),
        account_id: one.account_id,
        remote_id: one.remote_id.clone(),
        code: known(&one.code, &other.code),
        customer: known(&one.customer, &other.customer),
        plan: known(&one.plan, &other.plan),
        recurrence: state.recurrence,
        recurrence_at: state.recurrence_at,
        period_begins: period.0,
        period_ends: period.1,
        next_billing: next.1,
        charge: charge.1.clone(),
        charge_seen_at: charge.0,
        observed_at: one.observed_at.max(other.observed_at),
    })
}

/// True if a look says more of a subscription than that it was looked at again: what is not in here is not worth an event.
pub(super) fn is_news(known: &ObservedSubscription, look: &ObservedSubscription) -> bool {
    merged(known, look).is_some_and(|merged| timeless(merged) != timeless(known.clone()))
}

/// A subscription without the times of looks.
fn timeless(observed: ObservedSubscription) -> ObservedSubscription {
    ObservedSubscription { recurrence_at: 0, charge_seen_at: 0, observed_at: 0, ..observed }
}

/// The state that looks tell.
pub(super) fn status(observed: &ObservedSubscription) -> SubscriptionStatus {
    match observed.recurrence {
        Recurrence::Future => SubscriptionStatus::Future,
        Recurrence::Active => SubscriptionStatus::Active,
        Recurrence::Unpaid => SubscriptionStatus::Unpaid,
        Recurrence::Ended => SubscriptionStatus::Ended,
        Recurrence::Other | Recurrence::Unknown => SubscriptionStatus::Confirming,
    }
}

/// The place of a look's state among those of all looks: what ends it, then what is known, then the later look; two that began together
/// are told apart by the state itself.
fn rank(observed: &ObservedSubscription) -> (u8, Micros, u8) {
    let (weight, among) = match observed.recurrence {
        Recurrence::Ended => (2, 0),
        Recurrence::Active => (1, 2),
        Recurrence::Unpaid => (1, 1),
        Recurrence::Future => (1, 0),
        Recurrence::Other => (0, 1),
        Recurrence::Unknown => (0, 0),
    };
    (weight, observed.recurrence_at, among)
}

fn period(observed: &ObservedSubscription) -> (Option<Micros>, Option<Micros>) {
    (observed.period_begins, observed.period_ends)
}

/// The value that is known; of two the greater, since nothing is less than something.
fn known(one: &Option<String>, other: &Option<String>) -> Option<String> {
    one.max(other).clone()
}
