//! The rows that payments' events make.

use feira_schemas::{
    ids::{Micros, SubscriptionId, TenantId},
    records::{
        EventSet, PaymentsEvent,
        mails::{MailEvent, SaysMails},
        payments::{
            Charge, ChargePurpose, ChargeStatus, DifferenceChanged, DifferenceStatus, Effect, EffectState, LentAccount,
            Recurrence, Subscription,
        },
    },
    row::Write,
    rows::payments::{
        AccountRow, CallbackRow, ChargeOfMonthRow, ChargeOfSubscriptionRow, ChargeRow, CredentialRow, DifferenceRow,
        EffectRow, LentChargeOfMonthRow, LentRemoteRow, MailRow, Matter, OpenDifferenceRow, OpenMailRow, OpenMatterRow,
        PlanRow, ReconciliationRow, RefundRow, RemoteChargeRow, RemoteSubscriptionRow, SavedCardRow, StandingRow,
        SubscriptionOfMonthRow, SubscriptionRow,
    },
};

use crate::mails;

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
            writes.extend(charge.lent.as_ref().map(|lent| {
                let (borrower, asked_at) = (tenant_id, charge.created_at);
                Write::put(LentChargeOfMonthRow::of(lent.owner, asked_at, borrower, charge.charge_id), at)
            }));
            let seen = charge.observed.as_ref().map(|observed| observed.remote.charge.as_str());
            writes.extend(lent_remote(charge.lent.as_ref(), seen, tenant_id).map(|row| Write::put(row, at)));
            writes.extend(subscription_of(charge).map(|subscription| {
                Write::put(
                    ChargeOfSubscriptionRow::of(tenant_id, subscription, charge.created_at, charge.charge_id),
                    at,
                )
            }));
            writes
        }
        PaymentsEvent::RefundChanged(event) => {
            vec![Write::put(RefundRow { tenant_id, version, refund: event.refund.clone() }, at)]
        }
        PaymentsEvent::CallbackKept(event) => {
            let (callback, charge_id, subscription_id) =
                (event.callback.clone(), event.charge_id, event.subscription_id);
            vec![Write::put(CallbackRow { tenant_id, callback, charge_id, subscription_id }, at)]
        }
        PaymentsEvent::CredentialChanged(event) => {
            vec![Write::put(CredentialRow { tenant_id, version, credential: event.credential.clone() }, at)]
        }
        PaymentsEvent::StandingChanged(event) => {
            vec![Write::put(StandingRow { tenant_id, standing: event.standing.clone() }, at)]
        }
        PaymentsEvent::PlanChanged(event) => {
            vec![Write::put(PlanRow { tenant_id, version, plan: event.plan.clone() }, at)]
        }
        PaymentsEvent::SavedCardChanged(event) => {
            vec![Write::put(SavedCardRow { tenant_id, version, card: event.card.clone() }, at)]
        }
        PaymentsEvent::RemoteSubscriptionChanged(event) => {
            of_subscription(&event.subscription, (tenant_id, version, at))
        }
        PaymentsEvent::EffectWanted(_) | PaymentsEvent::EffectGranted(_) | PaymentsEvent::EffectReported(_) => {
            let Some(effect) = effect_of(event) else { return Vec::new() };
            vec![match effect.state {
                EffectState::Closed => Write::delete::<EffectRow>(EffectRow::at(tenant_id, effect.effect_id), at),
                _ => Write::put(EffectRow { tenant_id, version, effect: effect.clone() }, at),
            }]
        }
        PaymentsEvent::DifferenceChanged(event) => {
            let (difference_id, difference) = (event.difference.found.difference_id, event.difference.clone());
            vec![Write::put(DifferenceRow { tenant_id, difference_id, version, difference }, at)]
        }
        PaymentsEvent::ReconciliationRequested(event) => {
            let asked_at = event.asked_at;
            let row = |account_id| ReconciliationRow { tenant_id, account_id, version, asked_at };
            event.account_ids.iter().map(|account| Write::put(row(*account), at)).collect()
        }
        PaymentsEvent::MailWanted(event) => vec![mails::row::<MailRow>(MailEvent::Wanted(event))],
        PaymentsEvent::MailDone(event) => vec![mails::row::<MailRow>(MailEvent::Done(event))],
        PaymentsEvent::CommandAnswered(_) | PaymentsEvent::TimerSet(_) | PaymentsEvent::TimerCleared(_) => Vec::new(),
    }
}

/// The subscription whose period a charge pays.
fn subscription_of(charge: &Charge) -> Option<SubscriptionId> {
    let of = charge.order_id.as_deref().filter(|_| charge.purpose == ChargePurpose::Subscription);
    of.and_then(|id| id.parse().ok())
}

/// The row by which its owner finds what is at an account that it lends this tenant, once the gateway was `seen` to have it.
fn lent_remote(lent: Option<&LentAccount>, seen: Option<&str>, borrower: TenantId) -> Option<LentRemoteRow> {
    let (lent, remote) = lent.zip(seen)?;
    let (tenant_id, account_id, remote_id) = (lent.owner, lent.account_id, remote.to_owned());
    Some(LentRemoteRow { tenant_id, account_id, remote_id, borrower })
}

/// The rows of a subscription of this tenant and version, written at this time.
fn of_subscription(subscription: &Subscription, (tenant_id, version, at): (TenantId, i64, Micros)) -> Vec<Write> {
    let subscription_id = subscription.subscription_id;
    let of_month = SubscriptionOfMonthRow::of(tenant_id, subscription.created_at, subscription_id);
    let mut writes = vec![
        Write::put(SubscriptionRow { tenant_id, version, subscription: subscription.clone() }, at),
        Write::put(of_month, at),
    ];
    writes.extend(subscription.observed.as_ref().map(|observed| {
        let (account_id, remote_id) = (observed.account_id, observed.remote_id.clone());
        Write::put(RemoteSubscriptionRow { tenant_id, account_id, remote_id, subscription_id }, at)
    }));
    let seen = subscription.observed.as_ref().map(|observed| observed.remote_id.as_str());
    writes.extend(lent_remote(subscription.lent.as_ref(), seen, tenant_id).map(|row| Write::put(row, at)));
    writes
}

/// The rows by which a runner finds what an event leaves open in a partition, or that it leaves nothing open.
pub(super) fn of_partition(event: &PaymentsEvent, partition: u32) -> Vec<Write> {
    if let Some(event) = event.as_mail() {
        return vec![mails::open_row::<OpenMailRow>(event, partition)];
    }
    match event {
        PaymentsEvent::ChargeChanged(changed) => {
            vec![matter(event, partition, Matter::Charge(changed.charge.charge_id), is_looked_at(&changed.charge))]
        }
        PaymentsEvent::RemoteSubscriptionChanged(changed) => {
            let subscription = &changed.subscription;
            vec![matter(event, partition, Matter::Subscription(subscription.subscription_id), goes_on(subscription))]
        }
        // An account is never deleted: its charges are compared as long as there are some.
        PaymentsEvent::AccountChanged(changed) => {
            vec![matter(event, partition, Matter::Account(changed.account.account_id), true)]
        }
        PaymentsEvent::ReconciliationRequested(asked) => {
            asked.account_ids.iter().map(|account| matter(event, partition, Matter::Account(*account), true)).collect()
        }
        PaymentsEvent::DifferenceChanged(changed) => vec![open_difference(changed, partition)],
        other => effect_of(other)
            .map(|effect| {
                let open = effect.state != EffectState::Closed;
                matter(event, partition, Matter::Effect(effect.effect_id), open)
            })
            .into_iter()
            .collect(),
    }
}

fn matter(event: &PaymentsEvent, partition: u32, matter: Matter, open: bool) -> Write {
    let meta = event.meta();
    let row = OpenMatterRow { partition: i64::from(partition), matter: matter.to_string(), tenant_id: meta.tenant_id };
    match open {
        true => Write::put(row, meta.write_ts),
        false => Write::delete::<OpenMatterRow>(OpenMatterRow::at(partition, matter), meta.write_ts),
    }
}

fn open_difference(event: &DifferenceChanged, partition: u32) -> Write {
    let DifferenceChanged { meta, difference } = event;
    let (tenant_id, difference_id) = (meta.tenant_id, difference.found.difference_id);
    match difference.status {
        DifferenceStatus::Open => {
            let row = OpenDifferenceRow { partition: i64::from(partition), tenant_id, difference_id };
            Write::put(row, meta.write_ts)
        }
        _ => {
            let key = OpenDifferenceRow::at(partition, tenant_id, difference_id);
            Write::delete::<OpenDifferenceRow>(key, meta.write_ts)
        }
    }
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

/// A subscription is looked at from when the gateway has it until it is ended: whether it is renewed, the gateway alone decides.
fn goes_on(subscription: &Subscription) -> bool {
    subscription.observed.as_ref().is_some_and(|observed| observed.recurrence != Recurrence::Ended)
}
