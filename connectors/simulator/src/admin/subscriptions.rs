//! Subscriptions that were made, by the admin API: the truth that tests compare with.

use feira_schemas::time::rfc3339;
use serde_json::{Value, json};

use crate::{
    core::{charge::Charge, ledger::Ledger, recurring::Recurring},
    exchange::Request,
    faces,
};

pub(super) fn list(ledger: &Ledger, request: &Request) -> Value {
    let fits = |subscription: &Recurring| {
        request.asked("account").is_none_or(|account| account == subscription.account)
            && request.asked("code").is_none_or(|code| code == subscription.code)
    };
    let all = faces::subscriptions(ledger).into_iter().filter(fits);
    all.map(|subscription| shown(ledger, &subscription)).collect()
}

/// `charges` are the ids of the charges that were made for it, also of those that were refused.
fn shown(ledger: &Ledger, subscription: &Recurring) -> Value {
    let is_its_own = |charge: &&Charge| charge.invoice.as_ref().is_some_and(|id| subscription.invoices.contains(id));
    let charges: Vec<&str> =
        ledger.list::<Charge>().into_iter().filter(is_its_own).map(|charge| charge.id.as_str()).collect();
    json!({
        "id": subscription.id,
        "account": subscription.account,
        "code": subscription.code,
        "metadata": subscription.metadata,
        "status": subscription.status,
        "created_at": rfc3339(subscription.created),
        "canceled_at": subscription.canceled_at.map(rfc3339),
        "charges": charges,
    })
}
