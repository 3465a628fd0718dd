//! What is undone: subscriptions at payments that nobody wants any more are ended, codes that were given up are cancelled, and money that pays
//! nothing is given back. The subscription keeps all of them, and asks again by timer until payments has said what became of them.

use feira_schemas::{
    ids::{ChargeId, CommandId, SubscriptionId, TimerId},
    records::{
        PaymentsCommand,
        common::{Asked, CommandAnswered, Outcome},
        payments::{
            self, CancelCharge, Charge, ChargeStatus, EndSubscription, PaymentMethod, Refund, RefundStatus,
            RequestRefund, SubscriptionStatus as RemoteStatus,
        },
        signup::{Cancelling, Ending, GivingBack, GivingBackStatus, Subscription},
    },
};
use serde::de::DeserializeOwned;

use super::case::{Case, refund_of, word};

/// The times that payments is asked to cancel a code: the last of them is eight days after the first, by which time a boleto is hardly paid
/// any more. Whatever it brings for all that is treated as money.
const CANCELS: i32 = 12;

/// What the gateway may still have of the present try is not wanted any more. What is paid for all that is money.
pub(super) fn give_up(case: &mut Case<'_>) {
    let payment = &case.now.payment;
    match (payment.method, payment.remote_id, payment.charge_id) {
        (PaymentMethod::Card, Some(remote_id), _) => end(case, remote_id),
        (PaymentMethod::Pix | PaymentMethod::Boleto, _, Some(charge_id)) => cancel(case, charge_id),
        _ => {}
    }
}

/// The gateway would try a card again that was declined, and renew itself beside the next one.
pub(super) fn give_up_card(case: &mut Case<'_>) {
    if case.now.payment.method == PaymentMethod::Card {
        give_up(case);
    }
}

/// Ends a subscription at payments, unless that is asked already: it would bill each month.
pub(super) fn end(case: &mut Case<'_>, remote_id: SubscriptionId) {
    if case.now.ending.iter().all(|ending| ending.remote_id != remote_id) {
        ask_to_end(case, remote_id, None);
    }
}

/// Cancels a charge, unless that is asked already: its code could be paid beside the next one.
fn cancel(case: &mut Case<'_>, charge_id: ChargeId) {
    if case.now.cancelling.iter().all(|cancelling| cancelling.charge_id != charge_id) {
        ask_to_cancel(case, charge_id, None);
    }
}

/// Payments says what a charge is now: one that nobody can pay any more, or that has brought money, is cancelled no more.
pub(super) fn code_is_over(case: &mut Case<'_>, charge: &Charge) {
    if is_over_or_has_money(charge.status) {
        leave_code(case, charge.charge_id);
    }
}

fn is_over_or_has_money(status: ChargeStatus) -> bool {
    match status {
        ChargeStatus::Failed
        | ChargeStatus::Expired
        | ChargeStatus::Cancelled
        | ChargeStatus::Paid
        | ChargeStatus::Underpaid
        | ChargeStatus::PartlyRefunded
        | ChargeStatus::Refunded
        | ChargeStatus::ChargedBack => true,
        ChargeStatus::Processing
        | ChargeStatus::Pending
        | ChargeStatus::Confirming
        | ChargeStatus::Authorized
        | ChargeStatus::Unknown => false,
    }
}

/// Nobody is asked to cancel a charge any more.
fn leave_code(case: &mut Case<'_>, charge_id: ChargeId) {
    let Some(place) = case.now.cancelling.iter().position(|cancelling| cancelling.charge_id == charge_id) else {
        return;
    };
    let cancelling = case.now.cancelling.remove(place);
    case.decision.clear_timer(cancelling.asked.timer);
}

/// Nobody is asked to end a subscription at payments any more: it is over, or has paid.
pub(super) fn leave(case: &mut Case<'_>, remote_id: SubscriptionId) {
    let Some(place) = case.now.ending.iter().position(|ending| ending.remote_id == remote_id) else { return };
    let ending = case.now.ending.remove(place);
    case.decision.clear_timer(ending.asked.timer);
}

/// True if a subscription at payments is over for good, or was never made.
pub(super) fn is_over(remote: &payments::Subscription) -> bool {
    match remote.status {
        RemoteStatus::Ended | RemoteStatus::Cancelled => true,
        RemoteStatus::Failed | RemoteStatus::Expired => remote.observed.is_none(),
        RemoteStatus::Processing
        | RemoteStatus::Confirming
        | RemoteStatus::Future
        | RemoteStatus::Active
        | RemoteStatus::Unpaid
        | RemoteStatus::Unknown => false,
    }
}

/// Gives the money of a charge back, which pays nothing. A charge of which that was decided before stays as it is.
pub(super) fn give_back(case: &mut Case<'_>, charge_id: ChargeId) {
    if is_new(case, charge_id) {
        ask_back(case, charge_id, None);
    }
}

/// A person sees to the money of a charge, for this reason, unless something was decided of it before.
pub(super) fn leave_to_hand(case: &mut Case<'_>, charge_id: ChargeId, why: &str) {
    if is_new(case, charge_id) {
        let (refund_id, status) = (refund_of(&case.now, charge_id), GivingBackStatus::ByHand);
        let why = Some(why.to_owned());
        case.now.giving_back.push(GivingBack { charge_id, refund_id, status, why, command_id: None, asked: None });
    }
}

/// The money of a charge pays after all.
pub(super) fn keep(case: &mut Case<'_>, charge_id: ChargeId) {
    let Some(place) = case.now.giving_back.iter().position(|giving| giving.charge_id == charge_id) else { return };
    if let Some(asked) = case.now.giving_back.remove(place).asked {
        case.decision.clear_timer(asked.timer);
    }
}

/// Payments says what a refund is now.
pub(super) fn refund_changed(case: &mut Case<'_>, refund: &Refund) {
    let (status, why) = match refund.status {
        RefundStatus::Done | RefundStatus::ByHand => (GivingBackStatus::Done, None),
        RefundStatus::Failed | RefundStatus::Question => (GivingBackStatus::ByHand, refund.why.clone()),
        RefundStatus::Wanted | RefundStatus::Sent | RefundStatus::Unknown => return,
    };
    let place = case.now.giving_back.iter().position(|giving| giving.refund_id == refund.refund_id);
    settle(case, place, status, why);
}

/// The money of a charge is gone, whoever has seen to it.
pub(super) fn money_is_gone(case: &mut Case<'_>, charge: &Charge) {
    if matches!(charge.status, ChargeStatus::Refunded | ChargeStatus::ChargedBack) {
        let place = case.now.giving_back.iter().position(|giving| giving.charge_id == charge.charge_id);
        settle(case, place, GivingBackStatus::Done, None);
    }
}

/// True if this command of a subscription asked last to undo something.
pub(super) fn waits_for(subscription: &Subscription, command_id: CommandId) -> bool {
    let asks_back = |giving: &GivingBack| giving.asked.is_some() && giving.command_id == Some(command_id);
    let asks_to_end = |ending: &Ending| ending.command_id == command_id;
    let asks_to_cancel = |cancelling: &Cancelling| cancelling.command_id == command_id;
    subscription.ending.iter().any(asks_to_end)
        || subscription.cancelling.iter().any(asks_to_cancel)
        || subscription.giving_back.iter().any(asks_back)
}

/// Payments has answered without a change: a subscription that it does not know, or that is over, needs no end, nor does a charge need to be
/// cancelled that is over, unknown or paid, and what it does not give back a person does.
pub(super) fn answered(case: &mut Case<'_>, event: &CommandAnswered, command_id: CommandId, outcome: Outcome) {
    let refused = outcome == Outcome::Refused;
    let ending = case.now.ending.iter().find(|ending| ending.command_id == command_id);
    if let Some(remote_id) = ending.map(|ending| ending.remote_id).filter(|_| refused || shows_an_end(event)) {
        leave(case, remote_id);
    }
    let cancelling = case.now.cancelling.iter().find(|cancelling| cancelling.command_id == command_id);
    if let Some(charge_id) = cancelling.map(|cancelling| cancelling.charge_id)
        && (refused || shows_a_code_that_is_over(event))
    {
        leave_code(case, charge_id);
    }
    if refused {
        let is_asked = |giving: &GivingBack| giving.asked.is_some() && giving.command_id == Some(command_id);
        let place = case.now.giving_back.iter().position(is_asked);
        settle(case, place, GivingBackStatus::ByHand, event.code.clone());
    }
}

/// A timer is due: what it was set for is asked again, unless it was answered.
pub(super) fn ask_again(case: &mut Case<'_>, timer: TimerId) {
    let ending = case.now.ending.iter().find(|ending| ending.asked.timer.timer_id == timer).cloned();
    if let Some(Ending { remote_id, asked, .. }) = ending {
        ask_to_end(case, remote_id, Some(&asked));
    }
    let cancelling = case.now.cancelling.iter().find(|cancelling| cancelling.asked.timer.timer_id == timer).cloned();
    match cancelling {
        Some(Cancelling { charge_id, asked, .. }) if asked.times < CANCELS => {
            ask_to_cancel(case, charge_id, Some(&asked));
        }
        Some(Cancelling { charge_id, .. }) => leave_code(case, charge_id),
        None => {}
    }
    let is_due = |giving: &&GivingBack| giving.asked.as_ref().is_some_and(|asked| asked.timer.timer_id == timer);
    let giving = case.now.giving_back.iter().find(is_due).cloned();
    if let Some(GivingBack { charge_id, asked, .. }) = giving {
        ask_back(case, charge_id, asked.as_ref());
    }
}

fn ask_to_end(case: &mut Case<'_>, remote_id: SubscriptionId, before: Option<&Asked>) {
    let meta = case.command_meta();
    let ending = Ending { remote_id, command_id: meta.command_id, asked: case.question(word::END, before) };
    case.now.ending.retain(|ending| ending.remote_id != remote_id);
    case.now.ending.push(ending);
    case.send(case.tenant, PaymentsCommand::from(EndSubscription { meta, subscription_id: remote_id }));
}

fn ask_to_cancel(case: &mut Case<'_>, charge_id: ChargeId, before: Option<&Asked>) {
    let meta = case.command_meta();
    let asked = case.question(word::CANCEL, before);
    let cancelling = Cancelling { charge_id, command_id: meta.command_id, asked };
    case.now.cancelling.retain(|cancelling| cancelling.charge_id != charge_id);
    case.now.cancelling.push(cancelling);
    case.send(case.tenant, PaymentsCommand::from(CancelCharge { meta, charge_id }));
}

fn ask_back(case: &mut Case<'_>, charge_id: ChargeId, before: Option<&Asked>) {
    let (meta, refund_id) = (case.command_meta(), refund_of(&case.now, charge_id));
    let giving = GivingBack {
        charge_id,
        refund_id,
        status: GivingBackStatus::Asked,
        why: None,
        command_id: Some(meta.command_id),
        asked: Some(case.question(word::GIVE_BACK, before)),
    };
    case.now.giving_back.retain(|giving| giving.charge_id != charge_id);
    case.now.giving_back.push(giving);
    let reference = Some(case.now.subscription_id.to_string());
    let refund = RequestRefund { meta, refund_id, charge_id, reference, amount: None, bank_account: None };
    case.send(case.tenant, PaymentsCommand::from(refund));
}

fn is_new(case: &Case<'_>, charge_id: ChargeId) -> bool {
    case.now.giving_back.iter().all(|giving| giving.charge_id != charge_id)
}

fn settle(case: &mut Case<'_>, place: Option<usize>, status: GivingBackStatus, why: Option<String>) {
    let Some(giving) = place.and_then(|place| case.now.giving_back.get_mut(place)) else { return };
    giving.status = status;
    giving.why = why;
    if let Some(asked) = giving.asked.take() {
        case.decision.clear_timer(asked.timer);
    }
}

/// True if an answer shows a subscription at payments that is over: it is not ended by being asked once more.
fn shows_an_end(event: &CommandAnswered) -> bool {
    let status = shown_status::<RemoteStatus>(event);
    matches!(status, Some(RemoteStatus::Ended | RemoteStatus::Failed | RemoteStatus::Expired | RemoteStatus::Cancelled))
}

/// True if an answer shows a charge that nobody can pay by its code any more.
fn shows_a_code_that_is_over(event: &CommandAnswered) -> bool {
    shown_status(event).is_some_and(is_over_or_has_money)
}

/// The state of what an answer shows.
fn shown_status<T: DeserializeOwned>(event: &CommandAnswered) -> Option<T> {
    let body: serde_json::Value = serde_json::from_str(event.body.as_deref()?).ok()?;
    serde_json::from_value(body.get("status")?.clone()).ok()
}
