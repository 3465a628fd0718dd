//! Looks: what was found of a charge or a subscription at its gateway without an attempt.

use std::sync::Arc;

use feira_schemas::{
    ids::{EffectId, TenantId},
    records::{
        PaymentsEvent,
        common::Outcome,
        payments::{Charge, ObserveCharge, ObserveSubscription, ReportAttempt},
    },
    rows::payments::{EffectRow, SubscriptionRow},
};

use super::{
    about::{OfCharge, OfSubscription},
    cancels,
    case::Case,
    charges::{self, By},
    ends,
    entity::{Kept, say},
    refunds, refused, shown, subscriptions,
};
use crate::{Decided, Decision, DecisionContext, Need, Rows, Stop};

/// Merges a look into its charge. What names another account, or another charge there than the one that is known, is dropped. A look
/// that finds the charge for the first time closes the effect that was to make it; one that shows money gone back, that of a refund
/// in doubt.
pub(super) fn observe(command: &ObserveCharge, rows: &Rows, context: &DecisionContext) -> Decided<PaymentsEvent> {
    let tenant = command.meta.tenant_id;
    let row = charges::known(tenant, command.charge_id, rows)?;
    let mut charge = Kept::from(&*row);
    let is_its_own = charges::merge_into(&mut charge.now, &command.observed, By::Look);
    if !is_its_own || !charge.has_changed() {
        return Ok(Decision::unchanged(context, shown::charge(&row.charge, row.version)));
    }
    let mut decision = Decision::new(context);
    let answers = Some(context.answers(Outcome::Updated));
    match case_of(command, charge, rows)? {
        Ok(mut case) => {
            match case.about.refund {
                Some(_) => case.settle(context),
                None => case.found(context),
            }
            case.say_entity_first(&mut decision, context, answers);
        }
        Err(charge) => {
            let cancel = cancels::due(&charge, context);
            say(&mut decision, context, charge, answers);
            if let Some(cancel) = cancel {
                charges::want(&mut decision, cancel);
            }
        }
    }
    Ok(decision)
}

/// The case that a look says something about; the charge alone if there is none.
fn case_of(
    command: &ObserveCharge,
    charge: Kept<Charge>,
    rows: &Rows,
) -> Result<Result<Case<OfCharge>, Kept<Charge>>, Stop> {
    let tenant = command.meta.tenant_id;
    if charge.is_seen_first() {
        let row = open_effect(tenant, Some(EffectId::from_uuid(command.charge_id.uuid())), rows)?;
        return Ok(match row {
            Some(row) => Ok(Case::with(&row, OfCharge::from(charge))),
            None => Err(charge),
        });
    }
    if !charge.has_more_cancelled() {
        return Ok(Err(charge));
    }
    let refunds = refunds::all(tenant, command.charge_id, rows)?;
    let under_way = refunds.iter().find(|row| refunds::is_under_way(&row.refund));
    let effect = under_way.map(|row| EffectId::from_uuid(row.refund.refund_id.uuid()));
    Ok(match (under_way, open_effect(tenant, effect, rows)?) {
        (Some(refund), Some(row)) => {
            let refund = Some(Kept::from(&**refund));
            Ok(Case::with(&row, OfCharge { charge, refund }))
        }
        _ => Err(charge),
    })
}

fn open_effect(tenant: TenantId, effect: Option<EffectId>, rows: &Rows) -> Result<Option<Arc<EffectRow>>, Need> {
    match effect {
        Some(effect) => rows.get::<EffectRow>(EffectRow::at(tenant, effect)),
        None => Ok(None),
    }
}

/// Merges a look into its subscription, or into a charge of it. What is of another account, or of another subscription there than the
/// one that is known, is dropped.
pub(super) fn observe_subscription(
    command: &ObserveSubscription,
    rows: &Rows,
    context: &DecisionContext,
) -> Decided<PaymentsEvent> {
    let row = subscriptions::known(command.meta.tenant_id, command.subscription_id, rows)?;
    let mut about = OfSubscription::from(&*row);
    let found = (command.observed.as_ref(), command.charge.as_ref());
    match about.see(found, By::Look, rows, context)? {
        true => seen(&row, about, rows, context),
        false => Ok(Decision::unchanged(context, shown::subscription(&row.subscription, row.version))),
    }
}

/// A report on an effect of a subscription that is closed: what it has found is merged all the same.
pub(super) fn late(command: &ReportAttempt, rows: &Rows, context: &DecisionContext) -> Decided<PaymentsEvent> {
    let Ok(subscription) = command.entity.parse() else { return Err(refused::closed().into()) };
    let row = subscriptions::known(command.meta.tenant_id, subscription, rows)?;
    let mut about = OfSubscription::from(&*row);
    match about.see((command.subscription.as_ref(), command.observed.as_ref()), By::Attempt, rows, context)? {
        true => seen(&row, about, rows, context),
        false => Err(refused::of_another().into()),
    }
}

/// Says what was seen of a subscription. What finds it for the first time closes the effect that was to make it; what shows that it is
/// ended, the one that was to end it.
fn seen(
    row: &SubscriptionRow,
    about: OfSubscription,
    rows: &Rows,
    context: &DecisionContext,
) -> Decided<PaymentsEvent> {
    if !about.has_changed() {
        return Ok(Decision::unchanged(context, shown::subscription(&row.subscription, row.version)));
    }
    let subscription = &about.subscription.now;
    let effect = match (about.subscription.is_seen_first(), ends::is_ended(subscription)) {
        (true, _) => Some(subscriptions::making(subscription.subscription_id)),
        (false, true) => subscription.ending,
        (false, false) => None,
    };
    let mut decision = Decision::new(context);
    let mut answers = Some(context.answers(Outcome::Updated));
    match open_effect(row.tenant_id, effect, rows)? {
        Some(effect) => {
            let mut case = Case::with(&effect, about);
            case.found(context);
            case.say_entity_first(&mut decision, context, answers);
        }
        None => about.say_alone(&mut decision, context, &mut answers),
    }
    Ok(decision)
}
