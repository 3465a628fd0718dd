//! A card that a gateway is to keep, as another system asks for it.

use serde::Deserialize;

use super::{
    fields::{NO_SUCH_ACCOUNT, REFERENCE},
    person::{BuyerBody, BuyerContent, buyer},
    token::{TokenContent, token},
};
use crate::{
    api::rules::{Errors, filled, parse_id},
    ids::{AccountId, Micros},
    problem::FieldError,
};

/// The body of `POST …/cards`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedCardBody {
    reference: Option<String>,
    account_id: Option<String>,
    token: String,
    token_lifetime: Option<i64>,
    buyer: BuyerBody,
}

/// A card that keeps every rule, with what people typed in the open. It can't be printed.
pub struct SavedCardContent {
    /// The caller's own id of it.
    pub reference: Option<String>,
    /// The account that keeps it; none: the default one.
    pub account_id: Option<AccountId>,
    /// The token that stands for the card.
    pub token: TokenContent,
    /// The person or company whose card it is.
    pub buyer: BuyerContent,
}

/// The content of a card's command, or everything that is wrong with the body. Seconds count from `now`.
pub fn saved_card_content(body: SavedCardBody, now: Micros) -> Result<SavedCardContent, Vec<FieldError>> {
    let mut errors = Errors::default();
    REFERENCE.check(&mut errors, "/reference", body.reference.as_deref());
    let account_id = parse_id(&mut errors, "/account_id", filled(body.account_id), NO_SUCH_ACCOUNT);
    let token = token(&mut errors, "", (&body.token, body.token_lifetime), now);
    let buyer = buyer(&body.buyer, &mut errors);
    let reference = filled(body.reference);
    let content = token.zip(buyer).map(|(token, buyer)| SavedCardContent { reference, account_id, token, buyer });
    let errors = errors.or(()).err().unwrap_or_default();
    // Whatever is not there has said why.
    content.filter(|_| errors.is_empty()).ok_or(errors)
}
