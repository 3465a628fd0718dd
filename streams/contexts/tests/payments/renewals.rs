//! Charges that a gateway makes by itself for a subscription: each becomes one of ours, once.

use feira_schemas::{
    ids::ChargeId,
    money::Money,
    records::payments::{
        ChargePurpose, ChargeStatus, EffectKind, ObserveCharge, ObserveSubscription, ObservedCharge, PaymentMethod,
        Recurrence, RemoteIds, ReportAttempt, RequestRefund, UnpaidStage,
    },
    rows::payments::{ChargeOfSubscriptionRow, ChargeRow, RemoteChargeRow},
};
use serde_json::json;

use crate::{
    given::{NOW, SHOP, put},
    sample::{HERE, REFUND, SECOND, THERE, charge_of, effect_of, names, numbered, request_refund},
    subscribed::{
        By, GRANTED, PLAN, SUBSCRIPTION, active, buyer, done, granted, observe, observe_charge, renewal, renewal_paid,
        seen_with, subscription_of,
    },
};

fn of_remote(remote: &str) -> ChargeId {
    ChargeId::of_renewal(SUBSCRIPTION, remote)
}

/// A look at the subscription together with its latest charge.
fn look(began: i64, charge: ObservedCharge) -> ObserveSubscription {
    let observed = seen_with(began, Recurrence::Active, &charge.remote.charge);
    ObserveSubscription { charge: Some(charge), ..observe(observed) }
}

#[test]
fn a_charge_that_is_seen_with_its_subscription_becomes_one_of_ours() {
    let then = active().when(look(NOW + 9, renewal_paid(NOW + 9, "ch_1", 0)));
    assert_eq!(names(&then), ["RemoteSubscriptionChanged", "ChargeChanged"]);
    let charge = charge_of(&then);
    assert_eq!((charge.charge_id, charge.purpose), (of_remote("ch_1"), ChargePurpose::Subscription));
    assert_eq!((charge.order_id, charge.account_id), (Some(SUBSCRIPTION.to_string()), Some(HERE)));
    assert_eq!((charge.status, charge.created_at), (ChargeStatus::Paid, GRANTED + 2 * SECOND));
    let request = &charge.request;
    assert_eq!((request.amount, request.method), (Money::brl(4_990), PaymentMethod::Card));
    assert_eq!((&request.buyer, request.reference.as_deref()), (&buyer(), Some("assinante-7")));
    assert_eq!((request.items[0].code.as_str(), request.items[0].total), (PLAN.to_string().as_str(), 4_990));
    assert_eq!(request.statement_descriptor.as_deref(), Some("CLUBE"));
    let card = request.card.as_ref().unwrap();
    assert_eq!((card.saved_card.as_deref(), card.saved_customer.as_deref()), (Some("card_1"), Some("cus_1")));
    assert_eq!((&card.card_token, card.installments), (&None, 1));
    assert_eq!(subscription_of(&then).charge_id, Some(of_remote("ch_1")));
    let remote =
        RemoteChargeRow { tenant_id: SHOP, account_id: HERE, remote_id: "ch_1".into(), charge_id: of_remote("ch_1") };
    assert!(then.changes().contains(&put(remote)));
    let of_subscription = ChargeOfSubscriptionRow::of(SHOP, SUBSCRIPTION, charge.created_at, charge.charge_id);
    assert!(then.changes().contains(&put(of_subscription)));
    let row = ChargeRow { tenant_id: SHOP, version: 1, charge: charge_of(&then) };
    assert!(then.changes().contains(&put(row)));
    let again = then.then().when(look(NOW + 9, renewal_paid(NOW + 9, "ch_1", 0)));
    assert_eq!(again.unchanged().unwrap()["charge_id"], json!(of_remote("ch_1")));
}

#[test]
fn each_period_has_its_charge_and_the_latest_is_named() {
    let first = active().when(look(NOW + 9, renewal_paid(NOW + 9, "ch_1", 0))).then();
    let second = first.when(look(NOW + 20, renewal(NOW + 20, "ch_2")));
    assert_eq!((charge_of(&second).charge_id, charge_of(&second).status), (of_remote("ch_2"), ChargeStatus::Pending));
    assert_eq!(subscription_of(&second).charge_id, Some(of_remote("ch_2")));
    // A look that began before does not make the first the latest again.
    let older = second.then().when(look(NOW + 15, renewal_paid(NOW + 15, "ch_1", 100)));
    assert_eq!((names(&older), charge_of(&older).status), (vec!["ChargeChanged"], ChargeStatus::PartlyRefunded));
}

#[test]
fn a_charge_alone_is_seen_by_what_it_says_of_its_subscription() {
    let then = active().when(observe_charge(renewal_paid(NOW + 9, "ch_1", 0)));
    assert_eq!((names(&then), charge_of(&then).charge_id), (vec!["ChargeChanged"], of_remote("ch_1")));
    assert_eq!(then.entity().as_deref(), Some("charge"));
    let of = |change: fn(&mut ObservedCharge)| {
        let mut charge = renewal_paid(NOW + 9, "ch_1", 0);
        change(&mut charge);
        charge
    };
    let others = [
        of(|charge| charge.account_id = THERE),
        of(|charge| charge.remote.subscription = None),
        of(|charge| charge.remote.subscription = Some("sub_2".into())),
    ];
    for other in others {
        assert_eq!(active().when(observe_charge(other.clone())).unchanged().unwrap()["charge_id"], json!(null));
        // What comes with it does not count either.
        let with = ObserveSubscription { charge: Some(other), ..look(NOW + 9, renewal(NOW + 9, "ch_1")) };
        assert_eq!(active().when(with).unchanged().unwrap()["charge_id"], json!(null));
    }
    // Before the gateway is seen to have the subscription, no charge is known to be of it.
    let granted = granted(By::KeptCard).when(observe_charge(renewal_paid(NOW + 9, "ch_1", 0)));
    assert_eq!(granted.unchanged().unwrap()["status"], json!("PROCESSING"));
}

#[test]
fn the_first_charge_comes_with_the_report() {
    let found = seen_with(NOW, Recurrence::Unpaid, "ch_1");
    let failed = {
        let mut charge = renewal(NOW, "ch_1");
        charge.unpaid.as_mut().unwrap().stage = UnpaidStage::Failed;
        charge
    };
    let report = ReportAttempt { observed: Some(failed), ..done(1, found) };
    let then = granted(By::Token).when(report.clone());
    assert_eq!(names(&then), ["EffectReported", "RemoteSubscriptionChanged", "ChargeChanged"]);
    assert_eq!((charge_of(&then).status, charge_of(&then).charge_id), (ChargeStatus::Failed, of_remote("ch_1")));
    let card = charge_of(&then).request.card.unwrap();
    assert_eq!((card.saved_card, card.saved_customer.as_deref()), (None, Some("cus_1")));
    then.then().when(report).unchanged();
}

#[test]
fn a_renewal_is_looked_at_and_given_back_as_any_other_charge() {
    let seen = || active().when(look(NOW + 9, renewal_paid(NOW + 9, "ch_1", 0))).then();
    let charge_id = of_remote("ch_1");
    let observed = ObservedCharge {
        remote: RemoteIds { subscription: None, ..renewal(NOW, "ch_1").remote },
        ..renewal_paid(NOW + 20, "ch_1", 4_990)
    };
    let then = seen().when(ObserveCharge { meta: numbered(50), charge_id, observed });
    assert_eq!(charge_of(&then).status, ChargeStatus::Refunded);
    let refund = RequestRefund { charge_id, ..request_refund(REFUND, Some(1_000)) };
    let then = seen().when(refund);
    assert_eq!((names(&then)[0], effect_of(&then).kind), ("RefundChanged", EffectKind::Refund));
    assert_eq!((effect_of(&then).charge_id, effect_of(&then).account_id), (Some(charge_id), Some(HERE)));
}
