//! Carts, which are rows of no fold, and in no cache: neither a kill nor an empty Redis takes one away.

use std::env;

use reqwest::{Client, Method, RequestBuilder, Response, redirect::Policy};
use serde_json::{Value, json};

use crate::common::{
    Bed,
    process::{Mode, Process},
    shop::Shop,
};

/// A shop, and the one product that it sells.
struct Seller {
    shop: Shop,
    product: String,
    variant: String,
    /// From here on the shop shows it.
    position: String,
}

impl Seller {
    async fn open(process: &Process) -> Self {
        let shop = Shop::make(process, "carrinho").await;
        let price = json!({"amount": 2_990, "currency": "BRL"});
        let body = json!({"name": "Vaso", "status": "published", "variants": [{"price": price, "stock": 9}]});
        let made = asked(process, &shop, Method::POST, "/api/admin/v1/products").bearer_auth(&shop.token).json(&body);
        let made = made.send().await.unwrap();
        assert_eq!(made.status(), 201);
        let position = header(&made, "feira-position");
        let made: Value = made.json().await.unwrap();
        assert_eq!(shop.get(process, "/product/vaso", &[], &position).await.status(), 200);
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        Self { shop, product: text(&made["id"]), variant: text(&made["variants"][0]["id"]), position }
    }

    /// Puts so many into a cart, a new one or that of an id, by the form on the product's page. The cart's id.
    async fn add(&self, process: &Process, cart: Option<&str>, quantity: i64) -> String {
        let form = format!("product={}&variant={}&quantity={quantity}", self.product, self.variant);
        let mut sent = asked(process, &self.shop, Method::POST, "/cart/items")
            .header("sec-fetch-site", "same-origin")
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form);
        if let Some(cart) = cart {
            sent = sent.header("cookie", format!("feira_cart={cart}"));
        }
        let sent = sent.send().await.unwrap();
        assert_eq!(sent.status(), 303);
        let cookie = header(&sent, "set-cookie");
        let (id, _) = cookie.strip_prefix("feira_cart=").and_then(|rest| rest.split_once(';')).unwrap();
        id.to_owned()
    }

    /// A cart holds so many, for a program and on its page.
    async fn has(&self, process: &Process, cart: &str, pieces: i64) {
        let path = format!("/api/store/v1/carts/{cart}");
        let found = self.shop.json(process, &path, &[], &self.position).await;
        assert_eq!((&found["count"], &found["items"][0]["quantity"]), (&json!(pieces), &json!(pieces)), "{found}");
        assert_eq!(found["total"]["amount"], 2_990 * pieces, "{found}");
        let page = asked(process, &self.shop, Method::GET, "/cart").header("cookie", format!("feira_cart={cart}"));
        let page = page.send().await.unwrap().text().await.unwrap();
        assert!(page.contains(&format!("Subtotal ({pieces} itens)")), "{page}");
    }
}

fn asked(process: &Process, shop: &Shop, method: Method, path: &str) -> RequestBuilder {
    let client = Client::builder().no_proxy().redirect(Policy::none()).build().unwrap();
    client.request(method, format!("{}{path}", process.url())).header("host", format!("{}.localhost", shop.subdomain))
}

fn header(answer: &Response, name: &str) -> String {
    answer.headers().get(name).map_or("", |value| value.to_str().unwrap()).to_owned()
}

/// Takes everything out of Redis.
async fn flush() {
    let url = env::var("FEIRA_REDIS_URL").unwrap();
    let client = redis::Client::open(url.as_str()).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let said: String = redis::cmd("FLUSHALL").query_async(&mut connection).await.unwrap();
    assert_eq!(said, "OK");
}

#[tokio::test(flavor = "multi_thread")]
async fn s94_a_cart_outlives_an_empty_cache_and_a_kill() {
    let Some(bed) = Bed::of_the_environment().await else { return };
    let mut process = Process::start(bed.mode).await;
    let seller = Seller::open(&process).await;
    let cart = seller.add(&process, None, 2).await;
    assert_eq!(seller.add(&process, Some(&cart), 1).await, cart);
    seller.has(&process, &cart, 3).await;
    if bed.mode == Mode::Distributed {
        flush().await;
        seller.has(&process, &cart, 3).await;
    }
    process.kill();
    process.start_again().await;
    seller.has(&process, &cart, 3).await;
    seller.add(&process, Some(&cart), 4).await;
    seller.has(&process, &cart, 7).await;
}
