//! Refunds: sums of a charge that are given back.

use serde::{Deserialize, Serialize};

use super::{Attempt, Reason};
use crate::{
    ids::{ChargeId, Micros, RefundId},
    money::Money,
    records::common::{CommandMeta, EventMeta},
    sealed::{BankAccount, Sealed},
};

/// State of a refund.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RefundStatus {
    /// `WANTED`: the gateway was not asked yet.
    Wanted,
    /// `SENT`: the gateway was asked, and has not shown it yet.
    Sent,
    /// `DONE`: the gateway shows the sum as given back.
    Done,
    /// `FAILED`: the gateway refused it: nothing was given back by it.
    Failed,
    /// `QUESTION`: what became of it is not known: a person decides.
    Question,
    /// `BY_HAND`: the merchant gave it back without the gateway, and said so.
    ByHand,
    /// A symbol of a later version.
    #[serde(other)]
    Unknown,
}

/// A sum of a charge that is to be given back. Wanted, sent and done sums of a charge together never exceed what was paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    /// The refund; the effect that makes it has the same UUID.
    pub refund_id: RefundId,
    /// The charge.
    pub charge_id: ChargeId,
    /// The caller's own id of it.
    #[serde(default)]
    pub reference: Option<String>,
    /// The sum.
    pub amount: Money,
    /// The buyer's bank account, sealed; of boletos alone.
    #[serde(default)]
    pub bank_account: Option<Sealed<BankAccount>>,
    /// The state.
    pub status: RefundStatus,
    /// The reason for which it failed or is in question, one word of the closed list.
    #[serde(default)]
    pub why: Option<String>,
    /// The problems that the gateway names.
    #[serde(default)]
    pub reasons: Vec<Reason>,
    /// The merchant's words on a refund by hand.
    #[serde(default)]
    pub note: Option<String>,
    /// The sum that the gateway had given back of the charge when the last attempt was granted, in centavos.
    #[serde(default)]
    pub refunded_before: Option<i64>,
    /// The last 20 attempts to make it, oldest first.
    #[serde(default)]
    pub attempts: Vec<Attempt>,
    /// The time at which it was asked for.
    pub created_at: Micros,
    /// The time at which it was changed last.
    pub updated_at: Micros,
    /// True if it is of a simulated charge: no money goes back.
    #[serde(default)]
    pub simulated: bool,
}

/// Give back a sum of a charge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestRefund {
    /// Id, shop, asker and time of the command.
    pub meta: CommandMeta,
    /// The refund; asking twice is asking once.
    pub refund_id: RefundId,
    /// The charge.
    pub charge_id: ChargeId,
    /// The caller's own id of it.
    #[serde(default)]
    pub reference: Option<String>,
    /// The sum; null: all that can still be given back.
    #[serde(default)]
    pub amount: Option<Money>,
    /// The buyer's bank account, sealed, where the gateway needs one.
    #[serde(default)]
    pub bank_account: Option<Sealed<BankAccount>>,
}

/// A refund that the gateway does not make was made by hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettleRefund {
    /// Id, shop, asker and time of the command.
    pub meta: CommandMeta,
    /// The refund.
    pub refund_id: RefundId,
    /// The charge.
    pub charge_id: ChargeId,
    /// The way in which, in the merchant's words, up to 2,000 characters.
    pub note: String,
}

/// A refund is now this.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundChanged {
    /// Id, shop, cause and time of the event.
    pub meta: EventMeta,
    /// The refund after this event.
    pub refund: Refund,
}
