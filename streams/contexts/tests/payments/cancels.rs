//! Charges that are cancelled before anybody has paid them.

use feira_contexts::payments::Payments;
use feira_schemas::{
    ids::EffectId,
    problem::Code,
    records::payments::{
        AccountStatus, AskGrant, AttemptOutcome, CancelCharge, ChargeStatus, EffectKind, EffectState, ObservedCharge,
        PaymentMethod, ReportAttempt, UnpaidStage, Why,
    },
    time::{DAY, HOUR},
};
use serde_json::json;

use crate::{
    given::{Given, NOW, asked_for_version},
    sample::{
        CHARGE, HERE, SECOND, accounts_of, ask, ask_for, cancel, charge_of, charging, effect_of, look_at, look_paid,
        names, numbered, observe, paid, pending, refusal, report, report_done, report_why, shop, wanted,
    },
};

/// A charge that is to be cancelled at the gateway, and the effect that does it.
fn wanted_cancelled() -> (EffectId, Given<Payments>) {
    let then = pending(PaymentMethod::Pix).when(cancel());
    (effect_of(&then).effect_id, then.then())
}

fn granted() -> (EffectId, Given<Payments>) {
    let (effect, shop) = wanted_cancelled();
    (effect, shop.when(ask_for(effect)).then())
}

fn of(effect_id: EffectId, report: ReportAttempt) -> ReportAttempt {
    ReportAttempt { effect_id, kind: EffectKind::Cancel, ..report }
}

fn cancelled() -> ObservedCharge {
    look_at(NOW + 60 * SECOND, UnpaidStage::Cancelled)
}

#[test]
fn a_charge_that_nobody_was_asked_for_is_cancelled_at_once() {
    let then = wanted(PaymentMethod::Pix).when(cancel());
    assert_eq!(names(&then), ["ChargeChanged", "EffectReported"]);
    assert_eq!((charge_of(&then).status, effect_of(&then).state), (ChargeStatus::Cancelled, EffectState::Closed));
    let shop = then.then();
    let again = shop.when(cancel());
    assert_eq!(again.unchanged().unwrap()["status"], json!("CANCELLED"));
    again.then().when(ask()).refused(Code::PaymentState);
}

#[test]
fn a_charge_that_waits_for_its_buyer_is_cancelled_at_the_gateway() {
    let then = pending(PaymentMethod::Pix).when(cancel());
    let effect = effect_of(&then);
    assert_eq!(names(&then), ["ChargeChanged", "EffectWanted", "TimerSet"]);
    assert_eq!((effect.kind, effect.charge_id, effect.account_id), (EffectKind::Cancel, Some(CHARGE), Some(HERE)));
    assert_eq!(effect.effect_id.uuid(), then.derived(0));
    assert_eq!((charge_of(&then).status, charge_of(&then).cancel_wanted), (ChargeStatus::Pending, true));
    assert_eq!(then.timer().due, NOW + 3 * SECOND + 30 * DAY);
    assert_eq!(then.then().when(cancel()).unchanged().unwrap()["cancel_wanted"], json!(true));
}

#[test]
fn a_charge_of_which_an_attempt_is_out_is_cancelled_once_it_shows() {
    let then = wanted(PaymentMethod::Pix).when(ask()).then().when(cancel());
    assert_eq!((names(&then), charge_of(&then).cancel_wanted), (vec!["ChargeChanged"], true));
    let question = report_why(1, AttemptOutcome::Question, Why::Reset);
    let then = wanted(PaymentMethod::Pix).when(ask()).then().when(question).then().when(cancel());
    assert_eq!((names(&then), charge_of(&then).status), (vec!["ChargeChanged"], ChargeStatus::Processing));
    let shown = then.then().when(observe(crate::sample::look(NOW)));
    assert_eq!(names(&shown), ["ChargeChanged", "EffectReported", "EffectWanted", "TimerSet"]);
}

#[test]
fn what_is_over_is_not_cancelled_and_what_is_paid_is_given_back_instead() {
    let over = |stage| pending(PaymentMethod::Pix).when(observe(look_at(NOW + 1, stage))).then();
    for stage in [UnpaidStage::Failed, UnpaidStage::Cancelled] {
        assert_eq!(over(stage).when(cancel()).unchanged().unwrap()["cancel_wanted"], json!(false));
    }
    assert_eq!(effect_of(&over(UnpaidStage::Authorized).when(cancel())).kind, EffectKind::Cancel);
    assert_eq!(effect_of(&over(UnpaidStage::Confirming).when(cancel())).kind, EffectKind::Cancel);
    paid(PaymentMethod::Pix).when(cancel()).refused(Code::PaymentState);
    let underpaid = ObservedCharge { paid: 1, ..look_paid(NOW + 1, 0) };
    pending(PaymentMethod::Pix).when(observe(underpaid)).then().when(cancel()).refused(Code::PaymentState);
    shop().when(cancel()).refused(Code::NotFound);
    let other = CancelCharge { meta: asked_for_version(9), ..cancel() };
    pending(PaymentMethod::Pix).when(other).refused(Code::VersionMismatch);
}

#[test]
fn cancelling_needs_a_grant_and_a_charge_that_nobody_has_paid() {
    let (effect, shop) = wanted_cancelled();
    let then = shop.when(ask_for(effect));
    assert_eq!((names(&then)[0], effect_of(&then).state), ("EffectGranted", EffectState::Granted));
    assert_eq!(then.timer().due, NOW + 4 * SECOND + 20 * HOUR);
    then.then().when(ask_for(effect)).refused(Code::NotGranted);
    let (effect, shop) = wanted_cancelled();
    shop.when(AskGrant { seen_refunded: Some(1), ..ask_for(effect) }).refused(Code::NotGranted);
    let (effect, shop) = wanted_cancelled();
    let then = shop.when(observe(look_paid(NOW + 9, 0))).then().when(ask_for(effect));
    assert_eq!(names(&then), ["EffectReported", "ChargeChanged", "CommandAnswered"]);
    assert_eq!((refusal(&then).as_str(), charge_of(&then).status), ("payment_state", ChargeStatus::Paid));
    assert!(!charge_of(&then).cancel_wanted);
    let (effect, shop) = wanted_cancelled();
    let mut row = crate::sample::account_row(crate::sample::account(HERE, AccountStatus::Broken));
    row.version = 3;
    shop.and(row).when(ask_for(effect)).refused(Code::NotGranted);
}

#[test]
fn a_cancelled_charge_is_what_the_gateway_shows() {
    let (effect, shop) = granted();
    let then = shop.when(of(effect, report_done(1, cancelled())));
    assert_eq!((effect_of(&then).state, charge_of(&then).status), (EffectState::Closed, ChargeStatus::Cancelled));
    // It says that it did, and shows it later.
    let (effect, shop) = granted();
    let then = shop.when(of(effect, report(1, AttemptOutcome::Done)));
    assert_eq!((names(&then), effect_of(&then).state), (vec!["EffectReported"], EffectState::Closed));
    // Somebody has paid meanwhile: there is nothing to cancel.
    let (effect, shop) = granted();
    let paid =
        ReportAttempt { observed: Some(look_paid(NOW + 9, 0)), ..report_why(1, AttemptOutcome::Question, Why::Reset) };
    let then = shop.when(of(effect, paid));
    assert_eq!((effect_of(&then).state, charge_of(&then).status), (EffectState::Closed, ChargeStatus::Paid));
}

#[test]
fn a_cancelling_that_is_not_known_is_looked_at_before_it_is_tried_again() {
    let question = |shop: Given<Payments>, effect| {
        shop.when(of(effect, report_why(1, AttemptOutcome::Question, Why::TimedOut))).then()
    };
    let (effect, shop) = granted();
    question(shop, effect).at(NOW + HOUR).when(ask_for(effect)).refused(Code::NotGranted);
    let (effect, shop) = granted();
    let again = AskGrant { knows_nothing: true, ..ask_for(effect) };
    assert_eq!(effect_of(&question(shop, effect).at(NOW + HOUR).when(again)).attempts, 2);
    let (effect, shop) = granted();
    let then = question(shop, effect).when(of(effect, report_done(1, cancelled())));
    assert_eq!((effect_of(&then).state, charge_of(&then).status), (EffectState::Closed, ChargeStatus::Cancelled));
    let (effect, shop) = granted();
    let twice = question(shop, effect).when(of(effect, report_why(1, AttemptOutcome::Question, Why::TimedOut)));
    assert_eq!(twice.unchanged().unwrap()["state"], json!("QUESTION"));
}

#[test]
fn a_gateway_that_keeps_its_failure_is_not_asked_to_cancel_by_the_same_key() {
    let (effect, shop) = granted();
    let mut row = crate::sample::account_row(crate::sample::account(HERE, AccountStatus::Ready));
    row.account.gateway = "stripe".into();
    let failure = of(effect, report_why(1, AttemptOutcome::Question, Why::Status5xx));
    let again = AskGrant { knows_nothing: true, ..ask_for(effect) };
    let then = shop.and(row).when(failure).then().at(NOW + HOUR).when(again);
    assert_eq!((effect_of(&then).state, refusal(&then).as_str()), (EffectState::Closed, "payment_state"));
    // The charge waits for its buyer as before, and cancelling may be asked for anew, which has a key of its own.
    assert_eq!((charge_of(&then).status, charge_of(&then).cancel_wanted), (ChargeStatus::Pending, false));
    assert_ne!(effect_of(&then.then().when(CancelCharge { meta: numbered(7), ..cancel() })).effect_id, effect);
}

#[test]
fn a_cancelling_that_was_refused_can_be_asked_for_again() {
    let (effect, shop) = granted();
    let then = shop.when(of(effect, report_why(1, AttemptOutcome::Refused, Why::State)));
    assert_eq!((effect_of(&then).state, charge_of(&then).cancel_wanted), (EffectState::Closed, false));
    let again = then.then().when(CancelCharge { meta: crate::sample::numbered(77), ..cancel() });
    assert_ne!(effect_of(&again).effect_id, effect);
    for (why, state) in [(Why::Account, EffectState::Wanted), (Why::NotFound, EffectState::Closed)] {
        let (effect, shop) = granted();
        let then = shop.when(of(effect, report_why(1, AttemptOutcome::Refused, why)));
        let account = &accounts_of(&then)[0];
        assert_eq!((account.status, account.why.as_deref()), (AccountStatus::Broken, Some(why.word())));
        assert_eq!(effect_of(&then).state, state);
    }
    let (effect, shop) = granted();
    let then = shop.when(of(effect, report_why(1, AttemptOutcome::NotSent, Why::NoConnection)));
    assert_eq!(effect_of(&then).state, EffectState::Wanted);
    assert_ne!(effect, charging());
}

#[test]
fn a_cancelling_that_nobody_could_send_in_a_day_is_given_up() {
    let (effect, shop) = granted();
    let shop = shop.at(NOW + DAY);
    let then = shop.when(of(effect, report_why(1, AttemptOutcome::NotSent, Why::NoConnection)));
    assert_eq!((effect_of(&then).state, charge_of(&then).cancel_wanted), (EffectState::Closed, false));
    assert_eq!(charge_of(&then).status, ChargeStatus::Pending);
}
