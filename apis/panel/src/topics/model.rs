//! What the pages of topics say.

use feira_schemas::{time::DAY, topics::Kept};
use feira_web::records::Bounds;
use serde_json::Value;

/// How long a topic keeps its records, in words.
pub(super) fn kept(kept: Kept) -> String {
    match kept {
        Kept::Forever => "para sempre".to_owned(),
        Kept::UntilDone => "até que sejam tratados".to_owned(),
        Kept::For(time) => match i64::try_from(time.as_micros()).unwrap_or(i64::MAX) / DAY {
            1 => "1 dia".to_owned(),
            days => format!("{days} dias"),
        },
    }
}

/// The number of offsets that lie in a topic's partitions.
pub(super) fn records(bounds: &[Bounds]) -> i64 {
    bounds.iter().map(|bounds| bounds.end - bounds.start).sum()
}

/// A record as pages show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    /// Its place, `partition:offset`.
    pub place: String,
    pub time: String,
    pub key: String,
    /// The record's type, or why it can't be decoded.
    pub what: String,
    pub is_decoded: bool,
    pub json: String,
}

/// A record in words, of the JSON that the API gives.
pub(super) fn record(json: &Value) -> Record {
    let text = |name: &str| json[name].as_str().unwrap_or_default().to_owned();
    let (what, is_decoded) = match (json["error"].as_str(), json["type"].as_str()) {
        (Some(error), _) => (error.to_owned(), false),
        (None, Some(kind)) => (kind.to_owned(), true),
        (None, None) => ("Sem conteúdo".to_owned(), true),
    };
    Record {
        place: format!("{}:{}", json["partition"], json["offset"]),
        time: text("timestamp"),
        key: text("key"),
        what,
        is_decoded,
        json: serde_json::to_string_pretty(json).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::*;

    #[test]
    fn a_topic_says_how_long_it_keeps_its_records_and_how_many_lie_there() {
        let day = Duration::from_secs(24 * 60 * 60);
        for (time, words) in [(Kept::Forever, "para sempre"), (Kept::For(day), "1 dia"), (Kept::For(7 * day), "7 dias")]
        {
            assert_eq!(kept(time), words);
        }
        let bounds = |start, end| Bounds { partition: 0, start, end };
        assert_eq!(records(&[bounds(0, 1_200), bounds(5, 5)]), 1_200);
    }

    #[test]
    fn a_record_says_its_place_its_type_or_why_it_has_none() {
        let decoded = json!({"partition": 1, "offset": 7, "key": "k", "type": "TenantChanged", "value": {}});
        let shown = record(&decoded);
        assert_eq!((shown.place.as_str(), shown.what.as_str(), shown.is_decoded), ("1:7", "TenantChanged", true));
        let broken = json!({"partition": 1, "offset": 8, "type": null, "value": null, "error": "no Avro"});
        assert_eq!((record(&broken).what.as_str(), record(&broken).is_decoded), ("no Avro", false));
        assert_eq!(record(&json!({"type": null, "value": null})).what, "Sem conteúdo");
    }
}
