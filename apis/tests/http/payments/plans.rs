//! Plans and kept cards: made at the gateway by the program, read, listed.

use serde_json::{Value, json};

use super::{GATEWAYS, Seller, brl, kept_card, plan, text};
use crate::{
    bed::{bed, send},
    run,
};

#[test]
fn s26_a_plan_is_made_at_the_gateway_by_the_program_once() {
    run(async {
        let bed = bed().await;
        for gateway in GATEWAYS {
            let seller = Seller::at(bed, &format!("plano-{gateway}"), gateway).await;
            let ask = |body: &Value| send(seller.asks(bed, "POST", "/plans").header("idempotency-key", "p").json(body));
            let made = ask(&plan(4_990)).await.expect(201);
            let known = &made.json;
            assert_eq!(
                (&known["status"], &known["price"], &known["months"]),
                (&json!("ready"), &brl(4_990), &json!(1))
            );
            assert_eq!((&known["account_id"], &known["errors"]), (&seller.account["id"], &json!([])));
            assert_eq!(made.header("location"), format!("/api/payments/v1/plans/{}", text(&known["id"])));
            assert!(made.header("feira-position").starts_with("payments."), "{:?}", made.headers);
            assert_eq!(ask(&plan(4_990)).await.expect(201).json["id"], known["id"]);
            assert_eq!(ask(&plan(5_000)).await.expect(422).code(), "idempotency_mismatch");
            let read = send(seller.asks(bed, "GET", &format!("/plans/{}", text(&known["id"])))).await.expect(200);
            assert_eq!(&read.json, known);

            let remote = text(&known["remote_id"]);
            let (price, all) = match gateway {
                "pagarme" => {
                    let found = seller.vendors(bed, "GET", &format!("/core/v5/plans/{remote}"), "").await;
                    assert_eq!((&found["name"], &found["interval"]), (&json!("Clube do café"), &json!("month")));
                    let all = seller.vendors(bed, "GET", "/core/v5/plans", "").await;
                    (found["items"][0]["pricing_scheme"]["price"].clone(), all)
                }
                _ => {
                    let found = seller.vendors(bed, "GET", &format!("/v1/prices/{remote}"), "").await;
                    assert_eq!(found["recurring"]["interval"], "month", "{found}");
                    (found["unit_amount"].clone(), seller.vendors(bed, "GET", "/v1/prices", "").await)
                }
            };
            assert_eq!((price, all["data"].as_array().unwrap().len()), (json!(4_990), 1), "{gateway}");
        }
    });
}

#[test]
fn plans_are_listed_page_by_page_and_what_is_wrong_is_said_of_each_field() {
    run(async {
        let bed = bed().await;
        let seller = Seller::at(bed, "mensalidades", "pagarme").await;
        let mut made = Vec::new();
        for price in [1_000, 2_000, 3_000] {
            made.push(send(seller.asks(bed, "POST", "/plans").json(&plan(price))).await.expect(201).json);
        }
        let first = send(seller.asks(bed, "GET", "/plans?limit=2")).await.expect(200).json;
        assert_eq!((&first["items"], &first["total"]), (&json!(made[..2]), &json!(3)));
        let rest = format!("/plans?limit=2&after={}", text(&first["next"]));
        let rest = send(seller.asks(bed, "GET", &rest)).await.expect(200).json;
        assert_eq!((&rest["items"], &rest["next"]), (&json!(made[2..]), &Value::Null));

        let mut wrong = plan(0);
        wrong["months"] = json!(25);
        let refused = send(seller.asks(bed, "POST", "/plans").json(&wrong)).await.expect(422);
        let pointers: Vec<&Value> =
            refused.json["errors"].as_array().unwrap().iter().map(|error| &error["pointer"]).collect();
        assert!(
            pointers.contains(&&json!("/months")) && pointers.contains(&&json!("/price/amount")),
            "{}",
            refused.json
        );
        let mut foreign = plan(1_000);
        foreign["account_id"] = json!(seller.shop.id);
        let refused = send(seller.asks(bed, "POST", "/plans").json(&foreign)).await.expect(422);
        assert_eq!(refused.json["errors"][0]["pointer"], "/account_id");
    });
}

#[test]
fn s20_a_card_is_kept_by_the_gateway_and_never_shown() {
    run(async {
        let bed = bed().await;
        for gateway in GATEWAYS {
            let seller = Seller::at(bed, &format!("guarda-{gateway}"), gateway).await;
            let body = kept_card(&seller.card_token(bed, false).await);
            let ask = || send(seller.asks(bed, "POST", "/cards").header("idempotency-key", "c").json(&body));
            let made = ask().await.expect(201);
            let card = &made.json;
            assert_eq!((&card["status"], &card["brand"]), (&json!("saved"), &json!("visa")), "{card}");
            assert_eq!((text(&card["last_four"]).len(), &card["buyer"]["name"]), (4, &json!("Joana Prado")));
            assert_eq!((made.header("cache-control"), &card["erased"]), ("no-store", &json!(false)));
            assert_eq!(ask().await.expect(201).json["id"], card["id"], "the token serves once, and so does the key");
            let read = send(seller.asks(bed, "GET", &format!("/cards/{}", text(&card["id"])))).await.expect(200);
            assert_eq!(&read.json, card);
        }
    });
}
