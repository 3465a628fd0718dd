//! What becomes of money: paid, refused, given back, taken back.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::bed::{Bed, boleto, order, pix};

async fn cancel(bed: &Bed, charge: &str, body: Value) -> (StatusCode, Value) {
    bed.send("DELETE", &format!("charges/{charge}"), body).await
}

#[tokio::test]
async fn a_refused_card_answers_200_and_says_why_in_its_transaction() {
    let bed = Bed::new().await;
    let (order, charge) = bed.ordered("a", bed.card("4000000000000093").await).await;
    let last = &order["charges"][0]["last_transaction"];
    assert_eq!((&order["status"], &order["charges"][0]["status"]), (&json!("failed"), &json!("failed")));
    assert_eq!((&last["success"], &last["acquirer_return_code"]), (&json!(false), &json!("51")));
    assert_eq!(last["acquirer_message"], "Saldo ou limite insuficiente");
    let truth = &bed.truth("a").await[0];
    assert_eq!((&truth["id"], &truth["received"]), (&json!(charge), &json!(0)));
}

#[tokio::test]
async fn a_refused_pix_answers_200_and_says_why_in_its_gateway_response() {
    let bed = Bed::new().await;
    bed.fault(json!({"effect": "refuse", "reason": "provider_away", "operation": "charge"})).await;
    let (order, _) = bed.ordered("a", pix()).await;
    let response = &order["charges"][0]["last_transaction"]["gateway_response"];
    assert_eq!((&order["status"], &response["code"]), (&json!("failed"), &json!("400")));
    assert!(response["errors"][0]["message"].as_str().unwrap().starts_with("Instituição"));
}

#[tokio::test]
async fn a_captured_card_is_paid_and_what_waits_is_pending() {
    let bed = Bed::new().await;
    let (card, _) = bed.ordered("a", bed.card("4000000000000010").await).await;
    let statuses = |order: &Value| {
        let charge = &order["charges"][0];
        [&charge["status"], &charge["last_transaction"]["status"]].map(|status| status.as_str().unwrap().to_owned())
    };
    assert_eq!(statuses(&card), ["paid", "captured"]);
    assert_eq!(statuses(&bed.ordered("b", pix()).await.0), ["pending", "waiting_payment"]);
    assert_eq!(statuses(&bed.ordered("c", boleto()).await.0), ["pending", "generated"]);
}

#[tokio::test]
async fn a_full_refund_is_canceled_with_its_sum_and_its_order_turns_canceled_too() {
    let bed = Bed::new().await;
    let (order, charge) = bed.ordered("a", bed.card("4000000000000010").await).await;
    let (_, part) = cancel(&bed, &charge, json!({"amount": 2_000, "operation_reference": "e-1"})).await;
    assert_eq!((&part["status"], &part["canceled_amount"]), (&json!("paid"), &json!(2_000)));
    assert_eq!(part["canceled_at"], Value::Null);
    let (_, whole) = cancel(&bed, &charge, Value::Null).await;
    assert_eq!((&whole["status"], &whole["canceled_amount"]), (&json!("canceled"), &json!(5_000)));
    assert_eq!(whole["canceled_at"], "2026-11-02T12:00:00Z");
    let order = bed.ok("GET", &format!("orders/{}", order["id"].as_str().unwrap()), Value::Null).await;
    assert_eq!(order["status"], "canceled");
    let moves = bed.truth("a").await[0]["moves"].clone();
    let shown = |one: &Value| (one["what"].clone(), one["amount"].clone(), one["reference"].clone());
    assert_eq!(shown(&moves[1]), (json!("given_back"), json!(2_000), json!("e-1")));
    assert_eq!(shown(&moves[2]), (json!("given_back"), json!(3_000), Value::Null));
}

#[tokio::test]
async fn a_refund_that_is_repeated_gives_back_twice_and_never_more_than_was_paid() {
    let bed = Bed::new().await;
    let charge = bed.paid("a", pix()).await;
    let refund = json!({"amount": 2_000, "operation_reference": "same"});
    let key = [("idempotency-key", "same")];
    for _ in 0..2 {
        let answer = bed.try_send_with("DELETE", &format!("charges/{charge}"), &refund, &key).await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
    }
    assert_eq!(cancel(&bed, &charge, refund).await.0, StatusCode::PRECONDITION_FAILED);
    assert_eq!(bed.truth("a").await[0]["given_back"], 4_000);
}

#[tokio::test]
async fn a_paid_boleto_is_given_back_to_its_buyers_bank_account_alone() {
    let bed = Bed::new().await;
    let charge = bed.paid("a", boleto()).await;
    let bank = |document: &str| {
        json!({"bank_account": {"holder_name": "Maria", "holder_document": document, "bank": "341", "branch_number": "1",
            "account_number": "2", "account_check_digit": "3", "type": "checking"}})
    };
    assert_eq!(cancel(&bed, &charge, Value::Null).await.0, StatusCode::PRECONDITION_FAILED);
    assert_eq!(cancel(&bed, &charge, bank("98765432100")).await.0, StatusCode::PRECONDITION_FAILED);
    assert_eq!(cancel(&bed, &charge, bank("12345678909")).await.1["status"], "canceled");
    assert_eq!(bed.truth("a").await[0]["given_back"], 5_000);
}

#[tokio::test]
async fn on_an_account_with_an_own_acquirer_a_paid_boleto_is_renamed_and_no_money_moves() {
    let bed = Bed::new().await;
    bed.admin("PATCH", &format!("accounts/{}", bed.account.id), json!({"kind": "gateway"})).await;
    for (code, payment) in [("a", boleto()), ("b", pix())] {
        let charge = bed.paid(code, payment).await;
        assert_eq!(cancel(&bed, &charge, Value::Null).await.1["status"], "canceled");
        let truth = &bed.truth(code).await[0];
        assert_eq!((&truth["canceled_amount"], &truth["given_back"]), (&json!(5_000), &json!(0)));
    }
}

#[tokio::test]
async fn a_pix_is_given_back_within_90_days_and_after_ten_failures_once_in_15_min() {
    let bed = Bed::new().await;
    let old = bed.paid("a", pix()).await;
    bed.move_clock(91 * 86_400).await;
    assert_eq!(cancel(&bed, &old, Value::Null).await.0, StatusCode::PRECONDITION_FAILED);
    let charge = bed.paid("b", pix()).await;
    bed.fault(json!({"effect": "refuse", "reason": "insufficient_funds", "operation": "refund", "times": 10})).await;
    for _ in 0..10 {
        assert_eq!(cancel(&bed, &charge, Value::Null).await.0, StatusCode::PRECONDITION_FAILED);
    }
    let (status, answer) = cancel(&bed, &charge, Value::Null).await;
    assert_eq!(status, StatusCode::PRECONDITION_FAILED);
    assert!(answer["message"].as_str().unwrap().contains("15 minutes"), "{answer}");
    bed.move_clock(15 * 60).await;
    assert_eq!(cancel(&bed, &charge, Value::Null).await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_chargeback_is_final_of_the_charge_alone_and_bars_everything() {
    let bed = Bed::new().await;
    let (order, charge) = bed.ordered("a", bed.card("4000000000000069").await).await;
    bed.move_clock(5).await;
    let shown = bed.ok("GET", &format!("charges/{charge}"), Value::Null).await;
    assert_eq!((&shown["status"], &shown["order"]["status"]), (&json!("chargedback"), &json!("paid")));
    assert_eq!(order["status"], "paid");
    for (method, path, body) in [
        ("DELETE", format!("charges/{charge}"), Value::Null),
        ("POST", format!("charges/{charge}/retry"), Value::Null),
        ("POST", format!("charges/{charge}/confirm-payment"), json!({})),
        ("PATCH", format!("charges/{charge}/metadata"), json!({"metadata": {"a": "b"}})),
        ("PATCH", format!("charges/{charge}/due-date"), json!({"due_at": "2030-01-01T00:00:00Z"})),
        ("PATCH", format!("charges/{charge}/card"), json!({"card_id": "card_x"})),
    ] {
        assert_eq!(bed.send(method, &path, body).await.0, StatusCode::PRECONDITION_FAILED, "{method} {path}");
    }
    assert_eq!(bed.truth("a").await[0]["charged_back"], 5_000);
}

#[tokio::test]
async fn a_boleto_names_addresses_of_pictures_and_its_paid_sum_as_text() {
    let bed = Bed::new().await;
    let (order, charge) = bed.ordered("a", boleto()).await;
    let last = &order["charges"][0]["last_transaction"];
    let line = feira_schemas::brazil::boleto::BoletoLine::parse(last["line"].as_str().unwrap()).unwrap();
    assert_eq!(line.formatted(), last["line"].as_str().unwrap());
    let picture = bed.client.get(last["barcode"].as_str().unwrap()).send().await.unwrap();
    assert_eq!(picture.headers()["content-type"], "image/svg+xml");
    bed.admin("POST", &format!("charges/{charge}/pay"), json!({"amount": 4_999})).await;
    let shown = bed.ok("GET", &format!("charges/{charge}"), Value::Null).await;
    assert_eq!((&shown["status"], &shown["paid_amount"]), (&json!("underpaid"), &json!(4_999)));
    assert_eq!(shown["last_transaction"]["paid_amount"], "4999");
}

#[tokio::test]
async fn a_pix_code_is_a_br_code_that_names_the_shop_and_the_sum() {
    let bed = Bed::new().await;
    bed.admin("PATCH", &format!("accounts/{}", bed.account.id), json!({"name": "Confecções São José do Rio Preto"}))
        .await;
    let (order, charge) = bed.ordered("a", pix()).await;
    let last = &order["charges"][0]["last_transaction"];
    let code = feira_schemas::brazil::br_code::BrCode::parse(last["qr_code"].as_str().unwrap()).unwrap();
    assert_eq!(code.merchant_name().chars().count(), 25);
    assert_eq!(code.amount().unwrap().amount, 5_000);
    assert_eq!(last["expires_at"], "2026-11-02T12:30:00Z");
    assert_eq!(last["end_to_end_id"], Value::Null);
    bed.admin("POST", &format!("charges/{charge}/pay"), json!({})).await;
    let paid = bed.ok("GET", &format!("charges/{charge}"), Value::Null).await["last_transaction"].clone();
    assert_eq!(paid["end_to_end_id"].as_str().unwrap().len(), 32);
    assert_eq!(paid["payer"]["document"], "***123456**");
}

#[tokio::test]
async fn what_is_over_or_cancelled_is_paid_only_late() {
    let bed = Bed::new().await;
    let (_, over) = bed.ordered("a", pix()).await;
    bed.move_clock(1_801).await;
    let pay = async |charge: &str, late: bool| {
        let url = bed.url(&format!("admin/charges/{charge}/pay"));
        bed.client.post(url).json(&json!({"late": late})).send().await.unwrap().status()
    };
    assert_eq!(pay(&over, false).await, StatusCode::CONFLICT);
    assert_eq!(pay(&over, true).await, StatusCode::OK);
    let (_, cancelled) = bed.ordered("b", pix()).await;
    let (_, shown) = cancel(&bed, &cancelled, Value::Null).await;
    assert_eq!((&shown["status"], &shown["canceled_amount"]), (&json!("canceled"), &json!(5_000)));
    assert_eq!(bed.truth("b").await[0]["given_back"], 0);
    assert_eq!(pay(&cancelled, false).await, StatusCode::CONFLICT);
    assert_eq!(pay(&cancelled, true).await, StatusCode::OK);
    assert_eq!(pay(&cancelled, true).await, StatusCode::CONFLICT, "it is paid");
    assert_eq!(bed.truth("b").await[0]["received"], 5_000);
}

#[tokio::test]
async fn a_card_can_be_held_and_captured_in_part_once() {
    let bed = Bed::new().await;
    let mut payment = bed.card("4000000000000010").await;
    payment["credit_card"]["operation_type"] = json!("auth_only");
    let (order, charge) = bed.ordered("a", payment).await;
    assert_eq!(order["status"], "pending");
    let capture =
        async |amount: i64| bed.send("POST", &format!("charges/{charge}/capture"), json!({"amount": amount})).await;
    assert_eq!(capture(5_001).await.0, StatusCode::PRECONDITION_FAILED);
    assert_eq!(capture(4_000).await.1["paid_amount"], 4_000);
    assert_eq!(capture(1).await.0, StatusCode::PRECONDITION_FAILED);
    assert_eq!(bed.truth("a").await[0]["received"], 4_000);
}

#[tokio::test]
async fn an_order_that_is_open_is_closed_once() {
    let bed = Bed::new().await;
    let mut open = order("a", 100, pix());
    open["closed"] = json!(false);
    let made = bed.ok("POST", "orders", open).await;
    assert_eq!((&made["closed"], &made["closed_at"]), (&json!(false), &Value::Null));
    let path = format!("orders/{}/closed", made["id"].as_str().unwrap());
    let closed = bed.ok("PATCH", &path, json!({"status": "canceled"})).await;
    assert_eq!((&closed["closed"], &closed["status"]), (&json!(true), &json!("canceled")));
    assert_eq!(bed.send("PATCH", &path, json!({"status": "paid"})).await.0, StatusCode::PRECONDITION_FAILED);
}

#[tokio::test]
async fn what_is_forgotten_was_never_made_and_other_sums_move_no_money() {
    let bed = Bed::new().await;
    let order_of = |order: &Value| format!("orders/{}", order["id"].as_str().unwrap());
    let (order, charge) = bed.ordered("a", pix()).await;
    let (kept, other) = bed.ordered("b", pix()).await;
    let asked = async |what: &str, body: Value| {
        let url = bed.url(&format!("admin/charges/{charge}/{what}"));
        bed.client.post(url).json(&body).send().await.unwrap().status()
    };
    assert_eq!(asked("sums", json!({"paid": 1})).await, StatusCode::CONFLICT, "nobody has paid it");
    bed.admin("POST", &format!("charges/{charge}/pay"), json!({})).await;
    for wrong in [json!({"paid": 5_001}), json!({"paid": 0}), json!({"canceled": 5_001}), json!({"amount": 1})] {
        assert_eq!(asked("sums", wrong.clone()).await, StatusCode::BAD_REQUEST, "{wrong}");
    }
    let told = bed.admin("POST", &format!("charges/{charge}/sums"), json!({"paid": 4_000, "canceled": 1_000})).await;
    assert_eq!((&told["received"], &told["given_back"]), (&json!(5_000), &json!(0)), "the truth is as it was");
    let shown = bed.ok("GET", &format!("charges/{charge}"), Value::Null).await;
    assert_eq!((&shown["paid_amount"], &shown["canceled_amount"]), (&json!(4_000), &json!(1_000)));

    assert_eq!(asked("forget", json!({})).await, StatusCode::OK);
    assert_eq!(asked("forget", json!({})).await, StatusCode::NOT_FOUND);
    for path in [format!("charges/{charge}"), order_of(&order)] {
        assert_eq!(bed.send("GET", &path, Value::Null).await.0, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(bed.truth("a").await, json!([]));
    assert_eq!(bed.ok("GET", &order_of(&kept), Value::Null).await["charges"][0]["id"], other);
}
