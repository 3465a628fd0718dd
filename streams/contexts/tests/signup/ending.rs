//! The end of what nobody pays.

use feira_contexts::signup::Signup;
use feira_schemas::{
    records::{
        PaymentsCommand,
        payments::{
            ChargeStatus,
            PaymentMethod::{Boleto, Card, Pix},
        },
        signup::{InvoiceStatus, PaymentStatus, SubscriptionStatus},
    },
    rows::common::Timer,
    signup_days,
    time::MINUTE,
};

use crate::{
    given::{NOW, nothing},
    sample::Told,
    shop::{
        DUE, active, asked_card, charge, expired, invoice_of, naming, now_of, paid, paying, refused, released,
        status_of, subscribe, timer, to_payments, with_code,
    },
};

#[test]
fn what_nobody_pays_ends_and_its_name_is_let_go() {
    for (method, at) in [(Pix, NOW + 30 * MINUTE), (Boleto, signup_days::boleto_due(DUE).unwrap().hold_ends)] {
        let first = paying(method);
        let (code, ends) = (with_code(&first), timer(&first, "ends"));
        assert_eq!(ends.due, at);
        let then = first.then().when_told(code).then().when_due(&ends);
        let now = now_of(&then);
        assert_eq!((now.status, now.payment.status), (SubscriptionStatus::Expired, PaymentStatus::Expired));
        assert_eq!((now.held_until, &now.ends, &now.asked), (0, &None, &None));
        assert_eq!(released(&then), ["cafe"]);
        assert_eq!(invoice_of(&then).unwrap().status, InvoiceStatus::Void);
        // A boleto may be on its way, and the code of a Pix has run out.
        assert_eq!((then.ended(), to_payments(&then).len()), (vec![ends.timer_key()], 0));
        then.then().when_due(&ends).ends_alone(&ends);
    }
}

#[test]
fn a_card_of_which_nothing_is_known_is_given_up() {
    let first = paying(Card);
    let (card, pay, ends) = (asked_card(&first), timer(&first, "pay"), timer(&first, "ends"));
    let then = first.then().when_due(&ends);
    let [PaymentsCommand::EndSubscription(end)] = to_payments(&then)[..] else { panic!("{then:?}") };
    assert_eq!((end.subscription_id, status_of(&then)), (card.subscription_id, SubscriptionStatus::Expired));
    assert!(then.ended().contains(&pay.timer_key()), "nothing is asked any more");
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
