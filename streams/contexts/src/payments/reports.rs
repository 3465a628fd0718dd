//! Reports: what became of an attempt. A report counts once; one of another attempt than the present closes nothing unless it is done;
//! what it has found is merged in any case.

use feira_schemas::{
    ids::{ChargeId, RefundId},
    problem::{Code, Refusal},
    records::{
        PaymentsEvent,
        common::Outcome,
        payments::{AttemptOutcome, Charge, EffectKind, EffectState, Refund, RefundStatus, ReportAttempt, Why},
    },
    rows::payments::{EffectRow, RefundRow},
};

use super::{
    about::{About, End, OfCard, OfCharge, OfSubscription},
    cancels, cards,
    case::Case,
    charges::{self, By},
    checks,
    entity::{Kept, say_next},
    ledger::{self, Reading},
    looks, plans, refunds,
    refused::{self, field},
    shown,
};
use crate::{Decided, Decision, DecisionContext, Rows, Stop};

pub(super) fn report(command: &ReportAttempt, rows: &Rows, context: &DecisionContext) -> Decided<PaymentsEvent> {
    if command.outcome == AttemptOutcome::Unknown {
        return Err(refused::of_later_version().into());
    }
    let tenant = command.meta.tenant_id;
    let Some(row) = rows.get::<EffectRow>(EffectRow::at(tenant, command.effect_id))? else {
        return late(command, rows, context);
    };
    let reading = ledger::reading(&row.effect, command, context.now);
    let reporting = Reporting { command, row: &row, reading, rows, context };
    match row.effect.kind {
        EffectKind::Charge => reporting.decide(Reporting::charge),
        EffectKind::Refund => reporting.decide(Reporting::refund),
        EffectKind::Cancel => reporting.decide(Reporting::cancel),
        EffectKind::SaveCard => reporting.decide(Reporting::card),
        EffectKind::Subscription => reporting.decide(Reporting::subscription),
        EffectKind::EndSubscription => reporting.decide(Reporting::end_of_subscription),
        EffectKind::Check => checks::report(command, &row, rows, context),
        EffectKind::Plan => plans::report(command, &row, rows, context),
        EffectKind::Unknown => Err(refused::of_later_version().into()),
    }
}

/// A report that is being decided upon.
struct Reporting<'a> {
    command: &'a ReportAttempt,
    row: &'a EffectRow,
    reading: Reading,
    rows: &'a Rows,
    context: &'a DecisionContext,
}

impl Reporting<'_> {
    /// Merges what was found, and reads the rest as what the effect is about has it.
    fn decide<A: About>(&self, read: fn(&Self, &mut Case<A>) -> Result<(), Stop>) -> Decided<PaymentsEvent> {
        let (row, context) = (self.row, self.context);
        let mut case = Case::<A>::of(row, self.rows)?;
        if self.reading == Reading::NeverGranted {
            let detail = format!("A tentativa {} não foi permitida.", self.command.attempt);
            return Err(Refusal::new(Code::PaymentState, detail).into());
        }
        if !case.merge(self.command, self.rows, context)? {
            return Err(refused::of_another().into());
        }
        read(self, &mut case)?;
        let mut decision = Decision::new(context);
        match case.say(&mut decision, context, Some(context.answers(Outcome::Updated))) {
            true => Ok(decision),
            false => Ok(Decision::unchanged(context, shown::effect(&row.effect, row.version))),
        }
    }

    /// The report's outcome, if it is the answer to the attempt that is under way.
    fn answer(&self) -> Option<AttemptOutcome> {
        (self.reading == Reading::Answer).then_some(self.command.outcome)
    }

    fn end<A>(&self, case: &mut Case<A>, state: EffectState) {
        ledger::end(&mut case.effect.now, self.command, state, self.context.now);
    }

    fn why(&self) -> &str {
        self.command.why.as_deref().unwrap_or(Why::StatusOther.word())
    }

    fn is_for(&self, why: Why) -> bool {
        self.command.why.as_deref() == Some(why.word())
    }

    fn charge(&self, case: &mut Case<OfCharge>) -> Result<(), Stop> {
        let needs = field("/observed", Code::Required, "Informe a cobrança que o gateway mostra.");
        self.made(case, self.command.observed.is_some(), needs)
    }

    fn card(&self, case: &mut Case<OfCard>) -> Result<(), Stop> {
        let needs = field("/saved_card", Code::Required, "Informe o cartão que o gateway guardou.");
        self.made(case, self.command.saved_card.is_some(), needs)
    }

    fn subscription(&self, case: &mut Case<OfSubscription>) -> Result<(), Stop> {
        let needs = field("/subscription", Code::Required, "Informe a assinatura que o gateway mostra.");
        self.made(case, self.command.subscription.is_some(), needs)
    }

    /// What became of making something. What the gateway `has`, it has, whichever attempt has made it and whatever else is said; done
    /// needs that it is shown.
    fn made<A: About>(&self, case: &mut Case<A>, has: bool, needs: Refusal) -> Result<(), Stop> {
        if has {
            match self.answer() {
                Some(_) => self.end(case, EffectState::Closed),
                None => case.found(self.context),
            }
            return Ok(());
        }
        if self.command.outcome == AttemptOutcome::Done {
            return Err(needs.into());
        }
        match self.answer() {
            Some(AttemptOutcome::Refused) => self.not_made(case)?,
            Some(AttemptOutcome::NotSent) => self.not_sent(case),
            Some(_) => self.end(case, EffectState::Question),
            None => {}
        }
        Ok(())
    }

    fn not_made<A: About>(&self, case: &mut Case<A>) -> Result<(), Stop> {
        let granted = self.key_version(case);
        self.end(case, EffectState::Closed);
        if self.is_for(Why::CardToken) {
            // Run out is not declined.
            case.failed(End::Expired, self.why(), &self.command.reasons);
            return Ok(());
        }
        if self.is_for(Why::Account) {
            case.break_account(granted, self.why(), self.command.meta.tenant_id, (self.rows, self.context))?;
            if !case.about.is_waited_for() || case.about.lent().is_some() {
                // Nothing was done, and nobody waits at a form: it goes on once the key is mended. Who does wait can't mend the key of a
                // lent account, and is told that the card's token has run out, which is not declined.
                case.wanted_again(self.context);
                return Ok(());
            }
        }
        case.failed(End::Failed, self.why(), &self.command.reasons);
        Ok(())
    }

    fn not_sent<A: About>(&self, case: &mut Case<A>) {
        self.end(case, EffectState::Wanted);
        case.wanted_again(self.context);
    }

    /// The version of the key by which the attempt that is under way was granted.
    fn key_version<A>(&self, case: &Case<A>) -> Option<i32> {
        case.effect.now.granted.as_ref().map(|grant| grant.account_version)
    }

    fn refund(&self, case: &mut Case<OfCharge>) -> Result<(), Stop> {
        match self.answer() {
            Some(AttemptOutcome::Refused) => return self.refused_refund(case),
            Some(AttemptOutcome::NotSent) => {
                self.not_sent(case);
                return Ok(());
            }
            // Also of one that is done: the gateway took it, and it is done once the sum shows.
            Some(_) => self.end(case, EffectState::Question),
            None => {}
        }
        case.settle(self.context);
        Ok(())
    }

    fn refused_refund(&self, case: &mut Case<OfCharge>) -> Result<(), Stop> {
        let granted = self.key_version(case);
        self.end(case, EffectState::Closed);
        if self.is_for(Why::Account) || self.is_for(Why::NotFound) {
            // A gateway that does not find a charge which is known here was asked with the key of another account.
            case.break_account(granted, self.why(), self.command.meta.tenant_id, (self.rows, self.context))?;
        }
        if self.is_for(Why::Account) {
            case.wanted_again(self.context);
            return Ok(());
        }
        let why = match self.is_for(Why::Unsupported) {
            true => Why::ByHandOnly.word(),
            false => self.why(),
        };
        case.failed(End::Failed, why, &self.command.reasons);
        Ok(())
    }

    fn cancel(&self, case: &mut Case<OfCharge>) -> Result<(), Stop> {
        match self.answer() {
            Some(AttemptOutcome::Done) => self.end(case, EffectState::Closed),
            Some(AttemptOutcome::Refused) => self.not_ended(case)?,
            Some(AttemptOutcome::NotSent) => self.not_sent(case),
            Some(_) => self.end(case, EffectState::Question),
            None if self.command.outcome == AttemptOutcome::Done => case.found(self.context),
            None => {}
        }
        if case.effect.now.state != EffectState::Closed && !cancels::is_cancellable(&case.about.charge.now) {
            // It is cancelled, or paid: there is nothing to cancel any more.
            case.found(self.context);
        }
        Ok(())
    }

    /// An ending closes once a look shows it, also where the gateway says that it is done: whoever trusts in that bills again elsewhere.
    fn end_of_subscription(&self, case: &mut Case<OfSubscription>) -> Result<(), Stop> {
        case.settle(self.context);
        if case.effect.now.state == EffectState::Closed {
            return Ok(());
        }
        match self.answer() {
            Some(AttemptOutcome::Refused) => self.not_ended(case)?,
            Some(AttemptOutcome::NotSent) => self.not_sent(case),
            Some(_) => self.end(case, EffectState::Question),
            None => {}
        }
        Ok(())
    }

    /// Cancelling or ending was refused: what it was for goes on.
    fn not_ended<A: About>(&self, case: &mut Case<A>) -> Result<(), Stop> {
        let granted = self.key_version(case);
        self.end(case, EffectState::Closed);
        if self.is_for(Why::Account) || self.is_for(Why::NotFound) {
            case.break_account(granted, self.why(), self.command.meta.tenant_id, (self.rows, self.context))?;
        }
        match self.is_for(Why::Account) {
            true => case.wanted_again(self.context),
            false => case.failed(End::Failed, self.why(), &self.command.reasons),
        }
        Ok(())
    }
}

/// A report on an effect that is closed, or of which nothing is known: what it has found is merged all the same.
fn late(command: &ReportAttempt, rows: &Rows, context: &DecisionContext) -> Decided<PaymentsEvent> {
    match command.kind {
        EffectKind::Charge | EffectKind::Refund | EffectKind::Cancel => late_on_charge(command, rows, context),
        EffectKind::SaveCard => cards::late(command, rows, context),
        EffectKind::Subscription | EffectKind::EndSubscription => looks::late(command, rows, context),
        EffectKind::Plan => plans::late(command, rows, context),
        EffectKind::Check | EffectKind::Unknown => Err(refused::closed().into()),
    }
}

fn late_on_charge(command: &ReportAttempt, rows: &Rows, context: &DecisionContext) -> Decided<PaymentsEvent> {
    let tenant = command.meta.tenant_id;
    let of_entity = || command.entity.parse::<ChargeId>().ok().filter(|_| command.kind == EffectKind::Charge);
    let Some(charge_id) = command.charge_id.or_else(of_entity) else { return Err(refused::closed().into()) };
    let row = charges::known(tenant, charge_id, rows)?;
    let mut charge = Kept::from(&*row);
    if let Some(found) = &command.observed
        && !charges::merge_into(&mut charge.now, found, By::Attempt)
    {
        return Err(refused::of_another().into());
    }
    let refund = match (command.kind, command.outcome) {
        (EffectKind::Refund, AttemptOutcome::Done) => late_refund(command, charge_id, &mut charge, rows)?,
        _ => None,
    };
    let cancel = cancels::due(&charge, context);
    let mut answers = Some(context.answers(Outcome::Updated));
    let mut decision = Decision::new(context);
    say_next(&mut decision, context, charge, &mut answers);
    if let Some(refund) = refund {
        say_next(&mut decision, context, refund, &mut answers);
    }
    if let Some(cancel) = cancel {
        charges::want(&mut decision, cancel);
    }
    match answers {
        None => Ok(decision),
        Some(_) => Ok(Decision::unchanged(context, shown::charge(&row.charge, row.version))),
    }
}

/// A refund that was given up and was done after all, as the sum shows.
fn late_refund(
    command: &ReportAttempt,
    charge_id: ChargeId,
    charge: &mut Kept<Charge>,
    rows: &Rows,
) -> Result<Option<Kept<Refund>>, Stop> {
    let refund_id = RefundId::from_uuid(command.effect_id.uuid());
    let row = rows.get::<RefundRow>(RefundRow::at(command.meta.tenant_id, charge_id, refund_id))?;
    let Some(mut refund) = row.map(|row| Kept::from(&*row)) else { return Ok(None) };
    let given_up = refund.now.status == RefundStatus::Failed && refund.now.refunded_before.is_some();
    if given_up && refunds::shown(&refund.now, &charge.now, false) == refunds::Shown::Done {
        refunds::is_done(&mut refund.now, &mut charge.now);
    }
    Ok(Some(refund))
}
