//! The due factor: a date as four digits, of which the count has begun again.

use jiff::{ToSpan, civil::Date};

use super::error::BoletoError;

/// Days from 1000 to 9999 that stand for two dates: counted from 1997-10-07, and from 2025-02-22 on, the day after its 9999,
/// from 1000 again. A line does not say which of the two it means.
///
/// Source: FEBRABAN, Manual Operacional do Fator de Vencimento da Cobrança Bancária.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DueFactor(u16);

const FIRST: u16 = 1000;
const LAST: u16 = 9999;
const FIRST_ERA: Date = Date::constant(2000, 7, 3);
const SECOND_ERA: Date = Date::constant(2025, 2, 22);

impl DueFactor {
    /// The factor of a date, from 2000-07-03 to 2049-10-13.
    pub fn of(due: Date) -> Result<Self, BoletoError> {
        let begun = if due < SECOND_ERA { FIRST_ERA } else { SECOND_ERA };
        let days = due.duration_since(begun).as_hours() / 24;
        let factor = u16::try_from(days).ok().and_then(|days| days.checked_add(FIRST));
        factor.filter(|factor| *factor <= LAST).map(Self).ok_or(BoletoError::Due)
    }

    /// Reads four digits; those below 1000 are no factor.
    pub(super) fn read(digits: &str) -> Option<Self> {
        digits.parse().ok().filter(|factor| (FIRST..=LAST).contains(factor)).map(Self)
    }

    /// The number itself.
    pub fn number(self) -> u16 {
        self.0
    }

    /// The date in the era that ended on 2025-02-21.
    pub fn in_first_era(self) -> Date {
        self.counted_from(FIRST_ERA)
    }

    /// The date in the era that began on 2025-02-22.
    pub fn in_second_era(self) -> Date {
        self.counted_from(SECOND_ERA)
    }

    /// Of the two dates, which lie 9,000 days apart, the one nearer to a day on which the boleto is known to have been about;
    /// the earlier one where both are as near.
    pub fn nearest_to(self, day: Date) -> Date {
        let middle = self.in_first_era().saturating_add((i32::from(LAST - FIRST + 1) / 2).days());
        if day <= middle { self.in_first_era() } else { self.in_second_era() }
    }

    fn counted_from(self, begun: Date) -> Date {
        begun.saturating_add(i32::from(self.0 - FIRST).days())
    }
}
