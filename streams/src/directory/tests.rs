#![allow(clippy::unwrap_used)]

use feira_schemas::ids::Micros;

use super::*;
use crate::testing::{Deciding, command_meta, tenant};

const MINUTE: Micros = 60_000_000;
const HOLD: Micros = 10 * MINUTE;
/// When the claims of these tests are asked.
const ASKED: Micros = 1_700_000_000_000_000;

fn claim(shop: u128) -> ClaimName {
    let meta = command_meta(tenant(shop), ASKED);
    ClaimName { meta, name: "mesma".into(), until: ASKED + HOLD, asker: NameAsker::Admin, held_for: HOLD }
}

fn confirm(shop: u128) -> ConfirmName {
    ConfirmName { meta: command_meta(tenant(shop), ASKED), name: "mesma".into(), asker: NameAsker::Admin }
}

/// What admin is told of which shop.
fn told(decision: &Decision<DirectoryEvent>) -> Vec<(TenantId, bool)> {
    let told = decision.commands.iter().map(|command| match command.command() {
        Some(AdminCommand::AnswerNameClaim(answer)) => (command.key.parse().unwrap(), answer.held),
        _ => panic!("{command:?}"),
    });
    told.collect()
}

fn name_of(decision: &Decision<DirectoryEvent>) -> Name {
    match decision.events.as_slice() {
        [DirectoryEvent::NameHeld(NameHeld { name, .. })]
        | [DirectoryEvent::NameConfirmed(NameConfirmed { name, .. })]
        | [DirectoryEvent::NameRefused(NameRefused { name, .. })] => name.clone(),
        other => panic!("{other:?}"),
    }
}

/// Claims that waited for longer than a name is held, as a directory that was away finds them.
async fn one_of_two(claim: impl Fn(u128) -> ClaimName) {
    let mut directory = Deciding::<Directory>::new().await;
    let back = ASKED + HOLD + MINUTE;
    let first = directory.command(back, claim(1)).await;
    assert_eq!(told(&first), [(tenant(1), true)]);
    assert_eq!(name_of(&first).until, Some(back + HOLD), "from when it is decided");
    for later in [1, HOLD - 1] {
        let second = directory.command(back + later, claim(2)).await;
        assert_eq!((told(&second), name_of(&second).tenant_id), (vec![(tenant(2), false)], tenant(1)), "{later}");
    }
    let confirmed = directory.command(back + HOLD, confirm(1)).await;
    assert_eq!((name_of(&confirmed).tenant_id, told(&confirmed)), (tenant(1), vec![]));
}

#[tokio::test]
async fn s38_a_name_is_held_for_one_shop_however_long_the_claims_waited() {
    one_of_two(claim).await;
}

#[tokio::test]
async fn a_claim_of_a_program_that_knew_no_length_is_held_as_long_as_it_meant() {
    one_of_two(|shop| ClaimName { held_for: 0, ..claim(shop) }).await;
}

#[tokio::test]
async fn who_comes_back_too_late_to_confirm_is_told_that_the_name_is_another_s() {
    let mut directory = Deciding::<Directory>::new().await;
    directory.command(ASKED, claim(1)).await;
    let over = ASKED + HOLD + 1;
    assert_eq!(told(&directory.command(over, claim(2)).await), [(tenant(2), true)]);
    let refused = directory.command(over + 1, confirm(1)).await;
    assert!(matches!(refused.events.as_slice(), [DirectoryEvent::CommandAnswered(_)]), "{refused:?}");
    assert_eq!(told(&refused), [(tenant(1), false)]);
    assert_eq!(name_of(&directory.command(over + 2, confirm(2)).await).tenant_id, tenant(2));
}

#[tokio::test]
async fn nobody_else_asked_so_a_late_confirmation_counts() {
    let mut directory = Deciding::<Directory>::new().await;
    directory.command(ASKED, claim(1)).await;
    let confirmed = directory.command(ASKED + 100 * HOLD, confirm(1)).await;
    assert_eq!(name_of(&confirmed).status, NameStatus::Confirmed);
}

#[tokio::test]
async fn a_claim_never_shortens_the_holders_own() {
    let mut directory = Deciding::<Directory>::new().await;
    directory.command(ASKED, claim(1)).await;
    let shorter = ClaimName { held_for: MINUTE, ..claim(1) };
    let again = directory.command(ASKED + 1, shorter).await;
    assert_eq!((name_of(&again).until, told(&again)), (Some(ASKED + HOLD), vec![(tenant(1), true)]));
    let longer = directory.command(ASKED + 2, ClaimName { held_for: 2 * HOLD, ..claim(1) }).await;
    assert_eq!(name_of(&longer).until, Some(ASKED + 2 + 2 * HOLD));
}

#[tokio::test]
async fn nothing_is_held_for_an_asker_whom_this_program_can_not_tell() {
    let mut directory = Deciding::<Directory>::new().await;
    let refused = directory.command(ASKED, ClaimName { asker: NameAsker::Unknown, ..claim(1) }).await;
    assert!(matches!(refused.events.as_slice(), [DirectoryEvent::CommandAnswered(_)]) && told(&refused).is_empty());
    assert_eq!(told(&directory.command(ASKED + 1, claim(2)).await), [(tenant(2), true)]);
}
