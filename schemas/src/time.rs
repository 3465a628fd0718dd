//! Time: its unit and its text. No clock is read here; who needs the time is given it, or a [`Clock`].

use std::sync::Arc;

/// Microseconds since the Unix epoch: the unit of every time on topics and in rows.
pub type Micros = i64;

/// A day.
pub const DAY: Micros = 24 * 60 * 60 * 1_000_000;

/// Says what time it is: the machine's clock, or a test's.
pub type Clock = Arc<dyn Fn() -> Micros + Send + Sync>;

/// RFC 3339 in UTC, to the microsecond.
pub fn rfc3339(time: Micros) -> String {
    jiff::Timestamp::from_microsecond(time).map(|time| time.to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_in_utc_with_as_many_digits_as_it_has() {
        assert_eq!(rfc3339(0), "1970-01-01T00:00:00Z");
        assert_eq!(rfc3339(DAY + 1), "1970-01-02T00:00:00.000001Z");
        assert_eq!(rfc3339(i64::MAX), "", "no year that a text has");
    }
}
