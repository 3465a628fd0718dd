//! The first page of a shop's staff: what it says is to be done.

use serde_json::json;

use super::Desk;
use crate::{
    bed::{bed, product, send, send_at},
    reconciliation, run,
};

/// The page once it holds all of these: counts follow what is decided by a moment.
async fn until(desk: &mut Desk<'_>, path: &str, parts: &[&str]) -> String {
    reconciliation::until(path, async || {
        let page = desk.page(path).await;
        parts.iter().all(|part| page.contains(part)).then_some(page)
    })
    .await
}

#[test]
fn f23_the_first_page_says_what_there_is_to_do_and_leads_to_just_that() {
    run(async {
        let bed = bed().await;
        let mut desk = Desk::at(bed, "por-fazer").await;
        let new = desk.page("/admin").await;
        let delivers = ">Diga como a loja entrega</a>";
        for part in ["Primeiros passos", "Cadastre o primeiro produto", "Escreva as políticas", delivers] {
            assert!(new.contains(part), "{part}: {new}");
        }
        assert!(!new.contains("O que há para fazer") && !new.contains("Feito"), "{new}");

        bed.product(&desk.shop, "Prato").await;
        let mut body = product("Caneca");
        (body["status"], body["variants"][0]["stock"]) = (json!("published"), json!(0));
        let made = send(bed.staff(&desk.shop, "POST", "/products").json(&body)).await.expect(201);
        let without_stock = bed.staff(&desk.shop, "GET", "/products?lacks=stock");
        let sold_out = send_at(made.header("feira-position"), without_stock).await.expect(200).json;
        assert_eq!((&sold_out["total"], &sold_out["items"][0]["name"]), (&json!(1), &json!("Caneca")));
        let made = made.json;
        let matters = [
            "1 rascunho por publicar",
            "1 produto publicado sem imagem",
            "1 produto publicado sem estoque",
            "1 produto publicado com variante sem peso",
        ];
        let home = until(&mut desk, "/admin", &matters).await;
        assert!(home.contains(">Feito<"), "a product is there: {home}");
        let price = json!({"amount": 1_500, "currency": "BRL"});
        let pac = json!({"name": "PAC", "kind": "flat", "price": price, "min_days": 3, "max_days": 5});
        send(bed.staff(&desk.shop, "POST", "/shipping").json(&pac)).await.expect(201);
        let done = format!("{delivers} <span class=\"status good\">Feito<");
        until(&mut desk, "/admin", &[done.as_str()]).await;
        for (narrowed, name) in [
            ("status=draft", "Prato"),
            ("status=published&lacks=picture", "Caneca"),
            ("status=published&lacks=stock", "Caneca"),
            ("status=published&lacks=weight", "Caneca"),
        ] {
            let list = desk.page(&format!("/admin/products?{narrowed}")).await;
            assert!(list.contains(&format!(">{name}</a>")) && list.contains(">1 produto<"), "{narrowed}: {list}");
        }
        let by_api = send(bed.staff(&desk.shop, "GET", "/products?lacks=weight&status=draft")).await.expect(200).json;
        assert_eq!((&by_api["total"], &by_api["items"][0]["name"]), (&json!(1), &json!("Prato")));

        let patch = json!({"variants": [{
            "id": made["variants"][0]["id"], "price": made["variants"][0]["price"], "weight_grams": 300,
        }]});
        let path = format!("/products/{}", made["id"].as_str().unwrap());
        send(bed.staff(&desk.shop, "PATCH", &path).json(&patch)).await.expect(200);
        let home = reconciliation::until("a first page on which nothing lacks a weight", async || {
            let home = desk.page("/admin").await;
            (!home.contains("sem peso")).then_some(home)
        })
        .await;
        assert!(home.contains(matters[1]) && home.contains(matters[2]), "the others stay: {home}");
    });
}
