//! Carts that are asked for twice, and those who make too many of them or guess coupons.

use feira_web::quotas::QuotaSettings;
use reqwest::RequestBuilder;
use serde_json::{Value, json};

use crate::{
    bed::{Answered, Bed, Shop, bed, send, send_at},
    carts::{CARTS, at, brl, cart_of, sells, wrong},
    panel::{Browser, text},
    run,
};

/// A request of a program that stands at this address.
fn from(bed: &Bed, shop: &Shop, address: &str, method: &str, path: &str) -> RequestBuilder {
    bed.request(&shop.host, method, path).header("x-forwarded-for", address)
}

/// Checks a refusal that says for how long.
fn made_to_wait(refused: &Answered, within: u64) {
    let seconds: u64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=within).contains(&seconds), "{seconds}");
}

#[test]
fn s94_f14_a_cart_that_is_asked_for_again_with_its_key_is_the_same() {
    run(async {
        let bed = bed().await;
        let (shop, other) = (bed.shop("carrinho-repetido").await, bed.shop("carrinho-ao-lado").await);
        let (vase, pot) = (sells(bed, &shop, "Vaso", 2_990).await, sells(bed, &other, "Pote", 1_000).await);
        let asked = |shop: &Shop, address: &str, body: Value| {
            let request = from(bed, shop, address, "POST", CARTS).header("idempotency-key", "um-clique");
            send(request.json(&body))
        };
        let (one, two) = (json!({"product_id": vase.id}), json!({"product_id": vase.id, "quantity": 2}));
        let made = asked(&shop, "203.0.113.1", one.clone()).await.expect(201);
        let again = asked(&shop, "203.0.113.1", one.clone()).await.expect(201);
        assert_eq!((&again.bytes, again.header("location")), (&made.bytes, made.header("location")));
        assert_eq!(asked(&shop, "203.0.113.1", two).await.expect(422).code(), "idempotency_mismatch");

        // A key is no secret: elsewhere it leads to another cart.
        let stranger = asked(&shop, "203.0.113.2", one.clone()).await.expect(201).json;
        let there = asked(&other, "203.0.113.1", json!({"product_id": pot.id})).await.expect(201).json;
        assert!(stranger["id"] != made.json["id"] && there["id"] != made.json["id"], "{stranger} {there}");

        // However much is changed since, it makes no second cart, and empties none.
        for number in 0..9 {
            let request = bed.request(&shop.host, "POST", &at(&made.json, "/items"));
            let request = request.header("idempotency-key", format!("mais-{number}"));
            send(request.json(&one)).await.expect(200);
        }
        let now = asked(&shop, "203.0.113.1", one).await.expect(201).json;
        assert_eq!((&now["id"], &now["count"]), (&made.json["id"], &json!(10)));
    });
}

#[test]
fn f04_s95_who_guesses_coupons_is_made_to_wait_and_who_knows_one_is_not() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("carrinho-adivinhado").await;
        let vase = sells(bed, &shop, "Vaso", 10_000).await;
        let coupon = json!({"kind": "amount", "amount": brl(500)});
        let last = send(bed.staff(&shop, "PUT", "/coupons/VERAO").json(&coupon)).await.expect(201);
        let cart = cart_of(bed, &shop, &vase, 1).await;
        let tries = async |address: &str, code: &str| {
            let request = from(bed, &shop, address, "PUT", &at(&cart, "/coupon")).json(&json!({"code": code}));
            send_at(last.header("feira-position"), request).await
        };
        let most = QuotaSettings::default().coupons;
        for _ in 0..=most {
            tries("203.0.113.10", "VERAO").await.expect(200);
        }
        // What no code looks like is looked up nowhere.
        assert_eq!(wrong(&tries("203.0.113.10", "?").await.expect(422)), ("/code", "unknown_reference"));
        for number in 0..most {
            let refused = tries("203.0.113.10", &format!("NADA{number}")).await.expect(422);
            assert_eq!(wrong(&refused), ("/code", "unknown_reference"), "{number}");
        }
        // Nor is who waits told that a code is right.
        for code in ["NADA", "VERAO"] {
            let refused = tries("203.0.113.10", code).await.expect(429);
            assert_eq!(refused.code(), "too_many_requests");
            made_to_wait(&refused, 900);
        }
        tries("203.0.113.11", "VERAO").await.expect(200);

        let mut buyer = Browser::at(bed, &shop.host);
        buyer.post("/cart/items", &vase.form("1")).await.expect(303);
        buyer.get("/cart").await.expect(200);
        for _ in 0..most {
            buyer.post("/cart/coupon", &[("code", "nada")]).await.expect(422);
        }
        let refused = buyer.post("/cart/coupon", &[("code", "verao")]).await.expect(429);
        made_to_wait(&refused, 900);
        let html = text(&refused);
        for said in ["Foram tentados cupons demais", "value=\"verao\"", "Subtotal (1 item)"] {
            assert!(html.contains(said), "{said}: {html}");
        }
        // The rest of the cart is changed as before.
        buyer.post(&format!("/cart/items/{}", vase.variant), &[("quantity", "2")]).await.expect(303);
    });
}

#[test]
fn f04_s94_one_address_makes_so_many_carts_and_those_that_it_has_go_on() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("carrinhos-demais").await;
        let vase = sells(bed, &shop, "Vaso", 2_990).await;
        let mut buyer = Browser::at(bed, &shop.host);
        buyer.post("/cart/items", &vase.form("1")).await.expect(303);
        let mine = buyer.cookies.clone();
        // What is used comes back evenly while this asks, so it is asked for more than there is.
        let most = 5 * QuotaSettings::default().carts;
        let mut refused = None;
        for _ in 0..most {
            buyer.cookies.clear();
            let answer = buyer.post("/cart/items", &vase.form("1")).await;
            if answer.status != 303 {
                refused = Some(answer.expect(429));
                break;
            }
        }
        let refused = refused.expect("one that is too many");
        made_to_wait(&refused, 60);
        let html = text(&refused);
        assert!(html.contains("Foram feitos carrinhos demais") && html.contains("<h1>Vaso</h1>"), "{html}");
        assert!(buyer.cookies.is_empty(), "{:?}", buyer.cookies);

        buyer.cookies = mine;
        buyer.post("/cart/items", &vase.form("1")).await.expect(303);
        assert!(text(&buyer.get("/cart").await.expect(200)).contains("value=\"2\""));
        let made = |address: &str| send(from(bed, &shop, address, "POST", CARTS).json(&json!({"product_id": vase.id})));
        made("203.0.113.20").await.expect(201);
        let mut refused = None;
        for _ in 0..most {
            let answer = made("203.0.113.21").await;
            if answer.status != 201 {
                refused = Some(answer.expect(429));
                break;
            }
        }
        let refused = refused.expect("one that is too many");
        assert_eq!(refused.code(), "too_many_requests");
        made_to_wait(&refused, 60);
        assert!(refused.header("ratelimit").starts_with("\"carts\";r=0"), "{}", refused.header("ratelimit"));
        // What is refused is counted for no cart: it is the product that is said to be wrong.
        let nothing = json!({"product_id": "x"});
        send(from(bed, &shop, "203.0.113.21", "POST", CARTS).json(&nothing)).await.expect(422);
    });
}
