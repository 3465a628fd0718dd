//! What admin says of the shop.

use feira_contexts::{Decider, signup::Signup};
use feira_schemas::{
    ids::SubscriptionId,
    records::{
        AdminEvent,
        admin::TenantStatus,
        mails::{MailOutcome, ReportMail},
        payments::PaymentMethod::Pix,
        signup::SubscriptionStatus,
    },
};
use uuid::Uuid;

use crate::{
    given::{asked, nothing},
    shop::{active, expired, mails_of, naming, now_of, paid, paying, refused, shop, timer},
};

#[test]
fn a_shop_that_is_there_ends_the_asking() {
    for status in [TenantStatus::Active, TenantStatus::Suspended, TenantStatus::Closed] {
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

#[test]
fn a_shop_of_the_name_that_was_lost_does_not_open_the_next() {
    for status in [TenantStatus::Active, TenantStatus::Suspended] {
        paid(Pix).then().when_said(shop(status, "antes")).nothing();
    }
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
