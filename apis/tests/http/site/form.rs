//! The form: what it takes, what it refuses, and what of it is ever shown again.

use super::{EMAIL, NAME, PAYS, Site, filled, page, page_at, post, subscribe, until, value};
use crate::{
    bed::{Bed, send},
    panel::{Browser, encoded},
    run,
};

#[test]
fn s06_a_card_goes_to_the_gateway_alone_and_one_that_comes_here_is_refused_unread() {
    run(async {
        let bed = Bed::start().await;
        let site = Site::at(&bed, "pagarme").await;
        let mut browser = Browser::new(&bed);
        let answer = browser.get(&site.form()).await.expect(200);
        let html = page(&answer);
        for input in ["card-number", "card-holder", "card-expiry", "card-cvv"] {
            let (_, rest) = html.split_once(&format!("<input id=\"{input}\"")).unwrap();
            assert!(!rest.split('>').next().unwrap().contains("name="), "{input} has a name");
        }
        let gateway = format!("http://{}", bed.simulator.address());
        assert!(html.contains(&format!("data-tokens=\"{gateway}/core/v5/tokens?appId=")), "{html}");
        assert!(html.contains("type=\"submit\">Assinar por R$ 49,90 por mês</button>"), "{html}");
        let policy = answer.header("content-security-policy");
        assert!(policy.ends_with(&format!("connect-src 'self' {gateway}")), "{policy}");
        assert_eq!(answer.header("cache-control"), "no-store");
        for (name, text) in [
            ("card_number", PAYS),
            ("card[number]", PAYS),
            ("/payment/card/cvv", "123"),
            ("cvv", "123"),
            ("number", PAYS),
            ("card_token", PAYS),
            ("cc-number", PAYS),
            ("cc-csc", "123"),
        ] {
            let mut fields = filled(&html, "cartao-cru", &[]);
            fields.retain(|(known, _)| known != name);
            fields.push((name.to_owned(), text.to_owned()));
            let refused = post(&mut browser, &site.form(), &fields).await.expect(422);
            assert!(!page(&refused).contains(PAYS), "{name}");
        }
        assert!(site.truth(&bed).await.is_empty());
    });
}

#[test]
fn s05_what_is_wrong_stands_beside_its_field_and_all_that_was_typed_is_kept_but_the_card() {
    run(async {
        let bed = Bed::start().await;
        let site = Site::at(&bed, "pagarme").await;
        let mut browser = Browser::new(&bed);
        let html = page(&browser.get(&site.form()).await.expect(200));
        let changes = [
            ("document", "529.982.247-26"),
            ("email", "joana@"),
            ("name", "Joana <script>alert(1)</script>"),
            ("card_token", "token_secreto"),
            ("method", "card"),
        ];
        let fields = filled(&html, "padaria-errada", &changes);
        let again = page(&post(&mut browser, &site.form(), &fields).await.expect(422));
        assert!(again.contains("<title>Erro: Assinar Básico · Feira</title>"), "{again}");
        for wrong in ["document-error", "email-error"] {
            assert!(again.contains(&format!("id=\"{wrong}\"")), "{wrong}: {again}");
        }
        let (_, document) = again.split_once("<input id=\"document\"").unwrap();
        let document = document.split('>').next().unwrap();
        assert!(document.contains("aria-invalid=\"true\"") && document.contains("autofocus"), "{document}");
        assert_eq!(again.matches("autofocus").count(), 1, "the first that is wrong is looked at");
        assert_eq!(value(&again, "document"), "529.982.247-26");
        assert_eq!((value(&again, "city").as_str(), value(&again, "card_token").as_str()), ("São Paulo", ""));
        assert!(!again.contains("token_secreto") && !again.contains("<script>alert"), "{again}");
        assert_ne!(value(&again, "_key"), value(&html, "_key"), "another form has another key");
        assert_eq!((value(&again, "terms"), value(&again, "token")), (value(&html, "terms"), value(&html, "token")));
        // Documents of both forms.
        for (kind, document) in [("company", "12.ABC.345/01DE-35"), ("company", "11.222.333/0001-81")] {
            let changes = [("kind", kind), ("document", document), ("owner_name", "Joana"), ("accept", "")];
            let again = page(&post(&mut browser, &site.form(), &filled(&html, "x-y-z", &changes)).await.expect(422));
            assert!(!again.contains("document-error") && again.contains("accept-error"), "{again}");
        }
    });
}

#[test]
fn a_visitors_cookie_lives_on_with_each_form() {
    run(async {
        let bed = Bed::start().await;
        let site = Site::at(&bed, "pagarme").await;
        let mut browser = Browser::new(&bed);
        let html = page(&browser.get(&site.form()).await.expect(200));
        let cookie = browser.cookies["feira_visitor"].clone();
        let again = browser.get(&site.form()).await.expect(200);
        let refused = post(&mut browser, &site.form(), &filled(&html, "a", &[])).await.expect(422);
        for answer in [again, refused] {
            let set = answer.header("set-cookie");
            assert!(set.starts_with(&format!("feira_visitor={cookie};")) && set.contains("Max-Age="), "{set}");
        }
    });
}

#[test]
fn s09_a_form_that_nothing_vouches_for_subscribes_nobody() {
    run(async {
        let bed = Bed::start().await;
        let site = Site::at(&bed, "pagarme").await;
        let (mut browser, mut other) = (Browser::new(&bed), Browser::new(&bed));
        let html = page(&browser.get(&site.form()).await.expect(200));
        let of_other = page(&other.get(&site.form()).await.expect(200));
        // Another visitor's offer, one without a token, and one that was changed.
        let mut fields = filled(&of_other, "forjada", &[]);
        post(&mut browser, &site.form(), &fields).await.expect(403);
        fields = filled(&html, "forjada", &[]);
        let at = |fields: &[(String, String)], name: &str| fields.iter().position(|(known, _)| known == name).unwrap();
        let (terms, token) = (at(&fields, "terms"), at(&fields, "token"));
        let good = fields.clone();
        fields[token].1.clear();
        post(&mut browser, &site.form(), &fields).await.expect(403);
        fields = good.clone();
        fields[terms].1.replace_range(0..1, "f");
        post(&mut browser, &site.form(), &fields).await.expect(403);
        // Without the page's own token, or from elsewhere.
        let good: Vec<(&str, &str)> = good.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        let token = std::mem::take(&mut browser.token);
        browser.post(&site.form(), &good).await.expect(403);
        browser.token = token;
        let signed: Vec<(&str, &str)> = good.iter().copied().chain([("_token", browser.token.as_str())]).collect();
        let elsewhere = browser.request("POST", &site.form()).header("sec-fetch-site", "cross-site");
        let elsewhere = elsewhere.header("content-type", "application/x-www-form-urlencoded").body(encoded(&signed));
        send(elsewhere).await.expect(403);
        assert!(site.truth(&bed).await.is_empty());
    });
}

#[test]
fn a_name_that_somebody_has_is_refused_beside_its_field() {
    run(async {
        let bed = Bed::start().await;
        let site = Site::at(&bed, "pagarme").await;
        bed.shop("mercearia").await;
        let mut browser = Browser::new(&bed);
        for (name, why) in [("mercearia", "já é de outra loja"), ("nubank", "é reservado")] {
            let html = page(&browser.get(&site.form()).await.expect(200));
            let again = page(&post(&mut browser, &site.form(), &filled(&html, name, &[])).await.expect(422));
            let (_, error) = again.split_once("id=\"subdomain-error\">").unwrap();
            assert!(error.split('<').next().unwrap().contains(why), "{name}: {again}");
        }
    });
}

#[test]
fn a_form_that_is_sent_twice_makes_one_subscription() {
    run(async {
        let bed = Bed::start().await;
        let site = Site::at(&bed, "pagarme").await;
        let mut browser = Browser::new(&bed);
        let html = page(&browser.get(&site.form()).await.expect(200));
        let fields = filled(&html, "duas-vezes", &[]);
        let subscription = |location: &str| location.split('.').next().unwrap().to_owned();
        let first = post(&mut browser, &site.form(), &fields).await.expect(303);
        let second = post(&mut browser, &site.form(), &fields).await.expect(303);
        assert_eq!(subscription(first.header("location")), subscription(second.header("location")));
        // Back by the browser's button, and with something else typed: the page shows what the first one did.
        let changed = filled(&html, "duas-vezes", &[("city", "Campinas")]);
        let third = post(&mut browser, &site.form(), &changed).await.expect(303);
        assert_eq!(subscription(first.header("location")), subscription(third.header("location")));
        let path = first.header("location").to_owned();
        page_at(&mut browser, &path, "paying").await;
        until("the code", async || page(&browser.get(&path).await).contains("id=\"pix-code\"").then_some(())).await;
        assert_eq!(site.truth(&bed).await.len(), 1, "it is charged once");
    });
}

#[test]
fn what_was_typed_stands_in_no_record_and_on_nobody_elses_page() {
    run(async {
        let bed = Bed::start().await;
        let site = Site::at(&bed, "pagarme").await;
        let (mut browser, mut other) = (Browser::new(&bed), Browser::new(&bed));
        let path = subscribe(&mut browser, &site, "de-mais-ninguem", &[]).await;
        page_at(&mut browser, &path, "paying").await;
        let seen = page(&other.get(&path).await.expect(200));
        for typed in [NAME, EMAIL, "529.982.247-25", "98765", "Paulista"] {
            assert!(!seen.contains(typed), "{typed}: {seen}");
        }
        assert!(!seen.contains("id=\"assinar\""), "another visitor has no form: {seen}");
        let dumped = send(bed.operator("GET", "/topics/signup.events/records?limit=100")).await;
        let records = String::from_utf8_lossy(&dumped.bytes).into_owned();
        for typed in [NAME, EMAIL, "52998224725", "Paulista"] {
            assert!(!records.contains(typed), "{typed}: {records}");
        }
    });
}
