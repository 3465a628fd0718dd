//! Charges: asked for, read, listed, given back, cancelled.

use feira_schemas::{brazil::local_date, time::DAY};
use serde_json::{Value, json};

use super::{EMAIL, GATEWAYS, Seller, brl, card, charge, pix, text};
use crate::{
    bed::{bed, send},
    run,
};

#[test]
fn s19_s22_a_pix_is_charged_read_and_listed() {
    run(async {
        let bed = bed().await;
        let seller = Seller::at(bed, "pix-por-api", "pagarme").await;
        assert_eq!(seller.account["status"], "ready", "{}", seller.account);
        let ask = |body: &Value| send(seller.asks(bed, "POST", "/charges").header("idempotency-key", "p1").json(body));
        let made = ask(&pix(4_990)).await.expect(201);
        let charge = &made.json;
        assert_eq!((&charge["status"], &charge["amount"], &charge["paid"]), (&json!("pending"), &brl(4_990), &brl(0)));
        assert!(text(&charge["pix"]["code"]).starts_with("000201"), "{charge}");
        assert!(text(&charge["pix"]["qr_code"]).starts_with("data:image/svg+xml;base64,"), "{charge}");
        assert_eq!((&charge["buyer"]["email"], &charge["buyer"]["document"]), (&json!(EMAIL), &json!("52998224725")));
        assert_eq!((&charge["gateway"], &charge["erased"]), (&json!("pagarme"), &json!(false)));
        assert_eq!(made.header("cache-control"), "no-store");
        assert!(made.header("feira-position").starts_with("payments."), "{:?}", made.headers);
        let address = made.header("location").to_owned();
        assert_eq!(address, format!("/api/payments/v1/charges/{}", text(&charge["id"])));
        let read =
            send(bed.request(&seller.shop.host, "GET", &address).bearer_auth(&seller.credential)).await.expect(200);
        assert_eq!(read.json["pix"], charge["pix"]);

        let again = ask(&pix(4_990)).await.expect(201);
        assert_eq!((&again.json["id"], again.header("location")), (&charge["id"], address.as_str()));
        assert_eq!(ask(&pix(5_000)).await.expect(422).code(), "idempotency_mismatch");

        let listed = |query: &str| send(seller.asks(bed, "GET", &format!("/charges{query}")));
        let page = listed("").await.expect(200).json;
        assert_eq!((page["items"].as_array().unwrap().len(), &page["next"]), (1, &Value::Null));
        assert_eq!((&page["items"][0]["id"], &page["items"][0]["buyer"]), (&charge["id"], &Value::Null));
        for (query, count) in [
            ("?status=pending&method=pix&reference=1001", 1),
            ("?status=paid", 0),
            ("?method=card", 0),
            ("?reference=1002", 0),
        ] {
            assert_eq!(listed(query).await.expect(200).json["items"].as_array().unwrap().len(), count, "{query}");
        }
    });
}

#[test]
fn s19_s29_a_boleto_is_charged_and_shows_what_a_bank_reads() {
    run(async {
        let bed = bed().await;
        let seller = Seller::at(bed, "boleto-por-api", "pagarme").await;
        let due = local_date(bed.api.platform.now() + 3 * DAY).unwrap();
        let mut body = charge("boleto", 5_000);
        body["boleto"] =
            json!({"due": due.to_string(), "instructions": "Não receber vencido.", "document_number": "1001"});
        let made = seller.charges(bed, &body).await.expect(201).json;
        let boleto = &made["boleto"];
        assert_eq!((&made["status"], text(&boleto["barcode"]).len()), (&json!("pending"), 44), "{made}");
        for field in ["line", "url", "pdf", "due"] {
            assert!(!text(&boleto[field]).is_empty(), "{field}: {made}");
        }
        body["boleto"]["due"] = json!("2020-01-01");
        let refused = seller.charges(bed, &body).await.expect(422);
        assert_eq!(refused.json["errors"][0]["pointer"], "/boleto/due");
    });
}

#[test]
fn pages_go_back_in_time_without_gap_or_double() {
    run(async {
        let bed = bed().await;
        let seller = Seller::at(bed, "paginas-por-api", "pagarme").await;
        let mut made = Vec::new();
        for amount in 1..=5 {
            // Keys make ids that tell no time.
            let request = seller.asks(bed, "POST", "/charges").header("idempotency-key", format!("n{amount}"));
            made.push(send(request.json(&pix(amount * 100))).await.expect(201).json["id"].clone());
        }
        made.reverse();
        let (mut seen, mut after) = (Vec::new(), String::new());
        loop {
            let page = send(seller.asks(bed, "GET", &format!("/charges?limit=2{after}"))).await.expect(200).json;
            seen.extend(page["items"].as_array().unwrap().iter().map(|item| item["id"].clone()));
            match &page["next"] {
                Value::Null => break,
                next => after = format!("&after={}", text(next)),
            }
        }
        assert_eq!(seen, made);
        let refused = send(seller.asks(bed, "GET", &format!("/charges?limit=2&status=paid{after}"))).await;
        assert_eq!(refused.expect(400).code(), "bad_cursor");
    });
}

#[test]
fn s19_s30_a_card_is_charged_and_given_back_in_parts() {
    run(async {
        let bed = bed().await;
        let seller = Seller::at(bed, "cartao-por-api", "pagarme").await;
        let token = seller.token(bed, "4000000000000010").await;
        let made = seller.charges(bed, &card(&token, 10_000)).await.expect(201).json;
        assert_eq!((&made["status"], &made["paid"], &made["installments"]), (&json!("paid"), &brl(10_000), &json!(2)));
        assert_eq!(made["card"], json!({"brand": "visa", "last_four": "0010"}));
        let refunds = format!("/charges/{}/refunds", text(&made["id"]));
        let refund = |body: Value| send(seller.asks(bed, "POST", &refunds).json(&body));
        let first = refund(json!({"amount": brl(2_500), "reference": "troca"})).await.expect(201);
        assert_eq!((&first.json["status"], &first.json["amount"]), (&json!("done"), &brl(2_500)), "{}", first.json);
        let read = bed.request(&seller.shop.host, "GET", first.header("location")).bearer_auth(&seller.credential);
        assert_eq!(send(read).await.expect(200).json, first.json);
        let rest = refund(json!({})).await.expect(201).json;
        assert_eq!((&rest["status"], &rest["amount"]), (&json!("done"), &brl(7_500)), "{rest}");
        let refused = refund(json!({})).await;
        assert!(matches!(refused.status, 409 | 422), "nothing is left: {}", refused.json);
        let whole = send(seller.asks(bed, "GET", &format!("/charges/{}", text(&made["id"])))).await.expect(200).json;
        assert_eq!((&whole["status"], &whole["refunded"]), (&json!("refunded"), &brl(10_000)));
        assert_eq!(whole["refunds"].as_array().unwrap().len(), 2);
        assert_eq!(send(seller.asks(bed, "GET", &refunds)).await.expect(200).json["total"], 2);
    });
}

#[test]
fn s19_a_pix_that_nobody_has_paid_is_cancelled() {
    run(async {
        let bed = bed().await;
        let seller = Seller::at(bed, "cancela-por-api", "pagarme").await;
        let made = seller.charges(bed, &pix(1_000)).await.expect(201).json;
        let path = format!("/charges/{}/cancel", text(&made["id"]));
        let cancelled = send(seller.asks(bed, "POST", &path)).await.expect(200);
        assert_eq!(cancelled.json["status"], "cancelled", "{}", cancelled.json);
        assert!(!cancelled.header("feira-position").is_empty());
    });
}

#[test]
fn s19_a_card_that_the_gateway_keeps_is_charged_again_and_again() {
    run(async {
        let bed = bed().await;
        for gateway in GATEWAYS {
            let seller = Seller::at(bed, &format!("cobra-guardado-{gateway}"), gateway).await;
            let kept = seller.keeps(bed).await;
            let mut body = charge("card", 10_000);
            body["card"] = json!({"card_id": kept["id"]});
            for _ in 0..2 {
                let made = seller.charges(bed, &body).await.expect(201).json;
                assert_eq!((&made["status"], &made["paid"]), (&json!("paid"), &brl(10_000)), "{gateway}: {made}");
                assert_eq!(made["account_id"], seller.account["id"]);
            }
            body["card"]["token"] = json!("token_x");
            assert_eq!(seller.charges(bed, &body).await.expect(422).json["errors"][0]["pointer"], "/card");
            body["card"] = json!({"card_id": seller.shop.id});
            let unknown = seller.charges(bed, &body).await.expect(422);
            assert_eq!(unknown.json["errors"][0]["code"], "unknown_reference", "{}", unknown.json);
        }
    });
}
