//! A subscription, with a charge of it that was seen.

use feira_schemas::{
    ids::TenantId,
    records::{
        PaymentsEvent,
        common::Answers,
        payments::{
            AttemptEnd, Charge, Effect, EffectKind, LentAccount, ObservedCharge, ObservedSubscription, Reason,
            ReportAttempt, Settled, Subscription, SubscriptionStatus,
        },
    },
    rows::payments::SubscriptionRow,
};

use super::{
    super::{
        charges::{self, By},
        ends,
        entity::{First, Kept, say_both, say_next},
        ledger::{self, Facts},
        lent::Fixed,
        refunds::Shown,
        refused, renewals, subscriptions,
    },
    About, End, KEEP_FAILURES,
};
use crate::{Decision, DecisionContext, Rows, Stop};

/// A subscription that is made or ended.
pub(in super::super) struct OfSubscription {
    tenant: TenantId,
    /// The subscription.
    pub subscription: Kept<Subscription>,
    /// A charge of it, which was seen with it.
    charge: Option<Kept<Charge>>,
}

impl From<&SubscriptionRow> for OfSubscription {
    fn from(row: &SubscriptionRow) -> Self {
        Self { tenant: row.tenant_id, subscription: Kept::from(row), charge: None }
    }
}

impl OfSubscription {
    /// Merges what was seen of it: itself, a charge of it, or both. False, and nothing of this counts, if one of them is of another
    /// account or another subscription there.
    pub fn see(
        &mut self,
        (found, charge): (Option<&ObservedSubscription>, Option<&ObservedCharge>),
        by: By,
        rows: &Rows,
        context: &DecisionContext,
    ) -> Result<bool, Stop> {
        let subscription = &mut self.subscription.now;
        if found.is_some_and(|found| !subscriptions::merge_into(subscription, found, by)) {
            return Ok(false);
        }
        let Some(charge) = charge else { return Ok(true) };
        self.charge = renewals::seen(self.tenant, subscription, charge, rows, context)?;
        Ok(self.charge.is_some())
    }

    /// True if it, or its charge, is another one than before.
    pub fn has_changed(&self) -> bool {
        self.subscription.has_changed() || self.charge.as_ref().is_some_and(Kept::has_changed)
    }

    /// Says what was seen of it. The subscription's event answers, or else that of its charge.
    pub fn say_alone(
        mut self,
        decision: &mut Decision<PaymentsEvent>,
        context: &DecisionContext,
        answers: &mut Option<Answers>,
    ) {
        let ending = self.follow_up(context);
        say_next(decision, context, self.subscription, answers);
        if let Some(charge) = self.charge {
            say_next(decision, context, charge, answers);
        }
        if let Some(ending) = ending {
            charges::want(decision, ending);
        }
    }
}

impl About for OfSubscription {
    fn of(tenant: TenantId, effect: &Effect, rows: &Rows) -> Result<Self, Stop> {
        let Ok(subscription) = effect.entity.parse() else { return Err(refused::of_later_version().into()) };
        Ok(Self::from(&*subscriptions::known(tenant, subscription, rows)?))
    }

    /// Ending what is ended does nothing, so it may be asked for again as often as a look shows that it goes on.
    fn facts(&self, effect: &Effect, gateway: &str) -> Facts {
        match effect.kind {
            EffectKind::EndSubscription => Facts { harmless: true, ..Facts::default() },
            _ => Facts {
                token: self.subscription.now.request.card.card_token.is_some(),
                keeps_failures: KEEP_FAILURES.contains(&gateway),
                ..Facts::default()
            },
        }
    }

    fn is_unwanted(&self, kind: EffectKind) -> bool {
        kind == EffectKind::Subscription && self.subscription.now.end_wanted
    }

    fn is_waited_for(&self) -> bool {
        true
    }

    fn merge(&mut self, report: &ReportAttempt, rows: &Rows, context: &DecisionContext) -> Result<bool, Stop> {
        self.see((report.subscription.as_ref(), report.observed.as_ref()), By::Attempt, rows, context)
    }

    fn may_be_named(&self, _: Option<&Settled>, _: &ReportAttempt) -> bool {
        true
    }

    fn shown(&self, kind: EffectKind, _: Option<&AttemptEnd>) -> Shown {
        let subscription = &self.subscription.now;
        let done = match kind {
            EffectKind::EndSubscription => ends::is_ended(subscription),
            _ => subscription.observed.is_some(),
        };
        if done { Shown::Done } else { Shown::Not }
    }

    fn lent(&self) -> Option<&LentAccount> {
        self.subscription.now.lent.as_ref()
    }

    fn granted(&mut self, account: Fixed) {
        self.subscription.now.account_id = Some(account.account_id);
    }

    /// A subscription ends in the effect's state if the gateway has none; one that was not ended goes on.
    fn failed(&mut self, kind: EffectKind, end: End, why: &str, reasons: Vec<Reason>) {
        let subscription = &mut self.subscription.now;
        if kind == EffectKind::EndSubscription {
            subscription.end_wanted = false;
            subscription.ending = None;
        } else if subscription.observed.is_none() {
            subscription.status = match end {
                End::Failed => SubscriptionStatus::Failed,
                End::Expired => SubscriptionStatus::Expired,
                End::Cancelled => SubscriptionStatus::Cancelled,
            };
        } else {
            return;
        }
        subscription.why = (end != End::Cancelled).then(|| why.to_owned());
        subscription.reasons = reasons;
    }

    fn opened(&mut self, why: Option<String>) {
        self.subscription.now.why = why;
    }

    fn wanted_again(&mut self) {}

    fn found(&mut self, kind: EffectKind) {
        let subscription = &mut self.subscription.now;
        if kind == EffectKind::EndSubscription {
            subscription.ending = None;
        }
        subscription.why = None;
        subscription.reasons.clear();
    }

    fn note(&mut self, effect: &Effect) {
        if effect.kind == EffectKind::Subscription {
            ledger::note(&mut self.subscription.now.attempts, effect);
        }
    }

    fn follow_up(&mut self, context: &DecisionContext) -> Option<Effect> {
        ends::due(&mut self.subscription, context)
    }

    fn say(
        self,
        effect: Kept<Effect>,
        first: First,
        decision: &mut Decision<PaymentsEvent>,
        context: &DecisionContext,
        answers: &mut Option<Answers>,
    ) {
        say_both(decision, context, (effect, self.subscription), first, answers);
        if let Some(charge) = self.charge {
            say_next(decision, context, charge, answers);
        }
    }
}
