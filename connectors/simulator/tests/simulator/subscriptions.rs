//! Subscriptions: cycles by the clock, and what becomes of their bills.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::bed::{Bed, customer};

fn subscription(more: Value) -> Value {
    let mut body = json!({
        "code": "s",
        "customer": customer(),
        "payment_method": "boleto",
        "interval": "month",
        "interval_count": 1,
        "items": [{"description": "Plano", "quantity": 2, "pricing_scheme": {"scheme_type": "unit", "price": 1_000}}],
    });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

async fn invoices(bed: &Bed, subscription: &Value) -> Vec<Value> {
    bed.move_clock(1).await;
    let path = format!("invoices?subscription_id={}", subscription["id"].as_str().unwrap());
    bed.ok("GET", &path, Value::Null).await["data"].as_array().unwrap().clone()
}

#[tokio::test]
async fn each_cycle_is_billed_when_it_begins_and_months_keep_their_day() {
    let bed = Bed::new().await;
    let made = bed.ok("POST", "subscriptions", subscription(json!({"start_at": "2027-01-31T00:00:00Z"}))).await;
    assert_eq!((&made["status"], &made["current_cycle"]), (&json!("future"), &Value::Null));
    bed.move_clock(150 * 86_400).await; // Until 2027-04-01.
    let path = format!("subscriptions/{}/cycles", made["id"].as_str().unwrap());
    let cycles = bed.ok("GET", &path, Value::Null).await;
    let starts: Vec<&Value> = cycles["data"].as_array().unwrap().iter().map(|cycle| &cycle["start_at"]).collect();
    assert_eq!(starts, ["2027-03-31T00:00:00Z", "2027-02-28T00:00:00Z", "2027-01-31T00:00:00Z"]);
    let bills = invoices(&bed, &made).await;
    assert_eq!(bills.len(), 3);
    assert_eq!((&bills[0]["amount"], &bills[0]["status"]), (&json!(2_000), &json!("pending")));
    bed.admin("POST", &format!("charges/{}/pay", bills[0]["charge"]["id"].as_str().unwrap()), json!({})).await;
    assert_eq!(invoices(&bed, &made).await[0]["status"], "paid");
}

#[tokio::test]
async fn a_subscription_that_is_paid_behind_is_billed_at_the_cycles_end() {
    let bed = Bed::new().await;
    let made = bed.ok("POST", "subscriptions", subscription(json!({"billing_type": "postpaid"}))).await;
    assert_eq!(made["status"], "active");
    assert_eq!(invoices(&bed, &made).await, [Value::Null; 0]);
    bed.move_clock(31 * 86_400).await;
    let bills = invoices(&bed, &made).await;
    assert_eq!((bills.len(), &bills[0]["cycle"]["cycle"]), (1, &json!(1)));
}

#[tokio::test]
async fn a_trial_costs_nothing_and_a_plan_that_is_gone_is_refused() {
    let bed = Bed::new().await;
    let plan = json!({"name": "Loja", "interval": "month", "interval_count": 1, "trial_period_days": 7,
        "items": [{"name": "Plano", "pricing_scheme": {"scheme_type": "unit", "price": 500}}]});
    let plan = bed.ok("POST", "plans", plan).await;
    let body = json!({"customer": customer(), "payment_method": "boleto", "plan_id": plan["id"]});
    let made = bed.ok("POST", "subscriptions", body.clone()).await;
    assert_eq!((&made["status"], &made["next_billing_at"]), (&json!("future"), &json!("2026-11-09T12:00:00Z")));
    bed.move_clock(7 * 86_400).await;
    assert_eq!(invoices(&bed, &made).await[0]["amount"], 500);
    bed.ok("DELETE", &format!("plans/{}", plan["id"].as_str().unwrap()), Value::Null).await;
    assert_eq!(bed.send("POST", "subscriptions", body).await.0, StatusCode::PRECONDITION_FAILED);
}

#[tokio::test]
async fn a_refused_first_payment_fails_the_subscription_and_no_cycle_follows() {
    let bed = Bed::new().await;
    let card = json!({"payment_method": "credit_card", "card_token": bed.token("4000000000000028").await});
    let made = bed.ok("POST", "subscriptions", subscription(card)).await;
    assert_eq!((&made["status"], &made["next_billing_at"]), (&json!("failed"), &Value::Null));
    bed.move_clock(60 * 86_400).await;
    assert_eq!(bed.truth("s").await.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn the_next_bill_can_be_moved_and_cancelling_cancels_what_is_open() {
    let bed = Bed::new().await;
    let made = bed.ok("POST", "subscriptions", subscription(json!({}))).await;
    let path = format!("subscriptions/{}", made["id"].as_str().unwrap());
    let moved =
        bed.ok("PATCH", &format!("{path}/billing-date"), json!({"next_billing_at": "2026-11-20T00:00:00Z"})).await;
    assert_eq!(moved["current_cycle"]["end_at"], "2026-11-20T00:00:00Z");
    bed.move_clock(18 * 86_400).await;
    let shown = bed.ok("GET", &path, Value::Null).await;
    assert_eq!(
        (&shown["current_cycle"]["cycle"], &shown["next_billing_at"]),
        (&json!(2), &json!("2026-12-20T00:00:00Z"))
    );
    assert_eq!(bed.ok("DELETE", &path, Value::Null).await["status"], "canceled");
    assert!(invoices(&bed, &made).await.iter().all(|bill| bill["status"] == "canceled"));
    bed.move_clock(60 * 86_400).await;
    assert_eq!(bed.truth("s").await.as_array().unwrap().len(), 2);
    assert_eq!(bed.send("DELETE", &path, Value::Null).await.0, StatusCode::PRECONDITION_FAILED);
}

#[tokio::test]
async fn a_subscription_is_told_as_it_truly_is_and_its_end_can_be_refused() {
    let bed = Bed::new().await;
    let card = json!({"payment_method": "credit_card", "card_token": bed.token("4000000000000010").await});
    let made = bed.ok("POST", "subscriptions", subscription(card)).await;
    let truth =
        async || bed.admin("GET", &format!("subscriptions?account={}&code=s", bed.account.id), Value::Null).await;
    let (all, charges) = (truth().await, bed.truth("s").await);
    let told = &all[0];
    assert_eq!((&told["id"], &told["status"], &told["canceled_at"]), (&made["id"], &json!("active"), &Value::Null));
    assert_eq!((&told["charges"][0], charges.as_array().unwrap().len()), (&charges[0]["id"], 1), "{told}");
    assert_eq!(bed.admin("GET", "subscriptions?code=x", Value::Null).await, json!([]));
    let path = format!("subscriptions/{}", made["id"].as_str().unwrap());
    bed.fault(json!({"effect": "refuse", "reason": "not_authorized", "operation": "subscription"})).await;
    let (status, answer) = bed.send("DELETE", &path, Value::Null).await;
    assert_eq!(status, StatusCode::PRECONDITION_FAILED);
    assert_eq!(answer["message"], "Transação não autorizada pelo emissor");
    assert_eq!(truth().await[0]["status"], "active");
    bed.ok("DELETE", &path, Value::Null).await;
    assert_eq!(truth().await[0]["status"], "canceled");
}
