//! Invoices: what a cycle of a subscription is billed by.

use serde_json::{Value, json};

use super::{
    answer::Refused,
    call::Call,
    kept::{Cycle, Invoice, Line, Subscription},
    lists, show, tell, times,
};
use crate::core::{
    charge::{Charge, Moved, Outcome, Status},
    ledger::Ledger,
};

/// Keeps what a charge that has changed makes of its invoice, and tells of it.
pub(super) fn settled(ledger: &mut Ledger, charge: &Charge) {
    let Some(mut invoice) = charge.invoice.as_deref().and_then(|id| ledger.get::<Invoice>(id)) else { return };
    let status = status_of(charge);
    if invoice.status == status {
        return;
    }
    invoice.status = status.to_owned();
    if charge.status == Status::Canceled {
        invoice.canceled_at = charge.canceled_at;
    }
    ledger.put(invoice.clone());
    told(ledger, &invoice);
}

/// The status of an invoice with that charge.
pub(super) fn status_of(charge: &Charge) -> &'static str {
    match charge.status {
        Status::Pending | Status::Underpaid => "pending",
        Status::Paid | Status::Overpaid | Status::Chargedback => "paid",
        Status::Failed => "failed",
        Status::Canceled => "canceled",
    }
}

/// Tells what an invoice has become.
pub(super) fn told(ledger: &mut Ledger, invoice: &Invoice) {
    let kind = match invoice.status.as_str() {
        "paid" => "invoice.paid",
        "failed" => "invoice.payment_failed",
        "canceled" => "invoice.canceled",
        _ => "invoice.created",
    };
    let data = shown(ledger, invoice);
    tell::of(ledger, &invoice.account, kind, data, &mut None);
}

pub(super) fn get(call: &mut Call, path: &[&str]) -> Result<Value, Refused> {
    let invoice = call.own::<Invoice>(path[1])?;
    Ok(shown(call.ledger, &invoice))
}

pub(super) fn list(call: &mut Call, _: &[&str]) -> Result<Value, Refused> {
    let (created, due) = (lists::within(call, "created")?, lists::within(call, "due")?);
    let fits = |invoice: &Invoice| {
        lists::is_listed(call, invoice.created)
            && created(invoice.created)
            && due(invoice.due)
            && lists::is(call, "code", &invoice.code)
            && lists::is(call, "status", &invoice.status)
            && lists::is(call, "customer_id", &invoice.customer)
            && lists::is(call, "subscription_id", &invoice.subscription)
    };
    lists::list(call, fits, shown)
}

/// Cancels an invoice that is not paid, and its charge with it.
pub(super) fn cancel(call: &mut Call, path: &[&str]) -> Result<Value, Refused> {
    let invoice = call.own::<Invoice>(path[1])?;
    if !matches!(invoice.status.as_str(), "pending" | "failed") {
        return Err(Refused::rule(format!("This invoice can not be canceled: its status is {}.", invoice.status)));
    }
    let invoice = canceled(call.ledger, invoice);
    Ok(shown(call.ledger, &invoice))
}

/// Cancels an invoice and its charge.
pub(super) fn canceled(ledger: &mut Ledger, mut invoice: Invoice) -> Invoice {
    let now = ledger.now();
    if let Some(mut charge) = ledger.get::<Charge>(&invoice.charge).filter(|charge| charge.status == Status::Pending) {
        (charge.status, charge.canceled, charge.canceled_at) = (Status::Canceled, charge.amount, Some(now));
        charge.note(now, Moved::Voided, charge.amount, None, Outcome::Voided);
        ledger.put(charge.clone());
        tell::of_charge(ledger, &charge, "charge.refunded", &mut None);
    }
    (invoice.status, invoice.canceled_at) = ("canceled".to_owned(), Some(now));
    ledger.put(invoice.clone());
    told(ledger, &invoice);
    invoice
}

/// An invoice with its charge and what it is for.
pub(super) fn shown(ledger: &Ledger, invoice: &Invoice) -> Value {
    let subscription = ledger.get::<Subscription>(&invoice.subscription);
    let charge = ledger.get::<Charge>(&invoice.charge).map(|charge| show::bare(ledger, &charge));
    json!({
        "id": invoice.id,
        "code": invoice.code,
        "url": ledger.public(),
        "amount": invoice.amount,
        "status": invoice.status,
        "payment_method": invoice.method,
        "installments": invoice.installments,
        "items": invoice.items.iter().map(item).collect::<Vec<_>>(),
        "customer": show::customer(ledger, &invoice.customer),
        "charge": charge,
        "subscription": subscription.map(|it| json!({"id": it.id, "code": it.code, "status": it.status})),
        "subscription_id": invoice.subscription,
        "cycle": cycle(&invoice.cycle),
        "metadata": invoice.metadata,
        "due_at": times::shown(invoice.due),
        "billing_at": times::shown(invoice.billing),
        "created_at": times::shown(invoice.created),
        "canceled_at": times::or_null(invoice.canceled_at),
    })
}

fn item(line: &Line) -> Value {
    json!({
        "name": line.name,
        "description": line.description,
        "amount": line.price,
        "quantity": line.quantity,
        "subscription_item_id": line.id,
        "pricing_scheme": {"scheme_type": "unit", "price": line.price},
    })
}

/// A cycle as answers have it.
pub(super) fn cycle(cycle: &Cycle) -> Value {
    json!({
        "id": cycle.id,
        "cycle": cycle.number,
        "status": if cycle.billed { "billed" } else { "unbilled" },
        "start_at": times::shown(cycle.start),
        "end_at": times::shown(cycle.end),
        "billing_at": times::shown(cycle.billing),
        "created_at": times::shown(cycle.start),
        "updated_at": times::shown(cycle.start),
    })
}
