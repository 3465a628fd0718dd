//! Somebody subscribes: new, again, too late, as another visitor, or once more.

use feira_contexts::{Decider, signup::Signup};
use feira_schemas::{
    ids::{SubscriptionId, TenantId},
    problem::Code,
    records::{
        SignupEvent,
        admin::TenantStatus,
        common::Outcome,
        payments::{
            ChargeStatus,
            PaymentMethod::{self, Boleto, Card, Pix},
        },
        signup::{PaymentStatus, Subscribe, Subscription, SubscriptionChanged, SubscriptionStatus},
    },
    rows::signup::{SubscriptionOfMonthRow, SubscriptionRow},
    signup_days,
    time::{DAY, HOUR, MINUTE},
};
use uuid::Uuid;

use crate::{
    given::{Given, NOW, SHOP, asked_by, nothing, put},
    sample::{SECOND, Told},
    shop::{
        SUBSCRIPTION, active, answer, charge, claims, expired, invoice_of, naming, now_of, owner, paid, paying,
        refused, released, shop, status_of, subscribe, subscriber, terms, timer, to_payments,
    },
};

/// The first form.
fn new(method: PaymentMethod) -> Subscribe {
    subscribe(method, 1)
}

/// The name is another's.
fn taken() -> Given<Signup> {
    naming(Pix).then().when(answer("cafe", false, NOW)).then()
}

/// It is paid, and the name went to another.
fn name_lost() -> Given<Signup> {
    paid(Pix).then().when_said(shop(TenantStatus::Refused, "cafe")).then()
}

#[test]
fn s11_who_subscribes_is_kept_with_all_that_the_form_says_and_the_directory_is_asked() {
    let then = naming(Pix);
    let timer = then.timer();
    assert_eq!((timer.what.as_str(), timer.due), ("claim_name", NOW + MINUTE));
    assert_eq!(timer.entity, format!("subscription:{SUBSCRIPTION}"));
    let now = now_of(&then);
    let [SignupEvent::TimerSet(_), SignupEvent::SubscriptionChanged(SubscriptionChanged { meta, .. })] = then.all()
    else {
        panic!("{then:?}")
    };
    assert_eq!(*meta, then.answering(1, SUBSCRIPTION, 1, Outcome::Created));
    let asked = now.asked.clone().unwrap();
    assert_eq!((asked.timer, asked.what.as_str(), asked.times), (timer.timer_key(), "claim_name", 1));
    assert_eq!((now.version, now.status, now.held_until), (1, SubscriptionStatus::Naming, 0));
    assert_eq!((&now.terms, &now.subscriber, &now.owner), (&terms(), &subscriber(1), &owner(1)));
    assert_eq!((now.subdomain.as_str(), now.shop_name.as_str(), now.accepted.as_str()), ("cafe", "Café", "2026-11"));
    assert_eq!((now.accepted_at, now.created_at, now.changed_at), (NOW, NOW, NOW));
    assert_eq!((now.owner_sealed_at, now.named_version), (NOW - 1, 1));
    assert!(now.tries.is_empty() && now.ending.is_empty() && now.giving_back.is_empty());
    assert_eq!((now.payment.attempt, now.payment.method, now.payment.status), (1, Pix, PaymentStatus::Waiting));
    assert_eq!((&now.period, &now.invoice_id, &now.ends), (&None, &None, &None));
    assert_eq!(claims(&then), [("cafe".to_owned(), 30 * MINUTE)]);
    assert!(to_payments(&then).is_empty(), "nothing is charged before the name is held");
    let of_month = SubscriptionOfMonthRow::of(SHOP, NOW, SUBSCRIPTION);
    assert_eq!(of_month.month, "2023-11");
    then.rows([put(SubscriptionRow { tenant_id: SHOP, subscription: now }), put(of_month)]);
    assert_eq!((then.entity().as_deref(), &then.body()["status"]), (Some("subscription"), &"NAMING".into()));
}

#[test]
fn a_boletos_name_is_held_for_three_bank_days_after_it_is_due_and_as_long_as_the_form_serves_at_most() {
    let until = signup_days::boleto_due("2023-11-16").unwrap().hold_ends;
    assert_eq!(claims(&naming(Boleto)), [("cafe".to_owned(), until - NOW)]);
    assert!(until - NOW < 8 * DAY);
    // The third bank day after a Friday's boleto is more than eight days away.
    let until = signup_days::boleto_due("2023-11-17").unwrap().hold_ends;
    assert!(until - NOW > 8 * DAY);
    let friday = Subscribe { due: Some("2023-11-17".into()), ..new(Boleto) };
    assert_eq!(claims(&nothing::<Signup>().when(friday)), [("cafe".to_owned(), until - NOW)]);
    let late = Subscribe { due: Some("2023-11-24".into()), ..new(Boleto) };
    // Keys of whom nobody knows are swept after nine days.
    assert_eq!(claims(&nothing::<Signup>().when(late)), [("cafe".to_owned(), 9 * DAY - HOUR - 1)]);
    // Banks are closed on a Saturday.
    let saturday = Subscribe { due: Some("2023-11-18".into()), ..new(Boleto) };
    assert_eq!(now_of(&nothing::<Signup>().when(saturday)).payment.due.as_deref(), Some("2023-11-20"));
}

#[test]
fn what_is_not_of_the_way_to_pay_is_not_kept() {
    let both = Subscribe { due: Some("2023-11-16".into()), ..new(Card) };
    let payment = now_of(&nothing::<Signup>().when(both)).payment;
    assert!(payment.card_token.is_some() && payment.token_until == Some(NOW + MINUTE) && payment.due.is_none());
    let both = Subscribe { method: Pix, ..new(Card) };
    let payment = now_of(&nothing::<Signup>().when(both)).payment;
    assert!(payment.card_token.is_none() && payment.token_until.is_none());
}

#[test]
fn subscribing_twice_is_subscribing_once_as_far_as_it_has_come() {
    for (then, status) in [
        (naming(Pix), "NAMING"),
        (paying(Pix), "PAYING"),
        (paid(Pix), "PAID"),
        (active(), "ACTIVE"),
        (refused(Card), "REFUSED"),
        (expired(Pix), "EXPIRED"),
        (naming(Pix).then().when(answer("cafe", false, NOW)), "NAME_TAKEN"),
    ] {
        // The button was pressed twice, or the page was gone back to: also long after the form's time.
        let again = Subscribe { not_after: NOW, ..new(Pix) };
        assert_eq!(then.then().when(again).unchanged().unwrap()["status"], status);
    }
    // While it goes on, another try is the same.
    for then in [naming(Pix), paying(Pix), paid(Pix), active()] {
        then.then().when(subscribe(Card, 2)).unchanged();
    }
}

#[test]
fn another_visitor_and_another_subscription_of_the_shop_find_nothing() {
    let other = Subscribe { visitor: "visitor-2".into(), ..new(Pix) };
    naming(Pix).then().when(other.clone()).refused(Code::NotFound);
    refused(Pix).then().when(Subscribe { attempt: 2, ..other }).refused(Code::NotFound);
    let second = SubscriptionId::from_uuid(Uuid::from_u128(0x5c));
    naming(Pix).then().when(Subscribe { subscription_id: second, ..new(Pix) }).refused(Code::NotFound);
    let platform = asked_by(TenantId::PLATFORM);
    nothing::<Signup>().when(Subscribe { meta: platform, ..new(Pix) }).refused(Code::NotFound);
}

#[test]
fn s15_what_is_decided_too_late_is_refused_and_nothing_is_charged() {
    let late = Subscribe { not_after: NOW, ..new(Pix) };
    let refusal = nothing::<Signup>().when(late);
    assert!(refusal.refused(Code::TooLate).detail.as_ref().unwrap().contains("nada foi cobrado"));
    let last = Subscribe { not_after: NOW + 1, ..new(Pix) };
    assert_eq!(status_of(&nothing::<Signup>().when(last)), SubscriptionStatus::Naming);
    refused(Pix).then().when(Subscribe { not_after: NOW + SECOND, ..subscribe(Pix, 2) }).refused(Code::TooLate);
}

#[test]
fn a_form_that_breaks_a_rule_is_refused() {
    let refused_for = |command: Subscribe, pointer: &str, code: Code| {
        nothing::<Signup>().when(command).refused_for(pointer, code);
    };
    refused_for(Subscribe { subdomain: "a".into(), ..new(Pix) }, "/subdomain", Code::Invalid);
    refused_for(Subscribe { subdomain: "www".into(), ..new(Pix) }, "/subdomain", Code::NameReserved);
    refused_for(Subscribe { shop_name: " ".into(), ..new(Pix) }, "/shop_name", Code::Required);
    refused_for(Subscribe { shop_name: "á".repeat(256), ..new(Pix) }, "/shop_name", Code::TooLong);
    // No mail of such a shop could be sent.
    for name in ["Café\tAzul", "Café\nAzul", "Café\u{0}Azul", "Café\u{7f}"] {
        refused_for(Subscribe { shop_name: name.into(), ..new(Pix) }, "/shop_name", Code::Invalid);
    }
    refused_for(Subscribe { method: PaymentMethod::Unknown, ..new(Pix) }, "/method", Code::Invalid);
    let mut by_pix = new(Card);
    by_pix.terms.methods = vec![Pix];
    refused_for(by_pix, "/method", Code::Invalid);
    let mut without_plan = new(Card);
    without_plan.terms.remote = None;
    refused_for(without_plan, "/method", Code::Invalid);
    refused_for(Subscribe { card_token: None, ..new(Card) }, "/card_token", Code::Required);
    refused_for(Subscribe { token_until: None, ..new(Card) }, "/card_token", Code::Required);
    for due in [None, Some("2023-11-13"), Some("2023-11-25"), Some("amanhã")] {
        refused_for(Subscribe { due: due.map(Into::into), ..new(Boleto) }, "/due", Code::OutOfRange);
    }
    nothing::<Signup>().when(subscribe(Pix, 2)).refused(Code::PaymentState);
}

#[test]
fn what_was_not_paid_goes_on_with_the_next_form() {
    let ways = [(taken(), None), (refused(Pix).then(), Some("cafe")), (expired(Pix).then(), None)];
    for (given, held) in ways {
        let next = Subscribe { subdomain: "cha".into(), shop_name: "Chá".into(), ..subscribe(Card, 2) };
        let then = given.when(next);
        let now = now_of(&then);
        assert_eq!((now.status, now.payment.attempt, now.payment.method), (SubscriptionStatus::Naming, 2, Card));
        assert_eq!((&now.subscriber, &now.owner, now.subdomain.as_str()), (&subscriber(2), &owner(2), "cha"));
        assert_eq!((now.shop_name.as_str(), now.held_until, now.ends), ("Chá", 0, None));
        assert_eq!((&now.payment.why, now.payment.charge_id, now.created_at), (&None, None, NOW));
        assert_eq!(claims(&then), [("cha".to_owned(), 30 * MINUTE)]);
        assert_eq!(released(&then).first().map(String::as_str), held, "what was held is let go");
        assert_eq!(then.body()["status"], "NAMING");
        let paying = then.then().when(answer("cha", true, NOW + DAY));
        assert_eq!(status_of(&paying), SubscriptionStatus::Paying);
        assert_eq!(invoice_of(&paying).unwrap().number, 1);
    }
}

#[test]
fn the_same_name_is_held_on_and_a_try_that_nobody_means_is_refused() {
    let then = refused(Pix).then().when(subscribe(Card, 2));
    assert_eq!((released(&then), claims(&then).len()), (vec![], 1));
    for attempt in [0, 3, i32::MAX] {
        let form = Subscribe { attempt, ..subscribe(Card, 2) };
        refused(Pix).then().when(form).refused(Code::PaymentState);
    }
    let broken = Subscribe { shop_name: String::new(), ..subscribe(Pix, 2) };
    refused(Pix).then().when(broken).refused_for("/shop_name", Code::Required);
}

#[test]
fn a_subscription_is_tried_five_times() {
    let mut then = refused(Card);
    for attempt in 2..=5 {
        let paying = then.then().when(subscribe(Card, attempt)).then().when(answer("cafe", true, NOW));
        assert_eq!(status_of(&paying), SubscriptionStatus::Paying, "{attempt}");
        let declined = charge(&paying, ChargeStatus::Failed);
        then = paying.then().when_told(declined);
    }
    then.then().when(subscribe(Card, 6)).refused(Code::LimitReached);
}

#[test]
fn a_name_that_was_lost_is_replaced_and_nothing_is_paid_again() {
    let next = Subscribe { subdomain: "cha".into(), shop_name: "Chá".into(), ..subscribe(Card, 2) };
    let then = name_lost().when(next);
    let now = now_of(&then);
    assert_eq!((now.status, now.subdomain.as_str()), (SubscriptionStatus::Securing, "cha"));
    assert_eq!((now.shop_name.as_str(), &now.owner), ("Chá", &owner(2)));
    assert_eq!((&now.subscriber, now.payment.method, now.payment.status), (&subscriber(1), Pix, PaymentStatus::Paid));
    assert_eq!((now.payment.attempt, now.asked.as_ref().unwrap().what.as_str()), (2, "claim_another_name"));
    assert_eq!(now.named_version, now.version, "admin knows it from the names of before");
    assert_eq!(claims(&then), [("cha".to_owned(), 10 * DAY)]);
    assert!(to_payments(&then).is_empty() && timer(&then, "claim_another_name").due > NOW);
    let held = then.then().when(answer("cha", true, NOW));
    assert_eq!(status_of(&held), SubscriptionStatus::Paid);
    // However often it is taken.
    let bad = Subscribe { subdomain: "www".into(), ..subscribe(Pix, 2) };
    name_lost().when(bad).refused_for("/subdomain", Code::NameReserved);
    let mut given = name_lost();
    for attempt in 2..=9 {
        given = given.when(subscribe(Pix, attempt)).then().when(answer("cafe", false, NOW)).then();
    }
    assert_eq!(status_of(&given.when(subscribe(Pix, 10))), SubscriptionStatus::Securing);
}

#[test]
fn a_row_of_the_month_is_made_by_the_first_event_alone() {
    let then = paying(Pix);
    let now: Subscription = now_of(&then);
    let SignupEvent::SubscriptionChanged(_) = &then.all()[2] else { panic!("{then:?}") };
    assert_eq!(Signup::apply(&then.all()[2]).len(), 1);
    assert_eq!((now.version, then.changes().len()), (2, 2), "the subscription and its invoice");
}
