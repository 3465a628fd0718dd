//! Who is of another shop: pages show and change nothing of it, whatever ids, session or token a form comes with.

use feira_web::routing::{Auth, Route};
use serde_json::{Value, json};

use crate::{
    bed::{bed, product, send},
    panel::{Browser, shop_pages::Desk, text},
    payments,
    reconciliation::until,
    run,
};

/// A word that stands in every name of the other shop's.
const SECRET: &str = "Segredo da vizinha";
/// What is read of the other shop to see that nothing of it was changed.
const KEPT: [&str; 6] = ["/products", "/categories", "/settings", "/staff", "/staff-groups", "/payment-methods"];

/// The pages of a shop's panel for who has logged in, and what is done there.
fn pages() -> impl Iterator<Item = Route> {
    let routes = feira_apis::routes().into_iter();
    routes.filter(|route| route.path.starts_with("/admin") && matches!(route.auth, Auth::Session(_)))
}

/// A page's address with this id in the places of ids.
fn path(route: &Route, id: &str) -> String {
    let part = |part: &'static str| match part {
        "{method}" => "card",
        other if other.starts_with('{') => id,
        other => other,
    };
    route.path.split('/').map(part).collect::<Vec<_>>().join("/")
}

/// The ids of one of everything that a shop has, each named by the secret.
async fn possessions(desk: &Desk<'_>) -> Vec<String> {
    let (bed, shop) = (desk.bed, &desk.shop);
    let account =
        json!({"name": SECRET, "gateway": "pagarme", "public_key": "pk_test_x", "secret_key": "sk_test_nada"});
    let mut ids = Vec::new();
    for (path, body) in [
        ("/products", product(SECRET)),
        ("/categories", json!({"name": SECRET})),
        ("/staff-groups", json!({"name": SECRET, "permissions": ["stock:read"]})),
        ("/payments/accounts", account),
    ] {
        let made = send(bed.staff(shop, "POST", path).json(&body)).await.expect(201).json;
        ids.push(payments::text(&made["id"]));
    }
    for list in ["/staff", "/tokens"] {
        ids.push(payments::text(&desk.api(list).await["items"][0]["id"]));
    }
    ids
}

async fn kept(desk: &Desk<'_>) -> Vec<Value> {
    let mut kept = Vec::new();
    for path in KEPT {
        kept.push(desk.api(path).await);
    }
    kept
}

#[test]
fn s41_f02_pages_show_and_change_nothing_of_another_shop_by_its_ids() {
    run(async {
        let bed = bed().await;
        let (mut own, other) = (Desk::at(bed, "paginas-da-dona").await, Desk::at(bed, "paginas-da-vizinha").await);
        let ids = possessions(&other).await;
        until("the product in the list", async || (other.api("/products").await["total"] == 1).then_some(())).await;
        let before = kept(&other).await;
        own.page("/admin").await;
        for route in pages().filter(|route| route.path.contains("{id}")) {
            for id in &ids {
                let path = path(&route, id);
                let fields = [("_version", "1"), ("/name", "Tomada"), ("/active", "false"), ("/max_installments", "1")];
                let answer = match route.method.as_str() {
                    "GET" => own.browser.get(&path).await,
                    _ => own.browser.post(&path, &fields).await,
                };
                assert!((400..500).contains(&answer.status), "{} {path}: {}", route.method, answer.status);
                assert!(!text(&answer).contains(SECRET), "{} {path}", route.method);
            }
        }
        // Where the id does not stand in the path.
        own.browser.get(&format!("/admin/stock?product={}", ids[0])).await.expect(404);
        let stock = [("_product", ids[0].as_str()), ("_variant", ids[0].as_str()), ("/on_hand", "0"), ("/adjust", "")];
        own.browser.post("/admin/stock", &stock).await.expect(404);
        let chosen = format!("{}:1", ids[0]);
        let many = [("/chosen", chosen.as_str()), ("/action", "publish"), ("/confirmed", "true"), ("_back", "/admin")];
        assert!(!text(&own.browser.post("/admin/products/many", &many).await).contains(SECRET));
        let within = [("/name", "Minha"), ("/slug", ""), ("/parent_id", ids[1].as_str())];
        own.browser.post("/admin/categories", &within).await.expect(422);
        assert_eq!(kept(&other).await, before, "nothing of the other shop is changed");
    });
}

#[test]
fn s49_f02_another_shops_session_and_token_open_and_change_nothing() {
    run(async {
        let bed = bed().await;
        let (mut own, mut other) = (Desk::at(bed, "sessao-da-dona").await, Desk::at(bed, "sessao-da-vizinha").await);
        own.page("/admin").await;
        other.page("/admin").await;
        let before = kept(&own).await;
        let mut stranger = Browser::at(bed, &own.shop.host);
        let foreign = other.browser.token.clone();
        let id = payments::text(&own.api("/staff").await["items"][0]["id"]);
        for route in pages() {
            let path = path(&route, &id);
            // An answer that leads to the log-in may have taken them along.
            stranger.cookies.clone_from(&other.browser.cookies);
            if route.method == "GET" {
                let led = stranger.get(&path).await.expect(303);
                assert!(led.header("location").starts_with("/admin/login"), "{path}");
                continue;
            }
            stranger.token.clone_from(&foreign);
            let led = stranger.post(&path, &[("/name", "Tomada")]).await;
            assert!(matches!(led.status, 303 | 403 | 415), "{path}: {}", led.status);
            assert!(led.status != 303 || led.header("location").starts_with("/admin/login"), "{path}");
            // Who is of this shop, by a form with the token of another shop's session.
            let token = std::mem::replace(&mut own.browser.token, foreign.clone());
            let forged = own.browser.post(&path, &[("/name", "Tomada")]).await;
            assert!(matches!(forged.status, 403 | 415), "{path}: {}", forged.status);
            own.browser.token = token;
        }
        assert_eq!(kept(&own).await, before, "nothing of the shop is changed");
    });
}
