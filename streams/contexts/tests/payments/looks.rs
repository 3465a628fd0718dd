//! Looks at charges without an attempt.

use feira_schemas::{
    problem::Code,
    records::{
        PaymentsEvent,
        common::Outcome,
        payments::{
            AttemptOutcome, ChargeChanged, ChargeStatus, EffectState, ObservedCharge, PaymentMethod, RemoteIds,
            UnpaidStage, Why,
        },
    },
    time::HOUR,
};
use serde_json::json;

use crate::{
    given::NOW,
    sample::{
        CHARGE, SECOND, THERE, ask, ask_knowing, charge_of, effect_of, look, look_at, look_paid, names, observe,
        pending, report_why, shop, wanted,
    },
};

#[test]
fn a_look_that_finds_something_changes_the_charge() {
    let then = pending(PaymentMethod::Pix).when(observe(look_paid(NOW + 9, 0)));
    let charge = charge_of(&then);
    assert_eq!((charge.status, charge.updated_at), (ChargeStatus::Paid, NOW + 3 * SECOND));
    let expected = ChargeChanged { meta: then.answering(0, CHARGE, 4, Outcome::Updated), charge };
    then.events([PaymentsEvent::from(expected)]);
}

#[test]
fn a_look_that_finds_nothing_new_changes_nothing() {
    let then = pending(PaymentMethod::Pix).when(observe(look(NOW)));
    assert_eq!(then.unchanged().unwrap()["status"], json!("PENDING"));
    // A look that began earlier is not believed.
    let older = pending(PaymentMethod::Pix).when(observe(look_at(NOW - 1, UnpaidStage::Failed)));
    assert_eq!(older.unchanged().unwrap()["status"], json!("PENDING"));
}

#[test]
fn what_names_another_account_or_another_charge_is_dropped() {
    let others = [
        ObservedCharge { account_id: THERE, ..look_paid(NOW + 9, 0) },
        ObservedCharge { gateway: "stripe".into(), ..look_paid(NOW + 9, 0) },
        ObservedCharge { remote: RemoteIds { charge: "ch_2".into(), ..look(NOW).remote }, ..look_paid(NOW + 9, 0) },
    ];
    for other in others {
        let then = pending(PaymentMethod::Pix).when(observe(other));
        assert_eq!(then.unchanged().unwrap()["observed"]["paid"], json!(0));
    }
    // What nobody was asked for is nobody's.
    let then = wanted(PaymentMethod::Pix).when(observe(look_paid(NOW + 9, 0)));
    assert_eq!(then.unchanged().unwrap()["status"], json!("PROCESSING"));
    for code in [None, Some("another".to_owned())] {
        let other = ObservedCharge { remote: RemoteIds { code, ..look(NOW).remote }, ..look_paid(NOW + 9, 0) };
        let then = wanted(PaymentMethod::Pix).when(ask()).then().when(observe(other));
        assert_eq!(then.unchanged().unwrap()["status"], json!("PROCESSING"));
    }
    shop().when(observe(look(NOW))).refused(Code::NotFound);
}

#[test]
fn a_charge_that_shows_by_its_code_before_its_report_closes_the_effect() {
    let granted = || wanted(PaymentMethod::Pix).when(ask()).then();
    let then = granted().when(observe(look(NOW)));
    assert_eq!(names(&then), ["ChargeChanged", "EffectReported"]);
    assert_eq!((charge_of(&then).status, effect_of(&then).state), (ChargeStatus::Pending, EffectState::Closed));
    assert_eq!(charge_of(&then).attempts[0].outcome, Some(AttemptOutcome::Done));
    let question = granted().when(report_why(1, AttemptOutcome::Question, Why::Reset)).then();
    assert_eq!(effect_of(&question.when(observe(look(NOW)))).state, EffectState::Closed);
    let not_sent = granted().when(report_why(1, AttemptOutcome::NotSent, Why::NoConnection)).then();
    assert_eq!(effect_of(&not_sent.when(observe(look(NOW)))).state, EffectState::Closed);
}

#[test]
fn money_that_comes_after_a_charge_has_failed_or_expired_is_money() {
    let failed = pending(PaymentMethod::Pix).when(observe(look_at(NOW + 5, UnpaidStage::Failed))).then();
    assert_eq!(charge_of(&failed.when(observe(look_paid(NOW + 3, 0)))).status, ChargeStatus::Paid);
    let question = wanted(PaymentMethod::Card).when(ask()).then();
    let question = question.when(report_why(1, AttemptOutcome::Question, Why::Reset)).then();
    let expired = question.at(NOW + HOUR).when(ask_knowing());
    assert_eq!(charge_of(&expired).status, ChargeStatus::Expired);
    let then = expired.then().when(observe(look_paid(NOW + 9, 0)));
    assert_eq!((names(&then), charge_of(&then).status), (vec!["ChargeChanged"], ChargeStatus::Paid));
    let cancelled = pending(PaymentMethod::Pix).when(observe(look_at(NOW + 5, UnpaidStage::Cancelled))).then();
    assert_eq!(charge_of(&cancelled.when(observe(look_paid(NOW + 9, 0)))).status, ChargeStatus::Paid);
}

#[test]
fn money_that_somebody_else_has_given_back_is_seen() {
    let then = crate::sample::paid(PaymentMethod::Pix).when(observe(look_paid(NOW + 9, 1_500)));
    assert_eq!((names(&then), charge_of(&then).status), (vec!["ChargeChanged"], ChargeStatus::Refunded));
}
