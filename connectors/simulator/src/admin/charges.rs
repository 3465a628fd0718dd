//! What was charged, by the admin API: the truth that tests compare with.

use serde::Deserialize;
use serde_json::{Value, json};

use super::Refused;
use crate::{
    core::{
        acts::{self, What},
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

/// Takes a charge out as if it had never been made, and gives it as it was.
pub(super) fn forget(ledger: &mut Ledger, id: &str) -> Result<Value, Refused> {
    let known = get(ledger, id)?;
    faces::forget(ledger, id).map_err(Refused::conflict)?;
    for planned in [What::Pay, What::Expire, What::ChargeBack] {
        acts::forget(ledger, &planned(id.to_owned()));
    }
    Ok(known)
}

/// Sums that the vendor is to show, in centavos: what is left out stays.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sums {
    paid: Option<i64>,
    canceled: Option<i64>,
}

/// Shows other sums of a paid charge than its money has.
pub(super) fn misstate(ledger: &mut Ledger, id: &str, sums: Sums) -> Result<Value, Refused> {
    let mut charge = ledger.get::<Charge>(id).ok_or_else(Refused::unknown)?;
    if !charge.status.is_paid() {
        return Err(Refused::conflict(format!("it is {}", charge.status.name())));
    }
    let (paid, canceled) = (sums.paid.unwrap_or(charge.paid), sums.canceled.unwrap_or(charge.canceled));
    if !(1..=charge.amount).contains(&paid) || !(0..=paid).contains(&canceled) {
        return Err(Refused::wrong("the paid sum is from 1 to the charge's own, and no more than it is canceled"));
    }
    (charge.paid, charge.canceled) = (paid, canceled);
    ledger.put(charge);
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
