//! Accounts at gateways, as the shop's staff keeps them.

use serde_json::{Value, json};

use super::{Seller, text, tried};
use crate::{
    bed::{bed, send},
    run,
};

#[test]
fn s23_s57_accounts_are_saved_by_either_name_of_their_keys_and_never_show_them() {
    run(async {
        let bed = bed().await;
        let seller = Seller::at(bed, "contas", "pagarme").await;
        let body = |gateway: &str| json!({"name": "Outra", "gateway": gateway, "api_key": "sk_test_qualquer", "encryption_key": "pk_test_x"});
        let make = |body: Value| send(bed.staff(&seller.shop, "POST", "/payments/accounts").json(&body));
        let unknown = make(body("nada")).await.expect(422);
        assert_eq!((unknown.code(), &unknown.json["errors"][0]["pointer"]), ("invalid_gateway", &json!("/gateway")));
        let made = make(body("pagarme")).await.expect(201);
        assert!(!String::from_utf8_lossy(&made.bytes).contains("sk_test_qualquer"));
        assert_eq!((&made.json["public_key"], &made.json["default"]), (&json!("pk_test_x"), &json!(false)));
        let mut twice = body("pagarme");
        twice["secret_key"] = json!("sk_test_outra");
        assert_eq!(make(twice).await.expect(422).json["errors"][0]["code"], "duplicate");
        let mut signed = body("pagarme");
        signed["callback_secret"] = json!("whsec_x");
        assert_eq!(make(signed).await.expect(422).json["errors"][0]["pointer"], "/callback_secret");

        let path = made.header("location").strip_prefix("/api/admin/v1").unwrap().to_owned();
        let broken = tried(bed.staff(&seller.shop, "GET", &path)).await;
        assert_eq!(broken["status"], "broken", "nobody has this key: {broken}");
        let read = send(bed.staff(&seller.shop, "GET", &path)).await.expect(200);
        let callback = &read.json["callback"];
        assert_eq!((&callback["proof"], &callback["user"]), (&json!("basic"), &json!("feira")));
        assert!(text(&callback["address"]).contains("://localhost") && text(&callback["password"]).len() == 43);
        assert_eq!(read.header("cache-control"), "no-store");
        let mut renamed = body("pagarme");
        renamed["name"] = json!("Nova");
        renamed.as_object_mut().unwrap().remove("api_key");
        let put = |etag: &str| bed.staff(&seller.shop, "PUT", &path).header("if-match", etag.to_owned()).json(&renamed);
        send(put("\"99\"")).await.expect(412);
        assert_eq!(send(put(read.header("etag"))).await.expect(200).json["name"], "Nova");
        let retired = send(bed.staff(&seller.shop, "DELETE", &path)).await.expect(200).json;
        assert_eq!(retired["status"], "retired");
        let default = format!("/payments/accounts/{}/default", text(&seller.account["id"]));
        assert_eq!(send(bed.staff(&seller.shop, "POST", &default)).await.expect(200).json["default"], true);
    });
}
