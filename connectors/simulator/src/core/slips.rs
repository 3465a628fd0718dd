//! What a buyer is given to pay by: a Pix code, or the line of a boleto.

use feira_schemas::{
    brazil::{
        boleto::{BankSlip, Barcode},
        br_code::DynamicBrCode,
    },
    money::Money,
    time::Micros,
};
use jiff::{Timestamp, civil::time, tz::TimeZone};

use super::{
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

/// A Pix code of that sum. An error says why there can be none.
pub fn pix(
    ledger: &mut Ledger,
    account: &Account,
    amount: i64,
    until: Micros,
    notes: Vec<(String, String)>,
) -> Result<PixCode, String> {
    let location = format!("{LOCATION}/{}", ledger.ids().letters(32));
    let code = DynamicBrCode { location: &location, name: &account.name, city: CITY, amount: Some(Money::brl(amount)) };
    let code = code.build().map_err(|error| error.to_string())?;
    Ok(PixCode { text: code.payload().to_owned(), until, notes })
}

/// A boleto of that sum with the number that is given, or a new one. An error says why there can be none.
pub fn boleto(ledger: &mut Ledger, amount: i64, due: Micros, number: Option<String>) -> Result<Slip, String> {
    let number = match number {
        Some(number) if number.len() <= NUMBER && number.bytes().all(|digit| digit.is_ascii_digit()) => {
            format!("{number:0>NUMBER$}")
        }
        Some(_) => return Err(format!("The number of a boleto has {NUMBER} digits at most.")),
        None => ledger.ids().digits(NUMBER),
    };
    let day = Timestamp::from_microsecond(due).unwrap_or_default().to_zoned(zone()).date();
    let free = format!("{}{number}{}", FREE.0, FREE.1);
    let slip = BankSlip { bank: BANK, due: Some(day), amount: Money::brl(amount), free_field: &free };
    let barcode = slip.barcode().map_err(|error| error.to_string())?;
    let line = Barcode::Bank(barcode).line().formatted();
    Ok(Slip { line, number, document_number: None, instructions: None, due })
}

/// The number of the bank of all boletos.
pub fn bank() -> &'static str {
    BANK
}

/// The last second of the day that a moment is in, where due days are days of.
pub fn end_of_day(moment: Micros) -> Micros {
    let zoned = Timestamp::from_microsecond(moment).unwrap_or_default().to_zoned(zone());
    let end = zoned.date().to_datetime(time(23, 59, 59, 0)).to_zoned(zone());
    end.map_or(moment, |end| end.timestamp().as_microsecond())
}

fn zone() -> TimeZone {
    TimeZone::get(ZONE).unwrap_or(TimeZone::UTC)
}
