//! The pages of stock.

use serde_json::{Value, json};

use super::{Desk, PASSWORD, text};
use crate::{
    bed::{Answered, bed, send, send_at},
    panel::shop_login::Owner,
    reconciliation::until,
    run,
};

const ALL: &str = "/admin/stock";

async fn sent(desk: &mut Desk<'_>, fields: [(String, String); 5], status: u16) -> Answered {
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    desk.browser.post(ALL, &fields).await.expect(status)
}

#[test]
fn s50_stock_is_set_by_pages_and_the_second_of_two_tabs_is_told() {
    run(async {
        let bed = bed().await;
        let mut desk = Desk::at(bed, "estoque-por-pagina").await;
        let made = bed.product(&desk.shop, "Caneca <i>azul</i>").await;
        let id = |name: &serde_json::Value| name.as_str().unwrap().to_owned();
        let (product, variant) = (id(&made["id"]), id(&made["variants"][0]["id"]));
        let address = format!("/products/{product}/variants/{variant}/stock");
        until("the first stock", async || (desk.api(&address).await["on_hand"] == 3).then_some(())).await;
        let page = desk.page(&format!("{ALL}?product={product}")).await;
        assert!(page.contains("3 peças") && page.contains("No fim") && !page.contains("<i>"), "{page}");

        let of = |version: &str, on_hand: &str, adjust: &str| {
            let fields = [
                ("_product", product.as_str()),
                ("_variant", variant.as_str()),
                ("_version", version),
                ("/on_hand", on_hand),
                ("/adjust", adjust),
            ];
            fields.map(|(name, value)| (name.to_owned(), value.to_owned()))
        };
        let version = desk.api(&address).await["version"].to_string();
        let done = sent(&mut desk, of(&version, "10", ""), 303).await;
        let done = desk.page(done.header("location")).await;
        assert!(done.contains("O estoque foi atualizado") && done.contains("10 peças"), "{done}");

        let stale = text(&sent(&mut desk, of(&version, "20", ""), 412).await);
        assert!(stale.contains("O estoque mudou enquanto você digitava") && stale.contains("10 peças"), "{stale}");
        assert!(stale.contains("value=\"20\""), "what was typed is kept: {stale}");
        assert_eq!(desk.api(&address).await["on_hand"], 10, "nothing is overwritten");
        let version = desk.api(&address).await["version"].to_string();
        assert!(stale.contains(&format!("name=\"_version\" value=\"{version}\"")), "{stale}");

        for (on_hand, adjust, said) in [
            ("1", "1", "Preencha um dos dois campos"),
            ("", "", "Preencha um dos dois campos"),
            ("dez", "", "id=\"on-hand-error-0\""),
        ] {
            let wrong = text(&sent(&mut desk, of(&version, on_hand, adjust), 422).await);
            assert!(wrong.contains(said), "{on_hand} {adjust}: {wrong}");
        }
        sent(&mut desk, of(&version, "", "-11"), 422).await;
        sent(&mut desk, of(&version, "", "-4"), 303).await;
        assert_eq!(desk.api(&address).await["on_hand"], 6);

        // The list finds it, and another shop's staff finds nothing.
        until("the list", async || {
            let list = bed.staff(&desk.shop, "GET", "/products?q=caneca");
            (send(list).await.json["total"] == 1).then_some(())
        })
        .await;
        assert!(desk.page(&format!("{ALL}?q=caneca")).await.contains("1 variante, 6 peças no total"));
        let mut other = Desk::at(bed, "estoque-alheio").await;
        other.page(ALL).await;
        other.browser.get(&format!("{ALL}?product={product}")).await.expect(404);
        sent(&mut other, of(&version, "99", ""), 404).await;
    });
}

/// A product in the shop in two colours, with so many pieces of each.
fn in_two_colours(name: &str, blue: i64, green: i64) -> Value {
    let variant = |colour: &str, stock: i64| json!({"options": {"Cor": colour}, "price": {"amount": 4_990, "currency": "BRL"}, "stock": stock});
    let variants = [variant("Azul", blue), variant("Verde", green)];
    let options = json!([{"name": "Cor", "values": ["Azul", "Verde"]}]);
    json!({"name": name, "status": "published", "options": options, "variants": variants})
}

#[test]
fn f23_variants_that_run_low_are_counted_on_the_first_page_and_listed() {
    run(async {
        let bed = bed().await;
        let mut desk = Desk::at(bed, "estoque-baixo").await;
        let all = format!("{ALL}?low=1");
        let empty = desk.page(&all).await;
        assert!(empty.contains("Nenhuma variante está com estoque baixo"), "{empty}");
        assert!(!desk.page("/admin").await.contains("estoque baixo"));

        let body = in_two_colours("Caneca <i>rasa</i>", 9, 5);
        let made = send(bed.staff(&desk.shop, "POST", "/products").json(&body)).await.expect(201);
        let id = made.json["id"].as_str().unwrap();
        let [blue, green] = [0, 1].map(|place: usize| made.json["variants"][place]["id"].as_str().unwrap());
        let shop = desk.shop.clone();
        let low = async |position: &str, query: &str| {
            send_at(position, bed.staff(&shop, "GET", &format!("/low-stock{query}"))).await.expect(200).json
        };
        let listed = low(made.header("feira-position"), "").await;
        let few = json!([{"product_id": id, "variant_id": green, "on_hand": 5}]);
        assert_eq!((&listed["items"], &listed["next"]), (&few, &Value::Null));
        let home = desk.page("/admin").await;
        assert!(home.contains("<a href=\"/admin/stock?low=1\">1 variante com estoque baixo</a>"), "{home}");
        let page = desk.page(&all).await;
        let form = format!("href=\"/admin/stock?product={id}&amp;page=1#variant-1\"");
        for part in [form.as_str(), "Cor: Verde · 5 peças", "No fim"] {
            assert!(page.contains(part), "{part}: {page}");
        }
        assert!(!page.contains("Azul") && !page.contains("<i>"), "{page}");

        // What one has just set is there on the next page.
        let sold_out = [("_product", id), ("_variant", blue), ("_version", "1"), ("/on_hand", "0"), ("/adjust", "")];
        desk.browser.post(ALL, &sold_out).await.expect(303);
        assert!(desk.page("/admin").await.contains(">2 variantes com estoque baixo</a>"));
        let page = desk.page(&all).await;
        assert!(page.contains("Cor: Azul · 0 peças") && page.contains("Em falta"), "{page}");
        let mut found = Vec::new();
        let mut query = "?limit=1".to_owned();
        for _ in 0..2 {
            let page = low(made.header("feira-position"), &query).await;
            found.push(page["items"][0]["variant_id"].clone());
            query = page["next"].as_str().map(|next| format!("?limit=1&after={next}")).unwrap_or_default();
        }
        assert!(query.is_empty() && found.contains(&json!(blue)) && found.contains(&json!(green)), "{found:?} {query}");
        assert_eq!(low(made.header("feira-position"), "?after=").await["items"].as_array().map(Vec::len), Some(2));
        let refused = send(bed.staff(&desk.shop, "GET", "/low-stock?after=x")).await.expect(400);
        assert_eq!(refused.code(), "bad_cursor");

        let more = bed.staff(&desk.shop, "PUT", &format!("/products/{id}/variants/{green}/stock"));
        let more = send(more.json(&json!({"on_hand": 6}))).await.expect(200);
        let left = low(more.header("feira-position"), "").await;
        assert_eq!(left["items"], json!([{"product_id": id, "variant_id": blue, "on_hand": 0}]));
        let of_blue = format!("/products/{id}/variants/{blue}/stock");
        let version = desk.api(&of_blue).await["version"].clone();
        let draft = bed.staff(&desk.shop, "PATCH", &format!("/products/{id}")).json(&json!({"status": "draft"}));
        let draft = send(draft).await.expect(200);
        assert_eq!(low(draft.header("feira-position"), "").await["items"], json!([]));
        assert_eq!(desk.api(&of_blue).await["version"], version, "what one has read of the stock still holds");
        assert!(!desk.page("/admin").await.contains("estoque baixo"));
    });
}

#[test]
fn f23_pages_of_what_runs_low_go_through_all_products() {
    run(async {
        let bed = bed().await;
        let desk = Desk::at(bed, "estoque-em-paginas").await;
        let (mut expected, mut position) = (Vec::new(), String::new());
        for number in 0..7 {
            let body = in_two_colours(&format!("Copo {number}"), 1, 9);
            let made = send(bed.staff(&desk.shop, "POST", "/products").json(&body)).await.expect(201);
            expected.push(made.json["variants"][0]["id"].as_str().unwrap().to_owned());
            position = made.header("feira-position").to_owned();
        }
        let (mut found, mut query) = (Vec::new(), "?limit=3".to_owned());
        for items in [3, 3, 1] {
            let asked = bed.staff(&desk.shop, "GET", &format!("/low-stock{query}"));
            let page = send_at(&position, asked).await.expect(200).json;
            let variants = page["items"].as_array().unwrap();
            assert_eq!(variants.len(), items, "{page}");
            found.extend(variants.iter().map(|item| item["variant_id"].as_str().unwrap().to_owned()));
            query = page["next"].as_str().map(|next| format!("?limit=3&after={next}")).unwrap_or_default();
        }
        assert_eq!(query, "", "the last page says so");
        expected.sort();
        found.sort();
        assert_eq!(found, expected);
    });
}

#[test]
fn f23_s63_what_runs_low_is_said_to_who_may_see_stock() {
    run(async {
        let bed = bed().await;
        let owner = Owner::new(bed, "estoque-de-poucos").await;
        let body = in_two_colours("Prato", 1, 2);
        let made = send(bed.staff(&owner.shop, "POST", "/products").json(&body)).await.expect(201);
        send_at(made.header("feira-position"), bed.staff(&owner.shop, "GET", "/low-stock")).await.expect(200);
        for (name, permission, status, is_said) in
            [("Rui", "stock:read", 200, true), ("Lia", "catalogue:write", 403, false)]
        {
            let member = owner.member(bed, name, &[permission]).await;
            let mut browser = owner.visitor(bed);
            browser.log_in(&member.email, PASSWORD).await.expect(303);
            let home = text(&browser.get("/admin").await.expect(200));
            assert_eq!(home.contains(">2 variantes com estoque baixo</a>"), is_said, "{permission}: {home}");
            browser.get(&format!("{ALL}?low=1")).await.expect(status);
        }
    });
}
