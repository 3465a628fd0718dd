//! What admin says of the shop.

use feira_contexts::{Decider, signup::Signup};
use feira_schemas::{
    ids::SubscriptionId,
    records::{
        AdminEvent, PaymentsCommand,
        admin::TenantStatus,
        common::CommandMeta,
        mails::{MailOutcome, ReportMail},
        payments::{
            PaymentMethod::{Card, Pix},
            SubscriptionStatus as RemoteStatus,
        },
        signup::{Subscribe, SubscriptionStatus},
    },
    time::DAY,
};
use uuid::Uuid;

use crate::{
    given::{NOW, Then, asked, nothing},
    sample::Told,
    shop::{
        active, answer, expired, mails_of, naming, now_of, paid, paying, refused, released, remote, shop, shop_in,
        status_of, subscribe, timer, to_payments,
    },
};

#[test]
fn a_shop_that_is_there_ends_the_asking() {
    for status in [TenantStatus::Active, TenantStatus::Suspended] {
        let first = paid(Pix);
        let due = timer(&first, "provision");
        let then = first.then().when_said(shop(status, "cafe"));
        let now = now_of(&then);
        assert_eq!((now.status, now.asked), (SubscriptionStatus::Active, None));
        assert_eq!((then.ended(), then.commands().len()), (vec![due.timer_key()], 0));
        let again = then.then().when_said(shop(status, "cafe"));
        again.nothing();
        assert_eq!(again.then().when_due(&due).all().len(), 1, "a timer of before only ends");
    }
}

#[test]
fn s44_a_shop_that_is_closed_for_good_ends_its_subscription_and_the_card_that_renews_it() {
    let open = paid(Card).then().when_said(shop(TenantStatus::Active, "cafe"));
    let paid_by = now_of(&open).payment.remote_id;
    let closed = open.then().when_said(shop_in(2, TenantStatus::Closed, "cafe"));
    let asked = to_payments(&closed);
    let [PaymentsCommand::EndSubscription(end)] = asked[..] else { panic!("{closed:?}") };
    assert_eq!((status_of(&closed), Some(end.subscription_id)), (SubscriptionStatus::Ended, paid_by));
    assert_eq!(now_of(&closed).ending.len(), 1);
    let again = closed.then().when_said(shop_in(2, TenantStatus::Closed, "cafe"));
    again.nothing();
    // Payments has not ended it yet, and then has.
    let going = again.then().when_told(remote(&paying(Card), RemoteStatus::Active));
    going.nothing();
    let ended = going.then().when_told(remote(&paying(Card), RemoteStatus::Ended));
    assert_eq!((status_of(&ended), now_of(&ended).ending.len()), (SubscriptionStatus::Ended, 0));
    // Should it go on for all that, it is ended once more.
    let late = ended.then().when_told(remote(&paying(Card), RemoteStatus::Active));
    assert_eq!(to_payments(&late).len(), 1);
    for first in [paid(Pix), active()] {
        let closed = first.then().when_said(shop_in(2, TenantStatus::Closed, "cafe"));
        assert_eq!((status_of(&closed), closed.commands().len()), (SubscriptionStatus::Ended, 0));
    }
}

#[test]
fn a_shop_whose_name_went_to_another_asks_for_another_name() {
    for first in [paid(Pix), active()] {
        let then = first.then().when_said(shop(TenantStatus::Refused, "cafe"));
        let now = now_of(&then);
        assert_eq!((now.status, now.held_until, now.asked), (SubscriptionStatus::NameLost, 0, None));
        assert_eq!(mails_of(&then).len(), 1);
        then.then().when_said(shop(TenantStatus::Refused, "cafe")).nothing();
    }
    // The refusal of another name is one of before.
    paid(Pix).then().when_said(shop(TenantStatus::Refused, "antes")).nothing();
}

/// Admin has refused the name, and another was asked for.
fn lost_and_renamed() -> Then<Signup> {
    let lost = paid(Pix).then().when_said(shop_in(2, TenantStatus::Refused, "cafe"));
    lost.then().when(Subscribe { subdomain: "cha".into(), ..subscribe(Pix, 2) })
}

#[test]
fn a_shop_of_the_name_that_was_lost_does_not_open_the_next() {
    for status in [TenantStatus::Active, TenantStatus::Suspended] {
        // It was said before the refusal, and is told once more.
        lost_and_renamed().then().when_said(shop_in(1, status, "cafe")).nothing();
        let paid = lost_and_renamed().then().when(answer("cha", true, NOW));
        assert_eq!(status_of(&paid), SubscriptionStatus::Paid);
        paid.then().when_said(shop_in(1, status, "cafe")).nothing();
    }
}

/// A time at which the first administrator is asked for anew, since admin was away.
const LATER: i64 = NOW + 9 * DAY;

/// Admin was away until the first administrator was asked for anew, by which the shop got another name.
fn renamed() -> Then<Signup> {
    let first = paid(Pix);
    let due = timer(&first, "provision");
    let lost = first.then().at(LATER).when_due(&due);
    assert_eq!(status_of(&lost), SubscriptionStatus::NameLost);
    let meta = CommandMeta { issued_at: LATER, ..asked() };
    lost.then().when(Subscribe { meta, subdomain: "cha".into(), ..subscribe(Pix, 2) })
}

/// The same, and the other name is held.
fn renamed_and_held() -> Then<Signup> {
    renamed().then().when(answer("cha", true, LATER))
}

#[test]
fn s33_a_shop_that_admin_has_opened_by_the_name_of_before_keeps_that_name() {
    for (first, what) in [(renamed(), "claim_another_name"), (renamed_and_held(), "provision")] {
        let due = timer(&first, what);
        // Admin is back, and reads first what was said first.
        let then = first.then().when_said(shop(TenantStatus::Active, "cafe"));
        let now = now_of(&then);
        assert_eq!((now.status, now.subdomain.as_str()), (SubscriptionStatus::Active, "cafe"), "{what}");
        assert_eq!((now.asked, now.held_until, now.shop_version), (None, 0, 1));
        assert_eq!((then.ended(), then.commands().len()), (vec![due.timer_key()], 0), "it is asked for no more");
        then.then().when_said(shop(TenantStatus::Active, "cafe")).nothing();
    }
    // The name that the directory has not answered on is let go by the answer.
    let open = renamed().then().when_said(shop(TenantStatus::Active, "cafe"));
    assert_eq!(released(&open.then().when(answer("cha", true, LATER))), ["cha"]);
}

#[test]
fn a_shop_whose_name_of_before_goes_to_another_is_open_by_the_next_where_admin_has_opened_it_so() {
    let first = renamed_and_held().then().when_said(shop(TenantStatus::Active, "cafe"));
    let lost = first.then().when_said(shop_in(2, TenantStatus::Refused, "cafe"));
    assert_eq!((status_of(&lost), mails_of(&lost).len()), (SubscriptionStatus::NameLost, 1));
    let open = lost.then().when_said(shop_in(3, TenantStatus::Active, "cha"));
    let now = now_of(&open);
    assert_eq!((now.status, now.subdomain.as_str()), (SubscriptionStatus::Active, "cha"));
    // What was said of the first name comes once more.
    open.then().when_said(shop_in(1, TenantStatus::Active, "cafe")).nothing();
}

#[test]
fn a_shop_that_no_paid_subscription_waits_for_changes_nothing() {
    for then in [naming(Pix), paying(Pix), refused(Pix), expired(Pix)] {
        then.then().when_said(shop(TenantStatus::Active, "cafe")).nothing();
    }
    nothing::<Signup>().when_said(shop(TenantStatus::Active, "cafe")).nothing();
    paid(Pix).then().when_said(shop(TenantStatus::Requested, "cafe")).nothing();
    for subscription_id in [None, Some(SubscriptionId::from_uuid(Uuid::from_u128(9)))] {
        let AdminEvent::TenantChanged(mut changed) = shop(TenantStatus::Active, "cafe") else { unreachable!() };
        changed.tenant.subscription_id = subscription_id;
        paid(Pix).then().when_said(AdminEvent::from(changed)).nothing();
    }
}

#[test]
fn a_mail_is_open_until_it_is_reported() {
    let lost = paid(Pix).then().when_said(shop(TenantStatus::Refused, "cafe"));
    let mail = mails_of(&lost).remove(0);
    let open = lost.all().iter().flat_map(|event| Signup::of_partition(event, 3));
    assert_eq!(open.filter(|write| write.table().name == "open_mail").count(), 1);
    let report = || ReportMail { meta: asked(), mail_id: mail.mail_id, outcome: MailOutcome::Sent, why: None };
    let done = lost.then().when(report());
    assert_eq!((done.entity().as_deref(), done.all().len()), (Some("mail"), 1));
    assert_eq!(done.changes().len(), 1);
    done.then().when(report()).unchanged();
}
