//! What payments says of the charges and subscriptions that it was asked for. Of a subscription that is paid nothing changes any more by
//! it; of a try of before only its money counts.

use std::sync::Arc;

use feira_schemas::{
    ids::TenantId,
    records::{
        EventSet, PaymentsEvent, SignupEvent,
        common::{CommandAnswered, Outcome},
        payments::{
            self, Charge, ChargePurpose, ChargeStatus, PaymentMethod, Reason, SubscriptionStatus as RemoteStatus, Why,
        },
        signup::{PaymentStatus, SubscriptionStatus},
    },
    rows::signup::SubscriptionRow,
};

use super::{
    case::{self, Case, remote_of, try_of, word},
    ending, letters, paid, paying,
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
    let Some(attempt) = try_of(&row.subscription, charge) else { return Ok(Decision::new(context)) };
    if case::is_paid(&row.subscription) {
        return Ok(Decision::new(context));
    }
    let mut case = Case::of(&row, rows, context)?;
    if charge.status == ChargeStatus::Paid {
        paid::paid(&mut case, attempt, charge);
    } else if is_under_way(&case, attempt) {
        unpaid(&mut case, charge);
    }
    Ok(case.say(None))
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
            let why = charge.attempts.last().and_then(|attempt| attempt.why.as_deref());
            give_up_card(case);
            paying::refuse(case, PaymentStatus::Refused, why.unwrap_or(Why::Declined.word()), reasons_of(charge));
        }
        ChargeStatus::Expired => {
            let why = if is_card { TOKEN_EXPIRED } else { Why::Expired.word() };
            paying::refuse(case, PaymentStatus::Expired, why, Vec::new());
        }
        ChargeStatus::Cancelled if is_card => {
            give_up_card(case);
            paying::refuse(case, PaymentStatus::Refused, CANCELLED, reasons_of(charge));
        }
        // The code has run out.
        ChargeStatus::Cancelled => ending::expire(case),
        // Money was given back: a person has seen to it.
        ChargeStatus::PartlyRefunded | ChargeStatus::Refunded | ChargeStatus::ChargedBack => {}
        ChargeStatus::Paid | ChargeStatus::Unknown => {}
    }
}

/// The code is there, or the gateway does not know yet. The mail goes with the code, which comes once.
fn waits(case: &mut Case<'_>, charge: &Charge) {
    case.stop_asking();
    let had_code = has_code(case);
    let payment = &mut case.now.payment;
    payment.status = PaymentStatus::Pending;
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

/// The gateway would try a card again that was declined, and renew itself beside the next one.
fn give_up_card(case: &mut Case<'_>) {
    if case.now.payment.method == PaymentMethod::Card {
        paying::give_up(case);
    }
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
    let mut case = Case::of(&row, rows, context)?;
    let attempt = case.now.payment.attempt;
    if remote.subscription_id != remote_of(&case.now, attempt) || !is_under_way(&case, attempt) {
        return Ok(Decision::new(context));
    }
    let why = remote.why.as_deref();
    match remote.status {
        RemoteStatus::Processing => case.stop_asking(),
        // Whether it is unpaid for good its charge says.
        RemoteStatus::Confirming | RemoteStatus::Future | RemoteStatus::Active | RemoteStatus::Unpaid => {
            case.stop_asking();
            case.now.payment.status = PaymentStatus::Pending;
            case.now.payment.charge_id = remote.charge_id.or(case.now.payment.charge_id);
        }
        RemoteStatus::Failed if why != Some(Why::CardToken.word()) => {
            let reasons = remote.reasons.clone();
            paying::refuse(&mut case, PaymentStatus::Refused, why.unwrap_or(Why::Declined.word()), reasons);
        }
        RemoteStatus::Failed | RemoteStatus::Expired => {
            paying::refuse(&mut case, PaymentStatus::Expired, TOKEN_EXPIRED, Vec::new());
        }
        RemoteStatus::Ended | RemoteStatus::Cancelled => {
            paying::refuse(&mut case, PaymentStatus::Refused, why.unwrap_or(CANCELLED), remote.reasons.clone());
        }
        RemoteStatus::Unknown => {}
    }
    Ok(case.say(None))
}

/// Payments has refused to take what it was asked. What it takes it says before it refuses the same once more, so that only who is not
/// answered otherwise is refused.
fn answered(tenant: TenantId, event: &CommandAnswered, rows: &Rows, context: &DecisionContext) -> Decided<SignupEvent> {
    let Some(answers) = event.meta.answers.as_ref().filter(|answers| answers.outcome == Outcome::Refused) else {
        return Ok(Decision::new(context));
    };
    let asks = |row: &&Arc<SubscriptionRow>| {
        let subscription = &row.subscription;
        let asked = subscription.asked.as_ref().is_some_and(|asked| asked.what == word::PAY);
        asked && subscription.payment.command_id == Some(answers.command_id)
    };
    let all = case::all(tenant, rows)?;
    let Some(row) = all.iter().find(asks) else { return Ok(Decision::new(context)) };
    let mut case = Case::of(row, rows, context)?;
    let why = event.code.as_deref().unwrap_or(Why::Request.word());
    paying::refuse(&mut case, PaymentStatus::Refused, why, Vec::new());
    Ok(case.say(None))
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
