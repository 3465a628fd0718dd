//! What follows once a subscription is paid: its period, its name for good, and its shop.

use feira_schemas::{
    ids::Micros,
    records::{
        payments::{Charge, PaymentMethod},
        signup::{InvoiceStatus, PaymentStatus, SubscriptionStatus, Try},
    },
    signup_days,
    time::MINUTE,
};

use super::{
    case::{Case, is_open, remote_of, word},
    letters, names, undoing,
};

/// A hold that ends sooner is made longer before admin is asked.
const LONG_ENOUGH: Micros = 10 * MINUTE;

/// The charge of this try is paid, in time or late: it buys what was offered then.
pub(super) fn paid(case: &mut Case<'_>, of: &Try, charge: &Charge) {
    let now = case.context.now;
    if of.attempt != case.now.payment.attempt && is_open(&case.now.payment) {
        undoing::give_up(case);
    }
    let method = charge.request.method;
    let remote_id = (method == PaymentMethod::Card).then(|| remote_of(&case.now, of.attempt));
    if let Some(remote_id) = remote_id {
        undoing::leave(case, remote_id);
    }
    undoing::keep(case, charge.charge_id);
    case.now.terms = of.terms.clone();
    case.now.late_since = None;
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
        invoice.amount = of.terms.price;
        invoice.method = method;
        invoice.charge_id = Some(charge.charge_id);
        invoice.paid_at = Some(now);
    }
    case.now.period = signup_days::first_period(now, of.terms.months);
    case.stop_ending();
    if case.now.held_until > now.saturating_add(LONG_ENOUGH) {
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

/// Asks admin for the shop, first or again: the event has all that it is made of. The name is held.
pub(super) fn provision(case: &mut Case<'_>) {
    if !names::is_fresh(&case.now, case.context.now) {
        return ask_for_owner(case);
    }
    case.now.status = SubscriptionStatus::Paid;
    case.ask(word::PROVISION);
}

/// What the form has sealed of the first administrator may be swept before admin takes it over: it is asked for anew. The name is held on
/// meanwhile, and nobody has taken it.
fn ask_for_owner(case: &mut Case<'_>) {
    case.stop_asking();
    case.now.status = SubscriptionStatus::NameLost;
    case.now.held_until = names::held_until(&case.now, case.context.now);
    names::hold(case);
    letters::name_lost(case);
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
