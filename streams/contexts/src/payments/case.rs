//! An effect together with what it is about: what becomes of the one shows in the other, and is said in one decision.

use feira_schemas::{
    ids::TenantId,
    records::{
        PaymentsEvent,
        common::Answers,
        payments::{Account, Effect, EffectState, Reason, ReportAttempt, Why},
    },
    rows::payments::{AccountRow, EffectRow},
    time::DAY,
};

use super::{
    about::{About, End},
    accounts, charges,
    entity::{First, Kept, say_next},
    ledger::{self, Close},
    refunds::Shown,
    timers, told,
};
use crate::{
    Decision, DecisionContext, Rows, Stop,
    mails::{self, NewMail},
};

/// Problems that are kept of one refusal: a gateway names a few fields, and the record must fit.
const REASONS: usize = 20;

/// An effect and what it is about.
pub(super) struct Case<A> {
    pub effect: Kept<Effect>,
    pub about: A,
    /// The account, where its key was refused.
    account: Option<Kept<Account>>,
    /// The mail that tells of it.
    told: Option<NewMail>,
}

impl<A: About> Case<A> {
    /// The case of an effect that is not closed. Refused where what it is about is not there.
    pub fn of(row: &EffectRow, rows: &Rows) -> Result<Self, Stop> {
        Ok(Self::with(row, A::of(row.tenant_id, &row.effect, rows)?))
    }

    /// The case of an effect, with what it is about as that is becoming.
    pub fn with(row: &EffectRow, about: A) -> Self {
        Self { effect: Kept::from(row), about, account: None, told: None }
    }

    /// Merges what a report has found. False if that is of another account, or another one at the gateway.
    pub fn merge(&mut self, report: &ReportAttempt, rows: &Rows, context: &DecisionContext) -> Result<bool, Stop> {
        let settled = self.effect.now.settled.as_ref();
        Ok(self.about.may_be_named(settled, report) && self.about.merge(report, rows, context)?)
    }

    /// The effect ends without the gateway.
    pub fn close(&mut self, close: Close) {
        ledger::leave(&mut self.effect.now, EffectState::Closed);
        let end = match close {
            Close::Expired | Close::TokenSpent => End::Expired,
            Close::Failed => End::Failed,
        };
        self.failed(end, close.why().word(), &[]);
    }

    /// The effect is closed: it was not done, for this reason.
    pub fn failed(&mut self, end: End, why: &str, reasons: &[Reason]) {
        self.effect.now.state = EffectState::Closed;
        let reasons = reasons.iter().take(REASONS).cloned().collect();
        self.about.failed(self.effect.now.kind, end, why, reasons);
    }

    /// Nobody wants any more what the effect was to make, and the gateway has nothing of it.
    pub fn cancelled(&mut self) {
        ledger::leave(&mut self.effect.now, EffectState::Closed);
        self.failed(End::Cancelled, Why::State.word(), &[]);
    }

    /// True if nobody wants any more what the effect is to make.
    pub fn is_unwanted(&self) -> bool {
        self.about.is_unwanted(self.effect.now.kind)
    }

    /// Nothing is sent for the effect any more, and what became of it is not known.
    pub fn open(&mut self, why: Option<Why>) {
        ledger::leave(&mut self.effect.now, EffectState::Open);
        let last = self.effect.now.last.as_ref().and_then(|last| last.why.clone());
        self.about.opened(why.map(|why| why.word().to_owned()).or(last));
    }

    /// The effect may be asked for again, or is closed if its time is over. Nothing was done, for sure.
    pub fn wanted_again(&mut self, context: &DecisionContext) {
        if self.is_unwanted() {
            return self.cancelled();
        }
        if ledger::is_too_late(&self.effect.now, context.now) {
            return self.failed(End::Expired, Why::Expired.word(), &[]);
        }
        self.effect.now.state = EffectState::Wanted;
        self.about.wanted_again();
    }

    /// The gateway was seen to have done it.
    pub fn found(&mut self, context: &DecisionContext) {
        ledger::found(&mut self.effect.now, context.now);
        self.about.found(self.effect.now.kind);
    }

    /// Lets what looks have shown tell what became of the effect.
    pub fn settle(&mut self, context: &DecisionContext) {
        let effect = &self.effect.now;
        let doubt = ledger::doubt(effect, context.now);
        match self.about.shown(effect.kind, doubt.as_ref()) {
            Shown::Not => {}
            Shown::Done => self.found(context),
            Shown::Otherwise => self.open(Some(Why::SumDiffers)),
        }
    }

    /// The account's key was refused, or can't find what the account has made: unless another key was saved since the grant. Of a lent
    /// account its owner's partition alone decides, so that nothing is broken here.
    pub fn break_account(
        &mut self,
        granted: Option<i32>,
        why: &str,
        tenant: TenantId,
        (rows, context): (&Rows, &DecisionContext),
    ) -> Result<(), Stop> {
        let own = self.effect.now.account_id.filter(|_| self.about.lent().is_none());
        let Some(account_id) = own else { return Ok(()) };
        let row = rows.get::<AccountRow>(AccountRow::at(tenant, account_id))?;
        self.account = row.and_then(|row| accounts::broken_by(&row, granted, why));
        if let Some(account) = &self.account {
            self.told = told::broken(account, tenant, context.now, rows)?;
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
        self.say_all(First::Effect, decision, context, answers)
    }

    /// Says all that has changed. The event of what the effect is about answers, or else the next one.
    pub fn say_entity_first(
        self,
        decision: &mut Decision<PaymentsEvent>,
        context: &DecisionContext,
        answers: Option<Answers>,
    ) {
        self.say_all(First::Entity, decision, context, answers);
    }

    fn say_all(
        mut self,
        first: First,
        decision: &mut Decision<PaymentsEvent>,
        context: &DecisionContext,
        mut answers: Option<Answers>,
    ) -> bool {
        self.about.note(&self.effect.now);
        let effect = &self.effect;
        let opens = (effect.has_changed() && effect.now.state == EffectState::Open).then_some(effect.now.effect_id);
        let follow_up = self.about.follow_up(context);
        let before = decision.events.len();
        self.about.say(self.effect, first, decision, context, &mut answers);
        if let Some(account) = self.account {
            say_next(decision, context, account, &mut answers);
        }
        if let Some(mail) = self.told {
            mails::want(decision, context, mail);
        }
        let said = decision.events.len() > before;
        if let Some(effect) = follow_up {
            charges::want(decision, effect);
        }
        if let Some(effect) = opens {
            timers::set(decision, effect, timers::ASK_DAILY, context.now.saturating_add(DAY));
        }
        said
    }
}
