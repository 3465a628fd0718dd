//! Periods of a subscription, and what is due when its plan changes in one.

use std::num::NonZeroU16;

use jiff::{Span, civil::Date};

use super::{Money, SumError};

/// Periods of whole months, which begin on the day of the month of the first one, or on the month's last where it has no such day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cycle {
    /// The first day of the first period, whose day of the month is the anchor of all.
    pub first_day: Date,
    /// Months of a period.
    pub months: NonZeroU16,
}

/// A period of a cycle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// Counted from 1.
    pub number: u32,
    /// Its first day.
    pub start: Date,
    /// The first day of the next one.
    pub next_start: Date,
}

/// What a change of plan costs, and from when on it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlanChange {
    /// The first day of the new plan.
    pub takes_effect: Date,
    /// What the unused days of the old plan were paid with.
    pub credit: Money,
    /// What is to be paid now.
    pub due_now: Money,
    /// What of the credit goes to the next invoices.
    pub credit_left: Money,
}

impl Cycle {
    /// A period by its number, from 1 on.
    pub fn period(&self, number: u32) -> Result<Period, SumError> {
        let before = number.checked_sub(1).ok_or(SumError::NoPeriod)?;
        Ok(Period { number, start: self.start(before)?, next_start: self.start(number)? })
    }

    /// The period that a day is in.
    pub fn period_of(&self, day: Date) -> Result<Period, SumError> {
        let month = |date: Date| i32::from(date.year()) * 12 + i32::from(date.month());
        let months = u32::try_from(month(day) - month(self.first_day)).map_err(|_| SumError::NoPeriod)?;
        let begun = months / u32::from(self.months.get());
        // The period that begins in this month may begin on a later day of it.
        let number = if self.start(begun)? <= day { begun + 1 } else { begun };
        self.period(number)
    }

    /// The first day of the period that comes after so many.
    fn start(&self, periods: u32) -> Result<Date, SumError> {
        let months = i64::from(periods) * i64::from(self.months.get());
        let span = Span::new().try_months(months).map_err(|_| SumError::CalendarEnds)?;
        self.first_day.checked_add(span).map_err(|_| SumError::CalendarEnds)
    }
}

impl Period {
    /// Days of the period.
    pub fn days(&self) -> i64 {
        days_between(self.start, self.next_start)
    }

    /// Days of the period from a day on, this one with them.
    pub fn unused_days(&self, day: Date) -> Result<i64, SumError> {
        let is_in = self.start <= day && day < self.next_start;
        if is_in { Ok(days_between(day, self.next_start)) } else { Err(SumError::OutsidePeriod) }
    }
}

impl PlanChange {
    /// A change to more on a day of a period: the new plan begins that day, whose price is due at once, less the old price's part
    /// for the unused days, rounded down. Credit is never paid out.
    pub fn upgrade(period: &Period, day: Date, old: Money, new: Money) -> Result<Self, SumError> {
        if old.amount < 0 || new.amount < 0 {
            return Err(SumError::Negative);
        }
        let unused = i128::from(period.unused_days(day)?);
        let credit = i128::from(old.amount) * unused / i128::from(period.days());
        let credit = i64::try_from(credit).map_err(|_| SumError::TooLarge)?;
        Ok(Self {
            takes_effect: day,
            credit: old.of(credit),
            due_now: new.of((new.amount - credit).max(0)),
            credit_left: old.of((credit - new.amount).max(0)),
        })
    }

    /// A change to less: the old plan ends with its period, and nothing is due or given back before.
    pub fn downgrade(period: &Period) -> Self {
        let nothing = Money::brl(0);
        Self { takes_effect: period.next_start, credit: nothing, due_now: nothing, credit_left: nothing }
    }
}

fn days_between(from: Date, to: Date) -> i64 {
    to.duration_since(from).as_hours() / 24
}
