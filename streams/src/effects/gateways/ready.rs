//! All that an attempt needs, made ready before its grant is asked for, so that the grant's ten seconds are the call's alone.

use feira_connectors::gateway::LookUp;
use feira_schemas::{
    gateway::{Outcome, Problem, Recurrence, Refusal, RefusedFor},
    ids::{AccountId, Micros, RefundId, TenantId},
    records::payments::{Charge, Effect, EffectKind, Plan, PlanStatus, Subscription},
    rows::payments::{EffectRow, PlanRow, RefundRow, SavedCardRow},
    time::HOUR,
};

use super::{
    about::About,
    accounts::Pass,
    asked::{Act, Asked, NotAsked},
    by_hand::{self, KEY_OF_ATTEMPT},
    convert,
    facts::{self, NoFacts},
    gate::Wish,
    matters::{Memory, Next},
    opening::NotOpened,
    recurring,
    work::{SOON, Work},
};

/// An attempt that is being made ready.
pub(super) struct Ready<'a> {
    pub row: &'a EffectRow,
    pub about: About,
    pub act: Act,
    /// The account that will be asked, as far as it can be told before the grant.
    pub asked: Option<Asked>,
    /// The leave to call it; none where nothing will be called.
    pub pass: Option<Pass>,
    /// The sum that the gateway was seen to have cancelled.
    pub seen_refunded: Option<i64>,
}

impl Work {
    /// Makes all ready that can be made ready without a grant, so that the grant's ten seconds are the call's alone.
    pub async fn ready<'a>(&self, row: &'a EffectRow, memory: Memory) -> Result<Ready<'a>, Next> {
        let (tenant, effect) = (row.tenant_id, &row.effect);
        let Some(about) = self.about(tenant, effect).await else { return Err(self.later(HOUR, memory)) };
        let act = match self.act(row, &about).await {
            Ok(act) => act,
            Err(NoFacts::Refused(refusal)) => Act::Not(refusal),
            Err(NoFacts::NotYet) => return Err(self.rest(memory)),
            Err(NoFacts::NotOpened(NotOpened::Erased)) => Act::Not(erased()),
            Err(NoFacts::NotOpened(why)) => return Err(self.unopened(tenant, &why, memory)),
        };
        let account = self.account_for(tenant, effect, &about).await;
        let over = is_over(effect, self.platform.now());
        let (Some(account), false, false) = (account, over, matches!(act, Act::Not(_))) else {
            // Nothing will be called: whoever decides says what becomes of it.
            return Ok(Ready { row, about, act, asked: None, pass: None, seen_refunded: None });
        };
        let asked = match self.asked_for(tenant, account, about.lent()).await {
            Ok(asked) => asked,
            Err(NotAsked::Missing) => return Err(self.rest(memory)),
            Err(NotAsked::NotOpened(why)) => return Err(self.unopened(tenant, &why, memory)),
        };
        self.check_lent(tenant, effect, &asked, memory)?;
        let owner = asked.owner;
        let mut ready = Ready { row, about, act, asked: Some(asked), pass: None, seen_refunded: None };
        self.look_first(&mut ready, memory).await?;
        if !matches!(ready.act, Act::Not(_)) {
            ready.pass = Some(self.pass(owner, account, Wish::Act, memory)?);
        }
        Ok(ready)
    }

    async fn account_for(&self, tenant: TenantId, effect: &Effect, about: &About) -> Option<AccountId> {
        if let Some(account) = effect.account_id.or(about.account()) {
            return Some(account);
        }
        match about {
            About::Charge(_) => self.default_account(tenant).await,
            About::Subscription(subscription) => self.plan_of(tenant, subscription).await.map(|plan| plan.account_id),
            About::Plan(_) | About::Card(_) => None,
        }
    }

    /// Rests where an effect goes to a lent account that is not working: who decides for the effect's tenant can't know. A subscription's
    /// page waits until its owner has mended it.
    fn check_lent(&self, tenant: TenantId, effect: &Effect, asked: &Asked, memory: Memory) -> Result<(), Next> {
        let is_refused = self.accounts.is_refused(asked.owner, asked.account_id, asked.version);
        match asked.may_be_asked(tenant, effect.kind) && !is_refused {
            true => Ok(()),
            // Not so long that a key which is saved meanwhile would not be noticed.
            false => Err(self.rest(memory)),
        }
    }

    /// The leave to make one call on an account of this tenant's; or when to come again.
    pub(super) fn pass(&self, owner: TenantId, account: AccountId, wish: Wish, memory: Memory) -> Result<Pass, Next> {
        self.accounts.enter(owner, account, wish).map_err(|due| self.again_at(due, memory))
    }

    async fn act(&self, row: &EffectRow, about: &About) -> Result<Act, NoFacts> {
        let (tenant, effect) = (row.tenant_id, &row.effect);
        match (effect.kind, about) {
            (EffectKind::Charge, About::Charge(charge)) => {
                let mut facts = facts::charge(&self.keyring, tenant, charge).await?;
                if by_hand::is_in(KEY_OF_ATTEMPT) {
                    facts.effect = by_hand::key_of(effect);
                }
                Ok(Act::Charge(Box::new(facts)))
            }
            (EffectKind::Refund, About::Charge(charge)) => self.refund(row, charge).await,
            (EffectKind::Cancel, About::Charge(charge)) => {
                let remote = charge.observed.as_ref().map(|observed| observed.remote.charge.as_str());
                let remote = remote.ok_or_else(|| NoFacts::Refused(unknown("charge")))?;
                Ok(Act::Cancel(facts::cancel(effect.effect_id, remote)))
            }
            (EffectKind::SaveCard, About::Card(card)) => {
                recurring::card(&self.keyring, tenant, card).await.map(|facts| Act::SaveCard(Box::new(facts)))
            }
            (EffectKind::Subscription, About::Subscription(subscription)) => {
                self.subscription(tenant, subscription).await
            }
            (EffectKind::EndSubscription, About::Subscription(subscription)) => {
                let remote = subscription.observed.as_ref().map(|observed| observed.remote_id.as_str());
                let remote = remote.ok_or_else(|| NoFacts::Refused(unknown("subscription")))?;
                Ok(Act::EndSubscription(recurring::end(effect.effect_id, remote)))
            }
            _ => Err(NoFacts::Refused(unknown("record"))),
        }
    }

    async fn refund(&self, row: &EffectRow, charge: &Charge) -> Result<Act, NoFacts> {
        let tenant = row.tenant_id;
        let remote = charge.observed.as_ref().map(|observed| observed.remote.charge.as_str());
        let refund = RefundId::from_uuid(row.effect.effect_id.uuid());
        let refund = self.row::<RefundRow>(&RefundRow::at(tenant, charge.charge_id, refund)).await;
        let (Some(remote), Some(row)) = (remote, refund) else { return Err(NoFacts::Refused(unknown("charge"))) };
        let facts = facts::refund(&self.keyring, tenant, &row.refund, remote, charge).await;
        facts.map(|facts| Act::Refund(Box::new(facts)))
    }

    /// A subscription's plan and its kept card are fixed by its first grant; before it, they are those of their rows, which do not
    /// change once they are made.
    async fn subscription(&self, tenant: TenantId, subscription: &Subscription) -> Result<Act, NoFacts> {
        let plan = match &subscription.plan {
            Some(plan) => Some(plan.clone()),
            None => match self.plan_of(tenant, subscription).await {
                Some(plan) if plan.status == PlanStatus::Processing => return Err(NoFacts::NotYet),
                plan => plan.and_then(|plan| plan.remote_id),
            },
        };
        let kept = match (&subscription.kept, subscription.request.card.card_id) {
            (Some(kept), _) => Some(kept.clone()),
            (None, Some(card)) => {
                self.row::<SavedCardRow>(&SavedCardRow::at(tenant, card)).await.and_then(|row| row.card.kept)
            }
            (None, None) => None,
        };
        let plan = plan.ok_or_else(|| NoFacts::Refused(unknown("plan")))?;
        let facts = recurring::subscription(&self.keyring, tenant, subscription, plan, kept).await;
        facts.map(|facts| Act::Subscription(Box::new(facts)))
    }

    async fn plan_of(&self, tenant: TenantId, subscription: &Subscription) -> Option<Plan> {
        let key = PlanRow::at(tenant, subscription.request.plan_id);
        self.row::<PlanRow>(&key).await.map(|row| row.plan)
    }

    /// Looks at a charge that money goes back of, or at a subscription that is to end, before anything is done to it.
    async fn look_first(&self, ready: &mut Ready<'_>, memory: Memory) -> Result<(), Next> {
        let Some(asked) = &ready.asked else { return Ok(()) };
        let looked = match (ready.row.effect.kind, &ready.about) {
            (EffectKind::Refund | EffectKind::Cancel, About::Charge(charge)) => {
                self.look_at_charge_first(ready.row.tenant_id, asked, charge, memory).await?
            }
            (EffectKind::EndSubscription, About::Subscription(subscription)) => {
                self.look_at_subscription_first(ready.row.tenant_id, asked, subscription, memory).await?
            }
            _ => return Ok(()),
        };
        match looked {
            Looked::AsKnown(seen) => ready.seen_refunded = seen,
            Looked::Not(refusal) => ready.act = Act::Not(refusal),
        }
        Ok(())
    }

    /// What the look shows beyond what is known is said first, and decided upon.
    async fn look_at_charge_first(
        &self,
        tenant: TenantId,
        asked: &Asked,
        charge: &Charge,
        memory: Memory,
    ) -> Result<Looked, Next> {
        let Some(known) = &charge.observed else { return Ok(Looked::AsKnown(None)) };
        let pass = self.pass(asked.owner, asked.account_id, Wish::Look, memory)?;
        let outcome = asked.look(&LookUp::Id(known.remote.charge.clone())).await;
        pass.told(&outcome);
        match outcome {
            Outcome::Done(Some(observed)) if convert::shows_something_new(known, &observed) => {
                self.observe(tenant, charge, &observed).await;
                Err(self.later(SOON, Memory { tries: memory.tries + 1, ..memory }))
            }
            Outcome::Done(Some(observed)) => Ok(Looked::AsKnown(Some(observed.charge.cancelled))),
            Outcome::Done(None) => Ok(Looked::Not(missing("charge"))),
            Outcome::Refused(refusal) => Ok(Looked::Not(refusal)),
            Outcome::NotSent(_) | Outcome::Unknown(_) => Err(self.rest(memory)),
        }
    }

    /// One that has ended already is said to have, so that nobody is asked.
    async fn look_at_subscription_first(
        &self,
        tenant: TenantId,
        asked: &Asked,
        subscription: &Subscription,
        memory: Memory,
    ) -> Result<Looked, Next> {
        let Some(known) = &subscription.observed else { return Ok(Looked::AsKnown(None)) };
        let pass = self.pass(asked.owner, asked.account_id, Wish::Look, memory)?;
        let outcome = asked.look_at_subscription(&LookUp::Id(known.remote_id.clone())).await;
        pass.told(&outcome);
        match outcome {
            Outcome::Done(Some(look)) if look.recurrence == Recurrence::Ended => {
                self.observe_subscription(tenant, subscription, &look).await;
                Err(self.rest(memory))
            }
            Outcome::Done(Some(_)) => Ok(Looked::AsKnown(None)),
            Outcome::Done(None) => Ok(Looked::Not(missing("subscription"))),
            Outcome::Refused(refusal) => Ok(Looked::Not(refusal)),
            Outcome::NotSent(_) | Outcome::Unknown(_) => Err(self.rest(memory)),
        }
    }
}

/// The end of a look before something is done.
enum Looked {
    /// It shows what is known here; of a charge with its cancelled sum.
    AsKnown(Option<i64>),
    /// Nothing can be done.
    Not(Refusal),
}

/// True once nothing may be sent for an effect: whoever decides closes it when it is asked. The clock of who decides may be a little
/// behind this one.
fn is_over(effect: &Effect, now: Micros) -> bool {
    let clocks_differ_by = 5_000_000;
    let over = effect.not_after.into_iter().chain(effect.first_granted_at.map(|first| first + 20 * HOUR)).min();
    over.is_some_and(|over| now > over + clocks_differ_by)
}

/// The kind of the problem that a record's data are erased.
pub(super) const ERASED: &str = "erased";

/// What is asked with was erased before anybody was asked.
fn erased() -> Refusal {
    Refusal { why: RefusedFor::Request, problems: vec![Problem::new(ERASED, None, "the buyer's data were erased")] }
}

/// The record does not name what is to be done.
fn unknown(what: &str) -> Refusal {
    let problems = vec![Problem::new("facts", None, &format!("the gateway does not have the {what}"))];
    Refusal { why: RefusedFor::State, problems }
}

/// The gateway does not find what is known here.
fn missing(what: &str) -> Refusal {
    Refusal { why: RefusedFor::NotFound, problems: vec![Problem::new("gateway", None, &format!("no such {what}"))] }
}
