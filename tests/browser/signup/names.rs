//! Names that are taken meanwhile, and forms that are sent twice.

use feira_schemas::records::signup::SubscriptionStatus;
use serde_json::json;

use super::{
    form::{self, SEND, field},
    world::Platform,
};
use crate::driver::Browser;

/// Gives the fields of the form and what they hold.
const FIELDS: &str = "
    const form = document.querySelector('[name=subdomain]').form;
    return [...new FormData(form)].filter(([, text]) => typeof text === 'string');";
/// Sends these fields to where the page's form goes.
const AGAIN: &str = "
    const form = document.createElement('form');
    form.method = 'post';
    form.action = location.pathname;
    for (const [name, value] of arguments[0]) {
        const field = document.createElement('input');
        Object.assign(field, {type: 'hidden', name, value});
        form.append(field);
    }
    document.body.append(form);
    form.submit();";

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_is_taken_between_form_and_sending_is_asked_for_anew_and_nothing_is_charged() {
    let Some(browser) = Browser::start().await else { return };
    let platform = Platform::start().await;
    form::open(&browser, &platform).await;
    form::fill(&browser, "Padaria Central", "padaria", "pix").await;
    platform.made("/tenants", &json!({"subdomain": "padaria", "name": "Outra padaria"})).await;
    browser.click(SEND).await;
    browser.shows("#subdomain-error").await;
    assert_eq!(browser.value(&field("subdomain")).await, "padaria", "what was typed is kept");
    assert!(platform.remote.truth().await.is_empty(), "nothing is charged");

    browser.fill(&field("subdomain"), "padaria-central").await;
    form::agree(&browser).await;
    browser.click(SEND).await;
    let charged = async || (platform.remote.truth().await.len() == 1).then_some(());
    browser.until("a charge", charged).await;
    platform.remote.pay().await;
    form::is_open(&browser, &platform, "padaria-central").await;
    platform.has_shops(&["padaria", "padaria-central"]).await;
    form::sells(&browser, &platform, "Outra padaria", "padaria").await;
    browser.end().await;
    platform.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_is_clicked_twice_and_sent_again_after_the_back_button_is_one_subscription() {
    let Some(browser) = Browser::start().await else { return };
    let platform = Platform::start().await;
    form::open(&browser, &platform).await;
    let of_form = browser.page().await;
    form::fill(&browser, "Bazar da Lua", "bazar-da-lua", "pix").await;
    let fields = browser.script(FIELDS, json!([])).await;
    browser.double_click(SEND).await;
    browser.is_at("/assinatura/").await;
    let charged = async || (!platform.remote.truth().await.is_empty()).then_some(());
    browser.until("a charge", charged).await;
    platform.remote.pay().await;
    form::is_open(&browser, &platform, "bazar-da-lua").await;

    // A browser that has kept the page sends what it sent before.
    browser.back().await;
    browser.until("the form again", async || (browser.page().await == of_form).then_some(())).await;
    browser.script(AGAIN, json!([fields])).await;
    browser.is_at("/assinatura/").await;
    form::is_open(&browser, &platform, "bazar-da-lua").await;
    assert_eq!(platform.remote.truth().await.len(), 1, "one charge");
    platform.has_shops(&["bazar-da-lua"]).await;
    let subscriptions = platform.subscriptions().await;
    assert_eq!((subscriptions.len(), subscriptions[0].status), (1, SubscriptionStatus::Active));
    browser.end().await;
    platform.stop().await;
}
