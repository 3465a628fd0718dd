//! Payments: accounts at gateways, charges, refunds, and the ledger of what is done outside. Keyed by the tenant that sells or owes.

mod account;
mod callback;
mod charge;
mod credential;
mod effect;
mod observed;
mod refund;
mod request;
mod standing;
mod why;

pub use self::{
    account::{Account, AccountChanged, AccountKind, AccountStatus, RetireAccount, SaveAccount, SetDefaultAccount},
    callback::{Callback, CallbackKept, ReceiveCallback},
    charge::{CancelCharge, Charge, ChargeChanged, ChargePurpose, ChargeStatus, ObserveCharge, RequestCharge},
    credential::{Credential, CredentialChanged, CredentialStatus, IssueCredential, RevokeCredential},
    effect::{
        AskGrant, Attempt, AttemptEnd, AttemptOutcome, Effect, EffectGranted, EffectKind, EffectReported, EffectState,
        EffectWanted, Grant, ReportAttempt,
    },
    observed::{BoletoData, ObservedCharge, Payer, PixData, Reason, RemoteIds, Unpaid, UnpaidStage},
    refund::{Refund, RefundChanged, RefundStatus, RequestRefund, SettleRefund},
    request::{
        BoletoTerms, Buyer, CardTerms, ChargeItem, ChargeRequest, ChargeShipping, PaymentMethod, PixInformation,
        PixTerms,
    },
    standing::{Standing, StandingChanged, StandingStatus},
    why::Why,
};

use super::{
    common::{CommandAnswered, TimerCleared, TimerSet},
    definition::Definition,
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
    "EffectKind", "EffectState", "AttemptOutcome", "Grant", "AttemptEnd", "Attempt", "Effect", "AskGrant", "ReportAttempt",
    "EffectWanted", "EffectGranted", "EffectReported", "PaymentMethod", "ChargePurpose", "ChargeStatus", "UnpaidStage", "Reason",
    "ChargeItem", "ChargeShipping", "Buyer", "CardTerms", "BoletoTerms", "PixInformation", "PixTerms", "ChargeRequest",
    "RemoteIds", "Unpaid", "BoletoData", "PixData", "Payer", "ObservedCharge", "Charge", "RequestCharge", "CancelCharge",
    "ObserveCharge", "ChargeChanged", "RefundStatus", "Refund", "RequestRefund", "SettleRefund", "RefundChanged", "Callback",
    "ReceiveCallback", "CallbackKept", "CredentialStatus", "Credential", "IssueCredential", "RevokeCredential",
    "CredentialChanged", "StandingStatus", "Standing", "StandingChanged"
};
