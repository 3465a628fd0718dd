//! The history of a shop: who changed what, and what was before and after.

use feira_schemas::{
    ids::{StaffId, TenantId},
    records::admin::StaffMember,
    row::Write,
    rows::{
        admin::{StaffRow, TenantRow},
        audit::{Change, ChangeRow, action},
    },
    sealed::{Email, Subject, SubjectKind},
    time::{DAY, HOUR, rfc3339},
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{PASSWORD, shop_login::Owner, text};
use crate::{
    bed::{Bed, Shop, bed, send, send_at},
    payments::Seller,
    reconciliation::until,
    run,
    settling::refused_refund,
};

const PAGE: &str = "/admin/changes";

/// The changes that a shop's API gives with these parameters, once they show a position.
async fn changes(bed: &Bed, shop: &Shop, position: &str, query: &str) -> Value {
    send_at(position, bed.staff(shop, "GET", &format!("/changes{query}"))).await.expect(200).json
}

/// What was done to which entities, in the order of a list.
fn told(list: &Value) -> Vec<(&str, &str)> {
    let items = list["items"].as_array().unwrap().iter();
    items.map(|item| (item["action"].as_str().unwrap(), item["entity"].as_str().unwrap())).collect()
}

/// Both sides of a field that a change tells of.
fn sides<'a>(change: &'a Value, field: &str) -> (&'a Value, &'a Value) {
    let found = change["differences"].as_array().unwrap().iter().find(|one| one["field"] == field);
    let found = found.unwrap_or_else(|| panic!("no {field}: {change}"));
    (&found["before"], &found["after"])
}

/// The same shop, whose staff asks by a token with these permissions.
async fn scoped(bed: &Bed, shop: &Shop, scopes: &[&str]) -> Shop {
    let body = json!({"label": "programa", "scopes": scopes});
    let made = send(bed.staff(shop, "POST", "/tokens").json(&body)).await.expect(201).json;
    Shop { token: made["token"].as_str().unwrap().to_owned(), ..shop.clone() }
}

#[test]
fn f20_a_price_that_a_member_changed_is_told_with_who_when_before_and_after() {
    run(async {
        let bed = bed().await;
        let owner = Owner::new(bed, "com-historico").await;
        let other = bed.shop("sem-historico").await;
        let made = bed.product(&owner.shop, "Caneca").await;
        let (id, version) = (made["id"].as_str().unwrap(), &made["version"]);
        let mut browser = owner.browser(bed).await;
        browser.get("/admin/products").await.expect(200);
        let chosen = format!("{id}:{version}");
        let fields = [
            ("_key", "historico"),
            ("/chosen", chosen.as_str()),
            ("/action", "reprice"),
            ("/percent", "-10"),
            ("/confirmed", "true"),
        ];
        let done = text(&browser.post("/admin/products/many", &fields).await.expect(200));
        assert!(done.contains("Feito em 1 produto."), "{done}");
        let path = format!("/products/{id}");
        let deleted = send(bed.staff(&owner.shop, "DELETE", &path)).await.expect(204);
        let position = deleted.header("feira-position").to_owned();

        let of_product = format!("?entity=product&entity_id={id}");
        let list = changes(bed, &owner.shop, &position, &of_product).await;
        assert_eq!(told(&list), [("removed", "product"), ("changed", "product"), ("created", "product")], "{list}");
        let changed = &list["items"][1];
        assert_eq!((&changed["name"], &changed["available"]), (&json!("Caneca"), &json!(true)));
        assert_eq!(changed["actor"], format!("staff:{}", owner.id));
        let differences = changed["differences"].as_array().unwrap();
        let price = |amount: i64| json!({"amount": amount, "currency": "BRL"});
        assert_eq!(differences.len(), 1, "{changed}");
        assert!(differences[0]["field"].as_str().unwrap().ends_with("/price"), "{changed}");
        assert_eq!((&differences[0]["before"], &differences[0]["after"]), (&price(12_990), &price(11_691)));
        let (gone, new) = (&list["items"][0]["differences"], &list["items"][2]["differences"]);
        assert!(
            gone.as_array().unwrap().iter().any(|one| one["before"] == "Caneca" && one["after"].is_null()),
            "{gone}"
        );
        assert!(new.as_array().unwrap().iter().any(|one| one["after"] == "Caneca" && one["before"].is_null()), "{new}");
        assert!(list["items"][0]["actor"].as_str().unwrap().starts_with("token:"), "{list}");

        // Page by page, by who, and by day.
        let first = changes(bed, &owner.shop, &position, &format!("{of_product}&limit=2")).await;
        let next = first["next"].as_str().unwrap();
        let rest = changes(bed, &owner.shop, &position, &format!("{of_product}&limit=2&after={next}")).await;
        assert_eq!((told(&rest), &rest["next"]), (vec![("created", "product")], &Value::Null));
        let by = changes(bed, &owner.shop, &position, &format!("?actor=staff:{}&entity=product", owner.id)).await;
        assert_eq!(told(&by), [("changed", "product")], "{by}");
        for (days, count) in [("from=2020-01-01&until=2020-12-31", 0), ("from=2020-01-01&until=2999-12-31", 3)] {
            let of_days = changes(bed, &owner.shop, &position, &format!("{of_product}&{days}")).await;
            assert_eq!(told(&of_days).len(), count, "{days}: {of_days}");
        }
        let wrong = send(bed.staff(&owner.shop, "GET", "/changes?from=2026-02-31")).await.expect(400);
        assert_eq!(wrong.json["errors"][0]["pointer"], "/query/from");
        send(bed.staff(&owner.shop, "GET", "/changes?after=x")).await.expect(400);

        // Another shop sees nothing of it, nor who may not see the catalogue.
        let theirs = changes(bed, &other, &position, &of_product).await;
        assert_eq!(told(&theirs), []);
        let blind = scoped(bed, &owner.shop, &["stock:read"]).await;
        let seen = changes(bed, &blind, &position, "?actor=all").await;
        assert!(told(&seen).iter().all(|(_, entity)| *entity == "tenant"), "{seen}");
    });
}

#[test]
fn f20_a_member_of_the_staff_is_told_of_without_what_it_typed_about_itself() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("historico-da-equipe").await;
        let body = json!({"email": "bia@historico.example", "name": "Bia Reis", "roles": ["member"]});
        let member = send(bed.staff(&shop, "POST", "/staff").json(&body)).await.expect(201).json;
        let path = format!("/staff/{}", member["id"].as_str().unwrap());
        let patch = json!({"name": "Beatriz Reis", "permissions": ["stock:read"]});
        let changed = send(bed.staff(&shop, "PATCH", &path).json(&patch)).await.expect(200);
        let list = changes(bed, &shop, changed.header("feira-position"), "?entity=staff").await;
        assert_eq!(told(&list), [("changed", "staff"), ("created", "staff")]);
        assert!(!list.to_string().contains("Reis") && !list.to_string().contains("bia@"), "{list}");
        let differences = list["items"][0]["differences"].as_array().unwrap();
        let side = |field: &str, side: &str| {
            let found = differences.iter().find(|one| one["field"] == field);
            found.unwrap_or_else(|| panic!("{list}"))[side].clone()
        };
        assert_eq!((side("/name", "before"), side("/name", "after")), (json!("•••"), json!("•••")));
        assert_eq!(side("/permissions", "after"), json!(["stock:read"]));
        assert!(differences.iter().all(|one| one["field"] != "/email"), "it is as it was: {list}");
    });
}

#[test]
fn f20_the_page_tells_changes_in_words_to_who_may_see_them() {
    run(async {
        let bed = bed().await;
        let owner = Owner::new(bed, "pagina-do-historico").await;
        let mut browser = owner.browser(bed).await;
        let stock = owner.member(bed, "Rui", &["stock:read"]).await;
        let seller = owner.member(bed, "Lia", &["catalogue:read"]).await;
        browser.get("/admin/categories/new").await.expect(200);
        let made = [("/name", "Canecas <b>"), ("/slug", ""), ("/parent_id", "")];
        browser.post("/admin/categories", &made).await.expect(303);
        let known = async || {
            let list = send(bed.staff(&owner.shop, "GET", "/categories?q=canecas")).await.expect(200).json;
            list["items"][0]["id"].as_str().map(str::to_owned)
        };
        let id = until("the category", known).await;
        let patch = bed.staff(&owner.shop, "PATCH", &format!("/categories/{id}")).json(&json!({"name": "Xícaras"}));
        let position = send(patch).await.expect(200).header("feira-position").to_owned();
        // The page shows what it has; so it is asked for once the view is there.
        changes(bed, &owner.shop, &position, "").await;

        let page = text(&browser.get(&format!("{PAGE}?entity=category&entity_id={id}")).await.expect(200));
        for part in [
            "Alteração: Categoria «Xícaras»",
            "<strong>Nome</strong>: de Canecas &#60;b&#62; para Xícaras",
            "Criação: Categoria «Canecas &#60;b&#62;»",
            &format!("por {}", owner.email),
            "da API",
        ] {
            assert!(page.contains(part), "{part}: {page}");
        }
        let of_category = text(&browser.get(&format!("/admin/categories/{id}")).await.expect(200));
        assert!(of_category.contains(&format!("{PAGE}?entity=category&amp;entity_id={id}")), "{of_category}");
        let wrong = text(&browser.get(&format!("{PAGE}?from=ontem&actor=token")).await.expect(400));
        assert!(wrong.contains("id=\"from-error\"") && wrong.contains("value=\"ontem\""), "{wrong}");
        assert!(wrong.contains("<option value=\"token\" selected>"), "{wrong}");
        let none = text(&browser.get(&format!("{PAGE}?until=2020-01-01")).await.expect(200));
        assert!(none.contains("Nenhuma mudança é assim."), "{none}");

        // Who does not see the staff learns of no address, and who does not see the catalogue of no category.
        let mut hers = owner.visitor(bed);
        hers.log_in(&seller.email, PASSWORD).await.expect(303);
        let seen = text(&hers.get(PAGE).await.expect(200));
        assert!(seen.contains("por alguém da equipe") && !seen.contains("@"), "{seen}");
        let mut his = owner.visitor(bed);
        his.log_in(&stock.email, PASSWORD).await.expect(303);
        let seen = text(&his.get(PAGE).await.expect(200));
        assert!(!seen.contains("Xícaras") && !seen.contains("Categoria"), "{seen}");
    });
}

#[test]
fn f20_what_lies_years_back_in_a_shop_that_changes_little_is_told_some_pages_on() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("historico-antigo").await;
        let tenant: TenantId = shop.id.parse().unwrap();
        let (state, now) = (&bed.api.platform.state, bed.api.platform.now());
        let mut old = state.get::<TenantRow>(&TenantRow::at(tenant)).await.unwrap().unwrap();
        old.tenant.created_at = now - 800 * DAY;
        let change = |days: i64| Change {
            newest_first: days * DAY - now,
            context: "admin".into(),
            kind: "category".into(),
            entity_id: days.to_string(),
            action: action::CHANGED.into(),
            actor: "operator".into(),
            event_partition: 0,
            event_offset: -1,
        };
        let changes = [3, 4, 600].map(|days| Write::put(ChangeRow::new(tenant, change(days)), now));
        state.write(&changes).await.unwrap();
        state.write(&[Write::put(old, now + HOUR)]).await.unwrap();
        let page = async |query: &str| {
            let path = format!("/changes?entity=category{query}");
            let list = send(bed.staff(&shop, "GET", &path)).await.expect(200).json;
            let items = list["items"].as_array().unwrap().iter();
            let days: Vec<String> = items.map(|item| item["entity_id"].as_str().unwrap().to_owned()).collect();
            (days, list["next"].as_str().map(|next| format!("&after={next}")))
        };
        let (mut pages, mut next) = (Vec::new(), Some(String::new()));
        while let Some(query) = next {
            let (days, behind) = page(&query).await;
            pages.push(days);
            next = behind;
        }
        assert_eq!(pages, [vec!["3", "4"], vec!["600"], vec![]], "a year is looked at by each");
        let since = rfc3339(now - 5 * DAY);
        let (days, behind) = page(&format!("&limit=1&from={}", &since[..10])).await;
        assert_eq!((days, behind.is_some()), (vec!["3".to_owned()], true));
        let (days, behind) = page(&format!("{}&limit=1&from={}", behind.unwrap(), &since[..10])).await;
        assert_eq!((days, behind), (vec!["4".to_owned()], None));
    });
}

#[test]
fn f20_what_was_removed_and_made_again_is_told_as_made() {
    run(async {
        let bed = bed().await;
        let owner = Owner::new(bed, "historico-de-cupom").await;
        let made = async || {
            let put = bed.staff(&owner.shop, "PUT", "/coupons/VOLTA").json(&json!({"kind": "free_shipping"}));
            send(put).await.expect(201).header("feira-position").to_owned()
        };
        made().await;
        send(bed.staff(&owner.shop, "DELETE", "/coupons/VOLTA")).await.expect(204);
        let position = made().await;
        let query = "?entity=coupon&entity_id=VOLTA";
        let list = changes(bed, &owner.shop, &position, query).await;
        assert_eq!(told(&list), [("created", "coupon"), ("removed", "coupon"), ("created", "coupon")], "{list}");
        for made in [&list["items"][0], &list["items"][2]] {
            let differences = made["differences"].as_array().unwrap();
            assert!(!differences.is_empty() && differences.iter().all(|one| one["before"].is_null()), "{made}");
        }
        let page = text(&owner.browser(bed).await.get(&format!("{PAGE}{query}")).await.expect(200));
        assert!(page.contains("Criação: Cupom «VOLTA»") && !page.contains("Alteração"), "{page}");
    });
}

#[test]
fn f20_a_page_tells_what_was_changed_where_an_address_does_not_open() {
    run(async {
        let bed = bed().await;
        let owner = Owner::new(bed, "historico-sem-chave").await;
        let mut browser = owner.browser(bed).await;
        browser.get("/admin/tokens/new").await.expect(200);
        let some = [("/label", "vitrine"), ("_reach", "chosen"), ("/scopes", "catalogue:read")];
        browser.post("/admin/tokens", &some).await.expect(200);
        let (tenant, state) = (owner.tenant(), &bed.api.platform.state);
        let key = StaffRow::at(tenant, owner.id.parse().unwrap());
        let staff = state.get::<StaffRow>(&key).await.unwrap().unwrap().staff;
        // Sealed by a key that the shop does not have.
        let staff_id = StaffId::from_uuid(Uuid::now_v7());
        let subject = Subject::new(SubjectKind::Staff, staff_id.uuid());
        let sealer = bed.api.keyring.mint(TenantId::PLATFORM, subject).await.unwrap();
        let email = sealer.seal(&Email::new("sem@chave.example").unwrap()).unwrap();
        let lost = StaffRow { tenant_id: tenant, staff: StaffMember { staff_id, email, ..staff } };
        state.write(&[Write::put(lost, bed.api.platform.now())]).await.unwrap();
        let body = json!({"label": "programa", "scopes": ["stock:read"]});
        let made = send(bed.staff(&owner.shop, "POST", "/tokens").json(&body)).await.expect(201);
        changes(bed, &owner.shop, made.header("feira-position"), "").await;

        let page = text(&browser.get(&format!("{PAGE}?entity=token")).await.expect(200));
        for part in [
            "Criação: Token da API «programa»",
            &format!("<option value=\"staff:{staff_id}\">alguém da equipe</option>"),
            &format!("<option value=\"staff:{}\">{}</option>", owner.id, owner.email),
            &format!("<strong>Criado por</strong>: {}", owner.email),
        ] {
            assert!(page.contains(part), "{part}: {page}");
        }
    });
}

#[test]
fn f20_an_account_whose_key_was_changed_is_told_without_its_keys() {
    run(async {
        let bed = bed().await;
        let seller = Seller::at(bed, "historico-de-contas", "pagarme").await;
        let other = bed.shop("sem-historico-de-contas").await;
        let id = seller.account["id"].as_str().unwrap();
        let path = format!("/payments/accounts/{id}");
        let tried = async || {
            let read = send(bed.staff(&seller.shop, "GET", &path)).await.expect(200);
            (read.json["status"] == "ready").then(|| read.header("etag").to_owned())
        };
        let version = until("the key to be tried", tried).await;
        let (public, secret) =
            (seller.remote["public_key"].as_str().unwrap(), seller.remote["secret_key"].as_str().unwrap());
        let wrong = "sk_test_de-ninguem";
        let body = json!({"name": "Principal", "gateway": "pagarme", "public_key": public, "secret_key": wrong});
        let put = bed.staff(&seller.shop, "PUT", &path).header("if-match", version).json(&body);
        let position = send(put).await.expect(200).header("feira-position").to_owned();

        let of_account = format!("?entity=account&entity_id={id}");
        let list = changes(bed, &seller.shop, &position, &of_account).await;
        assert_eq!(told(&list), [("changed", "account"), ("created", "account")], "{list}");
        let hidden = json!("•••");
        let (changed, made) = (&list["items"][0], &list["items"][1]);
        assert_eq!(sides(changed, "/secret_key"), (&hidden, &hidden));
        assert_eq!(sides(changed, "/status"), (&json!("ready"), &json!("untested")));
        assert_eq!((&made["name"], sides(made, "/secret_key")), (&json!("Principal"), (&Value::Null, &hidden)));
        assert!(!list.to_string().contains(wrong) && !list.to_string().contains(secret), "{list}");
        let by_system = changes(bed, &seller.shop, &position, &format!("{of_account}&actor=system")).await;
        assert!(told(&by_system).contains(&("changed", "account")), "its key was tried: {by_system}");
        let credentials = changes(bed, &seller.shop, &position, "?entity=credential").await;
        assert_eq!(told(&credentials), [("created", "credential")]);
        assert!(!credentials.to_string().contains(&seller.credential), "{credentials}");

        // Another shop sees nothing of it, nor who may not see payments.
        let blind = scoped(bed, &seller.shop, &["catalogue:read"]).await;
        for shop in [&other, &blind] {
            assert_eq!(told(&changes(bed, shop, &position, "?entity=account&actor=all").await), []);
        }
    });
}

#[test]
fn f20_a_refund_that_was_given_back_by_hand_is_told_with_the_words_of_who_did() {
    run(async {
        let bed = bed().await;
        let owner = Owner::new(bed, "historico-de-devolucao").await;
        let seller = Seller::of(bed, owner.shop.clone(), "pagarme").await;
        let (charge, refund) = refused_refund(bed, &seller).await;
        let path = format!("/payments/charges/{charge}/refunds/{refund}/settle");
        let settle = bed.staff(&seller.shop, "POST", &path).json(&json!({"note": "Pix para a mesma conta"}));
        let position = send(settle).await.expect(200).header("feira-position").to_owned();
        let query = format!("?entity=refund&entity_id={refund}");
        let list = changes(bed, &seller.shop, &position, &query).await;
        assert_eq!(told(&list), [("changed", "refund"), ("created", "refund")], "{list}");
        let (settled, asked) = (&list["items"][0], &list["items"][1]);
        assert_eq!(sides(settled, "/status"), (&json!("wanted"), &json!("by_hand")));
        assert_eq!(sides(settled, "/note"), (&Value::Null, &json!("Pix para a mesma conta")));
        assert!(settled["actor"].as_str().unwrap().starts_with("token:"), "{settled}");
        assert!(asked["actor"].as_str().unwrap().starts_with("credential:"), "{asked}");
        let page = text(&owner.browser(bed).await.get(&format!("{PAGE}{query}")).await.expect(200));
        for part in [
            "<option value=\"refund\" selected>Devolução</option>",
            "Alteração: Devolução «R$ 100,00»",
            "<strong>Situação</strong>: de A enviar para Feita à mão",
            "<strong>Explicação</strong>: Pix para a mesma conta",
            "por outro sistema, com a credencial",
        ] {
            assert!(page.contains(part), "{part}: {page}");
        }
    });
}

#[test]
fn f20_stock_that_was_adjusted_is_told_with_its_reason() {
    run(async {
        let bed = bed().await;
        let owner = Owner::new(bed, "historico-de-estoque").await;
        let other = bed.shop("sem-historico-de-estoque").await;
        let made = bed.product(&owner.shop, "Caneca").await;
        let id = |name: &Value| name.as_str().unwrap().to_owned();
        let (product, variant) = (id(&made["id"]), id(&made["variants"][0]["id"]));
        let address = format!("/products/{product}/variants/{variant}/stock");
        let read = async || send(bed.staff(&owner.shop, "GET", &address)).await.json;
        until("the first stock", async || (read().await["on_hand"] == 3).then_some(())).await;
        let adjust = json!({"adjust": -1, "reason": "Peça quebrada"});
        let put = bed.staff(&owner.shop, "PUT", &address).json(&adjust);
        let position = send(put).await.expect(200).header("feira-position").to_owned();
        let query = format!("?entity=stock&entity_id={product}/{variant}");
        let list = changes(bed, &owner.shop, &position, &query).await;
        assert_eq!(told(&list), [("changed", "stock")], "{list}");
        let adjusted = &list["items"][0];
        assert_eq!(adjusted["name"], "Caneca");
        assert_eq!(sides(adjusted, "/on_hand"), (&json!(3), &json!(2)));
        assert_eq!(sides(adjusted, "/reason"), (&Value::Null, &json!("Peça quebrada")));
        assert_eq!(told(&changes(bed, &other, &position, "?entity=stock").await), []);
        let blind = scoped(bed, &owner.shop, &["catalogue:read"]).await;
        assert_eq!(told(&changes(bed, &blind, &position, "?entity=stock").await), []);

        // The same by the page, which keeps a reason that is too long.
        let mut browser = owner.browser(bed).await;
        browser.get(&format!("/admin/stock?product={product}")).await.expect(200);
        let version = read().await["version"].to_string();
        let of = |reason: &str| {
            let fields = [
                ("_product", product.as_str()),
                ("_variant", variant.as_str()),
                ("_version", version.as_str()),
                ("/on_hand", "12"),
                ("/adjust", ""),
                ("/reason", reason),
            ];
            fields.map(|(name, value)| (name.to_owned(), value.to_owned()))
        };
        let long = "x".repeat(201);
        for (reason, status) in [(long.as_str(), 422), ("Contagem de junho", 303)] {
            let fields = of(reason);
            let fields: Vec<(&str, &str)> =
                fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            let answer = browser.post("/admin/stock", &fields).await.expect(status);
            let page = text(&answer);
            assert!(status == 303 || (page.contains("id=\"reason-error-0\"") && page.contains(reason)), "{page}");
        }
        until("the history", async || {
            let list = send(bed.staff(&owner.shop, "GET", &format!("/changes{query}"))).await.expect(200).json;
            (told(&list).len() == 2).then_some(())
        })
        .await;
        let page = text(&browser.get(&format!("{PAGE}{query}")).await.expect(200));
        for part in [
            "<option value=\"stock\" selected>Estoque</option>",
            "Alteração: Estoque «Caneca»",
            "<strong>Em estoque</strong>: de 2 para 12",
            "<strong>Motivo</strong>: Contagem de junho",
        ] {
            assert!(page.contains(part), "{part}: {page}");
        }
    });
}
