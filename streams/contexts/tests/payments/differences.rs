//! Differences between a gateway's charges and ours, and the asking for them to be looked for.

use feira_contexts::{Decider, payments::Payments};
use feira_schemas::{
    ids::{AccountId, DifferenceId},
    problem::Code,
    records::{
        PaymentsEvent,
        common::Outcome,
        payments::{
            AccountStatus, ChargeSums, Difference, DifferenceChanged, DifferenceFound, DifferenceKind,
            DifferenceStatus, ReconciliationRequested, ReportDifference, RequestReconciliation, SettleDifference,
        },
    },
    row::Write,
    rows::payments::{DifferenceRow, Matter, OpenDifferenceRow, OpenMatterRow, ReconciliationRow},
};
use serde_json::json;

use crate::{
    given::{Given, NOW, SHOP, Then, asked_for_version, put},
    sample::{HERE, SECOND, THERE, account, account_row, names, numbered, open_shop, shop},
};

/// A paid charge at the gateway that is nobody's here.
fn found() -> DifferenceFound {
    let kind = DifferenceKind::UnknownCharge;
    DifferenceFound {
        difference_id: id(),
        kind,
        account_id: HERE,
        gateway: "pagarme".into(),
        remote_id: "ch_9".into(),
        charge_id: None,
        there: Some(ChargeSums { amount: 1_500, paid: 1_500, cancelled: 0 }),
        here: None,
    }
}

fn id() -> DifferenceId {
    DifferenceFound::id(SHOP, HERE, "ch_9", DifferenceKind::UnknownCharge)
}

fn report() -> ReportDifference {
    ReportDifference { meta: numbered(1), found: found(), is_there: true }
}

/// The same, with another sum that was cancelled.
fn with_cancelled(cancelled: i64) -> ReportDifference {
    let there = Some(ChargeSums { amount: 1_500, paid: 1_500, cancelled });
    ReportDifference { meta: numbered(2), found: DifferenceFound { there, ..found() }, is_there: true }
}

fn gone() -> ReportDifference {
    ReportDifference { meta: numbered(3), is_there: false, ..report() }
}

fn settle() -> SettleDifference {
    SettleDifference { meta: numbered(4), difference_id: id(), note: "Venda no balcão".into() }
}

/// A shop with an open difference.
fn open() -> Given<Payments> {
    shop().when(report()).then()
}

#[track_caller]
fn difference(then: &Then<Payments>) -> Difference {
    let [PaymentsEvent::DifferenceChanged(event)] = then.all() else { panic!("{:?}", then.all()) };
    event.difference.clone()
}

#[test]
fn a_difference_is_found_once() {
    let then = shop().when(report());
    let (found_at, updated_at) = (NOW, NOW);
    let expected = Difference { found: found(), status: DifferenceStatus::Open, note: None, found_at, updated_at };
    let meta = then.answering(0, id(), 1, Outcome::Created);
    let row = DifferenceRow { tenant_id: SHOP, difference_id: id(), version: 1, difference: expected.clone() };
    assert!(then.changes().contains(&put(row)));
    assert_eq!(then.entity().as_deref(), Some("difference"));
    then.events([PaymentsEvent::from(DifferenceChanged { meta, difference: expected })]);
    assert_eq!(open().when(report()).unchanged().unwrap()["status"], json!("OPEN"));
}

#[test]
fn other_sums_are_said() {
    let then = open().when(with_cancelled(500));
    let difference = difference(&then);
    assert_eq!((difference.found_at, difference.updated_at), (NOW, NOW + SECOND));
    assert_eq!(difference.found.there.map(|sums| sums.cancelled), Some(500));
}

#[test]
fn what_is_not_found_any_more_is_gone_until_it_is_found_again() {
    let then = open().when(gone());
    assert_eq!(difference(&then).status, DifferenceStatus::Gone);
    assert_eq!(then.then().when(gone()).unchanged().unwrap()["status"], json!("GONE"));
    let again = open().when(gone()).then().when(report());
    assert_eq!(difference(&again).status, DifferenceStatus::Open);
    shop().when(gone()).refused(Code::NotFound);
}

#[test]
fn a_person_settles_a_difference_and_it_stays_settled_while_its_sums_stay() {
    let then = open().when(settle());
    let settled = difference(&then);
    assert_eq!((settled.status, settled.note.as_deref()), (DifferenceStatus::Settled, Some("Venda no balcão")));
    let settled = || open().when(settle()).then();
    assert_eq!(settled().when(settle()).unchanged().unwrap()["status"], json!("SETTLED"));
    assert_eq!(settled().when(report()).unchanged().unwrap()["status"], json!("SETTLED"));
    assert_eq!(settled().when(gone()).unchanged().unwrap()["status"], json!("SETTLED"));
    let reopened = difference(&settled().when(with_cancelled(1)));
    assert_eq!((reopened.status, reopened.note), (DifferenceStatus::Open, None));
}

#[test]
fn only_what_is_open_is_settled_and_in_words() {
    shop().when(settle()).refused(Code::NotFound);
    open().when(gone()).then().when(settle()).refused(Code::PaymentState);
    for (note, code) in [(" ".to_owned(), Code::Required), ("n".repeat(2_001), Code::TooLong)] {
        open().when(SettleDifference { note, ..settle() }).refused_for("/note", code);
    }
    open().when(SettleDifference { meta: asked_for_version(9), ..settle() }).refused(Code::VersionMismatch);
}

#[test]
fn a_kind_of_a_later_version_is_not_decided() {
    let found = DifferenceFound { kind: DifferenceKind::Unknown, ..found() };
    shop().when(ReportDifference { found, ..report() }).refused(Code::UnknownReference);
}

#[test]
fn an_open_difference_lies_in_the_list_of_its_partition() {
    let writes = |then: &Then<Payments>| -> Vec<Write> {
        then.all().iter().flat_map(|event| Payments::of_partition(event, 3)).collect()
    };
    let [Write::Put { row, .. }] = &writes(&shop().when(report()))[..] else { panic!("one row") };
    let row = row.clone().as_any().downcast::<OpenDifferenceRow>().unwrap();
    assert_eq!(*row, OpenDifferenceRow { partition: 3, tenant_id: SHOP, difference_id: id() });
    for then in [open().when(gone()), open().when(settle())] {
        let [Write::Delete { key, .. }] = &writes(&then)[..] else { panic!("one row") };
        assert_eq!(*key, OpenDifferenceRow::at(3, SHOP, id()));
    }
}

fn ask(account_id: Option<AccountId>) -> RequestReconciliation {
    RequestReconciliation { meta: numbered(5), account_id }
}

/// A shop with an account that is ready and another one of this status.
fn with(status: AccountStatus) -> Given<Payments> {
    shop().and(account_row(account(THERE, status)))
}

fn requested(then: &Then<Payments>) -> Vec<AccountId> {
    let [PaymentsEvent::ReconciliationRequested(event)] = then.all() else { panic!("{:?}", then.all()) };
    event.account_ids.clone()
}

#[test]
fn a_reconciliation_is_asked_for_of_one_account_or_of_all_that_can_be_asked() {
    let then = with(AccountStatus::Retired).when(ask(Some(THERE)));
    let row = ReconciliationRow { tenant_id: SHOP, account_id: THERE, version: 1, asked_at: NOW };
    assert!(then.changes().contains(&put(row)));
    let matters: Vec<Write> = then.all().iter().flat_map(|event| Payments::of_partition(event, 3)).collect();
    assert_eq!(matters.iter().map(Write::key).collect::<Vec<_>>(), [OpenMatterRow::at(3, Matter::Account(THERE))]);
    let meta = then.answering(0, format!("reconciliation:{SHOP}"), 1, Outcome::Created);
    let expected = ReconciliationRequested { meta, account_ids: vec![THERE], asked_at: NOW };
    then.events([PaymentsEvent::from(expected)]);
    assert_eq!(requested(&with(AccountStatus::Retired).when(ask(None))), [HERE, THERE]);
    assert_eq!(requested(&with(AccountStatus::Broken).when(ask(None))), [HERE]);
}

#[test]
fn asking_again_is_another_version() {
    let then = shop().when(ask(None)).then().when(ask(Some(HERE)));
    assert_eq!(names(&then), ["ReconciliationRequested"]);
    let row = ReconciliationRow { tenant_id: SHOP, account_id: HERE, version: 2, asked_at: NOW + SECOND };
    assert!(then.changes().contains(&put(row)));
}

#[test]
fn an_account_that_is_not_there_or_can_not_be_asked_is_refused() {
    shop().when(ask(Some(THERE))).refused(Code::NotFound);
    with(AccountStatus::Broken).when(ask(Some(THERE))).refused(Code::NoAccount);
    with(AccountStatus::Untested).when(ask(Some(THERE))).refused(Code::NoAccount);
    open_shop().when(ask(None)).refused(Code::NoAccount);
}
