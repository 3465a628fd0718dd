//! Another way to pay while the code of a Pix or a boleto waits: the code is given up, and one payment is kept.

use serde_json::{Value, json};

use super::{DECLINED, EMAIL, PAYS, Site, filled, page, page_at, post, subscribe, until, value};
use crate::{
    bed::Bed,
    panel::Browser,
    payments::{simulated, text},
    run,
};

/// The page of a subscription, once it shows this.
async fn page_with(browser: &mut Browser<'_>, path: &str, shown: &str) -> String {
    until(shown, async || {
        let html = page(&browser.get(path).await.expect(200));
        html.contains(shown).then_some(html)
    })
    .await
}

/// The form of another way to pay, which the page of a code that waits leads to.
async fn form(browser: &mut Browser<'_>, path: &str) -> String {
    let way = format!("{path}?pagar=outro");
    let html = page_with(browser, path, "id=\"pix-code\"").await;
    assert!(html.contains(&format!("href=\"{way}\"")) && !html.contains("id=\"assinar\""), "{html}");
    page(&browser.get(&way).await.expect(200))
}

/// The only charge of this method that the gateway has.
async fn charge_by(site: &Site, bed: &Bed, method: &str) -> Value {
    let charges = site.truth(bed).await;
    let mut found = charges.into_iter().filter(|charge| charge["method"] == method);
    let charge = found.next().unwrap_or_else(|| panic!("no charge by {method}"));
    assert!(found.next().is_none(), "one charge by {method}");
    charge
}

/// Waits until the gateway has this sum of a charge given back.
async fn is_given_back(site: &Site, bed: &Bed, charge: &Value, sum: i64) {
    until("the money is given back", async || {
        let charges = site.truth(bed).await;
        let known = charges.into_iter().find(|known| known["id"] == charge["id"]).unwrap();
        (known["given_back"] == sum).then_some(())
    })
    .await;
}

#[test]
fn s08_s17_a_code_that_waits_is_paid_by_card_instead_and_its_late_money_is_given_back() {
    run(async {
        let bed = Bed::start().await;
        let site = Site::at(&bed, "pagarme").await;
        let mut browser = Browser::new(&bed);
        let path = subscribe(&mut browser, &site, "de-outro-jeito", &[("method", "pix")]).await;
        let html = form(&mut browser, &path).await;
        assert_eq!((value(&html, "attempt"), value(&html, "email")), ("2".to_owned(), EMAIL.to_owned()));
        assert!(html.contains("Voltar ao código") && !html.contains("id=\"pix-code\""), "{html}");
        assert!(!html.contains("http-equiv=\"refresh\"") && html.contains("data-events=\""), "what is typed stays");
        assert!(
            html.contains("id=\"mudou\"") && html.contains("hidden>Há novidade"),
            "news are told beside it: {html}"
        );

        // What is wrong is said beside its field, and the code waits on.
        let wrong = filled(&html, "de-outro-jeito", &[("attempt", "2"), ("zip", "1")]);
        let again = page(&post(&mut browser, &path, &wrong).await.expect(422));
        assert!(again.contains("id=\"zip-error\"") && value(&again, "email") == EMAIL, "{again}");
        page_with(&mut browser, &path, "id=\"pix-code\"").await;

        let token = site.token(&bed, PAYS).await;
        let by_card = [("method", "card"), ("card_token", token.as_str()), ("attempt", "2")];
        let sent = post(&mut browser, &path, &filled(&again, "de-outro-jeito", &by_card)).await.expect(303);
        let location = sent.header("location").to_owned();
        assert!(location.ends_with("?tentativa=2"), "{location}");
        let open = page_at(&mut browser, &location, "active").await;
        assert!(open.contains("href=\"http://de-outro-jeito.localhost:8080/\""), "{open}");
        let pix = charge_by(&site, &bed, "pix").await;
        until("the code is cancelled", async || {
            (charge_by(&site, &bed, "pix").await["status"] == "canceled").then_some(())
        })
        .await;
        simulated(&bed, &format!("charges/{}/pay", text(&pix["id"])), json!({"late": true})).await;
        is_given_back(&site, &bed, &pix, 4_990).await;
        page_at(&mut browser, &path, "active").await;
        let paid = site.truth(&bed).await.into_iter().filter(|charge| charge["received"] != charge["given_back"]);
        assert_eq!(paid.count(), 1, "one payment is kept");
    });
}

#[test]
fn s08_only_its_visitor_gives_a_code_up() {
    run(async {
        let bed = Bed::start().await;
        let site = Site::at(&bed, "pagarme").await;
        let mut browser = Browser::new(&bed);
        let path = subscribe(&mut browser, &site, "de-quem-pediu", &[("method", "pix")]).await;
        let html = form(&mut browser, &path).await;
        let mut stranger = Browser::new(&bed);
        stranger.get(&site.form()).await.expect(200);
        let seen = page(&stranger.get(&format!("{path}?pagar=outro")).await.expect(200));
        assert!(seen.contains("id=\"pix-code\"") && !seen.contains("id=\"assinar\""), "{seen}");
        assert!(!seen.contains("pagar=outro") && !seen.contains("no navegador em que"), "{seen}");
        stranger.get(&site.form()).await.expect(200);
        post(&mut stranger, &path, &filled(&html, "de-quem-pediu", &[("attempt", "2")])).await.expect(404);
        page_with(&mut browser, &path, "id=\"pix-code\"").await;
        assert_eq!(site.truth(&bed).await.len(), 1, "nothing was tried");
    });
}

#[test]
fn s13_another_way_that_is_sent_twice_is_one_try_and_the_form_of_before_tries_nothing() {
    run(async {
        let bed = Bed::start().await;
        let site = Site::at(&bed, "pagarme").await;
        let mut browser = Browser::new(&bed);
        let path = subscribe(&mut browser, &site, "duas-vezes", &[("method", "pix")]).await;
        let html = form(&mut browser, &path).await;
        let by_boleto = filled(&html, "duas-vezes", &[("method", "boleto"), ("attempt", "2")]);
        post(&mut browser, &path, &by_boleto).await.expect(303);
        post(&mut browser, &path, &by_boleto).await.expect(303);
        let shown = page_with(&mut browser, &path, "id=\"boleto-line\"").await;
        assert!(!shown.contains("id=\"pix-code\""), "{shown}");
        // The page was gone back to while the boleto waits, and its key is another one.
        let mut other = by_boleto.clone();
        for (name, text) in &mut other {
            if name == "_key" {
                text.push('0');
            }
        }
        let answer = post(&mut browser, &path, &other).await.expect(303);
        assert_eq!(answer.header("location"), path);
        page_with(&mut browser, &path, "id=\"boleto-line\"").await;
        assert_eq!(site.truth(&bed).await.len(), 2, "a Pix and a boleto");
    });
}

#[test]
fn s12_a_card_that_is_declined_in_the_place_of_a_code_leaves_every_way_open() {
    run(async {
        let bed = Bed::start().await;
        let site = Site::at(&bed, "pagarme").await;
        let mut browser = Browser::new(&bed);
        let path = subscribe(&mut browser, &site, "e-de-novo-pix", &[("method", "pix")]).await;
        let html = form(&mut browser, &path).await;
        let token = site.token(&bed, DECLINED).await;
        let by_card = [("method", "card"), ("card_token", token.as_str()), ("attempt", "2")];
        post(&mut browser, &path, &filled(&html, "e-de-novo-pix", &by_card)).await.expect(303);
        let refused = page_at(&mut browser, &path, "refused").await;
        assert_eq!(value(&refused, "attempt"), "3");
        let by_pix = filled(&refused, "e-de-novo-pix", &[("method", "pix"), ("attempt", "3")]);
        post(&mut browser, &path, &by_pix).await.expect(303);
        page_with(&mut browser, &path, "id=\"pix-code\"").await;
        let open = until("a code that can be paid", async || {
            let is_open = |charge: &Value| charge["method"] == "pix" && charge["status"] == "pending";
            site.truth(&bed).await.into_iter().find(is_open)
        })
        .await;
        // The first one may not be cancelled yet: whichever is paid opens one shop.
        simulated(&bed, &format!("charges/{}/pay", text(&open["id"])), json!({"late": true})).await;
        page_at(&mut browser, &path, "active").await;
    });
}
