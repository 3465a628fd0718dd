//! Time: its unit and its text. No clock is read here; who needs the time is given it, or a [`Clock`].

use std::sync::Arc;

/// Microseconds since the Unix epoch: the unit of every time on topics and in rows.
pub type Micros = i64;

/// A day.
pub const DAY: Micros = 24 * HOUR;

/// A minute.
pub const MINUTE: Micros = 60 * 1_000_000;

/// An hour.
pub const HOUR: Micros = 60 * MINUTE;

/// The beginning of the hour that a time lies in, in microseconds since 1970.
pub fn hour_of(time: Micros) -> Micros {
    time - time.rem_euclid(HOUR)
}

/// One reading of a clock.
type Reading = Arc<dyn Fn() -> Micros + Send + Sync>;

/// Says what time it is: the machine's clocks, or a test's. Every time that a decision knows comes from here.
#[derive(Clone)]
pub struct Clock {
    wall: Reading,
    steady: Reading,
}

impl Clock {
    /// A clock of two: `wall` is in microseconds since 1970 and may be set, `steady` counts microseconds from anywhere and is set
    /// by nobody.
    pub fn new(
        wall: impl Fn() -> Micros + Send + Sync + 'static,
        steady: impl Fn() -> Micros + Send + Sync + 'static,
    ) -> Self {
        Self { wall: Arc::new(wall), steady: Arc::new(steady) }
    }

    /// Time passes as the wall clock says, however far it goes at once: what a test moves.
    pub fn passing(wall: impl Fn() -> Micros + Send + Sync + 'static) -> Self {
        let wall: Reading = Arc::new(wall);
        Self { steady: Arc::clone(&wall), wall }
    }

    /// The wall clock's present, in microseconds since 1970.
    pub fn now(&self) -> Micros {
        (self.wall)()
    }

    /// Microseconds that have passed since some instant before this process had a clock.
    pub fn steady(&self) -> Micros {
        (self.steady)()
    }
}

/// The month in UTC of a time, as 2026-12.
pub fn month(time: Micros) -> String {
    rfc3339(time).chars().take(7).collect()
}

/// RFC 3339 in UTC, to the microsecond.
pub fn rfc3339(time: Micros) -> String {
    jiff::Timestamp::from_microsecond(time).map(|time| time.to_string()).unwrap_or_default()
}

/// The time that a text says by RFC 3339, with any offset; `None` of one that says none.
pub fn from_rfc3339(text: &str) -> Option<Micros> {
    text.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_microsecond)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_begins_with_its_first_microsecond() {
        for (time, hour) in [(0, 0), (HOUR - 1, 0), (HOUR, HOUR), (HOUR + 1, HOUR), (-1, -HOUR)] {
            assert_eq!(hour_of(time), hour, "{time}");
        }
    }

    #[test]
    fn a_time_is_written_in_utc_with_as_many_digits_as_it_has() {
        assert_eq!(rfc3339(0), "1970-01-01T00:00:00Z");
        assert_eq!(rfc3339(DAY + 1), "1970-01-02T00:00:00.000001Z");
        assert_eq!(rfc3339(i64::MAX), "", "no year that a text has");
        assert_eq!(from_rfc3339("1970-01-01T21:00:00.000001-03:00"), Some(DAY + 1));
        assert_eq!((from_rfc3339(""), from_rfc3339("1970-01-01")), (None, None));
    }
}
