//! Checks of accounts' keys.

use feira_contexts::payments::Payments;
use feira_schemas::{
    ids::EffectId,
    problem::Code,
    records::{
        common::TimerKey,
        payments::{
            AccountStatus, AttemptOutcome, CheckAccount, EffectKind, EffectState, ReportAttempt, SaveAccount, Why,
        },
    },
    rows::common::Timer,
    time::{DAY, HOUR, MINUTE},
};
use serde_json::json;

use crate::{
    accounts::save,
    given::{Given, NOW, Then, asked},
    sample::{
        HERE, SECOND, account, account_row, accounts_of, effect_of, names, numbered, open_shop, report, report_why,
        sealed,
    },
};

const REPORTED: i64 = NOW + SECOND;

fn check() -> EffectId {
    EffectId::from_uuid(asked().command_id.uuid())
}

/// An account that was saved a second ago.
fn saved() -> Given<Payments> {
    open_shop().when(save(HERE)).then()
}

fn of(report: ReportAttempt) -> ReportAttempt {
    let (effect_id, kind) = (check(), EffectKind::Check);
    ReportAttempt { effect_id, kind, entity: HERE.to_string(), charge_id: None, ..report }
}

fn taken(remote: Option<&str>) -> ReportAttempt {
    ReportAttempt { remote_account: remote.map(Into::into), ..of(report(1, AttemptOutcome::Done)) }
}

fn not_reached() -> ReportAttempt {
    of(report_why(1, AttemptOutcome::NotSent, Why::NoConnection))
}

#[test]
fn a_key_that_is_taken_makes_the_account_ready() {
    let then = saved().when(taken(Some("acc_1")));
    let account = &accounts_of(&then)[0];
    assert_eq!(names(&then), ["EffectReported", "AccountChanged"]);
    assert_eq!((account.status, account.remote_account.as_deref()), (AccountStatus::Ready, Some("acc_1")));
    assert_eq!((account.checked_at, account.why.as_deref()), (Some(REPORTED), None));
    assert_eq!(
        (effect_of(&then).state, effect_of(&then).last.unwrap().outcome),
        (EffectState::Closed, AttemptOutcome::Done)
    );
    assert_eq!(then.body()["state"], json!("CLOSED"));
    let told_nothing = saved().when(taken(None));
    assert_eq!(
        (accounts_of(&told_nothing)[0].status, &accounts_of(&told_nothing)[0].remote_account),
        (AccountStatus::Ready, &None)
    );
}

#[test]
fn a_key_that_is_refused_breaks_the_account() {
    for (why, word) in [(Some(Why::Account), "account"), (Some(Why::Request), "request"), (None, "account")] {
        let refused = of(match why {
            Some(why) => report_why(1, AttemptOutcome::Refused, why),
            None => report(1, AttemptOutcome::Refused),
        });
        let then = saved().when(refused);
        let account = &accounts_of(&then)[0];
        assert_eq!((account.status, account.why.as_deref()), (AccountStatus::Broken, Some(word)));
        assert_eq!((account.checked_at, effect_of(&then).state), (Some(REPORTED), EffectState::Closed));
    }
}

#[test]
fn a_key_of_another_account_breaks_this_one() {
    let ready = saved().when(taken(Some("acc_1"))).then();
    let meta = numbered(50);
    let check = EffectId::from_uuid(meta.command_id.uuid());
    let again = ready.when(SaveAccount { meta, key: Some(sealed(9)), ..save(HERE) }).then();
    let then = again.when(ReportAttempt { effect_id: check, ..taken(Some("acc_2")) });
    let account = &accounts_of(&then)[0];
    assert_eq!((account.status, account.why.as_deref()), (AccountStatus::Broken, Some("another_account")));
    assert_eq!((account.remote_account.as_deref(), effect_of(&then).state), (Some("acc_1"), EffectState::Closed));
    // The right key again mends it.
    let meta = numbered(51);
    let check = EffectId::from_uuid(meta.command_id.uuid());
    let mended = then.then().when(SaveAccount { meta, ..save(HERE) }).then();
    let then = mended.when(ReportAttempt { effect_id: check, ..taken(Some("acc_1")) });
    assert_eq!((accounts_of(&then)[0].status, &accounts_of(&then)[0].why), (AccountStatus::Ready, &None));
}

#[test]
fn a_retired_account_whose_key_is_taken_stays_retired_and_is_asked_again() {
    let mut row = account_row(account(HERE, AccountStatus::Retired));
    (row.account.why, row.account.is_default) = (Some("account".into()), false);
    let then = open_shop().and(row).when(save(HERE)).then().when(taken(None));
    assert_eq!((accounts_of(&then)[0].status, &accounts_of(&then)[0].why), (AccountStatus::Retired, &None));
}

#[test]
fn where_nobody_was_reached_the_key_is_tried_again_by_timer() {
    let unknown = of(report_why(1, AttemptOutcome::Question, Why::TimedOut));
    for report in [not_reached(), unknown] {
        let then = saved().when(report);
        assert_eq!(names(&then), ["EffectReported", "TimerSet"]);
        assert_eq!((effect_of(&then).state, accounts_of(&then)), (EffectState::Question, vec![]));
        let timer = then.timer();
        assert_eq!((timer.what.as_str(), timer.due), ("check_again", REPORTED + MINUTE));
        let due = then.then().when_due(&timer);
        assert_eq!(names(&due), ["EffectWanted", "TimerCleared"]);
        assert_eq!((effect_of(&due).state, due.ended()), (EffectState::Wanted, vec![key(&timer)]));
        let account = &accounts_of(&due.then().when(taken(None)))[0];
        assert_eq!(account.status, AccountStatus::Ready);
    }
}

fn key(timer: &Timer) -> TimerKey {
    timer.timer_key()
}

#[test]
fn a_gateway_that_is_away_for_long_is_asked_daily_and_at_last_no_more() {
    let mut then: Then<Payments> = saved().when(not_reached());
    let mut waited = Vec::new();
    for _ in 0..40 {
        let timer = then.timer();
        let before = effect_of(&then).last.unwrap().ended_at;
        waited.push(timer.due - before);
        let due = then.then().when_due(&timer);
        if effect_of(&due).state == EffectState::Closed {
            assert_eq!(names(&due), ["EffectReported", "TimerCleared"]);
            assert!(timer.due > NOW + 30 * DAY);
            assert_eq!(waited[..4], [MINUTE, 10 * MINUTE, HOUR, DAY]);
            return;
        }
        then = due.then().when(not_reached());
    }
    panic!("it is asked for ever: {waited:?}");
}

#[test]
fn a_report_that_nobody_was_reached_counts_once() {
    let again = saved().when(not_reached()).then().when(not_reached());
    assert_eq!(again.unchanged().unwrap()["state"], json!("QUESTION"));
}

#[test]
fn a_report_on_a_key_that_was_replaced_says_nothing_of_the_present_one() {
    let replaced = || saved().when(SaveAccount { meta: numbered(50), key: Some(sealed(9)), ..save(HERE) }).then();
    for report in [taken(Some("acc_1")), of(report(1, AttemptOutcome::Refused)), not_reached()] {
        let then = replaced().when(report);
        assert_eq!(names(&then), ["EffectReported"]);
        assert_eq!(effect_of(&then).state, EffectState::Closed);
    }
    let tried = saved().when(not_reached());
    let timer = tried.timer();
    let replaced = tried.then().when(SaveAccount { meta: numbered(50), key: Some(sealed(9)), ..save(HERE) }).then();
    let due = replaced.when_due(&timer);
    assert_eq!((names(&due), effect_of(&due).state), (vec!["EffectReported", "TimerCleared"], EffectState::Closed));
}

#[test]
fn a_timer_of_a_check_that_is_over_or_wanted_already_is_only_cleared() {
    let tried = saved().when(not_reached());
    let timer = tried.timer();
    let over = tried.then().when(taken(None)).then().when_due(&timer);
    assert_eq!(names(&over), ["TimerCleared"]);
    let tried = saved().when(not_reached());
    let wanted = tried.then().when_due(&timer).then().when_due(&timer);
    assert_eq!(names(&wanted), ["TimerCleared"]);
    // A report that comes after the check is closed finds nothing to merge.
    let closed = saved().when(taken(None)).then();
    closed.when(taken(None)).refused(feira_schemas::problem::Code::PaymentState);
}

#[test]
fn an_account_whose_key_was_refused_to_who_is_lent_it_is_checked_and_broken() {
    let asked = |number| CheckAccount { meta: numbered(number), account_id: HERE };
    let with = |status, tried| {
        let mut row = account_row(account(HERE, status));
        row.account.checked_at = tried;
        open_shop().and(row)
    };
    let then = with(AccountStatus::Ready, Some(NOW - HOUR)).when(asked(60));
    let effect = effect_of(&then);
    assert_eq!((names(&then), effect.kind), (vec!["EffectWanted"], EffectKind::Check));
    assert_eq!((effect.state, effect.account_id), (EffectState::Wanted, Some(HERE)));
    let refused = of(report_why(1, AttemptOutcome::Refused, Why::Account));
    let then = then.then().when(ReportAttempt { effect_id: effect.effect_id, ..refused });
    let account = &accounts_of(&then)[0];
    assert_eq!((account.status, account.why.as_deref()), (AccountStatus::Broken, Some("account")));
    then.then().when(asked(61)).unchanged();
    // One that waits for its check, or was tried just now, is not tried again.
    with(AccountStatus::Untested, None).when(asked(62)).unchanged();
    with(AccountStatus::Ready, Some(NOW - 4 * MINUTE)).when(asked(63)).unchanged();
    assert_eq!(names(&with(AccountStatus::Ready, Some(NOW - 6 * MINUTE)).when(asked(64))), ["EffectWanted"]);
    open_shop().when(asked(65)).refused(Code::NotFound);
}
