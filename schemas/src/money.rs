//! Money: an integer count of the currency's smallest unit. `{"amount": 12990, "currency": "BRL"}` is R$ 129,90.

use std::fmt;

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
}

impl fmt::Display for Money {
    /// Writes the amount as Brazilians do: `R$ 1.299,90`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = (self.amount.unsigned_abs() / 100).to_string();
        let groups: Vec<&str> =
            digits.as_bytes().rchunks(3).rev().map(|group| std::str::from_utf8(group).unwrap_or_default()).collect();
        let sign = if self.amount < 0 { "-" } else { "" };
        write!(f, "{sign}R$ {},{:02}", groups.join("."), self.amount.unsigned_abs() % 100)
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
        }
    }
}
