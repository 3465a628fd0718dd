//! Timers: nothing stays as it is only because no runner asks.

use feira_contexts::payments::Payments;
use feira_schemas::{
    records::payments::{AttemptOutcome, ChargeStatus, EffectState, PaymentMethod, RefundStatus, Why},
    rows::common::Timer,
    time::{DAY, HOUR},
};

use crate::{
    given::{Given, NOW, Then},
    sample::{
        PIX_UNTIL, REFUND, SECOND, ask, ask_refund, cancel, charge_of, charging, effect_of, look, look_paid, names,
        observe, of_refund, paid, refund_of, report_done, report_why, request_charge, request_refund, shop,
    },
};

/// The time of the first grant of the sample's charge.
const GRANTED: i64 = NOW + SECOND;

/// A charge of this method, and the timer by which it ends.
fn wanted(method: PaymentMethod) -> (Timer, Given<Payments>) {
    let then = shop().when(request_charge(method));
    (then.timer(), then.then())
}

fn granted(method: PaymentMethod) -> (Timer, Given<Payments>) {
    let (timer, shop) = wanted(method);
    (timer, shop.when(ask()).then())
}

fn question(method: PaymentMethod) -> (Timer, Given<Payments>) {
    let (timer, shop) = granted(method);
    (timer, shop.when(report_why(1, AttemptOutcome::Question, Why::TimedOut)).then())
}

/// Only the next timer comes of it, due then.
#[track_caller]
fn is_set_again(then: &Then<Payments>, what: &str, due: i64) {
    assert_eq!(names(then), ["TimerSet", "TimerCleared"]);
    let timer = then.timer();
    assert_eq!((timer.what.as_str(), timer.due), (what, due));
    assert_eq!(timer.entity, format!("effect:{}", charging()));
}

#[test]
fn what_nobody_could_send_expires() {
    for method in [PaymentMethod::Pix, PaymentMethod::Boleto, PaymentMethod::Card] {
        let (timer, shop) = wanted(method);
        let then = shop.when_due(&timer);
        assert_eq!(names(&then), ["EffectReported", "ChargeChanged", "TimerCleared"], "{method:?}");
        assert_eq!((effect_of(&then).state, charge_of(&then).status), (EffectState::Closed, ChargeStatus::Expired));
        assert_eq!(then.all()[0].as_answer(), None);
    }
    let (timer, shop) = granted(PaymentMethod::Pix);
    let not_sent = shop.when(report_why(1, AttemptOutcome::NotSent, Why::NoConnection)).then();
    assert_eq!(charge_of(&not_sent.when_due(&timer)).status, ChargeStatus::Expired);
}

/// Who is answered by an event.
trait Answered {
    fn as_answer(&self) -> Option<&feira_schemas::records::common::Answers>;
}

impl Answered for feira_schemas::records::PaymentsEvent {
    fn as_answer(&self) -> Option<&feira_schemas::records::common::Answers> {
        use feira_schemas::records::EventSet;
        self.meta().answers.as_ref()
    }
}

#[test]
fn what_may_have_been_done_is_a_question_after_twenty_hours_and_is_asked_daily() {
    for (timer, shop) in [granted(PaymentMethod::Pix), question(PaymentMethod::Pix)] {
        let then = shop.when_due(&timer);
        is_set_again(&then, "deadline", GRANTED + 20 * HOUR);
        let timer = then.timer();
        let open = then.then().when_due(&timer);
        assert_eq!((effect_of(&open).state, names(&open)[0]), (EffectState::Open, "EffectReported"));
        let timer = open.timer();
        assert_eq!((timer.what.as_str(), timer.due), ("ask_daily", GRANTED + 44 * HOUR));
        let daily = open.then().when_due(&timer);
        assert_eq!(names(&daily), ["EffectWanted", "TimerSet", "TimerCleared"]);
        assert_eq!((effect_of(&daily).state, daily.timer().due), (EffectState::Open, GRANTED + 68 * HOUR));
    }
}

#[test]
fn an_open_question_is_asked_for_a_month_and_stays_open() {
    let (timer, shop) = question(PaymentMethod::Boleto);
    let then = shop.when_due(&timer);
    let timer = then.timer();
    let mut then = then.then().when_due(&timer);
    let mut asked = 0;
    loop {
        let timer = then.timer();
        then = then.then().when_due(&timer);
        if names(&then) == ["TimerCleared"] {
            break;
        }
        asked += 1;
    }
    assert_eq!(asked, 30);
    // It is closed all the same once it shows.
    let shown = then.then().when(report_done(1, look_paid(NOW, 0)));
    assert_eq!((effect_of(&shown).state, charge_of(&shown).status), (EffectState::Closed, ChargeStatus::Paid));
}

#[test]
fn a_grant_that_is_out_when_time_is_over_is_waited_for() {
    let (_, shop) = wanted(PaymentMethod::Boleto);
    let not_sent = shop.when(ask()).then().when(report_why(1, AttemptOutcome::NotSent, Why::TooMany)).then();
    let last = GRANTED + 20 * HOUR - 1;
    let granted = not_sent.at(last).when(ask()).then();
    let mut timer = wanted(PaymentMethod::Boleto).0;
    timer.due = GRANTED + 20 * HOUR;
    let then = granted.when_due(&timer);
    is_set_again(&then, "deadline", last + 45 * SECOND);
    let timer = then.timer();
    assert_eq!(effect_of(&then.then().when_due(&timer)).state, EffectState::Open);
}

#[test]
fn a_timer_that_is_early_is_set_again() {
    // A boleto may be asked for with more time than 20 hours.
    let mut command = request_charge(PaymentMethod::Boleto);
    command.not_after = Some(NOW + 3 * DAY);
    let then = shop().when(command);
    let timer = then.timer();
    assert_eq!(timer.due, NOW + 3 * DAY);
    let early = Timer { due: NOW + DAY, ..timer };
    is_set_again(&then.then().when_due(&early), "deadline", NOW + 3 * DAY);
}

#[test]
fn a_timer_whose_effect_has_moved_on_is_only_cleared() {
    let (timer, shop) = granted(PaymentMethod::Pix);
    let done = shop.when(report_done(1, look(NOW))).then();
    assert_eq!(names(&done.when_due(&timer)), ["TimerCleared"]);
    let (timer, shop) = question(PaymentMethod::Pix);
    let open = shop.at(GRANTED + 20 * HOUR).when(ask()).then();
    assert_eq!(names(&open.when_due(&timer)), ["TimerCleared"]);
    let (timer, shop) = wanted(PaymentMethod::Pix);
    for (entity, what) in [("charge:?", "deadline"), (timer.entity.as_str(), "of_tomorrow"), ("effect:?", "ask_daily")]
    {
        let strange = Timer { entity: entity.into(), what: what.into(), ..timer.clone() };
        assert_eq!(names(&wanted(PaymentMethod::Pix).1.when_due(&strange)), ["TimerCleared"]);
    }
    let daily = Timer { what: "ask_daily".into(), ..timer.clone() };
    assert_eq!(names(&shop.when_due(&daily)), ["TimerCleared"]);
    // Another kind's timer does nothing to it.
    let check = Timer { what: "check_again".into(), ..timer };
    assert_eq!(names(&wanted(PaymentMethod::Pix).1.when_due(&check)), ["TimerCleared"]);
}

#[test]
fn a_charge_that_nobody_wants_any_more_is_cancelled_when_its_time_is_over() {
    let (timer, shop) = granted(PaymentMethod::Pix);
    let waits = shop.when(cancel()).then();
    let question = waits.when(report_why(1, AttemptOutcome::Question, Why::Reset)).then();
    is_set_again(&question.when_due(&timer), "deadline", GRANTED + 20 * HOUR);
    assert_eq!(timer.due, PIX_UNTIL);
}

#[test]
fn a_refund_that_nobody_could_send_in_a_month_has_failed_and_one_in_doubt_is_a_persons() {
    let wanted = || paid(PaymentMethod::Pix).when(request_refund(REFUND, Some(500)));
    let timer = wanted().timer();
    let then = wanted().then().when_due(&timer);
    let refund = refund_of(&then);
    assert_eq!((refund.status, refund.why.as_deref()), (RefundStatus::Failed, Some("expired")));
    assert_eq!(names(&then), ["EffectReported", "RefundChanged", "TimerCleared"]);
    let unknown = of_refund(REFUND, report_why(1, AttemptOutcome::Question, Why::TimedOut));
    let in_doubt = wanted().then().when(ask_refund(REFUND, 0)).then().when(unknown).then();
    let then = in_doubt.when_due(&timer);
    let refund = refund_of(&then);
    assert_eq!((refund.status, refund.why.as_deref()), (RefundStatus::Question, Some("timed_out")));
    let shown = then.then().when(observe(look_paid(NOW + 9, 500)));
    assert_eq!(refund_of(&shown).status, RefundStatus::Done);
}

#[test]
fn what_waits_for_long_to_be_attempted_is_a_question_twenty_hours_after_it_was() {
    let mut command = request_charge(PaymentMethod::Boleto);
    command.not_after = Some(NOW + 3 * DAY);
    let granted = shop().when(command).then().when(ask());
    let timer = granted.timer();
    assert_eq!((timer.what.as_str(), timer.due), ("deadline", GRANTED + 20 * HOUR));
    assert_eq!(effect_of(&granted.then().when_due(&timer)).state, EffectState::Open);
    let refund = paid(PaymentMethod::Pix).when(request_refund(REFUND, None)).then().when(ask_refund(REFUND, 0));
    let timer = refund.timer();
    let unknown = of_refund(REFUND, report_why(1, AttemptOutcome::Question, Why::TimedOut));
    let then = refund.then().when(unknown).then().when_due(&timer);
    assert_eq!((effect_of(&then).state, refund_of(&then).status), (EffectState::Open, RefundStatus::Question));
    // Another grant sets no other timer.
    let again = shop().when(request_charge(PaymentMethod::Boleto)).then().when(ask());
    assert_eq!(again.timers(), []);
}

#[test]
fn a_charge_granted_and_found_late_by_its_timer_is_what_was_found() {
    let (timer, shop) = question(PaymentMethod::Pix);
    let found = shop.when(observe(look(NOW))).then();
    assert_eq!(names(&found.when_due(&timer)), ["TimerCleared"]);
}
