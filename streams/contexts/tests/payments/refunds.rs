//! Refunds: within what was paid, one of a charge at a time, done by what the gateway shows.

use feira_contexts::payments::Payments;
use feira_schemas::{
    money::{Currency, Money},
    problem::Code,
    records::{
        PaymentsEvent,
        common::Outcome,
        payments::{
            AccountKind, AccountStatus, AskGrant, AttemptOutcome, ChargeStatus, EffectState, ObservedCharge,
            PaymentMethod, RefundChanged, RefundStatus, ReportAttempt, RequestRefund, SettleRefund, Why,
        },
    },
    rows::common::Timer,
    time::{DAY, HOUR},
};
use serde_json::json;

use crate::{
    given::{Given, NOW, asked_for_version},
    sample::{
        CHARGE, HERE, OTHER_REFUND, REFUND, SECOND, account, account_row, accounts_of, ask_refund, charge_of,
        effect_of, look, look_paid, names, observe, of_refund, paid, pending, refund_of, refunding, refusal, report,
        report_done, report_why, request_refund, sealed, settle,
    },
};

/// The present of a paid charge.
const PAID: i64 = NOW + 4 * SECOND;
/// The time of the first grant of the refund.
const GRANTED: i64 = PAID + SECOND;

/// A refund of R$ 5,00 of R$ 15,00 that is wanted.
fn wanted() -> Given<Payments> {
    paid(PaymentMethod::Pix).when(request_refund(REFUND, Some(500))).then()
}

fn granted() -> Given<Payments> {
    wanted().when(ask_refund(REFUND, 0)).then()
}

fn question() -> Given<Payments> {
    granted().when(of_refund(REFUND, report_why(1, AttemptOutcome::Question, Why::TimedOut))).then()
}

/// A runner asks once more, which has looked and seen this much given back.
fn ask_again(seen: i64) -> AskGrant {
    AskGrant { knows_nothing: true, ..ask_refund(REFUND, seen) }
}

fn shows(cancelled: i64) -> ObservedCharge {
    look_paid(NOW + 2, cancelled)
}

fn done(attempt: i32, cancelled: i64) -> ReportAttempt {
    of_refund(REFUND, report_done(attempt, shows(cancelled)))
}

#[test]
fn a_refund_is_wanted_and_its_effect_has_its_id() {
    let then = paid(PaymentMethod::Pix).when(request_refund(REFUND, Some(500)));
    let (refund, effect) = (refund_of(&then), effect_of(&then));
    assert_eq!((refund.status, refund.amount), (RefundStatus::Wanted, Money::brl(500)));
    assert_eq!((effect.effect_id.uuid(), effect.charge_id), (REFUND.uuid(), Some(CHARGE)));
    assert_eq!((effect.account_id, effect.not_after), (Some(HERE), Some(PAID + 30 * DAY)));
    assert_eq!(names(&then), ["RefundChanged", "EffectWanted", "TimerSet"]);
    assert_eq!(then.timer().due, PAID + 30 * DAY);
    let expected = RefundChanged { meta: then.answering(0, REFUND, 1, Outcome::Created), refund };
    assert_eq!(then.all()[0], PaymentsEvent::from(expected));
}

#[test]
fn asking_for_a_refund_twice_is_asking_once() {
    let first = paid(PaymentMethod::Pix).when(request_refund(REFUND, Some(500))).body();
    assert_eq!(wanted().when(request_refund(REFUND, Some(500))).unchanged().unwrap(), first);
    assert_eq!(wanted().when(request_refund(REFUND, None)).unchanged().unwrap(), first);
    wanted().when(request_refund(REFUND, Some(501))).refused(Code::IdempotencyMismatch);
    let named = RequestRefund { reference: Some("r".into()), ..request_refund(REFUND, Some(500)) };
    wanted().when(named).refused(Code::IdempotencyMismatch);
}

#[test]
fn refunds_together_never_exceed_what_was_paid() {
    let all = paid(PaymentMethod::Pix).when(request_refund(REFUND, None));
    assert_eq!(refund_of(&all).amount, Money::brl(1_500));
    all.then().when(request_refund(OTHER_REFUND, None)).refused(Code::PaymentState);
    let rest = wanted().when(request_refund(OTHER_REFUND, None));
    assert_eq!(refund_of(&rest).amount, Money::brl(1_000));
    wanted().when(request_refund(OTHER_REFUND, Some(1_001))).refused_for("/amount", Code::OutOfRange);
    for amount in [0, -1, i64::MAX] {
        wanted().when(request_refund(OTHER_REFUND, Some(amount))).refused_for("/amount", Code::OutOfRange);
    }
    let sent = granted().when(request_refund(OTHER_REFUND, None));
    assert_eq!(refund_of(&sent).amount, Money::brl(1_000));
    let done = granted().when(done(1, 500)).then().when(request_refund(OTHER_REFUND, None));
    assert_eq!(refund_of(&done).amount, Money::brl(1_000));
    let by_others = paid(PaymentMethod::Pix).when(observe(shows(700))).then();
    assert_eq!(refund_of(&by_others.when(request_refund(REFUND, None))).amount, Money::brl(800));
    let disputed = ObservedCharge { disputed: 1_500, ..shows(0) };
    let held = paid(PaymentMethod::Pix).when(observe(disputed)).then();
    held.when(request_refund(REFUND, None)).refused(Code::PaymentState);
    let refused = of_refund(REFUND, report_why(1, AttemptOutcome::Refused, Why::State));
    let failed = granted().when(refused).then().when(request_refund(OTHER_REFUND, None));
    assert_eq!(refund_of(&failed).amount, Money::brl(1_500), "a refund that failed asks for nothing");
    let in_person = question().at(GRANTED + 20 * HOUR).when(ask_refund(REFUND, 0)).then();
    assert_eq!(refund_of(&in_person.when(request_refund(OTHER_REFUND, None))).amount, Money::brl(1_000));
}

#[test]
fn a_refund_is_of_money_that_was_paid_in_reais() {
    pending(PaymentMethod::Pix).when(request_refund(REFUND, None)).refused(Code::PaymentState);
    crate::sample::wanted(PaymentMethod::Pix).when(request_refund(REFUND, None)).refused(Code::PaymentState);
    crate::sample::shop().when(request_refund(REFUND, None)).refused(Code::NotFound);
    let other = Money { amount: 5, currency: Currency::UNKNOWN };
    let command = RequestRefund { amount: Some(other), ..request_refund(REFUND, None) };
    paid(PaymentMethod::Pix).when(command).refused_for("/amount", Code::Invalid);
}

#[test]
fn a_charge_has_so_many_refunds() {
    let mut shop = paid(PaymentMethod::Pix);
    for number in 0..100 {
        let id = feira_schemas::ids::RefundId::from_uuid(uuid::Uuid::from_u128(0x5000 + number));
        shop = shop.when(request_refund(id, Some(1))).then();
    }
    shop.when(request_refund(REFUND, Some(1))).refused(Code::LimitReached);
}

#[test]
fn a_boleto_is_given_back_to_a_bank_account_and_nothing_else_is() {
    let to_bank = || RequestRefund { bank_account: Some(sealed(9)), ..request_refund(REFUND, Some(500)) };
    let boleto = || paid(PaymentMethod::Boleto);
    boleto().when(request_refund(REFUND, None)).refused_for("/bank_account", Code::Required);
    assert_eq!(refund_of(&boleto().when(to_bank())).bank_account, Some(sealed(9)));
    for method in [PaymentMethod::Pix, PaymentMethod::Card] {
        paid(method).when(to_bank()).refused_for("/bank_account", Code::Invalid);
    }
    // The gateway passes on what another bank collects: the merchant gives it back by hand, and no bank account is kept for nothing.
    let mut own = account_row(account(HERE, AccountStatus::Ready));
    own.account.kind = AccountKind::OwnAcquirer;
    assert_eq!(refund_of(&boleto().and(own).when(request_refund(REFUND, None))).bank_account, None);
}

#[test]
fn a_grant_needs_a_look_that_saw_the_known_sum() {
    wanted().when(crate::sample::ask_for(refunding(REFUND))).refused(Code::NotGranted);
    wanted().when(ask_refund(REFUND, 1)).refused(Code::NotGranted);
    let then = wanted().when(ask_refund(REFUND, 0));
    let (refund, effect) = (refund_of(&then), effect_of(&then));
    assert_eq!(names(&then), ["EffectGranted", "RefundChanged", "TimerSet"]);
    assert_eq!((then.timer().what.as_str(), then.timer().due), ("deadline", GRANTED + 20 * HOUR));
    assert_eq!((effect.state, effect.attempts), (EffectState::Granted, 1));
    assert_eq!((refund.status, refund.refunded_before), (RefundStatus::Sent, Some(0)));
    assert_eq!(refund.attempts.len(), 1);
    let partly = wanted().when(observe(shows(300))).then();
    assert_eq!(refund_of(&partly.when(ask_refund(REFUND, 300))).refunded_before, Some(300));
}

#[test]
fn one_refund_of_a_charge_is_under_way_at_a_time() {
    let both = || granted().when(request_refund(OTHER_REFUND, Some(500))).then();
    both().when(ask_refund(OTHER_REFUND, 0)).refused(Code::NotGranted);
    let unknown = of_refund(REFUND, report_why(1, AttemptOutcome::Question, Why::Reset));
    both().when(unknown).then().when(ask_refund(OTHER_REFUND, 0)).refused(Code::NotGranted);
    let finished = both().when(done(1, 500)).then();
    finished.when(ask_refund(OTHER_REFUND, 0)).refused(Code::NotGranted);
    let then = both().when(done(1, 500)).then().when(ask_refund(OTHER_REFUND, 500));
    assert_eq!(refund_of(&then).refunded_before, Some(500));
    let refused = of_refund(REFUND, report_why(1, AttemptOutcome::Refused, Why::State));
    let then = both().when(refused).then().when(ask_refund(OTHER_REFUND, 0));
    assert_eq!(effect_of(&then).attempts, 1);
}

#[test]
fn a_refund_is_done_once_the_gateway_shows_its_sum() {
    let then = granted().when(done(1, 500));
    let (refund, charge) = (refund_of(&then), charge_of(&then));
    assert_eq!(names(&then), ["EffectReported", "ChargeChanged", "RefundChanged"]);
    assert_eq!((effect_of(&then).state, refund.status), (EffectState::Closed, RefundStatus::Done));
    assert_eq!(
        (charge.status, charge.observed.map(|observed| observed.cancelled)),
        (ChargeStatus::PartlyRefunded, Some(500))
    );
    assert_eq!(refund.attempts[0].outcome, Some(AttemptOutcome::Done));
    // What the gateway takes back beside it is more, and it says that it did this one.
    assert_eq!(refund_of(&granted().when(done(1, 800))).status, RefundStatus::Done);
    let all = paid(PaymentMethod::Pix).when(request_refund(REFUND, None)).then().when(ask_refund(REFUND, 0)).then();
    assert_eq!(charge_of(&all.when(done(1, 1_500))).status, ChargeStatus::Refunded);
}

#[test]
fn a_refund_that_the_gateway_took_and_does_not_show_is_looked_for_and_not_sent_again() {
    for taken in [done(1, 0), of_refund(REFUND, report(1, AttemptOutcome::Done))] {
        let shop = granted().when(taken);
        assert_eq!((effect_of(&shop).state, names(&shop).contains(&"RefundChanged")), (EffectState::Question, true));
        assert_eq!(refund_of(&shop).status, RefundStatus::Sent);
        let shop = shop.then();
        let later = shop.at(GRANTED + HOUR).when(ask_again(0));
        later.refused(Code::NotGranted);
    }
    let taken = || granted().when(done(1, 0)).then();
    let shown = taken().when(observe(shows(500)));
    assert_eq!((names(&shown)[0], refund_of(&shown).status), ("ChargeChanged", RefundStatus::Done));
    assert_eq!(effect_of(&shown).state, EffectState::Closed);
    let reported = taken().when(done(1, 500));
    assert_eq!((refund_of(&reported).status, effect_of(&reported).state), (RefundStatus::Done, EffectState::Closed));
    let open = taken().at(GRANTED + 20 * HOUR).when(ask_again(0));
    assert_eq!((refusal(&open).as_str(), refund_of(&open).status), ("not_granted", RefundStatus::Question));
}

#[test]
fn after_an_unknown_refund_the_sum_says_whether_it_was_made() {
    let risen = question().when(observe(shows(500)));
    assert_eq!((refund_of(&risen).status, effect_of(&risen).state), (RefundStatus::Done, EffectState::Closed));
    let reported = question().when(done(1, 500));
    assert_eq!(
        (refund_of(&reported).status, charge_of(&reported).status),
        (RefundStatus::Done, ChargeStatus::PartlyRefunded)
    );
    // Nothing went back: once more, a minute later.
    question().at(GRANTED + 61 * SECOND - 1).when(ask_again(0)).refused(Code::NotGranted);
    question().at(GRANTED + HOUR).when(ask_refund(REFUND, 0)).refused(Code::NotGranted);
    let again = question().at(GRANTED + HOUR).when(ask_again(0));
    assert_eq!((effect_of(&again).attempts, effect_of(&again).effect_id), (2, refunding(REFUND)));
    // Another sum went back: nobody knows of which.
    for other in [499, 501, 1_500] {
        let then = question().when(observe(shows(other)));
        let refund = refund_of(&then);
        assert_eq!((refund.status, refund.why.as_deref()), (RefundStatus::Question, Some("sum_differs")), "{other}");
        assert_eq!((effect_of(&then).state, then.timer().what.as_str()), (EffectState::Open, "ask_daily"));
    }
    let differs = of_refund(
        REFUND,
        ReportAttempt { observed: Some(shows(7)), ..report_why(1, AttemptOutcome::Question, Why::SumDiffers) },
    );
    assert_eq!(refund_of(&question().when(differs.clone())).status, RefundStatus::Question);
    assert_eq!(refund_of(&granted().when(differs)).status, RefundStatus::Question);
}

#[test]
fn a_refund_is_attempted_twice_at_most_while_nothing_is_known() {
    let second = question().at(GRANTED + HOUR).when(ask_again(0)).then();
    let unknown = of_refund(REFUND, report_why(2, AttemptOutcome::Question, Why::TimedOut));
    let then = second.when(unknown).then().at(GRANTED + 2 * HOUR).when(ask_again(0));
    let refund = refund_of(&then);
    assert_eq!((refund.status, refund.why.as_deref()), (RefundStatus::Question, Some("timed_out")));
    assert_eq!((refusal(&then).as_str(), effect_of(&then).state), ("not_granted", EffectState::Open));
    // What shows later is believed.
    let shown = then.then().when(observe(shows(500)));
    assert_eq!((refund_of(&shown).status, effect_of(&shown).state), (RefundStatus::Done, EffectState::Closed));
    assert_eq!(refund_of(&shown).why, None);
    // Attempts that were not sent don't count.
    let mut shop = wanted();
    for attempt in 1..=4 {
        shop = shop.when(ask_refund(REFUND, 0)).then();
        shop = shop.when(of_refund(REFUND, report(attempt, AttemptOutcome::NotSent))).then();
    }
    assert_eq!(effect_of(&shop.when(ask_refund(REFUND, 0))).attempts, 5);
}

#[test]
fn a_look_while_an_attempt_is_under_way_leaves_it_to_its_report() {
    let then = granted().when(observe(shows(300)));
    assert_eq!(names(&then), ["ChargeChanged"]);
    let done = then.then().when(done(1, 800));
    assert_eq!(refund_of(&done).status, RefundStatus::Done);
    // Where no report comes the sum that was seen meanwhile tells, before anything is sent again.
    let seen = |sum| granted().when(observe(shows(sum))).then();
    let then = seen(500).at(GRANTED + HOUR).when(ask_again(500));
    assert_eq!((refusal(&then).as_str(), refund_of(&then).status), ("payment_state", RefundStatus::Done));
    let then = seen(300).at(GRANTED + HOUR).when(ask_again(300));
    assert_eq!((refusal(&then).as_str(), refund_of(&then).status), ("not_granted", RefundStatus::Question));
    let mut timer = wanted_timer();
    timer.due = GRANTED + 20 * HOUR;
    assert_eq!(refund_of(&seen(500).when_due(&timer)).status, RefundStatus::Done);
}

/// The timer by which the refund ends.
fn wanted_timer() -> Timer {
    paid(PaymentMethod::Pix).when(request_refund(REFUND, Some(500))).timer()
}

#[test]
fn a_refund_that_was_not_sent_is_wanted_again() {
    let then = granted().when(of_refund(REFUND, report_why(1, AttemptOutcome::NotSent, Why::NoConnection)));
    assert_eq!((effect_of(&then).state, refund_of(&then).status), (EffectState::Wanted, RefundStatus::Wanted));
    let late = granted().at(GRANTED + 20 * HOUR);
    let then = late.when(of_refund(REFUND, report_why(1, AttemptOutcome::NotSent, Why::NoConnection)));
    let refund = refund_of(&then);
    assert_eq!((refund.status, refund.why.as_deref()), (RefundStatus::Failed, Some("expired")));
    assert_eq!(effect_of(&then).state, EffectState::Closed);
}

#[test]
fn a_refused_refund_says_why() {
    let refused = |why| granted().when(of_refund(REFUND, report_why(1, AttemptOutcome::Refused, why)));
    for (why, word) in [(Why::State, "state"), (Why::Request, "request"), (Why::Unsupported, "by_hand_only")] {
        let then = refused(why);
        let refund = refund_of(&then);
        assert_eq!((refund.status, refund.why.as_deref()), (RefundStatus::Failed, Some(word)));
        assert_eq!((effect_of(&then).state, accounts_of(&then)), (EffectState::Closed, vec![]));
    }
    let then = refused(Why::Account);
    assert_eq!((effect_of(&then).state, refund_of(&then).status), (EffectState::Wanted, RefundStatus::Wanted));
    assert_eq!(accounts_of(&then)[0].status, AccountStatus::Broken);
    then.then().when(ask_refund(REFUND, 0)).refused(Code::NotGranted);
    let then = refused(Why::NotFound);
    assert_eq!(refund_of(&then).why.as_deref(), Some("not_found"));
    let broken = &accounts_of(&then)[0];
    assert_eq!((broken.status, broken.why.as_deref()), (AccountStatus::Broken, Some("not_found")));
}

#[test]
fn a_retired_account_gives_back_and_is_asked_no_more_once_its_key_is_refused() {
    let mut retired = account_row(account(HERE, AccountStatus::Retired));
    let then = wanted().and(retired.clone()).when(ask_refund(REFUND, 0));
    assert_eq!(effect_of(&then).attempts, 1);
    let refused = then.then().when(of_refund(REFUND, report_why(1, AttemptOutcome::Refused, Why::Account)));
    let account = accounts_of(&refused)[0].clone();
    assert_eq!((account.status, account.why.as_deref()), (AccountStatus::Retired, Some("account")));
    refused.then().when(ask_refund(REFUND, 0)).refused(Code::NotGranted);
    retired.account.status = AccountStatus::Untested;
    wanted().and(retired).when(ask_refund(REFUND, 0)).refused(Code::NotGranted);
}

#[test]
fn what_the_gateway_has_given_back_already_is_not_asked_of_it() {
    let gone = wanted().when(observe(shows(1_200))).then().when(ask_refund(REFUND, 1_200));
    let refund = refund_of(&gone);
    assert_eq!(names(&gone), ["EffectReported", "RefundChanged", "CommandAnswered"]);
    assert_eq!((refund.status, refund.why.as_deref()), (RefundStatus::Failed, Some("sum_differs")));
    assert_eq!(refusal(&gone), "payment_state");
    let disputed = ObservedCharge { disputed: 1_500, ..shows(0) };
    let held = wanted().when(observe(disputed)).then().when(ask_refund(REFUND, 0));
    assert_eq!(refund_of(&held).status, RefundStatus::Failed);
    // A boleto that was cancelled after it was paid is renamed alone: the merchant gives it back by hand.
    let boleto = RequestRefund { bank_account: Some(sealed(9)), ..request_refund(REFUND, Some(500)) };
    let renamed = ObservedCharge { method: Some(PaymentMethod::Boleto), ..shows(1_500) };
    let shop = paid(PaymentMethod::Boleto).when(observe(renamed)).then().when(boleto).then();
    let then = shop.when(ask_refund(REFUND, 1_500));
    assert_eq!(refund_of(&then).why.as_deref(), Some("by_hand_only"));
}

#[test]
fn what_went_back_with_bank_data_counts_once() {
    let to_bank = RequestRefund { bank_account: Some(sealed(9)), ..request_refund(REFUND, Some(500)) };
    let granted = paid(PaymentMethod::Boleto).when(to_bank).then().when(ask_refund(REFUND, 0)).then();
    let shown = ObservedCharge { method: Some(PaymentMethod::Boleto), ..shows(500) };
    let report = of_refund(REFUND, report_done(1, shown.clone()));
    let then = granted.when(report.clone());
    let charge = charge_of(&then);
    assert_eq!((charge.status, charge.observed.unwrap().by_bank_data), (ChargeStatus::PartlyRefunded, 500));
    assert_eq!(refund_of(&then).status, RefundStatus::Done);
    let again = then.then().when(report).unchanged().unwrap();
    assert_eq!((&again["status"], &again["observed"]["by_bank_data"]), (&json!("PARTLY_REFUNDED"), &json!(500)));
}

#[test]
fn a_refund_that_was_given_up_and_shows_after_all_is_done() {
    let refused = of_refund(REFUND, report_why(1, AttemptOutcome::Refused, Why::State));
    let failed = || granted().when(refused.clone()).then();
    let then = failed().when(done(1, 500));
    assert_eq!((names(&then), refund_of(&then).status), (vec!["ChargeChanged", "RefundChanged"], RefundStatus::Done));
    let other = failed().when(done(1, 300));
    assert_eq!(names(&other), ["ChargeChanged"]);
    let seen_before = of_refund(REFUND, report_done(1, look_paid(NOW + 1, 0)));
    assert_eq!(failed().when(seen_before).unchanged().unwrap()["status"], json!("PAID"));
}

#[test]
fn what_the_gateway_does_not_give_back_is_settled_by_hand() {
    let by_hand = of_refund(REFUND, report_why(1, AttemptOutcome::Refused, Why::Unsupported));
    let failed = || granted().when(by_hand.clone()).then();
    let then = failed().when(settle(REFUND));
    let refund = refund_of(&then);
    assert_eq!((names(&then), refund.status), (vec!["RefundChanged"], RefundStatus::ByHand));
    assert_eq!(refund.note.as_deref(), Some("Pix para a mesma conta"));
    let settled = then.then();
    let rest = settled.when(request_refund(OTHER_REFUND, None));
    assert_eq!(refund_of(&rest).amount, Money::brl(1_000), "what was given back by hand is gone");
    assert_eq!(rest.then().when(settle(REFUND)).unchanged().unwrap()["status"], json!("BY_HAND"));
    // What another refund has taken meanwhile can't be given back twice.
    let taken = failed().when(request_refund(OTHER_REFUND, Some(1_200))).then();
    taken.when(settle(REFUND)).refused(Code::PaymentState);
}

#[test]
fn a_question_is_settled_by_a_person() {
    let open = || question().at(GRANTED + 20 * HOUR).when(ask_refund(REFUND, 0)).then();
    let then = open().when(settle(REFUND));
    assert_eq!(names(&then), ["RefundChanged", "EffectReported"]);
    assert_eq!((refund_of(&then).status, effect_of(&then).state), (RefundStatus::ByHand, EffectState::Closed));
    for shop in [wanted(), granted(), question(), granted().when(done(1, 500)).then()] {
        shop.when(settle(REFUND)).refused(Code::PaymentState);
    }
    wanted().when(settle(OTHER_REFUND)).refused(Code::NotFound);
    for (note, code) in [(" ".to_owned(), Code::Required), ("n".repeat(2_001), Code::TooLong)] {
        open().when(SettleRefund { note, ..settle(REFUND) }).refused_for("/note", code);
    }
    let longest = SettleRefund { note: "é".repeat(2_000), ..settle(REFUND) };
    assert_eq!(refund_of(&open().when(longest)).status, RefundStatus::ByHand);
    open().when(SettleRefund { meta: asked_for_version(9), ..settle(REFUND) }).refused(Code::VersionMismatch);
}

#[test]
fn an_attempt_of_a_refund_that_was_never_granted_is_not_reported() {
    wanted().when(done(1, 500)).refused(Code::PaymentState);
    granted().when(done(2, 500)).refused(Code::PaymentState);
    let other = ObservedCharge { account_id: crate::sample::THERE, ..look(NOW) };
    granted().when(of_refund(REFUND, report_done(1, other))).refused(Code::UnknownReference);
}
