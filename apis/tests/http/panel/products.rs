//! The list of a shop's products, what is done to many of them, and the import's page.

use serde_json::json;

use super::{Browser, PASSWORD, shop_login::Owner, text};
use crate::{
    bed::{Answered, Bed, bed, product, send},
    reconciliation, run,
};

/// A page that is asked for until it holds a text: lists follow what is decided by a moment.
async fn until(browser: &mut Browser<'_>, path: &str, part: &str) -> String {
    reconciliation::until(part, async || {
        let page = text(&browser.get(path).await.expect(200));
        page.contains(part).then_some(page)
    })
    .await
}

/// The value of the check box of a product, of a page of the list.
fn tick(page: &str, id: &str) -> String {
    let (_, rest) = page.split_once(&format!("name=\"/chosen\" value=\"{id}:")).unwrap_or_else(|| panic!("{page}"));
    format!("{id}:{}", rest.split('"').next().unwrap())
}

/// The key of the last page's form.
fn key(page: &str) -> &str {
    page.split_once("name=\"_key\" value=\"").unwrap().1.split('"').next().unwrap()
}

async fn made(bed: &Bed, owner: &Owner, name: &str) -> String {
    bed.product(&owner.shop, name).await["id"].as_str().unwrap().to_owned()
}

/// A product as it is now.
async fn read(bed: &Bed, owner: &Owner, id: &str) -> Answered {
    send(bed.staff(&owner.shop, "GET", &format!("/products/{id}"))).await
}

#[test]
fn s51_the_list_shows_the_shops_products_found_and_filtered() {
    run(async {
        let bed = bed().await;
        let owner = Owner::new(bed, "lista-da-dona").await;
        let mut browser = owner.browser(bed).await;
        let empty = text(&browser.get("/admin/products").await.expect(200));
        assert!(empty.contains("Ainda não há produtos."), "{empty}");
        let mut body = product("Caneca <azul>");
        body["status"] = json!("published");
        let category = send(bed.staff(&owner.shop, "POST", "/categories").json(&json!({"name": "Louça"}))).await;
        body["category_id"] = category.expect(201).json["id"].clone();
        send(bed.staff(&owner.shop, "POST", "/products").json(&body)).await.expect(201);
        made(bed, &owner, "Prato").await;
        let all = until(&mut browser, "/admin/products", "2 produtos").await;
        for part in ["Caneca &#60;azul&#62;", "R$ 129,90", "Publicado", "Rascunho", "<td>Louça</td>", "1 variante"] {
            assert!(all.contains(part), "{part}: {all}");
        }
        assert!(all.find("Prato").unwrap() < all.find("Caneca").unwrap(), "the newest first");
        let by_name = text(&browser.get("/admin/products?sort=name&q=&status=&category=").await.expect(200));
        assert!(by_name.find("Caneca").unwrap() < by_name.find(">Prato").unwrap());
        for (path, found) in [("status=draft", "Prato"), ("q=caneca", "Caneca"), ("category=louca", "Caneca")] {
            let page = text(&browser.get(&format!("/admin/products?{path}")).await.expect(200));
            assert!(page.contains(&format!(">{found}")) && page.contains("1 produto<"), "{path}: {page}");
        }
        let none = text(&browser.get("/admin/products?q=bicicleta").await.expect(200));
        assert!(none.contains("Nenhum produto é assim."), "{none}");
        let first = text(&browser.get("/admin/products?limit=1").await.expect(200));
        let next = first.split_once("after=").unwrap().1.split('"').next().unwrap();
        let second = text(&browser.get(&format!("/admin/products?limit=1&after={next}")).await.expect(200));
        assert!(second.contains(">Caneca") && !second.contains("after="), "{second}");
    });
}

#[test]
fn s51_many_products_are_changed_each_for_itself_and_what_is_not_done_says_why() {
    run(async {
        let bed = bed().await;
        let owner = Owner::new(bed, "muitos-da-dona").await;
        let mut browser = owner.browser(bed).await;
        let (one, two) = (made(bed, &owner, "Um").await, made(bed, &owner, "Dois").await);
        let page = until(&mut browser, "/admin/products", "2 produtos").await;
        let (tick_one, tick_two) = (tick(&page, &one), tick(&page, &two));
        // Another one has changed the second meanwhile.
        let patched =
            bed.staff(&owner.shop, "PATCH", &format!("/products/{two}")).json(&json!({"name": "Dois mudado"}));
        send(patched).await.expect(200);
        let fields = [
            ("_key", key(&page)),
            ("_back", "/admin/products?q="),
            ("/chosen", tick_one.as_str()),
            ("/chosen", tick_two.as_str()),
            ("/action", "publish"),
        ];
        let done = text(&browser.post("/admin/products/many", &fields).await.expect(200));
        assert!(done.contains("Feito em 1 produto."), "{done}");
        assert!(
            done.contains("<strong>Dois mudado</strong>: O produto mudou depois que a lista foi aberta."),
            "{done}"
        );
        assert_eq!(read(bed, &owner, &one).await.json["status"], "published");
        assert_eq!(read(bed, &owner, &two).await.json["status"], "draft");
        let back = done.split_once("href=\"/admin/products?q=").unwrap().1.split('"').next().unwrap();
        assert!(back.contains("at=admin."), "{back}");
        let back = format!("/admin/products?q={}", back.replace("&#38;", "&"));
        let list = reconciliation::until("the list that shows the own change", async || {
            let list = text(&browser.get(&back).await.expect(200));
            (!list.contains("a caminho")).then_some(list)
        })
        .await;
        assert!(list.contains(">Publicado</span>"), "the own change is there: {list}");
        // Sent again it is answered the same, and done once.
        let version = read(bed, &owner, &one).await.json["version"].clone();
        let again = text(&browser.post("/admin/products/many", &fields).await.expect(200));
        assert!(again.contains("Feito em 1 produto."), "{again}");
        assert_eq!(read(bed, &owner, &one).await.json["version"], version);

        // Prices are asked about first.
        let page = until(&mut browser, "/admin/products", "Dois mudado").await;
        let (tick_one, tick_two) = (tick(&page, &one), tick(&page, &two));
        let fields = |key, confirmed| {
            let ticks = [("/chosen", tick_one.as_str()), ("/chosen", tick_two.as_str())];
            let rest = [("_key", key), ("/action", "reprice"), ("/percent", "-10,5"), ("/confirmed", confirmed)];
            [ticks.as_slice(), rest.as_slice()].concat()
        };
        let asks = text(&browser.post("/admin/products/many", &fields(key(&page), "")).await.expect(200));
        assert!(asks.contains("Mudar os preços de 2 produtos?") && asks.contains("-10,50%"), "{asks}");
        assert_eq!(read(bed, &owner, &one).await.json["variants"][0]["price"]["amount"], 12_990);
        for _ in 0..2 {
            let done = browser.post("/admin/products/many", &fields(key(&asks), "true")).await.expect(200);
            assert!(text(&done).contains("Feito em 2 produtos."), "{}", text(&done));
            assert_eq!(read(bed, &owner, &one).await.json["variants"][0]["price"]["amount"], 11_626);
        }

        let wrong = [("_key", "k"), ("/chosen", tick_one.as_str()), ("/action", "reprice"), ("/percent", "dez")];
        let wrong = text(&browser.post("/admin/products/many", &wrong).await.expect(422));
        assert!(wrong.contains("id=\"percent-error\"") && wrong.contains("value=\"dez\""), "{wrong}");
        let nothing = browser.post("/admin/products/many", &[("_key", "k"), ("/action", "publish")]).await.expect(422);
        assert!(text(&nothing).contains("Marque ao menos um produto."));

        let page = text(&browser.get("/admin/products").await.expect(200));
        let gone = tick(&page, &two);
        let delete = |confirmed| {
            [("_key", "apaga"), ("/chosen", gone.as_str()), ("/action", "delete"), ("/confirmed", confirmed)]
        };
        let asks = text(&browser.post("/admin/products/many", &delete("")).await.expect(200));
        assert!(asks.contains("Apagar 1 produto?") && asks.contains("Dois mudado"), "{asks}");
        for _ in 0..2 {
            let done = text(&browser.post("/admin/products/many", &delete("true")).await.expect(200));
            assert!(done.contains("Feito em 1 produto.") && !done.contains("Não foi feito"), "{done}");
        }
        read(bed, &owner, &two).await.expect(404);
    });
}

/// Sends a file by the form of the import's page.
async fn upload(browser: &mut Browser<'_>, mode: &str, csv: &str) -> Answered {
    upload_with(browser, &[("/mode", mode)], csv).await
}

async fn upload_with(browser: &mut Browser<'_>, fields: &[(&str, &str)], csv: &str) -> Answered {
    browser.get("/admin/products/import").await.expect(200);
    let field =
        |name: &str, value: &str| format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    let file =
        format!("--b\r\nContent-Disposition: form-data; name=\"/file\"; filename=\"a.csv\"\r\n\r\n{csv}\r\n--b--\r\n");
    let fields: String = fields.iter().map(|(name, value)| field(name, value)).collect();
    let body = field("_token", &browser.token) + &fields + &file;
    let request = browser.request("POST", "/admin/products/import").header("sec-fetch-site", "same-origin");
    browser.send(request.header("content-type", "multipart/form-data; boundary=b").body(body)).await
}

#[test]
fn f07_s51_a_file_is_tried_on_the_page_and_then_imported() {
    run(async {
        let bed = bed().await;
        let owner = Owner::new(bed, "planilha-da-dona").await;
        let mut browser = owner.browser(bed).await;
        let csv = "Handle,Title,Variant Price\ncopo,Copo,10\nerro,<b>,dez\n";
        let tried = upload(&mut browser, "dry", csv).await.expect(200);
        assert!(tried.header("content-security-policy").contains("default-src 'none'"));
        let tried = text(&tried);
        for part in ["Seria criado", "Seria recusado", "linha 3, coluna Variant Price", "Nada foi alterado", "</html>"]
        {
            assert!(tried.contains(part), "{part}: {tried}");
        }
        assert!(tried.contains("href=\"data:text/csv;charset=utf-8;base64,") && !tried.contains("<!--"), "{tried}");
        assert_eq!(send(bed.staff(&owner.shop, "GET", "/products")).await.expect(200).json["total"], 0);

        let done = text(&upload(&mut browser, "real", csv).await.expect(200));
        assert!(done.contains("Criado") && done.contains("Recusado") && done.contains("Ver os produtos"), "{done}");
        until(&mut browser, "/admin/products", ">Copo<").await;
        let again = text(&upload(&mut browser, "real", csv).await.expect(200));
        assert!(again.contains("Igual"), "{again}");
        let exported = browser.get("/admin/products/export").await.expect(200);
        assert!(text(&exported).contains("\ncopo,Copo,"), "{}", text(&exported));

        let workbook = text(&upload(&mut browser, "dry", "PK\u{3}\u{4}").await.expect(422));
        assert!(workbook.contains("planilha do Excel") && workbook.contains("id=\"file-error\""), "{workbook}");
        let none = text(&upload(&mut browser, "dry", "").await.expect(422));
        assert!(none.contains("O arquivo está vazio."), "{none}");
    });
}

#[test]
fn f07_s51_who_may_not_see_or_change_stock_does_neither_by_a_file() {
    run(async {
        let bed = bed().await;
        let owner = Owner::new(bed, "estoque-fora-do-arquivo").await;
        let mut browser = owner.browser(bed).await;
        let csv = |pieces: &str| format!("Handle,Title,Variant Price,Variant Inventory Qty\ncopo,Copo,10,{pieces}\n");
        upload(&mut browser, "real", &csv("7")).await.expect(200);
        until(&mut browser, "/admin/products", ">Copo<").await;
        let member = owner.member(bed, "vitrinista", &["catalogue:write"]).await;
        let mut hers = owner.visitor(bed);
        hers.log_in(&member.email, PASSWORD).await.expect(303);
        let form = text(&hers.get("/admin/products/import").await.expect(200));
        assert!(!form.contains("name=\"/stock\""), "{form}");
        for mode in ["dry", "real"] {
            let taking = upload_with(&mut hers, &[("/mode", mode), ("/stock", "true")], &csv("70")).await.expect(422);
            assert!(text(&taking).contains("id=\"stock-error\""), "{}", text(&taking));
            let told = text(&upload(&mut hers, mode, &csv("70")).await.expect(200));
            assert!(told.contains("não foi usado") && !told.contains("na loja)"), "{told}");
        }
        let exported = text(&hers.get("/admin/products/export").await.expect(200));
        assert!(exported.contains(",shopify,,deny,10.00,"), "{exported}");
        until(&mut browser, "/admin/products/export", ",shopify,7,deny,10.00,").await;

        // Who may is told in words of the page what to tick, and it is done.
        let told = text(&upload(&mut browser, "dry", &csv("70")).await.expect(200));
        assert!(told.contains("70 no arquivo, 7 na loja") && told.contains("marque «Usar também"), "{told}");
        assert!(!told.contains("--stock"), "{told}");
        upload_with(&mut browser, &[("/mode", "real"), ("/stock", "true")], &csv("70")).await.expect(200);
        until(&mut browser, "/admin/products/export", ",shopify,70,deny,10.00,").await;

        // How a product is paid is shown to who sees products.
        let id = send(bed.staff(&owner.shop, "GET", "/products")).await.expect(200).json["items"][0]["id"].clone();
        let page = format!("/admin/products/{}", id.as_str().unwrap());
        let shown = text(&hers.get(&page).await.expect(200));
        assert!(shown.contains(&format!("href=\"{page}/payment-methods\"")), "{shown}");
    });
}
