#![allow(clippy::unwrap_used)]

use feira_schemas::{
    ids::{AccountId, KeyId, PlanId, SignupPlanId, StaffId, SubscriptionId, TenantId, TimerId},
    money::Money,
    records::{
        common::{Asked, TimerKey},
        payments::{AccountKind, Buyer, LentAccount, LentPlan, PixData},
        signup::{Owner, PlanLimits, Terms, Try},
    },
    sealed::{Envelope, NONCE, Personal, Sealed, Subject, SubjectKind},
};
use uuid::Uuid;

use super::*;

const NOW: Micros = 1_700_000_000_000_000;

const ALL: [SubscriptionStatus; 11] = [
    SubscriptionStatus::Naming,
    SubscriptionStatus::NameTaken,
    SubscriptionStatus::Paying,
    SubscriptionStatus::Refused,
    SubscriptionStatus::Expired,
    SubscriptionStatus::NameLost,
    SubscriptionStatus::Securing,
    SubscriptionStatus::Paid,
    SubscriptionStatus::Active,
    SubscriptionStatus::Ended,
    SubscriptionStatus::Unknown,
];

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

fn sealed<T: Personal>() -> Sealed<T> {
    let subject = Subject::new(SubjectKind::Subscriber, id(1));
    Sealed::of(Envelope::new(subject, T::FIELD, KeyId::from_uuid(id(1)), [1; NONCE], vec![1; 40]).unwrap()).unwrap()
}

fn subscription(status: SubscriptionStatus) -> Subscription {
    let account = LentAccount {
        owner: TenantId::PLATFORM,
        account_id: AccountId::from_uuid(id(2)),
        name: "Plataforma".into(),
        gateway: "pagarme".into(),
        kind: AccountKind::WholeService,
        public_key: "pk".into(),
        simulated: true,
    };
    Subscription {
        subscription_id: SubscriptionId::from_uuid(id(3)),
        version: 4,
        status,
        visitor: "v".into(),
        terms: Terms {
            plan_id: SignupPlanId::from_uuid(id(5)),
            plan_name: "Básico".into(),
            price: Money::brl(4_990),
            months: 1,
            limits: PlanLimits::default(),
            methods: vec![PaymentMethod::Pix],
            account,
            remote: None,
        },
        subscriber: Buyer { name: sealed(), email: sealed(), document: sealed(), phone: None, address: sealed() },
        owner: Owner {
            staff_id: StaffId::from_uuid(id(6)),
            email: sealed(),
            email_term: "0".repeat(32),
            name: sealed(),
        },
        subdomain: "padaria".into(),
        shop_name: "Padaria".into(),
        owner_sealed_at: NOW,
        named_version: 1,
        accepted: "2026-11".into(),
        accepted_at: NOW,
        held_until: 0,
        payment: Payment {
            attempt: 1,
            method: PaymentMethod::Pix,
            status: PaymentStatus::Asked,
            charge_id: None,
            remote_id: None,
            command_id: None,
            card_token: None,
            token_until: None,
            due: None,
            pix_until: None,
            boleto: None,
            pix: None,
            why: None,
            reasons: Vec::new(),
        },
        period: None,
        invoice_id: None,
        asked: None,
        ends: None,
        late_since: None,
        tries: Vec::new(),
        ending: Vec::new(),
        cancelling: Vec::new(),
        giving_back: Vec::new(),
        shop_version: 0,
        created_at: NOW,
        changed_at: NOW,
    }
}

fn asked_since(since: Micros) -> Option<Asked> {
    let timer = TimerKey::new(TimerId::from_uuid(id(7)), NOW, NOW);
    Some(Asked { what: "payment".into(), since, times: 1, timer })
}

#[test]
fn each_state_says_something_of_its_own_and_waits_only_for_what_comes_by_itself() {
    let mut titles = Vec::new();
    for status in ALL {
        let known = subscription(status);
        let said = said(Some(&known), NOW, NOW);
        let waits = matches!(
            status,
            SubscriptionStatus::Naming
                | SubscriptionStatus::Paying
                | SubscriptionStatus::Securing
                | SubscriptionStatus::Paid
        );
        assert_eq!((said.waits, said.begins_anew), (waits, status == SubscriptionStatus::Expired), "{status:?}");
        let goes_on = !waits && !said.begins_anew && (1..4).contains(&said.step);
        assert_eq!(again(&known) != Again::No, goes_on, "{status:?}");
        if status != SubscriptionStatus::Paid {
            assert!(!titles.contains(&said.title), "{}", said.title);
        }
        titles.push(said.title);
    }
}

#[test]
fn s12_a_refusal_says_so_and_a_token_that_ran_out_is_no_refusal() {
    let mut known = subscription(SubscriptionStatus::Refused);
    assert_eq!(said(Some(&known), NOW, NOW).title, "Transação negada");
    known.payment.status = PaymentStatus::Refused;
    known.payment.why = Some("declined".into());
    assert_eq!(said(Some(&known), NOW, NOW).title, "Transação negada");
    for why in TOKEN_OVER {
        known.payment.why = Some(why.into());
        assert_eq!(said(Some(&known), NOW, NOW).title, "O cartão não chegou a ser cobrado", "{why}");
    }
    known.payment.why = None;
    known.payment.status = PaymentStatus::Expired;
    assert_eq!(said(Some(&known), NOW, NOW).title, "O cartão não chegou a ser cobrado");
}

#[test]
fn that_nothing_was_charged_is_said_only_where_it_is_known() {
    let mut known = subscription(SubscriptionStatus::Expired);
    for (status, why, nothing) in [
        (PaymentStatus::Expired, None, true),
        (PaymentStatus::Asked, None, false),
        (PaymentStatus::Pending, None, false),
        (PaymentStatus::Pending, Some(UNDERPAID), false),
    ] {
        (known.payment.status, known.payment.why) = (status, why.map(str::to_owned));
        let said = said(Some(&known), NOW, NOW);
        assert_eq!(said.text.starts_with("Nada foi cobrado"), nothing, "{status:?} {why:?}: {}", said.text);
    }
    let mut lost = subscription(SubscriptionStatus::NameLost);
    lost.held_until = 0;
    let taken = said(Some(&lost), NOW, NOW).text;
    lost.held_until = NOW;
    assert_ne!(said(Some(&lost), NOW, NOW).text, taken, "nobody has taken what is held");
}

#[test]
fn s17_after_a_code_that_was_given_up_nobody_is_told_that_nothing_was_charged() {
    let mut known = subscription(SubscriptionStatus::Expired);
    known.payment.attempt = 2;
    let by_code = Try { attempt: 1, terms: known.terms.clone() };
    let mut by_card = by_code.clone();
    by_card.terms.remote = Some(LentPlan {
        plan_id: PlanId::from_uuid(id(8)),
        name: "Básico".into(),
        price: Money::brl(4_990),
        months: 1,
        remote_id: "plan_1".into(),
    });
    let of_now = Try { attempt: 2, ..by_code.clone() };
    for (before, may_be_paid) in [(by_code, true), (by_card, false)] {
        known.tries = vec![before, of_now.clone()];
        for (status, payment) in [
            (SubscriptionStatus::Expired, PaymentStatus::Refused),
            (SubscriptionStatus::Refused, PaymentStatus::Refused),
            (SubscriptionStatus::Refused, PaymentStatus::Expired),
        ] {
            (known.status, known.payment.status) = (status, payment);
            let text = said(Some(&known), NOW, NOW).text;
            assert_eq!(text.contains("não pague de novo"), may_be_paid, "{status:?} {payment:?}: {text}");
            assert_eq!(
                text.to_lowercase().contains("nada foi cobrado"),
                !may_be_paid,
                "{status:?} {payment:?}: {text}"
            );
        }
    }
}

#[test]
fn a_name_that_is_held_on_for_a_subscription_is_not_called_taken() {
    let mut known = subscription(SubscriptionStatus::NameLost);
    assert_eq!(taken(&known).len(), 1, "it is another's");
    known.held_until = NOW;
    assert!(taken(&known).is_empty());
    known.status = SubscriptionStatus::NameTaken;
    assert_eq!(taken(&known).len(), 1);
    known.status = SubscriptionStatus::Refused;
    assert!(taken(&known).is_empty());
}

#[test]
fn s107_a_question_that_waits_for_long_says_that_it_goes_on_by_itself() {
    let mut known = subscription(SubscriptionStatus::Paying);
    known.asked = asked_since(NOW);
    let (soon, late) = (NOW + LATE, NOW + LATE + 1);
    assert!(!said(Some(&known), NOW, soon).text.contains("continua sozinho"));
    assert!(said(Some(&known), NOW, late).text.contains("continua sozinho"));
    let states = [soon, late].map(|now| state(Some(&known), NOW, now));
    assert_eq!(states, ["4", "4-late"]);
    known.payment.pix = Some(PixData { code: Some("000201".into()), until: None, e2e: None });
    known.payment.status = PaymentStatus::Pending;
    assert_eq!(said(Some(&known), NOW, late).title, "Pague com Pix");
}

#[test]
fn s08_another_way_is_offered_while_a_code_waits_and_has_brought_no_money() {
    let mut known = subscription(SubscriptionStatus::Paying);
    assert_eq!(again(&known), Again::No, "there is no code to be given up");
    known.payment.pix = Some(PixData { code: Some("000201".into()), until: None, e2e: None });
    assert_eq!(again(&known), Again::No, "payments has not said that it waits");
    known.payment.status = PaymentStatus::Pending;
    assert_eq!(again(&known), Again::Otherwise);
    // What was sent, and is not decided yet, is waited for: nobody is shown the code that it gives up.
    let of_next = Sent { tried: Some(2), at: NOW };
    assert!(seen(Some(&known), of_next, NOW).is_none() && seen(Some(&known), of_next, NOW + LOST + 1).is_some());
    known.payment.why = Some(UNDERPAID.into());
    assert_eq!(again(&known), Again::No, "a person sees to the money");
    known.payment.why = None;
    for status in ALL.into_iter().filter(|status| *status != SubscriptionStatus::Paying) {
        known.status = status;
        assert_ne!(again(&known), Again::Otherwise, "{status:?}");
    }
}

#[test]
fn what_is_not_seen_yet_is_waited_for_until_nobody_decides_it_any_more() {
    assert!(said(None, NOW, NOW + LOST).waits);
    let lost = said(None, NOW, NOW + LOST + 1);
    assert!(!lost.waits && lost.begins_anew && lost.text.contains("nada foi cobrado"), "{lost:?}");
    assert_eq!((state(None, NOW, NOW + LOST), word(None)), ("0".to_owned(), "sent"));
    // A page that has waited is told so, and shown anew.
    assert_eq!(state(None, NOW, NOW + LOST + 1), "0-lost");
}

#[test]
fn of_another_try_nothing_is_said_before_it_is_decided() {
    let sent = |tried| Sent { tried, at: NOW };
    for status in [SubscriptionStatus::Refused, SubscriptionStatus::NameTaken, SubscriptionStatus::NameLost] {
        let known = subscription(status);
        let seen = |tried, now| seen(Some(&known), sent(tried), now).is_some();
        assert!(!seen(Some(2), NOW) && !seen(Some(2), NOW + LOST), "{status:?}");
        assert!(seen(None, NOW) && seen(Some(1), NOW), "it is that one: {status:?}");
        assert!(seen(Some(2), NOW + LOST + 1), "it was decided too late: {status:?}");
    }
    // What has gone on is shown, whichever try it was.
    let paid = subscription(SubscriptionStatus::Paid);
    assert!(seen(Some(&paid), sent(Some(2)), NOW).is_some() && seen(None, sent(Some(2)), NOW).is_none());
}
