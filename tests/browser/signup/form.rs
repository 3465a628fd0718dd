//! The form of sign-up as a person fills it, and what follows: the subscription's page, the shop, its panel.

use super::world::Platform;
use crate::driver::Browser;

/// What a person types of itself, by the names of the fields.
pub const PERSON: [(&str, &str); 10] = [
    ("name", "Joana Prado"),
    ("document", "529.982.247-25"),
    ("email", "joana.prado@example.com"),
    ("phone", "(11) 98765-4321"),
    ("zip", "01310-100"),
    ("street", "Avenida Paulista"),
    ("number", "1578"),
    ("complement", "Sala 4"),
    ("district", "Bela Vista"),
    ("city", "São Paulo"),
];
/// What stays as it was typed: of the others a form may have made other signs.
pub const KEPT: [&str; 6] = ["name", "email", "street", "complement", "district", "city"];
/// A card that is approved.
pub const GOOD: &str = "4000000000000010";
/// A card that its bank declines.
pub const DECLINED: &str = "4000000000000028";
/// The name on every card.
pub const HOLDER: &str = "TITULAR DO CARTAO";
/// The password of every member of staff.
pub const PASSWORD: &str = "lanterna de papel na chuva";
/// The button that sends the form.
pub const SEND: &str = "form:has([name=\"subdomain\"]) button[type=\"submit\"]";
/// The button that sends another try to pay, where no other name is needed.
pub const PAY: &str = "form:has([name=\"method\"]) button[type=\"submit\"]";

/// The selector of a field.
pub fn field(name: &str) -> String {
    format!("[name=\"{name}\"]")
}

/// Goes from the landing page to the form of the plan, by its links.
pub async fn open(browser: &Browser, platform: &Platform) {
    browser.open(&platform.url("/")).await;
    browser.click("a[href=\"/planos\"]").await;
    browser.is_at("/planos").await;
    browser.click("a[href^=\"/assinar/\"]").await;
    browser.shows(&field("subdomain")).await;
}

/// Fills the form, but for a card.
pub async fn fill(browser: &Browser, shop_name: &str, subdomain: &str, method: &str) {
    browser.choose("kind", "person").await;
    for (name, text) in PERSON {
        browser.fill(&field(name), text).await;
    }
    browser.choose("state", "SP").await;
    browser.fill(&field("shop_name"), shop_name).await;
    browser.fill(&field("subdomain"), subdomain).await;
    browser.choose("method", method).await;
    browser.tick(&field("accept")).await;
}

/// Types a card, good for years.
pub async fn card(browser: &Browser, number: &str) {
    for (id, text) in [("number", number), ("holder", HOLDER), ("expiry", "12/40"), ("cvv", "123")] {
        browser.fill(&format!("#card-{id}"), text).await;
    }
}

/// Fills the form, sends it, and waits for the subscription's page.
pub async fn send(browser: &Browser, shop_name: &str, subdomain: &str, method: &str) {
    fill(browser, shop_name, subdomain, method).await;
    browser.click(SEND).await;
    browser.is_at("/assinatura/").await;
}

/// Accepts the terms, where a form asks for it again.
pub async fn agree(browser: &Browser) {
    if browser.has(&field("accept")).await {
        browser.tick(&field("accept")).await;
    }
}

/// Waits until the subscription's page names the shop's address.
pub async fn is_open(browser: &Browser, platform: &Platform, subdomain: &str) {
    browser.shows(&to_shop(platform, subdomain)).await;
}

/// The selector of links to a shop.
pub fn to_shop(platform: &Platform, subdomain: &str) -> String {
    format!("a[href^=\"{}\"]", platform.of_shop(subdomain, ""))
}

/// Chooses a password by the link of the mail, logs in, and stands on the first page of the shop's panel, which is left open.
pub async fn enter(browser: &Browser, platform: &Platform, shop_name: &str, subdomain: &str) {
    choose(browser, &platform.mailed_link(subdomain).await).await;
    browser.is_at("/admin/login").await;
    log_in(browser, "joana.prado@example.com").await;
    let first = async || browser.page().await.ends_with("/admin").then_some(());
    browser.until("the panel's first page", first).await;
    browser.says(shop_name).await;
    browser.shows(&to_shop(platform, subdomain)).await;
}

/// Chooses a password by a link, which is opened until the page knows who was invited.
pub async fn choose(browser: &Browser, link: &str) {
    browser
        .until("the link's page", async || {
            browser.open(link).await;
            browser.has(&field("/password")).await.then_some(())
        })
        .await;
    browser.fill(&field("/password"), PASSWORD).await;
    browser.click(&format!("form:has({}) button[type=\"submit\"]", field("/password"))).await;
}

/// Types address and password where one logs in.
pub async fn log_in(browser: &Browser, email: &str) {
    browser.fill(&field("/email"), email).await;
    browser.fill(&field("/password"), PASSWORD).await;
    browser.click(&format!("form:has({}) button[type=\"submit\"]", field("/email"))).await;
}

/// The shop's own page answers with the shop's name.
pub async fn sells(browser: &Browser, platform: &Platform, shop_name: &str, subdomain: &str) {
    platform.serves(subdomain).await;
    browser.open(&platform.of_shop(subdomain, "/")).await;
    browser.says(shop_name).await;
    assert!(browser.has("h1, header").await, "{}", browser.source().await);
}
