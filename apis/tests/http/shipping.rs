//! Ways of delivery over HTTP.

use serde_json::{Value, json};

use crate::{
    bed::{Answered, Bed, Shop, bed, send},
    run,
};

/// Brazilian money as bodies have it.
fn money(amount: i64) -> Value {
    json!({"amount": amount, "currency": "BRL"})
}

fn flat(name: &str, price: i64) -> Value {
    json!({"name": name, "kind": "flat", "price": money(price), "min_days": 3, "max_days": 5})
}

fn rate(from: &str, to: &str, grams: i64, price: i64) -> Value {
    json!({"cep_from": from, "cep_to": to, "up_to_grams": grams, "price": money(price), "days": 2})
}

fn table(name: &str, rates: &[Value]) -> Value {
    json!({"name": name, "kind": "table", "free_from": money(20_000), "rates": rates})
}

async fn made(bed: &Bed, shop: &Shop, body: &Value) -> Answered {
    send(bed.staff(shop, "POST", "/shipping").json(body)).await.expect(201)
}

/// The names of a list.
fn names(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap()).collect()
}

/// The pointers of what is wrong with a body.
fn pointers(refused: &Answered) -> Vec<&str> {
    refused.json["errors"].as_array().unwrap().iter().map(|error| error["pointer"].as_str().unwrap()).collect()
}

#[test]
fn f08_ways_of_delivery_are_made_changed_moved_and_removed() {
    run(async {
        let bed = bed().await;
        let (shop, other) = (bed.shop("entrega").await, bed.shop("entrega-alheia").await);
        let pac = made(bed, &shop, &flat("PAC", 1_500)).await;
        let one = format!("/shipping/{}", pac.json["id"].as_str().unwrap());
        assert!(pac.header("location").ends_with(&one));
        assert_eq!(
            (&pac.json["price"], &pac.json["rates"], &pac.json["active"]),
            (&money(1_500), &json!([]), &json!(true))
        );
        let lines = [rate("01000-000", "05999-999", 300, 990), rate("01000000", "05999999", 1_000, 1_990)];
        let by_table = made(bed, &shop, &table("Motoboy", &lines)).await;
        let expected = [rate("01000-000", "05999-999", 300, 990), rate("01000-000", "05999-999", 1_000, 1_990)];
        assert_eq!(by_table.json["rates"], json!(expected));
        let list = async || send(bed.staff(&shop, "GET", "/shipping")).await.expect(200).json;
        let listed = list().await;
        assert_eq!(names(&listed["items"]), ["PAC", "Motoboy"]);
        assert_eq!((&listed["items"][1]["rates_count"], &listed["items"][1]["rates"]), (&json!(2), &Value::Null));

        let by_move = format!("/shipping/{}/move", by_table.json["id"].as_str().unwrap());
        let up = json!({"direction": "up"});
        let moved = send(bed.staff(&shop, "POST", &by_move).json(&up)).await.expect(200);
        assert_eq!((&moved.json["version"], moved.header("etag")), (&json!(2), "\"2\""));
        assert_eq!(names(&list().await["items"]), ["Motoboy", "PAC"]);
        let again = send(bed.staff(&shop, "POST", &by_move).json(&up)).await.expect(200);
        assert_eq!(again.json["version"], 2, "it is the first already");

        let put =
            |etag: &str| bed.staff(&shop, "PUT", &one).header("if-match", etag.to_owned()).json(&flat("PAC", 2_000));
        send(put("\"1\"")).await.expect(412);
        let changed = send(put("\"2\"")).await.expect(200);
        assert_eq!((&changed.json["version"], &changed.json["price"]["amount"]), (&json!(3), &json!(2_000)));
        let read = send(bed.staff(&shop, "GET", &one)).await.expect(200);
        assert_eq!((&read.json, read.header("etag")), (&changed.json, "\"3\""));

        for (method, body) in [("GET", None), ("PUT", Some(flat("X", 1))), ("DELETE", None)] {
            let request = bed.staff(&other, method, &one);
            send(body.map_or_else(|| bed.staff(&other, method, &one), |body| request.json(&body))).await.expect(404);
        }
        send(bed.staff(&shop, "DELETE", &one)).await.expect(204);
        send(bed.staff(&shop, "GET", &one)).await.expect(404);
        assert_eq!(names(&list().await["items"]), ["Motoboy"]);
    });
}

#[test]
fn f08_a_table_that_says_two_things_of_one_parcel_is_refused_at_its_line() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("entrega-errada").await;
        let refused = async |body: Value| send(bed.staff(&shop, "POST", "/shipping").json(&body)).await.expect(422);
        let twice = [rate("01000-000", "05999-999", 300, 990), rate("05000-000", "06999-999", 300, 990)];
        let found = refused(table("A", &twice)).await;
        assert_eq!(pointers(&found), ["/rates/1/cep_from"]);
        assert!(found.json["errors"][0]["detail"].as_str().unwrap().contains("linhas 1 e 2"), "{}", found.json);
        for (body, pointer) in [
            (table("A", &[rate("01310-100", "05999-999", 1, 1)]), "/rates/0/cep_from"),
            (table("A", &[rate("01000-000", "05999-998", 1, 1)]), "/rates/0/cep_to"),
            (table("A", &[]), "/rates"),
            (json!({"name": "A", "kind": "flat", "min_days": 1}), "/price"),
            (json!({"name": "A", "kind": "drone"}), "/kind"),
        ] {
            assert_eq!(pointers(&refused(body).await), [pointer]);
        }
        made(bed, &shop, &flat("PAC", 1)).await;
        assert_eq!(pointers(&refused(flat("pac", 1)).await), ["/name"]);
    });
}

#[test]
fn f08_a_quote_says_what_is_offered_and_why_the_rest_is_not() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("simula").await;
        let lines = [rate("01000-000", "05999-999", 300, 990)];
        made(bed, &shop, &table("Motoboy", &lines)).await;
        made(bed, &shop, &flat("PAC", 1_500)).await;
        made(bed, &shop, &json!({"name": "Balcão", "kind": "pickup", "min_days": 0})).await;
        let mut off = flat("Sedex", 3_000);
        off["active"] = json!(false);
        made(bed, &shop, &off).await;
        let quote = async |query: &str| {
            send(bed.staff(&shop, "GET", &format!("/shipping-quote{query}"))).await.expect(200).json
        };
        let found = quote("?cep=01310-100&weight_grams=300&goods=19999").await;
        assert_eq!(names(&found["offered"]), ["Motoboy", "PAC", "Balcão"]);
        let prices: Vec<_> = found["offered"].as_array().unwrap().iter().map(|one| &one["price"]["amount"]).collect();
        assert_eq!(prices, [&json!(990), &json!(1_500), &json!(0)]);
        assert_eq!(found["not_offered"][0]["reason"], "inactive");
        assert_eq!(quote("?cep=01310100&goods=20000").await["offered"][0]["price"]["amount"], 0, "free from there on");
        for (query, reason) in [
            ("?cep=01310-100&weight_grams=301", "too_heavy"),
            ("?cep=90000-000", "cep_not_served"),
            ("", "cep_missing"),
        ] {
            let found = quote(query).await;
            assert_eq!(
                (&found["not_offered"][0]["name"], &found["not_offered"][0]["reason"]),
                (&json!("Motoboy"), &json!(reason))
            );
            assert_eq!(names(&found["offered"]), ["PAC", "Balcão"]);
        }
        for wrong in ["?cep=00000-000", "?cep=0131", "?weight_grams=-1", "?goods=muito"] {
            send(bed.staff(&shop, "GET", &format!("/shipping-quote{wrong}"))).await.expect(400);
        }
    });
}

#[test]
fn f08_s63_delivery_is_an_area_of_its_own() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("entrega-so").await;
        for (scope, sees, changes) in
            [("shipping:write", 200, 201), ("shipping:read", 200, 403), ("settings:write", 403, 403)]
        {
            let token = json!({"label": scope, "scopes": [scope]});
            let token = send(bed.staff(&shop, "POST", "/tokens").json(&token)).await.expect(201).json;
            let scoped = Shop { token: token["token"].as_str().unwrap().to_owned(), ..shop.clone() };
            send(bed.staff(&scoped, "GET", "/shipping")).await.expect(sees);
            send(bed.staff(&scoped, "GET", "/shipping-quote")).await.expect(sees);
            send(bed.staff(&scoped, "POST", "/shipping").json(&flat(scope, 1))).await.expect(changes);
        }
    });
}
