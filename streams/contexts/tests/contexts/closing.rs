//! A shop is closed for good, and its name given back 90 days later.

use feira_contexts::{admin::Admin, store::Store};
use feira_schemas::{
    api::tenant::tenant_json,
    ids::StaffId,
    problem::Code,
    records::{
        AdminCommand, AdminEvent, DirectoryCommand, StoreEvent,
        admin::{
            AnswerNameClaim, ChangeSettings, CloseTenant, EndStaffSessions, IssueToken, ResumeTenant, ShopName,
            ShopNameStatus, SuspendTenant, Tenant, TenantChanged, TenantStatus,
        },
        common::Outcome,
        directory::NameAsker,
        store::ShopStatus,
    },
    rows::admin::{ShopNameRow, TenantRow},
    time::{DAY, MINUTE},
};
use uuid::Uuid;

use crate::{
    given::{Given, NOW, SHOP, Then, asked, asked_for_version, given, nothing, said},
    sample::tenant_row,
};

fn close() -> CloseTenant {
    CloseTenant { meta: asked() }
}

/// An open shop whose name is its own for good.
fn shop(status: TenantStatus) -> Given<Admin> {
    let name = ShopName { name: "loja".into(), version: 3, status: ShopNameStatus::Confirmed, asked: None };
    given::<Admin>(tenant_row(status)).and(ShopNameRow { tenant_id: SHOP, name })
}

fn closed() -> Then<Admin> {
    shop(TenantStatus::Active).when(close())
}

/// The name as the last event of it says.
#[track_caller]
fn name(then: &Then<Admin>) -> ShopName {
    let named = then.all().iter().rev().find_map(|event| match event {
        AdminEvent::ShopNameChanged(event) => Some(event.name.clone()),
        _ => None,
    });
    named.unwrap()
}

fn answer(held: bool, confirmed: bool) -> AnswerNameClaim {
    AnswerNameClaim { meta: asked(), name: "loja".into(), held, confirmed }
}

#[test]
fn s44_a_shop_that_was_opened_is_closed_for_good_and_its_name_kept_for_ninety_days() {
    for status in [TenantStatus::Active, TenantStatus::Suspended] {
        let then = shop(status).when(close());
        let tenant = Tenant { version: 3, status: TenantStatus::Closed, ..tenant_row(status).tenant };
        let meta = then.answering(0, SHOP, 3, Outcome::Updated);
        assert_eq!(then.all()[0], TenantChanged { meta, tenant: tenant.clone() }.into());
        let timer = then.timer();
        assert_eq!((timer.entity.as_str(), timer.what.as_str()), ("name:loja", "release_name"));
        assert_eq!(timer.due, NOW + 90 * DAY);
        let name = name(&then);
        assert_eq!((name.status, name.version), (ShopNameStatus::Kept, 4));
        let asked = name.asked.unwrap();
        assert_eq!((asked.times, asked.timer), (0, timer.timer_key()));
        assert!(then.commands().is_empty(), "nothing is asked before: {then:?}");
        assert_eq!(then.then().when(close()).unchanged(), Some(tenant_json(&tenant)));
    }
}

#[test]
fn a_shop_that_was_never_opened_or_is_of_another_version_is_not_closed() {
    for status in [TenantStatus::Requested, TenantStatus::Refused, TenantStatus::Unknown] {
        given::<Admin>(tenant_row(status)).when(close()).refused(Code::NotFound);
    }
    nothing::<Admin>().when(close()).refused(Code::NotFound);
    shop(TenantStatus::Active).when(CloseTenant { meta: asked_for_version(1) }).refused(Code::VersionMismatch);
}

#[test]
fn s44_the_directory_is_asked_for_the_release_once_the_time_is_over_and_until_it_answers() {
    let closed = closed();
    let mut timer = closed.timer();
    let mut before = closed;
    for (times, after) in [(1, MINUTE), (2, 10 * MINUTE)] {
        let then = before.then().when_due(&timer);
        let [command] = then.commands() else { panic!("{then:?}") };
        let Some(DirectoryCommand::ReleaseName(release)) = command.command() else { panic!("{command:?}") };
        assert_eq!((release.name.as_str(), release.asker), ("loja", Some(NameAsker::Admin)));
        assert_eq!((command.key.as_str(), release.meta.tenant_id), ("loja", SHOP));
        assert_eq!(then.ended(), [timer.timer_key()]);
        let asked = name(&then).asked.unwrap();
        assert_eq!((asked.times, name(&then).status), (times, ShopNameStatus::Kept));
        let next = then.timer();
        assert_eq!(next.due, timer.due + after);
        (timer, before) = (next, then);
    }
    let told = before.then().at(timer.due - 1).when(answer(false, false));
    assert_eq!(told.ended(), [timer.timer_key()]);
    assert_eq!((name(&told).status, name(&told).asked), (ShopNameStatus::Released, None));
    assert!(told.all().iter().all(|event| !matches!(event, AdminEvent::TenantChanged(_))), "it stays closed");
    told.then().when(answer(false, false)).nothing();
}

#[test]
fn what_the_directory_said_before_neither_opens_a_closed_shop_nor_ends_its_time() {
    let closed = closed();
    let then = closed.then().when(answer(true, true));
    then.nothing();
    then.then().when(answer(true, false)).nothing();
}

#[test]
fn s44_a_name_that_is_not_confirmed_is_asked_to_be_until_it_is_and_kept_from_the_closing_on() {
    let held = ShopName { name: "loja".into(), version: 2, status: ShopNameStatus::Held, asked: None };
    let held = given::<Admin>(tenant_row(TenantStatus::Active)).and(ShopNameRow { tenant_id: SHOP, name: held });
    for shop in [held, given::<Admin>(tenant_row(TenantStatus::Active))] {
        let mut before = shop.when(close());
        let mut timer = before.timer();
        assert_eq!((timer.what.as_str(), timer.due), ("confirm_kept_name", NOW + MINUTE));
        for times in 1..=3 {
            let [command] = before.commands() else { panic!("{before:?}") };
            assert!(matches!(command.command(), Some(DirectoryCommand::ConfirmName(_))), "{command:?}");
            let (name, asked) = (name(&before), name(&before).asked.unwrap());
            assert_eq!((name.status, asked.times, asked.since), (ShopNameStatus::Kept, times, NOW));
            assert_eq!(name.kept_until(), Some(NOW + 90 * DAY));
            before = before.then().when_due(&timer);
            timer = before.timer();
        }
        // Only the claim is answered: that confirms nothing.
        let claimed = before.then().when(answer(true, false));
        claimed.nothing();
        let confirmed = claimed.then().when(answer(true, true));
        assert_eq!(confirmed.ended(), [timer.timer_key()]);
        let release = confirmed.timer();
        assert_eq!((release.what.as_str(), release.due), ("release_name", NOW + 90 * DAY));
        assert!(confirmed.commands().is_empty(), "{confirmed:?}");
        assert_eq!(name(&confirmed).kept_until(), Some(NOW + 90 * DAY));
        let released = confirmed.then().when_due(&release);
        let [command] = released.commands() else { panic!("{released:?}") };
        assert!(matches!(command.command(), Some(DirectoryCommand::ReleaseName(_))), "{command:?}");
        assert_eq!(name(&released).kept_until(), None, "it is being released");
    }
}

#[test]
fn s44_nothing_in_a_closed_shop_can_be_changed() {
    let change = ChangeSettings {
        meta: asked(),
        shop_name: Some("Outra".into()),
        tagline: None,
        accent: None,
        interest_free_installments: None,
        cors_origins: None,
        contact: None,
        seller: None,
        policies: None,
    };
    let commands: [AdminCommand; 5] = [
        AdminCommand::ChangeSettings(change),
        AdminCommand::SuspendTenant(SuspendTenant { meta: asked() }),
        AdminCommand::ResumeTenant(ResumeTenant { meta: asked() }),
        AdminCommand::IssueToken(IssueToken {
            meta: asked(),
            token_hash: "0af1".into(),
            label: "caixa".into(),
            scopes: None,
        }),
        AdminCommand::EndStaffSessions(EndStaffSessions { meta: asked(), staff_id: StaffId::from_uuid(Uuid::nil()) }),
    ];
    for command in commands {
        given::<Admin>(tenant_row(TenantStatus::Closed)).when(command).refused(Code::ShopClosed);
    }
}

#[test]
fn the_store_hears_that_a_shop_is_closed_for_good() {
    let TenantRow { tenant } = tenant_row(TenantStatus::Closed);
    let then = nothing::<Store>().when_said(TenantChanged { meta: said(SHOP, 2), tenant });
    let StoreEvent::ShopChanged(event) = then.event() else { panic!("{then:?}") };
    assert_eq!(event.shop.status, ShopStatus::Closed);
}
