//! Idempotency, versions and positions of writes.

use serde_json::json;

use crate::{
    bed::{bed, product, send, send_at},
    run,
};

#[test]
fn f14_the_same_key_and_body_get_the_same_answer_and_another_body_none() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("chaves").await;
        let post =
            |name: &str| bed.staff(&shop, "POST", "/products").header("idempotency-key", "k1").json(&product(name));
        let first = send(post("Caneca")).await.expect(201);
        let again = send(post("Caneca")).await.expect(201);
        assert_eq!((&first.json, first.header("location")), (&again.json, again.header("location")));
        assert_eq!(first.header("feira-position"), again.header("feira-position"));
        let other = send(post("Copo")).await.expect(422);
        assert_eq!(other.code(), "idempotency_mismatch");
        let listed = send_at(other.header("feira-position"), bed.staff(&shop, "GET", "/products")).await;
        assert_eq!(listed.expect(200).json["total"], 1);
        let bad =
            send(bed.staff(&shop, "POST", "/products").header("idempotency-key", "x".repeat(256)).json(&product("a")))
                .await;
        assert_eq!(bad.expect(400).code(), "malformed");
    });
}

#[test]
fn a_change_meant_for_another_version_is_refused() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("versoes").await;
        let made = bed.product(&shop, "Caneca").await;
        let path = format!("/products/{}", made["id"].as_str().unwrap());
        let patch = |tag: &str, name: &str| {
            bed.staff(&shop, "PATCH", &path).header("if-match", tag).json(&json!({"name": name}))
        };
        let changed = send(patch("\"1\"", "Copo")).await.expect(200);
        assert_eq!((changed.header("etag"), &changed.json["name"]), ("\"2\"", &json!("Copo")));
        assert_eq!(send(patch("\"1\"", "Prato")).await.expect(412).code(), "version_mismatch");
        for wrong in ["1", "\"x\"", "\"1", ""] {
            assert_eq!(send(patch(wrong, "Prato")).await.expect(400).code(), "malformed", "{wrong}");
        }
        send(patch("*", "Prato")).await.expect(200);
        let read = send(bed.staff(&shop, "GET", &path).header("if-none-match", "\"3\"")).await.expect(304);
        assert_eq!((read.header("etag"), read.bytes.len()), ("\"3\"", 0));
        send(bed.staff(&shop, "GET", &path).header("if-none-match", "\"2\"")).await.expect(200);
        let head = send(bed.staff(&shop, "HEAD", &path)).await.expect(200);
        assert_eq!((head.header("etag"), head.bytes.len()), ("\"3\"", 0));
    });
}

#[test]
fn f18_what_is_written_is_seen_at_its_position() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("posicoes").await;
        for n in 1..=5 {
            let made =
                send(bed.staff(&shop, "POST", "/products").json(&product(&format!("Peça {n}")))).await.expect(201);
            let position = made.header("feira-position");
            let listed = send(bed.staff(&shop, "GET", "/products").header("feira-at-least", position)).await;
            // A view may need longer than half a second; it then says so, and never shows less.
            match listed.status {
                409 => assert_eq!((listed.code(), listed.header("retry-after")), ("stale", "1")),
                _ => assert_eq!(listed.expect(200).json["total"], n),
            }
            let one = made.header("location").strip_prefix("/api/admin/v1").unwrap();
            let read = send_at(position, bed.staff(&shop, "GET", one)).await.expect(200);
            assert_eq!(read.json, made.json);
        }
        for wrong in ["x", "admin.0", "admin.99.1", "admin.0.1,", "shop.0.1"] {
            let refused = send(bed.staff(&shop, "GET", "/products").header("feira-at-least", wrong)).await;
            assert_eq!(refused.expect(400).code(), "bad_position", "{wrong}");
        }
    });
}

#[test]
fn f18_a_position_that_nothing_has_reached_gets_no_older_answer_whoever_asks_for_what() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("adiante").await;
        let made = bed.product(&shop, "Caneca").await;
        let future = format!("admin.{}.{}", bed.api.platform.partition_of(shop.id.parse().unwrap()), i64::MAX);
        let (id, variant) = (made["id"].as_str().unwrap(), made["variants"][0]["id"].as_str().unwrap());
        let product = format!("/products/{id}");
        let (stock, images) = (format!("{product}/variants/{variant}/stock"), format!("{product}/images"));
        let command = format!("/commands/{id}");
        for path in ["/products", &product, &stock, &images, "/settings", "/categories", "/logo", &command] {
            let refused = send(bed.staff(&shop, "GET", path).header("feira-at-least", &future)).await.expect(409);
            assert_eq!((refused.code(), refused.header("retry-after")), ("stale", "1"), "{path}");
        }
        let head = bed.staff(&shop, "HEAD", &product).header("feira-at-least", &future);
        send(head).await.expect(409);
        // What a write names is looked up before it is sent, so it is held to the position as well.
        let put = bed.staff(&shop, "PUT", &stock).header("feira-at-least", &future).json(&json!({"on_hand": 1}));
        assert_eq!(send(put).await.expect(409).code(), "stale");
        let put = bed.staff(&shop, "PUT", &stock).header("feira-at-least", "x").json(&json!({"on_hand": 1}));
        assert_eq!(send(put).await.expect(400).code(), "bad_position");
        for path in [format!("/tenants/{}", shop.id), "/tenants/adiante/settings".into(), "/tenants".into()] {
            send(bed.operator("GET", &path).header("feira-at-least", &future)).await.expect(409);
        }
        let issue = bed.operator("POST", "/tenants/adiante/tokens").header("feira-at-least", &future);
        send(issue).await.expect(409);
    });
}
