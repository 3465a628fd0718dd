//! Reading gateways' answers. Every field may be missing, null or of another kind: what can't be read is not there, and no field is
//! longer than a record can take.

use feira_schemas::{
    gateway::Centavos,
    ids::TenantId,
    sealed::{LastFour, PersonName},
    secret::Secret,
    time::Micros,
};
use jiff::Timestamp;
use serde_json::Value;

/// Bytes of an id, a code, a brand: what is longer is none.
const WORD_BYTES: usize = 200;
/// Bytes of an address, a line or a BR Code (512 by its standard).
const LINE_BYTES: usize = 2_048;

/// Reading of the fields of one JSON object.
pub(super) trait Fields {
    /// The field itself; null if there is none.
    fn field(&self, name: &str) -> &Value;

    /// A text, whole, if it is not empty and not longer than this.
    fn text(&self, name: &str, most: usize) -> Option<&str> {
        self.field(name).as_str().filter(|text| !text.is_empty() && text.len() <= most)
    }

    /// An id, a code or a brand.
    fn word(&self, name: &str) -> Option<String> {
        self.text(name, WORD_BYTES).map(str::to_owned)
    }

    /// An address, a line or a Pix code.
    fn line(&self, name: &str) -> Option<String> {
        self.text(name, LINE_BYTES).map(str::to_owned)
    }

    /// A text that tells of a person, and is no value that one typed.
    fn hidden(&self, name: &str) -> Option<Secret> {
        self.text(name, WORD_BYTES).map(Secret::from)
    }

    /// The last four digits of a card.
    fn last_four(&self, name: &str) -> Option<LastFour> {
        LastFour::new(self.text(name, WORD_BYTES)?).ok()
    }

    /// The name of a person or company.
    fn person(&self, name: &str) -> Option<PersonName> {
        PersonName::new(self.text(name, WORD_BYTES)?).ok()
    }

    /// A sum in centavos, as a number or as a text of digits; negative ones are none.
    fn cents(&self, name: &str) -> Option<Centavos> {
        let number = match self.field(name) {
            Value::Number(number) => number.as_i64(),
            Value::String(digits) => digits.parse().ok(),
            _ => None,
        };
        number.filter(|sum| *sum >= 0)
    }

    /// A time as RFC 3339 has it.
    fn time(&self, name: &str) -> Option<Micros> {
        self.text(name, WORD_BYTES)?.parse::<Timestamp>().ok().map(Timestamp::as_microsecond)
    }

    /// A time in whole seconds since the Unix epoch.
    fn seconds(&self, name: &str) -> Option<Micros> {
        self.field(name).as_i64()?.checked_mul(1_000_000)
    }

    /// The entries of a list; none if it is none.
    fn list(&self, name: &str) -> &[Value] {
        self.field(name).as_array().map_or(&[], Vec::as_slice)
    }

    /// The tenant that something was made for, as its own metadata say.
    fn tenant(&self) -> Option<TenantId> {
        self.field("metadata").text("tenant", WORD_BYTES)?.parse().ok()
    }

    /// The id of something that is given by its id alone or as a whole object.
    fn id_of(&self, name: &str) -> Option<String> {
        self.word(name).or_else(|| self.field(name).word("id"))
    }
}

impl Fields for Value {
    fn field(&self, name: &str) -> &Value {
        self.get(name).unwrap_or(&Value::Null)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_can_not_be_read_is_not_there() {
        let answer = json!({
            "text": "x", "empty": "", "null": null, "number": 5, "digits": "1990", "minus": -1, "list": [1],
            "time": "2026-12-01T03:00:00Z", "millis": "2026-12-01T03:00:00.123Z", "seconds": 1_764_558_000,
            "long": "x".repeat(3_000), "whole": {"id": "a"}, "id": "b",
        });
        assert_eq!(answer.word("text").as_deref(), Some("x"));
        for missing in ["empty", "null", "number", "nowhere", "long", "list"] {
            assert_eq!(answer.line(missing), None, "{missing}");
        }
        assert_eq!((answer.cents("number"), answer.cents("digits")), (Some(5), Some(1990)));
        for missing in ["text", "minus", "null", "list"] {
            assert_eq!(answer.cents(missing), None, "{missing}");
        }
        assert_eq!(answer.time("time"), answer.time("millis").map(|time| time - 123_000));
        assert_eq!(answer.time("text"), None);
        assert_eq!(answer.seconds("seconds"), Some(1_764_558_000_000_000));
        assert_eq!((answer.list("list").len(), answer.list("text").len()), (1, 0));
        assert_eq!((answer.id_of("whole").as_deref(), answer.id_of("id").as_deref()), (Some("a"), Some("b")));
        let marked = |tenant: &str| json!({"metadata": {"tenant": tenant}}).tenant();
        assert_eq!(marked(&TenantId::PLATFORM.to_string()), Some(TenantId::PLATFORM));
        assert_eq!((marked("a shop"), answer.tenant()), (None, None));
        assert_eq!(answer.field("nowhere").field("deeper").word("still"), None);
    }
}
