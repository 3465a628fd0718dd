//! The pages of a shop's coupons.

use feira_schemas::limits;
use serde_json::{Value, json};

use super::{Browser, PASSWORD, choose, encoded, text};
use crate::{
    bed::{Bed, Shop, bed, send},
    reconciliation::until,
    run,
};

/// A shop, and a browser in which somebody of its staff has logged in who may do this; none: everything.
async fn member<'a>(bed: &'a Bed, shop: &Shop, permission: Option<&str>) -> Browser<'a> {
    let email = format!("{}@{}.example", permission.map_or("dona", |_| "membro"), shop.id);
    let (role, permissions) = permission.map_or(("administrator", vec![]), |one| ("member", vec![one]));
    let body = json!({"email": email, "name": "Ana Lima", "roles": [role], "permissions": permissions});
    let made = send(bed.operator("POST", &format!("/tenants/{}/staff", shop.id)).json(&body)).await.expect(201).json;
    let link = made["link"].as_str().unwrap().strip_prefix(&format!("http://{}", shop.host)).unwrap();
    choose(&mut Browser::at(bed, &shop.host), link, PASSWORD).await.expect(303);
    let mut browser = Browser::at(bed, &shop.host);
    browser.log_in(&email, PASSWORD).await.expect(303);
    browser
}

/// The form as a browser sends it, with these texts instead of its own.
fn form<'a>(typed: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let usual = [
        ("/code", "VERAO10"),
        ("/kind", "percent"),
        ("/percent", "10,5"),
        ("/amount", ""),
        ("/minimum", ""),
        ("/starts_at", ""),
        ("/ends_at", ""),
        ("/usage_limit", ""),
        ("/products", ""),
        ("/categories", ""),
        ("_version", "0"),
    ];
    let of =
        |name: &'a str, text: &'a str| typed.iter().find(|(known, _)| *known == name).map_or(text, |(_, text)| *text);
    let fields = usual.into_iter().map(|(name, text)| (name, of(name, text)));
    [("/active", "false"), ("/active", "true")].into_iter().chain(fields).collect()
}

/// The form with these texts, with products that are ticked, and with what it says of itself.
fn picking<'a>(typed: &[(&'a str, &'a str)], ids: &[&'a str], said: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let chosen = ids.iter().map(|id| ("/chosen", *id));
    form(typed).into_iter().chain(chosen).chain(said.iter().copied()).collect()
}

/// The box of a product, ticked or not, up to the product's name.
fn boxed(id: &Value, is_ticked: bool) -> String {
    let ticked = if is_ticked { " checked" } else { "" };
    format!("name=\"/chosen\" value=\"{}\"{ticked}> ", id.as_str().unwrap())
}

/// What a text area of a page is filled with, as it stands in the page.
fn lines_of<'a>(page: &'a str, name: &str) -> &'a str {
    let area = page.split_once(&format!("name=\"{name}\"")).unwrap().1;
    area.split_once(">\n").unwrap().1.split_once("</textarea>").unwrap().0
}

/// Makes a coupon by the shop's API.
async fn put(bed: &Bed, shop: &Shop, code: &str, body: &Value) -> Value {
    send(bed.staff(shop, "PUT", &format!("/coupons/{code}")).json(body)).await.expect(201).json
}

#[test]
fn f08_a_shops_staff_makes_a_coupon_on_a_page_and_what_is_wrong_stands_at_its_field() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("cupons-na-pagina").await;
        bed.product(&shop, "Camisa <b>azul</b>").await;
        let mut browser = member(bed, &shop, None).await;
        let page = "/admin/coupons";
        assert!(text(&browser.get(page).await.expect(200)).contains("Ainda não há cupons"));
        let new = text(&browser.get("/admin/coupons/new").await.expect(200));
        assert!(new.contains("value=\"percent\" checked") && new.contains("type=\"datetime-local\""), "{new}");
        for (name, typed, error) in [
            ("/code", "ab", "code-error"),
            ("/code", "VERÃO10", "code-error"),
            ("/percent", "dez", "percent-error"),
            ("/percent", "100,01", "percent-error"),
            ("/minimum", "1.234", "minimum-error"),
            ("/starts_at", "amanhã", "starts-error"),
            ("/ends_at", "2026-12-31T23:59:30", "ends-error"),
            ("/ends_at", "2026-12-31", "ends-error"),
            ("/usage_limit", "muitas", "limit-error"),
            ("/usage_limit", "0", "limit-error"),
            ("/products", "bermuda", "products-error"),
            ("/categories", "/category/roupas", "categories-error"),
        ] {
            let wrong = text(&browser.post(page, &form(&[(name, typed)])).await.expect(422));
            assert!(wrong.contains(&format!("id=\"{error}\"")), "{name} {typed}: {wrong}");
            assert!(wrong.contains(typed) && wrong.contains("value=\"VERAO10\"") == (name != "/code"), "{wrong}");
        }
        // Several at once, each at its own.
        let several = [("/code", ""), ("/kind", "amount"), ("/starts_at", "x"), ("/products", "y")];
        let wrong = text(&browser.post(page, &form(&several)).await.expect(422));
        for error in ["code-error", "amount-error", "starts-error", "products-error"] {
            assert!(wrong.contains(&format!("id=\"{error}\"")), "{error}: {wrong}");
        }
        let right = [
            ("/code", " verao10 "),
            ("/minimum", "1.234,50"),
            ("/starts_at", "2026-12-01T00:00"),
            ("/ends_at", "2999-12-31T23:59"),
            ("/products", "Camisa b azul b"),
        ];
        let done = browser.post(page, &form(&right)).await;
        assert_eq!(done.status, 303, "{}", text(&done));
        let list = text(&browser.get(done.header("location")).await.expect(200));
        assert!(list.contains("O cupom foi criado") && list.contains("10,5 % de desconto"), "{list}");
        assert!(list.contains("a partir de R$ 1.234,50 · para 1 produto"), "{list}");
        let kept = send(bed.staff(&shop, "GET", "/coupons/VERAO10")).await.expect(200).json;
        assert_eq!(
            (&kept["starts_at"], &kept["ends_at"]),
            (&json!("2026-12-01T03:00:00Z"), &json!("3000-01-01T03:00:00Z"))
        );
        let one = text(&browser.get("/admin/coupons/VERAO10").await.expect(200));
        for part in [
            "value=\"2999-12-31T23:59\"",
            "checked> Camisa &#60;b&#62;azul",
            "value=\"1.234,50\"",
            "name=\"_version\" value=\"1\"",
        ] {
            assert!(one.contains(part), "{part}: {one}");
        }
        assert!(!one.contains("<b>"), "{one}");
        // The form as it is filled changes nothing.
        assert_eq!(lines_of(&one, "/products"), "");
        let same = [right[1], right[2], right[3], ("_version", "1")];
        let same = picking(&same, &[kept["products"][0].as_str().unwrap()], &[]);
        browser.post("/admin/coupons/VERAO10", &same).await.expect(303);
        assert_eq!(send(bed.staff(&shop, "GET", "/coupons/VERAO10")).await.expect(200).json, kept);
        // The same code is another's.
        let again = text(&browser.post(page, &form(&[("/percent", "20")])).await.expect(422));
        assert!(again.contains("Já há um cupom com este código") && again.contains("value=\"20\""), "{again}");
    });
}

#[test]
fn f08_a_coupon_is_changed_by_who_has_seen_it_copied_and_removed_on_its_page() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("cupons-mudados").await;
        let mut browser = member(bed, &shop, None).await;
        let (page, one) = ("/admin/coupons", "/admin/coupons/NATAL");
        browser.get(page).await.expect(200);
        browser.post(page, &form(&[("/code", "natal")])).await.expect(303);
        let free = form(&[("/kind", "free_shipping"), ("_version", "1")]);
        let done = browser.post(one, &free).await.expect(303);
        let shown = text(&browser.get(done.header("location")).await.expect(200));
        assert!(shown.contains("O cupom foi guardado") && shown.contains("frete grátis"), "{shown}");
        // Who has seen an older version overwrites nothing.
        let stale = text(&browser.post(one, &form(&[("/percent", "33"), ("_version", "1")])).await.expect(412));
        assert!(stale.contains("Alguém mudou") && stale.contains("value=\"33\""), "{stale}");
        assert!(stale.contains("name=\"_version\" value=\"2\""), "{stale}");
        let differs = "<th scope=\"row\">O que o cupom dá</th><td>frete grátis</td><td>33 % de desconto</td>";
        assert!(stale.contains(differs) && !stale.contains("<th scope=\"row\">Situação"), "{stale}");
        let copy = text(&browser.get("/admin/coupons/new?like=NATAL").await.expect(200));
        assert!(
            copy.contains("value=\"free_shipping\" checked") && copy.contains("name=\"_version\" value=\"0\""),
            "{copy}"
        );
        assert!(!copy.contains("value=\"NATAL\""), "{copy}");
        browser.get("/admin/coupons/new?like=NADA").await.expect(404);
        browser.post("/admin/coupons/NADA", &form(&[])).await.expect(404);
        for (state, is_there) in [("active", true), ("over", false), ("", true), ("outro", true)] {
            let list = text(&browser.get(&format!("{page}?state={state}")).await.expect(200));
            assert_eq!(list.contains("href=\"/admin/coupons/NATAL\""), is_there, "{state}: {list}");
        }
        let asks = text(&browser.get(&format!("{one}/remove")).await.expect(200));
        assert!(asks.contains("Excluir o cupom NATAL?") && asks.contains("name=\"_version\" value=\"2\""), "{asks}");
        let remove = format!("{one}/remove");
        browser.post(&remove, &[("_version", "1")]).await.expect(412);
        let done = browser.post(&remove, &[("_version", "2")]).await.expect(303);
        assert!(text(&browser.get(done.header("location")).await.expect(200)).contains("O cupom foi excluído"));
        browser.get(one).await.expect(404);
    });
}

#[test]
fn f08_s63_who_may_only_see_coupons_changes_none_and_who_may_do_neither_sees_none() {
    run(async {
        let bed = bed().await;
        let (shop, other) = (bed.shop("ve-cupons").await, bed.shop("nao-ve-cupons").await);
        let product = bed.product(&shop, "Lançamento").await["id"].clone();
        put(bed, &shop, "FRETE", &json!({"kind": "free_shipping", "products": [product]})).await;
        let mut sees = member(bed, &shop, Some("coupons:read")).await;
        let list = text(&sees.get("/admin/coupons").await.expect(200));
        assert!(list.contains("FRETE") && !list.contains("Novo cupom"), "{list}");
        let one = text(&sees.get("/admin/coupons/FRETE").await.expect(200));
        assert!(one.contains("mas não alterá-lo") && !one.contains(">Guardar<"), "{one}");
        // What it is for is in the catalogue, which is another area.
        let bare = format!("{}{}</label>", boxed(&product, true), product.as_str().unwrap());
        assert!(one.contains(&bare) && !one.contains("Lançamento") && !one.contains("name=\"_q\""), "{one}");
        sees.get("/admin/coupons/new").await.expect(403);
        sees.post("/admin/coupons", &form(&[])).await.expect(403);
        sees.post("/admin/coupons/FRETE/remove", &[("_version", "1")]).await.expect(403);
        let mut blind = member(bed, &other, Some("stock:write")).await;
        blind.get("/admin/coupons").await.expect(403);
        assert!(!text(&blind.get("/admin").await.expect(200)).contains("/admin/coupons"));
    });
}

#[test]
fn f08_a_name_with_a_slash_in_it_names_no_other_product() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("cupom-de-kit").await;
        let kit = bed.product(&shop, "Kit 1/2").await["id"].clone();
        let other = bed.product(&shop, "2").await["id"].clone();
        let mut browser = member(bed, &shop, None).await;
        let page = "/admin/coupons";
        browser.get(page).await.expect(200);
        for (code, line, named) in [("KIT", "Kit 1/2", &kit), ("DOIS", "/product/2", &other)] {
            browser.post(page, &form(&[("/code", code), ("/products", line)])).await.expect(303);
            let kept = send(bed.staff(&shop, "GET", &format!("/coupons/{code}"))).await.expect(200).json;
            assert_eq!(kept["products"], json!([named]), "{line}");
        }
        let wrong = text(&browser.post(page, &form(&[("/code", "TRES"), ("/products", "Kit 3/2")])).await.expect(422));
        assert!(wrong.contains("Não há produto de endereço ou nome «Kit 3/2»"), "{wrong}");
    });
}

#[test]
fn f08_a_coupon_at_its_limits_is_saved_as_its_form_is_filled() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("cupom-cheio").await;
        // No name takes more bytes as a browser sends it.
        let name = "😀".repeat(limits::NAME_CHARS);
        let product = bed.product(&shop, &name).await;
        let made = send(bed.staff(&shop, "POST", "/categories").json(&json!({"name": name}))).await.expect(201).json;
        let body = json!({"kind": "free_shipping", "products": [product["id"]], "categories": [made["id"]]});
        let kept = put(bed, &shop, "CHEIO", &body).await;
        let mut browser = member(bed, &shop, None).await;
        let one = text(&browser.get("/admin/coupons/CHEIO").await.expect(200));
        assert!(one.contains(&name), "{one}");
        let line = format!("/product/{} — {name}", product["slug"].as_str().unwrap());
        let products = [line.as_str(); limits::COUPON_PRODUCTS].join("\n");
        let categories = [lines_of(&one, "/categories"); limits::COUPON_CATEGORIES].join("\n");
        let full = form(&[
            ("/kind", "free_shipping"),
            ("/products", products.as_str()),
            ("/categories", categories.as_str()),
            ("_version", "1"),
        ]);
        assert!(encoded(&full).len() > 7 * limits::FORM_BYTES);
        let done = browser.post("/admin/coupons/CHEIO", &full).await;
        assert_eq!(done.status, 303, "{}", text(&done));
        // Each stands there many times, and is named once.
        assert_eq!(send(bed.staff(&shop, "GET", "/coupons/CHEIO")).await.expect(200).json, kept);
    });
}

#[test]
fn f08_a_copy_of_a_coupon_leaves_out_what_was_deleted_and_what_is_gone_is_refused() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("cupom-copiado").await;
        let (gone, left) = (bed.product(&shop, "Bule").await, bed.product(&shop, "Xícara").await);
        let free = |products: Value| json!({"kind": "free_shipping", "products": products});
        put(bed, &shop, "AMBOS", &free(json!([gone["id"], left["id"]]))).await;
        put(bed, &shop, "BULE", &free(json!([gone["id"]]))).await;
        let id = gone["id"].as_str().unwrap();
        send(bed.staff(&shop, "DELETE", &format!("/products/{id}"))).await.expect(204);
        let mut browser = member(bed, &shop, None).await;
        let old = text(&browser.get("/admin/coupons/AMBOS").await.expect(200));
        assert!(old.contains(&format!("{}{id} — não existe mais", boxed(&gone["id"], true))), "{old}");
        let copy = text(&browser.get("/admin/coupons/new?like=AMBOS").await.expect(200));
        let kept = format!("{}Xícara — /product/xicara</label>", boxed(&left["id"], true));
        assert!(copy.contains(&kept) && !copy.contains(id), "{copy}");
        let typed = [("/code", "COPIA"), ("/kind", "free_shipping")];
        browser.post("/admin/coupons", &picking(&typed, &[left["id"].as_str().unwrap()], &[])).await.expect(303);
        // A copy that would be for nothing else would be for everything: it can't be made by mistake.
        let copy = text(&browser.get("/admin/coupons/new?like=BULE").await.expect(200));
        assert!(copy.contains(&boxed(&gone["id"], true)), "{copy}");
        let typed = [("/code", "OUTRO"), ("/kind", "free_shipping")];
        let wrong = text(&browser.post("/admin/coupons", &picking(&typed, &[id], &[])).await.expect(422));
        assert!(
            wrong.contains("id=\"chosen-error\"") && wrong.contains("Um dos produtos marcados não existe"),
            "{wrong}"
        );
        let line = format!("\n{id}");
        let typed = [("/code", "OUTRO"), ("/kind", "free_shipping"), ("/products", line.as_str())];
        let wrong = text(&browser.post("/admin/coupons", &form(&typed)).await.expect(422));
        assert!(wrong.contains("id=\"products-error\"") && wrong.contains("Linha 2: Não há produto"), "{wrong}");
    });
}

#[test]
fn f08_a_coupons_products_are_sought_and_ticked_and_nothing_is_kept_before_it_is_sent() {
    run(async {
        let bed = bed().await;
        let (shop, other) = (bed.shop("cupom-procura").await, bed.shop("cupom-de-outra").await);
        let foreign = bed.product(&other, "Bule alheio").await["id"].clone();
        let cup = bed.product(&shop, "Xícara").await["id"].clone();
        let (blue, green) = (bed.product(&shop, "Bule azul").await, bed.product(&shop, "Bule verde").await);
        until("the products in the list", async || {
            let list = send(bed.staff(&shop, "GET", "/products")).await.expect(200).json;
            (list["total"] == 3).then_some(())
        })
        .await;
        let [cup_id, blue_id, green_id, foreign_id] =
            [&cup, &blue["id"], &green["id"], &foreign].map(|id| id.as_str().unwrap());
        let mut browser = member(bed, &shop, None).await;
        let (page, one) = ("/admin/coupons", "/admin/coupons/VERAO10");
        browser.get(page).await.expect(200);
        let typed = [("/percent", "12,34"), ("/categories", "sem nada")];
        let search = picking(&typed, &[cup_id], &[("_act", "search"), ("_q", " bule ")]);
        let found = text(&browser.post(page, &search).await.expect(200));
        assert!(found.contains("<p role=\"status\">2 produtos encontrados.</p>"), "{found}");
        for part in [
            format!("{}Xícara", boxed(&cup, true)),
            format!("{}Bule azul — /product/bule-azul<", boxed(&blue["id"], false)),
            format!("{}Bule verde", boxed(&green["id"], false)),
            // All that was typed stays, though some of it is wrong.
            "value=\"VERAO10\"".to_owned(),
            "value=\"12,34\"".to_owned(),
            "sem nada</textarea>".to_owned(),
            "data-guard=\"changed\"".to_owned(),
        ] {
            assert!(found.contains(&part), "{part}: {found}");
        }
        assert!(!found.contains("Bule alheio") && !found.contains("-error\""), "{found}");
        let search = picking(&typed, &[cup_id], &[("_act", "search"), ("_q", "piano")]);
        let none = text(&browser.post(page, &search).await.expect(200));
        assert!(none.contains("Nenhum produto encontrado para «piano»"), "{none}");
        assert!(none.contains(&boxed(&cup, true)) && !none.contains("Produtos encontrados"), "{none}");
        send(bed.staff(&shop, "GET", "/coupons/VERAO10")).await.expect(404);

        // The Enter key seeks, however often it is pressed, as long as words stand in the box, and else keeps the form.
        let enter = [("_act", "enter"), ("_q", "bule")];
        for _ in 0..2 {
            let found = text(&browser.post(page, &picking(&[], &[cup_id], &enter)).await.expect(200));
            assert!(found.contains("2 produtos encontrados.") && found.contains("value=\"bule\""), "{found}");
        }
        send(bed.staff(&shop, "GET", "/coupons/VERAO10")).await.expect(404);
        let enter = [("_act", "enter"), ("_q", " ")];
        let wrong = text(&browser.post(page, &picking(&[], &[cup_id, foreign_id], &enter)).await.expect(422));
        assert!(wrong.contains("id=\"chosen-error\"") && !wrong.contains("Bule alheio"), "{wrong}");
        assert!(wrong.contains(&format!("{}{foreign_id} — não existe mais", boxed(&foreign, true))), "{wrong}");
        browser.post(page, &picking(&[], &[cup_id, blue_id], &enter)).await.expect(303);
        let kept = send(bed.staff(&shop, "GET", "/coupons/VERAO10")).await.expect(200).json;
        assert_eq!(kept["products"], json!([cup, blue["id"]]));

        // A search in the form of one that is there keeps the version that the form was filled from.
        let seen = [("_version", "1")];
        browser.post(one, &picking(&seen, &[green_id], &[])).await.expect(303);
        let search = picking(&seen, &[cup_id], &[("_act", "search"), ("_q", "verde")]);
        let found = text(&browser.post(one, &search).await.expect(200));
        assert!(found.contains(&boxed(&green["id"], false)), "{found}");
        assert!(found.contains("name=\"_version\" value=\"1\""), "{found}");
        let stale = text(&browser.post(one, &picking(&seen, &[cup_id], &[])).await.expect(412));
        let differs = "<th scope=\"row\">Só para estes produtos</th><td>Bule verde — /product/bule-verde</td>\
                       <td>Xícara — /product/xicara</td>";
        assert!(stale.contains(differs), "{stale}");

        // Who may not see the catalogue seeks nothing in it.
        let mut blind = member(bed, &shop, Some("coupons:write")).await;
        let new = text(&blind.get("/admin/coupons/new").await.expect(200));
        assert!(!new.contains("name=\"_q\"") && new.contains("name=\"/products\""), "{new}");
        let search = picking(&typed, &[cup_id], &[("_act", "search"), ("_q", "bule")]);
        let found = text(&blind.post(page, &search).await.expect(200));
        assert!(!found.contains("Bule") && found.contains("value=\"12,34\""), "{found}");
    });
}
