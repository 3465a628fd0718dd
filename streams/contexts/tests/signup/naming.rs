//! What the directory answers, in time, twice, late, or about another name.

use feira_contexts::signup::Signup;
use feira_schemas::{
    records::{
        common::Outcome,
        payments::{
            ChargeStatus,
            PaymentMethod::{Boleto, Card, Pix},
        },
        signup::{AnswerNameClaim, InvoiceStatus, SubscriptionStatus},
    },
    rows::signup::{InvoiceRow, SubscriptionRow},
    signup_days,
    time::{DAY, HOUR, MINUTE},
};

use crate::{
    given::{NOW, SHOP, Then, given, nothing, put},
    sample::{SECOND, Told},
    shop::{
        DUE, answer, charge, claims, expired, invoice_of, late, mails_of, naming, now_of, paid, paying, refused,
        released, status_of, subscribe, timer, to_payments,
    },
};

#[test]
fn a_name_that_is_held_is_billed_and_paid_for_while_it_is() {
    let first = naming(Pix);
    let waited = first.timer();
    let then = first.then().when(answer("cafe", true, NOW));
    let (now, invoice) = (now_of(&then), invoice_of(&then).unwrap());
    assert_eq!((now.status, now.version, now.held_until), (SubscriptionStatus::Paying, 2, NOW + 30 * MINUTE));
    assert!(then.ended().contains(&waited.timer_key()));
    let (ends, pay) = (timer(&then, "ends"), timer(&then, "pay"));
    assert_eq!((now.ends, ends.due), (Some(ends.timer_key()), NOW + 30 * MINUTE));
    assert_eq!((now.asked.as_ref().map(|asked| asked.timer), pay.due), (Some(pay.timer_key()), NOW + SECOND + MINUTE));
    assert_eq!((invoice.status, invoice.number, invoice.version), (InvoiceStatus::Open, 1, 1));
    assert_eq!((invoice.amount, invoice.subscription_id), (now.terms.price, now.subscription_id));
    assert_eq!((now.invoice_id, invoice.invoice_id.uuid()), (Some(invoice.invoice_id), then.derived(0)));
    then.rows([
        put(SubscriptionRow { tenant_id: SHOP, subscription: now }),
        put(InvoiceRow { tenant_id: SHOP, invoice }),
    ]);
    assert_eq!(then.body()["status"], "PAYING");
    let answered = then.all().iter().find_map(|event| {
        let meta = feira_contexts::ForeignEvent::source(event);
        meta.answers.as_ref().map(|answers| answers.outcome)
    });
    assert_eq!(answered, Some(Outcome::Updated));
}

#[test]
fn a_boleto_is_waited_for_until_its_hold_ends() {
    let then = paying(Boleto);
    let until = signup_days::boleto_due(DUE).unwrap().hold_ends;
    assert_eq!((now_of(&then).held_until, timer(&then, "ends").due), (until, until));
}

#[test]
fn a_name_of_another_is_told_and_nothing_is_charged() {
    let first = naming(Card);
    let waited = first.timer();
    let then = first.then().when(answer("cafe", false, NOW));
    let now = now_of(&then);
    assert_eq!((now.status, now.held_until, &now.asked), (SubscriptionStatus::NameTaken, 0, &None));
    assert_eq!((then.ended(), then.commands().len(), invoice_of(&then)), (vec![waited.timer_key()], 0, None));
}

#[test]
fn an_answer_that_comes_twice_changes_nothing() {
    let row = |then: &Then<Signup>| SubscriptionRow { tenant_id: SHOP, subscription: now_of(then) };
    let present = |then: &Then<Signup>| given::<Signup>(row(then));
    for then in [paying(Pix), paid(Pix), refused(Pix), late(Pix)] {
        for held in [true, false] {
            present(&then).when(answer("cafe", held, NOW)).unchanged();
        }
    }
    for (then, name) in [(naming(Pix), "outra"), (expired(Pix), "cafe"), (taken(), "cafe")] {
        present(&then).when(answer(name, false, NOW)).unchanged();
    }
    nothing::<Signup>().when(answer("cafe", true, NOW)).unchanged();
}

/// The name is another's.
fn taken() -> Then<Signup> {
    naming(Pix).then().when(answer("cafe", false, NOW))
}

#[test]
fn a_name_that_is_held_for_nobody_is_let_go() {
    for (then, name) in [(naming(Pix), "outra"), (paid(Pix), "outra"), (expired(Pix), "cafe"), (taken(), "cafe")] {
        let present = || given::<Signup>(SubscriptionRow { tenant_id: SHOP, subscription: now_of(&then) });
        let idle = present().when(answer(name, true, NOW));
        assert_eq!((released(&idle), idle.changes().len()), (vec![name.to_owned()], 0));
        let own = AnswerNameClaim { confirmed: true, ..answer(name, true, NOW) };
        present().when(own).unchanged();
    }
}

#[test]
fn the_directory_is_asked_again_until_it_answers() {
    let first = naming(Pix);
    let due = first.timer();
    let then = first.then().when_due(&due);
    assert_eq!((then.ended(), claims(&then).len()), (vec![due.timer_key()], 1));
    let now = now_of(&then);
    assert_eq!((now.status, now.asked.unwrap().times), (SubscriptionStatus::Naming, 2));
    let again = then.timer();
    assert_eq!(again.due - due.due, 10 * MINUTE);
    // Its own time counts, from which the hold is counted.
    let paying = then.then().at(NOW + HOUR).when(answer("cafe", true, NOW + HOUR));
    assert_eq!(now_of(&paying).held_until, NOW + 90 * MINUTE);
    assert!(paying.ended().contains(&again.timer_key()));
    let late = paying.then().when_due(&due);
    assert_eq!((late.all().len(), late.ended()), (1, vec![due.timer_key()]), "a timer of before only ends");
}

#[test]
fn an_answer_that_was_waited_for_too_long_is_asked_for_again() {
    let then = naming(Pix).then().at(NOW + HOUR).when(answer("cafe", true, NOW));
    assert_eq!((status_of(&then), claims(&then).len()), (SubscriptionStatus::Naming, 1));
    assert!(to_payments(&then).is_empty());
    // Of a clock that is ahead the earlier end is believed.
    let ahead = naming(Pix).then().when(answer("cafe", true, NOW + DAY));
    assert_eq!(now_of(&ahead).held_until, NOW + SECOND + 30 * MINUTE);
}

#[test]
fn a_paid_name_is_held_for_longer_and_one_that_went_to_another_is_asked_for_by_mail() {
    let first = paying(Pix);
    let charge = charge(&first, ChargeStatus::Paid);
    // Its hold ends in nine minutes.
    let securing = first.then().at(NOW + 21 * MINUTE).when_told(charge);
    assert_eq!(status_of(&securing), SubscriptionStatus::Securing);
    assert_eq!(claims(&securing), [("cafe".to_owned(), 10 * DAY)]);
    assert_eq!(invoice_of(&securing).unwrap().status, InvoiceStatus::Paid);
    let (row, invoice) = (now_of(&securing), invoice_of(&securing).unwrap());
    let secured = || {
        let row = SubscriptionRow { tenant_id: SHOP, subscription: row.clone() };
        let invoice = InvoiceRow { tenant_id: SHOP, invoice: invoice.clone() };
        given::<Signup>(row).and(invoice).at(NOW + 22 * MINUTE)
    };
    let held = secured().when(answer("cafe", true, NOW + 22 * MINUTE));
    assert_eq!(now_of(&held).held_until, NOW + 22 * MINUTE + 10 * DAY);
    assert_eq!((status_of(&held), mails_of(&held).len()), (SubscriptionStatus::Paid, 0));
    let lost = secured().when(answer("cafe", false, NOW + 22 * MINUTE));
    let now = now_of(&lost);
    assert_eq!((now.status, now.held_until, now.asked), (SubscriptionStatus::NameLost, 0, None));
    assert_eq!((mails_of(&lost).len(), invoice_of(&lost)), (1, None), "it stays paid");
    // Who asks for another one looks at the page.
    let again = lost.then().when(subscribe(Pix, 2)).then().when(answer("cafe", false, NOW + 23 * MINUTE));
    assert_eq!((status_of(&again), mails_of(&again).len()), (SubscriptionStatus::NameLost, 0));
}
