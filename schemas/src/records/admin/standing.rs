//! What a shop may have by the plan that pays for it.

use serde::{Deserialize, Serialize};

use crate::{
    ids::{Micros, SignupPlanId, SubscriptionId},
    records::{common::EventMeta, signup::PlanLimits},
};

/// The plan that pays for a shop, and what it may have by it. A shop that was made by an operator has none, and no limits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// +1 each change.
    pub version: i64,
    /// The subscription.
    pub subscription_id: SubscriptionId,
    /// The version of the subscription that it is of.
    pub source_version: i64,
    /// The plan.
    pub plan_id: SignupPlanId,
    /// The plan's name.
    pub plan_name: String,
    /// The most that the shop may have.
    pub limits: PlanLimits,
    /// The time of the last change.
    pub changed_at: Micros,
}

/// What a shop may have by its plan is now this.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StandingChanged {
    /// Id, shop, cause and time of the event.
    pub meta: EventMeta,
    /// The standing after this event.
    pub standing: Standing,
}
