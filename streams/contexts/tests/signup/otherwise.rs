//! Another way to pay while a code waits: the code is given up, and what it brings for all that is money once.

use feira_contexts::signup::Signup;
use feira_schemas::{
    ids::{ChargeId, Micros},
    problem::Code,
    records::{
        PaymentsCommand,
        common::{CommandMeta, Outcome},
        payments::{
            ChargeChanged, ChargeStatus,
            PaymentMethod::{self, Boleto, Card, Pix},
            RequestRefund,
        },
        signup::{GivingBackStatus, InvoiceStatus, PaymentStatus, Subscribe, SubscriptionStatus},
    },
    time::{DAY, HOUR, MINUTE},
};

use crate::{
    given::{NOW, Then},
    paying::refusal,
    sample::Told,
    shop::{
        answer, asked_card, asked_charge, charge, claims, invoice_of, now_of, paying, released, status_of, subscribe,
        timer, to_payments, waiting, with_code,
    },
};

/// Another way to pay was chosen while a code waited, and the directory is asked to hold the name on.
fn chosen(before: PaymentMethod, next: PaymentMethod) -> Then<Signup> {
    waiting(before).then().when(subscribe(next, 2))
}

/// The same, and payments is asked for the next try.
fn next_try(before: PaymentMethod, next: PaymentMethod) -> Then<Signup> {
    chosen(before, next).then().when(answer("cafe", true, NOW))
}

/// Payments says of the first try's code that it is this now.
fn code(method: PaymentMethod, status: ChargeStatus) -> ChargeChanged {
    charge(&paying(method), status)
}

#[track_caller]
fn cancelled(then: &Then<Signup>) -> ChargeId {
    let [PaymentsCommand::CancelCharge(command)] = to_payments(then)[..] else { panic!("{then:?}") };
    command.charge_id
}

#[track_caller]
fn asked_refund(then: &Then<Signup>) -> RequestRefund {
    let [PaymentsCommand::RequestRefund(command)] = to_payments(then)[..] else { panic!("{then:?}") };
    command.clone()
}

/// It is paid by the first try's code, and its invoice with it.
#[track_caller]
fn is_paid_by(then: &Then<Signup>, code: &ChargeChanged) {
    let (now, invoice) = (now_of(then), invoice_of(then).unwrap());
    let paid = Some(code.charge.charge_id);
    assert_eq!((now.status, now.payment.status), (SubscriptionStatus::Paid, PaymentStatus::Paid));
    assert_eq!((now.payment.charge_id, now.payment.remote_id, invoice.charge_id), (paid, None, paid));
    assert_eq!((invoice.status, now.ends), (InvoiceStatus::Paid, None));
}

#[test]
fn s08_a_code_that_waits_is_given_up_for_another_way_to_pay() {
    for (before, next) in [(Pix, Card), (Pix, Boleto), (Pix, Pix), (Boleto, Card), (Boleto, Pix), (Boleto, Boleto)] {
        let first = waiting(before);
        let (old, ends) = (now_of(&first).payment.charge_id.unwrap(), now_of(&first).ends.unwrap());
        let then = first.then().when(subscribe(next, 2));
        let now = now_of(&then);
        assert_eq!((now.status, now.payment.attempt, now.payment.method), (SubscriptionStatus::Naming, 2, next));
        assert_eq!((now.payment.status, &now.payment.pix, &now.ends), (PaymentStatus::Waiting, &None, &None));
        assert_eq!((cancelled(&then), then.ended().contains(&ends)), (old, true));
        let [cancelling] = now.cancelling.as_slice() else { panic!("{now:?}") };
        assert_eq!((cancelling.charge_id, cancelling.asked.timer), (old, timer(&then, "cancel").timer_key()));
        assert_eq!(invoice_of(&then).unwrap().status, InvoiceStatus::Void);
        let names: Vec<String> = claims(&then).into_iter().map(|(name, _)| name).collect();
        assert_eq!((names, released(&then)), (vec!["cafe".to_owned()], vec![]), "the name is held on");

        let asked = then.then().when(answer("cafe", true, NOW));
        match next {
            Card => assert_eq!(Some(asked_card(&asked).subscription_id), now_of(&asked).payment.remote_id),
            _ => assert_ne!(asked_charge(&asked).charge_id, old, "it is another code"),
        }
        assert_eq!((status_of(&asked), now_of(&asked).tries.len()), (SubscriptionStatus::Paying, 2));
        assert_eq!(invoice_of(&asked).unwrap().status, InvoiceStatus::Open);
    }
}

#[test]
fn s08_another_way_is_chosen_once_and_by_its_visitor_while_the_code_has_brought_nothing() {
    let other = Subscribe { visitor: "visitor-2".into(), ..subscribe(Card, 2) };
    waiting(Pix).then().when(other).refused(Code::NotFound);
    // The form of the first try, or of one that nobody means.
    for attempt in [1, 3] {
        waiting(Pix).then().when(Subscribe { attempt, ..subscribe(Card, 2) }).unchanged();
    }
    // It was sent twice.
    for then in [chosen(Pix, Card), next_try(Pix, Card), next_try(Pix, Boleto)] {
        then.then().when(subscribe(Pix, 2)).unchanged();
    }
    let again = {
        let second = next_try(Pix, Pix);
        let code = with_code(&second);
        second.then().when_told(code)
    };
    again.then().when(subscribe(Pix, 2)).unchanged();
    // A person sees to less money than was asked for.
    waiting(Pix).then().when_told(code(Pix, ChargeStatus::Underpaid)).then().when(subscribe(Card, 2)).unchanged();
    // What is refused leaves the code as it is.
    let late = Subscribe { not_after: NOW, ..subscribe(Card, 2) };
    waiting(Pix).then().when(late).refused(Code::TooLate);
    let mut then = waiting(Pix);
    for attempt in 2..=5 {
        let next = then.then().when(subscribe(Pix, attempt)).then().when(answer("cafe", true, NOW));
        let code = with_code(&next);
        then = next.then().when_told(code);
    }
    then.then().when(subscribe(Card, 6)).refused(Code::LimitReached);
}

#[test]
fn s17_a_given_up_code_that_is_paid_before_the_next_try_is_asked_for_pays() {
    for (before, next) in [(Pix, Card), (Pix, Boleto), (Boleto, Pix)] {
        let money = code(before, ChargeStatus::Paid);
        let then = chosen(before, next).then().when_told(money.clone());
        is_paid_by(&then, &money);
        assert!(then.commands().is_empty() && now_of(&then).cancelling.is_empty(), "{then:?}");
        // Nobody is charged once the directory answers.
        then.then().when(answer("cafe", true, NOW)).unchanged();
    }
}

#[test]
fn s17_a_given_up_code_that_is_paid_before_the_next_try_is_pays_and_the_other_is_given_up() {
    let money = code(Pix, ChargeStatus::Paid);
    let by_card = next_try(Pix, Card);
    let (card, second) = (asked_card(&by_card), charge(&by_card, ChargeStatus::Paid));
    let then = by_card.then().when_told(money.clone());
    is_paid_by(&then, &money);
    let [PaymentsCommand::EndSubscription(end)] = to_payments(&then)[..] else { panic!("{then:?}") };
    assert_eq!(end.subscription_id, card.subscription_id);
    // Both are paid: one is kept.
    let both = then.then().when_told(second.clone());
    assert_eq!((asked_refund(&both).charge_id, status_of(&both)), (second.charge.charge_id, SubscriptionStatus::Paid));

    let by_boleto = next_try(Pix, Boleto);
    let (asked, second) = (asked_charge(&by_boleto), charge(&by_boleto, ChargeStatus::Paid));
    let then = by_boleto.then().when_told(money.clone());
    is_paid_by(&then, &money);
    assert_eq!(cancelled(&then), asked.charge_id);
    let left: Vec<ChargeId> = now_of(&then).cancelling.iter().map(|cancelling| cancelling.charge_id).collect();
    assert_eq!(left, [asked.charge_id], "what has paid is cancelled no more");
    assert_eq!(asked_refund(&then.then().when_told(second)).charge_id, asked.charge_id);
}

#[test]
fn s08_s17_a_given_up_code_that_is_paid_after_the_next_try_is_given_back() {
    for (before, next) in [(Pix, Card), (Pix, Pix), (Boleto, Card), (Boleto, Pix)] {
        let second = next_try(before, next);
        let paid = charge(&second, ChargeStatus::Paid);
        let won = second.then().when_told(paid.clone());
        assert_eq!(
            (status_of(&won), now_of(&won).payment.charge_id),
            (SubscriptionStatus::Paid, Some(paid.charge.charge_id))
        );
        assert!(to_payments(&won).is_empty(), "the code is being cancelled already");
        let money = code(before, ChargeStatus::Paid);
        let then = won.then().when_told(money.clone());
        let (command, now) = (asked_refund(&then), now_of(&then));
        assert_eq!((command.charge_id, now.cancelling.len()), (money.charge.charge_id, 0));
        assert_eq!((now.status, now.payment.method), (SubscriptionStatus::Paid, next), "it stays paid by the other");
        then.then().when_told(money).nothing();
    }
    // Payments has no bank account of who has paid a boleto: operators see it.
    let second = next_try(Boleto, Card);
    let paid = charge(&second, ChargeStatus::Paid);
    let then = second.then().when_told(paid).then().when_told(code(Boleto, ChargeStatus::Paid));
    let said = refusal(asked_refund(&then).meta.command_id, Outcome::Refused, Code::Invalid);
    assert_eq!(now_of(&then.then().when_told(said)).giving_back[0].status, GivingBackStatus::ByHand);
}

#[test]
fn s12_a_card_that_is_refused_in_the_place_of_a_code_leaves_the_form_for_any_way() {
    let refused = || {
        let by_card = next_try(Pix, Card);
        let declined = charge(&by_card, ChargeStatus::Failed);
        by_card.then().when_told(declined)
    };
    let then = refused();
    let now = now_of(&then);
    assert_eq!((now.status, now.cancelling.len()), (SubscriptionStatus::Refused, 1), "the code stays given up");
    for next in [Card, Pix, Boleto] {
        let third = refused().then().when(subscribe(next, 3));
        assert_eq!((status_of(&third), to_payments(&third).len()), (SubscriptionStatus::Naming, 0));
    }
    // Somebody has paid the code for all that, and nothing else has paid.
    let money = code(Pix, ChargeStatus::Paid);
    is_paid_by(&refused().then().when_told(money.clone()), &money);
}

/// A boleto of a try that is sent at this time, and due on this day.
fn boleto_of(attempt: i32, due: &str, at: Micros) -> Subscribe {
    let form = subscribe(Boleto, attempt);
    let meta = CommandMeta { issued_at: at, ..form.meta.clone() };
    Subscribe { meta, due: Some(due.into()), ..form }
}

#[test]
fn s08_another_way_to_pay_holds_a_name_for_no_longer_than_the_first_boleto_could() {
    let furthest = now_of(&waiting(Boleto)).created_at + 9 * DAY - HOUR;
    // Six days later; its own hold would end on the 28th.
    let at = NOW + 6 * DAY;
    let second = chosen_at(at, "2023-11-22").then().at(at).when(answer("cafe", true, at));
    assert_eq!((status_of(&second), now_of(&second).held_until), (SubscriptionStatus::Paying, furthest));
    assert_eq!(claims(&chosen_at(at, "2023-11-22")), [("cafe".to_owned(), furthest - at)]);
    // A boleto that is due later would wait for a name that nobody holds; a Pix has its minutes.
    let late = NOW + 8 * DAY;
    waiting(Boleto).then().at(late).when(boleto_of(2, "2023-11-24", late)).refused(Code::LimitReached);
    let form = subscribe(Pix, 2);
    let by_pix = Subscribe { meta: CommandMeta { issued_at: late, ..form.meta.clone() }, ..form };
    let pix = waiting(Boleto).then().at(late).when(by_pix).then().at(late).when(answer("cafe", true, late));
    assert_eq!(now_of(&pix).held_until, late + 30 * MINUTE);
}

/// A boleto in the place of another, which is sent at this time and due on this day.
fn chosen_at(at: Micros, due: &str) -> Then<Signup> {
    waiting(Boleto).then().at(at).when(boleto_of(2, due, at))
}

#[test]
fn a_name_that_is_another_by_the_same_form_lets_the_first_go() {
    let form = Subscribe { subdomain: "cha".into(), ..subscribe(Card, 2) };
    let then = waiting(Pix).then().when(form);
    assert_eq!((released(&then), claims(&then)[0].0.as_str()), (vec!["cafe".to_owned()], "cha"));
    let taken = then.then().when(answer("cha", false, NOW));
    assert_eq!((status_of(&taken), to_payments(&taken).len()), (SubscriptionStatus::NameTaken, 0));
    // Money of the code is money, and another name is asked for.
    let paid = taken.then().when_told(code(Pix, ChargeStatus::Paid));
    assert_eq!(status_of(&paid), SubscriptionStatus::Securing);
}

#[test]
fn a_code_that_is_given_up_is_cancelled_until_it_is_known_to_be_over() {
    let first = chosen(Pix, Card);
    let (due, old) = (timer(&first, "cancel"), cancelled(&first));
    assert_eq!(due.due - now_of(&first).changed_at, MINUTE);
    let again = first.then().when_due(&due);
    assert_eq!((cancelled(&again), again.ended()), (old, vec![due.timer_key()]));
    let next = again.timer();
    assert_eq!((next.due - due.due, now_of(&again).cancelling.len()), (10 * MINUTE, 1));
    // Payments has taken it, and the gateway may yet refuse.
    let mut wanted = with_code(&paying(Pix));
    wanted.charge.cancel_wanted = true;
    let wanted = again.then().when_told(wanted);
    wanted.nothing();
    let over = wanted.then().when_told(code(Pix, ChargeStatus::Cancelled));
    assert_eq!((now_of(&over).cancelling.len(), over.ended()), (0, vec![next.timer_key()]));
    assert_eq!(status_of(&over), SubscriptionStatus::Naming, "the next try goes on");
    assert!(over.then().when_due(&next).commands().is_empty());
    for status in [ChargeStatus::Failed, ChargeStatus::Expired, ChargeStatus::Refunded] {
        assert!(now_of(&chosen(Pix, Card).then().when_told(code(Pix, status))).cancelling.is_empty(), "{status:?}");
    }
}

#[test]
fn what_payments_has_nothing_to_cancel_of_is_asked_for_no_more() {
    let command = now_of(&chosen(Pix, Card)).cancelling[0].command_id;
    for code in [Code::NotFound, Code::PaymentState] {
        let refused = refusal(command, Outcome::Refused, code);
        assert!(now_of(&chosen(Pix, Card).then().when_told(refused)).cancelling.is_empty());
    }
    let mut said = refusal(command, Outcome::Unchanged, Code::NotFound);
    said.body = Some(r#"{"status":"CANCELLED"}"#.into());
    assert!(now_of(&chosen(Pix, Card).then().when_told(said.clone())).cancelling.is_empty());
    for body in [Some(r#"{"status":"PENDING"}"#.into()), None] {
        said.body = body;
        chosen(Pix, Card).then().when_told(said.clone()).nothing();
    }
}

#[test]
fn a_code_that_can_not_be_cancelled_is_left_in_the_end() {
    let mut then = chosen(Boleto, Card);
    for times in 2..=12 {
        let due = timer(&then, "cancel");
        then = then.then().when_due(&due);
        assert_eq!((now_of(&then).cancelling[0].asked.times, to_payments(&then).len()), (times, 1));
    }
    let last = timer(&then, "cancel");
    let left = then.then().when_due(&last);
    assert!(left.commands().is_empty() && now_of(&left).cancelling.is_empty(), "{left:?}");
    assert_eq!(left.ended(), [last.timer_key()]);
}
