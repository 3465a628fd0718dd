//! What payments is asked: for which plan, when again, and when no longer.

use feira_contexts::signup::Signup;
use feira_schemas::{
    ids::{Micros, TenantId},
    money::Money,
    problem::Code,
    records::{
        payments::PaymentMethod,
        signup::{AskPlanAgain, PlanChanges, RemotePlanStatus},
    },
    rows::common::Timer,
    time::{DAY, HOUR, MINUTE},
};

use crate::{
    given::{NOW, Then, asked_by, nothing},
    sample::{
        PLAN, SECOND, Told, asked, change, create_without_cards, has, made, methods, plan_of, price, ready, refused,
        remote_of, save,
    },
};

fn again() -> AskPlanAgain {
    AskPlanAgain { meta: asked_by(TenantId::PLATFORM), plan_id: PLAN }
}

#[track_caller]
fn asks(then: &Then<Signup>, times: i32, after: Micros) -> Timer {
    let (timer, plan) = (then.timer(), plan_of(then));
    assert_eq!((timer.entity.as_str(), timer.what.as_str()), (format!("plan:{PLAN}").as_str(), "save_plan"));
    assert_eq!(timer.due - plan.changed_at, after);
    let (remote, command) = (plan.remote.unwrap(), save(then));
    let asked = remote.asked.unwrap();
    assert_eq!((asked.times, asked.timer, asked.what.as_str()), (times, timer.timer_key(), "save_plan"));
    assert_eq!((command.plan_id, command.meta.command_id), (remote.payments_plan_id, remote.command_id));
    timer
}

#[test]
fn s26_payments_is_asked_for_the_price_and_period_at_the_default_account() {
    let then = asked();
    asks(&then, 1, MINUTE);
    let command = save(&then);
    assert_eq!((command.price, command.months, command.account_id), (Money::brl(4_990), 1, None));
    assert_eq!((command.name.as_str(), command.description.as_str()), ("Básico", "Básico"), "one line");
    assert_eq!(
        (command.reference.as_deref(), command.meta.actor.as_str()),
        (Some(&*PLAN.to_string()), "system:signup")
    );
}

#[test]
fn what_is_not_answered_is_asked_again_after_a_minute_ten_an_hour_and_then_daily() {
    for first in [asked(), refused(Code::NoAccount)] {
        let (plan_id, since) = (remote_of(&first).payments_plan_id, remote_of(&first).asked.unwrap().since);
        let mut timer = asked().timer();
        let mut before = first;
        for (times, after) in [(2, 10 * MINUTE), (3, HOUR), (4, DAY), (5, DAY)] {
            let then = before.then().when_due(&timer);
            assert_eq!((then.ended(), then.all().len()), (vec![timer.timer_key()], 2), "{then:?}");
            timer = asks(&then, times, after);
            assert_eq!((remote_of(&then).payments_plan_id, remote_of(&then).asked.unwrap().since), (plan_id, since));
            before = then;
        }
    }
}

#[test]
fn a_timer_of_what_was_answered_or_is_no_more_only_ends() {
    let first = asked();
    let (timer, answer) = (first.timer(), ready(&first));
    let answered = first.then().when_told(answer);
    assert_eq!(answered.ended(), [timer.timer_key()]);
    for given in [answered.then(), nothing::<Signup>()] {
        let then = given.when_due(&timer);
        assert_eq!((then.all().len(), then.ended()), (1, vec![timer.timer_key()]));
    }
    let of_another = Timer { entity: "invoice:1".into(), ..timer.clone() };
    assert_eq!(asked().then().when_due(&of_another).all().len(), 1);
    let unread = Timer { entity: "plan:x".into(), ..timer };
    assert_eq!(asked().then().when_due(&unread).all().len(), 1);
}

#[test]
fn s46_another_price_or_period_is_another_plan_at_the_gateway_and_the_one_of_before_is_kept() {
    let months = PlanChanges { months: Some(24), ..PlanChanges::default() };
    for (changes, terms) in [(price(5_990), (Money::brl(5_990), 1)), (months, (Money::brl(4_990), 24))] {
        let then = made().when(change(changes));
        asks(&then, 1, MINUTE);
        let plan = plan_of(&then);
        let [earlier] = plan.earlier.as_slice() else { panic!("{plan:?}") };
        let remote = plan.remote.as_ref().unwrap();
        assert_eq!((remote.price, remote.months, remote.status), (terms.0, terms.1, RemotePlanStatus::Asked));
        assert_eq!((remote.remote_id.as_deref(), earlier.remote_id.as_deref()), (None, Some("plan_1")));
        assert_eq!((earlier.price, earlier.months), (Money::brl(4_990), 1));
        assert_ne!(remote.payments_plan_id, earlier.payments_plan_id);
        assert_eq!(then.ended(), [], "the one of before was answered");
    }
}

#[test]
fn a_plan_that_nobody_could_subscribe_to_is_replaced_without_a_trace() {
    let first = asked();
    let timer = first.timer();
    let then = first.then().when(change(price(5_990)));
    assert_eq!((then.ended(), plan_of(&then).earlier), (vec![timer.timer_key()], Vec::new()));
    assert_eq!((save(&then).price, remote_of(&then).asked_at), (Money::brl(5_990), NOW + SECOND));
    let refused = refused(Code::Invalid).then().when(change(price(5_990)));
    assert_eq!((refused.ended(), plan_of(&refused).earlier), (vec![], Vec::new()));
    asks(&refused, 1, MINUTE);
}

#[test]
fn where_cards_pay_no_longer_what_is_not_made_is_asked_no_more_and_what_is_stays() {
    let pix = || change(methods(&[PaymentMethod::Pix]));
    let first = asked();
    let timer = first.timer();
    let stopped = first.then().when(pix());
    assert_eq!((stopped.ended(), plan_of(&stopped).remote), (vec![timer.timer_key()], None));
    assert!(stopped.commands().is_empty());
    assert_eq!(plan_of(&refused(Code::Invalid).then().when(pix())).remote, None);

    let kept = made().when(pix());
    assert_eq!(remote_of(&kept).status, RemotePlanStatus::Made);
    let card = || change(methods(&[PaymentMethod::Card]));
    let back = kept.then().when(card());
    assert!(back.commands().is_empty() && plan_of(&back).earlier.is_empty());
    // Meanwhile the price was changed.
    let dearer = made().when(pix()).then().when(change(price(5_990)));
    assert_eq!((dearer.commands().len(), remote_of(&dearer).price), (0, Money::brl(4_990)));
    let back = dearer.then().when(card());
    asks(&back, 1, MINUTE);
    assert_eq!((save(&back).price, plan_of(&back).earlier.len()), (Money::brl(5_990), 1));
}

#[test]
fn a_plan_that_is_to_be_paid_by_card_from_now_on_is_asked_for() {
    let without = nothing::<Signup>().when(create_without_cards());
    let then = without.then().when(change(methods(&[PaymentMethod::Pix, PaymentMethod::Card])));
    asks(&then, 1, MINUTE);
}

#[test]
fn by_hand_payments_is_asked_at_once_for_what_it_has_not_taken() {
    for first in [asked(), refused(Code::NoAccount)] {
        let before = remote_of(&first);
        let then = first.then().when(again());
        asks(&then, 1, MINUTE);
        assert_eq!(then.ended(), [before.asked.unwrap().timer]);
        assert_eq!(
            (remote_of(&then).payments_plan_id, remote_of(&then).status),
            (before.payments_plan_id, before.status)
        );
    }
}

#[test]
fn by_hand_payments_is_asked_for_a_new_plan_where_one_was_refused() {
    let first = refused(Code::Invalid);
    let before = remote_of(&first);
    let then = first.then().when(again());
    asks(&then, 1, MINUTE);
    assert_ne!(remote_of(&then).payments_plan_id, before.payments_plan_id);
    assert_eq!((remote_of(&then).status, plan_of(&then).earlier.len()), (RemotePlanStatus::Asked, 0));
}

#[test]
fn by_hand_nothing_is_asked_of_who_goes_on_by_itself_or_has_made_it_or_where_cards_do_not_pay() {
    let first = asked();
    let making = has(&first, feira_schemas::records::payments::PlanStatus::Processing);
    let body = first.then().when_told(making).then().when(again());
    assert_eq!(body.unchanged().unwrap()["remote"]["status"], "MAKING");
    // People go on subscribing to it.
    assert_eq!(made().when(again()).unchanged().unwrap()["remote"]["status"], "MADE");
    nothing::<Signup>().when(create_without_cards()).then().when(again()).refused(Code::PaymentState);
}
