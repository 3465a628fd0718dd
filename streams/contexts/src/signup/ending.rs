//! The end of a subscription that nobody has paid in time. Money that comes after it is money.

use feira_schemas::records::{
    payments::{PaymentMethod, Why},
    signup::{PaymentStatus, SubscriptionStatus},
};

use super::{
    case::{Case, is_open},
    names, paying,
};

/// Nobody has paid in time: the name is released.
pub(super) fn expire(case: &mut Case<'_>) {
    case.stop_asking();
    case.stop_ending();
    case.void();
    case.now.status = SubscriptionStatus::Expired;
    if is_open(&case.now.payment) {
        if case.now.payment.method == PaymentMethod::Card {
            // It would renew itself for ever. Codes end by themselves, and a boleto may be on its way.
            paying::give_up(case);
        }
        case.now.payment.status = PaymentStatus::Expired;
        case.now.payment.why = Some(Why::Expired.word().to_owned());
    }
    if case.now.held_until > 0 {
        names::release(case);
    }
}
