//! What each vendor's face does, by the vendor of whom it is.

use serde_json::Value;

use crate::{
    core::{
        account::{Account, Gateway},
        charge::{Charge, Payment},
        hooks::Credentials,
        ledger::Ledger,
        recurring::Recurring,
        rows::Tables,
    },
    pagarme, stripe,
};

/// All tables.
pub(crate) fn tables() -> Tables {
    stripe::tables(pagarme::tables(crate::core::tables()))
}

fn gateway_of(ledger: &Ledger, charge: &str) -> Option<Gateway> {
    let charge = ledger.get::<Charge>(charge)?;
    ledger.get::<Account>(&charge.account).map(|account| account.gateway)
}

/// Pays a Pix or a boleto. An error says why it can't be.
pub(crate) fn pay(ledger: &mut Ledger, charge: &str, payment: Payment) -> Result<(), String> {
    match gateway_of(ledger, charge) {
        Some(Gateway::Stripe) => stripe::pay(ledger, charge, payment),
        _ => pagarme::pay(ledger, charge, payment),
    }
}

/// Ends a Pix or a boleto that nobody has paid. With pagar.me it goes on waiting.
pub(crate) fn expire(ledger: &mut Ledger, charge: &str) {
    if gateway_of(ledger, charge) == Some(Gateway::Stripe) {
        stripe::expire(ledger, charge);
    }
}

/// Takes a paid charge back for the buyer, for good. An error says why it can't be.
pub(crate) fn charge_back(ledger: &mut Ledger, charge: &str) -> Result<(), String> {
    match gateway_of(ledger, charge) {
        Some(Gateway::Stripe) => stripe::charge_back(ledger, charge),
        _ => pagarme::charge_back(ledger, charge),
    }
}

/// Takes a charge out, and what is of it alone, as if it had never been made. An error says why it can't be.
pub(crate) fn forget(ledger: &mut Ledger, charge: &str) -> Result<(), String> {
    match gateway_of(ledger, charge) {
        Some(Gateway::Stripe) => stripe::forget(ledger, charge),
        _ => pagarme::forget(ledger, charge),
    }
}

/// Begins the next cycle of a subscription: each vendor knows its own.
pub(crate) fn renew(ledger: &mut Ledger, subscription: &str) {
    pagarme::renew(ledger, subscription);
    stripe::renew(ledger, subscription);
}

/// All subscriptions.
pub(crate) fn subscriptions(ledger: &Ledger) -> Vec<Recurring> {
    let mut all = pagarme::recurring(ledger);
    all.extend(stripe::recurring(ledger));
    all
}

/// A charge as its account would see it.
pub(crate) fn shown(ledger: &Ledger, charge: &Charge) -> Value {
    match gateway_of(ledger, &charge.id) {
        Some(Gateway::Stripe) => stripe::shown(ledger, charge),
        _ => pagarme::shown(ledger, charge),
    }
}

/// Forges a hook: any data under the account's name, with credentials that need not be right. The hook's id.
pub(crate) fn forge(
    ledger: &mut Ledger,
    account: &Account,
    kind: &str,
    data: Value,
    credentials: Credentials,
) -> String {
    match account.gateway {
        Gateway::Stripe => stripe::forge(ledger, account, kind, data, credentials),
        Gateway::Pagarme => pagarme::forge(ledger, account, kind, data, credentials),
    }
}
