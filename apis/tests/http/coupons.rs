//! Coupons over HTTP.

use serde_json::{Value, json};

use crate::{
    bed::{Answered, Shop, bed, send},
    run,
};

/// The pointers of what is wrong with a body.
fn pointers(refused: &Answered) -> Vec<&str> {
    refused.json["errors"].as_array().unwrap().iter().map(|error| error["pointer"].as_str().unwrap()).collect()
}

/// The codes of a list.
fn codes(list: &Value) -> Vec<&str> {
    list["items"].as_array().unwrap().iter().map(|item| item["code"].as_str().unwrap()).collect()
}

async fn put(shop: &Shop, code: &str, body: Value) -> Answered {
    send(bed().await.staff(shop, "PUT", &format!("/coupons/{code}")).json(&body)).await
}

#[test]
fn f08_a_coupon_is_made_at_its_code_changed_and_removed() {
    run(async {
        let bed = bed().await;
        let (shop, other) = (bed.shop("dos-cupons").await, bed.shop("sem-cupons").await);
        let product = bed.product(&shop, "Caneca").await["id"].clone();
        let theirs = bed.product(&other, "Copo").await["id"].clone();
        let brl = |amount: i64| json!({"amount": amount, "currency": "BRL"});
        let body = json!({
            "kind": "percent", "percent": "10,50", "minimum": brl(5_000), "usage_limit": 100, "products": [product],
            "starts_at": "2026-12-01T00:00:00-03:00", "ends_at": "2027-01-01T00:00:00-03:00",
        });
        let made = put(&shop, "verao-10", body).await.expect(201);
        assert_eq!(made.header("location"), "/api/admin/v1/coupons/VERAO-10");
        assert_eq!((&made.json["code"], &made.json["percent"]), (&json!("VERAO-10"), &json!("10.5")));
        assert_eq!(made.json["ends_at"], "2027-01-01T03:00:00Z");
        let read = send(bed.staff(&shop, "GET", "/coupons/Verao-10")).await.expect(200);
        assert_eq!((&read.json, read.header("etag")), (&made.json, "\"1\""));
        send(bed.staff(&other, "GET", "/coupons/VERAO-10")).await.expect(404);

        let amount = json!({"kind": "amount", "amount": brl(1_000), "active": false});
        let ask = |etag: &str| bed.staff(&shop, "PUT", "/coupons/VERAO-10").header("if-match", etag.to_owned());
        assert_eq!(send(ask("\"0\"").json(&amount)).await.expect(412).code(), "version_mismatch");
        let changed = send(ask("\"1\"").json(&amount)).await.expect(200).json;
        assert_eq!((&changed["version"], &changed["percent"]), (&json!(2), &Value::Null));
        assert_eq!((&changed["products"], &changed["minimum"]), (&json!([]), &Value::Null), "as a whole");

        for (code, body, wrong) in [
            ("ab", json!({"kind": "free_shipping"}), "/code"),
            ("VERAO", json!({"kind": "percent"}), "/percent"),
            ("VERAO", json!({"kind": "amount", "amount": brl(0)}), "/amount/amount"),
            ("VERAO", json!({"kind": "brinde"}), "/kind"),
            ("VERAO", json!({"kind": "free_shipping", "version": 7}), "/version"),
            ("VERAO", json!({"kind": "free_shipping", "ends_at": "2026-12-01T00:00:01Z"}), "/ends_at"),
            ("VERAO", json!({"kind": "free_shipping", "products": [theirs]}), "/products/0"),
            ("VERAO", json!({"kind": "free_shipping", "categories": [product]}), "/categories/0"),
        ] {
            let refused = put(&shop, code, body.clone()).await.expect(422);
            assert_eq!(pointers(&refused), [wrong], "{code}: {body}");
        }
        send(bed.staff(&shop, "DELETE", "/coupons/verao-10")).await.expect(204);
        send(bed.staff(&shop, "DELETE", "/coupons/verao-10")).await.expect(404);
        let again = put(&shop, "VERAO-10", json!({"kind": "free_shipping"})).await.expect(201).json;
        assert_eq!(again["version"], 4, "no version comes twice");
    });
}

#[test]
fn f08_coupons_are_listed_by_their_state_page_by_page() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("lista-cupons").await;
        for (code, more) in [
            ("VALE", json!({})),
            ("DESLIGADO", json!({"active": false})),
            ("PASSADO", json!({"ends_at": "2020-01-01T00:00:00Z"})),
            ("FUTURO", json!({"starts_at": "2999-01-01T00:00:00Z"})),
        ] {
            let mut body = json!({"kind": "free_shipping"});
            body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            put(&shop, code, body).await.expect(201);
        }
        let list = async |query: &str| send(bed.staff(&shop, "GET", &format!("/coupons{query}"))).await;
        let all = list("").await.expect(200).json;
        assert_eq!((codes(&all), &all["total"]), (vec!["FUTURO", "PASSADO", "DESLIGADO", "VALE"], &json!(4)));
        for (state, code) in
            [("active", "VALE"), ("upcoming", "FUTURO"), ("over", "PASSADO"), ("inactive", "DESLIGADO")]
        {
            assert_eq!(codes(&list(&format!("?state={state}")).await.expect(200).json), [code]);
        }
        list("?state=outro").await.expect(400);
        let (mut seen, mut query) = (Vec::new(), "?limit=3".to_owned());
        for _ in 0..2 {
            let page = list(&query).await.expect(200).json;
            seen.extend(codes(&page).into_iter().map(str::to_owned));
            let Some(next) = page["next"].as_str() else { break };
            query = format!("?limit=3&after={next}");
        }
        assert_eq!(seen, codes(&all));
        // A cursor belongs to the list that gave it.
        let first = list("?limit=1").await.expect(200).json;
        list(&format!("?state=active&after={}", first["next"].as_str().unwrap())).await.expect(400);
    });
}
