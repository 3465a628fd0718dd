//! The ends of cycles, counted by the calendar.

use feira_schemas::time::Micros;
use jiff::{Timestamp, ToSpan, tz::TimeZone};

/// The moment that is so many units after another one: a month after the 31st is the last day of the next month. None for a unit
/// that is not day, week, month or year.
pub fn after(start: Micros, unit: &str, count: i64) -> Option<Micros> {
    let span = match unit {
        "day" => count.days(),
        "week" => count.weeks(),
        "month" => count.months(),
        "year" => count.years(),
        _ => return None,
    };
    let start = Timestamp::from_microsecond(start).ok()?.to_zoned(TimeZone::UTC);
    start.checked_add(span).ok().map(|end| end.timestamp().as_microsecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_end_on_their_last_day_and_come_back_to_their_own() {
        let micros = |text: &str| text.parse::<Timestamp>().unwrap().as_microsecond();
        let start = micros("2026-01-31T12:00:00Z");
        assert_eq!(after(start, "month", 1), Some(micros("2026-02-28T12:00:00Z")));
        assert_eq!(after(start, "month", 2), Some(micros("2026-03-31T12:00:00Z")));
        assert_eq!(after(start, "fortnight", 1), None);
    }
}
