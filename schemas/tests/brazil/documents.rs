//! CPF and CNPJ.

use feira_schemas::brazil::{Cnpj, CnpjError, Cpf, CpfError, Document, DocumentError};

use crate::{numbers, rows};

#[test]
fn each_cpf_is_taken_or_refused_as_the_rule_has_it() {
    for row in rows(include_str!("vectors/cpf.csv"), 15) {
        let cpf = Cpf::parse(row.text("cpf"));
        assert_eq!(cpf.is_ok(), row.is("valid"), "{}", row.text("cpf"));
        if let Ok(cpf) = cpf {
            assert_eq!(cpf.digits(), row.text("cpf"));
            assert_eq!(Cpf::parse(&cpf.formatted()), Ok(cpf));
        }
    }
}

#[test]
fn each_cnpj_is_taken_or_refused_as_the_rule_has_it() {
    for row in rows(include_str!("vectors/cnpj.csv"), 23) {
        let cnpj = Cnpj::parse(row.text("cnpj"));
        assert_eq!(cnpj.is_ok(), row.is("valid"), "{}", row.text("cnpj"));
        if let Some(formatted) = row.some("formatted") {
            assert_eq!(Cnpj::parse(formatted), cnpj);
            assert_eq!(Cnpj::parse(&formatted.to_lowercase()), cnpj);
        }
        if let Ok(cnpj) = cnpj {
            assert_eq!(cnpj.digits(), row.text("cnpj"));
            assert_eq!(cnpj.formatted(), row.text("formatted"));
        }
    }
}

/// The digit that weights give modulo 11: remainders 0 and 1 give 0. A sign counts as its ASCII code less 48.
fn check_digit(signs: &str, weights: impl Iterator<Item = u32>) -> u32 {
    let sum: u32 = signs.bytes().rev().zip(weights).map(|(sign, weight)| u32::from(sign - 48) * weight).sum();
    if sum % 11 < 2 { 0 } else { 11 - sum % 11 }
}

/// The one of the hundred ends that makes a beginning valid.
fn valid_ends(beginning: &str, is_valid: impl Fn(&str) -> bool) -> Vec<String> {
    (0..100).map(|end| format!("{beginning}{end:02}")).filter(|text| is_valid(text)).collect()
}

#[test]
fn one_pair_of_check_digits_fits_a_beginning_and_it_is_the_rule_s() {
    let mut numbers = numbers();
    for _ in 0..200 {
        let person = format!("{:09}", numbers.next().unwrap() % 1_000_000_000);
        let mut whole = person.clone();
        for _ in 0..2 {
            let digit = check_digit(&whole, 2..);
            whole += &digit.to_string();
        }
        assert_eq!(valid_ends(&person, |text| Cpf::parse(text).is_ok()), [whole]);

        let signs = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
        let company: String =
            numbers.by_ref().take(12).map(|number| char::from(signs[number as usize % signs.len()])).collect();
        let mut whole = company.clone();
        for _ in 0..2 {
            let digit = check_digit(&whole, (2..=9).cycle());
            whole += &digit.to_string();
        }
        assert_eq!(valid_ends(&company, |text| Cnpj::parse(text).is_ok()), [whole]);
    }
}

#[test]
fn a_document_is_told_by_its_length_and_read_with_its_punctuation() {
    for (text, digits, formatted, masked) in [
        ("529.982.247-25", "52998224725", "529.982.247-25", "***.982.247-**"),
        (" 529 982 247‑25\u{a0}", "52998224725", "529.982.247-25", "***.982.247-**"),
        ("11.222.333/0001-81", "11222333000181", "11.222.333/0001-81", "**.222.333/****-**"),
        ("12.abc.345/01de-35", "12ABC34501DE35", "12.ABC.345/01DE-35", "**.ABC.345/****-**"),
    ] {
        let document = Document::parse(text).unwrap();
        assert_eq!((document.digits(), document.formatted().as_str()), (digits, formatted));
        assert_eq!(document.masked(), masked);
    }
    assert!(matches!(Document::parse("52998224725"), Ok(Document::Cpf(_))));
    assert!(matches!(Document::parse("12ABC34501DE35"), Ok(Document::Cnpj(_))));
}

#[test]
fn what_is_wrong_with_a_document_is_told() {
    for (text, error) in [
        ("", CpfError::Length(0)),
        ("5299822472", CpfError::Length(10)),
        ("5299822472A", CpfError::Sign),
        ("٥٢٩٩٨٢٢٤٧٢٥", CpfError::Sign),
        ("111.111.111-11", CpfError::EqualDigits),
        ("529.982.247-24", CpfError::CheckDigits),
    ] {
        assert_eq!(Cpf::parse(text), Err(error), "{text}");
    }
    for (text, error) in [
        ("1122233300018", CnpjError::Length(13)),
        ("12ÁBC34501DE35", CnpjError::Sign),
        ("00000000000000", CnpjError::EqualDigits),
        ("12ABC34501DE3A", CnpjError::CheckDigits),
        ("12ABC34501DE36", CnpjError::CheckDigits),
    ] {
        assert_eq!(Cnpj::parse(text), Err(error), "{text}");
    }
    assert_eq!(Document::parse("123"), Err(DocumentError::Length(3)));
    assert_eq!(Document::parse("52998224724"), Err(DocumentError::Cpf(CpfError::CheckDigits)));
    assert_eq!(Document::parse("11222333000182"), Err(DocumentError::Cnpj(CnpjError::CheckDigits)));
}

#[test]
fn no_document_is_shown_by_debug_or_by_an_error() {
    let shown = format!(
        "{:?} {:?} {:?} {:?} {}",
        Cpf::parse("52998224725"),
        Cnpj::parse("11222333000181"),
        Document::parse("52998224725"),
        Document::parse("11222333000181"),
        Cpf::parse("52998224724").unwrap_err(),
    );
    assert_eq!(shown, "Ok(Cpf(…)) Ok(Cnpj(…)) Ok(Document(…)) Ok(Document(…)) the check digits of this CPF do not fit");
}
