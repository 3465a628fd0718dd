//! The pages of delivery.

use super::Desk;
use crate::{bed::bed, run};

const ALL: &str = "/admin/shipping";

/// The form of a way of delivery of one price.
fn flat<'a>(name: &'a str, price: &'a str, days: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("/kind", "flat"),
        ("/name", name),
        ("/active", "false"),
        ("/active", "true"),
        ("/price", price),
        ("/min_days", days),
        ("/max_days", ""),
        ("/free_from", "200,00"),
    ]
}

/// The form of one with a table.
fn table<'a>(name: &'a str, lines: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![("/kind", "table"), ("/name", name), ("/active", "true"), ("/free_from", ""), ("_table", lines)]
}

/// The address of the page of the one with this name, as the list leads to it.
fn page_of(list: &str, name: &str) -> String {
    let before = list.split_once(&format!("\">{name}</a>")).unwrap_or_else(|| panic!("no {name}: {list}")).0;
    before.rsplit_once("href=\"").unwrap().1.to_owned()
}

#[test]
fn f08_a_way_of_one_price_is_made_changed_and_removed_by_pages() {
    run(async {
        let bed = bed().await;
        let mut desk = Desk::at(bed, "entrega-por-pagina").await;
        assert!(desk.page(ALL).await.contains("ainda não tem formas de entrega"));
        let form = desk.page(&format!("{ALL}/new?kind=flat")).await;
        assert!(form.contains("name=\"/price\"") && !form.contains("name=\"_table\""), "{form}");
        for (fields, error) in [
            (flat(" ", "15,00", "3"), "name-error"),
            (flat("PAC", "quinze", "3"), "price-error"),
            (flat("PAC", "", "3"), "price-error"),
            (flat("PAC", "15,00", "três"), "min-days-error"),
            (flat("PAC", "15,00", ""), "min-days-error"),
            (flat("PAC", "15,00", "999"), "min-days-error"),
        ] {
            let wrong = desk.sends(ALL, &fields, 422).await;
            assert!(wrong.contains(&format!("id=\"{error}\"")), "{error}: {wrong}");
            assert!(wrong.contains(&format!("value=\"{}\"", fields[4].1)), "what was typed is kept: {wrong}");
        }
        let list = desk.does(ALL, &flat("<b>PAC</b>", "15,00", "3")).await;
        assert!(list.contains("foi criada") && !list.contains("<b>"), "{list}");
        assert!(list.contains("R$ 15,00 · 3 dias úteis · grátis a partir de R$ 200,00"), "{list}");
        let page = page_of(&list, "&#60;b&#62;PAC&#60;/b&#62;");
        let shown = desk.page(&page).await;
        assert!(shown.contains("name=\"_version\" value=\"1\"") && shown.contains("value=\"15,00\""), "{shown}");
        let changed = desk.does(&page, &[flat("Correio", "20,00", "4"), vec![("_version", "1")]].concat()).await;
        assert!(changed.contains("foi guardada") && changed.contains("value=\"Correio\""), "{changed}");
        let stale = desk.sends(&page, &[flat("Outro", "1,00", "1"), vec![("_version", "1")]].concat(), 412).await;
        assert!(stale.contains("Alguém mudou") && stale.contains("value=\"Outro\""), "{stale}");
        assert!(stale.contains("name=\"_version\" value=\"2\""), "{stale}");
        for (field, kept, typed) in
            [("Nome", "Correio", "Outro"), ("Preço", "R$ 20,00", "R$ 1,00"), ("Prazo", "4 dias úteis", "1 dia útil")]
        {
            let row = format!("<th scope=\"row\">{field}</th><td>{kept}</td><td>{typed}</td>");
            assert!(stale.contains(&row), "{row}: {stale}");
        }
        assert!(!stale.contains("<th scope=\"row\">Frete grátis a partir de"), "{stale}");
        assert_eq!(desk.api("/shipping").await["items"][0]["name"], "Correio", "nothing is overwritten");
        let asks = desk.page(&format!("{page}/remove")).await;
        assert!(asks.contains("Excluir a entrega Correio?"), "{asks}");
        let list = desk.does(&format!("{page}/remove"), &[("_version", "2")]).await;
        assert!(list.contains("foi excluída") && list.contains("ainda não tem formas de entrega"), "{list}");
    });
}

#[test]
fn f08_a_table_is_pasted_tried_out_and_put_in_order_by_pages() {
    run(async {
        let bed = bed().await;
        let mut desk = Desk::at(bed, "tabela-por-pagina").await;
        desk.page(&format!("{ALL}/new?kind=table")).await;
        let wrong = "CEP inicial;CEP final;peso;preço;prazo\n\n01310-100;05999-999;0,3;10,00;2\n01000;05999;1;dez;2";
        let shown = desk.sends(ALL, &table("Motoboy", wrong), 422).await;
        assert!(shown.contains("Linha 3: «01310-100»") && shown.contains("Linha 4: o preço «dez»"), "{shown}");
        assert!(shown.contains("01310-100;05999-999;0,3;10,00;2"), "what was typed is kept: {shown}");
        let twice = "\n01000;05999;0,3;10,00;2\n05000;06999;0,3;9,00;2";
        let shown = desk.sends(ALL, &table("Motoboy", twice), 422).await;
        assert!(shown.contains("As linhas 2 e 3"), "{shown}");
        let shown = desk.sends(ALL, &table("Motoboy", "01000;05999;0,3;10,00;999"), 422).await;
        assert!(shown.contains("Linha 1: O prazo"), "{shown}");

        let pasted = "CEP inicial\tCEP final\tPeso\tPreço\tPrazo\r\n1000000\t5999999\t0,3\tR$ 10,00\t2";
        let list = desk.does(ALL, &table("Motoboy", pasted)).await;
        assert!(list.contains("Tabela por CEP e peso · 1 linha"), "{list}");
        let kept = desk.page(&page_of(&list, "Motoboy")).await;
        assert!(kept.contains("01000-000; 05999-999; 0,3; 10,00; 2"), "{kept}");
        assert!(kept.contains("<td>01000-000</td>") && kept.contains("<td>10,00</td>"), "{kept}");
        // A long table is a long form.
        let long: Vec<String> = (1..=2_000).map(|grams| format!("01000-000;05999-999;{grams} g;10,00;2")).collect();
        let list = desk.does(ALL, &table("Longa", &long.join("\n"))).await;
        assert!(list.contains("2.000 linhas"), "{list}");

        let list = desk.does(ALL, &flat("PAC", "15,00", "3")).await;
        let order = |list: &str| ["Motoboy", "Longa", "PAC"].map(|name| list.find(&format!("\">{name}</a>")).unwrap());
        assert!(order(&list).is_sorted(), "{list}");
        let page = page_of(&list, "PAC");
        let list = desk.does(&format!("{page}/move"), &[("/direction", "up")]).await;
        let [first, last, moved] = order(&list);
        assert!(first < moved && moved < last, "{list}");

        let tried = desk.page(&format!("{ALL}?cep=01310-100&weight=0,3&goods=1")).await;
        for said in ["Motoboy: R$ 10,00, 2 dias úteis", "PAC: R$ 15,00, 3 dias úteis"] {
            assert!(tried.contains(said), "{said}: {tried}");
        }
        let tried = desk.page(&format!("{ALL}?cep=&weight=&goods=200")).await;
        assert!(tried.contains("PAC: grátis") && tried.contains("Motoboy: Depende do CEP"), "{tried}");
        let heavy = desk.page(&format!("{ALL}?cep=01310-100&weight=5&goods=")).await;
        assert!(heavy.contains("Motoboy: As linhas da tabela para este CEP não chegam"), "{heavy}");
        let wrong = desk.browser.get(&format!("{ALL}?cep=00000&weight=x&goods=y")).await.expect(422);
        let wrong = super::text(&wrong);
        for error in ["cep-error", "weight-error", "goods-error"] {
            assert!(wrong.contains(&format!("id=\"{error}\"")), "{error}: {wrong}");
        }
    });
}
