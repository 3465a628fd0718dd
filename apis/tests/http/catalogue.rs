//! Products, stock, categories and settings, as a merchant's programs use them.

use serde_json::{Value, json};

use crate::{
    bed::{Bed, Shop, bed, send, send_at},
    run,
};

fn shirt() -> Value {
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
        let read = send(bed.staff(&shop, "GET", &path).header("feira-at-least", below.header("feira-position"))).await;
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
        let mut body = crate::bed::product("Aula de cerâmica");
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
        let drafted = crate::bed::product("Vale-presente");
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
        let shop = bed.shop("enderecos").await;
        let made =
            send(bed.staff(&shop, "POST", "/categories").json(&json!({"name": "Calçados"}))).await.expect(201).json;
        let path = format!("/categories/{}", made["id"].as_str().unwrap());
        let mut body = crate::bed::product("Bota de couro");
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
        let mut body = crate::bed::product("Achocolatado 400 g");
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

        let file = crate::pictures::picture(300, 300, image::ImageFormat::Jpeg);
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
        let product = bed.product(&shop, "Copo").await;
        let path = format!("/products/{}", product["id"].as_str().unwrap());
        let mut named = crate::bed::product("Copo\u{b}");
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
        let file = || crate::pictures::picture(20, 20, image::ImageFormat::Png);
        let images = format!("{path}/images");
        send(bed.staff(&shop, "POST", &format!("{images}?alt=a%00")).body(file())).await.expect(400);
        let part = reqwest::multipart::Part::bytes(file()).file_name("a.png");
        let form = reqwest::multipart::Form::new().part("file", part).text("alt", "a\u{b}");
        send(bed.staff(&shop, "POST", &images).multipart(form)).await.expect(422);
    });
}
