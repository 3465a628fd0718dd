//! What payments says of the charges and subscriptions that it was asked for. A subscription is paid once: what else is paid of it is given
//! back, and what would go on billing beside it is ended. Of a try of before only its money counts.

use std::sync::Arc;

use feira_schemas::{
    ids::{CommandId, SubscriptionId, TenantId},
    records::{
        EventSet, PaymentsEvent, SignupEvent,
        common::{CommandAnswered, Outcome},
        payments::{
            self, Charge, ChargePurpose, ChargeStatus, ObservedCharge, PaymentMethod, Reason, Refund,
            SubscriptionStatus as RemoteStatus, Why,
        },
        signup::{PaymentStatus, Subscription, SubscriptionStatus, Try},
    },
    rows::signup::SubscriptionRow,
};

use super::{
    case::{self, Case, is_open, word},
    ending, letters, paid, undoing,
};
use crate::{Decided, Decision, DecisionContext, Need, Rows};

/// The reason where the card's token had run out: nobody declined.
const TOKEN_EXPIRED: &str = "token_expired";
/// The reason where somebody has cancelled it at the gateway.
const CANCELLED: &str = "cancelled";

pub(super) fn by_payments(event: &PaymentsEvent, rows: &Rows, context: &DecisionContext) -> Decided<SignupEvent> {
    let tenant = event.meta().tenant_id;
    match event {
        PaymentsEvent::ChargeChanged(event) => charge_changed(tenant, &event.charge, rows, context),
        PaymentsEvent::RemoteSubscriptionChanged(event) => {
            subscription_changed(tenant, &event.subscription, rows, context)
        }
        PaymentsEvent::RefundChanged(event) => refund_changed(tenant, &event.refund, rows, context),
        PaymentsEvent::CommandAnswered(event) => answered(tenant, event, rows, context),
        _ => Ok(Decision::new(context)),
    }
}

fn charge_changed(tenant: TenantId, charge: &Charge, rows: &Rows, context: &DecisionContext) -> Decided<SignupEvent> {
    if charge.purpose != ChargePurpose::Subscription {
        return Ok(Decision::new(context));
    }
    let Some(row) = named(tenant, charge.request.reference.as_deref(), rows)? else {
        return Ok(Decision::new(context));
    };
    let Some(of) = case::try_of(&row.subscription, charge) else { return Ok(Decision::new(context)) };
    let mut case = Case::of(&row, rows, context)?;
    if case::is_paid(&case.now) {
        paid_before(&mut case, charge);
    } else if has_all(charge) {
        has_paid(&mut case, of, charge);
    } else if is_under_way(&case, of.attempt) {
        unpaid(&mut case, charge);
    } else {
        late(&mut case, of, charge);
    }
    undoing::code_is_over(&mut case, charge);
    undoing::money_is_gone(&mut case, charge);
    Ok(case.say(None))
}

/// The subscription is paid, and its period once. What renews it is a later matter.
fn paid_before(case: &mut Case<'_>, charge: &Charge) {
    let has_money = matches!(charge.status, ChargeStatus::Paid | ChargeStatus::Underpaid);
    if has_money && !case::is_of_what_paid(&case.now.payment, charge) {
        undoing::give_back(case, charge.charge_id);
    }
}

/// All is there that was asked for. What is not the price of its try buys nothing, and goes back.
fn has_paid(case: &mut Case<'_>, of: &Try, charge: &Charge) {
    if charge.request.amount == of.terms.price {
        return paid::paid(case, of, charge);
    }
    undoing::give_back(case, charge.charge_id);
    if is_under_way(case, of.attempt) {
        undoing::give_up_card(case);
        ending::refuse(case, PaymentStatus::Refused, Why::SumDiffers.word(), Vec::new());
    }
}

/// True if a charge has brought at least what was asked for, also where more was paid and the rest given back.
fn has_all(charge: &Charge) -> bool {
    let is_enough = |observed: &ObservedCharge| kept(charge, observed) >= charge.request.amount.amount;
    match charge.status {
        ChargeStatus::Paid => true,
        ChargeStatus::PartlyRefunded => charge.observed.as_ref().is_some_and(is_enough),
        _ => false,
    }
}

/// The sum that was paid and not given back. Of a boleto goes back what a bank account got alone.
fn kept(charge: &Charge, observed: &ObservedCharge) -> i64 {
    let refunded = match charge.request.method {
        PaymentMethod::Boleto => observed.cancelled.min(observed.by_bank_data),
        PaymentMethod::Card | PaymentMethod::Pix | PaymentMethod::Unknown => observed.cancelled,
    };
    observed.paid.saturating_sub(refunded)
}

/// A charge of the present try, which is not paid.
fn unpaid(case: &mut Case<'_>, charge: &Charge) {
    let is_card = charge.request.method == PaymentMethod::Card;
    match charge.status {
        ChargeStatus::Processing => case.stop_asking(),
        ChargeStatus::Pending | ChargeStatus::Confirming | ChargeStatus::Authorized | ChargeStatus::Underpaid => {
            waits(case, charge);
        }
        ChargeStatus::Failed => {
            undoing::give_up_card(case);
            ending::refuse(case, PaymentStatus::Refused, why_of(charge), reasons_of(charge));
        }
        ChargeStatus::Expired => {
            undoing::give_up_card(case);
            let why = if is_card { TOKEN_EXPIRED } else { Why::Expired.word() };
            ending::refuse(case, PaymentStatus::Expired, why, Vec::new());
        }
        ChargeStatus::Cancelled if is_card => {
            undoing::give_up_card(case);
            ending::refuse(case, PaymentStatus::Refused, CANCELLED, reasons_of(charge));
        }
        // The code has run out.
        ChargeStatus::Cancelled => {
            ending::tell(case, PaymentStatus::Expired, Why::Expired.word(), Vec::new());
            ending::expire(case);
        }
        // Money was given back: a person has seen to it.
        ChargeStatus::PartlyRefunded | ChargeStatus::Refunded | ChargeStatus::ChargedBack => {
            case.now.payment.why = None;
        }
        ChargeStatus::Paid | ChargeStatus::Unknown => {}
    }
}

/// A charge that is not paid, of a try of before or of one that is over: its reason is told, and less money than was asked for is a
/// person's to see to.
fn late(case: &mut Case<'_>, of: &Try, charge: &Charge) {
    if charge.status == ChargeStatus::Underpaid {
        undoing::leave_to_hand(case, charge.charge_id, ending::UNDERPAID);
    }
    let is_over = matches!(case.now.status, SubscriptionStatus::Refused | SubscriptionStatus::Expired);
    if !is_over || of.attempt != case.now.payment.attempt {
        return;
    }
    match charge.status {
        ChargeStatus::Failed => {
            undoing::give_up_card(case);
            ending::tell(case, PaymentStatus::Refused, why_of(charge), reasons_of(charge));
        }
        ChargeStatus::Expired | ChargeStatus::Cancelled if is_open(&case.now.payment) => {
            ending::tell(case, PaymentStatus::Expired, Why::Expired.word(), Vec::new());
        }
        _ => {}
    }
}

/// The code is there, or the gateway does not know yet. The mail goes with the code, which comes once.
fn waits(case: &mut Case<'_>, charge: &Charge) {
    case.stop_asking();
    let had_code = has_code(case);
    let payment = &mut case.now.payment;
    payment.status = PaymentStatus::Pending;
    payment.why = (charge.status == ChargeStatus::Underpaid).then(|| ending::UNDERPAID.to_owned());
    payment.charge_id = Some(charge.charge_id);
    if let Some(observed) = &charge.observed {
        payment.boleto.clone_from(&observed.boleto);
        payment.pix.clone_from(&observed.pix);
    }
    if !had_code && has_code(case) {
        letters::code(case);
    }
}

fn has_code(case: &Case<'_>) -> bool {
    let payment = &case.now.payment;
    let pix = payment.pix.as_ref().and_then(|pix| pix.code.as_ref());
    let line = payment.boleto.as_ref().and_then(|boleto| boleto.line.as_ref());
    pix.or(line).is_some()
}

/// The reason for which a charge failed.
fn why_of(charge: &Charge) -> &str {
    let last = charge.attempts.last().and_then(|attempt| attempt.why.as_deref());
    last.unwrap_or(Why::Declined.word())
}

/// The reasons that the gateway gives: of refusing to make it, or of the payment's failure.
fn reasons_of(charge: &Charge) -> Vec<Reason> {
    let unpaid = charge.observed.as_ref().and_then(|observed| observed.unpaid.as_ref());
    match (charge.reasons.is_empty(), unpaid) {
        (true, Some(unpaid)) => unpaid.reasons.clone(),
        _ => charge.reasons.clone(),
    }
}

/// A card's subscription at payments. It is paid once a charge of it is.
fn subscription_changed(
    tenant: TenantId,
    remote: &payments::Subscription,
    rows: &Rows,
    context: &DecisionContext,
) -> Decided<SignupEvent> {
    let Some(row) = named(tenant, remote.request.reference.as_deref(), rows)? else {
        return Ok(Decision::new(context));
    };
    let Some(of) = case::try_of_remote(&row.subscription, remote) else { return Ok(Decision::new(context)) };
    let mut case = Case::of(&row, rows, context)?;
    if undoing::is_over(remote) {
        undoing::leave(&mut case, remote.subscription_id);
    }
    if is_under_way(&case, of.attempt) {
        present(&mut case, remote);
    } else if goes_on(remote.status) && !is_wanted(&case.now, of.attempt, remote.subscription_id) {
        undoing::end(&mut case, remote.subscription_id);
    }
    Ok(case.say(None))
}

/// The subscription at payments of the present try.
fn present(case: &mut Case<'_>, remote: &payments::Subscription) {
    let why = remote.why.as_deref();
    match remote.status {
        RemoteStatus::Processing => case.stop_asking(),
        // Whether it is unpaid for good its charge says.
        RemoteStatus::Confirming | RemoteStatus::Future | RemoteStatus::Active | RemoteStatus::Unpaid => {
            case.stop_asking();
            case.now.payment.status = PaymentStatus::Pending;
            case.now.payment.charge_id = remote.charge_id.or(case.now.payment.charge_id);
        }
        // It may turn up at the gateway for all that.
        RemoteStatus::Failed if why != Some(Why::CardToken.word()) => {
            undoing::give_up(case);
            let reasons = remote.reasons.clone();
            ending::refuse(case, PaymentStatus::Refused, why.unwrap_or(Why::Declined.word()), reasons);
        }
        RemoteStatus::Failed | RemoteStatus::Expired => {
            undoing::give_up(case);
            ending::refuse(case, PaymentStatus::Expired, TOKEN_EXPIRED, Vec::new());
        }
        RemoteStatus::Ended | RemoteStatus::Cancelled => {
            ending::refuse(case, PaymentStatus::Refused, why.unwrap_or(CANCELLED), remote.reasons.clone());
        }
        RemoteStatus::Unknown => {}
    }
}

/// True if a subscription at payments bills, or will.
fn goes_on(status: RemoteStatus) -> bool {
    match status {
        RemoteStatus::Confirming | RemoteStatus::Future | RemoteStatus::Active | RemoteStatus::Unpaid => true,
        RemoteStatus::Processing
        | RemoteStatus::Ended
        | RemoteStatus::Failed
        | RemoteStatus::Expired
        | RemoteStatus::Cancelled
        | RemoteStatus::Unknown => false,
    }
}

/// True if a subscription at payments has paid, or may: of a try that was refused and that no other follows its charge says that.
fn is_wanted(now: &Subscription, attempt: i32, remote_id: SubscriptionId) -> bool {
    match now.status {
        SubscriptionStatus::Paying | SubscriptionStatus::Refused => attempt == now.payment.attempt,
        SubscriptionStatus::NameLost
        | SubscriptionStatus::Securing
        | SubscriptionStatus::Paid
        | SubscriptionStatus::Active => now.payment.remote_id == Some(remote_id),
        SubscriptionStatus::Naming
        | SubscriptionStatus::NameTaken
        | SubscriptionStatus::Expired
        | SubscriptionStatus::Ended => false,
        // A later version knows.
        SubscriptionStatus::Unknown => true,
    }
}

/// A refund that was asked for, since its money pays nothing.
fn refund_changed(tenant: TenantId, refund: &Refund, rows: &Rows, context: &DecisionContext) -> Decided<SignupEvent> {
    let Some(row) = named(tenant, refund.reference.as_deref(), rows)? else { return Ok(Decision::new(context)) };
    let mut case = Case::of(&row, rows, context)?;
    undoing::refund_changed(&mut case, refund);
    Ok(case.say(None))
}

/// Payments has answered a command without a change. What it takes it says before it refuses the same once more, so that only who is not
/// answered otherwise is refused.
fn answered(tenant: TenantId, event: &CommandAnswered, rows: &Rows, context: &DecisionContext) -> Decided<SignupEvent> {
    let Some(answers) = &event.meta.answers else { return Ok(Decision::new(context)) };
    let (command_id, outcome) = (answers.command_id, answers.outcome);
    let waits = |row: &&Arc<SubscriptionRow>| {
        asks_to_pay(&row.subscription, command_id) || undoing::waits_for(&row.subscription, command_id)
    };
    let all = case::all(tenant, rows)?;
    let Some(row) = all.iter().find(waits) else { return Ok(Decision::new(context)) };
    let mut case = Case::of(row, rows, context)?;
    if outcome == Outcome::Refused && asks_to_pay(&row.subscription, command_id) {
        let why = event.code.as_deref().unwrap_or(Why::Request.word());
        ending::refuse(&mut case, PaymentStatus::Refused, why, Vec::new());
    }
    undoing::answered(&mut case, event, command_id, outcome);
    Ok(case.say(None))
}

/// True if this command of a subscription asked for its payment, and was not answered.
fn asks_to_pay(subscription: &Subscription, command_id: CommandId) -> bool {
    let asked = subscription.asked.as_ref().is_some_and(|asked| asked.what == word::PAY);
    asked && subscription.payment.command_id == Some(command_id)
}

/// The subscription that a reference at payments names.
fn named(tenant: TenantId, reference: Option<&str>, rows: &Rows) -> Result<Option<Arc<SubscriptionRow>>, Need> {
    match reference.and_then(|reference| reference.parse().ok()) {
        Some(subscription) => case::known(tenant, subscription, rows),
        None => Ok(None),
    }
}

/// True if this try is the present one, and waits for its money.
fn is_under_way(case: &Case<'_>, attempt: i32) -> bool {
    case.now.status == SubscriptionStatus::Paying && attempt == case.now.payment.attempt
}
