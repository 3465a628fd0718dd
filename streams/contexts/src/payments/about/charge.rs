//! A charge, and of refunds the refund.

use feira_schemas::{
    ids::{RefundId, TenantId},
    records::{
        PaymentsEvent,
        common::Answers,
        payments::{
            AttemptEnd, AttemptOutcome, Charge, ChargeStatus, Effect, EffectKind, LentAccount, PaymentMethod, Reason,
            Refund, RefundStatus, ReportAttempt, Settled,
        },
    },
};

use super::{
    super::{
        cancels,
        charges::{self, By},
        entity::{First, Kept, say_both, say_next},
        ledger::{self, Facts},
        lent::Fixed,
        refunds::{self, Shown},
        refused,
    },
    About, End, KEEP_FAILURES,
};
use crate::{Decision, DecisionContext, Rows, Stop};

/// A charge that is made, cancelled, or of which a sum is given back.
pub(in super::super) struct OfCharge {
    /// The charge.
    pub charge: Kept<Charge>,
    /// The refund, of refunds.
    pub refund: Option<Kept<Refund>>,
}

impl From<Kept<Charge>> for OfCharge {
    fn from(charge: Kept<Charge>) -> Self {
        Self { charge, refund: None }
    }
}

impl About for OfCharge {
    fn of(tenant: TenantId, effect: &Effect, rows: &Rows) -> Result<Self, Stop> {
        let Some(charge_id) = effect.charge_id else { return Err(refused::of_later_version().into()) };
        let charge = charges::known(tenant, charge_id, rows)?;
        let refund = match effect.kind {
            EffectKind::Refund => {
                let refund = RefundId::from_uuid(effect.effect_id.uuid());
                Some(refunds::known(tenant, charge_id, refund, rows)?)
            }
            _ => None,
        };
        Ok(Self { charge: Kept::from(&*charge), refund: refund.map(|row| Kept::from(&*row)) })
    }

    fn facts(&self, effect: &Effect, gateway: &str) -> Facts {
        let card = self.charge.now.request.card.as_ref().filter(|_| effect.kind == EffectKind::Charge);
        Facts {
            token: card.is_some_and(|card| card.card_token.is_some()),
            // A refund that may have been done is a person's matter.
            keeps_failures: effect.kind != EffectKind::Refund && KEEP_FAILURES.contains(&gateway),
            spent: self.refund.as_ref().is_some_and(|refund| ledger::is_spent(&refund.now.attempts)),
            ..Facts::default()
        }
    }

    fn is_unwanted(&self, kind: EffectKind) -> bool {
        kind == EffectKind::Charge && self.charge.now.cancel_wanted
    }

    fn is_waited_for(&self) -> bool {
        self.charge.now.request.method == PaymentMethod::Card
    }

    fn merge(&mut self, report: &ReportAttempt, _: &Rows, _: &DecisionContext) -> Result<bool, Stop> {
        let found = report.observed.as_ref();
        Ok(found.is_none_or(|found| charges::merge_into(&mut self.charge.now, found, By::Attempt)))
    }

    fn may_be_named(&self, settled: Option<&Settled>, report: &ReportAttempt) -> bool {
        let named = settled.and_then(|settled| settled.remote_id.as_ref());
        report.observed.as_ref().is_none_or(|found| {
            named != Some(&found.remote.charge) || found.amount == self.charge.now.request.amount.amount
        })
    }

    /// Looks at a refund whose attempt is in doubt by the sum that the gateway has given back since.
    fn shown(&self, _: EffectKind, doubt: Option<&AttemptEnd>) -> Shown {
        match (&self.refund, doubt) {
            (Some(refund), Some(doubt)) => {
                refunds::shown(&refund.now, &self.charge.now, doubt.outcome == AttemptOutcome::Done)
            }
            _ => Shown::Not,
        }
    }

    fn lent(&self) -> Option<&LentAccount> {
        self.charge.now.lent.as_ref()
    }

    fn granted(&mut self, account: Fixed) {
        self.charge.now.account_id = Some(account.account_id);
        self.charge.now.simulated = account.simulated;
    }

    /// A charge ends in the effect's state if the gateway has none.
    fn failed(&mut self, kind: EffectKind, end: End, why: &str, reasons: Vec<Reason>) {
        let charge = &mut self.charge.now;
        match (kind, &mut self.refund) {
            (_, Some(refund)) => {
                refund.now.status = RefundStatus::Failed;
                refund.now.why = Some(why.to_owned());
                refund.now.reasons = reasons;
            }
            (EffectKind::Cancel, None) => charge.cancel_wanted = false,
            (_, None) if charge.observed.is_none() => {
                charge.status = match end {
                    End::Failed => ChargeStatus::Failed,
                    End::Expired => ChargeStatus::Expired,
                    End::Cancelled => ChargeStatus::Cancelled,
                };
                charge.reasons = reasons;
            }
            (_, None) => {}
        }
    }

    /// A refund waits for a person.
    fn opened(&mut self, why: Option<String>) {
        if let Some(refund) = &mut self.refund {
            refund.now.status = RefundStatus::Question;
            refund.now.why = why;
        }
    }

    fn wanted_again(&mut self) {
        if let Some(refund) = &mut self.refund {
            refund.now.status = RefundStatus::Wanted;
        }
    }

    fn found(&mut self, _: EffectKind) {
        if let Some(refund) = &mut self.refund {
            refunds::is_done(&mut refund.now, &mut self.charge.now);
        }
    }

    fn note(&mut self, effect: &Effect) {
        match (&mut self.refund, effect.kind) {
            (Some(refund), _) => ledger::note(&mut refund.now.attempts, effect),
            (None, EffectKind::Charge) => ledger::note(&mut self.charge.now.attempts, effect),
            (None, _) => {}
        }
    }

    fn follow_up(&mut self, context: &DecisionContext) -> Option<Effect> {
        cancels::due(&self.charge, context)
    }

    fn say(
        self,
        effect: Kept<Effect>,
        first: First,
        decision: &mut Decision<PaymentsEvent>,
        context: &DecisionContext,
        answers: &mut Option<Answers>,
    ) {
        say_both(decision, context, (effect, self.charge), first, answers);
        if let Some(refund) = self.refund {
            say_next(decision, context, refund, answers);
        }
    }
}
