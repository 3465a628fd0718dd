//! Faults to order: what is to go wrong, or right, with the next calls.

use serde::{Deserialize, Serialize};

use super::{ledger::Ledger, refusal::Reason, rows::Row};

/// Faults that may be ordered at once. More would mean that a test forgot to take its own back.
pub const FAULTS: usize = 1_000;
/// The longest wait that may be ordered, in milliseconds: what is to last longer is a time-out.
pub const LONGEST: u64 = 600_000;
/// The most copies of a hook, as the vendor repeats one at most.
pub const COPIES: u32 = 31;

/// What a caller asks of the simulator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// Making a charge, alone or with its order, or trying one again.
    Charge,
    /// Taking the money of an authorized charge.
    Capture,
    /// Giving back what was paid.
    Refund,
    /// Cancelling what was not paid.
    Cancel,
    /// Any write of a subscription or an invoice. What is refused of it is its end: its payments are charges.
    Subscription,
    /// Any write of a plan.
    Plan,
    /// Reading one thing.
    Get,
    /// Reading a list.
    List,
    /// Making a card's token.
    Token,
    /// Sending a hook.
    Hook,
    /// Everything else.
    Other,
}

/// What is to happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "effect", rename_all = "snake_case", deny_unknown_fields)]
pub enum Effect {
    /// The payment is taken, whatever the card.
    Approve,
    /// The payment, the refund, or the end of a subscription is refused.
    Refuse {
        /// Why.
        reason: Reason,
    },
    /// The Pix or boleto is paid by itself.
    PayLater {
        /// How long after it was made, in milliseconds of the simulator's clock.
        millis: u64,
    },
    /// The answer is late.
    Slow {
        /// How late, in milliseconds.
        millis: u64,
    },
    /// Nothing is done and nothing answered.
    HangBefore,
    /// All is done and nothing answered.
    HangAfter,
    /// The connection ends before anything is done.
    DropBefore,
    /// The connection ends when all is done.
    DropAfter,
    /// 500, and nothing is done.
    ErrorBefore,
    /// 500, when all is done.
    ErrorAfter,
    /// 429, and nothing is done.
    TooMany {
        /// Seconds after which the caller may come again.
        retry_after: u32,
    },
    /// The hook is late.
    HookLate {
        /// How late, in milliseconds of the simulator's clock.
        millis: u64,
    },
    /// The hook comes several times.
    HookDouble {
        /// How many times in all.
        copies: u32,
    },
    /// The hook never comes.
    HookLost,
    /// Hooks wait for each other and come in another order.
    HookPermute {
        /// How many.
        of: u32,
    },
}

/// The kinds of effects: each call takes at most one of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Decides whether money moves.
    Outcome,
    /// Decides what the caller sees of it.
    Transport,
    /// Decides how a hook comes.
    Hook,
}

impl Effect {
    /// The kind of this effect.
    pub fn class(self) -> Class {
        match self {
            Self::Approve | Self::Refuse { .. } | Self::PayLater { .. } => Class::Outcome,
            Self::HookLate { .. } | Self::HookDouble { .. } | Self::HookLost | Self::HookPermute { .. } => Class::Hook,
            _ => Class::Transport,
        }
    }

    /// Whether its numbers are within what may be ordered.
    pub fn is_within_limits(self) -> bool {
        match self {
            Self::PayLater { millis } | Self::Slow { millis } | Self::HookLate { millis } => millis <= LONGEST,
            Self::HookDouble { copies } => (2..=COPIES).contains(&copies),
            Self::HookPermute { of } => (2..=COPIES).contains(&of),
            Self::TooMany { retry_after } => (1..=3_600).contains(&retry_after),
            _ => true,
        }
    }
}

/// Sums in centavos that order a fault for the one charge that asks for them, and what each does.
pub const MAGIC_AMOUNTS: [(i64, Effect, &str); 12] = [
    (9_000_001, Effect::Refuse { reason: Reason::NotAuthorized }, "refused"),
    (9_000_002, Effect::Slow { millis: 5_000 }, "answered after 5 s"),
    (9_000_003, Effect::HangAfter, "charged and never answered"),
    (9_000_004, Effect::DropAfter, "charged, and the connection ends unanswered"),
    (9_000_005, Effect::ErrorAfter, "charged and answered 500"),
    (9_000_006, Effect::ErrorBefore, "not charged and answered 500"),
    (9_000_007, Effect::PayLater { millis: 5_000 }, "a Pix or boleto that is paid by itself after 5 s"),
    (9_000_008, Effect::HookLate { millis: 10_000 }, "its first hook is 10 s late"),
    (9_000_009, Effect::HookDouble { copies: 2 }, "its first hook comes twice"),
    (9_000_010, Effect::HookLost, "its first hook never comes"),
    (9_000_011, Effect::HookPermute { of: 2 }, "its first two hooks come in the wrong order"),
    (9_000_012, Effect::TooMany { retry_after: 1 }, "not charged and answered 429"),
];

/// What a sum orders.
pub fn of_amount(amount: i64) -> Option<Effect> {
    MAGIC_AMOUNTS.iter().find(|(magic, ..)| *magic == amount).map(|(_, effect, _)| *effect)
}

/// An order for a fault.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Fault {
    /// `fault_…`.
    pub id: String,
    /// The account whose calls it is for; all, if none.
    pub account: Option<String>,
    /// The calls that it is for; all, if none.
    pub operation: Option<Operation>,
    /// What is to happen.
    pub effect: Effect,
    /// Calls that it is still for.
    pub times: u32,
}

impl Row for Fault {
    const TABLE: &'static str = "faults";
    fn id(&self) -> &str {
        &self.id
    }
}

/// Takes what a sum orders, if it is of that class, or else what was ordered first for such a call.
pub fn magic_or_ordered(
    ledger: &mut Ledger,
    magic: &mut Option<Effect>,
    account: &str,
    operation: Operation,
    class: Class,
) -> Option<Effect> {
    magic.take_if(|effect| effect.class() == class).or_else(|| take(ledger, account, operation, class))
}

/// Takes what was ordered first for such a call, and counts it.
pub fn take(ledger: &mut Ledger, account: &str, operation: Operation, class: Class) -> Option<Effect> {
    let fits = |fault: &&Fault| {
        fault.effect.class() == class
            && fault.account.as_deref().is_none_or(|only| only == account)
            && fault.operation.is_none_or(|only| only == operation)
    };
    let mut fault = ledger.list::<Fault>().into_iter().rfind(fits)?.clone();
    fault.times -= 1;
    let effect = fault.effect;
    if fault.times == 0 {
        ledger.remove::<Fault>(&fault.id)
    } else {
        ledger.put(fault)
    }
    Some(effect)
}
