//! Days in São Paulo, whose clock banks and billing go by.

use jiff::{
    Timestamp,
    civil::{Date, DateTime, Time},
    tz::{self, TimeZone},
};

use crate::time::Micros;

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
