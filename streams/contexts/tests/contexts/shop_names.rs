//! What a shop asks the directory for: asked again by timer until it is answered.

use feira_contexts::admin::Admin;
use feira_schemas::{
    ids::Micros,
    records::{
        AdminEvent, DirectoryCommand,
        admin::{AnswerNameClaim, ProvisionTenant, ShopName, ShopNameChanged, ShopNameStatus, TenantStatus},
        common::{Asked, TimerCleared, TimerSet},
        directory::ConfirmName,
    },
    rows::{admin::ShopNameRow, common::Timer},
    time::hour_of,
};

use crate::{
    given::{Change, Given, NOW, SHOP, Then, asked, given, nothing, put},
    sample::tenant_row,
};

const MINUTE: Micros = 60_000_000;
const HOUR: Micros = 60 * MINUTE;
const ENTITY: &str = "name:mesma";

fn provision() -> ProvisionTenant {
    ProvisionTenant { meta: asked(), subdomain: "mesma".into(), shop_name: "Loja".into(), token_hash: None }
}

fn answer(held: bool, confirmed: bool) -> AnswerNameClaim {
    AnswerNameClaim { meta: asked(), name: "mesma".into(), held, confirmed }
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

/// The shop is asked for, and its name claimed.
fn claimed() -> Then<Admin> {
    nothing::<Admin>().when(provision())
}

/// The shop is open, and its name is to be confirmed.
fn opened() -> Then<Admin> {
    claimed().then().when(answer(true, false))
}

/// The only command that is sent, which is for the name.
#[track_caller]
fn sent(then: &Then<Admin>) -> &DirectoryCommand {
    let [command] = then.commands() else { panic!("{then:?}") };
    assert_eq!((command.key.as_str(), command.meta().tenant_id), ("mesma", SHOP));
    command.command().unwrap()
}

#[track_caller]
fn asks(then: &Then<Admin>, what: &str, times: i32, after: Micros) -> Timer {
    let (timer, name) = (then.timer(), name(then));
    let now = match then.all() {
        [.., AdminEvent::ShopNameChanged(event)] => event.meta.occurred_at,
        _ => panic!("{then:?}"),
    };
    assert_eq!((timer.entity.as_str(), timer.what.as_str(), timer.due - now), (ENTITY, what, after));
    let asked = name.asked.unwrap();
    assert_eq!((asked.what.as_str(), asked.times, asked.timer), (what, times, timer.timer_key()));
    match (what, sent(then)) {
        ("claim_name", DirectoryCommand::ClaimName(claim)) => assert_eq!(claim.until, now + 10 * MINUTE),
        ("confirm_name", DirectoryCommand::ConfirmName(_)) => {}
        (_, other) => panic!("{other:?}"),
    }
    timer
}

#[test]
fn a_claim_is_kept_with_the_timer_by_which_it_is_asked_again() {
    let then = claimed();
    let timer = then.timer();
    let (timer_id, due, bucket) = (timer.timer_id, NOW + MINUTE, hour_of(NOW + MINUTE));
    let (entity, what) = (ENTITY.to_owned(), "claim_name".to_owned());
    let set =
        TimerSet { meta: then.meta(2, timer_id, 1), timer_id, entity, due, bucket, what: what.clone(), replaces: None };
    assert_eq!(then.all()[2], set.clone().into());
    let asked = Some(Asked { what, since: NOW, times: 1, timer: set.key() });
    let name = ShopName { name: "mesma".into(), version: 1, status: ShopNameStatus::Claimed, asked };
    assert_eq!(then.all()[3], ShopNameChanged { meta: then.meta(3, ENTITY, 1), name: name.clone() }.into());
    assert_eq!(then.changes().last(), Some(&put(ShopNameRow { tenant_id: SHOP, name })));
    assert_eq!(then.ended(), []);
}

#[test]
fn what_is_not_answered_is_asked_again_after_a_minute_ten_an_hour_and_then_daily() {
    for (first, what) in [(claimed(), "claim_name"), (opened(), "confirm_name")] {
        let mut timer = asks(&first, what, 1, MINUTE);
        let since = name(&first).asked.unwrap().since;
        let mut before = first;
        for (times, after) in [(2, 10 * MINUTE), (3, HOUR), (4, 24 * HOUR), (5, 24 * HOUR), (6, 24 * HOUR)] {
            let then = before.then().when_due(&timer);
            assert_eq!(then.ended(), [timer.timer_key()], "by the event that sets the next");
            assert_eq!(then.all().len(), 2, "{then:?}");
            assert_eq!(name(&then).asked.unwrap().since, since);
            timer = asks(&then, what, times, after);
            before = then;
        }
    }
}

#[test]
fn a_shop_that_opens_asks_for_its_confirmation_in_the_place_of_its_claim() {
    let claimed = claimed();
    let timer = claimed.timer();
    let opened = claimed.then().when(answer(true, false));
    assert_eq!(opened.ended(), [timer.timer_key()]);
    asks(&opened, "confirm_name", 1, MINUTE);
    assert_eq!((name(&opened).status, name(&opened).version), (ShopNameStatus::Held, 2));
}

#[test]
fn nothing_is_asked_once_the_directory_has_confirmed() {
    for suspended in [false, true] {
        let opened = opened();
        let timer = opened.timer();
        let mut given = opened.then();
        if suspended {
            given = given.and(tenant_row_of_this_name(TenantStatus::Suspended));
        }
        let then = given.when(answer(true, true));
        let meta = then.meta(0, timer.timer_id, 2);
        let (timer_id, due, bucket) = (timer.timer_id, timer.due, timer.bucket);
        let name = ShopName { name: "mesma".into(), version: 3, status: ShopNameStatus::Confirmed, asked: None };
        then.events([
            TimerCleared { meta, timer_id, due, bucket }.into(),
            ShopNameChanged { meta: then.meta(1, ENTITY, 3), name: name.clone() }.into(),
        ]);
        then.rows([put(ShopNameRow { tenant_id: SHOP, name })]);
        assert!(then.commands().is_empty());
        then.then().when(answer(true, true)).nothing();
    }
}

fn tenant_row_of_this_name(status: TenantStatus) -> feira_schemas::rows::admin::TenantRow {
    let mut row = tenant_row(status);
    row.tenant.subdomain = "mesma".into();
    row
}

#[test]
fn an_answer_to_the_claim_that_comes_twice_is_no_confirmation() {
    opened().then().when(answer(true, false)).nothing();
}

#[test]
fn a_claim_of_a_name_that_is_its_own_already_opens_the_shop_and_asks_for_the_confirmation() {
    asks(&claimed().then().when(answer(true, true)), "confirm_name", 1, MINUTE);
}

#[test]
fn a_refusal_ends_what_is_asked() {
    for before in [claimed, opened] {
        let before = before();
        let (timer, version) = (before.timer(), name(&before).version);
        let refused = before.then().when(answer(false, false));
        assert_eq!(refused.ended(), [timer.timer_key()]);
        let asked = None;
        let name_now = ShopName { name: "mesma".into(), version: version + 1, status: ShopNameStatus::Refused, asked };
        assert_eq!(name(&refused), name_now);
        assert!(refused.commands().is_empty());
        refused.then().when(answer(false, false)).nothing();
    }
}

#[track_caller]
fn only_clears(given: Given<Admin>, timer: &Timer) {
    let then = given.when_due(timer);
    let Timer { timer_id, due, bucket, .. } = *timer;
    then.events([TimerCleared { meta: then.meta(0, timer_id, 2), timer_id, due, bucket }.into()]).rows([]);
    assert!(then.commands().is_empty());
}

#[test]
fn a_timer_whose_question_was_answered_meanwhile_is_only_cleared() {
    let (claimed, opened) = (claimed(), opened());
    let (claim, confirm) = (claimed.timer(), opened.timer());
    only_clears(claimed.then().when(answer(true, false)).then(), &claim);
    let settled = opened.then().when(answer(true, true));
    only_clears(settled.then(), &confirm);
}

#[test]
fn a_timer_of_an_entity_that_is_not_there_or_not_known_is_only_cleared() {
    let timer = claimed().timer();
    only_clears(nothing(), &timer);
    only_clears(claimed().then(), &Timer { entity: "mesma".into(), ..timer.clone() });
    let mut unknown = name(&claimed());
    unknown.asked.as_mut().unwrap().what = "later".into();
    only_clears(given(ShopNameRow { tenant_id: SHOP, name: unknown }), &timer);
}

#[test]
fn a_shop_whose_name_a_program_before_timers_has_asked_for_is_asked_for_by_the_same_command() {
    let waiting = claimed();
    let Some(AdminEvent::TenantChanged(requested)) = waiting.all().first() else { panic!("{waiting:?}") };
    let of_before = || given::<Admin>(feira_schemas::rows::admin::TenantRow { tenant: requested.tenant.clone() });
    let again = of_before().when(provision());
    asks(&again, "claim_name", 1, MINUTE);
    assert_eq!(again.all().len(), 2, "{again:?}");

    // Its answer opens it as before; one to a confirmation that nobody keeps leaves nothing.
    let opened = of_before().when(answer(true, false));
    asks(&opened, "confirm_name", 1, MINUTE);
    let refused = of_before().when(answer(false, false));
    assert!(refused.timers().is_empty() && refused.ended().is_empty(), "{refused:?}");
    given::<Admin>(tenant_row_of_this_name(TenantStatus::Active)).when(answer(true, true)).nothing();
}

#[test]
fn what_is_asked_again_has_an_id_of_its_own() {
    let claimed = claimed();
    let timer = claimed.timer();
    let id = |then: &Then<Admin>| then.commands()[0].meta().command_id;
    let first = id(&claimed);
    assert_ne!(first, id(&claimed.then().when_due(&timer)));
}

#[test]
fn the_row_of_a_name_has_what_is_asked() {
    let Some(Change::Put("shop_name", row)) = claimed().changes().last().cloned() else { panic!() };
    assert_eq!((&row["asked"]["what"], &row["asked"]["times"]), (&"claim_name".into(), &1.into()));
    let opened = opened();
    let DirectoryCommand::ConfirmName(ConfirmName { name, .. }) = sent(&opened) else { panic!("{opened:?}") };
    assert_eq!(name, "mesma");
}
