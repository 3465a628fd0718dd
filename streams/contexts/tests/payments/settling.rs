//! Charges that a person settles, since nobody knows what became of them.

use feira_contexts::payments::Payments;
use feira_schemas::{
    ids::ChargeId,
    problem::Code,
    records::payments::{ChargeStatus, EffectState, ObservedCharge, PaymentMethod, SettleCharge, Settled},
    rows::payments::RemoteChargeRow,
    time::HOUR,
};
use uuid::Uuid;

use crate::{
    given::{Given, NOW, SHOP, asked_for_version},
    sample::{
        CHARGE, HERE, ask, ask_knowing, cancel, charge_of, effect_of, look_paid, names, numbered, observe, paid,
        pending, report_done, wanted,
    },
};

/// A charge of which the gateway has shown nothing until nothing was sent any more.
fn open() -> Given<Payments> {
    let granted = wanted(PaymentMethod::Boleto).when(ask()).then();
    let then = granted.at(NOW + 21 * HOUR).when(ask_knowing());
    assert_eq!(effect_of(&then).state, EffectState::Open);
    then.then()
}

fn not_made() -> SettleCharge {
    let note = "Não consta no painel do gateway".into();
    SettleCharge { meta: numbered(6), charge_id: CHARGE, remote_id: None, note }
}

fn made_as(remote: &str) -> SettleCharge {
    SettleCharge { meta: numbered(7), remote_id: Some(remote.into()), note: "Consta no painel".into(), ..not_made() }
}

#[test]
fn a_charge_that_was_not_made_is_closed_as_failed() {
    let then = open().when(not_made());
    assert_eq!(names(&then), ["ChargeChanged", "EffectReported"]);
    let effect = effect_of(&then);
    assert_eq!((charge_of(&then).status, effect.state), (ChargeStatus::Failed, EffectState::Closed));
    let note = "Não consta no painel do gateway".to_owned();
    assert_eq!(effect.settled, Some(Settled { remote_id: None, note }));
    // Money is money, also after a person has erred.
    let turned_up = then.then().when(observe(look_paid(NOW + 30 * HOUR, 0)));
    assert_eq!(charge_of(&turned_up).status, ChargeStatus::Paid);
}

#[test]
fn a_charge_that_was_to_be_cancelled_and_was_not_made_is_cancelled() {
    let wanted = open().when(cancel()).then();
    assert_eq!(charge_of(&wanted.when(not_made())).status, ChargeStatus::Cancelled);
}

#[test]
fn a_charge_that_was_made_is_looked_at_by_the_id_that_is_named() {
    let then = open().when(made_as("ch_1"));
    let effect = effect_of(&then);
    assert_eq!((names(&then), effect.state), (vec!["EffectReported"], EffectState::Open));
    assert_eq!(effect.settled.and_then(|settled| settled.remote_id).as_deref(), Some("ch_1"));
    assert_eq!(open().when(made_as("ch_1")).then().when(made_as("ch_1")).unchanged().unwrap()["status"], "PROCESSING");
    let reported = open().when(made_as("ch_1")).then().when(report_done(1, look_paid(NOW + 9, 0)));
    assert_eq!((charge_of(&reported).status, effect_of(&reported).state), (ChargeStatus::Paid, EffectState::Closed));
    let corrected = open().when(made_as("ch_7")).then().when(made_as("ch_1"));
    assert_eq!(effect_of(&corrected).settled.and_then(|settled| settled.remote_id).as_deref(), Some("ch_1"));
}

#[test]
fn a_charge_of_another_sum_or_of_another_code_is_not_taken_for_it() {
    let named = || open().when(made_as("ch_1")).then();
    let other = ObservedCharge { amount: 1_400, ..look_paid(NOW + 9, 0) };
    named().when(report_done(1, other)).refused(Code::UnknownReference);
    let mut coded = look_paid(NOW + 9, 0);
    coded.remote.code = Some(ChargeId::from_uuid(Uuid::from_u128(5)).to_string());
    named().when(report_done(1, coded)).refused(Code::UnknownReference);
    let mut uncoded = look_paid(NOW + 9, 0);
    uncoded.remote.code = None;
    assert_eq!(charge_of(&named().when(report_done(1, uncoded))).status, ChargeStatus::Paid);
}

#[test]
fn an_id_that_is_none_or_another_charges_is_refused() {
    let charge_id = ChargeId::from_uuid(Uuid::from_u128(5));
    let known = RemoteChargeRow { tenant_id: SHOP, account_id: HERE, remote_id: "ch_5".into(), charge_id };
    open().and(known).when(made_as("ch_5")).refused_for("/remote_id", Code::Invalid);
    open().when(made_as(" ")).refused_for("/remote_id", Code::Required);
    open().when(made_as(&"x".repeat(201))).refused_for("/remote_id", Code::TooLong);
}

#[test]
fn only_what_nobody_knows_is_settled_and_in_words() {
    let granted = wanted(PaymentMethod::Boleto).when(ask()).then();
    for shop in [wanted(PaymentMethod::Pix), granted, pending(PaymentMethod::Pix), paid(PaymentMethod::Pix)] {
        shop.when(not_made()).refused(Code::PaymentState);
    }
    let charge_id = ChargeId::from_uuid(Uuid::from_u128(5));
    open().when(SettleCharge { charge_id, ..not_made() }).refused(Code::NotFound);
    for (note, code) in [(" ".to_owned(), Code::Required), ("n".repeat(2_001), Code::TooLong)] {
        open().when(SettleCharge { note, ..not_made() }).refused_for("/note", code);
    }
    open().when(SettleCharge { meta: asked_for_version(9), ..not_made() }).refused(Code::VersionMismatch);
    let then = open().when(not_made()).then().when(not_made());
    then.refused(Code::PaymentState);
}
