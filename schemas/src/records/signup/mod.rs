//! Sign-up: the plans that people subscribe to, which are the platform's, and subscriptions with their invoices, which are of the shop that
//! they pay for. Keyed by tenant.

mod plan;
mod subscription;

pub use self::plan::{
    AskPlanAgain, ChangePlan, CreatePlan, NewLimit, Plan, PlanChanged, PlanChanges, PlanContent, PlanLimits,
    PlanStatus, RemotePlan, RemotePlanStatus,
};
pub use self::subscription::{
    AnswerNameClaim, Cancelling, Ending, GivingBack, GivingBackStatus, Invoice, InvoiceChanged, InvoiceStatus, Owner,
    Payment, PaymentStatus, Period, Subscribe, Subscription, SubscriptionChanged, SubscriptionStatus, Terms, Try,
};

use super::{
    common::{CommandAnswered, TimerCleared, TimerSet},
    definition::Definition,
    mails::{MailDone, MailEvent, MailWanted, ReportMail, SaysMails},
    sets::{AnySet, Touches, avro_files, command_set, event_set},
};
use crate::ids::ProductId;

command_set! {
    /// `signup.commands`, keyed by tenant.
    SignupCommand of Signup {
        CreatePlan = "feira.signup.CreatePlan",
        ChangePlan = "feira.signup.ChangePlan",
        AskPlanAgain = "feira.signup.AskPlanAgain",
        Subscribe = "feira.signup.Subscribe",
        AnswerNameClaim = "feira.signup.AnswerNameClaim",
        ReportMail = "feira.common.ReportMail",
    }
}

event_set! {
    /// `signup.events`, keyed by tenant.
    SignupEvent {
        PlanChanged = "feira.signup.PlanChanged",
        SubscriptionChanged = "feira.signup.SubscriptionChanged",
        InvoiceChanged = "feira.signup.InvoiceChanged",
        MailWanted = "feira.common.MailWanted",
        MailDone = "feira.common.MailDone",
    }
}

/// The entities that sign-up's answers show, as they name them.
pub mod entity {
    /// A plan of the platform.
    pub const PLAN: &str = "plan";
    /// A subscription to a plan of the platform.
    pub const SUBSCRIPTION: &str = "subscription";
    /// An invoice of a subscription.
    pub const INVOICE: &str = "invoice";
    /// A mail.
    pub const MAIL: &str = "mail";
}

impl SaysMails for SignupEvent {
    fn as_mail(&self) -> Option<MailEvent<'_>> {
        match self {
            Self::MailWanted(event) => Some(MailEvent::Wanted(event)),
            Self::MailDone(event) => Some(MailEvent::Done(event)),
            _ => None,
        }
    }
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
    does: "decides the platform's plans, and who has subscribed to one",
    sets: [AnySet::of::<SignupCommand>(), AnySet::of::<SignupEvent>()],
    avro: AVRO,
    erasing: &[],
};

/// Avro files of these types.
const AVRO: &[(&str, &str)] = avro_files! {
    "signup":
    "PlanStatus", "RemotePlanStatus", "PlanLimits", "NewLimit", "RemotePlan", "PlanContent", "PlanChanges", "Plan",
    "CreatePlan", "ChangePlan", "AskPlanAgain", "PlanChanged",
    "SubscriptionStatus", "PaymentStatus", "InvoiceStatus", "GivingBackStatus", "Terms", "Owner", "Payment", "Period",
    "Try", "Ending", "Cancelling", "GivingBack", "Subscription", "Invoice",
    "Subscribe", "AnswerNameClaim", "SubscriptionChanged", "InvoiceChanged"
};
