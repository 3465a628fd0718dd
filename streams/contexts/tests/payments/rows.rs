//! The rows that payments' events make.

use feira_contexts::{Decider, payments::Payments};
use feira_schemas::{
    records::{
        PaymentsEvent,
        payments::{AttemptOutcome, ObservedCharge, PaymentMethod, UnpaidStage, Why},
    },
    row::Write,
    rows::payments::{ChargeRow, EffectRow, Matter, OpenMatterRow, RefundRow, RemoteChargeRow},
};

use crate::{
    given::{Change, NOW, SHOP, Then, put},
    sample::{
        CHARGE, HERE, REFUND, ask, ask_knowing, charge_of, charging, effect_of, look, look_at, look_paid, observe,
        paid, pending, refund_of, refunding, report_done, report_why, request_charge, request_refund, shop, wanted,
    },
};

/// The matters that the events leave open in partition 3, or leave open no more, in their order.
fn matters(then: &Then<Payments>) -> Vec<(String, bool)> {
    let writes = then.all().iter().flat_map(|event: &PaymentsEvent| Payments::of_partition(event, 3));
    let matter = |write: Write| match write {
        Write::Put { row, .. } => {
            let row = row.as_any().downcast_ref::<OpenMatterRow>().unwrap().clone();
            assert_eq!((row.partition, row.tenant_id), (3, SHOP));
            (row.matter, true)
        }
        Write::Delete { key, .. } => {
            let all = [Matter::Effect(charging()), Matter::Charge(CHARGE), Matter::Effect(refunding(REFUND))];
            let named = all.into_iter().find(|matter| OpenMatterRow::at(3, *matter) == key);
            (named.unwrap().to_string(), false)
        }
    };
    writes.map(matter).collect()
}

fn effect(open: bool) -> (String, bool) {
    (Matter::Effect(charging()).to_string(), open)
}

fn charge(open: bool) -> (String, bool) {
    (Matter::Charge(CHARGE).to_string(), open)
}

fn tables(then: &Then<Payments>) -> Vec<&'static str> {
    let table = |change: &Change| match change {
        Change::Put(table, _) | Change::Gone(table, _) => *table,
    };
    then.changes().iter().map(table).collect()
}

#[test]
fn an_effect_is_an_open_matter_until_it_is_closed_and_a_charge_while_money_may_come() {
    let then = shop().when(request_charge(PaymentMethod::Pix));
    assert_eq!(matters(&then), [charge(false), effect(true)]);
    let then = then.then().when(ask());
    assert_eq!(matters(&then), [effect(true), charge(false)]);
    let then = then.then().when(report_why(1, AttemptOutcome::Question, Why::Reset));
    assert_eq!(matters(&then), [effect(true), charge(false)]);
    let then = then.then().when(report_done(1, look(NOW)));
    assert_eq!(matters(&then), [effect(false), charge(true)]);
    let then = then.then().when(observe(look_paid(NOW + 9, 0)));
    assert_eq!(matters(&then), [charge(false)]);
}

#[test]
fn what_is_looked_at_is_what_may_still_bring_money() {
    let table = [
        (look(NOW + 5), true),
        (look_at(NOW + 5, UnpaidStage::Confirming), true),
        (look_at(NOW + 5, UnpaidStage::Authorized), true),
        (ObservedCharge { paid: 1, ..look(NOW + 5) }, true),
        (look_at(NOW + 5, UnpaidStage::Failed), false),
        (look_at(NOW + 5, UnpaidStage::Cancelled), false),
        (look_paid(NOW + 5, 0), false),
        (look_paid(NOW + 5, 1_500), false),
    ];
    for (look, open) in table {
        assert_eq!(matters(&pending(PaymentMethod::Pix).when(observe(look.clone()))), [charge(open)], "{look:?}");
    }
}

#[test]
fn an_open_question_is_an_open_matter() {
    let question = wanted(PaymentMethod::Boleto).when(ask()).then();
    let then = question.at(NOW + 21 * feira_schemas::time::HOUR).when(ask_knowing());
    assert_eq!(matters(&then), [effect(true), charge(false)]);
}

#[test]
fn a_refund_is_an_open_matter_by_its_effect() {
    let then = paid(PaymentMethod::Pix).when(request_refund(REFUND, None));
    assert_eq!(matters(&then), [(Matter::Effect(refunding(REFUND)).to_string(), true)]);
}

#[test]
fn an_event_makes_whole_rows() {
    let then = shop().when(request_charge(PaymentMethod::Pix));
    assert_eq!(tables(&then), ["charge", "charge_of_month", "effect"]);
    let rows = [
        put(ChargeRow { tenant_id: SHOP, version: 1, charge: charge_of(&then) }),
        put(EffectRow { tenant_id: SHOP, version: 1, effect: effect_of(&then) }),
    ];
    for row in rows {
        assert!(then.changes().contains(&row), "{row:?}");
    }
    let then = wanted(PaymentMethod::Pix).when(ask()).then().when(report_done(1, look(NOW)));
    assert_eq!(tables(&then), ["effect", "charge", "charge_of_month", "remote_charge"]);
    let remote = RemoteChargeRow { tenant_id: SHOP, account_id: HERE, remote_id: "ch_1".into(), charge_id: CHARGE };
    assert!(then.changes().contains(&put(remote)));
    let then = paid(PaymentMethod::Pix).when(request_refund(REFUND, None));
    assert_eq!(tables(&then), ["refund", "effect"]);
    assert!(then.changes().contains(&put(RefundRow { tenant_id: SHOP, version: 1, refund: refund_of(&then) })));
}

#[test]
fn every_event_lies_under_its_shop() {
    let then = shop().when(request_charge(PaymentMethod::Pix));
    for event in then.all() {
        assert_eq!(Payments::key(event), Some(SHOP.to_string()));
    }
}

/// Every decision of these tests is held to it by `given`.
#[test]
fn s106_payments_asks_for_rows_of_its_own_database_and_makes_no_others() {
    assert_eq!(shop().when(request_charge(PaymentMethod::Pix)).keyspaces(), ["payments"].into());
}
