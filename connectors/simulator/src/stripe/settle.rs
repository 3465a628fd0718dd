//! What happens to charges from outside: a buyer pays, a code runs out, a bank takes back, and what was made is
//! gone.

use super::{
    events, intents,
    kept::{Dispute, Intent, Refund},
    show,
};
use crate::core::{
    charge::{Charge, Method, Outcome, Payment, Status},
    ledger::Ledger,
    refusal::Reason,
    rows::Row,
};

/// Pays a Pix or a boleto. An error says why it can't be.
pub fn pay(ledger: &mut Ledger, id: &str, payment: Payment) -> Result<(), String> {
    let mut charge = ledger.get::<Charge>(id).ok_or("there is no such charge")?;
    let intent = charge.order.as_deref().and_then(|id| ledger.get::<Intent>(id)).ok_or("it has no intent")?;
    if payment.amount.is_some_and(|amount| amount != charge.amount) {
        return Err("it is paid as a whole".to_owned());
    }
    charge.check_payable(ledger.now(), payment.late)?;
    if matches!(charge.method, Method::Pix(_)) {
        let mark = format!("E00000000{}", ledger.ids().letters(23));
        if let Some(last) = charge.transactions.last_mut() {
            last.end_to_end = Some(mark);
        }
    }
    (charge.canceled, charge.canceled_at) = (0, None);
    let intent = Intent { charge: Some(charge.id.clone()), canceled_at: None, cancellation_reason: None, ..intent };
    let amount = charge.amount;
    intents::received(ledger, intent, charge, amount, Outcome::Paid, &mut None);
    Ok(())
}

/// Ends a Pix or a boleto that nobody has paid: its intent asks for another way to pay.
pub fn expire(ledger: &mut Ledger, id: &str) {
    let Some(mut charge) = ledger.get::<Charge>(id).filter(Charge::is_open) else { return };
    let Some(mut intent) = charge.order.as_deref().and_then(|id| ledger.get::<Intent>(id)) else { return };
    charge.status = Status::Failed;
    charge.updated = ledger.now();
    ledger.put(charge);
    (intent.refusal, intent.method) = (Some(Reason::RanOut), None);
    "requires_payment_method".clone_into(&mut intent.status);
    ledger.put(intent.clone());
    let shown = show::intent(ledger, &intent);
    events::say(ledger, &intent.account, "payment_intent.payment_failed", shown, &mut None);
}

/// Takes a paid charge back for the buyer, for good. An error says why it can't be.
pub fn charge_back(ledger: &mut Ledger, id: &str) -> Result<(), String> {
    let mut charge = ledger.get::<Charge>(id).ok_or("there is no such charge")?;
    let now = ledger.now();
    let left = charge.take_back(now)?;
    ledger.put(charge.clone());
    let dispute = Dispute {
        id: ledger.id("du"),
        account: charge.account.clone(),
        charge: charge.id.clone(),
        intent: charge.order.clone().unwrap_or_default(),
        amount: left,
        created: now,
    };
    ledger.put(dispute.clone());
    let shown = show::dispute(ledger, &dispute);
    events::say(ledger, &charge.account, "charge.dispute.created", shown.clone(), &mut None);
    events::say(ledger, &charge.account, "charge.dispute.closed", shown, &mut None);
    Ok(())
}

/// Takes an intent out with this charge and whatever else is of it. An error says why it can't be.
pub fn forget(ledger: &mut Ledger, id: &str) -> Result<(), String> {
    let charge = ledger.get::<Charge>(id).ok_or("there is no such charge")?;
    if charge.invoice.is_some() {
        return Err("an invoice is paid by it".to_owned());
    }
    let intent = charge.order.ok_or("it has no intent")?;
    remove_all(ledger, |refund: &Refund| refund.intent == intent);
    remove_all(ledger, |dispute: &Dispute| dispute.intent == intent);
    remove_all(ledger, |charge: &Charge| charge.order.as_ref() == Some(&intent));
    ledger.remove::<Intent>(&intent);
    Ok(())
}

fn remove_all<T: Row>(ledger: &mut Ledger, is_one: impl Fn(&T) -> bool) {
    let all = ledger.list::<T>().into_iter().filter(|row| is_one(row));
    let ids: Vec<String> = all.map(|row| row.id().to_owned()).collect();
    ids.iter().for_each(|id| ledger.remove::<T>(id));
}
