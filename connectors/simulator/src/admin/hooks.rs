//! Hooks by the admin API.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::Refused;
use crate::{
    core::{
        account::Account,
        charge::Charge,
        hooks::{self, Credentials, Delivery, State},
        ledger::Ledger,
    },
    exchange::Request,
    faces,
};

pub(super) fn list(ledger: &Ledger, request: &Request) -> Value {
    let fits = |delivery: &&Delivery| request.asked("account").is_none_or(|account| account == delivery.account);
    ledger.list::<Delivery>().into_iter().filter(fits).map(|delivery| json!(delivery)).collect()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Forged {
    account: String,
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    credentials: Credentials,
    charge: Option<String>,
    #[serde(default)]
    changes: Map<String, Value>,
    data: Option<Value>,
}

pub(super) fn forge(ledger: &mut Ledger, forged: Forged) -> Result<Value, Refused> {
    let account = ledger.get::<Account>(&forged.account).ok_or_else(Refused::unknown)?;
    if account.hooks.is_none() {
        return Err(Refused::conflict("the account has no address for hooks"));
    }
    let data = match (forged.charge, forged.data) {
        (Some(id), None) => {
            let charge = ledger.get::<Charge>(&id).ok_or_else(Refused::unknown)?;
            let mut data = faces::shown(ledger, &charge);
            forged.changes.into_iter().for_each(|(name, value)| data[name] = value);
            data
        }
        (None, Some(data)) if forged.changes.is_empty() => data,
        _ => return Err(Refused::wrong("a forged hook has a charge, with changes or without, or data")),
    };
    let hook = faces::forge(ledger, &account, &forged.kind, data, forged.credentials);
    Ok(json!({"hook": hook}))
}

/// Delivers again what was delivered: by the id of the delivery, or of the hook.
pub(super) fn repeat(ledger: &mut Ledger, id: &str) -> Result<Value, Refused> {
    let same = |delivery: &&Delivery| delivery.id == id || delivery.hook == id;
    let found = ledger.list::<Delivery>().into_iter().find(same).cloned().ok_or_else(Refused::unknown)?;
    let due = ledger.now();
    hooks::enqueue(ledger, Delivery { tries: 0, state: State::Waiting, due, ..found.clone() });
    Ok(json!({"hook": found.hook}))
}
