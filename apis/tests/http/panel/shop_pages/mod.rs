//! The pages by which a shop's staff sees what to do, and looks after its categories, stock, settings and accounts at gateways.

mod categories;
mod domain;
mod gateways;
mod home;
mod published;
mod settings;
mod shipping;
mod stock;

use serde_json::{Value, json};

use super::{Browser, Member, PASSWORD, choose, text};
use crate::{
    bed::{Bed, Shop, send},
    reconciliation::Moved,
    run,
};

/// A shop, and the browser in which its first administrator has logged in.
pub(super) struct Desk<'a> {
    pub bed: &'a Bed,
    pub shop: Shop,
    pub browser: Browser<'a>,
}

impl<'a> Desk<'a> {
    pub async fn at(bed: &'a Bed, subdomain: &str) -> Self {
        let shop = bed.shop(subdomain).await;
        Self::of(bed, shop).await
    }

    /// One of a shop that is there.
    pub async fn of(bed: &'a Bed, shop: Shop) -> Self {
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
    pub async fn api(&self, path: &str) -> Value {
        send(self.bed.staff(&self.shop, "GET", path)).await.expect(200).json
    }

    pub async fn page(&mut self, path: &str) -> String {
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

#[test]
fn s77_both_panels_speak_portuguese_and_go_by_the_clock_of_sao_paulo() {
    /// 2035-01-01, 01:30 UTC: half past ten in the evening of the year before in São Paulo.
    const NEW_YEAR: i64 = 2_051_227_800_000_000;
    run(async {
        let (moved, clock) = Moved::new();
        moved.by(NEW_YEAR - clock.now());
        let bed = Bed::start_at(clock).await;
        let member = Member::new(&bed, "virada").await;
        let mut of_platform = member.browser(&bed).await;
        let mut desk = Desk::at(&bed, "virada").await;
        for path in ["/operator", "/operator/reports", "/operator/plans", "/operator/staff", "/operator/health"] {
            let page = text(&of_platform.get(path).await.expect(200));
            assert!(page.contains("<html lang=\"pt-BR\">"), "{path}");
        }
        for path in ["/admin", "/admin/products", "/admin/categories", "/admin/stock", "/admin/settings"] {
            assert!(desk.page(path).await.contains("<html lang=\"pt-BR\">"), "{path}");
        }
        let of_member = text(&of_platform.get(&format!("/operator/staff/{}", member.id)).await.expect(200));
        for page in [of_member, desk.page("/admin/settings").await] {
            assert!(page.contains(" 31/12/2034, 22:3"), "{page}");
            assert!(!page.contains("01/01/2035"), "{page}");
        }
    });
}
