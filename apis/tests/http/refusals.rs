//! Wrong input: each gets its status and words, and none gets 500.

use serde_json::{Value, json};

use crate::{
    bed::{bed, product, send},
    run,
};

fn with(change: impl FnOnce(&mut Value)) -> Value {
    let mut body = product("Caneca");
    change(&mut body);
    body
}

#[test]
fn every_wrong_product_is_refused_at_the_field() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("erros").await;
        let price = json!({"amount": 100, "currency": "BRL"});
        let variants = |count: usize| -> Value { (0..count).map(|_| json!({"price": price})).collect() };
        for (body, pointer) in [
            (with(|b| b["name"] = json!("")), "/name"),
            (with(|b| b["name"] = json!("x".repeat(256))), "/name"),
            (with(|b| b["name"] = json!(7)), "/name"),
            (with(|b| b["nome"] = json!("x")), "/nome"),
            (with(|b| b["id"] = json!("x")), "/id"),
            (with(|b| b["description"] = json!("x".repeat(65_537))), "/description"),
            (with(|b| b["slug"] = json!("Não é")), "/slug"),
            (with(|b| b["status"] = json!("gone")), "/status"),
            (with(|b| b["tags"] = json!(vec!["t"; 101])), "/tags"),
            (with(|b| b["tags"] = json!(["x".repeat(61)])), "/tags/0"),
            (
                with(
                    |b| b["options"] = json!([{"name": "a", "values": ["1"]}, {"name": "b", "values": ["1"]}, {"name": "c", "values": ["1"]}, {"name": "d", "values": ["1"]}]),
                ),
                "/options",
            ),
            (with(|b| b["options"] = json!([{"name": "a", "values": ["x".repeat(101)]}])), "/options/0/values/0"),
            (with(|b| b["variants"] = json!([])), "/variants"),
            (with(|b| b["variants"] = variants(2_049)), "/variants"),
            (with(|b| b["variants"] = json!({})), "/variants"),
            (with(|b| b["variants"] = json!([{}])), "/variants/0/price"),
            (with(|b| b["variants"] = json!([{"price": 10}])), "/variants/0/price"),
            (
                with(|b| b["variants"] = json!([{"price": {"amount": 1e300, "currency": "BRL"}}])),
                "/variants/0/price/amount",
            ),
            (
                with(|b| b["variants"] = json!([{"price": {"amount": -1, "currency": "BRL"}}])),
                "/variants/0/price/amount",
            ),
            (
                with(|b| b["variants"] = json!([{"price": {"amount": 1, "currency": "USD"}}])),
                "/variants/0/price/currency",
            ),
            (with(|b| b["variants"] = json!([{"price": price, "sku": "x".repeat(65)}])), "/variants/0/sku"),
            (
                with(|b| b["variants"] = json!([{"price": price, "id": "018f4d7e-3c1b-7a52-9d0e-5b7f1c2a3d4e"}])),
                "/variants/0/id",
            ),
            (with(|b| b["category_id"] = json!("018f4d7e-3c1b-7a52-9d0e-5b7f1c2a3d4e")), "/category_id"),
            (json!([]), ""),
            (json!("x"), ""),
        ] {
            let refused = send(bed.staff(&shop, "POST", "/products").json(&body)).await.expect(422);
            assert_eq!(refused.header("content-type"), "application/problem+json");
            assert_eq!(refused.json["errors"][0]["pointer"], pointer, "{}", refused.json);
            assert_eq!((&refused.json["status"], refused.json["type"].is_string()), (&json!(422), true));
        }
    });
}

#[test]
fn bodies_that_are_no_json_are_malformed_and_large_ones_too_large() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("corpos").await;
        let post =
            |body: Vec<u8>| bed.staff(&shop, "POST", "/products").header("content-type", "application/json").body(body);
        let deep = "[".repeat(50_000).into_bytes();
        let doubled = br#"{"name":"a","name":"b","variants":[]}"#.to_vec();
        for body in
            [b"".to_vec(), b"{".to_vec(), b"\xff\xfe".to_vec(), deep, doubled, b"{\"name\": \"\\ud800\"}".to_vec()]
        {
            assert_eq!(send(post(body)).await.expect(400).code(), "malformed");
        }
        let large = send(post(vec![b' '; 4 * 1024 * 1024 + 1])).await.expect(413);
        assert!(large.code() == "too_large" && large.json["detail"].as_str().unwrap().contains("4 MiB"));
        let text = bed.staff(&shop, "POST", "/products").header("content-type", "text/plain").body("x");
        assert_eq!(send(text).await.expect(415).code(), "unsupported_media");
    });
}

#[test]
fn addresses_methods_and_parameters_that_do_not_exist_say_so() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("enderecos").await;
        for path in ["/products/7", "/products/%FF", "/products/%00", "/nothing", "/products/a/b/c", "/categories/x"] {
            let refused = send(bed.staff(&shop, "GET", path)).await.expect(404);
            assert_eq!(refused.header("content-type"), "application/problem+json", "{path}");
        }
        for (method, path, allow) in [
            ("DELETE", "/products", "GET"),
            ("POST", "/settings", "PATCH"),
            ("OPTIONS", "/products", "POST"),
            ("TRACE", "/products", "POST"),
            ("QUERY", "/products", "POST"),
        ] {
            let refused = send(bed.staff(&shop, method, path)).await.expect(405);
            assert!(refused.header("allow").contains(allow), "{method} {path}: {}", refused.header("allow"));
            assert_eq!(refused.code(), "method_not_allowed");
        }
        for query in [
            "limit=0",
            "limit=101",
            "limit=x",
            "limit=",
            "limit=1&limit=2",
            "sort=up",
            "q=%FF",
            "cor=azul",
            "after=x",
            "status=x",
            "category=nada",
        ] {
            let refused = send(bed.staff(&shop, "GET", &format!("/products?{query}"))).await.expect(400);
            let code = refused.code();
            assert!(code == "malformed" || (query == "after=x" && code == "bad_cursor"), "{query}: {code}");
        }
    });
}

#[test]
fn a_patch_says_where_it_is_wrong() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("remendos").await;
        let made = bed.product(&shop, "Caneca").await;
        let path = format!("/products/{}", made["id"].as_str().unwrap());
        for (body, pointer) in [
            (json!({"name": null}), "/name"),
            (json!({"name": 7}), "/name"),
            (json!({"nome": "x"}), "/nome"),
            (json!({"seo": {"titulo": "x"}}), "/seo/titulo"),
            (json!({"variants": null}), "/variants"),
            (json!({"variants": [{"price": {"amount": "1", "currency": "BRL"}}]}), "/variants/0/price/amount"),
            (json!({"tags": [null]}), "/tags/0"),
            (json!(null), ""),
            (json!([1]), ""),
            (json!({"name": "x".repeat(256)}), "/name"),
        ] {
            let refused = send(bed.staff(&shop, "PATCH", &path).json(&body)).await.expect(422);
            assert_eq!(refused.json["errors"][0]["pointer"], pointer, "{body} {}", refused.json);
        }
        assert_eq!(send(bed.staff(&shop, "GET", &path)).await.expect(200).json, made);
    });
}
