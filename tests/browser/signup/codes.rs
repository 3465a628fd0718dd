//! Pix and boleto: a code that waits to be paid, with scripts and without them.

use feira_schemas::records::signup::SubscriptionStatus;

use super::{
    form::{self, GOOD, SEND, field},
    world::Platform,
};
use crate::driver::Browser;

/// How every Pix code begins (Banco Central, Manual do BR Code, 1.2).
const BR_CODE: &str = "000201";

#[tokio::test(flavor = "multi_thread")]
async fn s18_a_pix_that_is_paid_opens_the_shop_on_the_page_that_waits() {
    let Some(browser) = Browser::start().await else { return };
    let platform = Platform::start().await;
    form::open(&browser, &platform).await;
    form::send(&browser, "Livraria do Porto", "livraria-do-porto", "pix").await;
    browser.until("a Pix code", async || browser.source().await.contains(BR_CODE).then_some(())).await;
    browser.says("49,90").await;
    assert!(browser.has("main img").await, "a code for cameras: {}", browser.source().await);
    assert!(platform.shops().await.is_empty());
    assert_eq!(platform.status().await, SubscriptionStatus::Paying);
    // Nobody touches the page any more: it follows by itself.
    platform.remote.pay().await;
    form::is_open(&browser, &platform, "livraria-do-porto").await;
    platform.has_shops(&["livraria-do-porto"]).await;
    form::sells(&browser, &platform, "Livraria do Porto", "livraria-do-porto").await;
    let complaints = browser.complaints().await;
    assert!(complaints.is_empty(), "{complaints:#?}");
    browser.end().await;
    platform.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn s13_s17_a_boleto_is_linked_on_its_page_and_the_shop_opens_once_it_is_paid() {
    let Some(browser) = Browser::start().await else { return };
    let platform = Platform::start().await;
    form::open(&browser, &platform).await;
    form::send(&browser, "Casa de Barro", "casa-de-barro", "boleto").await;
    browser.shows(&format!("a[href^=\"{}/boletos/\"]", platform.gateway())).await;
    browser.says("venc").await;
    let page = browser.url().await;
    let boleto = browser.attribute("a[href*=\"/boletos/\"]", "href").await;
    browser.open(&boleto).await;
    browser.says("49,90").await;
    // It is looked at again days later.
    browser.open(&page).await;
    browser.shows("a[href*=\"/boletos/\"]").await;
    assert!(platform.shops().await.is_empty(), "nothing is made before it is paid");
    platform.remote.pay().await;
    form::is_open(&browser, &platform, "casa-de-barro").await;
    form::enter(&browser, &platform, "Casa de Barro", "casa-de-barro").await;
    browser.end().await;
    platform.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn s08_s17_a_pix_that_waits_is_paid_by_card_instead_and_its_late_money_is_given_back() {
    let Some(browser) = Browser::start().await else { return };
    let platform = Platform::start().await;
    form::open(&browser, &platform).await;
    form::send(&browser, "Vila do Chá", "vila-do-cha", "pix").await;
    browser.until("a Pix code", async || browser.source().await.contains(BR_CODE).then_some(())).await;
    browser.click("a[href$=\"pagar=outro\"]").await;
    browser.shows(&field("subdomain")).await;
    assert_eq!(browser.value(&field("subdomain")).await, "vila-do-cha", "what was typed is kept");
    browser.choose("method", "card").await;
    form::card(&browser, GOOD).await;
    form::agree(&browser).await;
    browser.click(SEND).await;
    form::is_open(&browser, &platform, "vila-do-cha").await;
    // Somebody pays the code for all that.
    platform.remote.pay_pix_late().await;
    let given_back = async || {
        let charges = platform.remote.truth().await;
        charges.iter().any(|charge| charge["method"] == "pix" && charge["given_back"] == 4_990).then_some(())
    };
    browser.until("the money of the Pix is given back", given_back).await;
    platform.has_shops(&["vila-do-cha"]).await;
    assert_eq!(platform.status().await, SubscriptionStatus::Active);
    form::sells(&browser, &platform, "Vila do Chá", "vila-do-cha").await;
    let complaints = browser.complaints().await;
    assert!(complaints.is_empty(), "{complaints:#?}");
    browser.end().await;
    platform.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn s08_what_is_typed_for_another_way_to_pay_stays_where_the_code_is_paid_meanwhile() {
    let Some(browser) = Browser::start().await else { return };
    let platform = Platform::start().await;
    form::open(&browser, &platform).await;
    form::send(&browser, "Vila do Mate", "vila-do-mate", "pix").await;
    browser.until("a Pix code", async || browser.source().await.contains(BR_CODE).then_some(())).await;
    browser.click("a[href$=\"pagar=outro\"]").await;
    browser.shows(&field("shop_name")).await;
    browser.fill(&field("shop_name"), "Vila do Café").await;
    platform.remote.pay().await;
    browser.shows("#mudou a").await;
    assert_eq!(browser.value(&field("shop_name")).await, "Vila do Café", "the page was not shown anew");
    browser.click("#mudou a").await;
    form::is_open(&browser, &platform, "vila-do-mate").await;
    browser.end().await;
    platform.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn s08_without_scripts_pix_works_whole_and_a_card_says_that_it_needs_them() {
    let Some(browser) = Browser::without_scripts().await else { return };
    let platform = Platform::start().await;
    browser.open("data:text/html,<title>off</title><script>document.title = 'on'</script>").await;
    assert_eq!(browser.title().await, "off", "no script runs in this browser");
    form::open(&browser, &platform).await;
    form::fill(&browser, "Horta Viva", "horta-viva", "card").await;
    browser.says("JavaScript").await;
    browser.click(SEND).await;
    // Without a token nobody is charged, and what was typed stays.
    browser.says("JavaScript").await;
    assert_eq!(browser.value(&field("shop_name")).await, "Horta Viva");
    assert!(platform.remote.truth().await.is_empty() && platform.shops().await.is_empty());

    browser.choose("method", "pix").await;
    form::agree(&browser).await;
    browser.click(SEND).await;
    browser.is_at("/assinatura/").await;
    browser.until("a Pix code", async || browser.source().await.contains(BR_CODE).then_some(())).await;
    platform.remote.pay().await;
    browser
        .until("the shop's address", async || {
            browser.refresh().await;
            browser.has(&form::to_shop(&platform, "horta-viva")).await.then_some(())
        })
        .await;
    form::enter(&browser, &platform, "Horta Viva", "horta-viva").await;
    browser.end().await;
    platform.stop().await;
}
