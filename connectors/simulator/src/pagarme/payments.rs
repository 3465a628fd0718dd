//! Payments: what a body asks for is checked whole before anything is kept, and then becomes charges.

use std::collections::BTreeMap;

use feira_schemas::time::{DAY, Micros};
use serde::Deserialize;

use super::{
    answer::Refused,
    call::Call,
    cards::{self, Found, Named},
    times,
};
use crate::core::{
    acts::{self, What},
    card::Behaviour,
    charge::{CardPayment, Charge, Method, Moved, Outcome, PixCode, Slip, Status, Transaction},
    faults::{Class, Effect, Operation},
    ledger::SECOND,
    refusal::Reason,
    slips,
};

/// When a boleto is due, if nothing is said.
const DUE: Micros = 3 * DAY;
/// When the buyer's bank takes back what a card of that kind paid.
const TAKEN_BACK: Micros = 5 * SECOND;
/// The parcels that a charge may have.
const INSTALLMENTS: i64 = 24;
/// The seconds that a Pix may wait, as long as a year.
const WAITS: i64 = 365 * 24 * 60 * 60;

/// A payment as a body has it.
#[derive(Deserialize)]
pub(super) struct Payment {
    payment_method: String,
    pub(super) amount: Option<i64>,
    credit_card: Option<CreditCard>,
    boleto: Option<Boleto>,
    pix: Option<Pix>,
    metadata: Option<BTreeMap<String, String>>,
}

#[derive(Deserialize)]
struct CreditCard {
    installments: Option<i64>,
    statement_descriptor: Option<String>,
    capture: Option<bool>,
    operation_type: Option<String>,
    #[serde(flatten)]
    named: Named,
}

#[derive(Deserialize)]
struct Boleto {
    instructions: Option<String>,
    due_at: Option<String>,
    document_number: Option<String>,
    nosso_numero: Option<String>,
}

#[derive(Deserialize)]
struct Pix {
    expires_at: Option<String>,
    expires_in: Option<i64>,
    additional_information: Option<Vec<Note>>,
}

#[derive(Deserialize)]
struct Note {
    name: String,
    value: String,
}

/// A payment that was checked.
pub(super) struct Draft {
    pub(super) amount: i64,
    method: Wanted,
    metadata: BTreeMap<String, String>,
}

/// How a payment that was checked is paid.
pub(super) enum Wanted {
    Card { found: Found, installments: u32, descriptor: Option<String>, capture: bool },
    Pix(PixCode),
    Boleto(Slip),
}

/// What a charge belongs to.
pub(super) struct Place<'a> {
    pub(super) customer: &'a str,
    pub(super) code: &'a str,
    pub(super) order: Option<&'a str>,
    pub(super) invoice: Option<&'a str>,
    pub(super) metadata: &'a BTreeMap<String, String>,
}

/// Checks a payment of that sum; `path` stands before the paths of errors.
pub(super) fn check(
    call: &mut Call,
    payment: Payment,
    amount: i64,
    has_address: bool,
    path: &str,
) -> Result<Draft, Refused> {
    let missing = |field: &str| Refused::field(&format!("{path}.{field}"), format!("The {field} field is required."));
    if amount <= 0 {
        return Err(Refused::field(&format!("{path}.amount"), "The amount field is a positive number."));
    }
    let method = match payment.payment_method.as_str() {
        "credit_card" => {
            let card = payment.credit_card.ok_or_else(|| missing("credit_card"))?;
            check_card(call, card, has_address, &format!("{path}.credit_card"))?
        }
        "pix" => check_pix(call, amount, payment.pix.ok_or_else(|| missing("pix"))?, &format!("{path}.pix"))?,
        "boleto" => {
            let boleto = payment.boleto.ok_or_else(|| missing("boleto"))?;
            check_boleto(call, amount, boleto, &format!("{path}.boleto"))?
        }
        "debit_card" | "voucher" | "bank_transfer" | "safetypay" | "checkout" | "cash" | "private_label" => {
            return Err(Refused::rule(format!("{} is not enabled for this account.", payment.payment_method)));
        }
        _ => return Err(Refused::field(&format!("{path}.payment_method"), "The payment_method field is invalid.")),
    };
    Ok(Draft { amount, method, metadata: payment.metadata.unwrap_or_default() })
}

fn check_card(call: &mut Call, card: CreditCard, has_address: bool, path: &str) -> Result<Wanted, Refused> {
    let installments = card.installments.unwrap_or(1);
    if !(1..=INSTALLMENTS).contains(&installments) {
        let text = format!("The installments field is a number from 1 to {INSTALLMENTS}.");
        return Err(Refused::field(&format!("{path}.installments"), text));
    }
    if card.statement_descriptor.as_deref().is_some_and(|text| text.chars().count() > 22) {
        let text = "The statement_descriptor field has 22 characters at most.";
        return Err(Refused::field(&format!("{path}.statement_descriptor"), text));
    }
    let operation = card.operation_type.as_deref().unwrap_or("auth_and_capture");
    if !matches!(operation, "auth_and_capture" | "auth_only" | "pre_auth") {
        return Err(Refused::field(&format!("{path}.operation_type"), "The operation_type field is invalid."));
    }
    let found = cards::find(call, card.named, has_address, path)?;
    let found = found.ok_or_else(|| Refused::field(&format!("{path}.card"), "The card field is required."))?;
    let capture = card.capture.unwrap_or(operation == "auth_and_capture");
    let installments = u32::try_from(installments).unwrap_or(1);
    Ok(Wanted::Card { found, installments, descriptor: card.statement_descriptor, capture })
}

fn check_pix(call: &mut Call, amount: i64, pix: Pix, path: &str) -> Result<Wanted, Refused> {
    let now = call.ledger.now();
    let until = match (pix.expires_in, pix.expires_at.as_deref()) {
        (Some(seconds), None) if (1..=WAITS).contains(&seconds) => now + seconds * SECOND,
        (None, Some(text)) => times::read(text, &format!("{path}.expires_at"))?,
        (None, None) => return Err(Refused::field(path, "The expires_in or the expires_at field is required.")),
        _ => return Err(Refused::field(&format!("{path}.expires_in"), "The expires_in field is invalid.")),
    };
    if until <= now {
        return Err(Refused::field(&format!("{path}.expires_at"), "The expires_at field is not in the future."));
    }
    let notes = pix.additional_information.unwrap_or_default();
    let notes = notes.into_iter().map(|note| (note.name, note.value)).collect();
    Ok(Wanted::Pix(slips::pix(call.ledger, &call.account, amount, until, notes).map_err(Refused::rule)?))
}

fn check_boleto(call: &mut Call, amount: i64, boleto: Boleto, path: &str) -> Result<Wanted, Refused> {
    let now = call.ledger.now();
    let due = boleto.due_at.as_deref().map(|text| times::read(text, &format!("{path}.due_at"))).transpose()?;
    let due = due.unwrap_or(now + DUE);
    if due < now - DAY {
        return Err(Refused::field(&format!("{path}.due_at"), "The due_at field is in the past."));
    }
    for (name, text, most) in
        [("instructions", &boleto.instructions, 256), ("document_number", &boleto.document_number, 16)]
    {
        if text.as_deref().is_some_and(|text| text.chars().count() > most) {
            let text = format!("The {name} field has {most} characters at most.");
            return Err(Refused::field(&format!("{path}.{name}"), text));
        }
    }
    let mut slip = slips::boleto(call.ledger, amount, due, boleto.nosso_numero).map_err(Refused::rule)?;
    (slip.document_number, slip.instructions) = (boleto.document_number, boleto.instructions);
    Ok(Wanted::Boleto(slip))
}

/// A payment of a subscription's cycle.
pub(super) fn of_cycle(amount: i64, method: Wanted) -> Draft {
    Draft { amount, method, metadata: BTreeMap::new() }
}

/// Charges what was checked, and keeps the charge.
pub(super) fn charge(call: &mut Call, draft: Draft, place: &Place) -> Charge {
    let method = match draft.method {
        Wanted::Card { found, installments, descriptor, capture } => {
            let card = cards::keep(call, found, place.customer);
            Method::Card(CardPayment { card, installments, descriptor, capture })
        }
        Wanted::Pix(code) => Method::Pix(code),
        Wanted::Boleto(slip) => Method::Boleto(slip),
    };
    let now = call.ledger.now();
    let metadata = place.metadata.clone().into_iter().chain(draft.metadata).collect();
    let mut charge = Charge {
        id: call.ledger.id("ch"),
        account: call.account.id.clone(),
        order: place.order.map(str::to_owned),
        invoice: place.invoice.map(str::to_owned),
        code: place.code.to_owned(),
        metadata,
        customer: place.customer.to_owned(),
        amount: draft.amount,
        method,
        status: Status::Pending,
        paid: 0,
        canceled: 0,
        created: now,
        updated: now,
        paid_at: None,
        canceled_at: None,
        transactions: Vec::new(),
        moves: Vec::new(),
        failed_refunds: (0, 0),
    };
    attempt(call, &mut charge);
    call.ledger.put(charge.clone());
    charge
}

/// Tries to be paid: the first time, or again.
pub(super) fn attempt(call: &mut Call, charge: &mut Charge) {
    let now = call.ledger.now();
    charge.transactions.push(Transaction {
        id: call.ledger.id("tran"),
        at: now,
        updated: now,
        amount: charge.amount,
        outcome: Outcome::Waiting,
        end_to_end: None,
        number: call.ledger.ids().digits(12),
    });
    charge.updated = now;
    let effect = call.effect(Operation::Charge, Class::Outcome);
    match (&charge.method, effect) {
        (_, Some(Effect::Refuse { reason })) => refuse(charge, reason),
        (Method::Card(payment), effect) => match payment.card.behaviour {
            Behaviour::Refuses(reason) if effect != Some(Effect::Approve) => refuse(charge, reason),
            behaviour => approve(call, charge, behaviour),
        },
        (_, Some(Effect::PayLater { millis })) => {
            charge.status = Status::Pending;
            let at = now + i64::try_from(millis).unwrap_or_default() * 1_000;
            acts::plan(call.ledger, at, What::Pay(charge.id.clone()));
        }
        _ => charge.status = Status::Pending,
    }
}

fn refuse(charge: &mut Charge, reason: Reason) {
    charge.status = Status::Failed;
    if let Some(last) = charge.transactions.last_mut() {
        last.outcome = Outcome::Refused(reason);
    }
}

fn approve(call: &mut Call, charge: &mut Charge, behaviour: Behaviour) {
    let now = call.ledger.now();
    let Method::Card(payment) = &charge.method else { return };
    if payment.capture {
        (charge.status, charge.paid, charge.paid_at) = (Status::Paid, charge.amount, Some(now));
        charge.note(now, Moved::Paid, charge.amount, None, Outcome::Captured);
    } else {
        charge.status = Status::Pending;
        charge.note(now, Moved::Authorized, charge.amount, None, Outcome::Authorized);
    }
    if behaviour == Behaviour::ChargesBack {
        acts::plan(call.ledger, now + TAKEN_BACK, What::ChargeBack(charge.id.clone()));
    }
}
