//! The rules of the ledger, as pure functions over an effect: who may attempt it when, what a report says of it, and what becomes of
//! it when nobody asks.

#[cfg(test)]
mod tests;

use fail::fail_point;
use feira_schemas::{
    ids::{AccountId, Micros},
    records::payments::{
        AskGrant, Attempt, AttemptEnd, AttemptOutcome, Effect, EffectState, Grant, ReportAttempt, Why,
    },
    time::{DAY, HOUR},
};

const SECOND: Micros = 1_000_000;
/// Microseconds after which another grant may follow one of which nothing was heard: the 30 s that an attempt can take, and what a
/// report needs to get here. Less would have two attempts under way at once, more lets buyers wait.
pub(super) const GRANT_LAPSES: Micros = 45 * SECOND;
/// Microseconds from a grant to the end of the last call that can come of it: good for 10 s, and 20 s for the whole call.
pub(super) const ATTEMPT_TAKES: Micros = 30 * SECOND;
/// Microseconds after an attempt before which it is not believed that the gateway knows nothing of it: gateways' lists lag.
pub(super) const BELIEVED_AFTER: Micros = 60 * SECOND;
/// Microseconds after the first grant after which nothing is sent: gateways keep keys of idempotency for 24 h, and the last attempt
/// must have ended, on whatever clock, before they forget.
pub(super) const NOTHING_SENT_AFTER: Micros = 20 * HOUR;
/// Microseconds for which an open question is asked daily. What a gateway has not shown in a month it will not show.
pub(super) const ASKED_FOR: Micros = 30 * DAY;
/// Microseconds for which a refund, a cancelling or a check waits to be attempted at all. An account that nobody has mended in a month
/// is not waited for, and a refund's sum is free again.
pub(super) const WAITS_FOR: Micros = 30 * DAY;
/// Attempts that a charge or refund keeps: the record must fit, and the ledger's events have them all.
const ATTEMPTS_KEPT: usize = 20;
/// Attempts of a refund of which nothing may be known before a person decides: gateways promise no idempotency for refunds.
const DOUBTED_REFUNDS: usize = 2;

/// What a ruling needs to know besides the effect.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Facts {
    /// True if it takes a card's token, which serves once.
    pub token: bool,
    /// True if the gateway keeps a failure of its own (5xx) under the key of idempotency and gives it again for a day.
    pub keeps_failures: bool,
    /// True if it was attempted as often as it may be while nothing is known of the attempts.
    pub spent: bool,
    /// True if no gateway can be asked what became of it: its silence is all that there is to wait for.
    pub unseen: bool,
    /// True if doing it twice is doing it once: what the gateway has taken and does not show is asked for again.
    pub harmless: bool,
}

/// The answer to who asks for a grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ruling {
    /// One attempt may be made.
    Grant,
    /// None may be made now.
    Wait(Wait),
    /// None will be made any more: what became of it is known.
    Close(Close),
    /// None will be made any more, and what became of it is not known.
    Open,
}

/// Reasons for which no attempt may be made now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wait {
    /// Another attempt is under way, or may be.
    UnderWay,
    /// The gateway has to be asked first, and not too early.
    InDoubt,
    /// The gateway has taken it, and has not shown it yet.
    Taken,
    /// Nothing is sent for it any more; the gateway is asked.
    Open,
    /// A program of a later version has written it.
    Unknown,
}

/// Ways in which an effect ends without the gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Close {
    /// Its time has run out and nothing was done.
    Expired,
    /// Its card's token may be used up and the gateway has nothing: run out, which is not declined.
    TokenSpent,
    /// The gateway has failed, and would say so again for a day.
    Failed,
}

impl Close {
    /// The word for it in records.
    pub fn why(self) -> Why {
        match self {
            Self::Expired => Why::Expired,
            Self::TokenSpent => Why::CardToken,
            Self::Failed => Why::Status5xx,
        }
    }
}

/// The last attempt, of which it is not known what became of it.
pub(super) fn doubt(effect: &Effect, now: Micros) -> Option<AttemptEnd> {
    match effect.state {
        EffectState::Granted => effect.granted.as_ref().filter(|grant| has_lapsed(grant, now)).map(unreported),
        EffectState::Question | EffectState::Open => effect.last.clone(),
        EffectState::Wanted | EffectState::Closed | EffectState::Unknown => None,
    }
}

fn has_lapsed(grant: &Grant, now: Micros) -> bool {
    now >= grant.granted_at.saturating_add(GRANT_LAPSES)
}

/// The end of an attempt that was not reported: it may have done it.
fn unreported(grant: &Grant) -> AttemptEnd {
    AttemptEnd {
        attempt: grant.attempt,
        outcome: AttemptOutcome::Question,
        why: Some(Why::NotReported.word().to_owned()),
        ended_at: grant.granted_at.saturating_add(ATTEMPT_TAKES),
    }
}

/// Says whether an attempt may be made.
pub(super) fn ruling(effect: &Effect, ask: &AskGrant, now: Micros, facts: Facts) -> Ruling {
    let doubt = doubt(effect, now);
    match (effect.state, &doubt) {
        (EffectState::Granted, None) => return Ruling::Wait(Wait::UnderWay),
        (EffectState::Closed | EffectState::Unknown, _) => return Ruling::Wait(Wait::Unknown),
        _ => {}
    }
    let Some(doubt) = doubt else {
        return match is_too_late(effect, now) {
            true => Ruling::Close(Close::Expired),
            false => Ruling::Grant,
        };
    };
    let too_old = !may_be_sent(effect, now) && !facts.unseen;
    let is_open = effect.state == EffectState::Open;
    let waits = |wait| match (is_open, too_old) {
        (true, _) => Ruling::Wait(Wait::Open),
        (false, true) => Ruling::Open,
        (false, false) => Ruling::Wait(wait),
    };
    if doubt.outcome == AttemptOutcome::Done && !facts.harmless {
        return waits(Wait::Taken);
    }
    if !(ask.knows_nothing || facts.unseen) || now < doubt.ended_at.saturating_add(BELIEVED_AFTER) {
        return waits(Wait::InDoubt);
    }
    if facts.token {
        return Ruling::Close(Close::TokenSpent);
    }
    if facts.keeps_failures && doubt.why.as_deref() == Some(Why::Status5xx.word()) {
        return Ruling::Close(Close::Failed);
    }
    if is_open || too_old {
        return waits(Wait::InDoubt);
    }
    if is_too_late(effect, now) {
        return Ruling::Close(Close::Expired);
    }
    match facts.spent {
        true => Ruling::Open,
        false => Ruling::Grant,
    }
}

/// True until 20 hours after the first grant.
fn may_be_sent(effect: &Effect, now: Micros) -> bool {
    effect.first_granted_at.is_none_or(|first| now < first.saturating_add(NOTHING_SENT_AFTER))
}

/// The time from which nothing is sent for an effect of which no attempt is in doubt.
pub(super) fn deadline(effect: &Effect) -> Micros {
    let first = effect.first_granted_at;
    let ends = first.unwrap_or(effect.wanted_at).saturating_add(NOTHING_SENT_AFTER);
    match (effect.not_after, first) {
        (Some(not_after), Some(_)) => not_after.min(ends),
        (Some(not_after), None) => not_after,
        (None, _) => ends,
    }
}

/// True from the deadline on.
pub(super) fn is_too_late(effect: &Effect, now: Micros) -> bool {
    now >= deadline(effect)
}

/// What becomes of an effect when its timer is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Due {
    /// Nobody could send it: it is closed.
    Close(Close),
    /// What became of it is not known, and nothing is sent any more.
    Open,
    /// It is looked at again then.
    Again(Micros),
    /// Nothing is to be done: another timer looks after it, or a later version.
    Nothing,
}

/// Says what becomes of an effect of which nobody has asked until now.
pub(super) fn due(effect: &Effect, now: Micros) -> Due {
    let in_doubt_until = effect.first_granted_at.unwrap_or(effect.wanted_at).saturating_add(NOTHING_SENT_AFTER);
    match effect.state {
        EffectState::Wanted if is_too_late(effect, now) => Due::Close(Close::Expired),
        EffectState::Wanted => Due::Again(deadline(effect)),
        EffectState::Granted | EffectState::Question if now < in_doubt_until => Due::Again(in_doubt_until),
        EffectState::Granted => match &effect.granted {
            Some(grant) if !has_lapsed(grant, now) => Due::Again(grant.granted_at.saturating_add(GRANT_LAPSES)),
            _ => Due::Open,
        },
        EffectState::Question => Due::Open,
        EffectState::Open | EffectState::Closed | EffectState::Unknown => Due::Nothing,
    }
}

/// What a report says of the effect that it names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// It ends the attempt that is under way.
    Answer,
    /// It is done: a look has found out, or a late answer.
    Found,
    /// It was said before, or another attempt is under way by now: it closes nothing.
    Old,
    /// No such attempt was ever granted.
    NeverGranted,
}

/// Reads a report: of another attempt than the present one it closes nothing unless it is done.
pub(super) fn reading(effect: &Effect, report: &ReportAttempt, now: Micros) -> Reading {
    if report.attempt < 1 || report.attempt > effect.attempts {
        return Reading::NeverGranted;
    }
    // A fault that a test puts in by hand, to show that it would see a report that counts twice.
    fail_point!("payments::report_counts_again", |_| Reading::Answer);
    let present = effect.granted.as_ref().filter(|grant| grant.attempt == report.attempt);
    let present = present.filter(|_| effect.state == EffectState::Granted);
    match (present, report.outcome) {
        (Some(grant), AttemptOutcome::Done) if has_lapsed(grant, now) => Reading::Found,
        (Some(_), _) => Reading::Answer,
        (None, AttemptOutcome::Done) => Reading::Found,
        (None, _) => Reading::Old,
    }
}

/// Grants one attempt at this account, with this version of its key.
pub(super) fn grant(effect: &mut Effect, ask: &AskGrant, account: (AccountId, i32), now: Micros) {
    if let Some(doubt) = doubt(effect, now) {
        effect.last = Some(doubt);
    }
    effect.attempts += 1;
    effect.state = EffectState::Granted;
    effect.account_id = Some(account.0);
    effect.first_granted_at.get_or_insert(now);
    effect.granted = Some(Grant {
        attempt: effect.attempts,
        runner: ask.runner.clone(),
        account_id: effect.account_id,
        account_version: account.1,
        granted_at: now,
    });
}

/// The effect goes into this state; a grant that was not reported counts as an attempt that may have done it.
pub(super) fn leave(effect: &mut Effect, state: EffectState) {
    if let Some(grant) = effect.granted.take() {
        effect.last = Some(unreported(&grant));
    }
    effect.state = state;
}

/// The attempt that is under way ends so.
pub(super) fn end(effect: &mut Effect, report: &ReportAttempt, state: EffectState, now: Micros) {
    effect.granted = None;
    effect.last =
        Some(AttemptEnd { attempt: report.attempt, outcome: report.outcome, why: report.why.clone(), ended_at: now });
    effect.state = state;
}

/// The effect is closed because the gateway was seen to have done it: its last attempt did.
pub(super) fn found(effect: &mut Effect, now: Micros) {
    effect.granted = None;
    effect.state = EffectState::Closed;
    if effect.attempts > 0 {
        let (attempt, outcome) = (effect.attempts, AttemptOutcome::Done);
        effect.last = Some(AttemptEnd { attempt, outcome, why: None, ended_at: now });
    }
}

/// Notes in the attempts of a charge or refund what their effect says of its grant and its last attempt.
pub(super) fn note(attempts: &mut Vec<Attempt>, effect: &Effect) {
    if let Some(last) = &effect.last
        && let Some(attempt) = attempts.iter_mut().find(|attempt| attempt.attempt == last.attempt)
    {
        attempt.outcome = Some(last.outcome);
        attempt.why.clone_from(&last.why);
        attempt.ended_at = Some(last.ended_at);
    }
    if let Some(grant) = &effect.granted
        && !attempts.iter().any(|attempt| attempt.attempt == grant.attempt)
    {
        attempts.push(Attempt {
            attempt: grant.attempt,
            account_id: grant.account_id,
            granted_at: grant.granted_at,
            outcome: None,
            why: None,
            ended_at: None,
        });
    }
    while attempts.len() > ATTEMPTS_KEPT {
        // What was not sent says least.
        let least = attempts.iter().position(|attempt| attempt.outcome == Some(AttemptOutcome::NotSent));
        attempts.remove(least.unwrap_or(0));
    }
}

/// True if a refund was attempted as often as may be while nothing is known of its attempts.
pub(super) fn is_spent(attempts: &[Attempt]) -> bool {
    let doubted = |attempt: &&Attempt| matches!(attempt.outcome, None | Some(AttemptOutcome::Question));
    attempts.iter().filter(doubted).count() >= DOUBTED_REFUNDS
}
