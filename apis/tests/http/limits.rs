//! Limits of one client or one shop: quotas, pages that end, bodies as they are, and scripts from elsewhere.

use feira_web::routing::Auth;
use serde_json::{Value, json};

use crate::{
    bed::{Answered, bed, product, send, send_at},
    run,
};

fn published(name: &str) -> Value {
    let mut body = product(name);
    body["status"] = json!("published");
    body
}

/// A product whose options hold as many letters as they may.
fn fat(name: &str) -> Value {
    let values =
        |letter: &str| -> Vec<String> { (0..25).map(|number| format!("{number:03}{}", letter.repeat(97))).collect() };
    let options = [("Cor", values("á")), ("Tamanho", values("é")), ("Corte", values("í"))];
    let variant = |number: usize, amount: i64| {
        let named = options.iter().map(|(name, values)| ((*name).to_owned(), json!(values[number])));
        let named: serde_json::Map<String, Value> = named.collect();
        json!({"options": named, "price": {"amount": amount, "currency": "BRL"}, "stock": 1})
    };
    let variants: Vec<Value> = (0..25).map(|number| variant(number, 1_000 + number as i64)).collect();
    let options: Vec<Value> = options.iter().map(|(name, values)| json!({"name": name, "values": values})).collect();
    json!({"name": name, "status": "published", "options": options, "variants": variants})
}

#[test]
fn f40_a_list_shows_cards_and_ends_where_its_bytes_do() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("gorda").await;
        let mut position = String::new();
        for number in 0..24 {
            let made = send(bed.staff(&shop, "POST", "/products").json(&fat(&format!("Fardo {number:02}")))).await;
            position = made.expect(201).header("feira-position").to_owned();
        }
        for list in ["/api/store/v1/products", "/api/store/v1/search", "/api/admin/v1/products"] {
            let (mut seen, mut after) = (Vec::new(), String::new());
            loop {
                let path = format!("{list}?sort=name&limit=100{after}");
                let page = send_at(&position, bed.request(&shop.host, "GET", &path).bearer_auth(&shop.token)).await;
                let page = page.expect(200);
                assert!(page.bytes.len() < 260 * 1_024, "{list}: {} bytes", page.bytes.len());
                let items = page.json["items"].as_array().unwrap();
                for item in items {
                    assert!(item.get("variants").is_none() && item.get("description").is_none(), "{list}");
                    assert_eq!(item["options"][0]["values"].as_array().unwrap().len(), 20, "{list}");
                    assert_eq!((&item["price"]["amount"], &item["price_to"]["amount"]), (&json!(1_000), &json!(1_024)));
                    assert_eq!(item["available"], true, "{list}");
                }
                seen.extend(items.iter().map(|item| item["name"].as_str().unwrap().to_owned()));
                match page.json["next"].as_str() {
                    Some(next) => after = format!("&after={next}"),
                    None => break,
                }
            }
            let all: Vec<String> = (0..24).map(|number| format!("Fardo {number:02}")).collect();
            assert_eq!(seen, all, "{list}");
        }
        let one = send(bed.request(&shop.host, "GET", "/api/store/v1/products/fardo-00")).await.expect(200);
        assert_eq!(one.json["variants"].as_array().unwrap().len(), 25, "the product itself has them");
    });
}

#[test]
fn f04_answers_of_the_apis_say_what_is_left_of_quotas() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("contada").await;
        let policy = |answer: &Answered| answer.header("ratelimit-policy").to_owned();
        let read = send(bed.request(&shop.host, "GET", "/api/store/v1/categories")).await;
        assert_eq!(policy(&read), "\"address\";q=120000;w=60, \"shop\";q=1200000;w=60");
        assert!(read.header("ratelimit").starts_with("\"address\";r=1"), "{}", read.header("ratelimit"));
        let staff = send(bed.staff(&shop, "GET", "/settings")).await.expect(200);
        assert_eq!(policy(&staff), "\"credential\";q=120000;w=60, \"shop\";q=1200000;w=60");
        let stranger = send(bed.request(&shop.host, "GET", "/api/admin/v1/settings")).await.expect(401);
        assert!(policy(&stranger).starts_with("\"address\""));
        let probe = send(bed.request("localhost", "GET", "/healthz")).await;
        assert_eq!(policy(&probe), "");
    });
}

#[test]
fn f02_a_body_in_an_encoding_is_refused() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("apertada").await;
        for (encoding, status) in [("gzip", 415), ("br", 415), ("gzip, identity", 415), ("x", 415), ("identity", 201)] {
            let request = bed.staff(&shop, "POST", "/products").header("content-encoding", encoding);
            let answer = send(request.json(&product(encoding))).await.expect(status);
            if status == 415 {
                assert_eq!((answer.code(), answer.header("accept-encoding")), ("unsupported_media", "identity"));
            }
        }
    });
}

/// Room is held for a body from its first byte on, and whoever needs no credential could take a shop's whole share with a few.
#[test]
fn f40_nobody_without_a_credential_sends_a_large_body() {
    const A_FORM: usize = 64 * 1_024;
    // What gateways and the clients of a registry send whole, the one of some size and the other with a schema.
    let of_programs = [
        "/payments/callbacks/{gateway}/{account}",
        "/registry/subjects/{subject}",
        "/registry/compatibility/subjects/{subject}/versions",
        "/registry/compatibility/subjects/{subject}/versions/{version}",
    ];
    let large = feira_apis::routes().into_iter().filter(|route| {
        let limit = route.body.as_ref().map_or(0, |body| body.limit);
        route.auth == Auth::None && limit > A_FORM
    });
    assert_eq!(large.map(|route| route.path).collect::<Vec<_>>(), of_programs);
}

#[test]
fn f10_scripts_of_the_origins_that_a_shop_names_may_read_its_api() {
    run(async {
        let bed = bed().await;
        let (shop, other) = (bed.shop("aberta").await, bed.shop("fechada").await);
        send(bed.staff(&shop, "POST", "/products").json(&published("Caneca"))).await.expect(201);
        let patch = json!({"cors_origins": ["https://Loja.example/", "http://localhost:3000"]});
        let set = send(bed.staff(&shop, "PATCH", "/settings").json(&patch)).await.expect(200);
        assert_eq!(set.json["cors_origins"], json!(["https://loja.example", "http://localhost:3000"]));
        for wrong in [json!(["https://loja.example/a"]), json!(["*"]), json!(["null"]), json!(vec!["https://a.b"; 21])]
        {
            send(bed.staff(&shop, "PATCH", "/settings").json(&json!({"cors_origins": wrong}))).await.expect(422);
        }
        let path = "/api/store/v1/products";
        let ask = |host: &str, method: &str, path: &str, origin: &str| {
            let request = bed.request(host, method, path).header("origin", origin);
            send_at(set.header("feira-position"), request)
        };
        for (host, origin, allowed) in [
            (&shop.host, "https://loja.example", true),
            (&shop.host, "http://localhost:3000", true),
            (&shop.host, "http://loja.example", false),
            (&shop.host, "https://loja.example.evil", false),
            (&shop.host, "null", false),
            (&other.host, "https://loja.example", false),
        ] {
            let expected = if allowed { origin } else { "" };
            let missing = "/api/store/v1/products/nada";
            for (method, path, status) in
                [("GET", path, 200), ("HEAD", path, 200), ("OPTIONS", path, 204), ("GET", missing, 404)]
            {
                let answer = ask(host, method, path, origin).await.expect(status);
                assert_eq!(answer.header("access-control-allow-origin"), expected, "{method} {origin}");
                assert_eq!(answer.header("access-control-allow-credentials"), "", "{method} {origin}");
                assert!(answer.header("vary").contains("origin"), "{method} {origin}");
            }
        }
        let preflight = ask(&shop.host, "OPTIONS", path, "https://loja.example").await.expect(204);
        assert_eq!(preflight.header("access-control-allow-methods"), "GET, HEAD, OPTIONS");
        let allowed = preflight.header("access-control-allow-headers");
        assert!(allowed.contains("feira-at-least") && allowed.contains("if-match"), "{allowed}");
        let refused = send(bed.request(&shop.host, "POST", path)).await.expect(405);
        assert_eq!(refused.header("allow"), "GET, HEAD, OPTIONS");
        let admin = ask(&shop.host, "OPTIONS", "/api/admin/v1/products", "https://loja.example").await.expect(405);
        assert_eq!(admin.header("access-control-allow-origin"), "", "with a token nothing is for scripts elsewhere");
    });
}

#[test]
fn f10_a_304_varies_as_its_200_does_and_encodings_have_tags_of_their_own() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("variada").await;
        let mut body = published("Toalha");
        body["description"] = json!(format!("<p>{}</p>", "algodão penteado ".repeat(200)));
        let made = send(bed.staff(&shop, "POST", "/products").json(&body)).await.expect(201);
        let admin = format!("/api/admin/v1/products/{}", made.json["id"].as_str().unwrap());
        let position = made.header("feira-position");
        for path in ["/product/toalha", "/api/store/v1/products/toalha", "/api/store/v1/products", "/", &admin] {
            let ask = |encoding: &str, known: &str| {
                let request = bed.request(&shop.host, "GET", path).bearer_auth(&shop.token);
                let request = request.header("accept-encoding", encoding).header("if-none-match", known);
                send_at(position, request)
            };
            let plain = ask("identity", "\"x\"").await.expect(200);
            let packed = ask("gzip", "\"x\"").await.expect(200);
            let (tag, packed_tag) = (plain.header("etag"), packed.header("etag"));
            assert_eq!((packed.header("content-encoding"), tag == packed_tag), ("gzip", false), "{path}");
            for (encoding, known, answered) in
                [("identity", tag, tag), ("gzip", tag, tag), ("gzip", packed_tag, packed_tag), ("identity", "*", tag)]
            {
                let same = ask(encoding, known).await.expect(304);
                assert_eq!((same.header("etag"), same.header("vary")), (answered, plain.header("vary")), "{path}");
                assert_eq!(same.header("content-type"), "", "{path}");
            }
            assert_eq!(packed.header("vary"), plain.header("vary"), "{path}");
        }
        let packed =
            send(bed.request(&shop.host, "GET", &admin).bearer_auth(&shop.token).header("accept-encoding", "gzip"));
        let tag = packed.await.header("etag").to_owned();
        let change = bed.request(&shop.host, "PATCH", &admin).bearer_auth(&shop.token).header("if-match", &tag);
        send(change.json(&json!({"name": "Toalha nova"}))).await.expect(200);
        let again = bed.request(&shop.host, "PATCH", &admin).bearer_auth(&shop.token).header("if-match", &tag);
        send(again.json(&json!({"name": "Toalha velha"}))).await.expect(412);
    });
}

#[test]
fn f02_what_another_shop_of_the_partition_writes_changes_no_search_of_this_one() {
    run(async {
        let bed = bed().await;
        let own = bed.shop("quieta").await;
        let made = send(bed.staff(&own, "POST", "/products").json(&published("Sino"))).await.expect(201);
        let path = "/api/store/v1/search?q=sino";
        let before = send_at(made.header("feira-position"), bed.request(&own.host, "GET", path)).await.expect(200);
        let partition = made.header("feira-position").split('.').nth(1).unwrap().to_owned();
        let mut neighbours = 0;
        for number in 0..100 {
            let other = bed.shop(&format!("ruidosa{number}")).await;
            let written = send(bed.staff(&other, "POST", "/products").json(&published("Sino"))).await.expect(201);
            let position = written.header("feira-position").to_owned();
            if position.split('.').nth(1) != Some(&partition) {
                continue;
            }
            send_at(&position, bed.request(&other.host, "GET", path)).await.expect(200);
            let after = send(bed.request(&own.host, "GET", path)).await.expect(200);
            assert_eq!((&after.json, after.header("etag")), (&before.json, before.header("etag")));
            neighbours += 1;
            if neighbours == 3 {
                return;
            }
        }
        panic!("only {neighbours} of 100 shops share the partition");
    });
}
