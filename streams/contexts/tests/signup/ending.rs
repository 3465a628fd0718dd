//! The end of what nobody pays.

use feira_contexts::signup::Signup;
use feira_schemas::{
    records::{
        PaymentsCommand,
        payments::{
            ChargeStatus,
            PaymentMethod::{Boleto, Card, Pix},
            SubscriptionStatus as RemoteStatus,
        },
        signup::{GivingBackStatus, InvoiceStatus, PaymentStatus, SubscriptionStatus},
    },
    rows::common::Timer,
    signup_days,
    time::MINUTE,
};

use crate::{
    given::{NOW, nothing},
    sample::Told,
    shop::{
        DUE, active, asked_card, charge, claims, expired, invoice_of, late, naming, now_of, paid, paying, refused,
        released, remote, status_of, subscribe, timer, to_payments, with_code,
    },
};

#[test]
fn what_nobody_pays_ends_and_its_name_is_let_go() {
    for (method, at) in [(Pix, NOW + 30 * MINUTE), (Boleto, signup_days::boleto_due(DUE).unwrap().hold_ends)] {
        let first = paying(method);
        let (code, ends) = (with_code(&first), timer(&first, "ends"));
        assert_eq!(ends.due, at);
        // It is cancelled first, and who has just paid it is waited for.
        let late = first.then().when_told(code).then().when_due(&ends);
        let [PaymentsCommand::CancelCharge(cancel)] = to_payments(&late)[..] else { panic!("{late:?}") };
        assert_eq!((Some(cancel.charge_id), now_of(&late).late_since), (now_of(&late).payment.charge_id, Some(at)));
        assert_eq!((status_of(&late), invoice_of(&late)), (SubscriptionStatus::Paying, None));
        assert_eq!((late.ended(), claims(&late)), (vec![ends.timer_key()], vec![("cafe".to_owned(), 20 * MINUTE)]));
        let more = timer(&late, "ends");
        assert_eq!((more.what.as_str(), more.due), ("ends", at + 10 * MINUTE));
        let then = late.then().when_due(&more);
        let now = now_of(&then);
        // What became of it payments has not said.
        assert_eq!((now.status, now.payment.status), (SubscriptionStatus::Expired, PaymentStatus::Pending));
        assert_eq!((now.held_until, &now.ends, &now.asked, now.late_since), (0, &None, &None, None));
        assert_eq!(released(&then), ["cafe"]);
        assert_eq!(now.cancelling.len(), 1, "it is asked again by its own timer");
        assert_eq!(invoice_of(&then).unwrap().status, InvoiceStatus::Void);
        assert_eq!((then.ended(), to_payments(&then).len()), (vec![more.timer_key()], 0));
        then.then().when_due(&ends).ends_alone(&ends);
    }
}

#[test]
fn a_card_of_which_nothing_is_known_is_given_up() {
    let first = paying(Card);
    let (card, pay, ends) = (asked_card(&first), timer(&first, "pay"), timer(&first, "ends"));
    let late = first.then().when_due(&ends);
    let [PaymentsCommand::EndSubscription(end)] = to_payments(&late)[..] else { panic!("{late:?}") };
    assert_eq!((end.subscription_id, status_of(&late)), (card.subscription_id, SubscriptionStatus::Paying));
    assert!(late.ended().contains(&pay.timer_key()), "nothing is asked any more");
    let more = timer(&late, "ends");
    assert_eq!(more.due, ends.due + 60 * MINUTE);
    let then = late.then().when_due(&more);
    let now = now_of(&then);
    assert_eq!((now.status, now.payment.status), (SubscriptionStatus::Expired, PaymentStatus::Asked));
    assert_eq!((now.ending.len(), to_payments(&then).len()), (1, 0), "it is asked again by its own timer");
}

#[test]
fn what_payments_says_after_its_time_ends_it_or_is_money() {
    for status in [RemoteStatus::Failed, RemoteStatus::Expired, RemoteStatus::Ended, RemoteStatus::Cancelled] {
        let said = remote(&paying(Card), status);
        let then = late(Card).then().when_told(said);
        assert_eq!((status_of(&then), released(&then).len()), (SubscriptionStatus::Expired, 1), "{status:?}");
    }
    for method in [Pix, Boleto] {
        let gone = charge(&paying(method), ChargeStatus::Cancelled);
        let now = now_of(&late(method).then().when_told(gone.clone()));
        assert_eq!((now.status, now.payment.status), (SubscriptionStatus::Expired, PaymentStatus::Expired));
        // Also after the end it is known then that nothing was paid.
        let now = now_of(&expired(method).then().when_told(gone));
        assert_eq!((now.status, now.payment.status), (SubscriptionStatus::Expired, PaymentStatus::Expired));
    }
    for method in [Card, Pix, Boleto] {
        let money = charge(&paying(method), ChargeStatus::Paid);
        let then = late(method).then().when_told(money);
        assert_eq!((status_of(&then), now_of(&then).late_since), (SubscriptionStatus::Securing, None));
        assert!(now_of(&then).ending.is_empty(), "what has paid goes on");
    }
}

#[test]
fn what_is_paid_in_part_is_left_to_a_person_and_all_of_it_is_money() {
    let first = paying(Pix);
    let (part, ends) = (charge(&first, ChargeStatus::Underpaid), timer(&first, "ends"));
    let waits = first.then().when_told(part.clone());
    assert_eq!(now_of(&waits).payment.why.as_deref(), Some("underpaid"));
    let then = waits.then().when_due(&ends);
    let now = now_of(&then);
    assert_eq!((now.status, to_payments(&then).len()), (SubscriptionStatus::Expired, 0), "money is not cancelled");
    let [left] = now.giving_back.as_slice() else { panic!("{now:?}") };
    assert_eq!((left.charge_id, left.status, &left.asked), (part.charge.charge_id, GivingBackStatus::ByHand, &None));
    assert_eq!(left.why.as_deref(), Some("underpaid"));
    let whole = charge(&paying(Pix), ChargeStatus::Paid);
    let then = then.then().when_told(whole);
    assert_eq!((status_of(&then), now_of(&then).giving_back.len()), (SubscriptionStatus::Securing, 0));
}

#[test]
fn a_refused_one_ends_with_its_hold_and_keeps_the_reason() {
    let ends = timer(&paying(Card), "ends");
    let then = refused(Card).then().when_due(&ends);
    let now = now_of(&then);
    assert_eq!((now.status, now.payment.status), (SubscriptionStatus::Expired, PaymentStatus::Refused));
    assert_eq!((now.payment.why.as_deref(), released(&then).len()), (Some("declined"), 1));
    assert_eq!((invoice_of(&then), to_payments(&then).len()), (None, 0), "both were given up before");
}

#[test]
fn a_code_that_was_cancelled_ends_it_and_a_card_is_refused() {
    let first = paying(Pix);
    let (gone, ends) = (charge(&first, ChargeStatus::Cancelled), timer(&first, "ends"));
    let then = first.then().when_told(gone);
    assert_eq!((status_of(&then), released(&then).len()), (SubscriptionStatus::Expired, 1));
    assert!(then.ended().contains(&ends.timer_key()));
    let first = paying(Card);
    let gone = charge(&first, ChargeStatus::Cancelled);
    let now = now_of(&first.then().when_told(gone));
    assert_eq!((now.status, now.payment.why.as_deref()), (SubscriptionStatus::Refused, Some("cancelled")));
}

#[test]
fn a_timer_of_what_has_moved_on_only_ends() {
    let ends = timer(&paying(Pix), "ends");
    for then in [naming(Pix), paid(Pix), active(), refused(Pix).then().when(subscribe(Pix, 2)), expired(Pix)] {
        then.then().when_due(&ends).ends_alone(&ends);
    }
    nothing::<Signup>().when_due(&ends).ends_alone(&ends);
    let unread = Timer { entity: "subscription:x".into(), ..ends };
    nothing::<Signup>().when_due(&unread).ends_alone(&unread);
}

trait EndsAlone {
    /// The timer ends, and nothing else follows.
    fn ends_alone(&self, timer: &Timer);
}

impl EndsAlone for crate::given::Then<Signup> {
    #[track_caller]
    fn ends_alone(&self, timer: &Timer) {
        assert!(self.commands().is_empty(), "{self:?}");
        assert_eq!((self.all().len(), self.ended()), (1, vec![timer.timer_key()]));
    }
}
