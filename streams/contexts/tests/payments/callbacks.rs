//! Callbacks: kept once, and only if they are about what is the account's own.

use feira_contexts::payments::Payments;
use feira_schemas::{
    ids::AccountId,
    problem::Code,
    records::{
        PaymentsEvent,
        common::Outcome,
        payments::{AccountStatus, Callback, CallbackKept, PaymentMethod, ReceiveCallback},
    },
    rows::payments::CallbackRow,
};
use serde_json::json;

use crate::{
    given::{Given, NOW, SHOP, asked, put},
    sample::{CHARGE, HERE, THERE, account, account_row, ask, pending, shop, wanted},
};

fn callback(account_id: AccountId) -> Callback {
    Callback {
        account_id,
        callback_id: "hook_1".into(),
        kind: "charge.paid".into(),
        remote_charge: None,
        remote_order: None,
        remote_subscription: None,
        code: None,
        sent_at: NOW - 5,
        received_at: NOW,
    }
}

fn by_code() -> Callback {
    Callback { code: Some(CHARGE.to_string()), ..callback(HERE) }
}

fn by_remote(remote: &str) -> Callback {
    Callback { remote_charge: Some(remote.into()), ..callback(HERE) }
}

fn receive(callback: Callback) -> ReceiveCallback {
    ReceiveCallback { meta: asked(), callback }
}

/// A shop of two accounts and a charge of the first that waits for its buyer.
fn charged() -> Given<Payments> {
    pending(PaymentMethod::Pix).and(account_row(account(THERE, AccountStatus::Ready)))
}

#[test]
fn a_callback_is_kept_with_its_charge() {
    let both = Callback { remote_charge: Some("ch_1".into()), ..by_code() };
    for callback in [by_code(), by_remote("ch_1"), both] {
        let then = charged().when(receive(callback.clone()));
        let id = format!("callback:{HERE}:hook_1");
        let meta = then.answering(0, id, 1, Outcome::Created);
        let kept = CallbackKept { meta, callback: callback.clone(), charge_id: Some(CHARGE), subscription_id: None };
        then.events([PaymentsEvent::from(kept)]);
        then.rows([put(CallbackRow { tenant_id: SHOP, callback, charge_id: Some(CHARGE), subscription_id: None })]);
        assert_eq!(then.entity().as_deref(), Some("callback"));
        assert_eq!(then.body()["charge_id"], json!(CHARGE));
    }
    // Before the charge's own answer it is known by its code.
    let granted = wanted(PaymentMethod::Pix).when(ask()).then().when(receive(by_code()));
    assert_eq!(granted.body()["charge_id"], json!(CHARGE));
}

#[test]
fn a_callback_about_nothing_that_is_known_is_kept_without_a_charge() {
    let unknown = Callback { code: Some("018f4d7e-3c1b-7a52-9d0e-5b7f1c2a3d4e".into()), ..by_remote("ch_9") };
    for callback in
        [callback(HERE), by_remote("ch_9"), unknown, Callback { code: Some("ours?".into()), ..callback(HERE) }]
    {
        let then = charged().when(receive(callback));
        assert_eq!(
            (then.body()["charge_id"].clone(), then.body()["callback_id"].clone()),
            (json!(null), json!("hook_1"))
        );
    }
    // A code that is none of ours hides no id of the gateway's.
    let mixed = Callback { code: Some("ours?".into()), ..by_remote("ch_1") };
    assert_eq!(charged().when(receive(mixed)).body()["charge_id"], json!(CHARGE));
}

#[test]
fn f16_a_callback_that_came_before_is_answered_and_not_kept_again() {
    let first = charged().when(receive(by_code()));
    let kept = first.body();
    let again = Callback { received_at: NOW + 9, kind: "charge.refunded".into(), ..by_code() };
    assert_eq!(first.then().when(receive(again)).unchanged().unwrap(), kept);
    // Another account's gateway counts for itself.
    let other = charged().when(receive(callback(HERE))).then().when(receive(callback(THERE)));
    assert_eq!(other.body()["account_id"], json!(THERE));
}

#[test]
fn what_names_a_charge_of_another_account_is_dropped() {
    let theirs = Callback { account_id: THERE, ..by_code() };
    let then = charged().when(receive(theirs.clone()));
    assert_eq!(then.unchanged().unwrap()["charge_id"], json!(null));
    // Nothing was kept: it is dropped once more.
    then.then().when(receive(theirs)).unchanged();
    let other_charge = Callback { remote_charge: Some("ch_2".into()), ..by_code() };
    charged().when(receive(other_charge)).unchanged();
    // A charge that nobody was asked for has no callbacks.
    wanted(PaymentMethod::Pix).when(receive(by_code())).unchanged();
    // The other account's own charge of the same name is another one.
    let same_name = Callback { account_id: THERE, ..by_remote("ch_1") };
    assert_eq!(charged().when(receive(same_name)).body()["charge_id"], json!(null));
}

#[test]
fn a_callback_for_an_account_that_is_not_there_is_refused() {
    shop().when(receive(callback(THERE))).refused(Code::NotFound);
}

#[test]
fn a_retired_accounts_callbacks_are_kept() {
    let retired = account_row(account(HERE, AccountStatus::Retired));
    let then = charged().and(retired).when(receive(by_code()));
    assert_eq!(then.body()["charge_id"], json!(CHARGE));
}
