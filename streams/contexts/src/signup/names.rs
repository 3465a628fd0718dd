//! What the directory is asked: to hold a shop's name, and to let it go.

use feira_schemas::{
    ids::Micros,
    records::{
        DirectoryCommand,
        directory::{ClaimName, NameAsker, ReleaseName},
        payments::PaymentMethod,
        signup::{Subscription, SubscriptionStatus},
    },
    signup_days,
    time::{DAY, HOUR, MINUTE},
};

use super::case::Case;

/// The microseconds that a name waits for a card or a Pix, and for a boleto at least.
const HOLD: Micros = 30 * MINUTE;
/// The microseconds that a name waits for its shop once it is paid: admin may be away for a while.
const PAID_HOLD: Micros = 10 * DAY;
/// The microseconds for which what the form has sealed for admin serves, an hour less than it takes to be swept where the shop is not there
/// by then. No boleto's name is held for longer, counted from the first form, however often it is paid in another way.
const FRESH: Micros = 9 * DAY - HOUR;

/// Asks the directory to hold the name, first or again, in this word.
pub(super) fn claim(case: &mut Case<'_>, what: &str) {
    case.ask(what);
    hold(case);
}

/// Asks the directory to hold the name, and waits for no answer.
pub(super) fn hold(case: &mut Case<'_>) {
    hold_until(case, held_until(&case.now, case.context.now));
}

/// Asks the directory to hold the name until this time at least, and waits for no answer.
pub(super) fn hold_until(case: &mut Case<'_>, until: Micros) {
    let (meta, now) = (case.command_meta(), case.context.now);
    let name = case.now.subdomain.clone();
    let claim = ClaimName { meta, name: name.clone(), until, asker: NameAsker::Signup, held_for: until - now };
    case.send(name, DirectoryCommand::from(claim));
}

/// Lets the present name go.
pub(super) fn release(case: &mut Case<'_>) {
    case.now.held_until = 0;
    let (meta, name) = (case.command_meta(), case.now.subdomain.clone());
    case.send(name.clone(), DirectoryCommand::from(ReleaseName { meta, name, asker: None }));
}

/// The end of a hold that the directory decides at this time, at least.
pub(super) fn held_until(subscription: &Subscription, decided_at: Micros) -> Micros {
    let for_long = match subscription.status {
        SubscriptionStatus::Naming => boleto_until(subscription),
        _ => Some(decided_at.saturating_add(PAID_HOLD)),
    };
    for_long.unwrap_or_default().max(decided_at.saturating_add(HOLD))
}

/// The end of the third bank day after a boleto's due day; none where it is paid otherwise.
fn boleto_until(subscription: &Subscription) -> Option<Micros> {
    let payment = &subscription.payment;
    let due = payment.due.as_deref().filter(|_| payment.method == PaymentMethod::Boleto);
    let ends = due.and_then(signup_days::boleto_due)?.hold_ends;
    Some(ends.min(furthest(subscription)))
}

/// The time until which the name of an unpaid subscription is held at the furthest, but for the minutes of a card or a Pix: who pays in
/// another way does not hold it for longer than the first boleto could have.
fn furthest(subscription: &Subscription) -> Micros {
    subscription.created_at.min(subscription.owner_sealed_at).saturating_add(FRESH)
}

/// True if a boleto that is due on this day can be paid while the subscription's name is held.
pub(super) fn waits_for_boleto(subscription: &Subscription, due: &str) -> bool {
    signup_days::boleto_due(due).is_some_and(|due| due.due_at <= furthest(subscription))
}

/// True while admin may take over what the form has sealed of the first administrator.
pub(super) fn is_fresh(subscription: &Subscription, now: Micros) -> bool {
    now.saturating_sub(subscription.owner_sealed_at) <= FRESH
}
