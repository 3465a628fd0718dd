//! The pages by which a shop's staff looks after its categories, stock, settings and accounts at gateways.

mod categories;
mod gateways;
mod published;
mod settings;
mod stock;

use serde_json::{Value, json};

use super::{Browser, PASSWORD, choose, text};
use crate::bed::{Bed, Shop, send};

/// A shop, and the browser in which its first administrator has logged in.
struct Desk<'a> {
    bed: &'a Bed,
    shop: Shop,
    browser: Browser<'a>,
}

impl<'a> Desk<'a> {
    async fn at(bed: &'a Bed, subdomain: &str) -> Self {
        let shop = bed.shop(subdomain).await;
        Self::of(bed, shop).await
    }

    /// One of a shop that is there.
    async fn of(bed: &'a Bed, shop: Shop) -> Self {
        let email = format!("dona@{}.example", shop.host);
        let body = json!({"email": email, "name": "Ana Lima"});
        let made = send(bed.operator("POST", &format!("/tenants/{}/staff", shop.id)).json(&body)).await.expect(201);
        let link = made.json["link"].as_str().unwrap().strip_prefix(&format!("http://{}", shop.host)).unwrap();
        let mut browser = Browser::at(bed, &shop.host);
        choose(&mut browser, link, PASSWORD).await.expect(303);
        browser.log_in(&email, PASSWORD).await.expect(303);
        Self { bed, shop, browser }
    }

    /// What the shop's API shows at a path.
    async fn api(&self, path: &str) -> Value {
        send(self.bed.staff(&self.shop, "GET", path)).await.expect(200).json
    }

    async fn page(&mut self, path: &str) -> String {
        text(&self.browser.get(path).await.expect(200))
    }

    /// Sends a form, which is answered with this status, and gives the page.
    async fn sends(&mut self, path: &str, fields: &[(&str, &str)], status: u16) -> String {
        text(&self.browser.post(path, fields).await.expect(status))
    }

    /// Sends a form that is done, and gives the page that says so.
    async fn does(&mut self, path: &str, fields: &[(&str, &str)]) -> String {
        let done = self.browser.post(path, fields).await.expect(303);
        let page = done.header("location").to_owned();
        self.page(&page).await
    }
}
