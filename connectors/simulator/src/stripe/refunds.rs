//! Refunds, charges and disputes.

use feira_schemas::time::{DAY, Micros};
use serde_json::{Value, json};

use super::{
    answer::{Refused, codes_of},
    call::{Call, Metadata},
    events,
    kept::{Dispute, Intent, Refund},
    lists, show,
};
use crate::core::{
    charge::{Charge, Method, Moved, Outcome, Status},
    faults::{Class, Effect, Operation},
};

/// How long a Pix can be given back.
const PIX_REFUND: Micros = 90 * DAY;

pub(super) fn create(call: &mut Call, _: &[&str]) -> Result<Value, Refused> {
    let mut charge = match (call.text("charge"), call.text("payment_intent")) {
        (Some(id), _) => call.own::<Charge>(&id)?,
        (None, Some(id)) => {
            let intent = call.own::<Intent>(&id)?;
            let none =
                || Refused::coded("charge_not_refundable", "The PaymentIntent has no successful charge to refund.");
            call.own::<Charge>(&intent.charge.ok_or_else(none)?)?
        }
        (None, None) => return Err(Refused::missing("charge")),
    };
    let reason = call.text("reason");
    if reason.as_deref().is_some_and(|it| !matches!(it, "duplicate" | "fraudulent" | "requested_by_customer")) {
        return Err(Refused::invalid("Invalid reason.", Some("reason")));
    }
    let metadata = call.metadata(Metadata::new())?;
    let amount = call.number("amount")?.unwrap_or(charge.left());
    check(call, &charge, amount)?;
    if let Some(Effect::Refuse { reason }) = call.effect(Operation::Refund, Class::Outcome) {
        let code =
            if codes_of(reason).1 == "insufficient_funds" { "balance_insufficient" } else { "charge_not_refundable" };
        return Err(Refused::coded(code, reason.message()));
    }
    let now = call.ledger.now();
    let refund = Refund {
        id: call.ledger.id("re"),
        account: call.account.id.clone(),
        charge: charge.id.clone(),
        intent: charge.order.clone().unwrap_or_default(),
        amount,
        reason,
        metadata,
        created: now,
    };
    charge.canceled += amount;
    if charge.left() == 0 {
        (charge.status, charge.canceled_at) = (Status::Canceled, Some(now));
    }
    charge.note(now, Moved::GivenBack, amount, Some(refund.id.clone()), Outcome::Refunded);
    call.ledger.put(charge.clone());
    call.ledger.put(refund.clone());
    let (shown, of) = (show::refund(call.ledger, &refund), show::charge(call.ledger, &charge));
    events::say(call.ledger, &refund.account, "refund.created", shown.clone(), &mut call.magic);
    events::say(call.ledger, &refund.account, "charge.refunded", of, &mut call.magic);
    Ok(shown)
}

fn check(call: &Call, charge: &Charge, amount: i64) -> Result<(), Refused> {
    if charge.status == Status::Chargedback {
        return Err(Refused::coded("charge_disputed", "The charge is disputed."));
    }
    if charge.paid == 0 {
        return Err(Refused::coded("charge_not_refundable", "The charge has not been paid."));
    }
    if charge.left() == 0 {
        return Err(Refused::coded("charge_already_refunded", "The charge has already been refunded."));
    }
    if !(1..=charge.left()).contains(&amount) {
        return Err(Refused::invalid(
            "The amount is greater than the unrefunded amount of the charge.",
            Some("amount"),
        ));
    }
    match charge.method {
        Method::Boleto(_) => Err(Refused::coded("charge_not_refundable", "Boletos can not be refunded.")),
        Method::Pix(_) if charge.paid_at.is_some_and(|paid| call.ledger.now() > paid + PIX_REFUND) => {
            Err(Refused::coded("charge_not_refundable", "A Pix can be refunded within 90 days."))
        }
        _ => Ok(()),
    }
}

pub(super) fn get(call: &mut Call, path: &[&str]) -> Result<Value, Refused> {
    let refund = call.own::<Refund>(path[1])?;
    Ok(show::refund(call.ledger, &refund))
}

pub(super) fn change(call: &mut Call, path: &[&str]) -> Result<Value, Refused> {
    let refund = call.own::<Refund>(path[1])?;
    let refund = Refund { metadata: call.metadata(refund.metadata)?, ..refund };
    call.ledger.put(refund.clone());
    let shown = show::refund(call.ledger, &refund);
    events::say(call.ledger, &refund.account, "refund.updated", shown.clone(), &mut call.magic);
    Ok(shown)
}

pub(super) fn list(call: &mut Call, _: &[&str]) -> Result<Value, Refused> {
    let (charge, intent) = (call.text("charge"), call.text("payment_intent"));
    let fits = |refund: &Refund| {
        charge.as_deref().is_none_or(|id| id == refund.charge) && intent.as_deref().is_none_or(|id| id == refund.intent)
    };
    lists::list(call, "/v1/refunds", fits, show::refund)
}

pub(super) fn get_charge(call: &mut Call, path: &[&str]) -> Result<Value, Refused> {
    let charge = call.own::<Charge>(path[1])?;
    if !show::is_shown(&charge) {
        return Err(Refused::not_found("charge", path[1]));
    }
    Ok(show::charge(call.ledger, &charge))
}

pub(super) fn list_charges(call: &mut Call, _: &[&str]) -> Result<Value, Refused> {
    let (customer, intent) = (call.text("customer"), call.text("payment_intent"));
    let fits = |charge: &Charge| {
        show::is_shown(charge)
            && customer.as_deref().is_none_or(|id| id == charge.customer)
            && (intent.is_none() || charge.order == intent)
    };
    lists::list(call, "/v1/charges", fits, show::charge)
}

pub(super) fn get_dispute(call: &mut Call, path: &[&str]) -> Result<Value, Refused> {
    let dispute = call.own::<Dispute>(path[1])?;
    Ok(show::dispute(call.ledger, &dispute))
}

pub(super) fn list_disputes(call: &mut Call, _: &[&str]) -> Result<Value, Refused> {
    let (charge, intent) = (call.text("charge"), call.text("payment_intent"));
    let fits = |dispute: &Dispute| {
        charge.as_deref().is_none_or(|id| id == dispute.charge)
            && intent.as_deref().is_none_or(|id| id == dispute.intent)
    };
    lists::list(call, "/v1/disputes", fits, show::dispute)
}

/// The account itself, as its key sees it.
pub(super) fn get_account(call: &mut Call, _: &[&str]) -> Result<Value, Refused> {
    Ok(json!({
        "id": call.account.id,
        "object": "account",
        "business_profile": {"name": call.account.name},
        "charges_enabled": true,
        "country": "BR",
        "default_currency": "brl",
        "payouts_enabled": true,
        "type": "standard",
    }))
}
