//! The line, and the barcode of either kind that it stands for.

use super::{bank::BankBarcode, bill::BillBarcode, check::digits, error::BoletoError};

/// The 44 digits of a boleto's barcode.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Barcode {
    /// A bank's boleto.
    Bank(BankBarcode),
    /// A bill.
    Bill(BillBarcode),
}

/// The digits that people type where no camera reads the barcode (linha digitável): 47 of a bank's boleto, 48 of a bill.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct BoletoLine(Barcode);

impl Barcode {
    /// Reads 44 digits; the first one says whose they are.
    pub fn parse(text: &str) -> Result<Self, BoletoError> {
        if digits(text)?.starts_with('8') {
            BillBarcode::parse(text).map(Self::Bill)
        } else {
            BankBarcode::parse(text).map(Self::Bank)
        }
    }

    /// The 44 digits.
    pub fn digits(&self) -> &str {
        match self {
            Self::Bank(bank) => bank.digits(),
            Self::Bill(bill) => bill.digits(),
        }
    }

    /// The line that stands for it.
    pub fn line(&self) -> BoletoLine {
        BoletoLine(self.clone())
    }
}

impl BoletoLine {
    /// Reads a line with or without the points, hyphens and spaces between its fields. All of its check digits must fit.
    pub fn parse(text: &str) -> Result<Self, BoletoError> {
        let line = digits(text)?;
        match (line.len(), line.starts_with('8')) {
            (47, false) => BankBarcode::of_line(&line).map(Barcode::Bank).map(Self),
            (48, true) => BillBarcode::of_line(&line).map(Barcode::Bill).map(Self),
            (47 | 48, _) => Err(BoletoError::Kind),
            (length, _) => Err(BoletoError::Length(length)),
        }
    }

    /// The barcode that it stands for.
    pub fn barcode(&self) -> &Barcode {
        &self.0
    }

    /// The 47 or 48 digits alone.
    pub fn digits(&self) -> String {
        match &self.0 {
            Barcode::Bank(bank) => bank.line(),
            Barcode::Bill(bill) => bill.line("").concat(),
        }
    }

    /// The line as it is printed, its fields apart.
    pub fn formatted(&self) -> String {
        match &self.0 {
            Barcode::Bank(bank) => bank.formatted_line(),
            Barcode::Bill(bill) => bill.line("-").join(" "),
        }
    }
}
