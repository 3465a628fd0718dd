//! Charges: what was asked of a buyer and what became of it. The moves of a charge are the truth; its status is what the vendor shows.

use std::collections::BTreeMap;

use feira_schemas::time::Micros;
use serde::{Deserialize, Serialize};

use super::{card::Card, refusal::Reason, rows::Row};

/// A charge. Sums are in centavos, times in microseconds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Charge {
    /// `ch_…`.
    pub id: String,
    /// The account that charges.
    pub account: String,
    /// The order that it belongs to.
    pub order: Option<String>,
    /// The invoice that it belongs to.
    pub invoice: Option<String>,
    /// The merchant's code, which need not be unique.
    pub code: String,
    /// The merchant's own texts.
    pub metadata: BTreeMap<String, String>,
    /// The buyer.
    pub customer: String,
    /// The sum that was asked.
    pub amount: i64,
    /// How it is paid.
    pub method: Method,
    /// What the vendor shows.
    pub status: Status,
    /// The sum that was paid.
    pub paid: i64,
    /// The sum that was cancelled, before or after it was paid.
    pub canceled: i64,
    /// When it was made.
    pub created: Micros,
    /// When it last changed.
    pub updated: Micros,
    /// When it was paid.
    pub paid_at: Option<Micros>,
    /// When the whole of it was cancelled.
    pub canceled_at: Option<Micros>,
    /// The attempts, the last one last.
    pub transactions: Vec<Transaction>,
    /// The money that moved, in order.
    pub moves: Vec<Move>,
    /// Refunds that failed, and when the last one did.
    pub failed_refunds: (u32, Micros),
}

/// How a charge is paid.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// By a card.
    Card(CardPayment),
    /// By a Pix code.
    Pix(PixCode),
    /// By a boleto.
    Boleto(Slip),
}

impl Method {
    /// The vendor's word.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Card(_) => "credit_card",
            Self::Pix(_) => "pix",
            Self::Boleto(_) => "boleto",
        }
    }
}

/// How a card is charged.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CardPayment {
    /// The card.
    pub card: Card,
    /// Parcels that the buyer pays in.
    pub installments: u32,
    /// The text on the buyer's statement.
    pub descriptor: Option<String>,
    /// Whether authorizing takes the money, too.
    pub capture: bool,
}

/// A code that any bank pays.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PixCode {
    /// The BR Code.
    pub text: String,
    /// When it ends.
    pub until: Micros,
    /// What the payer's bank shows beside the sum.
    pub notes: Vec<(String, String)>,
}

/// A boleto.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Slip {
    /// The line that people type, in groups.
    pub line: String,
    /// The bank's own number of it.
    pub number: String,
    /// The merchant's number of it.
    pub document_number: Option<String>,
    /// What the teller is to do.
    pub instructions: Option<String>,
    /// The last day that it is paid on.
    pub due: Micros,
}

/// What the vendor shows of a charge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Waits for a payer, or for a capture.
    Pending,
    /// Paid in full.
    Paid,
    /// Paid with less.
    Underpaid,
    /// Paid with more.
    Overpaid,
    /// Refused.
    Failed,
    /// Cancelled, or given back in full.
    Canceled,
    /// Taken back by the buyer's bank, for good.
    Chargedback,
}

impl Status {
    /// The vendor's word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Paid => "paid",
            Self::Underpaid => "underpaid",
            Self::Overpaid => "overpaid",
            Self::Failed => "failed",
            Self::Canceled => "canceled",
            Self::Chargedback => "chargedback",
        }
    }

    /// Whether the buyer's money is there.
    pub fn is_paid(self) -> bool {
        matches!(self, Self::Paid | Self::Underpaid | Self::Overpaid)
    }
}

/// An attempt to be paid, or to give back.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Transaction {
    /// `tran_…`.
    pub id: String,
    /// When it was begun.
    pub at: Micros,
    /// When it last changed.
    pub updated: Micros,
    /// The sum.
    pub amount: i64,
    /// What came of it.
    pub outcome: Outcome,
    /// The payment system's mark of a Pix that was paid.
    pub end_to_end: Option<String>,
    /// The acquirer's numbers of it, 12 digits.
    pub number: String,
}

/// What came of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Waits for a payer.
    Waiting,
    /// A card's limit is held.
    Authorized,
    /// A card's money was taken.
    Captured,
    /// A Pix or a boleto was paid.
    Paid,
    /// Cancelled before it was paid.
    Voided,
    /// Given back, in part or in full.
    Refunded,
    /// Not taken.
    Refused(Reason),
    /// Taken back by the buyer's bank.
    Chargedback,
}

/// A move of money, or its promise.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Move {
    /// When it was made.
    pub at: Micros,
    /// What was done.
    pub what: Moved,
    /// The sum in centavos.
    pub amount: i64,
    /// The caller's own mark, such as an `operation_reference`.
    pub reference: Option<String>,
}

/// What a move did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Moved {
    /// A card's limit was held.
    Authorized,
    /// Money came in.
    Paid,
    /// The merchant said that it was paid elsewhere.
    Confirmed,
    /// It was cancelled before money came in.
    Voided,
    /// Money went back.
    GivenBack,
    /// It was called cancelled, and no money went back.
    RenamedOnly,
    /// The buyer's bank took it back.
    ChargedBack,
}

/// A buyer's payment, as an order of the admin API, the page or the clock.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Payment {
    /// The sum in centavos; that of the charge, if none is said. Another one is for boletos alone.
    pub amount: Option<i64>,
    /// Whether it is paid although its code is over or it was cancelled, as happens between banks.
    pub late: bool,
}

impl Charge {
    /// Whether a buyer can pay it at that moment; `late` is as in [`Payment`]. An error says why not.
    pub fn check_payable(&self, now: Micros, late: bool) -> Result<(), String> {
        match &self.method {
            Method::Card(_) => return Err("a card pays by itself".to_owned()),
            Method::Pix(code) if now > code.until && !late => return Err("the code is over".to_owned()),
            Method::Pix(_) | Method::Boleto(_) => {}
        }
        let unpaid = matches!(self.status, Status::Canceled | Status::Failed) && self.paid == 0;
        if self.is_open() || (late && unpaid) { Ok(()) } else { Err(format!("it is {}", self.status.name())) }
    }

    /// What is left of the paid sum.
    pub fn left(&self) -> i64 {
        self.paid - self.canceled
    }

    /// The sum of the moves of a kind.
    pub fn moved(&self, what: Moved) -> i64 {
        self.moves.iter().filter(|one| one.what == what).map(|one| one.amount).sum()
    }

    /// Whether a card's limit is held and not yet taken.
    pub fn is_authorized(&self) -> bool {
        self.status == Status::Pending && self.last().is_some_and(|last| last.outcome == Outcome::Authorized)
    }

    /// Takes a paid charge back for the buyer, for good, and says how much that is. An error says why it can't be.
    pub fn take_back(&mut self, now: Micros) -> Result<i64, String> {
        if !self.status.is_paid() {
            return Err(format!("it is {}", self.status.name()));
        }
        let left = self.left();
        self.status = Status::Chargedback;
        self.note(now, Moved::ChargedBack, left, None, Outcome::Chargedback);
        Ok(left)
    }

    /// Whether a person can pay it.
    pub fn is_open(&self) -> bool {
        self.status == Status::Pending && !matches!(self.method, Method::Card(_))
    }

    /// The last attempt.
    pub fn last(&self) -> Option<&Transaction> {
        self.transactions.last()
    }

    /// Notes a move and what the last attempt has become by it.
    pub fn note(&mut self, at: Micros, what: Moved, amount: i64, reference: Option<String>, outcome: Outcome) {
        self.moves.push(Move { at, what, amount, reference });
        self.updated = at;
        if let Some(last) = self.transactions.last_mut() {
            last.outcome = outcome;
            last.updated = at;
        }
    }
}

impl Row for Charge {
    const TABLE: &'static str = "charges";
    fn id(&self) -> &str {
        &self.id
    }
}
