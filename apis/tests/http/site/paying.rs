//! From a form to a shop: by card, Pix and boleto, refused and tried again.

use serde_json::json;

use super::{DECLINED, EMAIL, NAME, PAYS, Site, filled, page, page_at, post, subscribe, until, value};
use crate::{
    bed::{Bed, send},
    panel::Browser,
    payments::{simulated, text},
    run,
};

/// True if a shop of this name is there.
async fn is_there(bed: &Bed, subdomain: &str) -> bool {
    send(bed.operator("GET", &format!("/tenants/{subdomain}"))).await.status == 200
}

#[test]
fn s12_a_declined_card_shows_the_form_again_with_what_was_typed_and_nothing_is_made() {
    run(async {
        let bed = Bed::start().await;
        let site = Site::at(&bed, "pagarme").await;
        let mut browser = Browser::new(&bed);
        let token = site.token(&bed, DECLINED).await;
        let by_card = [("method", "card"), ("card_token", token.as_str())];
        let path = subscribe(&mut browser, &site, "recusada", &by_card).await;
        let html = page_at(&mut browser, &path, "refused").await;
        assert!(html.contains("Transação negada") && html.contains("O que disse quem processa"), "{html}");
        for (name, typed) in [("name", NAME), ("email", EMAIL), ("city", "São Paulo"), ("subdomain", "recusada")] {
            assert_eq!(value(&html, name), typed);
        }
        assert_eq!(value(&html, "card_token"), "");
        assert!(!is_there(&bed, "recusada").await, "nothing is provisioned");
        // Another visitor sees that it was refused, and nothing of who.
        let seen = page(&Browser::new(&bed).get(&path).await.expect(200));
        assert!(seen.contains("Transação negada") && !seen.contains(EMAIL) && !seen.contains("O que disse"), "{seen}");

        let mut stranger = Browser::new(&bed);
        stranger.get(&site.form()).await.expect(200);
        post(&mut stranger, &path, &filled(&html, "recusada", &[])).await.expect(404);
        // Another card, of the same form.
        let token = site.token(&bed, PAYS).await;
        let again = [("method", "card"), ("card_token", token.as_str())];
        post(&mut browser, &path, &filled(&html, "recusada", &again)).await.expect(303);
        let html = page_at(&mut browser, &path, "active").await;
        assert!(html.contains("href=\"http://recusada.localhost:8080/\""), "{html}");
        assert!(html.contains("href=\"http://recusada.localhost:8080/admin\""), "{html}");
        until("the shop", async || is_there(&bed, "recusada").await.then_some(())).await;
    });
}

#[test]
fn of_another_try_the_page_says_nothing_before_it_is_decided() {
    run(async {
        let mut bed = Bed::start().await;
        let site = Site::at(&bed, "pagarme").await;
        let (path, fields, cookies, token) = {
            let mut browser = Browser::new(&bed);
            let token = site.token(&bed, DECLINED).await;
            let by_card = [("method", "card"), ("card_token", token.as_str())];
            let path = subscribe(&mut browser, &site, "outra-vez", &by_card).await;
            let html = page_at(&mut browser, &path, "refused").await;
            (path, filled(&html, "outra-vez", &[]), browser.cookies.clone(), browser.token.clone())
        };
        bed.pause_signup().await;
        let location = {
            let mut browser = Browser::new(&bed);
            (browser.cookies, browser.token) = (cookies, token);
            let location = post(&mut browser, &path, &fields).await.expect(303).header("location").to_owned();
            let html = page(&browser.get(&location).await.expect(200));
            assert!(html.contains("data-status=\"sent\"") && html.contains("http-equiv=\"refresh\""), "{html}");
            assert!(html.contains("/eventos?tentativa=2\"") && !html.contains("Transação negada"), "{html}");
            assert!(!html.contains("id=\"assinar\""), "{html}");
            location
        };
        bed.resume_signup().await;
        page_at(&mut Browser::new(&bed), &location, "paying").await;
    });
}

#[test]
fn s08_s14_a_card_pays_and_the_page_becomes_the_shops_address() {
    run(async {
        for gateway in ["pagarme", "stripe"] {
            let bed = Bed::start().await;
            let site = Site::at(&bed, gateway).await;
            let mut browser = Browser::new(&bed);
            let form = page(&browser.get(&site.form()).await.expect(200));
            assert!(form.contains(&format!("data-gateway=\"{gateway}\"")), "{form}");
            let token = match gateway {
                "pagarme" => site.token(&bed, PAYS).await,
                _ => stripe_card(&bed, &text(&site.remote["public_key"])).await,
            };
            let by_card = [("method", "card"), ("card_token", token.as_str())];
            let path = subscribe(&mut browser, &site, "pelo-cartao", &by_card).await;
            let html = page_at(&mut browser, &path, "active").await;
            assert!(html.contains("http://pelo-cartao.localhost:8080/") && html.contains("e-mail"), "{html}");
            assert!(!html.contains("http-equiv=\"refresh\""), "it has come to its end");
            let told = browser.get(&format!("{path}/eventos")).await.expect(200);
            assert_eq!(told.header("content-type"), "text/event-stream");
            let events = page(&told);
            assert!(events.starts_with("event: status\ndata: {\"status\":\"active\""), "{events}");
            until("the shop answers", async || {
                (send(bed.request("pelo-cartao.localhost", "GET", "/")).await.status == 200).then_some(())
            })
            .await;
        }
    });
}

/// A card as a browser gets it from Stripe, with the public key alone.
async fn stripe_card(bed: &Bed, key: &str) -> String {
    let card = "type=card&card[number]=4242424242424242&card[exp_month]=12&card[exp_year]=2040&card[cvc]=123";
    let asked = reqwest::Client::new().post(format!("http://{}/v1/payment_methods", bed.simulator.address()));
    let asked = asked.header("content-type", "application/x-www-form-urlencoded").bearer_auth(key).body(card);
    text(&asked.send().await.unwrap().json::<serde_json::Value>().await.unwrap()["id"])
}

#[test]
fn s08_a_pix_shows_its_code_and_the_shop_opens_once_it_is_paid() {
    run(async {
        let bed = Bed::start().await;
        let site = Site::at(&bed, "pagarme").await;
        let mut browser = Browser::new(&bed);
        let path = subscribe(&mut browser, &site, "pelo-pix", &[("method", "pix")]).await;
        let html = until("the code", async || {
            let html = page(&browser.get(&path).await.expect(200));
            html.contains("id=\"pix-code\"").then_some(html)
        })
        .await;
        assert!(html.contains("data:image/svg+xml;base64,") && html.contains("R$ 49,90"), "{html}");
        assert!(html.contains("http-equiv=\"refresh\"") && html.contains("data-events=\""), "{html}");
        assert!(html.contains(&format!("vão para <strong>{EMAIL}</strong>")), "{html}");
        assert!(!is_there(&bed, "pelo-pix").await);
        // Whoever has the link may pay.
        let seen = page(&Browser::new(&bed).get(&path).await.expect(200));
        assert!(seen.contains("id=\"pix-code\"") && !seen.contains(EMAIL), "{seen}");
        let charge = site.truth(&bed).await.remove(0);
        simulated(&bed, &format!("charges/{}/pay", text(&charge["id"])), json!({})).await;
        let html = page_at(&mut browser, &path, "active").await;
        assert!(html.contains(&format!("vão para <strong>{EMAIL}</strong>")), "{html}");
        until("the shop", async || is_there(&bed, "pelo-pix").await.then_some(())).await;
    });
}

#[test]
fn s08_s13_s17_a_boleto_shows_its_line_and_link_and_the_shop_opens_once_it_is_paid() {
    run(async {
        let bed = Bed::start().await;
        let site = Site::at(&bed, "pagarme").await;
        let mut browser = Browser::new(&bed);
        let path = subscribe(&mut browser, &site, "pelo-boleto", &[("method", "boleto")]).await;
        let html = until("the line", async || {
            let html = page(&browser.get(&path).await.expect(200));
            html.contains("id=\"boleto-line\"").then_some(html)
        })
        .await;
        assert!(html.contains("Abrir o boleto") && html.contains("Vence em"), "{html}");
        let seen = page(&Browser::new(&bed).get(&path).await.expect(200));
        assert!(seen.contains("id=\"boleto-line\"") && !seen.contains("Abrir o boleto"), "its page shows who pays");
        let charge = site.truth(&bed).await.remove(0);
        simulated(&bed, &format!("charges/{}/pay", text(&charge["id"])), json!({})).await;
        page_at(&mut browser, &path, "active").await;
    });
}

#[test]
fn s107_with_payments_away_the_page_waits_and_goes_on_by_itself() {
    run(async {
        let mut bed = Bed::start().await;
        let site = Site::at(&bed, "pagarme").await;
        bed.pause_payments().await;
        let path = {
            let mut browser = Browser::new(&bed);
            let path = subscribe(&mut browser, &site, "sem-pagamentos", &[]).await;
            let html = page_at(&mut browser, &path, "paying").await;
            assert!(!html.contains("id=\"pix-code\"") && html.contains("data-events"), "{html}");
            path
        };
        bed.resume_payments().await;
        let mut browser = Browser::new(&bed);
        until("the code", async || {
            page(&browser.get(&path).await.expect(200)).contains("id=\"pix-code\"").then_some(())
        })
        .await;
    });
}
