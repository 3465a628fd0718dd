//! Imports by the operator, and the files of images that they name.

use image::ImageFormat;
use serde_json::{Value, json};

use crate::{
    bed::{Answered, Bed, Shop, bed, send, send_at},
    images::image_file,
    run,
};

const CSV: &str = "Handle,Title,Published,Variant Price,Image Src\n\
    caneca,Caneca,true,10,https://fotos.test/a.png?v=1\n\
    caneca,,,,https://fotos.test/b.png\n\
    errada,Errada,true,dez,\n";

async fn import(bed: &Bed, shop: &Shop) -> Vec<Value> {
    import_of(bed, shop, CSV).await
}

async fn import_of(bed: &Bed, shop: &Shop, csv: &str) -> Vec<Value> {
    let request = bed.operator("POST", &format!("/tenants/{}/import", shop.id)).header("content-type", "text/csv");
    let answered = send(request.body(csv.to_owned())).await.expect(200);
    let lines = String::from_utf8_lossy(&answered.bytes).into_owned();
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    // A line for each product, and the summary.
    assert_eq!(answered.header("feira-products"), (lines.len() - 1).to_string());
    // A line says that a product is kept; from its position on it can be read.
    if let Some(position) = lines.iter().rev().find_map(|line| line["position"].as_str()) {
        send_at(position, bed.staff(shop, "GET", "/products?limit=1")).await.expect(200);
    }
    lines
}

async fn supply(bed: &Bed, shop: &Shop, product: &str, url: &str, file: Vec<u8>) -> Answered {
    let path = format!("/tenants/{}/products/{product}/images", shop.id);
    send(bed.operator("POST", &path).query(&[("source_url", url)]).body(file)).await
}

#[test]
fn f07_a_file_comes_to_the_picture_that_an_import_named() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("importada").await;
        let (a, b) = ("https://fotos.test/a.png?v=1", "https://fotos.test/b.png");
        let lines = import(bed, &shop).await;
        assert_eq!((&lines[0]["result"], &lines[0]["images_waiting"]), (&json!("created"), &json!([a, b])));
        assert_eq!((&lines[1]["result"], lines[1]["errors"].as_array().unwrap().len()), (&json!("refused"), 1));
        assert_eq!(lines[2]["summary"]["images_waiting"], 2);
        let id = lines[0]["product_id"].as_str().unwrap();

        let png = |width| image_file(width, 30, ImageFormat::Png);
        let supplied = supply(bed, &shop, id, b, png(60)).await.expect(200);
        assert!(supplied.header("feira-position").starts_with("admin."));
        let images = &supplied.json["images"];
        assert_eq!((&images[0]["status"], &images[0]["problem"]), (&json!("waiting"), &Value::Null));
        assert_eq!((&images[1]["status"], &images[1]["width"]), (&json!("ready"), &json!(60)));
        assert_eq!(images[1]["source_url"], b, "in its place, and still known by its address");

        // The address was answered: another file for it is of no use, and is not kept.
        let again = supply(bed, &shop, id, b, png(61)).await.expect(200);
        assert_eq!(&again.json["images"], images);
        supply(bed, &shop, id, "https://fotos.test/c.png", png(62)).await.expect(404);
        assert_eq!(supply(bed, &shop, id, a, b"no image".to_vec()).await.expect(415).code(), "unsupported_media");
        let files = bed.api.platform.files.list(shop.id.parse().unwrap()).await.unwrap();
        assert_eq!(files.len(), 2, "two sizes of one image: {files:?}");

        // The merchant brings the other by hand, and then a better one: the address stays with the place.
        let waiting = format!("/products/{id}/images/{}", images[0]["id"].as_str().unwrap());
        let brought = send(bed.staff(&shop, "PUT", &waiting).body(png(70))).await.expect(200);
        assert_eq!((&brought.json["status"], &brought.json["source_url"]), (&json!("ready"), &json!(a)));
        let ready = format!("/products/{id}/images/{}", brought.json["id"].as_str().unwrap());
        let better = send(bed.staff(&shop, "PUT", &ready).body(png(71))).await.expect(200).json;
        assert_eq!((&better["width"], &better["source_url"]), (&json!(71), &json!(a)));

        let lines = import(bed, &shop).await;
        assert_eq!((&lines[0]["result"], &lines[0]["images_waiting"]), (&json!("unchanged"), &json!([])));
    });
}

#[test]
fn f07_a_second_import_finds_the_category_by_its_name_and_leaves_what_the_file_has_no_word_for() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("reimportada").await;
        let category = send(bed.staff(&shop, "POST", "/categories").json(&json!({"name": "Calças", "slug": "moda"})));
        let category = category.await.expect(201).json;
        let csv = "Handle,Title,Type,Variant Price\ncaneca,Caneca,calcas,10\ncopo,Copo,CALÇAS,10\n";
        let lines = import_of(bed, &shop, csv).await;
        let path = format!("/products/{}", lines[0]["product_id"].as_str().unwrap());
        let read = async |path: &str| send(bed.staff(&shop, "GET", path)).await.expect(200).json;
        assert_eq!(read(&path).await["category_id"], category["id"]);
        assert_eq!(read("/categories").await["total"], 1, "no double");

        send(bed.staff(&shop, "PATCH", &path).json(&json!({"featured": true}))).await.expect(200);
        assert_eq!(import_of(bed, &shop, csv).await[0]["result"], "unchanged");
        assert_eq!(read(&path).await["featured"], true);

        // Renamed, it keeps its address, by which the file still finds it.
        let one = format!("/categories/{}", category["id"].as_str().unwrap());
        send(bed.staff(&shop, "PATCH", &one).json(&json!({"name": "Roupas", "slug": "calcas"}))).await.expect(200);
        assert_eq!(import_of(bed, &shop, csv).await[0]["result"], "unchanged");
        assert_eq!(read("/categories").await["total"], 1);
    });
}

#[test]
fn f07_what_is_too_long_or_too_much_is_an_error_of_its_line() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("desmedida").await;
        let (name, url) = ("t".repeat(256), format!("https://fotos.test/{}", "x".repeat(2_048)));
        let csv = format!("Handle,Title,Type,Variant Price,Image Src\na,A,{name},10,\nb,B,,10,{url}\n");
        let lines = import_of(bed, &shop, &csv).await;
        for (line, column) in lines.iter().zip(["Type", "Image Src"]) {
            assert_eq!((&line["result"], line["errors"].as_array().unwrap().len()), (&json!("refused"), 1), "{line}");
            assert!(line["errors"][0]["detail"].as_str().unwrap().contains(column), "{line}");
        }

        // The merchant's own image stays, and with the file's 250 there would be one too many.
        let made = import_of(bed, &shop, "Handle,Title,Variant Price\ncaneca,Caneca,10\n").await;
        let images = format!("/products/{}/images", made[0]["product_id"].as_str().unwrap());
        send(bed.staff(&shop, "POST", &images).body(image_file(9, 9, ImageFormat::Png))).await.expect(201);
        let rows: String = (0..250).map(|n| format!("caneca,,,https://fotos.test/{n}.png\n")).collect();
        let csv = format!("Handle,Title,Variant Price,Image Src\ncaneca,Caneca,10,\n{rows}");
        let lines = import_of(bed, &shop, &csv).await;
        assert_eq!((&lines[0]["result"], &lines[0]["errors"][0]["pointer"]), (&json!("refused"), &json!("/images")));
        let kept = send(bed.staff(&shop, "GET", &images)).await.expect(200).json;
        assert_eq!(kept["items"].as_array().unwrap().len(), 1);
    });
}

const WHOLE: &str = "Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,Option1 Value,Variant SKU,Variant Grams,\
    Variant Inventory Qty,Variant Price,Variant Compare At Price,Variant Barcode,Image Src,Image Alt Text,SEO Title,Cost per item,Status\n\
    bule,Bule,<p>Ferve</p>,Ágata,Cozinha,\"bule, esmalte\",FALSE,Cor,Azul,BU-AZ,820,7,89.90,119.90,7890000000017,\
    https://fotos.test/azul.jpg,De frente,Bule de ágata,40,draft\n\
    bule,,,,,,,,Creme,BU-CR,820,3,89.90,,7890000000024,https://fotos.test/creme.jpg,,,,\n";

/// The only product of a line.
async fn product_of(bed: &Bed, shop: &Shop, line: &Value) -> Value {
    let path = format!("/products/{}", line["product_id"].as_str().unwrap_or_else(|| panic!("{line}")));
    send(bed.staff(shop, "GET", &path)).await.expect(200).json
}

/// The details of a line's errors.
fn said(line: &Value) -> String {
    line["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["detail"].as_str().unwrap())
        .collect::<Vec<_>>()
        .join(" ")
}

/// The product without what every change changes.
fn lasting(mut product: Value) -> Value {
    for name in ["version", "updated_at"] {
        product[name] = Value::Null;
    }
    product
}

#[test]
fn f36_what_a_file_has_no_column_for_stays() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("tabela-de-precos").await;
        let made = import_of(bed, &shop, WHOLE).await;
        assert_eq!((&made[0]["result"], said(&made[0])), (&json!("created"), String::new()));
        let before = product_of(bed, &shop, &made[0]).await;
        for (csv, pointer, value) in [
            (
                "Handle,Option1 Value,Variant Price\nbule,Azul,94.90\nbule,Creme,94.90\n",
                "/variants/0/price/amount",
                json!(9_490),
            ),
            ("Handle,Variant SKU,Variant Price\nbule,BU-CR,99.90\n", "/variants/1/price/amount", json!(9_990)),
            ("Handle,Title\nbule,Bule esmaltado\n", "/name", json!("Bule esmaltado")),
            ("Handle,SEO Description\nbule,Para o chá\n", "/seo/description", json!("Para o chá")),
            ("Handle,Vendor,Tags\nbule,Serra,chá\n", "/tags/0", json!("chá")),
            (
                "Handle,Variant Image\nbule,https://fotos.test/outra.jpg\n",
                "/images/2/source_url",
                json!("https://fotos.test/outra.jpg"),
            ),
            ("Handle,Status\nbule,Ativo\n", "/status", json!("published")),
        ] {
            let before = product_of(bed, &shop, &made[0]).await;
            let lines = import_of(bed, &shop, csv).await;
            assert_eq!((&lines[0]["result"], said(&lines[0])), (&json!("updated"), String::new()), "{csv}");
            let mut expected = before.clone();
            let after = product_of(bed, &shop, &lines[0]).await;
            assert_eq!(after.pointer(pointer), Some(&value), "{csv}");
            // But for what the file names, all is as it was.
            let names: &[&str] = match pointer.split('/').nth(1).unwrap() {
                "tags" => &["tags", "vendor"],
                "seo" => &["seo"],
                "variants" => &["variants"],
                "images" => &["images"],
                "name" => &["name"],
                _ => &["status"],
            };
            for name in names {
                expected[name] = after[name].clone();
            }
            assert_eq!(lasting(after), lasting(expected), "{csv}");
        }
        let after = product_of(bed, &shop, &made[0]).await;
        let kept = |product: &Value, at: usize| {
            ["id", "sku", "barcode", "weight_grams", "cost", "compare_at_price"]
                .map(|name| product["variants"][at][name].clone())
        };
        assert_eq!([kept(&after, 0), kept(&after, 1)], [kept(&before, 0), kept(&before, 1)]);
        assert_eq!(after["seo"]["title"], "Bule de ágata");
        assert_eq!(after["images"][0]["alt"], "De frente");
    });
}

#[test]
fn f36_what_goes_is_said() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("apagados").await;
        let made = import_of(bed, &shop, WHOLE).await;
        let csv = "Handle,Title,Body (HTML),Vendor,Type,Tags,Option1 Name,Option1 Value,Variant SKU,Variant Price,\
            Variant Compare At Price,Image Src,Image Alt Text,SEO Title\nbule,Bule,,,,,Cor,Azul,,129.90,119.90,https://fotos.test/azul.jpg,,\n";
        let lines = import_of(bed, &shop, csv).await;
        assert_eq!(lines[0]["result"], "updated");
        let words = said(&lines[0]);
        for what in [
            "Apagado, pois a célula está vazia: Body (HTML), Vendor, Type, Tags, SEO Title",
            "Variant SKU de uma variante",
            "Preço anterior retirado, pois não passa do preço novo: Azul.",
            "Variantes retiradas, pois o arquivo não as tem: Creme.",
            "Imagens retiradas, pois o arquivo não as tem: creme.jpg.",
        ] {
            assert!(words.contains(what) || what.contains("SKU") && words.contains("e mais"), "{what}: {words}");
        }
        let after = product_of(bed, &shop, &made[0]).await;
        assert_eq!(
            (&after["description"], &after["tags"], &after["category_id"]),
            (&json!(""), &json!([]), &Value::Null)
        );
        assert_eq!((after["variants"].as_array().unwrap().len(), &after["variants"][0]["sku"]), (1, &Value::Null));
        assert_eq!((&after["images"][0]["alt"], &after["status"]), (&Value::Null, &json!("draft")));
        let none = import_of(bed, &shop, "Handle,Image Src\nbule,\n").await;
        assert!(said(&none[0]).contains("azul.jpg"), "{}", none[0]);
        assert_eq!(product_of(bed, &shop, &made[0]).await["images"], json!([]));
        let again = import_of(bed, &shop, "Handle,Image Src,Vendor\nbule,,\n").await;
        assert_eq!((&again[0]["result"], said(&again[0])), (&json!("unchanged"), String::new()), "nothing goes twice");
    });
}

#[test]
fn f36_a_line_that_does_not_say_which_variant_is_refused_in_words() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("qual-variante").await;
        let made = import_of(bed, &shop, WHOLE).await;
        let before = product_of(bed, &shop, &made[0]).await;
        for (csv, words) in [
            ("Handle,Variant Price\nbule,1\n", "a linha não diz qual"),
            ("Handle,Variant SKU,Variant Price\nbule,OUTRO,1\n", "a linha não diz qual"),
            ("Handle,Option1 Value,Variant SKU\nbule,Azul,BU-AZ\nbule,Rosa,BU-RO\n", "A variante é nova na loja"),
            ("Handle,Variant Price\nnovo,1\n", "coluna Title"),
            ("Handle,Title\nnovo,Novo\n", "coluna Variant Price"),
        ] {
            let lines = import_of(bed, &shop, csv).await;
            assert_eq!(lines[0]["result"], "refused", "{csv}");
            assert!(said(&lines[0]).contains(words), "{csv}: {}", lines[0]);
        }
        assert_eq!(product_of(bed, &shop, &made[0]).await, before);
        // Of a product with one variant there is no question.
        import_of(bed, &shop, "Handle,Title,Variant Price,Variant SKU\ncopo,Copo,1,C\n").await;
        let priced = import_of(bed, &shop, "Handle,Variant Price\ncopo,2\n").await;
        let copo = product_of(bed, &shop, &priced[0]).await;
        assert_eq!((&copo["variants"][0]["price"]["amount"], &copo["variants"][0]["sku"]), (&json!(200), &json!("C")));
    });
}

#[test]
fn f36_the_stock_of_known_variants_is_taken_only_where_it_is_asked_for() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("estoque-do-arquivo").await;
        let made = import_of(bed, &shop, WHOLE).await;
        let product = product_of(bed, &shop, &made[0]).await;
        let stock = async |at: usize, position: &Value| {
            let (id, variant) = (product["id"].as_str().unwrap(), product["variants"][at]["id"].as_str().unwrap());
            let path = format!("/products/{id}/variants/{variant}/stock");
            send_at(position.as_str().unwrap(), bed.staff(&shop, "GET", &path)).await.expect(200).json["on_hand"]
                .clone()
        };
        assert_eq!((stock(0, &made[0]["position"]).await, stock(1, &made[0]["position"]).await), (json!(7), json!(3)));
        let counted = WHOLE.replace(",7,89.90", ",70,89.90");
        let lines = import_of(bed, &shop, &counted).await;
        assert_eq!(lines[0]["result"], "unchanged");
        let words = said(&lines[0]);
        assert!(
            words.contains("Azul: 70 no arquivo, 7 na loja") && words.contains("--stock") && !words.contains("Creme"),
            "{words}"
        );
        assert_eq!(stock(0, &lines[0]["position"]).await, 7);

        let request =
            bed.operator("POST", &format!("/tenants/{}/import?stock=true", shop.id)).header("content-type", "text/csv");
        let answered = send(request.body(counted)).await.expect(200);
        let line: Value =
            serde_json::from_str(String::from_utf8_lossy(&answered.bytes).lines().next().unwrap()).unwrap();
        assert_eq!((said(&line).as_str(), &line["result"]), ("", &json!("updated")));
        assert_eq!((stock(0, &line["position"]).await, stock(1, &line["position"]).await), (json!(70), json!(3)));
    });
}

#[test]
fn f36_the_words_of_shopify_and_of_spreadsheets_are_understood() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("planilhas").await;
        let csv = "Handle;Title;Status;Variant Inventory Tracker;Variant Inventory Qty;Variant Inventory Policy;Variant Price;Variant Barcode\n\
            a;Aula;Ativo;;;deny;R$ 120,00;'7891000315507\n\
            b;Mesa;active;shopify;0;continue;2.500,00;=\"0036000291452\"\n\
            c;Vaso;Rascunho;shopify;3,0;deny;80;7891000315507.0\n\
            d;Prato;unlisted;shopify;1;deny;8;\n\
            e;Copo;Arquivado;shopify;1;deny;8;\n\
            f;Leite;Ativo;shopify;1;deny;8;7,89E+12\n";
        let lines = import_of(bed, &shop, csv).await;
        let expected = [
            ("created", "published", json!(false), json!("7891000315507")),
            ("created", "published", json!(false), json!("0036000291452")),
            ("created", "draft", json!(true), json!("7891000315507")),
            ("created", "draft", json!(true), Value::Null),
            ("created", "draft", json!(true), Value::Null),
        ];
        for (line, (result, status, tracked, barcode)) in lines.iter().zip(expected) {
            let product = product_of(bed, &shop, line).await;
            let variant = &product["variants"][0];
            assert_eq!((&line["result"], &product["status"]), (&json!(result), &json!(status)), "{line}");
            assert_eq!((&variant["tracked"], &variant["barcode"]), (&tracked, &barcode), "{line}");
        }
        assert!(said(&lines[3]).contains("unlisted") && said(&lines[3]).contains("rascunho"), "{}", lines[3]);
        assert!(said(&lines[4]).contains("rascunho"), "{}", lines[4]);
        assert_eq!(lines[5]["result"], "refused");
        assert!(said(&lines[5]).contains("os algarismos se perderam"), "{}", lines[5]);
        let position = lines[5 - 1]["position"].as_str().unwrap();
        for slug in ["a", "b"] {
            let card = send_at(position, bed.request(&shop.host, "GET", &format!("/api/store/v1/products/{slug}")));
            assert_eq!(card.await.expect(200).json["available"], true, "{slug}");
        }
    });
}

#[test]
fn f36_a_file_saved_on_a_mac_names_the_same_variants() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("maca").await;
        let csv = "Handle,Title,Option1 Name,Option1 Value,Variant Price\nsaia,Saia,Tamanho,Médio,9\nsaia,,,Único,9\n";
        let made = import_of(bed, &shop, csv).await;
        let apart = csv.replace('é', "e\u{301}").replace('Ú', "U\u{301}");
        let lines = import_of(bed, &shop, &apart).await;
        assert_eq!((&lines[0]["result"], said(&lines[0])), (&json!("unchanged"), String::new()));
        assert_eq!(lines[0]["product_id"], made[0]["product_id"]);
        let marked = import_of(bed, &shop, "Handle,Title,Variant Price\nx,\"Fita\nazul\",1\ny,Fita\u{b}azul,1\n").await;
        assert_eq!(product_of(bed, &shop, &marked[0]).await["name"], "Fita azul");
        assert!(said(&marked[0]).contains("viraram espaços"), "{}", marked[0]);
        assert_eq!(marked[1]["result"], "refused");
        assert!(said(&marked[1]).contains("U+000B"), "{}", marked[1]);
    });
}

#[test]
fn f36_two_imports_at_once_take_nothing_back_from_each_other() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("ao-mesmo-tempo").await;
        let rows = |header: &str, row: fn(usize) -> String| {
            format!("{header}\n{}\n", (0..20).map(row).collect::<Vec<_>>().join("\n"))
        };
        let made = import_of(bed, &shop, &rows("Handle,Title,Variant Price", |at| format!("p{at},P{at},1"))).await;
        let vendors = rows("Handle,Vendor", |at| format!("p{at},Serra"));
        let tags = rows("Handle,Tags", |at| format!("p{at},chá"));
        let prices = rows("Handle,Variant Price", |at| format!("p{at},2"));
        let all = [&vendors, &tags, &prices].map(|csv| import_of(bed, &shop, csv));
        for lines in futures::future::join_all(all).await {
            assert!(lines[..20].iter().all(|line| line["result"] == "updated"), "{lines:?}");
        }
        for line in &made[..20] {
            let product = product_of(bed, &shop, line).await;
            let laid = (&product["vendor"], &product["tags"], &product["variants"][0]["price"]["amount"]);
            assert_eq!(laid, (&json!("Serra"), &json!(["chá"]), &json!(200)));
        }
    });
}
