//! CEP, states and phones.

use std::collections::BTreeSet;

use feira_schemas::brazil::{Cep, CepError, Phone, PhoneError, PhoneKind, State};

use crate::rows;

#[test]
fn each_of_the_hundred_thousand_beginnings_of_a_cep_is_in_its_state() {
    let mut next = 0_u32;
    for row in rows(include_str!("vectors/cep.csv"), 32) {
        let (first, last): (u32, u32) = (row.number("first"), row.number("last"));
        assert_eq!(first, next, "a gap");
        next = last + 1;
        let want = row.some("state").map(|state| State::parse(state).unwrap()).ok_or(CepError::NoState);
        for beginning in first / 1000..=last / 1000 {
            for end in [0, 1, 999] {
                let text = format!("{beginning:05}{end:03}");
                assert_eq!(Cep::parse(&text).map(|cep| cep.state()), want, "{text}");
            }
        }
    }
    assert_eq!(next, 100_000_000);
}

#[test]
fn a_cep_is_read_and_written_with_its_hyphen() {
    for text in ["01310-100", "01310100", " 01.310-100 ", "01310–100"] {
        let cep = Cep::parse(text).unwrap();
        assert_eq!((cep.digits(), cep.first_five(), cep.state()), ("01310100", "01310", State::SP));
        assert_eq!((cep.formatted(), cep.masked()), ("01310-100".into(), "01310-***".into()));
        assert_eq!(format!("{cep:?}"), "Cep(…)");
    }
    for (text, error) in [
        ("", CepError::Length(0)),
        ("0131010", CepError::Length(7)),
        ("013101000", CepError::Length(9)),
        ("01310-10O", CepError::Sign),
        ("00000-000", CepError::NoState),
        ("78900-000", CepError::NoState),
    ] {
        assert_eq!(Cep::parse(text), Err(error), "{text}");
    }
}

#[test]
fn there_are_27_states_with_two_letters_each() {
    let letters: BTreeSet<String> = State::ALL.iter().map(State::to_string).collect();
    assert_eq!(letters.len(), 27);
    for state in State::ALL {
        assert_eq!(State::parse(&state.to_string().to_lowercase()), Ok(state));
    }
    for text in ["", "S", "XX", "SPO", "São Paulo"] {
        assert!(State::parse(text).is_err(), "{text}");
    }
}

#[test]
fn a_phone_is_read_as_people_write_it() {
    for text in [
        "+55 (11) 99999-0000",
        "55 11 99999 0000",
        "(11) 99999-0000",
        "11999990000",
        "011 99999.0000",
        "\u{202a}+55 11 99999\u{2011}0000\u{202c}",
    ] {
        let phone = Phone::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(phone.e164(), "+5511999990000");
        assert_eq!((phone.kind(), phone.area_code(), phone.number()), (PhoneKind::Mobile, "11", "999990000"));
        assert_eq!((phone.formatted(), phone.masked()), ("(11) 99999-0000".into(), "(11) *****-0000".into()));
        assert_eq!(format!("{phone:?}"), "Phone(…)");
    }
    // The area code 55 is not the country.
    for (text, digits) in
        [("(55) 3221-0000", "5532210000"), ("5533210000", "5533210000"), ("+55 55 3221-0000", "5532210000")]
    {
        let phone = Phone::parse(text).unwrap();
        assert_eq!((phone.digits(), phone.kind(), phone.area_code()), (digits, PhoneKind::Landline, "55"));
    }
    let landline = Phone::parse("1132210000").unwrap();
    assert_eq!((landline.formatted(), landline.masked()), ("(11) 3221-0000".into(), "(11) ****-0000".into()));
    assert_eq!(landline.e164(), "+551132210000");
}

#[test]
fn what_is_wrong_with_a_phone_is_told() {
    for (text, error) in [
        ("", PhoneError::Length(0)),
        ("99999-0000", PhoneError::Length(9)),
        ("+55 11 999990000 0", PhoneError::Length(12)),
        ("+1 212 555 0100", PhoneError::Country),
        ("351912345678", PhoneError::Country),
        ("(11) 99999-000O", PhoneError::Sign),
        ("11+999990000", PhoneError::Sign),
        ("(10) 99999-0000", PhoneError::AreaCode),
        ("0800 701 0000", PhoneError::AreaCode),
        ("(11) 89999-0000", PhoneError::Number),
        ("(11) 9999-0000", PhoneError::Number),
        ("(11) 1999-0000", PhoneError::Number),
    ] {
        assert_eq!(Phone::parse(text), Err(error), "{text}");
    }
    let areas = (0..100).filter(|area| Phone::parse(&format!("{area:02}999990000")).is_ok()).count();
    assert_eq!(areas, 67);
}
