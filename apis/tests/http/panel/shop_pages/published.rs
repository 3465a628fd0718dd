//! What a shop publishes of itself: written by pages or by the API, and shown at the foot of its own pages alone.

use serde_json::{Value, json};

use super::{Desk, text};
use crate::{
    bed::{Bed, Shop, bed, send, send_at},
    run,
};

const ONE: &str = "/admin/settings";

/// Changes a shop's settings by its API, and gives the position from which on the change is shown.
async fn patched(bed: &Bed, shop: &Shop, patch: Value) -> (Value, String) {
    let set = send(bed.staff(shop, "PATCH", "/settings").json(&patch)).await.expect(200);
    let position = set.header("feira-position").to_owned();
    (set.json, position)
}

/// What a buyer sees at a path from a position on.
async fn seen(bed: &Bed, shop: &Shop, position: &str, path: &str, status: u16) -> String {
    text(&send_at(position, bed.request(&shop.host, "GET", path)).await.expect(status))
}

#[test]
fn s50_a_shop_says_by_pages_who_sells_and_nothing_typed_is_lost_or_overwritten() {
    run(async {
        let mut desk = Desk::at(bed().await, "quem-vende").await;
        let home = desk.page("/admin").await;
        assert!(home.contains("Falta dizer quem vende") && home.contains("o CNPJ ou o CPF de quem vende"), "{home}");
        let page = desk.page(ONE).await;
        for title in ["<h2>Contato</h2>", "<h2>Quem vende</h2>", "<h2>Políticas</h2>"] {
            assert!(page.contains(title), "{title}: {page}");
        }
        let version = desk.api("/settings").await["version"].to_string();
        let seller = |document| {
            let address = ("/seller/address", "Rua A, 1, São Paulo – SP, 01310-100");
            [
                ("_version", version.as_str()),
                ("/seller/name", "Ateliê <b> LTDA"),
                ("/seller/document", document),
                address,
            ]
        };
        let wrong = desk.sends("/admin/settings/seller", &seller("11.222.333/0001-80"), 422).await;
        assert!(wrong.contains("id=\"seller-document-error\"") && wrong.contains("11.222.333/0001-80"), "{wrong}");
        assert!(wrong.contains("value=\"Ateliê &#60;b&#62; LTDA\"") && wrong.contains("Rua A, 1"), "{wrong}");
        assert_eq!(desk.api("/settings").await["seller"]["name"], Value::Null, "nothing is kept of it");

        let saved = desk.does("/admin/settings/seller", &seller("11222333000181")).await;
        assert!(saved.contains("As configurações foram salvas"), "{saved}");
        assert!(saved.contains("value=\"11.222.333/0001-81\""), "{saved}");

        // Another tab, which shows what was there before.
        let contact = [("_version", version.as_str()), ("/contact/email", "oi@atelie.example"), ("/contact/phone", "")];
        let stale = desk.sends("/admin/settings/contact", &contact, 412).await;
        assert!(stale.contains("E-mail: em branco") && stale.contains("value=\"oi@atelie.example\""), "{stale}");
        let version = desk.api("/settings").await["version"].to_string();
        let contact = [("_version", version.as_str()), ("/contact/email", "oi@atelie.example"), ("/contact/phone", "")];
        desk.does("/admin/settings/contact", &contact).await;
        let kept = desk.api("/settings").await;
        assert_eq!((&kept["contact"]["email"], &kept["contact"]["phone"]), (&json!("oi@atelie.example"), &Value::Null));
        assert_eq!(kept["seller"]["document"], "11222333000181", "another part stays");

        let version = kept["version"].to_string();
        let long = "ã".repeat(20_001);
        let policies = |returns| [("_version", version.as_str()), ("/policies/returns", returns)];
        let wrong = desk.sends("/admin/settings/policies", &policies(&long), 422).await;
        assert!(wrong.contains("id=\"policies-returns-error\"") && wrong.contains(&long), "what was typed is kept");
        desk.does("/admin/settings/policies", &policies(&long[..40_000])).await;
        let home = desk.page("/admin").await;
        assert!(!home.contains("Falta dizer quem vende"), "{home}");
    });
}

#[test]
fn every_page_of_a_shop_says_who_sells_there_and_no_other_shops_seller() {
    run(async {
        let bed = bed().await;
        let (shop, other) = (bed.shop("rodape-de-uma").await, bed.shop("rodape-de-outra").await);
        let (_, position) = patched(
            bed,
            &shop,
            json!({
                "seller": {"name": "Ana <i>Lima", "document": "529.982.247-25", "address": "Rua A, 1"},
                "contact": {"email": "oi@ana.example", "phone": "11 3333-4444"},
                "policies": {"returns": "Sete dias."}
            }),
        )
        .await;
        let others = json!({"seller": {"name": "Outra LTDA"}, "policies": {"terms": "Os termos da outra."}});
        let (_, of_other) = patched(bed, &other, others).await;
        for path in ["/", "/search?q=nada", "/policies/returns", "/denunciar"] {
            let page = seen(bed, &shop, &position, path, 200).await;
            for said in
                ["Ana &#60;i&#62;Lima", "CPF 529.982.247-25", "Rua A, 1", "mailto:oi@ana.example", "(11) 3333-4444"]
            {
                assert!(page.contains(said), "{path}: {said}: {page}");
            }
            assert!(
                page.contains("href=\"/policies/returns\"") && !page.contains("href=\"/policies/terms\""),
                "{page}"
            );
            assert!(!page.contains("Outra LTDA"), "{page}");
        }
        let page = seen(bed, &other, &of_other, "/", 200).await;
        assert!(page.contains("Outra LTDA") && page.contains("href=\"/policies/terms\""), "{page}");
        assert!(!page.contains("CPF") && !page.contains("href=\"/policies/returns\""), "{page}");
        assert!(seen(bed, &other, &of_other, "/policies/terms", 200).await.contains("<p>Os termos da outra.</p>"));
        seen(bed, &other, &of_other, "/policies/returns", 404).await;
    });
}

#[test]
fn a_policy_has_a_page_of_plain_text_while_it_is_written() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("politicas").await;
        let returns = "Sete dias.\n<script>alert(1)</script>\n\nFale com a gente.";
        let (_, position) = patched(bed, &shop, json!({"policies": {"returns": returns, "privacy": "  "}})).await;
        let page = seen(bed, &shop, &position, "/policies/returns", 200).await;
        let shown = "<p>Sete dias.<br>&#60;script&#62;alert(1)&#60;/script&#62;</p>";
        assert!(page.contains(shown) && page.contains("<p>Fale com a gente.</p>"), "{page}");
        assert!(!page.contains("<script>alert"), "{page}");
        let canonical = format!("<link rel=\"canonical\" href=\"http://{}/policies/returns\">", shop.host);
        assert!(page.contains(&canonical), "{page}");
        for path in ["/policies/privacy", "/policies/terms", "/policies/outra"] {
            seen(bed, &shop, &position, path, 404).await;
        }
        let map = seen(bed, &shop, &position, "/sitemap.xml", 200).await;
        assert!(map.contains("/policies/returns</loc>") && !map.contains("/policies/privacy"), "{map}");

        let (_, position) = patched(bed, &shop, json!({"policies": {"returns": null}})).await;
        seen(bed, &shop, &position, "/policies/returns", 404).await;
        assert!(!seen(bed, &shop, &position, "/sitemap.xml", 200).await.contains("/policies/"));
    });
}

#[test]
fn a_merge_patch_changes_what_it_names_of_what_a_shop_publishes() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("remendo").await;
        let nothing = json!({"email": null, "phone": null, "whatsapp": null});
        assert_eq!(send(bed.staff(&shop, "GET", "/settings")).await.expect(200).json["contact"], nothing);
        let given = json!({"contact": {"email": "a@b.example", "phone": "(11) 99999-0000"}, "seller": {"name": "Ana"}});
        let (set, _) = patched(bed, &shop, given).await;
        let contact = json!({"email": "a@b.example", "phone": "+5511999990000", "whatsapp": null});
        assert_eq!(set["contact"], contact);
        let change = json!({"contact": {"whatsapp": "+55 11 98888-0000", "email": null}, "tagline": "Do mar"});
        let (set, _) = patched(bed, &shop, change).await;
        let contact = json!({"email": null, "phone": "+5511999990000", "whatsapp": "+5511988880000"});
        assert_eq!((&set["contact"], &set["seller"]["name"]), (&contact, &json!("Ana")));
        let wrong = json!({"contact": {"email": "ninguem", "fax": "1"}, "seller": {"document": "123"}});
        let refused = send(bed.staff(&shop, "PATCH", "/settings").json(&wrong)).await.expect(422);
        assert_eq!(refused.json["errors"][0]["pointer"], "/contact/fax");
        let wrong = json!({"contact": {"email": "ninguem"}, "seller": {"document": "123"}});
        let refused = send(bed.staff(&shop, "PATCH", "/settings").json(&wrong)).await.expect(422);
        let pointers = ["/contact/email", "/seller/document"].map(|pointer| json!(pointer));
        assert_eq!([0, 1].map(|at: usize| refused.json["errors"][at]["pointer"].clone()), pointers);
        let (set, _) = patched(bed, &shop, json!({"contact": null, "seller": null})).await;
        assert_eq!((&set["contact"], &set["seller"]["name"]), (&nothing, &Value::Null));
    });
}
