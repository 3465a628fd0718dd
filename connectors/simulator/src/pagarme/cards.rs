//! Tokens of cards, which live 60 s and serve once, and cards that customers keep.

use feira_schemas::time::Micros;
use http::Method;
use jiff::{Timestamp, tz::TimeZone};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    answer::Refused,
    call::{Call, Owned},
    customers::Customer,
    fields, lists, times,
};
use crate::core::{
    card::{self, Card, Token},
    ledger::SECOND,
};

/// How long a token lives.
const LIFE: Micros = 60 * SECOND;

/// A card as a body has it.
#[derive(Deserialize)]
pub(super) struct Shown {
    number: Option<String>,
    holder_name: Option<String>,
    holder_document: Option<String>,
    exp_month: Option<i64>,
    exp_year: Option<i64>,
    cvv: Option<String>,
    label: Option<String>,
    billing_address: Option<Value>,
    billing_address_id: Option<String>,
    id: Option<String>,
    token: Option<String>,
}

/// The three ways to name a card.
#[derive(Deserialize)]
pub(super) struct Named {
    pub(super) card: Option<Shown>,
    pub(super) card_id: Option<String>,
    pub(super) card_token: Option<String>,
}

/// A card that was found, and the token that is spent when it is used.
pub(super) struct Found {
    pub(super) card: Card,
    token: Option<String>,
}

impl Found {
    /// A card that is kept already.
    pub(super) fn kept(card: Card) -> Self {
        Self { card, token: None }
    }
}

impl Owned for Card {
    const NAME: &'static str = "Card";
    fn account(&self) -> &str {
        &self.account
    }
}

#[derive(Deserialize)]
struct NewToken {
    #[serde(rename = "type")]
    kind: String,
    card: Shown,
}

pub(super) fn create_token(call: &mut Call, _: &[&str]) -> Result<Value, Refused> {
    let new: NewToken = call.body(&fields::TOKEN, "request")?;
    if new.kind != "card" {
        return Err(Refused::field("request.type", "The type field is card."));
    }
    let card = read(call, &new.card, "request.card")?;
    let (id, created) = (call.ledger.id("token"), call.ledger.now());
    let token = Token { id, card, created, until: created + LIFE };
    card::keep_token(call.ledger, token.clone());
    Ok(shown_token(&token))
}

pub(super) fn get_token(call: &mut Call, path: &[&str]) -> Result<Value, Refused> {
    living(call, path[1]).map(|token| shown_token(&token))
}

fn living(call: &Call, id: &str) -> Result<Token, Refused> {
    let now = call.ledger.now();
    let mine = |token: &Token| token.card.account == call.account.id && token.until > now;
    call.ledger.get::<Token>(id).filter(mine).ok_or_else(|| Refused::not_found("Token"))
}

/// Finds the card that a body names, and spends nothing. A token's card needs a billing address, its own or the customer's.
pub(super) fn find(call: &mut Call, named: Named, has_address: bool, path: &str) -> Result<Option<Found>, Refused> {
    let shown = named.card.as_ref();
    let address = has_address || shown.is_some_and(Shown::has_address);
    // The vendor's client can't leave out some ids, so an empty one is none.
    let named_by = |text: Option<&String>| text.filter(|text| !text.is_empty()).cloned();
    let token = named_by(named.card_token.as_ref()).or(named_by(shown.and_then(|card| card.token.as_ref())));
    if let Some(token) = token {
        let token = living(call, &token)?;
        if !address {
            let path = format!("{path}.card.billing_address");
            return Err(Refused::field(&path, "The billing_address field is required."));
        }
        return Ok(Some(Found { card: Card { has_address: true, ..token.card }, token: Some(token.id) }));
    }
    if let Some(id) = named_by(named.card_id.as_ref()).or(named_by(shown.and_then(|card| card.id.as_ref()))) {
        return Ok(Some(Found::kept(call.own::<Card>(&id)?)));
    }
    let Some(shown) = shown else { return Ok(None) };
    Ok(Some(Found { card: read(call, shown, &format!("{path}.card"))?, token: None }))
}

/// Keeps a card that was found, for that customer, and spends its token.
pub(super) fn keep(call: &mut Call, found: Found, customer: &str) -> Card {
    if let Some(token) = found.token {
        call.ledger.remove::<Token>(&token);
    }
    let card = Card { customer: Some(customer.to_owned()), ..found.card };
    call.ledger.put(card.clone());
    card
}

/// The card that was shown, without its number.
fn read(call: &mut Call, shown: &Shown, path: &str) -> Result<Card, Refused> {
    let wrong = |text: &str| Refused::field(path, text);
    let number = shown.number.as_deref().unwrap_or_default().replace(' ', "");
    if !card::is_number(&number) {
        return Err(wrong("The number field is not a valid card number"));
    }
    let now = Timestamp::from_microsecond(call.ledger.now()).unwrap_or_default().to_zoned(TimeZone::UTC);
    let month = shown.exp_month.and_then(|month| u8::try_from(month).ok()).filter(|month| (1..=12).contains(month));
    let year = shown.exp_year.map(|year| if (0..100).contains(&year) { year + 2000 } else { year });
    let (Some(month), Some(year)) = (month, year.and_then(|year| u16::try_from(year).ok())) else {
        return Err(wrong("The card expiration date is invalid."));
    };
    if (i64::from(year), i64::from(month)) < (i64::from(now.year()), i64::from(now.month())) {
        return Err(wrong("Card expired."));
    }
    let is_code = |code: &str| matches!(code.len(), 3 | 4) && code.bytes().all(|digit| digit.is_ascii_digit());
    if shown.cvv.as_deref().is_some_and(|code| !is_code(code)) {
        return Err(wrong("The cvv field is 3 or 4 digits."));
    }
    let holder = shown.holder_name.clone().filter(|name| !name.trim().is_empty() && name.len() <= 64);
    Ok(Card {
        id: call.ledger.id("card"),
        account: call.account.id.clone(),
        customer: None,
        first_six: number[..6].to_owned(),
        last_four: number[number.len() - 4..].to_owned(),
        brand: card::brand_of(&number).to_owned(),
        holder_name: holder.ok_or_else(|| wrong("The holder_name field is required."))?,
        holder_document: shown.holder_document.clone(),
        exp_month: month,
        exp_year: year,
        label: shown.label.clone(),
        has_address: shown.has_address(),
        behaviour: card::behaviour_of(&number),
    })
}

impl Shown {
    fn has_address(&self) -> bool {
        self.billing_address.is_some() || self.billing_address_id.is_some()
    }
}

pub(super) fn save(call: &mut Call, path: &[&str]) -> Result<Value, Refused> {
    let customer = call.own::<Customer>(path[1])?;
    let shown: Shown = call.body(&fields::CARD, "card")?;
    let named = Named { card: Some(shown), card_id: None, card_token: None };
    let found = find(call, named, customer.data.address.is_some(), "request")?;
    let found = found.ok_or_else(|| Refused::field("card.number", "The number field is required."))?;
    Ok(shown_card(&keep(call, found, &customer.id)))
}

pub(super) fn saved(call: &mut Call, path: &[&str]) -> Result<Value, Refused> {
    let customer = call.own::<Customer>(path[1])?;
    let Some(id) = path.get(3) else {
        return lists::list(
            call,
            |card: &Card| card.customer.as_deref() == Some(&customer.id),
            |_, card| shown_card(card),
        );
    };
    let card = call.own::<Card>(id)?;
    if card.customer.as_deref() != Some(&customer.id) {
        return Err(Refused::not_found(Card::NAME));
    }
    if call.request.method == Method::DELETE {
        call.ledger.remove::<Card>(&card.id);
    }
    Ok(shown_card(&card))
}

/// A card as answers have it.
pub(super) fn shown_card(card: &Card) -> Value {
    json!({
        "id": card.id,
        "first_six_digits": card.first_six,
        "last_four_digits": card.last_four,
        "brand": card.brand,
        "holder_name": card.holder_name,
        "holder_document": card.holder_document,
        "exp_month": card.exp_month,
        "exp_year": card.exp_year,
        "label": card.label,
        "status": "active",
        "type": "credit",
    })
}

fn shown_token(token: &Token) -> Value {
    let card = &token.card;
    json!({
        "id": token.id,
        "type": "card",
        "created_at": times::shown(token.created),
        "expires_at": times::shown(token.until),
        "card": {
            "last_four_digits": card.last_four,
            "holder_name": card.holder_name,
            "holder_document": card.holder_document,
            "exp_month": card.exp_month,
            "exp_year": card.exp_year,
            "brand": card.brand,
            "type": "credit",
            "label": card.label,
        },
    })
}
