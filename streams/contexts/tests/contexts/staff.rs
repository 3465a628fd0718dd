//! Members of a shop's staff, and the platform's operators.

use feira_contexts::{Decider, admin::Admin};
use feira_schemas::{
    ids::{CommandId, EffectId, KeyId, Micros, StaffId, TenantId},
    limits,
    problem::Code,
    records::{
        AdminEvent,
        admin::{
            AskStaffLink, ChangeStaff, EndStaffSessions, InviteStaff, SetStaffPassword, StaffChanged, StaffMember,
            StaffStatus, TenantStatus,
        },
        common::{CommandMeta, Outcome},
        mails::{Mail, MailDone, MailFact, MailOutcome, MailTemplate, MailWanted, ReportMail},
    },
    row::{RowKey, Stored, Write},
    rows::{
        admin::{MailRow, OpenMailRow, StaffEmailRow, StaffMailRow, StaffRow},
        mails::{OpenMail, WantedMail},
    },
    sealed::{Envelope, NONCE, Personal, Sealed, Subject, SubjectKind},
    staff::{FORGOTTEN_FOR, INVITED_FOR, MAIL_WANTED, role},
    time::{HOUR, MINUTE},
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    given::{Given, NOW, SHOP, Then, asked, asked_by, asked_for_version, given, gone, nothing, put},
    sample::{EARLIER, shop, tenant_row},
};

const PLATFORM: TenantId = TenantId::PLATFORM;

pub const fn id(number: u128) -> StaffId {
    StaffId::from_uuid(Uuid::from_u128(0x5000 + number))
}

/// The term of the address of this member.
pub fn term(number: u128) -> String {
    format!("{number:032x}")
}

/// A sealed value: one of this number is another seal of the same value.
pub fn sealed<T: Personal>(number: u8) -> Sealed<T> {
    let subject = Subject::new(SubjectKind::Staff, id(u128::from(number)).uuid());
    let key = KeyId::from_uuid(Uuid::from_u128(u128::from(number)));
    Sealed::of(Envelope::new(subject, T::FIELD, key, [number; NONCE], vec![number; 40]).unwrap()).unwrap()
}

/// A member that was invited earlier and has chosen a password since.
pub fn administrator(number: u8) -> StaffMember {
    StaffMember {
        staff_id: id(number.into()),
        version: 2,
        email: sealed(number),
        email_term: term(number.into()),
        name: sealed(number),
        password: Some(sealed(number)),
        roles: vec![role::ADMINISTRATOR.to_owned()],
        groups: Vec::new(),
        permissions: Vec::new(),
        status: StaffStatus::Active,
        link_version: 1,
        sessions_not_before: EARLIER,
        created_at: EARLIER,
        changed_at: EARLIER,
    }
}

/// One that has not come yet.
pub fn invited(number: u8) -> StaffMember {
    StaffMember {
        version: 1,
        password: None,
        status: StaffStatus::Invited,
        link_version: 0,
        sessions_not_before: 0,
        ..administrator(number)
    }
}

pub fn disabled(member: StaffMember) -> StaffMember {
    StaffMember { status: StaffStatus::Disabled, ..member }
}

pub fn member(number: u8) -> StaffMember {
    StaffMember { roles: vec![role::MEMBER.to_owned()], ..administrator(number) }
}

impl Given<Admin> {
    /// Adds a member of this tenant's with its rows.
    pub fn with_staff(self, tenant_id: TenantId, staff: &StaffMember) -> Self {
        let email = StaffEmailRow { tenant_id, email_term: staff.email_term.clone(), staff_id: staff.staff_id };
        self.and(StaffRow { tenant_id, staff: staff.clone() }).and(email)
    }
}

pub fn invite(meta: CommandMeta, number: u8) -> InviteStaff {
    InviteStaff {
        meta,
        staff_id: id(number.into()),
        email: sealed(number),
        email_term: term(number.into()),
        name: sealed(number),
        roles: vec![role::ADMINISTRATOR.to_owned()],
        groups: Vec::new(),
        permissions: Vec::new(),
    }
}

fn set_password(number: u8, link_version: i32) -> SetStaffPassword {
    SetStaffPassword { meta: asked(), staff_id: id(number.into()), link_version, password: sealed(9) }
}

pub fn change(number: u8) -> ChangeStaff {
    let (roles, status, name) = (None, None, None);
    ChangeStaff { meta: asked(), staff_id: id(number.into()), roles, status, name, groups: None, permissions: None }
}

pub fn now_in(number: u8, status: StaffStatus) -> ChangeStaff {
    ChangeStaff { status: Some(status), ..change(number) }
}

pub fn now_of(number: u8, roles: &[&str]) -> ChangeStaff {
    ChangeStaff { roles: Some(roles.iter().map(|role| (*role).to_owned()).collect()), ..change(number) }
}

/// A member whose links of before serve nobody.
pub fn spent(member: StaffMember) -> StaffMember {
    StaffMember { link_version: member.link_version + 1, ..member }
}

/// Checks that this member of a shop's, at its next version, came of it, and a mail with a link of this version.
#[track_caller]
fn is_written_to_as(then: &Then<Admin>, staff: StaffMember) {
    let mail = second_mail(then);
    let link = mail.facts.iter().find(|fact| fact.name == "link_version").map(|fact| fact.value.clone());
    assert_eq!((mail.template, link), (MailTemplate::StaffInvited, Some(staff.link_version.to_string())));
    let staff = StaffMember { version: staff.version + 1, changed_at: NOW, ..staff };
    let meta = then.answering(0, staff.staff_id, staff.version, Outcome::Updated);
    assert_eq!(then.all()[0], StaffChanged { meta, staff }.into());
}

/// Checks that this member, at its next version, came of it and is the answer, and nothing else.
#[track_caller]
pub fn is_now(then: &Then<Admin>, tenant_id: TenantId, staff: StaffMember, outcome: Outcome) -> StaffMember {
    let staff = StaffMember { version: staff.version + 1, changed_at: NOW, ..staff };
    let meta = then.answering(0, staff.staff_id, staff.version, outcome);
    then.events([StaffChanged { meta, staff: staff.clone() }.into()]);
    let email = StaffEmailRow { tenant_id, email_term: staff.email_term.clone(), staff_id: staff.staff_id };
    then.rows([put(StaffRow { tenant_id, staff: staff.clone() }), put(email)]);
    staff
}

/// A member as answers show it: sealed, and without its password.
fn shown(staff: &StaffMember) -> Value {
    serde_json::to_value(StaffMember { password: None, ..staff.clone() }).unwrap()
}

#[test]
fn somebody_is_invited_to_an_open_shop() {
    let then = shop().when(invite(asked(), 1));
    let staff = StaffMember { version: 1, created_at: NOW, changed_at: NOW, ..invited(1) };
    let meta = then.answering(0, staff.staff_id, 1, Outcome::Created);
    assert_eq!(then.all()[0], StaffChanged { meta, staff: staff.clone() }.into());
    assert_eq!((then.body(), then.entity().as_deref()), (shown(&staff), Some("staff")));
}

/// The mail with a link that a member of the platform's staff gets now, of which this is the id.
fn link_mail(mail_id: EffectId, member: &StaffMember, template: MailTemplate, lives: Micros) -> Mail {
    let facts = [("link_version", member.link_version.to_string()), ("until", (NOW + lives).to_string())];
    Mail {
        mail_id,
        template,
        recipient: member.email.clone(),
        recipient_name: Some(member.name.clone()),
        reply_to: None,
        shop_name: "Feira".into(),
        facts: facts.map(|(name, value)| MailFact { name: name.into(), value }).into(),
        wanted_at: NOW,
        not_after: NOW + lives / 2,
    }
}

/// The mail that came second.
#[track_caller]
pub fn second_mail(then: &Then<Admin>) -> Mail {
    match then.all() {
        [_, AdminEvent::MailWanted(event)] => event.mail.clone(),
        other => panic!("no mail: {other:?}"),
    }
}

pub fn ask_link(number: u8) -> AskStaffLink {
    AskStaffLink { meta: asked_by(PLATFORM), staff_id: id(number.into()) }
}

/// The row of a mail that a member was to get, so long ago.
fn got(staff: u128, mail: u128, ago: Micros) -> StaffMailRow {
    let mail_id = EffectId::from_uuid(Uuid::from_u128(mail));
    StaffMailRow { tenant_id: PLATFORM, staff_id: id(staff), wanted_at: NOW - ago, mail_id }
}

#[test]
fn somebody_is_invited_to_the_platform_by_a_mail_that_names_its_link_and_has_none() {
    let then = nothing::<Admin>().when(invite(asked_by(PLATFORM), 1));
    let staff = StaffMember { version: 1, created_at: NOW, changed_at: NOW, ..invited(1) };
    let found = second_mail(&then);
    let mail = link_mail(found.mail_id, &staff, MailTemplate::StaffInvited, INVITED_FOR);
    let meta = then.answering(0, staff.staff_id, 1, Outcome::Created);
    let wanted = MailWanted { meta: then.meta(1, mail.mail_id, 1), mail: mail.clone() };
    then.events([StaffChanged { meta, staff: staff.clone() }.into(), wanted.into()]);
    let email = StaffEmailRow { tenant_id: PLATFORM, email_term: term(1), staff_id: staff.staff_id };
    let counted = StaffMailRow { mail_id: mail.mail_id, ..got(1, 0, 0) };
    let kept = MailRow::from(WantedMail { tenant_id: PLATFORM, mail });
    then.rows([put(StaffRow { tenant_id: PLATFORM, staff }), put(email), put(kept), put(counted)]);
}

#[test]
fn who_is_invited_to_the_platform_again_gets_the_mail_again_and_stays_as_it_is() {
    let again = InviteStaff { staff_id: id(2), name: sealed(2), email: sealed(2), ..invite(asked_by(PLATFORM), 1) };
    let before = || nothing::<Admin>().with_staff(PLATFORM, &invited(1));
    let then = before().when(again.clone());
    let mail = second_mail(&then);
    // To the address that the member has, whatever was typed now.
    assert_eq!(mail, link_mail(mail.mail_id, &invited(1), MailTemplate::StaffInvited, INVITED_FOR));
    let AdminEvent::CommandAnswered(answer) = &then.all()[0] else { panic!("{then:?}") };
    let mut expected = shown(&invited(1));
    expected[MAIL_WANTED] = true.into();
    let body: Value = serde_json::from_str(answer.body.as_ref().unwrap()).unwrap();
    assert_eq!((body, answer.entity.as_deref()), (expected, Some("staff")));
    assert!(serde_json::from_str::<StaffMember>(answer.body.as_ref().unwrap()).is_ok());
    // One that has had its share of the hour is as it is, and gets none.
    let full = (1..=3).fold(before(), |given, mail| given.and(got(1, mail, MINUTE)));
    assert_eq!(full.when(again).unchanged(), Some(shown(&invited(1))));
    // Neither does who has come, by the same invitation.
    let come = nothing::<Admin>().with_staff(PLATFORM, &administrator(1)).when(invite(asked_by(PLATFORM), 1));
    assert_eq!(come.unchanged(), Some(shown(&administrator(1))));
}

#[test]
fn a_link_that_is_asked_for_goes_by_mail_and_changes_nothing_of_its_member() {
    for (member, template, lives) in [
        (administrator(1), MailTemplate::StaffPassword, FORGOTTEN_FOR),
        (invited(1), MailTemplate::StaffInvited, INVITED_FOR),
    ] {
        let then = nothing::<Admin>().with_staff(PLATFORM, &member).when(ask_link(1));
        let mail = second_mail(&then);
        assert_eq!(mail, link_mail(mail.mail_id, &member, template, lives));
        let counted = StaffMailRow { mail_id: mail.mail_id, ..got(1, 0, 0) };
        then.rows([put(MailRow::from(WantedMail { tenant_id: PLATFORM, mail })), put(counted)]);
    }
}

#[test]
fn who_is_disabled_or_not_there_is_sent_no_link() {
    for member in [disabled(administrator(1)), disabled(invited(1))] {
        nothing::<Admin>().with_staff(PLATFORM, &member).when(ask_link(1)).refused(Code::StaffDisabled);
    }
    let unknown = StaffMember { status: StaffStatus::Unknown, ..administrator(1) };
    nothing::<Admin>().with_staff(PLATFORM, &unknown).when(ask_link(1)).refused(Code::StaffDisabled);
    nothing::<Admin>().when(ask_link(1)).refused(Code::NotFound);
}

#[test]
fn a_member_gets_three_links_an_hour_and_another_member_has_its_own() {
    let before = || nothing::<Admin>().with_staff(PLATFORM, &administrator(1)).with_staff(PLATFORM, &administrator(2));
    let with = |ago: [Micros; 3]| (1..).zip(ago).fold(before(), |given, (mail, ago)| given.and(got(1, mail, ago)));
    with([1, MINUTE, HOUR - 1]).when(ask_link(1)).refused(Code::LimitReached);
    second_mail(&with([1, MINUTE, HOUR]).when(ask_link(1)));
    second_mail(&with([1, MINUTE, HOUR - 1]).when(ask_link(2)));
    // One decision after another, as the rows that they make say.
    let mut given = before();
    for number in 0..3 {
        let command = AskStaffLink { meta: numbered(number), ..ask_link(1) };
        let then = given.when(command);
        second_mail(&then);
        given = then.then();
    }
    given.when(AskStaffLink { meta: numbered(3), ..ask_link(1) }).refused(Code::LimitReached);
}

fn numbered(number: u128) -> CommandMeta {
    let command_id = CommandId::from_uuid(Uuid::from_u128(0xd0 + number));
    CommandMeta { command_id, ..asked_by(PLATFORM) }
}

#[test]
fn a_mail_with_a_link_is_closed_by_what_became_of_it_and_counts_for_all_that() {
    let then = nothing::<Admin>().with_staff(PLATFORM, &administrator(1)).when(ask_link(1));
    let mail_id = second_mail(&then).mail_id;
    let open = Admin::of_partition(&then.all()[1], 3);
    let at = |key: RowKey| (OpenMailRow::TABLE, key);
    assert_eq!(
        open.iter().map(|write| (write.table(), write.key())).collect::<Vec<_>>(),
        [at(OpenMail::at(3, mail_id))]
    );
    assert!(Admin::of_partition(&then.all()[0], 3).is_empty());
    let meta = numbered(9);
    let done = then.then().when(ReportMail { meta, mail_id, outcome: MailOutcome::Sent, why: None });
    let meta = done.answering(0, mail_id, 2, Outcome::Updated);
    done.events([MailDone { meta, mail_id, outcome: MailOutcome::Sent, why: None }.into()]);
    done.rows([gone::<MailRow>(WantedMail::at(PLATFORM, mail_id))]);
    let [Write::Delete { key, .. }] = &Admin::of_partition(&done.all()[0], 3)[..] else { panic!("it is open") };
    assert_eq!(*key, OpenMail::at(3, mail_id));
}

#[test]
fn nobody_is_invited_to_a_shop_that_is_not_there_or_takes_no_writes() {
    nothing::<Admin>().when(invite(asked(), 1)).refused(Code::NotFound);
    for status in [TenantStatus::Requested, TenantStatus::Suspended, TenantStatus::Refused] {
        given::<Admin>(tenant_row(status)).when(invite(asked(), 1)).refused(Code::ShopSuspended);
    }
}

#[test]
fn who_is_invited_already_stays_as_it_is_under_its_own_id() {
    let before = invited(1);
    let again = InviteStaff { staff_id: id(2), name: sealed(2), email: sealed(2), ..invite(asked(), 1) };
    let then = shop().with_staff(SHOP, &before).when(again);
    let AdminEvent::CommandAnswered(answer) = &then.all()[0] else { panic!("{then:?}") };
    assert_eq!(answer.meta, then.answering(0, asked().command_id, 1, Outcome::Unchanged));
    assert_eq!(second_mail(&then).recipient, before.email);
}

#[test]
fn an_address_of_somebody_who_has_come_is_taken_and_the_refusal_says_by_whom() {
    for before in [administrator(1), disabled(administrator(1)), disabled(invited(1))] {
        let again = InviteStaff { staff_id: id(2), ..invite(asked(), 1) };
        let then = shop().with_staff(SHOP, &before).when(again);
        let refused = then.refused(Code::EmailTaken);
        assert!(refused.detail.as_ref().unwrap().contains(&id(1).to_string()), "{refused:?}");
        then.refused_for("/email", Code::EmailTaken);
        assert_eq!(refused.errors[0].detail, "Já há um membro da equipe com este e-mail.");
    }
    let of_another = shop().with_staff(TenantId::PLATFORM, &administrator(1)).when(invite(asked(), 1));
    assert!(matches!(of_another.all()[0], AdminEvent::StaffChanged(_)), "tenants know nothing of one another");
}

#[test]
fn the_same_invitation_is_answered_with_what_became_of_the_member() {
    let since = administrator(1);
    assert_eq!(shop().with_staff(SHOP, &since).when(invite(asked(), 1)).unchanged(), Some(shown(&since)));
    let other = InviteStaff { email_term: term(2), ..invite(asked(), 1) };
    shop().with_staff(SHOP, &since).when(other).refused(Code::IdempotencyMismatch);
}

#[test]
fn a_shop_has_so_many_members_and_no_more() {
    let full = (0..limits::STAFF).fold(shop(), |given, number| {
        let staff = StaffMember {
            staff_id: id(1_000 + number as u128),
            email_term: term(1_000 + number as u128),
            ..disabled(member(1))
        };
        given.with_staff(SHOP, &staff)
    });
    full.when(invite(asked(), 1)).refused(Code::LimitReached);
}

#[test]
fn a_password_that_is_set_spends_its_link_and_ends_every_session() {
    for before in [invited(1), administrator(1)] {
        let then = shop().with_staff(SHOP, &before).when(set_password(1, before.link_version));
        let expected = StaffMember {
            password: Some(sealed(9)),
            status: StaffStatus::Active,
            link_version: before.link_version + 1,
            sessions_not_before: NOW,
            ..before.clone()
        };
        let staff = is_now(&then, SHOP, expected, Outcome::Updated);
        assert_eq!(then.body(), shown(&staff));
        assert!(then.body()["password"].is_null(), "an answer shows no password, sealed or not");
        shop().with_staff(SHOP, &staff).when(set_password(1, before.link_version)).refused(Code::LinkSpent);
    }
    for version in [0, 2] {
        shop().with_staff(SHOP, &administrator(1)).when(set_password(1, version)).refused(Code::LinkSpent);
    }
}

#[test]
fn a_member_that_is_disabled_or_not_there_sets_no_password() {
    for before in [disabled(invited(1)), disabled(administrator(1))] {
        let version = before.link_version;
        shop().with_staff(SHOP, &before).when(set_password(1, version)).refused(Code::StaffDisabled);
    }
    let unknown = StaffMember { status: StaffStatus::Unknown, ..administrator(1) };
    shop().with_staff(SHOP, &unknown).when(set_password(1, 1)).refused(Code::StaffDisabled);
    shop().when(set_password(1, 0)).refused(Code::NotFound);
}

#[test]
fn roles_and_name_are_changed_and_what_is_not_named_stays() {
    let both = || shop().with_staff(SHOP, &administrator(1)).with_staff(SHOP, &administrator(2));
    let before = administrator(1);
    let then = both().when(now_of(1, &[role::MEMBER]));
    let less = StaffMember { roles: vec![role::MEMBER.to_owned()], ..spent(before.clone()) };
    is_now(&then, SHOP, less, Outcome::Updated);
    let then = both().when(ChangeStaff { name: Some(sealed(7)), ..change(1) });
    is_now(&then, SHOP, StaffMember { name: sealed(7), ..before.clone() }, Outcome::Updated);
    for same in [change(1), now_of(1, &[role::ADMINISTRATOR]), now_in(1, StaffStatus::Active)] {
        assert_eq!(both().when(same).unchanged(), Some(shown(&before)));
    }
}

#[test]
fn a_member_that_is_disabled_is_logged_out_and_one_that_is_already_stays_as_it_is() {
    for before in [member(1), StaffMember { roles: vec![role::MEMBER.to_owned()], ..invited(1) }] {
        let then = shop().with_staff(SHOP, &before).when(now_in(1, StaffStatus::Disabled));
        let out = StaffMember { sessions_not_before: NOW, ..disabled(spent(before.clone())) };
        is_now(&then, SHOP, out, Outcome::Updated);
        let then = shop().with_staff(SHOP, &disabled(before.clone())).when(now_in(1, StaffStatus::Disabled));
        assert_eq!(then.unchanged(), Some(shown(&disabled(before))));
    }
}

#[test]
fn a_member_that_is_let_in_again_logs_in_or_where_it_has_no_password_waits_for_its_link() {
    let then = shop().with_staff(SHOP, &disabled(member(1))).when(now_in(1, StaffStatus::Active));
    is_now(&then, SHOP, spent(member(1)), Outcome::Updated);
    let then = shop().with_staff(SHOP, &disabled(invited(1))).when(now_in(1, StaffStatus::Active));
    is_written_to_as(&then, spent(invited(1)));
    assert_eq!(
        shop().with_staff(SHOP, &invited(1)).when(now_in(1, StaffStatus::Active)).unchanged(),
        Some(shown(&invited(1))),
        "nobody gets in without a password"
    );
    for status in [StaffStatus::Invited, StaffStatus::Unknown] {
        shop().with_staff(SHOP, &member(1)).when(now_in(1, status)).refused_for("/status", Code::Invalid);
    }
}

#[test]
fn the_last_administrator_that_gets_in_is_neither_disabled_nor_less() {
    let others = [member(2), invited(3), disabled(administrator(4))];
    for tenant in [SHOP, TenantId::PLATFORM] {
        for command in [now_in(1, StaffStatus::Disabled), now_of(1, &[role::MEMBER])] {
            let command = ChangeStaff { meta: asked_by(tenant), ..command };
            let alone = || others.iter().fold(nothing::<Admin>(), |given, other| given.with_staff(tenant, other));
            alone().with_staff(tenant, &administrator(1)).when(command.clone()).refused(Code::LastAdministrator);
            let two = alone().with_staff(tenant, &administrator(1)).with_staff(tenant, &administrator(5));
            assert!(matches!(two.when(command).event(), AdminEvent::StaffChanged(_)), "{tenant}");
        }
    }
    // Of another tenant's administrators none counts.
    let elsewhere =
        nothing::<Admin>().with_staff(SHOP, &administrator(1)).with_staff(TenantId::PLATFORM, &administrator(2));
    elsewhere.when(now_in(1, StaffStatus::Disabled)).refused(Code::LastAdministrator);
}

#[test]
fn an_administrator_that_does_not_get_in_may_be_disabled_or_less() {
    for (before, command) in [
        (invited(1), now_in(1, StaffStatus::Disabled)),
        (invited(1), now_of(1, &[role::MEMBER])),
        (disabled(administrator(1)), now_of(1, &[role::MEMBER])),
    ] {
        let then = shop().with_staff(SHOP, &before).when(command);
        assert!(matches!(then.all()[0], AdminEvent::StaffChanged(_)), "{then:?}");
    }
}

#[test]
fn s63_a_link_of_before_serves_nobody_once_its_member_may_do_other_things() {
    let given = ChangeStaff { permissions: Some(vec!["payments:write".to_owned()]), ..change(1) };
    for command in [now_of(1, &[role::ADMINISTRATOR]), given] {
        let then = shop().with_staff(SHOP, &member(1)).when(command);
        let AdminEvent::StaffChanged(event) = then.event() else { panic!("{then:?}") };
        assert_eq!(event.staff.link_version, member(1).link_version + 1);
        then.then().when(set_password(1, member(1).link_version)).refused(Code::LinkSpent);
    }
    // Nor once it was kept out and let in again.
    let out = shop().with_staff(SHOP, &member(1)).when(now_in(1, StaffStatus::Disabled));
    let back = out.then().when(now_in(1, StaffStatus::Active));
    back.then().when(set_password(1, member(1).link_version)).refused(Code::LinkSpent);
    let then = shop().with_staff(SHOP, &member(1)).when(ChangeStaff { name: Some(sealed(7)), ..change(1) });
    let AdminEvent::StaffChanged(event) = then.event() else { panic!("{then:?}") };
    assert_eq!(event.staff.link_version, member(1).link_version, "a name gives nothing");
}

#[test]
fn s63_f24_who_was_invited_and_may_do_other_things_now_gets_a_new_link_and_the_old_one_is_spent() {
    let before = StaffMember { roles: vec![role::MEMBER.to_owned()], ..invited(1) };
    let then = shop().with_staff(SHOP, &before).when(now_of(1, &[role::ADMINISTRATOR]));
    is_written_to_as(&then, spent(invited(1)));
    then.then().when(set_password(1, before.link_version)).refused(Code::LinkSpent);
    // One that has had its share of the hour gets none, and its link is spent all the same.
    let full = (1..=3).fold(shop().with_staff(SHOP, &before), |given, mail| {
        given.and(StaffMailRow { tenant_id: SHOP, ..got(1, mail, MINUTE) })
    });
    let then = full.when(now_of(1, &[role::ADMINISTRATOR]));
    is_now(&then, SHOP, spent(invited(1)), Outcome::Updated);
}

#[test]
fn s63_what_a_later_version_has_given_stays_where_a_whole_list_is_sent() {
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let before = StaffMember {
        roles: words(&["auditor", role::MEMBER]),
        permissions: words(&["orders:write", "stock:read"]),
        ..member(1)
    };
    let sent = |roles: &[&str], permissions: &[&str]| ChangeStaff {
        roles: Some(words(roles)),
        permissions: Some(words(permissions)),
        ..change(1)
    };
    let then = shop().with_staff(SHOP, &before).when(sent(&[role::MEMBER], &["catalogue:read"]));
    let permissions = words(&["catalogue:read", "orders:write"]);
    is_now(&then, SHOP, StaffMember { permissions, ..spent(before.clone()) }, Outcome::Updated);
    let then = shop().with_staff(SHOP, &before).when(sent(&[role::ADMINISTRATOR], &[]));
    let (roles, permissions) = (words(&[role::ADMINISTRATOR, "auditor"]), words(&["orders:write"]));
    is_now(&then, SHOP, StaffMember { roles, permissions, ..spent(before.clone()) }, Outcome::Updated);
    // The words that there are, in another order, are no change.
    let same = shop().with_staff(SHOP, &before).when(sent(&[role::MEMBER], &["stock:read"]));
    assert_eq!(same.unchanged(), Some(shown(&before)));
}

#[test]
fn a_change_meant_for_another_version_is_refused() {
    let command = |version| ChangeStaff { meta: asked_for_version(version), ..now_in(1, StaffStatus::Disabled) };
    let before = || shop().with_staff(SHOP, &member(1));
    before().when(command(1)).refused(Code::VersionMismatch);
    assert!(matches!(before().when(command(2)).event(), AdminEvent::StaffChanged(_)));
    shop().when(change(1)).refused(Code::NotFound);
}

#[test]
fn sessions_end_whatever_the_members_state() {
    for before in [member(1), invited(1), disabled(member(1))] {
        let then = shop().with_staff(SHOP, &before).when(EndStaffSessions { meta: asked(), staff_id: id(1) });
        is_now(&then, SHOP, StaffMember { sessions_not_before: NOW, ..before }, Outcome::Updated);
    }
    shop().when(EndStaffSessions { meta: asked(), staff_id: id(1) }).refused(Code::NotFound);
}

#[test]
fn who_gets_in_is_decided_in_a_suspended_shop_too() {
    let suspended = || given::<Admin>(tenant_row(TenantStatus::Suspended)).with_staff(SHOP, &member(1));
    let then = suspended().when(now_in(1, StaffStatus::Disabled));
    assert!(matches!(then.event(), AdminEvent::StaffChanged(_)), "{then:?}");
    let then = suspended().when(set_password(1, 1));
    assert!(matches!(then.event(), AdminEvent::StaffChanged(_)), "{then:?}");
    let then = suspended().when(EndStaffSessions { meta: asked(), staff_id: id(1) });
    assert!(matches!(then.event(), AdminEvent::StaffChanged(_)), "{then:?}");
}

#[test]
fn answers_keep_what_was_typed_sealed() {
    let then = shop().when(invite(asked(), 1));
    let body = then.body();
    let text = |sealed: &Envelope| json!(sealed.to_text());
    assert_eq!(
        (&body["email"], &body["name"]),
        (&text(invited(1).email.envelope()), &text(invited(1).name.envelope()))
    );
}
