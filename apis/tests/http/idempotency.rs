//! Every route of the table that writes, asked twice with one `Idempotency-Key`, and held to its description.

use feira_web::routing::{Auth, Route};
use http::Method;
use image::ImageFormat;
use reqwest::RequestBuilder;
use serde_json::{Value, json};

use crate::{
    bed::{Bed, Shop, bed, product, send, send_at},
    description::{described, document},
    images::image_file,
    payments::{Seller, kept_card, of_platform, owed, pix, plan, subscription},
    reconciliation::differing,
    run,
    settling::refused_refund,
    signup,
};

/// Routes that know a repeated request by what is in it instead: products of a file by their handle, an image by its address,
/// a letter by where it lies, an image that is taken down by its id.
const KNOWN_BY_CONTENT: [&str; 5] = [
    "/api/operator/v1/tenants/{id}/import",
    "/api/operator/v1/tenants/{id}/products/{product_id}/images",
    "/api/operator/v1/tenants/{id}/media/{image}",
    "/api/operator/v1/dead-letters/{id}/replay",
    "/api/operator/v1/dead-letters/{id}/discard",
];

/// A charge or subscription of which nobody knows what became of it is one after 20 h: `settling` and `payments::owed` move a clock and
/// settle it.
const NEED_A_DAY: [&str; 4] = [
    "/api/admin/v1/payments/charges/{id}/settle",
    "/api/admin/v1/payments/subscriptions/{id}/settle",
    "/api/operator/v1/subscribers/{shop}/charges/{cid}/settle",
    "/api/operator/v1/subscribers/{shop}/subscriptions/{id}/settle",
];

/// A link is made anew each time that it is asked for, and nothing is written; nor is anything by who asks what delivery costs.
const WRITE_NOTHING: [&str; 3] =
    ["/api/operator/v1/staff/{id}/link", "/api/admin/v1/staff/{id}/link", "/api/store/v1/carts/{cart}/shipping-quote"];

/// The body of a request.
enum Body {
    Nothing,
    Json(Value),
    File(Vec<u8>),
}

impl Body {
    fn on(&self, request: RequestBuilder) -> RequestBuilder {
        match self {
            Self::Nothing => request,
            Self::Json(body) => request.json(body),
            Self::File(bytes) => request.body(bytes.clone()),
        }
    }
}

/// A body that a route of the payments API takes, and another; none where it is another route, or takes none.
async fn bodies_of_payments(bed: &Bed, route: &Route, seller: &Seller) -> Option<[Body; 2]> {
    let two = |bodies: [Value; 2]| Some(bodies.map(Body::Json));
    match (route.method.as_str(), route.path.strip_prefix("/api/payments/v1")?) {
        ("POST", "/charges") => two([pix(100), pix(200)]),
        ("POST", "/charges/{id}/refunds") => two([json!({"reference": "troca"}), json!({"reference": "falta"})]),
        ("POST", "/plans") => two([plan(100), plan(200)]),
        ("POST", "/cards") => {
            let token = seller.token(bed, "4000000000000010").await;
            two([kept_card(&token), kept_card("token_outro")])
        }
        ("POST", "/subscriptions") => {
            let (plan, token) = (seller.plan(bed).await, seller.token(bed, "4000000000000010").await);
            two([subscription(&plan, &token), subscription(&plan, "token_outro")])
        }
        ("DELETE", _) | (_, "/charges/{id}/cancel") => None,
        (method, path) => panic!("no sample of {method} {path}"),
    }
}

/// A body that a route takes, and another; none where it takes none.
fn bodies(route: &Route, shop: &Shop) -> Option<[Body; 2]> {
    let two = |field: &str, values: [Value; 2]| Some(values.map(|value| Body::Json(json!({field: value}))));
    let audiences = ["/api/admin/v1", "/api/operator/v1"];
    let path = audiences.into_iter().find_map(|audience| route.path.strip_prefix(audience)).unwrap();
    match (route.method.as_str(), path) {
        ("DELETE", _) | (_, "/tenants/{id}/suspend" | "/tenants/{id}/resume" | "/staff/{id}/sessions/end") => None,
        // The sub-domain is the same in either case, and the body another.
        ("POST", "/tenants/{id}/close") => {
            let subdomain = shop.host.split('.').next().unwrap();
            two("subdomain", [json!(subdomain), json!(subdomain.to_uppercase())])
        }
        ("POST", "/staff" | "/tenants/{id}/staff") => {
            let [one, other] = ["ana", "bia"].map(|name| json!(format!("{name}@{}", email_host(shop))));
            two("email", [one, other])
        }
        ("POST", "/staff-groups") | ("PATCH", "/staff-groups/{id}") => {
            let [one, other] = ["Caixa", "Estoque"].map(|name| json!(format!("{name} {}", email_host(shop))));
            two("name", [one, other])
        }
        ("PATCH", "/staff/{id}") => two("name", [json!("Ana"), json!("Bia")]),
        (_, "/payments/accounts/{id}/default") => None,
        (_, "/payments/accounts" | "/payments/accounts/{id}") => Some(["Uma", "Outra"].map(|name| {
            let keys = json!({"name": name, "gateway": "pagarme", "public_key": "pk_x", "secret_key": "sk_x"});
            Body::Json(keys)
        })),
        (_, "/tenants/{id}/reconciliations") => Some([json!({}), json!({"account_id": null})].map(Body::Json)),
        (_, "/subscribers/{shop}/charges/{cid}/refunds") => two("reference", [json!("engano"), json!("desistência")]),
        (
            _,
            "/tenants/{id}/differences/{did}/settle"
            | "/payments/charges/{id}/refunds/{rid}/settle"
            | "/subscribers/{shop}/charges/{cid}/refunds/{rid}/settle",
        ) => two("note", [json!("Venda no balcão"), json!("Pix para a mesma conta")]),
        ("POST", "/payments/credentials") => two("name", [json!("ERP"), json!("Loja física")]),
        ("POST", "/products") | ("PUT", "/products/{id}") => {
            Some(["Copo", "Prato"].map(|name| Body::Json(product(name))))
        }
        ("PATCH", "/products/{id}" | "/categories/{id}") => two("name", [json!("Copo"), json!("Prato")]),
        ("POST", "/categories") | ("PUT", "/categories/{id}") => two("name", [json!("Copos"), json!("Pratos")]),
        (_, "/products/{id}/variants/{vid}/stock") => two("adjust", [json!(2), json!(3)]),
        ("POST", "/products/{id}/images") | ("POST" | "PUT", "/logo") => {
            Some([20, 21].map(|width| Body::File(image_file(width, 20, ImageFormat::Png))))
        }
        (_, "/products/{id}/images/{iid}") => two("alt", [json!("Frente"), json!("Verso")]),
        (_, "/settings" | "/tenants/{id}/settings") => two("tagline", [json!("De tudo"), json!("De nada")]),
        ("POST", "/tenants") => {
            let subdomain = format!("{}-filha", shop.host.split('.').next().unwrap());
            Some(["Filha", "Neta"].map(|name| Body::Json(json!({"subdomain": subdomain, "name": name}))))
        }
        ("POST", "/plans") => Some([100, 200].map(|price| Body::Json(signup::plan("Básico", price)))),
        ("PATCH", "/plans/{id}") => two("name", [json!("Médio"), json!("Grande")]),
        (_, "/plans/{id}/ask") => None,
        ("POST", "/tenants/{id}/tokens" | "/tokens") => two("label", [json!("estoque"), json!("caixa")]),
        ("POST", "/domain/check") => None,
        (_, "/domain") => {
            let [one, other] = ["minha", "outra"].map(|name| json!(format!("{name}.{}", email_host(shop))));
            two("domain", [one, other])
        }
        (_, "/payment-methods/{method}") if route.auth == Auth::Operator => Some(["Cartão", "Crédito"].map(offered)),
        (_, "/payment-methods/{method}" | "/products/{id}/payment-methods/{method}") => {
            two("active", [json!(true), json!(false)])
        }
        (_, "/coupons/{code}") => {
            Some(["10", "20"].map(|percent| Body::Json(json!({"kind": "percent", "percent": percent}))))
        }
        ("POST", "/shipping") | ("PUT", "/shipping/{id}") => Some(["Sedex", "Motoboy"].map(delivery)),
        ("POST", "/shipping/{id}/move") => two("direction", [json!("up"), json!("down")]),
        (method, path) => panic!("no sample of {method} {path}"),
    }
}

/// A body that a route of carts takes, and another; none where it takes none.
async fn bodies_of_carts(bed: &Bed, route: &Route, shop: &Shop) -> Option<[Body; 2]> {
    let two = |field: &str, values: [Value; 2]| Some(values.map(|value| Body::Json(json!({field: value}))));
    match (route.method.as_str(), route.path.strip_prefix("/api/store/v1/carts")?) {
        ("POST", "" | "/{cart}/items") => {
            let product = send(bed.request(&shop.host, "GET", "/api/store/v1/products/prato")).await.expect(200).json;
            Some([1, 2].map(|quantity| Body::Json(json!({"product_id": product["id"], "quantity": quantity}))))
        }
        ("PUT", "/{cart}/items/{vid}") => two("quantity", [json!(3), json!(4)]),
        ("PUT", "/{cart}/coupon") => two("code", [json!("VERAO"), json!("verao")]),
        ("DELETE", _) => None,
        (method, path) => panic!("no sample of {method} {path}"),
    }
}

/// The address of a cart with a coupon and a line, with what it names.
async fn cart_address(bed: &Bed, shop: &Shop, path: &str) -> String {
    let mut body = product("Prato");
    body["status"] = json!("published");
    send(bed.staff(shop, "PUT", "/coupons/VERAO").json(&json!({"kind": "free_shipping"}))).await.expect(201);
    let made = send(bed.staff(shop, "POST", "/products").json(&body)).await.expect(201);
    let first = bed.request(&shop.host, "POST", "/api/store/v1/carts").json(&json!({"product_id": made.json["id"]}));
    let cart = send_at(made.header("feira-position"), first).await.expect(201).json;
    path.replace("{cart}", cart["id"].as_str().unwrap())
        .replace("{vid}", cart["items"][0]["variant_id"].as_str().unwrap())
}

/// A way of delivery with this name.
fn delivery(name: &str) -> Body {
    let price = json!({"amount": 1_500, "currency": "BRL"});
    Body::Json(json!({"name": name, "kind": "flat", "price": price, "min_days": 3}))
}

/// A payment method that the platform offers by this name.
fn offered(name: &str) -> Body {
    Body::Json(json!({"name": name, "installments": true, "active": true}))
}

/// The host of e-mail addresses that no other shop of the tests has.
fn email_host(shop: &Shop) -> String {
    format!("{}.example", shop.host.split('.').next().unwrap())
}

/// The address of what a shop owes the platform, with what it names.
async fn owed_address(bed: &Bed, shop: &Shop, path: &str) -> String {
    let path = path.replace("{shop}", &shop.id);
    if path.contains("{rid}") {
        let (owed, refund) = owed::refused_refund(bed, shop, 20).await;
        return path.replace("{cid}", &owed.charge.to_string()).replace("{rid}", &refund);
    }
    if path.contains("/subscriptions/") {
        return path.replace("{id}", &owed::asked_too_late(bed, shop, 21).await.to_string());
    }
    path.replace("{cid}", &owed::paid(bed, shop, 22).await.0.charge.to_string())
}

/// The route's address in this shop, with everything in it that the address names.
async fn address(bed: &Bed, shop: &Shop, seller: Option<&Seller>, route: &Route) -> String {
    let made = bed.product(shop, "Caneca").await;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let mut address = route.path.to_owned();
    if address.starts_with("/api/store/v1/carts") {
        address = cart_address(bed, shop, &address).await;
    }
    if address.starts_with("/api/operator/v1/subscribers/") {
        address = owed_address(bed, shop, &address).await;
    }
    if address.starts_with("/api/operator/v1/payments/accounts/") {
        address = address.replace("{id}", &text(&of_platform(bed, "pagarme").await.0["id"]));
    }
    if address.starts_with("/api/operator/v1/plans/") {
        let made = send(bed.operator("POST", "/plans").json(&signup::plan("Básico", 100))).await.expect(201);
        address = address.replace("{id}", &text(&made.json["id"]));
    }
    if let Some(seller) = seller {
        if address.contains("{rid}") {
            let (charge, refund) = refused_refund(bed, seller).await;
            address = address.replace("{id}", &charge).replace("{rid}", &refund);
        }
        if address.contains("{did}") {
            address = address.replace("{did}", &differing(bed, seller).await);
        }
        let id = match address.as_str() {
            path if path.contains("/tenants/") => shop.id.clone(),
            path if path.ends_with("/refunds") => text(&seller.paid(bed, 1_000).await["id"]),
            path if path.contains("/charges/") => text(&seller.charges(bed, &pix(1_000)).await.expect(201).json["id"]),
            path if path.contains("/accounts/") => text(&seller.account["id"]),
            path if path.contains("/subscriptions/") => {
                let plan = seller.plan(bed).await;
                text(&seller.subscribes(bed, &plan).await["id"])
            }
            _ => {
                let listed = send(bed.staff(shop, "GET", "/payments/credentials")).await.expect(200).json;
                text(&listed["items"][0]["id"])
            }
        };
        address = address.replace("{id}", &id);
    }
    if address.contains("/staff/") {
        let body = json!({"email": format!("membro@{}", email_host(shop))});
        let of_platform = address.starts_with("/api/operator/");
        let asked = if of_platform { bed.operator("POST", "/staff") } else { bed.staff(shop, "POST", "/staff") };
        let invited = send(asked.json(&body)).await.expect(201);
        address = address.replace("{id}", &text(&invited.json["id"]));
    }
    if address.contains("/staff-groups/") {
        let body = json!({"name": format!("Grupo {}", email_host(shop)), "permissions": []});
        let of_platform = address.starts_with("/api/operator/");
        let (at, own) = ("/staff-groups", bed.staff(shop, "POST", "/staff-groups"));
        let asked = if of_platform { bed.operator("POST", at) } else { own };
        let made = send(asked.json(&body)).await.expect(201);
        address = address.replace("{id}", &text(&made.json["id"]));
    }
    if address.contains("/shipping/") {
        let made = send(delivery("PAC").on(bed.staff(shop, "POST", "/shipping"))).await.expect(201);
        address = address.replace("{id}", &text(&made.json["id"]));
    }
    if address.contains("/tokens/") {
        let issued = send(bed.staff(shop, "POST", "/tokens").json(&json!({"label": "caixa"}))).await.expect(201);
        address = address.replace("{id}", &text(&issued.json["id"]));
    }
    if address.ends_with("/{code}") {
        address = address.replace("{code}", "VERAO");
        if route.method == Method::DELETE {
            let coupon = bed.staff(shop, "PUT", "/coupons/VERAO").json(&json!({"kind": "free_shipping"}));
            send(coupon).await.expect(201);
        }
    }
    if address.contains("/categories/") {
        let made = send(bed.staff(shop, "POST", "/categories").json(&json!({"name": "Canecas"}))).await.expect(201);
        address = address.replace("{id}", &text(&made.json["id"]));
    }
    if address.contains("{iid}") {
        let images = format!("/products/{}/images", text(&made["id"]));
        let image = send(bed.staff(shop, "POST", &images).body(image_file(9, 9, ImageFormat::Png))).await.expect(201);
        address = address.replace("{iid}", &text(&image.json["id"]));
    }
    if address.ends_with("/resume") {
        send(bed.operator("POST", &format!("/tenants/{}/suspend", shop.id))).await.expect(200);
    }
    if address.contains("/tenants/{id}") {
        address = address.replace("{id}", &shop.id);
    }
    if address.ends_with("/logo") {
        send(bed.staff(shop, "PUT", "/logo").body(image_file(9, 9, ImageFormat::Png))).await.expect(200);
    }
    if address.ends_with("/domain/check") || (address.ends_with("/domain") && route.method == Method::DELETE) {
        let body = json!({"domain": email_host(shop)});
        send(bed.staff(shop, "PUT", "/domain").json(&body)).await.expect(201);
    }
    address = address.replace("{id}", &text(&made["id"])).replace("{vid}", &text(&made["variants"][0]["id"]));
    if address.ends_with("/{method}") {
        address = address.replace("{method}", "card");
        if route.method == Method::DELETE {
            let (host, token) = match route.auth {
                Auth::Operator => ("localhost", crate::bed::OPERATOR),
                _ => (shop.host.as_str(), shop.token.as_str()),
            };
            let body =
                if route.auth == Auth::Operator { offered("Débito") } else { Body::Json(json!({"active": true})) };
            let set = send(body.on(bed.request(host, "PUT", &address).bearer_auth(token))).await;
            assert!([200, 201].contains(&set.status), "{set:?}");
        }
    }
    address
}

#[test]
fn f14_f33_every_write_answers_the_same_key_the_same_and_as_it_is_described() {
    run(async {
        // What the platform offers is every shop's matter, so this Feira is this test's alone.
        let bed = &Bed::start().await;
        let document = document(bed).await;
        let writes = feira_apis::routes().into_iter().filter(|route| route.is_api() && route.method != Method::GET);
        let is_asked = |route: &Route| {
            let apart = NEED_A_DAY.contains(&route.path) || KNOWN_BY_CONTENT.contains(&route.path);
            !apart && !WRITE_NOTHING.contains(&route.path)
        };
        for (number, route) in writes.filter(is_asked).enumerate() {
            let shop = bed.shop(&format!("chave-{number}")).await;
            let of_payments = ["/payments/", "/reconciliations", "/differences/"];
            let seller = match of_payments.iter().any(|part| route.path.contains(part)) {
                true => Some(Seller::of(bed, shop.clone(), "pagarme").await),
                false => None,
            };
            let address = address(bed, &shop, seller.as_ref(), &route).await;
            let (host, token) = match (route.path.starts_with("/api/operator/"), &seller) {
                (true, _) => ("localhost", crate::bed::OPERATOR),
                (false, Some(seller)) if route.auth == Auth::Payments => {
                    (shop.host.as_str(), seller.credential.as_str())
                }
                (false, _) => (shop.host.as_str(), shop.token.as_str()),
            };
            let ask = |body: &Body| {
                let request = bed.request(host, route.method.as_str(), &address).bearer_auth(token);
                send(body.on(request.header("idempotency-key", format!("chave-{number}"))))
            };
            let bodies = match &seller {
                Some(seller) if route.auth == Auth::Payments => bodies_of_payments(bed, &route, seller).await,
                _ if route.path.starts_with("/api/store/") => bodies_of_carts(bed, &route, &shop).await,
                _ => bodies(&route, &shop),
            };
            let [one, other] = bodies.map_or([Body::Nothing, Body::Nothing], |bodies| bodies);
            let first = ask(&one).await;
            assert!((200..300).contains(&first.status), "{} {}: {first:?}", route.method, route.path);
            described(&document, &route, &first);
            let again = ask(&one).await;
            assert_eq!((again.status, &again.bytes), (first.status, &first.bytes), "{} {}", route.method, route.path);
            for header in ["feira-position", "location", "etag"] {
                assert_eq!(again.header(header), first.header(header), "{} {}", route.method, route.path);
            }
            if !matches!(other, Body::Nothing) {
                let refused = ask(&other).await.expect(422);
                assert_eq!(refused.code(), "idempotency_mismatch", "{} {}", route.method, route.path);
                described(&document, &route, &refused);
            }
        }
    });
}

#[test]
fn f14_a_removal_that_is_asked_again_leaves_what_came_after_it() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("marcas-novas").await;
        let put = |width| send(bed.staff(&shop, "PUT", "/logo").body(image_file(width, 9, ImageFormat::Png)));
        put(8).await.expect(200);
        let remove = || send(bed.staff(&shop, "DELETE", "/logo").header("idempotency-key", "sem-marca"));
        remove().await.expect(204);
        let later = put(9).await.expect(200).json;
        remove().await.expect(204);
        assert_eq!(send(bed.staff(&shop, "GET", "/logo")).await.expect(200).json, later["logo"]);
        send(bed.request(&shop.host, "GET", later["logo"]["url"].as_str().unwrap())).await.expect(200);
    });
}
