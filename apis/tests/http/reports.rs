//! Reports of shops: sent from the shop's own pages by anybody, and read by operators.

use feira_schemas::time::{DAY, HOUR};
use serde_json::{Value, json};

use crate::{
    bed::{Answered, Bed, Shop, bed, send},
    panel::{Browser, Member, encoded, text},
    reconciliation::{Moved, until},
    run,
};

/// The form as a browser sends it, of the page that it was shown last.
async fn sends(browser: &mut Browser<'_>, html: &str, fields: &[(&str, &str)]) -> Answered {
    let (_, rest) = html.split_once("name=\"_key\" value=\"").unwrap_or_else(|| panic!("no form: {html}"));
    let key = rest.split('"').next().unwrap();
    let fields: Vec<(&str, &str)> = fields.iter().copied().chain([("_key", key)]).collect();
    browser.post("/denunciar", &fields).await
}

/// Somebody at an address of its own reports a shop.
async fn reports(bed: &Bed, shop: &Shop, reason: &str) {
    let mut browser = Browser::at(bed, &shop.host);
    let html = text(&browser.get("/denunciar").await.expect(200));
    sends(&mut browser, &html, &[("reason", reason)]).await.expect(303);
}

async fn listed(bed: &Bed, query: &str) -> Value {
    let list = send(bed.operator("GET", &format!("/reports{query}"))).await.expect(200);
    assert_eq!(list.header("cache-control"), "no-store");
    list.json
}

fn reasons(list: &Value) -> Vec<&str> {
    list["items"].as_array().unwrap().iter().map(|report| report["reason"].as_str().unwrap()).collect()
}

#[test]
fn anybody_reports_a_shop_by_the_link_at_its_pages_foot_and_types_nothing() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("denunciada").await;
        let mut browser = Browser::at(bed, &shop.host);
        assert!(text(&browser.get("/").await.expect(200)).contains("<a href=\"/denunciar\" rel=\"nofollow\">"));
        let shown = browser.get("/denunciar?pagina=/product/vaso%3Fvariant=1").await.expect(200);
        assert_eq!(shown.header("cache-control"), "no-store");
        let html = text(&shown);
        assert!(html.contains("name=\"page\" value=\"/product/vaso\" checked"), "{html}");
        assert!(!html.contains("<textarea") && !html.contains("type=\"text\""), "nothing is typed: {html}");
        // Without a parameter the page that one comes from is offered, and what is none of the shop's is not.
        let from = format!("http://{}:8080/search?q=x", shop.host);
        let comes = text(&send(browser.request("GET", "/denunciar").header("referer", from)).await);
        assert!(comes.contains("name=\"page\" value=\"/search\""), "{comes}");
        for elsewhere in ["https://evil.example/x", "//evil.example/x", "/denunciar", ""] {
            let html = text(&browser.get(&format!("/denunciar?pagina={elsewhere}")).await.expect(200));
            assert!(!html.contains("name=\"page\""), "{elsewhere}: {html}");
        }

        let html = text(&browser.get("/denunciar?pagina=/product/vaso").await.expect(200));
        for wrong in ["", "porque sim"] {
            let fields = [("reason", wrong), ("about", "/product/vaso")];
            let again = text(&sends(&mut browser, &html, &fields).await.expect(422));
            assert!(again.contains("Escolha o motivo da denúncia."), "{again}");
            assert!(again.contains("name=\"page\" value=\"/product/vaso\">"), "it is offered again: {again}");
            assert!(!again.contains("porque sim"), "{again}");
        }
        let html = text(&browser.get("/denunciar?pagina=/product/vaso").await.expect(200));
        let fields = [("reason", "counterfeit"), ("about", "/product/vaso"), ("page", "/product/vaso")];
        let done = sends(&mut browser, &html, &fields).await.expect(303);
        assert_eq!(done.header("location"), "/denunciar/obrigado");
        assert!(text(&browser.get("/denunciar/obrigado").await.expect(200)).contains("Recebemos sua denúncia"));
        // Sent twice, it is one.
        sends(&mut browser, &html, &fields).await.expect(303);
        let list = listed(bed, &format!("?shop={}", shop.id)).await;
        let [report] = &list["items"].as_array().unwrap()[..] else { panic!("one report: {list}") };
        assert_eq!((&report["reason"], &report["page"]), (&json!("counterfeit"), &json!("/product/vaso")));
        assert_eq!((&report["subdomain"], &report["tenant_id"]), (&json!("denunciada"), &json!(shop.id)));

        // Without the page's token, or from elsewhere.
        let token = std::mem::take(&mut browser.token);
        sends(&mut browser, &html, &fields).await.expect(403);
        browser.token = token;
        let signed = [("reason", "fraud"), ("_token", browser.token.as_str())];
        let elsewhere = browser.request("POST", "/denunciar").header("sec-fetch-site", "cross-site");
        let elsewhere = elsewhere.header("content-type", "application/x-www-form-urlencoded").body(encoded(&signed));
        send(elsewhere).await.expect(403);
    });
}

#[test]
fn a_shop_that_is_closed_is_reported_as_well() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("fechada-e-denunciada").await;
        send(bed.operator("POST", &format!("/tenants/{}/suspend", shop.id))).await.expect(200);
        until("the shop is closed", async || {
            (send(bed.request(&shop.host, "GET", "/")).await.status != 200).then_some(())
        })
        .await;
        reports(bed, &shop, "personal_data").await;
        assert_eq!(reasons(&listed(bed, &format!("?shop={}", shop.id)).await), ["personal_data"]);
    });
}

#[test]
fn five_reports_an_hour_come_from_one_address() {
    run(async {
        let (moved, clock) = Moved::new();
        let bed = Bed::start_at(clock).await;
        let shop = bed.shop("muito-denunciada").await;
        let mut browser = Browser::at(&bed, &shop.host);
        for number in 0..6 {
            let html = text(&browser.get("/denunciar").await.expect(200));
            let answer = sends(&mut browser, &html, &[("reason", "fraud")]).await;
            if number < 5 {
                answer.expect(303);
                continue;
            }
            let refused = answer.expect(429);
            assert!(refused.header("retry-after").parse::<u64>().unwrap() <= 3_600, "{refused:?}");
            assert!(text(&refused).contains("Recebemos muitas denúncias"), "{refused:?}");
            assert!(text(&refused).contains("value=\"fraud\" required checked"), "what was chosen is kept");
        }
        reports(&bed, &shop, "other").await;
        moved.by(HOUR);
        let html = text(&browser.get("/denunciar").await.expect(200));
        sends(&mut browser, &html, &[("reason", "forbidden")]).await.expect(303);
        let expected = ["forbidden", "other", "fraud", "fraud", "fraud", "fraud", "fraud"];
        assert_eq!(reasons(&listed(&bed, &format!("?shop={}", shop.id)).await), expected);
    });
}

#[test]
fn operators_list_reports_the_newest_first_over_months_by_shop_and_page() {
    run(async {
        let (moved, clock) = Moved::new();
        let bed = Bed::start_at(clock).await;
        let member = Member::new(&bed, "denuncias").await;
        Member::new(&bed, "quem-fica").await; // One of them will be no administrator any more.
        let (one, other) = (bed.shop("denunciada-uma").await, bed.shop("denunciada-outra").await);
        assert_eq!(listed(&bed, "").await, json!({"items": [], "next": null}));
        reports(&bed, &one, "fraud").await;
        moved.by(70 * DAY);
        reports(&bed, &other, "forbidden").await;
        reports(&bed, &one, "counterfeit").await;
        assert_eq!(reasons(&listed(&bed, "").await), ["counterfeit", "forbidden", "fraud"]);
        assert_eq!(reasons(&listed(&bed, &format!("?shop={}", one.id)).await), ["counterfeit", "fraud"]);
        let (mut found, mut after) = (Vec::new(), String::new());
        loop {
            let page = listed(&bed, &format!("?limit=1{after}")).await;
            found.extend(reasons(&page).into_iter().map(str::to_owned));
            let Some(next) = page["next"].as_str() else { break };
            after = format!("&after={next}");
        }
        assert_eq!(found, ["counterfeit", "forbidden", "fraud"]);
        let first = listed(&bed, "?limit=1").await;
        let after = first["next"].as_str().unwrap();
        send(bed.operator("GET", &format!("/reports?shop={}&after={after}", one.id))).await.expect(400);
        send(bed.operator("GET", "/reports?shop=nada")).await.expect(400);

        let mut browser = member.browser(&bed).await;
        assert!(text(&browser.get("/operator").await.expect(200)).contains("href=\"/operator/reports\""));
        let shown = table(&browser.get("/operator/reports").await.expect(200));
        let labels = ["Falsificação de marca", "Produto proibido", "Golpe ou fraude"];
        let places = labels.map(|label| shown.find(label).unwrap());
        assert!(places.is_sorted(), "{places:?}");
        assert!(shown.contains(&format!("href=\"/operator/shops/{}\"", one.id)), "{shown}");
        let of_one = table(&browser.get(&format!("/operator/reports?shop={}", one.id)).await.expect(200));
        assert!(of_one.contains("Golpe ou fraude") && !of_one.contains("Produto proibido"), "{of_one}");
        let page = table(&browser.get("/operator/reports?limit=1").await.expect(200));
        let wanted = table(&browser.get("/operator/reports?reason=forbidden").await.expect(200));
        assert!(wanted.contains("Produto proibido") && !wanted.contains("Golpe ou fraude"), "{wanted}");
        assert!(page.contains("Próxima página") && !page.contains("Produto proibido"), "{page}");
        let of_shop = text(&browser.get(&format!("/operator/shops/{}", one.id)).await.expect(200));
        let link = format!("<a href=\"/operator/reports?shop={}\">2</a>", one.id);
        assert!(of_shop.contains(&link), "{of_shop}");
        // Who has no role sees none of it.
        member.change(&bed, json!({"roles": ["member"]})).await;
        browser.get("/operator/reports").await.expect(403);
    });
}

/// The table of a page and what stands below, without the form of its filters.
fn table(answer: &Answered) -> String {
    let page = text(answer);
    page.split_once("<table class=\"listed\">").unwrap_or_else(|| panic!("no table: {page}")).1.to_owned()
}
