//! Installments of a card: what each costs, by the price table where they bear interest.

use num_bigint::BigUint;

use super::{Money, Rate, SumError};

/// The terms on which a shop lets a total be paid in installments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InstallmentTerms {
    /// So many installments are without interest.
    pub free_up_to: u8,
    /// The interest a month of more installments.
    pub rate: Rate,
    /// The least that an installment may be; a total in one is no division and always allowed.
    pub minimum: Money,
}

/// A total in installments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Installments {
    /// How many there are.
    pub count: u8,
    /// The first one, which has the remainder of a division without interest.
    pub first: Money,
    /// Each of the others; with one installment alone the same as the first.
    pub other: Money,
    /// All together.
    pub to_pay: Money,
    /// What is paid beyond the total.
    pub interest: Money,
}

impl InstallmentTerms {
    /// Parts a total into so many installments.
    ///
    /// With interest each is total · i · (1 + i)^n / ((1 + i)^n − 1), rounded half up. A rate so small that these would be less
    /// than the total counts as none; without interest the total stays, parted into whole centavos.
    pub fn plan(&self, total: Money, count: u8) -> Result<Installments, SumError> {
        if total.amount < 0 {
            return Err(SumError::Negative);
        }
        let parts = i64::from(count);
        let (first, other, to_pay) = match self.with_interest(total, count)? {
            Some(each) => (each, each, each.checked_mul(parts).ok_or(SumError::TooLarge)?),
            None => {
                let other = total.amount.checked_div(parts).ok_or(SumError::NoInstallment)?;
                (total.amount - other * (parts - 1), other, total.amount)
            }
        };
        if count > 1 && other < self.minimum.amount {
            return Err(SumError::BelowMinimum);
        }
        let (first, other, interest) = (total.of(first), total.of(other), total.of(to_pay - total.amount));
        Ok(Installments { count, first, other, to_pay: total.of(to_pay), interest })
    }

    /// The divisions of a total that the terms allow, from one installment up to so many.
    pub fn table(&self, total: Money, up_to: u8) -> Vec<Installments> {
        (1..=up_to).filter_map(|count| self.plan(total, count).ok()).collect()
    }

    /// An installment with interest, or none if this many bear none.
    fn with_interest(&self, total: Money, count: u8) -> Result<Option<i64>, SumError> {
        if count <= self.free_up_to.max(1) || self.rate == Rate::default() {
            return Ok(None);
        }
        let each = price(total.amount.unsigned_abs(), self.rate, count).ok_or(SumError::TooLarge)?;
        let bears_interest = i128::from(each) * i128::from(count) >= i128::from(total.amount);
        Ok(bears_interest.then_some(each))
    }
}

impl Installments {
    /// The line of a checkout's table: `6x 15,00`, or `1x 15,00 + 5x 14,98`.
    pub fn table_line(&self) -> String {
        if self.first == self.other {
            return format!("{}x {}", self.count, self.first.figures());
        }
        format!("1x {} + {}x {}", self.first.figures(), self.count - 1, self.other.figures())
    }

    /// What a product's card says of more than one installment, which names the largest: `até 6x de R$ 15,00`.
    pub fn card_line(&self) -> Option<String> {
        (self.count > 1).then(|| format!("até {}x de {}", self.count, self.first))
    }
}

/// The price table's installment in whole numbers: with r millionths of interest and W = 1,000,000 it is
/// total · r · (W + r)^n / (W · ((W + r)^n − W^n)), half up.
fn price(total: u64, rate: Rate, count: u8) -> Option<i64> {
    let whole = BigUint::from(Rate::WHOLE);
    let grown = BigUint::from(Rate::WHOLE + rate.millionths()).pow(count.into());
    let dividend = BigUint::from(total) * rate.millionths() * &grown;
    let divisor = &whole * (grown - whole.pow(count.into()));
    i64::try_from((dividend * 2_u8 + &divisor) / (divisor * 2_u8)).ok()
}
