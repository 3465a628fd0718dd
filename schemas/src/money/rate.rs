//! Percentages.

use super::Money;

/// A percentage from 0 to 100, exact to four decimals: interest a month, a discount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Rate(u32);

/// A text or a number is no percentage from 0 to 100 with four decimals at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a percentage is 0 to 100 with four decimals at most")]
pub struct InvalidRate;

impl Rate {
    /// Parts that a whole has: a percent has ten thousand.
    pub const WHOLE: u32 = 1_000_000;

    /// So many hundredths of a percent: 249 is 2.49 %.
    pub fn hundredths(hundredths: u32) -> Result<Self, InvalidRate> {
        let parts = hundredths.checked_mul(100).filter(|parts| *parts <= Self::WHOLE);
        parts.map(Self).ok_or(InvalidRate)
    }

    /// Reads a percentage without its sign, with a decimal comma or point: `2,49`.
    pub fn read(text: &str) -> Result<Self, InvalidRate> {
        let (whole, decimals) = text.split_once([',', '.']).unwrap_or((text, "0"));
        let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number(whole) || !is_number(decimals) || decimals.len() > 4 {
            return Err(InvalidRate);
        }
        let parts = format!("{whole}{decimals:0<4}").parse().ok().filter(|parts| *parts <= Self::WHOLE);
        parts.map(Self).ok_or(InvalidRate)
    }

    /// The parts of [`Self::WHOLE`] that it is: millionths.
    pub const fn millionths(self) -> u32 {
        self.0
    }

    /// This percentage of an amount, half a centavo up.
    pub fn part_of(self, amount: Money) -> Money {
        let whole = i128::from(Self::WHOLE);
        let part = (i128::from(amount.amount) * i128::from(self.0) + whole / 2).div_euclid(whole);
        // At most a hundred percent, so no larger than the amount.
        amount.of(i64::try_from(part).unwrap_or(amount.amount))
    }
}
