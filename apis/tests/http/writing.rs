//! Idempotency, versions and positions of writes.

use serde_json::json;

use crate::{
    bed::{bed, product, send},
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
        let listed =
            send(bed.staff(&shop, "GET", "/products").header("feira-at-least", other.header("feira-position"))).await;
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
            let read = send(bed.staff(&shop, "GET", one).header("feira-at-least", position)).await.expect(200);
            assert_eq!(read.json, made.json);
        }
        for wrong in ["x", "admin.0", "admin.99.1", "admin.0.1,", "shop.0.1"] {
            let refused = send(bed.staff(&shop, "GET", "/products").header("feira-at-least", wrong)).await;
            assert_eq!(refused.expect(400).code(), "bad_position", "{wrong}");
        }
        // A position that nothing has reached: an entity is read all the same, a list is not.
        let future = format!("admin.{}.{}", bed.api.platform.partition_of(shop.id.parse().unwrap()), i64::MAX);
        let listed = send(bed.staff(&shop, "GET", "/products").header("feira-at-least", &future)).await;
        assert_eq!(listed.expect(409).code(), "stale");
        send(bed.staff(&shop, "GET", "/settings").header("feira-at-least", &future)).await.expect(200);
    });
}

#[test]
fn a_command_can_be_asked_for() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("pedidos").await;
        let key = "pedido-1";
        send(bed.staff(&shop, "POST", "/products").header("idempotency-key", key).json(&product("Caneca")))
            .await
            .expect(201);
        let actor = format!("token:{}", &feira_apis::tokens::hash(&shop.token)[..8]);
        let tenant = shop.id.parse().unwrap();
        let id = feira_schemas::ids::CommandId::from_client_key(tenant, &actor, "POST", "/api/admin/v1/products", key);
        let done = send(bed.staff(&shop, "GET", &format!("/commands/{id}"))).await.expect(200).json;
        assert_eq!(
            (&done["status"], &done["outcome"], &done["body"]["name"]),
            (&json!("done"), &json!("created"), &json!("Caneca"))
        );
        for unknown in ["0", "00000000-0000-4000-8000-000000000000"] {
            send(bed.staff(&shop, "GET", &format!("/commands/{unknown}"))).await.expect(404);
        }
    });
}
