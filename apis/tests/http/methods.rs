//! Payment methods over HTTP: of the platform, of a shop, and of a product.

use serde_json::{Value, json};

use crate::{
    bed::{Answered, Bed, bed, send},
    run,
};

/// Words of the methods of a list.
fn words(list: &Value) -> Vec<&str> {
    list["items"].as_array().unwrap().iter().map(|item| item["method"].as_str().unwrap()).collect()
}

/// The pointers of what is wrong with a body.
fn pointers(refused: &Answered) -> Vec<&str> {
    refused.json["errors"].as_array().unwrap().iter().map(|error| error["pointer"].as_str().unwrap()).collect()
}

#[test]
fn s45_the_platform_says_which_methods_shops_may_offer_and_which_are_paid_in_installments() {
    run(async {
        // What the platform offers is every shop's matter, so this Feira is this test's alone.
        let bed = Bed::start().await;
        let shop = bed.shop("das-formas").await;
        let of_shop = async || send(bed.staff(&shop, "GET", "/payment-methods")).await.expect(200).json;
        let put = async |method: &str, body: Value| {
            send(bed.operator("PUT", &format!("/payment-methods/{method}")).json(&body)).await
        };
        let usual = send(bed.operator("GET", "/payment-methods")).await.expect(200).json;
        assert_eq!(words(&usual), ["pix", "boleto", "card"]);
        assert!(usual["items"].as_array().unwrap().iter().all(|item| item["active"] == true), "{usual}");
        assert_eq!(words(&of_shop().await), ["pix", "boleto", "card"]);

        let installments = json!({"name": "Pix", "installments": true});
        assert_eq!(pointers(&put("pix", installments).await.expect(422)), ["/installments"]);
        assert_eq!(pointers(&put("cheque", json!({"name": "Cheque"})).await.expect(422)), ["/method"]);
        assert_eq!(pointers(&put("card", json!({"name": " "})).await.expect(422)), ["/name"]);
        let made = put("card", json!({"name": "Crédito", "installments": true})).await.expect(201);
        assert_eq!(made.header("location"), "/api/operator/v1/payment-methods/card");
        let read = send(bed.operator("GET", "/payment-methods/card")).await.expect(200);
        assert_eq!((&read.json, read.header("etag")), (&made.json, "\"1\""));

        // Once one is configured, shops offer what is configured alone.
        let list = of_shop().await;
        assert_eq!((words(&list), &list["items"][0]["name"]), (vec!["card"], &json!("Crédito")));
        let pix = send(bed.staff(&shop, "PUT", "/payment-methods/pix").json(&json!({}))).await.expect(422);
        assert_eq!(pointers(&pix), ["/method"]);
        let twice = json!({"max_installments": 2});
        send(bed.staff(&shop, "PUT", "/payment-methods/card").json(&twice)).await.expect(201);

        let at_once = json!({"name": "Crédito", "installments": false});
        let stale = bed.operator("PUT", "/payment-methods/card").header("if-match", "\"9\"").json(&at_once);
        assert_eq!(send(stale).await.expect(412).code(), "version_mismatch");
        put("card", at_once).await.expect(200);
        let refused = send(bed.staff(&shop, "PUT", "/payment-methods/card").json(&twice)).await.expect(422);
        assert_eq!(pointers(&refused), ["/max_installments"]);
        put("card", json!({"name": "Crédito", "active": false})).await.expect(200);
        let list = of_shop().await;
        assert_eq!(list["items"][0]["offered"], false, "what the shop has configured is shown still: {list}");
        assert_eq!(words(&list), ["card"]);

        send(bed.operator("DELETE", "/payment-methods/card")).await.expect(204);
        send(bed.operator("DELETE", "/payment-methods/card")).await.expect(404);
        assert_eq!(send(bed.operator("GET", "/payment-methods")).await.expect(200).json, usual);
        assert_eq!(words(&of_shop().await), ["pix", "boleto", "card"]);
    });
}

#[test]
fn s56_a_shop_has_one_configuration_of_each_method() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("que-recebe").await;
        let card = "/payment-methods/card";
        let body = json!({"max_installments": 12, "discounted_installments": 3, "discount_percent": "12,50"});
        let made = send(bed.staff(&shop, "PUT", card).json(&body)).await.expect(201);
        assert_eq!(made.header("location"), "/api/admin/v1/payment-methods/card");
        assert_eq!((&made.json["discount_percent"], &made.json["active"]), (&json!("12.5"), &json!(true)));
        let other = json!({"active": false, "max_installments": 6, "discount_percent": "100"});
        let put = |etag: &str| bed.staff(&shop, "PUT", card).header("if-match", etag.to_owned()).json(&other);
        send(put("\"0\"")).await.expect(412);
        let changed = send(put(made.header("etag"))).await.expect(200);
        assert_eq!((&changed.json["version"], &changed.json["discounted_installments"]), (&json!(2), &json!(0)));
        let list = send(bed.staff(&shop, "GET", "/payment-methods")).await.expect(200).json;
        assert_eq!(list["items"][2]["configuration"], changed.json, "one, whatever was sent before: {list}");
        assert!(list["items"][0]["configuration"].is_null(), "{list}");

        for (field, value) in [
            ("max_installments", json!(0)),
            ("max_installments", json!(13)),
            ("discounted_installments", json!(-1)),
            ("discount_percent", json!("100.01")),
            ("discount_percent", json!("-1")),
            ("discount_percent", json!(5)),
        ] {
            let refused = send(bed.staff(&shop, "PUT", card).json(&json!({field: value}))).await.expect(422);
            assert_eq!(pointers(&refused), [format!("/{field}")], "{value}");
        }
        send(bed.staff(&shop, "DELETE", card)).await.expect(204);
        send(bed.staff(&shop, "DELETE", card)).await.expect(404);
        send(bed.staff(&shop, "DELETE", "/payment-methods/cheque")).await.expect(404);
    });
}

#[test]
fn s54_s55_a_product_says_of_a_method_otherwise_than_its_shop() {
    run(async {
        let bed = bed().await;
        let (shop, other) = (bed.shop("com-proprias").await, bed.shop("sem-proprias").await);
        let id = bed.product(&shop, "Caneca").await["id"].as_str().unwrap().to_owned();
        let all = format!("/products/{id}/payment-methods");
        let (card, pix) = (format!("{all}/card"), format!("{all}/pix"));
        let of_shop = json!({"max_installments": 12, "discount_percent": "5"});
        let of_shop = send(bed.staff(&shop, "PUT", "/payment-methods/card").json(&of_shop)).await.expect(201).json;
        let own = send(bed.staff(&shop, "PUT", &card).json(&json!({"max_installments": 2}))).await.expect(201).json;
        assert_eq!((&own["product_id"], &own["max_installments"]), (&json!(id), &json!(2)));
        // One of each method: the second is the first, changed.
        let own = json!({"max_installments": 3, "discounted_installments": 3});
        let own = send(bed.staff(&shop, "PUT", &card).json(&own)).await.expect(200).json;
        let list = send(bed.staff(&shop, "GET", &all)).await.expect(200).json;
        let item = &list["items"][2];
        assert_eq!((&item["configuration"], &item["shop_configuration"]), (&own, &of_shop), "{list}");

        let refuse = async |path: &str, body: Value| send(bed.staff(&shop, "PUT", path).json(&body)).await.expect(422);
        let more = json!({"max_installments": 3, "discounted_installments": 4});
        assert_eq!(pointers(&refuse(&card, more).await), ["/discounted_installments"]);
        assert_eq!(pointers(&refuse(&pix, json!({"max_installments": 2})).await), ["/max_installments"]);
        assert_eq!(pointers(&refuse(&format!("{all}/cheque"), json!({})).await), ["/method"]);

        // Another shop's product is nobody's here.
        for (method, path) in [("GET", &all), ("PUT", &card), ("DELETE", &card)] {
            let request = bed.staff(&other, method, path);
            let request = if method == "PUT" { request.json(&json!({})) } else { request };
            send(request).await.expect(404);
        }
        send(bed.staff(&shop, "DELETE", &card)).await.expect(204);
        let list = send(bed.staff(&shop, "GET", &all)).await.expect(200).json;
        assert!(list["items"][2]["configuration"].is_null(), "the shop's holds again: {list}");
    });
}
