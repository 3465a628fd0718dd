//! What effects are about: a charge, a saved card, a subscription. Each shows what becomes of the effects that are for it.

mod card;
mod charge;
mod subscription;

use feira_schemas::{
    ids::TenantId,
    records::{
        PaymentsEvent,
        common::Answers,
        payments::{AttemptEnd, Effect, EffectKind, LentAccount, Reason, ReportAttempt, Settled},
    },
};

pub(super) use self::{card::OfCard, charge::OfCharge, subscription::OfSubscription};
use super::{
    entity::{First, Kept},
    ledger::Facts,
    lent::Fixed,
    refunds::Shown,
};
use crate::{Decision, DecisionContext, Rows, Stop};

/// Gateways that keep a failure of their own (5xx) under the key of idempotency and give it again for a day: asked again, they would
/// say no more.
const KEEP_FAILURES: &[&str] = &["stripe"];

/// Ways in which an effect ends without having been done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// It was refused.
    Failed,
    /// Its time or that of the card's token has run out, which is not declined.
    Expired,
    /// Nobody wants it any more.
    Cancelled,
}

/// What effects of some kinds are about.
pub(super) trait About: Sized {
    /// What an effect that is not closed is about. Refused where that is not there.
    fn of(tenant: TenantId, effect: &Effect, rows: &Rows) -> Result<Self, Stop>;

    /// What a ruling on the effect needs to know; `gateway` is that of the effect's account, empty while it has none.
    fn facts(&self, effect: &Effect, gateway: &str) -> Facts;

    /// True if nobody wants any more what the effect is to make.
    fn is_unwanted(&self, kind: EffectKind) -> bool;

    /// True if somebody waits at a form, who is told that it failed instead of being kept waiting for a key that is mended.
    fn is_waited_for(&self) -> bool;

    /// Merges what a report has found. False if that is of another account, or another one at the gateway.
    fn merge(&mut self, report: &ReportAttempt, rows: &Rows, context: &DecisionContext) -> Result<bool, Stop>;

    /// False for what a person has named and whose sum is another one: the name is a wrong one.
    fn may_be_named(&self, settled: Option<&Settled>, report: &ReportAttempt) -> bool;

    /// What looks have shown of the effect, whose last attempt is in `doubt` or not.
    fn shown(&self, kind: EffectKind, doubt: Option<&AttemptEnd>) -> Shown;

    /// The account of another tenant that the effect goes to; none where it goes to one of the tenant's own.
    fn lent(&self) -> Option<&LentAccount>;

    /// The first grant has fixed the account.
    fn granted(&mut self, account: Fixed);

    /// The effect is closed, and was not done.
    fn failed(&mut self, kind: EffectKind, end: End, why: &str, reasons: Vec<Reason>);

    /// What became of the effect is not known, and nothing is sent for it any more.
    fn opened(&mut self, why: Option<String>);

    /// Nothing was done, for sure, and the effect is wanted as before.
    fn wanted_again(&mut self);

    /// The gateway was seen to have done it.
    fn found(&mut self, kind: EffectKind);

    /// Notes the effect's grant and its last attempt.
    fn note(&mut self, effect: &Effect);

    /// The effect that is wanted from now on because of what has become of this one.
    fn follow_up(&mut self, context: &DecisionContext) -> Option<Effect>;

    /// Says all that has changed, with the effect. The first event answers, unless one has.
    fn say(
        self,
        effect: Kept<Effect>,
        first: First,
        decision: &mut Decision<PaymentsEvent>,
        context: &DecisionContext,
        answers: &mut Option<Answers>,
    );
}
