//! Times as the vendor writes and reads them: UTC with Z, to the second.

use feira_schemas::time::Micros;
use jiff::{Timestamp, civil, tz::TimeZone};
use serde_json::Value;

use super::answer::Refused;
use crate::core::ledger::SECOND;

/// RFC 3339 in UTC, to the second.
pub(super) fn shown(time: Micros) -> String {
    feira_schemas::time::rfc3339(time.div_euclid(SECOND) * SECOND)
}

/// The same with milliseconds, as hooks sometimes have it.
pub(super) fn shown_with_millis(time: Micros) -> String {
    let millis = time.div_euclid(1_000).rem_euclid(1_000);
    shown(time).replace('Z', &format!(".{millis:03}Z"))
}

/// The same of a time that may not have come.
pub(super) fn or_null(time: Option<Micros>) -> Value {
    time.map_or(Value::Null, |time| shown(time).into())
}

/// Reads a time with a zone, a time without one, which is UTC's, or a date, which is its first moment in UTC.
pub(super) fn read(text: &str, path: &str) -> Result<Micros, Refused> {
    let in_utc = |time: civil::DateTime| time.to_zoned(TimeZone::UTC).map(|zoned| zoned.timestamp());
    let time = text
        .parse::<Timestamp>()
        .or_else(|_| text.parse::<civil::DateTime>().and_then(in_utc))
        .map_err(|_| Refused::field(path, "The value is no date and time."))?;
    Ok(time.as_microsecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_to_the_second_and_read_with_and_without_a_zone() {
        let noon = read("2026-01-31T12:00:00Z", "x").unwrap();
        assert_eq!(shown(noon + 999_999), "2026-01-31T12:00:00Z");
        assert_eq!(shown_with_millis(noon + 7_999), "2026-01-31T12:00:00.007Z");
        assert_eq!(read("2026-01-31T09:00:00-03:00", "x").unwrap(), noon);
        assert_eq!(read("2026-01-31T12:00:00", "x").unwrap(), noon);
        assert_eq!(shown(read("2026-01-31", "x").unwrap()), "2026-01-31T00:00:00Z");
        assert!(read("tomorrow", "x").is_err());
    }
}
