//! What is undone: a second payment is given back, and a card's subscription that nobody wants any more is ended.

use feira_contexts::signup::Signup;
use feira_schemas::{
    ids::{AccountId, ChargeId, RefundId, TenantId},
    money::Money,
    problem::Code,
    records::{
        PaymentsCommand,
        admin::TenantStatus,
        common::Outcome,
        payments::{
            self, ChargeChanged, ChargeStatus,
            PaymentMethod::{Boleto, Card, Pix},
            Reason, Refund, RefundChanged, RefundStatus, RequestRefund, SubscriptionStatus as RemoteStatus,
        },
        signup::{GivingBack, GivingBackStatus, PaymentStatus, Subscribe, SubscriptionStatus, Terms},
    },
    time::{DAY, HOUR, MINUTE},
};
use uuid::Uuid;

use crate::{
    given::{Given, NOW, SHOP, Then, asked, said},
    paying::refusal,
    sample::Told,
    shop::{
        SUBSCRIPTION, active, answer, asked_card, charge, expired, invoice_of, now_of, paid, paying, refused, remote,
        renewal, shop, status_of, subscribe, terms, timer, to_payments, with_code,
    },
};

/// A try by Pix was refused, and another one by Pix is under way.
fn another_try() -> Then<Signup> {
    refused(Pix).then().when(subscribe(Pix, 2)).then().when(answer("cafe", true, NOW))
}

/// The first of two tries by Pix has paid, and this is what payments says of the second: it is paid as well.
fn paid_twice() -> (Given<Signup>, ChargeChanged) {
    let second = another_try();
    let said = charge(&second, ChargeStatus::Paid);
    (second.then().when_told(charge(&paying(Pix), ChargeStatus::Paid)).then(), said)
}

#[track_caller]
fn asked_refund(then: &Then<Signup>) -> RequestRefund {
    match to_payments(then)[..] {
        [PaymentsCommand::RequestRefund(command)] => command.clone(),
        _ => panic!("{then:?}"),
    }
}

#[track_caller]
fn given_back(then: &Then<Signup>) -> GivingBack {
    let [giving] = <[GivingBack; 1]>::try_from(now_of(then).giving_back).unwrap();
    giving
}

/// Payments says what a refund that it was asked for is now.
fn refund(asked: &RequestRefund, status: RefundStatus) -> RefundChanged {
    let refund = Refund {
        refund_id: asked.refund_id,
        charge_id: asked.charge_id,
        reference: asked.reference.clone(),
        amount: terms().price,
        bank_account: None,
        status,
        why: (status == RefundStatus::Failed).then(|| "state".into()),
        reasons: Vec::new(),
        note: None,
        refunded_before: None,
        attempts: Vec::new(),
        created_at: NOW,
        updated_at: NOW,
        simulated: false,
    };
    RefundChanged { meta: said(refund.refund_id, 1), refund }
}

#[test]
fn a_second_payment_is_given_back_and_asked_for_until_that_is_known() {
    let (given, second) = paid_twice();
    let then = given.when_told(second.clone());
    let (command, giving) = (asked_refund(&then), given_back(&then));
    assert_eq!((command.charge_id, command.amount), (second.charge.charge_id, None));
    assert!(command.bank_account.is_none());
    assert_eq!((command.meta.actor.as_str(), command.meta.tenant_id), ("system:signup", SHOP));
    assert_eq!(command.reference, Some(SUBSCRIPTION.to_string()));
    assert_eq!((giving.charge_id, giving.refund_id), (command.charge_id, command.refund_id));
    assert_eq!((giving.status, giving.command_id), (GivingBackStatus::Asked, Some(command.meta.command_id)));
    assert_eq!((status_of(&then), invoice_of(&then)), (SubscriptionStatus::Paid, None), "it stays paid by the first");
    let due = then.timer();
    assert_eq!((due.what.as_str(), giving.asked.unwrap().timer), ("give_back", due.timer_key()));
    // Told twice is given back once.
    let told = then.then().when_told(second);
    told.nothing();
    let again = told.then().when_due(&due);
    let asked = asked_refund(&again);
    assert_eq!((asked.refund_id, again.timer().due - due.due), (command.refund_id, 10 * MINUTE));
    let next = again.timer();
    let sent = again.then().when_told(refund(&asked, RefundStatus::Sent));
    sent.nothing();
    let done = sent.then().when_told(refund(&asked, RefundStatus::Done));
    let giving = given_back(&done);
    assert_eq!((giving.status, giving.asked, done.ended()), (GivingBackStatus::Done, None, vec![next.timer_key()]));
    done.then().when_told(refund(&asked, RefundStatus::Done)).nothing();
}

#[test]
fn a_second_payment_is_given_back_however_far_the_shop_is() {
    let (given, second) = paid_twice();
    let opened = given.when_said(shop(TenantStatus::Active, "cafe"));
    asked_refund(&opened.then().when_told(second.clone()));
    let (given, _) = paid_twice();
    let lost = given.when_said(shop(TenantStatus::Refused, "cafe"));
    assert_eq!(status_of(&lost), SubscriptionStatus::NameLost);
    asked_refund(&lost.then().when_told(second.clone()));
    // Less than was asked for is money, too; what brought none is none.
    let (given, mut part) = paid_twice();
    part.charge.status = ChargeStatus::Underpaid;
    asked_refund(&given.when_told(part));
    let (given, mut failed) = paid_twice();
    failed.charge.status = ChargeStatus::Failed;
    let then = given.when_told(failed);
    assert!(then.commands().is_empty() && now_of(&then).giving_back.is_empty(), "{then:?}");
    assert!(now_of(&then).cancelling.is_empty(), "it is over, and nobody is asked to cancel it any more");
}

#[test]
fn a_card_that_is_charged_after_a_pix_has_paid_is_given_back_and_ended() {
    let first = refused(Pix).then().when(subscribe(Card, 2)).then().when(answer("cafe", true, NOW));
    let (card, second) = (asked_card(&first), charge(&first, ChargeStatus::Paid));
    let won = first.then().when_told(charge(&paying(Pix), ChargeStatus::Paid));
    let [PaymentsCommand::EndSubscription(end)] = to_payments(&won)[..] else { panic!("{won:?}") };
    assert_eq!(end.subscription_id, card.subscription_id);
    // The end has come too late: the next month as well.
    let then = won.then().when_told(second.clone());
    assert_eq!(asked_refund(&then).charge_id, second.charge.charge_id);
    let month = renewal(&card, "ch_2", ChargeStatus::Paid);
    let then = then.then().when_told(month.clone());
    assert_eq!((asked_refund(&then).charge_id, now_of(&then).giving_back.len()), (month.charge.charge_id, 2));
}

#[test]
fn a_renewal_of_an_open_shop_changes_nothing() {
    active().then().when_told(charge(&paying(Pix), ChargeStatus::Paid)).nothing();
    let card = asked_card(&paying(Card));
    let opened = paid(Card).then().when_said(shop(TenantStatus::Active, "cafe"));
    opened.then().at(NOW + 30 * DAY).when_told(renewal(&card, "ch_2", ChargeStatus::Paid)).nothing();
}

#[test]
fn what_payments_does_not_give_back_is_left_to_a_person() {
    let second = || refused(Pix).then().when(subscribe(Boleto, 2)).then().when(answer("cafe", true, NOW));
    let boleto = charge(&second(), ChargeStatus::Paid);
    let asked = || second().then().when_told(charge(&paying(Pix), ChargeStatus::Paid)).then().when_told(boleto.clone());
    let command = asked_refund(&asked());
    // It has no bank account of who paid.
    let said = refusal(command.meta.command_id, Outcome::Refused, Code::Invalid);
    let then = asked().then().when_told(said);
    let giving = given_back(&then);
    assert_eq!((giving.status, giving.why.as_deref()), (GivingBackStatus::ByHand, Some("invalid")));
    assert_eq!((giving.asked, then.ended().len(), status_of(&then)), (None, 1, SubscriptionStatus::Paid));
    let failed = given_back(&asked().then().when_told(refund(&command, RefundStatus::Failed)));
    assert_eq!((failed.status, failed.why.as_deref()), (GivingBackStatus::ByHand, Some("state")));
    // Somebody has seen to it.
    let mut gone = boleto.clone();
    gone.charge.status = ChargeStatus::Refunded;
    assert_eq!(given_back(&then.then().when_told(gone)).status, GivingBackStatus::Done);
    asked().then().when_told(refusal(command.meta.command_id, Outcome::Unchanged, Code::Invalid)).nothing();
}

#[test]
fn an_end_is_asked_for_until_it_is_known() {
    let first = refused(Card);
    let (card, due) = (asked_card(&paying(Card)), timer(&first, "end"));
    assert_eq!(now_of(&first).ending[0].remote_id, card.subscription_id);
    let again = first.then().when_due(&due);
    let [PaymentsCommand::EndSubscription(end)] = to_payments(&again)[..] else { panic!("{again:?}") };
    assert_eq!((end.subscription_id, again.ended()), (card.subscription_id, vec![due.timer_key()]));
    let next = again.timer();
    assert_eq!((next.due - due.due, now_of(&again).ending.len()), (10 * MINUTE, 1));
    let active = again.then().when_told(remote(&paying(Card), RemoteStatus::Active));
    active.nothing();
    let over = active.then().when_told(remote(&paying(Card), RemoteStatus::Ended));
    assert_eq!((now_of(&over).ending.len(), over.ended()), (0, vec![next.timer_key()]));
    assert!(over.then().when_due(&next).commands().is_empty());
}

#[test]
fn an_end_that_payments_has_nothing_to_do_for_is_asked_for_no_more() {
    let command = || now_of(&refused(Card)).ending[0].command_id;
    let unknown = refusal(command(), Outcome::Refused, Code::NotFound);
    assert!(now_of(&refused(Card).then().when_told(unknown)).ending.is_empty());
    let mut over = refusal(command(), Outcome::Unchanged, Code::NotFound);
    over.body = Some(r#"{"status":"FAILED"}"#.into());
    assert!(now_of(&refused(Card).then().when_told(over.clone())).ending.is_empty());
    // It was asked before, and the gateway has not done it.
    over.body = Some(r#"{"status":"ACTIVE"}"#.into());
    refused(Card).then().when_told(over.clone()).nothing();
    over.body = None;
    refused(Card).then().when_told(over).nothing();
}

#[test]
fn a_card_that_payments_has_refused_is_given_up_since_it_may_turn_up() {
    for status in [RemoteStatus::Failed, RemoteStatus::Expired] {
        let first = paying(Card);
        let said = remote(&first, status);
        let then = first.then().when_told(said.clone());
        let [PaymentsCommand::EndSubscription(end)] = to_payments(&then)[..] else { panic!("{then:?}") };
        assert_eq!(end.subscription_id, said.subscription.subscription_id);
        assert_eq!(status_of(&then), SubscriptionStatus::Refused);
        // Nobody else pays: what its charge says counts.
        then.then().when_told(remote(&paying(Card), RemoteStatus::Active)).nothing();
    }
}

#[test]
fn a_subscription_that_turns_up_beside_what_pays_or_after_the_end_is_ended() {
    let late = remote(&paying(Card), RemoteStatus::Active);
    let over = |then: Then<Signup>| then.then().when_told(remote(&paying(Card), RemoteStatus::Cancelled));
    let next = |then: Then<Signup>| then.then().when(subscribe(Pix, 2));
    let by_pix = |then: Then<Signup>| next(then).then().when(answer("cafe", true, NOW));
    let paid_by_pix = |then: Then<Signup>| {
        let then = by_pix(then);
        let money = charge(&then, ChargeStatus::Paid);
        then.then().when_told(money)
    };
    let gone = || over(refused(Card));
    for then in [next(gone()), by_pix(gone()), paid_by_pix(gone()), over(expired(Card))] {
        let (status, ended) = (status_of(&then), then.then().when_told(late.clone()));
        let [PaymentsCommand::EndSubscription(end)] = to_payments(&ended)[..] else { panic!("{status:?}: {ended:?}") };
        assert_eq!((end.subscription_id, status_of(&ended)), (late.subscription.subscription_id, status));
    }
    // The one that has paid goes on, also under another name.
    paid(Card).then().when_told(late.clone()).nothing();
    let lost = paid(Card).then().when_said(shop(TenantStatus::Refused, "cafe"));
    let renamed = lost.then().when(subscribe(Pix, 2));
    renamed.then().when_told(late).nothing();
}

#[test]
fn money_of_a_try_buys_what_was_offered_then() {
    let dearer = Terms { price: Money::brl(9_990), months: 12, plan_name: "Maior".into(), ..terms() };
    let next = || {
        let form = Subscribe { terms: dearer.clone(), ..subscribe(Pix, 2) };
        refused(Pix).then().when(form).then().when(answer("cafe", true, NOW))
    };
    let then = next().then().when_told(charge(&paying(Pix), ChargeStatus::Paid));
    let (now, invoice) = (now_of(&then), invoice_of(&then).unwrap());
    assert_eq!((&now.terms, now.period.unwrap().next_day.as_str()), (&terms(), "2023-12-14"));
    assert_eq!((invoice.amount, now.tries.len()), (terms().price, 2));
    let second = charge(&next(), ChargeStatus::Paid);
    let now = now_of(&next().then().when_told(second));
    assert_eq!((now.terms, now.period.unwrap().next_day.as_str()), (dearer.clone(), "2024-11-14"));
}

#[test]
fn another_sum_than_the_price_buys_nothing_and_goes_back() {
    let first = paying(Pix);
    let mut said = charge(&first, ChargeStatus::Paid);
    said.charge.request.amount = Money::brl(1);
    let then = first.then().when_told(said.clone());
    assert_eq!(asked_refund(&then).charge_id, said.charge.charge_id);
    let now = now_of(&then);
    assert_eq!((now.status, now.payment.why.as_deref()), (SubscriptionStatus::Refused, Some("sum_differs")));
}

#[test]
fn what_was_not_asked_for_at_the_account_of_its_try_is_another_matter() {
    let (money, card) = (charge(&paying(Pix), ChargeStatus::Paid), remote(&paying(Card), RemoteStatus::Failed));
    let lent = |owner, account_id| Some(payments::LentAccount { owner, account_id, ..terms().account });
    let here = terms().account.account_id;
    let there = AccountId::from_uuid(Uuid::from_u128(0xee));
    for lent in [None, lent(SHOP, here), lent(TenantId::PLATFORM, there)] {
        let (mut money, mut card) = (money.clone(), card.clone());
        money.charge.lent.clone_from(&lent);
        card.subscription.lent = lent;
        paying(Pix).then().when_told(money).nothing();
        paying(Card).then().when_told(card).nothing();
    }
    let mut of_nobody = refund(
        &RequestRefund {
            meta: asked(),
            refund_id: RefundId::from_uuid(Uuid::from_u128(9)),
            charge_id: ChargeId::from_uuid(Uuid::from_u128(9)),
            reference: None,
            amount: None,
            bank_account: None,
        },
        RefundStatus::Done,
    );
    active().then().when_told(of_nobody.clone()).nothing();
    of_nobody.refund.reference = Some(SUBSCRIPTION.to_string());
    active().then().when_told(of_nobody).nothing();
}

#[test]
fn the_reason_of_a_declined_card_is_told_whatever_comes_first() {
    let first = paying(Card);
    let (mut declined, failed) = (charge(&first, ChargeStatus::Failed), remote(&first, RemoteStatus::Failed));
    declined.charge.reasons = vec![Reason { kind: "no_money".into(), parameter_name: None, message: None }];
    let then = first.then().when_told(failed).then().when_told(declined.clone());
    let now = now_of(&then);
    assert_eq!((now.status, now.payment.status), (SubscriptionStatus::Refused, PaymentStatus::Refused));
    assert_eq!((now.payment.why.as_deref(), now.payment.reasons), (Some("declined"), declined.charge.reasons));
}

#[test]
fn what_was_paid_in_excess_and_given_back_in_part_pays() {
    let first = paying(Pix);
    let mut said = with_code(&first);
    said.charge.status = ChargeStatus::PartlyRefunded;
    let observed = said.charge.observed.as_mut().unwrap();
    (observed.paid, observed.cancelled) = (5_990, 1_000);
    assert_eq!(status_of(&paying(Pix).then().when_told(said.clone())), SubscriptionStatus::Paid);
    said.charge.observed.as_mut().unwrap().cancelled = 1_001;
    paying(Pix).then().at(NOW + HOUR).when_told(said).nothing();
}

#[test]
fn less_money_of_a_try_of_before_is_left_to_a_person() {
    let part = charge(&paying(Pix), ChargeStatus::Underpaid);
    for then in [another_try(), expired(Pix), refused(Pix)] {
        let status = status_of(&then);
        let then = then.then().when_told(part.clone());
        let giving = given_back(&then);
        assert_eq!((giving.charge_id, giving.status), (part.charge.charge_id, GivingBackStatus::ByHand));
        assert_eq!((status_of(&then), then.commands().len()), (status, 0));
    }
}
