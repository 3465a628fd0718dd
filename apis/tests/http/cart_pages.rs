//! What a cart's pages say and lead to, and by what their forms are told from each other.

use serde_json::{Value, json};

use crate::{
    bed::{Answered, Bed, Shop, bed, send, send_at},
    carts::{Sold, brl, sells},
    panel::{Browser, text},
    run,
};

/// The key of the page's forms.
fn key(html: &str) -> String {
    let (_, rest) = html.split_once("name=\"_key\" value=\"").unwrap_or_else(|| panic!("no key: {html}"));
    rest.split('"').next().unwrap().to_owned()
}

/// Thirty sizes in two colours, of which the last size is of the second one alone.
async fn shoe(bed: &Bed, shop: &Shop) -> Value {
    let sizes: Vec<String> = (20..50).map(|size| size.to_string()).collect();
    let variant = |size: &str, colour: &str| json!({"price": brl(1_000), "stock": 1, "options": {"Cor": colour, "Tamanho": size}});
    let mut variants: Vec<Value> = sizes[..29].iter().map(|size| variant(size, "Azul")).collect();
    variants.extend([variant("20", "Verde"), variant("49", "Verde")]);
    let options = json!([{"name": "Cor", "values": ["Azul", "Verde"]}, {"name": "Tamanho", "values": sizes}]);
    let body = json!({"name": "Bota", "status": "published", "options": options, "variants": variants});
    let made = send(bed.staff(shop, "POST", "/products").json(&body)).await.expect(201);
    let page = bed.request(&shop.host, "GET", "/product/bota");
    send_at(made.header("feira-position"), page).await.expect(200);
    made.json
}

/// The id of a variant of these values.
fn variant_of<'a>(product: &'a Value, colour: &str, size: &str) -> &'a str {
    let all = product["variants"].as_array().unwrap();
    let wanted = json!({"Cor": colour, "Tamanho": size});
    all.iter().find(|variant| variant["options"] == wanted).unwrap()["id"].as_str().unwrap()
}

#[test]
fn s94_what_a_buyer_chose_in_a_list_goes_into_the_cart_and_not_what_the_page_was_made_with() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("carrinho-de-botas").await;
        let boot = shoe(bed, &shop).await;
        let mut buyer = Browser::at(bed, &shop.host);
        let shown = text(&buyer.get("/product/bota").await.expect(200));
        assert!(shown.contains("<select id=\"opcao-2\" name=\"option\" form=\"comprar\">"), "{shown}");
        let (id, old) = (boot["id"].as_str().unwrap(), variant_of(&boot, "Azul", "20"));
        let form = |size: &'static str| {
            [("product", id), ("variant", old), ("option", "Azul"), ("option", size), ("quantity", "2")]
        };
        buyer.post("/cart/items", &form("42")).await.expect(303);
        let html = text(&buyer.get("/cart").await.expect(200));
        assert!(html.contains("Tamanho: 42") && !html.contains("Tamanho: 20"), "{html}");
        assert!(html.contains(&format!("/cart/items/{}\"", variant_of(&boot, "Azul", "42"))), "{html}");

        // The last size is of the other colour, which nobody has chosen.
        let refused = text(&buyer.post("/cart/items", &form("49")).await.expect(422));
        for said in
            ["Não há esta combinação de opções.", "Cor: <strong>Verde</strong>", "id=\"quantidade\"", "value=\"2\""]
        {
            assert!(refused.contains(said), "{said}: {refused}");
        }
        assert!(!refused.contains("quantidade-erro"), "nothing is wrong with how many: {refused}");
        assert!(text(&buyer.get("/cart").await.expect(200)).contains("Subtotal (2 itens)"));

        // The form's other button looks at what was chosen.
        let look = async |size: &str| {
            let path = format!("/product/bota?product=x&variant={old}&option=Azul&option={size}&quantity=3");
            text(&send(bed.request(&shop.host, "GET", &path)).await.expect(200))
        };
        let there = look("42").await;
        let hidden = format!("name=\"variant\" value=\"{}\"", variant_of(&boot, "Azul", "42"));
        assert!(there.contains(&hidden) && there.contains("value=\"3\"") && !there.contains("Não há"), "{there}");
        let nearest = look("49").await;
        let hidden = format!("name=\"variant\" value=\"{}\"", variant_of(&boot, "Verde", "49"));
        assert!(nearest.contains(&hidden) && nearest.contains("Não há esta combinação"), "{nearest}");
    });
}

#[test]
fn s94_a_form_that_is_sent_twice_counts_once() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("carrinho-de-cliques").await;
        let vase = sells(bed, &shop, "Vaso", 2_990).await;
        let mut buyer = Browser::at(bed, &shop.host);
        assert!(!text(&buyer.get("/product/vaso").await.expect(200)).contains("_key"), "the page is everybody's");
        buyer.post("/cart/items", &vase.form("1")).await.expect(303);
        let key = key(&text(&buyer.get("/product/vaso").await.expect(200)));
        for _ in 0..2 {
            assert_eq!(click(&mut buyer, &vase, &key, "2").await.header("location"), "/cart?item=1");
        }
        assert!(text(&buyer.get("/cart").await.expect(200)).contains("Subtotal (3 itens)"));
        // Who goes back and types another number wants another change.
        click(&mut buyer, &vase, &key, "4").await;
        assert!(text(&buyer.get("/cart").await.expect(200)).contains("Subtotal (7 itens)"));
        // So does who adds as many again, from a page that was made since.
        assert_ne!(self::key(&text(&buyer.get("/product/vaso").await.expect(200))), key);
        let refused = text(&buyer.post("/cart/items", &vase.form("0")).await.expect(422));
        assert_ne!(self::key(&refused), key);
    });
}

#[test]
fn s95_who_has_added_something_is_told_so_and_who_refuses_cookies_as_well() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("carrinho-que-diz").await;
        let vase = sells(bed, &shop, "Vaso", 2_990).await;
        let mut buyer = Browser::at(bed, &shop.host);
        let added = buyer.post("/cart/items", &vase.form("1")).await.expect(303);
        let there = text(&buyer.get(added.header("location")).await.expect(200));
        assert!(there.contains("Adicionado ao carrinho.") && !there.contains("recusa cookies"), "{there}");
        assert!(!text(&buyer.get("/cart").await.expect(200)).contains("Adicionado"));
        let without = text(&send(bed.request(&shop.host, "GET", added.header("location"))).await.expect(200));
        assert!(without.contains("seu navegador recusa cookies") && !without.contains("Adicionado"), "{without}");
        // Who removes it and goes back refuses none.
        buyer.post(&format!("/cart/items/{}/remove", vase.variant), &[]).await.expect(303);
        let back = text(&buyer.get("/cart?item=1").await.expect(200));
        assert!(!back.contains("cookies") && !back.contains("Adicionado"), "{back}");
    });
}

#[test]
fn s95_the_address_of_a_form_leads_to_the_cart() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("carrinho-por-endereco").await;
        let vase = sells(bed, &shop, "Vaso", 2_990).await;
        let line = format!("/cart/items/{}", vase.variant);
        let removed = format!("{line}/remove");
        for path in ["/cart/items", &line, &removed, "/cart/coupon", "/cart/coupon/remove", "/cart/freight"] {
            let led = send(bed.request(&shop.host, "GET", path)).await.expect(303);
            assert_eq!((led.header("location"), led.header("set-cookie")), ("/cart", ""), "{path}");
        }
    });
}

#[test]
fn s92_pages_are_everybodys_again_once_the_cart_is_empty() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("carrinho-esvaziado").await;
        let vase = sells(bed, &shop, "Vaso", 2_990).await;
        let coupon = json!({"kind": "percent", "percent": "10"});
        let made = send(bed.staff(&shop, "PUT", "/coupons/DEZ").json(&coupon)).await.expect(201);
        let mut buyer = Browser::at(bed, &shop.host);
        let remove = format!("/cart/items/{}/remove", vase.variant);
        add(&mut buyer, &vase).await;
        let removed = buyer.post(&remove, &[]).await.expect(303);
        let cookies: Vec<&str> =
            removed.headers.get_all("set-cookie").iter().map(|one| one.to_str().unwrap()).collect();
        assert_eq!(cookies, ["feira_cart=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"]);
        assert!(!buyer.cookies.contains_key("feira_cart"));
        let home = buyer.get("/").await.expect(200);
        assert_eq!(home.header("cache-control"), "public, max-age=0, must-revalidate");

        // A coupon is something to keep.
        add(&mut buyer, &vase).await;
        let typed = send_at(made.header("feira-position"), buyer.form("/cart/coupon", &[("code", "dez")])).await;
        typed.expect(303);
        buyer.post(&remove, &[]).await.expect(303);
        assert!(buyer.cookies.contains_key("feira_cart"));
        buyer.post("/cart/coupon/remove", &[]).await.expect(303);
        assert!(!buyer.cookies.contains_key("feira_cart"));
    });
}

/// Sends the form that has this key.
async fn click(buyer: &mut Browser<'_>, sold: &Sold, key: &str, quantity: &str) -> Answered {
    let fields: Vec<_> = sold.form(quantity).into_iter().chain([("_key", key)]).collect();
    buyer.post("/cart/items", &fields).await.expect(303)
}

/// Puts one into the cart, and looks at it.
async fn add(buyer: &mut Browser<'_>, sold: &Sold) {
    buyer.post("/cart/items", &sold.form("1")).await.expect(303);
    buyer.get("/cart").await.expect(200);
}
