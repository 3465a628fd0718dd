//! A subscription as a gateway has it.

use super::Observed;
use crate::time::Micros;

/// The states of a subscription at a gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Recurrence {
    /// It has not begun: its first day is to come, or its first payment.
    Future,
    /// It renews itself.
    Active,
    /// It goes on, and its last renewal was not paid.
    Unpaid,
    /// It is ended for good.
    Ended,
    /// A state that is not known here: look again.
    Other,
}

/// The dates of the period that a subscription is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SubscriptionPeriod {
    /// Its first moment.
    pub begins: Micros,
    /// The moment after its last one.
    pub ends: Micros,
}

/// A subscription as one look found it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// The gateway's id.
    pub id: String,
    /// The code that it was made with: the id of the effect, where it is of ours.
    pub code: Option<String>,
    /// The gateway's id of its customer.
    pub customer: Option<String>,
    /// The gateway's id of its plan or price.
    pub plan: Option<String>,
    /// Its state.
    pub recurrence: Recurrence,
    /// The period that it is in.
    pub period: Option<SubscriptionPeriod>,
    /// The time of its next charge.
    pub next_billing: Option<Micros>,
    /// Its latest charge, where the answer tells it.
    pub charge: Option<Box<Observed>>,
    /// The time at which the look began.
    pub observed_at: Micros,
}
