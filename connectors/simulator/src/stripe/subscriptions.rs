//! Subscriptions: periods by the clock, each with its invoice.

use feira_schemas::time::DAY;
use serde_json::{Map, Value};

use super::{
    answer::{Refused, codes_of},
    bills,
    call::{Call, Metadata},
    invoices,
    kept::{Intent, Invoice, Item, PaymentMethod, Price, Subscription},
    lists, lookup, methods, show,
};
use crate::core::{
    account::Account,
    acts::{self, What},
    faults::{Class, Effect, Operation},
    ledger::{Ledger, SECOND},
    recurring::Recurring,
};

pub(super) fn create(call: &mut Call, _: &[&str]) -> Result<Value, Refused> {
    let customer = call.must("customer")?;
    let customer = lookup::customer(call, &customer)?;
    let (items, interval) = items(call)?;
    let default = call.text("default_payment_method").map(|id| methods::find(call, &id)).transpose()?;
    if call.text("collection_method").is_some_and(|method| method != "charge_automatically") {
        return Err(Refused::invalid("Only charge_automatically is simulated.", Some("collection_method")));
    }
    let now = call.ledger.now();
    let days = call.number("trial_period_days")?.map(|days| now + days.clamp(0, 730) * DAY);
    let trial_end = call.number("trial_end")?.map(|at| at * SECOND).or(days).filter(|end| *end > now);
    let anchor = trial_end.unwrap_or(now);
    let period = match trial_end {
        Some(end) => (now, end),
        None => (now, invoices::end_of(anchor, &interval, 1)?),
    };
    let subscription = Subscription {
        id: call.ledger.id("sub"),
        account: call.account.id.clone(),
        customer: customer.id,
        items,
        default_method: default.map(|method| method.id),
        status: if trial_end.is_some() { "trialing" } else { "incomplete" }.to_owned(),
        cancel_at_period_end: call.flag("cancel_at_period_end")?.unwrap_or(false),
        metadata: call.metadata(Metadata::new())?,
        interval,
        anchor,
        periods: i64::from(trial_end.is_none()),
        period,
        trial_end,
        latest_invoice: None,
        created: now,
        canceled_at: None,
    };
    begun(call, subscription)
}

fn begun(call: &mut Call, mut subscription: Subscription) -> Result<Value, Refused> {
    let strict = call.text("payment_behavior").as_deref() == Some("error_if_incomplete");
    let mut amount = 0_i64;
    for item in &subscription.items {
        amount = amount.saturating_add(call.own::<Price>(&item.price)?.amount.saturating_mul(item.quantity));
    }
    call.note_sum(amount)?;
    bills::tell(call.ledger, &subscription, "customer.subscription.created");
    if subscription.status == "incomplete" {
        let invoice = invoices::bill(call, &subscription, "subscription_create")?;
        subscription = call.own::<Subscription>(&subscription.id)?;
        subscription.latest_invoice = Some(invoice.id.clone());
        let paid = invoice.status == "paid";
        if strict && !paid {
            subscription.status = "incomplete_expired".to_owned();
            bills::tell(call.ledger, &subscription, "customer.subscription.deleted");
            let intent = invoice.intent.as_deref().and_then(|id| call.ledger.get::<Intent>(id));
            let reason = intent.and_then(|intent| intent.refusal);
            return Err(reason.map_or_else(|| Refused::missing("default_payment_method"), Refused::declined));
        }
        bills::tell(call.ledger, &subscription, "customer.subscription.updated");
    }
    acts::plan(call.ledger, subscription.period.1, What::Renew(subscription.id.clone()));
    Ok(show::subscription(call.ledger, &subscription))
}

/// The items of the call, and the interval that all their prices have.
fn items(call: &mut Call) -> Result<(Vec<Item>, (String, i64)), Refused> {
    let given = call.at("items").and_then(Value::as_array).cloned().unwrap_or_default();
    let (mut items, mut interval) = (Vec::new(), None);
    for item in given {
        let text = |name: &str| item.get(name).and_then(Value::as_str);
        let price = call.own::<Price>(text("price").ok_or_else(|| Refused::missing("items[0][price]"))?)?;
        let quantity = text("quantity").map_or(Ok(1), str::parse::<i64>);
        let quantity = quantity.ok().filter(|quantity| *quantity > 0);
        let quantity = quantity.ok_or_else(|| Refused::invalid("Invalid quantity.", Some("items")))?;
        let recurring = price.interval.ok_or_else(|| Refused::invalid("The price is not recurring.", Some("items")))?;
        if interval.get_or_insert_with(|| recurring.clone()) != &recurring {
            return Err(Refused::invalid("All prices have the same interval.", Some("items")));
        }
        items.push(Item { id: call.ledger.id("si"), price: price.id, quantity });
    }
    let interval = interval.ok_or_else(|| Refused::missing("items"))?;
    Ok((items, interval))
}

/// Begins the next period, of which the clock says that it is due.
pub(super) fn renew(ledger: &mut Ledger, id: &str) {
    let Some(subscription) = ledger.get::<Subscription>(id) else { return };
    let Some(account) = ledger.get::<Account>(&subscription.account) else { return };
    let mut call = Call { ledger, account, form: Map::new(), magic: None };
    if let Err(refused) = turn(&mut call, subscription) {
        tracing::warn!(subscription = id, refused = %refused.error, "a period could not be billed");
    }
}

fn turn(call: &mut Call, mut subscription: Subscription) -> Result<(), Refused> {
    if subscription.cancel_at_period_end {
        ended(call.ledger, subscription);
        return Ok(());
    }
    if subscription.status == "incomplete" {
        "incomplete_expired".clone_into(&mut subscription.status);
        bills::tell(call.ledger, &subscription, "customer.subscription.updated");
        return Ok(());
    }
    subscription.periods += 1;
    let end = invoices::end_of(subscription.anchor, &subscription.interval, subscription.periods)?;
    subscription.period = (subscription.period.1, end);
    "active".clone_into(&mut subscription.status);
    let invoice = invoices::bill(call, &subscription, "subscription_cycle")?;
    if invoice.status != "paid" {
        "past_due".clone_into(&mut subscription.status);
    }
    subscription.latest_invoice = Some(invoice.id);
    bills::tell(call.ledger, &subscription, "customer.subscription.updated");
    acts::plan(call.ledger, end, What::Renew(subscription.id));
    Ok(())
}

fn ended(ledger: &mut Ledger, mut subscription: Subscription) -> Subscription {
    acts::forget(ledger, &What::Renew(subscription.id.clone()));
    (subscription.status, subscription.canceled_at) = ("canceled".to_owned(), Some(ledger.now()));
    bills::tell(ledger, &subscription, "customer.subscription.deleted");
    let open = |invoice: &&Invoice| invoice.subscription == subscription.id && invoice.status == "open";
    let open: Vec<Invoice> = ledger.list::<Invoice>().into_iter().filter(open).cloned().collect();
    for mut invoice in open {
        "void".clone_into(&mut invoice.status);
        bills::keep(ledger, &invoice, "invoice.voided");
    }
    subscription
}

pub(super) fn get(call: &mut Call, path: &[&str]) -> Result<Value, Refused> {
    let subscription = call.own::<Subscription>(path[1])?;
    Ok(show::subscription(call.ledger, &subscription))
}

pub(super) fn list(call: &mut Call, _: &[&str]) -> Result<Value, Refused> {
    let (customer, status, price) = (call.text("customer"), call.text("status"), call.text("price"));
    let fits = |subscription: &Subscription| {
        let shown = match status.as_deref() {
            Some("all") => true,
            Some(status) => subscription.status == status,
            None => subscription.status != "canceled",
        };
        shown
            && customer.as_deref().is_none_or(|id| id == subscription.customer)
            && price.as_deref().is_none_or(|id| subscription.items.iter().any(|item| item.price == id))
    };
    lists::list(call, "/v1/subscriptions", fits, show::subscription)
}

pub(super) fn change(call: &mut Call, path: &[&str]) -> Result<Value, Refused> {
    let known = going(call, path[1])?;
    let default = call.text("default_payment_method");
    if let Some(id) = &default {
        call.own::<PaymentMethod>(id)?;
    }
    let subscription = Subscription {
        default_method: default.or(known.default_method),
        cancel_at_period_end: call.flag("cancel_at_period_end")?.unwrap_or(known.cancel_at_period_end),
        metadata: call.metadata(known.metadata)?,
        ..known
    };
    bills::tell(call.ledger, &subscription, "customer.subscription.updated");
    Ok(show::subscription(call.ledger, &subscription))
}

pub(super) fn cancel(call: &mut Call, path: &[&str]) -> Result<Value, Refused> {
    let subscription = going(call, path[1])?;
    if let Some(Effect::Refuse { reason }) = call.effect(Operation::Subscription, Class::Outcome) {
        return Err(Refused::coded(codes_of(reason).0, reason.message()));
    }
    let subscription = ended(call.ledger, subscription);
    Ok(show::subscription(call.ledger, &subscription))
}

/// All subscriptions, of all accounts.
pub fn recurring(ledger: &Ledger) -> Vec<Recurring> {
    let invoices = ledger.list::<Invoice>();
    let told = |subscription: &Subscription| Recurring {
        id: subscription.id.clone(),
        account: subscription.account.clone(),
        code: subscription.id.clone(),
        metadata: subscription.metadata.clone(),
        status: subscription.status.clone(),
        created: subscription.created,
        canceled_at: subscription.canceled_at,
        invoices: {
            let own = invoices.iter().filter(|invoice| invoice.subscription == subscription.id);
            own.map(|invoice| invoice.id.clone()).collect()
        },
    };
    ledger.list::<Subscription>().into_iter().map(told).collect()
}

/// The subscription, if it is not at its end.
fn going(call: &Call, id: &str) -> Result<Subscription, Refused> {
    let subscription = call.own::<Subscription>(id)?;
    match subscription.status.as_str() {
        "canceled" | "incomplete_expired" => Err(Refused::not_found("subscription", id)),
        _ => Ok(subscription),
    }
}
