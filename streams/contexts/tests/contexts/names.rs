//! Names of the directory.

use feira_contexts::{Decider, directory::Directory};
use feira_schemas::{
    ids::{Micros, TenantId},
    problem::Code,
    records::{
        AdminCommand, DirectoryEvent, SignupCommand,
        admin::AnswerNameClaim,
        directory::{
            ClaimName, ConfirmName, Name, NameAsker, NameConfirmed, NameHeld, NameRefused, NameReleased, NameStatus,
            ReleaseName,
        },
    },
    rows::directory::NameRow,
};

use crate::given::{Given, NOW, Then, asked_by, given, nothing, put, tenant};

const MINUTE: Micros = 60_000_000;
const HOLD: Micros = 10 * MINUTE;

fn claim(shop: u128) -> ClaimName {
    let meta = asked_by(tenant(shop));
    ClaimName { meta, name: "mesma".into(), until: NOW + HOLD, asker: NameAsker::Admin, held_for: HOLD }
}

fn confirm(shop: u128) -> ConfirmName {
    ConfirmName { meta: asked_by(tenant(shop)), name: "mesma".into(), asker: NameAsker::Admin }
}

fn release(shop: u128) -> ReleaseName {
    ReleaseName { meta: asked_by(tenant(shop)), name: "mesma".into(), asker: None }
}

fn name(shop: u128, status: NameStatus, until: Option<Micros>) -> Name {
    Name { name: "mesma".into(), tenant_id: tenant(shop), status, until }
}

fn held(shop: u128, until: Micros) -> Name {
    name(shop, NameStatus::Held, Some(until))
}

fn confirmed(shop: u128) -> Name {
    name(shop, NameStatus::Confirmed, None)
}

fn with(name: Name, version: i64) -> Given<Directory> {
    given(NameRow { name, version })
}

/// The answers to claims of a name that admin is sent, which are no confirmations: the shop of each, and true if the shop holds
/// the name.
fn told(then: &Then<Directory>) -> Vec<(TenantId, bool)> {
    let told = answers(then).into_iter().map(|(tenant, held, confirmed)| {
        assert!(!confirmed, "{then:?}");
        (tenant, held)
    });
    told.collect()
}

/// The answer that admin is sent: the name is this shop's for good.
#[track_caller]
fn is_told_of_its_own(then: &Then<Directory>, shop: u128) {
    assert_eq!(answers(then), [(tenant(shop), true, true)]);
}

/// The answers that admin is sent: the shop of each, whether it holds the name, and whether for good.
fn answers(then: &Then<Directory>) -> Vec<(TenantId, bool, bool)> {
    let told = then.commands().iter().map(|command| match command.command() {
        Some(AdminCommand::AnswerNameClaim(answer)) => {
            let tenant = answer.meta.tenant_id;
            assert_eq!((command.key.as_str(), answer.name.as_str()), (tenant.to_string().as_str(), "mesma"));
            assert_eq!(answer.meta.actor, "system:directory");
            (tenant, answer.held, answer.confirmed)
        }
        other => panic!("{other:?}"),
    });
    told.collect()
}

fn is_held(then: &Then<Directory>, version: i64, name: &Name) {
    then.events([NameHeld { meta: then.meta(0, "mesma", version), name: name.clone() }.into()]);
    then.rows([put(NameRow { name: name.clone(), version })]);
    assert_eq!(told(then), [(name.tenant_id, true)]);
}

fn is_refused_to(then: &Then<Directory>, version: i64, shop: u128, name: &Name) {
    let claimed_by = tenant(shop);
    then.events([NameRefused { meta: then.meta(0, "mesma", version), name: name.clone(), claimed_by }.into()]);
    then.rows([put(NameRow { name: name.clone(), version })]);
    assert_eq!(told(then), [(claimed_by, false)]);
}

#[test]
fn a_name_that_nobody_has_is_held_and_who_asked_is_told() {
    let then = nothing::<Directory>().when(claim(1));
    is_held(&then, 1, &held(1, NOW + HOLD));
}

#[test]
fn a_name_is_held_from_when_it_is_decided_not_from_when_it_was_asked() {
    let then = nothing::<Directory>().at(NOW + HOLD + MINUTE).when(claim(1));
    is_held(&then, 1, &held(1, NOW + 2 * HOLD + MINUTE));
}

#[test]
fn a_claim_without_a_length_is_held_as_long_as_it_meant() {
    let then = nothing::<Directory>().at(NOW + HOLD).when(ClaimName { held_for: 0, ..claim(1) });
    // `until` less when it was asked, a microsecond before NOW.
    is_held(&then, 1, &held(1, NOW + 2 * HOLD + 1));
}

#[test]
fn a_claim_without_a_length_that_ended_before_it_was_asked_is_held_for_nothing() {
    let then = nothing::<Directory>().when(ClaimName { held_for: 0, until: 0, ..claim(1) });
    is_held(&then, 1, &held(1, NOW));
}

#[test]
fn a_name_that_another_holds_is_refused_and_stays_with_the_holder() {
    let then = with(held(1, NOW), 1).when(claim(2));
    is_refused_to(&then, 2, 2, &held(1, NOW));
}

#[test]
fn a_name_that_another_has_confirmed_is_refused() {
    let then = with(confirmed(1), 2).when(claim(2));
    is_refused_to(&then, 3, 2, &confirmed(1));
}

#[test]
fn a_name_of_a_status_that_this_program_does_not_know_is_refused() {
    let unknown = name(1, NameStatus::Unknown, None);
    let then = with(unknown.clone(), 2).when(claim(2));
    is_refused_to(&then, 3, 2, &unknown);
}

#[test]
fn a_hold_that_is_over_is_anybodys() {
    let then = with(held(1, NOW - 1), 1).when(claim(2));
    is_held(&then, 2, &held(2, NOW + HOLD));
}

#[test]
fn a_hold_without_an_end_is_not_over() {
    let endless = name(1, NameStatus::Held, None);
    let then = with(endless.clone(), 1).when(claim(2));
    is_refused_to(&then, 2, 2, &endless);
}

#[test]
fn a_released_name_is_anybodys() {
    let then = with(name(1, NameStatus::Released, None), 3).when(claim(2));
    is_held(&then, 4, &held(2, NOW + HOLD));
}

#[test]
fn a_holder_who_claims_again_holds_it_longer() {
    let then = with(held(1, NOW + 1), 1).when(claim(1));
    is_held(&then, 2, &held(1, NOW + HOLD));
}

#[test]
fn a_claim_never_shortens_the_holders_own() {
    let longer = held(1, NOW + 2 * HOLD);
    let then = with(longer.clone(), 1).when(claim(1));
    is_held(&then, 2, &longer);
}

#[test]
fn a_hold_ends_no_later_than_time_does() {
    let then = nothing::<Directory>().when(ClaimName { held_for: i64::MAX, ..claim(1) });
    is_held(&then, 1, &held(1, i64::MAX));
}

#[test]
fn a_claim_of_its_own_confirmed_name_changes_nothing_and_is_answered() {
    let then = with(confirmed(1), 2).when(claim(1));
    then.events([]).rows([]);
    is_told_of_its_own(&then, 1);
}

#[test]
fn nothing_is_held_for_an_asker_whom_this_program_can_not_tell() {
    let then = nothing::<Directory>().when(ClaimName { asker: NameAsker::Unknown, ..claim(1) });
    then.refused(Code::UnknownReference);
}

#[test]
fn s38_a_name_is_held_for_one_shop_however_long_the_claims_waited() {
    for claim in [claim, |shop| ClaimName { held_for: 0, until: NOW - 1 + HOLD, ..claim(shop) }] {
        let back = NOW + HOLD + MINUTE;
        let first = nothing::<Directory>().at(back).when(claim(1));
        is_held(&first, 1, &held(1, back + HOLD));
        let second = first.then().at(back + 1).when(claim(2));
        is_refused_to(&second, 2, 2, &held(1, back + HOLD));
        let third = second.then().at(back + HOLD - 1).when(claim(2));
        is_refused_to(&third, 3, 2, &held(1, back + HOLD));
        let confirmed = third.then().at(back + HOLD).when(confirm(1));
        assert!(matches!(confirmed.event(), DirectoryEvent::NameConfirmed(event) if event.name.tenant_id == tenant(1)));
        is_told_of_its_own(&confirmed, 1);
    }
}

#[test]
fn a_held_name_is_confirmed_and_held_without_end() {
    let then = with(held(1, NOW + HOLD), 1).when(confirm(1));
    then.events([NameConfirmed { meta: then.meta(0, "mesma", 2), name: confirmed(1) }.into()]);
    then.rows([put(NameRow { name: confirmed(1), version: 2 })]);
    is_told_of_its_own(&then, 1);
}

#[test]
fn nobody_else_asked_so_a_late_confirmation_counts() {
    let then = with(held(1, NOW + HOLD), 1).at(NOW + 100 * HOLD).when(confirm(1));
    then.events([NameConfirmed { meta: then.meta(0, "mesma", 2), name: confirmed(1) }.into()]);
}

#[test]
fn a_confirmed_name_is_confirmed_once_and_whoever_asks_again_is_told_again() {
    let then = with(confirmed(1), 2).when(confirm(1));
    then.events([]).rows([]);
    is_told_of_its_own(&then, 1);
}

#[test]
fn a_confirmation_of_an_unknown_asker_is_told_to_nobody() {
    let then = with(held(1, NOW), 1).when(ConfirmName { asker: NameAsker::Unknown, ..confirm(1) });
    assert!(matches!(then.event(), DirectoryEvent::NameConfirmed(_)) && then.commands().is_empty(), "{then:?}");
}

#[test]
fn who_confirms_a_name_of_another_is_refused_and_admin_is_told() {
    let then = with(held(2, NOW + HOLD), 4).when(confirm(1));
    let DirectoryEvent::CommandAnswered(answered) = then.event() else { panic!("{then:?}") };
    assert_eq!(answered.code.as_deref(), Some("name_taken"));
    then.rows([]);
    assert_eq!(told(&then), [(tenant(1), false)]);
}

#[test]
fn who_confirms_a_name_that_nobody_has_is_refused_and_admin_is_told() {
    assert_eq!(told(&nothing::<Directory>().when(confirm(1))), [(tenant(1), false)]);
}

#[test]
fn who_confirms_a_released_name_is_refused_and_admin_is_told() {
    assert_eq!(told(&with(name(1, NameStatus::Released, None), 3).when(confirm(1))), [(tenant(1), false)]);
}

#[test]
fn a_refused_confirmation_of_an_unknown_asker_is_told_to_nobody() {
    let then = nothing::<Directory>().when(ConfirmName { asker: NameAsker::Unknown, ..confirm(1) });
    then.refused(Code::NameTaken);
}

#[test]
fn who_comes_back_too_late_to_confirm_is_told_that_the_name_is_another_s() {
    let first = nothing::<Directory>().when(claim(1));
    let over = first.then().at(NOW + HOLD + 1).when(claim(2));
    assert_eq!(told(&over), [(tenant(2), true)]);
    let refused = over.then().at(NOW + HOLD + 2).when(confirm(1));
    assert_eq!(told(&refused), [(tenant(1), false)]);
    let confirmed = refused.then().at(NOW + HOLD + 3).when(confirm(2));
    assert!(matches!(confirmed.event(), DirectoryEvent::NameConfirmed(event) if event.name.tenant_id == tenant(2)));
}

#[test]
fn its_holder_releases_a_name() {
    for before in [confirmed(1), held(1, NOW + HOLD)] {
        let then = with(before, 2).when(release(1));
        let name = name(1, NameStatus::Released, None);
        then.events([NameReleased { meta: then.meta(0, "mesma", 3), name: name.clone() }.into()]);
        then.rows([put(NameRow { name, version: 3 })]);
        assert_eq!(told(&then), []);
    }
}

#[test]
fn nobody_else_releases_a_name() {
    with(confirmed(1), 2).when(release(2)).refused(Code::NameTaken);
}

#[test]
fn a_name_that_nobody_has_is_not_released() {
    nothing::<Directory>().when(release(1)).refused(Code::NameTaken);
}

#[test]
fn a_released_name_is_not_released_again() {
    with(name(1, NameStatus::Released, None), 3).when(release(1)).refused(Code::NameTaken);
}

#[test]
fn who_asks_to_hear_of_a_release_is_told_also_where_it_was_released_before_or_is_anothers() {
    let of_admin = |shop| ReleaseName { asker: Some(NameAsker::Admin), ..release(shop) };
    let then = with(confirmed(1), 2).when(of_admin(1));
    let released = name(1, NameStatus::Released, None);
    then.events([NameReleased { meta: then.meta(0, "mesma", 3), name: released.clone() }.into()]);
    assert_eq!(told(&then), [(tenant(1), false)]);
    let again = then.then().when(of_admin(1));
    again.events([]).rows([]);
    assert_eq!(told(&again), [(tenant(1), false)]);
    let anothers = again.then().when(claim(2)).then().when(of_admin(1));
    anothers.events([]).rows([]);
    assert_eq!(told(&anothers), [(tenant(1), false)], "the other keeps it");
    assert_eq!(told(&nothing::<Directory>().when(of_admin(1))), [(tenant(1), false)]);
}

#[test]
fn two_commands_of_one_decision_would_have_ids_of_their_own() {
    let then = nothing::<Directory>().when(claim(1));
    let Some(AdminCommand::AnswerNameClaim(AnswerNameClaim { meta, .. })) = then.commands()[0].command() else {
        panic!("{then:?}")
    };
    let asked = asked_by(tenant(1)).command_id;
    assert_ne!(meta.command_id, asked);
    assert_ne!(meta.command_id.uuid(), then.meta(0, "mesma", 1).event_id.uuid());
}

#[test]
fn events_lie_under_the_name_and_refusals_under_the_key_of_their_command() {
    let refused = || with(confirmed(1), 2).when(claim(2));
    let events = [
        nothing::<Directory>().when(claim(1)),
        refused(),
        with(held(1, NOW), 1).when(confirm(1)),
        with(confirmed(1), 2).when(release(1)),
    ];
    for then in &events {
        assert_eq!(Directory::key(then.event()).as_deref(), Some("mesma"), "{then:?}");
    }
    assert_eq!(Directory::key(nothing::<Directory>().when(release(1)).event()), None);
}

#[test]
fn the_entity_of_an_event_is_the_name_and_a_refused_claim_shows_nobody_who_has_it() {
    let body = |then: Then<Directory>| {
        let shown = Directory::shown(then.event())?;
        assert_eq!(shown.entity, "name");
        shown.json
    };
    let name_of = |then: Then<Directory>| serde_json::from_str::<Name>(&body(then).unwrap()).unwrap();
    assert_eq!(name_of(nothing::<Directory>().when(claim(1))), held(1, NOW + HOLD));
    assert_eq!(name_of(with(held(1, NOW), 1).when(confirm(1))), confirmed(1));
    assert_eq!(name_of(with(confirmed(1), 2).when(release(1))), name(1, NameStatus::Released, None));
    assert_eq!(body(with(confirmed(1), 2).when(claim(2))), None);
    assert_eq!(body(nothing::<Directory>().when(release(1))), None);
}

#[test]
fn sign_up_is_answered_by_a_command_of_its_own() {
    let told = |then: &Then<Directory>| {
        let [command] = then.commands() else { panic!("{then:?}") };
        let Some(SignupCommand::AnswerNameClaim(answer)) = command.command() else { panic!("{command:?}") };
        assert_eq!((command.key.as_str(), answer.name.as_str()), (answer.meta.tenant_id.to_string().as_str(), "mesma"));
        (answer.meta.tenant_id, answer.held, answer.confirmed)
    };
    let of_signup = |shop| ClaimName { asker: NameAsker::Signup, ..claim(shop) };
    let held = nothing::<Directory>().when(of_signup(1));
    assert_eq!(told(&held), (tenant(1), true, false));
    let again = held.then().when(of_signup(1));
    assert_eq!(told(&again), (tenant(1), true, false), "who asks again has not heard the answer");
    assert_eq!(told(&again.then().when(of_signup(2))), (tenant(2), false, false));
    assert_eq!(told(&with(confirmed(1), 1).when(of_signup(1))), (tenant(1), true, true));
}
