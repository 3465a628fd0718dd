//! Ending subscriptions. A subscription is ended once a look shows it so. One that was given up, of which the gateway has shown nothing,
//! is ended should it turn up late.

use std::sync::Arc;

use feira_schemas::{
    ids::EffectId,
    records::{
        PaymentsEvent,
        common::{Answers, Outcome},
        payments::{Effect, EffectKind, EffectState, EndSubscription, Recurrence, Subscription, SubscriptionStatus},
    },
    rows::payments::{EffectRow, SubscriptionRow},
};

use super::{
    charges,
    entity::{Kept, say},
    ledger, lent, shown, subscriptions,
};
use crate::{Decided, Decision, DecisionContext, Rows, expected::check_version};

pub(super) fn end(command: &EndSubscription, rows: &Rows, context: &DecisionContext) -> Decided<PaymentsEvent> {
    let tenant = command.meta.tenant_id;
    let row = subscriptions::known(tenant, command.subscription_id, rows)?;
    lent::check_subscription(&row.subscription, &command.meta)?;
    check_version(&command.meta, row.version)?;
    if !may_be_ended(&row.subscription) {
        return Ok(Decision::unchanged(context, shown::subscription(&row.subscription, row.version)));
    }
    let making = rows.get::<EffectRow>(EffectRow::at(tenant, subscriptions::making(command.subscription_id)))?;
    let answers = Some(context.answers(Outcome::Updated));
    let mut decision = Decision::new(context);
    want(&mut decision, &row, making, (1, answers), context);
    Ok(decision)
}

/// True unless a subscription is over, or is to end already.
pub(super) fn may_be_ended(subscription: &Subscription) -> bool {
    subscription.status != SubscriptionStatus::Ended && !subscription.end_wanted
}

/// Has a subscription ended, which the effect of this row was to make. `index` tells those of one decision apart.
pub(super) fn want(
    decision: &mut Decision<PaymentsEvent>,
    row: &SubscriptionRow,
    making: Option<Arc<EffectRow>>,
    (index, answers): (u32, Option<Answers>),
    context: &DecisionContext,
) {
    let mut subscription = Kept::from(row);
    let unsent = making.filter(|row| row.effect.state == EffectState::Wanted).map(|row| Kept::from(&*row));
    subscription.now.end_wanted = true;
    // Of one that was given up there is no effect any more, and nothing to end so far: what is wanted is remembered.
    if let Some(mut effect) = unsent {
        // No attempt is under way or in doubt: the gateway never hears of it.
        ledger::leave(&mut effect.now, EffectState::Closed);
        subscription.now.status = SubscriptionStatus::Cancelled;
        say(decision, context, subscription, answers);
        say(decision, context, effect, None);
        return;
    }
    let ending = begun(&mut subscription.now, index, context);
    say(decision, context, subscription, answers);
    if let Some(ending) = ending {
        charges::want(decision, ending);
    }
}

/// True for a subscription that the gateway was seen to have ended.
pub(super) fn is_ended(subscription: &Subscription) -> bool {
    subscription.observed.as_ref().is_some_and(|observed| observed.recurrence == Recurrence::Ended)
}

/// The effect that ends a subscription which was to be ended before the gateway had it, and has it now.
pub(super) fn due(subscription: &mut Kept<Subscription>, context: &DecisionContext) -> Option<Effect> {
    let appears = subscription.is_seen_first();
    (appears && subscription.now.end_wanted).then(|| begun(&mut subscription.now, 1, context)).flatten()
}

/// The effect that ends a subscription, if the gateway has it and it goes on. The subscription names it from now on.
fn begun(subscription: &mut Subscription, index: u32, context: &DecisionContext) -> Option<Effect> {
    if subscription.observed.is_none() || is_ended(subscription) {
        return None;
    }
    let effect_id = EffectId::derive(context.cause.command_id, index, context.now);
    subscription.ending = Some(effect_id);
    Some(Effect {
        effect_id,
        kind: EffectKind::EndSubscription,
        entity: subscription.subscription_id.to_string(),
        charge_id: None,
        state: EffectState::Wanted,
        account_id: subscription.account_id,
        not_after: Some(context.now.saturating_add(ledger::WAITS_FOR)),
        wanted_at: context.now,
        first_granted_at: None,
        attempts: 0,
        granted: None,
        last: None,
        settled: None,
    })
}
