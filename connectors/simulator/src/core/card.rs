//! Cards: of the number only its first six and last four digits are kept, and what it stands for here.

use serde::{Deserialize, Serialize};

use super::{ledger::Ledger, refusal::Reason, rows::Row};

/// What charging a card comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Behaviour {
    /// Every charge is approved.
    Approves,
    /// Every charge is refused.
    Refuses(Reason),
    /// A charge is approved, and charged back as soon as the card's clock says so.
    ChargesBack,
}

/// The numbers that stand for something else than approval, and what each comes to; every other number that passes Luhn's check is approved.
pub const MAGIC_NUMBERS: [(&str, Behaviour, &str); 6] = [
    ("4000000000000028", Behaviour::Refuses(Reason::NotAuthorized), "refused: not authorized"),
    ("4000000000000093", Behaviour::Refuses(Reason::InsufficientFunds), "refused: insufficient funds"),
    ("4000000000000135", Behaviour::Refuses(Reason::Expired), "refused: card expired"),
    ("4000000000000143", Behaviour::Refuses(Reason::Lost), "refused: card lost or stolen"),
    ("4000000000000184", Behaviour::Refuses(Reason::Fraud), "refused: suspected fraud"),
    ("4000000000000069", Behaviour::ChargesBack, "approved, and charged back 5 s later"),
];

/// A card without what could be charged elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    /// `card_…`.
    pub id: String,
    /// The account that knows it.
    pub account: String,
    /// The customer that keeps it; none of a token's card.
    pub customer: Option<String>,
    /// The first six digits.
    pub first_six: String,
    /// The last four digits.
    pub last_four: String,
    /// The brand in small letters.
    pub brand: String,
    /// The holder as printed.
    pub holder_name: String,
    /// The holder's document, if it was given.
    pub holder_document: Option<String>,
    /// The month, 1 to 12.
    pub exp_month: u8,
    /// The year in four digits.
    pub exp_year: u16,
    /// A name that the customer gave it.
    pub label: Option<String>,
    /// Whether a billing address came with it.
    pub has_address: bool,
    /// What charging it comes to.
    pub behaviour: Behaviour,
}

impl Row for Card {
    const TABLE: &'static str = "cards";
    fn id(&self) -> &str {
        &self.id
    }
}

/// A card that a browser has shown: good for 60 s and once.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Token {
    /// `token_…`.
    pub id: String,
    /// The card; its account is the token's.
    pub card: Card,
    /// When it was made, in microseconds.
    pub created: i64,
    /// When it ends, in microseconds.
    pub until: i64,
}

impl Row for Token {
    const TABLE: &'static str = "tokens";
    fn id(&self) -> &str {
        &self.id
    }
}

/// Keeps a token, and forgets those that are over.
pub fn keep_token(ledger: &mut Ledger, token: Token) {
    let over = ledger.list::<Token>().into_iter().filter(|known| known.until < token.created);
    let over: Vec<String> = over.map(|known| known.id.clone()).collect();
    over.iter().for_each(|id| ledger.remove::<Token>(id));
    ledger.put(token);
}

/// Whether a number has 13 to 19 digits and passes Luhn's check (ISO/IEC 7812-1, annex B).
pub fn is_number(number: &str) -> bool {
    let doubled = |(place, digit): (usize, u32)| if place % 2 == 0 { digit } else { digit * 2 / 10 + digit * 2 % 10 };
    let digits: Option<Vec<u32>> = number.chars().rev().map(|letter| letter.to_digit(10)).collect();
    digits.is_some_and(|digits| {
        (13..=19).contains(&digits.len()) && digits.into_iter().enumerate().map(doubled).sum::<u32>() % 10 == 0
    })
}

/// What charging a number comes to.
pub fn behaviour_of(number: &str) -> Behaviour {
    let magic = MAGIC_NUMBERS.iter().find(|(magic, ..)| *magic == number);
    magic.map_or(Behaviour::Approves, |(_, behaviour, _)| *behaviour)
}

/// The brand that a number's first digits say; the longest prefix counts.
pub fn brand_of(number: &str) -> &'static str {
    const PREFIXES: [(&str, &str); 18] = [
        ("4", "visa"),
        ("5", "mastercard"),
        ("2", "mastercard"),
        ("34", "amex"),
        ("37", "amex"),
        ("36", "diners"),
        ("38", "diners"),
        ("3841", "hipercard"),
        ("606282", "hipercard"),
        ("4011", "elo"),
        ("4312", "elo"),
        ("4389", "elo"),
        ("5041", "elo"),
        ("5067", "elo"),
        ("5090", "elo"),
        ("6277", "elo"),
        ("6362", "elo"),
        ("6504", "elo"),
    ];
    let fitting = PREFIXES.iter().filter(|(prefix, _)| number.starts_with(prefix));
    fitting.max_by_key(|(prefix, _)| prefix.len()).map_or("unknown", |(_, brand)| brand)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_told_by_luhn_and_brands_by_their_longest_prefix() {
        assert!(is_number("4000000000000010") && is_number("5555555555554444") && is_number("378282246310005"));
        assert!(!is_number("4000000000000011") && !is_number("42") && !is_number("400000000000001x"));
        assert!(MAGIC_NUMBERS.iter().all(|(number, ..)| is_number(number)));
        assert_eq!(brand_of("4011780000000000"), "elo");
        assert_eq!(brand_of("4111111111111111"), "visa");
        assert_eq!(brand_of("9"), "unknown");
        assert_eq!(behaviour_of("4000000000000093"), Behaviour::Refuses(Reason::InsufficientFunds));
        assert_eq!(behaviour_of("4000000000000010"), Behaviour::Approves);
    }
}
