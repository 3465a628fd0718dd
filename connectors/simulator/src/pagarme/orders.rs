//! Orders: items, a customer, and payments that become charges.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::{
    answer::Refused,
    call::Call,
    customers::{self, Customer, Given},
    fields,
    kept::{Item, Order},
    lists,
    payments::{self, Payment, Place},
    settle, show, tell,
};

/// Items of an order, and payments of it.
const ITEMS: usize = 300;
const PAYMENTS: usize = 10;
/// Characters of a code.
const CODE: usize = 52;

#[derive(Deserialize)]
struct NewOrder {
    items: Vec<Item>,
    customer: Option<Given>,
    customer_id: Option<String>,
    payments: Vec<Payment>,
    code: Option<String>,
    shipping: Option<Value>,
    metadata: Option<BTreeMap<String, String>>,
    closed: Option<bool>,
    currency: Option<String>,
    ip: Option<String>,
    session_id: Option<String>,
}

impl NewOrder {
    fn shipping_amount(&self) -> i64 {
        self.shipping.as_ref().and_then(|shipping| shipping["amount"].as_i64()).unwrap_or_default()
    }

    /// The sum of items and shipping in centavos.
    fn amount(&self) -> Result<i64, Refused> {
        let mut sum = Some(self.shipping_amount()).filter(|amount| *amount >= 0);
        for (place, item) in self.items.iter().enumerate() {
            let path = |field: &str| format!("order.items[{place}].{field}");
            if item.amount <= 0 {
                return Err(Refused::field(&path("amount"), "The amount field is a positive number."));
            }
            if item.quantity <= 0 {
                return Err(Refused::field(&path("quantity"), "The quantity field is a positive number."));
            }
            sum = sum.and_then(|sum| sum.checked_add(item.amount.checked_mul(item.quantity)?));
        }
        sum.ok_or_else(|| Refused::field("order.items", "The amount of the order is too large."))
    }

    fn check(&self) -> Result<(), Refused> {
        if self.items.is_empty() || self.items.len() > ITEMS {
            return Err(Refused::field("order.items", format!("The items field has 1 to {ITEMS} items.")));
        }
        if self.payments.is_empty() || self.payments.len() > PAYMENTS {
            return Err(Refused::field("order.payments", format!("The payments field has 1 to {PAYMENTS} payments.")));
        }
        if self.currency.as_deref().is_some_and(|currency| currency != "BRL") {
            return Err(Refused::field("order.currency", "The currency field is BRL."));
        }
        if self.code.as_deref().is_some_and(|code| code.chars().count() > CODE) {
            return Err(Refused::field("order.code", format!("The code field has {CODE} characters at most.")));
        }
        Ok(())
    }
}

pub(super) fn create(call: &mut Call, _: &[&str]) -> Result<Value, Refused> {
    let new: NewOrder = call.body(&fields::ORDER, "order")?;
    new.check()?;
    let amount = new.amount()?;
    let payer = Payer::of(call, new.customer, new.customer_id.as_deref())?;
    let drafts = drafts(call, new.payments, amount, payer.has_address())?;
    call.note_sum(amount)?;
    let customer = payer.keep(call);
    let (id, now) = (call.ledger.id("or"), call.ledger.now());
    let code = new.code.unwrap_or_else(|| call.ledger.ids().letters(10).to_uppercase());
    let metadata = new.metadata.unwrap_or_default();
    let mut charges = Vec::new();
    for draft in drafts {
        let place = Place { customer: &customer.id, code: &code, order: Some(&id), invoice: None, metadata: &metadata };
        charges.push(payments::charge(call, draft, &place));
    }
    let closed = new.closed.unwrap_or(true);
    let items = new.items.into_iter().map(|item| Item { id: call.ledger.id("oi"), ..item }).collect();
    let order = Order {
        id,
        account: call.account.id.clone(),
        code,
        amount,
        closed,
        status: settle::status_of(&charges).to_owned(),
        items,
        customer: customer.id,
        charges: charges.iter().map(|charge| charge.id.clone()).collect(),
        shipping: new.shipping,
        metadata,
        ip: new.ip,
        session_id: new.session_id,
        created: now,
        updated: now,
        closed_at: closed.then_some(now),
    };
    call.ledger.put(order.clone());
    settle::begun(call, &order, &charges);
    Ok(show::order(call.ledger, &order))
}

/// Who pays, before anything is kept.
pub(super) enum Payer {
    Known(Customer),
    New(Given),
}

impl Payer {
    /// Who is known by that id, or else is given.
    pub(super) fn of(call: &Call, given: Option<Given>, id: Option<&str>) -> Result<Self, Refused> {
        match (given, id) {
            (_, Some(id)) => Ok(Self::Known(call.own::<Customer>(id)?)),
            (Some(given), None) => {
                customers::check(&given, "order.customer")?;
                Ok(Self::New(given))
            }
            (None, None) => Err(Refused::not_found("Customer")),
        }
    }

    pub(super) fn has_address(&self) -> bool {
        match self {
            Self::Known(customer) => customer.data.address.is_some(),
            Self::New(given) => given.address.is_some(),
        }
    }

    pub(super) fn keep(self, call: &mut Call) -> Customer {
        match self {
            Self::Known(customer) => customer,
            Self::New(given) => customers::keep(call, given),
        }
    }
}

/// Checks all payments: one without a sum pays what the others leave, and together they pay the order.
fn drafts(
    call: &mut Call,
    payments: Vec<Payment>,
    amount: i64,
    has_address: bool,
) -> Result<Vec<payments::Draft>, Refused> {
    let said: i64 = payments.iter().filter_map(|payment| payment.amount).fold(0, i64::saturating_add);
    let silent = payments.iter().filter(|payment| payment.amount.is_none()).count();
    if silent > 1 || (silent == 0 && said != amount) {
        return Err(Refused::field("order.payments", "The sum of the payments is not the amount of the order."));
    }
    let check = |(place, payment): (usize, Payment)| {
        let sum = payment.amount.unwrap_or(amount.saturating_sub(said));
        payments::check(call, payment, sum, has_address, &format!("order.payments[{place}]"))
    };
    payments.into_iter().enumerate().map(check).collect()
}

pub(super) fn get(call: &mut Call, path: &[&str]) -> Result<Value, Refused> {
    let order = call.own::<Order>(path[1])?;
    Ok(show::order(call.ledger, &order))
}

pub(super) fn list(call: &mut Call, _: &[&str]) -> Result<Value, Refused> {
    let created = lists::within(call, "created")?;
    let fits = |order: &Order| {
        lists::is_listed(call, order.created)
            && created(order.created)
            && lists::is(call, "code", &order.code)
            && lists::is(call, "status", &order.status)
            && lists::is(call, "customer_id", &order.customer)
    };
    lists::list(call, fits, show::order)
}

#[derive(Deserialize)]
struct End {
    status: String,
}

/// Closes an order: no more charges, and the status that the merchant says.
pub(super) fn close(call: &mut Call, path: &[&str]) -> Result<Value, Refused> {
    let mut order = call.own::<Order>(path[1])?;
    let end: End = call.body(&fields::ORDER_STATUS, "order")?;
    if !matches!(end.status.as_str(), "paid" | "canceled" | "failed") {
        return Err(Refused::field("order.status", "The status field is paid, canceled or failed."));
    }
    if order.closed {
        return Err(Refused::rule("This order is closed."));
    }
    let now = call.ledger.now();
    (order.closed, order.closed_at, order.updated, order.status) = (true, Some(now), now, end.status);
    call.ledger.put(order.clone());
    tell::of_order(call.ledger, &order, "order.closed", &mut None);
    Ok(show::order(call.ledger, &order))
}

#[derive(Deserialize)]
pub(super) struct NewMetadata {
    pub(super) metadata: BTreeMap<String, String>,
}

pub(super) fn mark(call: &mut Call, path: &[&str]) -> Result<Value, Refused> {
    let mut order = call.own::<Order>(path[1])?;
    let new: NewMetadata = call.body(&fields::METADATA, "order")?;
    (order.metadata, order.updated) = (new.metadata, call.ledger.now());
    call.ledger.put(order.clone());
    tell::of_order(call.ledger, &order, "order.updated", &mut None);
    Ok(show::order(call.ledger, &order))
}
