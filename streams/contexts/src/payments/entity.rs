//! Entities that an input changes: each is changed as a value, and said by one event if it is another one than before.

use feira_schemas::{
    ids::Micros,
    records::{
        PaymentsEvent,
        common::Answers,
        payments::{
            Account, AccountChanged, Charge, ChargeChanged, Effect, EffectGranted, EffectReported, EffectState,
            EffectWanted, Plan, PlanChanged, Refund, RefundChanged, RemoteSubscriptionChanged, SavedCard,
            SavedCardChanged, Subscription,
        },
    },
    rows::payments::{AccountRow, ChargeRow, EffectRow, PlanRow, RefundRow, SavedCardRow, SubscriptionRow},
};

use crate::{Decision, DecisionContext, EntityVersion};

/// An entity as it was and as it becomes.
#[derive(Debug, Clone)]
pub(super) struct Kept<T> {
    before: Option<T>,
    version: i64,
    /// The entity as it becomes.
    pub now: T,
}

impl<T: Clone + PartialEq> Kept<T> {
    /// An entity that is made.
    pub fn new(now: T) -> Self {
        Self { before: None, version: 0, now }
    }

    fn of(entity: &T, version: i64) -> Self {
        Self { before: Some(entity.clone()), version, now: entity.clone() }
    }

    /// True if it is another one than before.
    pub fn has_changed(&self) -> bool {
        self.before.as_ref() != Some(&self.now)
    }

    /// The version that is present: of one that is being made 0.
    pub fn version(&self) -> i64 {
        self.version
    }
}

impl Kept<Account> {
    /// True if the account is broken and was not before.
    pub fn breaks(&self) -> bool {
        self.now.why.is_some() && self.before.as_ref().is_none_or(|before| before.why.is_none())
    }
}

impl Kept<Charge> {
    /// True if the gateway is seen to have the charge and was not before.
    pub fn is_seen_first(&self) -> bool {
        self.now.observed.is_some() && self.before.as_ref().is_none_or(|before| before.observed.is_none())
    }

    /// True if the gateway is seen to have cancelled more of the charge than before.
    pub fn has_more_cancelled(&self) -> bool {
        let sum = |charge: &Charge| charge.observed.as_ref().map_or(0, |observed| observed.cancelled);
        sum(&self.now) > self.before.as_ref().map_or(0, sum)
    }
}

impl Kept<Subscription> {
    /// True if the gateway is seen to have the subscription and was not before.
    pub fn is_seen_first(&self) -> bool {
        self.now.observed.is_some() && self.before.as_ref().is_none_or(|before| before.observed.is_none())
    }
}

impl From<&AccountRow> for Kept<Account> {
    fn from(row: &AccountRow) -> Self {
        Self::of(&row.account, row.version)
    }
}

impl From<&ChargeRow> for Kept<Charge> {
    fn from(row: &ChargeRow) -> Self {
        Self::of(&row.charge, row.version)
    }
}

impl From<&RefundRow> for Kept<Refund> {
    fn from(row: &RefundRow) -> Self {
        Self::of(&row.refund, row.version)
    }
}

impl From<&EffectRow> for Kept<Effect> {
    fn from(row: &EffectRow) -> Self {
        Self::of(&row.effect, row.version)
    }
}

impl From<&PlanRow> for Kept<Plan> {
    fn from(row: &PlanRow) -> Self {
        Self::of(&row.plan, row.version)
    }
}

impl From<&SavedCardRow> for Kept<SavedCard> {
    fn from(row: &SavedCardRow) -> Self {
        Self::of(&row.card, row.version)
    }
}

impl From<&SubscriptionRow> for Kept<Subscription> {
    fn from(row: &SubscriptionRow) -> Self {
        Self::of(&row.subscription, row.version)
    }
}

/// An entity that has events of its own.
pub(super) trait Said: Clone + PartialEq {
    /// The entity's id in events.
    fn id(&self) -> String;
    /// The time of its last change is this.
    fn touch(&mut self, now: Micros);
    /// Says what it is now.
    fn say(self, decision: &mut Decision<PaymentsEvent>, answers: Option<Answers>, entity: EntityVersion);
}

impl Said for Account {
    fn id(&self) -> String {
        self.account_id.to_string()
    }

    fn touch(&mut self, now: Micros) {
        self.updated_at = now;
    }

    fn say(self, decision: &mut Decision<PaymentsEvent>, answers: Option<Answers>, entity: EntityVersion) {
        decision.answer_for(answers, entity, |meta| AccountChanged { meta, account: self });
    }
}

impl Said for Charge {
    fn id(&self) -> String {
        self.charge_id.to_string()
    }

    fn touch(&mut self, now: Micros) {
        self.updated_at = now;
    }

    fn say(self, decision: &mut Decision<PaymentsEvent>, answers: Option<Answers>, entity: EntityVersion) {
        decision.answer_for(answers, entity, |meta| ChargeChanged { meta, charge: self });
    }
}

impl Said for Refund {
    fn id(&self) -> String {
        self.refund_id.to_string()
    }

    fn touch(&mut self, now: Micros) {
        self.updated_at = now;
    }

    fn say(self, decision: &mut Decision<PaymentsEvent>, answers: Option<Answers>, entity: EntityVersion) {
        decision.answer_for(answers, entity, |meta| RefundChanged { meta, refund: self });
    }
}

impl Said for Plan {
    fn id(&self) -> String {
        self.plan_id.to_string()
    }

    fn touch(&mut self, now: Micros) {
        self.updated_at = now;
    }

    fn say(self, decision: &mut Decision<PaymentsEvent>, answers: Option<Answers>, entity: EntityVersion) {
        decision.answer_for(answers, entity, |meta| PlanChanged { meta, plan: self });
    }
}

impl Said for SavedCard {
    fn id(&self) -> String {
        self.card_id.to_string()
    }

    fn touch(&mut self, now: Micros) {
        self.updated_at = now;
    }

    fn say(self, decision: &mut Decision<PaymentsEvent>, answers: Option<Answers>, entity: EntityVersion) {
        decision.answer_for(answers, entity, |meta| SavedCardChanged { meta, card: self });
    }
}

impl Said for Subscription {
    fn id(&self) -> String {
        self.subscription_id.to_string()
    }

    fn touch(&mut self, now: Micros) {
        self.updated_at = now;
    }

    fn say(self, decision: &mut Decision<PaymentsEvent>, answers: Option<Answers>, entity: EntityVersion) {
        decision.answer_for(answers, entity, |meta| RemoteSubscriptionChanged { meta, subscription: self });
    }
}

impl Said for Effect {
    fn id(&self) -> String {
        self.effect_id.to_string()
    }

    fn touch(&mut self, _: Micros) {}

    /// What is granted has a grant; what nobody has attempted or has to look at once more is wanted; all else came of a report, or
    /// of none.
    fn say(self, decision: &mut Decision<PaymentsEvent>, answers: Option<Answers>, entity: EntityVersion) {
        match (self.state, &self.last) {
            (EffectState::Granted, _) => {
                decision.answer_for(answers, entity, |meta| EffectGranted { meta, effect: self });
            }
            (EffectState::Wanted, None) => {
                decision.answer_for(answers, entity, |meta| EffectWanted { meta, effect: self })
            }
            _ => decision.answer_for(answers, entity, |meta| EffectReported { meta, effect: self }),
        }
    }
}

/// Says what has become of an entity, if it has changed. True if it has.
pub(super) fn say<T: Said>(
    decision: &mut Decision<PaymentsEvent>,
    context: &DecisionContext,
    entity: Kept<T>,
    answers: Option<Answers>,
) -> bool {
    if !entity.has_changed() {
        return false;
    }
    let version = entity.version + 1;
    let mut now = entity.now;
    now.touch(context.now);
    let id = EntityVersion::new(now.id(), version);
    now.say(decision, answers, id);
    true
}

/// Says what has become of an entity, if it has changed. The event answers, unless one has.
pub(super) fn say_next<T: Said>(
    decision: &mut Decision<PaymentsEvent>,
    context: &DecisionContext,
    entity: Kept<T>,
    answers: &mut Option<Answers>,
) {
    if say(decision, context, entity, answers.clone()) {
        *answers = None;
    }
}

/// Says that an effect is wanted, for the first time or once more.
pub(super) fn say_wanted(decision: &mut Decision<PaymentsEvent>, effect: Kept<Effect>) {
    let entity = EntityVersion::new(effect.now.effect_id, effect.version + 1);
    decision.event(entity, |meta| EffectWanted { meta, effect: effect.now });
}

/// The order in which an effect and the entity that it is for are said: who is answered first is shown to who has asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum First {
    /// The effect, as who reports an attempt knows it.
    Effect,
    /// The entity, as who has looked at it knows it.
    Entity,
}

/// Says what has become of an effect and of the entity that it is for, if they have changed. The first event answers, unless one has.
pub(super) fn say_both<T: Said>(
    decision: &mut Decision<PaymentsEvent>,
    context: &DecisionContext,
    (effect, entity): (Kept<Effect>, Kept<T>),
    first: First,
    answers: &mut Option<Answers>,
) {
    match first {
        First::Effect => {
            say_next(decision, context, effect, answers);
            say_next(decision, context, entity, answers);
        }
        First::Entity => {
            say_next(decision, context, entity, answers);
            say_next(decision, context, effect, answers);
        }
    }
}
