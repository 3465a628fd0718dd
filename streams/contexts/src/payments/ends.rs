//! Ending subscriptions. A subscription is ended once a look shows it so. One that was given up, of which the gateway has shown nothing,
//! is ended should it turn up late.

use feira_schemas::{
    ids::EffectId,
    records::{
        PaymentsEvent,
        common::Outcome,
        payments::{Effect, EffectKind, EffectState, EndSubscription, Recurrence, Subscription, SubscriptionStatus},
    },
    rows::payments::EffectRow,
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
    if row.subscription.status == SubscriptionStatus::Ended || row.subscription.end_wanted {
        return Ok(Decision::unchanged(context, shown::subscription(&row.subscription, row.version)));
    }
    let mut subscription = Kept::from(&*row);
    let effect = rows.get::<EffectRow>(EffectRow::at(tenant, subscriptions::making(command.subscription_id)))?;
    let unsent = effect.filter(|row| row.effect.state == EffectState::Wanted).map(|row| Kept::from(&*row));
    let answers = Some(context.answers(Outcome::Updated));
    let mut decision = Decision::new(context);
    subscription.now.end_wanted = true;
    // Of one that was given up there is no effect any more, and nothing to end so far: what is wanted is remembered.
    if let Some(mut effect) = unsent {
        // No attempt is under way or in doubt: the gateway never hears of it.
        ledger::leave(&mut effect.now, EffectState::Closed);
        subscription.now.status = SubscriptionStatus::Cancelled;
        say(&mut decision, context, subscription, answers);
        say(&mut decision, context, effect, None);
        return Ok(decision);
    }
    let ending = begun(&mut subscription.now, context);
    say(&mut decision, context, subscription, answers);
    if let Some(ending) = ending {
        charges::want(&mut decision, ending);
    }
    Ok(decision)
}

/// True for a subscription that the gateway was seen to have ended.
pub(super) fn is_ended(subscription: &Subscription) -> bool {
    subscription.observed.as_ref().is_some_and(|observed| observed.recurrence == Recurrence::Ended)
}

/// The effect that ends a subscription which was to be ended before the gateway had it, and has it now.
pub(super) fn due(subscription: &mut Kept<Subscription>, context: &DecisionContext) -> Option<Effect> {
    let appears = subscription.is_seen_first();
    (appears && subscription.now.end_wanted).then(|| begun(&mut subscription.now, context)).flatten()
}

/// The effect that ends a subscription, if the gateway has it and it goes on. The subscription names it from now on.
fn begun(subscription: &mut Subscription, context: &DecisionContext) -> Option<Effect> {
    if subscription.observed.is_none() || is_ended(subscription) {
        return None;
    }
    let effect_id = EffectId::derive(context.cause.command_id, 1, context.now);
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
