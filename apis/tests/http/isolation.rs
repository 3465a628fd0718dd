//! Isolation of tenants: every route of the table is asked with every wrong credential and on every wrong host.

use feira_schemas::access::House;
use feira_web::{
    routing::{Auth, HostKind, Route},
    sessions::Act,
};
use reqwest::Method;
use serde_json::json;

use crate::{
    bed::{Bed, OPERATOR, Shop, bed, send},
    run,
};

/// An id that nothing has.
const ANY_ID: &str = "018f4d7e-3c1b-7a52-9d0e-5b7f1c2a3d4e";

/// A path of a pattern, with an id in each place.
fn path(route: &Route) -> String {
    let segments = route.path.split('/').map(|segment| match segment.starts_with('{') {
        true => ANY_ID,
        false => segment,
    });
    segments.collect::<Vec<_>>().join("/")
}

#[test]
fn f02_no_route_answers_a_stranger_or_another_shops_staff() {
    run(async {
        let bed = bed().await;
        let (own, other) = (bed.shop("dona").await, bed.shop("vizinha").await);
        let (credential, others) = (credential(bed, &own).await, credential(bed, &other).await);
        let by_token = |route: &&Route| !matches!(route.auth, Auth::None | Auth::Session(_));
        for route in feira_apis::routes().iter().filter(by_token) {
            let (method, path) = (route.method.as_str(), path(route));
            let host = if route.host == HostKind::Platform { "localhost" } else { own.host.as_str() };
            let request = || bed.request(host, method, &path);
            let bare = send(request()).await;
            assert_eq!((bare.status, bare.code()), (401, "unauthorized"), "{method} {path}");
            assert!(bare.header("www-authenticate").starts_with("Bearer"), "{method} {path}");
            assert_eq!(bare.header("content-type"), "application/problem+json");
            for token in ["", "x", "feira_x_y", &format!("{}x", own.token), &own.token[..own.token.len() - 1]] {
                send(request().header("authorization", format!("Bearer {token}"))).await.expect(401);
            }
            send(request().header("authorization", format!("Basic {}", own.token))).await.expect(401);
            match route.auth {
                Auth::Operator | Auth::Payments => send(request().bearer_auth(&own.token)).await.expect(401),
                _ => send(request().bearer_auth(OPERATOR)).await.expect(401),
            };
            match route.auth {
                Auth::Staff(_) => send(request().bearer_auth(&other.token)).await.expect(404),
                Auth::Payments => send(request().bearer_auth(&others)).await.expect(404),
                _ => bare,
            };
            if route.auth != Auth::Payments {
                send(request().bearer_auth(&credential)).await.expect(401);
            }
        }
    });
}

/// A credential of a shop for its payments.
async fn credential(bed: &Bed, shop: &Shop) -> String {
    let made = send(bed.staff(shop, "POST", "/payments/credentials").json(&json!({"name": "ERP"}))).await.expect(201);
    made.json["secret"].as_str().unwrap().to_owned()
}

#[test]
fn s63_what_only_reads_asks_for_reading_and_what_changes_for_more_each_in_an_area_of_its_house() {
    for route in feira_apis::routes() {
        let (access, house) = match route.auth {
            Auth::Staff(access) => (access, House::Shop),
            Auth::Session(access) if route.host == HostKind::Platform => (access, House::Platform),
            Auth::Session(access) => (access, House::Shop),
            Auth::None | Auth::Operator | Auth::Payments => continue,
        };
        assert!(access.area.is_of(house), "{} {} asks for {access}", route.method, route.path);
        if matches!(route.auth, Auth::Staff(_)) {
            let reads = route.method == Method::GET;
            assert_eq!(access.act == Act::Read, reads, "{} {}", route.method, route.path);
        }
    }
}

#[test]
fn f02_a_route_exists_on_its_kind_of_host_alone() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("sozinha").await;
        let routes = feira_apis::routes();
        for route in &routes {
            let wrong = match route.host {
                HostKind::Any => continue,
                HostKind::Shop => "localhost",
                HostKind::Platform => shop.host.as_str(),
            };
            let elsewhere = |other: &Route| other.path == route.path && other.host != route.host;
            if routes.iter().any(elsewhere) {
                continue; // Such as `/`: each kind of host has its own.
            }
            for token in [OPERATOR, &shop.token] {
                send(bed.request(wrong, route.method.as_str(), &path(route)).bearer_auth(token)).await.expect(404);
            }
        }
    });
}

#[test]
fn s40_s42_on_a_host_of_no_shop_every_route_of_shops_is_404_and_says_nothing_of_any() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("calada").await;
        let made = bed.product(&shop, "Segredo guardado").await;
        let id = made["id"].as_str().unwrap();
        let routes = feira_apis::routes();
        for route in routes.iter().filter(|route| route.host == HostKind::Shop) {
            let path = path(route).replace(ANY_ID, id);
            for host in ["nada.localhost", "calada.example.com", "calada.localhost.evil", "calada-localhost"] {
                let request = bed.request(host, route.method.as_str(), &path).bearer_auth(&shop.token);
                let answer = send(request.header("x-forwarded-host", &shop.host)).await.expect(404);
                let text = String::from_utf8_lossy(&answer.bytes);
                assert!(!text.contains("calada.localhost") && !text.contains("guardado"), "{host} {path}: {text}");
            }
        }
    });
}

#[test]
fn s41_s51_f02_another_shops_things_are_not_found() {
    run(async {
        let bed = bed().await;
        let (own, other) = (bed.shop("minha").await, bed.shop("alheia").await);
        let theirs = bed.product(&other, "Segredo").await;
        let id = theirs["id"].as_str().unwrap();
        let stock = format!("/products/{id}/variants/{}/stock", theirs["variants"][0]["id"].as_str().unwrap());
        for (method, path, body) in [
            ("GET", format!("/products/{id}"), None),
            ("PUT", format!("/products/{id}"), Some(crate::bed::product("Meu"))),
            ("PATCH", format!("/products/{id}"), Some(json!({"name": "Meu"}))),
            ("DELETE", format!("/products/{id}"), None),
            ("GET", stock.clone(), None),
            ("PUT", stock, Some(json!({"on_hand": 0}))),
            ("GET", format!("/products/{id}/images"), None),
        ] {
            let request = bed.staff(&own, method, &path);
            let request = match body {
                Some(body) => request.json(&body),
                None => request,
            };
            assert_eq!(send(request).await.expect(404).code(), "not_found", "{method} {path}");
        }
        let category =
            send(bed.staff(&other, "POST", "/categories").json(&json!({"name": "Deles"}))).await.expect(201).json;
        let mut body = crate::bed::product("Meu");
        body["category_id"] = category["id"].clone();
        let mine = format!("/products/{}", bed.product(&own, "Meu").await["id"].as_str().unwrap());
        for (method, path) in [("POST", "/products"), ("PUT", &mine), ("PATCH", &mine)] {
            let refused = send(bed.staff(&own, method, path).json(&body)).await.expect(422);
            assert_eq!(refused.json["errors"][0]["code"], "unknown_reference", "{method}");
        }
        assert_eq!(send(bed.staff(&other, "GET", &format!("/products/{id}"))).await.expect(200).json, theirs);
    });
}

#[test]
fn s39_s40_hosts_are_read_as_people_write_them_and_garbage_is_no_shop() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("endereco").await;
        for host in ["endereco.localhost", "ENDERECO.Localhost:8080", "endereco.localhost.", "endereco.localhost.:80"] {
            send(bed.request(host, "GET", "/api/admin/v1/settings").bearer_auth(&shop.token)).await.expect(200);
        }
        for host in [
            "nada.localhost",
            "a.endereco.localhost",
            "loja.example.com",
            "localhost.evil",
            "%00",
            "..",
            "a_b.localhost",
        ] {
            let api =
                send(bed.request(host, "GET", "/api/admin/v1/settings").bearer_auth(&shop.token)).await.expect(404);
            assert_eq!(api.header("content-type"), "application/problem+json", "{host}");
            let page = send(bed.request(host, "GET", "/")).await.expect(404);
            assert!(page.header("content-type").starts_with("text/html"), "{host}");
        }
        for host in ["127.0.0.1:1234", "localhost", "LOCALHOST.:1"] {
            send(bed.request(host, "GET", "/healthz")).await.expect(200);
        }
    });
}
