//! A shop that is paid and has lost its name is named anew: by its visitor, and by whoever has the link of the mail.

use feira_schemas::{ids::TenantId, records::signup::SubscriptionStatus, signup_link::SignupLink};
use feira_web::tokens;
use uuid::Uuid;

use super::{EMAIL, NAME, page, page_at, value};
use crate::{
    bed::{Bed, bed},
    panel::Browser,
    run,
    subscribers::Subscriber,
};

/// A subscription in this state, and the link to its page.
async fn subscription(bed: &Bed, shop: &str, status: SubscriptionStatus) -> (Subscriber, SignupLink) {
    let (tenant, now) = (TenantId::from_uuid(Uuid::new_v4()), bed.api.platform.now());
    let subscriber = Subscriber::at(bed, tenant, shop, status, now).await;
    let link = SignupLink::new(tenant, subscriber.subscription.subscription_id, now);
    (subscriber, link)
}

fn path(bed: &Bed, link: SignupLink) -> String {
    link.path(&bed.api.config.secrets)
}

#[test]
fn a_lost_name_is_replaced_by_whoever_has_the_link_of_the_mail_in_whatever_browser() {
    run(async {
        let bed = Bed::start().await;
        let (_, link) = subscription(&bed, "nome-perdido", SubscriptionStatus::NameLost).await;
        let (of_page, of_names) = (path(&bed, link), path(&bed, link.for_names()));
        let mut browser = Browser::new(&bed);
        let seen = page(&browser.get(&of_page).await.expect(200));
        assert!(!seen.contains("id=\"assinar\"") && seen.contains("no navegador em que"), "{seen}");
        let html = page(&browser.get(&of_names).await.expect(200));
        assert_eq!((value(&html, "subdomain").as_str(), value(&html, "owner_name").as_str()), ("nome-perdido", ""));
        for typed in [NAME, EMAIL, "dona@example.com", "name=\"document\"", "name=\"method\""] {
            assert!(!html.contains(typed), "{typed}: {html}");
        }
        let key = value(&html, "_key");
        let fields = [
            ("_key", key.as_str()),
            ("shop_name", "Loja de Joana"),
            ("subdomain", "nome-novo"),
            ("owner_name", NAME),
            ("email", EMAIL),
        ];
        // By the link to the page nobody else does it, nor without the form's own token.
        browser.post(&of_page, &fields).await.expect(404);
        let token = std::mem::take(&mut browser.token);
        browser.post(&of_names, &fields).await.expect(403);
        browser.token = token;
        let mut wrong = fields;
        wrong[1].1 = "Loja\tde Joana";
        let again = page(&browser.post(&of_names, &wrong).await.expect(422));
        assert!(again.contains("id=\"shop_name-error\"") && value(&again, "subdomain") == "nome-novo", "{again}");

        let sent = browser.post(&of_names, &fields).await.expect(303);
        let location = sent.header("location").to_owned();
        assert!(location.starts_with("/assinatura/") && location.ends_with("?tentativa=2"), "{location}");
        let open = page_at(&mut browser, &location, "active").await;
        assert!(open.contains("href=\"http://nome-novo.localhost:8080/\""), "{open}");
        assert!(!open.contains(EMAIL), "who has only the link sees no address: {open}");
        browser.post(&of_names, &fields).await.expect(303);
    });
}

#[test]
fn the_link_of_names_pays_nothing_and_shows_nothing_of_who_was_refused() {
    run(async {
        let bed = bed().await;
        let (_, link) = subscription(bed, "so-nomes", SubscriptionStatus::Refused).await;
        let of_names = path(bed, link.for_names());
        let mut browser = Browser::new(bed);
        browser.get("/operator/login").await.expect(200);
        let seen = page(&browser.get(&of_names).await.expect(200));
        assert!(!seen.contains("id=\"assinar\"") && !seen.contains("Saldo insuficiente"), "{seen}");
        browser.post(&of_names, &[("subdomain", "outro-nome")]).await.expect(404);
    });
}

#[test]
fn a_page_is_there_without_what_can_not_be_opened() {
    run(async {
        let bed = bed().await;
        let mut browser = Browser::new(bed);
        let cookie = "a".repeat(43);
        browser.cookies.insert("feira_visitor".into(), cookie.clone());
        for (shop, status, says) in [
            ("sem-motivo", SubscriptionStatus::Refused, "Transação negada"),
            ("sem-dados", SubscriptionStatus::NameLost, "id=\"assinar\""),
            ("sem-e-mail", SubscriptionStatus::Active, "Sua loja está aberta"),
        ] {
            let (mut lost, link) = subscription(bed, shop, status).await;
            let message = lost.lost();
            for reason in &mut lost.subscription.payment.reasons {
                reason.message = Some(message.clone());
            }
            lost.subscription.visitor = tokens::hash(&cookie);
            (lost.subscription.subscriber.name, lost.subscription.owner.email) = (lost.lost(), lost.lost());
            lost.subscription.changed_at += 1;
            lost.write(bed).await;
            let html = page(&browser.get(&path(bed, link)).await.expect(200));
            assert!(html.contains(says) && !html.contains(EMAIL), "{shop}: {html}");
        }
    });
}
