//! Subscriptions that go on: the gateway charges by itself, and is looked at when a charge is due, and at once where a callback points
//! at one. A look that shows nothing new says nothing. One that was given up is looked for where a callback points at it: it was made
//! after all.

use feira_connectors::gateway::LookUp;
use feira_contexts::payments;
use feira_schemas::{
    gateway::{Observed, Outcome, Subscription as Look},
    ids::{AccountId, EffectId, Micros, SubscriptionId, TenantId},
    records::payments::{ObservedSubscription, Subscription},
    rows::payments::{ChargeRow, EffectRow, RemoteChargeRow, SubscriptionRow},
    time::{HOUR, MINUTE},
};

use super::{
    asked::NotAsked,
    convert,
    gate::Wish,
    matters::{Memory, Next, Turn},
    recurring, schedule,
    work::Work,
};

/// The longest rest between two turns: a wall clock that was set is noticed by then.
const LONGEST_REST: Micros = HOUR;

impl Work {
    /// Looks at a subscription if it is time, or if a callback points at it.
    pub async fn watch_subscription(&self, subscription: SubscriptionId, turn: &Turn) -> Next {
        let (tenant, memory) = (turn.key.tenant, turn.memory);
        let is_open = self.is_open(turn).await;
        if !is_open && !turn.pointed_at {
            return Next::Finished;
        }
        let row = self.row::<SubscriptionRow>(&SubscriptionRow::at(tenant, subscription)).await;
        let subscription = row.map(|row| row.subscription);
        let Some(subscription) = subscription else { return Next::Finished };
        let Some(known) = &subscription.observed else { return self.look_for_given_up(&subscription, turn).await };
        let last = memory.looked_at.unwrap_or(known.observed_at);
        if !turn.pointed_at {
            let due = schedule::next_look_at_subscription(known, last) - self.platform.now();
            if due > 0 {
                return self.later(due.min(LONGEST_REST), memory);
            }
        }
        let asked = match self.asked_for(tenant, known.account_id, subscription.lent.as_ref()).await {
            Ok(asked) => asked,
            Err(NotAsked::Missing) => return self.rest(memory),
            Err(NotAsked::NotOpened(why)) => return self.unopened(tenant, &why, memory),
        };
        let wish = if turn.pointed_at { Wish::Callback } else { Wish::Look };
        let pass = match self.pass(asked.owner, known.account_id, wish, memory) {
            Ok(pass) => pass,
            Err(next) => return next,
        };
        let began = self.platform.now();
        let outcome = asked.look_at_subscription(&LookUp::Id(known.remote_id.clone())).await;
        pass.told(&outcome);
        match outcome {
            Outcome::Done(Some(look)) => self.say_news(tenant, &subscription, known, &look).await,
            Outcome::Done(None) | Outcome::Refused(_) => {
                tracing::warn!(tenant.id = %tenant, subscription.id = %subscription.subscription_id, account.id = %known.account_id, "a subscription can't be looked at: the gateway does not show it to this account");
            }
            Outcome::NotSent(_) | Outcome::Unknown(_) => return self.rest(memory),
        }
        if !is_open {
            return Next::Finished;
        }
        let memory = Memory { looked_at: Some(began.max(last)), tries: 0, ..memory };
        // What the look has shown is a row by now, from which the next turn takes its time.
        Next::Again { due: self.platform.clock.steady() + 1, memory, looked: true }
    }

    /// Looks once, by its code, for a subscription that the gateway has not shown and that a callback points at. While the effect that makes
    /// it is open, it is that one's matter.
    async fn look_for_given_up(&self, subscription: &Subscription, turn: &Turn) -> Next {
        let (tenant, memory) = (turn.key.tenant, turn.memory);
        let effect = EffectId::from_uuid(subscription.subscription_id.uuid());
        // One of which no attempt was granted the gateway has never heard of.
        let Some(account) = subscription.account_id.filter(|_| turn.pointed_at) else { return Next::Finished };
        if self.row::<EffectRow>(&EffectRow::at(tenant, effect)).await.is_some() {
            return Next::Finished;
        }
        let asked = match self.asked_for(tenant, account, subscription.lent.as_ref()).await {
            Ok(asked) => asked,
            Err(NotAsked::Missing) => return self.rest(memory),
            Err(NotAsked::NotOpened(why)) => return self.unopened(tenant, &why, memory),
        };
        let pass = match self.pass(asked.owner, account, Wish::Callback, memory) {
            Ok(pass) => pass,
            Err(next) => return next,
        };
        // Since a minute before, as the gateway's clock is another.
        let look_up = LookUp::Effect { effect, since: subscription.created_at - MINUTE };
        let outcome = asked.look_at_subscription(&look_up).await;
        pass.told(&outcome);
        match outcome {
            Outcome::Done(Some(look)) => {
                let at = (asked.gateway.name(), account);
                self.observe_subscription_at(tenant, subscription, at, &look).await;
                Next::Finished
            }
            Outcome::Done(None) | Outcome::Refused(_) => Next::Finished,
            Outcome::NotSent(_) | Outcome::Unknown(_) => self.rest(memory),
        }
    }

    /// Says what a look at a subscription has found, if it is news.
    async fn say_news(&self, tenant: TenantId, subscription: &Subscription, known: &ObservedSubscription, look: &Look) {
        let charge = match &look.charge {
            Some(charge) => self.is_news(tenant, known.account_id, charge).await,
            None => false,
        };
        let seen = recurring::observed(look, &known.gateway, known.account_id);
        if charge || payments::is_news_of_subscription(known, &seen) {
            self.observe_subscription(tenant, subscription, look).await;
        }
    }

    /// True if a charge of a subscription is not known here, or more is seen of it than is known.
    async fn is_news(&self, tenant: TenantId, account: AccountId, look: &Observed) -> bool {
        let key = RemoteChargeRow::at(tenant, account, &look.charge.remote.charge);
        let Some(row) = self.row::<RemoteChargeRow>(&key).await else { return true };
        let row = self.row::<ChargeRow>(&ChargeRow::at(tenant, row.charge_id)).await;
        let known = row.and_then(|row| row.charge.observed);
        known.is_none_or(|known| convert::shows_something_new(&known, look))
    }
}
