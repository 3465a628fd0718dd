//! Every page of sign-up and the shop's panel on a telephone and on a desk: pictures for people, and the rules of accessibility.

use serde_json::json;

use super::{
    axe::Axe,
    form::{self, SEND, field},
    world::Platform,
};
use crate::driver::Browser;

/// Widths of a telephone and of a desk, in pixels of the page.
const WIDTHS: [u32; 2] = [390, 1_280];

/// What pages are looked at with.
pub struct Looks<'a> {
    browser: &'a Browser,
    axe: Option<Axe>,
}

impl<'a> Looks<'a> {
    /// With the rules of accessibility, where they were fetched.
    pub fn new(browser: &'a Browser) -> Self {
        Self { browser, axe: Axe::fetched() }
    }

    /// Looks at the page that the browser shows.
    pub async fn at(&self, name: &str) {
        for width in WIDTHS {
            self.browser.is_wide(width).await;
            let page = format!("{name}-{width}");
            self.browser.screenshot(&page).await;
            let wide = self.browser.script("return document.documentElement.scrollWidth", json!([])).await;
            assert!(wide.as_u64().unwrap() <= u64::from(width), "{page} is {wide} pixels wide");
            if let Some(axe) = &self.axe {
                axe.finds_nothing_grave(self.browser, &page).await;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_of_sign_up_and_panel_fits_its_screen_and_breaks_no_grave_rule_of_accessibility() {
    let Some(browser) = Browser::start().await else { return };
    let platform = Platform::start().await;
    let looks = Looks::new(&browser);
    browser.open(&platform.url("/")).await;
    looks.at("landing").await;
    browser.open(&platform.url("/planos")).await;
    looks.at("plans").await;
    for (page, name) in [("/termos", "terms"), ("/privacidade", "privacy")] {
        browser.open(&platform.url(page)).await;
        looks.at(name).await;
    }
    form::open(&browser, &platform).await;
    looks.at("form").await;

    form::fill(&browser, "Jardim de Inverno", "jardim-de-inverno", "pix").await;
    browser.fill(&field("document"), "529.982.247-24").await;
    browser.fill(&field("zip"), "1").await;
    // The server's own words are wanted, not the browser's.
    browser.script("document.querySelector('[name=subdomain]').form.noValidate = true", json!([])).await;
    browser.click(SEND).await;
    browser.shows("[name=\"document\"][aria-invalid=\"true\"]").await;
    assert_eq!(browser.value(&field("shop_name")).await, "Jardim de Inverno", "what was typed is kept");
    looks.at("form-with-errors").await;

    browser.fill(&field("document"), "529.982.247-25").await;
    browser.fill(&field("zip"), "01310-100").await;
    form::agree(&browser).await;
    browser.click(SEND).await;
    browser.is_at("/assinatura/").await;
    browser.until("a Pix code", async || browser.source().await.contains("000201").then_some(())).await;
    looks.at("subscription-pix").await;
    platform.remote.pay().await;
    form::is_open(&browser, &platform, "jardim-de-inverno").await;
    looks.at("subscription-open").await;

    browser.open(&platform.mailed_link("jardim-de-inverno").await).await;
    looks.at("shop-password").await;
    browser.open(&platform.of_shop("jardim-de-inverno", "/admin/login")).await;
    looks.at("shop-login").await;
    form::enter(&browser, &platform, "Jardim de Inverno", "jardim-de-inverno").await;
    looks.at("shop-first-page").await;
    browser.end().await;
    platform.stop().await;
}
