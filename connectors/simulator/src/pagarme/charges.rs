//! What is done to a charge once it is there: read, captured, cancelled, given back, tried again, confirmed, paid, taken back.

use feira_schemas::time::{DAY, Micros};
use serde::Deserialize;
use serde_json::Value;

use super::{
    answer::Refused,
    call::Call,
    cards::{self, Named},
    customers::{self, Customer},
    fields,
    kept::Order,
    lists,
    orders::NewMetadata,
    payments, settle, show, tell, times,
};
use crate::core::{
    account::Kind,
    charge::{Charge, Method, Moved, Outcome, Payment, Status},
    faults::{Class, Effect, Operation},
    ledger::{Ledger, MINUTE},
    slips,
};

/// How long a Pix can be given back.
const PIX_REFUND: Micros = 90 * DAY;
/// Failed refunds after which one may be tried in a while, and that while.
const REFUND_TRIES: (u32, Micros) = (10, 15 * MINUTE);

/// What can't be done with a charge as it stands.
fn barred(what: &str, charge: &Charge) -> Refused {
    Refused::rule(format!("This charge can not be {what}: its status is {}.", charge.status.name()))
}

pub(super) fn get(call: &mut Call, path: &[&str]) -> Result<Value, Refused> {
    let charge = call.own::<Charge>(path[1])?;
    Ok(show::charge(call.ledger, &charge))
}

pub(super) fn list(call: &mut Call, _: &[&str]) -> Result<Value, Refused> {
    let created = lists::within(call, "created")?;
    let fits = |charge: &Charge| {
        lists::is_listed(call, charge.created)
            && created(charge.created)
            && lists::is(call, "code", &charge.code)
            && lists::is(call, "status", charge.status.name())
            && lists::is(call, "payment_method", charge.method.name())
            && lists::is(call, "customer_id", &charge.customer)
            && lists::is(call, "order_id", charge.order.as_deref().unwrap_or_default())
    };
    lists::list(call, fits, show::charge)
}

pub(super) fn transactions(call: &mut Call, path: &[&str]) -> Result<Value, Refused> {
    let charge = call.own::<Charge>(path[1])?;
    let all: Vec<Value> =
        charge.transactions.iter().rev().map(|one| show::transaction(call.ledger, &charge, one)).collect();
    lists::page(call, all.len(), |range| all[range].to_vec())
}

#[derive(Deserialize)]
struct Cancel {
    amount: Option<i64>,
    operation_reference: Option<String>,
    bank_account: Option<BankAccount>,
}

#[derive(Deserialize)]
struct BankAccount {
    holder_document: String,
}

/// Whether a DELETE of that charge would give back, or cancel.
pub(super) fn operation(ledger: &Ledger, id: &str) -> Operation {
    match ledger.get::<Charge>(id) {
        Some(charge) if charge.status.is_paid() => Operation::Refund,
        _ => Operation::Cancel,
    }
}

/// Cancels what was not paid, gives back what was. The same call twice gives back twice.
pub(super) fn cancel(call: &mut Call, path: &[&str]) -> Result<Value, Refused> {
    let mut charge = call.own::<Charge>(path[1])?;
    let cancel: Cancel = call.body(&fields::CANCEL, "charge")?;
    match charge.status {
        Status::Pending => void(call, &mut charge, cancel)?,
        Status::Paid | Status::Underpaid | Status::Overpaid => give_back(call, &mut charge, &cancel)?,
        Status::Failed | Status::Canceled | Status::Chargedback => return Err(barred("canceled", &charge)),
    }
    Ok(show::charge(call.ledger, &charge))
}

fn void(call: &mut Call, charge: &mut Charge, cancel: Cancel) -> Result<(), Refused> {
    if cancel.amount.is_some_and(|amount| amount != charge.amount) {
        return Err(Refused::rule("A charge that is not paid is canceled as a whole."));
    }
    if let Some(Effect::Refuse { reason }) = call.effect(Operation::Cancel, Class::Outcome) {
        return Err(Refused::rule(reason.message()));
    }
    let now = call.ledger.now();
    (charge.status, charge.canceled, charge.canceled_at) = (Status::Canceled, charge.amount, Some(now));
    charge.note(now, Moved::Voided, charge.amount, cancel.operation_reference, Outcome::Voided);
    settle::settled(call.ledger, charge, None, &mut call.magic);
    Ok(())
}

fn give_back(call: &mut Call, charge: &mut Charge, cancel: &Cancel) -> Result<(), Refused> {
    let now = call.ledger.now();
    let amount = cancel.amount.unwrap_or(charge.left());
    if !(1..=charge.left()).contains(&amount) {
        return Err(Refused::rule("The amount is larger than what is left of the charge."));
    }
    let (failed, last) = charge.failed_refunds;
    if failed >= REFUND_TRIES.0 && now < last + REFUND_TRIES.1 {
        return Err(Refused::rule("Too many failed refunds of this charge: try again in 15 minutes."));
    }
    let moves_money = match refundable(call, charge, cancel) {
        Ok(moves_money) => moves_money,
        Err(refused) => {
            charge.failed_refunds = (failed + 1, now);
            call.ledger.put(charge.clone());
            return Err(refused);
        }
    };
    let what = if moves_money { Moved::GivenBack } else { Moved::RenamedOnly };
    charge.canceled += amount;
    let whole = charge.left() == 0;
    if whole {
        (charge.status, charge.canceled_at) = (Status::Canceled, Some(now));
    }
    charge.note(now, what, amount, cancel.operation_reference.clone(), Outcome::Refunded);
    let kind = if whole { "charge.refunded" } else { "charge.partial_canceled" };
    settle::settled(call.ledger, charge, Some(kind), &mut call.magic);
    Ok(())
}

/// Whether giving back moves money; an error where it can't be done.
fn refundable(call: &mut Call, charge: &Charge, cancel: &Cancel) -> Result<bool, Refused> {
    if let Some(Effect::Refuse { reason }) = call.effect(Operation::Refund, Class::Outcome) {
        return Err(Refused::rule(reason.message()));
    }
    let own_acquirer = call.account.kind == Kind::Gateway;
    match charge.method {
        Method::Card(_) => Ok(true),
        _ if own_acquirer => Ok(false),
        Method::Pix(_) if charge.paid_at.is_some_and(|paid| call.ledger.now() > paid + PIX_REFUND) => {
            Err(Refused::rule("A Pix can be given back within 90 days."))
        }
        Method::Pix(_) => Ok(true),
        Method::Boleto(_) => {
            let buyer = call.ledger.get::<Customer>(&charge.customer).and_then(|customer| customer.data.document);
            let buyer = buyer.as_deref().map(customers::digits_of);
            let holder = cancel.bank_account.as_ref().map(|bank| customers::digits_of(&bank.holder_document));
            match holder {
                None => Err(Refused::rule("A paid boleto is given back to a bank account: bank_account is missing.")),
                Some(_) if holder != buyer => {
                    Err(Refused::rule("The holder of the bank account is not the customer of the charge."))
                }
                Some(_) => Ok(true),
            }
        }
    }
}

#[derive(Deserialize)]
struct Capture {
    amount: Option<i64>,
    code: Option<String>,
    operation_reference: Option<String>,
}

pub(super) fn capture(call: &mut Call, path: &[&str]) -> Result<Value, Refused> {
    let mut charge = call.own::<Charge>(path[1])?;
    let capture: Capture = call.body(&fields::CAPTURE, "charge")?;
    if !charge.is_authorized() {
        return Err(barred("captured", &charge));
    }
    let amount = capture.amount.unwrap_or(charge.amount);
    if !(1..=charge.amount).contains(&amount) {
        return Err(Refused::rule("The amount is larger than what was authorized."));
    }
    if let Some(Effect::Refuse { reason }) = call.effect(Operation::Capture, Class::Outcome) {
        return Err(Refused::rule(reason.message()));
    }
    let now = call.ledger.now();
    charge.code = capture.code.unwrap_or(charge.code);
    (charge.status, charge.paid, charge.paid_at) = (Status::Paid, amount, Some(now));
    charge.note(now, Moved::Paid, amount, capture.operation_reference, Outcome::Captured);
    settle::settled(call.ledger, &charge, None, &mut call.magic);
    Ok(show::charge(call.ledger, &charge))
}

/// Tries a refused charge again.
pub(super) fn retry(call: &mut Call, path: &[&str]) -> Result<Value, Refused> {
    let mut charge = call.own::<Charge>(path[1])?;
    call.body::<Value>(&fields::NOTHING, "charge")?;
    if charge.status != Status::Failed {
        return Err(barred("retried", &charge));
    }
    payments::attempt(call, &mut charge);
    settle::settled(call.ledger, &charge, None, &mut call.magic);
    Ok(show::charge(call.ledger, &charge))
}

#[derive(Deserialize)]
struct DueDate {
    due_at: Option<String>,
}

/// Gives a boleto another day, and with it another line.
pub(super) fn change_due(call: &mut Call, path: &[&str]) -> Result<Value, Refused> {
    let mut charge = call.own::<Charge>(path[1])?;
    let new: DueDate = call.body(&fields::DUE_DATE, "charge")?;
    let Method::Boleto(slip) = &charge.method else { return Err(barred("given a due date", &charge)) };
    if charge.status != Status::Pending {
        return Err(barred("given a due date", &charge));
    }
    let text = new.due_at.ok_or_else(|| Refused::field("charge.due_at", "The due_at field is required."))?;
    let due = times::read(&text, "charge.due_at")?;
    if due < call.ledger.now() {
        return Err(Refused::field("charge.due_at", "The due_at field is in the past."));
    }
    let mut fresh = slips::boleto(call.ledger, charge.amount, due, Some(slip.number.clone())).map_err(Refused::rule)?;
    (fresh.document_number, fresh.instructions) = (slip.document_number.clone(), slip.instructions.clone());
    charge.method = Method::Boleto(fresh);
    Ok(updated(call, charge))
}

/// Gives a charge that was refused another card, with which it can be tried again.
pub(super) fn change_card(call: &mut Call, path: &[&str]) -> Result<Value, Refused> {
    let mut charge = call.own::<Charge>(path[1])?;
    let named: Named = call.body(&fields::CHARGE_CARD, "charge")?;
    let may = matches!(charge.status, Status::Failed | Status::Pending) && !charge.is_authorized();
    let Method::Card(mut payment) = charge.method.clone() else { return Err(barred("given a card", &charge)) };
    if !may {
        return Err(barred("given a card", &charge));
    }
    let customer = call.ledger.get::<Customer>(&charge.customer);
    let has_address = customer.is_some_and(|customer| customer.data.address.is_some());
    let found = cards::find(call, named, has_address, "charge")?;
    let found = found.ok_or_else(|| Refused::field("charge.card", "The card field is required."))?;
    payment.card = cards::keep(call, found, &charge.customer);
    charge.method = Method::Card(payment);
    Ok(updated(call, charge))
}

pub(super) fn mark(call: &mut Call, path: &[&str]) -> Result<Value, Refused> {
    let mut charge = call.own::<Charge>(path[1])?;
    let new: NewMetadata = call.body(&fields::METADATA, "charge")?;
    if charge.status == Status::Chargedback {
        return Err(barred("changed", &charge));
    }
    charge.metadata = new.metadata;
    Ok(updated(call, charge))
}

fn updated(call: &mut Call, mut charge: Charge) -> Value {
    charge.updated = call.ledger.now();
    call.ledger.put(charge.clone());
    tell::of_charge(call.ledger, &charge, "charge.updated", &mut call.magic);
    show::charge(call.ledger, &charge)
}

#[derive(Deserialize)]
struct Confirm {
    amount: Option<i64>,
}

/// Takes the merchant's word that a waiting charge was paid elsewhere.
pub(super) fn confirm(call: &mut Call, path: &[&str]) -> Result<Value, Refused> {
    let mut charge = call.own::<Charge>(path[1])?;
    let confirm: Confirm = call.body(&fields::CONFIRM, "charge")?;
    if !charge.is_open() {
        return Err(barred("confirmed", &charge));
    }
    let amount = confirm.amount.unwrap_or(charge.amount);
    if amount <= 0 {
        return Err(Refused::field("charge.amount", "The amount field is a positive number."));
    }
    receive(call.ledger, &mut charge, amount, Moved::Confirmed, &mut call.magic);
    Ok(show::charge(call.ledger, &charge))
}

/// Pays a Pix or a boleto. An error says why it can't be.
pub fn pay(ledger: &mut Ledger, id: &str, payment: Payment) -> Result<(), String> {
    let mut charge = ledger.get::<Charge>(id).ok_or("there is no such charge")?;
    let now = ledger.now();
    let amount = payment.amount.unwrap_or(charge.amount);
    if matches!(charge.method, Method::Pix(_)) && amount != charge.amount {
        return Err("a Pix is paid as a whole".to_owned());
    }
    charge.check_payable(now, payment.late)?;
    if !(1..=10_000_000_000).contains(&amount) {
        return Err("no such sum can be paid".to_owned());
    }
    if matches!(charge.method, Method::Pix(_)) {
        let mark = format!("E00000000{}", ledger.ids().letters(23));
        if let Some(last) = charge.transactions.last_mut() {
            last.end_to_end = Some(mark);
        }
    }
    (charge.canceled, charge.canceled_at) = (0, None);
    receive(ledger, &mut charge, amount, Moved::Paid, &mut None);
    Ok(())
}

fn receive(ledger: &mut Ledger, charge: &mut Charge, amount: i64, what: Moved, magic: &mut Option<Effect>) {
    let now = ledger.now();
    charge.status = match amount.cmp(&charge.amount) {
        std::cmp::Ordering::Less => Status::Underpaid,
        std::cmp::Ordering::Equal => Status::Paid,
        std::cmp::Ordering::Greater => Status::Overpaid,
    };
    (charge.paid, charge.paid_at) = (amount, Some(now));
    charge.note(now, what, amount, None, Outcome::Paid);
    settle::settled(ledger, charge, None, magic);
}

/// Takes a paid charge back for the buyer, for good. An error says why it can't be.
pub fn charge_back(ledger: &mut Ledger, id: &str) -> Result<(), String> {
    let mut charge = ledger.get::<Charge>(id).ok_or("there is no such charge")?;
    charge.take_back(ledger.now())?;
    settle::settled(ledger, &charge, None, &mut None);
    Ok(())
}

/// Takes a charge out, and its order if that has no other. An error says why it can't be.
pub fn forget(ledger: &mut Ledger, id: &str) -> Result<(), String> {
    let charge = ledger.get::<Charge>(id).ok_or("there is no such charge")?;
    if charge.invoice.is_some() {
        return Err("an invoice is paid by it".to_owned());
    }
    ledger.remove::<Charge>(id);
    let Some(mut order) = charge.order.as_deref().and_then(|id| ledger.get::<Order>(id)) else { return Ok(()) };
    order.charges.retain(|other| other != id);
    if order.charges.is_empty() {
        ledger.remove::<Order>(&order.id);
        return Ok(());
    }
    let others: Vec<Charge> = order.charges.iter().filter_map(|id| ledger.get(id)).collect();
    order.status = settle::status_of(&others).to_owned();
    ledger.put(order);
    Ok(())
}
