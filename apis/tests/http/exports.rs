//! Exports: what goes out as a file comes in again as the same products.

use serde_json::{Value, json};

use crate::{
    bed::{Bed, Shop, bed, send, send_at},
    run,
};

/// The lines of an import, and a position from which on they are seen.
async fn import(bed: &Bed, shop: &Shop, csv: &str, how: &str) -> (Vec<Value>, String) {
    let request = bed.operator("POST", &format!("/tenants/{}/import{how}", shop.id)).header("content-type", "text/csv");
    let answered = send(request.body(csv.to_owned())).await.expect(200);
    let lines = String::from_utf8(answered.bytes).unwrap();
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let position = lines.iter().rev().find_map(|line| line["position"].as_str()).unwrap_or_default().to_owned();
    (lines, position)
}

/// The file of a shop's products, at this position.
async fn export(bed: &Bed, shop: &Shop, position: &str) -> String {
    let request = bed.staff(shop, "GET", "/products.csv");
    let answer = match position {
        "" => send(request).await,
        position => send_at(position, request).await,
    };
    let answer = answer.expect(200);
    assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8");
    assert!(answer.header("content-disposition").contains("produtos-"), "{:?}", answer.headers);
    String::from_utf8(answer.bytes).unwrap()
}

/// Products of many kinds, made by the API, and the position of the last.
async fn varied(bed: &Bed, shop: &Shop) -> String {
    let category = |name: &str, above: Value| {
        let body = json!({"name": name, "parent_id": above});
        let request = bed.staff(shop, "POST", "/categories").json(&body);
        async move { send(request).await.expect(201).json["id"].clone() }
    };
    let (women, men) = (category("Feminino", Value::Null).await, category("Masculino", Value::Null).await);
    let (_, mens) = (category("Camisas", women).await, category("Camisas", men).await);
    let money = |amount: i64| json!({"amount": amount, "currency": "BRL"});
    let products = [
        json!({
            "name": "=SOMA(A1)", "slug": "formula", "vendor": "@marca", "tags": ["-a", "b, c"],
            "description": "<p>Uma, \"duas\"</p>\n<p>três</p>\n", "status": "published",
            "variants": [{"sku": "'0123", "barcode": "+5511", "price": money(1), "stock": 3}],
        }),
        json!({
            "name": "Camisa", "slug": "camisa", "category_id": mens, "status": "draft",
            "seo": {"title": "Camisa <b>", "description": "De\nalgodão"},
            "options": [{"name": "Tamanho", "values": ["G", "P"]}, {"name": "Cor", "values": ["Azul", "Cru"]}],
            "variants": [
                {"options": {"Tamanho": "P", "Cor": "Azul"}, "price": money(12_990), "compare_at_price": money(15_000), "cost": money(4_005), "weight_grams": 310, "stock": 7},
                {"options": {"Tamanho": "G", "Cor": "Azul"}, "price": money(100_000), "tracked": false},
                {"options": {"Tamanho": "G", "Cor": "Cru"}, "sku": "0012", "price": money(50), "stock": 0},
            ],
        }),
        json!({
            "name": "Códigos", "slug": "1e-5", "status": "draft", "tags": ["\"entre\"", "1,5 l"],
            "options": [{"name": "Cor", "values": ["Azul", "Cru"]}],
            "variants": [
                {"options": {"Cor": "Azul"}, "sku": "12345678.0", "barcode": "1E+5", "price": money(100)},
                {"options": {"Cor": "Cru"}, "sku": "7,8E+12", "barcode": "7891000315507,0", "price": money(100)},
            ],
        }),
        json!({"name": "O mínimo", "featured": true, "variants": [{"price": money(990)}]}),
    ];
    for product in products {
        send(bed.staff(shop, "POST", "/products").json(&product)).await.expect(201);
    }
    let csv = "Handle,Title,Variant Price,Image Src,Image Alt Text\n\
               bule,Bule,89.90,https://fotos.test/b.jpg?v=1,\"- de frente\"\nbule,,,https://fotos.test/a.jpg,\n";
    import(bed, shop, csv, "").await.1
}

#[test]
fn f07_what_is_exported_comes_in_as_the_same_and_changes_nothing_where_it_is() {
    run(async {
        let bed = bed().await;
        let (from, to) = (bed.shop("exportada").await, bed.shop("exportada-de-novo").await);
        let position = varied(bed, &from).await;
        let file = export(bed, &from, &position).await;
        let handles: Vec<&str> = file.lines().filter_map(|line| line.split(',').next()).collect();
        for handle in ["'1e-5", "bule", "camisa", "formula", "o-minimo"] {
            assert!(handles.contains(&handle), "{file}");
        }
        for cell in [
            ",'=SOMA(A1),",
            ",'@marca,",
            ",''0123,",
            ",'+5511,",
            ",'- de frente,",
            "\"'-a, \"\"b, c\"\"\"",
            ",129.90,",
            ",'12345678.0,",
            ",'1E+5,",
            ",\"'7,8E+12\",",
        ] {
            assert!(file.contains(cell), "{cell}: {file}");
        }

        let (lines, _) = import(bed, &from, &file, "").await;
        assert_eq!(lines.len(), 6);
        for line in &lines[..5] {
            assert_eq!((&line["result"], &line["errors"]), (&json!("unchanged"), &json!([])), "{line}");
        }
        let (lines, position) = import(bed, &to, &file, "").await;
        for line in &lines[..5] {
            assert_eq!((&line["result"], &line["errors"]), (&json!("created"), &json!([])), "{line}");
        }
        assert_eq!(export(bed, &to, &position).await, file);

        // Who does not see stock gets none, and an import of that file sets none.
        let body = json!({"label": "vitrine", "scopes": ["catalogue:read"]});
        let token = send(bed.staff(&from, "POST", "/tokens").json(&body)).await.expect(201).json["token"].clone();
        let reader = Shop { token: token.as_str().unwrap().to_owned(), ..from.clone() };
        let without = export(bed, &reader, "").await;
        assert!(file.contains(",shopify,7,deny,129.90,") && without.contains(",shopify,,deny,129.90,"), "{without}");
        let (lines, _) = import(bed, &from, &without, "?stock=true").await;
        assert!(lines[..5].iter().all(|line| line["result"] == "unchanged"), "{lines:?}");
    });
}

#[test]
fn f07_a_dry_run_says_what_would_become_of_each_product_and_changes_nothing() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("ensaiada").await;
        let made = "Handle,Title,Type,Variant Price\ncopo,Copo,Louça,10\nprato,Prato,Louça,20\n";
        let (lines, position) = import(bed, &shop, made, "").await;
        assert_eq!(lines[0]["result"], "created");
        let before = export(bed, &shop, &position).await;
        let csv = "Handle,Title,Type,Variant Price\ncopo,Copo,Louça,10\nprato,Prato,Louça,25\nbule,Bule,Cozinha,30\nerro,Erro,,dez\n";
        let (lines, position) = import(bed, &shop, csv, "?dry_run=true").await;
        let results: Vec<&Value> = lines[..4].iter().map(|line| &line["result"]).collect();
        assert_eq!(results, ["unchanged", "updated", "created", "refused"]);
        assert!(lines[3]["errors"][0]["detail"].as_str().unwrap().starts_with("linha 5, coluna Variant Price"));
        assert_eq!((&lines[4]["summary"]["created"], position.as_str()), (&json!(1), ""));
        assert_eq!(export(bed, &shop, "").await, before);
        assert_eq!(send(bed.staff(&shop, "GET", "/categories")).await.expect(200).json["total"], 1);
    });
}

#[test]
fn f07_the_operator_exports_a_shop_by_its_name() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("exportada-pela-casa").await;
        let made = bed.product(&shop, "Caneca").await;
        let csv = send(bed.operator("GET", "/tenants/exportada-pela-casa/export")).await;
        // The list follows by a moment.
        let mut csv = String::from_utf8(csv.expect(200).bytes).unwrap();
        while !csv.contains("caneca,Caneca,") {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            let again = send(bed.operator("GET", "/tenants/exportada-pela-casa/export")).await.expect(200);
            csv = String::from_utf8(again.bytes).unwrap();
        }
        assert_eq!(made["slug"], "caneca");
        send(bed.operator("GET", "/tenants/nao-existe/export")).await.expect(404);
    });
}
