//! What was charged, by the admin API: the truth that tests compare with.

use serde_json::{Value, json};

use super::Refused;
use crate::{
    core::{
        charge::{Charge, Moved, Payment},
        ledger::Ledger,
    },
    exchange::Request,
    faces,
};

pub(super) fn list(ledger: &Ledger, request: &Request) -> Value {
    let fits = |charge: &&Charge| {
        request.asked("account").is_none_or(|account| account == charge.account)
            && request.asked("code").is_none_or(|code| code == charge.code)
    };
    ledger.list::<Charge>().into_iter().filter(fits).map(shown).collect()
}

pub(super) fn get(ledger: &Ledger, id: &str) -> Result<Value, Refused> {
    ledger.get::<Charge>(id).map(|charge| shown(&charge)).ok_or_else(Refused::unknown)
}

pub(super) fn pay(ledger: &mut Ledger, id: &str, payment: Payment) -> Result<Value, Refused> {
    get(ledger, id)?;
    faces::pay(ledger, id, payment).map_err(Refused::conflict)?;
    get(ledger, id)
}

pub(super) fn charge_back(ledger: &mut Ledger, id: &str) -> Result<Value, Refused> {
    get(ledger, id)?;
    faces::charge_back(ledger, id).map_err(Refused::conflict)?;
    get(ledger, id)
}

/// Sums are in centavos. `received` and `given_back` are money; `canceled_amount` is what the vendor says.
fn shown(charge: &Charge) -> Value {
    json!({
        "id": charge.id,
        "account": charge.account,
        "order": charge.order,
        "invoice": charge.invoice,
        "code": charge.code,
        "metadata": charge.metadata,
        "method": charge.method.name(),
        "status": charge.status.name(),
        "amount": charge.amount,
        "canceled_amount": charge.canceled,
        "received": charge.moved(Moved::Paid),
        "given_back": charge.moved(Moved::GivenBack),
        "charged_back": charge.moved(Moved::ChargedBack),
        "attempts": charge.transactions.len(),
        "moves": charge.moves,
    })
}
