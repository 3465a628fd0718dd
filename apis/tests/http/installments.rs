//! The line under a price, as a shop and its products say how they are paid.

use serde_json::{Value, json};

use crate::{
    bed::{Answered, bed, product, send, send_at},
    run,
};

const PAGE: &str = "/product/caneca";

#[test]
fn s54_s81_s91_a_change_of_a_method_changes_the_line_and_its_removal_removes_it() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("que-parcela").await;
        let mut body = product("Caneca");
        body["status"] = json!("published");
        let made = send(bed.staff(&shop, "POST", "/products").json(&body)).await.expect(201);
        let id = made.json["id"].as_str().unwrap().to_owned();
        let read = async |written: &Answered, path: &str| {
            let request = bed.request(&shop.host, "GET", path);
            send_at(written.header("feira-position"), request).await.expect(200)
        };
        let shown = async |written: &Answered, path: &str| {
            String::from_utf8(read(written, path).await.bytes).unwrap().replace('\u{a0}', " ")
        };
        let put = async |path: &str, body: Value| send(bed.staff(&shop, "PUT", path).json(&body)).await;
        let delete = async |path: &str| send(bed.staff(&shop, "DELETE", path)).await.expect(204);
        let says = |page: &str, parts: &[&str]| {
            for part in parts {
                assert!(page.contains(part), "{part}: {page}");
            }
        };
        let (card, pix, boleto) = ("/payment-methods/card", "/payment-methods/pix", "/payment-methods/boleto");
        let none = |page: &str| assert!(!page.contains("class=\"payment\""), "{page}");
        none(&shown(&made, PAGE).await);

        let six = put(card, json!({"max_installments": 6})).await.expect(201);
        let page = shown(&six, PAGE).await;
        says(&page, &["em até 6x no cartão"]);
        assert!(!page.contains("sem juros"), "who sets nothing asks for interest: {page}");
        let unset = read(&six, "/api/store/v1/payment-methods").await.json;
        assert_eq!(unset["interest_free_installments"], 1, "{unset}");
        let free = json!({"interest_free_installments": 12});
        let six = send(bed.staff(&shop, "PATCH", "/settings").json(&free)).await.expect(200);
        says(&shown(&six, PAGE).await, &["em até 6x de", "21,65", "sem juros"]);
        says(&shown(&six, "/").await, &["class=\"card-payment\"", "em até 6x de"]);
        let reduced = json!({"discounted_installments": 1, "discount_percent": "5"});
        let reduced = put(pix, reduced).await.expect(201);
        says(&shown(&reduced, PAGE).await, &["em até 6x de", "123,40", "à vista no Pix (5% de desconto)"]);
        let three = put(card, json!({"max_installments": 3})).await.expect(200);
        let page = shown(&three, PAGE).await;
        says(&page, &["em até 3x de", "43,30"]);
        assert!(!page.contains("em até 6x"), "each change replaces the last: {page}");

        let methods = read(&three, "/api/store/v1/payment-methods").await.json;
        let words: Vec<_> = methods["items"].as_array().unwrap().iter().map(|item| item["method"].as_str()).collect();
        assert_eq!(words, [Some("pix"), Some("card")], "{methods}");
        assert_eq!(methods["items"][0]["discount_percent"], "5");
        assert_eq!(methods["interest_free_installments"], 12);

        let own = format!("/products/{id}{card}");
        let two = put(&own, json!({"max_installments": 2})).await.expect(201);
        says(&shown(&two, PAGE).await, &["em até 2x de", "64,95"]);
        let said = read(&two, "/api/store/v1/products/caneca").await.json;
        assert_eq!(said["payment_methods"][0]["max_installments"], 2, "{said}");
        let as_the_shop = delete(&own).await;
        says(&shown(&as_the_shop, PAGE).await, &["em até 3x de"]);
        let said = read(&as_the_shop, "/api/store/v1/products/caneca").await.json;
        assert_eq!(said["payment_methods"], json!([]));

        let at_once = delete(card).await;
        let page = shown(&at_once, PAGE).await;
        says(&page, &["à vista no Pix"]);
        assert!(!page.contains("em até"), "{page}");
        delete(pix).await;
        let by_boleto = put(boleto, json!({})).await.expect(201);
        says(&shown(&by_boleto, PAGE).await, &["À vista no boleto"]);
        none(&shown(&delete(boleto).await, PAGE).await);
    });
}
