//! Calls that came, by the admin API.

use serde_json::{Value, json};

use crate::{
    core::{calls::Calls, ledger::Ledger},
    exchange::Request,
};

pub(super) fn list(ledger: &Ledger, request: &Request) -> Value {
    let only = request.asked("account");
    let writes = ledger.list::<Calls>().into_iter();
    let writes = writes.map(|calls| (calls.account.as_str(), json!(calls.operation), calls.count));
    let reads = ledger.reads().map(|(account, operation, count)| (account, json!(operation), count));
    let all = writes.chain(reads).filter(|(account, ..)| only.is_none_or(|only| only == *account));
    all.map(|(account, operation, count)| json!({"account": account, "operation": operation, "count": count})).collect()
}
