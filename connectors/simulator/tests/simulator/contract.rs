//! What the vendor's contract says: keys, bodies, tokens, lists, limits.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::bed::{Bed, boleto, order, pix};

#[tokio::test]
async fn a_field_that_nobody_knows_is_422_by_its_path() {
    let bed = Bed::new().await;
    let mut wrong = order("a", 100, pix());
    wrong["payments"][0]["pix"]["color"] = json!("red");
    wrong["closing"] = json!(true);
    wrong["metadata"] = json!({"n": 1});
    let (status, answer) = bed.send("POST", "orders", wrong).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let paths: Vec<&String> = answer["errors"].as_object().unwrap().keys().collect();
    assert_eq!(paths, ["order.closing", "order.metadata", "order.payments[0].pix.color"]);
    assert_eq!(bed.truth("a").await, json!([]), "nothing was charged");
}

#[tokio::test]
async fn a_key_that_is_not_the_accounts_is_401_and_another_accounts_things_are_404() {
    let bed = Bed::new().await;
    let url = bed.url("core/v5/orders");
    for request in [
        bed.client.get(&url),
        bed.client.get(&url).basic_auth("sk_test_wrong", Some("")),
        bed.client.get(&url).bearer_auth(&bed.account.secret_key),
    ] {
        assert_eq!(request.send().await.unwrap().status(), StatusCode::UNAUTHORIZED);
    }
    let (order, charge) = bed.ordered("a", pix()).await;
    bed.admin("POST", "accounts", json!({"name": "Outra", "secret_key": "sk_other"})).await;
    for path in [format!("orders/{}", order["id"].as_str().unwrap()), format!("charges/{charge}")] {
        let request = bed.client.get(bed.url(&format!("core/v5/{path}"))).basic_auth("sk_other", Some(""));
        assert_eq!(request.send().await.unwrap().status(), StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn a_token_lives_60_s_and_serves_once() {
    let bed = Bed::new().await;
    let card = bed.card("4000000000000010").await;
    assert_eq!(bed.ok("POST", "orders", order("a", 100, card.clone())).await["status"], "paid");
    assert_eq!(bed.send("POST", "orders", order("b", 100, card)).await.0, StatusCode::NOT_FOUND);
    let card = bed.card("4000000000000010").await;
    bed.move_clock(60).await;
    let (status, answer) = bed.send("POST", "orders", order("c", 100, card)).await;
    assert_eq!((status, answer["message"].as_str()), (StatusCode::NOT_FOUND, Some("Token not found.")));
}

#[tokio::test]
async fn a_token_that_was_not_charged_by_a_wrong_order_serves_the_next() {
    let bed = Bed::new().await;
    let card = bed.card("4000000000000010").await;
    let mut wrong = order("a", 100, card.clone());
    wrong["code"] = json!("x".repeat(53));
    assert_eq!(bed.send("POST", "orders", wrong).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(bed.ok("POST", "orders", order("a", 100, card)).await["status"], "paid");
}

#[tokio::test]
async fn a_token_takes_the_public_key_alone_and_origins_that_are_registered() {
    let bed = Bed::new().await;
    bed.admin("PATCH", &format!("accounts/{}", bed.account.id), json!({"origins": ["https://moda.example"]})).await;
    let url = bed.url(&format!("core/v5/tokens?appId={}", bed.account.public_key));
    let body = json!({"type": "card", "card": {"number": "4000000000000010", "holder_name": "M", "exp_month": 1, "exp_year": 35, "cvv": "123"}});
    let ask = || bed.client.post(&url).json(&body);
    let keyed = ask().basic_auth(&bed.account.secret_key, Some("")).send().await.unwrap();
    assert_eq!(keyed.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(ask().header("origin", "https://else.example").send().await.unwrap().status(), StatusCode::FORBIDDEN);
    let taken = ask().header("origin", "https://moda.example").send().await.unwrap();
    assert_eq!(taken.status(), StatusCode::OK);
    assert_eq!(taken.headers()["access-control-allow-origin"], "https://moda.example");
    let asked = bed.client.request(reqwest::Method::OPTIONS, &url).header("origin", "https://moda.example");
    assert_eq!(asked.send().await.unwrap().status(), StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn an_order_by_token_needs_a_billing_address() {
    let bed = Bed::new().await;
    let mut without = order("a", 100, bed.card("4000000000000010").await);
    without["customer"].as_object_mut().unwrap().remove("address");
    let (status, answer) = bed.send("POST", "orders", without.clone()).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer["errors"]["order.payments[0].credit_card.card.billing_address"].is_array(), "{answer}");
    without["payments"][0]["credit_card"]["card"] = json!({"billing_address": {"line_1": "10, Rua A"}});
    assert_eq!(bed.ok("POST", "orders", without).await["status"], "paid");
}

#[tokio::test]
async fn a_key_of_idempotency_gives_the_same_order_for_24_h_and_none_to_another_body() {
    let bed = Bed::new().await;
    let key = [("idempotency-key", "k-1")];
    let body = order("a", 100, pix());
    let ask = async |body: &Value| {
        let answer = bed.try_send_with("POST", "orders", body, &key).await.unwrap();
        (answer.status(), answer.json::<Value>().await.unwrap())
    };
    let (_, first) = ask(&body).await;
    assert_eq!(ask(&body).await.1["id"], first["id"]);
    assert_eq!(ask(&order("a", 200, pix())).await.0, StatusCode::PRECONDITION_FAILED);
    bed.move_clock(24 * 3_600 + 1).await;
    assert_ne!(ask(&body).await.1["id"], first["id"]);
    assert_eq!(bed.truth("a").await.as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_code_stands_in_lists_a_second_later_and_is_read_by_id_at_once() {
    let bed = Bed::new().await;
    let (made, charge) = bed.ordered("a", pix()).await;
    assert_eq!(bed.ok("GET", "orders?code=a", Value::Null).await["data"], json!([]));
    assert_eq!(bed.ok("GET", "charges?code=a", Value::Null).await["data"], json!([]));
    assert_eq!(bed.ok("GET", &format!("charges/{charge}"), Value::Null).await["code"], "a");
    bed.move_clock(1).await;
    let listed = bed.ok("GET", "orders?code=a", Value::Null).await;
    assert_eq!((&listed["data"][0]["id"], &listed["paging"]["total"]), (&made["id"], &json!(1)));
}

#[tokio::test]
async fn lists_have_pages_whose_addresses_keep_what_was_asked() {
    let bed = Bed::new().await;
    for _ in 0..3 {
        bed.ordered("same", pix()).await;
    }
    bed.move_clock(1).await;
    let first = bed.ok("GET", "orders?code=same&page=1&size=2", Value::Null).await;
    assert_eq!((first["data"].as_array().unwrap().len(), &first["paging"]["previous"]), (2, &Value::Null));
    let next = first["paging"]["next"].as_str().unwrap();
    assert_eq!(next, bed.url("core/v5/orders?code=same&page=2&size=2"));
    let last = bed.ok("GET", "orders?code=same&page=2&size=2", Value::Null).await;
    assert_eq!((last["data"].as_array().unwrap().len(), &last["paging"]["next"]), (1, &Value::Null));
    assert_eq!(bed.send("GET", "orders?page=0", Value::Null).await.0, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn reading_more_than_allowed_in_a_minute_is_429_of_that_resource_alone() {
    let bed = Bed::new().await;
    bed.admin("PATCH", &format!("accounts/{}", bed.account.id), json!({"gets_a_minute": 2})).await;
    for _ in 0..2 {
        bed.ok("GET", "orders", Value::Null).await;
    }
    let answer = bed.try_send("GET", "orders", &Value::Null).await.unwrap();
    assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS);
    let wait: i64 = answer.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    bed.ok("GET", "charges", Value::Null).await;
    bed.move_clock(wait).await;
    bed.ok("GET", "orders", Value::Null).await;
}

#[tokio::test]
async fn payments_are_the_sum_of_the_order_and_may_be_several() {
    let bed = Bed::new().await;
    let mut two = order("a", 1_000, pix());
    two["payments"][0]["amount"] = json!(400);
    assert_eq!(bed.send("POST", "orders", two.clone()).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    let mut slip = boleto();
    slip["amount"] = json!(600);
    two["payments"].as_array_mut().unwrap().push(slip);
    let made = bed.ok("POST", "orders", two).await;
    assert_eq!((&made["charges"][0]["amount"], &made["charges"][1]["amount"]), (&json!(400), &json!(600)));
}

#[tokio::test]
async fn hooks_can_not_be_registered_and_other_methods_are_not_enabled() {
    let bed = Bed::new().await;
    assert_eq!(bed.send("POST", "hooks", json!({})).await.1["message"], "UnsupportedApiVersion");
    let (status, _) = bed.send("POST", "orders", order("a", 100, json!({"payment_method": "voucher"}))).await;
    assert_eq!(status, StatusCode::PRECONDITION_FAILED);
    let (status, _) = bed.send("POST", "orders", json!([])).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    let large = bed.client.post(bed.url("core/v5/orders")).body("x".repeat(256 * 1024 + 1)).send().await.unwrap();
    assert_eq!(large.status(), StatusCode::PAYLOAD_TOO_LARGE);
}
