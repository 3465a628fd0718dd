//! `/docs`, and the examples of the description.

use std::collections::HashMap;

use serde_json::Value;

use crate::{
    bed::{Answered, OPERATOR, Shop, bed, send, send_at},
    description::document,
    payments::Seller,
    run,
};

/// An example of a body, and the operation that takes it.
struct Example {
    method: String,
    path: String,
    media: String,
    body: Value,
}

/// The examples of a description. What is made comes first, since others change it.
fn examples(document: &Value) -> Vec<Example> {
    let mut all = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            for (media, content) in operation["requestBody"]["content"].as_object().into_iter().flatten() {
                let bodies = content["examples"].as_object().into_iter().flatten();
                all.extend(bodies.map(|(_, example)| Example {
                    method: method.to_uppercase(),
                    path: path.clone(),
                    media: media.clone(),
                    body: example["value"].clone(),
                }));
            }
        }
    }
    all.sort_by_key(|example| example.method != "POST");
    all
}

/// The path of an example with the values that the shop has: what lies below a path has the id that was made there.
fn filled(path: &str, shop: &Shop, made: &HashMap<String, String>) -> String {
    let mut filled = String::new();
    for part in path.split('/').skip(1) {
        let value = match part {
            "{id}" if filled == "/api/operator/v1/tenants" => shop.id.as_str(),
            "{id}" | "{vid}" => made.get(&filled).unwrap_or_else(|| panic!("nothing was made at {filled}")).as_str(),
            "{method}" => "card",
            part => part,
        };
        filled = format!("{filled}/{value}");
    }
    filled
}

#[test]
fn docs_every_example_is_taken_as_it_stands() {
    run(async {
        let bed = bed().await;
        let seller = Seller::at(bed, "exemplar", "pagarme").await;
        let shop = &seller.shop;
        let examples = examples(&document(bed).await);
        for part in ["products", "categories", "stock", "settings", "payment-methods", "charges"] {
            assert!(examples.iter().any(|example| example.path.contains(part)), "no example of {part}");
        }
        let mut made: HashMap<String, String> = HashMap::new();
        for Example { method, path, media, body } in examples {
            let (host, token) = match path.split('/').nth(2) {
                Some("operator") => ("localhost", OPERATOR),
                Some("payments") => (shop.host.as_str(), seller.credential.as_str()),
                _ => (shop.host.as_str(), shop.token.as_str()),
            };
            let path = filled(&path, shop, &made);
            let request = bed.request(host, &method, &path).bearer_auth(token).header("content-type", media);
            let done = send(request.body(body.to_string())).await;
            assert!(matches!(done.status, 200 | 201), "{method} {path}: {} {}", done.status, done.json);
            if method == "POST" {
                let ids = ids(&path, &done);
                // What is made is there for all that follows.
                let read = bed.request(host, "GET", &format!("{path}/{}", ids[0].1)).bearer_auth(token);
                send_at(done.header("feira-position"), read).await.expect(200);
                made.extend(ids);
            }
        }
    });
}

/// The id of what was made at a path, and of its first variant.
fn ids(path: &str, done: &Answered) -> Vec<(String, String)> {
    let id = done.json["id"].as_str().unwrap().to_owned();
    let variant = done.json["variants"][0]["id"].as_str();
    let variant = variant.map(|variant| (format!("{path}/{id}/variants"), variant.to_owned()));
    [(path.to_owned(), id)].into_iter().chain(variant).collect()
}

#[test]
fn docs_a_page_draws_the_description_with_files_of_its_own_host() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("lida").await;
        for (host, has_operators) in [("localhost", true), (shop.host.as_str(), false)] {
            let page = send(bed.request(host, "GET", "/docs")).await.expect(200);
            let policy = page.header("content-security-policy");
            assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self';"), "{policy}");
            let html = String::from_utf8(page.bytes.clone()).unwrap();
            assert!(html.contains("GET /api/store/v1/products<"), "{html}");
            assert_eq!(html.contains("/api/operator/v1/"), has_operators);
            assert!(!html.contains("//cdn") && !html.contains("\"http"), "{html}");
            let links = html.split('"').filter(|part| part.starts_with("/docs/assets/"));
            let mut kinds = Vec::new();
            for link in links {
                let file = send(bed.request(host, "GET", link)).await.expect(200);
                assert!(file.header("cache-control").contains("immutable"), "{link}");
                kinds.push(file.header("content-type").split(';').next().unwrap().to_owned());
            }
            kinds.sort_unstable();
            assert_eq!(kinds, ["text/css", "text/css", "text/javascript", "text/javascript"]);
        }
        send(bed.request("localhost", "GET", "/docs/assets/other.js")).await.expect(404);
    });
}
