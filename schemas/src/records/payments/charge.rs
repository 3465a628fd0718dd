//! Charges.

use serde::{Deserialize, Serialize};

use super::{Attempt, ChargeRequest, LentAccount, ObservedCharge, Reason};
use crate::{
    ids::{AccountId, ChargeId, Micros},
    records::common::{CommandMeta, EventMeta},
};

/// Askers of charges.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ChargePurpose {
    /// `API`: another system, by the payments API.
    Api,
    /// `ORDER`: an order of the shop.
    Order,
    /// `SUBSCRIPTION`: a subscription's period.
    Subscription,
    /// A symbol of a later version.
    #[serde(other)]
    Unknown,
}

/// State of a charge: what its sums say, and where there is no money, how far it has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ChargeStatus {
    /// `PROCESSING`: the gateway was not asked yet, or what became of it is not known.
    Processing,
    /// `PENDING`: the buyer has not paid yet.
    Pending,
    /// `CONFIRMING`: the gateway does not know yet.
    Confirming,
    /// `AUTHORIZED`: the card's limit is reserved; no money has moved.
    Authorized,
    /// `PAID`: paid in full, or more than that.
    Paid,
    /// `UNDERPAID`: less was paid than was asked for.
    Underpaid,
    /// `PARTLY_REFUNDED`: a part of what was paid was given back.
    PartlyRefunded,
    /// `REFUNDED`: all that was paid was given back.
    Refunded,
    /// `FAILED`: the payment was refused.
    Failed,
    /// `EXPIRED`: its time or that of the card's token had run out before the gateway was asked: nobody declined, and nothing was charged.
    Expired,
    /// `CANCELLED`: it was cancelled, or its code ran out, before anything was paid.
    Cancelled,
    /// `CHARGED_BACK`: the buyer's bank took the money back.
    ChargedBack,
    /// A symbol of a later version.
    #[serde(other)]
    Unknown,
}

/// A charge: what was asked for, what was attempted, and what the gateway was seen to have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Charge {
    /// The charge; the effect that makes it has the same UUID.
    pub charge_id: ChargeId,
    /// The asker.
    pub purpose: ChargePurpose,
    /// The UUID of the order or subscription that it pays; null for the payments API.
    #[serde(default)]
    pub order_id: Option<String>,
    /// The request.
    pub request: ChargeRequest,
    /// The state.
    pub status: ChargeStatus,
    /// The account that it went to; null until the first grant.
    #[serde(default)]
    pub account_id: Option<AccountId>,
    /// The charge at the gateway, as all looks together have found it; null until it has answered.
    #[serde(default)]
    pub observed: Option<ObservedCharge>,
    /// The reasons for which the gateway refused to make it; none where it made it.
    #[serde(default)]
    pub reasons: Vec<Reason>,
    /// The last 20 attempts to make it, oldest first; the ledger's events have them all.
    #[serde(default)]
    pub attempts: Vec<Attempt>,
    /// True if it shall be cancelled at the gateway if nobody has paid it.
    pub cancel_wanted: bool,
    /// The time at which it was asked for.
    pub created_at: Micros,
    /// The time at which it was changed last.
    pub updated_at: Micros,
    /// True if it went, or is to go, to an account at a simulator: no money moves.
    #[serde(default)]
    pub simulated: bool,
    /// The account of another tenant that it goes to, which is the request's account; null: an account of its own tenant.
    #[serde(default)]
    pub lent: Option<LentAccount>,
}

/// Make a charge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestCharge {
    /// Id, shop, asker and time of the command.
    pub meta: CommandMeta,
    /// The charge; asking twice is asking once.
    pub charge_id: ChargeId,
    /// The asker.
    pub purpose: ChargePurpose,
    /// The UUID of the order or subscription that it pays.
    #[serde(default)]
    pub order_id: Option<String>,
    /// The request.
    pub request: ChargeRequest,
    /// The time after which nothing is sent for it; null: 20 hours after its first grant.
    #[serde(default)]
    pub not_after: Option<Micros>,
    /// The account of another tenant that it goes to, which is the request's account; null: an account of its own tenant.
    #[serde(default)]
    pub lent: Option<LentAccount>,
}

/// Cancel a charge at the gateway if nobody has paid it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CancelCharge {
    /// Id, shop, asker and time of the command.
    pub meta: CommandMeta,
    /// The charge.
    pub charge_id: ChargeId,
}

/// A look at a charge has found this.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObserveCharge {
    /// Id, shop, asker and time of the command.
    pub meta: CommandMeta,
    /// The charge.
    pub charge_id: ChargeId,
    /// The charge at the gateway, as the look found it.
    pub observed: ObservedCharge,
}

/// A person knows what became of a charge of which the gateway has shown nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettleCharge {
    /// Id, shop, asker and time of the command.
    pub meta: CommandMeta,
    /// The charge.
    pub charge_id: ChargeId,
    /// The gateway's id of the charge, which is looked at; null: the gateway has made none.
    #[serde(default)]
    pub remote_id: Option<String>,
    /// How that is known, in words, up to 2,000 characters.
    pub note: String,
}

/// A charge is now this.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChargeChanged {
    /// Id, shop, cause and time of the event.
    pub meta: EventMeta,
    /// The charge after this event.
    pub charge: Charge,
}
