//! Plans: what subscriptions are made of, each at one account.

use serde::{Deserialize, Serialize};

use super::Reason;
use crate::{
    ids::{AccountId, Micros, PlanId},
    money::Money,
    records::common::{CommandMeta, EventMeta},
};

/// State of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PlanStatus {
    /// `PROCESSING`: the gateway was not asked yet, or what became of it is not known.
    Processing,
    /// `READY`: the gateway has it.
    Ready,
    /// `FAILED`: the gateway refused it, or could not be asked for a month.
    Failed,
    /// A symbol of a later version.
    #[serde(other)]
    Unknown,
}

/// A plan that subscriptions are made of, at one account; its terms never change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The plan; the effect that makes it has the same UUID.
    pub plan_id: PlanId,
    /// The caller's own id of it.
    #[serde(default)]
    pub reference: Option<String>,
    /// The account that it is made at.
    pub account_id: AccountId,
    /// The name, up to 64 characters.
    pub name: String,
    /// The words for it, up to 256 characters.
    pub description: String,
    /// The price of one period.
    pub price: Money,
    /// Months of a period, 1 to 24.
    pub months: i32,
    /// The words by which a subscriber knows the charge on a statement, up to 13 characters.
    #[serde(default)]
    pub statement_descriptor: Option<String>,
    /// The state.
    pub status: PlanStatus,
    /// The gateway's id of it; null until it is made.
    #[serde(default)]
    pub remote_id: Option<String>,
    /// The reason for which it failed, one word of the closed list.
    #[serde(default)]
    pub why: Option<String>,
    /// The problems that the gateway names.
    #[serde(default)]
    pub reasons: Vec<Reason>,
    /// The time at which it was asked for.
    pub created_at: Micros,
    /// The time at which it was changed last.
    pub updated_at: Micros,
}

/// Make a plan at the gateway; its terms never change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavePlan {
    /// Id, shop, asker and time of the command.
    pub meta: CommandMeta,
    /// The plan; asking twice is asking once.
    pub plan_id: PlanId,
    /// The caller's own id of it.
    #[serde(default)]
    pub reference: Option<String>,
    /// The account that it is made at; null: the default when this is decided.
    #[serde(default)]
    pub account_id: Option<AccountId>,
    /// The name, up to 64 characters.
    pub name: String,
    /// The words for it, up to 256 characters.
    pub description: String,
    /// The price of one period.
    pub price: Money,
    /// Months of a period, 1 to 24.
    pub months: i32,
    /// The words by which a subscriber knows the charge on a statement, up to 13 characters.
    #[serde(default)]
    pub statement_descriptor: Option<String>,
}

/// A plan is now this.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanChanged {
    /// Id, shop, cause and time of the event.
    pub meta: EventMeta,
    /// The plan after this event.
    pub plan: Plan,
}
