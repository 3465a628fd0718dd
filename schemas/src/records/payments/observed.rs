//! Charges as gateways were seen to have them.

use serde::{Deserialize, Serialize};

use super::PaymentMethod;
use crate::{
    ids::{AccountId, Micros},
    sealed::{GatewayText, LastFour, MaskedDocument, PersonName, Sealed},
};

/// Stages of a charge that has brought no money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum UnpaidStage {
    /// `PENDING`: it waits for the buyer.
    Pending,
    /// `CONFIRMING`: the gateway itself waits for an answer.
    Confirming,
    /// `AUTHORIZED`: the card's limit is reserved.
    Authorized,
    /// `FAILED`: the payment was refused.
    Failed,
    /// `CANCELLED`: it was cancelled, or its time ran out.
    Cancelled,
    /// A symbol of a later version.
    #[serde(other)]
    Unknown,
}

/// One thing that a gateway says is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// The kind, one word in small letters.
    pub kind: String,
    /// The field that it is about, as the gateway names it.
    #[serde(default)]
    pub parameter_name: Option<String>,
    /// The gateway's own sentence, sealed: it may repeat what a person typed.
    #[serde(default)]
    pub message: Option<Sealed<GatewayText>>,
}

/// A gateway's own ids; opaque.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoteIds {
    /// The charge, by which it is fetched, refunded and cancelled.
    pub charge: String,
    /// The order around it.
    #[serde(default)]
    pub order_id: Option<String>,
    /// The last try to move money for it.
    #[serde(default)]
    pub transaction: Option<String>,
    /// The buyer, as a customer of the account.
    #[serde(default)]
    pub customer: Option<String>,
    /// The subscription that it renews.
    #[serde(default)]
    pub subscription: Option<String>,
    /// The code that it was made with: the effect's id, where it is ours.
    #[serde(default)]
    pub code: Option<String>,
}

/// The stage of a charge without money, as the latest look found it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unpaid {
    /// The time at which that look began: of two the one that began later is believed.
    pub began: Micros,
    /// The stage.
    pub stage: UnpaidStage,
    /// The reasons that the gateway gives, as a rule for a failure.
    #[serde(default)]
    pub reasons: Vec<Reason>,
}

/// A boleto, as its gateway has made it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BoletoData {
    /// The line that people type.
    #[serde(default)]
    pub line: Option<String>,
    /// The 44 digits of the bars, computed from the line.
    #[serde(default)]
    pub digits44: Option<String>,
    /// The address of its page, sealed: the page shows who pays.
    #[serde(default)]
    pub url: Option<Sealed<GatewayText>>,
    /// The address of its PDF, sealed.
    #[serde(default)]
    pub pdf: Option<Sealed<GatewayText>>,
    /// The end of its due day.
    #[serde(default)]
    pub due: Option<Micros>,
    /// The time at which the look began that found the addresses: of two looks that tell as many the later one is kept.
    #[serde(default)]
    pub seen_at: Micros,
}

/// A Pix code, as its gateway has made it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PixData {
    /// The BR Code, which the buyer's bank reads.
    #[serde(default)]
    pub code: Option<String>,
    /// The time until which it can be paid.
    #[serde(default)]
    pub until: Option<Micros>,
    /// The end-to-end id of the payment.
    #[serde(default)]
    pub e2e: Option<String>,
}

/// The payer, as far as the gateway tells, each field sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payer {
    /// The last four digits of the card.
    #[serde(default)]
    pub last_four: Option<Sealed<LastFour>>,
    /// The name of who paid a Pix.
    #[serde(default)]
    pub name: Option<Sealed<PersonName>>,
    /// The document of who paid a Pix, masked by the gateway: a text to show, never a CPF.
    #[serde(default)]
    pub document: Option<Sealed<MaskedDocument>>,
    /// The time at which the look began that found it: of two looks that tell as much the later one is kept.
    #[serde(default)]
    pub seen_at: Micros,
}

/// A charge at a gateway: what one look found, or what all looks together have found. Sums are in centavos and never fall.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObservedCharge {
    /// The gateway's name.
    pub gateway: String,
    /// The account.
    pub account_id: AccountId,
    /// The gateway's own ids.
    pub remote: RemoteIds,
    /// The way in which it is paid; null where that is none of ours.
    #[serde(default)]
    pub method: Option<PaymentMethod>,
    /// The sum that was asked for.
    pub amount: i64,
    /// The largest sum that was seen paid.
    pub paid: i64,
    /// The largest sum that was seen cancelled of it.
    pub cancelled: i64,
    /// The sum that was given back with the buyer's bank data; the ledger of refunds knows it, no gateway tells it.
    pub by_bank_data: i64,
    /// The largest sum that banks were seen to take back.
    pub disputed: i64,
    /// The largest part of that which was seen to come back.
    pub dispute_won: i64,
    /// The stage that the latest look at it without money found.
    #[serde(default)]
    pub unpaid: Option<Unpaid>,
    /// Parcels that the card's bank divides it into.
    #[serde(default)]
    pub installments: Option<i32>,
    /// The card's brand, in small letters.
    #[serde(default)]
    pub brand: Option<String>,
    /// The boleto.
    #[serde(default)]
    pub boleto: Option<BoletoData>,
    /// The Pix code.
    #[serde(default)]
    pub pix: Option<PixData>,
    /// The payer.
    #[serde(default)]
    pub payer: Option<Payer>,
    /// The time at which the latest look began.
    pub observed_at: Micros,
}
