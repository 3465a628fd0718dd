//! The facts of plans, kept cards and subscriptions, made of records alone, and what a look found of a subscription, as a record has it.

use feira_connectors::{
    gateway::{self, CardFacts, CardSource, EndFacts, PlanFacts, SubscriptionFacts},
    keyring::Keyring,
};
use feira_schemas::{
    gateway::{Problem, Recurrence, Refusal, RefusedFor, Subscription as Look},
    ids::{AccountId, EffectId, TenantId},
    records::payments::{self, KeptCard, ObservedSubscription, Plan, SavedCard, Subscription},
};

use super::{
    facts::{NoFacts, buyer},
    opening::{Sealing, open, open_some},
};

/// The facts of a plan.
pub(super) fn plan(plan: &Plan) -> Result<PlanFacts, Refusal> {
    let wrong = || Refusal {
        why: RefusedFor::Request,
        problems: vec![Problem::new("facts", Some("months"), "must be 1 to 24")],
    };
    Ok(PlanFacts {
        effect: EffectId::from_uuid(plan.plan_id.uuid()),
        name: plan.name.clone(),
        description: plan.description.clone(),
        price: plan.price.amount,
        months: u8::try_from(plan.months).map_err(|_| wrong())?,
        statement_descriptor: plan.statement_descriptor.clone(),
    })
}

/// The facts of a card that is to be kept.
pub(super) async fn card(keyring: &Keyring, tenant: TenantId, card: &SavedCard) -> Result<CardFacts, NoFacts> {
    Ok(CardFacts {
        effect: EffectId::from_uuid(card.card_id.uuid()),
        tenant,
        holder: buyer(keyring, tenant, &card.holder).await?,
        token: open(keyring, tenant, &card.card_token).await?,
    })
}

/// The facts of a subscription to the plan that the gateway has under this id, paid by its token or by the card that the gateway keeps.
pub(super) async fn subscription(
    keyring: &Keyring,
    tenant: TenantId,
    subscription: &Subscription,
    plan: String,
    kept: Option<KeptCard>,
) -> Result<SubscriptionFacts, NoFacts> {
    let request = &subscription.request;
    let token = open_some(keyring, tenant, request.card.card_token.as_ref()).await?;
    let source = match (token, kept) {
        (Some(token), _) => CardSource::Token(token),
        (None, Some(kept)) => CardSource::Saved { customer: kept.customer, card: kept.card },
        (None, None) => return Err(NoFacts::wrong("card", "has neither a token nor a saved card")),
    };
    Ok(SubscriptionFacts {
        effect: EffectId::from_uuid(subscription.subscription_id.uuid()),
        tenant,
        plan,
        subscriber: buyer(keyring, tenant, &request.subscriber).await?,
        source,
        starts: request.starts,
    })
}

/// The facts of ending a subscription that the gateway has under this id.
pub(super) fn end(effect: EffectId, remote: &str) -> EndFacts {
    EndFacts { effect, subscription: remote.to_owned() }
}

/// A card that a gateway keeps, as a record has it, its digits sealed.
pub(super) async fn kept(card: &gateway::SavedCard, sealing: &mut Sealing<'_>) -> KeptCard {
    KeptCard {
        customer: card.customer.clone(),
        card: card.card.clone(),
        brand: card.brand.clone(),
        last_four: sealing.seal(card.last_four.as_ref()).await,
    }
}

/// What a look found of a subscription, as a record has it.
pub(super) fn observed(look: &Look, gateway: &str, account_id: AccountId) -> ObservedSubscription {
    let charge = look.charge.as_ref();
    ObservedSubscription {
        gateway: gateway.to_owned(),
        account_id,
        remote_id: look.id.clone(),
        code: look.code.clone(),
        customer: look.customer.clone(),
        plan: look.plan.clone(),
        recurrence: recurrence(look.recurrence),
        recurrence_at: look.observed_at,
        period_begins: look.period.map(|period| period.begins),
        period_ends: look.period.map(|period| period.ends),
        next_billing: look.next_billing,
        charge: charge.map(|observed| observed.charge.remote.charge.clone()),
        charge_seen_at: charge.map_or(0, |_| look.observed_at),
        observed_at: look.observed_at,
    }
}

fn recurrence(recurrence: Recurrence) -> payments::Recurrence {
    match recurrence {
        Recurrence::Future => payments::Recurrence::Future,
        Recurrence::Active => payments::Recurrence::Active,
        Recurrence::Unpaid => payments::Recurrence::Unpaid,
        Recurrence::Ended => payments::Recurrence::Ended,
        Recurrence::Other => payments::Recurrence::Other,
    }
}
