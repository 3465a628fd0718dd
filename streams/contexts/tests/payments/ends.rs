//! Subscriptions that are ended: by a grant, one at a time, and done once a look shows it.

use feira_contexts::payments::Payments;
use feira_schemas::{
    ids::EffectId,
    problem::Code,
    records::payments::{
        AccountStatus, AskGrant, AttemptOutcome, EffectKind, EffectState, EndSubscription, Recurrence, ReportAttempt,
        StandingStatus, SubscriptionStatus, Why,
    },
    time::{DAY, HOUR},
};
use serde_json::json;

use crate::{
    given::{Given, NOW, asked_for_version},
    sample::{SECOND, accounts_of, ask_for, effect_of, names, numbered, report, report_why, shop, standing},
    subscribed::{
        By, GRANTED, SUBSCRIPTION, active, ask_knowing, done, end, granted, making_ended, observe, seen,
        subscription_of, wanted, with_account,
    },
};

/// A subscription that is to be ended, and the effect that does it.
fn ending() -> (EffectId, Given<Payments>) {
    let then = active().when(end());
    (effect_of(&then).effect_id, then.then())
}

/// The time at which the sample's ending was asked for.
const ASKED: i64 = GRANTED + 2 * SECOND;

fn granted_ending() -> (EffectId, Given<Payments>) {
    let (effect, shop) = ending();
    (effect, shop.when(ask_for(effect)).then())
}

fn of(effect_id: EffectId, report: ReportAttempt) -> ReportAttempt {
    let kind = EffectKind::EndSubscription;
    ReportAttempt { effect_id, kind, entity: SUBSCRIPTION.to_string(), charge_id: None, ..report }
}

fn ended_at(began: i64) -> feira_schemas::records::payments::ObservedSubscription {
    seen(began, Recurrence::Ended)
}

#[test]
fn a_subscription_that_nobody_was_asked_for_is_cancelled_at_once() {
    let then = wanted(By::KeptCard).when(end());
    assert_eq!(names(&then), ["RemoteSubscriptionChanged", "EffectReported"]);
    let subscription = subscription_of(&then);
    assert_eq!((subscription.status, subscription.ending), (SubscriptionStatus::Cancelled, None));
    assert_eq!(effect_of(&then).state, EffectState::Closed);
    let shop = then.then();
    let again = shop.when(end());
    assert_eq!(again.unchanged().unwrap()["status"], json!("CANCELLED"));
    again.then().when(crate::subscribed::ask()).refused(Code::PaymentState);
}

#[test]
fn a_subscription_that_goes_on_is_ended_at_its_account() {
    let then = active().when(end());
    let (subscription, effect) = (subscription_of(&then), effect_of(&then));
    assert_eq!(names(&then), ["RemoteSubscriptionChanged", "EffectWanted", "TimerSet"]);
    assert_eq!((effect.kind, effect.account_id), (EffectKind::EndSubscription, Some(crate::sample::HERE)));
    assert_eq!((effect.entity.as_str(), effect.charge_id), (SUBSCRIPTION.to_string().as_str(), None));
    assert_eq!((subscription.end_wanted, subscription.ending), (true, Some(effect.effect_id)));
    assert_eq!((subscription.status, then.timer().due), (SubscriptionStatus::Active, ASKED + 30 * DAY));
    assert_eq!(then.then().when(end()).unchanged().unwrap()["end_wanted"], json!(true));
    // Also of a shop that is suspended, as long as it is meant for the present version.
    let suspended = active().and(standing(StandingStatus::Suspended));
    assert_eq!(effect_of(&suspended.when(end())).state, EffectState::Wanted);
    let other = EndSubscription { meta: asked_for_version(9), ..end() };
    active().when(other).refused(Code::VersionMismatch);
    shop().when(end()).refused(Code::NotFound);
}

#[test]
fn a_subscription_of_which_an_attempt_is_out_is_ended_once_it_shows() {
    let unknown = || making_ended(1, AttemptOutcome::Question, Why::Reset);
    let waits = || granted(By::KeptCard).when(end());
    assert_eq!((names(&waits()), subscription_of(&waits()).end_wanted), (vec!["RemoteSubscriptionChanged"], true));
    let shown = waits().then().when(done(1, seen(NOW, Recurrence::Active)));
    assert_eq!(names(&shown), ["EffectReported", "RemoteSubscriptionChanged", "EffectWanted", "TimerSet"]);
    assert_eq!(
        (effect_of(&shown).kind, subscription_of(&shown).ending),
        (EffectKind::EndSubscription, Some(effect_of(&shown).effect_id))
    );
    let by_look = waits().then().when(observe(seen(NOW, Recurrence::Active)));
    assert_eq!(names(&by_look), ["RemoteSubscriptionChanged", "EffectReported", "EffectWanted", "TimerSet"]);
    let over = waits().then().when(observe(ended_at(NOW)));
    assert_eq!(names(&over), ["RemoteSubscriptionChanged", "EffectReported"], "there is nothing to end");
    // Nobody sends it any more; should it show up after all, it is ended.
    let given_up = waits().then().when(unknown()).then().at(GRANTED + HOUR).when(ask_knowing());
    assert_eq!(subscription_of(&given_up).status, SubscriptionStatus::Cancelled);
    let late = given_up.then().when(done(1, seen(NOW, Recurrence::Active)));
    assert_eq!(names(&late), ["RemoteSubscriptionChanged", "EffectWanted", "TimerSet"]);
    let not_sent = waits().then().when(making_ended(1, AttemptOutcome::NotSent, Why::NoConnection));
    assert_eq!(
        (effect_of(&not_sent).state, subscription_of(&not_sent).status),
        (EffectState::Closed, SubscriptionStatus::Cancelled)
    );
}

#[test]
fn what_is_over_is_not_ended() {
    let over = |shop: Given<Payments>| shop.when(end()).unchanged().unwrap()["end_wanted"].clone();
    assert_eq!(over(active().when(observe(ended_at(NOW + 9))).then()), json!(false));
}

#[test]
fn what_was_given_up_and_turns_up_late_is_ended() {
    for (why, status) in [(Why::Declined, SubscriptionStatus::Failed), (Why::CardToken, SubscriptionStatus::Expired)] {
        let refused = granted(By::Token).when(making_ended(1, AttemptOutcome::Refused, why)).then();
        let then = refused.when(end());
        let subscription = subscription_of(&then);
        assert_eq!(names(&then), ["RemoteSubscriptionChanged"], "nothing is there to end");
        assert_eq!((subscription.status, subscription.end_wanted), (status, true));
        assert_eq!((subscription.ending, subscription.why.as_deref()), (None, Some(why.word())));
        let again = then.then().when(end());
        assert_eq!(again.unchanged().unwrap()["end_wanted"], json!(true));
        let late = again.then().when(observe(seen(NOW, Recurrence::Active)));
        assert_eq!(names(&late), ["RemoteSubscriptionChanged", "EffectWanted", "TimerSet"]);
        let (subscription, effect) = (subscription_of(&late), effect_of(&late));
        assert_eq!((effect.kind, subscription.ending), (EffectKind::EndSubscription, Some(effect.effect_id)));
        assert_eq!(subscription.status, SubscriptionStatus::Active, "until it is ended");
    }
    // Nobody has asked that it be ended: then it is what it is.
    let refused = granted(By::Token).when(making_ended(1, AttemptOutcome::Refused, Why::Declined)).then();
    let late = refused.when(observe(seen(NOW, Recurrence::Active)));
    assert_eq!(names(&late), ["RemoteSubscriptionChanged"]);
    // Where it shows as ended there is nothing to do.
    let refused = granted(By::Token).when(making_ended(1, AttemptOutcome::Refused, Why::Declined)).then();
    let late = refused.when(end()).then().when(observe(ended_at(NOW)));
    assert_eq!((names(&late), subscription_of(&late).ending), (vec!["RemoteSubscriptionChanged"], None));
}

#[test]
fn an_ending_needs_a_grant_and_the_account_that_has_made_it() {
    let (effect, shop) = ending();
    let then = shop.when(ask_for(effect));
    assert_eq!((names(&then), effect_of(&then).attempts), (vec!["EffectGranted", "TimerSet"], 1));
    assert_eq!(then.timer().due, ASKED + SECOND + 20 * HOUR);
    then.then().when(ask_for(effect)).refused(Code::NotGranted);
    for status in [AccountStatus::Broken, AccountStatus::Untested] {
        let (effect, shop) = ending();
        with_account(shop, status, 1).when(ask_for(effect)).refused(Code::NotGranted);
    }
    let (effect, shop) = ending();
    let retired = with_account(shop, AccountStatus::Retired, 1).when(ask_for(effect));
    assert_eq!(effect_of(&retired).state, EffectState::Granted, "its subscriptions are ended still");
}

#[test]
fn an_ending_is_done_once_a_look_shows_it() {
    // The gateway says that it did: that is to be seen.
    let (effect, shop) = granted_ending();
    let said = shop.when(of(effect, report(1, AttemptOutcome::Done)));
    assert_eq!((names(&said), effect_of(&said).state), (vec!["EffectReported"], EffectState::Question));
    let shown = said.then().when(observe(ended_at(NOW + DAY)));
    assert_eq!(names(&shown), ["RemoteSubscriptionChanged", "EffectReported"]);
    let subscription = subscription_of(&shown);
    assert_eq!((subscription.status, subscription.ending), (SubscriptionStatus::Ended, None));
    assert_eq!(effect_of(&shown).state, EffectState::Closed);
    // A look comes with the report, or while nobody has asked yet.
    for outcome in [AttemptOutcome::Done, AttemptOutcome::Question, AttemptOutcome::Refused] {
        let (effect, shop) = granted_ending();
        let looked = ReportAttempt { subscription: Some(ended_at(NOW + DAY)), ..report(1, outcome) };
        let then = shop.when(of(effect, looked));
        assert_eq!(
            (effect_of(&then).state, subscription_of(&then).status),
            (EffectState::Closed, SubscriptionStatus::Ended)
        );
        assert_eq!(subscription_of(&then).ending, None);
    }
    let (effect, shop) = ending();
    let then = shop.when(observe(ended_at(NOW + DAY)));
    assert_eq!((effect_of(&then).effect_id, effect_of(&then).state), (effect, EffectState::Closed));
    then.then().when(ask_for(effect)).refused(Code::PaymentState);
}

#[test]
fn an_ending_that_is_not_known_is_looked_at_before_it_is_tried_again() {
    for outcome in [AttemptOutcome::Question, AttemptOutcome::Done] {
        let in_doubt = || {
            let (effect, shop) = granted_ending();
            (effect, shop.when(of(effect, report_why(1, outcome, Why::TimedOut))).then())
        };
        let (effect, shop) = in_doubt();
        shop.at(NOW + HOUR).when(ask_for(effect)).refused(Code::NotGranted);
        // A look shows that it goes on: ending it twice does no harm.
        let (effect, shop) = in_doubt();
        let again = AskGrant { knows_nothing: true, ..ask_for(effect) };
        let then = shop.at(NOW + HOUR).when(again);
        assert_eq!((effect_of(&then).attempts, effect_of(&then).effect_id), (2, effect), "{outcome:?}");
        let (effect, shop) = in_doubt();
        let open = shop.at(NOW + 21 * HOUR).when(ask_for(effect));
        assert_eq!((effect_of(&open).state, open.timer().what.as_str()), (EffectState::Open, "ask_daily"));
        let shown = open.then().when(observe(ended_at(NOW + DAY)));
        assert_eq!(effect_of(&shown).state, EffectState::Closed);
    }
}

#[test]
fn an_ending_that_was_refused_can_be_asked_for_again() {
    let (effect, shop) = granted_ending();
    let then = shop.when(of(effect, report_why(1, AttemptOutcome::Refused, Why::State)));
    let subscription = subscription_of(&then);
    assert_eq!((subscription.end_wanted, subscription.ending), (false, None));
    assert_eq!((subscription.why.as_deref(), subscription.status), (Some("state"), SubscriptionStatus::Active));
    let again = then.then().when(EndSubscription { meta: numbered(77), ..end() });
    assert_ne!(effect_of(&again).effect_id, effect);
    for (why, state) in [(Why::Account, EffectState::Wanted), (Why::NotFound, EffectState::Closed)] {
        let (effect, shop) = granted_ending();
        let then = shop.when(of(effect, report_why(1, AttemptOutcome::Refused, why)));
        let account = &accounts_of(&then)[0];
        assert_eq!((account.status, account.why.as_deref()), (AccountStatus::Broken, Some(why.word())));
        assert_eq!(effect_of(&then).state, state);
    }
    let (effect, shop) = granted_ending();
    let then = shop.when(of(effect, report_why(1, AttemptOutcome::NotSent, Why::NoConnection)));
    assert_eq!(effect_of(&then).state, EffectState::Wanted);
}

#[test]
fn an_ending_that_nobody_could_send_is_given_up() {
    let then = active().when(end());
    let timer = then.timer();
    let then = then.then().when_due(&timer);
    let subscription = subscription_of(&then);
    assert_eq!(names(&then), ["EffectReported", "RemoteSubscriptionChanged", "TimerCleared"]);
    assert_eq!((subscription.end_wanted, subscription.why.as_deref()), (false, Some("expired")));
}

#[test]
fn a_report_that_comes_again_changes_nothing_and_what_comes_late_is_merged() {
    let (effect, shop) = granted_ending();
    let unknown = || of(effect, report_why(1, AttemptOutcome::Question, Why::TimedOut));
    let twice = shop.when(unknown()).then().when(unknown());
    assert_eq!(twice.unchanged().unwrap()["state"], json!("QUESTION"));
    let refused = twice.then().when(observe(ended_at(NOW + DAY))).then();
    let late =
        ReportAttempt { subscription: Some(ended_at(NOW + 2 * DAY)), ..of(effect, report(1, AttemptOutcome::Done)) };
    let then = refused.when(late);
    assert_eq!(
        (names(&then), subscription_of(&then).status),
        (vec!["RemoteSubscriptionChanged"], SubscriptionStatus::Ended)
    );
}
