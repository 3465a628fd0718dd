//! Carts: filled by a shop's pages and by programs, without a log-in.

use feira_schemas::{
    ids::{ProductId, VariantId},
    limits::{CART_LINES, CART_PIECES},
    rows::sessions::{CART_KEPT, CART_WRITES, CartLine, CartRow, CartWrite},
    time::HOUR,
};
use feira_web::{sessions::new_cart_id, tokens};
use futures::future::join_all;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    bed::{Answered, Bed, Shop, bed, send, send_at},
    panel::{Browser, encoded, text},
    reconciliation::until,
    run,
};

pub const CARTS: &str = "/api/store/v1/carts";
/// An id that nothing has.
const ANY_ID: &str = "018f4d7e-3c1b-7a52-9d0e-5b7f1c2a3d4e";

/// A product of one variant that a shop sells.
pub struct Sold {
    pub id: String,
    pub variant: String,
    /// From here on the shop shows it.
    pub position: String,
}

impl Sold {
    /// What the form on its page sends.
    pub fn form<'a>(&'a self, quantity: &'a str) -> [(&'a str, &'a str); 3] {
        [("product", &self.id), ("variant", &self.variant), ("quantity", quantity)]
    }
}

pub fn brl(amount: i64) -> Value {
    json!({"amount": amount, "currency": "BRL"})
}

/// Has a shop sell a product, and waits until it does.
pub async fn sells(bed: &Bed, shop: &Shop, name: &str, price: i64) -> Sold {
    let body = json!({
        "name": name, "status": "published", "variants": [{"price": brl(price), "stock": 3, "weight_grams": 200}],
    });
    let made = send(bed.staff(shop, "POST", "/products").json(&body)).await.expect(201);
    let position = made.header("feira-position").to_owned();
    let page = format!("/product/{}", made.json["slug"].as_str().unwrap());
    send_at(&position, bed.request(&shop.host, "GET", &page)).await.expect(200);
    let own = |value: &Value| value.as_str().unwrap().to_owned();
    Sold { id: own(&made.json["id"]), variant: own(&made.json["variants"][0]["id"]), position }
}

/// A cart of a program with so many pieces of a product.
pub async fn cart_of(bed: &Bed, shop: &Shop, sold: &Sold, quantity: i64) -> Value {
    let body = json!({"product_id": sold.id, "quantity": quantity});
    send(bed.request(&shop.host, "POST", CARTS).json(&body)).await.expect(201).json
}

/// The path of a cart.
pub fn at(cart: &Value, rest: &str) -> String {
    format!("{CARTS}/{}{rest}", cart["id"].as_str().unwrap())
}

/// What a request of a program changes of its cart.
async fn ask(bed: &Bed, shop: &Shop, method: &str, path: &str, body: Value) -> Answered {
    send(bed.request(&shop.host, method, path).json(&body)).await
}

/// Pointer and code of what is wrong with a body.
pub fn wrong(refused: &Answered) -> (&str, &str) {
    let error = &refused.json["errors"][0];
    (error["pointer"].as_str().unwrap(), error["code"].as_str().unwrap())
}

#[test]
fn s94_s95_s96_a_buyer_without_a_log_in_fills_a_cart_changes_and_empties_it() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("do-carrinho").await;
        let vase = sells(bed, &shop, "Vaso", 2_990).await;
        let mut buyer = Browser::at(bed, &shop.host);
        assert!(text(&buyer.get("/product/vaso").await.expect(200)).contains("Adicionar ao carrinho"));
        assert!(text(&buyer.get("/cart").await.expect(200)).contains("Seu carrinho está vazio."));
        assert!(buyer.cookies.is_empty(), "who only looks gets no cookie: {:?}", buyer.cookies);

        let added = buyer.post("/cart/items", &vase.form("2")).await.expect(303);
        assert_eq!((added.header("location"), added.header("cache-control")), ("/cart?item=1", "no-store"));
        let cookie = added.header("set-cookie");
        assert!(cookie.starts_with("feira_cart="), "{cookie}");
        assert!(cookie.ends_with("; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax"), "{cookie}");
        let id = buyer.cookies["feira_cart"].clone();
        buyer.post("/cart/items", &vase.form("1")).await.expect(303);
        assert_eq!(buyer.cookies["feira_cart"], id);
        let shown = buyer.get("/cart").await.expect(200);
        let html = text(&shown);
        for said in ["Vaso", "value=\"3\"", "Subtotal (3 itens)", "R$ 89,70", "ainda não recebe pedidos por aqui"] {
            assert!(html.contains(said), "{said}: {html}");
        }
        assert_eq!(shown.header("cache-control"), "no-store");

        let line = format!("/cart/items/{}", vase.variant);
        for typed in ["1000", "três", "-1", ""] {
            let again = text(&buyer.post(&line, &[("quantity", typed)]).await.expect(422));
            assert!(again.contains("A quantidade vai de 1 a 999."), "{typed}: {again}");
            assert!(again.contains(&format!("value=\"{typed}\"")), "{typed}: {again}");
        }
        assert_eq!(buyer.post(&line, &[("quantity", "4")]).await.expect(303).header("location"), "/cart");
        assert!(text(&buyer.get("/cart").await.expect(200)).contains("R$ 119,60"));
        buyer.post(&format!("{line}/remove"), &[]).await.expect(303);
        assert!(text(&buyer.get("/cart").await.expect(200)).contains("Seu carrinho está vazio."));
        // Nobody has it any more in another tab: it is no error.
        buyer.post(&line, &[("quantity", "4")]).await.expect(303);
        buyer.post("/cart/items", &vase.form("1")).await.expect(303);
        buyer.get("/cart").await.expect(200);
        buyer.post(&line, &[("quantity", "0")]).await.expect(303);
        assert!(text(&buyer.get("/cart").await.expect(200)).contains("Seu carrinho está vazio."));
    });
}

#[test]
fn s94_what_can_not_be_added_is_said_on_the_products_page_with_what_was_typed() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("carrinho-recusado").await;
        let vase = sells(bed, &shop, "Vaso", 2_990).await;
        let mut buyer = Browser::at(bed, &shop.host);
        for typed in ["0", "1000", "muitos"] {
            let again = text(&buyer.post("/cart/items", &vase.form(typed)).await.expect(422));
            assert!(again.contains("A quantidade vai de 1 a 999.") && again.contains("<h1>Vaso</h1>"), "{again}");
            assert!(again.contains(&format!("value=\"{typed}\"")), "{again}");
        }
        for product in ["", "x", ANY_ID] {
            let fields = [("product", product), ("variant", vase.variant.as_str()), ("quantity", "1")];
            let said = text(&buyer.post("/cart/items", &fields).await.expect(422));
            assert!(said.contains("Este produto não existe nesta loja."), "{said}");
        }
        let other = [("product", vase.id.as_str()), ("variant", ANY_ID), ("quantity", "1")];
        assert!(text(&buyer.post("/cart/items", &other).await.expect(422)).contains("<h1>Vaso</h1>"));
        assert!(!buyer.cookies.contains_key("feira_cart"), "what is refused makes no cart");
        buyer.post("/cart/items", &vase.form("998")).await.expect(303);
        let again = text(&buyer.post("/cart/items", &vase.form("2")).await.expect(422));
        assert!(again.contains("e já tem 998 deste"), "{again}");
    });
}

#[test]
fn s94_a_carts_forms_come_from_its_own_host_and_an_id_that_nobody_made_is_not_taken() {
    run(async {
        let bed = bed().await;
        let (shop, other) = (bed.shop("carrinho-forjado").await, bed.shop("carrinho-vizinho").await);
        let vase = sells(bed, &shop, "Vaso", 2_990).await;
        let mut buyer = Browser::at(bed, &shop.host);
        for (site, origin) in
            [(Some("cross-site"), None), (Some("same-site"), None), (None, Some("https://evil.example")), (None, None)]
        {
            let mut request = buyer.request("POST", "/cart/items");
            for (name, value) in [("sec-fetch-site", site), ("origin", origin)] {
                request = value.into_iter().fold(request, |request, value| request.header(name, value));
            }
            let request = request.header("content-type", "application/x-www-form-urlencoded");
            send(request.body(encoded(&vase.form("1")))).await.expect(403);
        }
        let planted = "A".repeat(22);
        buyer.cookies.insert("feira_cart".into(), planted.clone());
        assert!(text(&buyer.get("/cart").await.expect(200)).contains("Seu carrinho está vazio."));
        buyer.post("/cart/items", &vase.form("1")).await.expect(303);
        assert_ne!(buyer.cookies["feira_cart"], planted);
        // The page's forms have its token.
        buyer.get("/cart").await.expect(200);
        let line = format!("/cart/items/{}", vase.variant);
        let token = std::mem::take(&mut buyer.token);
        buyer.post(&line, &[("quantity", "2")]).await.expect(403);
        buyer.token = token;
        buyer.post(&line, &[("quantity", "2")]).await.expect(303);

        // Another shop has no cart of this id.
        let id = buyer.cookies["feira_cart"].clone();
        let mut there = Browser::at(bed, &other.host);
        there.cookies.insert("feira_cart".into(), id.clone());
        assert!(text(&there.get("/cart").await.expect(200)).contains("Seu carrinho está vazio."));
        for (host, status) in [(&shop.host, 200), (&other.host, 404)] {
            send(bed.request(host, "GET", &format!("{CARTS}/{id}"))).await.expect(status);
        }
    });
}

#[test]
fn s92_every_page_says_how_full_the_cart_is_and_without_a_cart_is_what_it_was() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("do-selo").await;
        let vase = sells(bed, &shop, "Vaso", 2_990).await;
        let mut buyer = Browser::at(bed, &shop.host);
        let paths = ["/", "/product/vaso", "/search?q=vaso"];
        let bare = async |path: &str| send_at(&vase.position, bed.request(&shop.host, "GET", path)).await.expect(200);
        let mut before = Vec::new();
        for path in paths {
            before.push(bare(path).await);
        }
        buyer.post("/cart/items", &vase.form("2")).await.expect(303);
        for (path, before) in paths.into_iter().zip(before) {
            let after = bare(path).await;
            assert_eq!((&after.bytes, after.header("etag")), (&before.bytes, before.header("etag")), "{path}");
            assert_eq!(after.header("cache-control"), "public, max-age=0, must-revalidate", "{path}");
            assert!(!before.header("etag").is_empty() && after.header("set-cookie").is_empty(), "{path}");
            assert!(text(&after).contains("href=\"/cart\"") && !text(&after).contains("cart-count"), "{path}");
            // What a browser kept without the cart is not the page with it.
            let known = buyer.request("GET", path).header("if-none-match", before.header("etag"));
            let full = send(known).await.expect(200);
            assert_eq!((full.header("cache-control"), full.header("etag")), ("private, no-store", ""), "{path}");
            for said in ["Carrinho: 2 itens, R$ 59,80", "class=\"cart-count\" aria-hidden=\"true\">2<"] {
                assert!(text(&full).contains(said), "{path}: {said}");
            }
        }
        for path in ["/cart", "/denunciar", "/product/nada"] {
            let page = text(&buyer.get(path).await);
            assert!(page.contains("Carrinho: 2 itens, R$ 59,80"), "{path}: {page}");
        }
        buyer.cookies.insert("feira_cart".into(), "B".repeat(22));
        let empty = buyer.get("/").await.expect(200);
        assert!(!text(&empty).contains("cart-count") && empty.header("cache-control") == "private, no-store");
        buyer.cookies.insert("feira_cart".into(), "lixo".into());
        assert_eq!(buyer.get("/").await.expect(200).header("cache-control"), "public, max-age=0, must-revalidate");
    });
}

#[test]
fn s94_s95_s96_a_program_keeps_a_cart_by_its_id() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("carrinho-em-json").await;
        let (vase, pot) = (sells(bed, &shop, "Vaso", 2_990).await, sells(bed, &shop, "Pote", 1_000).await);
        let body = json!({"product_id": vase.id, "variant_id": vase.variant, "quantity": 2});
        let made = send(bed.request(&shop.host, "POST", CARTS).json(&body)).await.expect(201);
        let cart = made.json.clone();
        assert_eq!((made.header("location"), made.header("set-cookie")), (at(&cart, "").as_str(), ""));
        let items = at(&cart, "/items");
        let more = json!({"product_id": vase.id});
        ask(bed, &shop, "POST", &items, more.clone()).await.expect(200);
        let both = ask(bed, &shop, "POST", &items, json!({"product_id": pot.id, "quantity": 5})).await.expect(200).json;
        let read = send(bed.request(&shop.host, "GET", &at(&cart, ""))).await.expect(200);
        assert_eq!((&read.json, read.header("cache-control")), (&both, "private, no-cache"));
        assert_eq!((&both["count"], &both["subtotal"], &both["total"]), (&json!(8), &brl(13_970), &brl(13_970)));
        let first = &both["items"][0];
        assert_eq!((&first["quantity"], &first["name"], &first["total"]), (&json!(3), &json!("Vaso"), &brl(8_970)));
        assert_eq!((&first["seen_price"], &first["available"]), (&Value::Null, &json!(true)));

        let keyed = |quantity: i64| {
            let body = json!({"product_id": pot.id, "quantity": quantity});
            send(bed.request(&shop.host, "POST", &items).header("idempotency-key", "um-clique").json(&body))
        };
        let once = keyed(1).await.expect(200).json;
        assert_eq!((&once["items"][1]["quantity"], keyed(1).await.expect(200).json), (&json!(6), once.clone()));
        assert_eq!(keyed(2).await.expect(422).code(), "idempotency_mismatch");

        let line = at(&cart, &format!("/items/{}", pot.variant));
        let set = ask(bed, &shop, "PUT", &line, json!({"quantity": 1})).await.expect(200).json;
        assert_eq!(set["total"], brl(9_970));
        assert_eq!(keyed(1).await.expect(200).json, set, "to a repeat the cart is shown as it is by now");
        let removed = send(bed.request(&shop.host, "DELETE", &line)).await.expect(200).json;
        assert_eq!((&removed["count"], removed["items"].as_array().unwrap().len()), (&json!(3), 1));
        ask(bed, &shop, "PUT", &line, json!({"quantity": 1})).await.expect(404);
        assert_eq!(send(bed.request(&shop.host, "OPTIONS", CARTS)).await.expect(204).header("allow"), "POST, OPTIONS");

        for (body, expected) in [
            (json!({"product_id": ANY_ID}), ("/product_id", "unknown_reference")),
            (json!({"product_id": "x"}), ("/product_id", "unknown_reference")),
            (json!({"product_id": vase.id, "variant_id": ANY_ID}), ("/variant_id", "unknown_reference")),
            (json!({"product_id": vase.id, "quantity": 0}), ("/quantity", "out_of_range")),
            (json!({"product_id": vase.id, "quantity": CART_PIECES - 2}), ("/quantity", "out_of_range")),
            (json!({"product_id": vase.id, "quantity": "1"}), ("/quantity", "malformed")),
            (json!({"product_id": vase.id, "price": 1}), ("/price", "malformed")),
            (json!({"product_id": vase.id, "seen_price": brl(-1)}), ("/seen_price/amount", "out_of_range")),
        ] {
            assert_eq!(wrong(&ask(bed, &shop, "POST", &items, body.clone()).await.expect(422)), expected, "{body}");
        }
        for id in ["nada", &"A".repeat(22), "%00", &format!("{}x", cart["id"].as_str().unwrap())] {
            send(bed.request(&shop.host, "GET", &format!("{CARTS}/{id}"))).await.expect(404);
        }
        let unchanged = send(bed.request(&shop.host, "GET", &at(&cart, ""))).await.expect(200).json;
        assert_eq!(unchanged, removed, "what is refused changes nothing");
    });
}

#[test]
fn s95_a_cart_says_what_a_price_was_and_what_is_not_sold_any_more() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("carrinho-que-muda").await;
        let (vase, pot) = (sells(bed, &shop, "Vaso", 2_990).await, sells(bed, &shop, "Pote", 1_000).await);
        let mut buyer = Browser::at(bed, &shop.host);
        buyer.post("/cart/items", &vase.form("1")).await.expect(303);
        buyer.post("/cart/items", &pot.form("2")).await.expect(303);
        let cart = json!({"id": buyer.cookies["feira_cart"]});
        let dearer = json!({"variants": [{"id": vase.variant, "price": brl(3_490)}]});
        let patched =
            send(bed.staff(&shop, "PATCH", &format!("/products/{}", vase.id)).json(&dearer)).await.expect(200);
        let position = patched.header("feira-position");
        let now = send_at(position, bed.request(&shop.host, "GET", &at(&cart, ""))).await.expect(200).json;
        let first = &now["items"][0];
        assert_eq!((&first["price"], &first["seen_price"], &now["total"]), (&brl(3_490), &brl(2_990), &brl(5_490)));
        let changed = "O preço mudou de R$ 29,90 para R$ 34,90.";
        // Who changes the quantity or adds a piece without a word of the price has not seen the new one.
        let line = at(&cart, &format!("/items/{}", vase.variant));
        for (method, path, body) in [
            ("PUT", line.clone(), json!({"quantity": 2})),
            ("POST", at(&cart, "/items"), json!({"product_id": vase.id})),
            ("PUT", line, json!({"quantity": 1})),
        ] {
            let asked = bed.request(&shop.host, method, &path).json(&body);
            let cart = send_at(position, asked).await.expect(200).json;
            assert_eq!(cart["items"][0]["seen_price"], brl(2_990), "{method} {path}");
        }
        let at_once = bed.request(&shop.host, "POST", CARTS);
        let at_once = at_once.json(&json!({"product_id": vase.id, "seen_price": brl(2_990)}));
        let told = send_at(position, at_once).await.expect(201).json;
        assert_eq!((&told["items"][0]["seen_price"], &told["total"]), (&brl(2_990), &brl(3_490)));

        // The same by forms: one whose page was made before says so when it comes after.
        let page = async |buyer: &Browser<'_>, path: &str| {
            text(&send_at(position, buyer.request("GET", path)).await.expect(200))
        };
        let mut other = Browser::at(bed, &shop.host);
        let [product, variant, quantity] = vase.form("1");
        let old = other.form("/cart/items", &[product, variant, quantity, ("seen_price", "2990")]);
        other.send(old.header("feira-at-least", position)).await.expect(303);
        for buyer in [&buyer, &other] {
            let html = page(buyer, "/cart").await;
            assert!(html.contains(changed) && html.contains("name=\"seen_price\" value=\"3490\""), "{html}");
        }
        assert!(page(&buyer, "/product/vaso").await.contains("name=\"seen_price\" value=\"3490\""));
        buyer.get("/cart").await.expect(200);
        let seen = [("quantity", "1"), ("seen_price", "3490")];
        buyer.post(&format!("/cart/items/{}", vase.variant), &seen).await.expect(303);
        assert!(!page(&buyer, "/cart").await.contains("O preço mudou"), "it was seen");
        assert!(page(&other, "/cart").await.contains(changed));

        let stock = format!("/products/{}/variants/{}/stock", pot.id, pot.variant);
        send(bed.staff(&shop, "PUT", &stock).json(&json!({"on_hand": 0}))).await.expect(200);
        until("the pot is sold out", async || {
            let cart = send(bed.request(&shop.host, "GET", &at(&cart, ""))).await.expect(200).json;
            let is_out = cart["items"][1]["available"] == false;
            is_out.then(|| assert_eq!((&cart["count"], &cart["total"]), (&json!(1), &brl(3_490))))
        })
        .await;
        assert!(text(&buyer.get("/cart").await.expect(200)).contains("Indisponível no momento."));
        let refused = buyer.post("/cart/items", &pot.form("1")).await.expect(422);
        assert!(text(&refused).contains("indisponível no momento"), "{}", text(&refused));

        let gone = send(bed.staff(&shop, "DELETE", &format!("/products/{}", vase.id))).await.expect(204);
        let position = gone.header("feira-position");
        let now = send_at(position, bed.request(&shop.host, "GET", &at(&cart, ""))).await.expect(200).json;
        let first = &now["items"][0];
        assert_eq!((&first["name"], &first["price"], &first["available"]), (&Value::Null, &Value::Null, &json!(false)));
        assert_eq!((&now["count"], &now["total"]), (&json!(0), &brl(0)));
        let html = text(&buyer.get("/cart").await.expect(200));
        assert!(html.contains("Este produto não está mais à venda."), "{html}");
        buyer.post(&format!("/cart/items/{}/remove", vase.variant), &[]).await.expect(303);
    });
}

#[test]
fn s94_changes_of_one_cart_at_once_all_count() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("carrinho-apressado").await;
        let vase = sells(bed, &shop, "Vaso", 2_990).await;
        let cart = cart_of(bed, &shop, &vase, 1).await;
        let items = at(&cart, "/items");
        let add = |_| ask(bed, &shop, "POST", &items, json!({"product_id": vase.id}));
        let mut seen = Vec::new();
        for answer in join_all((0..8).map(add)).await {
            seen.push(answer.expect(200).json["version"].as_i64().unwrap());
        }
        seen.sort_unstable();
        assert_eq!(seen, (2..10).collect::<Vec<_>>());
        let read = send(bed.request(&shop.host, "GET", &at(&cart, ""))).await.expect(200).json;
        assert_eq!((&read["count"], &read["version"]), (&json!(9), &json!(9)));
    });
}

#[test]
fn s94_a_change_may_name_the_version_that_it_is_meant_for() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("carrinho-com-versao").await;
        let vase = sells(bed, &shop, "Vaso", 2_990).await;
        let cart = cart_of(bed, &shop, &vase, 1).await;
        let line = at(&cart, &format!("/items/{}", vase.variant));
        let set = |version: &'static str, quantity: i64| {
            let request = bed.request(&shop.host, "PUT", &line).header("if-match", version);
            send(request.header("idempotency-key", format!("k{quantity}")).json(&json!({"quantity": quantity})))
        };
        assert_eq!(set("\"1\"", 2).await.expect(200).json["version"], 2);
        assert_eq!(set("\"1\"", 3).await.expect(412).code(), "version_mismatch");
        set("\"1\"", 2).await.expect(200);
        set("1", 3).await.expect(400);
        let last = set("*", 3).await.expect(200).json;
        assert_eq!(
            (&last["version"], &last["count"]),
            (&json!(3), &json!(3)),
            "what was refused or came again changed nothing"
        );
    });
}

#[test]
fn s94_a_cart_forgets_no_key_before_its_time_and_its_bodies_are_small() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("carrinho-de-chaves").await;
        let vase = sells(bed, &shop, "Vaso", 2_990).await;
        let full = async |known_for: i64| {
            let (id, now) = (new_cart_id(), bed.api.platform.now());
            let write = |number: usize| CartWrite {
                key_hash: format!("{number:032}"),
                asked_hash: format!("{number:032}"),
                known_until: now + known_for,
            };
            let done = (0..CART_WRITES).map(write).collect();
            let mut row = CartRow { done, ..CartRow::empty(shop.id.parse().unwrap(), tokens::hash(&id)) };
            row.change(now);
            bed.api.sessions.keep_cart(&row).await.unwrap();
            at(&json!({"id": id}), "/items")
        };
        let add = |items: &str| bed.request(&shop.host, "POST", items).json(&json!({"product_id": vase.id}));
        let items = full(HOUR).await;
        let keyed = || send(add(&items).header("idempotency-key", "mais-uma"));
        assert_eq!(keyed().await.expect(409).code(), "limit_reached");
        assert_eq!(send(add(&items)).await.expect(200).json["count"], 1, "without a key it goes on");
        let items = full(0).await;
        let keyed = || send(add(&items).header("idempotency-key", "mais-uma"));
        assert_eq!(keyed().await.expect(200).json["count"], 1);
        assert_eq!(keyed().await.expect(200).json["count"], 1);

        for path in [CARTS, &items] {
            let large = bed.request(&shop.host, "POST", path).json(&json!({"product_id": "x".repeat(4_096)}));
            send(large).await.expect(413);
        }
    });
}

#[test]
fn f08_s95_a_cart_has_a_coupon_and_says_what_delivery_costs() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("carrinho-com-cupom").await;
        let vase = sells(bed, &shop, "Vaso", 10_000).await;
        let coupon = async |code: &str, body: Value| {
            send(bed.staff(&shop, "PUT", &format!("/coupons/{code}")).json(&body)).await.expect(201)
        };
        coupon("DEZ", json!({"kind": "percent", "percent": "10"})).await;
        coupon("VELHO", json!({"kind": "percent", "percent": "10", "ends_at": "2020-01-01T00:00:00Z"})).await;
        coupon("GRATIS", json!({"kind": "free_shipping"})).await;
        let last = coupon("MINIMO", json!({"kind": "amount", "amount": brl(500), "minimum": brl(25_000)})).await;
        let cart = cart_of(bed, &shop, &vase, 2).await;
        let path = at(&cart, "/coupon");
        let put = async |code: &str| {
            send_at(last.header("feira-position"), bed.request(&shop.host, "PUT", &path).json(&json!({"code": code})))
                .await
        };
        let ten = put(" dez ").await.expect(200).json;
        assert_eq!((&ten["discount"], &ten["total"], &ten["subtotal"]), (&brl(2_000), &brl(18_000), &brl(20_000)));
        for (code, expected) in [
            ("NADA", ("/code", "unknown_reference")),
            ("?", ("/code", "unknown_reference")),
            ("velho", ("/code", "invalid")),
        ] {
            assert_eq!(wrong(&put(code).await.expect(422)), expected, "{code}");
        }
        let below = put("MINIMO").await.expect(200).json;
        assert_eq!((&below["coupon"]["applied"], &below["total"]), (&json!(false), &brl(20_000)));
        assert_eq!(below["coupon"]["detail"], "Faltam R$ 50,00 em produtos para usar este cupom.");

        let flat = json!({"name": "PAC", "kind": "flat", "price": brl(1_500), "min_days": 3, "max_days": 5});
        let table = json!({"name": "Motoboy", "kind": "table", "rates": [
            {"cep_from": "01000-000", "cep_to": "05999-999", "up_to_grams": 1_000, "price": brl(990), "days": 1},
        ]});
        send(bed.staff(&shop, "POST", "/shipping").json(&flat)).await.expect(201);
        let made = send(bed.staff(&shop, "POST", "/shipping").json(&table)).await.expect(201);
        let quote = async |cep: &str| {
            let request = bed.request(&shop.host, "POST", &at(&cart, "/shipping-quote")).json(&json!({"cep": cep}));
            send_at(made.header("feira-position"), request).await
        };
        let ways = quote("01310-100").await.expect(200).json;
        assert_eq!((&ways["items"][0]["name"], &ways["items"][0]["total"]), (&json!("PAC"), &brl(21_500)));
        assert_eq!((&ways["items"][1]["price"], &ways["items"][1]["total"]), (&brl(990), &brl(20_990)));
        assert_eq!(quote("90000000").await.expect(200).json["items"].as_array().unwrap().len(), 1);
        assert_eq!(wrong(&quote("00000-000").await.expect(422)), ("/cep", "invalid"));
        put("GRATIS").await.expect(200);
        assert_eq!(quote("01310100").await.expect(200).json["items"][0]["total"], brl(20_000));
        let without = send(bed.request(&shop.host, "DELETE", &path)).await.expect(200).json;
        assert_eq!((&without["coupon"], &without["total"]), (&Value::Null, &brl(20_000)));

        // The same by the page, whose forms keep what was typed.
        let mut buyer = Browser::at(bed, &shop.host);
        buyer.post("/cart/items", &vase.form("1")).await.expect(303);
        buyer.get("/cart").await.expect(200);
        let html = text(&buyer.post("/cart/coupon", &[("code", "nada")]).await.expect(422));
        assert!(html.contains("value=\"nada\"") && html.contains("Não há cupom com este código"), "{html}");
        buyer.post("/cart/coupon", &[("code", "dez")]).await.expect(303);
        let html = text(&buyer.get("/cart").await.expect(200));
        assert!(html.contains("Cupom <strong>DEZ</strong>") && html.contains("-R$ 10,00"), "{html}");
        let html = text(&buyer.post("/cart/freight", &[("cep", "123")]).await.expect(422));
        assert!(html.contains("value=\"123\"") && html.contains("Informe um CEP do Brasil"), "{html}");
        let html = text(&buyer.post("/cart/freight", &[("cep", "01310-100")]).await.expect(200));
        for said in ["value=\"01310-100\"", "3 a 5 dias úteis", "Motoboy", "Total com esta entrega: R$ 99,90"] {
            assert!(html.contains(said), "{said}: {html}");
        }
        assert!(!text(&buyer.get("/cart").await.expect(200)).contains("01310-100"), "it is kept nowhere");
        buyer.post("/cart/coupon/remove", &[]).await.expect(303);
        assert!(!text(&buyer.get("/cart").await.expect(200)).contains("DEZ"));
    });
}

#[test]
fn s94_a_cart_has_fifty_lines_and_is_let_go_after_thirty_days() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("carrinho-cheio").await;
        let vase = sells(bed, &shop, "Vaso", 2_990).await;
        let kept = async |age: i64, lines: Vec<CartLine>| {
            let id = new_cart_id();
            let mut row = CartRow { lines, ..CartRow::empty(shop.id.parse().unwrap(), tokens::hash(&id)) };
            row.change(bed.api.platform.now() - age);
            bed.api.sessions.keep_cart(&row).await.unwrap();
            json!({"id": id})
        };
        let line = |number: usize| {
            let id = Uuid::from_u128(number as u128 + 1);
            let (product_id, variant_id) = (ProductId::from_uuid(id), VariantId::from_uuid(id));
            CartLine { product_id, variant_id, quantity: 1, seen_price: 100 }
        };
        let full = kept(0, (0..CART_LINES).map(line).collect()).await;
        let one_more = json!({"product_id": vase.id});
        let refused = ask(bed, &shop, "POST", &at(&full, "/items"), one_more.clone()).await.expect(422);
        assert_eq!(wrong(&refused), ("", "limit_reached"));
        let mut buyer = Browser::at(bed, &shop.host);
        buyer.cookies.insert("feira_cart".into(), full["id"].as_str().unwrap().to_owned());
        let html = text(&buyer.post("/cart/items", &vase.form("1")).await.expect(422));
        assert!(html.contains("O carrinho leva até 50 produtos diferentes."), "{html}");
        let fits = kept(0, (1..CART_LINES).map(line).collect()).await;
        ask(bed, &shop, "POST", &at(&fits, "/items"), one_more).await.expect(200);

        let young = kept(CART_KEPT - 60_000_000, Vec::new()).await;
        send(bed.request(&shop.host, "GET", &at(&young, ""))).await.expect(200);
        let old = kept(CART_KEPT, Vec::new()).await;
        send(bed.request(&shop.host, "GET", &at(&old, ""))).await.expect(404);
    });
}

#[test]
fn s94_a_suspended_shop_has_no_carts() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("carrinho-suspenso").await;
        let vase = sells(bed, &shop, "Vaso", 2_990).await;
        let cart = cart_of(bed, &shop, &vase, 1).await;
        let suspended = send(bed.operator("POST", &format!("/tenants/{}/suspend", shop.id))).await.expect(200);
        let read = bed.request(&shop.host, "GET", &at(&cart, ""));
        let read = send_at(suspended.header("feira-position"), read).await.expect(403);
        assert_eq!(read.code(), "shop_suspended");
        ask(bed, &shop, "POST", CARTS, json!({"product_id": vase.id})).await.expect(403);
        let mut buyer = Browser::at(bed, &shop.host);
        buyer.get("/cart").await.expect(403);
        buyer.post("/cart/items", &vase.form("1")).await.expect(403);
        assert!(buyer.cookies.is_empty());
    });
}
