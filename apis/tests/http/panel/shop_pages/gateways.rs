//! The pages of accounts at payment gateways.

use super::Desk;
use crate::{
    bed::bed,
    payments::{Seller, tried},
    reconciliation::until,
    run,
};

const ALL: &str = "/admin/gateways";
/// A key that no gateway has given out.
const WRONG: &str = "sk_test_de-ninguem";

fn fields<'a>(name: &'a str, public_key: &'a str, secret_key: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("/name", name),
        ("/gateway", "pagarme"),
        ("/kind", "whole_service"),
        ("/public_key", public_key),
        ("/secret_key", secret_key),
        ("/notify_email", "dona@contas.example"),
    ]
}

#[test]
fn s57_accounts_are_kept_by_pages_which_say_a_wrong_key_and_show_no_secret() {
    run(async {
        let bed = bed().await;
        let seller = Seller::at(bed, "contas-por-pagina", "pagarme").await;
        let mut desk = Desk::of(bed, seller.shop.clone()).await;
        let list = desk.page(ALL).await;
        assert!(list.contains("Principal") && list.contains("pagar.me") && list.contains("Pronta"), "{list}");
        desk.page("/admin/gateways/new").await;

        let missing = desk.sends(ALL, &fields("Segunda", "pk_test_x", ""), 422).await;
        assert!(missing.contains("id=\"secret-key-error\"") && missing.contains("value=\"pk_test_x\""), "{missing}");
        let mixed = desk.sends(ALL, &fields("Segunda", WRONG, WRONG), 422).await;
        assert!(mixed.contains("id=\"public-key-error\"") && !mixed.contains(WRONG), "{mixed}");
        assert!(mixed.contains("value=\"Segunda\""), "what was typed is kept: {mixed}");

        let made = desk.browser.post(ALL, &fields("Segunda", "pk_test_x", WRONG)).await.expect(303);
        let (page, _) = made.header("location").split_once('?').unwrap();
        let page = page.to_owned();
        let id = page.rsplit('/').next().unwrap().to_owned();
        let address = format!("/payments/accounts/{id}");
        tried(bed.staff(&seller.shop, "GET", &address)).await;
        let shown = desk.page(&page).await;
        assert!(shown.contains("O gateway não aceita a chave desta conta") && !shown.contains(WRONG), "{shown}");
        assert!(shown.contains("/payments/callbacks/pagarme/"), "{shown}");
        assert_eq!(desk.api(&address).await["notify_email"], "dona@contas.example");

        // Two tabs: the second one is told, and its secret is not shown either.
        let remote = |name: &str| seller.remote[name].as_str().unwrap().to_owned();
        let (public, secret) = (remote("public_key"), remote("secret_key"));
        let of = |version: &'static str, name| [fields(name, &public, &secret), vec![("_version", version)]].concat();
        let stale = desk.sends(&page, &of("0", "Da outra aba"), 412).await;
        assert!(stale.contains("Alguém mudou esta conta") && stale.contains("value=\"Da outra aba\""), "{stale}");
        assert!(!stale.contains(&secret), "{stale}");
        let version = stale.split_once("name=\"_version\" value=\"").unwrap().1.split('"').next().unwrap().to_owned();
        let right = [fields("Segunda, certa", &public, &secret), vec![("_version", version.as_str())]].concat();
        let done = desk.browser.post(&page, &right).await.expect(303);
        let saved = until("the page that says that the gateway takes the key", async || {
            let page = desk.page(done.header("location")).await;
            page.contains("O gateway aceitou a chave").then_some(page)
        })
        .await;
        assert!(saved.contains("A conta foi salva"), "{saved}");
        assert!(!saved.contains(&secret), "{saved}");

        let asked = desk.page(&format!("{page}/default")).await;
        assert!(asked.contains("Usar Segunda, certa para Pix e boleto?"), "{asked}");
        assert!(asked.contains("name=\"_version\" value=\""), "{asked}");
        desk.sends(&format!("{page}/default"), &[("_version", "1")], 412).await;
        desk.does(&format!("{page}/default"), &[]).await;
        assert_eq!(desk.api(&address).await["default"], true);
        desk.page(&format!("{page}/retire")).await;
        let retired = desk.does(&format!("{page}/retire"), &[]).await;
        assert!(retired.contains("Aposentada") && !retired.contains("Aposentar a conta…"), "{retired}");
        assert_eq!(desk.api(&address).await["status"], "retired");
    });
}

#[test]
fn s57_another_shops_account_is_not_found_by_pages() {
    run(async {
        let bed = bed().await;
        let seller = Seller::at(bed, "contas-de-la", "stripe").await;
        let mut desk = Desk::at(bed, "contas-de-ca").await;
        let page = format!("{ALL}/{}", seller.account["id"].as_str().unwrap());
        for path in [page.clone(), format!("{page}/default"), format!("{page}/retire")] {
            desk.browser.get(&path).await.expect(404);
        }
        assert!(desk.page(ALL).await.contains("Ainda não há contas"));
        desk.sends(&page, &fields("Minha", "pk_test_x", WRONG), 404).await;
        for verb in ["default", "retire"] {
            desk.sends(&format!("{page}/{verb}"), &[], 404).await;
        }
        // Its own staff sees that a secret of the gateway's notices is missing, and never the keys.
        let mut own = Desk::of(bed, seller.shop.clone()).await;
        let shown = own.page(&page).await;
        let secret = seller.remote["secret_key"].as_str().unwrap();
        assert!(shown.contains("Falta o segredo") && !shown.contains(secret), "{shown}");
    });
}
