//! What no sum can be made of.

/// A sum of money can't be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SumError {
    /// An amount or a weight is below zero.
    #[error("an amount is below zero")]
    Negative,
    /// A sum passes what 64 bits hold.
    #[error("a sum is too large")]
    TooLarge,
    /// Something is to be shared and no share weighs anything.
    #[error("nothing has a weight to share by")]
    NoWeight,
    /// A total is to be paid in no installment.
    #[error("a total is paid in one installment at least")]
    NoInstallment,
    /// An installment is smaller than the terms allow.
    #[error("an installment is smaller than allowed")]
    BelowMinimum,
    /// A cycle has no month, or a period lies before its first day.
    #[error("no period of the cycle is there")]
    NoPeriod,
    /// A day is not in the period that is divided by it.
    #[error("the day is not in the period")]
    OutsidePeriod,
    /// A period reaches beyond the year 9999.
    #[error("the calendar ends with the year 9999")]
    CalendarEnds,
}
