//! Money: an integer count of the currency's smallest unit. `{"amount": 12990, "currency": "BRL"}` is R$ 129,90. All sums are
//! of integers; no float holds an amount, a rate or what is between them.

mod discounts;
mod error;
mod installments;
mod proration;
mod rate;
mod shares;

use std::fmt;

pub use discounts::{Coupon, Discounts, Line, LineShares};
pub use error::SumError;
pub use installments::{InstallmentTerms, Installments};
pub use proration::{Cycle, Period, PlanChange};
pub use rate::{InvalidRate, Rate};
pub use shares::shares;

use serde::{Deserialize, Serialize};

/// ISO 4217 codes that a shop may price in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum Currency {
    /// Brazilian real; its unit is the centavo.
    #[default]
    BRL,
    /// A code written by a later version.
    #[serde(other)]
    UNKNOWN,
}

/// An amount in centavos. It stands in records too, so a field that a later program adds to it is passed over; in a body the
/// route's schema refuses what it does not name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    /// Centavos.
    pub amount: i64,
    /// Always BRL today.
    pub currency: Currency,
}

impl Money {
    /// The largest price a variant may have: R$ 100 million. It keeps every basket's sum far inside an `i64`.
    pub const MAX_AMOUNT: i64 = 10_000_000_000;

    /// So many centavos of real.
    pub const fn brl(amount: i64) -> Self {
        Self { amount, currency: Currency::BRL }
    }

    /// The largest price, in millions of reais: «R$ 100 milhões».
    pub fn largest() -> String {
        format!("R$ {} milhões", Self::MAX_AMOUNT / 100 / 1_000_000)
    }

    /// The amount as Brazilians write it, without the currency's sign: `1.299,90`.
    pub fn figures(self) -> String {
        format!("{}{}", self.minus(), self.unsigned_figures())
    }

    /// The amount that a text of a person or a spreadsheet means, or what is wrong with it (pt-BR, to follow the text).
    ///
    /// Read are `50`, `50.0`, `50.00`, `1234.5`, `49,90`, `1.234,50`, `1,234.50` and a leading `R$`. Three digits after a lone
    /// point or comma may be thousands or thousandths, so they are refused and not guessed.
    pub fn read(text: &str) -> Result<Self, String> {
        let bare = text.trim().trim_start_matches("R$").trim();
        if bare.starts_with('-') {
            return Err("é negativo".to_owned());
        }
        let (whole, cents) = match bare.rfind(['.', ',']) {
            None => (bare, ""),
            Some(at) => (&bare[..at], &bare[at + 1..]),
        };
        // The sign that parts the centavos; before it only the other one may stand, between groups of three digits.
        let grouping = if bare.as_bytes().get(whole.len()) == Some(&b',') { '.' } else { ',' };
        let mut groups = whole.split(grouping);
        let first = groups.next().unwrap_or_default();
        let rest: Vec<&str> = groups.collect();
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        let grouped = rest.is_empty() || first.len() <= 3 && rest.iter().all(|group| group.len() == 3);
        if !digits(first) || !rest.iter().all(|group| digits(group)) || !grouped {
            return Err("não é um número".to_owned());
        }
        if whole.len() < bare.len() && !digits(cents) {
            return Err("não é um número".to_owned());
        }
        if cents.len() == 3 && rest.is_empty() {
            return Err("é ambíguo: três algarismos depois do sinal podem ser milhares ou decimais".to_owned());
        }
        if cents.len() > 2 {
            return Err("tem mais de duas casas decimais".to_owned());
        }
        let amount = format!("{first}{}{cents:0<2}", rest.concat()).parse::<i64>().ok();
        match amount.filter(|amount| *amount <= Self::MAX_AMOUNT) {
            Some(amount) => Ok(Self::brl(amount)),
            None => Err(format!("passa de {}", Self::largest())),
        }
    }

    /// The same currency, another amount.
    const fn of(self, amount: i64) -> Self {
        Self { amount, ..self }
    }

    fn minus(self) -> &'static str {
        if self.amount < 0 { "-" } else { "" }
    }

    fn unsigned_figures(self) -> String {
        let digits = (self.amount.unsigned_abs() / 100).to_string();
        let groups: Vec<&str> =
            digits.as_bytes().rchunks(3).rev().map(|group| std::str::from_utf8(group).unwrap_or_default()).collect();
        format!("{},{:02}", groups.join("."), self.amount.unsigned_abs() % 100)
    }
}

impl fmt::Display for Money {
    /// Writes the amount as Brazilians do: `R$ 1.299,90`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}R$ {}", self.minus(), self.unsigned_figures())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_written_as_brazilians_write_it() {
        for (amount, text) in [
            (0, "R$ 0,00"),
            (5, "R$ 0,05"),
            (129_990, "R$ 1.299,90"),
            (-100, "-R$ 1,00"),
            (123_456_789, "R$ 1.234.567,89"),
        ] {
            assert_eq!(Money::brl(amount).to_string(), text);
            assert_eq!(Money::brl(amount).figures(), text.replace("R$ ", ""));
        }
    }

    #[test]
    fn a_price_is_read_as_people_and_spreadsheets_write_it() {
        for (text, amount) in
            [("50", 5_000), ("49,90", 4_990), ("R$ 1.234,50", 123_450), ("1,234.5", 123_450), (" 0,05 ", 5)]
        {
            assert_eq!(Money::read(text), Ok(Money::brl(amount)), "{text}");
        }
        assert_eq!(Money::largest(), "R$ 100 milhões");
        for text in ["", "-1", "1.234", "1,234", "1,5,0", "dez", "1,999,00", "0,001", "100000000,01", "1 000,00", "R$"]
        {
            assert!(Money::read(text).is_err(), "{text}");
        }
    }
}
