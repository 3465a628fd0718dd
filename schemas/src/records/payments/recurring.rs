//! Saved cards and subscriptions as gateways have them.

use serde::{Deserialize, Serialize};

use crate::{
    ids::{AccountId, Micros},
    sealed::{LastFour, Sealed},
};

/// A card as a gateway keeps it; its ids are opaque.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptCard {
    /// The gateway's id of the customer whose card it is.
    pub customer: String,
    /// The gateway's id of the card.
    pub card: String,
    /// The brand, in small letters.
    #[serde(default)]
    pub brand: Option<String>,
    /// The last four digits, sealed.
    #[serde(default)]
    pub last_four: Option<Sealed<LastFour>>,
}

/// States of a subscription at a gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Recurrence {
    /// `FUTURE`: it has not begun.
    Future,
    /// `ACTIVE`: it renews itself.
    Active,
    /// `UNPAID`: it goes on, and its last renewal was not paid.
    Unpaid,
    /// `ENDED`: it is ended for good.
    Ended,
    /// `OTHER`: a state that is not known here: nothing is concluded from it.
    Other,
    /// A symbol of a later version.
    #[serde(other)]
    Unknown,
}

/// A subscription at a gateway: what one look found, or what all looks together have found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObservedSubscription {
    /// The gateway's name.
    pub gateway: String,
    /// The account.
    pub account_id: AccountId,
    /// The gateway's id.
    pub remote_id: String,
    /// The code that it was made with: the effect's id, where it is ours.
    #[serde(default)]
    pub code: Option<String>,
    /// The gateway's id of its customer.
    #[serde(default)]
    pub customer: Option<String>,
    /// The gateway's id of its plan or price.
    #[serde(default)]
    pub plan: Option<String>,
    /// Its state: ENDED stays, of others the later look's.
    pub recurrence: Recurrence,
    /// The time at which the look began that found the state.
    pub recurrence_at: Micros,
    /// The first moment of the period that it is in; it never goes back.
    #[serde(default)]
    pub period_begins: Option<Micros>,
    /// The moment after that period's last one.
    #[serde(default)]
    pub period_ends: Option<Micros>,
    /// The time of its next charge, as the latest look found it.
    #[serde(default)]
    pub next_billing: Option<Micros>,
    /// The gateway's id of its latest charge.
    #[serde(default)]
    pub charge: Option<String>,
    /// The time at which the look began that found that charge; 0 if none did.
    #[serde(default)]
    pub charge_seen_at: Micros,
    /// The time at which the latest look began.
    pub observed_at: Micros,
}
