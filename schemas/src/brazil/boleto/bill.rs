//! A bill of a utility or an office (arrecadação), which is no bank's boleto: its barcode.

use super::{
    check::{digits, modulo_10, remainder_11, with_digit, without_digit},
    error::BoletoError,
};
use crate::money::Money;

/// The 44 digits of a bill: product 8, segment 1, identifier 1, general check digit 1, amount 11, receiver and its own digits 29.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct BillBarcode(String);

/// Digits of a barcode in each of the line's four fields.
const FIELD: usize = 11;

impl BillBarcode {
    /// Reads 44 digits.
    pub fn parse(text: &str) -> Result<Self, BoletoError> {
        let digits = digits(text)?;
        if digits.len() != 44 {
            return Err(BoletoError::Length(digits.len()));
        }
        if !digits.starts_with('8') {
            return Err(BoletoError::Kind);
        }
        let check = check_digit(&digits)?;
        if digits.as_bytes()[3] != b'0' + check(&format!("{}{}", &digits[..3], &digits[4..])) {
            return Err(BoletoError::GeneralDigit);
        }
        Ok(Self(digits))
    }

    /// The barcode that 48 digits of a line stand for.
    pub(super) fn of_line(line: &str) -> Result<Self, BoletoError> {
        let check = check_digit(line)?;
        let mut barcode = String::with_capacity(44);
        for number in 1..=4_u8 {
            let end = usize::from(number) * (FIELD + 1);
            barcode += without_digit(&line[end - FIELD - 1..end], number, check)?;
        }
        Self::parse(&barcode)
    }

    /// The line's four fields of eleven digits, each with its check digit behind a sign.
    pub(super) fn line(&self, between: &str) -> [String; 4] {
        // A barcode that exists has an identifier that says how its digits are checked.
        let check = check_digit(&self.0).unwrap_or(modulo_10);
        [0, 1, 2, 3].map(|field| {
            let digits = &self.0[field * FIELD..(field + 1) * FIELD];
            with_digit(&format!("{digits}{between}"), check(digits))
        })
    }

    /// The 44 digits.
    pub fn digits(&self) -> &str {
        &self.0
    }

    /// What is to be paid, if the barcode says it in reais (identifiers 6 and 8) and not as a quantity of something else.
    pub fn amount(&self) -> Option<Money> {
        let is_real = matches!(self.0.as_bytes()[2], b'6' | b'8');
        is_real.then(|| self.0[4..15].parse().ok().map(Money::brl)).flatten()
    }
}

/// The way that all check digits of a bill are made, by its third digit: 6 and 7 modulo 10, 8 and 9 modulo 11.
fn check_digit(digits: &str) -> Result<fn(&str) -> u8, BoletoError> {
    match digits.as_bytes().get(2) {
        Some(b'6' | b'7') => Ok(modulo_10),
        Some(b'8' | b'9') => Ok(modulo_11),
        _ => Err(BoletoError::Identifier),
    }
}

/// The remainders 0 and 1 give 0, and 10 gives 1.
fn modulo_11(digits: &str) -> u8 {
    match remainder_11(digits) {
        0 | 1 => 0,
        remainder => 11 - remainder,
    }
}
