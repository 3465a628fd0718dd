//! What follows once a subscription is paid: its period, its name for good, and its shop.

use feira_schemas::{
    ids::Micros,
    records::{
        payments::{Charge, PaymentMethod},
        signup::{InvoiceStatus, PaymentStatus, SubscriptionStatus},
    },
    signup_days,
    time::{DAY, MINUTE},
};

use super::{
    case::{Case, is_open, remote_of, word},
    letters, names, paying,
};

/// A hold that ends sooner is made longer before admin is asked.
const LONG_ENOUGH: Micros = 10 * MINUTE;
/// Microseconds from the form within which admin may take over what is sealed there: keys of whom it does not know are swept after 9
/// days, and it may be away for a while.
const FRESH: Micros = 7 * DAY;

/// The charge of this try is paid, in time or late.
pub(super) fn paid(case: &mut Case<'_>, attempt: i32, charge: &Charge) {
    let now = case.context.now;
    if attempt != case.now.payment.attempt && is_open(&case.now.payment) {
        paying::give_up(case);
    }
    let method = charge.request.method;
    let remote_id = (method == PaymentMethod::Card).then(|| remote_of(&case.now, attempt));
    let payment = &mut case.now.payment;
    payment.method = method;
    payment.status = PaymentStatus::Paid;
    payment.charge_id = Some(charge.charge_id);
    payment.remote_id = remote_id;
    payment.why = None;
    payment.reasons = Vec::new();
    if case.invoice.is_none() {
        case.bill();
    }
    if let Some(invoice) = &mut case.invoice {
        invoice.status = InvoiceStatus::Paid;
        invoice.method = method;
        invoice.charge_id = Some(charge.charge_id);
        invoice.paid_at = Some(now);
    }
    case.now.period = signup_days::first_period(now, case.now.terms.months);
    case.stop_ending();
    if now.saturating_sub(case.now.accepted_at) > FRESH {
        lose_name(case);
    } else if case.now.held_until > now.saturating_add(LONG_ENOUGH) {
        provision(case);
    } else {
        secure(case, word::CLAIM);
    }
}

/// Asks the directory to hold the name until admin has made the shop, first or again, in this word.
pub(super) fn secure(case: &mut Case<'_>, what: &str) {
    case.now.status = SubscriptionStatus::Securing;
    names::claim(case, what);
}

/// Asks admin for the shop, first or again: the event has all that it is made of.
pub(super) fn provision(case: &mut Case<'_>) {
    case.now.status = SubscriptionStatus::Paid;
    case.ask(word::PROVISION);
}

/// The name is lost: another is asked for. Who has lost a second one by asking for it sees that on the page.
pub(super) fn lose_name(case: &mut Case<'_>) {
    let sees_it = case.now.asked.as_ref().is_some_and(|asked| asked.what == word::CLAIM_ANOTHER);
    case.stop_asking();
    case.now.status = SubscriptionStatus::NameLost;
    if !sees_it {
        letters::name_lost(case);
    }
}
