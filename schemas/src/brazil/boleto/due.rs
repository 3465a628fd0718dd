//! The days of a boleto of ours: when it is due, and how long its goods are held.

use jiff::{
    ToSpan,
    civil::{Date, Time},
};

use super::super::{
    bank_days,
    local::{CalendarEnds, local_date, local_time},
};
use crate::time::Micros;

/// A due day that banks are open on, and the hold that goes with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BoletoDue {
    /// The due day in São Paulo.
    pub day: Date,
    /// 23:59:59 of that day in São Paulo, as gateways are told it.
    pub due_at: Micros,
    /// The last day of the hold: payments of the due day take three bank days to be known.
    pub hold_last_day: Date,
    /// The midnight in São Paulo behind that day. The hold lasts while it is earlier.
    pub hold_ends: Micros,
}

impl BoletoDue {
    /// Bank days after the due day that the hold lasts.
    pub const HOLD_BANK_DAYS: u8 = 3;

    /// The due day of a boleto made at a time, so many days later by São Paulo's calendar, or the next bank day.
    pub fn counted(made_at: Micros, days: u16) -> Result<Self, CalendarEnds> {
        let day = local_date(made_at)?.checked_add(i32::from(days).days()).map_err(|_| CalendarEnds)?;
        Self::on(day)
    }

    /// The due day that was wished for, or the next bank day.
    pub fn on(day: Date) -> Result<Self, CalendarEnds> {
        let day = bank_days::this_or_next(day)?;
        let hold_last_day = bank_days::nth_after(day, Self::HOLD_BANK_DAYS)?;
        let behind = hold_last_day.tomorrow().map_err(|_| CalendarEnds)?;
        Ok(Self {
            day,
            due_at: local_time(day, Time::constant(23, 59, 59, 0))?,
            hold_last_day,
            hold_ends: local_time(behind, Time::midnight())?,
        })
    }
}
