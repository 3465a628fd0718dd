//! Subscriptions: what is charged again and again, and how it is changed and ended.

use std::collections::BTreeMap;

use feira_schemas::time::DAY;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    answer::Refused,
    call::Call,
    cards::{self, Found, Named},
    customers::{Customer, Given},
    cycles, fields, invoices,
    kept::{Invoice, Line, Plan, Subscription},
    lists,
    orders::{NewMetadata, Payer},
    plans::{self, NewLine},
    show, tell, times,
};
use crate::core::{
    acts::{self, What},
    charge::Status,
    faults::{Class, Effect, Operation},
    ledger::Ledger,
    recurring::Recurring,
};

/// Days that a boleto of a subscription may be paid in, if nothing is said.
const DUE_DAYS: i64 = 3;

#[derive(Deserialize)]
struct New {
    customer: Option<Given>,
    customer_id: Option<String>,
    plan_id: Option<String>,
    payment_method: String,
    code: Option<String>,
    billing_type: Option<String>,
    billing_day: Option<i64>,
    statement_descriptor: Option<String>,
    interval: Option<String>,
    interval_count: Option<i64>,
    items: Option<Vec<NewLine>>,
    installments: Option<i64>,
    start_at: Option<String>,
    cycles: Option<i64>,
    boleto_due_days: Option<i64>,
    metadata: Option<BTreeMap<String, String>>,
    #[serde(flatten)]
    named: Named,
}

/// What a plan or the body says of a subscription.
struct Agreed {
    plan: Option<Plan>,
    interval: String,
    interval_count: i64,
    billing_type: String,
    descriptor: Option<String>,
    trial_days: i64,
    items: Vec<Line>,
}

pub(super) fn create(call: &mut Call, _: &[&str]) -> Result<Value, Refused> {
    let mut new: New = call.body(&fields::SUBSCRIPTION, "subscription")?;
    let payer = Payer::of(call, new.customer.take(), new.customer_id.as_deref())?;
    let named = std::mem::replace(&mut new.named, Named { card: None, card_id: None, card_token: None });
    let found = method(call, &new.payment_method, named, payer.has_address())?;
    let agreed = agreed(call, &mut new)?;
    let now = call.ledger.now();
    let start = new.start_at.as_deref().map(|text| times::read(text, "subscription.start_at")).transpose()?;
    let start = start.unwrap_or(now).max(now) + agreed.trial_days * DAY;
    let most_due_days = 365;
    let due_days = new.boleto_due_days.unwrap_or(DUE_DAYS);
    if !(0..=most_due_days).contains(&due_days) {
        let text = format!("The boleto_due_days field is 0 to {most_due_days}.");
        return Err(Refused::field("subscription.boleto_due_days", text));
    }
    let customer = payer.keep(call);
    let card = found.map(|found| cards::keep(call, found, &customer.id));
    let subscription = Subscription {
        id: call.ledger.id("sub"),
        account: call.account.id.clone(),
        code: new.code.unwrap_or_else(|| call.ledger.ids().letters(10).to_uppercase()),
        plan: agreed.plan.map(|plan| plan.id),
        customer: customer.id,
        method: new.payment_method,
        card,
        installments: new.installments.unwrap_or(1).clamp(1, 24),
        descriptor: new.statement_descriptor.or(agreed.descriptor),
        interval: agreed.interval,
        interval_count: agreed.interval_count,
        billing_type: agreed.billing_type,
        billing_day: new.billing_day,
        boleto_due_days: due_days,
        items: agreed.items,
        metadata: new.metadata.unwrap_or_default(),
        status: "future".to_owned(),
        start,
        anchor: (start, 1),
        cycles: Vec::new(),
        most_cycles: new.cycles,
        next_billing: Some(start),
        created: now,
        updated: now,
        canceled_at: None,
    };
    begun(call, subscription)
}

/// Keeps a new subscription, and bills it where it begins at once. One whose first payment is refused has failed.
fn begun(call: &mut Call, mut subscription: Subscription) -> Result<Value, Refused> {
    call.note_sum(subscription.amount(1))?;
    call.ledger.put(subscription.clone());
    told(call, &subscription, "subscription.created");
    if subscription.start > call.ledger.now() {
        acts::plan(call.ledger, subscription.start, What::Renew(subscription.id.clone()));
        return Ok(shown(call, &subscription));
    }
    subscription = cycles::turn(call, subscription)?;
    let first = cycles::last_charge(call.ledger, &subscription.id);
    if first.is_some_and(|charge| charge.status == Status::Failed) {
        acts::forget(call.ledger, &What::Renew(subscription.id.clone()));
        (subscription.status, subscription.next_billing) = ("failed".to_owned(), None);
        call.ledger.put(subscription.clone());
        told(call, &subscription, "subscription.updated");
    }
    Ok(shown(call, &subscription))
}

/// Finds the card where one is needed.
fn method(call: &mut Call, method: &str, named: Named, has_address: bool) -> Result<Option<Found>, Refused> {
    match method {
        "credit_card" => {
            let found = cards::find(call, named, has_address, "subscription")?;
            let missing = || Refused::field("subscription.card", "The card field is required.");
            Ok(Some(found.ok_or_else(missing)?))
        }
        "boleto" => Ok(None),
        "debit_card" | "cash" | "pix" => Err(Refused::rule(format!("{method} is not enabled for this account."))),
        _ => Err(Refused::field("subscription.payment_method", "The payment_method field is invalid.")),
    }
}

/// What the plan says, or without one the body.
fn agreed(call: &mut Call, new: &mut New) -> Result<Agreed, Refused> {
    let items = new.items.take();
    let own = items.map(|items| plans::lines(call, items, "si", "subscription.items")).transpose()?;
    let Some(plan) = new.plan_id.as_deref().map(|id| plans::living(call, id)).transpose()? else {
        let interval = new.interval.take().unwrap_or_default();
        let interval_count = new.interval_count.unwrap_or(1);
        plans::check_interval(&interval, interval_count, "subscription")?;
        let billing_type = new.billing_type.take().unwrap_or_else(|| "prepaid".to_owned());
        plans::check_billing(&billing_type, "subscription")?;
        let items = own.ok_or_else(|| Refused::field("subscription.items", "The items field is required."))?;
        return Ok(Agreed {
            plan: None,
            interval,
            interval_count,
            billing_type,
            descriptor: None,
            trial_days: 0,
            items,
        });
    };
    if plan.status != "active" {
        return Err(Refused::rule(format!("The plan is {}.", plan.status)));
    }
    let terms = plan.terms.clone();
    let now = call.ledger.now();
    let copied = |line: &Line| Line { created: now, ..line.clone() };
    let mut items = own.unwrap_or_else(|| plan.items.iter().map(copied).collect());
    items.iter_mut().for_each(|line| line.id = call.ledger.id("si"));
    Ok(Agreed {
        interval: terms.interval.unwrap_or_default(),
        interval_count: terms.interval_count.unwrap_or(1),
        billing_type: terms.billing_type.unwrap_or_else(|| "prepaid".to_owned()),
        descriptor: terms.statement_descriptor,
        trial_days: terms.trial_period_days.unwrap_or_default(),
        items,
        plan: Some(plan),
    })
}

pub(super) fn get(call: &mut Call, path: &[&str]) -> Result<Value, Refused> {
    let subscription = call.own::<Subscription>(path[1])?;
    Ok(shown(call, &subscription))
}

pub(super) fn list(call: &mut Call, _: &[&str]) -> Result<Value, Refused> {
    let (created, billing) = (lists::within(call, "created")?, lists::within(call, "next_billing")?);
    let fits = |subscription: &Subscription| {
        created(subscription.created)
            && billing(subscription.next_billing.unwrap_or_default())
            && lists::is(call, "code", &subscription.code)
            && lists::is(call, "status", &subscription.status)
            && lists::is(call, "customer_id", &subscription.customer)
            && lists::is(call, "billing_type", &subscription.billing_type)
            && lists::is(call, "plan_id", subscription.plan.as_deref().unwrap_or_default())
            && lists::is(call, "card_id", subscription.card.as_ref().map_or("", |card| card.id.as_str()))
    };
    lists::list(call, fits, |_, subscription| shown(call, subscription))
}

#[derive(Deserialize)]
struct End {
    cancel_pending_invoices: Option<bool>,
}

pub(super) fn cancel(call: &mut Call, path: &[&str]) -> Result<Value, Refused> {
    let mut subscription = call.own::<Subscription>(path[1])?;
    let end: End = call.body(&fields::SUBSCRIPTION_END, "subscription")?;
    if !matches!(subscription.status.as_str(), "active" | "future") {
        return Err(Refused::rule(format!("The subscription is {}.", subscription.status)));
    }
    if let Some(Effect::Refuse { reason }) = call.effect(Operation::Subscription, Class::Outcome) {
        return Err(Refused::rule(reason.message()));
    }
    acts::forget(call.ledger, &What::Renew(subscription.id.clone()));
    let now = call.ledger.now();
    (subscription.status, subscription.canceled_at, subscription.next_billing) =
        ("canceled".to_owned(), Some(now), None);
    let subscription = changed(call, subscription, "subscription.canceled");
    if end.cancel_pending_invoices.unwrap_or(true) {
        let open = |invoice: &&&Invoice| invoice.subscription == subscription.id && invoice.status == "pending";
        let open: Vec<Invoice> = call.ledger.list::<Invoice>().iter().filter(open).map(|it| (*it).clone()).collect();
        open.into_iter().for_each(|invoice| drop(invoices::canceled(call.ledger, invoice)));
    }
    Ok(shown(call, &subscription))
}

#[derive(Deserialize)]
struct NewMethod {
    payment_method: Option<String>,
    #[serde(flatten)]
    named: Named,
}

/// Another card, or another way to pay; what is billed already stays as it is.
pub(super) fn change_method(call: &mut Call, path: &[&str]) -> Result<Value, Refused> {
    let mut subscription = going(call, path[1])?;
    let new: NewMethod = call.body(&fields::SUBSCRIPTION_METHOD, "subscription")?;
    let name = new.payment_method.unwrap_or_else(|| "credit_card".to_owned());
    let customer = call.ledger.get::<Customer>(&subscription.customer);
    let has_address = customer.is_some_and(|customer| customer.data.address.is_some());
    let found = method(call, &name, new.named, has_address)?;
    subscription.card = found.map(|found| cards::keep(call, found, &subscription.customer));
    subscription.method = name;
    let subscription = changed(call, subscription, "subscription.updated");
    Ok(shown(call, &subscription))
}

#[derive(Deserialize)]
struct NewBilling {
    next_billing_at: String,
}

/// Another moment for the next turn: the cycle that runs ends then.
pub(super) fn change_billing(call: &mut Call, path: &[&str]) -> Result<Value, Refused> {
    let mut subscription = cycles::active(call, path[1])?;
    let new: NewBilling = call.body(&fields::BILLING_DATE, "subscription")?;
    let at = times::read(&new.next_billing_at, "subscription.next_billing_at")?;
    if at <= call.ledger.now() {
        return Err(Refused::field("subscription.next_billing_at", "The next_billing_at field is not in the future."));
    }
    if let Some(last) = subscription.cycles.last_mut() {
        last.end = at;
        subscription.anchor = (at, last.number + 1);
    }
    moved(call, subscription, at)
}

#[derive(Deserialize)]
struct NewStart {
    start_at: String,
}

/// Another begin of a subscription that has not begun.
pub(super) fn change_start(call: &mut Call, path: &[&str]) -> Result<Value, Refused> {
    let mut subscription = call.own::<Subscription>(path[1])?;
    let new: NewStart = call.body(&fields::START_AT, "subscription")?;
    let at = times::read(&new.start_at, "subscription.start_at")?;
    if subscription.status != "future" {
        return Err(Refused::rule(format!("The subscription is {}.", subscription.status)));
    }
    if at <= call.ledger.now() {
        return Err(Refused::field("subscription.start_at", "The start_at field is not in the future."));
    }
    (subscription.start, subscription.anchor) = (at, (at, 1));
    moved(call, subscription, at)
}

fn moved(call: &mut Call, mut subscription: Subscription, at: i64) -> Result<Value, Refused> {
    let act = What::Renew(subscription.id.clone());
    acts::forget(call.ledger, &act);
    acts::plan(call.ledger, at, act);
    subscription.next_billing = Some(at);
    let subscription = changed(call, subscription, "subscription.updated");
    Ok(shown(call, &subscription))
}

pub(super) fn mark(call: &mut Call, path: &[&str]) -> Result<Value, Refused> {
    let mut subscription = call.own::<Subscription>(path[1])?;
    let new: NewMetadata = call.body(&fields::METADATA, "subscription")?;
    subscription.metadata = new.metadata;
    let subscription = changed(call, subscription, "subscription.updated");
    Ok(shown(call, &subscription))
}

/// The subscription, if it is not at its end.
fn going(call: &Call, id: &str) -> Result<Subscription, Refused> {
    let subscription = call.own::<Subscription>(id)?;
    match subscription.status.as_str() {
        "active" | "future" => Ok(subscription),
        status => Err(Refused::rule(format!("The subscription is {status}."))),
    }
}

fn changed(call: &mut Call, mut subscription: Subscription, kind: &str) -> Subscription {
    subscription.updated = call.ledger.now();
    call.ledger.put(subscription.clone());
    told(call, &subscription, kind);
    subscription
}

fn told(call: &mut Call, subscription: &Subscription, kind: &str) {
    let data = shown(call, subscription);
    tell::of(call.ledger, &subscription.account, kind, data, &mut call.magic);
}

/// All subscriptions, of all accounts.
pub fn recurring(ledger: &Ledger) -> Vec<Recurring> {
    let invoices = ledger.list::<Invoice>();
    let told = |subscription: &Subscription| Recurring {
        id: subscription.id.clone(),
        account: subscription.account.clone(),
        code: subscription.code.clone(),
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

fn shown(call: &Call, subscription: &Subscription) -> Value {
    let current = subscription.cycles.last().map(invoices::cycle);
    json!({
        "id": subscription.id,
        "code": subscription.code,
        "plan": subscription.plan.as_ref().map(|id| json!({"id": id})),
        "status": subscription.status,
        "start_at": times::shown(subscription.start),
        "next_billing_at": times::or_null(subscription.next_billing),
        "current_cycle": current,
        "interval": subscription.interval,
        "interval_count": subscription.interval_count,
        "billing_type": subscription.billing_type,
        "billing_day": subscription.billing_day,
        "payment_method": subscription.method,
        "currency": "BRL",
        "installments": subscription.installments,
        "statement_descriptor": subscription.descriptor,
        "boleto_due_days": subscription.card.is_none().then_some(subscription.boleto_due_days),
        "card": subscription.card.as_ref().map(cards::shown_card),
        "items": subscription.items.iter().map(plans::shown_line).collect::<Vec<_>>(),
        "customer": show::customer(call.ledger, &subscription.customer),
        "metadata": subscription.metadata,
        "created_at": times::shown(subscription.created),
        "updated_at": times::shown(subscription.updated),
        "canceled_at": times::or_null(subscription.canceled_at),
    })
}
