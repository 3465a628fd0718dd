//! Shops in the hands of operators: made, read, edited, suspended, reopened and closed for good, by pages and by the API.

use feira_schemas::{
    records::directory::NameStatus,
    rows::{admin::TokenRow, directory::NameRow},
    time::DAY,
};
use serde_json::json;

use super::{Browser, Member, PASSWORD, choose, text};
use crate::{
    bed::{Bed, Shop, bed, send, send_at},
    reconciliation::{Moved, until},
    run,
};

/// The path of the link that a page shows once, on this host.
fn link(page: &str, host: &str) -> String {
    let (_, rest) = page.split_once(&format!("value=\"http://{host}:8080")).unwrap_or_else(|| panic!("{page}"));
    rest.split('"').next().unwrap().to_owned()
}

#[test]
fn s44_a_shop_is_made_read_edited_suspended_reopened_and_closed_by_pages() {
    run(async {
        let bed = bed().await;
        let member = Member::new(bed, "cria-lojas").await;
        let mut browser = member.browser(bed).await;
        assert!(text(&browser.get("/operator").await.expect(200)).contains("href=\"/operator/shops/new\""));
        browser.get("/operator/shops/new").await.expect(200);
        let wrong = [("/subdomain", "a--b"), ("/name", "Flores"), ("/email", "sem-arroba")];
        let again = text(&browser.post("/operator/shops", &wrong).await.expect(422));
        for part in ["subdomain-error", "email-error", "value=\"a--b\"", "value=\"Flores\"", "value=\"sem-arroba\""] {
            assert!(again.contains(part), "{part}: {again}");
        }
        let (subdomain, host) = ("pagina-flores", "pagina-flores.localhost");
        let email = "dona@pagina-flores.example";
        let good =
            [("/subdomain", subdomain), ("/name", "Flores da <Ana>"), ("/email", email), ("_key", "pagina-flores-1")];
        let form = browser.form("/operator/shops", &good);
        let made = text(&browser.send(form.try_clone().unwrap()).await.expect(200));
        assert!(made.contains("foi criada") && made.contains("só aparece agora"), "{made}");
        let of_owner = link(&made, host);
        assert!(of_owner.starts_with("/admin/link?t="), "{of_owner}");
        assert_eq!(link(&text(&browser.send(form).await.expect(200)), host), of_owner, "sent twice it is one shop");
        let taken = [("/subdomain", subdomain), ("/name", "Outra"), ("/email", email)];
        assert!(text(&browser.post("/operator/shops", &taken).await.expect(409)).contains("id=\"subdomain-error\""));

        let read = until("the shop's name", async || {
            let read = send(bed.operator("GET", &format!("/tenants/{subdomain}"))).await;
            (read.status == 200).then_some(read.json)
        })
        .await;
        let id = read["tenant_id"].as_str().unwrap().to_owned();
        let tokens = TokenRow::all(id.parse().unwrap());
        let tokens = bed.api.platform.state.scan::<TokenRow>(&tokens, None, 10).await.unwrap();
        assert!(tokens.is_empty(), "nobody was shown a token: {tokens:?}");
        let page = format!("/operator/shops/{id}");
        choose(&mut Browser::at(bed, host), &of_owner, PASSWORD).await.expect(303);
        let mut owner = Browser::at(bed, host);
        owner.log_in(email, PASSWORD).await.expect(303);
        owner.get("/admin").await.expect(200);
        let shown = text(&browser.get(&page).await.expect(200));
        assert!(shown.contains("Flores da &#60;Ana&#62;") && shown.contains(&format!("{page}/close")), "{shown}");

        edited(&mut browser, &page).await;
        let settings = send(bed.operator("GET", &format!("/tenants/{id}/settings"))).await.expect(200).json;
        assert_eq!((&settings["shop_name"], &settings["accent"]), (&json!("Flores"), &json!("#112233")));
        for (verb, word) in [("suspend", "foi suspensa"), ("resume", "foi reaberta")] {
            let done = browser.post(&format!("{page}/{verb}"), &[]).await.expect(303);
            assert!(text(&browser.get(done.header("location")).await.expect(200)).contains(word));
        }
        let invite = [("/email", "socia@pagina-flores.example"), ("/name", "Bia")];
        let invited = text(&browser.post(&format!("{page}/staff"), &invite).await.expect(200));
        assert!(link(&invited, host).starts_with("/admin/link?t="));

        let token = send(bed.operator("POST", &format!("/tenants/{id}/tokens"))).await.expect(201).json;
        let token = token["token"].as_str().unwrap().to_owned();
        let shop = Shop { id, host: host.to_owned(), token };
        let asks = text(&browser.get(&format!("{page}/close")).await.expect(200));
        assert!(asks.contains("Não pode ser desfeito") && asks.contains("name=\"_version\" value=\"4\""), "{asks}");
        let stale = [("/subdomain", subdomain), ("_version", "2")];
        browser.post(&format!("{page}/close"), &stale).await.expect(412);
        let wrong = browser.post(&format!("{page}/close"), &[("/subdomain", "pagina-floras")]).await.expect(422);
        assert!(text(&wrong).contains("id=\"subdomain-error\"") && text(&wrong).contains("value=\"pagina-floras\""));
        send(bed.staff(&shop, "GET", "/settings")).await.expect(200);
        let done = browser.post(&format!("{page}/close"), &[("/subdomain", subdomain)]).await.expect(303);
        let after = text(&browser.get(done.header("location")).await.expect(200));
        assert!(after.contains("foi encerrada") && after.contains("Endereço guardado até"), "{after}");
        assert!(!after.contains(&format!("{page}/close")) && !after.contains(&format!("{page}/resume")), "{after}");
        is_closed(bed, &shop, &mut owner).await;
        Browser::at(bed, host).get(&of_owner).await.expect(403);
    });
}

/// Changes the shop's name and look by its page, on which nobody overwrites what somebody else has changed.
async fn edited(browser: &mut Browser<'_>, page: &str) {
    let form = format!("{page}/settings");
    assert!(text(&browser.get(&form).await.expect(200)).contains("name=\"_version\" value=\"1\""));
    let fields = |accent: &'static str, version: &'static str| {
        [("/shop_name", "Flores"), ("/tagline", "De todo dia"), ("/accent", accent), ("_version", version)]
    };
    let wrong = text(&browser.post(&form, &fields("azul", "1")).await.expect(422));
    assert!(wrong.contains("id=\"accent-error\"") && wrong.contains("value=\"azul\""), "{wrong}");
    let done = browser.post(&form, &fields("#112233", "1")).await.expect(303);
    let after = text(&browser.get(done.header("location")).await.expect(200));
    assert!(after.contains("foram guardados") && after.contains("<h1>Flores</h1>"), "{after}");
    let stale = text(&browser.post(&form, &fields("#445566", "1")).await.expect(412));
    assert!(stale.contains("mudou enquanto você editava") && stale.contains("Cor: #112233"), "{stale}");
    assert!(stale.contains("name=\"_version\" value=\"2\""), "{stale}");
}

/// Nobody gets into the shop, and nobody buys there.
async fn is_closed(bed: &Bed, shop: &Shop, owner: &mut Browser<'_>) {
    for path in ["/admin", "/admin/login", "/admin/forgot"] {
        let page = text(&owner.get(path).await.expect(403));
        assert!(page.contains("foi encerrada"), "{path}: {page}");
    }
    for (method, path) in [("GET", "/settings"), ("GET", "/products"), ("POST", "/products")] {
        let refused = send(bed.staff(shop, method, path).json(&json!({}))).await.expect(403);
        assert_eq!(refused.code(), "shop_closed", "{path}");
    }
    send(bed.request(&shop.host, "GET", "/api/admin/v1/settings").bearer_auth("feira_x")).await.expect(403);
    let closed = async || {
        let answer = send(bed.request(&shop.host, "GET", "/api/store/v1/products")).await;
        (answer.code() == "shop_closed").then_some(answer.status)
    };
    assert_eq!(until("the closed shop", closed).await, 403);
    let robots = text(&send(bed.request(&shop.host, "GET", "/robots.txt")).await.expect(200));
    assert!(robots.trim_end().ends_with("\nAllow: /"), "crawlers may see that it is gone: {robots}");
    let again = json!({"subdomain": shop.host.split('.').next().unwrap(), "name": "Outra"});
    let taken = send(bed.operator("POST", "/tenants").json(&again)).await.expect(409);
    assert_eq!(taken.code(), "name_taken", "its name is kept");
}

#[test]
fn s44_a_shop_is_closed_by_the_api_and_its_name_is_anybodys_after_ninety_days() {
    run(async {
        let (moved, clock) = Moved::new();
        let bed = Bed::start_at(clock).await;
        let shop = bed.shop("papelaria-do-fim").await;
        let close = |body: serde_json::Value| bed.operator("POST", &format!("/tenants/{}/close", shop.id)).json(&body);
        let wrong = send(close(json!({"subdomain": "papelaria-do-meio"}))).await.expect(422).json;
        assert_eq!(wrong["errors"][0]["pointer"], "/subdomain");
        send(close(json!({}))).await.expect(422);
        let meant = close(json!({"subdomain": "papelaria-do-fim"})).header("if-match", "\"99\"");
        send(meant).await.expect(412);
        let closed = send(close(json!({"subdomain": " Papelaria-do-Fim "}))).await.expect(200);
        assert_eq!((&closed.json["status"], &closed.json["name"]), (&json!("closed"), &json!("papelaria-do-fim")));
        let listed = bed.operator("GET", "/tenants?status=closed");
        let listed = send_at(closed.header("feira-position"), listed).await.expect(200).json;
        assert_eq!((&listed["total"], &listed["items"][0]["tenant_id"]), (&json!(1), &json!(shop.id)));
        for verb in ["suspend", "resume", "tokens"] {
            let refused = send(bed.operator("POST", &format!("/tenants/{}/{verb}", shop.id))).await.expect(403);
            assert_eq!(refused.code(), "shop_closed", "{verb}");
        }
        send(close(json!({"subdomain": "papelaria-do-fim"}))).await.expect(200);

        let name = async || {
            let row = bed.api.platform.state.get::<NameRow>(&NameRow::at("papelaria-do-fim")).await.unwrap();
            row.map(|row| row.name.status)
        };
        moved.by(89 * DAY);
        let again = json!({"subdomain": "papelaria-do-fim", "name": "Outra"});
        send(bed.operator("POST", "/tenants").json(&again)).await.expect(409);
        assert_eq!(name().await, Some(NameStatus::Confirmed));
        moved.by(2 * DAY);
        until("the release", async || (name().await == Some(NameStatus::Released)).then_some(())).await;
        let other = until("the name", async || {
            let made = send(bed.operator("POST", "/tenants").json(&again)).await;
            (made.status == 201).then_some(made.json)
        })
        .await;
        assert_ne!(other["tenant_id"], json!(shop.id));
    });
}

#[test]
fn s44_a_key_whose_shop_was_closed_for_good_makes_none_and_gives_no_token() {
    run(async {
        let bed = bed().await;
        let body = json!({"subdomain": "chave-fechada", "name": "Chave"});
        let make = || bed.operator("POST", "/tenants").header("idempotency-key", "chave-fechada-1").json(&body);
        let made = send(make()).await.expect(201);
        assert_eq!(send(make()).await.json["admin_token"], made.json["admin_token"]);
        let id = made.json["tenant_id"].as_str().unwrap();
        let close = json!({"subdomain": "chave-fechada"});
        send(bed.operator("POST", &format!("/tenants/{id}/close")).json(&close)).await.expect(200);
        assert_eq!(send(make()).await.expect(403).code(), "shop_closed");
    });
}

#[test]
fn s44_a_shop_that_is_made_late_says_on_its_page_that_nobody_was_invited() {
    run(async {
        let mut bed = Bed::start().await;
        let member = Member::new(&bed, "espera-lojas").await;
        bed.pause_directory().await;
        let page = {
            let mut browser = member.browser(&bed).await;
            browser.get("/operator/shops/new").await.expect(200);
            let (subdomain, email) = ("loja-lenta", "dona@loja-lenta.example");
            let form = [("/subdomain", subdomain), ("/name", "Lenta"), ("/email", email), ("_key", "loja-lenta-1")];
            let sent = browser.post("/operator/shops", &form).await.expect(303);
            let address = sent.header("location").to_owned();
            assert!(address.starts_with("/operator/shops/") && !address.contains("dona"), "{address}");
            let waits = text(&browser.get(&address).await.expect(200));
            assert!(waits.contains("ninguém foi convidado ainda") && !waits.contains("/staff/new"), "{waits}");
            address.split('?').next().unwrap().to_owned()
        };
        bed.resume_directory().await;
        let mut browser = member.browser(&bed).await;
        until("the shop", async || {
            let shown = text(&browser.get(&page).await.expect(200));
            shown.contains(&format!("{page}/staff/new")).then_some(())
        })
        .await;
    });
}
