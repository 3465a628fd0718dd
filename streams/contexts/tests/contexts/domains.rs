//! Domains of shops: claimed, proved, missed, withdrawn; and which of two shops has one.

use feira_contexts::{admin::Admin, directory::Directory};
use feira_schemas::{
    ids::TenantId,
    problem::Code,
    records::{
        AdminCommand, AdminEvent, DirectoryCommand,
        admin::{
            AnswerNameClaim, CheckDomain, ClaimDomain, CloseTenant, Domain, DomainFound, DomainStatus, ReportDomain,
            ShopName, ShopNameStatus, Tenant, TenantStatus, WithdrawDomain,
        },
        common::Outcome,
    },
    rows::{
        admin::{DomainRow, TenantRow},
        common::Timer,
    },
    time::{DAY, MINUTE},
};

use crate::{
    given::{Given, NOW, SHOP, Then, asked, asked_by, asked_for_version, given, nothing, put, tenant},
    sample::{shop, tenant_row},
};

const DOMAIN: &str = "loja.example";
const PROOF: &str = "feira-verification=x";

fn claim_by(tenant: TenantId, domain: &str) -> ClaimDomain {
    ClaimDomain { meta: asked_by(tenant), domain: domain.into(), proof: PROOF.into() }
}

fn claim(domain: &str) -> ClaimDomain {
    claim_by(SHOP, domain)
}

fn pending() -> Domain {
    Domain {
        domain: DOMAIN.into(),
        proof: PROOF.into(),
        status: DomainStatus::Pending,
        claimed_at: NOW,
        until: Some(NOW + 14 * DAY),
        active_since: None,
        looked_at: None,
        found: DomainFound::default(),
        ended_because: None,
    }
}

fn claimed() -> Then<Admin> {
    shop().when(claim(DOMAIN))
}

fn proved() -> DomainFound {
    DomainFound { proof: true, address: true, www: true, why: None }
}

fn not_proved() -> DomainFound {
    DomainFound { why: Some(DomainFound::NO_TXT.into()), ..DomainFound::default() }
}

fn report_by(tenant: TenantId, found: DomainFound) -> ReportDomain {
    ReportDomain { meta: asked_by(tenant), domain: DOMAIN.into(), claimed_at: NOW, found }
}

fn report(found: DomainFound) -> ReportDomain {
    report_by(SHOP, found)
}

fn answer(held: bool, confirmed: bool) -> AnswerNameClaim {
    AnswerNameClaim { meta: asked(), name: DOMAIN.into(), held, confirmed }
}

/// The shop's own domain, proved and confirmed.
fn active() -> Then<Admin> {
    let asked = claimed().then().when(report(proved()));
    let held = asked.then().when(answer(true, false));
    held.then().when(answer(true, true))
}

/// The domain as the last event of it says.
#[track_caller]
fn domain(then: &Then<Admin>) -> Domain {
    let changed = then.all().iter().rev().find_map(|event| match event {
        AdminEvent::DomainChanged(event) => Some(event.domain.clone()),
        _ => None,
    });
    changed.unwrap()
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

/// The only question to the directory.
#[track_caller]
fn sent(then: &Then<Admin>) -> DirectoryCommand {
    let [command] = then.commands() else { panic!("{then:?}") };
    assert_eq!(command.key, DOMAIN);
    command.command::<DirectoryCommand>().unwrap().clone()
}

/// The only timer of this matter.
#[track_caller]
fn timer(then: &Then<Admin>, what: &str) -> Timer {
    let mut timers = then.timers();
    timers.retain(|timer| timer.what == what);
    let [timer] = <[Timer; 1]>::try_from(timers).unwrap_or_else(|all| panic!("not one {what}: {all:?}"));
    timer
}

/// True if the last event of the domain wants it looked at.
fn is_wanted(then: &Then<Admin>) -> bool {
    then.all().iter().any(|event| matches!(event, AdminEvent::DomainChanged(event) if event.look_wanted))
}

#[test]
fn s43_f05_a_claim_is_pending_keeps_nobody_out_and_is_looked_at() {
    let then = claimed();
    assert_eq!(domain(&then), pending());
    assert_eq!(then.body(), serde_json::to_value(pending()).unwrap());
    assert_eq!(then.entity().as_deref(), Some("domain"));
    assert!(then.commands().is_empty(), "the directory hears nothing: {then:?}");
    let last = then.all().last().unwrap();
    assert_eq!(
        feira_schemas::records::EventSet::meta(last),
        &then.answering(2, format!("domain:{SHOP}"), 1, Outcome::Created)
    );
    let row = DomainRow { tenant_id: SHOP, version: 1, domain: pending() };
    assert_eq!(then.changes(), [put(row)]);
    assert_eq!(timer(&then, "domain_until").due, NOW + 14 * DAY);
    let look = timer(&then, "domain_look");
    assert_eq!(look.due, NOW + MINUTE);
    let looked_at = then.then().when_due(&look);
    assert!(is_wanted(&looked_at) && looked_at.ended().contains(&look.timer_key()), "{looked_at:?}");
    assert_eq!(timer(&looked_at, "domain_look").due, NOW + MINUTE + DAY, "in case that nobody reports");
}

#[test]
fn f05_the_same_claim_changes_nothing_and_another_takes_its_place() {
    let same = claimed().then().when(claim(DOMAIN));
    assert_eq!(same.unchanged(), Some(serde_json::to_value(pending()).unwrap()));
    let other = claimed().then().when(claim("outra.example"));
    let replaced = domain(&other);
    assert_eq!((replaced.domain.as_str(), replaced.status), ("outra.example", DomainStatus::Pending));
    assert_eq!(replaced.claimed_at, NOW + 1_000_000);
    assert!(other.commands().is_empty(), "nobody was asked for the first: {other:?}");
    // What was wanted for the first is of no use for the second.
    other.then().when(report(proved())).unchanged();
    claimed()
        .then()
        .when(ClaimDomain { meta: asked_for_version(0), ..claim("outra.example") })
        .refused(Code::VersionMismatch);
    shop().when(ClaimDomain { meta: asked_for_version(0), ..claim(DOMAIN) }).then().when(claim(DOMAIN)).unchanged();
}

#[test]
fn f05_what_is_no_domain_is_not_claimed_and_a_shop_that_is_not_open_claims_none() {
    for wrong in ["loja", "www loja.example", "10.0.0.1", ""] {
        shop().when(claim(wrong)).refused_for("/domain", Code::Invalid);
    }
    given::<Admin>(tenant_row(TenantStatus::Suspended)).when(claim(DOMAIN)).refused(Code::ShopSuspended);
    given::<Admin>(tenant_row(TenantStatus::Closed)).when(claim(DOMAIN)).refused(Code::ShopClosed);
}

#[test]
fn f05_a_claim_without_proof_goes_on_and_ends_after_fourteen_days() {
    let first = claimed();
    let until = timer(&first, "domain_until");
    let looked_at = first.then().when(report(not_proved()));
    let missed = Domain { looked_at: Some(NOW + 1_000_000), found: not_proved(), ..pending() };
    assert_eq!(domain(&looked_at), missed);
    assert!(looked_at.commands().is_empty(), "{looked_at:?}");
    assert_eq!(timer(&looked_at, "domain_look").due, NOW + 10 * MINUTE);
    let ended = looked_at.then().when_due(&until);
    let expected =
        Domain { status: DomainStatus::Ended, until: None, ended_because: Some("unproved".into()), ..missed };
    assert_eq!(domain(&ended), expected);
    assert!(ended.commands().is_empty(), "{ended:?}");
    let again = ended.then().when(claim(DOMAIN));
    assert_eq!((domain(&again).status, domain(&again).claimed_at), (DomainStatus::Pending, until.due + 1_000_000));
}

#[test]
fn f05_a_timer_of_an_earlier_claim_ends_no_later_one() {
    let first = claimed();
    let (until, look) = (timer(&first, "domain_until"), timer(&first, "domain_look"));
    let other = first.then().at(NOW + 13 * DAY).when(claim("outra.example"));
    let due = other.then().when_due(&until);
    assert_eq!(due.ended(), [until.timer_key()]);
    assert!(due.all().iter().all(|event| !matches!(event, AdminEvent::DomainChanged(_))), "{due:?}");
    // One that has not come by then finds that the next look is later.
    let looked_at = claimed().then().when(report(not_proved()));
    let due = looked_at.then().when_due(&look);
    assert!(!is_wanted(&due), "{due:?}");
}

#[test]
fn s43_f05_what_is_proved_is_asked_for_confirmed_and_the_shops_own() {
    let asked = claimed().then().when(report(proved()));
    let found = domain(&asked);
    assert_eq!((found.status, found.until, &found.found), (DomainStatus::Pending, None, &proved()));
    assert!(matches!(sent(&asked), DirectoryCommand::ClaimName(_)), "{asked:?}");
    assert_eq!(name(&asked).status, ShopNameStatus::Claimed);
    // A look meanwhile asks no second time.
    let again = asked.then().when(report(proved()));
    assert!(again.commands().is_empty(), "{again:?}");
    let held = again.then().when(answer(true, false));
    assert!(matches!(sent(&held), DirectoryCommand::ConfirmName(_)), "{held:?}");
    let lost = timer(&held, "confirm_name");
    let asked_again = held.then().when_due(&lost);
    assert!(matches!(sent(&asked_again), DirectoryCommand::ConfirmName(_)), "{asked_again:?}");
    let active = asked_again.then().when(answer(true, true));
    let own = domain(&active);
    assert_eq!((own.status, own.until), (DomainStatus::Active, None));
    let since = active.all().iter().rev().find_map(|event| match event {
        AdminEvent::DomainChanged(event) => Some(event.meta.occurred_at),
        _ => None,
    });
    assert_eq!(own.active_since, since);
    assert_eq!(name(&active).status, ShopNameStatus::Confirmed);
    assert_eq!(timer(&active, "domain_look").due, own.looked_at.unwrap() + 7 * DAY);
    active.then().when(answer(true, true)).nothing();
}

#[test]
fn f05_a_name_server_that_does_not_answer_changes_nothing_but_when_it_was_asked() {
    for why in [DomainFound::TIMEOUT, DomainFound::REFUSED] {
        let before = domain(&active());
        let then = active().then().when(report(DomainFound::unanswered(why)));
        let after = domain(&then);
        let found = DomainFound { why: Some(why.into()), ..proved() };
        assert_eq!(after, Domain { looked_at: after.looked_at, found, ..before.clone() });
        assert!(after.looked_at > before.looked_at);
        assert_eq!(timer(&then, "domain_look").due, after.looked_at.unwrap() + DAY);
        let claimed = claimed().then().when(report(DomainFound::unanswered(why)));
        assert_eq!((domain(&claimed).status, domain(&claimed).until), (DomainStatus::Pending, pending().until));
    }
}

#[test]
fn f05_a_domain_whose_proof_is_gone_lapses_and_comes_back_with_it() {
    let lapsing = active().then().when(report(not_proved()));
    let missed = domain(&lapsing);
    let until = missed.looked_at.unwrap() + 14 * DAY;
    assert_eq!((missed.status, missed.until), (DomainStatus::Lapsing, Some(until)));
    assert_eq!(timer(&lapsing, "domain_until").due, until);
    assert_eq!(timer(&lapsing, "domain_look").due, missed.looked_at.unwrap() + DAY);
    assert!(lapsing.commands().is_empty(), "it stays the shop's: {lapsing:?}");
    let end = timer(&lapsing, "domain_until");
    let back = lapsing.then().when(report(proved()));
    assert_eq!((domain(&back).status, domain(&back).until), (DomainStatus::Active, None));
    assert_eq!(domain(&back).active_since, missed.active_since);
    let due = back.then().when_due(&end);
    assert_eq!(due.all().len(), 1, "the timer alone is over: {due:?}");
}

#[test]
fn f05_a_domain_whose_proof_stays_away_is_given_back() {
    let lapsing = active().then().when(report(not_proved()));
    let end = timer(&lapsing, "domain_until");
    let ended = lapsing.then().when_due(&end);
    let gone = domain(&ended);
    assert_eq!((gone.status, gone.ended_because.as_deref()), (DomainStatus::Ended, Some("proof_gone")));
    assert!(matches!(sent(&ended), DirectoryCommand::ReleaseName(_)), "{ended:?}");
    let released = ended.then().when(answer(false, false));
    assert_eq!((name(&released).status, name(&released).asked), (ShopNameStatus::Released, None));
}

#[test]
fn f05_a_shop_withdraws_its_domain_before_it_has_another() {
    active().then().when(claim("outra.example")).refused(Code::LimitReached);
    active().then().when(claim(DOMAIN)).unchanged();
    let withdrawn = active().then().when(WithdrawDomain { meta: asked() });
    let gone = domain(&withdrawn);
    assert_eq!((gone.status, gone.ended_because.as_deref()), (DomainStatus::Ended, Some("withdrawn")));
    assert!(matches!(sent(&withdrawn), DirectoryCommand::ReleaseName(_)), "{withdrawn:?}");
    let other = withdrawn.then().when(claim("outra.example"));
    assert_eq!(domain(&other).status, DomainStatus::Pending);
    shop().when(WithdrawDomain { meta: asked() }).refused(Code::NotFound);
    let unproved = claimed().then().when(WithdrawDomain { meta: asked() });
    assert!(unproved.commands().is_empty(), "{unproved:?}");
    unproved.then().when(WithdrawDomain { meta: asked() }).refused(Code::NotFound);
    claimed().then().when(WithdrawDomain { meta: asked_for_version(2) }).refused(Code::VersionMismatch);
}

#[test]
fn f05_a_domain_that_is_claimed_again_is_asked_for_once_it_is_given_back() {
    let withdrawn = active().then().when(WithdrawDomain { meta: asked() });
    let again = withdrawn.then().when(claim(DOMAIN));
    let claimed_at = domain(&again).claimed_at;
    let proved = again.then().when(ReportDomain { claimed_at, ..report(proved()) });
    assert!(proved.commands().is_empty(), "the release is not answered: {proved:?}");
    let released = proved.then().when(answer(false, false));
    assert!(matches!(sent(&released), DirectoryCommand::ClaimName(_)), "{released:?}");
    assert_eq!(name(&released).status, ShopNameStatus::Claimed);
}

#[test]
fn f05_a_release_that_was_asked_twice_is_answered_twice_and_costs_no_later_claim() {
    let withdrawn = active().then().when(WithdrawDomain { meta: asked() });
    let lost = timer(&withdrawn, ShopName::RELEASE);
    let asked_again = withdrawn.then().when_due(&lost);
    assert!(matches!(sent(&asked_again), DirectoryCommand::ReleaseName(_)), "{asked_again:?}");
    let again = asked_again.then().when(claim(DOMAIN));
    let claimed_at = domain(&again).claimed_at;
    let proved_again = || ReportDomain { claimed_at, ..report(proved()) };
    let released = again.then().when(proved_again()).then().when(answer(false, false));
    assert!(released.commands().is_empty(), "another answer is under way: {released:?}");
    assert_eq!(name(&released).status, ShopNameStatus::Released);
    let second = released.then().when(answer(false, false));
    second.nothing();
    let asked = second.then().when(proved_again());
    assert!(matches!(sent(&asked), DirectoryCommand::ClaimName(_)), "{asked:?}");
    assert_eq!(domain(&asked).status, DomainStatus::Pending);
}

#[test]
fn f05_a_domain_that_is_held_for_a_claim_that_has_ended_is_given_back() {
    let refused = claimed().then().when(report(proved())).then().when(answer(false, false));
    assert_eq!(name(&refused).status, ShopNameStatus::Refused);
    let held = refused.then().when(answer(true, false));
    assert!(matches!(sent(&held), DirectoryCommand::ReleaseName(_)), "{held:?}");
    let released = held.then().when(answer(false, false));
    assert_eq!(name(&released).status, ShopNameStatus::Released);
    let late = released.then().when(answer(true, true));
    assert!(matches!(sent(&late), DirectoryCommand::ReleaseName(_)), "{late:?}");
}

#[test]
fn f05_a_domain_after_one_that_was_withdrawn_is_new_and_its_versions_go_on() {
    let withdrawn = || claimed().then().when(WithdrawDomain { meta: asked() }).then();
    let again = withdrawn().when(ClaimDomain { meta: asked_for_version(0), ..claim(DOMAIN) });
    let last = again.all().last().unwrap();
    assert_eq!(
        feira_schemas::records::EventSet::meta(last),
        &again.answering(2, format!("domain:{SHOP}"), 3, Outcome::Created)
    );
    withdrawn().when(ClaimDomain { meta: asked_for_version(2), ..claim(DOMAIN) }).refused(Code::VersionMismatch);
}

#[test]
fn f05_staff_has_it_looked_at_at_once_unless_it_was_a_moment_ago() {
    let then = claimed().then().when(CheckDomain { meta: asked() });
    assert!(is_wanted(&then) && then.timers().is_empty(), "{then:?}");
    assert_eq!(then.body(), serde_json::to_value(pending()).unwrap());
    let looked_at = then.then().when(report(not_proved()));
    let found = domain(&looked_at);
    let at_once = looked_at.then().when(CheckDomain { meta: asked() });
    assert_eq!(at_once.unchanged(), Some(serde_json::to_value(&found).unwrap()));
    let later = at_once.then().at(found.looked_at.unwrap() + 10_000_000).when(CheckDomain { meta: asked() });
    assert!(is_wanted(&later), "{later:?}");
    // The next look by the timer that is set is not set again.
    let between = later.then().when(report(not_proved()));
    assert!(between.timers().is_empty(), "{between:?}");
    shop().when(CheckDomain { meta: asked() }).refused(Code::NotFound);
}

#[test]
fn f05_a_domain_goes_with_a_shop_that_is_closed_for_good() {
    let closed = active().then().when(CloseTenant { meta: asked() });
    let gone = domain(&closed);
    assert_eq!((gone.status, gone.ended_because.as_deref()), (DomainStatus::Ended, Some("withdrawn")));
    let released = closed.commands().iter().any(|command| {
        let of_domain = command.key == DOMAIN;
        of_domain && matches!(command.command(), Some(DirectoryCommand::ReleaseName(_)))
    });
    assert!(released, "{closed:?}");
    closed.then().when(report(proved())).unchanged();
}

/// A shop of this number, open.
fn shop_of(number: u128) -> Given<Admin> {
    let open = tenant_row(TenantStatus::Active).tenant;
    given(TenantRow { tenant: Tenant { tenant_id: tenant(number), ..open } })
}

/// What the directory answers a shop's question.
#[track_caller]
fn answered(then: &Then<Directory>) -> AnswerNameClaim {
    let [command] = then.commands() else { panic!("{then:?}") };
    match command.command::<AdminCommand>() {
        Some(AdminCommand::AnswerNameClaim(answer)) => answer.clone(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn s43_f05_two_shops_claim_a_domain_and_who_proves_it_first_has_it() {
    let [one, two] = [1, 2].map(|number| shop_of(number).when(claim_by(tenant(number), DOMAIN)));
    assert_eq!([&one, &two].map(|then| domain(then).status), [DomainStatus::Pending; 2], "both wait");
    // The second proves it first.
    let two = two.then().when(report_by(tenant(2), proved()));
    let directory = nothing::<Directory>().when(sent(&two));
    let two = two.then().when(answered(&directory));
    let directory = directory.then().when(sent(&two));
    let two = two.then().when(answered(&directory));
    assert_eq!(domain(&two).status, DomainStatus::Active);
    let one = one.then().when(report_by(tenant(1), proved()));
    let directory = directory.then().when(sent(&one));
    let one = one.then().when(answered(&directory));
    let taken = domain(&one);
    assert_eq!((taken.status, taken.ended_because.as_deref()), (DomainStatus::Ended, Some("taken")));
    assert_eq!(name(&one).status, ShopNameStatus::Refused);
    // The second gives it up, and it is the first's once claimed and proved again.
    let two = two.then().when(WithdrawDomain { meta: asked_by(tenant(2)) });
    let directory = directory.then().when(sent(&two));
    let again = one.then().when(claim_by(tenant(1), DOMAIN));
    let claimed_at = domain(&again).claimed_at;
    let again = again.then().when(ReportDomain { claimed_at, ..report_by(tenant(1), proved()) });
    let directory = directory.then().when(sent(&again));
    let held = again.then().when(answered(&directory));
    let directory = directory.then().when(sent(&held));
    let own = held.then().when(answered(&directory));
    assert_eq!(domain(&own).status, DomainStatus::Active);
}
