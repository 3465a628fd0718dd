//! What a coupon and a way to pay take off an order, and off each of its lines.

use super::{Money, Rate, SumError, shares};

/// What a line of an order costs before discounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    /// Price times quantity.
    pub value: Money,
    /// Whether the coupon is for this line.
    pub takes_coupon: bool,
}

/// What a coupon takes off the lines that it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coupon {
    /// An amount, at most what these lines cost.
    Amount(Money),
    /// A percentage of these lines, half a centavo up.
    Percent(Rate),
}

/// What is taken off an order, which is what is taken off its lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discounts {
    /// All lines before discounts.
    pub goods: Money,
    /// What the coupon takes off.
    pub coupon: Money,
    /// What the way to pay takes off.
    pub method: Money,
    /// What is left of the goods.
    pub net: Money,
    /// The same of each line, in their order.
    pub lines: Vec<LineShares>,
}

/// A line's shares of the discounts, and what is left of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineShares {
    /// Its share of the coupon, by what the lines cost.
    pub coupon: Money,
    /// Its share of the way to pay's discount, by what the coupon left of the lines.
    pub method: Money,
    /// What is left of it; never below zero.
    pub net: Money,
}

impl Discounts {
    /// Takes a coupon off an order's lines and then the way to pay's discount, a percentage of the goods before the coupon and at
    /// most what the coupon left.
    pub fn of(lines: &[Line], coupon: Option<Coupon>, method: Rate) -> Result<Self, SumError> {
        if lines.iter().any(|line| line.value.amount < 0) {
            return Err(SumError::Negative);
        }
        let weights: Vec<i64> =
            lines.iter().map(|line| if line.takes_coupon { line.value.amount } else { 0 }).collect();
        let goods = sum(lines.iter().map(|line| line.value.amount))?;
        let base = sum(weights.iter().copied())?;
        let coupon = match coupon {
            None => 0,
            Some(Coupon::Amount(amount)) => amount.amount.min(base),
            Some(Coupon::Percent(rate)) => rate.part_of(Money::brl(base)).amount,
        };
        let of_coupon = shares(coupon, &weights)?;
        let left: Vec<i64> = lines.iter().zip(&of_coupon).map(|(line, share)| line.value.amount - share).collect();
        let method = method.part_of(Money::brl(goods)).amount.min(goods - coupon);
        let of_method = shares(method, &left)?;
        let line_shares = of_coupon.iter().zip(&of_method).zip(&left).map(|((coupon, method), left)| LineShares {
            coupon: Money::brl(*coupon),
            method: Money::brl(*method),
            net: Money::brl(left - method),
        });
        Ok(Self {
            goods: Money::brl(goods),
            coupon: Money::brl(coupon),
            method: Money::brl(method),
            net: Money::brl(goods - coupon - method),
            lines: line_shares.collect(),
        })
    }
}

fn sum(mut amounts: impl Iterator<Item = i64>) -> Result<i64, SumError> {
    amounts.try_fold(0_i64, i64::checked_add).ok_or(SumError::TooLarge)
}
