//! What payments is asked, and what it says before anything is paid.

use feira_contexts::signup::Signup;
use feira_schemas::{
    ids::{ChargeId, CommandId},
    problem::Code,
    records::{
        PaymentsCommand,
        common::{Answers, CommandAnswered, EventMeta, Outcome},
        mails::MailTemplate,
        payments::{
            ChargePurpose, ChargeStatus,
            PaymentMethod::{self, Boleto, Card, Pix},
            Reason, SubscriptionStatus as RemoteStatus, Why,
        },
        signup::{InvoiceStatus, PaymentStatus, SubscriptionStatus},
    },
    signup_days,
    time::MINUTE,
};
use uuid::Uuid;

use crate::{
    given::{NOW, SHOP, Then, said},
    sample::{HERE, Told},
    shop::{
        CODE, DUE, LINE, SUBSCRIPTION, answer, asked_card, asked_charge, charge, invoice_of, mails_of, naming, now_of,
        paid, paying, refused, remote, renewal, status_of, subscribe, subscriber, terms, timer, to_payments, with_code,
    },
};

/// Payments has answered a command of the shop without a change.
pub fn refusal(command_id: CommandId, outcome: Outcome, code: Code) -> CommandAnswered {
    let answers = Some(Answers { command_id, body_hash: String::new(), outcome });
    CommandAnswered {
        meta: EventMeta { answers, ..said(command_id, 1) },
        code: Some(code.to_string()),
        detail: Some("Não foi aceito.".into()),
        errors: Vec::new(),
        body: None,
        entity: None,
    }
}

/// The subscription is refused, and can be paid in another way while the name is held.
#[track_caller]
fn is_refused(then: &Then<Signup>, status: PaymentStatus, why: &str) {
    let now = now_of(then);
    assert_eq!((now.status, now.payment.status), (SubscriptionStatus::Refused, status));
    assert_eq!((now.payment.why.as_deref(), &now.asked), (Some(why), &None));
    assert_eq!(invoice_of(then).unwrap().status, InvoiceStatus::Void);
    assert!(now.ends.is_some() && now.held_until == NOW + 30 * MINUTE, "{now:?}");
}

#[test]
fn s11_pix_is_asked_for_at_the_lent_account_until_shortly_before_the_hold_ends() {
    let then = paying(Pix);
    let (command, now) = (asked_charge(&then), now_of(&then));
    let request = &command.request;
    assert_eq!((command.purpose, command.order_id), (ChargePurpose::Subscription, Some(SUBSCRIPTION.to_string())));
    let ids = (Some(command.charge_id), Some(command.meta.command_id));
    assert_eq!((now.payment.charge_id, now.payment.command_id), ids);
    assert_eq!((command.lent, command.meta.tenant_id), (Some(terms().account), SHOP));
    assert_eq!(command.meta.actor, "system:signup");
    assert_eq!((request.method, request.amount, request.account_id), (Pix, terms().price, Some(HERE)));
    assert_eq!((request.reference.as_deref(), &request.buyer), (Some(&*SUBSCRIPTION.to_string()), &subscriber(1)));
    let [line] = request.items.as_slice() else { panic!("{request:?}") };
    assert_eq!((line.total, line.quantity, line.description.as_str()), (4_990, 1, "Básico"));
    let until = request.pix.as_ref().unwrap().until;
    assert_eq!((until, now.payment.pix_until, command.not_after), (NOW + 25 * MINUTE, Some(until), Some(until)));
    assert_eq!((&request.boleto, &request.card), (&None, &None));
}

#[test]
fn s11_a_boleto_is_asked_for_until_its_due_day_ends() {
    let command = asked_charge(&paying(Boleto));
    let boleto = command.request.boleto.unwrap();
    assert_eq!((boleto.due.as_str(), boleto.document_number.len()), (DUE, 16));
    assert_eq!(command.not_after, Some(signup_days::boleto_due(DUE).unwrap().due_at));
    assert_eq!((command.request.pix, command.request.method), (None, Boleto));
}

#[test]
fn s11_a_card_is_asked_for_as_a_subscription_to_the_lent_plan() {
    let then = paying(Card);
    let (command, now) = (asked_card(&then), now_of(&then));
    assert_eq!((Some(command.subscription_id), now.payment.charge_id), (now.payment.remote_id, None));
    assert_ne!(command.subscription_id, SUBSCRIPTION);
    assert_eq!((command.lent, command.lent_plan), (Some(terms().account), terms().remote));
    let request = command.request;
    assert_eq!((request.plan_id, request.account_id), (terms().remote.unwrap().plan_id, Some(HERE)));
    assert_eq!((request.card.card_token, request.card.token_until), (now.payment.card_token, now.payment.token_until));
    assert_eq!((request.reference, request.starts), (Some(SUBSCRIPTION.to_string()), None));
}

#[test]
fn what_is_asked_again_is_the_same_and_another_try_is_another() {
    for method in [Pix, Boleto] {
        let first = paying(method);
        let (due, asked) = (timer(&first, "pay"), asked_charge(&first));
        let again = first.then().when_due(&due);
        let command = asked_charge(&again);
        assert_eq!((command.charge_id, &command.request), (asked.charge_id, &asked.request));
        assert_eq!(command.not_after, asked.not_after);
        assert_ne!(command.meta.command_id, asked.meta.command_id);
        assert_eq!(now_of(&again).payment.command_id, Some(command.meta.command_id));
        assert_eq!((again.ended(), now_of(&again).asked.unwrap().times), (vec![due.timer_key()], 2));
    }
    let first = paying(Card);
    let (due, asked) = (timer(&first, "pay"), asked_card(&first));
    assert_eq!(asked_card(&first.then().when_due(&due)).subscription_id, asked.subscription_id);
    let next = refused(Card).then().when(subscribe(Card, 2)).then().when(answer("cafe", true, NOW));
    assert_ne!(asked_card(&next).subscription_id, asked.subscription_id);
}

#[test]
fn a_code_is_kept_and_mailed_once() {
    for (method, word, code) in [(Pix, "pix", CODE), (Boleto, "boleto", LINE)] {
        let first = paying(method);
        let (asked, pay) = (with_code(&first), timer(&first, "pay"));
        let then = first.then().when_told(asked.clone());
        let now = now_of(&then);
        assert_eq!((now.status, now.payment.status), (SubscriptionStatus::Paying, PaymentStatus::Pending));
        let observed = asked.charge.observed.clone().unwrap();
        assert_eq!((&now.payment.pix, &now.payment.boleto), (&observed.pix, &observed.boleto));
        assert_eq!((then.ended(), invoice_of(&then)), (vec![pay.timer_key()], None));
        let mails = mails_of(&then);
        let [mail] = mails.as_slice() else { panic!("{then:?}") };
        assert_eq!((mail.template, &mail.recipient), (MailTemplate::SignupCode, &subscriber(1).email));
        assert_eq!((mail.recipient_name.as_ref(), mail.shop_name.as_str()), (Some(&subscriber(1).name), "Feira"));
        let due = signup_days::boleto_due(DUE).unwrap().due_at;
        let until = if method == Pix { NOW + 25 * MINUTE } else { due };
        let facts = [
            ("method", word.to_owned()),
            ("code", code.to_owned()),
            ("amount", "4990".to_owned()),
            ("until", until.to_string()),
            ("plan", "Básico".to_owned()),
            ("subscription", SUBSCRIPTION.to_string()),
        ];
        assert_eq!((mail.facts.len(), mail.not_after), (facts.len(), until));
        for (name, value) in facts {
            assert_eq!(mail.fact(name), value, "{name}");
        }
        then.then().when_told(asked).nothing();
    }
}

#[test]
fn what_is_not_known_yet_is_asked_no_more_and_waits() {
    let then = |method: PaymentMethod, status| {
        let first = paying(method);
        let said = charge(&first, status);
        first.then().when_told(said)
    };
    for (status, payment) in [
        (ChargeStatus::Processing, PaymentStatus::Asked),
        (ChargeStatus::Confirming, PaymentStatus::Pending),
        (ChargeStatus::Authorized, PaymentStatus::Pending),
        (ChargeStatus::Underpaid, PaymentStatus::Pending),
    ] {
        for method in [Pix, Card] {
            let now = now_of(&then(method, status));
            assert_eq!((now.status, now.payment.status), (SubscriptionStatus::Paying, payment), "{status:?}");
            let has_charge = method == Pix || payment == PaymentStatus::Pending;
            assert_eq!((now.asked, now.payment.charge_id.is_some()), (None, has_charge));
        }
    }
    for status in [ChargeStatus::Refunded, ChargeStatus::ChargedBack, ChargeStatus::Unknown] {
        then(Pix, status).nothing();
    }
}

#[test]
fn s16_a_declined_card_is_told_with_its_reasons_and_does_not_renew_itself() {
    let first = paying(Card);
    let (mut declined, card) = (charge(&first, ChargeStatus::Failed), asked_card(&first));
    let reasons = vec![Reason { kind: "declined".into(), parameter_name: None, message: None }];
    declined.charge.reasons = reasons.clone();
    let then = first.then().when_told(declined.clone());
    is_refused(&then, PaymentStatus::Refused, "declined");
    assert_eq!(now_of(&then).payment.reasons, reasons);
    let [PaymentsCommand::EndSubscription(end)] = to_payments(&then)[..] else { panic!("{then:?}") };
    assert_eq!(end.subscription_id, card.subscription_id);
    // Twice is once, and what comes after it is older.
    let pending = renewal(&card, "ch_1", ChargeStatus::Pending);
    then.then().when_told(declined).then().when_told(pending).nothing();
}

#[test]
fn a_pix_or_boleto_that_the_gateway_refuses_ends_nothing_there() {
    for method in [Pix, Boleto] {
        let first = paying(method);
        let failed = charge(&first, ChargeStatus::Failed);
        let then = first.then().when_told(failed);
        assert_eq!((status_of(&then), to_payments(&then).len()), (SubscriptionStatus::Refused, 0));
    }
}

#[test]
fn s16_a_card_whose_token_has_run_out_is_asked_for_again_and_was_not_declined() {
    let card_token = |status| {
        let first = paying(Card);
        let mut said = remote(&first, status);
        said.subscription.why = Some(Why::CardToken.word().into());
        first.then().when_told(said)
    };
    for status in [RemoteStatus::Expired, RemoteStatus::Failed] {
        is_refused(&card_token(status), PaymentStatus::Expired, "token_expired");
    }
    let first = paying(Card);
    let expired = charge(&first, ChargeStatus::Expired);
    is_refused(&first.then().when_told(expired), PaymentStatus::Expired, "token_expired");
    let first = paying(Pix);
    let expired = charge(&first, ChargeStatus::Expired);
    is_refused(&first.then().when_told(expired), PaymentStatus::Expired, "expired");
}

#[test]
fn a_cards_subscription_that_is_there_waits_for_its_charge() {
    for status in [RemoteStatus::Confirming, RemoteStatus::Future, RemoteStatus::Active, RemoteStatus::Unpaid] {
        let first = paying(Card);
        let said = remote(&first, status);
        let then = first.then().when_told(said.clone());
        let now = now_of(&then);
        assert_eq!((now.status, now.payment.status), (SubscriptionStatus::Paying, PaymentStatus::Pending));
        assert_eq!((now.asked, invoice_of(&then)), (None, None));
        then.then().when_told(said).nothing();
    }
    for (status, why) in [
        (RemoteStatus::Failed, Why::Declined.word()),
        (RemoteStatus::Ended, "cancelled"),
        (RemoteStatus::Cancelled, "cancelled"),
    ] {
        let first = paying(Card);
        let said = remote(&first, status);
        is_refused(&first.then().when_told(said), PaymentStatus::Refused, why);
    }
    let first = paying(Card);
    let unknown = remote(&first, RemoteStatus::Unknown);
    first.then().when_told(unknown).nothing();
}

#[test]
fn what_payments_does_not_take_is_refused_with_its_code() {
    for method in [Card, Pix, Boleto] {
        let first = paying(method);
        let command_id = now_of(&first).payment.command_id.unwrap();
        let said = refusal(command_id, Outcome::Refused, Code::NoAccount);
        let then = first.then().when_told(said.clone());
        let now = now_of(&then);
        assert_eq!((now.status, now.payment.why.as_deref()), (SubscriptionStatus::Refused, Some("no_account")));
        then.then().when_told(said).nothing();
    }
    let first = paying(Pix);
    let (command_id, code) = (now_of(&first).payment.command_id.unwrap(), with_code(&first));
    for (id, outcome) in [
        (command_id, Outcome::Failed),
        (command_id, Outcome::Unchanged),
        (CommandId::from_uuid(Uuid::from_u128(7)), Outcome::Refused),
    ] {
        paying(Pix).then().when_told(refusal(id, outcome, Code::NoAccount)).nothing();
    }
    // It has taken it before.
    let said = refusal(command_id, Outcome::Refused, Code::IdempotencyMismatch);
    first.then().when_told(code).then().when_told(said).nothing();
}

#[test]
fn what_is_of_another_matter_or_try_changes_nothing() {
    let first = paying(Pix);
    let failed = charge(&first, ChargeStatus::Failed);
    let mut of_api = failed.clone();
    of_api.charge.purpose = ChargePurpose::Api;
    let mut of_nobody = failed.clone();
    of_nobody.charge.request.reference = None;
    let mut another = failed.clone();
    another.charge.charge_id = ChargeId::from_uuid(Uuid::from_u128(9));
    another.charge.order_id = Some(Uuid::from_u128(9).to_string());
    for said in [of_api, of_nobody, another] {
        paying(Pix).then().when_told(said).nothing();
    }
    naming(Pix).then().when_told(failed.clone()).nothing();
    paid(Pix).then().when_told(failed.clone()).nothing();
    // A try of before, while the next one is under way.
    let next = refused(Pix).then().when(subscribe(Card, 2)).then().when(answer("cafe", true, NOW));
    let card = asked_card(&next);
    next.then().when_told(failed).nothing();
    let next = refused(Card).then().when(subscribe(Card, 2)).then().when(answer("cafe", true, NOW));
    let ended = remote(&paying(Card), RemoteStatus::Ended);
    assert_ne!(ended.subscription.subscription_id, card.subscription_id);
    let then = next.then().when_told(ended);
    assert_eq!((status_of(&then), then.commands().len(), then.ended().len()), (SubscriptionStatus::Paying, 0, 1));
    assert!(now_of(&then).ending.is_empty(), "it is over, and nobody is asked to end it any more");
}
