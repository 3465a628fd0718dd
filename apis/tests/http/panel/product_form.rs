//! The page of a product: its form, its variants and its images.

use image::ImageFormat;
use reqwest::{
    RequestBuilder,
    multipart::{Form, Part},
};
use serde_json::{Value, json};

use super::{Browser, PASSWORD, choose, text};
use crate::{
    bed::{Bed, Shop, bed, send},
    images::image_file,
    payments::brl,
    run,
};

const NEW: &str = "/admin/products/new";

/// A new shop, and a browser in which its first administrator has logged in.
async fn keeper<'a>(bed: &'a Bed, subdomain: &str) -> (Shop, Browser<'a>) {
    let shop = bed.shop(subdomain).await;
    let email = format!("dona@{subdomain}.example");
    let body = json!({"email": email, "name": "Ana Lima"});
    let made = send(bed.operator("POST", &format!("/tenants/{}/staff", shop.id)).json(&body)).await.expect(201).json;
    let link = made["link"].as_str().unwrap().strip_prefix(&format!("http://{}", shop.host)).unwrap().to_owned();
    let mut browser = Browser::at(bed, &shop.host);
    choose(&mut browser, &link, PASSWORD).await.expect(303);
    browser.log_in(&email, PASSWORD).await.expect(303);
    (shop, browser)
}

/// The form of a product with one variant, as a browser sends it.
fn fields<'a>(name: &'a str, price: &'a str, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let plain = [
        ("_act", "save"),
        ("/name", name),
        ("/description", "<p>De louça.</p>\r\n<script>x</script>"),
        ("/status", "published"),
        ("/category_id", ""),
        ("/vendor", "Olaria"),
        ("/tags", "louça\r\n\r\ncasa"),
        ("/featured", "false"),
        ("/featured", "true"),
        ("/options/0/name", ""),
        ("/options/0/values", ""),
        ("/slug", ""),
        ("/seo/title", ""),
        ("/seo/description", ""),
        ("/variants/0/sku", "C-1"),
        ("/variants/0/price", price),
        ("/variants/0/compare_at_price", "59,90"),
        ("/variants/0/cost", "20"),
        ("/variants/0/weight_grams", "300"),
        ("/variants/0/tracked", "false"),
        ("/variants/0/tracked", "true"),
    ];
    plain.into_iter().chain(more.iter().copied()).collect()
}

async fn read(bed: &Bed, shop: &Shop, id: &str) -> Value {
    send(bed.staff(shop, "GET", &format!("/products/{id}"))).await.expect(200).json
}

/// Makes a product by its form; its id.
async fn made(browser: &mut Browser<'_>, fields: &[(&str, &str)]) -> String {
    browser.get(NEW).await.expect(200);
    let made = browser.post(NEW, fields).await.expect(303);
    let location = made.header("location");
    let id = location.strip_prefix("/admin/products/").and_then(|rest| rest.strip_suffix("?done=product-made"));
    id.unwrap_or_else(|| panic!("{location}")).to_owned()
}

#[test]
fn s51_f06_a_product_is_made_changed_and_deleted_by_its_pages() {
    run(async {
        let bed = bed().await;
        let (shop, mut browser) = keeper(bed, "produto-pelo-form").await;
        browser.get(NEW).await.expect(200);
        let name = "<script>x</script> Caneca";
        for price in ["doze", "", "1.234"] {
            let wrong = text(&browser.post(NEW, &fields(name, price, &[])).await.expect(422));
            assert!(wrong.contains("id=\"/variants/0/price-error\""), "{price}: {wrong}");
            assert!(wrong.contains("<title>Erro: Novo produto"), "{wrong}");
            for kept in [format!("value=\"{price}\""), "louça\n\ncasa".into(), "value=\"59,90\"".into(), "C-1".into()]
            {
                assert!(wrong.contains(&kept), "what was typed is kept: {kept}: {wrong}");
            }
            assert!(wrong.contains("&#60;script&#62;") && !wrong.contains("<script>"), "as text");
        }
        let stock = [("/variants/0/stock", "7")];
        let id = made(&mut browser, &fields(name, "49,90", &stock)).await;
        let kept = read(bed, &shop, &id).await;
        let variant = &kept["variants"][0];
        assert_eq!((&variant["price"], &variant["compare_at_price"]), (&brl(4_990), &brl(5_990)));
        assert_eq!((&kept["tags"], &kept["featured"]), (&json!(["louça", "casa"]), &json!(true)));
        assert!(!kept["description"].as_str().unwrap().contains("script"), "{kept}");

        let page = format!("/admin/products/{id}");
        let shown = text(&browser.get(&format!("{page}?done=product-made")).await.expect(200));
        let slug = kept["slug"].as_str().unwrap();
        for part in [
            "O produto foi criado",
            &format!("href=\"/product/{slug}\""),
            &format!("href=\"/admin/stock?product={id}\""),
            &format!("href=\"{page}/payment-methods\""),
            "name=\"_version\" value=\"1\"",
            "59,9%",
            "produto-pelo-form.localhost:8080/product/",
        ] {
            assert!(shown.contains(part), "{part}: {shown}");
        }
        assert!(!shown.contains("name=\"/variants/0/stock\""), "stock begins once: {shown}");

        let variant_id = variant["id"].as_str().unwrap().to_owned();
        let again = [("_version", "1"), ("/variants/0/id", variant_id.as_str())];
        let saved = browser.post(&page, &fields("Caneca grande", "54,90", &again)).await.expect(303);
        assert_eq!(saved.header("location"), format!("{page}?done=product-saved"));
        let changed = read(bed, &shop, &id).await;
        assert_eq!((&changed["name"], &changed["version"]), (&json!("Caneca grande"), &json!(2)));
        assert_eq!(changed["variants"][0]["id"], variant_id.as_str(), "the variant is the same");
        assert_eq!(changed["slug"], kept["slug"], "an address that is left blank stays");
        // A form that names no version changes nothing.
        browser.post(&page, &fields("Sem versão", "1", &again[1..])).await.expect(400);

        let asks = text(&browser.get(&format!("{page}/delete")).await.expect(200));
        assert!(asks.contains("Apagar o produto Caneca grande?"), "{asks}");
        assert!(asks.contains("name=\"_version\" value=\"2\""), "{asks}");
        let stale = text(&browser.post(&format!("{page}/delete"), &[("_version", "1")]).await.expect(412));
        assert!(stale.contains("Não foi feito"), "{stale}");
        let deleted = browser.post(&format!("{page}/delete"), &[]).await.expect(303);
        assert_eq!(deleted.header("location"), "/admin/products?done=product-deleted");
        send(bed.staff(&shop, "GET", &format!("/products/{id}"))).await.expect(404);
        browser.get(&page).await.expect(404);
        browser.post(&page, &fields("x", "1", &again)).await.expect(404);
        let script = send(bed.request(&shop.host, "GET", "/admin/assets/panel.js")).await.expect(200);
        assert_eq!(script.header("content-type"), "text/javascript; charset=utf-8");
    });
}

#[test]
fn s51_s53_f06_six_variants_are_laid_out_by_a_button_and_filled_from_a_spreadsheet() {
    run(async {
        let bed = bed().await;
        let (shop, mut browser) = keeper(bed, "produto-em-grade").await;
        browser.get(NEW).await.expect(200);
        let mut sent: Vec<(String, String)> = [
            ("_act", "grid"),
            ("/name", "Camisa"),
            ("/status", "draft"),
            ("/options/0/name", "Tamanho"),
            ("/options/0/values", "P\r\nM\r\nG"),
            ("/options/2/name", "Cor/tom"),
            ("/options/2/values", "Azul\r\nVerde"),
            ("/variants/0/price", "49,90"),
            ("/variants/0/sku", "A-1"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        let as_sent = |sent: &[(String, String)]| -> Vec<(&'static str, &'static str)> {
            let leaked = |text: &String| -> &'static str { Box::leak(text.clone().into_boxed_str()) };
            sent.iter().map(|(name, value)| (leaked(name), leaked(value))).collect()
        };
        let grid = text(&browser.post(NEW, &as_sent(&sent)).await.expect(200));
        assert!(grid.contains("A tabela tem 6 variantes."), "{grid}");
        assert!(grid.contains("name=\"/variants/5/price\"") && !grid.contains("name=\"/variants/6/price\""), "{grid}");
        assert!(grid.contains("name=\"_variants/5/options/1\"") && grid.contains("data-guard=\"changed\""), "{grid}");
        assert_eq!(grid.matches("value=\"A-1\"").count(), 1, "a code is one variant's");
        let none = send(bed.staff(&shop, "GET", "/products")).await.expect(200).json;
        assert_eq!(none["total"], 0, "nothing is kept before it is saved");

        // As the page has it: what stood in the third place is the second option now.
        for (name, _) in &mut sent {
            *name = name.replace("/options/2/", "/options/1/");
        }
        let mut number = 0;
        for size in ["P", "M", "G"] {
            for colour in ["Azul", "Verde"] {
                sent.retain(|(name, _)| *name != format!("/variants/{number}/price"));
                sent.extend([
                    (format!("_variants/{number}/options/0"), size.to_owned()),
                    (format!("_variants/{number}/options/1"), colour.to_owned()),
                    (format!("/variants/{number}/price"), "49,90".to_owned()),
                ]);
                number += 1;
            }
        }
        let pasted = "Tamanho\tCor/tom\tSKU\tPreço\r\nP\tVerde\tB-2\t59,90\r\nG\tRoxo\tR-1\t69,90";
        sent[0].1 = "paste".to_owned();
        let with = |pasted: &str| [sent.clone(), vec![("_paste".to_owned(), pasted.to_owned())]].concat();
        let wrong = text(&browser.post(NEW, &as_sent(&with("P\tVerde\tB-2\tdoze"))).await.expect(200));
        assert!(wrong.contains("<li>Linha 1: ") && wrong.contains("P\tVerde\tB-2\tdoze"), "{wrong}");
        let filled = text(&browser.post(NEW, &as_sent(&with(pasted))).await.expect(200));
        assert!(filled.contains("2 linhas da planilha foram preenchidas"), "{filled}");
        assert!(filled.contains("value=\"B-2\"") && filled.contains("name=\"/variants/6/price\""), "{filled}");
        assert!(filled.contains("Azul\nVerde\nRoxo"), "a new value is an option's: {filled}");

        sent[0].1 = "save".to_owned();
        let saved = browser.post(NEW, &as_sent(&sent)).await.expect(303);
        let id = saved.header("location").split(['/', '?']).nth(3).unwrap().to_owned();
        let variants = read(bed, &shop, &id).await["variants"].clone();
        assert_eq!(variants.as_array().unwrap().len(), 6);
        assert_eq!(variants[5]["options"], json!({"Tamanho": "G", "Cor/tom": "Verde"}));
    });
}

#[test]
fn s51_who_changes_a_product_that_somebody_else_has_changed_sees_both_and_overwrites_nothing() {
    run(async {
        let bed = bed().await;
        let (shop, mut browser) = keeper(bed, "produto-a-dois").await;
        let id = made(&mut browser, &fields("Prato", "49,90", &[])).await;
        let page = format!("/admin/products/{id}");
        let variant_id = read(bed, &shop, &id).await["variants"][0]["id"].as_str().unwrap().to_owned();
        let patch = json!({"name": "Prato <b>alheio</b>", "vendor": "Outra"});
        send(bed.staff(&shop, "PATCH", &format!("/products/{id}")).json(&patch)).await.expect(200);

        let ids = ("/variants/0/id", variant_id.as_str());
        let mine = fields("Prato meu", "49,90", &[("_version", "1"), ids]);
        let stale = text(&browser.post(&page, &mine).await.expect(412));
        for part in [
            "mudou enquanto você editava",
            "<th scope=\"row\">Nome</th><td>Prato &#60;b&#62;alheio&#60;/b&#62;</td><td>Prato meu</td>",
            "<th scope=\"row\">Marca</th><td>Outra</td><td>Olaria</td>",
            "name=\"_version\" value=\"2\"",
            "value=\"Prato meu\"",
            "Ficar com o que está guardado",
        ] {
            assert!(stale.contains(part), "{part}: {stale}");
        }
        assert!(!stale.contains("<th scope=\"row\">Etiquetas"), "what does not differ is not named: {stale}");
        assert_eq!(read(bed, &shop, &id).await["name"], patch["name"], "nothing is overwritten");
        // A step of the form does not make it one of the present version.
        let step: Vec<_> =
            mine.iter().map(|(name, value)| (*name, if *name == "_act" { "add" } else { *value })).collect();
        assert!(text(&browser.post(&page, &step).await.expect(200)).contains("name=\"_version\" value=\"1\""));
        let again = fields("Prato meu", "49,90", &[("_version", "2"), ids]);
        browser.post(&page, &again).await.expect(303);
        let kept = read(bed, &shop, &id).await;
        assert_eq!((&kept["name"], &kept["vendor"]), (&json!("Prato meu"), &json!("Olaria")));
    });
}

/// Files as the page's form sends them.
fn upload(browser: &Browser<'_>, page: &str, files: Vec<Vec<u8>>) -> RequestBuilder {
    let form = Form::new().text("_token", browser.token.clone()).text("_key", format!("envio-{}", files.len()));
    let part = |file: Vec<u8>| Part::bytes(file).file_name("a.png");
    let form = files.into_iter().fold(form, |form, file| form.part("images", part(file)));
    browser.request("POST", &format!("{page}/images")).header("sec-fetch-site", "same-origin").multipart(form)
}

#[test]
fn s52_images_are_added_described_put_in_order_and_removed_by_the_page() {
    run(async {
        let bed = bed().await;
        let (shop, mut browser) = keeper(bed, "produto-com-fotos").await;
        let id = made(&mut browser, &fields("Vaso", "49,90", &[])).await;
        let page = format!("/admin/products/{id}");
        let images = async || read(bed, &shop, &id).await["images"].as_array().unwrap().clone();
        browser.get(&page).await.expect(200);
        let nothing = upload(&browser, &page, Vec::new());
        assert!(text(&browser.send(nothing).await.expect(422)).contains("Escolha ao menos uma imagem."));
        let [one, two] = [20, 30].map(|width| image_file(width, 20, ImageFormat::Png));
        let good = upload(&browser, &page, vec![one, two]);
        let added = browser.send(good).await.expect(303);
        assert_eq!(added.header("location"), format!("{page}?done=product-images#imagens"));
        let wrong =
            upload(&browser, &page, vec![image_file(40, 20, ImageFormat::Png), b"texto".to_vec(), b"x".to_vec()]);
        let wrong = text(&browser.send(wrong).await.expect(422));
        assert!(wrong.contains("<li>Imagem 2 de 3: ") && wrong.contains("<li>Imagem 3 de 3: "), "{wrong}");
        let widths = |images: &[Value]| images.iter().map(|image| image["width"].clone()).collect::<Vec<_>>();
        let all = images().await;
        assert_eq!(widths(&all), [20, 30, 40], "those that are images are there");

        let at = |image: &Value| format!("{page}/images/{}", image["id"].as_str().unwrap());
        let described = browser.post(&at(&all[0]), &[("/alt", "Vaso de \"frente\"")]).await.expect(303);
        assert!(described.header("location").ends_with("?done=product-image-saved#imagens"));
        let long = "á".repeat(501);
        let refused = text(&browser.post(&at(&all[1]), &[("/alt", long.as_str())]).await.expect(422));
        assert!(refused.contains("id=\"alt-2-error\"") && refused.contains(&long), "{refused}");
        // Over a version that is old nothing is described or moved, and what was typed is there still.
        let old = [("_version", "1"), ("/alt", "Vaso de lado")];
        let stale = text(&browser.post(&at(&all[0]), &old).await.expect(412));
        assert!(stale.contains("value=\"Vaso de lado\"") && stale.contains("id=\"alt-1-error\""), "{stale}");
        assert!(!stale.contains("name=\"_version\" value=\"1\""), "{stale}");
        browser.post(&at(&all[2]), &[("_version", "1"), ("/position", "1")]).await.expect(412);
        browser.post(&at(&all[2]), &[("/position", "1")]).await.expect(303);
        let shown = text(&browser.get(&page).await.expect(200));
        assert!(shown.contains("alt=\"Vaso de &#34;frente&#34;\""), "{shown}");
        assert!(shown.contains("data-order=\"/position\"") && shown.contains("-480.png\""), "{shown}");
        assert_eq!(widths(&images().await), [40, 20, 30]);

        let remove = format!("{}/delete", at(&all[1]));
        assert!(text(&browser.get(&remove).await.expect(200)).contains("Remover a imagem 3 de Vaso?"));
        browser.post(&remove, &[]).await.expect(303);
        assert_eq!(widths(&images().await), [40, 20]);
        browser.get(&remove).await.expect(404);
    });
}
