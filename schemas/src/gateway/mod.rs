//! The normal form of what gateways answer: charges, subscriptions and the outcome of a call, without any vendor's words.
//!
//! What people typed about themselves (payer, last four digits) stands in [`Payer`] alone, which nothing serialises: whoever keeps
//! it seals it first.

mod charge;
mod merge;
mod outcome;
mod subscription;

pub use self::{
    charge::{Boleto, Centavos, Charge, Method, Observed, Payer, Pix, RemoteIds, Stage, Status, Unpaid},
    merge::AnotherCharge,
    outcome::{NotSent, Outcome, Problem, Refusal, RefusedFor, Unknown},
    subscription::{Recurrence, Subscription, SubscriptionPeriod},
};
