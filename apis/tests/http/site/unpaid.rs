//! Sign-ups that nobody pays: three wait at a time for one document, one e-mail address, and one place that people ask from.

use serde_json::json;

use super::{DECLINED, Site, filled, page, page_at, post, until, value};
use crate::{
    bed::{Answered, Bed},
    panel::Browser,
    payments::{simulated, text},
    run,
    sign_up::cpf,
};

/// Somebody by a number: a document and an e-mail address of its own.
fn person(number: usize) -> (String, String) {
    (cpf(number), format!("pessoa{number}@example.com"))
}

/// Fills a new form in as this person and sends it.
async fn asks(
    browser: &mut Browser<'_>,
    site: &Site,
    subdomain: &str,
    (document, email): &(String, String),
    more: &[(&str, &str)],
) -> Answered {
    let html = page(&browser.get(&site.form()).await.expect(200));
    let person = [("document", document.as_str()), ("email", email.as_str())];
    let changes: Vec<(&str, &str)> = person.into_iter().chain(more.iter().copied()).collect();
    post(browser, &site.form(), &filled(&html, subdomain, &changes)).await
}

/// A fourth one is refused with these words, keeps what was typed, and holds no name.
fn is_refused(answer: Answered, words: &str) {
    let answer = answer.expect(429);
    assert_eq!(answer.header("retry-after"), "1800");
    let html = page(&answer);
    let said = format!("Já há três assinaturas à espera de pagamento {words}.");
    assert!(html.contains(&said), "{html}");
    assert_eq!(value(&html, "subdomain"), "a-quarta", "what was typed is kept");
}

#[test]
fn a_fourth_subscription_that_nobody_pays_is_refused_by_its_document() {
    run(async {
        let bed = Bed::start().await;
        let site = Site::at(&bed, "pagarme").await;
        let of = |number: usize| (cpf(7), person(number).1);
        for number in 1..=3 {
            asks(&mut Browser::new(&bed), &site, &format!("documento-{number}"), &of(number), &[]).await.expect(303);
        }
        // However it is written.
        let written = (format!("{}.{}.{}-{}", &cpf(7)[..3], &cpf(7)[3..6], &cpf(7)[6..9], &cpf(7)[9..]), of(4).1);
        is_refused(asks(&mut Browser::new(&bed), &site, "a-quarta", &written, &[]).await, "com este CPF ou CNPJ");
        asks(&mut Browser::new(&bed), &site, "a-quarta", &person(4), &[]).await.expect(303);
    });
}

#[test]
fn a_fourth_subscription_that_nobody_pays_is_refused_by_its_email_address() {
    run(async {
        let bed = Bed::start().await;
        let site = Site::at(&bed, "pagarme").await;
        let of = |number: usize| (cpf(number), person(7).1);
        for number in 1..=3 {
            asks(&mut Browser::new(&bed), &site, &format!("endereco-{number}"), &of(number), &[]).await.expect(303);
        }
        let written = (of(4).0, of(4).1.to_uppercase());
        is_refused(asks(&mut Browser::new(&bed), &site, "a-quarta", &written, &[]).await, "com este e-mail");
        asks(&mut Browser::new(&bed), &site, "a-quarta", &person(4), &[]).await.expect(303);
    });
}

#[test]
fn a_fourth_subscription_that_nobody_pays_is_refused_by_where_it_comes_from() {
    run(async {
        let bed = Bed::start().await;
        let site = Site::at(&bed, "pagarme").await;
        let mut browser = Browser::new(&bed);
        for number in 1..=3 {
            asks(&mut browser, &site, &format!("origem-{number}"), &person(number), &[]).await.expect(303);
        }
        // Another visitor at the same place.
        browser.cookies.clear();
        is_refused(asks(&mut browser, &site, "a-quarta", &person(4), &[]).await, "deste endereço de internet");
        asks(&mut Browser::new(&bed), &site, "a-quarta", &person(4), &[]).await.expect(303);
    });
}

#[test]
fn what_is_paid_counts_no_more() {
    run(async {
        let bed = Bed::start().await;
        let site = Site::at(&bed, "pagarme").await;
        let (mut browser, owner) = (Browser::new(&bed), person(1));
        let path = asks(&mut browser, &site, "a-paga", &owner, &[]).await.expect(303).header("location").to_owned();
        let charge = until("a charge", async || site.truth(&bed).await.pop()).await;
        for number in 2..=3 {
            asks(&mut browser, &site, &format!("a-pagar-{number}"), &owner, &[]).await.expect(303);
        }
        is_refused(asks(&mut browser, &site, "a-quarta", &owner, &[]).await, "com este CPF ou CNPJ");
        simulated(&bed, &format!("charges/{}/pay", text(&charge["id"])), json!({})).await;
        page_at(&mut browser, &path, "active").await;
        asks(&mut browser, &site, "a-nova", &owner, &[]).await.expect(303);
        is_refused(asks(&mut browser, &site, "a-quarta", &owner, &[]).await, "com este CPF ou CNPJ");
    });
}

#[test]
fn another_try_of_the_same_subscription_is_none_more() {
    run(async {
        let bed = Bed::start().await;
        let site = Site::at(&bed, "pagarme").await;
        let (mut browser, owner) = (Browser::new(&bed), person(1));
        let token = site.token(&bed, DECLINED).await;
        let by_card = [("method", "card"), ("card_token", token.as_str())];
        let declined = asks(&mut browser, &site, "a-recusada", &owner, &by_card).await.expect(303);
        let declined = declined.header("location").to_owned();
        let refused = page_at(&mut browser, &declined, "refused").await;
        asks(&mut browser, &site, "a-segunda", &owner, &[]).await.expect(303);
        let html = page(&browser.get(&site.form()).await.expect(200));
        let (document, email) = (owner.0.as_str(), owner.1.as_str());
        let third = filled(&html, "a-terceira", &[("document", document), ("email", email)]);
        post(&mut browser, &site.form(), &third).await.expect(303);
        // The same form again, as by the back button.
        post(&mut browser, &site.form(), &third).await.expect(303);
        is_refused(asks(&mut browser, &site, "a-quarta", &owner, &[]).await, "com este CPF ou CNPJ");
        // What was refused holds no name and counts all the same: it goes on by its own page.
        browser.get(&declined).await.expect(200);
        let again = filled(&refused, "a-recusada", &[("document", document), ("email", email)]);
        post(&mut browser, &declined, &again).await.expect(303);
        page_at(&mut browser, &declined, "paying").await;
    });
}
