//! Answers: the entity as its event has it, sealed, and its version.

use feira_contexts::{Decider, payments::Payments};
use feira_schemas::{
    ids::CredentialId,
    records::{
        PaymentsEvent,
        payments::{IssueCredential, PaymentMethod, StandingStatus},
    },
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    accounts::save,
    given::asked,
    sample::{
        HERE, REFUND, ask, charge_of, effect_of, open_shop, paid, refund_of, request_charge, request_refund, shop,
        standing, wanted,
    },
};

fn with_version(record: impl serde::Serialize, version: i64) -> Value {
    let mut value = serde_json::to_value(record).unwrap();
    value["version"] = json!(version);
    value
}

#[test]
fn an_answer_shows_the_record_and_its_version() {
    let then = shop().when(request_charge(PaymentMethod::Card));
    assert_eq!((then.body(), then.entity().as_deref()), (with_version(charge_of(&then), 1), Some("charge")));
    assert!(then.body()["request"]["buyer"]["name"].as_str().unwrap().len() > 40, "a seal is a text");
    let then = wanted(PaymentMethod::Pix).when(ask());
    assert_eq!((then.body(), then.entity().as_deref()), (with_version(effect_of(&then), 2), Some("effect")));
    let then = paid(PaymentMethod::Pix).when(request_refund(REFUND, None));
    assert_eq!((then.body(), then.entity().as_deref()), (with_version(refund_of(&then), 1), Some("refund")));
    let then = open_shop().when(save(HERE));
    let account = crate::sample::accounts_of(&then)[0].clone();
    assert_eq!((then.body(), then.entity().as_deref()), (with_version(account, 1), Some("account")));
}

#[test]
fn what_has_not_changed_is_shown_alike() {
    let first = shop().when(request_charge(PaymentMethod::Pix));
    let body = first.body();
    assert_eq!(first.then().when(request_charge(PaymentMethod::Pix)).unchanged(), Some(body));
}

#[test]
fn a_credentials_hash_is_shown_to_nobody() {
    let credential_id = CredentialId::from_uuid(Uuid::from_u128(0xcc));
    let issue = IssueCredential { meta: asked(), credential_id, name: "ERP".into(), hash: "5ec7e7".into() };
    let then = open_shop().when(issue);
    assert_eq!(then.entity().as_deref(), Some("credential"));
    assert!(!then.body().to_string().contains("5ec7e7"));
}

#[test]
fn what_is_no_entity_shows_none() {
    let then = shop().when(request_charge(PaymentMethod::Pix));
    let timer = then.all().iter().find(|event| matches!(event, PaymentsEvent::TimerSet(_))).unwrap();
    assert_eq!(Payments::shown(timer), None);
    assert_eq!(standing(StandingStatus::Open).standing.version, 1);
}
