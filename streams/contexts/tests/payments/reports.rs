//! Reports on attempts to make a charge.

use feira_contexts::payments::Payments;
use feira_schemas::{
    problem::Code,
    records::{
        PaymentsEvent,
        common::Outcome,
        payments::{
            AccountStatus, AttemptOutcome, ChargeChanged, ChargeStatus, EffectKind, EffectReported, EffectState,
            ObservedCharge, PaymentMethod, Reason, RemoteIds, ReportAttempt, UnpaidStage, Why,
        },
    },
    time::HOUR,
};
use serde_json::json;

use crate::{
    given::{Given, NOW, gone},
    sample::{
        CHARGE, HERE, SECOND, THERE, account, account_row, accounts_of, ask, ask_knowing, cancel, charge_of, charging,
        effect_of, look, look_at, look_paid, names, pending, report, report_done, report_why, sealed, wanted,
    },
};

const GRANTED: i64 = NOW + SECOND;
const REPORTED: i64 = NOW + 2 * SECOND;

fn granted(method: PaymentMethod) -> Given<Payments> {
    wanted(method).when(ask()).then()
}

fn question() -> Given<Payments> {
    granted(PaymentMethod::Pix).when(report_why(1, AttemptOutcome::Question, Why::TimedOut)).then()
}

/// A second attempt is under way, since the gateway knew nothing of the first.
fn second() -> Given<Payments> {
    question().at(GRANTED + 100 * SECOND).when(ask_knowing()).then()
}

#[test]
fn what_is_done_closes_the_effect_and_shows_in_the_charge() {
    let then = granted(PaymentMethod::Pix).when(report_done(1, look(NOW)));
    let (charge, effect) = (charge_of(&then), effect_of(&then));
    assert_eq!((effect.state, &effect.granted), (EffectState::Closed, &None));
    assert_eq!((charge.status, charge.observed.as_ref()), (ChargeStatus::Pending, Some(&look(NOW))));
    let attempt = &charge.attempts[0];
    assert_eq!((attempt.outcome, attempt.ended_at), (Some(AttemptOutcome::Done), Some(REPORTED)));
    then.events([
        PaymentsEvent::from(EffectReported { meta: then.answering(0, charging(), 3, Outcome::Updated), effect }),
        ChargeChanged { meta: then.meta(1, CHARGE, 3), charge }.into(),
    ]);
    assert_eq!(then.body()["state"], json!("CLOSED"));
}

#[test]
fn the_answer_says_what_became_of_the_payment() {
    let table = [
        (look_at(NOW, UnpaidStage::Failed), ChargeStatus::Failed),
        (look_at(NOW, UnpaidStage::Authorized), ChargeStatus::Authorized),
        (look_at(NOW, UnpaidStage::Confirming), ChargeStatus::Confirming),
        (look_paid(NOW, 0), ChargeStatus::Paid),
    ];
    for (observed, expected) in table {
        let then = granted(PaymentMethod::Card).when(report_done(1, observed));
        assert_eq!(charge_of(&then).status, expected);
    }
}

#[test]
fn what_is_done_has_to_be_shown() {
    granted(PaymentMethod::Pix).when(report(1, AttemptOutcome::Done)).refused_for("/observed", Code::Required);
}

#[test]
fn what_is_shown_has_to_be_the_charge() {
    let others = [
        ObservedCharge { account_id: THERE, ..look(NOW) },
        ObservedCharge { remote: RemoteIds { code: Some("of another".into()), ..look(NOW).remote }, ..look(NOW) },
    ];
    for other in others {
        granted(PaymentMethod::Pix).when(report_done(1, other)).refused(Code::UnknownReference);
    }
    // An answer may leave the code out.
    let nameless = ObservedCharge { remote: RemoteIds { code: None, ..look(NOW).remote }, ..look(NOW) };
    let then = granted(PaymentMethod::Pix).when(report_done(1, nameless));
    assert_eq!(charge_of(&then).status, ChargeStatus::Pending);
}

#[test]
fn a_report_counts_once() {
    let not_sent = || report_why(1, AttemptOutcome::NotSent, Why::NoConnection);
    let shop = granted(PaymentMethod::Pix).when(not_sent()).then();
    assert_eq!(shop.when(not_sent()).unchanged().unwrap()["state"], json!("WANTED"));
    let unknown = report_why(1, AttemptOutcome::Question, Why::TimedOut);
    assert_eq!(question().when(unknown).unchanged().unwrap()["state"], json!("QUESTION"));
    let then = granted(PaymentMethod::Pix)
        .when(report_done(1, look_paid(NOW, 0)))
        .then()
        .when(report_done(1, look_paid(NOW, 0)));
    let charge = then.unchanged().unwrap();
    assert_eq!((&charge["status"], &charge["observed"]["paid"]), (&json!("PAID"), &json!(1_500)));
}

#[test]
fn what_was_not_sent_is_wanted_again_and_what_is_not_known_is_a_question() {
    let then = granted(PaymentMethod::Pix).when(report_why(1, AttemptOutcome::NotSent, Why::TooMany));
    assert_eq!(names(&then), ["EffectReported", "ChargeChanged"]);
    let (charge, effect) = (charge_of(&then), effect_of(&then));
    assert_eq!((effect.state, effect.granted), (EffectState::Wanted, None));
    assert_eq!(effect.last.and_then(|last| last.why).as_deref(), Some("too_many"));
    assert_eq!((charge.status, charge.attempts[0].why.as_deref()), (ChargeStatus::Processing, Some("too_many")));
    let then = granted(PaymentMethod::Pix).when(report_why(1, AttemptOutcome::Question, Why::Reset));
    let (charge, effect) = (charge_of(&then), effect_of(&then));
    assert_eq!((effect.state, effect.granted), (EffectState::Question, None));
    assert_eq!(charge.attempts[0].outcome, Some(AttemptOutcome::Question));
}

#[test]
fn what_was_not_sent_in_time_has_expired() {
    let shop = granted(PaymentMethod::Pix).at(NOW + HOUR);
    let then = shop.when(report_why(1, AttemptOutcome::NotSent, Why::NoConnection));
    assert_eq!((effect_of(&then).state, charge_of(&then).status), (EffectState::Closed, ChargeStatus::Expired));
}

#[test]
fn what_was_not_sent_and_is_not_wanted_any_more_is_cancelled() {
    let shop = granted(PaymentMethod::Pix).when(cancel()).then();
    let then = shop.when(report_why(1, AttemptOutcome::NotSent, Why::NoConnection));
    assert_eq!((effect_of(&then).state, charge_of(&then).status), (EffectState::Closed, ChargeStatus::Cancelled));
}

#[test]
fn a_refusal_closes_the_charge_for_its_reason() {
    let reasons = vec![Reason { kind: "card".into(), parameter_name: None, message: Some(sealed(9)) }];
    let table = [
        (PaymentMethod::Card, Why::Declined, ChargeStatus::Failed),
        (PaymentMethod::Card, Why::CardToken, ChargeStatus::Expired),
        (PaymentMethod::Pix, Why::Request, ChargeStatus::Failed),
        (PaymentMethod::Boleto, Why::State, ChargeStatus::Failed),
        (PaymentMethod::Boleto, Why::Unsupported, ChargeStatus::Failed),
    ];
    for (method, why, expected) in table {
        let refused = ReportAttempt { reasons: reasons.clone(), ..report_why(1, AttemptOutcome::Refused, why) };
        let then = granted(method).when(refused);
        let charge = charge_of(&then);
        assert_eq!((effect_of(&then).state, charge.status), (EffectState::Closed, expected), "{why:?}");
        assert_eq!((&charge.reasons, charge.attempts[0].why.as_deref()), (&reasons, Some(why.word())));
        assert_eq!(accounts_of(&then), []);
    }
    let many = vec![reasons[0].clone(); 30];
    let refused = ReportAttempt { reasons: many, ..report(1, AttemptOutcome::Refused) };
    assert_eq!(charge_of(&granted(PaymentMethod::Pix).when(refused)).reasons.len(), 20);
}

#[test]
fn a_key_that_is_refused_breaks_the_account_and_what_needs_no_card_waits() {
    let refused = || report_why(1, AttemptOutcome::Refused, Why::Account);
    for method in [PaymentMethod::Pix, PaymentMethod::Boleto] {
        let then = granted(method).when(refused());
        assert_eq!(names(&then), ["EffectReported", "ChargeChanged", "AccountChanged"]);
        assert_eq!((effect_of(&then).state, charge_of(&then).status), (EffectState::Wanted, ChargeStatus::Processing));
        let broken = &accounts_of(&then)[0];
        assert_eq!((broken.status, broken.why.as_deref()), (AccountStatus::Broken, Some("account")));
        then.then().when(ask()).refused(Code::NotGranted);
    }
    let then = granted(PaymentMethod::Card).when(refused());
    assert_eq!((effect_of(&then).state, charge_of(&then).status), (EffectState::Closed, ChargeStatus::Failed));
    assert_eq!(accounts_of(&then)[0].status, AccountStatus::Broken);
    let late = granted(PaymentMethod::Pix).at(NOW + HOUR).when(refused());
    assert_eq!((effect_of(&late).state, charge_of(&late).status), (EffectState::Closed, ChargeStatus::Expired));
}

#[test]
fn a_refused_key_that_was_replaced_meanwhile_breaks_nothing() {
    let mut row = account_row(account(HERE, AccountStatus::Untested));
    row.account.key_version = 2;
    let then = granted(PaymentMethod::Pix).and(row).when(report_why(1, AttemptOutcome::Refused, Why::Account));
    assert_eq!((accounts_of(&then), effect_of(&then).state), (vec![], EffectState::Wanted));
}

#[test]
fn a_look_finds_out_what_became_of_an_attempt() {
    let then = question().when(report_done(1, look_paid(NOW, 0)));
    assert_eq!((effect_of(&then).state, charge_of(&then).status), (EffectState::Closed, ChargeStatus::Paid));
    assert_eq!(charge_of(&then).attempts[0].outcome, Some(AttemptOutcome::Done));
    let unreported = granted(PaymentMethod::Pix).at(GRANTED + HOUR).when(report_done(1, look(NOW)));
    assert_eq!(effect_of(&unreported).state, EffectState::Closed);
    let open = question().at(GRANTED + 20 * HOUR).when(ask()).then();
    assert_eq!(effect_of(&open.when(report_done(1, look_paid(NOW, 0)))).state, EffectState::Closed);
}

#[test]
fn reports_of_another_attempt_close_nothing_unless_it_is_done() {
    for outcome in [AttemptOutcome::Refused, AttemptOutcome::NotSent, AttemptOutcome::Question] {
        let shown = second().when(report_why(1, outcome, Why::Declined)).unchanged().unwrap();
        assert_eq!((&shown["state"], &shown["granted"]["attempt"]), (&json!("GRANTED"), &json!(2)), "{outcome:?}");
    }
    let then = second().when(report_done(1, look_paid(NOW, 0)));
    assert_eq!((effect_of(&then).state, charge_of(&then).status), (EffectState::Closed, ChargeStatus::Paid));
    // The other attempt's own answer comes late, and shows the same charge.
    let late = then.then().when(report_done(2, look_paid(NOW + 1, 0)));
    assert_eq!(names(&late), ["ChargeChanged"]);
}

#[test]
fn an_attempt_that_was_never_granted_is_not_reported() {
    for attempt in [0, 2] {
        granted(PaymentMethod::Pix).when(report_done(attempt, look(NOW))).refused(Code::PaymentState);
        granted(PaymentMethod::Pix).when(report(attempt, AttemptOutcome::NotSent)).refused(Code::PaymentState);
    }
    wanted(PaymentMethod::Pix).when(report_done(1, look(NOW))).refused(Code::PaymentState);
}

#[test]
fn what_comes_after_the_effect_is_closed_is_merged_all_the_same() {
    // A charge that was given up shows up, and is paid: money is money.
    let in_doubt = granted(PaymentMethod::Card).when(report_why(1, AttemptOutcome::Question, Why::TimedOut)).then();
    let expired = in_doubt.at(GRANTED + HOUR).when(ask_knowing()).then();
    let then = expired.when(report_done(1, look_paid(NOW, 0)));
    assert_eq!((names(&then), charge_of(&then).status), (vec!["ChargeChanged"], ChargeStatus::Paid));
    let failed = || granted(PaymentMethod::Card).when(report_why(1, AttemptOutcome::Refused, Why::Declined)).then();
    let then = failed().when(report_done(1, look_paid(NOW, 0)));
    assert_eq!((charge_of(&then).status, charge_of(&then).reasons), (ChargeStatus::Paid, vec![]));
    let other = ObservedCharge { account_id: THERE, ..look(NOW) };
    failed().when(report_done(1, other)).refused(Code::UnknownReference);
    assert_eq!(failed().when(report(1, AttemptOutcome::Refused)).unchanged().unwrap()["status"], json!("FAILED"));
    // The charge's id is told by what the effect is for, too.
    let nameless = ReportAttempt { charge_id: None, ..report_done(1, look_paid(NOW, 0)) };
    assert_eq!(charge_of(&failed().when(nameless.clone())).status, ChargeStatus::Paid);
    let of_nothing = ReportAttempt { entity: "?".into(), ..nameless };
    failed().when(of_nothing).refused(Code::PaymentState);
}

#[test]
fn a_charge_that_was_to_be_cancelled_is_cancelled_once_the_gateway_has_it() {
    let then = granted(PaymentMethod::Pix).when(cancel()).then().when(report_done(1, look(NOW)));
    assert_eq!(names(&then), ["EffectReported", "ChargeChanged", "EffectWanted", "TimerSet"]);
    assert!(charge_of(&then).cancel_wanted);
    let paid = granted(PaymentMethod::Pix).when(cancel()).then().when(report_done(1, look_paid(NOW, 0)));
    assert_eq!(names(&paid), ["EffectReported", "ChargeChanged"], "what is paid is not cancelled");
    // Also where it shows up after the effect was given up.
    let in_doubt = granted(PaymentMethod::Pix).when(cancel()).then();
    let given_up = in_doubt.at(GRANTED + HOUR).when(ask_knowing()).then();
    let then = given_up.when(report_done(1, look(NOW)));
    assert_eq!(names(&then), ["ChargeChanged", "EffectWanted", "TimerSet"]);
    assert_eq!((charge_of(&then).status, effect_of(&then).kind), (ChargeStatus::Pending, EffectKind::Cancel));
}

#[test]
fn a_closed_effect_has_no_row() {
    let then = granted(PaymentMethod::Pix).when(report_done(1, look(NOW)));
    let row = feira_schemas::rows::payments::EffectRow::at(crate::given::SHOP, charging());
    assert!(then.changes().contains(&gone::<feira_schemas::rows::payments::EffectRow>(row)));
}

#[test]
fn an_outcome_of_a_later_version_is_refused() {
    granted(PaymentMethod::Pix).when(report(1, AttemptOutcome::Unknown)).refused(Code::UnknownReference);
}

#[test]
fn a_report_on_a_charge_that_waits_for_its_buyer_is_merged() {
    let then = pending(PaymentMethod::Pix).when(report_done(1, look_paid(NOW + 9, 0)));
    assert_eq!((names(&then), charge_of(&then).status), (vec!["ChargeChanged"], ChargeStatus::Paid));
}
