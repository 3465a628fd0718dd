//! Payments: accounts at gateways, charges, refunds, subscriptions, and the ledger of what is done outside. Keyed by the tenant that sells or owes.

mod account;
mod callback;
mod charge;
mod credential;
mod difference;
mod effect;
mod lent;
mod observed;
mod plan;
mod recurring;
mod refund;
mod request;
mod saved_card;
mod standing;
mod subscription;
mod why;

pub use self::{
    account::{
        Account, AccountChanged, AccountKind, AccountStatus, CheckAccount, RetireAccount, SaveAccount,
        SetDefaultAccount,
    },
    callback::{Callback, CallbackKept, ReceiveCallback},
    charge::{
        CancelCharge, Charge, ChargeChanged, ChargePurpose, ChargeStatus, ObserveCharge, RequestCharge, SettleCharge,
    },
    credential::{Credential, CredentialChanged, CredentialStatus, IssueCredential, RevokeCredential},
    difference::{
        ChargeSums, Difference, DifferenceChanged, DifferenceFound, DifferenceKind, DifferenceStatus,
        ReconciliationRequested, ReportDifference, RequestReconciliation, SettleDifference,
    },
    effect::{
        AskGrant, Attempt, AttemptEnd, AttemptOutcome, Effect, EffectGranted, EffectKind, EffectReported, EffectState,
        EffectWanted, Grant, ReportAttempt, Settled,
    },
    lent::{BY_OPERATOR, LentAccount, LentPlan},
    observed::{BoletoData, ObservedCharge, Payer, PixData, Reason, RemoteIds, Unpaid, UnpaidStage},
    plan::{Plan, PlanChanged, PlanStatus, SavePlan},
    recurring::{KeptCard, ObservedSubscription, Recurrence},
    refund::{Refund, RefundChanged, RefundStatus, RequestRefund, SettleRefund},
    request::{
        BoletoTerms, Buyer, CardTerms, ChargeItem, ChargeRequest, ChargeShipping, PaymentMethod, PixInformation,
        PixTerms,
    },
    saved_card::{SaveCard, SavedCard, SavedCardChanged, SavedCardStatus},
    standing::{Standing, StandingChanged, StandingStatus},
    subscription::{
        EndSubscription, ObserveSubscription, RemoteSubscriptionChanged, RequestSubscription, SettleSubscription,
        Subscription, SubscriptionCard, SubscriptionRequest, SubscriptionStatus,
    },
    why::Why,
};

use super::{
    common::{CommandAnswered, TimerCleared, TimerSet},
    definition::Definition,
    mails::{MailDone, MailEvent, MailWanted, ReportMail, SaysMails},
    sets::{AnySet, Touches, avro_files, command_set, event_set},
};
use crate::ids::ProductId;

command_set! {
    /// `payments.commands`, keyed by tenant.
    PaymentsCommand of Payments {
        SaveAccount = "feira.payments.SaveAccount",
        SetDefaultAccount = "feira.payments.SetDefaultAccount",
        RetireAccount = "feira.payments.RetireAccount",
        RequestCharge = "feira.payments.RequestCharge",
        CancelCharge = "feira.payments.CancelCharge",
        ObserveCharge = "feira.payments.ObserveCharge",
        RequestRefund = "feira.payments.RequestRefund",
        SettleRefund = "feira.payments.SettleRefund",
        AskGrant = "feira.payments.AskGrant",
        ReportAttempt = "feira.payments.ReportAttempt",
        ReceiveCallback = "feira.payments.ReceiveCallback",
        IssueCredential = "feira.payments.IssueCredential",
        RevokeCredential = "feira.payments.RevokeCredential",
        SettleCharge = "feira.payments.SettleCharge",
        ReportDifference = "feira.payments.ReportDifference",
        SettleDifference = "feira.payments.SettleDifference",
        RequestReconciliation = "feira.payments.RequestReconciliation",
        ReportMail = "feira.common.ReportMail",
        SavePlan = "feira.payments.SavePlan",
        SaveCard = "feira.payments.SaveCard",
        RequestSubscription = "feira.payments.RequestSubscription",
        EndSubscription = "feira.payments.EndSubscription",
        ObserveSubscription = "feira.payments.ObserveSubscription",
        SettleSubscription = "feira.payments.SettleSubscription",
        CheckAccount = "feira.payments.CheckAccount",
    }
}

event_set! {
    /// `payments.events`, keyed by tenant.
    PaymentsEvent {
        AccountChanged = "feira.payments.AccountChanged",
        ChargeChanged = "feira.payments.ChargeChanged",
        RefundChanged = "feira.payments.RefundChanged",
        EffectWanted = "feira.payments.EffectWanted",
        EffectGranted = "feira.payments.EffectGranted",
        EffectReported = "feira.payments.EffectReported",
        CallbackKept = "feira.payments.CallbackKept",
        CredentialChanged = "feira.payments.CredentialChanged",
        StandingChanged = "feira.payments.StandingChanged",
        DifferenceChanged = "feira.payments.DifferenceChanged",
        ReconciliationRequested = "feira.payments.ReconciliationRequested",
        MailWanted = "feira.common.MailWanted",
        MailDone = "feira.common.MailDone",
        PlanChanged = "feira.payments.PlanChanged",
        SavedCardChanged = "feira.payments.SavedCardChanged",
        RemoteSubscriptionChanged = "feira.payments.RemoteSubscriptionChanged",
    }
}

/// The entities that payments' answers show, as they name them.
pub mod entity {
    /// An account at a gateway.
    pub const ACCOUNT: &str = "account";
    /// A charge.
    pub const CHARGE: &str = "charge";
    /// A refund.
    pub const REFUND: &str = "refund";
    /// A line of the ledger.
    pub const EFFECT: &str = "effect";
    /// A callback.
    pub const CALLBACK: &str = "callback";
    /// A credential of another system.
    pub const CREDENTIAL: &str = "credential";
    /// A difference between a gateway's charges and ours.
    pub const DIFFERENCE: &str = "difference";
    /// The asking for a reconciliation.
    pub const RECONCILIATION: &str = "reconciliation";
    /// A mail.
    pub const MAIL: &str = "mail";
    /// A plan.
    pub const PLAN: &str = "plan";
    /// A saved card.
    pub const SAVED_CARD: &str = "saved_card";
    /// A subscription.
    pub const SUBSCRIPTION: &str = "subscription";
}

impl SaysMails for PaymentsEvent {
    fn as_mail(&self) -> Option<MailEvent<'_>> {
        match self {
            Self::MailWanted(event) => Some(MailEvent::Wanted(event)),
            Self::MailDone(event) => Some(MailEvent::Done(event)),
            _ => None,
        }
    }
}

impl Touches for PaymentsCommand {
    fn product(&self) -> Option<ProductId> {
        None
    }
}

/// The definition of the context `payments`: its name, number, records and Avro files.
pub(super) const CONTEXT: Definition = Definition {
    name: "payments",
    number: 5,
    keyed_by_shop: true,
    does: "decides what is charged and given back, and who may ask a gateway",
    sets: [AnySet::of::<PaymentsCommand>(), AnySet::of::<PaymentsEvent>()],
    avro: AVRO,
    erasing: &[],
};

/// Avro files of these types.
const AVRO: &[(&str, &str)] = avro_files! {
    "payments":
    "AccountKind", "AccountStatus", "Account", "SaveAccount", "SetDefaultAccount", "RetireAccount", "AccountChanged",
    "EffectKind", "EffectState", "AttemptOutcome", "Grant", "AttemptEnd", "Attempt", "Settled", "Effect", "AskGrant", "ReportAttempt",
    "EffectWanted", "EffectGranted", "EffectReported", "PaymentMethod", "ChargePurpose", "ChargeStatus", "UnpaidStage", "Reason",
    "ChargeItem", "ChargeShipping", "Buyer", "CardTerms", "BoletoTerms", "PixInformation", "PixTerms", "ChargeRequest",
    "RemoteIds", "Unpaid", "BoletoData", "PixData", "Payer", "ObservedCharge", "Charge", "RequestCharge", "CancelCharge",
    "ObserveCharge", "ChargeChanged", "RefundStatus", "Refund", "RequestRefund", "SettleRefund", "RefundChanged", "Callback",
    "ReceiveCallback", "CallbackKept", "CredentialStatus", "Credential", "IssueCredential", "RevokeCredential",
    "CredentialChanged", "StandingStatus", "Standing", "StandingChanged",
    "SettleCharge", "DifferenceKind", "DifferenceStatus", "ChargeSums", "DifferenceFound", "Difference", "ReportDifference",
    "SettleDifference", "DifferenceChanged", "RequestReconciliation", "ReconciliationRequested",
    "PlanStatus", "Plan", "SavePlan", "PlanChanged", "KeptCard", "SavedCardStatus", "SavedCard", "SaveCard", "SavedCardChanged",
    "SubscriptionStatus", "Recurrence", "SubscriptionCard", "SubscriptionRequest", "ObservedSubscription", "Subscription",
    "LentAccount", "LentPlan", "RequestSubscription", "EndSubscription", "ObserveSubscription", "SettleSubscription", "RemoteSubscriptionChanged",
    "CheckAccount"
};
