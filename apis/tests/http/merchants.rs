//! Merchants' cases: variants that change their options, what is not counted, trees, addresses, letters.

use image::ImageFormat;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use crate::{
    bed::{bed, product, send, send_at},
    catalogue::shirt,
    images::image_file,
    run,
};

#[test]
fn f06_an_added_option_keeps_the_stock_of_variants_that_have_a_code() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("opcoes").await;
        let made = send(bed.staff(&shop, "POST", "/products").json(&shirt())).await.expect(201).json;
        let path = format!("/products/{}", made["id"].as_str().unwrap());
        let variant = |size: &str, colour: &str, sku: &str| json!({"sku": sku, "options": {"Cor": colour, "Tamanho": size}, "price": {"amount": 100, "currency": "BRL"}, "stock": 9});
        let mut body = shirt();
        body["options"] =
            json!([{"name": "Cor", "values": ["Azul", "Cru"]}, {"name": "Tamanho", "values": ["P", "M"]}]);
        body["variants"] =
            json!([variant("M", "Azul", "c-m"), variant("P", "Azul", "C-P"), variant("P", "Cru", "C-PC")]);
        let put = send(bed.staff(&shop, "PUT", &path).json(&body)).await.expect(200).json;
        let ids = |product: &Value| -> Vec<Value> {
            product["variants"].as_array().unwrap().iter().map(|variant| variant["id"].clone()).collect()
        };
        let (before, after) = (ids(&made), ids(&put));
        assert_eq!(after[..2], [before[1].clone(), before[0].clone()], "known by their codes");
        assert!(!before.contains(&after[2]));

        // The same options in another order, and letters written in two signs, name the same variants.
        body["options"] =
            json!([{"name": "Tamanho", "values": ["P", "M"]}, {"name": "Cor", "values": ["Azul", "Cru"]}]);
        body["variants"].as_array_mut().unwrap().iter_mut().for_each(|variant| variant["sku"] = Value::Null);
        assert_eq!(ids(&send(bed.staff(&shop, "PUT", &path).json(&body)).await.expect(200).json), after);
        let apart = json!({"options": [{"name": "Cor", "values": ["A\u{301}mbar"]}], "variants": [
            {"options": {"Cor": "A\u{301}mbar"}, "price": {"amount": 100, "currency": "BRL"}}]});
        let first = send(bed.staff(&shop, "PATCH", &path).json(&apart)).await.expect(200).json;
        assert_eq!(first["options"][0]["values"][0], "Ámbar");
        let whole = apart.to_string().replace("A\u{301}", "Á");
        let same = send(bed.staff(&shop, "PATCH", &path).body(whole).header("content-type", "application/json"));
        assert_eq!(ids(&same.await.expect(200).json), ids(&first));
    });
}

#[test]
fn f06_what_is_not_counted_is_for_sale_whatever_its_stock() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("servicos").await;
        let mut body = product("Aula de cerâmica");
        body["status"] = json!("published");
        body["variants"][0]["stock"] = json!(0);
        body["variants"][0]["tracked"] = json!(false);
        let made = send(bed.staff(&shop, "POST", "/products").json(&body)).await.expect(201);
        let (id, variant) = (made.json["id"].as_str().unwrap(), made.json["variants"][0]["id"].as_str().unwrap());
        let card = async |position: &str| {
            let card = bed.request(&shop.host, "GET", "/api/store/v1/products/aula-de-ceramica");
            send_at(position, card).await.expect(200).json
        };
        let shown = card(made.header("feira-position")).await;
        assert_eq!((&shown["available"], &shown["variants"][0]["available"]), (&json!(true), &json!(true)));
        assert!(shown["variants"][0].get("tracked").is_none(), "how it is counted is the merchant's");

        // Movements alone: also below zero, and none of them takes it from the shop.
        let stock = format!("/products/{id}/variants/{variant}/stock");
        let put = |body: Value| send(bed.staff(&shop, "PUT", &stock).json(&body));
        let moved = put(json!({"adjust": -4})).await.expect(200);
        assert_eq!((&moved.json["on_hand"], &moved.json["tracked"]), (&json!(-4), &json!(false)));
        assert_eq!(card(moved.header("feira-position")).await["available"], true);

        // From the moment that it is counted, there is none below zero.
        let path = format!("/products/{id}");
        body["variants"][0]["tracked"] = json!(true);
        let counted = send(bed.staff(&shop, "PUT", &path).json(&body)).await.expect(200);
        assert_eq!(card(counted.header("feira-position")).await["available"], false);
        let read = send_at(counted.header("feira-position"), bed.staff(&shop, "GET", &stock)).await.expect(200).json;
        assert_eq!((&read["on_hand"], &read["tracked"]), (&json!(0), &json!(true)));
        assert_eq!(put(json!({"adjust": -1})).await.expect(422).code(), "stock_below_zero");
        let more = put(json!({"on_hand": 2})).await.expect(200);
        assert_eq!(card(more.header("feira-position")).await["available"], true);

        // Left out it is counted, as ever; a draft's stock knows as well.
        let drafted = product("Vale-presente");
        let draft = send(bed.staff(&shop, "POST", "/products").json(&drafted)).await.expect(201);
        assert_eq!(draft.json["variants"][0]["tracked"], true);
        let draft_path = format!("/products/{}", draft.json["id"].as_str().unwrap());
        let mut variant = draft.json["variants"][0].clone();
        variant["tracked"] = json!(false);
        let patched =
            send(bed.staff(&shop, "PATCH", &draft_path).json(&json!({"variants": [variant]}))).await.expect(200);
        let stock = format!("{draft_path}/variants/{}/stock", draft.json["variants"][0]["id"].as_str().unwrap());
        let read = send_at(patched.header("feira-position"), bed.staff(&shop, "GET", &stock)).await.expect(200).json;
        assert_eq!((&read["on_hand"], &read["tracked"]), (&json!(3), &json!(false)));
    });
}

#[test]
fn s50_the_tree_has_eight_levels_also_when_it_is_moved() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("niveis").await;
        let post = |body: Value| send(bed.staff(&shop, "POST", "/categories").json(&body));
        let mut above = Value::Null;
        let mut ids = Vec::new();
        for level in 1..=8 {
            above = post(json!({"name": format!("Nível {level}"), "parent_id": above})).await.expect(201).json["id"]
                .clone();
            ids.push(above.clone());
        }
        let deep = post(json!({"name": "Nível 9", "parent_id": above})).await.expect(422);
        assert_eq!(
            (&deep.json["errors"][0]["pointer"], deep.json["errors"][0]["code"].as_str()),
            (&json!("/parent_id"), Some("out_of_range"))
        );
        let top = post(json!({"name": "Topo"})).await.expect(201).json["id"].clone();
        let put = |id: &Value, parent: &Value| {
            let path = format!("/categories/{}", id.as_str().unwrap());
            send(bed.staff(&shop, "PATCH", &path).json(&json!({"parent_id": parent})))
        };
        let words = put(&ids[0], &top).await.expect(422).json["errors"][0]["detail"].clone();
        assert!(words.as_str().unwrap().contains("8 níveis") && words.as_str().unwrap().contains('9'), "{words}");
        put(&ids[1], &top).await.expect(200);
        put(&ids[1], &ids[7]).await.expect(422);
        put(&top, &ids[0]).await.expect(422);
        put(&ids[2], &Value::Null).await.expect(200);
        put(&top, &ids[0]).await.expect(200);
    });
}

#[test]
fn f06_an_old_address_of_a_category_and_one_in_capitals_lead_on() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("enderecos-antigos").await;
        let made =
            send(bed.staff(&shop, "POST", "/categories").json(&json!({"name": "Calçados"}))).await.expect(201).json;
        let path = format!("/categories/{}", made["id"].as_str().unwrap());
        let mut body = product("Bota de couro");
        (body["status"], body["category_id"]) = (json!("published"), made["id"].clone());
        send(bed.staff(&shop, "POST", "/products").json(&body)).await.expect(201);
        let rename = |slug: &str| send(bed.staff(&shop, "PATCH", &path).json(&json!({"slug": slug})));
        rename("sapatos").await.expect(200);
        let renamed = rename("botas").await.expect(200);
        let position = renamed.header("feira-position").to_owned();
        let get = async |path: &str| send_at(&position, bed.request(&shop.host, "GET", path)).await;
        for (path, to) in [
            ("/category/calcados", "/category/botas"),
            ("/category/sapatos?sort=price_asc&page=2", "/category/botas?sort=price_asc&page=2"),
            ("/category/BOTAS", "/category/botas"),
            ("/category/Nenhuma", "/category/nenhuma"),
            ("/product/Bota-De-Couro", "/product/bota-de-couro"),
            ("/product/NENHUM?variant=x", "/product/nenhum?variant=x"),
            ("/search?q=bota&category=calcados&category=x", "/search?q=bota&category=botas&category=x"),
            ("/api/store/v1/products?category=sapatos&limit=5", "/api/store/v1/products?category=botas&limit=5"),
            ("/api/store/v1/search?category=Botas&q=a%26b", "/api/store/v1/search?category=botas&q=a%26b"),
            ("/api/store/v1/products/BOTA-de-couro", "/api/store/v1/products/bota-de-couro"),
        ] {
            let moved = get(path).await.expect(301);
            assert_eq!(moved.header("location"), to, "{path}");
            assert!(moved.header("cache-control").contains("must-revalidate"), "{path}");
        }
        get("/category/nenhuma").await.expect(404);
        assert_eq!(get("/api/store/v1/products?category=botas").await.expect(200).json["total"], 1);

        // It holds its old addresses, takes one of them back, and gives all up with itself.
        let other = async |slug: &str| {
            let body = json!({"name": "Outra", "slug": slug});
            send(bed.staff(&shop, "POST", "/categories").json(&body)).await
        };
        assert_eq!(other("calcados").await.expect(409).code(), "slug_taken");
        let back = rename("calcados").await.expect(200);
        let shown = |path: &str| bed.request(&shop.host, "GET", path);
        let moved = send_at(back.header("feira-position"), shown("/category/botas")).await.expect(301);
        assert_eq!(moved.header("location"), "/category/calcados");
        send_at(back.header("feira-position"), shown("/category/calcados")).await.expect(200);
        for slug in (0..21).map(|number| format!("nome-{number}")) {
            rename(&slug).await.expect(200);
        }
        other("botas").await.expect(201);
        assert_eq!(other("nome-0").await.expect(409).code(), "slug_taken");
    });
}

#[test]
fn f10_pages_tell_machines_the_trade_number_and_pictures_of_pixels() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("maquinas").await;
        let mut body = product("Achocolatado 400 g");
        body["status"] = json!("published");
        body["variants"][0]["barcode"] = json!("7891000315507");
        let made = send(bed.staff(&shop, "POST", "/products").json(&body)).await.expect(201);
        let path = format!("/products/{}", made.json["id"].as_str().unwrap());
        let page = async |position: &str| {
            let page =
                send_at(position, bed.request(&shop.host, "GET", "/product/achocolatado-400-g")).await.expect(200);
            String::from_utf8(page.bytes).unwrap()
        };
        let drawn = page(made.header("feira-position")).await;
        assert!(drawn.contains("\"gtin13\":\"7891000315507\""), "{drawn}");
        assert!(!drawn.contains("og:image") && !drawn.contains("\"image\""), "what the shop draws is no bitmap");
        let card = bed.request(&shop.host, "GET", "/api/store/v1/products/achocolatado-400-g");
        let card = send_at(made.header("feira-position"), card).await.expect(200).json;
        assert_eq!(card["variants"][0]["barcode"], "7891000315507");

        let file = image_file(300, 300, ImageFormat::Jpeg);
        let photographed = send(bed.staff(&shop, "POST", &format!("{path}/images")).body(file)).await.expect(201);
        let url = photographed.json["url"].as_str().unwrap();
        let photographed = page(photographed.header("feira-position")).await;
        assert!(photographed.contains(&format!("{url}\">")) && photographed.contains("og:image"), "{photographed}");

        let mut variant = made.json["variants"][0].clone();
        variant["barcode"] = json!("7891000315508");
        let wrong = send(bed.staff(&shop, "PATCH", &path).json(&json!({"variants": [variant]}))).await.expect(200);
        assert!(!page(wrong.header("feira-position")).await.contains("gtin"), "a wrong check digit is no trade number");
    });
}

#[test]
fn no_control_character_comes_in_anywhere() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("controle").await;
        let cup = bed.product(&shop, "Copo").await;
        let path = format!("/products/{}", cup["id"].as_str().unwrap());
        let mut named = product("Copo\u{b}");
        named["variants"][0]["barcode"] = json!("789\u{1f}");
        let refused = send(bed.staff(&shop, "POST", "/products").json(&named)).await.expect(422).json;
        let pointers: Vec<&str> =
            refused["errors"].as_array().unwrap().iter().map(|error| error["pointer"].as_str().unwrap()).collect();
        assert_eq!(pointers, ["/name", "/variants/0/barcode"]);
        for (method, path, body, pointer) in [
            ("POST", "/categories".to_owned(), json!({"name": "Co\0pos"}), "/name"),
            ("PATCH", path.clone(), json!({"description": "<p>a&#11;b</p>"}), "/description"),
            ("PATCH", path.clone(), json!({"seo": {"title": "a\nb"}}), "/seo/title"),
            ("PATCH", "/settings".to_owned(), json!({"tagline": "De\u{7f}tudo"}), "/tagline"),
        ] {
            let refused = send(bed.staff(&shop, method, &path).json(&body)).await.expect(422).json;
            assert_eq!(refused["errors"][0]["pointer"], pointer, "{path}");
        }
        let lines = json!({"description": "<p>a</p>\n\t<p>b</p>"});
        send(bed.staff(&shop, "PATCH", &path).json(&lines)).await.expect(200);
        let tenant = json!({"subdomain": "controlada", "name": "Loja\u{1}"});
        send(bed.operator("POST", "/tenants").json(&tenant)).await.expect(422);
        let file = || image_file(20, 20, ImageFormat::Png);
        let images = format!("{path}/images");
        send(bed.staff(&shop, "POST", &format!("{images}?alt=a%00")).body(file())).await.expect(400);
        let part = Part::bytes(file()).file_name("a.png");
        let form = Form::new().part("file", part).text("alt", "a\u{b}");
        send(bed.staff(&shop, "POST", &images).multipart(form)).await.expect(422);
    });
}
