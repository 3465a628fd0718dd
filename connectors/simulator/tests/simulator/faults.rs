//! Faults that were ordered, one by one: what the caller sees, and what was truly charged.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::bed::{Bed, order, pix};

/// How many charges there are under a code.
async fn charged(bed: &Bed, code: &str) -> usize {
    bed.truth(code).await.as_array().unwrap().len()
}

#[tokio::test]
async fn an_error_comes_before_anything_is_done_or_after_all_is() {
    let bed = Bed::new().await;
    bed.fault(json!({"effect": "error_before", "operation": "charge"})).await;
    assert_eq!(bed.send("POST", "orders", order("a", 100, pix())).await.0, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(charged(&bed, "a").await, 0);
    bed.fault(json!({"effect": "error_after", "operation": "charge"})).await;
    assert_eq!(bed.send("POST", "orders", order("b", 100, pix())).await.0, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(charged(&bed, "b").await, 1);
    bed.ok("POST", "orders", order("c", 100, pix())).await;
}

#[tokio::test]
async fn a_connection_ends_before_anything_is_done_or_after_all_is() {
    let bed = Bed::new().await;
    for (effect, charges) in [("drop_before", 0), ("drop_after", 1)] {
        bed.fault(json!({"effect": effect, "operation": "charge"})).await;
        let error = bed.try_send("POST", "orders", &order(effect, 100, pix())).await.unwrap_err();
        assert!(error.is_request() && !error.is_timeout(), "{error:?}");
        assert_eq!(charged(&bed, effect).await, charges);
    }
}

#[tokio::test]
async fn nothing_is_answered_before_anything_is_done_or_after_all_is() {
    let bed = Bed::new().await;
    for (effect, charges) in [("hang_before", 0), ("hang_after", 1)] {
        bed.fault(json!({"effect": effect, "operation": "charge"})).await;
        let body = order(effect, 100, pix());
        let mut asked = std::pin::pin!(bed.try_send("POST", "orders", &body));
        let taken = async {
            while bed.admin("GET", "faults", Value::Null).await != json!([]) {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        tokio::select! {
            answer = &mut asked => panic!("answered: {answer:?}"),
            () = taken => {}
        }
        // An answer would come in milliseconds; what is waited for is that none does.
        assert!(tokio::time::timeout(Duration::from_secs(1), asked).await.is_err());
        assert_eq!(charged(&bed, effect).await, charges);
    }
}

#[tokio::test]
async fn a_key_of_idempotency_tells_what_became_of_an_answer_that_was_lost() {
    let bed = Bed::new().await;
    let (body, key) = (order("a", 100, pix()), [("idempotency-key", "k")]);
    bed.fault(json!({"effect": "drop_after", "operation": "charge"})).await;
    bed.try_send_with("POST", "orders", &body, &key).await.unwrap_err();
    let answer = bed.try_send_with("POST", "orders", &body, &key).await.unwrap();
    assert_eq!(answer.json::<Value>().await.unwrap()["code"], "a");
    assert_eq!(charged(&bed, "a").await, 1);
}

#[tokio::test]
async fn an_answer_is_late_or_429_as_was_ordered() {
    let bed = Bed::new().await;
    bed.fault(json!({"effect": "slow", "millis": 50, "operation": "list"})).await;
    bed.ok("GET", "orders", Value::Null).await;
    bed.fault(json!({"effect": "too_many", "retry_after": 7})).await;
    let answer = bed.try_send("GET", "orders", &Value::Null).await.unwrap();
    assert_eq!(
        (answer.status(), answer.headers()["retry-after"].to_str().unwrap()),
        (StatusCode::TOO_MANY_REQUESTS, "7")
    );
}

#[tokio::test]
async fn f37_a_fault_is_of_an_operation_an_account_and_so_many_calls() {
    let bed = Bed::new().await;
    let other = bed.admin("POST", "accounts", json!({"name": "Outra"})).await;
    bed.fault(json!({"effect": "error_before", "account": other["id"]})).await;
    bed.fault(json!({"effect": "error_before", "operation": "refund", "times": 2})).await;
    let charge = bed.paid("a", pix()).await;
    let path = format!("charges/{charge}");
    for _ in 0..2 {
        assert_eq!(bed.send("DELETE", &path, Value::Null).await.0, StatusCode::INTERNAL_SERVER_ERROR);
    }
    assert_eq!(bed.ok("DELETE", &path, Value::Null).await["status"], "canceled");
    let left = bed.admin("GET", "faults", Value::Null).await;
    assert_eq!((left.as_array().unwrap().len(), &left[0]["account"]), (1, &other["id"]));
    bed.admin("DELETE", "faults", Value::Null).await;
    assert_eq!(bed.admin("GET", "faults", Value::Null).await, json!([]));
}

#[tokio::test]
async fn calls_that_came_are_counted_whatever_became_of_them() {
    let bed = Bed::new().await;
    bed.fault(json!({"effect": "error_before", "operation": "refund"})).await;
    let charge = bed.paid("a", pix()).await;
    let path = format!("charges/{charge}");
    assert_eq!(bed.send("DELETE", &path, Value::Null).await.0, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(bed.ok("DELETE", &path, Value::Null).await["status"], "canceled");
    let bed = bed.again().await;
    bed.ok("GET", &path, Value::Null).await;
    let calls = bed.admin("GET", &format!("calls?account={}", bed.account.id), Value::Null).await;
    let of = |operation: &str| {
        let found = calls.as_array().unwrap().iter().find(|calls| calls["operation"] == operation);
        found.map_or(0, |calls| calls["count"].as_u64().unwrap())
    };
    assert_eq!((of("charge"), of("refund"), of("get")), (1, 2, 1), "{calls}");
}

#[tokio::test]
async fn cancelling_refunding_and_capturing_can_be_refused_with_a_reason() {
    let bed = Bed::new().await;
    let (_, waiting) = bed.ordered("a", pix()).await;
    let mut held = bed.card("4000000000000010").await;
    held["credit_card"]["capture"] = json!(false);
    let (_, held) = bed.ordered("b", held).await;
    for (operation, method, path) in
        [("cancel", "DELETE", format!("charges/{waiting}")), ("capture", "POST", format!("charges/{held}/capture"))]
    {
        bed.fault(json!({"effect": "refuse", "reason": "not_authorized", "operation": operation})).await;
        let (status, answer) = bed.send(method, &path, json!({})).await;
        assert_eq!(status, StatusCode::PRECONDITION_FAILED);
        assert_eq!(answer["message"], "Transação não autorizada pelo emissor");
        bed.ok(method, &path, json!({})).await;
    }
}

#[tokio::test]
async fn a_card_that_is_refused_is_approved_where_that_was_ordered_and_retried_with_another() {
    let bed = Bed::new().await;
    bed.fault(json!({"effect": "approve", "operation": "charge"})).await;
    assert_eq!(bed.ordered("a", bed.card("4000000000000028").await).await.0["status"], "paid");
    let (_, refused) = bed.ordered("b", bed.card("4000000000000028").await).await;
    let path = format!("charges/{refused}");
    assert_eq!(bed.ok("POST", &format!("{path}/retry"), Value::Null).await["status"], "failed");
    let card = json!({"card_token": bed.token("5555555555554444").await});
    bed.ok("PATCH", &format!("{path}/card"), card).await;
    assert_eq!(bed.ok("POST", &format!("{path}/retry"), Value::Null).await["status"], "paid");
    let attempts = bed.ok("GET", &format!("{path}/transactions"), Value::Null).await;
    let successes: Vec<bool> =
        attempts["data"].as_array().unwrap().iter().map(|attempt| attempt["success"].as_bool().unwrap()).collect();
    assert_eq!(successes, [true, false, false]);
}

#[tokio::test]
async fn a_pix_is_paid_later_by_itself() {
    let bed = Bed::new().await;
    bed.fault(json!({"effect": "pay_later", "millis": 60_000, "operation": "charge"})).await;
    let (_, charge) = bed.ordered("a", pix()).await;
    bed.move_clock(59).await;
    assert_eq!(bed.truth("a").await[0]["received"], 0);
    bed.move_clock(1).await;
    assert_eq!(bed.truth("a").await[0]["received"], 5_000);
    assert_eq!(bed.ok("GET", &format!("charges/{charge}"), Value::Null).await["status"], "paid");
}

#[tokio::test]
async fn sums_order_what_their_table_says() {
    let bed = Bed::new().await;
    let ask = async |amount: i64| bed.try_send("POST", "orders", &order(&amount.to_string(), amount, pix())).await;
    assert_eq!(ask(9_000_001).await.unwrap().json::<Value>().await.unwrap()["status"], "failed");
    assert!(ask(9_000_004).await.is_err());
    for (amount, status, charges) in [
        (9_000_005, StatusCode::INTERNAL_SERVER_ERROR, 1),
        (9_000_006, StatusCode::INTERNAL_SERVER_ERROR, 0),
        (9_000_012, StatusCode::TOO_MANY_REQUESTS, 0),
    ] {
        assert_eq!(ask(amount).await.unwrap().status(), status);
        assert_eq!(charged(&bed, &amount.to_string()).await, charges, "{amount}");
    }
    assert_eq!(charged(&bed, "9000004").await, 1);
    ask(9_000_007).await.unwrap();
    bed.move_clock(5).await;
    assert_eq!(bed.truth("9000007").await[0]["status"], "paid");
}

#[tokio::test]
async fn an_order_for_a_fault_that_makes_no_sense_is_refused() {
    let bed = Bed::new().await;
    for wrong in [
        json!({"effect": "explode"}),
        json!({"effect": "slow"}),
        json!({"effect": "slow", "millis": 600_001}),
        json!({"effect": "hook_double", "copies": 1}),
        json!({"effect": "approve", "times": 0}),
        json!({"effect": "approve", "operation": "dance"}),
    ] {
        let answer = bed.client.post(bed.url("admin/faults")).json(&wrong).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{wrong}");
    }
}
