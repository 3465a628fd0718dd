//! Pages for bad moments: what is wrong, what to do, and by which id the request is found.

use std::sync::Arc;

use feira_apis::SITE;
use feira_schemas::{ids::TenantId, problem::Code, staff::SHOP_PANEL};
use feira_web::{
    context::ErrorPage,
    problem::{Look, Problem},
    reply,
};
use serde_json::json;
use uuid::Uuid;

use crate::{
    bed::{Bed, bed, product, send, send_at},
    carts::{cart_of, sells},
    run,
};

/// A code of each bad moment, its status, and words of what to do about it in a shop.
const MOMENTS: [(Code, u16, &str); 7] = [
    (Code::Forbidden, 403, "fale com a loja"),
    (Code::NotFound, 404, "Ir para o início"),
    (Code::Stale, 409, "Recarregue a página"),
    (Code::TooLarge, 413, "envie menos de uma vez"),
    (Code::TooManyRequests, 429, "Espere um pouco"),
    (Code::Internal, 500, "avise a loja"),
    (Code::Unavailable, 503, "Espere alguns instantes"),
];
const REFERENCE: &str = "018f-pedido";

/// Status and page of a problem.
async fn page_of(bed: &Bed, tenant: Option<TenantId>, look: Look, code: Code) -> (u16, String) {
    page_with(bed, tenant, look, code, None).await
}

/// The same to a visitor with this cart.
async fn page_with(bed: &Bed, tenant: Option<TenantId>, look: Look, code: Code, cart: Option<String>) -> (u16, String) {
    let problem = Problem::new(code, "Houve <b>isto</b>.");
    let page = ErrorPage { tenant, unknown_host: false, look, cart, problem, reference: Some(REFERENCE.into()) };
    let response = (SITE.error_page)(Arc::clone(&bed.api), page).await;
    let status = response.status().as_u16();
    let bytes = reply::whole(response.into_body()).unwrap();
    (status, String::from_utf8(bytes.to_vec()).unwrap())
}

#[test]
fn each_bad_moment_of_a_shop_is_said_in_its_look_with_the_request_and_what_to_do() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("maus-momentos").await;
        let made = send(bed.staff(&shop, "POST", "/products").json(&product("Caneca"))).await.expect(201);
        // Whatever shows this shows the shop as well.
        send_at(made.header("feira-position"), bed.request(&shop.host, "GET", "/")).await.expect(200);
        let tenant: TenantId = shop.id.parse().unwrap();
        let nobodys = TenantId::from_uuid(Uuid::now_v7());
        for (code, expected, advice) in MOMENTS {
            let (status, page) = page_of(bed, Some(tenant), Look::Plain, code).await;
            assert_eq!(status, expected);
            let title = format!("Erro {expected}");
            for part in ["maus-momentos", "/assets/feira.", REFERENCE, advice, title.as_str()] {
                assert!(page.contains(part), "{part}: {page}");
            }
            assert!(!page.contains("<b>isto"), "{page}");
            // A page comes out also where nothing of the shop can be had.
            let (status, page) = page_of(bed, Some(nobodys), Look::Plain, code).await;
            assert_eq!(status, expected);
            assert!(page.contains(REFERENCE) && page.contains("Erro "), "{page}");
        }
    });
}

#[test]
fn s92_an_address_that_leads_nowhere_says_how_full_the_cart_is() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("carrinho-perdido").await;
        let vase = sells(bed, &shop, "Vaso", 2_990).await;
        let cart = cart_of(bed, &shop, &vase, 2).await["id"].as_str().unwrap().to_owned();
        let tenant: TenantId = shop.id.parse().unwrap();
        for (cart, says) in [(Some(cart), true), (Some("B".repeat(22)), false), (None, false)] {
            let (status, page) = page_with(bed, Some(tenant), Look::Plain, Code::NotFound, cart).await;
            assert_eq!((status, page.contains("Carrinho: 2 itens, R$ 59,80")), (404, says), "{page}");
        }
    });
}

#[test]
fn each_bad_moment_of_a_panel_and_of_the_site_is_said_in_theirs() {
    run(async {
        let bed = bed().await;
        for (code, expected, _) in MOMENTS {
            for (look, style) in [
                (Look::Panel(SHOP_PANEL), "/admin/assets/panel.css"),
                (Look::Panel("/operator"), "/operator/assets/panel.css"),
                (Look::Site, "/site/assets/site.css"),
            ] {
                let (status, page) = page_of(bed, None, look, code).await;
                assert_eq!(status, expected, "{look:?}");
                for part in [style, REFERENCE, "Houve &lt;b&gt;isto", "href=\"/"] {
                    assert!(page.contains(part), "{part}: {page}");
                }
            }
        }
    });
}

#[test]
fn who_takes_no_page_is_answered_with_json_and_anybody_else_with_a_page() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("com-paginas").await;
        for (path, status, code) in [("/nada/aqui", 404, "not_found"), ("/", 400, "bad_position")] {
            let ask = |accept: &str| {
                let request = bed.request(&shop.host, "GET", path).header("accept", accept.to_owned());
                send(request.header("feira-at-least", "x"))
            };
            for accept in [
                "application/json",
                "application/problem+json, image/*;q=0.5",
                "application/json, text/plain, */*",
                "*/*;q=0.1, application/problem+json",
                "application/json, text/html;q=0",
                "text/html; q=0.000, */*;Q=0",
            ] {
                let problem = ask(accept).await.expect(status);
                assert_eq!(problem.header("content-type"), "application/problem+json", "{accept}");
                assert_eq!(problem.json["code"], json!(code), "{accept}");
            }
            for accept in [
                "*/*",
                "text/html,application/xhtml+xml;q=0.9",
                "application/json, TEXT/HTML;q=0.1",
                "application/json;q=0, */*",
                "text/html;level=1;q=0.4, application/json",
            ] {
                let page = ask(accept).await.expect(status);
                assert_eq!(page.header("content-type"), "text/html; charset=utf-8", "{accept}");
            }
        }
    });
}
