//! Reconciliations and differences, as operators ask for them and are shown them, and what staff says of what nobody knows.

use serde::Deserialize;
use serde_json::{Value, json};

use super::fields::NOTE;
use crate::{
    api::{
        rules::{Errors, filled, parse_id},
        schema::{
            Named, boolean, id, id_or_none, id_or_null, list_of, object, reference, reference_or_null, text,
            text_or_null, time, whole,
        },
    },
    ids::{AccountId, Micros, TenantId},
    money::Money,
    problem::FieldError,
    records::payments::{ChargeSums, Difference, DifferenceStatus},
    rows::payments::ReconciledRow,
    time::rfc3339,
};

/// Which of a shop's accounts are reconciled.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReconciliationBody {
    /// The account; `None` for all of them.
    #[serde(default)]
    account_id: Option<String>,
}

/// What somebody says of a thing that is settled by hand.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SettleBody {
    /// Words; the record keeps them.
    note: String,
}

/// What somebody says of a charge of which nobody knows what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SettleChargeBody {
    /// The gateway's id of the charge; `None`: it has made none.
    #[serde(default)]
    remote_id: Option<String>,
    /// Words; the record keeps them.
    note: String,
}

/// The account that a body names, or that it names none; `None` for all.
pub fn reconciliation_account(body: ReconciliationBody) -> Result<Option<AccountId>, Vec<FieldError>> {
    let mut errors = Errors::default();
    let account =
        parse_id(&mut errors, "/account_id", filled(body.account_id), "A loja não tem uma conta com este id.");
    errors.or(account)
}

/// The words of a body, or what is wrong with them.
pub fn settle_note(body: SettleBody) -> Result<String, Vec<FieldError>> {
    let mut errors = Errors::default();
    NOTE.check(&mut errors, "/note", Some(&body.note));
    errors.or(body.note)
}

/// The gateway's id and the words of a body, or what is wrong with them.
pub fn settle_charge(body: SettleChargeBody) -> Result<(Option<String>, String), Vec<FieldError>> {
    let mut errors = Errors::default();
    NOTE.check(&mut errors, "/note", Some(&body.note));
    // A blank id is refused where it is decided: that nothing was made is said by leaving it out.
    errors.or((body.remote_id, body.note))
}

/// A difference.
pub fn difference_json(tenant: TenantId, difference: &Difference) -> Value {
    let found = &difference.found;
    let status = match difference.status {
        DifferenceStatus::Open | DifferenceStatus::Unknown => "open",
        DifferenceStatus::Gone => "gone",
        DifferenceStatus::Settled => "settled",
    };
    json!({
        "id": found.difference_id,
        "tenant_id": tenant,
        "kind": found.kind.word(),
        "status": status,
        "account_id": found.account_id,
        "gateway": found.gateway,
        "remote_id": found.remote_id,
        "charge_id": found.charge_id,
        "there": found.there.map(sums),
        "here": found.here.map(sums),
        "note": difference.note,
        "found_at": rfc3339(difference.found_at),
        "updated_at": rfc3339(difference.updated_at),
    })
}

fn sums(sums: ChargeSums) -> Value {
    let ChargeSums { amount, paid, cancelled } = sums;
    json!({"amount": Money::brl(amount), "paid": Money::brl(paid), "cancelled": Money::brl(cancelled)})
}

/// The last reconciliation of an account, and when one was asked for last.
pub fn reconciled_json(account: AccountId, asked_at: Option<Micros>, done: Option<&ReconciledRow>) -> Value {
    let is_due = asked_at > done.and_then(|done| done.asked_at);
    json!({
        "account_id": account,
        "asked_at": asked_at.map(rfc3339),
        "pending": asked_at.is_some() && is_due,
        "began_at": done.map(|done| rfc3339(done.began_at)),
        "ended_at": done.map(|done| rfc3339(done.ended_at)),
        "listed": done.map(|done| done.listed),
        "looked_at": done.map(|done| done.looked_at),
        "mended": done.map(|done| done.mended),
        "differences": done.map(|done| done.differences),
        "whole": done.map(|done| done.whole),
    })
}

/// The schemas of the operator's routes for reconciliations and differences.
pub fn operator_schemas() -> Vec<Named> {
    let count = || json!({"type": ["integer", "null"], "minimum": 0});
    let time_or_null = || json!({"type": ["string", "null"], "format": "date-time"});
    let sums =
        whole(&[("amount", reference("Money")), ("paid", reference("Money")), ("cancelled", reference("Money"))]);
    let difference = whole(&[
        ("id", id()),
        ("tenant_id", id()),
        (
            "kind",
            json!({
                "type": "string",
                "enum": ["unknown_charge", "double_charge", "missing_charge", "sums_differ", "unknown"],
                "description": "A charge at the gateway that is nobody's here; one with the code of a charge of ours that is another one there; one that counts as paid here and is not there; one with other sums.",
            }),
        ),
        (
            "status",
            json!({
                "type": "string",
                "enum": ["open", "gone", "settled"],
                "description": "`gone`: a later reconciliation does not find it any more; `settled`: somebody has said what it is about.",
            }),
        ),
        ("account_id", id()),
        ("gateway", text()),
        ("remote_id", text()),
        ("charge_id", id_or_null()),
        ("there", reference_or_null("PaymentDifferenceSums")),
        ("here", reference_or_null("PaymentDifferenceSums")),
        ("note", text_or_null()),
        ("found_at", time()),
        ("updated_at", time()),
    ]);
    let reconciled = whole(&[
        ("account_id", id()),
        ("asked_at", time_or_null()),
        ("pending", boolean()),
        ("began_at", time_or_null()),
        ("ended_at", time_or_null()),
        ("listed", count()),
        ("looked_at", count()),
        ("mended", count()),
        ("differences", count()),
        (
            "whole",
            json!({"type": ["boolean", "null"], "description": "False if there was more than one reconciliation goes through."}),
        ),
    ]);
    let next = json!({"type": ["string", "null"], "description": "The `after` of the next page; null on the last."});
    let asked = whole(&[("account_ids", list_of(id())), ("asked_at", time())]);
    vec![
        ("ReconciliationBody", object(&[("account_id", id_or_none())], &[])),
        ("ReconciliationAsked", asked),
        ("Reconciled", reconciled),
        ("ReconciledList", whole(&[("items", list_of(reference("Reconciled")))])),
        ("DifferenceSettleBody", object(&[("note", NOTE.schema())], &["note"])),
        ("PaymentDifference", difference),
        ("PaymentDifferenceSums", sums),
        ("PaymentDifferencePage", whole(&[("items", list_of(reference("PaymentDifference"))), ("next", next)])),
    ]
}

/// The schemas of what staff says of charges, refunds and subscriptions of which nobody knows what became of them.
pub fn settle_schemas() -> Vec<Named> {
    let remote = json!({
        "type": ["string", "null"],
        "maxLength": 200,
        "description": "The gateway's id of the charge, which is looked at; left out: the gateway has made none, and the charge is closed as failed.",
    });
    vec![
        ("RefundSettleBody", object(&[("note", NOTE.schema())], &["note"])),
        ("ChargeSettleBody", object(&[("remote_id", remote), ("note", NOTE.schema())], &["note"])),
        ("SubscriptionSettleBody", object(&[("note", NOTE.schema())], &["note"])),
    ]
}
