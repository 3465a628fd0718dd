//! The tokens of a shop's API, as its staff makes and ends them in the panel.

use feira_web::tokens;

use super::{shop_login::Owner, text};
use crate::{
    bed::{Bed, Shop, bed, product, send},
    reconciliation::until,
    run,
};

/// The token that a page shows.
fn shown(page: &str) -> String {
    let (_, rest) = page.split_once("id=\"token\" type=\"text\" value=\"").unwrap_or_else(|| panic!("{page}"));
    rest.split('"').next().unwrap().to_owned()
}

/// Waits until a token is answered with this status where it reads products.
async fn answers(bed: &Bed, shop: &Shop, status: u16) {
    let reads = async || (send(bed.staff(shop, "GET", "/products")).await.status == status).then_some(());
    until("the token", reads).await;
}

#[test]
fn an_administrator_makes_a_token_that_is_shown_once_and_opens_the_shops_api() {
    run(async {
        let bed = bed().await;
        let owner = Owner::new(bed, "painel-com-token").await;
        let mut browser = owner.browser(bed).await;
        let new = text(&browser.get("/admin/tokens/new").await.expect(200));
        let (_, form) = new.split_once("action=\"/admin/tokens\"").unwrap_or_else(|| panic!("{new}"));
        let key = form.split_once("name=\"_key\" value=\"").unwrap().1.split('"').next().unwrap();
        let long = "a".repeat(61);
        for label in [long.as_str(), "uma\tplanilha"] {
            let again = text(&browser.post("/admin/tokens", &[("/label", label)]).await.expect(422));
            assert!(again.contains("id=\"label-error\"") && again.contains(label), "{again}");
        }
        let (fields, of_form) = ([("_key", key), ("/label", "planilha")], browser.token.clone());
        let shown = browser.post("/admin/tokens", &fields).await.expect(200);
        assert_eq!(shown.header("cache-control"), "no-store");
        let shown = text(&shown);
        let token = shown.split_once("id=\"token\" type=\"text\" value=\"").unwrap_or_else(|| panic!("{shown}")).1;
        let token = token.split('"').next().unwrap().to_owned();
        for part in [
            "planilha",
            "só aparece agora",
            "curl http://painel-com-token.localhost:8080/api/admin/v1/products",
            &format!("Bearer {token}"),
        ] {
            assert!(shown.contains(part), "{part}: {shown}");
        }
        // Sent twice it is one token, which is shown nowhere else.
        browser.token = of_form;
        assert!(text(&browser.post("/admin/tokens", &fields).await.expect(200)).contains(&token));
        assert!(!text(&browser.get("/admin/tokens").await.expect(200)).contains(&token));
        let shop = Shop { token, ..owner.shop.clone() };
        until("the token", async || (send(bed.staff(&shop, "GET", "/settings")).await.status == 200).then_some(()))
            .await;
        bed.product(&shop, "Caneca azul").await;
    });
}

#[test]
fn a_token_does_what_it_was_given_until_it_is_ended() {
    run(async {
        let bed = bed().await;
        let owner = Owner::new(bed, "painel-com-tokens").await;
        let mut browser = owner.browser(bed).await;
        browser.get("/admin/tokens/new").await.expect(200);
        let none = [("/label", "vitrine"), ("_reach", "chosen")];
        let again = text(&browser.post("/admin/tokens", &none).await.expect(422));
        assert!(again.contains("id=\"permissions-error\"") && again.contains("value=\"vitrine\""), "{again}");
        let some = [("/label", "vitrine"), ("_reach", "chosen"), ("/scopes", "catalogue:read")];
        let page = text(&browser.post("/admin/tokens", &some).await.expect(200));
        assert!(page.contains("O que pode: Produtos e categorias (ver).") && !page.contains("curl"), "{page}");
        let shop = Shop { token: shown(&page), ..owner.shop.clone() };
        answers(bed, &shop, 200).await;
        send(bed.staff(&shop, "POST", "/products").json(&product("Caneca"))).await.expect(403);

        let list = text(&browser.get("/admin/tokens").await.expect(200));
        assert!(list.contains("vitrine") && list.contains("Produtos e categorias (ver)"), "{list}");
        assert!(list.contains("tudo o que a API faz"), "the shop's first one: {list}");
        assert!(list.contains("criado por Ana Lima") && list.contains("criado por plataforma"), "{list}");
        let given = send(bed.staff(&owner.shop, "GET", "/tokens")).await.expect(200).json;
        let makers: Vec<&str> =
            given["items"].as_array().unwrap().iter().map(|token| token["made_by"].as_str().unwrap()).collect();
        assert_eq!(makers, ["operator", &format!("staff:{}", owner.id)]);
        let revoke = format!("/admin/tokens/{}/revoke", &tokens::hash(&shop.token)[..8]);
        assert!(list.contains(&format!("href=\"{revoke}\"")), "{list}");
        assert!(text(&browser.get(&revoke).await.expect(200)).contains("Encerrar o token «vitrine»?"));
        let done = browser.post(&revoke, &[]).await.expect(303);
        let list = text(&browser.get(done.header("location")).await.expect(200));
        assert!(list.contains("O token foi encerrado") && list.contains("Encerrado"), "{list}");
        assert!(!list.contains(&revoke), "what is ended is ended once: {list}");
        answers(bed, &shop, 401).await;
        // The shop's other token goes on.
        answers(bed, &owner.shop, 200).await;
    });
}

#[test]
fn who_may_do_less_makes_no_token_that_does_more() {
    run(async {
        let bed = bed().await;
        let owner = Owner::new(bed, "painel-tokens-de-menos").await;
        let member = owner.member(bed, "rui", &["tokens:write", "stock:write"]).await;
        let mut browser = owner.visitor(bed);
        browser.log_in(&member.email, super::PASSWORD).await.expect(303);
        let new = text(&browser.get("/admin/tokens/new").await.expect(200));
        assert!(!new.contains("Tudo o que a API faz") && !new.contains("value=\"payments:read\""), "{new}");
        // Neither everything, which the form does not offer, nor what he lacks.
        browser.post("/admin/tokens", &[("/label", "erp")]).await.expect(403);
        let more = [("/label", "erp"), ("_reach", "chosen"), ("/scopes", "stock:write"), ("/scopes", "payments:read")];
        let again = text(&browser.post("/admin/tokens", &more).await.expect(403));
        // The form, with all that was typed, and why above it.
        assert!(again.contains("class=\"wrong\" role=\"alert\"") && again.contains("value=\"erp\""), "{again}");
        assert!(again.contains("value=\"stock:write\" checked"), "{again}");
        let own = [("_reach", "chosen"), ("/scopes", "stock:write")];
        assert!(text(&browser.post("/admin/tokens", &own).await.expect(200)).contains("Estoque (ver e alterar)"));
        // Who may do nothing with tokens sees none.
        let other = owner.member(bed, "lia", &["stock:write"]).await;
        let mut browser = owner.visitor(bed);
        browser.log_in(&other.email, super::PASSWORD).await.expect(303);
        assert!(!text(&browser.get("/admin").await.expect(200)).contains("/admin/tokens"));
        browser.get("/admin/tokens").await.expect(403);
        browser.post("/admin/tokens", &own).await.expect(403);
    });
}
