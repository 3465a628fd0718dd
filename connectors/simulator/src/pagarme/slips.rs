//! What a buyer is given to pay by: a Pix code, or the line of a boleto.

use feira_schemas::{
    brazil::{
        boleto::{BankSlip, Barcode},
        br_code::DynamicBrCode,
    },
    money::Money,
    time::Micros,
};
use jiff::{Timestamp, tz::TimeZone};

use super::answer::Refused;
use crate::core::{
    account::Account,
    charge::{PixCode, Slip},
    ledger::Ledger,
};

/// The bank of the boletos, by its number.
const BANK: &str = "341";
/// Digits of the bank's own field that come before and behind a boleto's number.
const FREE: (&str, &str) = ("109", "12345123450000");
/// Digits of a boleto's number.
const NUMBER: usize = 8;
/// Where a payer's bank would ask what is to be paid, and nobody answers.
const LOCATION: &str = "pix.simulador.example/v2";
/// The city that Pix codes name.
const CITY: &str = "Sao Paulo";
/// The zone that due days are days of.
const ZONE: &str = "America/Sao_Paulo";

/// A Pix code of that sum.
pub(super) fn pix(
    ledger: &mut Ledger,
    account: &Account,
    amount: i64,
    until: Micros,
    notes: Vec<(String, String)>,
) -> Result<PixCode, Refused> {
    let location = format!("{LOCATION}/{}", ledger.ids().letters(32));
    let code = DynamicBrCode { location: &location, name: &account.name, city: CITY, amount: Some(Money::brl(amount)) };
    let code = code.build().map_err(|error| Refused::rule(error.to_string()))?;
    Ok(PixCode { text: code.payload().to_owned(), until, notes })
}

/// A boleto of that sum with the number that is given, or a new one.
pub(super) fn boleto(ledger: &mut Ledger, amount: i64, due: Micros, number: Option<String>) -> Result<Slip, Refused> {
    let number = match number {
        Some(number) if number.len() <= NUMBER && number.bytes().all(|digit| digit.is_ascii_digit()) => {
            format!("{number:0>NUMBER$}")
        }
        Some(_) => return Err(Refused::rule(format!("The nosso_numero field has {NUMBER} digits at most."))),
        None => ledger.ids().digits(NUMBER),
    };
    let zone = TimeZone::get(ZONE).unwrap_or(TimeZone::UTC);
    let day = Timestamp::from_microsecond(due).unwrap_or_default().to_zoned(zone).date();
    let free = format!("{}{number}{}", FREE.0, FREE.1);
    let slip = BankSlip { bank: BANK, due: Some(day), amount: Money::brl(amount), free_field: &free };
    let barcode = slip.barcode().map_err(|error| Refused::rule(error.to_string()))?;
    let line = Barcode::Bank(barcode).line().formatted();
    Ok(Slip { line, number, document_number: None, instructions: None, due })
}

/// The number of the bank of all boletos.
pub(super) fn bank() -> &'static str {
    BANK
}
