//! A card that a gateway is to keep.

use feira_schemas::{
    ids::TenantId,
    records::{
        PaymentsEvent,
        common::Answers,
        payments::{
            AttemptEnd, Effect, EffectKind, LentAccount, Reason, ReportAttempt, SavedCard, SavedCardStatus, Settled,
        },
    },
};

use super::{
    super::{
        cards,
        entity::{First, Kept, say_both},
        ledger::{self, Facts},
        lent::Fixed,
        refunds::Shown,
        refused,
    },
    About, End,
};
use crate::{Decision, DecisionContext, Rows, Stop};

/// A card that is to be kept.
pub(in super::super) struct OfCard {
    /// The card.
    pub card: Kept<SavedCard>,
}

impl About for OfCard {
    fn of(tenant: TenantId, effect: &Effect, rows: &Rows) -> Result<Self, Stop> {
        let Ok(card) = effect.entity.parse() else { return Err(refused::of_later_version().into()) };
        Ok(Self { card: Kept::from(&*cards::known(tenant, card, rows)?) })
    }

    /// The token serves once, and no gateway can be asked what became of it.
    fn facts(&self, _: &Effect, _: &str) -> Facts {
        Facts { token: true, unseen: true, ..Facts::default() }
    }

    fn is_unwanted(&self, _: EffectKind) -> bool {
        false
    }

    fn is_waited_for(&self) -> bool {
        true
    }

    fn merge(&mut self, report: &ReportAttempt, _: &Rows, _: &DecisionContext) -> Result<bool, Stop> {
        if let Some(kept) = &report.saved_card {
            cards::keep(&mut self.card.now, kept);
        }
        Ok(true)
    }

    fn may_be_named(&self, _: Option<&Settled>, _: &ReportAttempt) -> bool {
        true
    }

    fn shown(&self, _: EffectKind, _: Option<&AttemptEnd>) -> Shown {
        Shown::Not
    }

    /// The platform's account keeps no cards of shops.
    fn lent(&self) -> Option<&LentAccount> {
        None
    }

    fn granted(&mut self, _: Fixed) {}

    fn failed(&mut self, _: EffectKind, end: End, why: &str, reasons: Vec<Reason>) {
        let card = &mut self.card.now;
        if card.kept.is_some() {
            return;
        }
        card.status = match end {
            End::Failed => SavedCardStatus::Failed,
            End::Expired | End::Cancelled => SavedCardStatus::Expired,
        };
        card.why = Some(why.to_owned());
        card.reasons = reasons;
    }

    fn opened(&mut self, _: Option<String>) {}

    fn wanted_again(&mut self) {}

    fn found(&mut self, _: EffectKind) {}

    fn note(&mut self, effect: &Effect) {
        ledger::note(&mut self.card.now.attempts, effect);
    }

    fn follow_up(&mut self, _: &DecisionContext) -> Option<Effect> {
        None
    }

    fn say(
        self,
        effect: Kept<Effect>,
        first: First,
        decision: &mut Decision<PaymentsEvent>,
        context: &DecisionContext,
        answers: &mut Option<Answers>,
    ) {
        say_both(decision, context, (effect, self.card), first, answers);
    }
}
