//! An effect on money together with what it is about: its charge, and of refunds the refund. What becomes of the one shows in the
//! others, and is said in one decision.

use feira_schemas::{
    ids::{EffectId, RefundId, TenantId},
    problem::{Code, Refusal},
    records::{
        PaymentsEvent,
        common::Answers,
        payments::{
            Account, AttemptOutcome, Charge, ChargeStatus, Effect, EffectKind, EffectState, ObservedCharge, Reason,
            Refund, RefundStatus, Why,
        },
    },
    refusals,
    rows::payments::{AccountRow, EffectRow, RefundRow},
    time::DAY,
};

use super::{
    accounts, cancels,
    charges::{self, By},
    entity::{Kept, say_next},
    ledger::{self, Close},
    refunds, timers,
};
use crate::{Decision, DecisionContext, Rows, Stop};

/// Problems that are kept of one refusal: a gateway names a few fields, and the record must fit.
const REASONS: usize = 20;

/// An effect and what it is about.
pub(super) struct Case {
    pub effect: Kept<Effect>,
    pub charge: Kept<Charge>,
    /// The refund, of refunds.
    pub refund: Option<Kept<Refund>>,
    /// The account, where its key was refused.
    account: Option<Kept<Account>>,
}

impl Case {
    /// The case of an effect that is not closed. Refused where what it is about is not there.
    pub fn of(row: &EffectRow, rows: &Rows) -> Result<Self, Stop> {
        let (tenant, effect) = (row.tenant_id, &row.effect);
        let Some(charge_id) = effect.charge_id else { return Err(of_later_version().into()) };
        let charge = charges::known(tenant, charge_id, rows)?;
        let refund = match effect.kind {
            EffectKind::Refund => Some(refunds::known(tenant, charge_id, refund_of(effect), rows)?),
            EffectKind::Charge | EffectKind::Cancel => None,
            _ => return Err(of_later_version().into()),
        };
        Ok(Self {
            effect: Kept::from(row),
            charge: Kept::from(&*charge),
            refund: refund.map(|row| Kept::from(&*row)),
            account: None,
        })
    }

    /// The case of the effect that makes a charge, with the charge as it is becoming.
    pub fn with(row: &EffectRow, charge: Kept<Charge>) -> Self {
        Self { effect: Kept::from(row), charge, refund: None, account: None }
    }

    /// The case of a refund that is under way, with its charge as it is becoming; the charge alone if its effect is closed.
    pub fn of_refund(
        tenant: TenantId,
        refund: &RefundRow,
        charge: Kept<Charge>,
        rows: &Rows,
    ) -> Result<Result<Self, Kept<Charge>>, Stop> {
        let effect = EffectId::from_uuid(refund.refund.refund_id.uuid());
        Ok(match rows.get::<EffectRow>(EffectRow::at(tenant, effect))? {
            Some(row) => {
                Ok(Self { effect: Kept::from(&*row), charge, refund: Some(Kept::from(refund)), account: None })
            }
            None => Err(charge),
        })
    }

    /// Merges what a report has found. False if it is of another account or charge.
    pub fn merge(&mut self, found: &ObservedCharge) -> bool {
        charges::merge_into(&mut self.charge.now, found, By::Attempt)
    }

    /// The effect ends without the gateway.
    pub fn close(&mut self, close: Close) {
        ledger::leave(&mut self.effect.now, EffectState::Closed);
        let status = match close {
            Close::Expired | Close::TokenSpent => ChargeStatus::Expired,
            Close::Failed => ChargeStatus::Failed,
        };
        self.failed(status, close.why().word(), &[]);
    }

    /// The effect is closed: it was not done, for this reason. A charge ends in this state if the gateway has none.
    pub fn failed(&mut self, status: ChargeStatus, why: &str, reasons: &[Reason]) {
        self.effect.now.state = EffectState::Closed;
        let reasons: Vec<_> = reasons.iter().take(REASONS).cloned().collect();
        match (self.effect.now.kind, &mut self.refund) {
            (_, Some(refund)) => {
                refund.now.status = RefundStatus::Failed;
                refund.now.why = Some(why.to_owned());
                refund.now.reasons = reasons;
            }
            (EffectKind::Cancel, None) => self.charge.now.cancel_wanted = false,
            (_, None) if self.charge.now.observed.is_none() => {
                self.charge.now.status = status;
                self.charge.now.reasons = reasons;
            }
            (_, None) => {}
        }
    }

    /// Nobody wants the charge any more, and the gateway has none.
    pub fn cancelled(&mut self) {
        ledger::leave(&mut self.effect.now, EffectState::Closed);
        self.failed(ChargeStatus::Cancelled, Why::State.word(), &[]);
    }

    /// Nothing is sent for the effect any more, and what became of it is not known: a refund waits for a person.
    pub fn open(&mut self, why: Option<Why>) {
        ledger::leave(&mut self.effect.now, EffectState::Open);
        let last = self.effect.now.last.as_ref().and_then(|last| last.why.clone());
        if let Some(refund) = &mut self.refund {
            refund.now.status = RefundStatus::Question;
            refund.now.why = why.map(|why| why.word().to_owned()).or(last);
        }
    }

    /// The effect may be asked for again, or is closed if its time is over. Nothing was done, for sure.
    pub fn wanted_again(&mut self, context: &DecisionContext) {
        if self.effect.now.kind == EffectKind::Charge && self.charge.now.cancel_wanted {
            return self.cancelled();
        }
        if ledger::is_too_late(&self.effect.now, context.now) {
            return self.failed(ChargeStatus::Expired, Why::Expired.word(), &[]);
        }
        self.effect.now.state = EffectState::Wanted;
        if let Some(refund) = &mut self.refund {
            refund.now.status = RefundStatus::Wanted;
        }
    }

    /// The gateway was seen to have done it.
    pub fn found(&mut self, context: &DecisionContext) {
        ledger::found(&mut self.effect.now, context.now);
        if let Some(refund) = &mut self.refund {
            refunds::is_done(&mut refund.now, &mut self.charge.now);
        }
    }

    /// Looks at a refund whose attempt is in doubt by the sum that the gateway has given back since.
    pub fn settle_by_sum(&mut self, context: &DecisionContext) {
        let Some(refund) = &self.refund else { return };
        let Some(doubt) = ledger::doubt(&self.effect.now, context.now) else { return };
        let taken = doubt.outcome == AttemptOutcome::Done;
        match refunds::shown(&refund.now, &self.charge.now, taken) {
            refunds::Shown::Not => {}
            refunds::Shown::Done => self.found(context),
            refunds::Shown::Otherwise => self.open(Some(Why::SumDiffers)),
        }
    }

    /// The account's key was refused, or can't find what the account has charged: unless another key was saved since the grant.
    pub fn break_account(
        &mut self,
        granted: Option<i32>,
        why: &str,
        rows: &Rows,
        tenant: TenantId,
    ) -> Result<(), Stop> {
        let Some(account_id) = self.effect.now.account_id else { return Ok(()) };
        let row = rows.get::<AccountRow>(AccountRow::at(tenant, account_id))?;
        if let Some(row) = row.filter(|row| Some(row.account.key_version) == granted) {
            let mut account = Kept::from(&*row);
            accounts::broken(&mut account.now, why);
            self.account = Some(account);
        }
        Ok(())
    }

    /// Says all that has changed. The effect's event answers, or else the next one. False if nothing has changed.
    pub fn say(
        self,
        decision: &mut Decision<PaymentsEvent>,
        context: &DecisionContext,
        answers: Option<Answers>,
    ) -> bool {
        self.say_all(decision, context, answers, false)
    }

    /// Says all that has changed. The charge's event answers, or else the next one.
    pub fn say_charge_first(
        self,
        decision: &mut Decision<PaymentsEvent>,
        context: &DecisionContext,
        answers: Option<Answers>,
    ) {
        self.say_all(decision, context, answers, true);
    }

    fn say_all(
        mut self,
        decision: &mut Decision<PaymentsEvent>,
        context: &DecisionContext,
        mut answers: Option<Answers>,
        charge_first: bool,
    ) -> bool {
        self.note_attempts();
        let effect = &self.effect;
        let opens = (effect.has_changed() && effect.now.state == EffectState::Open).then_some(effect.now.effect_id);
        let cancel = cancels::due(&self.charge, context);
        let before = decision.events.len();
        let mut charge = Some(self.charge);
        if let Some(charge) = charge.take_if(|_| charge_first) {
            say_next(decision, context, charge, &mut answers);
        }
        say_next(decision, context, self.effect, &mut answers);
        if let Some(charge) = charge {
            say_next(decision, context, charge, &mut answers);
        }
        if let Some(refund) = self.refund {
            say_next(decision, context, refund, &mut answers);
        }
        if let Some(account) = self.account {
            say_next(decision, context, account, &mut answers);
        }
        let said = decision.events.len() > before;
        if let Some(cancel) = cancel {
            charges::want(decision, cancel);
        }
        if let Some(effect) = opens {
            timers::set(decision, effect, timers::ASK_DAILY, context.now.saturating_add(DAY));
        }
        said
    }

    fn note_attempts(&mut self) {
        let effect = &self.effect.now;
        match (&mut self.refund, effect.kind) {
            (Some(refund), _) => ledger::note(&mut refund.now.attempts, effect),
            (None, EffectKind::Charge) => ledger::note(&mut self.charge.now.attempts, effect),
            (None, _) => {}
        }
    }
}

fn refund_of(effect: &Effect) -> RefundId {
    RefundId::from_uuid(effect.effect_id.uuid())
}

/// Refuses what only a program of a later version can decide.
pub(super) fn of_later_version() -> Refusal {
    Refusal::new(Code::UnknownReference, "Isto é de uma versão mais nova da plataforma.")
}

/// Refuses what names a charge of another account, or another charge.
pub(super) fn of_another_charge() -> Refusal {
    Refusal::new(Code::UnknownReference, "O que o gateway mostra é de outra conta ou de outra cobrança.")
}

/// Says that the effect is not there, or not any more.
pub(super) fn closed() -> Refusal {
    Refusal::new(
        Code::PaymentState,
        format!("{} Não há mais o que enviar.", refusals::not_in_this_shop("A tarefa em aberto")),
    )
}
