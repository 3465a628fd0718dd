//! Who subscribes to the platform's plans, as operators see it: by the panel and by the API.

use feira_schemas::{
    ids::TenantId,
    records::signup::SubscriptionStatus,
    signup_link::{SignupLink, SignupPurpose},
    time::{DAY, HOUR},
};
use serde_json::json;
use uuid::Uuid;

use super::{Member, text};
use crate::{
    bed::{Bed, bed, send, send_at},
    payments,
    reconciliation::Moved,
    run, signup,
    subscribers::{NAME, Subscriber},
};

fn tenant() -> TenantId {
    TenantId::from_uuid(Uuid::new_v4())
}

#[test]
fn s47_operators_list_subscribers_the_newest_first_over_months_by_status_and_page() {
    run(async {
        let (moved, clock) = Moved::new();
        let bed = Bed::start_at(clock).await;
        let member = Member::new(&bed, "assinaturas").await;
        let made = send(bed.operator("POST", "/plans").json(&signup::plan("Básico", 4_990))).await.expect(201);
        let plan = format!("/plans/{}", payments::text(&made.json["id"]));
        send_at(made.header("feira-position"), bed.operator("GET", &plan)).await.expect(200);
        let now = || bed.api.platform.now();
        let old = Subscriber::at(&bed, tenant(), "antiga", SubscriptionStatus::Active, now()).await;
        moved.by(70 * DAY);
        let refused = Subscriber::at(&bed, tenant(), "negada", SubscriptionStatus::Refused, now() - HOUR).await;
        let new = Subscriber::at(&bed, tenant(), "nova", SubscriptionStatus::Active, now()).await;
        let id = |of: &Subscriber| json!(of.subscription.subscription_id);

        let list = async |query: &str| send(bed.operator("GET", &format!("/subscriptions{query}"))).await.expect(200);
        let all = list("").await;
        let ids = |listed: &serde_json::Value| -> Vec<serde_json::Value> {
            listed["items"].as_array().unwrap().iter().map(|one| one["id"].clone()).collect()
        };
        assert_eq!(ids(&all.json), [id(&new), id(&refused), id(&old)]);
        assert_eq!(all.header("cache-control"), "no-store");
        let first = &all.json["items"][0];
        assert_eq!((&first["subdomain"], &first["plan_name"]), (&json!("nova"), &json!("Essencial")));
        assert_eq!((&first["status"], &first["simulated"]), (&json!("active"), &json!(true)));
        assert_eq!(ids(&list("?status=refused").await.json), [id(&refused)]);
        let page = list("?status=active&limit=1").await.json;
        assert_eq!(ids(&page), [id(&new)]);
        let after = payments::text(&page["next"]);
        let rest = list(&format!("?status=active&limit=1&after={after}")).await.json;
        assert_eq!((ids(&rest), &rest["next"]), (vec![id(&old)], &serde_json::Value::Null));
        send(bed.operator("GET", &format!("/subscriptions?after={after}"))).await.expect(400);

        let mut browser = member.browser(&bed).await;
        assert!(text(&browser.get("/operator").await.expect(200)).contains("href=\"/operator/subscribers\""));
        let shown = text(&browser.get("/operator/subscribers").await.expect(200));
        let places = ["Loja nova", "Loja negada", "Loja antiga"].map(|name| shown.find(name).unwrap());
        assert!(places.is_sorted(), "{places:?}");
        assert!(shown.contains("Essencial") && shown.contains("Recusada") && !shown.contains(NAME), "{shown}");
        let refusals = text(&browser.get("/operator/subscribers?status=refused").await.expect(200));
        assert!(refusals.contains("Loja negada") && !refusals.contains("Loja nova"), "{refusals}");
        let none = text(&browser.get("/operator/subscribers?status=expired").await.expect(200));
        assert!(none.contains("Nenhuma assinatura está nesta situação."), "{none}");
        let one = text(&browser.get("/operator/subscribers?limit=1").await.expect(200));
        assert!(one.contains("Próxima página") && !one.contains("Loja antiga"), "{one}");
    });
}

#[test]
fn s35_s47_a_subscribers_page_shows_who_it_is_what_is_paid_and_why_not() {
    run(async {
        let bed = bed().await;
        let member = Member::new(bed, "assinante").await;
        Member::new(bed, "outra-administradora").await; // One of them will be no administrator any more.
        let shop = bed.shop("da-assinante").await;
        let now = bed.api.platform.now();
        let paid = Subscriber::at(bed, shop.id.parse().unwrap(), "da-assinante", SubscriptionStatus::Active, now).await;
        let refused = Subscriber::at(bed, tenant(), "sem-saldo", SubscriptionStatus::Refused, now).await;
        let mut browser = member.browser(bed).await;
        let page = browser.get(&format!("/operator/subscribers/{}", paid.path())).await.expect(200);
        assert_eq!(page.header("cache-control"), "no-store");
        let page = text(&page);
        for part in [
            NAME,
            "529.982.247-25",
            "joana.prado@example.com",
            "Avenida Paulista, 1000, Bela Vista, São Paulo/SP, CEP 01310-100",
            "Essencial",
            "desde 31/01/2026; o próximo começa em 28/02/2026",
            "Paga",
            &format!("href=\"/operator/shops/{}\"", shop.id),
        ] {
            assert!(page.contains(part), "{part}: {page}");
        }
        browser.get(&format!("/operator/shops/{}", shop.id)).await.expect(200);
        assert!(!page.contains("/assinatura/"), "its name is not lost: {page}");
        let nameless = Subscriber::at(bed, tenant(), "sem-nome", SubscriptionStatus::NameLost, now).await;
        let page = text(&browser.get(&format!("/operator/subscribers/{}", nameless.path())).await.expect(200));
        let (_, link) = page.split_once("value=\"http://localhost:8080/assinatura/").unwrap();
        let link = SignupLink::read(link.split('"').next().unwrap(), &bed.api.config.secrets, now).unwrap();
        assert_eq!((link.tenant, link.purpose), (nameless.tenant, SignupPurpose::Names));
        let page = text(&browser.get(&format!("/operator/subscribers/{}", refused.path())).await.expect(200));
        assert!(page.contains("Saldo insuficiente.") && page.contains("Cancelada"), "{page}");
        assert!(!page.contains("/operator/shops/"), "it has no shop: {page}");

        let read = |of: &Subscriber| bed.operator("GET", &format!("/subscriptions/{}", of.path()));
        let json = send(read(&refused)).await.expect(200);
        assert_eq!((json.header("etag"), json.header("cache-control")), ("\"3\"", "no-store"));
        let json = json.json;
        assert_eq!((&json["subscriber"]["name"], &json["erased"]), (&json!(NAME), &json!(false)));
        assert_eq!(json["payment"]["errors"][0]["detail"], "Saldo insuficiente.");
        assert_eq!((&json["invoices"][0]["status"], &json["period"]), (&json!("void"), &serde_json::Value::Null));
        for path in [format!("{}/{}", tenant(), Uuid::new_v4()), "x/y".to_owned()] {
            browser.get(&format!("/operator/subscribers/{path}")).await.expect(404);
            send(bed.operator("GET", &format!("/subscriptions/{path}"))).await.expect(404);
        }
        // Who has no role sees none of it.
        member.change(bed, json!({"roles": ["member"]})).await;
        browser.get("/operator/subscribers").await.expect(403);
        browser.get(&format!("/operator/subscribers/{}", paid.path())).await.expect(403);
    });
}

#[test]
fn s47_what_was_erased_or_can_not_be_opened_is_said_and_the_rest_is_shown() {
    run(async {
        let bed = bed().await;
        let member = Member::new(bed, "apagada").await;
        let now = bed.api.platform.now();
        let erased = Subscriber::at(bed, tenant(), "apagada", SubscriptionStatus::Refused, now).await;
        let mut lost = Subscriber::at(bed, tenant(), "perdida", SubscriptionStatus::Active, now).await;
        bed.api.keyring.erase(erased.tenant, erased.subject()).await.unwrap();
        lost.subscription.subscriber.name = lost.lost();
        lost.subscription.changed_at += 1;
        lost.write(bed).await;
        let mut browser = member.browser(bed).await;
        for (of, said) in [(&erased, "(apagado)"), (&lost, "(indisponível)")] {
            let page = text(&browser.get(&format!("/operator/subscribers/{}", of.path())).await.expect(200));
            assert!(page.contains(said) && page.contains("Essencial") && !page.contains(NAME), "{said}: {page}");
        }
        let json = send(bed.operator("GET", &format!("/subscriptions/{}", erased.path()))).await.expect(200).json;
        assert_eq!((&json["subscriber"], &json["erased"]), (&serde_json::Value::Null, &json!(true)));
        send(bed.operator("GET", &format!("/subscriptions/{}", lost.path()))).await.expect(503);
    });
}
