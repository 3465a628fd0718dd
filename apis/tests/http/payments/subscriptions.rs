//! Subscriptions: asked for, paid by the gateway's own charges, read, listed, ended, refused.

use feira_schemas::time::{HOUR, MINUTE};
use reqwest::Client;
use serde_json::{Value, json};

use super::{Callback, GATEWAYS, Seller, brl, buyer, simulated, subscription, text};
use crate::{
    bed::{Bed, bed, send},
    reconciliation::{Moved, until},
    run,
};

/// The ids of a subscription's charges.
fn charges(subscription: &Value) -> Vec<String> {
    subscription["charges"].as_array().unwrap().iter().map(text).collect()
}

#[test]
fn s20_s26_a_card_subscribes_to_a_plan_is_charged_read_and_listed_and_ends() {
    run(async {
        let bed = bed().await;
        for gateway in GATEWAYS {
            let seller = Seller::at(bed, &format!("assina-{gateway}"), gateway).await;
            let plan = seller.plan(bed).await;
            let body = subscription(&plan, &seller.card_token(bed, false).await);
            let ask = || send(seller.asks(bed, "POST", "/subscriptions").header("idempotency-key", "s").json(&body));
            let made = ask().await.expect(201);
            let known = &made.json;
            assert_eq!((&known["status"], &known["plan_id"]), (&json!("active"), &plan["id"]), "{gateway}: {known}");
            assert_eq!((&known["gateway"], &known["buyer"]["name"]), (&json!(gateway), &json!("Joana Prado")));
            assert!(known["period"]["ends"].is_string() && known["next_billing"].is_string(), "{known}");
            assert_eq!((made.header("cache-control"), &known["errors"]), ("no-store", &json!([])));
            let path = format!("/subscriptions/{}", text(&known["id"]));
            assert_eq!(made.header("location"), format!("/api/payments/v1{path}"));
            assert!(made.header("feira-position").starts_with("payments."), "{:?}", made.headers);
            assert_eq!(ask().await.expect(201).json["id"], known["id"]);

            let [charge] = &charges(known)[..] else { panic!("{known}") };
            let charge = send(seller.asks(bed, "GET", &format!("/charges/{charge}"))).await.expect(200).json;
            assert_eq!((&charge["status"], &charge["paid"]), (&json!("paid"), &brl(4_990)), "{charge}");
            assert_eq!(charge["remote"]["subscription"], known["remote_id"]);
            assert_eq!(seller.truth(bed).await.len(), 1, "it was charged once");

            let listed = async |query: &str| {
                let page = send(seller.asks(bed, "GET", &format!("/subscriptions{query}"))).await.expect(200).json;
                page["items"].as_array().unwrap().len()
            };
            let of_plan = format!("?plan_id={}&status=active&reference=S-1", text(&plan["id"]));
            for (query, count) in [("", 1), (of_plan.as_str(), 1), ("?status=ended", 0), ("?reference=S-2", 0)] {
                assert_eq!(listed(query).await, count, "{gateway} {query}");
            }
            let malformed = send(seller.asks(bed, "GET", "/subscriptions?plan_id=x")).await.expect(400);
            assert_eq!(malformed.json["errors"][0]["pointer"], "/query/plan_id");

            let ended = send(seller.asks(bed, "DELETE", &path)).await.expect(200);
            assert_eq!((&ended.json["status"], &ended.json["next_billing"]), (&json!("ended"), &Value::Null));
            assert!(!ended.header("feira-position").is_empty());
            assert_eq!(send(seller.asks(bed, "DELETE", &path)).await.expect(200).json["status"], "ended");
            assert_eq!(state(&seller, bed, known).await, "canceled", "{gateway}");
            assert_eq!(send(seller.asks(bed, "GET", &path)).await.expect(200).json["status"], "ended");
        }
    });
}

/// The state of a subscription as the gateway itself shows it.
async fn state(seller: &Seller, bed: &Bed, subscription: &Value) -> String {
    let base = if subscription["gateway"] == "pagarme" { "/core/v5" } else { "/v1" };
    let path = format!("{base}/subscriptions/{}", text(&subscription["remote_id"]));
    text(&seller.vendors(bed, "GET", &path, "").await["status"])
}

#[test]
fn s20_a_subscription_is_paid_by_a_card_that_the_gateway_keeps() {
    run(async {
        let bed = bed().await;
        for gateway in GATEWAYS {
            let seller = Seller::at(bed, &format!("assina-guardado-{gateway}"), gateway).await;
            let (plan, card) = (seller.plan(bed).await, seller.keeps(bed).await);
            let mut body = json!({"plan_id": plan["id"], "card": {"card_id": card["id"]}, "buyer": buyer()});
            let ask = |body: &Value| send(seller.asks(bed, "POST", "/subscriptions").json(body));
            for _ in 0..2 {
                let made = ask(&body).await.expect(201).json;
                assert_eq!((&made["status"], &made["card_id"]), (&json!("active"), &card["id"]), "{gateway}: {made}");
            }
            assert_eq!(seller.truth(bed).await.len(), 2, "it serves again and again");
            body["card"] = json!({"card_id": seller.shop.id});
            let unknown = ask(&body).await.expect(422);
            assert_eq!(unknown.json["errors"][0]["code"], "unknown_reference", "{}", unknown.json);
            body["card"] = json!({});
            assert_eq!(ask(&body).await.expect(422).json["errors"][0]["pointer"], "/card");
        }
    });
}

#[test]
fn s20_s27_a_declined_card_subscribes_nobody_and_says_so() {
    run(async {
        let bed = bed().await;
        for gateway in GATEWAYS {
            let seller = Seller::at(bed, &format!("assina-recusada-{gateway}"), gateway).await;
            let plan = seller.plan(bed).await;
            let body = subscription(&plan, &seller.card_token(bed, true).await);
            let made = send(seller.asks(bed, "POST", "/subscriptions").json(&body)).await.expect(201).json;
            let why = match gateway {
                // It keeps what it could not begin, with the charge that was declined.
                "pagarme" => {
                    assert_eq!(made["status"], "ended", "{made}");
                    let charge = format!("/charges/{}", charges(&made)[0]);
                    let charge = send(seller.asks(bed, "GET", &charge)).await.expect(200).json;
                    assert_eq!(charge["status"], "failed", "{charge}");
                    charge["errors"][0].clone()
                }
                _ => {
                    assert_eq!(made["status"], "failed", "{made}");
                    made["errors"][0].clone()
                }
            };
            assert!(why["type"].is_string() && why["message"].is_string(), "{why}");
        }
    });
}

#[test]
fn s20_s27_what_the_gateway_refuses_to_make_is_no_subscription_and_says_why() {
    run(async {
        let bed = bed().await;
        let seller = Seller::at(bed, "assina-contrato", "pagarme").await;
        let plan = seller.plan(bed).await;
        // Somebody has taken the plan away, in the vendor's own pages.
        seller.vendors(bed, "DELETE", &format!("/core/v5/plans/{}", text(&plan["remote_id"])), "").await;
        let body = subscription(&plan, &seller.card_token(bed, false).await);
        let refused = send(seller.asks(bed, "POST", "/subscriptions").json(&body)).await.expect(422);
        assert_eq!((refused.code(), refused.header("content-type")), ("gateway_refused", "application/problem+json"));
        let error = &refused.json["errors"][0];
        assert!(error["type"].is_string() && text(&error["message"]).contains("deleted"), "{}", refused.json);
        assert!(error.as_object().unwrap().contains_key("parameter_name"), "{}", refused.json);
        let address = refused.header("location").strip_prefix("/api/payments/v1").unwrap().to_owned();
        let failed = send(seller.asks(bed, "GET", &address)).await.expect(200).json;
        assert_eq!((&failed["status"], &failed["charges"]), (&json!("failed"), &json!([])));
        let unknown = json!({"plan_id": seller.shop.id, "card": {"token": "token_x"}, "buyer": buyer()});
        let refused = send(seller.asks(bed, "POST", "/subscriptions").json(&unknown)).await.expect(422);
        let error = &refused.json["errors"][0];
        assert_eq!((&error["pointer"], &error["code"]), (&json!("/plan_id"), &json!("unknown_reference")));
    });
}

#[test]
fn s20_an_answer_that_is_lost_makes_no_second_subscription() {
    run(async {
        let bed = bed().await;
        for gateway in GATEWAYS {
            let seller = Seller::at(bed, &format!("assina-perdida-{gateway}"), gateway).await;
            let plan = seller.plan(bed).await;
            let fault = async |operation: &str| {
                let fault = json!({"effect": "drop_after", "operation": operation, "account": seller.remote["id"]});
                simulated(bed, "faults", fault).await;
            };
            fault("subscription").await;
            let body = subscription(&plan, &seller.card_token(bed, false).await);
            let made = send(seller.asks(bed, "POST", "/subscriptions").json(&body)).await.expect(201).json;
            assert_eq!((&made["status"], charges(&made).len()), (&json!("active"), 1), "{gateway}: {made}");
            assert_eq!(seller.truth(bed).await.len(), 1, "{gateway}");
            // Nor is it known of an end whose answer is lost, until a look shows it.
            fault("subscription").await;
            let path = format!("/subscriptions/{}", text(&made["id"]));
            assert_eq!(send(seller.asks(bed, "DELETE", &path)).await.expect(200).json["status"], "ended", "{gateway}");
        }
    });
}

/// Asks for a subscription that the gateway makes, and of which neither its answer nor any look tells; its id.
async fn hidden(bed: &Bed, seller: &Seller) -> Value {
    let mut body = subscription(&seller.plan(bed).await, "");
    // By a card that is kept: what a token may have made is known to have run out.
    body["card"] = json!({"card_id": seller.keeps(bed).await["id"]});
    let faults =
        [("error_after", "subscription", 1), ("error_before", "get", 10_000), ("error_before", "list", 10_000)];
    for (effect, operation, times) in faults {
        let fault = json!({"effect": effect, "account": seller.remote["id"], "operation": operation, "times": times});
        simulated(bed, "faults", fault).await;
    }
    send(seller.asks(bed, "POST", "/subscriptions").json(&body)).await.expect(202).json["id"].take()
}

#[test]
fn s20_a_subscription_that_was_given_up_is_ended_once_a_callback_tells_of_it() {
    run(async {
        let (moved, clock) = Moved::new();
        let bed = Bed::start_at(clock).await;
        let seller = Seller::at(&bed, "assina-tardia", "pagarme").await;
        let id = hidden(&bed, &seller).await;
        moved.by(21 * HOUR);
        let settle = format!("/payments/subscriptions/{}/settle", text(&id));
        let settled = until("the open question", async || {
            let note = json!({"note": "Não consta no painel do gateway"});
            let answer = send(bed.staff(&seller.shop, "POST", &settle).json(&note)).await;
            (answer.code() != "payment_state").then_some(answer)
        })
        .await;
        assert_eq!(settled.expect(200).json["status"], "failed");
        let path = format!("/subscriptions/{}", text(&id));
        let given_up = send(seller.asks(&bed, "DELETE", &path)).await.expect(200).json;
        assert_eq!((&given_up["status"], &given_up["end_wanted"]), (&json!("failed"), &json!(true)), "{given_up}");

        let faults = format!("http://{}/admin/faults", bed.simulator.address());
        assert!(Client::new().delete(faults).send().await.unwrap().status().is_success());
        // The account is left alone for a while after so many failures.
        moved.by(MINUTE);
        let Callback { path: hooks, password } = seller.callback(&bed).await;
        let hook = json!({
            "id": "hook_00000000000000d1", "type": "subscription.created", "created_at": "2026-11-30T12:00:00Z",
            "data": {"id": "sub_0000000000000001", "code": id},
        });
        let post = bed.request("localhost", "POST", &hooks).basic_auth("feira", Some(password));
        send(post.json(&hook)).await.expect(200);
        let ended = seller.until(&bed, &path, |read| read["status"] == "ended").await;
        assert_eq!(state(&seller, &bed, &ended).await, "canceled", "{ended}");
    });
}
