//! Mails with a link to the staff of shops: under the shop's name, to the shop's address.

use feira_contexts::admin::Admin;
use feira_schemas::{
    ids::EffectId,
    problem::Code,
    records::{
        admin::{AskStaffLink, TenantStatus},
        mails::{Mail, MailTemplate},
    },
    rows::admin::StaffMailRow,
    staff::{FORGOTTEN_FOR, INVITED_FOR},
    time::MINUTE,
};
use uuid::Uuid;

use crate::{
    given::{NOW, SHOP, asked, given},
    sample::{settings, settings_row, shop, tenant_row},
    staff::{administrator, ask_link, disabled, id, invite, invited, second_mail},
};

fn facts(mail: &Mail) -> Vec<(&str, &str)> {
    mail.facts.iter().map(|fact| (fact.name.as_str(), fact.value.as_str())).collect()
}

/// A member of the shop's asks for a link.
fn forgot() -> AskStaffLink {
    AskStaffLink { meta: asked(), ..ask_link(1) }
}

#[test]
fn f24_who_is_invited_to_a_shop_gets_a_mail_of_the_shops() {
    let then = shop().and(settings_row(settings())).when(invite(asked(), 1));
    let mail = second_mail(&then);
    assert_eq!((mail.template, mail.shop_name.as_str()), (MailTemplate::StaffInvited, "Loja"));
    let until = (NOW + INVITED_FOR).to_string();
    assert_eq!(facts(&mail), [("link_version", "0"), ("until", until.as_str()), ("subdomain", "loja")]);
    assert_eq!(mail.not_after, NOW + INVITED_FOR / 2);
}

#[test]
fn f24_who_is_of_a_shop_and_has_forgotten_its_password_gets_a_mail_whatever_the_shops_state() {
    for status in [TenantStatus::Active, TenantStatus::Suspended] {
        let before = given::<Admin>(tenant_row(status)).and(settings_row(settings()));
        let then = before.with_staff(SHOP, &administrator(1)).when(forgot());
        let mail = second_mail(&then);
        assert_eq!((mail.template, mail.shop_name.as_str()), (MailTemplate::StaffPassword, "Loja"));
        let until = (NOW + FORGOTTEN_FOR).to_string();
        assert_eq!(facts(&mail), [("link_version", "1"), ("until", until.as_str()), ("subdomain", "loja")]);
    }
}

#[test]
fn a_mail_of_a_shop_without_settings_is_of_the_platforms_name() {
    let then = shop().with_staff(SHOP, &administrator(1)).when(forgot());
    assert_eq!(second_mail(&then).shop_name, "Feira");
}

#[test]
fn who_is_of_a_shop_gets_three_links_an_hour_and_none_that_is_disabled() {
    shop().with_staff(SHOP, &disabled(invited(1))).when(forgot()).refused(Code::StaffDisabled);
    let full = (1..=3).fold(shop().with_staff(SHOP, &administrator(1)), |given, mail| {
        let mail_id = EffectId::from_uuid(Uuid::from_u128(mail));
        given.and(StaffMailRow { tenant_id: SHOP, staff_id: id(1), wanted_at: NOW - MINUTE, mail_id })
    });
    full.when(forgot()).refused(Code::LimitReached);
}
