//! Callbacks: hints to look. Of each is kept where to look, once.

use feira_schemas::{
    ids::{AccountId, ChargeId, SubscriptionId, TenantId},
    records::{
        PaymentsEvent,
        common::Outcome,
        payments::{Callback, CallbackKept, LentAccount, ReceiveCallback},
    },
    rows::payments::{AccountRow, CallbackRow, ChargeRow, RemoteChargeRow, RemoteSubscriptionRow, SubscriptionRow},
};

use super::{accounts, shown};
use crate::{Decided, Decision, DecisionContext, EntityVersion, Need, Rows};

pub(super) fn receive(command: &ReceiveCallback, rows: &Rows, context: &DecisionContext) -> Decided<PaymentsEvent> {
    let (tenant, callback) = (command.meta.tenant_id, &command.callback);
    let is_own = rows.get::<AccountRow>(AccountRow::at(tenant, callback.account_id))?.is_some();
    let at = CallbackRow::at(tenant, callback.account_id, &callback.callback_id);
    if let Some(row) = rows.get::<CallbackRow>(at)? {
        return Ok(Decision::unchanged(context, shown::callback(&row.callback, row.charge_id, row.subscription_id)));
    }
    let about = about(tenant, callback, rows)?;
    if !is_own && !is_at_lent(tenant, callback, &about, rows)? {
        return Err(accounts::no_such_account().into());
    }
    let (charge_id, subscription_id) = match about {
        About::These(charge, subscription) => (charge, subscription),
        // It is answered, so that it is not sent again, and nothing is looked at because of it.
        About::Anothers => return Ok(Decision::unchanged(context, shown::callback(callback, None, None))),
    };
    let callback = callback.clone();
    let entity = EntityVersion::new(format!("callback:{}:{}", callback.account_id, callback.callback_id), 1);
    let mut decision = Decision::new(context);
    decision.answer(Outcome::Created, entity, |meta| CallbackKept { meta, callback, charge_id, subscription_id });
    Ok(decision)
}

/// What a callback is about.
enum About {
    /// This charge, this subscription, both (a renewal), or none that is known here: what somebody has charged by other means.
    These(Option<ChargeId>, Option<SubscriptionId>),
    /// A charge or subscription of another account, or known by another id at the gateway.
    Anothers,
}

/// Finds charge and subscription by the code that they were made with, which is their id; else by the gateway's ids of them.
fn about(tenant: TenantId, callback: &Callback, rows: &Rows) -> Result<About, Need> {
    let code = callback.code.as_deref();
    if let Some(charge_id) = code.and_then(|code| code.parse::<ChargeId>().ok())
        && let Some(row) = rows.get::<ChargeRow>(ChargeRow::at(tenant, charge_id))?
    {
        let known = row.charge.observed.as_ref().map(|observed| &observed.remote.charge);
        let fits = fits(callback, row.charge.account_id, known, callback.remote_charge.as_ref());
        return Ok(if fits { About::These(Some(charge_id), None) } else { About::Anothers });
    }
    let charge = match &callback.remote_charge {
        Some(remote) => rows.get::<RemoteChargeRow>(RemoteChargeRow::at(tenant, callback.account_id, remote))?,
        None => None,
    };
    let charge = charge.map(|row| row.charge_id);
    if let Some(subscription_id) = code.and_then(|code| code.parse::<SubscriptionId>().ok())
        && let Some(row) = rows.get::<SubscriptionRow>(SubscriptionRow::at(tenant, subscription_id))?
    {
        let known = row.subscription.observed.as_ref().map(|observed| &observed.remote_id);
        let fits = fits(callback, row.subscription.account_id, known, callback.remote_subscription.as_ref());
        return Ok(if fits { About::These(charge, Some(subscription_id)) } else { About::Anothers });
    }
    let Some(remote) = &callback.remote_subscription else { return Ok(About::These(charge, None)) };
    let at = RemoteSubscriptionRow::at(tenant, callback.account_id, remote);
    let subscription = rows.get::<RemoteSubscriptionRow>(at)?;
    Ok(About::These(charge, subscription.map(|row| row.subscription_id)))
}

/// True if the callback is about what the tenant owes at an account that another tenant lends it, and is that account's.
fn is_at_lent(tenant: TenantId, callback: &Callback, about: &About, rows: &Rows) -> Result<bool, Need> {
    let About::These(charge, subscription) = about else { return Ok(false) };
    let lends = |lent: Option<&LentAccount>| lent.is_some_and(|lent| lent.account_id == callback.account_id);
    if let Some(charge) = charge
        && let Some(row) = rows.get::<ChargeRow>(ChargeRow::at(tenant, *charge))?
        && lends(row.charge.lent.as_ref())
    {
        return Ok(true);
    }
    let Some(subscription) = subscription else { return Ok(false) };
    let row = rows.get::<SubscriptionRow>(SubscriptionRow::at(tenant, *subscription))?;
    Ok(row.is_some_and(|row| lends(row.subscription.lent.as_ref())))
}

/// True if what is found by its code is at the callback's account, and is not known there by another id than the one that it names.
fn fits(callback: &Callback, account: Option<AccountId>, known: Option<&String>, named: Option<&String>) -> bool {
    let same = match (known, named) {
        (Some(known), Some(named)) => known == named,
        _ => true,
    };
    account == Some(callback.account_id) && same
}
