//! Products, stock, categories and settings, as a merchant's programs use them.

use serde_json::{Value, json};

use crate::{
    bed::{Bed, Shop, bed, send, send_at},
    run,
};

/// A shirt in two sizes.
pub fn shirt() -> Value {
    let variant = |size: &str, amount: i64| json!({"sku": format!("C-{size}"), "options": {"Tamanho": size}, "price": {"amount": amount, "currency": "BRL"}, "stock": 5});
    json!({
        "name": "Camisa de linho", "description": "<p onclick=\"x()\">Leve</p><script>1</script>", "vendor": "Feira",
        "tags": ["verão"], "status": "published", "featured": true,
        "options": [{"name": "Tamanho", "values": ["P", "M"]}],
        "variants": [variant("P", 12_990), variant("M", 13_990)],
        "seo": {"title": "Camisa", "description": "De linho"},
    })
}

#[test]
fn s51_f06_a_product_lives_from_its_making_to_its_end() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("camisas").await;
        let made = send(bed.staff(&shop, "POST", "/products").json(&shirt())).await.expect(201);
        let product = made.json.clone();
        assert_eq!((&product["description"], &product["slug"]), (&json!("<p>Leve</p>"), &json!("camisa-de-linho")));
        assert_eq!((&product["version"], product["variants"].as_array().unwrap().len()), (&json!(1), 2));
        let path = format!("/products/{}", product["id"].as_str().unwrap());
        assert_eq!(made.header("location"), format!("/api/admin/v1{path}"));
        assert!(!made.header("feira-position").is_empty() && !made.header("x-request-id").is_empty());

        let mut body = shirt();
        body["variants"] = json!([{"options": {"Tamanho": "M"}, "price": {"amount": 9_990, "currency": "BRL"}}]);
        let replaced = send(bed.staff(&shop, "PUT", &path).json(&body)).await.expect(200).json;
        assert_eq!(replaced["variants"][0]["id"], product["variants"][1]["id"], "matched by its options");
        assert_eq!((&replaced["version"], replaced["variants"].as_array().unwrap().len()), (&json!(2), 1));

        let patch = json!({"vendor": null, "description": "<b>x</b><iframe></iframe>", "seo": {"title": null}, "tags": ["a", "b"]});
        let merge = bed.staff(&shop, "PATCH", &path).header("content-type", "application/merge-patch+json");
        let patched = send(merge.body(patch.to_string())).await.expect(200).json;
        assert_eq!((&patched["description"], &patched["tags"]), (&json!("<b>x</b>"), &json!(["a", "b"])));
        assert_eq!((&patched["vendor"], &patched["seo"]), (&Value::Null, &json!({"description": "De linho"})));
        assert_eq!(send(bed.staff(&shop, "GET", &path)).await.expect(200).json, patched);

        let gone = send(bed.staff(&shop, "DELETE", &path)).await.expect(204);
        assert!(gone.bytes.is_empty() && !gone.header("feira-position").is_empty());
        for method in ["GET", "DELETE"] {
            assert_eq!(send(bed.staff(&shop, method, &path)).await.expect(404).code(), "not_found");
        }
    });
}

#[test]
fn s53_f06_prices_slug_and_flag_are_kept_and_what_it_cost_is_not_shown() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("precos").await;
        let money = |amount: i64| json!({"amount": amount, "currency": "BRL"});
        let mut body = shirt();
        body["slug"] = json!("camisa-leve");
        body["variants"][0]["cost"] = money(5_001);
        body["variants"][0]["compare_at_price"] = money(19_990);
        let made = send(bed.staff(&shop, "POST", "/products").json(&body)).await.expect(201);
        let path = format!("/products/{}", made.json["id"].as_str().unwrap());
        let read = send(bed.staff(&shop, "GET", &path)).await.expect(200).json;
        let first = &read["variants"][0];
        let prices = [&first["price"], &first["cost"], &first["compare_at_price"]];
        assert_eq!(prices, [&money(12_990), &money(5_001), &money(19_990)]);
        assert_eq!((&read["slug"], &read["featured"]), (&json!("camisa-leve"), &json!(true)));

        let shown = async |path: &str, position: &str| {
            let shown = send_at(position, bed.request(&shop.host, "GET", path)).await.expect(200);
            String::from_utf8(shown.bytes).unwrap()
        };
        let card = shown("/api/store/v1/products/camisa-leve", made.header("feira-position")).await;
        let page = shown("/product/camisa-leve", made.header("feira-position")).await;
        let home = shown("/", made.header("feira-position")).await;
        assert!(card.contains("12990") && card.contains("19990") && !card.contains("5001"), "{card}");
        assert!(page.contains("129,90") && page.contains("199,90") && !page.contains("50,01"), "{page}");
        assert!(page.contains("<title>Camisa · precos</title>") && page.contains("content=\"De linho\""), "{page}");
        assert!(home.contains("Destaques") && home.contains("/product/camisa-leve"), "{home}");

        let plain = send(bed.staff(&shop, "PATCH", &path).json(&json!({"featured": false}))).await.expect(200);
        assert_eq!(plain.json["featured"], false);
        assert!(!shown("/", plain.header("feira-position")).await.contains("Destaques"));
        let again = send(bed.staff(&shop, "POST", "/products").json(&body)).await.expect(409);
        assert_eq!(again.code(), "slug_taken");
    });
}

#[test]
fn f06_a_product_has_up_to_2048_variants() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("variantes").await;
        let names = ["Cor", "Tamanho", "Tecido"];
        let counts = [16, 16, 8];
        let value = |index: usize| format!("v{index}");
        let options = names.iter().zip(counts);
        let options: Value = options
            .map(|(name, count)| json!({"name": name, "values": (0..count).map(value).collect::<Vec<_>>()}))
            .collect();
        let variant = |number: usize| {
            let chosen = [number / 128, number / 8 % 16, number % 8];
            let options: serde_json::Map<String, Value> =
                names.iter().zip(chosen).map(|(name, index)| ((*name).to_owned(), json!(value(index)))).collect();
            json!({"sku": format!("S{number}"), "options": options, "price": {"amount": 100 + number, "currency": "BRL"}, "stock": 1})
        };
        let variants: Value = (0..2_048).map(variant).collect();
        let body = json!({"name": "Camiseta", "status": "published", "options": options, "variants": variants});
        let made = send(bed.staff(&shop, "POST", "/products").json(&body)).await.expect(201);
        let path = format!("/products/{}", made.json["id"].as_str().unwrap());
        let read = send(bed.staff(&shop, "GET", &path)).await.expect(200).json;
        assert_eq!(read["variants"].as_array().unwrap().len(), 2_048);
        assert_eq!(
            (&read["variants"][2_047]["sku"], &read["variants"][2_047]["options"]),
            (&json!("S2047"), &json!({"Cor": "v15", "Tamanho": "v15", "Tecido": "v7"}))
        );
        let card = bed.request(&shop.host, "GET", "/api/store/v1/products/camiseta");
        let card = send_at(made.header("feira-position"), card).await.expect(200).json;
        assert_eq!((card["variants"].as_array().unwrap().len(), &card["price"]["amount"]), (2_048, &json!(100)));
    });
}

/// Each variant of a body names its options, which a record does once: the answer is longer than what was sent, and the command
/// and its event are not.
#[test]
fn f06_a_product_whose_answer_fits_no_record_is_answered_whole() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("enorme").await;
        let names: Vec<String> = ["🧵", "🧶", "👗"].iter().map(|sign| sign.repeat(100)).collect();
        let value = |index: usize| format!("{}{index}", "🎨".repeat(62));
        let options: Value = names
            .iter()
            .zip([16, 16, 8])
            .map(|(name, count)| json!({"name": name, "values": (0..count).map(value).collect::<Vec<_>>()}))
            .collect();
        let variant = |number: usize| {
            let chosen = [number / 128, number / 8 % 16, number % 8];
            let options: serde_json::Map<String, Value> =
                names.iter().zip(chosen).map(|(name, index)| (name.clone(), json!(value(index)))).collect();
            json!({"options": options, "price": {"amount": 100, "currency": "BRL"}})
        };
        let body =
            json!({"name": "Enorme", "options": options, "variants": (0..2_048).map(variant).collect::<Vec<_>>()});
        assert!(body.to_string().len() < 4 * 1024 * 1024, "{}", body.to_string().len());
        let made = send(bed.staff(&shop, "POST", "/products").json(&body)).await.expect(201);
        assert!(made.json.to_string().len() > 4 * 1024 * 1024, "{}", made.json.to_string().len());
        let path = format!("/products/{}", made.json["id"].as_str().unwrap());
        assert_eq!(send(bed.staff(&shop, "GET", &path)).await.expect(200).json, made.json);

        // So is a change of it.
        let description = "é".repeat(32 * 1024);
        let longer =
            json!({"description": description, "tags": (0..100).map(|n| format!("{n:060}")).collect::<Vec<_>>()});
        send(bed.staff(&shop, "PATCH", &path).json(&longer)).await.expect(200);
    });
}

#[test]
fn s51_the_list_finds_filters_sorts_and_pages() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("listas").await;
        let category =
            send(bed.staff(&shop, "POST", "/categories").json(&json!({"name": "Canecas"}))).await.expect(201).json;
        let mut last = String::new();
        for n in 1..=5 {
            let mut body = crate::bed::product(&format!("Caneca {n}"));
            body["variants"][0]["price"]["amount"] = json!(n * 100);
            if n > 3 {
                body["category_id"] = category["id"].clone();
                body["status"] = json!("published");
            }
            let made = send(bed.staff(&shop, "POST", "/products").json(&body)).await.expect(201);
            last = made.header("feira-position").to_owned();
        }
        let mut names = Vec::new();
        let mut after = String::new();
        loop {
            let page = listed(bed, &shop, &format!("?sort=price_asc&limit=2{after}"), &last).await;
            assert_eq!(page["total"], 5);
            names
                .extend(page["items"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap().to_owned()));
            let Some(next) = page["next"].as_str() else { break };
            after = format!("&after={next}");
            let refused = send(bed.staff(&shop, "GET", &format!("/products?sort=name&limit=2{after}"))).await;
            assert_eq!(refused.expect(400).code(), "bad_cursor");
        }
        assert_eq!(names, ["Caneca 1", "Caneca 2", "Caneca 3", "Caneca 4", "Caneca 5"]);
        for (query, total) in [
            ("?q=caneca+3", 1),
            ("?status=draft", 3),
            ("?category=canecas", 2),
            (&format!("?category={}", category["id"].as_str().unwrap()), 2),
            ("?q=nada", 0),
        ] {
            let found = listed(bed, &shop, query, &last).await;
            assert!(found["total"].as_i64().unwrap() >= total, "{query} {found}");
            if query != "?q=caneca+3" {
                assert_eq!(found["total"], total, "{query}");
            }
        }
        let used = send(bed.staff(&shop, "DELETE", &format!("/categories/{}", category["id"].as_str().unwrap()))).await;
        assert_eq!(used.expect(409).code(), "category_in_use");
    });
}

#[test]
fn f09_a_sub_category_that_is_made_ends_no_cursor() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("folheada").await;
        let post = |body: Value| send(bed.staff(&shop, "POST", "/categories").json(&body));
        let top = post(json!({"name": "Canecas"})).await.expect(201).json;
        let mut last = String::new();
        for n in 1..=2 {
            let mut body = crate::bed::product(&format!("Caneca {n}"));
            (body["category_id"], body["status"]) = (top["id"].clone(), json!("published"));
            let made = send(bed.staff(&shop, "POST", "/products").json(&body)).await.expect(201);
            last = made.header("feira-position").to_owned();
        }
        let lists = ["/api/admin/v1/products", "/api/store/v1/products", "/api/store/v1/search"];
        let page = async |path: &str, query: &str, position: &str| {
            let path = format!("{path}?category=canecas&sort=name&limit=1{query}");
            let request = bed.request(&shop.host, "GET", &path).bearer_auth(&shop.token);
            send_at(position, request).await.expect(200).json
        };
        let mut firsts = Vec::new();
        for path in lists {
            firsts.push(page(path, "", &last).await["next"].as_str().unwrap().to_owned());
        }
        let below = post(json!({"name": "Grandes", "parent_id": top["id"]})).await.expect(201);
        for (path, next) in lists.into_iter().zip(firsts) {
            let second = page(path, &format!("&after={next}"), below.header("feira-position")).await;
            assert_eq!((&second["items"][0]["name"], &second["next"]), (&json!("Caneca 2"), &Value::Null), "{path}");
        }
    });
}

#[test]
fn f35_codes_options_and_categories_are_found_in_the_panel_and_what_is_published_in_the_shop() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("rotulos").await;
        let category = json!({"name": "Ferragens"});
        let category = send(bed.staff(&shop, "POST", "/categories").json(&category)).await.expect(201).json;
        let mut last = String::new();
        for (name, status, code, colour) in
            [("Parafuso", "published", "7891000315507", "Zincado"), ("Porca", "draft", "7896004400013", "Latão")]
        {
            let body = json!({
                "name": name, "status": status, "category_id": category["id"],
                "description": "<p>Aço ino<b>xid</b>ável</p><ul><li>forte</li><li>leve</li></ul>",
                "options": [{"name": "Acabamento", "values": [colour]}],
                "variants": [{"sku": format!("NOR.{}-60", &code[3..7]), "barcode": code, "options": {"Acabamento": colour},
                    "price": {"amount": 990, "currency": "BRL"}, "stock": 4}],
            });
            let made = send(bed.staff(&shop, "POST", "/products").json(&body)).await.expect(201);
            last = made.header("feira-position").to_owned();
        }
        let names = |page: &Value| -> Vec<String> {
            page["items"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect()
        };
        for (query, in_panel) in [
            ("7891000315507", vec!["Parafuso"]),
            ("7896004400013", vec!["Porca"]),
            ("nor+6004", vec!["Porca"]),
            ("1000-60", vec!["Parafuso"]),
            ("porca+latao", vec!["Porca"]),
            ("ferragem", vec!["Parafuso", "Porca"]),
            ("inoxid%C3%A1vel", vec!["Parafuso", "Porca"]),
            ("forteleve", vec![]),
        ] {
            let panel = listed(bed, &shop, &format!("?sort=name&q={query}"), &last).await;
            assert_eq!(names(&panel), in_panel, "{query}");
            let path = format!("/api/store/v1/search?sort=name&q={query}");
            let shown = send_at(&last, bed.request(&shop.host, "GET", &path)).await.expect(200).json;
            let published: Vec<_> = in_panel.into_iter().filter(|name| *name == "Parafuso").collect();
            assert_eq!(names(&shown), published, "{query}");
        }
    });
}

#[test]
fn f10_a_product_made_anew_at_an_old_address_has_a_tag_of_its_own() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("refeita").await;
        let mut tags = Vec::new();
        for _ in 0..2 {
            let mut body = crate::bed::product("Caneca");
            body["status"] = json!("published");
            let made = send(bed.staff(&shop, "POST", "/products").json(&body)).await.expect(201);
            let card = || bed.request(&shop.host, "GET", "/api/store/v1/products/caneca");
            let shown = send_at(made.header("feira-position"), card()).await.expect(200);
            assert_eq!(shown.json["version"], 1);
            send(card().header("if-none-match", shown.header("etag"))).await.expect(304);
            tags.push(shown.header("etag").to_owned());
            let path = format!("/products/{}", made.json["id"].as_str().unwrap());
            let gone = send(bed.staff(&shop, "DELETE", &path)).await.expect(204);
            send_at(gone.header("feira-position"), card()).await.expect(404);
        }
        assert_ne!(tags[0], tags[1]);
    });
}

/// A list at a position.
async fn listed(bed: &Bed, shop: &Shop, query: &str, position: &str) -> Value {
    send_at(position, bed.staff(shop, "GET", &format!("/products{query}"))).await.expect(200).json
}

#[test]
fn stock_is_set_and_adjusted_and_never_below_zero() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("estoques").await;
        let made = bed.product(&shop, "Caneca").await;
        let (id, variant) = (made["id"].as_str().unwrap(), made["variants"][0]["id"].as_str().unwrap());
        let path = format!("/products/{id}/variants/{variant}/stock");
        let put = |body: Value| send(bed.staff(&shop, "PUT", &path).json(&body));
        let set = put(json!({"on_hand": 7})).await.expect(200);
        assert_eq!((&set.json["on_hand"], set.header("feira-position").starts_with("store.")), (&json!(7), true));
        assert_eq!(put(json!({"adjust": -3})).await.expect(200).json["on_hand"], 4);
        let below = put(json!({"adjust": -5})).await.expect(422);
        assert_eq!(below.code(), "stock_below_zero");
        let read = send_at(below.header("feira-position"), bed.staff(&shop, "GET", &path)).await;
        assert_eq!(read.expect(200).json["on_hand"], 4);
        for body in [
            json!({}),
            json!({"on_hand": 1, "adjust": 1}),
            json!({"on_hand": -1}),
            json!({"on_hand": 1.5}),
            json!({"adjust": "1"}),
        ] {
            put(body).await.expect(422);
        }
        for wrong in
            [format!("/products/{id}/variants/{id}/stock"), format!("/products/{variant}/variants/{variant}/stock")]
        {
            send(bed.staff(&shop, "PUT", &wrong).json(&json!({"on_hand": 1}))).await.expect(404);
        }
    });
}

#[test]
fn s50_categories_are_a_tree_sorted_by_name() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("arvores").await;
        let post = |body: Value| send(bed.staff(&shop, "POST", "/categories").json(&body));
        let top = post(json!({"name": "Água"})).await.expect(201).json;
        let below = post(json!({"name": "Copos", "parent_id": top["id"]})).await.expect(201).json;
        post(json!({"name": "Bules"})).await.expect(201);
        assert_eq!(post(json!({"name": "Outra", "slug": "agua"})).await.expect(409).code(), "slug_taken");
        let path = |category: &Value| format!("/categories/{}", category["id"].as_str().unwrap());
        let circle =
            send(bed.staff(&shop, "PATCH", &path(&top)).json(&json!({"parent_id": below["id"]}))).await.expect(422);
        assert_eq!(circle.json["errors"][0]["pointer"], "/parent_id");
        assert_eq!(send(bed.staff(&shop, "DELETE", &path(&top))).await.expect(409).code(), "category_in_use");

        let list = |query: &'static str| send(bed.staff(&shop, "GET", &format!("/categories{query}")));
        let names = |answer: &Value| -> Vec<String> {
            answer["items"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(names(&list("").await.expect(200).json), ["Água", "Bules", "Copos"]);
        assert_eq!(names(&list("?q=agu").await.expect(200).json), ["Água"]);
        let page = list("?limit=2").await.expect(200).json;
        assert_eq!((names(&page), &page["total"]), (vec!["Água".to_owned(), "Bules".to_owned()], &json!(3)));
        let next = format!("/categories?limit=2&after={}", page["next"].as_str().unwrap());
        let rest = send(bed.staff(&shop, "GET", &next)).await.expect(200).json;
        assert_eq!((names(&rest), &rest["next"]), (vec!["Copos".to_owned()], &Value::Null));
        let other = next.replace("limit=2", "q=b");
        assert_eq!(send(bed.staff(&shop, "GET", &other)).await.expect(400).code(), "bad_cursor");

        let renamed = bed.staff(&shop, "PATCH", &path(&below)).json(&json!({"name": "Copos de vidro"}));
        let renamed = send(renamed).await.expect(200).json;
        assert_eq!((&renamed["name"], &renamed["parent_id"]), (&json!("Copos de vidro"), &top["id"]));
        assert_eq!(send(bed.staff(&shop, "GET", &path(&below))).await.expect(200).json, renamed);
        assert_eq!(names(&list("?q=VIDRO").await.expect(200).json), ["Copos de vidro"]);
        let moved =
            send(bed.staff(&shop, "PUT", &path(&below)).json(&json!({"name": "Copos e taças"}))).await.expect(200);
        assert_eq!((&moved.json["parent_id"], &moved.json["slug"]), (&Value::Null, &json!("copos")));
        send(bed.staff(&shop, "DELETE", &path(&top))).await.expect(204);
        send(bed.staff(&shop, "GET", &path(&top))).await.expect(404);
    });
}

#[test]
fn settings_change_by_patch() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("ajustes").await;
        let patch = |body: Value| send(bed.staff(&shop, "PATCH", "/settings").json(&body));
        let set =
            patch(json!({"shop_name": "Ajustes & Cia", "tagline": "De tudo", "accent": "#aa0033"})).await.expect(200);
        assert_eq!((&set.json["shop_name"], set.header("etag")), (&json!("Ajustes & Cia"), "\"2\""));
        assert_eq!(patch(json!({"tagline": null})).await.expect(200).json["tagline"], Value::Null);
        for wrong in [
            json!({"accent": "red"}),
            json!({"accent": null}),
            json!({"shop_name": " "}),
            json!({"logo": "x"}),
            json!({"interest_free_installments": 13}),
        ] {
            patch(wrong).await.expect(422);
        }
        let mismatch =
            bed.staff(&shop, "PATCH", "/settings").header("if-match", "\"1\"").json(&json!({"tagline": "x"}));
        send(mismatch).await.expect(412);
        let meant = || {
            let patch = bed.staff(&shop, "PATCH", "/settings").header("if-match", "\"3\"");
            patch.header("idempotency-key", "frase").json(&json!({"tagline": "De tudo um pouco"}))
        };
        let changed = send(meant()).await.expect(200);
        let again = send(meant()).await.expect(200);
        assert_eq!(
            changed.header("etag"),
            again.header("etag"),
            "sent again it gets its answer, not a mismatch with itself"
        );
        let read = send(bed.staff(&shop, "GET", "/settings")).await.expect(200).json;
        assert_eq!((&read["accent"], &read["logo"]), (&json!("#aa0033"), &Value::Null));
        assert_eq!(read["interest_free_installments"], 1);
        let set = patch(json!({"interest_free_installments": 6})).await.expect(200);
        assert_eq!(set.json["interest_free_installments"], 6);
    });
}
