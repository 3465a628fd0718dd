//! Days in São Paulo, whose clock banks and billing go by.

use jiff::{
    Timestamp,
    civil::{Date, DateTime, Time},
    tz::{self, TimeZone},
};

use crate::time::{MINUTE, Micros};

/// The zone's table of summer times, compiled in: all processes of one version count alike, and a small image without a
/// time-zone database does, too.
static SAO_PAULO: TimeZone = tz::get!("America/Sao_Paulo");

/// A day or a time lies outside of the years −9999 to 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the calendar ends with the year 9999")]
pub struct CalendarEnds;

/// The date in São Paulo at a time.
pub fn local_date(time: Micros) -> Result<Date, CalendarEnds> {
    Ok(local_date_time(time)?.date())
}

/// The date and the clock's time in São Paulo at a time.
pub fn local_date_time(time: Micros) -> Result<DateTime, CalendarEnds> {
    let time = Timestamp::from_microsecond(time).map_err(|_| CalendarEnds)?;
    Ok(SAO_PAULO.to_datetime(time))
}

/// The time in São Paulo on a date. A time that summer time leaves out is as much later as the clock is put forward.
pub fn local_time(day: Date, time: Time) -> Result<Micros, CalendarEnds> {
    let time = SAO_PAULO.to_timestamp(day.to_datetime(time)).map_err(|_| CalendarEnds)?;
    Ok(time.as_microsecond())
}

/// The minute on São Paulo's clock at a time, as inputs of pages have it: `2026-12-31T23:59`.
pub fn local_minute(time: Micros) -> Result<String, CalendarEnds> {
    let at = local_date_time(time)?;
    Ok(format!("{}T{:02}:{:02}", at.date(), at.hour(), at.minute()))
}

/// The time at which a minute on São Paulo's clock begins, of a text as [`local_minute`] writes it, also with a space for the `T` and with
/// seconds, which are 0; none of any other text.
pub fn local_minute_of(text: &str) -> Option<Micros> {
    // The calendar's own reader takes a day without a time, which is its midnight, and passes over an offset.
    let at: DateTime = Some(text.trim()).filter(|text| is_day_and_time(text))?.parse().ok()?;
    let time = local_time(at.date(), at.time()).ok()?;
    (time % MINUTE == 0).then_some(time)
}

/// True if a text is a day and a time, digit by digit, with or without seconds, and nothing more.
fn is_day_and_time(text: &str) -> bool {
    let fits = |(byte, shape): (u8, u8)| match shape {
        b'0' => byte.is_ascii_digit(),
        b'T' => matches!(byte, b'T' | b' '),
        sign => byte == sign,
    };
    matches!(text.len(), 16 | 19) && text.bytes().zip(*b"0000-00-00T00:00:00").all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_of_an_input_is_one_of_sao_paulos_clock() {
        // 2027-01-01, 02:59 UTC.
        let time = 1_798_772_340_000_000;
        assert_eq!(local_minute(time), Ok("2026-12-31T23:59".to_owned()));
        for text in ["2026-12-31T23:59", " 2026-12-31T23:59:00 ", "2026-12-31 23:59"] {
            assert_eq!(local_minute_of(text), Some(time), "{text}");
        }
        for text in [
            "",
            "amanhã",
            "2026-12-31",
            "2026-12-31T23:59:30",
            "2026-02-30T10:00",
            "31/12/2026 23:59",
            "2026-12-31T23:59Z",
            "2026-12-31T23-03",
            "2026-12-31T23:59-03",
            "2026-12-31T23:59-03:00",
            "2026-12-31T23:59[America/Sao_Paulo]",
        ] {
            assert_eq!(local_minute_of(text), None, "{text}");
        }
    }
}
