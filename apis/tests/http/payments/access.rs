//! Who may ask: credentials open payments alone, and of their own shop.

use serde_json::json;

use super::{Seller, pix, text};
use crate::{
    bed::{bed, send},
    run,
};

#[test]
fn s21_a_credential_opens_payments_alone_and_nothing_else_opens_them() {
    run(async {
        let bed = bed().await;
        let seller = Seller::at(bed, "credenciais", "pagarme").await;
        let admin = |path: &str| bed.request(&seller.shop.host, "GET", &format!("/api/admin/v1{path}"));
        for path in ["/products", "/settings", "/payments/accounts", "/payments/credentials"] {
            send(admin(path).bearer_auth(&seller.credential)).await.expect(401);
        }
        let charges = || bed.request(&seller.shop.host, "GET", "/api/payments/v1/charges");
        send(charges().bearer_auth(&seller.shop.token)).await.expect(401);
        send(charges().bearer_auth(format!("{}x", seller.credential))).await.expect(401);
        send(charges().bearer_auth(&seller.credential)).await.expect(200);
        // A page of another origin may not read it, whatever the shop allows its own front ends.
        let other = charges().bearer_auth(&seller.credential).header("origin", "https://loja.example");
        assert_eq!(send(other).await.expect(200).header("access-control-allow-origin"), "");

        let listed = send(bed.staff(&seller.shop, "GET", "/payments/credentials")).await.expect(200).json;
        let id = text(&listed["items"][0]["id"]);
        assert!(listed["items"][0]["secret"].is_null(), "{listed}");
        let one = format!("/payments/credentials/{id}");
        let revoked = send(bed.staff(&seller.shop, "DELETE", &one)).await.expect(200).json;
        assert_eq!(revoked["status"], "revoked");
        send(charges().bearer_auth(&seller.credential)).await.expect(401);
    });
}

#[test]
fn each_shop_sees_its_own_charges_alone() {
    run(async {
        let bed = bed().await;
        let (own, other) =
            (Seller::at(bed, "cobra-minha", "pagarme").await, Seller::at(bed, "cobra-alheia", "pagarme").await);
        let theirs = text(&other.charges(bed, &pix(1_000)).await.expect(201).json["id"]);
        let plan = other.plan(bed).await;
        let card = text(&other.keeps(bed).await["id"]);
        let subscription = text(&other.subscribes(bed, &plan).await["id"]);
        for (method, path) in [
            ("GET", format!("/plans/{}", text(&plan["id"]))),
            ("GET", format!("/cards/{card}")),
            ("GET", format!("/subscriptions/{subscription}")),
            ("DELETE", format!("/subscriptions/{subscription}")),
            ("GET", format!("/charges/{theirs}")),
            ("GET", format!("/charges/{theirs}/refunds")),
            ("POST", format!("/charges/{theirs}/cancel")),
            ("POST", format!("/charges/{theirs}/refunds")),
        ] {
            send(own.asks(bed, method, &path).json(&json!({}))).await.expect(404);
        }
        for list in ["/charges", "/plans", "/subscriptions"] {
            assert_eq!(send(own.asks(bed, "GET", list)).await.expect(200).json["items"], json!([]), "{list}");
        }
        let body = super::subscription(&plan, "token_x");
        let refused = send(own.asks(bed, "POST", "/subscriptions").json(&body)).await.expect(422);
        assert_eq!(refused.json["errors"][0]["pointer"], "/plan_id");
        let mut foreign = pix(1_000);
        foreign["account_id"] = other.account["id"].clone();
        let refused = own.charges(bed, &foreign).await.expect(422);
        assert_eq!(refused.json["errors"][0]["pointer"], "/account_id");
    });
}
