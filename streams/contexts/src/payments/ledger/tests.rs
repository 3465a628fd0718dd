//! Tables of the ledger's rules.

use feira_schemas::{
    ids::{ChargeId, CommandId, EffectId, TenantId},
    records::{common::CommandMeta, payments::EffectKind},
};
use uuid::Uuid;

use super::*;

/// The time at which the effect was wanted.
const WANTED: Micros = 1_700_000_000_000_000;
/// The time of its first grant.
const FIRST: Micros = WANTED + SECOND;
const HERE: AccountId = AccountId::from_uuid(Uuid::from_u128(7));

fn wanted() -> Effect {
    Effect {
        effect_id: EffectId::from_uuid(Uuid::from_u128(1)),
        kind: EffectKind::Charge,
        entity: String::new(),
        charge_id: Some(ChargeId::from_uuid(Uuid::from_u128(1))),
        state: EffectState::Wanted,
        account_id: None,
        not_after: None,
        wanted_at: WANTED,
        first_granted_at: None,
        attempts: 0,
        granted: None,
        last: None,
        settled: None,
    }
}

fn meta() -> CommandMeta {
    CommandMeta {
        command_id: CommandId::from_uuid(Uuid::from_u128(2)),
        tenant_id: TenantId::from_uuid(Uuid::from_u128(3)),
        actor: "system:gateways".into(),
        issued_at: WANTED,
        body_hash: String::new(),
        keyed: false,
        expected_version: None,
    }
}

fn asked(knows_nothing: bool) -> AskGrant {
    AskGrant { meta: meta(), effect_id: wanted().effect_id, runner: "r".into(), knows_nothing, seen_refunded: None }
}

fn granted() -> Effect {
    let mut effect = wanted();
    grant(&mut effect, &asked(false), (HERE, 1), FIRST);
    effect
}

/// An attempt that was granted first and reported so, at once.
fn reported(outcome: AttemptOutcome, state: EffectState, why: Option<Why>) -> Effect {
    let mut effect = granted();
    end(&mut effect, &report(1, outcome, why), state, FIRST);
    effect
}

fn question(why: Why) -> Effect {
    reported(AttemptOutcome::Question, EffectState::Question, Some(why))
}

fn report(attempt: i32, outcome: AttemptOutcome, why: Option<Why>) -> ReportAttempt {
    ReportAttempt {
        meta: meta(),
        effect_id: wanted().effect_id,
        kind: EffectKind::Charge,
        entity: String::new(),
        charge_id: None,
        attempt,
        outcome,
        why: why.map(|why| why.word().to_owned()),
        reasons: Vec::new(),
        observed: None,
        remote_account: None,
        plan: None,
        saved_card: None,
        subscription: None,
    }
}

fn until(effect: Effect, not_after: Micros) -> Effect {
    Effect { not_after: Some(not_after), ..effect }
}

fn opened(effect: Effect) -> Effect {
    Effect { state: EffectState::Open, ..effect }
}

const NOTHING: Facts = Facts { token: false, keeps_failures: false, spent: false, unseen: false, harmless: false };
const TOKEN: Facts = Facts { token: true, ..NOTHING };
const KEEPS: Facts = Facts { keeps_failures: true, ..NOTHING };
const SPENT: Facts = Facts { spent: true, ..NOTHING };
const UNSEEN: Facts = Facts { unseen: true, ..TOKEN };
const HARMLESS: Facts = Facts { harmless: true, ..NOTHING };

#[test]
fn who_asks_is_told_whether_an_attempt_may_be_made() {
    use Ruling::{Close as Closed, Grant, Open, Wait as Waits};
    let timed_out = || question(Why::TimedOut);
    let failed = || question(Why::Status5xx);
    let taken = || reported(AttemptOutcome::Done, EffectState::Question, None);
    let not_sent = || reported(AttemptOutcome::NotSent, EffectState::Wanted, Some(Why::NoConnection));
    let late = FIRST + NOTHING_SENT_AFTER;
    let (soon, believed) = (FIRST + BELIEVED_AFTER - 1, FIRST + BELIEVED_AFTER);
    let lapsed_believed = FIRST + ATTEMPT_TAKES + BELIEVED_AFTER;
    let table = [
        // Nobody has attempted it.
        (wanted(), false, WANTED, NOTHING, Grant),
        (wanted(), true, WANTED, TOKEN, Grant),
        (until(wanted(), WANTED + 9), false, WANTED + 8, NOTHING, Grant),
        (until(wanted(), WANTED + 9), false, WANTED + 9, NOTHING, Closed(Close::Expired)),
        (wanted(), false, WANTED + NOTHING_SENT_AFTER - 1, NOTHING, Grant),
        (wanted(), false, WANTED + NOTHING_SENT_AFTER, NOTHING, Closed(Close::Expired)),
        (until(wanted(), WANTED + 2 * DAY), false, WANTED + DAY, NOTHING, Grant),
        // Somebody is at it.
        (granted(), true, FIRST, NOTHING, Waits(Wait::UnderWay)),
        (granted(), true, FIRST + GRANT_LAPSES - 1, NOTHING, Waits(Wait::UnderWay)),
        // Nothing was heard of it: it counts as one that may have been done.
        (granted(), false, FIRST + GRANT_LAPSES, NOTHING, Waits(Wait::InDoubt)),
        (granted(), true, FIRST + GRANT_LAPSES, NOTHING, Waits(Wait::InDoubt)),
        (granted(), true, lapsed_believed - 1, NOTHING, Waits(Wait::InDoubt)),
        (granted(), false, lapsed_believed, NOTHING, Waits(Wait::InDoubt)),
        (granted(), true, lapsed_believed, NOTHING, Grant),
        (granted(), true, lapsed_believed, TOKEN, Closed(Close::TokenSpent)),
        (granted(), true, lapsed_believed, KEEPS, Grant),
        (granted(), true, late, NOTHING, Open),
        (granted(), false, late + GRANT_LAPSES, NOTHING, Open),
        // It was reported that nobody knows.
        (timed_out(), true, soon, NOTHING, Waits(Wait::InDoubt)),
        (timed_out(), false, believed, NOTHING, Waits(Wait::InDoubt)),
        (timed_out(), true, believed, NOTHING, Grant),
        (timed_out(), true, believed, TOKEN, Closed(Close::TokenSpent)),
        (timed_out(), true, believed, KEEPS, Grant),
        (timed_out(), true, believed, SPENT, Open),
        (failed(), true, believed, KEEPS, Closed(Close::Failed)),
        (failed(), true, believed, NOTHING, Grant),
        (failed(), true, soon, KEEPS, Waits(Wait::InDoubt)),
        (until(timed_out(), believed), true, believed, NOTHING, Closed(Close::Expired)),
        (until(timed_out(), believed), false, believed, NOTHING, Waits(Wait::InDoubt)),
        (timed_out(), true, late - 1, NOTHING, Grant),
        (timed_out(), true, late, NOTHING, Open),
        (timed_out(), false, late, NOTHING, Open),
        (timed_out(), true, late, TOKEN, Closed(Close::TokenSpent)),
        // The gateway has taken it and does not show it.
        (taken(), true, believed, NOTHING, Waits(Wait::Taken)),
        (taken(), true, late, NOTHING, Open),
        (taken(), false, believed, HARMLESS, Waits(Wait::InDoubt)),
        (taken(), true, believed, HARMLESS, Grant),
        (taken(), true, late, HARMLESS, Open),
        // No gateway can be asked about it.
        (timed_out(), true, soon, UNSEEN, Waits(Wait::InDoubt)),
        (timed_out(), false, believed, UNSEEN, Closed(Close::TokenSpent)),
        (granted(), false, lapsed_believed, UNSEEN, Closed(Close::TokenSpent)),
        (
            Effect { first_granted_at: Some(soon - NOTHING_SENT_AFTER), ..timed_out() },
            false,
            soon,
            UNSEEN,
            Waits(Wait::InDoubt),
        ),
        // Nothing was sent, for sure.
        (not_sent(), false, FIRST, TOKEN, Grant),
        (not_sent(), false, late - 1, NOTHING, Grant),
        (not_sent(), false, late, NOTHING, Closed(Close::Expired)),
        (until(not_sent(), FIRST + 1), false, FIRST + 1, NOTHING, Closed(Close::Expired)),
        // Nothing is sent any more.
        (opened(timed_out()), true, late, NOTHING, Waits(Wait::Open)),
        (opened(timed_out()), false, late, TOKEN, Waits(Wait::Open)),
        (opened(timed_out()), true, late, TOKEN, Closed(Close::TokenSpent)),
        (opened(failed()), true, late, KEEPS, Closed(Close::Failed)),
        (opened(taken()), true, late, TOKEN, Waits(Wait::Open)),
        (Effect { state: EffectState::Closed, ..wanted() }, true, WANTED, NOTHING, Waits(Wait::Unknown)),
        (Effect { state: EffectState::Unknown, ..wanted() }, true, WANTED, NOTHING, Waits(Wait::Unknown)),
    ];
    for (line, (effect, knows_nothing, now, facts, expected)) in table.into_iter().enumerate() {
        assert_eq!(ruling(&effect, &asked(knows_nothing), now, facts), expected, "line {line}: {effect:?}");
    }
}

#[test]
fn a_report_counts_for_the_attempt_that_is_under_way_and_once() {
    use AttemptOutcome::{Done, NotSent, Question, Refused};
    let second = || {
        let mut effect = granted();
        grant(&mut effect, &asked(true), (HERE, 1), FIRST + HOUR);
        effect
    };
    let again = FIRST + HOUR;
    let table = [
        (wanted(), 1, Done, WANTED, Reading::NeverGranted),
        (wanted(), 0, Done, WANTED, Reading::NeverGranted),
        (granted(), 2, NotSent, FIRST, Reading::NeverGranted),
        (granted(), -1, Done, FIRST, Reading::NeverGranted),
        (granted(), 1, Done, FIRST, Reading::Answer),
        (granted(), 1, Refused, FIRST, Reading::Answer),
        (granted(), 1, Question, FIRST + HOUR, Reading::Answer),
        // So late it may be a look of another runner.
        (granted(), 1, Done, FIRST + GRANT_LAPSES, Reading::Found),
        (question(Why::Reset), 1, Done, FIRST, Reading::Found),
        (question(Why::Reset), 1, Question, FIRST, Reading::Old),
        (question(Why::Reset), 1, NotSent, FIRST, Reading::Old),
        (question(Why::Reset), 1, Refused, FIRST, Reading::Old),
        (second(), 1, Done, again, Reading::Found),
        (second(), 1, NotSent, again, Reading::Old),
        (second(), 1, Refused, again, Reading::Old),
        (second(), 2, NotSent, again, Reading::Answer),
        (reported(NotSent, EffectState::Wanted, None), 1, NotSent, FIRST, Reading::Old),
        (reported(NotSent, EffectState::Wanted, None), 1, Done, FIRST, Reading::Found),
    ];
    for (line, (effect, attempt, outcome, now, expected)) in table.into_iter().enumerate() {
        assert_eq!(reading(&effect, &report(attempt, outcome, None), now), expected, "line {line}: {effect:?}");
    }
}

#[test]
fn an_effect_of_which_nobody_asks_is_closed_or_becomes_a_question() {
    let late = FIRST + NOTHING_SENT_AFTER;
    let table = [
        (wanted(), WANTED + NOTHING_SENT_AFTER, Due::Close(Close::Expired)),
        (until(wanted(), WANTED + 9), WANTED + 9, Due::Close(Close::Expired)),
        (until(wanted(), WANTED + 9), WANTED + 8, Due::Again(WANTED + 9)),
        (reported(AttemptOutcome::NotSent, EffectState::Wanted, None), WANTED + DAY, Due::Close(Close::Expired)),
        (reported(AttemptOutcome::NotSent, EffectState::Wanted, None), late - 1, Due::Again(late)),
        // What may have been done is not over because its time is.
        (until(granted(), FIRST + 9), FIRST + 9, Due::Again(late)),
        (until(question(Why::Reset), FIRST + 9), FIRST + 9, Due::Again(late)),
        (question(Why::Reset), late, Due::Open),
        (granted(), late, Due::Open),
        (Effect { first_granted_at: Some(FIRST - DAY), ..granted() }, FIRST, Due::Again(FIRST + GRANT_LAPSES)),
        (opened(question(Why::Reset)), late, Due::Nothing),
        (Effect { state: EffectState::Closed, ..wanted() }, late, Due::Nothing),
    ];
    for (line, (effect, now, expected)) in table.into_iter().enumerate() {
        assert_eq!(due(&effect, now), expected, "line {line}: {effect:?}");
    }
}

#[test]
fn a_grant_counts_and_names_the_last_one_that_was_not_reported() {
    let mut effect = granted();
    let first = effect.granted.clone();
    assert_eq!(first.as_ref().map(|grant| (grant.attempt, grant.account_version)), Some((1, 1)));
    assert_eq!((effect.attempts, effect.first_granted_at, effect.last.clone()), (1, Some(FIRST), None));
    grant(&mut effect, &asked(true), (HERE, 4), FIRST + HOUR);
    assert_eq!((effect.attempts, effect.first_granted_at), (2, Some(FIRST)), "the first grant counts");
    let last = effect.last.clone().map(|last| (last.attempt, last.outcome, last.why, last.ended_at));
    let not_reported = Some(Why::NotReported.word().to_owned());
    assert_eq!(last, Some((1, AttemptOutcome::Question, not_reported, FIRST + ATTEMPT_TAKES)));
}

#[test]
fn twenty_attempts_are_kept_and_those_that_were_not_sent_go_first() {
    let mut attempts = Vec::new();
    let mut effect = wanted();
    for number in 0..30 {
        let now = FIRST + number * HOUR;
        grant(&mut effect, &asked(true), (HERE, 1), now);
        note(&mut attempts, &effect);
        if number > 0 {
            let not_sent = report(effect.attempts, AttemptOutcome::NotSent, None);
            end(&mut effect, &not_sent, EffectState::Wanted, now);
            note(&mut attempts, &effect);
        }
    }
    assert_eq!(attempts.len(), 20);
    let kept: Vec<_> = attempts.iter().map(|attempt| attempt.attempt).collect();
    assert_eq!(kept, [vec![1], (12..=30).collect()].concat());
    let first = attempts.first().map(|attempt| (attempt.outcome, attempt.why.as_deref()));
    assert_eq!(first, Some((Some(AttemptOutcome::Question), Some("not_reported"))));
    assert!(!is_spent(&attempts));
    attempts.push(Attempt { attempt: 31, outcome: None, ..attempts[0].clone() });
    assert!(is_spent(&attempts));
}
