//! Plans of the platform: what people subscribe to, and the plan at the gateway by which cards pay.

use serde::{Deserialize, Serialize};

use crate::{
    ids::{AccountId, CommandId, Micros, PlanId, SignupPlanId},
    money::Money,
    records::{
        common::{Asked, CommandMeta, EventMeta},
        payments::{PaymentMethod, Reason},
    },
};

/// State of a plan: whether it is offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PlanStatus {
    /// `ACTIVE`: people can subscribe to it.
    Active,
    /// `INACTIVE`: it is not offered; who has subscribed goes on.
    Inactive,
    /// A symbol of a later version.
    #[serde(other)]
    Unknown,
}

/// The stage at which payments is with a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RemotePlanStatus {
    /// `ASKED`: payments has not answered yet.
    Asked,
    /// `MAKING`: payments has it, and the gateway has not answered yet.
    Making,
    /// `MADE`: the gateway has it.
    Made,
    /// `REFUSED`: payments or the gateway has refused it; it is asked for again by hand.
    Refused,
    /// `NO_ACCOUNT`: the platform has no account that takes it; it is asked for again by timer, and once there is one.
    NoAccount,
    /// A symbol of a later version.
    #[serde(other)]
    Unknown,
}

/// The most that a shop of a plan may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct PlanLimits {
    /// Products; none: as many as it likes.
    #[serde(default)]
    pub products: Option<i32>,
    /// People of its staff; none: as many as it likes.
    #[serde(default)]
    pub staff: Option<i32>,
}

/// A limit as it is from now on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct NewLimit {
    /// The most; none: there is no limit.
    #[serde(default)]
    pub most: Option<i32>,
}

/// A plan as payments was asked to make it at the platform's gateway; its price and period never change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemotePlan {
    /// Its id at payments; asking twice is asking once.
    pub payments_plan_id: PlanId,
    /// The price of one period that it was asked for.
    pub price: Money,
    /// The months of a period that it was asked for.
    pub months: i32,
    /// The stage at which payments is.
    pub status: RemotePlanStatus,
    /// The command that asked last, by which a refusal is known.
    pub command_id: CommandId,
    /// The account that it is made at; none until payments says so.
    #[serde(default)]
    pub account_id: Option<AccountId>,
    /// The gateway's id of it; none until it is made.
    #[serde(default)]
    pub remote_id: Option<String>,
    /// The reason for which it was refused: a code of the platform, or a word of the closed list of payments.
    #[serde(default)]
    pub why: Option<String>,
    /// The sentence of payments' refusal, pt-BR.
    #[serde(default)]
    pub detail: Option<String>,
    /// The problems that the gateway names.
    #[serde(default)]
    pub reasons: Vec<Reason>,
    /// The question that payments has not answered.
    #[serde(default)]
    pub asked: Option<Asked>,
    /// The time at which it was asked for first.
    pub asked_at: Micros,
}

/// The part of a plan that an operator writes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanContent {
    /// Name, up to 60 characters.
    pub name: String,
    /// The words for it, up to 2,000 characters in several lines.
    pub description: String,
    /// The parts of it, a short line each, up to 20.
    #[serde(default)]
    pub features: Vec<String>,
    /// The price of one period.
    pub price: Money,
    /// Months of a period: 1, 6, 12 or 24.
    pub months: i32,
    /// The most that a shop of this plan may have.
    pub limits: PlanLimits,
    /// Active if it is offered.
    pub status: PlanStatus,
    /// Its place on the page: smaller ones stand first.
    pub position: i32,
    /// The ways in which it can be paid, each once.
    #[serde(default)]
    pub methods: Vec<PaymentMethod>,
}

/// The fields of a plan that an operator changes; none leaves a field as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PlanChanges {
    /// See [`PlanContent::name`].
    #[serde(default)]
    pub name: Option<String>,
    /// See [`PlanContent::description`].
    #[serde(default)]
    pub description: Option<String>,
    /// See [`PlanContent::features`].
    #[serde(default)]
    pub features: Option<Vec<String>>,
    /// See [`PlanContent::price`].
    #[serde(default)]
    pub price: Option<Money>,
    /// See [`PlanContent::months`].
    #[serde(default)]
    pub months: Option<i32>,
    /// The limit of products.
    #[serde(default)]
    pub limit_products: Option<NewLimit>,
    /// The limit of people of the staff.
    #[serde(default)]
    pub limit_staff: Option<NewLimit>,
    /// See [`PlanContent::status`].
    #[serde(default)]
    pub status: Option<PlanStatus>,
    /// See [`PlanContent::position`].
    #[serde(default)]
    pub position: Option<i32>,
    /// See [`PlanContent::methods`].
    #[serde(default)]
    pub methods: Option<Vec<PaymentMethod>>,
}

/// A plan of the platform, which people subscribe to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The plan.
    pub plan_id: SignupPlanId,
    /// +1 each change.
    pub version: i64,
    /// See [`PlanContent::name`].
    pub name: String,
    /// See [`PlanContent::description`].
    pub description: String,
    /// See [`PlanContent::features`].
    #[serde(default)]
    pub features: Vec<String>,
    /// See [`PlanContent::price`].
    pub price: Money,
    /// See [`PlanContent::months`].
    pub months: i32,
    /// See [`PlanContent::limits`].
    pub limits: PlanLimits,
    /// See [`PlanContent::status`].
    pub status: PlanStatus,
    /// See [`PlanContent::position`].
    pub position: i32,
    /// See [`PlanContent::methods`].
    #[serde(default)]
    pub methods: Vec<PaymentMethod>,
    /// The plan at the gateway by which cards pay; none where it was not asked for.
    #[serde(default)]
    pub remote: Option<RemotePlan>,
    /// Plans at the gateway of before, oldest first, up to 20: subscriptions of before name them.
    #[serde(default)]
    pub earlier: Vec<RemotePlan>,
    /// The time at which it was made.
    pub created_at: Micros,
    /// The time of its last change.
    pub changed_at: Micros,
}

/// Make a plan of the platform.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CreatePlan {
    /// Id, shop, asker and time of the command.
    pub meta: CommandMeta,
    /// The new plan; asking twice is asking once.
    pub plan_id: SignupPlanId,
    /// The plan's content.
    pub content: PlanContent,
}

/// Change a plan of the platform.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangePlan {
    /// Id, shop, asker and time of the command.
    pub meta: CommandMeta,
    /// The plan.
    pub plan_id: SignupPlanId,
    /// The fields that change.
    pub changes: PlanChanges,
}

/// Ask payments for the plan at the gateway once more: anew where it was made or refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskPlanAgain {
    /// Id, shop, asker and time of the command.
    pub meta: CommandMeta,
    /// The plan.
    pub plan_id: SignupPlanId,
}

/// A plan is now this.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanChanged {
    /// Id, shop, cause and time of the event.
    pub meta: EventMeta,
    /// The plan after this event.
    pub plan: Plan,
}

impl PlanChanges {
    /// Content with these changes.
    pub fn over(self, content: PlanContent) -> PlanContent {
        let PlanLimits { products, staff } = content.limits;
        PlanContent {
            name: self.name.unwrap_or(content.name),
            description: self.description.unwrap_or(content.description),
            features: self.features.unwrap_or(content.features),
            price: self.price.unwrap_or(content.price),
            months: self.months.unwrap_or(content.months),
            limits: PlanLimits {
                products: self.limit_products.map_or(products, |limit| limit.most),
                staff: self.limit_staff.map_or(staff, |limit| limit.most),
            },
            status: self.status.unwrap_or(content.status),
            position: self.position.unwrap_or(content.position),
            methods: self.methods.unwrap_or(content.methods),
        }
    }
}

impl Plan {
    /// The part that an operator writes.
    pub fn content(&self) -> PlanContent {
        PlanContent {
            name: self.name.clone(),
            description: self.description.clone(),
            features: self.features.clone(),
            price: self.price,
            months: self.months,
            limits: self.limits,
            status: self.status,
            position: self.position,
            methods: self.methods.clone(),
        }
    }

    /// The plan with this content.
    pub fn with(self, content: PlanContent) -> Self {
        let PlanContent { name, description, features, price, months, limits, status, position, methods } = content;
        Self { name, description, features, price, months, limits, status, position, methods, ..self }
    }

    /// True if cards may pay it.
    pub fn wants_cards(&self) -> bool {
        self.methods.contains(&PaymentMethod::Card)
    }

    /// The plan at the gateway that has the present price and period, whatever its state.
    pub fn fitting(&self) -> Option<&RemotePlan> {
        self.remote.as_ref().filter(|remote| (remote.price, remote.months) == (self.price, self.months))
    }

    /// The ways in which it can be paid now: by card once the gateway has the plan.
    pub fn payable_by(&self) -> Vec<PaymentMethod> {
        let made = self.fitting().is_some_and(|remote| remote.status == RemotePlanStatus::Made);
        let can = |method: &PaymentMethod| match method {
            PaymentMethod::Card => made,
            PaymentMethod::Boleto | PaymentMethod::Pix => true,
            PaymentMethod::Unknown => false,
        };
        self.methods.iter().copied().filter(can).collect()
    }

    /// True if people can subscribe to it now.
    pub fn is_offered(&self) -> bool {
        self.status == PlanStatus::Active && !self.payable_by().is_empty()
    }
}
