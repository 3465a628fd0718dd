//! Ways to pay: cards by token, by number or by a test name, Pix, boletos.

use jiff::{Timestamp, tz::TimeZone};
use serde_json::{Value, json};

use super::{
    answer::Refused,
    call::{Call, Metadata},
    events,
    kept::{PaymentMethod, Way},
    lists, lookup, show,
};
use crate::core::{
    card::{self, Behaviour, Card, Token},
    ledger::{MINUTE, SECOND},
    refusal::Reason,
};

/// The test names that Stripe publishes, without `pm_card_` or `tok_`, the digits of the card each stands for, and what charging it comes to.
const NAMED: [(&str, &str, Behaviour); 9] = [
    ("visa", "4242424242424242", Behaviour::Approves),
    ("mastercard", "5555555555554444", Behaviour::Approves),
    ("amex", "378282246310005", Behaviour::Approves),
    ("chargeDeclined", "4000000000000002", Behaviour::Refuses(Reason::NotAuthorized)),
    ("chargeDeclinedInsufficientFunds", "4000000000009995", Behaviour::Refuses(Reason::InsufficientFunds)),
    ("chargeDeclinedLostCard", "4000000000009987", Behaviour::Refuses(Reason::Lost)),
    ("chargeDeclinedExpiredCard", "4000000000000069", Behaviour::Refuses(Reason::Expired)),
    ("chargeDeclinedFraudulent", "4100000000000019", Behaviour::Refuses(Reason::Fraud)),
    ("createDispute", "4000000000000259", Behaviour::ChargesBack),
];

/// How long a token lives: ten minutes, of which Stripe promises nothing.
const LIFE: i64 = 10 * MINUTE;

/// The way to pay that an id names; a test name makes a new one.
pub(super) fn find(call: &mut Call, id: &str) -> Result<PaymentMethod, Refused> {
    match id.strip_prefix("pm_card_").and_then(named) {
        Some((number, behaviour)) => {
            let card = plain(call, number, behaviour);
            Ok(keep(call, Way::Card(card), Value::Null, Metadata::new()))
        }
        None => call.own::<PaymentMethod>(id),
    }
}

fn named(name: &str) -> Option<(&'static str, Behaviour)> {
    NAMED.iter().find(|(known, ..)| *known == name).map(|(_, number, behaviour)| (*number, *behaviour))
}

fn plain(call: &mut Call, number: &str, behaviour: Behaviour) -> Card {
    let now = Timestamp::from_microsecond(call.ledger.now()).unwrap_or_default().to_zoned(TimeZone::UTC);
    let year = u16::try_from(now.year()).unwrap_or_default() + 1;
    card_of(call, number, behaviour, (12, year))
}

fn card_of(call: &mut Call, number: &str, behaviour: Behaviour, (exp_month, exp_year): (u8, u16)) -> Card {
    Card {
        id: call.ledger.id("card"),
        account: call.account.id.clone(),
        customer: None,
        first_six: number[..6].to_owned(),
        last_four: number[number.len() - 4..].to_owned(),
        brand: card::brand_of(number).to_owned(),
        holder_name: String::new(),
        holder_document: None,
        exp_month,
        exp_year,
        label: None,
        has_address: false,
        behaviour,
    }
}

/// Reads a card at a path of the call: a token, a test name, or its number.
fn read(call: &mut Call, path: &str) -> Result<Card, Refused> {
    if let Some(token) = call.text(&format!("{path}.token")) {
        if let Some((number, behaviour)) = token.strip_prefix("tok_").and_then(named) {
            return Ok(plain(call, number, behaviour));
        }
        let now = call.ledger.now();
        let mine = |known: &Token| known.card.account == call.account.id && known.until > now;
        let known = call.ledger.get::<Token>(&token).filter(mine).ok_or_else(|| Refused::not_found("token", &token))?;
        call.ledger.remove::<Token>(&known.id);
        return Ok(known.card);
    }
    let number = call.must(&format!("{path}.number"))?.replace(' ', "");
    if !card::is_number(&number) {
        return Err(wrong_card("incorrect_number", "Your card number is incorrect."));
    }
    let month = call.number(&format!("{path}.exp_month"))?.and_then(|month| u8::try_from(month).ok());
    let year =
        call.number(&format!("{path}.exp_year"))?.map(|year| if (0..100).contains(&year) { year + 2000 } else { year });
    let now = Timestamp::from_microsecond(call.ledger.now()).unwrap_or_default().to_zoned(TimeZone::UTC);
    let month = month.filter(|month| (1..=12).contains(month));
    let month = month.ok_or_else(|| wrong_card("invalid_expiry_month", "Your card's expiration month is invalid."))?;
    let year = year.and_then(|year| u16::try_from(year).ok());
    let year =
        year.filter(|year| (i64::from(*year), i64::from(month)) >= (i64::from(now.year()), i64::from(now.month())));
    let year = year.ok_or_else(|| wrong_card("invalid_expiry_year", "Your card's expiration year is invalid."))?;
    let known = NAMED.iter().find(|(_, known, _)| *known == number).map(|(.., behaviour)| *behaviour);
    let behaviour = known.unwrap_or_else(|| card::behaviour_of(&number));
    Ok(card_of(call, &number, behaviour, (month, year)))
}

fn wrong_card(code: &str, message: &str) -> Refused {
    let refused = Refused::coded(code, message).with("type", json!("card_error"));
    Refused { status: http::StatusCode::PAYMENT_REQUIRED, ..refused }
}

/// Makes the way to pay that stands at a path of the call: the empty one is the whole call.
pub(super) fn make(call: &mut Call, path: &str) -> Result<PaymentMethod, Refused> {
    let at = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    let billing = call.at(&at("billing_details")).cloned().unwrap_or_default();
    let way = match call.must(&at("type"))?.as_str() {
        "card" => Way::Card(read(call, &at("card"))?),
        "pix" => Way::Pix,
        "boleto" => {
            let tax_id = call.must(&at("boleto.tax_id"))?;
            for name in ["name", "email", "address"] {
                if billing.get(name).is_none() {
                    return Err(Refused::missing(&at(&format!("billing_details.{name}"))));
                }
            }
            Way::Boleto { tax_id }
        }
        other => {
            return Err(Refused::invalid(format!("The payment method type {other} is not enabled."), Some("type")));
        }
    };
    let metadata = if path.is_empty() { call.metadata(Metadata::new())? } else { Metadata::new() };
    Ok(keep(call, way, billing, metadata))
}

fn keep(call: &mut Call, way: Way, billing: Value, metadata: Metadata) -> PaymentMethod {
    let (id, account, created) = (call.ledger.id("pm"), call.account.id.clone(), call.ledger.now());
    let method = PaymentMethod { id, account, customer: None, way, billing, metadata, created };
    call.ledger.put(method.clone());
    method
}

pub(super) fn create(call: &mut Call, _: &[&str]) -> Result<Value, Refused> {
    let method = make(call, "")?;
    Ok(show::method(call.ledger, &method))
}

pub(super) fn get(call: &mut Call, path: &[&str]) -> Result<Value, Refused> {
    let method = find(call, path[1])?;
    Ok(show::method(call.ledger, &method))
}

pub(super) fn attach(call: &mut Call, path: &[&str]) -> Result<Value, Refused> {
    let customer = call.must("customer")?;
    let method = give(call, path[1], &customer)?;
    Ok(show::method(call.ledger, &method))
}

/// Gives a card to a customer, who pays with it again.
pub(super) fn give(call: &mut Call, id: &str, customer: &str) -> Result<PaymentMethod, Refused> {
    lookup::customer(call, customer)?;
    let method = find(call, id)?;
    if method.customer.as_deref().is_some_and(|other| other != customer) {
        return Err(Refused::invalid("The payment method is attached to another customer.", Some("customer")));
    }
    if !matches!(method.way, Way::Card(_)) {
        return Err(Refused::invalid("Only cards can be attached to a customer.", Some("payment_method")));
    }
    let method = PaymentMethod { customer: Some(customer.to_owned()), ..method };
    call.ledger.put(method.clone());
    let object = show::method(call.ledger, &method);
    events::say(call.ledger, &method.account, "payment_method.attached", object, &mut None);
    Ok(method)
}

pub(super) fn detach(call: &mut Call, path: &[&str]) -> Result<Value, Refused> {
    let method = call.own::<PaymentMethod>(path[1])?;
    if method.customer.is_none() {
        return Err(Refused::invalid("The payment method is not attached to a customer.", None));
    }
    let method = PaymentMethod { customer: None, ..method };
    call.ledger.put(method.clone());
    let object = show::method(call.ledger, &method);
    events::say(call.ledger, &method.account, "payment_method.detached", object.clone(), &mut None);
    Ok(object)
}

pub(super) fn list(call: &mut Call, path: &[&str]) -> Result<Value, Refused> {
    let customer = match path {
        ["customers", id, ..] => Some(lookup::customer(call, id)?.id),
        _ => Some(call.must("customer")?),
    };
    let kind = call.text("type");
    let fits = |method: &PaymentMethod| {
        method.customer == customer && kind.as_deref().is_none_or(|kind| kind == method.way.name())
    };
    lists::list(call, "/v1/payment_methods", fits, show::method)
}

/// Makes a token of a card, as a browser does with the public key.
pub(super) fn create_token(call: &mut Call, _: &[&str]) -> Result<Value, Refused> {
    let card = read(call, "card")?;
    let (id, created) = (call.ledger.id("tok"), call.ledger.now());
    let token = Token { id, card, created, until: created + LIFE };
    card::keep_token(call.ledger, token.clone());
    Ok(json!({
        "id": token.id,
        "object": "token",
        "type": "card",
        "used": false,
        "livemode": false,
        "created": created / SECOND,
        "card": show::card(&token.card),
    }))
}
