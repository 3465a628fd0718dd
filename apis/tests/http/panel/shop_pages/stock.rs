//! The pages of stock.

use super::{Desk, text};
use crate::{
    bed::{Answered, bed, send},
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
