//! A merchant's day in the shop's panel, in a real browser: a product with variants and images is made, published and found; every page
//! of both panels fits its screen and breaks no grave rule of accessibility.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::json;

use crate::{
    common::images::png,
    driver::Browser,
    signup::{
        form::{self, field},
        looks::Looks,
        world::Platform,
    },
};

/// The merchant's address.
const MERCHANT: &str = "dona@moda.example";
/// The operator's address.
const OPERATOR: &str = "operadora@feira.example";
/// The prices of six variants, as a merchant types them.
const PRICE: &str = "49,90";

/// Chooses a password by a link and logs in.
async fn enter(browser: &Browser, link: &str, email: &str, login: &str) {
    form::choose(browser, link).await;
    browser.is_at(login).await;
    form::log_in(browser, email).await;
    browser.shows("form[action$=\"/logout\"]").await;
}

/// A shop with a merchant who has logged in.
async fn shop(browser: &Browser, platform: &Platform) {
    let shop = platform.made("/tenants", &json!({"subdomain": "moda", "name": "Moda da Ana"})).await;
    let path = format!("/tenants/{}/staff", shop["tenant_id"].as_str().unwrap());
    let invited = platform.made(&path, &json!({"email": MERCHANT, "name": "Ana Lima"})).await;
    let (_, link) = invited["link"].as_str().unwrap().split_once("/admin/").unwrap();
    platform.serves("moda").await;
    enter(browser, &platform.of_shop("moda", &format!("/admin/{link}")), MERCHANT, "/admin/login").await;
}

/// Makes a product with two options, six variants and three images, and publishes it.
async fn product(browser: &Browser) {
    browser.click("a[href=\"/admin/products/new\"]").await;
    browser.fill(&field("/name"), "Camiseta de algodão").await;
    for (place, (name, values)) in [("Tamanho", "P\nM\nG"), ("Cor", "Azul\nPreta")].into_iter().enumerate() {
        browser.fill(&field(&format!("/options/{place}/name")), name).await;
        browser.fill(&field(&format!("/options/{place}/values")), values).await;
    }
    browser.click("button[value=\"grid\"]").await;
    browser.shows(&field("/variants/5/price")).await;
    assert!(!browser.has(&field("/variants/6/price")).await, "three sizes in two colours");
    for variant in 0..6 {
        browser.fill(&field(&format!("/variants/{variant}/price")), PRICE).await;
        browser.fill(&field(&format!("/variants/{variant}/stock")), "3").await;
    }
    browser.choose("/status", "published").await;
    browser.click("form.product > p button[value=\"save\"]").await;
    browser.says("O produto foi criado").await;
    let files: Vec<String> = [10, 120, 240].map(|shade| STANDARD.encode(png(shade))).to_vec();
    let chosen = "const held = new DataTransfer();
        arguments[0].forEach((file, at) => {
            const bytes = Uint8Array.from(atob(file), letter => letter.charCodeAt(0));
            held.items.add(new File([bytes], `foto ${at}.png`, {type: 'image/png'}));
        });
        document.querySelector('#images').files = held.files;";
    browser.script(chosen, json!([files])).await;
    browser.click("form[enctype=\"multipart/form-data\"] button[type=\"submit\"]").await;
    browser.says("As imagens foram enviadas").await;
    browser.shows(".pictures > li:nth-child(3)").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn s51_s52_f06_a_merchant_makes_a_product_with_six_variants_and_three_images_which_buyers_find() {
    let Some(browser) = Browser::start().await else { return };
    let platform = Platform::start().await;
    shop(&browser, &platform).await;
    product(&browser).await;
    platform.sells("moda", "camiseta-de-algodao").await;
    browser.click("a[href=\"/product/camiseta-de-algodao\"]").await;
    for words in ["Camiseta de algodão", PRICE, "Preta"] {
        browser.says(words).await;
    }
    browser
        .until("the product is found", async || {
            browser.open(&platform.of_shop("moda", "/search?q=camiseta")).await;
            browser.has("a[href^=\"/product/camiseta-de-algodao\"]").await.then_some(())
        })
        .await;
    let complaints = browser.complaints().await;
    assert!(complaints.is_empty(), "{complaints:#?}");

    // What was typed and not kept is asked about before the page is left.
    browser.open(&platform.of_shop("moda", "/admin/products?q=camiseta")).await;
    browser.click("th[scope=\"row\"] a[href^=\"/admin/products/\"]").await;
    let guarded = "const form = document.querySelector('form[data-guard]');
        const leave = () => { const event = new Event('beforeunload', {cancelable: true}); window.dispatchEvent(event); return event.defaultPrevented; };
        const before = leave();
        form.querySelector('[name=\"/name\"]').dispatchEvent(new Event('input', {bubbles: true}));
        return [before, leave()];";
    assert_eq!(browser.script(guarded, json!([])).await, json!([false, true]));
    browser.end().await;
    platform.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f08_a_merchant_makes_a_coupon_errs_and_corrects_it() {
    let Some(browser) = Browser::start().await else { return };
    let platform = Platform::start().await;
    shop(&browser, &platform).await;
    browser.click("a[href=\"/admin/coupons\"]").await;
    browser.click("a[href=\"/admin/coupons/new\"]").await;
    for (name, text) in [("/code", "natal"), ("/percent", "dez"), ("/usage_limit", "100")] {
        browser.fill(&field(name), text).await;
    }
    // How a date is typed depends on the browser's language.
    let ends = "document.querySelector('[name=\"/ends_at\"]').value = '2999-12-31T23:59';";
    browser.script(ends, json!([])).await;
    // A search in the form loses nothing of it and keeps nothing.
    browser.fill(&field("_q"), "bule").await;
    browser.click("form[data-guard] button[value=\"search\"]").await;
    browser.says("Nenhum produto encontrado para «bule»").await;
    browser.click("form[data-guard] button[value=\"save\"]").await;
    browser.says("O percentual vai de 0,01 a 100").await;
    for (name, text) in [("/code", "natal"), ("/percent", "dez"), ("/ends_at", "2999-12-31T23:59")] {
        assert_eq!(browser.value(&field(name)).await, text, "{name}");
    }
    browser.fill(&field("/percent"), "10,5").await;
    browser.click("form[data-guard] button[value=\"save\"]").await;
    browser.says("O cupom foi criado").await;
    browser.says("10,5 % de desconto · até 100 usos · até 31/12/2999, 23:59").await;
    browser.click("a[href=\"/admin/coupons/NATAL\"]").await;
    browser.shows("a[href=\"/admin/coupons/NATAL/remove\"]").await;
    Looks::new(&browser).at("merchant-coupon").await;
    let complaints = browser.complaints().await;
    assert!(complaints.is_empty(), "{complaints:#?}");
    browser.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn f08_a_merchant_pastes_a_table_of_freight_and_tries_it_out() {
    let Some(browser) = Browser::start().await else { return };
    let platform = Platform::start().await;
    shop(&browser, &platform).await;
    browser.click("a[href=\"/admin/shipping\"]").await;
    browser.click("a[href=\"/admin/shipping/new?kind=table\"]").await;
    browser.fill(&field("/name"), "Motoboy").await;
    browser.fill(&field("_table"), "01000-000; 05999-999; 0,3; 12,90; 2\n01000; 05999; 0,3; 10,00; 2").await;
    browser.click("form[data-guard] button[type=\"submit\"]").await;
    browser.says("As linhas 1 e 2").await;
    browser.fill(&field("_table"), "01000-000; 05999-999; 0,3; 12,90; 2").await;
    browser.click("form[data-guard] button[type=\"submit\"]").await;
    browser.says("A forma de entrega foi criada").await;
    browser.fill(&field("cep"), "01310-100").await;
    browser.fill(&field("weight"), "0,3").await;
    browser.click("#simular button[type=\"submit\"]").await;
    browser.says("Motoboy: R$ 12,90, 2 dias úteis").await;
    let complaints = browser.complaints().await;
    assert!(complaints.is_empty(), "{complaints:#?}");
    browser.end().await;
    platform.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_of_the_shops_panel_fits_its_screen_and_breaks_no_grave_rule_of_accessibility() {
    let Some(browser) = Browser::start().await else { return };
    let platform = Platform::start().await;
    shop(&browser, &platform).await;
    let looks = Looks::new(&browser);
    looks.at("merchant-first-page").await;
    product(&browser).await;
    looks.at("merchant-product").await;
    let path = browser.page().await;
    let (_, id) = path.rsplit_once('/').unwrap();
    for (name, page) in [
        ("products", "/admin/products"),
        ("product-new", "/admin/products/new"),
        ("product-methods", &format!("/admin/products/{id}/payment-methods")),
        ("import", "/admin/products/import"),
        ("categories", "/admin/categories"),
        ("category-new", "/admin/categories/new"),
        ("stock", "/admin/stock"),
        ("stock-low", "/admin/stock?low=1"),
        ("stock-product", &format!("/admin/stock?product={id}")),
        ("coupons", "/admin/coupons"),
        ("coupon-new", "/admin/coupons/new"),
        ("methods", "/admin/payment-methods"),
        ("method", "/admin/payment-methods/card"),
        ("gateways", "/admin/gateways"),
        ("gateway-new", "/admin/gateways/new"),
        ("shipping", "/admin/shipping?cep=01310-100&weight=0,5&goods=99,90"),
        ("shipping-flat", "/admin/shipping/new?kind=flat"),
        ("shipping-table", "/admin/shipping/new?kind=table"),
        ("settings", "/admin/settings"),
        ("domain", "/admin/domain"),
        ("staff", "/admin/staff"),
        ("staff-new", "/admin/staff/new"),
        ("groups", "/admin/groups"),
        ("group-new", "/admin/groups/new"),
        ("tokens", "/admin/tokens"),
        ("changes", "/admin/changes"),
    ] {
        browser.open(&platform.of_shop("moda", page)).await;
        browser.shows("form[action=\"/admin/logout\"]").await;
        looks.at(&format!("merchant-{name}")).await;
    }
    browser.open(&platform.of_shop("moda", "/admin/domain")).await;
    browser.fill(&field("/domain"), "lojadamoda.example").await;
    browser.click("form[action=\"/admin/domain\"] button[type=\"submit\"]").await;
    browser.says("Registros no DNS").await;
    looks.at("merchant-domain-claimed").await;
    browser.end().await;
    platform.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_of_the_operators_panel_fits_its_screen_and_breaks_no_grave_rule_of_accessibility() {
    let Some(browser) = Browser::start().await else { return };
    let platform = Platform::start().await;
    let shop = platform.made("/tenants", &json!({"subdomain": "moda", "name": "Moda da Ana"})).await;
    let shop = format!("/operator/shops/{}", shop["tenant_id"].as_str().unwrap());
    let invited = platform.made("/staff", &json!({"email": OPERATOR, "name": "Olga Reis"})).await;
    let (_, link) = invited["link"].as_str().unwrap().split_once("/operator/").unwrap();
    enter(&browser, &platform.url(&format!("/operator/{link}")), OPERATOR, "/operator/login").await;
    let looks = Looks::new(&browser);
    for (name, page) in [
        ("shops", "/operator"),
        ("shop-new", "/operator/shops/new"),
        ("shop", &shop),
        ("shop-close", &format!("{shop}/close")),
        ("plans", "/operator/plans"),
        ("methods", "/operator/payment-methods"),
        ("method", "/operator/payment-methods/card"),
        ("subscribers", "/operator/subscribers"),
        ("reports", "/operator/reports"),
        ("letters", "/operator/dead-letters"),
        ("topics", "/operator/topics"),
        ("health", "/operator/health"),
        ("staff", "/operator/staff"),
        ("staff-new", "/operator/staff/new"),
        ("groups", "/operator/groups"),
        ("group-new", "/operator/groups/new"),
    ] {
        browser.open(&platform.url(page)).await;
        browser.shows("form[action=\"/operator/logout\"]").await;
        looks.at(&format!("operator-{name}")).await;
    }
    browser.end().await;
    platform.stop().await;
}
