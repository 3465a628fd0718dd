//! Payments' entities as answers show them: the record as the event has it, sealed, and its version.

use feira_schemas::{
    ids::{ChargeId, SubscriptionId},
    records::{
        EventSet, PaymentsEvent,
        payments::{
            Account, Callback, Charge, Difference, Effect, Plan, ReconciliationRequested, Refund, SavedCard,
            Subscription,
            entity::{
                ACCOUNT, CALLBACK, CHARGE, DIFFERENCE, EFFECT, MAIL, PLAN, RECONCILIATION, REFUND, SAVED_CARD,
                SUBSCRIPTION,
            },
        },
    },
};
use serde::Serialize;
use serde_json::{Value, json};

use super::credentials;
use crate::Shown;

pub(super) fn shown(event: &PaymentsEvent) -> Option<Shown> {
    let version = event.meta().aggregate_version;
    Some(match event {
        PaymentsEvent::AccountChanged(event) => account(&event.account, version),
        PaymentsEvent::ChargeChanged(event) => charge(&event.charge, version),
        PaymentsEvent::RefundChanged(event) => refund(&event.refund, version),
        PaymentsEvent::EffectWanted(event) => effect(&event.effect, version),
        PaymentsEvent::EffectGranted(event) => effect(&event.effect, version),
        PaymentsEvent::EffectReported(event) => effect(&event.effect, version),
        PaymentsEvent::CallbackKept(event) => callback(&event.callback, event.charge_id, event.subscription_id),
        PaymentsEvent::CredentialChanged(event) => credentials::shown(event),
        PaymentsEvent::DifferenceChanged(event) => difference(&event.difference, version),
        PaymentsEvent::ReconciliationRequested(event) => reconciliation(event),
        PaymentsEvent::MailWanted(_) | PaymentsEvent::MailDone(_) => Shown::without_json(MAIL),
        PaymentsEvent::PlanChanged(event) => plan(&event.plan, version),
        PaymentsEvent::SavedCardChanged(event) => saved_card(&event.card, version),
        PaymentsEvent::RemoteSubscriptionChanged(event) => subscription(&event.subscription, version),
        PaymentsEvent::StandingChanged(_)
        | PaymentsEvent::CommandAnswered(_)
        | PaymentsEvent::TimerSet(_)
        | PaymentsEvent::TimerCleared(_) => return None,
    })
}

/// An account, sealed as it is.
pub(super) fn account(account: &Account, version: i64) -> Shown {
    entity(ACCOUNT, account, json!({"version": version}))
}

/// A charge, sealed as it is.
pub(super) fn charge(charge: &Charge, version: i64) -> Shown {
    entity(CHARGE, charge, json!({"version": version}))
}

/// A refund, sealed as it is.
pub(super) fn refund(refund: &Refund, version: i64) -> Shown {
    entity(REFUND, refund, json!({"version": version}))
}

/// A plan.
pub(super) fn plan(plan: &Plan, version: i64) -> Shown {
    entity(PLAN, plan, json!({"version": version}))
}

/// A saved card, sealed as it is.
pub(super) fn saved_card(card: &SavedCard, version: i64) -> Shown {
    entity(SAVED_CARD, card, json!({"version": version}))
}

/// A subscription, sealed as it is.
pub(super) fn subscription(subscription: &Subscription, version: i64) -> Shown {
    entity(SUBSCRIPTION, subscription, json!({"version": version}))
}

/// A line of the ledger.
pub(super) fn effect(effect: &Effect, version: i64) -> Shown {
    entity(EFFECT, effect, json!({"version": version}))
}

/// A difference.
pub(super) fn difference(difference: &Difference, version: i64) -> Shown {
    entity(DIFFERENCE, difference, json!({"version": version}))
}

/// A reconciliation that was asked for.
fn reconciliation(event: &ReconciliationRequested) -> Shown {
    Shown::new(RECONCILIATION, json!({"account_ids": event.account_ids, "asked_at": event.asked_at}))
}

/// A callback, with the charge or subscription that it is about; it has one version.
pub(super) fn callback(callback: &Callback, charge: Option<ChargeId>, subscription: Option<SubscriptionId>) -> Shown {
    entity(CALLBACK, callback, json!({"charge_id": charge, "subscription_id": subscription}))
}

/// An entity with what its record does not say of it.
fn entity(kind: &'static str, record: &impl Serialize, more: Value) -> Shown {
    // A record is an object of texts, numbers and lists, which JSON can always have; what could not be shown is read from its row.
    match (serde_json::to_value(record), more) {
        (Ok(Value::Object(mut fields)), Value::Object(more)) => {
            fields.extend(more);
            Shown::new(kind, Value::Object(fields))
        }
        _ => Shown::without_json(kind),
    }
}
