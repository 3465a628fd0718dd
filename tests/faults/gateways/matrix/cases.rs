//! What is asked of a gateway, what goes wrong meanwhile, and how that is to end: data alone.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::common::gateway::{Remote, Simulator, VENDORS};

/// The things that are asked of a gateway. The sums are those of `shop.rs`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Act {
    Pix,
    Card,
    Boleto,
    RefundInPart,
    RefundInFull,
    /// Both parts of a charge are asked back at once.
    TwoRefunds,
    CancelPix,
    CancelBoleto,
    /// A card that the gateway keeps subscribes to a plan.
    Subscribe,
    /// A card's token does.
    SubscribeByToken,
    EndSubscription,
}

impl Act {
    pub const ALL: [Self; 11] = [
        Self::Pix,
        Self::Card,
        Self::Boleto,
        Self::RefundInPart,
        Self::RefundInFull,
        Self::TwoRefunds,
        Self::CancelPix,
        Self::CancelBoleto,
        Self::Subscribe,
        Self::SubscribeByToken,
        Self::EndSubscription,
    ];

    /// The simulator's word for it.
    pub fn operation(self) -> &'static str {
        match self {
            Self::Pix | Self::Card | Self::Boleto => "charge",
            Self::RefundInPart | Self::RefundInFull | Self::TwoRefunds => "refund",
            Self::CancelPix | Self::CancelBoleto => "cancel",
            Self::Subscribe | Self::SubscribeByToken | Self::EndSubscription => "subscription",
        }
    }

    /// True if it is about a subscription.
    pub fn is_of_subscription(self) -> bool {
        self.operation() == "subscription"
    }

    /// The sums that are asked back.
    pub fn sums(self) -> &'static [i64] {
        match self {
            Self::RefundInPart => &[4_000],
            Self::RefundInFull => &[15_000],
            Self::TwoRefunds => &[4_000, 11_000],
            _ => &[],
        }
    }
}

/// What a first attempt meets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Meets {
    /// The gateway does it, whether it says so or not.
    Done,
    /// The process ends, and another goes on: with what the gateway may have done, or with another attempt.
    Cut,
    /// The gateway does nothing, and nobody knows.
    Lost,
    /// Likewise, and a gateway that keeps its failures says so again for a day.
    Failure,
    /// The gateway does nothing, and says that it may be asked again.
    Later,
    /// The gateway refuses it.
    Refused,
}

/// How that is to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum End {
    /// It is done, once.
    Done,
    /// It is not done, and ours says so.
    Failed,
    /// It is not done: the card's token has run out meanwhile.
    RunOut,
    /// It is not done, and a person has to say so.
    InQuestion,
    /// Of two, one is done and the other is not.
    Half,
}

/// A cell of the matrix: a shop of its own, with an account of its own.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Case {
    pub number: u128,
    pub act: Act,
    pub remote: Remote,
    /// The fault that the first call of the act meets at the gateway.
    pub fault: Option<Value>,
    pub meets: Meets,
}

impl Case {
    /// The simulator's word for the calls that the fault is ordered for. Of a subscription's making its first payment is refused.
    pub fn operation(&self) -> &'static str {
        match (self.act, self.meets) {
            (Act::Subscribe | Act::SubscribeByToken, Meets::Refused) => Act::Card.operation(),
            _ => self.act.operation(),
        }
    }

    pub fn end(&self) -> End {
        let keeps_failures = self.remote.vendor == "stripe";
        match (self.act, self.meets) {
            (_, Meets::Done | Meets::Cut | Meets::Later) => End::Done,
            (Act::TwoRefunds, Meets::Refused) => End::Half,
            (_, Meets::Refused) => End::Failed,
            // A token serves once, so what may have used it is not repeated.
            (Act::Card | Act::SubscribeByToken, Meets::Lost | Meets::Failure) => End::RunOut,
            // A look shows that it goes on, and ending it twice is ending it once. No gateway keeps a key for a DELETE.
            (Act::EndSubscription, Meets::Lost | Meets::Failure) => End::Done,
            (Act::RefundInPart | Act::RefundInFull, Meets::Failure) if keeps_failures => End::InQuestion,
            // The same key would be answered by the same failure: nobody is asked again.
            (_, Meets::Failure) if keeps_failures => End::Failed,
            // Asked again once the gateway shows nothing of it. Of a subscription pagar.me keeps no key: its list by our code tells alone.
            (_, Meets::Lost | Meets::Failure) => End::Done,
        }
    }
}

impl Case {
    /// True if it may end so. Whether a card's token has run out before another process goes on is a matter of how fast that is.
    pub fn may_end(&self, end: Option<End>) -> bool {
        end == Some(self.end()) || (self.act, self.meets, end) == (Act::Card, Meets::Cut, Some(End::RunOut))
    }
}

/// Each fault of a gateway, and what it means.
pub fn faults() -> [(Value, Meets); 9] {
    [
        (json!({"effect": "slow", "millis": 3_000}), Meets::Done),
        (json!({"effect": "hang_after"}), Meets::Done),
        (json!({"effect": "hang_before"}), Meets::Lost),
        (json!({"effect": "drop_after"}), Meets::Done),
        (json!({"effect": "drop_before"}), Meets::Lost),
        (json!({"effect": "error_after"}), Meets::Done),
        (json!({"effect": "error_before"}), Meets::Failure),
        (json!({"effect": "too_many", "retry_after": 3}), Meets::Later),
        (json!({"effect": "refuse", "reason": "not_authorized"}), Meets::Refused),
    ]
}

/// Each failpoint at which a process ends, and what that means for the attempt that is under way.
pub const PLACES: [(&str, Meets); 6] = [
    ("gateways::before_grant", Meets::Cut),
    // Nothing was sent, which nobody knows any more.
    ("gateways::granted", Meets::Lost),
    ("gateways::called", Meets::Cut),
    ("gateways::before_report", Meets::Cut),
    ("gateways::reported", Meets::Cut),
    ("payments::after_commit", Meets::Cut),
];

/// The acts, each at each gateway.
pub async fn cases(simulator: &Simulator, acts: &[Act], fault: Option<&Value>, meets: Meets) -> Vec<Case> {
    let mut cases = Vec::new();
    for vendor in VENDORS {
        for act in acts.iter().copied() {
            // Of one that a person has to settle the other waits, so that there is no end.
            if act == Act::TwoRefunds && meets == Meets::Failure && vendor == "stripe" {
                continue;
            }
            let (number, remote) = (cases.len() as u128, simulator.account(vendor).await);
            cases.push(Case { number, act, remote, fault: fault.cloned(), meets });
        }
    }
    cases
}
