//! The operators' panel beside it: a shop is suspended and opened again by who has logged in.

use reqwest::Method;
use serde_json::json;

use super::{form, world::Platform};
use crate::driver::Browser;

/// The operator's address.
const OPERATOR: &str = "operadora@feira.example";

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_logs_in_suspends_a_shop_and_opens_it_again() {
    let Some(browser) = Browser::start().await else { return };
    let platform = Platform::start().await;
    let shop = platform.made("/tenants", &json!({"subdomain": "moda", "name": "Moda da Ana"})).await;
    let shop = shop["tenant_id"].as_str().unwrap();
    let invited = json!({"email": OPERATOR, "name": "Olga Reis", "roles": ["administrator"]});
    let invited = platform.made("/staff", &invited).await;
    let (_, link) = invited["link"].as_str().unwrap().split_once("/operator/").unwrap();
    form::choose(&browser, &platform.url(&format!("/operator/{link}"))).await;
    browser.is_at("/operator/login").await;
    form::log_in(&browser, OPERATOR).await;
    browser.shows("form[action=\"/operator/logout\"]").await;

    turn(&browser, &platform, shop, "suspend").await;
    browser
        .until("buyers find it closed", async || {
            browser.open(&platform.of_shop("moda", "/")).await;
            browser.text().await.contains("está fechada por enquanto").then_some(())
        })
        .await;
    turn(&browser, &platform, shop, "resume").await;
    form::sells(&browser, &platform, "Moda da Ana", "moda").await;
    assert!(!browser.text().await.contains("está fechada por enquanto"));
    let (status, read) = platform.operator(Method::GET, "/tenants/moda", None).await;
    assert_eq!((status, &read["status"]), (200, &json!("active")));
    browser.end().await;
    platform.stop().await;
}

/// Suspends or opens it from its page, which asks once more, and waits until that page offers the other.
async fn turn(browser: &Browser, platform: &Platform, shop: &str, verb: &str) {
    let page = format!("/operator/shops/{shop}");
    browser.open(&platform.url(&page)).await;
    browser.says("moda.localhost").await;
    browser.click(&format!("a[href=\"{page}/{verb}\"]")).await;
    browser.click(&format!("form[action=\"{page}/{verb}\"] button[type=\"submit\"]")).await;
    let other = if verb == "suspend" { "resume" } else { "suspend" };
    browser.shows(&format!("a[href=\"{page}/{other}\"]")).await;
}
