//! Cycles of a subscription: when each begins and ends, and what is charged for it.

use feira_schemas::time::{DAY, Micros};
use serde_json::Value;

use super::{
    answer::Refused,
    call::Call,
    cards::Found,
    fields, invoices,
    kept::{Cycle, Invoice, Subscription},
    lists,
    payments::{self, Place, Wanted},
    settle,
};
use crate::{
    core::{
        account::Account,
        acts::{self, What},
        calendar,
        charge::Charge,
        ledger::Ledger,
        slips,
    },
    exchange::Request,
};

/// Cycles that a subscription remembers; older ones are known by their invoices.
const REMEMBERED: usize = 500;

/// Begins the next cycle, of which the clock says that it is due.
pub fn renew(ledger: &mut Ledger, id: &str) {
    let Some(subscription) = ledger.get::<Subscription>(id) else { return };
    let Some(account) = ledger.get::<Account>(&subscription.account) else { return };
    let mut call = Call { ledger, account, request: &Request::default(), magic: None };
    if let Err(refused) = turn(&mut call, subscription) {
        tracing::warn!(subscription = id, refused = refused.message, "a cycle could not be billed");
    }
}

/// Begins the next cycle, bills what is to be billed at this moment, and plans the next turn.
pub(super) fn turn(call: &mut Call, mut subscription: Subscription) -> Result<Subscription, Refused> {
    acts::forget(call.ledger, &What::Renew(subscription.id.clone()));
    let last = subscription.cycles.last().cloned();
    let number = last.as_ref().map_or(1, |cycle| cycle.number + 1);
    let start = last.as_ref().map_or(subscription.start, |cycle| cycle.end);
    let postpaid = subscription.billing_type == "postpaid";
    if subscription.most_cycles.is_some_and(|most| number > most) {
        if let Some(cycle) = last.filter(|cycle| postpaid && !cycle.billed) {
            bill(call, &mut subscription, &cycle)?;
        }
        (subscription.status, subscription.next_billing) = ("finished".to_owned(), None);
        call.ledger.put(subscription.clone());
        return Ok(subscription);
    }
    let end = end_of(&subscription, number)?;
    let billing = if postpaid { end } else { start };
    let cycle = Cycle { id: call.ledger.id("cycle"), number, start, end, billing, billed: false };
    subscription.status = "active".to_owned();
    subscription.next_billing = Some(end);
    subscription.cycles.push(cycle.clone());
    let forgotten = subscription.cycles.len().saturating_sub(REMEMBERED);
    subscription.cycles.drain(..forgotten);
    match last.filter(|_| postpaid) {
        Some(before) if !before.billed => bill(call, &mut subscription, &before)?,
        _ if !postpaid => bill(call, &mut subscription, &cycle)?,
        _ => {}
    }
    subscription.updated = call.ledger.now();
    call.ledger.put(subscription.clone());
    acts::plan(call.ledger, end, What::Renew(subscription.id.clone()));
    Ok(subscription)
}

fn end_of(subscription: &Subscription, number: i64) -> Result<Micros, Refused> {
    let (anchor, first) = subscription.anchor;
    let count = subscription.interval_count.saturating_mul(number - first + 1);
    calendar::after(anchor, &subscription.interval, count).ok_or_else(|| Refused::rule("The cycle ends too far away."))
}

/// Bills a cycle: an invoice with its charge.
pub(super) fn bill(call: &mut Call, subscription: &mut Subscription, cycle: &Cycle) -> Result<(), Refused> {
    if let Some(known) = subscription.cycles.iter_mut().find(|known| known.id == cycle.id) {
        known.billed = true;
    }
    let amount = subscription.amount(cycle.number);
    if amount == 0 {
        return Ok(());
    }
    let (id, now) = (call.ledger.id("in"), call.ledger.now());
    let due = now + subscription.boleto_due_days * DAY;
    let wanted = match subscription.card.clone() {
        Some(card) => Wanted::Card {
            found: Found::kept(card),
            installments: u32::try_from(subscription.installments).unwrap_or(1),
            descriptor: subscription.descriptor.clone(),
            capture: true,
        },
        None => Wanted::Boleto(slips::boleto(call.ledger, amount, due, None).map_err(Refused::rule)?),
    };
    let place = Place {
        customer: &subscription.customer,
        code: &subscription.code,
        order: None,
        invoice: Some(&id),
        metadata: &subscription.metadata,
    };
    let charge = payments::charge(call, payments::of_cycle(amount, wanted), &place);
    let invoice = Invoice {
        account: subscription.account.clone(),
        code: subscription.code.clone(),
        subscription: subscription.id.clone(),
        customer: subscription.customer.clone(),
        cycle: Cycle { billed: true, ..cycle.clone() },
        charge: charge.id.clone(),
        amount,
        status: "pending".to_owned(),
        method: subscription.method.clone(),
        installments: subscription.installments,
        items: subscription.lines(cycle.number).cloned().collect(),
        due: if subscription.card.is_some() { now } else { due },
        billing: cycle.billing,
        created: now,
        canceled_at: None,
        metadata: subscription.metadata.clone(),
        id,
    };
    call.ledger.put(subscription.clone());
    call.ledger.put(invoice.clone());
    invoices::told(call.ledger, &invoice);
    settle::settled(call.ledger, &charge, None, &mut call.magic);
    Ok(())
}

pub(super) fn list(call: &mut Call, path: &[&str]) -> Result<Value, Refused> {
    let subscription = call.own::<Subscription>(path[1])?;
    let all: Vec<Value> = subscription.cycles.iter().rev().map(invoices::cycle).collect();
    lists::page(call, all.len(), |range| all[range].to_vec())
}

pub(super) fn get(call: &mut Call, path: &[&str]) -> Result<Value, Refused> {
    let subscription = call.own::<Subscription>(path[1])?;
    find(&subscription, path[3]).map(|cycle| invoices::cycle(&cycle))
}

fn find(subscription: &Subscription, id: &str) -> Result<Cycle, Refused> {
    let found = subscription.cycles.iter().find(|cycle| cycle.id == id);
    found.cloned().ok_or_else(|| Refused::not_found("Cycle"))
}

/// Begins the next cycle now, before the clock does.
pub(super) fn begin(call: &mut Call, path: &[&str]) -> Result<Value, Refused> {
    let subscription = active(call, path[1])?;
    let subscription = turn(call, subscription)?;
    let last = subscription.cycles.last().map(invoices::cycle);
    last.ok_or_else(|| Refused::rule("This subscription has no more cycles."))
}

/// Bills a cycle again whose invoice is not paid, or for the first time one that was not billed yet.
pub(super) fn pay(call: &mut Call, path: &[&str]) -> Result<Value, Refused> {
    let mut subscription = active(call, path[1])?;
    call.body::<Value>(&fields::METADATA_OR_NONE, "invoice")?;
    let cycle = find(&subscription, path[3])?;
    let of_cycle = |invoice: &&&Invoice| invoice.cycle.id == cycle.id && invoice.status != "canceled";
    let known = call.ledger.list::<Invoice>().iter().find(of_cycle).map(|invoice| (*invoice).clone());
    match known {
        Some(invoice) if invoice.status == "failed" => drop(invoices::canceled(call.ledger, invoice)),
        Some(invoice) => {
            return Err(Refused::rule(format!("The cycle has an invoice whose status is {}.", invoice.status)));
        }
        None => {}
    }
    bill(call, &mut subscription, &cycle)?;
    call.ledger.put(subscription);
    let made = call.ledger.list::<Invoice>().into_iter().find(|invoice| invoice.cycle.id == cycle.id).cloned();
    made.map(|invoice| invoices::shown(call.ledger, &invoice)).ok_or_else(|| Refused::rule("The cycle costs nothing."))
}

/// The subscription, if it is active.
pub(super) fn active(call: &Call, id: &str) -> Result<Subscription, Refused> {
    let subscription = call.own::<Subscription>(id)?;
    if subscription.status != "active" {
        return Err(Refused::rule(format!("The subscription is {}.", subscription.status)));
    }
    Ok(subscription)
}

/// The charge of a subscription's last invoice.
pub(super) fn last_charge(ledger: &Ledger, subscription: &str) -> Option<Charge> {
    let mut invoices = ledger.list::<Invoice>().into_iter();
    let last = invoices.find(|invoice| invoice.subscription == subscription)?;
    ledger.get(&last.charge)
}
