//! The end of a try that brought no money, and of a subscription that nobody has paid in time. Money that comes after it is money.

use feira_schemas::{
    ids::Micros,
    records::{
        payments::{PaymentMethod, Reason},
        signup::{PaymentStatus, SubscriptionStatus},
    },
    time::MINUTE,
};

use super::{
    case::{Case, is_open},
    names, undoing,
};

/// The word for less money than was asked for.
pub(super) const UNDERPAID: &str = "underpaid";
/// The microseconds that a card under question is waited for at most after its time.
const CARD_WAITS: Micros = 60 * MINUTE;
/// The microseconds that a code which is cancelled is waited for at most after its time.
const CODE_WAITS: Micros = 10 * MINUTE;
/// The microseconds by which a name is held for longer than it is waited for.
const HELD_AFTER: Micros = 10 * MINUTE;

/// Nobody has paid, for this reason: it can be paid in another way while the name is held.
pub(super) fn refuse(case: &mut Case<'_>, status: PaymentStatus, why: &str, reasons: Vec<Reason>) {
    case.stop_asking();
    case.void();
    tell(case, status, why, reasons);
    if case.now.late_since.is_some() {
        expire(case);
    } else {
        case.now.status = SubscriptionStatus::Refused;
    }
}

/// Says what became of the present try.
pub(super) fn tell(case: &mut Case<'_>, status: PaymentStatus, why: &str, reasons: Vec<Reason>) {
    let payment = &mut case.now.payment;
    payment.status = status;
    payment.why = Some(why.to_owned());
    payment.reasons = reasons;
}

/// Its time is over. While payments has not said what became of the try, that is given up, and waited for a little more.
pub(super) fn due(case: &mut Case<'_>) {
    let is_asked = is_open(&case.now.payment) && !is_underpaid(case);
    match case.now.status {
        SubscriptionStatus::Paying if is_asked && case.now.late_since.is_none() => wait(case),
        SubscriptionStatus::Paying => expire(case),
        SubscriptionStatus::Refused => {
            undoing::give_up_card(case);
            expire(case);
        }
        _ => case.stop_ending(),
    }
}

fn wait(case: &mut Case<'_>) {
    let now = case.context.now;
    let longer = if case.now.payment.method == PaymentMethod::Card { CARD_WAITS } else { CODE_WAITS };
    case.stop_asking();
    undoing::give_up(case);
    names::hold_until(case, now.saturating_add(longer + HELD_AFTER));
    case.now.late_since = Some(now);
    case.end_at(now.saturating_add(longer));
}

/// Nobody has paid in time: the name is released. What payments has not said of the try stays untold.
pub(super) fn expire(case: &mut Case<'_>) {
    case.stop_asking();
    case.stop_ending();
    case.void();
    case.now.status = SubscriptionStatus::Expired;
    case.now.late_since = None;
    if let Some(charge_id) = case.now.payment.charge_id.filter(|_| is_underpaid(case)) {
        undoing::leave_to_hand(case, charge_id, UNDERPAID);
    }
    if case.now.held_until > 0 {
        names::release(case);
    }
}

fn is_underpaid(case: &Case<'_>) -> bool {
    case.now.payment.why.as_deref() == Some(UNDERPAID)
}
