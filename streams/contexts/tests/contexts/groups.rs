//! Groups of a shop's staff, and of the platform's.

use feira_contexts::admin::Admin;
use feira_schemas::{
    ids::{GroupId, TenantId},
    limits,
    problem::Code,
    records::{
        AdminEvent,
        admin::{
            ChangeStaff, ChangeStaffGroup, CreateStaffGroup, InviteStaff, RemoveStaffGroup, StaffChanged, StaffGroup,
            StaffGroupChanged, StaffGroupRemoved, StaffMember, TenantStatus,
        },
        common::Outcome,
    },
    rows::admin::{StaffEmailRow, StaffGroupRow, StaffRow},
};
use uuid::Uuid;

use crate::{
    given::{Given, NOW, SHOP, Then, asked, asked_by, asked_for_version, given, gone, nothing, put},
    sample::{EARLIER, shop, tenant_row},
    staff::{administrator, change, invite, invited, is_now, member, spent},
};

const PLATFORM: TenantId = TenantId::PLATFORM;

const fn id(number: u128) -> GroupId {
    GroupId::from_uuid(Uuid::from_u128(0x6000 + number))
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// A group that was made earlier.
fn group(number: u128, name: &str) -> StaffGroup {
    StaffGroup {
        group_id: id(number),
        version: 1,
        name: name.into(),
        permissions: words(&["catalogue:read"]),
        created_at: EARLIER,
        changed_at: EARLIER,
    }
}

fn row(group: StaffGroup) -> StaffGroupRow {
    StaffGroupRow { tenant_id: SHOP, group }
}

fn create(name: &str) -> CreateStaffGroup {
    let permissions = words(&["stock:write", "catalogue:read", "stock:write"]);
    CreateStaffGroup { meta: asked(), group_id: id(1), name: name.into(), permissions }
}

fn changing() -> ChangeStaffGroup {
    ChangeStaffGroup { meta: asked(), group_id: id(1), name: None, permissions: None }
}

/// Checks that this group, at its next version, came of it and nothing else.
#[track_caller]
fn group_is_now(then: &Then<Admin>, group: StaffGroup, outcome: Outcome) {
    let group = StaffGroup { version: group.version + 1, changed_at: NOW, ..group };
    let meta = then.answering(0, group.group_id, group.version, outcome);
    then.events([StaffGroupChanged { meta, group: group.clone() }.into()]);
    assert_eq!((then.entity().as_deref(), then.body()), (Some("staff_group"), serde_json::to_value(&group).unwrap()));
    then.rows([put(row(group))]);
}

#[test]
fn s63_a_group_is_made_with_permissions_of_its_house_each_once() {
    let then = shop().when(create("Estoque"));
    let permissions = words(&["catalogue:read", "stock:write"]);
    let expected = StaffGroup { version: 0, permissions, created_at: NOW, ..group(1, "Estoque") };
    group_is_now(&then, expected.clone(), Outcome::Created);
    assert!(then.then().when(create("Estoque")).unchanged().is_some(), "the same command again");
    // By the same key no other group is to be had, nor one that was changed meanwhile.
    let kept = || shop().and(row(StaffGroup { permissions: expected.permissions.clone(), ..group(1, "Estoque") }));
    assert!(kept().when(create("Estoque")).unchanged().is_some());
    kept().when(create("Caixa")).refused(Code::IdempotencyMismatch);
    let other = CreateStaffGroup { permissions: words(&["stock:read"]), ..create("Estoque") };
    kept().when(other).refused(Code::IdempotencyMismatch);
    for (tenant, unknown) in [(SHOP, "plans:read"), (PLATFORM, "stock:read"), (SHOP, "stock:all"), (SHOP, "own:read")] {
        let given = if tenant == SHOP { shop() } else { nothing::<Admin>() };
        let permissions = words(&["team:read", unknown]);
        let command = CreateStaffGroup { meta: asked_by(tenant), permissions, ..create("Estoque") };
        given.when(command).refused_for("/permissions/1", Code::UnknownReference);
    }
    given::<Admin>(tenant_row(TenantStatus::Suspended)).when(create("Estoque")).refused(Code::ShopSuspended);
}

#[test]
fn two_groups_of_a_staff_have_two_names_however_they_are_written() {
    for name in ["Estoque", "ESTOQUE", "estoque"] {
        let taken = || shop().and(row(group(2, "Estoque")));
        taken().when(create(name)).refused_for("/name", Code::Duplicate);
        let renamed = ChangeStaffGroup { name: Some(name.into()), ..changing() };
        taken().and(row(group(1, "Caixa"))).when(renamed).refused_for("/name", Code::Duplicate);
    }
    // Its own name in other letters is no other group's.
    let renamed = ChangeStaffGroup { name: Some("CAIXA".into()), ..changing() };
    group_is_now(&shop().and(row(group(1, "Caixa"))).when(renamed), group(1, "CAIXA"), Outcome::Updated);
}

#[test]
fn a_staff_has_so_many_groups_and_no_more() {
    let full = (0..limits::STAFF_GROUPS)
        .fold(shop(), |given, number| given.and(row(group(100 + number as u128, &format!("Grupo {number}")))));
    full.when(create("Mais um")).refused(Code::LimitReached);
}

#[test]
fn a_group_is_changed_as_far_as_it_is_named_and_in_its_version() {
    let before = || shop().and(row(group(1, "Caixa")));
    let permissions = words(&["tokens:write"]);
    let given = ChangeStaffGroup { permissions: Some(permissions.clone()), ..changing() };
    group_is_now(&before().when(given), StaffGroup { permissions, ..group(1, "Caixa") }, Outcome::Updated);
    assert!(before().when(changing()).unchanged().is_some());
    let of_version = |version| ChangeStaffGroup { meta: asked_for_version(version), ..changing() };
    before().when(of_version(2)).refused(Code::VersionMismatch);
    assert!(before().when(of_version(1)).unchanged().is_some());
    shop().when(changing()).refused(Code::NotFound);
}

/// A member in these groups.
fn in_groups(number: u8, groups: &[u128]) -> StaffMember {
    StaffMember { groups: groups.iter().map(|group| id(*group)).collect(), ..member(number) }
}

fn full() -> Given<Admin> {
    let groups = shop().and(row(group(1, "Caixa"))).and(row(group(2, "Estoque")));
    let members = [administrator(1), in_groups(2, &[1, 2]), in_groups(3, &[2]), in_groups(4, &[1])];
    members.iter().fold(groups, |given, member| given.with_staff(SHOP, member))
}

#[test]
fn s63_a_group_that_is_removed_leaves_each_of_its_members_in_one_decision() {
    let remove = || RemoveStaffGroup { meta: asked(), group_id: id(1) };
    let then = full().when(remove());
    let removed = StaffGroupRemoved { meta: then.answering(0, id(1), 2, Outcome::Deleted), group: group(1, "Caixa") };
    let left = [in_groups(2, &[2]), in_groups(4, &[])].map(|staff| StaffMember {
        version: staff.version + 1,
        changed_at: NOW,
        ..spent(staff)
    });
    let changed = |index: u32, staff: &StaffMember| -> AdminEvent {
        let meta = then.meta(index, staff.staff_id, staff.version);
        StaffChanged { meta, staff: staff.clone() }.into()
    };
    then.events([removed.into(), changed(1, &left[0]), changed(2, &left[1])]);
    let rows = left.iter().flat_map(|staff| {
        let email = StaffEmailRow { tenant_id: SHOP, email_term: staff.email_term.clone(), staff_id: staff.staff_id };
        [put(StaffRow { tenant_id: SHOP, staff: staff.clone() }), put(email)]
    });
    then.rows([gone::<StaffGroupRow>(StaffGroupRow::at(SHOP, id(1)))].into_iter().chain(rows));
    then.then().when(remove()).refused(Code::NotFound);
}

#[test]
fn s63_a_group_that_gives_something_else_spends_the_links_of_its_members_in_one_decision() {
    let coming = StaffMember { groups: vec![id(1)], roles: member(5).roles, ..invited(5) };
    let before = || full().with_staff(SHOP, &coming);
    let more = ChangeStaffGroup { permissions: Some(words(&["payments:write"])), ..changing() };
    let then = before().when(more);
    let changed: Vec<&StaffMember> = then
        .all()
        .iter()
        .filter_map(|event| match event {
            AdminEvent::StaffChanged(event) => Some(&event.staff),
            _ => None,
        })
        .collect();
    let expected = [in_groups(2, &[1, 2]), in_groups(4, &[1]), coming.clone()].map(|staff| StaffMember {
        version: staff.version + 1,
        changed_at: NOW,
        ..spent(staff)
    });
    assert_eq!(changed, expected.iter().collect::<Vec<_>>());
    // Who has not come gets another link, and nobody else a mail.
    let mails: Vec<_> = then
        .all()
        .iter()
        .filter_map(|event| match event {
            AdminEvent::MailWanted(event) => Some(&event.mail.recipient),
            _ => None,
        })
        .collect();
    assert_eq!(mails, [&coming.email]);
    // By another name it gives what it gave.
    let named = ChangeStaffGroup { name: Some("Loja".into()), ..changing() };
    assert!(matches!(before().when(named).event(), AdminEvent::StaffGroupChanged(_)));
}

#[test]
fn s63_what_a_later_version_has_a_group_give_stays_where_a_whole_list_is_sent() {
    let later = StaffGroup { permissions: words(&["catalogue:read", "orders:write"]), ..group(1, "Caixa") };
    let sent = ChangeStaffGroup { permissions: Some(words(&["tokens:write"])), ..changing() };
    let permissions = words(&["tokens:write", "orders:write"]);
    let then = shop().and(row(later.clone())).when(sent);
    group_is_now(&then, StaffGroup { permissions, ..later.clone() }, Outcome::Updated);
    let same = ChangeStaffGroup { permissions: Some(words(&["catalogue:read"])), ..changing() };
    assert!(shop().and(row(later)).when(same).unchanged().is_some());
}

#[test]
fn s63_a_member_is_in_groups_that_there_are_and_has_permissions_of_its_house() {
    let to = |groups: &[u128], permissions: &[&str]| ChangeStaff {
        groups: Some(groups.iter().map(|group| id(*group)).collect()),
        permissions: Some(words(permissions)),
        ..change(3)
    };
    let then = full().when(to(&[2, 1, 2], &["stock:read", "catalogue:write"]));
    let permissions = words(&["catalogue:write", "stock:read"]);
    is_now(&then, SHOP, StaffMember { permissions, ..spent(in_groups(3, &[2, 1])) }, Outcome::Updated);
    full().when(to(&[1, 9], &[])).refused_for("/groups/1", Code::UnknownReference);
    full().when(to(&[1], &["shops:read"])).refused_for("/permissions/0", Code::UnknownReference);
    let invited = InviteStaff { groups: vec![id(9)], ..invite(asked(), 7) };
    full().when(invited).refused_for("/groups/0", Code::UnknownReference);
    let invited = InviteStaff { groups: vec![id(1)], permissions: words(&["team:read"]), ..invite(asked(), 7) };
    let then = full().when(invited);
    let AdminEvent::StaffChanged(event) = &then.all()[0] else { panic!("{then:?}") };
    assert_eq!((&event.staff.groups, &event.staff.permissions), (&vec![id(1)], &words(&["team:read"])));
}
