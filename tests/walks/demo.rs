//! The demo that a process makes which is started with nothing configured: asked from outside, on the embedded parts.

use std::fs;

use serde_json::Value;

use crate::common::{
    embedded,
    process::{Mode, Process, client},
    until,
};

/// Products that a demo shop has at least.
const PRODUCTS: u64 = 60;

/// A demo shop.
struct Shop<'a> {
    process: &'a Process,
    host: String,
    token: String,
}

impl Shop<'_> {
    async fn get(&self, path: &str) -> (u16, String, Vec<u8>) {
        let request = client().get(format!("{}{path}", self.process.url())).header("host", &self.host);
        let answer = request.bearer_auth(&self.token).send().await.unwrap();
        let kind = answer.headers().get("content-type").map_or("", |kind| kind.to_str().unwrap()).to_owned();
        (answer.status().as_u16(), kind, answer.bytes().await.unwrap().to_vec())
    }

    /// What the shop's API shows to its staff; nothing while it can't.
    async fn api(&self, path: &str) -> Value {
        let (status, _, body) = self.get(&format!("/api/admin/v1{path}")).await;
        if status == 200 { serde_json::from_slice(&body).unwrap() } else { Value::Null }
    }

    async fn items(&self, path: &str) -> Vec<Value> {
        let list = self.api(path).await;
        list["items"].as_array().unwrap_or_else(|| panic!("{} {path}: {list}", self.host)).clone()
    }

    /// Its products of a page, once all of them are there with their pictures.
    async fn drawn(&self) -> Vec<Value> {
        let mut products = Vec::new();
        until("every product has a picture", async || {
            let page = self.api("/products?limit=100").await;
            let has_picture = |product: &Value| product["images"][0]["status"] == "ready";
            products = page["items"].as_array().cloned().unwrap_or_default();
            page["total"].as_u64().is_some_and(|total| total >= PRODUCTS) && products.iter().all(has_picture)
        })
        .await;
        products
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn s111_the_demo_is_three_shops_with_staff_ways_to_pay_settings_categories_and_products_with_pictures() {
    let Some(_) = embedded() else { return };
    let process = Process::start(Mode::Demo).await;
    let credentials = fs::read_to_string(process.data().join("credentials.json")).unwrap();
    let credentials: Value = serde_json::from_str(&credentials).unwrap();
    let shops = credentials["shops"].as_object().unwrap();
    assert_eq!(shops.len(), 3, "{shops:?}");
    for (name, of_shop) in shops {
        let token = of_shop["admin_token"].as_str().unwrap().to_owned();
        let shop = Shop { process: &process, host: format!("{name}.localhost"), token };
        let staff = shop.items("/staff").await;
        assert_eq!(staff[0]["email"], format!("dona@{name}.example"), "{staff:?}");
        let methods = shop.items("/payment-methods").await;
        assert_eq!(methods.len(), 3, "{methods:?}");
        assert!(methods.iter().all(|method| method["configuration"].is_object()), "{methods:?}");
        let settings = shop.api("/settings").await;
        assert!(settings["accent"].is_string() && settings["logo"]["url"].is_string(), "{settings}");
        let categories = shop.items("/categories?limit=100").await;
        assert!(categories.iter().any(|category| category["parent_id"].is_string()), "{categories:?}");

        let products = shop.drawn().await;
        assert!(products.iter().all(|product| product["category_id"].is_string()), "{products:?}");
        let picture = products[0]["images"][0]["url"].as_str().unwrap();
        let (status, kind, body) = shop.get(picture).await;
        assert_eq!((status, kind.as_str()), (200, "image/svg+xml"), "{picture}");
        assert!(!body.is_empty());
    }
}
