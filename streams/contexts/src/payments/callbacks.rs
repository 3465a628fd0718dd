//! Callbacks: hints to look. Of each is kept where to look, once.

use feira_schemas::{
    ids::{ChargeId, TenantId},
    records::{
        PaymentsEvent,
        common::Outcome,
        payments::{Callback, CallbackKept, Charge, ReceiveCallback},
    },
    rows::payments::{AccountRow, CallbackRow, ChargeRow, RemoteChargeRow},
};

use super::{accounts, shown};
use crate::{Decided, Decision, DecisionContext, EntityVersion, Need, Rows};

pub(super) fn receive(command: &ReceiveCallback, rows: &Rows, context: &DecisionContext) -> Decided<PaymentsEvent> {
    let (tenant, callback) = (command.meta.tenant_id, &command.callback);
    if rows.get::<AccountRow>(AccountRow::at(tenant, callback.account_id))?.is_none() {
        return Err(accounts::no_such_account().into());
    }
    let at = CallbackRow::at(tenant, callback.account_id, &callback.callback_id);
    if let Some(row) = rows.get::<CallbackRow>(at)? {
        let charge_id = row.charge_id.map(|charge| charge.to_string());
        return Ok(Decision::unchanged(context, shown::callback(&row.callback, charge_id)));
    }
    let charge_id = match about(tenant, callback, rows)? {
        About::Charge(charge) => Some(charge),
        About::NoneKnown => None,
        // It is answered, so that it is not sent again, and nothing is looked at because of it.
        About::AnothersCharge => return Ok(Decision::unchanged(context, shown::callback(callback, None))),
    };
    let callback = callback.clone();
    let entity = EntityVersion::new(format!("callback:{}:{}", callback.account_id, callback.callback_id), 1);
    let mut decision = Decision::new(context);
    decision.answer(Outcome::Created, entity, |meta| CallbackKept { meta, callback, charge_id });
    Ok(decision)
}

/// The charge that a callback is about.
enum About {
    /// This one.
    Charge(ChargeId),
    /// None that is known here: a subscription, or what somebody has charged by other means.
    NoneKnown,
    /// One of another account, or known by another id at the gateway.
    AnothersCharge,
}

/// Finds the charge by the code that it was made with, which is its id; else by the gateway's id of it.
fn about(tenant: TenantId, callback: &Callback, rows: &Rows) -> Result<About, Need> {
    let code = callback.code.as_deref().and_then(|code| code.parse::<ChargeId>().ok());
    if let Some(charge_id) = code
        && let Some(row) = rows.get::<ChargeRow>(ChargeRow::at(tenant, charge_id))?
    {
        return Ok(match fits(&row.charge, callback) {
            true => About::Charge(charge_id),
            false => About::AnothersCharge,
        });
    }
    let Some(remote) = &callback.remote_charge else { return Ok(About::NoneKnown) };
    let row = rows.get::<RemoteChargeRow>(RemoteChargeRow::at(tenant, callback.account_id, remote))?;
    Ok(row.map_or(About::NoneKnown, |row| About::Charge(row.charge_id)))
}

fn fits(charge: &Charge, callback: &Callback) -> bool {
    let known = charge.observed.as_ref().map(|observed| &observed.remote.charge);
    let same_charge = match (known, &callback.remote_charge) {
        (Some(known), Some(named)) => known == named,
        _ => true,
    };
    charge.account_id == Some(callback.account_id) && same_charge
}
