//! Lines, barcodes and due factors of boletos.

use feira_schemas::{
    brazil::boleto::{BankSlip, Barcode, BoletoError, BoletoLine, DueFactor},
    money::Money,
};
use jiff::{
    ToSpan,
    civil::{Date, date},
};

use crate::{Row, numbers, rows};

fn vectors() -> Vec<Row> {
    rows(include_str!("vectors/boleto.csv"), 31)
}

#[test]
fn each_line_is_taken_or_refused_and_stands_for_its_barcode() {
    for row in vectors() {
        let line = BoletoLine::parse(row.text("line"));
        assert_eq!(line.is_ok(), row.is("valid"), "{} {:?}", row.text("line"), line);
        let Ok(line) = line else { continue };
        assert_eq!(line.digits(), row.text("line"));
        assert_eq!(line.barcode().digits(), row.text("barcode"));
        assert_eq!(Barcode::parse(row.text("barcode")).unwrap().line(), line);
        assert_eq!(BoletoLine::parse(&line.formatted()), Ok(line));
    }
}

#[test]
fn each_barcode_says_its_bank_amount_and_both_due_dates() {
    let mut kinds = [0, 0];
    for row in vectors().iter().filter(|row| row.is("valid")) {
        let amount = row.some("amount_centavos").map(|_| Money::brl(row.number("amount_centavos")));
        match (Barcode::parse(row.text("barcode")).unwrap(), row.text("kind")) {
            (Barcode::Bank(bank), "bank") => {
                kinds[0] += 1;
                assert_eq!((bank.bank(), Some(bank.amount())), (row.text("bank"), amount));
                let factor = bank.due_factor();
                assert_eq!(factor.map_or(0, DueFactor::number), row.number::<u16>("factor"));
                let dates = factor.map(|factor| (factor.in_first_era(), factor.in_second_era()));
                let want =
                    row.some("due_first_era").map(|_| (row.number("due_first_era"), row.number("due_second_era")));
                assert_eq!(dates, want);
            }
            (Barcode::Bill(bill), "bill") => {
                kinds[1] += 1;
                assert_eq!(bill.amount(), amount);
            }
            (barcode, kind) => panic!("{barcode:?} is no {kind}"),
        }
    }
    assert_eq!(kinds, [15, 10]);
}

#[test]
fn what_a_bank_s_boleto_is_made_of_makes_it() {
    let mut made = 0;
    for row in vectors().iter().filter(|row| row.is("valid") && row.text("kind") == "bank") {
        let Barcode::Bank(read) = Barcode::parse(row.text("barcode")).unwrap() else {
            panic!("{}", row.text("barcode"))
        };
        let dues = match row.some("due_first_era") {
            None => vec![None],
            Some(_) => vec![Some(row.number("due_first_era")), Some(row.number("due_second_era"))],
        };
        for due in dues {
            let slip = BankSlip { bank: read.bank(), due, amount: read.amount(), free_field: read.free_field() };
            assert_eq!(slip.barcode().as_ref(), Ok(&read));
            made += 1;
        }
    }
    assert_eq!(made, 29);
}

#[test]
fn any_boleto_made_comes_back_from_its_line() {
    let mut numbers = numbers();
    let mut next = |below: u64| numbers.next().unwrap() % below;
    for _ in 0..500 {
        let bank = format!("{:03}", next(800));
        let free_field = format!("{:09}{:09}{:07}", next(1_000_000_000), next(1_000_000_000), next(10_000_000));
        let due = date(2000, 7, 3).checked_add((next(18_000) as i64).days()).unwrap();
        let amount = Money::brl((next(100_000) * next(100_000)) as i64);
        let slip = BankSlip { bank: &bank, due: Some(due), amount, free_field: &free_field };
        let barcode = Barcode::Bank(slip.barcode().unwrap());
        let line = BoletoLine::parse(&barcode.line().formatted()).unwrap();
        assert_eq!(line.barcode(), &barcode);
        let Barcode::Bank(read) = line.barcode() else { panic!("{line:?}") };
        assert_eq!((read.bank(), read.amount(), read.free_field()), (&*bank, amount, &*free_field));
        let factor = read.due_factor().unwrap();
        assert!([factor.in_first_era(), factor.in_second_era()].contains(&due));
        assert_eq!(factor.nearest_to(due), due);
    }
}

#[test]
fn one_digit_changed_is_found() {
    for row in vectors().iter().filter(|row| row.is("valid")) {
        let line = row.text("line");
        for at in 0..line.len() {
            let digit = (line.as_bytes()[at] - b'0' + 1) % 10;
            let wrong = format!("{}{digit}{}", &line[..at], &line[at + 1..]);
            // Remainders that modulo 11 gives one digit for let some changes pass where no digit modulo 10 covers the place:
            // a bank's factor and amount, and bills of the identifiers 8 and 9. Then another barcode is read.
            let is_covered = if line.len() == 47 { at < 33 } else { matches!(line.as_bytes()[2], b'6' | b'7') };
            if let Ok(read) = BoletoLine::parse(&wrong) {
                assert!(!is_covered, "{wrong}");
                assert_ne!(read.barcode().digits(), row.text("barcode"));
            }
        }
    }
}

#[test]
fn a_line_is_printed_in_its_fields() {
    for (digits, printed) in [
        (VALID, "00199.52159 93360.226646 43388.475303 2 10000000015990"),
        ("826500000052648300136286661626042500656259160405", "82650000005-2 64830013628-6 66162604250-0 65625916040-5"),
    ] {
        assert_eq!(BoletoLine::parse(digits).unwrap().formatted(), printed);
    }
}

const VALID: &str = "00199521599336022664643388475303210000000015990";

#[test]
fn without_a_factor_the_amount_may_fill_its_place() {
    for (value, amount) in
        [("00000000015990", 15_990), ("09999999999999", 9_999_999_999_999), ("00010000000000", 10_000_000_000)]
    {
        let read = (0..10).filter_map(|check| Barcode::parse(&format!("0019{check}{value}{:025}", 7)).ok());
        let [Barcode::Bank(barcode)] = &read.collect::<Vec<_>>()[..] else { panic!("{value}: one check digit fits") };
        assert_eq!((barcode.due_factor(), barcode.amount()), (None, Money::brl(amount)));
    }
}

#[test]
fn of_two_due_dates_the_nearer_is_meant() {
    let Barcode::Bank(barcode) = BoletoLine::parse(VALID).unwrap().barcode().clone() else { panic!() };
    let factor = barcode.due_factor().unwrap();
    let (first, second) = (date(2000, 7, 3), date(2025, 2, 22));
    for (day, due) in [
        (date(2000, 1, 1), first),
        (date(2012, 10, 28), first), // 4,500 days from both.
        (date(2012, 10, 29), second),
        (date(2025, 2, 22), second),
        (date(2026, 11, 29), second),
        (Date::MIN, first),
        (Date::MAX, second),
    ] {
        assert_eq!(factor.nearest_to(day), due, "{day}");
    }
}

#[test]
fn a_due_date_has_a_factor_from_2000_to_2049() {
    for (day, number) in [
        (date(2000, 7, 3), 1000),
        (date(2025, 2, 21), 9999),
        (date(2025, 2, 22), 1000),
        (date(2026, 12, 5), 1651),
        (date(2049, 10, 13), 9999),
    ] {
        assert_eq!(DueFactor::of(day).map(DueFactor::number), Ok(number), "{day}");
    }
    for day in [date(2000, 7, 2), date(1997, 10, 7), date(2049, 10, 14), Date::MAX, Date::MIN] {
        assert_eq!(DueFactor::of(day), Err(BoletoError::Due), "{day}");
    }
}

#[test]
fn what_is_wrong_with_a_boleto_is_told() {
    let changed = |at: usize, digit: char| {
        let mut line: Vec<char> = VALID.chars().collect();
        line[at] = digit;
        line.into_iter().collect::<String>()
    };
    for (text, error) in [
        (String::new(), BoletoError::Length(0)),
        (VALID[1..].to_owned(), BoletoError::Length(46)),
        (format!("0{VALID}"), BoletoError::Kind),
        (changed(0, '8'), BoletoError::Kind),
        (changed(5, 'x'), BoletoError::Sign),
        (changed(9, '0'), BoletoError::FieldDigit(1)),
        (changed(20, '0'), BoletoError::FieldDigit(2)),
        (changed(31, '0'), BoletoError::FieldDigit(3)),
        (changed(32, '3'), BoletoError::GeneralDigit),
        ("879000000007846296510628908001441780459613333387".into(), BoletoError::FieldDigit(1)),
        ("871000000007846296510628908001441780459613333387".into(), BoletoError::Identifier),
    ] {
        assert_eq!(BoletoLine::parse(&text), Err(error), "{text}");
    }
    for (text, error) in [
        ("00192100000000159909521593360226644338847531", BoletoError::GeneralDigit),
        ("00182100000000159909521593360226644338847530", BoletoError::Currency),
        ("0019210000000015990952159336022664433884753", BoletoError::Length(43)),
        ("82660000005648300136286616260425065625916040", BoletoError::GeneralDigit),
        ("82550000005648300136286616260425065625916040", BoletoError::Identifier),
        ("0019210000000015990952159336022664433884753O", BoletoError::Sign),
    ] {
        assert_eq!(Barcode::parse(text), Err(error), "{text}");
    }
}

#[test]
fn what_no_boleto_can_hold_is_refused() {
    let free_field = "1".repeat(25);
    let good = BankSlip { bank: "001", due: None, amount: Money::brl(9_999_999_999), free_field: &free_field };
    assert!(good.barcode().is_ok());
    for (slip, error) in [
        (BankSlip { bank: "1", ..good }, BoletoError::Bank),
        (BankSlip { bank: "0x1", ..good }, BoletoError::Bank),
        (BankSlip { bank: "801", ..good }, BoletoError::Bank),
        (BankSlip { free_field: "1", ..good }, BoletoError::FreeField),
        (BankSlip { free_field: "111111111111111111111111x", ..good }, BoletoError::FreeField),
        (BankSlip { amount: Money::brl(-1), ..good }, BoletoError::Amount),
        (BankSlip { amount: Money::brl(10_000_000_000), ..good }, BoletoError::Amount),
        (BankSlip { due: Some(date(2049, 10, 14)), ..good }, BoletoError::Due),
    ] {
        assert_eq!(slip.barcode(), Err(error), "{slip:?}");
    }
}
