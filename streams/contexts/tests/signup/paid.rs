//! What follows once it is paid, in time or late.

use feira_contexts::signup::Signup;
use feira_schemas::{
    ids::Micros,
    records::{
        PaymentsCommand, SignupEvent,
        admin::TenantStatus,
        common::CommandMeta,
        mails::MailTemplate,
        payments::{
            ChargeStatus,
            PaymentMethod::{Boleto, Card, Pix},
            SubscriptionStatus as RemoteStatus,
        },
        signup::{InvoiceStatus, PaymentStatus, Period, Subscribe, SubscriptionStatus},
    },
    time::{DAY, HOUR, MINUTE},
};

use crate::{
    given::{NOW, Then},
    sample::{SECOND, Told},
    shop::{
        SUBSCRIPTION, answer, asked_card, charge, claims, expired, invoice_of, mails_of, now_of, owner, paid, paying,
        refused, released, remote, renewal, shop, status_of, subscribe, terms, timer, to_payments, with_code,
    },
};

#[test]
fn s16_what_is_paid_says_all_that_a_shop_is_made_of() {
    for method in [Card, Pix, Boleto] {
        let first = paying(method);
        let (said, ends, pay) = (charge(&first, ChargeStatus::Paid), timer(&first, "ends"), timer(&first, "pay"));
        let then = first.then().when_told(said.clone());
        let (now, invoice) = (now_of(&then), invoice_of(&then).unwrap());
        assert_eq!((now.status, now.payment.status, &now.ends), (SubscriptionStatus::Paid, PaymentStatus::Paid, &None));
        assert_eq!((now.subscription_id, &now.terms, &now.owner), (SUBSCRIPTION, &terms(), &owner(1)));
        assert_eq!((now.subdomain.as_str(), now.shop_name.as_str()), ("cafe", "Café"));
        assert_eq!((now.payment.charge_id, now.payment.method), (Some(said.charge.charge_id), method));
        let (first_day, next_day) = ("2023-11-14".to_owned(), "2023-12-14".to_owned());
        assert_eq!(now.period, Some(Period { number: 1, first_day, next_day, anchor_day: 14 }));
        assert_eq!((invoice.status, invoice.version, invoice.method), (InvoiceStatus::Paid, 2, method));
        assert_eq!((invoice.paid_at, invoice.charge_id), (Some(NOW + 2 * SECOND), now.payment.charge_id));
        let (again, ended) = (timer(&then, "provision"), then.ended());
        assert_eq!((now.asked.unwrap().timer, again.due), (again.timer_key(), NOW + 2 * SECOND + MINUTE));
        assert!(ended.contains(&ends.timer_key()) && ended.contains(&pay.timer_key()), "{ended:?}");
        assert!(then.commands().is_empty() && mails_of(&then).is_empty(), "admin reads the event");
        // Money that is told twice is money once.
        then.then().when_told(said).nothing();
    }
}

#[test]
fn what_is_told_in_another_order_ends_in_the_same() {
    let first = paying(Pix);
    let (code, said) = (with_code(&first), charge(&first, ChargeStatus::Paid));
    let late = first.then().when_told(said.clone()).then().when_told(code.clone());
    late.nothing();
    let then = paying(Pix).then().when_told(code).then().when_told(said);
    assert_eq!((status_of(&then), mails_of(&then).len()), (SubscriptionStatus::Paid, 0));
    let first = paying(Card);
    let (taken, said) = (remote(&first, RemoteStatus::Active), charge(&first, ChargeStatus::Paid));
    first.then().when_told(said.clone()).then().when_told(taken.clone()).nothing();
    let then = paying(Card).then().when_told(taken).then().when_told(said);
    let now = now_of(&then);
    assert_eq!((now.status, now.payment.remote_id.is_some()), (SubscriptionStatus::Paid, true));
}

#[test]
fn s17_a_boleto_that_is_paid_days_later_makes_the_shop() {
    let first = paying(Boleto);
    let (code, said) = (with_code(&first), charge(&first, ChargeStatus::Paid));
    let then = first.then().when_told(code).then().at(NOW + 5 * DAY).when_told(said);
    let now = now_of(&then);
    assert_eq!((now.status, now.period.unwrap().first_day.as_str()), (SubscriptionStatus::Paid, "2023-11-19"));
    assert!(claims(&then).is_empty(), "its name is held for longer than ten minutes");
}

#[test]
fn s17_a_boleto_that_is_paid_after_all_is_money_and_its_name_is_asked_for_again() {
    let first = paying(Boleto);
    let said = charge(&first, ChargeStatus::Paid);
    let late = expired(Boleto).then().when_told(said);
    assert_eq!((status_of(&late), claims(&late).len()), (SubscriptionStatus::Securing, 1));
    let at = now_of(&late).changed_at;
    let lost = late.then().when(answer("cafe", false, at));
    assert_eq!((status_of(&lost), now_of(&lost).held_until), (SubscriptionStatus::NameLost, 0));
    let mails = mails_of(&lost);
    let [mail] = mails.as_slice() else { panic!("{lost:?}") };
    assert_eq!((mail.template, mail.fact("subdomain"), mail.fact("held")), (MailTemplate::SignupNameLost, "cafe", ""));
    assert_eq!((mail.fact("plan"), mail.fact("subscription")), ("Básico", SUBSCRIPTION.to_string().as_str()));
}

/// The time from which on what the first form has sealed for admin is too old.
const STALE: Micros = NOW + 9 * DAY - HOUR;

#[test]
fn s17_where_the_form_is_too_old_the_owner_is_asked_for_anew_and_nobody_takes_the_name() {
    let said = charge(&paying(Boleto), ChargeStatus::Paid);
    let secured = |at: Micros| {
        let late = expired(Boleto).then().at(at).when_told(said.clone());
        late.then().at(at).when(answer("cafe", true, at))
    };
    assert_eq!(status_of(&secured(STALE - 1)), SubscriptionStatus::Paid);
    let old = secured(STALE);
    let now = now_of(&old);
    assert_eq!((now.status, &now.asked, now.held_until), (SubscriptionStatus::NameLost, &None, STALE + 10 * DAY));
    assert_eq!(claims(&old), [("cafe".to_owned(), 10 * DAY)]);
    let mails = mails_of(&old);
    let [mail] = mails.as_slice() else { panic!("{old:?}") };
    assert_eq!((mail.template, mail.fact("held")), (MailTemplate::SignupNameLost, "true"));
    // The form that names it anew seals the owner anew, also for the same name.
    let form = subscribe(Boleto, 2);
    let form = Subscribe { meta: CommandMeta { issued_at: STALE, ..form.meta.clone() }, ..form };
    let named = old.then().when(form);
    assert_eq!((status_of(&named), now_of(&named).owner), (SubscriptionStatus::Securing, owner(2)));
    assert!(released(&named).is_empty());
    let held = named.then().when(answer("cafe", true, STALE));
    assert_eq!(status_of(&held), SubscriptionStatus::Paid);
    // The name that is held on may have gone to another for all that.
    let lost = secured(STALE).then().when(answer("cafe", false, STALE));
    assert_eq!((status_of(&lost), now_of(&lost).held_until), (SubscriptionStatus::NameLost, 0));
}

#[test]
fn s17_admin_that_is_away_for_too_long_is_not_told_what_is_swept() {
    let first = paid(Pix);
    let due = timer(&first, "provision");
    let then = first.then().at(STALE).when_due(&due);
    assert_eq!((status_of(&then), now_of(&then).asked), (SubscriptionStatus::NameLost, None));
    assert_eq!((claims(&then).len(), mails_of(&then).len()), (1, 1));
    // It has made the shop before.
    let opened = then.then().when_said(shop(TenantStatus::Active, "cafe"));
    assert_eq!(status_of(&opened), SubscriptionStatus::Active);
}

#[test]
fn money_that_comes_after_the_end_or_a_refusal_is_money() {
    for (late, method) in [(expired(Pix), Pix), (refused(Card), Card), (refused(Pix), Pix)] {
        let said = charge(&paying(method), ChargeStatus::Paid);
        let then = late.then().at(NOW + HOUR).when_told(said);
        assert_eq!(status_of(&then), SubscriptionStatus::Securing);
        assert_eq!(claims(&then), [("cafe".to_owned(), 10 * DAY)]);
        assert_eq!(invoice_of(&then).unwrap().status, InvoiceStatus::Paid);
        assert_eq!(now_of(&then).payment.why, None);
    }
}

#[test]
fn money_of_a_try_of_before_pays_and_the_present_one_is_given_up() {
    let said = charge(&paying(Pix), ChargeStatus::Paid);
    let another = |method| refused(Pix).then().when(subscribe(method, 2));
    let is_paid = |then: &Then<Signup>| {
        let now = now_of(then);
        assert_eq!((now.payment.method, now.payment.charge_id), (Pix, Some(said.charge.charge_id)));
        assert_eq!((invoice_of(then).unwrap().method, now.payment.remote_id), (Pix, None));
    };
    // The directory has not answered yet: the name of before is held, and another one has to be first.
    let naming = another(Card).then().when_told(said.clone());
    is_paid(&naming);
    assert_eq!((status_of(&naming), naming.commands().len()), (SubscriptionStatus::Paid, 0));
    let renamed = Subscribe { subdomain: "cha".into(), ..subscribe(Card, 2) };
    let naming = refused(Pix).then().when(renamed).then().when_told(said.clone());
    is_paid(&naming);
    assert_eq!((status_of(&naming), to_payments(&naming).len()), (SubscriptionStatus::Securing, 0));
    assert_eq!(claims(&naming), [("cha".to_owned(), 10 * DAY)]);
    let held = naming.then().when(answer("cha", true, NOW));
    assert_eq!(status_of(&held), SubscriptionStatus::Paid);

    let first = another(Card).then().when(answer("cafe", true, NOW));
    let card = asked_card(&first);
    let then = first.then().when_told(said.clone());
    is_paid(&then);
    let [PaymentsCommand::EndSubscription(end)] = to_payments(&then)[..] else { panic!("{then:?}") };
    assert_eq!(end.subscription_id, card.subscription_id);
    let by_boleto = another(Boleto).then().when(answer("cafe", true, NOW));
    let id = now_of(&by_boleto).payment.charge_id;
    let then = by_boleto.then().when_told(said.clone());
    is_paid(&then);
    let [PaymentsCommand::CancelCharge(cancel)] = to_payments(&then)[..] else { panic!("{then:?}") };
    assert_eq!(Some(cancel.charge_id), id);
}

#[test]
fn a_later_renewal_changes_nothing() {
    let card = asked_card(&paying(Card));
    for status in [ChargeStatus::Paid, ChargeStatus::Failed] {
        paid(Card).then().when_told(renewal(&card, "ch_2", status)).nothing();
    }
}

#[test]
fn admin_is_asked_again_by_the_event_itself_and_the_name_is_held_for_it() {
    let first = paid(Pix);
    let (due, version) = (timer(&first, "provision"), now_of(&first).version);
    let then = first.then().when_due(&due);
    let now = now_of(&then);
    assert_eq!((now.status, now.version, now.asked.unwrap().times), (SubscriptionStatus::Paid, version + 1, 2));
    assert_eq!((claims(&then), then.ended()), (vec![("cafe".to_owned(), 10 * DAY)], vec![due.timer_key()]));
    assert!(then.all().iter().all(|event| !matches!(event, SignupEvent::InvoiceChanged(_))));
    let again = then.timer();
    assert_eq!((again.what.as_str(), again.due - due.due), ("provision", 10 * MINUTE));
    // Nobody waits for the directory's word here.
    then.then().when(answer("cafe", false, NOW)).unchanged();
}
