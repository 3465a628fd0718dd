//! Hooks: what is told of an order, a charge and the rest, as it is at that moment.

use serde_json::{Value, json};

use super::{kept::Order, show, times};
use crate::core::{account::Account, charge::Charge, faults::Effect, hooks, ledger::Ledger};

/// Tells of an order as it is now.
pub(super) fn of_order(ledger: &mut Ledger, order: &Order, kind: &str, magic: &mut Option<Effect>) {
    let data = show::order(ledger, order);
    of(ledger, &order.account, kind, data, magic);
}

/// Tells of a charge as it is now.
pub(super) fn of_charge(ledger: &mut Ledger, charge: &Charge, kind: &str, magic: &mut Option<Effect>) {
    let data = show::charge(ledger, charge);
    of(ledger, &charge.account, kind, data, magic);
}

/// Sends a hook of that type with that data.
pub(super) fn of(ledger: &mut Ledger, account: &str, kind: &str, data: Value, magic: &mut Option<Effect>) {
    let Some(account) = ledger.get::<Account>(account) else { return };
    let id = ledger.id("hook");
    let body = body(ledger, &account, &id, kind, data);
    hooks::send(ledger, &account, &id, kind, &body, magic);
}

/// The bytes of a hook.
pub(super) fn body(ledger: &Ledger, account: &Account, id: &str, kind: &str, data: Value) -> String {
    json!({
        "id": id,
        "account": {"id": account.id, "name": account.name},
        "type": kind,
        "created_at": times::shown_with_millis(ledger.now()),
        "data": data,
    })
    .to_string()
}
