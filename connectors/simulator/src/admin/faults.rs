//! Faults by the admin API.

use serde::Deserialize;
use serde_json::{Value, json};

use super::Refused;
use crate::core::{
    account::Account,
    faults::{Effect, FAULTS, Fault, Operation},
    ledger::Ledger,
};

/// Calls that one fault may be ordered for.
const TIMES: u32 = 100_000;

#[derive(Deserialize)]
pub(super) struct Order {
    account: Option<String>,
    operation: Option<Operation>,
    times: Option<u32>,
    #[serde(flatten)]
    effect: Effect,
}

pub(super) fn list(ledger: &Ledger) -> Value {
    ledger.list::<Fault>().into_iter().map(shown).collect()
}

pub(super) fn order(ledger: &mut Ledger, order: Order) -> Result<Value, Refused> {
    let times = order.times.unwrap_or(1);
    if !(1..=TIMES).contains(&times) || !order.effect.is_within_limits() {
        return Err(Refused::wrong("a number is beyond what may be ordered"));
    }
    if order.account.as_deref().is_some_and(|id| ledger.get::<Account>(id).is_none()) {
        return Err(Refused::unknown());
    }
    if ledger.list::<Fault>().len() >= FAULTS {
        return Err(Refused::conflict("too many faults are ordered"));
    }
    let (id, effect) = (ledger.id("fault"), order.effect);
    let fault = Fault { id, account: order.account, operation: order.operation, effect, times };
    let shown = shown(&fault);
    ledger.put(fault);
    Ok(shown)
}

pub(super) fn take_all_back(ledger: &mut Ledger) -> Value {
    let ids: Vec<String> = ledger.list::<Fault>().into_iter().map(|fault| fault.id.clone()).collect();
    ids.iter().for_each(|id| ledger.remove::<Fault>(id));
    json!({"taken_back": ids.len()})
}

pub(super) fn take_back(ledger: &mut Ledger, id: &str) -> Result<Value, Refused> {
    let fault = ledger.get::<Fault>(id).ok_or_else(Refused::unknown)?;
    ledger.remove::<Fault>(id);
    Ok(shown(&fault))
}

fn shown(fault: &Fault) -> Value {
    json!(fault)
}
