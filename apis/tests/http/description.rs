//! `/openapi.json` against the table and against what is answered.

use std::collections::BTreeSet;

use feira_schemas::{ids::CommandId, records::signup::SubscriptionStatus};
use feira_web::routing::{Auth, HostKind, Route};
use http::Method;
use image::ImageFormat;
use serde_json::{Value, json};

use crate::{
    bed::{Answered, Bed, OPERATOR, Shop, bed, product, send, send_at},
    images::image_file,
    payments::{Seller, of_platform, owed},
    reconciliation::differing,
    run, signup,
    subscribers::Subscriber,
};

#[test]
fn f33_every_route_is_described_and_every_reference_leads_somewhere() {
    run(async {
        let bed = bed().await;
        let document = send(bed.request("localhost", "GET", "/openapi.json")).await.expect(200).json;
        assert_eq!(document["openapi"], "3.1.0");
        let mut ids = BTreeSet::new();
        for route in feira_apis::routes() {
            let operation = &document["paths"][route.path][route.method.as_str().to_lowercase()];
            assert!(operation.is_object(), "{} {}", route.method, route.path);
            let summary = operation["summary"].as_str().unwrap();
            assert!(!summary.is_empty(), "{} {} says nothing", route.method, route.path);
            let verb = summary.split(' ').next().unwrap();
            assert!(verb.ends_with('s'), "{} {} does not say what it does: {summary}", route.method, route.path);
            let answers =
                operation["responses"].as_object().unwrap().iter().filter(|(status, _)| status.as_str() < "400");
            for (_, answer) in answers {
                let description = answer["description"].as_str().unwrap();
                assert!(description.contains(' '), "{} {}: {description}", route.method, route.path);
            }
            assert!(!operation["responses"].as_object().unwrap().is_empty());
            ids.insert(operation["operationId"].as_str().unwrap().to_owned());
        }
        let operations = document["paths"].as_object().unwrap().values().map(|path| path.as_object().unwrap().len());
        assert_eq!(ids.len(), operations.sum::<usize>(), "each operation has an id of its own");
        references(&document, &document);
    });
}

fn references(value: &Value, document: &Value) {
    match value {
        Value::Object(fields) => {
            if let Some(reference) = fields.get("$ref").and_then(Value::as_str) {
                assert!(document.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
            }
            fields.values().for_each(|field| references(field, document));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, document)),
        _ => {}
    }
}

#[test]
fn f33_a_shops_host_describes_its_own_routes_alone() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("descrita").await;
        let document = send(bed.request(&shop.host, "GET", "/openapi.json")).await.expect(200).json;
        let paths = document["paths"].as_object().unwrap();
        assert!(paths.contains_key("/api/admin/v1/products") && !paths.keys().any(|path| path.contains("operator")));
    });
}

/// Every read of the JSON APIs, on both kinds of host, of something that is there and of something that is not.
#[test]
fn f33_every_read_answers_as_it_is_described() {
    run(async {
        let bed = bed().await;
        let document = document(bed).await;
        let shop = bed.shop("fiel").await;
        let seller = Seller::of(bed, shop.clone(), "pagarme").await;
        let names = [known(bed, &shop).await, of_payments(bed, &seller).await].concat();
        for route in feira_apis::routes().into_iter().filter(|route| route.is_api() && route.method == Method::GET) {
            let (host, token) = match route.host == HostKind::Platform {
                true => ("localhost", OPERATOR),
                false if route.auth == Auth::Payments => (shop.host.as_str(), seller.credential.as_str()),
                false => (shop.host.as_str(), shop.token.as_str()),
            };
            let there = names.iter().fold(route.path.to_owned(), |path, (name, value)| path.replace(name, value));
            let ask = |path: &str| send(bed.request(host, "GET", path).bearer_auth(token));
            let answer = ask(&there).await;
            let expected = if route.path.contains("dead-letters/") { 404 } else { 200 };
            described(&document, &route, &answer.expect(expected));
            let nowhere = route.path.split('/').map(|part| if part.starts_with('{') { "nada" } else { part });
            described(&document, &route, &ask(&nowhere.collect::<Vec<_>>().join("/")).await);
            described(&document, &route, &ask(&format!("{there}?x=1")).await.expect(400));
        }
    });
}

/// A method that an address does not take is refused before any route is reached: as JSON, as a page, or as the registry says it.
#[test]
fn f33_a_method_that_is_not_taken_is_refused_as_it_is_described() {
    run(async {
        let bed = bed().await;
        let document = document(bed).await;
        let shop = bed.shop("restrita").await;
        for route in feira_apis::routes() {
            let host = if route.host == HostKind::Platform { "localhost" } else { &shop.host };
            let token = if route.path.starts_with("/api/operator/") { OPERATOR } else { &shop.token };
            let refused = send(bed.request(host, "TRACE", route.path).bearer_auth(token)).await.expect(405);
            assert!(refused.header("allow").contains(route.method.as_str()), "{} {}", route.method, route.path);
            let operation = &document["paths"][route.path][route.method.as_str().to_lowercase()];
            let described = &operation["responses"]["405"]["content"];
            let kind = refused.header("content-type").split(';').next().unwrap();
            assert!(described[kind].is_object(), "{} {}: {kind} is not in {described}", route.method, route.path);
        }
        let positions = bed.request("localhost", "GET", "/registry/subjects").header("feira-at-least", "x");
        let subjects = feira_apis::routes().into_iter().find(|route| route.path == "/registry/subjects").unwrap();
        described(&document, &subjects, &send(positions).await.expect(400));
    });
}

/// Answers to programs from a shop that is closed.
#[test]
fn f33_a_closed_shop_answers_as_it_is_described() {
    run(async {
        let bed = bed().await;
        let document = document(bed).await;
        let shop = bed.shop("encerrada").await;
        let suspended = send(bed.operator("POST", &format!("/tenants/{}/suspend", shop.id))).await.expect(200);
        // Views know it once their shop's page does.
        send_at(suspended.header("feira-position"), bed.request(&shop.host, "GET", "/")).await.expect(403);
        let for_programs = |route: &Route| {
            let for_anybody = (route.host, &route.auth) == (HostKind::Shop, &Auth::None);
            // Its staff still logs in.
            for_anybody && !route.page && route.path != "/robots.txt" && !route.path.starts_with("/admin/")
        };
        for route in feira_apis::routes().into_iter().filter(for_programs) {
            let path = route.path.replace("{slug}", "caneca").replace("{file}", &format!("{}.svg", shop.id));
            let refused = send(bed.request(&shop.host, route.method.as_str(), &path)).await.expect(403);
            described(&document, &route, &refused);
        }
    });
}

/// The values of the addresses' parameters, as this shop has them. Longer names first: `{id}` means what the words
/// before it say.
async fn known(bed: &Bed, shop: &Shop) -> Vec<(&'static str, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let mut body = product("Caneca");
    body["status"] = json!("published");
    let keyed = bed.staff(shop, "POST", "/products").header("idempotency-key", "k").json(&body);
    let made = send(keyed).await.expect(201).json;
    let id = text(&made["id"]);
    let images = format!("/products/{id}/images");
    let image = send(bed.staff(shop, "POST", &images).body(image_file(9, 9, ImageFormat::Png))).await.expect(201);
    let category = send(bed.staff(shop, "POST", "/categories").json(&json!({"name": "Canecas"}))).await.expect(201);
    let coupon = bed.staff(shop, "PUT", "/coupons/VERAO").json(&json!({"kind": "free_shipping"}));
    send(coupon).await.expect(201);
    let logo = send(bed.staff(shop, "PUT", "/logo").body(image_file(9, 9, ImageFormat::Png))).await.expect(200);
    let actor = format!("token:{}", &feira_web::tokens::hash(&shop.token)[..8]);
    let command = CommandId::from_client_key(shop.id.parse().unwrap(), &actor, "POST", "/api/admin/v1/products", "k");
    let member = json!({"email": format!("membro@{}.example", shop.id)});
    let member = send(bed.operator("POST", "/staff").json(&member)).await.expect(201);
    let own = json!({"email": format!("equipe@{}.example", shop.id)});
    let own = send(bed.staff(shop, "POST", "/staff").json(&own)).await.expect(201);
    let group = json!({"name": shop.id, "permissions": []});
    let of_platform_staff = send(bed.operator("POST", "/staff-groups").json(&group)).await.expect(201);
    let of_shop_staff = send(bed.staff(shop, "POST", "/staff-groups").json(&group)).await.expect(201);
    let domain = json!({"domain": format!("{}.example", shop.id)});
    send(bed.staff(shop, "PUT", "/domain").json(&domain)).await.expect(201);
    let delivery = json!({"name": "Balcão", "kind": "pickup", "min_days": 0});
    let delivery = send(bed.staff(shop, "POST", "/shipping").json(&delivery)).await.expect(201);
    let plan = send(bed.operator("POST", "/plans").json(&signup::plan("Básico", 100))).await.expect(201).json;
    let (account, _) = of_platform(bed, "pagarme").await;
    let (tenant, now) = (shop.id.parse().unwrap(), bed.api.platform.now());
    let subscriber = Subscriber::at(bed, tenant, "fiel", SubscriptionStatus::Active, now).await;
    let (owed, _) = owed::paid(bed, shop, 23).await;
    // The shop shows all of it once it shows the last.
    let list = bed.request(&shop.host, "GET", "/api/store/v1/products");
    send_at(logo.header("feira-position"), list).await.expect(200);
    let cart = bed.request(&shop.host, "POST", "/api/store/v1/carts").json(&json!({"product_id": id}));
    let cart = send(cart).await.expect(201);
    vec![
        ("/products/{id}", format!("/products/{id}")),
        ("/categories/{id}", format!("/categories/{}", text(&category.json["id"]))),
        ("/operator/v1/plans/{id}", format!("/operator/v1/plans/{}", text(&plan["id"]))),
        ("/signup/v1/plans/{id}", format!("/signup/v1/plans/{}", text(&plan["id"]))),
        ("/operator/v1/payments/accounts/{id}", format!("/operator/v1/payments/accounts/{}", text(&account["id"]))),
        // The command that made the shop has its id.
        ("/operator/v1/commands/{id}", format!("/operator/v1/commands/{}", shop.id)),
        ("/commands/{id}", format!("/commands/{command}")),
        ("{shop}/{sid}", subscriber.path()),
        ("/subscribers/{shop}/charges/{cid}", owed::path(&owed)),
        ("/admin/v1/staff/{id}", format!("/admin/v1/staff/{}", text(&own.json["id"]))),
        (
            "/operator/v1/staff-groups/{id}",
            format!("/operator/v1/staff-groups/{}", text(&of_platform_staff.json["id"])),
        ),
        ("/admin/v1/staff-groups/{id}", format!("/admin/v1/staff-groups/{}", text(&of_shop_staff.json["id"]))),
        ("/shipping/{id}", format!("/shipping/{}", text(&delivery.json["id"]))),
        ("/staff/{id}", format!("/staff/{}", text(&member.json["id"]))),
        ("/tenants/{id}", format!("/tenants/{}", shop.id)),
        ("/dead-letters/{id}", "/dead-letters/search:0:9".to_owned()),
        ("/topics/{topic}", "/topics/admin.events".to_owned()),
        ("/products/{slug}", "/products/caneca".to_owned()),
        ("{method}", "pix".to_owned()),
        ("{code}", "VERAO".to_owned()),
        ("{cart}", text(&cart.json["id"])),
        ("{vid}", text(&made["variants"][0]["id"])),
        ("{iid}", text(&image.json["id"])),
    ]
}

/// The same of what payments have: a charge, of which a part was given back, a plan, a card and a subscription.
async fn of_payments(bed: &Bed, seller: &Seller) -> Vec<(&'static str, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let charge = format!("/charges/{}", text(&seller.paid(bed, 1_000).await["id"]));
    let body = json!({"amount": {"amount": 1, "currency": "BRL"}});
    let refund = send(seller.asks(bed, "POST", &format!("{charge}/refunds")).json(&body)).await.expect(201).json;
    let credentials = send(bed.staff(&seller.shop, "GET", "/payments/credentials")).await.expect(200).json;
    let (plan, card) = (seller.plan(bed).await, seller.keeps(bed).await);
    let subscription = seller.subscribes(bed, &plan).await;
    vec![
        ("/plans/{id}", format!("/plans/{}", text(&plan["id"]))),
        ("/cards/{id}", format!("/cards/{}", text(&card["id"]))),
        ("/subscriptions/{id}", format!("/subscriptions/{}", text(&subscription["id"]))),
        ("/charges/{id}", charge),
        ("{rid}", text(&refund["id"])),
        ("{did}", differing(bed, seller).await),
        ("/accounts/{id}", format!("/accounts/{}", text(&seller.account["id"]))),
        ("/credentials/{id}", format!("/credentials/{}", text(&credentials["items"][0]["id"]))),
    ]
}

/// The description of every route.
pub async fn document(bed: &Bed) -> Value {
    send(bed.request("localhost", "GET", "/openapi.json")).await.expect(200).json
}

/// Holds an answer to its route's description: status, headers, media type, and each part of what it says.
pub fn described(document: &Value, route: &Route, answer: &Answered) {
    let at = format!("{} {} {}", route.method, route.path, answer.status);
    let operation = &document["paths"][route.path][route.method.as_str().to_lowercase()];
    let described = &operation["responses"][answer.status.to_string()];
    assert!(described.is_object(), "{at}: {}", answer.json);
    for name in described["headers"].as_object().into_iter().flat_map(|headers| headers.keys()) {
        assert!(!answer.header(name).is_empty(), "{at}: no {name}");
    }
    let kind = answer.header("content-type").split(';').next().unwrap();
    let content = described["content"].as_object();
    assert_eq!(content.is_none(), answer.bytes.is_empty(), "{at}");
    let Some(content) = content else { return };
    if kind == "text/csv" {
        assert!(content.contains_key(kind), "{at}: {kind}");
        return;
    }
    let schema = &content.get(kind).unwrap_or_else(|| panic!("{at}: {kind}"))["schema"];
    let lines = match kind {
        "application/x-ndjson" => answer.bytes.trim_ascii_end().split(|byte| *byte == b'\n').collect(),
        _ => vec![answer.bytes.as_slice()],
    };
    for line in lines {
        fits(&serde_json::from_slice(line).unwrap(), schema, document, &at);
    }
}

/// The parts of JSON Schema that our schemas use, as far as they bind answers.
fn fits(value: &Value, schema: &Value, document: &Value, at: &str) {
    if let Some(reference) = schema["$ref"].as_str() {
        return fits(value, document.pointer(reference.trim_start_matches('#')).unwrap(), document, at);
    }
    if let Some(choices) = schema["anyOf"].as_array() {
        let chosen = choices.iter().find(|choice| (choice["type"] == "null") == value.is_null());
        return fits(value, chosen.unwrap(), document, at);
    }
    let types: Vec<&str> = match &schema["type"] {
        Value::String(one) => vec![one],
        Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
        _ => return,
    };
    let is = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    assert!(types.contains(&is), "{at}: {is} is not {types:?}");
    if let Value::Object(fields) = value {
        for name in schema["required"].as_array().into_iter().flatten() {
            assert!(fields.contains_key(name.as_str().unwrap()), "{at}: {name} is missing");
        }
        for (name, field) in fields {
            let known = &schema["properties"][name.as_str()];
            assert!(!known.is_null() || schema["additionalProperties"] != false, "{at}: {name} is not described");
            let schema = if known.is_null() { &schema["additionalProperties"] } else { known };
            fits(field, schema, document, &format!("{at}/{name}"));
        }
    }
    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
        fits(item, &schema["items"], document, &format!("{at}/{index}"));
    }
}
