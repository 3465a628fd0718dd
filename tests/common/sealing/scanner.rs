//! Searches bytes for every form of what people typed. What is found is told by place, person, field and form, never by its value.

use std::fmt;

use aho_corasick::AhoCorasick;

use super::{forms, people::Typed};

/// Digits below which a number counts only where no digit stands on either side: of eight digits there is one in every long log.
const SHORT_NUMBER: usize = 11;

/// Searches bytes.
pub struct Scanner {
    automaton: AhoCorasick,
    patterns: Vec<Pattern>,
}

/// What a pattern is a form of.
struct Pattern {
    of: String,
    form: &'static str,
    is_short_number: bool,
}

/// A value that stands in clear.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Find {
    pub place: String,
    /// Whose, and which field.
    pub of: String,
    pub form: &'static str,
}

impl fmt::Display for Find {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} ({})", self.place, self.of, self.form)
    }
}

impl Scanner {
    /// Searches for all of these.
    pub fn of(typed: &[Typed]) -> Self {
        let (mut bytes, mut patterns) = (Vec::new(), Vec::new());
        for Typed { whose, field, texts } in typed {
            for (form, pattern) in texts.iter().flat_map(|text| forms::all(text)) {
                let is_number = pattern.iter().all(u8::is_ascii_digit);
                let is_short_number = is_number && pattern.len() < SHORT_NUMBER;
                patterns.push(Pattern { of: format!("{field} of {whose}"), form, is_short_number });
                bytes.push(pattern);
            }
        }
        let automaton = AhoCorasick::builder().ascii_case_insensitive(true).build(&bytes).unwrap();
        Self { automaton, patterns }
    }

    /// All that stands in these bytes.
    pub fn finds<'a>(&'a self, place: &'a str, bytes: &'a [u8]) -> impl Iterator<Item = Find> + 'a {
        self.automaton.find_overlapping_iter(bytes).filter_map(move |found| {
            let pattern = &self.patterns[found.pattern().as_usize()];
            let is_digit = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_digit);
            let is_part = is_digit(found.start().checked_sub(1)) || is_digit(Some(found.end()));
            let counts = !(pattern.is_short_number && is_part);
            counts.then(|| Find { place: place.to_owned(), of: pattern.of.clone(), form: pattern.form })
        })
    }
}

#[cfg(test)]
mod tests {
    use base64::{Engine, engine::general_purpose::STANDARD};
    use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

    use super::*;

    fn scanner() -> Scanner {
        let typed = |field, texts: &[&str]| Typed::new("Ana", field, texts);
        Scanner::of(&[
            typed("name", &["Zoraide Conceição"]),
            typed("document", &["52998224725", "529.982.247-25"]),
            typed("postal code", &["50050123"]),
            typed("e-mail", &["zoraide@feira.example"]),
        ])
    }

    #[test]
    fn a_planted_value_is_found_in_whatever_form_and_told_without_it() {
        let scanner = scanner();
        let name = "Zoraide Conceição";
        let json = serde_json::json!({"body": serde_json::json!({"name": name}).to_string()}).to_string();
        let utf16: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        for (form, bytes) in [
            ("plain", name.as_bytes().to_vec()),
            ("capital", "ZORAIDE CONCEIÇÃO".into()),
            ("bare", "zoraide conceicao".into()),
            ("json in json", json.into()),
            ("escaped", br"Zoraide Concei\u00e7\u00e3o".to_vec()),
            ("percent", utf8_percent_encode(name, NON_ALPHANUMERIC).to_string().into()),
            ("form", "Zoraide+Concei%C3%A7%C3%A3o".into()),
            ("html", "Zoraide Concei&#231;&#227;o".into()),
            ("hex", hex::encode_upper(name).into()),
            ("base64", STANDARD.encode(format!("{{\"name\":\"{name}\"}}")).into()),
            ("utf-16", utf16),
            ("debug", format!("{:?}", name.as_bytes()).into()),
        ] {
            let bytes = [b"\x00before".to_vec(), bytes, b"after\xff".to_vec()].concat();
            let finds: Vec<Find> = scanner.finds("here", &bytes).collect();
            assert!(finds.iter().any(|find| find.of == "name of Ana" && find.place == "here"), "{form}: {finds:?}");
            let told = format!("{finds:?}{}", finds[0]).to_lowercase();
            assert!(!told.contains("zoraide"), "{told}");
        }
    }

    #[test]
    fn what_is_another_value_is_not_found() {
        let scanner = scanner();
        for other in ["Zoraide Conceicoes", "1500501234", "5299822472", "zoraide@feira", "Conceição Zoraide", ""] {
            assert_eq!(scanner.finds("here", other.as_bytes()).collect::<Vec<_>>(), [], "{other}");
        }
        for there in ["CEP 50050123.", "cpf=152998224725"] {
            assert_ne!(scanner.finds("here", there.as_bytes()).count(), 0, "{there}");
        }
    }
}
