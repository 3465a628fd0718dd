//! The ledger of what is done outside: what is wanted, who may attempt it, and what became of each attempt.

use serde::{Deserialize, Serialize};

use super::{KeptCard, ObservedCharge, ObservedSubscription, Reason};
use crate::{
    ids::{AccountId, ChargeId, EffectId, Micros},
    records::common::{CommandMeta, EventMeta},
};

/// Kinds of what is done outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum EffectKind {
    /// `CHARGE`: a charge is made.
    Charge,
    /// `REFUND`: a sum is given back.
    Refund,
    /// `CANCEL`: a charge that nobody has paid is cancelled.
    Cancel,
    /// `CHECK`: an account's key is tried.
    Check,
    /// `SUBSCRIPTION`: a subscription is made.
    Subscription,
    /// `END_SUBSCRIPTION`: a subscription is ended.
    EndSubscription,
    /// `SAVE_CARD`: a card is kept by the gateway.
    SaveCard,
    /// `PLAN`: a plan is made.
    Plan,
    /// A symbol of a later version.
    #[serde(other)]
    Unknown,
}

impl EffectKind {
    /// All that this version knows.
    pub const ALL: [Self; 8] = [
        Self::Charge,
        Self::Refund,
        Self::Cancel,
        Self::Check,
        Self::Subscription,
        Self::EndSubscription,
        Self::SaveCard,
        Self::Plan,
    ];

    /// The word of it in metrics.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Charge => "charge",
            Self::Refund => "refund",
            Self::Cancel => "cancel",
            Self::Check => "check",
            Self::Subscription => "subscription",
            Self::EndSubscription => "end_subscription",
            Self::SaveCard => "save_card",
            Self::Plan => "plan",
            Self::Unknown => "other",
        }
    }
}

/// State of an effect in the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum EffectState {
    /// `WANTED`: a grant may be asked for.
    Wanted,
    /// `GRANTED`: an attempt has a grant, and has not been reported.
    Granted,
    /// `QUESTION`: an attempt may have done it: the gateway is asked before another is granted.
    Question,
    /// `OPEN`: nothing is sent any more, and what became of it is not known: it is asked daily, and a person may settle it.
    Open,
    /// `CLOSED`: what became of it is known.
    Closed,
    /// A symbol of a later version.
    #[serde(other)]
    Unknown,
}

/// Outcomes of an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AttemptOutcome {
    /// `DONE`: the gateway did it and answered; a refused payment is done, too.
    Done,
    /// `REFUSED`: the gateway did nothing, and would do nothing if asked again like this.
    Refused,
    /// `NOT_SENT`: nothing was asked, for sure.
    NotSent,
    /// `QUESTION`: the gateway may have done it.
    Question,
    /// A symbol of a later version.
    #[serde(other)]
    Unknown,
}

/// The leave of a runner to make one attempt: good for 10 seconds of the runner's own steady clock, from when it asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// 1 for the first, then +1 each.
    pub attempt: i32,
    /// The process that has it, by an id of its own start.
    pub runner: String,
    /// The account that is asked; the first grant fixes it. Null where no account is.
    #[serde(default)]
    pub account_id: Option<AccountId>,
    /// The version of the account's key.
    pub account_version: i32,
    /// The time at which it was given, by the ledger's clock.
    pub granted_at: Micros,
}

/// The end of an attempt, as it was reported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttemptEnd {
    /// The attempt.
    pub attempt: i32,
    /// The outcome.
    pub outcome: AttemptOutcome,
    /// The reason, one word of the closed list; null where it is done.
    #[serde(default)]
    pub why: Option<String>,
    /// The time at which the report was decided.
    pub ended_at: Micros,
}

/// An attempt, as its charge or refund keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// 1 for the first, then +1 each.
    pub attempt: i32,
    /// The account that is asked.
    #[serde(default)]
    pub account_id: Option<AccountId>,
    /// The time at which it was granted.
    pub granted_at: Micros,
    /// The outcome; null until it is reported.
    #[serde(default)]
    pub outcome: Option<AttemptOutcome>,
    /// The reason, one word of the closed list.
    #[serde(default)]
    pub why: Option<String>,
    /// The time at which the report was decided.
    #[serde(default)]
    pub ended_at: Option<Micros>,
}

/// What a person has said of an effect of which nobody knew what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settled {
    /// The gateway's id of the charge that it has made; null: it has made none.
    #[serde(default)]
    pub remote_id: Option<String>,
    /// The person's words, up to 2,000 characters.
    pub note: String,
}

/// One thing that is to be done outside once: a line of the ledger, whose row is there until it is closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Effect {
    /// The key of idempotency at the gateway, and the code that it is found by. Of a charge, refund, plan, saved card or subscription that
    /// is made the same UUID.
    pub effect_id: EffectId,
    /// The kind of what is done.
    pub kind: EffectKind,
    /// The UUID of what it is done for: charge, refund, account, plan, saved card, subscription.
    pub entity: String,
    /// The charge that it is about; null where it is about none.
    #[serde(default)]
    pub charge_id: Option<ChargeId>,
    /// The state.
    pub state: EffectState,
    /// The account; fixed by the first grant, or from the beginning.
    #[serde(default)]
    pub account_id: Option<AccountId>,
    /// The time after which nothing is sent for it; null: 20 hours after its first grant.
    #[serde(default)]
    pub not_after: Option<Micros>,
    /// The time at which it was decided that it is wanted.
    pub wanted_at: Micros,
    /// The time at which the first grant was given.
    #[serde(default)]
    pub first_granted_at: Option<Micros>,
    /// The number of grants so far.
    pub attempts: i32,
    /// The grant of an attempt that was not reported.
    #[serde(default)]
    pub granted: Option<Grant>,
    /// The end of the last attempt that was reported.
    #[serde(default)]
    pub last: Option<AttemptEnd>,
    /// What a person has said became of it; null where nobody has.
    #[serde(default)]
    pub settled: Option<Settled>,
}

/// A runner asks for the leave to make one attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskGrant {
    /// Id, shop, asker and time of the command.
    pub meta: CommandMeta,
    /// The effect.
    pub effect_id: EffectId,
    /// The process that asks, by an id of its own start.
    pub runner: String,
    /// True if the gateway was asked since the last attempt ended, 60 seconds after it at least, and knows nothing of it; of an ending,
    /// that the subscription goes on.
    #[serde(default)]
    pub knows_nothing: bool,
    /// The cancelled sum that the gateway was just seen to have of the charge, in centavos; refunds need it, cancelling may have it.
    #[serde(default)]
    pub seen_refunded: Option<i64>,
}

/// A runner says what became of an attempt, by its answer or by a look that found out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportAttempt {
    /// Id, shop, asker and time of the command.
    pub meta: CommandMeta,
    /// The effect.
    pub effect_id: EffectId,
    /// The kind of what is done: a report may come after the effect is closed.
    pub kind: EffectKind,
    /// The UUID of what it is done for.
    pub entity: String,
    /// The charge that it is about.
    #[serde(default)]
    pub charge_id: Option<ChargeId>,
    /// The attempt.
    pub attempt: i32,
    /// The outcome.
    pub outcome: AttemptOutcome,
    /// The reason, one word of the closed list; null where it is done.
    #[serde(default)]
    pub why: Option<String>,
    /// The problems that the gateway names.
    #[serde(default)]
    pub reasons: Vec<Reason>,
    /// The charge as the answer or the look shows it; of a subscription its latest one.
    #[serde(default)]
    pub observed: Option<ObservedCharge>,
    /// The gateway's id of the account; of checks alone.
    #[serde(default)]
    pub remote_account: Option<String>,
    /// The gateway's id of the plan that was made.
    #[serde(default)]
    pub plan: Option<String>,
    /// The card that the gateway keeps.
    #[serde(default)]
    pub saved_card: Option<KeptCard>,
    /// The subscription as the answer or a look shows it; of an ending as a look shows it, never as its answer does.
    #[serde(default)]
    pub subscription: Option<ObservedSubscription>,
}

/// Something is to be done outside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EffectWanted {
    /// Id, shop, cause and time of the event.
    pub meta: EventMeta,
    /// The effect after this event.
    pub effect: Effect,
}

/// A runner may make one attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EffectGranted {
    /// Id, shop, cause and time of the event.
    pub meta: EventMeta,
    /// The effect after this event.
    pub effect: Effect,
}

/// An attempt was reported, or what became of one was found out; or the effect is closed without one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EffectReported {
    /// Id, shop, cause and time of the event.
    pub meta: EventMeta,
    /// The effect after this event.
    pub effect: Effect,
}
