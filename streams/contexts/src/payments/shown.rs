//! Payments' entities as answers show them: the record as the event has it, sealed, and its version.

use feira_schemas::records::{
    EventSet, PaymentsEvent,
    payments::{
        Account, Callback, Charge, Effect, Refund,
        entity::{ACCOUNT, CALLBACK, CHARGE, EFFECT, REFUND},
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
        PaymentsEvent::CallbackKept(event) => callback(&event.callback, event.charge_id.map(|id| id.to_string())),
        PaymentsEvent::CredentialChanged(event) => credentials::shown(event),
        PaymentsEvent::StandingChanged(_)
        | PaymentsEvent::CommandAnswered(_)
        | PaymentsEvent::TimerSet(_)
        | PaymentsEvent::TimerCleared(_) => return None,
    })
}

/// An account, sealed as it is.
pub(super) fn account(account: &Account, version: i64) -> Shown {
    entity(ACCOUNT, account, "version", json!(version))
}

/// A charge, sealed as it is.
pub(super) fn charge(charge: &Charge, version: i64) -> Shown {
    entity(CHARGE, charge, "version", json!(version))
}

/// A refund, sealed as it is.
pub(super) fn refund(refund: &Refund, version: i64) -> Shown {
    entity(REFUND, refund, "version", json!(version))
}

/// A line of the ledger.
pub(super) fn effect(effect: &Effect, version: i64) -> Shown {
    entity(EFFECT, effect, "version", json!(version))
}

/// A callback, with the charge that it is about; it has one version.
pub(super) fn callback(callback: &Callback, charge_id: Option<String>) -> Shown {
    entity(CALLBACK, callback, "charge_id", json!(charge_id))
}

fn entity(kind: &'static str, record: &impl Serialize, name: &str, value: Value) -> Shown {
    // A record is an object of texts, numbers and lists, which JSON can always have; what could not be shown is read from its row.
    match serde_json::to_value(record) {
        Ok(Value::Object(mut fields)) => {
            fields.insert(name.to_owned(), value);
            Shown::new(kind, Value::Object(fields))
        }
        _ => Shown::without_json(kind),
    }
}
