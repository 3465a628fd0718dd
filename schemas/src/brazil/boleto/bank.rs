//! A bank's boleto (boleto de cobrança): its barcode, and what it is made of.

use jiff::civil::Date;

use super::{
    check::{digits, modulo_10, remainder_11, with_digit, without_digit},
    error::BoletoError,
    factor::DueFactor,
};
use crate::{brazil::typed::is_digits, money::Money};

/// The 44 digits of a bank's boleto: bank 3, currency 1, general check digit 1, due factor 4, amount 10, free field 25.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct BankBarcode(String);

/// What a bank's boleto is made of.
#[derive(Debug, Clone, Copy)]
pub struct BankSlip<'a> {
    /// The bank's number of three digits (COMPE).
    pub bank: &'a str,
    /// The day it is due; without one it is due when it is shown.
    pub due: Option<Date>,
    /// What is to be paid; R$ 0,00 leaves it open.
    pub amount: Money,
    /// The bank's own 25 digits: agency, account, the boleto's number.
    pub free_field: &'a str,
}

/// The digit of Brazil's currency.
const REAL: &str = "9";

impl BankSlip<'_> {
    /// Makes the barcode with its check digit.
    pub fn barcode(&self) -> Result<BankBarcode, BoletoError> {
        if self.bank.len() != 3 || !is_digits(self.bank) || self.bank.starts_with('8') {
            return Err(BoletoError::Bank);
        }
        if self.free_field.len() != 25 || !is_digits(self.free_field) {
            return Err(BoletoError::FreeField);
        }
        if !(0..=BankBarcode::MAX_AMOUNT).contains(&self.amount.amount) {
            return Err(BoletoError::Amount);
        }
        let factor = self.due.map(DueFactor::of).transpose()?.map_or(0, DueFactor::number);
        let tail = format!("{factor:04}{:010}{}", self.amount.amount, self.free_field);
        let check = general_digit(&format!("{}{REAL}{tail}", self.bank));
        Ok(BankBarcode(format!("{}{REAL}{check}{tail}", self.bank)))
    }
}

impl BankBarcode {
    /// The largest amount beside a due date, in centavos: ten digits.
    pub const MAX_AMOUNT: i64 = 9_999_999_999;

    /// Reads 44 digits.
    pub fn parse(text: &str) -> Result<Self, BoletoError> {
        let digits = digits(text)?;
        if digits.len() != 44 {
            return Err(BoletoError::Length(digits.len()));
        }
        if digits.starts_with('8') {
            return Err(BoletoError::Kind);
        }
        if &digits[3..4] != REAL {
            return Err(BoletoError::Currency);
        }
        let check = general_digit(&format!("{}{}", &digits[..4], &digits[5..]));
        if digits.as_bytes()[4] != b'0' + check {
            return Err(BoletoError::GeneralDigit);
        }
        Ok(Self(digits))
    }

    /// The barcode that 47 digits of a line stand for.
    pub(super) fn of_line(line: &str) -> Result<Self, BoletoError> {
        let first = without_digit(&line[..10], 1, modulo_10)?;
        let second = without_digit(&line[10..21], 2, modulo_10)?;
        let third = without_digit(&line[21..32], 3, modulo_10)?;
        Self::parse(&format!("{}{}{}{second}{third}", &first[..4], &line[32..], &first[4..]))
    }

    /// The line's 47 digits.
    pub(super) fn line(&self) -> String {
        let digits = &self.0;
        let fields = [format!("{}{}", &digits[..4], &digits[19..24]), digits[24..34].into(), digits[34..].into()];
        let fields = fields.map(|field| with_digit(&field, modulo_10(&field)));
        format!("{}{}", fields.concat(), &digits[4..19])
    }

    /// The line as it is printed: `00199.52159 93360.226646 43388.475303 2 10000000015990`.
    pub(super) fn formatted_line(&self) -> String {
        let line = self.line();
        let (first, second, third, rest) = (&line[..10], &line[10..21], &line[21..32], &line[33..]);
        let parted = [first, second, third].map(|field| format!("{}.{}", &field[..5], &field[5..]));
        format!("{} {} {rest}", parted.join(" "), &line[32..33])
    }

    /// The 44 digits.
    pub fn digits(&self) -> &str {
        &self.0
    }

    /// The bank's number of three digits.
    pub fn bank(&self) -> &str {
        &self.0[..3]
    }

    /// What is to be paid; R$ 0,00 leaves it open. Without a due factor the amount may fill its place as well.
    pub fn amount(&self) -> Money {
        let digits = if self.due_factor().is_some() { &self.0[9..19] } else { &self.0[5..19] };
        Money::brl(digits.parse().unwrap_or_default())
    }

    /// The factor of the day it is due, if the barcode has one.
    pub fn due_factor(&self) -> Option<DueFactor> {
        DueFactor::read(&self.0[5..9])
    }

    /// The bank's own 25 digits.
    pub fn free_field(&self) -> &str {
        &self.0[19..]
    }
}

/// The check digit over the other 43: modulo 11, where the remainders 0, 1 and 10 give 1.
fn general_digit(digits: &str) -> u8 {
    match remainder_11(digits) {
        0 | 1 => 1,
        remainder => 11 - remainder,
    }
}
