//! The attempts that make a subscription, and what looks find of it.

use feira_contexts::{Decider, payments::Payments};
use feira_schemas::{
    problem::Code,
    records::payments::{
        AccountStatus, AttemptOutcome, Callback, EffectState, ObserveSubscription, ObservedSubscription, Reason,
        ReceiveCallback, Recurrence, ReportAttempt, SubscriptionStatus, Why,
    },
    row::Write,
    rows::payments::{Matter, OpenMatterRow, RemoteSubscriptionRow},
    time::{DAY, HOUR},
};
use serde_json::json;

use crate::{
    given::{Given, NOW, SHOP, Then, put},
    sample::{
        HERE, SECOND, THERE, account, account_row, accounts_of, effect_of, names, numbered, open_shop, refusal, report,
        sealed, shop,
    },
    subscribed::{
        By, GRANTED, SUBSCRIPTION, active, ask, ask_knowing, done, granted, making, making_ended, observe, of_making,
        of_plan, plan_done, request_subscription, save_plan, saved_card_row, seen, subscription_of, wanted,
        with_account,
    },
};

const WAYS: [By; 2] = [By::Token, By::KeptCard];

fn unknown() -> ReportAttempt {
    making_ended(1, AttemptOutcome::Question, Why::TimedOut)
}

fn in_doubt(by: By) -> Given<Payments> {
    granted(by).when(unknown()).then()
}

#[test]
fn a_grant_fixes_the_account_and_the_plan() {
    for by in WAYS {
        let then = wanted(by).when(ask());
        let (subscription, effect) = (subscription_of(&then), effect_of(&then));
        assert_eq!(names(&then), ["EffectGranted", "RemoteSubscriptionChanged"]);
        assert_eq!((effect.state, effect.account_id, effect.attempts), (EffectState::Granted, Some(HERE), 1));
        assert_eq!((subscription.account_id, subscription.plan.as_deref()), (Some(HERE), Some("plan_1")));
        assert_eq!((subscription.attempts.len(), then.entity().as_deref()), (1, Some("effect")));
        then.then().when(ask()).refused(Code::NotGranted);
    }
    for status in [AccountStatus::Untested, AccountStatus::Broken, AccountStatus::Retired] {
        with_account(wanted(By::KeptCard), status, 1).when(ask()).refused(Code::NotGranted);
    }
}

#[test]
fn a_subscription_waits_for_its_plan_and_fails_with_it() {
    let waits =
        || shop().when(save_plan()).then().and(saved_card_row()).when(request_subscription(By::KeptCard)).then();
    waits().when(ask()).refused(Code::NotGranted);
    let then = waits().when(plan_done()).then().when(ask());
    assert_eq!(
        (effect_of(&then).state, subscription_of(&then).plan.as_deref()),
        (EffectState::Granted, Some("plan_1"))
    );
    let failed = of_plan(crate::sample::report_why(1, AttemptOutcome::Refused, Why::Request));
    let then = waits().when(failed).then().when(ask());
    let subscription = subscription_of(&then);
    assert_eq!(names(&then), ["EffectReported", "RemoteSubscriptionChanged", "CommandAnswered"]);
    assert_eq!((refusal(&then).as_str(), effect_of(&then).state), ("payment_state", EffectState::Closed));
    assert_eq!((subscription.status, subscription.why.as_deref()), (SubscriptionStatus::Failed, Some("plan")));
}

#[test]
fn what_the_gateway_has_is_what_it_shows() {
    let table = [
        (Recurrence::Future, SubscriptionStatus::Future),
        (Recurrence::Active, SubscriptionStatus::Active),
        (Recurrence::Unpaid, SubscriptionStatus::Unpaid),
        (Recurrence::Ended, SubscriptionStatus::Ended),
        (Recurrence::Other, SubscriptionStatus::Confirming),
        (Recurrence::Unknown, SubscriptionStatus::Confirming),
    ];
    for (recurrence, expected) in table {
        let then = granted(By::Token).when(done(1, seen(NOW, recurrence)));
        let subscription = subscription_of(&then);
        assert_eq!(names(&then), ["EffectReported", "RemoteSubscriptionChanged"]);
        assert_eq!((effect_of(&then).state, subscription.status), (EffectState::Closed, expected));
        assert_eq!(subscription.observed, Some(seen(NOW, recurrence)));
        assert_eq!(subscription.attempts[0].outcome, Some(AttemptOutcome::Done));
        let remote = RemoteSubscriptionRow {
            tenant_id: SHOP,
            account_id: HERE,
            remote_id: "sub_1".into(),
            subscription_id: SUBSCRIPTION,
        };
        assert!(then.changes().contains(&put(remote)));
    }
    granted(By::Token).when(of_making(report(1, AttemptOutcome::Done))).refused_for("/subscription", Code::Required);
    wanted(By::Token).when(done(1, seen(NOW, Recurrence::Active))).refused(Code::PaymentState);
    granted(By::Token).when(done(2, seen(NOW, Recurrence::Active))).refused(Code::PaymentState);
}

#[test]
fn a_report_about_another_subscription_is_refused() {
    let others = [
        ObservedSubscription { account_id: THERE, ..seen(NOW, Recurrence::Active) },
        ObservedSubscription { code: Some("of another".into()), ..seen(NOW, Recurrence::Active) },
    ];
    for other in others {
        granted(By::KeptCard).when(done(1, other)).refused(Code::UnknownReference);
    }
    let nameless = ObservedSubscription { code: None, ..seen(NOW, Recurrence::Active) };
    assert_eq!(subscription_of(&granted(By::KeptCard).when(done(1, nameless))).status, SubscriptionStatus::Active);
}

#[test]
fn a_refusal_closes_the_subscription_for_its_reason() {
    let reasons = vec![Reason { kind: "card".into(), parameter_name: None, message: Some(sealed(9)) }];
    for (why, expected) in [
        (Why::Declined, SubscriptionStatus::Failed),
        (Why::Request, SubscriptionStatus::Failed),
        (Why::CardToken, SubscriptionStatus::Expired),
        (Why::Account, SubscriptionStatus::Failed),
    ] {
        let refused = ReportAttempt { reasons: reasons.clone(), ..making_ended(1, AttemptOutcome::Refused, why) };
        let then = granted(By::Token).when(refused);
        let subscription = subscription_of(&then);
        assert_eq!((subscription.status, subscription.why.as_deref()), (expected, Some(why.word())), "{why:?}");
        assert_eq!((&subscription.reasons, effect_of(&then).state), (&reasons, EffectState::Closed));
        let broken = accounts_of(&then).iter().map(|account| account.status).collect::<Vec<_>>();
        assert_eq!(broken, if why == Why::Account { vec![AccountStatus::Broken] } else { vec![] });
    }
}

#[test]
fn a_token_is_sent_once_and_run_out_is_not_declined() {
    in_doubt(By::Token).at(GRANTED + HOUR).when(ask()).refused(Code::NotGranted);
    let then = in_doubt(By::Token).at(GRANTED + HOUR).when(ask_knowing());
    let subscription = subscription_of(&then);
    assert_eq!((refusal(&then).as_str(), effect_of(&then).state), ("payment_state", EffectState::Closed));
    assert_eq!((subscription.status, subscription.why.as_deref()), (SubscriptionStatus::Expired, Some("card_token")));
    let not_sent = granted(By::Token).when(making_ended(1, AttemptOutcome::NotSent, Why::NoConnection)).then();
    assert_eq!(effect_of(&not_sent.when(ask())).attempts, 2, "while it lives");
}

#[test]
fn a_kept_card_is_tried_again_under_the_same_key_after_the_gateway_was_asked() {
    in_doubt(By::KeptCard).at(GRANTED + HOUR).when(ask()).refused(Code::NotGranted);
    let reported = GRANTED + SECOND;
    in_doubt(By::KeptCard).at(reported + 60 * SECOND - 1).when(ask_knowing()).refused(Code::NotGranted);
    let then = in_doubt(By::KeptCard).at(reported + 60 * SECOND).when(ask_knowing());
    assert_eq!((effect_of(&then).attempts, effect_of(&then).effect_id), (2, making()));
    let stripe = || {
        let mut row = account_row(account(HERE, AccountStatus::Ready));
        row.account.gateway = "stripe".into();
        let failed = making_ended(1, AttemptOutcome::Question, Why::Status5xx);
        granted(By::KeptCard).and(row).when(failed).then()
    };
    let then = stripe().at(GRANTED + HOUR).when(ask_knowing());
    assert_eq!(subscription_of(&then).status, SubscriptionStatus::Failed, "it would say so again for a day");
}

#[test]
fn twenty_hours_after_the_first_grant_it_is_an_open_question_that_is_asked_for_a_month() {
    let asked = || wanted(By::KeptCard).when(ask());
    let deadline =
        || crate::subscribed::with_plan().and(saved_card_row()).when(request_subscription(By::KeptCard)).timer();
    let waits = asked().then().when(unknown()).then().when_due(&deadline());
    let timer = waits.timer();
    assert_eq!((timer.what.as_str(), timer.due), ("deadline", GRANTED + 20 * HOUR));
    let mut then = waits.then().when_due(&timer);
    assert_eq!(effect_of(&then).state, EffectState::Open);
    let mut asked = 0;
    while !then.timers().is_empty() {
        let timer = then.timer();
        assert_eq!(timer.what, "ask_daily");
        then = then.then().when_due(&timer);
        asked += 1;
    }
    assert_eq!(asked, 31);
    let stays = then.then();
    let shown = stays.when(observe(seen(NOW, Recurrence::Active)));
    assert_eq!(
        (effect_of(&shown).state, subscription_of(&shown).status),
        (EffectState::Closed, SubscriptionStatus::Active)
    );
    let by_asking = in_doubt(By::KeptCard).at(GRANTED + 21 * HOUR).when(ask_knowing());
    assert_eq!((refusal(&by_asking).as_str(), effect_of(&by_asking).state), ("not_granted", EffectState::Open));
    assert_eq!(subscription_of(&by_asking).why.as_deref(), Some("timed_out"));
}

#[test]
fn a_subscription_that_nobody_could_send_expires() {
    for by in WAYS {
        let asked = crate::subscribed::with_plan().and(saved_card_row()).when(request_subscription(by));
        let timer = asked.timer();
        let then = asked.then().when_due(&timer);
        assert_eq!(names(&then), ["EffectReported", "RemoteSubscriptionChanged", "TimerCleared"], "{by:?}");
        assert_eq!(subscription_of(&then).status, SubscriptionStatus::Expired);
    }
}

#[test]
fn a_look_that_finds_it_first_closes_the_effect_that_was_to_make_it() {
    for shop in [granted(By::KeptCard), in_doubt(By::KeptCard), in_doubt(By::Token)] {
        let then = shop.when(observe(seen(NOW, Recurrence::Active)));
        assert_eq!(names(&then), ["RemoteSubscriptionChanged", "EffectReported"]);
        assert_eq!((effect_of(&then).state, then.entity().as_deref()), (EffectState::Closed, Some("subscription")));
        assert_eq!(subscription_of(&then).attempts[0].outcome, Some(AttemptOutcome::Done));
    }
    // Without a code it is nobody's, before its id is known.
    let nameless = ObservedSubscription { code: None, ..seen(NOW, Recurrence::Active) };
    let then = granted(By::KeptCard).when(observe(nameless.clone()));
    assert_eq!(then.unchanged().unwrap()["status"], json!("PROCESSING"));
    let known = ObservedSubscription { code: None, ..seen(NOW + 9, Recurrence::Unpaid) };
    assert_eq!(subscription_of(&active().when(observe(known))).status, SubscriptionStatus::Unpaid);
}

#[test]
fn a_look_that_finds_nothing_new_or_another_subscription_changes_nothing() {
    let again = active().when(observe(seen(NOW, Recurrence::Active)));
    assert_eq!(again.unchanged().unwrap()["status"], json!("ACTIVE"));
    let older =
        active().when(observe(ObservedSubscription { observed_at: NOW - 1, ..seen(NOW - 1, Recurrence::Unpaid) }));
    assert_eq!(older.unchanged().unwrap()["status"], json!("ACTIVE"));
    let others = [
        ObservedSubscription { account_id: THERE, ..seen(NOW + 9, Recurrence::Ended) },
        ObservedSubscription { gateway: "stripe".into(), ..seen(NOW + 9, Recurrence::Ended) },
        ObservedSubscription { remote_id: "sub_2".into(), ..seen(NOW + 9, Recurrence::Ended) },
    ];
    for other in others {
        assert_eq!(active().when(observe(other)).unchanged().unwrap()["status"], json!("ACTIVE"));
    }
    let nothing = ObserveSubscription { observed: None, ..observe(seen(NOW, Recurrence::Active)) };
    active().when(nothing).unchanged();
    open_shop().when(observe(seen(NOW, Recurrence::Active))).refused(Code::NotFound);
    // Before the first grant it is at no account.
    let then = wanted(By::KeptCard).when(observe(seen(NOW, Recurrence::Active)));
    assert_eq!(then.unchanged().unwrap()["status"], json!("PROCESSING"));
}

#[test]
fn what_comes_after_the_effect_is_closed_is_merged_all_the_same() {
    let given_up = in_doubt(By::Token).at(GRANTED + HOUR).when(ask_knowing()).then();
    let then = given_up.when(done(1, seen(NOW, Recurrence::Active)));
    let subscription = subscription_of(&then);
    assert_eq!((names(&then), subscription.status), (vec!["RemoteSubscriptionChanged"], SubscriptionStatus::Active));
    assert_eq!(subscription.why, None);
    let again = then.then().when(done(1, seen(NOW, Recurrence::Active)));
    assert_eq!(again.unchanged().unwrap()["status"], json!("ACTIVE"));
    let other = ObservedSubscription { remote_id: "sub_2".into(), ..seen(NOW, Recurrence::Active) };
    active().when(done(1, other)).refused(Code::UnknownReference);
    let of_nothing = ReportAttempt { entity: "?".into(), ..done(1, seen(NOW, Recurrence::Active)) };
    active().when(of_nothing).refused(Code::PaymentState);
}

/// What the events leave open of the subscription in partition 3, or leave open no more.
fn matters(then: &Then<Payments>) -> Vec<bool> {
    let key = OpenMatterRow::at(3, Matter::Subscription(SUBSCRIPTION));
    let writes = then.all().iter().flat_map(|event| Payments::of_partition(event, 3));
    writes.filter(|write| write.key() == key).map(|write| matches!(write, Write::Put { .. })).collect()
}

#[test]
fn a_subscription_is_an_open_matter_from_when_the_gateway_has_it_until_it_is_ended() {
    assert_eq!(matters(&wanted(By::KeptCard).when(ask())), [false]);
    for recurrence in [Recurrence::Future, Recurrence::Active, Recurrence::Unpaid, Recurrence::Other] {
        assert_eq!(matters(&granted(By::KeptCard).when(done(1, seen(NOW, recurrence)))), [true]);
    }
    assert_eq!(matters(&active().when(observe(seen(NOW + DAY, Recurrence::Ended)))), [false]);
    let matter = Matter::Subscription(SUBSCRIPTION);
    assert_eq!(Matter::read(&matter.to_string()), Some(matter));
}

#[test]
fn a_callback_is_kept_with_the_subscription_that_it_is_about() {
    let callback = || Callback {
        account_id: HERE,
        callback_id: "hook_1".into(),
        kind: "subscription.updated".into(),
        remote_charge: None,
        remote_order: None,
        remote_subscription: None,
        code: None,
        sent_at: NOW,
        received_at: NOW,
    };
    let by_code = Callback { code: Some(SUBSCRIPTION.to_string()), ..callback() };
    let by_remote = Callback { remote_subscription: Some("sub_1".into()), ..callback() };
    let receive = |callback| ReceiveCallback { meta: numbered(40), callback };
    for callback in [by_code.clone(), by_remote.clone()] {
        let then = active().when(receive(callback));
        assert_eq!(then.body()["subscription_id"], json!(SUBSCRIPTION));
        assert_eq!(then.body()["charge_id"], json!(null));
        let again = then.then().when(receive(by_remote.clone()));
        assert_eq!(again.unchanged().unwrap()["subscription_id"], json!(SUBSCRIPTION));
    }
    // Before its own answer it is known by its code; before its first grant, it is nobody's.
    assert_eq!(granted(By::Token).when(receive(by_code.clone())).body()["subscription_id"], json!(SUBSCRIPTION));
    wanted(By::Token).when(receive(by_code.clone())).unchanged();
    let other = Callback { remote_subscription: Some("sub_2".into()), ..by_code };
    active().when(receive(other.clone())).unchanged();
    let unknown = Callback { code: None, ..other };
    assert_eq!(active().when(receive(unknown)).body()["subscription_id"], json!(null));
    let there = || account_row(account(THERE, AccountStatus::Ready));
    let theirs = Callback { account_id: THERE, code: Some(SUBSCRIPTION.to_string()), ..callback() };
    active().and(there()).when(receive(theirs)).unchanged();
}
