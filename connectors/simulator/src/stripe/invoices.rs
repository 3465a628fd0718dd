//! Invoices: made for a period of a subscription, and paid by its card.

use feira_schemas::time::Micros;
use serde_json::{Map, Value};

use super::{
    answer::Refused,
    bills,
    call::Call,
    intents,
    kept::{Customer, Intent, Invoice, InvoiceLine, Price, Subscription},
    lists, show,
};

/// Makes the invoice of a period, and tries to be paid. Whether it is.
pub(super) fn bill(call: &mut Call, subscription: &Subscription, reason: &str) -> Result<Invoice, Refused> {
    let mut lines = Vec::new();
    for item in &subscription.items {
        let price = call.own::<Price>(&item.price)?;
        let amount = price.amount.saturating_mul(item.quantity);
        let (id, quantity) = (call.ledger.id("il"), item.quantity);
        lines.push(InvoiceLine { id, price: price.id, product: price.product, quantity, amount });
    }
    let amount = lines.iter().map(|line| line.amount).fold(0, i64::saturating_add);
    let invoice = Invoice {
        id: call.ledger.id("in"),
        account: subscription.account.clone(),
        number: call.ledger.ids().letters(12).to_uppercase(),
        customer: subscription.customer.clone(),
        subscription: subscription.id.clone(),
        amount,
        paid: 0,
        status: "open".to_owned(),
        reason: reason.to_owned(),
        lines,
        intent: None,
        attempts: 0,
        period: subscription.period,
        created: call.ledger.now(),
        paid_at: None,
    };
    bills::keep(call.ledger, &invoice, "invoice.created");
    bills::keep(call.ledger, &invoice, "invoice.finalized");
    if invoice.amount == 0 {
        bills::paid(call.ledger, invoice.clone());
    } else {
        drop(attempt(call, invoice.clone(), subscription)); // What was declined stands in the invoice.
    }
    call.own::<Invoice>(&invoice.id)
}

/// Tries to be paid by the card that the call, the subscription or the customer has.
fn attempt(call: &mut Call, mut invoice: Invoice, subscription: &Subscription) -> Result<(), Refused> {
    let customer = call.own::<Customer>(&invoice.customer)?;
    let method = call.text("payment_method").or(subscription.default_method.clone()).or(customer.default_method);
    let known = invoice.intent.as_deref().and_then(|id| call.ledger.get::<Intent>(id));
    let intent = match known {
        Some(intent) => Intent { method, ..intent },
        None => intent_of(call, &invoice, subscription, method),
    };
    invoice.intent = Some(intent.id.clone());
    invoice.attempts += 1;
    call.ledger.put(invoice.clone());
    call.ledger.put(intent.clone());
    let confirmed = intents::confirmed(call, intent);
    if confirmed.is_err() {
        bills::keep(call.ledger, &invoice, "invoice.payment_failed");
    }
    confirmed.map(drop)
}

fn intent_of(call: &mut Call, invoice: &Invoice, subscription: &Subscription, method: Option<String>) -> Intent {
    let id = call.ledger.id("pi");
    let status = if method.is_some() { "requires_confirmation" } else { "requires_payment_method" };
    Intent {
        secret: format!("{id}_secret_{}", call.ledger.ids().letters(24)),
        id,
        account: invoice.account.clone(),
        amount: invoice.amount,
        customer: Some(invoice.customer.clone()),
        invoice: Some(invoice.id.clone()),
        method,
        kinds: vec!["card".to_owned()],
        status: status.to_owned(),
        manual_capture: false,
        description: Some(format!("Invoice {}", invoice.number)),
        descriptor: None,
        receipt_email: None,
        future_usage: None,
        options: Value::Object(Map::new()),
        metadata: subscription.metadata.clone(),
        charge: None,
        refusal: None,
        created: invoice.created,
        canceled_at: None,
        cancellation_reason: None,
    }
}

pub(super) fn get(call: &mut Call, path: &[&str]) -> Result<Value, Refused> {
    let invoice = call.own::<Invoice>(path[1])?;
    Ok(show::invoice(call.ledger, &invoice))
}

pub(super) fn list(call: &mut Call, _: &[&str]) -> Result<Value, Refused> {
    let (customer, subscription, status) = (call.text("customer"), call.text("subscription"), call.text("status"));
    let is = |asked: &Option<String>, value: &str| asked.as_deref().is_none_or(|asked| asked == value);
    let fits = |invoice: &Invoice| {
        is(&customer, &invoice.customer) && is(&subscription, &invoice.subscription) && is(&status, &invoice.status)
    };
    lists::list(call, "/v1/invoices", fits, show::invoice)
}

pub(super) fn pay(call: &mut Call, path: &[&str]) -> Result<Value, Refused> {
    let invoice = open(call, path[1])?;
    let subscription = call.own::<Subscription>(&invoice.subscription)?;
    call.note_sum(invoice.amount)?;
    attempt(call, invoice, &subscription)?;
    get(call, path)
}

/// Gives up an invoice, and its intent with it.
pub(super) fn void(call: &mut Call, path: &[&str]) -> Result<Value, Refused> {
    let mut invoice = open(call, path[1])?;
    if let Some(intent) = invoice.intent.as_deref().and_then(|id| call.ledger.get::<Intent>(id)) {
        intents::canceled(call.ledger, intent, Some("void_invoice".to_owned()));
    }
    "void".clone_into(&mut invoice.status);
    bills::keep(call.ledger, &invoice, "invoice.voided");
    Ok(show::invoice(call.ledger, &invoice))
}

fn open(call: &Call, id: &str) -> Result<Invoice, Refused> {
    let invoice = call.own::<Invoice>(id)?;
    match invoice.status.as_str() {
        "open" => Ok(invoice),
        "paid" => Err(Refused::coded("invoice_not_editable", "Invoice is already paid.")),
        status => Err(Refused::coded("invoice_not_editable", format!("The invoice is {status}."))),
    }
}

/// The end of a period that begins a number of periods after an anchor.
pub(super) fn end_of(anchor: Micros, interval: &(String, i64), periods: i64) -> Result<Micros, Refused> {
    let end = crate::core::calendar::after(anchor, &interval.0, interval.1.saturating_mul(periods));
    end.ok_or_else(|| Refused::invalid("The period ends too far away.", None))
}
