//! A charge as one look at a gateway found it, or as all looks together have it.

use std::cmp::Ordering;

use super::Problem;
use crate::{
    ids::TenantId,
    sealed::{LastFour, PersonName},
    secret::Secret,
    time::Micros,
};

/// A sum of money in centavos of real.
pub type Centavos = i64;

/// The ways in which a charge is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Method {
    /// A credit card.
    Card,
    /// A boleto.
    Boleto,
    /// A Pix code.
    Pix,
}

/// The states of a charge, as [`Charge::status`] tells them from its sums.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Status {
    /// The buyer has not paid yet.
    Pending,
    /// The gateway does not know yet.
    Confirming,
    /// The card's limit is reserved; no money has moved.
    Authorized,
    /// Paid in full, or more than that.
    Paid,
    /// Less was paid than was asked for.
    Underpaid,
    /// A part of what was paid was given back.
    PartlyRefunded,
    /// All that was paid was given back.
    Refunded,
    /// The payment was refused.
    Failed,
    /// The charge was cancelled, or its time ran out, before anything was paid.
    Cancelled,
    /// The buyer's bank took the money back.
    ChargedBack,
}

/// The stages of a charge that has brought no money: what one look says, and the next may say otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Stage {
    /// It waits for the buyer.
    Pending,
    /// The gateway itself waits for an answer.
    Confirming,
    /// The card's limit is reserved.
    Authorized,
    /// The payment was refused.
    Failed,
    /// It was cancelled, or its time ran out.
    Cancelled,
}

/// The stage of a charge without money, and when the look that found it began.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unpaid {
    /// The time at which the fetch began: of two looks the one that began later is believed.
    pub began: Micros,
    /// The stage that it found.
    pub stage: Stage,
    /// The reasons that the gateway gives, as a rule for a failure.
    pub reasons: Vec<Problem>,
}

/// A gateway's own ids of a charge and of what it belongs to; opaque.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RemoteIds {
    /// The charge, by which it is fetched, refunded and cancelled.
    pub charge: String,
    /// The order around it, where the gateway has such a thing.
    pub order: Option<String>,
    /// The last try to move money for it.
    pub transaction: Option<String>,
    /// The buyer, as a customer of the gateway's account.
    pub customer: Option<String>,
    /// The subscription that it renews.
    pub subscription: Option<String>,
    /// The code that it was made with: the id of the effect, where it is of ours.
    pub code: Option<String>,
}

/// The boleto of a charge.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Boleto {
    /// The line that people type, as the gateway writes it.
    pub line: Option<String>,
    /// The 44 digits of the bars, computed from the line.
    pub digits44: Option<String>,
    /// The address of its page.
    pub url: Option<String>,
    /// The address of its PDF.
    pub pdf: Option<String>,
    /// The end of its due day.
    pub due: Option<Micros>,
}

/// The Pix code of a charge.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pix {
    /// The BR Code, which the buyer's bank reads.
    pub code: Option<String>,
    /// The time until which it can be paid.
    pub until: Option<Micros>,
    /// The end-to-end id of the payment, which both banks know it by.
    pub e2e: Option<String>,
}

/// A charge at a gateway: what one look found ([`Observed`]), or what all looks together have found ([`Charge::merged`]).
///
/// Sums never fall when looks are merged; [`Charge::status`] follows from them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Charge {
    /// The gateway's name.
    pub gateway: String,
    /// The id of the account at the gateway, as this program names it.
    pub account: String,
    /// The gateway's own ids.
    pub remote: RemoteIds,
    /// The way in which it is paid; `None` for one that is known here by no name.
    pub method: Option<Method>,
    /// The sum that was asked for.
    pub amount: Centavos,
    /// The largest sum that was seen paid; more than `amount` where the buyer paid too much.
    pub paid: Centavos,
    /// The largest sum that was seen cancelled of what was paid. Whether it is money given back, [`Charge::refunded`] says.
    pub cancelled: Centavos,
    /// The sum of the refunds that were made with the buyer's bank data. No gateway tells it: who keeps the ledger of refunds sets it.
    pub by_bank_data: Centavos,
    /// The largest sum that buyers' banks were seen to take back.
    pub disputed: Centavos,
    /// The largest part of `disputed` that was seen to come back, since the dispute was won.
    pub dispute_won: Centavos,
    /// The stage that the latest look at the charge without money found.
    pub unpaid: Option<Unpaid>,
    /// The number of parcels that the card's bank divides it into.
    pub installments: Option<u8>,
    /// The card's brand, in small letters.
    pub brand: Option<String>,
    /// The boleto, of the method of that name.
    pub boleto: Boleto,
    /// The Pix code, of the method of that name.
    pub pix: Pix,
    /// The time at which the latest look began.
    pub observed_at: Micros,
}

impl Charge {
    /// A charge of which nothing is known but whose it is, what it asks for and when it was looked at.
    pub fn new(gateway: &str, account: &str, remote: RemoteIds, amount: Centavos, observed_at: Micros) -> Self {
        Self {
            gateway: gateway.to_owned(),
            account: account.to_owned(),
            remote,
            method: None,
            amount,
            paid: 0,
            cancelled: 0,
            by_bank_data: 0,
            disputed: 0,
            dispute_won: 0,
            unpaid: None,
            installments: None,
            brand: None,
            boleto: Boleto::default(),
            pix: Pix::default(),
            observed_at,
        }
    }

    /// The charge with the sum of all refunds that were made with the buyer's bank data.
    #[must_use]
    pub fn with_bank_refunds(self, sum: Centavos) -> Self {
        Self { by_bank_data: sum, ..self }
    }

    /// The sum that was given back. A boleto that is cancelled after it was paid is only renamed by its gateway, so of it counts
    /// no more than what was given back to a bank account.
    pub fn refunded(&self) -> Centavos {
        match self.method {
            Some(Method::Boleto) => self.cancelled.min(self.by_bank_data),
            _ => self.cancelled,
        }
    }

    /// The sum that buyers' banks hold back now.
    pub fn charged_back(&self) -> Centavos {
        self.disputed.saturating_sub(self.dispute_won).max(0)
    }

    /// The state that the sums tell; where there is no money, the stage that the latest look found.
    pub fn status(&self) -> Status {
        if self.charged_back() > 0 {
            return Status::ChargedBack;
        }
        if self.paid <= 0 {
            return match self.unpaid.as_ref().map_or(Stage::Pending, |unpaid| unpaid.stage) {
                Stage::Pending => Status::Pending,
                Stage::Confirming => Status::Confirming,
                Stage::Authorized => Status::Authorized,
                Stage::Failed => Status::Failed,
                Stage::Cancelled => Status::Cancelled,
            };
        }
        match (self.refunded().cmp(&self.paid), self.refunded() > 0, self.paid < self.amount) {
            (Ordering::Equal | Ordering::Greater, ..) => Status::Refunded,
            (Ordering::Less, true, _) => Status::PartlyRefunded,
            (Ordering::Less, false, true) => Status::Underpaid,
            (Ordering::Less, false, false) => Status::Paid,
        }
    }

    /// The reasons of the latest look at a charge without money; none once there is money.
    pub fn reasons(&self) -> &[Problem] {
        match &self.unpaid {
            Some(unpaid) if self.paid <= 0 => &unpaid.reasons,
            _ => &[],
        }
    }
}

/// The person who pays, as far as a gateway tells. Nothing serialises it, and its `Debug` shows nothing of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Payer {
    /// The last four digits of the card.
    pub last_four: Option<LastFour>,
    /// The name of who paid a Pix.
    pub name: Option<PersonName>,
    /// The document of who paid a Pix, masked by the gateway (`***123456**`): a text to show, never a CPF.
    pub document: Option<Secret>,
}

/// A charge as one look found it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observed {
    /// The charge.
    pub charge: Charge,
    /// The person who pays it.
    pub payer: Payer,
    /// True where the gateway said something that is not known here: look again before anything is concluded from silence.
    pub look_again: bool,
    /// The tenant that it was made for, as its metadata say; none where they don't.
    pub tenant: Option<TenantId>,
}
