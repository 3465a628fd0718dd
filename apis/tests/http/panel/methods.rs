//! The pages of payment methods, of the platform's staff and of a shop's.

use serde_json::{Value, json};

use super::{Browser, Member, PASSWORD, choose, text};
use crate::{
    bed::{Bed, Shop, bed, send},
    payments::{Seller, tried},
    run,
};

/// A shop, and a browser in which who owns it has logged in.
async fn owner<'a>(bed: &'a Bed, subdomain: &str) -> (Shop, Browser<'a>) {
    let shop = bed.shop(subdomain).await;
    let email = format!("dona@{subdomain}.example");
    let body = json!({"email": email, "name": "Ana Lima"});
    let made = send(bed.operator("POST", &format!("/tenants/{}/staff", shop.id)).json(&body)).await.expect(201).json;
    let link = made["link"].as_str().unwrap().strip_prefix(&format!("http://{}", shop.host)).unwrap();
    choose(&mut Browser::at(bed, &shop.host), link, PASSWORD).await.expect(303);
    let mut browser = Browser::at(bed, &shop.host);
    browser.log_in(&email, PASSWORD).await.expect(303);
    (shop, browser)
}

/// The form of terms as a browser sends it.
fn terms<'a>(most: &'a str, discounted: &'a str, discount: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("/active", "false"),
        ("/active", "true"),
        ("/max_installments", most),
        ("/discounted_installments", discounted),
        ("/discount_percent", discount),
    ]
}

#[test]
fn s45_the_platforms_staff_says_on_a_page_what_shops_may_offer() {
    run(async {
        // What the platform offers is every shop's matter, so this Feira is this test's alone.
        let bed = Bed::start().await;
        let member = Member::new(&bed, "das-formas").await;
        let mut browser = member.browser(&bed).await;
        let page = "/operator/payment-methods";
        let list = text(&browser.get(page).await.expect(200));
        assert!(list.contains("Nada foi configurado") && list.matches("Oferecida por padrão").count() == 3, "{list}");
        let card = format!("{page}/card");
        let form = text(&browser.get(&card).await.expect(200));
        assert!(
            form.contains("value=\"Cartão de crédito\"") && form.contains("name=\"_version\" value=\"0\""),
            "{form}"
        );
        let pix = text(&browser.get(&format!("{page}/pix")).await.expect(200));
        assert!(!pix.contains("name=\"/installments\""), "Pix has none: {pix}");
        browser.get(&format!("{page}/cheque")).await.expect(404);

        let fields = |name| [("/name", name), ("/active", "false"), ("/active", "true"), ("/installments", "false")];
        let wrong = text(&browser.post(&card, &fields(" ")).await.expect(422));
        assert!(wrong.contains("id=\"name-error\""), "{wrong}");
        let done = browser.post(&card, &fields("<b>Crédito</b>")).await.expect(303);
        let list = text(&browser.get(done.header("location")).await.expect(200));
        assert!(
            list.contains("foi guardada") && list.contains("&#60;b&#62;Crédito") && !list.contains("<b>"),
            "{list}"
        );
        assert_eq!((list.matches("Não oferecida").count(), list.matches("Só à vista").count()), (2, 3), "{list}");
        let kept = send(bed.operator("GET", "/payment-methods/card")).await.expect(200).json;
        assert_eq!((&kept["name"], &kept["installments"]), (&json!("<b>Crédito</b>"), &json!(false)));

        // Who has seen an older version overwrites nothing.
        let stale = [fields("Outro").as_slice(), &[("_version", "0")]].concat();
        let again = text(&browser.post(&card, &stale).await.expect(412));
        assert!(again.contains("Alguém mudou") && again.contains("value=\"Outro\""), "{again}");
        assert!(again.contains("name=\"_version\" value=\"1\""), "{again}");
        let remove = format!("{card}/remove");
        assert!(text(&browser.get(&remove).await.expect(200)).contains("É a última configuração"));
        let done = browser.post(&remove, &[]).await.expect(303);
        assert!(text(&browser.get(done.header("location")).await.expect(200)).contains("foi retirada"));
        assert_eq!(send(bed.operator("GET", "/payment-methods/card")).await.expect(200).json["configured"], false);
    });
}

#[test]
fn s55_s56_a_shops_staff_says_on_a_page_how_buyers_pay() {
    run(async {
        let bed = bed().await;
        let (shop, mut browser) = owner(bed, "paga-pela-pagina").await;
        let (page, card) = ("/admin/payment-methods", "/admin/payment-methods/card");
        let form = text(&browser.get(card).await.expect(200));
        assert!(
            form.contains("name=\"/max_installments\"") && form.contains("name=\"_version\" value=\"0\""),
            "{form}"
        );
        for (fields, error) in [
            (terms("13", "1", "5"), "max-error"),
            (terms("doze", "1", "5"), "max-error"),
            (terms("3", "4", "5"), "discounted-error"),
            (terms("3", "1", "100,1"), "discount-error"),
        ] {
            let wrong = text(&browser.post(card, &fields).await.expect(422));
            assert!(wrong.contains(&format!("id=\"{error}\"")), "{error}: {wrong}");
            assert!(wrong.contains(&format!("value=\"{}\"", fields[2].1)), "what was typed is kept: {wrong}");
        }
        let done = browser.post(card, &terms("12", "1", "12,5")).await.expect(303);
        let list = text(&browser.get(done.header("location")).await.expect(200));
        assert!(list.contains("em até 12x, 12,5 % de desconto à vista"), "{list}");
        let kept = send(bed.staff(&shop, "GET", "/payment-methods")).await.expect(200).json;
        assert_eq!(kept["items"][2]["configuration"]["discount_percent"], "12.5");

        // A method that is paid at once takes no installments, whatever the form says.
        let pix = text(&browser.get("/admin/payment-methods/pix").await.expect(200));
        assert!(pix.contains("type=\"hidden\" name=\"/max_installments\" value=\"1\""), "{pix}");
        browser.post("/admin/payment-methods/pix", &terms("2", "1", "5")).await.expect(422);
        let remove = format!("{card}/remove");
        let asks = text(&browser.get(&remove).await.expect(200));
        assert!(asks.contains("Retirar Cartão de crédito da loja?"), "{asks}");
        assert!(asks.contains("name=\"_version\" value=\"1\""), "{asks}");
        browser.post(card, &terms("6", "1", "5")).await.expect(303);
        browser.post(&remove, &[("_version", "1")]).await.expect(412);
        browser.post(&remove, &[("_version", "2")]).await.expect(303);
        assert!(text(&browser.get(page).await.expect(200)).contains("Sem condições"));
        // Set again it is no version that was there before.
        let form = text(&browser.get(card).await.expect(200));
        assert!(form.contains("name=\"_version\" value=\"0\""), "{form}");
        let zero = [terms("3", "1", "5").as_slice(), &[("_version", "0")]].concat();
        browser.post(card, &zero).await.expect(303);
        let form = text(&browser.get(card).await.expect(200));
        assert!(form.contains("name=\"_version\" value=\"4\""), "{form}");
    });
}

#[test]
fn s54_a_product_has_terms_of_its_own_on_a_page() {
    run(async {
        let bed = bed().await;
        let (shop, mut browser) = owner(bed, "produto-pela-pagina").await;
        let id = bed.product(&shop, "Caneca <i>azul</i>").await["id"].as_str().unwrap().to_owned();
        send(bed.staff(&shop, "PUT", "/payment-methods/card").json(&json!({"max_installments": 12}))).await.expect(201);
        let page = format!("/admin/products/{id}/payment-methods");
        let list = text(&browser.get(&page).await.expect(200));
        assert!(list.contains("Como na loja") && list.contains("em até 12x") && !list.contains("<i>"), "{list}");
        let card = format!("{page}/card");
        let form = text(&browser.get(&card).await.expect(200));
        assert!(form.contains("value=\"12\"") && form.contains("name=\"_version\" value=\"0\""), "{form}");
        let wrong = text(&browser.post(&card, &terms("2", "3", "0")).await.expect(422));
        assert!(wrong.contains("id=\"discounted-error\""), "{wrong}");
        let done = browser.post(&card, &terms("2", "0", "0")).await.expect(303);
        let list = text(&browser.get(done.header("location")).await.expect(200));
        assert!(list.contains("Condições próprias") && list.contains("em até 2x"), "{list}");
        let kept = async || -> Value {
            let all = format!("/products/{id}/payment-methods");
            send(bed.staff(&shop, "GET", &all)).await.expect(200).json["items"][2]["configuration"].clone()
        };
        assert_eq!(kept().await["max_installments"], 2);
        assert!(text(&browser.get(&format!("{card}/remove")).await.expect(200)).contains("condições da loja"));
        browser.post(&format!("{card}/remove"), &[]).await.expect(303);
        assert!(kept().await.is_null());
        browser.get("/admin/products/018f4d7e-3c1b-7a52-9d0e-5b7f1c2a3d4e/payment-methods").await.expect(404);
    });
}

#[test]
fn s59_the_page_says_what_is_missing_before_a_buyer_finds_out() {
    run(async {
        let bed = bed().await;
        let (shop, mut browser) = owner(bed, "ainda-nao-recebe").await;
        let page = "/admin/payment-methods";
        let (no_account, no_method) = ("ainda não tem conta em um gateway", "Nenhuma forma de pagamento está ativa");
        let bare = text(&browser.get(page).await.expect(200));
        assert!(bare.contains(no_account) && bare.contains(no_method), "{bare}");
        browser.post("/admin/payment-methods/pix", &terms("1", "1", "5")).await.expect(303);
        let without_account = text(&browser.get(page).await.expect(200));
        assert!(without_account.contains(no_account) && !without_account.contains(no_method), "{without_account}");

        let seller = Seller::of(bed, shop, "pagarme").await;
        let complete = text(&browser.get(page).await.expect(200));
        assert!(!complete.contains("Falta para a loja"), "{complete}");
        // A key that nobody has.
        let body =
            json!({"name": "Outra", "gateway": "pagarme", "public_key": "pk_test_x", "secret_key": "sk_test_nada"});
        let made = send(bed.staff(&seller.shop, "POST", "/payments/accounts").json(&body)).await.expect(201).json;
        let broken =
            tried(bed.staff(&seller.shop, "GET", &format!("/payments/accounts/{}", made["id"].as_str().unwrap())))
                .await;
        assert_eq!(broken["status"], "broken");
        let warned = text(&browser.get(page).await.expect(200));
        assert!(warned.contains("Nada é cobrado pela conta «Outra»"), "{warned}");
    });
}
