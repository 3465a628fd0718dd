//! The rows that payments' events make.

use feira_schemas::{
    records::{
        EventSet, PaymentsEvent,
        payments::{Charge, ChargeStatus, Effect, EffectState},
    },
    row::Write,
    rows::payments::{
        AccountRow, CallbackRow, ChargeOfMonthRow, ChargeRow, CredentialRow, EffectRow, Matter, OpenMatterRow,
        RefundRow, RemoteChargeRow, StandingRow,
    },
};

pub(super) fn apply(event: &PaymentsEvent) -> Vec<Write> {
    let meta = event.meta();
    let (tenant_id, version, at) = (meta.tenant_id, meta.aggregate_version, meta.write_ts);
    match event {
        PaymentsEvent::AccountChanged(event) => {
            vec![Write::put(AccountRow { tenant_id, version, account: event.account.clone() }, at)]
        }
        PaymentsEvent::ChargeChanged(event) => {
            let charge = &event.charge;
            let mut writes = vec![
                Write::put(ChargeRow { tenant_id, version, charge: charge.clone() }, at),
                Write::put(ChargeOfMonthRow::of(tenant_id, charge.created_at, charge.charge_id), at),
            ];
            writes.extend(charge.observed.as_ref().map(|observed| {
                let (account_id, remote_id) = (observed.account_id, observed.remote.charge.clone());
                Write::put(RemoteChargeRow { tenant_id, account_id, remote_id, charge_id: charge.charge_id }, at)
            }));
            writes
        }
        PaymentsEvent::RefundChanged(event) => {
            vec![Write::put(RefundRow { tenant_id, version, refund: event.refund.clone() }, at)]
        }
        PaymentsEvent::CallbackKept(event) => {
            let (callback, charge_id) = (event.callback.clone(), event.charge_id);
            vec![Write::put(CallbackRow { tenant_id, callback, charge_id }, at)]
        }
        PaymentsEvent::CredentialChanged(event) => {
            vec![Write::put(CredentialRow { tenant_id, version, credential: event.credential.clone() }, at)]
        }
        PaymentsEvent::StandingChanged(event) => {
            vec![Write::put(StandingRow { tenant_id, standing: event.standing.clone() }, at)]
        }
        PaymentsEvent::EffectWanted(_) | PaymentsEvent::EffectGranted(_) | PaymentsEvent::EffectReported(_) => {
            let Some(effect) = effect_of(event) else { return Vec::new() };
            vec![match effect.state {
                EffectState::Closed => Write::delete::<EffectRow>(EffectRow::at(tenant_id, effect.effect_id), at),
                _ => Write::put(EffectRow { tenant_id, version, effect: effect.clone() }, at),
            }]
        }
        PaymentsEvent::CommandAnswered(_) | PaymentsEvent::TimerSet(_) | PaymentsEvent::TimerCleared(_) => Vec::new(),
    }
}

/// The row by which a runner finds what an event leaves open in a partition, or that it leaves nothing open.
pub(super) fn of_partition(event: &PaymentsEvent, partition: u32) -> Vec<Write> {
    let (matter, open) = match event {
        PaymentsEvent::ChargeChanged(event) => (Matter::Charge(event.charge.charge_id), is_looked_at(&event.charge)),
        other => match effect_of(other) {
            Some(effect) => (Matter::Effect(effect.effect_id), effect.state != EffectState::Closed),
            None => return Vec::new(),
        },
    };
    let meta = event.meta();
    let row = OpenMatterRow { partition: i64::from(partition), matter: matter.to_string(), tenant_id: meta.tenant_id };
    vec![match open {
        true => Write::put(row, meta.write_ts),
        false => Write::delete::<OpenMatterRow>(OpenMatterRow::at(partition, matter), meta.write_ts),
    }]
}

fn effect_of(event: &PaymentsEvent) -> Option<&Effect> {
    match event {
        PaymentsEvent::EffectWanted(event) => Some(&event.effect),
        PaymentsEvent::EffectGranted(event) => Some(&event.effect),
        PaymentsEvent::EffectReported(event) => Some(&event.effect),
        _ => None,
    }
}

/// A charge is looked at while the gateway has it and money may still come by itself. What is paid is looked at when a callback says so,
/// and by the reconciliation.
fn is_looked_at(charge: &Charge) -> bool {
    charge.observed.is_some()
        && matches!(
            charge.status,
            ChargeStatus::Pending | ChargeStatus::Confirming | ChargeStatus::Authorized | ChargeStatus::Underpaid
        )
}
