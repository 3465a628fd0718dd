//! A buyer fills a cart in a real browser, on a telephone and on a desk.

use serde_json::{Value, json};

use crate::{
    driver::Browser,
    signup::looks::Looks,
    world::{World, product, until},
};

#[tokio::test(flavor = "multi_thread")]
async fn s92_s94_s96_a_buyer_adds_changes_and_removes_and_sees_the_carts_badge() {
    let Some(browser) = Browser::start().await else { return };
    let mut world = World::new().await;
    let shop = world.shop("moda").await;
    world.product(shop, product("Saia longa", 5_000, None)).await;
    world.product(shop, boot()).await;
    world.at_least = String::new();
    for path in ["/product/saia-longa", "/product/bota"] {
        until(|| async { world.get("moda.localhost", path).await.status == 200 }).await;
    }
    let looks = Looks::new(&browser);
    browser.open(&world.url("moda.localhost", "/cart")).await;
    browser.says("Seu carrinho está vazio.").await;
    looks.at("cart-empty").await;
    browser.open(&world.url("moda.localhost", "/product/saia-longa")).await;
    looks.at("cart-product").await;
    browser.fill("#quantidade", "2").await;
    browser.click("form.cart-add button").await;
    browser.is_at("/cart").await;
    browser.says("Adicionado ao carrinho.").await;
    browser.says("Subtotal (2 itens)").await;
    looks.at("cart").await;
    browser.fill("#quantidade-1", "3").await;
    browser.click(".cart-how-many button.small").await;
    browser.says("Subtotal (3 itens)").await;
    browser.fill("#cep", "01310-100").await;
    browser.click("#frete button").await;
    browser.says("Nenhuma entrega para este CEP.").await;
    looks.at("cart-freight").await;
    browser.open(&world.url("moda.localhost", "/")).await;
    browser.shows(".cart-count").await;
    browser.says("R$ 150,00").await;
    looks.at("cart-badge").await;
    browser.click(".cart-link").await;
    browser.click(".cart-how-many form[action$=\"/remove\"] button").await;
    browser.says("Seu carrinho está vazio.").await;
    browser.open(&world.url("moda.localhost", "/product/bota")).await;
    browser.choose("option", "42").await;
    looks.at("cart-list").await;
    browser.click("form.cart-add button").await;
    browser.is_at("/cart").await;
    browser.says("Tamanho: 42").await;
    let complaints = browser.complaints().await;
    assert!(complaints.is_empty(), "{complaints:#?}");
    browser.end().await;
    world.node.stop().await.unwrap();
}

/// A product whose sizes are so many that they are a list.
fn boot() -> Value {
    let sizes: Vec<String> = (20..50).map(|size| size.to_string()).collect();
    let price = json!({"amount": 9_000, "currency": "BRL"});
    let variant = |size: &String| json!({"price": price, "stock": 1, "options": {"Tamanho": size}});
    let variants: Vec<Value> = sizes.iter().map(variant).collect();
    let options = json!([{"name": "Tamanho", "values": sizes}]);
    json!({"name": "Bota", "status": "published", "options": options, "variants": variants})
}
