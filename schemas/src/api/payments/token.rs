//! Cards as bodies bring them: a token, how long it is still good and until when it is worth sending, or one that a gateway keeps.

use super::fields::TOKEN_LIFETIME;
use crate::{
    api::rules::{Errors, filled, parse_id, taken},
    ids::{CardId, Micros},
    problem::Code,
    refusals::not_in_this_shop,
    sealed::CardToken,
};

/// A second.
const SECOND: Micros = 1_000_000;
/// The time before a card token's end after which it is sent no more: what a call needs until the gateway has looked at it.
const TOKEN_SPARE: Micros = 5 * SECOND;

/// A token, and how long it lives.
pub struct TokenContent {
    /// The token that stands for the card.
    pub token: CardToken,
    /// The time at which the token runs out.
    pub until: Micros,
}

impl TokenContent {
    /// The time after which the token is not worth sending any more.
    pub fn not_after(&self) -> Micros {
        self.until - TOKEN_SPARE
    }
}

/// The token of a body's part at `pointer`. Seconds count from `now`.
pub(super) fn token(
    errors: &mut Errors,
    pointer: &str,
    (text, lifetime): (&str, Option<i64>),
    now: Micros,
) -> Option<TokenContent> {
    TOKEN_LIFETIME.check(errors, &format!("{pointer}/token_lifetime"), lifetime);
    let token = taken(errors, &format!("{pointer}/token"), "O token do cartão", CardToken::new(text))?;
    let (_, longest) = TOKEN_LIFETIME.limits();
    let lifetime = lifetime.unwrap_or(longest).min(longest);
    Some(TokenContent { token, until: now + lifetime * SECOND })
}

/// The card that something is paid by.
pub enum CardChosen {
    /// A new one.
    Token(TokenContent),
    /// One that the gateway keeps.
    Saved(CardId),
}

impl CardChosen {
    /// The time after which it is not worth sending any more; none for one that is kept.
    pub fn not_after(&self) -> Option<Micros> {
        match self {
            Self::Token(token) => Some(token.not_after()),
            Self::Saved(_) => None,
        }
    }
}

/// The card of a body's part at `pointer`: its token, which lives so many seconds from `now`, or the id of one that is kept.
pub(super) fn chosen(
    errors: &mut Errors,
    pointer: &str,
    (text, lifetime, id): (Option<String>, Option<i64>, Option<String>),
    now: Micros,
) -> Option<CardChosen> {
    match (filled(text), filled(id)) {
        (Some(text), None) => token(errors, pointer, (&text, lifetime), now).map(CardChosen::Token),
        (None, Some(id)) => {
            let card = parse_id(errors, &format!("{pointer}/card_id"), Some(id), &not_in_this_shop("O cartão"));
            card.map(CardChosen::Saved)
        }
        _ => {
            errors.add(pointer, Code::Invalid, "Informe «token» ou «card_id», e só um dos dois.");
            None
        }
    }
}
