//! Outcomes of commands: of those that are decided, of those that wait, and of those that nobody sent.

use std::time::Duration;

use feira_contexts::{Decider, ForContext, for_context};
use feira_schemas::{
    ids::{CommandId, TenantId},
    records::{RecordSet, common::Outcome},
    topics::Context,
};
use futures::future::{BoxFuture, join_all};
use image::ImageFormat;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    bed::{Answered, Bed, Shop, bed, product, send},
    images::image_file,
    least::Least,
    run,
};

/// The answer about a command that is not under way: asked again while others of its partition are, which may hide one.
async fn settled(request: reqwest::RequestBuilder) -> Answered {
    loop {
        let answer = send(request.try_clone().unwrap()).await;
        if answer.json["status"] != "pending" {
            return answer;
        }
    }
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
        let actor = format!("token:{}", &feira_web::tokens::hash(&shop.token)[..8]);
        let tenant = shop.id.parse().unwrap();
        let id = CommandId::from_client_key(tenant, &actor, "POST", "/api/admin/v1/products", key);
        let done = send(bed.staff(&shop, "GET", &format!("/commands/{id}"))).await.expect(200).json;
        assert_eq!(
            (&done["status"], &done["outcome"], &done["body"]["name"]),
            (&json!("done"), &json!("created"), &json!("Caneca"))
        );
        assert_eq!(done["entity"], "product");
        // Of whatever kind its id is: nobody sent it, so nothing will come of it.
        let keyed = CommandId::from_client_key(tenant, &actor, "POST", "/api/admin/v1/products", "outro");
        for unknown in [&keyed.to_string(), &shop.id, "0", "00000000-0000-4000-8000-000000000000"] {
            let known = *unknown == shop.id; // The shop's own making, which is a command as well.
            let asked = settled(bed.staff(&shop, "GET", &format!("/commands/{unknown}"))).await;
            assert_eq!(asked.status, if known { 200 } else { 404 }, "{unknown}: {}", asked.json);
        }
        let malformed = send(bed.staff(&shop, "GET", &format!("/commands/{id}?picture=x"))).await.expect(400);
        assert_eq!(malformed.json["errors"][0]["pointer"], "/query/picture");
    });
}

/// Sends commands of a context that say as little as they can, the last of its kinds first, until one is refused: its id.
struct Refused<'a> {
    bed: &'a Bed,
    shop: &'a Shop,
}

impl<'a> ForContext for Refused<'a> {
    type Output = BoxFuture<'a, CommandId>;

    fn run<D: Decider>(self) -> Self::Output {
        let Refused { bed, shop } = self;
        Box::pin(async move {
            // Nothing is known by this text, and nothing is in this version.
            let text = Uuid::now_v7().to_string();
            let key = if D::CONTEXT.is_keyed_by_shop() { &shop.id } else { &text };
            for name in D::Command::NAMES.iter().rev() {
                let id = CommandId::from_uuid(Uuid::now_v7());
                let (command_id, tenant_id) = (id.to_string(), shop.id.as_str());
                let least = Least { command_id, tenant_id, text: &text, expected_version: 9 };
                let Some(command) = least.command::<D::Command>(&bed.api.platform.codec, name) else { continue };
                let sent = bed.api.commands.send(key, command, None, Duration::from_secs(60)).await.unwrap();
                if sent.outcome == Outcome::Refused {
                    return id;
                }
            }
            panic!("{} refuses nothing", D::CONTEXT);
        })
    }
}

#[test]
fn every_contexts_command_can_be_asked_for() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("de-todos").await;
        for context in Context::ALL {
            let command_id = for_context(context, Refused { bed, shop: &shop }).await;
            let of_staff = bed.staff(&shop, "GET", &format!("/commands/{command_id}"));
            let of_operator = bed.operator("GET", &format!("/commands/{command_id}?tenant={}", shop.id));
            for asked in [of_staff, of_operator] {
                let done = settled(asked).await.expect(200).json;
                assert_eq!((&done["id"], &done["outcome"]), (&json!(command_id), &json!("refused")), "{done}");
                assert!(done["position"].as_str().unwrap().starts_with(&format!("{context}.")), "{done}");
            }
        }
    });
}

#[test]
fn an_operators_command_can_be_asked_for_and_shows_no_token() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("pedidos-da-casa").await;
        let path = format!("/commands/{}", shop.id);
        let made = send(bed.operator("GET", &path)).await.expect(200).json;
        assert_eq!((&made["status"], &made["outcome"]), (&json!("done"), &json!("created")));
        assert_eq!(made["entity"], "tenant");
        assert_eq!(made["body"], send(bed.operator("GET", &format!("/tenants/{}", shop.id))).await.expect(200).json);
        assert!(!made.to_string().contains("feira_"), "{made}");
        for (path, status) in [
            (format!("{path}?tenant={}", shop.id), 200),
            (format!("{path}?tenant={}", TenantId::PLATFORM), 404),
            (format!("{path}?tenant=x"), 400),
            ("/commands/018f4d7e-3c1b-7a52-9d0e-5b7f1c2a3d4e".to_owned(), 404),
            ("/commands/x".to_owned(), 404),
        ] {
            settled(bed.operator("GET", &path)).await.expect(status);
        }
    });
}

/// A write that changes nothing answers with the entity as one that changes it does, and so does the command's state.
#[test]
fn what_changed_nothing_is_shown_as_the_api_shows_it() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("mesmissima").await;
        let (read, patch) = (bed.staff(&shop, "GET", "/settings"), json!({"tagline": "De tudo"}));
        let write = || bed.staff(&shop, "PATCH", "/settings").header("idempotency-key", "de-novo").json(&patch);
        send(bed.staff(&shop, "PATCH", "/settings").json(&patch)).await.expect(200);
        let settings = send(read).await.expect(200).json;
        for _ in 0..2 {
            assert_eq!(send(write()).await.expect(200).json, settings);
        }
        let actor = format!("token:{}", &feira_web::tokens::hash(&shop.token)[..8]);
        let tenant = shop.id.parse().unwrap();
        let id = CommandId::from_client_key(tenant, &actor, "PATCH", "/api/admin/v1/settings", "de-novo");
        let done = send(bed.staff(&shop, "GET", &format!("/commands/{id}"))).await.expect(200).json;
        assert_eq!((&done["outcome"], &done["entity"]), (&json!("unchanged"), &json!("settings")));
        assert_eq!(done["body"], settings);

        let tenant = format!("/tenants/{}", shop.id);
        let resume = bed.operator("POST", &format!("{tenant}/resume")).header("idempotency-key", "de-novo");
        let resumed = send(resume).await.expect(200).json;
        assert_eq!(resumed, send(bed.operator("GET", &tenant)).await.expect(200).json);
    });
}

/// Writes that nobody decides yet: all at once, since each waits for its time.
async fn kept(writes: Vec<reqwest::RequestBuilder>) -> Vec<Answered> {
    let answers = join_all(writes.into_iter().map(send)).await;
    answers.into_iter().map(|answer| answer.expect(202)).collect()
}

/// The state of a command at the address that a 202 gave.
async fn state(bed: &Bed, shop: &Shop, kept: &Answered) -> Answered {
    let address = kept.header("location");
    match address.strip_prefix("/api/operator/v1") {
        Some(path) => send(bed.operator("GET", path)).await,
        None => send(bed.request(&shop.host, "GET", address).bearer_auth(&shop.token)).await,
    }
}

/// The state of a command, once it is decided.
async fn done(bed: &Bed, shop: &Shop, kept: &Answered) -> Value {
    loop {
        let state = state(bed, shop, kept).await.expect(200).json;
        if state["status"] == "done" {
            return state;
        }
    }
}

#[test]
fn what_is_not_decided_in_time_is_asked_for_at_its_address_and_shows_what_the_write_would_have() {
    run(async {
        let mut bed = Bed::start().await;
        let shop = bed.shop("paciente").await;
        let made = bed.product(&shop, "Caneca").await;
        let one = format!("/products/{}", made["id"].as_str().unwrap());
        let images = format!("{one}/images");
        let upload = |bed: &Bed| bed.staff(&shop, "POST", &images).body(image_file(9, 9, ImageFormat::Png));
        let [first, second, third] = [
            send(upload(&bed)).await.expect(201).json,
            send(upload(&bed)).await.expect(201).json,
            send(upload(&bed)).await.expect(201).json,
        ];
        let at = |image: &Value| format!("{images}/{}", image["id"].as_str().unwrap());

        bed.pause().await;
        let writes = vec![
            bed.staff(&shop, "POST", "/products").json(&product("Prato")),
            bed.staff(&shop, "PATCH", "/settings").json(&json!({"tagline": "De tudo"})),
            bed.staff(&shop, "PATCH", &at(&first)).json(&json!({"alt": "Frente"})),
            bed.staff(&shop, "PUT", &at(&second)).body(image_file(7, 7, ImageFormat::Png)),
            bed.staff(&shop, "DELETE", &at(&third)),
            bed.operator("POST", &format!("/tenants/{}/tokens", shop.id)).header("idempotency-key", "caixa"),
            bed.operator("POST", "/tenants").json(&json!({"subdomain": "vindoura", "name": "Vindoura"})),
        ];
        let kept = kept(writes).await;
        for answer in &kept {
            let id = answer.json["id"].as_str().unwrap();
            assert_eq!(answer.json["status"], "pending");
            assert!(answer.header("location").contains(&format!("/v1/commands/{id}")), "{answer:?}");
            assert_eq!(state(&bed, &shop, answer).await.expect(200).json, answer.json);
        }
        // While admin lags, nobody knows what is among that which it has not read.
        let never = "/commands/018f4d7e-3c1b-8a52-9d0e-5b7f1c2a3d4e";
        assert_eq!(send(bed.staff(&shop, "GET", never)).await.expect(200).json["status"], "pending");

        bed.resume().await;
        let (mut bodies, mut entities) = (Vec::new(), Vec::new());
        for answer in &kept {
            let done = done(&bed, &shop, answer).await;
            bodies.push(done["body"].clone());
            entities.push(done["entity"].clone());
        }
        assert_eq!(entities, ["product", "settings", "product", "product", "product", "token", "tenant"]);
        settled(bed.staff(&shop, "GET", never)).await.expect(404);
        let read = async |path: String| send(bed.staff(&shop, "GET", &path)).await.expect(200).json;
        assert_eq!(bodies[0], read(format!("/products/{}", bodies[0]["id"].as_str().unwrap())).await);
        assert_eq!(bodies[1], read("/settings".into()).await);
        assert_eq!((&bodies[1]["tagline"], &bodies[1]["logo"]), (&json!("De tudo"), &Value::Null));
        assert_eq!((&bodies[2], &bodies[2]["alt"]), (&read(at(&first)).await, &json!("Frente")));
        assert_eq!((&bodies[3], &bodies[3]["width"]), (&read(at(&bodies[3])).await, &json!(7)));
        assert_eq!((&bodies[4], read(images.clone()).await["items"].as_array().unwrap().len()), (&Value::Null, 2));
        assert_eq!(bodies[5], json!({"label": "admin"}), "the token is shown by the write alone");
        assert_eq!(bodies[6]["subdomain"], "vindoura");
        let tokens = format!("/tenants/{}/tokens", shop.id);
        let again = send(bed.operator("POST", &tokens).header("idempotency-key", "caixa")).await.expect(201).json;
        let settings = bed.request(&shop.host, "GET", "/api/admin/v1/settings");
        send(settings.bearer_auth(again["token"].as_str().unwrap())).await.expect(200);
    });
}
