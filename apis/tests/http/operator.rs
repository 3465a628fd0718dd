//! The operator's API and what the platform says of itself.

use feira_schemas::ids::CommandId;
use serde_json::{Value, json};

use crate::{
    bed::{bed, product, send, send_at},
    reconciliation::until,
    run,
};

#[test]
fn shops_are_made_once_and_their_names_are_theirs() {
    run(async {
        let bed = bed().await;
        let body = json!({"subdomain": "Padaria", "name": "Padaria do Zé"});
        let post =
            |key: &str, body: &Value| send(bed.operator("POST", "/tenants").header("idempotency-key", key).json(body));
        let made = post("padaria-1", &body).await.expect(201);
        assert_eq!((&made.json["subdomain"], made.header("cache-control")), (&json!("padaria"), "no-store"));
        assert_eq!(post("padaria-1", &body).await.expect(201).json, made.json, "the same key shows the same token");
        let other = json!({"subdomain": "padoca", "name": "x"});
        assert_eq!(post("padaria-1", &other).await.expect(422).code(), "idempotency_mismatch");
        assert_eq!(post("padaria-2", &body).await.expect(409).code(), "name_taken");
        for (subdomain, code) in
            [("www", "name_reserved"), ("ab", "invalid"), ("1abc", "invalid"), ("a--b", "invalid"), ("ação", "invalid")]
        {
            let refused =
                send(bed.operator("POST", "/tenants").json(&json!({"subdomain": subdomain, "name": "x"}))).await;
            assert_eq!(refused.expect(422).code(), code, "{subdomain}");
        }
        for body in [
            json!({"subdomain": "livre"}),
            json!({"subdomain": "livre", "name": " "}),
            json!({"subdomain": "livre", "name": "x", "plan": 1}),
        ] {
            send(bed.operator("POST", "/tenants").json(&body)).await.expect(422);
        }
        // The name is the directory's, which knows it on its own time.
        let one = until("the shop's name", async || {
            let one = send(bed.operator("GET", "/tenants/padaria")).await;
            (one.status == 200).then_some(one.json)
        })
        .await;
        let listed = send(bed.operator("GET", "/tenants?q=padaria&status=active")).await.expect(200).json;
        assert_eq!((&listed["total"], &listed["items"][0]["name"]), (&json!(1), &json!("Padaria do Zé")));
        assert_eq!(one, listed["items"][0]);
        send(bed.operator("GET", "/tenants/nada")).await.expect(404);
    });
}

#[test]
fn tokens_are_added_and_a_suspended_shop_takes_no_writes() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("suspensa").await;
        let tokens = format!("/tenants/{}/tokens", shop.id);
        let issued = send(bed.operator("POST", &tokens).json(&json!({"label": "estoque"}))).await.expect(201).json;
        let token = issued["token"].as_str().unwrap();
        assert_ne!(token, shop.token);
        send(bed.request(&shop.host, "GET", "/api/admin/v1/settings").bearer_auth(token)).await.expect(200);
        send(bed.operator("POST", "/tenants/suspensa/tokens")).await.expect(201);
        send(bed.operator("POST", "/tenants/ninguem/tokens")).await.expect(404);

        let suspended = send(bed.operator("POST", &format!("/tenants/{}/suspend", shop.id))).await.expect(200).json;
        assert_eq!(suspended["status"], "suspended");
        let refused = send(bed.staff(&shop, "POST", "/products").json(&product("x"))).await.expect(403);
        assert_eq!(refused.code(), "shop_suspended");
        // Nor does its staff make tokens in it, as it does not in the panel; the operator does.
        let refused = send(bed.staff(&shop, "POST", "/tokens").json(&json!({"label": "x"}))).await.expect(403);
        assert_eq!(refused.code(), "shop_suspended");
        send(bed.operator("POST", &tokens).json(&json!({"label": "x"}))).await.expect(201);
        send(bed.staff(&shop, "GET", "/settings")).await.expect(200);
        send(bed.operator("POST", &format!("/tenants/{}/resume", shop.id))).await.expect(200);
        send(bed.staff(&shop, "POST", "/products").json(&product("x"))).await.expect(201);
        let settings =
            send(bed.operator("PUT", "/tenants/suspensa/settings").json(&json!({"shop_name": "De volta"}))).await;
        assert_eq!(settings.expect(200).json["shop_name"], "De volta");
    });
}

#[test]
fn a_closing_meant_for_another_version_is_refused() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("versada").await;
        let version = send(bed.operator("GET", "/tenants/versada")).await.expect(200).json["version"].clone();
        let post = |verb: &str, tag: String| {
            send(bed.operator("POST", &format!("/tenants/{}/{verb}", shop.id)).header("if-match", tag))
        };
        assert_eq!(post("suspend", "\"99\"".into()).await.expect(412).code(), "version_mismatch");
        let suspended = post("suspend", format!("\"{version}\"")).await.expect(200).json;
        assert_eq!(suspended["status"], "suspended");
        post("resume", format!("\"{version}\"")).await.expect(412);
        post("resume", format!("\"{}\"", suspended["version"])).await.expect(200);
    });
}

#[test]
fn a_suspended_shop_takes_no_stock_either() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("parada").await;
        let made = bed.product(&shop, "Caneca").await;
        let (id, variant) = (made["id"].as_str().unwrap(), made["variants"][0]["id"].as_str().unwrap());
        let stock = format!("/products/{id}/variants/{variant}/stock");
        for (verb, status) in [("suspend", 403), ("resume", 200)] {
            let done = send(bed.operator("POST", &format!("/tenants/{}/{verb}", shop.id))).await.expect(200);
            for body in [json!({"on_hand": 9}), json!({"adjust": 1})] {
                // The store hears of it a moment later; the position says from when on.
                let answer = send_at(done.header("feira-position"), bed.staff(&shop, "PUT", &stock).json(&body)).await;
                assert_eq!(answer.expect(status).code(), if status == 403 { "shop_suspended" } else { "" });
            }
        }
        assert_eq!(send(bed.staff(&shop, "GET", &stock)).await.expect(200).json["on_hand"], 10);
    });
}

#[test]
fn a_sub_domain_that_reads_as_an_id_is_a_sub_domain() {
    run(async {
        let bed = bed().await;
        let name = "abcdef0123456789abcdef0123456789";
        let shop = bed.shop(name).await;
        send(bed.operator("POST", &format!("/tenants/{name}/tokens"))).await.expect(201);
        let read = send(bed.operator("GET", &format!("/tenants/{name}"))).await.expect(200).json;
        assert_eq!(read["tenant_id"], shop.id.as_str());
        // An id of no shop leads nowhere, wherever shops are named.
        let nobody = "018f4d7e-3c1b-7a52-9d0e-5b7f1c2a3d4e";
        send(bed.operator("GET", &format!("/tenants/{nobody}"))).await.expect(404);
        send(bed.operator("GET", &format!("/topics/admin.events/records?tenant={nobody}"))).await.expect(404);
        send(bed.operator("POST", &format!("/tenants/{nobody}/import")).body("Handle")).await.expect(404);
    });
}

#[test]
fn no_shop_takes_another_ones_id_for_a_name() {
    run(async {
        let bed = bed().await;
        // A key makes the id, and ids that are hashes may begin with a letter.
        let body = |name: &str| json!({"subdomain": name, "name": "x"});
        let ids = (0..).map(|n| {
            let key = format!("letra-{n}");
            let tenant = feira_schemas::ids::TenantId::PLATFORM;
            let id = CommandId::from_client_key(tenant, "operator", "POST", "/api/operator/v1/tenants", &key);
            (key, id.to_string())
        });
        let (key, id) =
            ids.into_iter().find(|(_, id)| id.starts_with(|first: char| first.is_ascii_lowercase())).unwrap();
        let made = bed.operator("POST", "/tenants").header("idempotency-key", key).json(&body("letrada"));
        assert_eq!(send(made).await.expect(201).json["tenant_id"], id.as_str());
        let taken = send(bed.operator("POST", "/tenants").json(&body(&id))).await.expect(409);
        assert_eq!(taken.code(), "name_taken");
    });
}

#[test]
fn records_are_read_decoded_and_by_shop() {
    run(async {
        let bed = bed().await;
        let (shop, other) = (bed.shop("registros").await, bed.shop("registros-b").await);
        bed.product(&shop, "Caneca").await;
        bed.product(&other, "Copo").await;
        let lines = |answer: &[u8]| -> Vec<Value> {
            String::from_utf8_lossy(answer).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
        };
        let path = format!("/topics/admin.events/records?tenant={}", shop.id);
        let read = send(bed.operator("GET", &path)).await.expect(200);
        assert_eq!(read.header("content-type"), "application/x-ndjson");
        let records = lines(&read.bytes);
        let changed: Vec<_> = records.iter().filter(|record| record["type"] == "feira.admin.ProductChanged").collect();
        assert_eq!((changed.len(), &changed[0]["value"]["product"]["name"]), (1, &json!("Caneca")));
        assert!(records.iter().all(|record| record["key"] == shop.id.as_str() && record["schema_id"].is_u64()));
        assert_eq!(changed[0]["headers"]["ce_partitionkey"], shop.id.as_str());
        let first = &records[0];
        let from = format!("{}:{}", first["partition"], first["offset"]);
        let again = send(bed.operator("GET", &format!("{path}&from={from}&limit=2"))).await.expect(200);
        assert_eq!(lines(&again.bytes), records[..2]);
        let names = send(bed.operator("GET", "/topics/directory.events/records?tenant=registros")).await.expect(200);
        assert!(lines(&names.bytes).iter().all(|record| record["key"] == "registros"));
        assert!(
            send(bed.operator("GET", "/topics/admin.events/records?from=latest")).await.expect(200).bytes.is_empty()
        );
        for (query, status) in [
            ("admin.events/records?from=x", 400),
            ("admin.events/records?partition=99", 400),
            ("admin.events/records?from=99:1", 400),
            ("nothing/records", 404),
            ("admin.events/records?tenant=nada", 404),
        ] {
            send(bed.operator("GET", &format!("/topics/{query}"))).await.expect(status);
        }
    });
}

#[test]
fn a_follower_sees_what_comes() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("seguidas").await;
        let path = format!("/topics/admin.events/records?tenant={}&from=latest&follow=true", shop.id);
        let mut response = bed.operator("GET", &path).send().await.unwrap();
        assert_eq!(response.status(), 200);
        bed.product(&shop, "Novidade").await;
        // Behind what the shop's name has still to be told.
        let (mut read, mut found) = (Vec::new(), None);
        while found.is_none() {
            read.extend(response.chunk().await.unwrap().expect("it follows"));
            let whole = read.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
            let mut lines = std::str::from_utf8(&read[..whole]).unwrap().lines();
            found = lines.find_map(|line| {
                let line: Value = serde_json::from_str(line).unwrap();
                line["value"]["product"]["name"].as_str().map(str::to_owned)
            });
        }
        assert_eq!(found.as_deref(), Some("Novidade"));
    });
}

#[test]
fn the_process_says_how_it_is() {
    run(async {
        let bed = bed().await;
        let alive = send(bed.request("localhost", "GET", "/healthz")).await.expect(200);
        assert_eq!(alive.json["status"], "ok");
        bed.shop("saude").await;
        let ready = send(bed.request("localhost", "GET", "/readyz")).await.expect(200);
        assert_eq!(ready.json["processors"]["admin"], "working");
        let stranger = send(bed.request("saude.localhost", "GET", "/readyz")).await.expect(200);
        assert_eq!(stranger.json["processors"], json!({}));
        send(bed.request("localhost", "GET", "/metrics")).await.expect(200);
        send(bed.request("saude.localhost", "GET", "/metrics")).await.expect(404);
    });
}

#[test]
fn request_ids_are_kept_if_sane() {
    run(async {
        let bed = bed().await;
        let ask = |id: &str| send(bed.request("localhost", "GET", "/healthz").header("x-request-id", id));
        assert_eq!(ask("abc-1").await.header("x-request-id"), "abc-1");
        let made = ask("a b").await;
        assert_ne!(made.header("x-request-id"), "a b");
        assert!(!made.header("x-request-id").is_empty());
    });
}

#[test]
fn f29_the_embedded_registry_answers_as_readers_of_topics_ask() {
    run(async {
        let bed = bed().await;
        let get = |path: &str| send(bed.request("localhost", "GET", path));
        let subjects = get("/registry/subjects").await.expect(200).json;
        assert!(subjects.as_array().unwrap().contains(&json!("feira.admin.ProductChanged")));
        let latest = get("/registry/subjects/feira.admin.ProductChanged/versions/latest").await.expect(200).json;
        let by_id = get(&format!("/registry/schemas/ids/{}", latest["id"])).await.expect(200);
        assert_eq!(by_id.json["schema"], latest["schema"]);
        assert_eq!(by_id.header("content-type"), "application/vnd.schemaregistry.v1+json");
        let id = latest["id"].as_u64().unwrap();
        let schema: Value = serde_json::from_str(latest["schema"].as_str().unwrap()).unwrap();
        let subject = "/registry/subjects/feira.admin.ProductChanged";
        for (path, answer) in [
            ("/registry".to_owned(), json!({})),
            ("/registry/".to_owned(), json!({})),
            ("/registry/schemas/types".to_owned(), json!(["AVRO"])),
            (format!("/registry/schemas/ids/{id}?fetchMaxId=false&subject="), json!({"schema": latest["schema"]})),
            (format!("/registry/schemas/ids/{id}/schema"), schema.clone()),
            (format!("/registry/schemas/ids/{id}/subjects"), json!(["feira.admin.ProductChanged"])),
            (
                format!("/registry/schemas/ids/{id}/versions"),
                json!([{"subject": "feira.admin.ProductChanged", "version": 1}]),
            ),
            (format!("{subject}/versions/-1"), latest.clone()),
            (format!("{subject}/versions/1/schema"), schema.clone()),
            (format!("{subject}/versions/latest/referencedby"), json!([])),
            ("/registry/config".to_owned(), json!({"compatibilityLevel": "FULL_TRANSITIVE"})),
            (
                "/registry/config/feira.admin.ProductChanged".to_owned(),
                json!({"compatibilityLevel": "FULL_TRANSITIVE"}),
            ),
            ("/registry/mode".to_owned(), json!({"mode": "READONLY"})),
            ("/registry/mode/feira.admin.ProductChanged".to_owned(), json!({"mode": "READONLY"})),
            ("/registry/contexts".to_owned(), json!(["."])),
        ] {
            assert_eq!(get(&path).await.expect(200).json, answer, "{path}");
        }
        let all = get("/registry/schemas").await.expect(200).json;
        assert!(all.as_array().unwrap().contains(&latest) && all.as_array().unwrap().len() >= 40);

        let ask = |path: &str, schema: &str| {
            let body = json!({"schema": schema}).to_string();
            let request = bed.request("localhost", "POST", path);
            send(request.header("content-type", "application/vnd.schemaregistry.v1+json").body(body))
        };
        let written = serde_json::to_string_pretty(&schema).unwrap();
        assert_eq!(ask(subject, &written).await.expect(200).json, latest, "found however it is written");
        let other = r#"{"type": "record", "name": "ProductChanged", "namespace": "feira.admin", "fields": []}"#;
        assert_eq!(ask(subject, other).await.expect(404).json["error_code"], 40_403);
        assert_eq!(ask(subject, "no schema").await.expect(422).json["error_code"], 42_201);
        for (versions, schema, fits) in [("versions/latest", written.as_str(), true), ("versions", other, false)] {
            let path = format!("/registry/compatibility/subjects/feira.admin.ProductChanged/{versions}");
            assert_eq!(ask(&path, schema).await.expect(200).json, json!({"is_compatible": fits}));
        }
        for (method, path, status, code) in [
            ("GET", "/registry/schemas/ids/99999", 404, 40_403),
            ("GET", "/registry/schemas/ids/x", 404, 40_403),
            ("GET", "/registry/schemas/ids/99999/versions", 404, 40_403),
            ("GET", "/registry/subjects/none/versions", 404, 40_401),
            ("GET", "/registry/subjects/none/versions/1", 404, 40_401),
            ("GET", "/registry/subjects/feira.admin.ProductChanged/versions/99", 404, 40_402),
            ("GET", "/registry/subjects/feira.admin.ProductChanged/versions/x", 422, 42_202),
            ("GET", "/registry/subjects/feira.admin.ProductChanged/versions/0", 422, 42_202),
            ("GET", "/registry/config/none", 404, 40_408),
            ("GET", "/registry/mode/none", 404, 40_401),
            ("GET", "/registry/nothing", 404, 404),
            ("DELETE", "/registry/subjects", 405, 405),
            ("PUT", "/registry/config", 405, 405),
            ("POST", "/registry/subjects/feira.admin.ProductChanged/versions", 405, 405),
        ] {
            let refused = send(bed.request("localhost", method, path)).await.expect(status);
            assert_eq!(refused.json["error_code"], code, "{method} {path}");
            assert!(refused.json["message"].is_string(), "{method} {path}");
            assert_eq!(refused.header("content-type"), "application/vnd.schemaregistry.v1+json", "{method} {path}");
        }
        assert_eq!(send(bed.request("moda.localhost", "GET", "/registry/subjects")).await.status, 404);
    });
}
