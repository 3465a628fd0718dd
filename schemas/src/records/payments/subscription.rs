//! Subscriptions: charges that a gateway makes by itself, one for each period of a plan.

use serde::{Deserialize, Serialize};

use super::{Attempt, Buyer, KeptCard, LentAccount, LentPlan, ObservedCharge, ObservedSubscription, Reason};
use crate::{
    ids::{AccountId, CardId, ChargeId, EffectId, Micros, PlanId, SubscriptionId},
    records::common::{CommandMeta, EventMeta},
    sealed::{CardToken, Sealed},
};

/// State of a subscription: what the gateway was seen to say of it, and before that, how far it has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SubscriptionStatus {
    /// `PROCESSING`: the gateway was not asked yet, or what became of it is not known.
    Processing,
    /// `CONFIRMING`: the gateway has it, in a state that is not known here.
    Confirming,
    /// `FUTURE`: it has not begun: its first day is to come, or its first payment.
    Future,
    /// `ACTIVE`: it renews itself.
    Active,
    /// `UNPAID`: it goes on, and its last renewal was not paid.
    Unpaid,
    /// `ENDED`: it is ended for good.
    Ended,
    /// `FAILED`: the gateway refused to make it, or its plan was not made.
    Failed,
    /// `EXPIRED`: its time or that of the card's token had run out before the gateway was asked: nobody declined.
    Expired,
    /// `CANCELLED`: nobody wanted it any more before the gateway had it.
    Cancelled,
    /// A symbol of a later version.
    #[serde(other)]
    Unknown,
}

/// The card that a subscription is paid by: a token, or a card that the gateway keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubscriptionCard {
    /// The token that the browser got for the card, sealed; null for a card that is kept.
    #[serde(default)]
    pub card_token: Option<Sealed<CardToken>>,
    /// The time at which the token runs out; null for a card that is kept.
    #[serde(default)]
    pub token_until: Option<Micros>,
    /// The card that is kept; null for a token.
    #[serde(default)]
    pub card_id: Option<CardId>,
}

/// The request for a subscription. It never changes: what is sent to the gateway is made of it, its plan and its card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubscriptionRequest {
    /// The caller's own id of it.
    #[serde(default)]
    pub reference: Option<String>,
    /// The plan.
    pub plan_id: PlanId,
    /// The account whose public key made the token, which has to be the plan's; null for a card that is kept.
    #[serde(default)]
    pub account_id: Option<AccountId>,
    /// The subscriber.
    pub subscriber: Buyer,
    /// The card.
    pub card: SubscriptionCard,
    /// The time of the first charge; null: at once.
    #[serde(default)]
    pub starts: Option<Micros>,
}

/// A subscription: what was asked for, what was attempted, and what the gateway was seen to have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscription {
    /// The subscription; the effect that makes it has the same UUID.
    pub subscription_id: SubscriptionId,
    /// The request.
    pub request: SubscriptionRequest,
    /// The state.
    pub status: SubscriptionStatus,
    /// The account that it went to; null until the first grant.
    #[serde(default)]
    pub account_id: Option<AccountId>,
    /// The gateway's id of the plan that it is made of; null until the first grant, unless the plan is lent.
    #[serde(default)]
    pub plan: Option<String>,
    /// The card that it is paid by, as the gateway keeps it; null for a token.
    #[serde(default)]
    pub kept: Option<KeptCard>,
    /// The subscription at the gateway, as all looks together have found it; null until it has answered.
    #[serde(default)]
    pub observed: Option<ObservedSubscription>,
    /// Its latest charge; the gateway makes one for each period.
    #[serde(default)]
    pub charge_id: Option<ChargeId>,
    /// The reason for which it was not made, or not ended, one word of the closed list.
    #[serde(default)]
    pub why: Option<String>,
    /// The problems that the gateway names.
    #[serde(default)]
    pub reasons: Vec<Reason>,
    /// The last 20 attempts to make it, oldest first; the ledger's events have them all.
    #[serde(default)]
    pub attempts: Vec<Attempt>,
    /// True if it shall be ended at the gateway.
    pub end_wanted: bool,
    /// The effect that is to end it; null while there is none.
    #[serde(default)]
    pub ending: Option<EffectId>,
    /// The merchant's words on what was settled by hand.
    #[serde(default)]
    pub note: Option<String>,
    /// The time at which it was asked for.
    pub created_at: Micros,
    /// The time at which it was changed last.
    pub updated_at: Micros,
    /// The account of another tenant that it goes to, which is the request's account; null: an account of its own tenant.
    #[serde(default)]
    pub lent: Option<LentAccount>,
    /// The plan of that tenant, which is the request's plan; null: a plan of its own tenant.
    #[serde(default)]
    pub lent_plan: Option<LentPlan>,
}

/// Make a subscription to a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestSubscription {
    /// Id, shop, asker and time of the command.
    pub meta: CommandMeta,
    /// The subscription; asking twice is asking once.
    pub subscription_id: SubscriptionId,
    /// The request.
    pub request: SubscriptionRequest,
    /// The time after which nothing is sent for it; null: 20 hours after its first grant.
    #[serde(default)]
    pub not_after: Option<Micros>,
    /// The account of another tenant that it goes to, which is the request's account; null: an account of its own tenant.
    #[serde(default)]
    pub lent: Option<LentAccount>,
    /// The plan of that tenant, which is the request's plan; null: a plan of its own tenant.
    #[serde(default)]
    pub lent_plan: Option<LentPlan>,
}

/// End a subscription at the gateway.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndSubscription {
    /// Id, shop, asker and time of the command.
    pub meta: CommandMeta,
    /// The subscription.
    pub subscription_id: SubscriptionId,
}

/// A look at a subscription, or at a charge of it, has found this.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObserveSubscription {
    /// Id, shop, asker and time of the command.
    pub meta: CommandMeta,
    /// The subscription.
    pub subscription_id: SubscriptionId,
    /// The subscription at the gateway, as the look found it; null if a charge alone was looked at.
    #[serde(default)]
    pub observed: Option<ObservedSubscription>,
    /// A charge of it, as the look found it.
    #[serde(default)]
    pub charge: Option<ObservedCharge>,
}

/// A person has looked after a subscription of which it is not known whether it was made or ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettleSubscription {
    /// Id, shop, asker and time of the command.
    pub meta: CommandMeta,
    /// The subscription.
    pub subscription_id: SubscriptionId,
    /// The way in which, in the merchant's words, up to 2,000 characters.
    pub note: String,
}

/// A subscription is now this.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoteSubscriptionChanged {
    /// Id, shop, cause and time of the event.
    pub meta: EventMeta,
    /// The subscription after this event.
    pub subscription: Subscription,
}
