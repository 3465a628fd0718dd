//! Sign-up: the plans that people subscribe to. Keyed by tenant; plans are the platform's.

mod plan;

pub use self::plan::{
    AskPlanAgain, ChangePlan, CreatePlan, NewLimit, Plan, PlanChanged, PlanChanges, PlanContent, PlanLimits,
    PlanStatus, RemotePlan, RemotePlanStatus,
};

use super::{
    common::{CommandAnswered, TimerCleared, TimerSet},
    definition::Definition,
    sets::{AnySet, Touches, avro_files, command_set, event_set},
};
use crate::ids::ProductId;

command_set! {
    /// `signup.commands`, keyed by tenant.
    SignupCommand of Signup {
        CreatePlan = "feira.signup.CreatePlan",
        ChangePlan = "feira.signup.ChangePlan",
        AskPlanAgain = "feira.signup.AskPlanAgain",
    }
}

event_set! {
    /// `signup.events`, keyed by tenant.
    SignupEvent {
        PlanChanged = "feira.signup.PlanChanged",
    }
}

/// The entities that sign-up's answers show, as they name them.
pub mod entity {
    /// A plan of the platform.
    pub const PLAN: &str = "plan";
}

impl Touches for SignupCommand {
    fn product(&self) -> Option<ProductId> {
        None
    }
}

/// The definition of the context `signup`: its name, number, records and Avro files.
pub(super) const CONTEXT: Definition = Definition {
    name: "signup",
    number: 4,
    keyed_by_shop: true,
    does: "decides the platform's plans, which people subscribe to",
    sets: [AnySet::of::<SignupCommand>(), AnySet::of::<SignupEvent>()],
    avro: AVRO,
    erasing: &[],
};

/// Avro files of these types.
const AVRO: &[(&str, &str)] = avro_files! {
    "signup":
    "PlanStatus", "RemotePlanStatus", "PlanLimits", "NewLimit", "RemotePlan", "PlanContent", "PlanChanges", "Plan",
    "CreatePlan", "ChangePlan", "AskPlanAgain", "PlanChanged"
};
