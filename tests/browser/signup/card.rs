//! Cards: turned into tokens in the browser, approved or declined.

use feira_schemas::records::signup::SubscriptionStatus;

use super::{
    form::{self, DECLINED, GOOD, HOLDER, KEPT, PAY, PERSON, SEND, field},
    world::{PLAN, PRICE, Platform},
};
use crate::driver::Browser;

#[tokio::test(flavor = "multi_thread")]
async fn s18_s01_s02_s05_s08_s14_a_person_signs_up_by_card_and_stands_in_the_panel_of_its_shop() {
    let Some(browser) = Browser::start().await else { return };
    let platform = Platform::start().await;
    browser.open(&platform.url("/")).await;
    browser.click("a[href=\"/planos\"]").await;
    for words in [PLAN, PRICE, "Loja própria", "Para começar a vender."] {
        browser.says(words).await;
    }
    browser.click("a[href^=\"/assinar/\"]").await;
    form::fill(&browser, "Moda da Joana", "moda-da-joana", "card").await;
    form::card(&browser, GOOD).await;
    browser.click(SEND).await;
    browser.is_at("/assinatura/").await;
    form::is_open(&browser, &platform, "moda-da-joana").await;
    platform.has_shops(&["moda-da-joana"]).await;
    assert_eq!((platform.paid().await, platform.remote.subscriptions().await.len()), (1, 1));
    assert_eq!(platform.status().await, SubscriptionStatus::Active);
    form::sells(&browser, &platform, "Moda da Joana", "moda-da-joana").await;
    form::enter(&browser, &platform, "Moda da Joana", "moda-da-joana").await;
    let complaints = browser.complaints().await;
    assert!(complaints.is_empty(), "{complaints:#?}");
    browser.end().await;
    platform.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn s12_a_declined_card_is_said_what_was_typed_is_kept_and_another_card_opens_the_shop() {
    let Some(browser) = Browser::start().await else { return };
    let platform = Platform::start().await;
    form::open(&browser, &platform).await;
    form::fill(&browser, "Cerâmica Azul", "ceramica-azul", "card").await;
    form::card(&browser, DECLINED).await;
    browser.click(SEND).await;
    browser.is_at("/assinatura/").await;
    browser.says("Transação negada").await;
    for (name, typed) in PERSON.into_iter().filter(|(name, _)| KEPT.contains(name)) {
        assert_eq!(browser.value(&field(name)).await, typed, "{name}");
    }
    assert_eq!(browser.value("#card-number").await, "", "nobody keeps a card");
    assert!(platform.shops().await.is_empty(), "nothing is made before it is paid");
    assert_eq!(platform.paid().await, 0);

    browser.choose("method", "card").await;
    form::card(&browser, GOOD).await;
    form::agree(&browser).await;
    browser.click(PAY).await;
    form::is_open(&browser, &platform, "ceramica-azul").await;
    platform.has_shops(&["ceramica-azul"]).await;
    assert_eq!(platform.paid().await, 1);
    let subscriptions = platform.subscriptions().await;
    assert_eq!((subscriptions.len(), subscriptions[0].payment.attempt), (1, 2), "it is the same subscription");
    browser.end().await;
    platform.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn s06_s07_a_cards_number_goes_to_the_gateway_alone_and_a_wrong_one_nowhere() {
    let Some(browser) = Browser::start().await else { return };
    let platform = Platform::start().await;
    form::open(&browser, &platform).await;
    for id in ["number", "holder", "expiry", "cvv"] {
        assert_eq!(browser.attribute(&format!("#card-{id}"), "name").await, "", "no form can send it");
    }
    form::fill(&browser, "Doces da Vila", "doces-da-vila", "card").await;
    browser.sent().await;

    // One digit is wrong.
    let wrong = format!("{}1", &GOOD[..GOOD.len() - 1]);
    form::card(&browser, &wrong).await;
    browser.click(SEND).await;
    browser.shows("#card-number-error:not([hidden])").await;
    let sent = browser.sent().await;
    let goes_out = sent.iter().any(|sent| sent.method != "GET" || sent.url.starts_with(platform.gateway()));
    assert!(!goes_out, "{sent:#?}");
    assert!(platform.remote.truth().await.is_empty());

    form::card(&browser, GOOD).await;
    browser.click(SEND).await;
    browser.is_at("/assinatura/").await;
    form::is_open(&browser, &platform, "doces-da-vila").await;
    let sent = browser.sent().await;
    let (gateways, ours): (Vec<_>, Vec<_>) = sent.iter().partition(|sent| sent.url.starts_with(platform.gateway()));
    // A browser asks first whether it may (CORS).
    let posts: Vec<_> = gateways.iter().filter(|sent| sent.method == "POST").collect();
    let [token] = &posts[..] else { panic!("the gateway is asked for one token: {gateways:#?}") };
    assert!(token.url.contains("/tokens?appId=") && carries_card(&token.whole), "{token:#?}");
    assert!(!token.whole.contains("joana.prado"), "the gateway is told of the card alone: {token:#?}");
    let form = ours.iter().find(|sent| sent.method == "POST").expect("the form is sent");
    assert!(form.body.contains("card_token") && form.body.contains("doces-da-vila"), "its body is seen: {form:#?}");
    let told: Vec<_> = ours.iter().filter(|sent| carries_card(&sent.whole)).collect();
    assert!(told.is_empty(), "{told:#?}");
    let strange: Vec<_> = ours.iter().filter(|sent| !is_of_this_machine(&sent.url)).collect();
    assert!(strange.is_empty(), "nobody else is asked for anything: {strange:#?}");
    browser.end().await;
    platform.stop().await;
}

/// True if a request holds the card: its number however it is written, or its holder.
fn carries_card(whole: &str) -> bool {
    let bare = whole.replace("%20", "").replace([' ', '+', '-', '.'], "");
    bare.contains(GOOD) || bare.contains(&HOLDER.replace(' ', ""))
}

fn is_of_this_machine(url: &str) -> bool {
    let host = url.split("://").nth(1).and_then(|rest| rest.split(['/', ':']).next()).unwrap_or_default();
    let own = ["data:", "blob:", "chrome"].iter().any(|own| url.starts_with(own));
    own || host == "localhost" || host.ends_with(".localhost")
}
