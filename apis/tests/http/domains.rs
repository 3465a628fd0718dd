//! Own domains over HTTP: how a shop comes by one, which host answers with its pages, and what a proxy is told.

use std::time::Duration;

use feira_schemas::{
    ids::{CommandId, TenantId},
    records::{
        AdminCommand,
        admin::{DomainFound, ReportDomain},
        common::CommandMeta,
    },
    rows::admin::DomainRow,
    topics::Context,
};
use feira_web::writes;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    bed::{Answered, Bed, Shop, bed, send},
    reconciliation::until,
    run,
};

/// Waits until a host's first page is answered with this status: names are remembered for a few seconds.
async fn answers(bed: &Bed, host: &str, status: u16) {
    let what = format!("{status} on {host}");
    until(&what, async || (send(bed.request(host, "GET", "/")).await.status == status).then_some(())).await;
}

/// Claims a domain for a shop, and gives it as it is then.
pub async fn claim(bed: &Bed, shop: &Shop, domain: &str) -> Value {
    let claimed = send(bed.staff(shop, "PUT", "/domain").json(&json!({"domain": domain}))).await;
    assert!([200, 201].contains(&claimed.status), "{claimed:?}");
    claimed.json
}

/// Reports what DNS holds of a shop's domain, as whoever looks there does.
pub async fn report(bed: &Bed, shop: &Shop, found: DomainFound) {
    let tenant: TenantId = shop.id.parse().unwrap();
    let row = bed.api.platform.state.get::<DomainRow>(&DomainRow::at(tenant)).await.unwrap().unwrap();
    let meta = CommandMeta {
        command_id: CommandId::from_uuid(Uuid::now_v7()),
        tenant_id: tenant,
        actor: "system:domains".into(),
        issued_at: bed.api.platform.now(),
        body_hash: String::new(),
        keyed: false,
        expected_version: None,
    };
    let (domain, claimed_at) = (row.domain.domain, row.domain.claimed_at);
    let command = AdminCommand::ReportDomain(ReportDomain { meta, domain, claimed_at, found });
    let most = Duration::from_secs(60);
    let result = bed.api.commands.send(&shop.id, command, None, most).await.unwrap();
    let position = writes::position(&result, Context::Admin);
    bed.api.platform.reached.wait(Context::Admin.name(), Context::Admin, position, most).await.unwrap();
}

/// What is found where all is as it is to be.
pub fn all_there() -> DomainFound {
    DomainFound { proof: true, address: true, www: true, why: None }
}

/// What is found where nothing is.
pub fn nothing() -> DomainFound {
    DomainFound { why: Some(DomainFound::NO_TXT.to_owned()), ..DomainFound::default() }
}

/// Waits until a shop's domain has this state.
pub async fn becomes(bed: &Bed, shop: &Shop, status: &str) {
    until(status, async || (send(bed.staff(shop, "GET", "/domain")).await.json["status"] == status).then_some(()))
        .await;
}

/// A shop with pages at a domain of its own.
async fn proved(bed: &Bed, subdomain: &str, domain: &str) -> Shop {
    let shop = bed.shop(subdomain).await;
    claim(bed, &shop, domain).await;
    report(bed, &shop, all_there()).await;
    becomes(bed, &shop, "active").await;
    answers(bed, domain, 200).await;
    shop
}

/// Status and `Location` of an answer.
fn led(answer: &Answered) -> (u16, &str) {
    (answer.status, answer.header("location"))
}

#[test]
fn s43_f05_pages_live_on_the_own_domain_once_it_is_proved_and_all_else_stays() {
    run(async {
        let bed = bed().await;
        let domain = "casa-provada.example";
        let shop = proved(bed, "casa-provada", domain).await;
        let (sub, www) = (shop.host.as_str(), format!("www.{domain}"));
        let at = |path: &str| format!("http://{domain}{path}");
        for (method, host, path, status, location) in [
            ("GET", sub, "/", 301, at("/")),
            ("HEAD", sub, "/", 301, at("/")),
            ("GET", sub, "/search?q=a%20b&sort=name", 301, at("/search?q=a%20b&sort=name")),
            ("GET", sub, "/product/nada", 301, at("/product/nada")),
            ("GET", www.as_str(), "/", 301, at("/")),
            ("GET", www.as_str(), "/denunciar", 301, at("/denunciar")),
            ("GET", domain, "/", 200, String::new()),
            ("GET", domain, "/search?q=a", 200, String::new()),
            ("GET", sub, "/api/store/v1/products", 200, String::new()),
            ("GET", www.as_str(), "/api/store/v1/products", 200, String::new()),
            ("GET", domain, "/api/store/v1/products", 200, String::new()),
            ("GET", sub, "/robots.txt", 200, String::new()),
            ("GET", sub, "/healthz", 200, String::new()),
            ("GET", sub, "/openapi.json", 200, String::new()),
            ("GET", sub, "/nada/aqui", 404, String::new()),
            // The panel's cookies are the sub-domain's alone.
            ("GET", sub, "/admin/login", 200, String::new()),
            ("GET", domain, "/admin/domain?done=x", 303, format!("http://{sub}/admin/domain?done=x")),
            ("GET", www.as_str(), "/admin/login", 303, format!("http://{sub}/admin/login")),
            ("POST", domain, "/admin/login", 303, format!("http://{sub}/admin/login")),
        ] {
            let answer = send(bed.request(host, method, path)).await;
            assert_eq!(led(&answer), (status, location.as_str()), "{method} {host}{path}");
        }
        let ported = send(bed.request(&format!("{sub}:8080"), "GET", "/")).await;
        assert_eq!(led(&ported), (301, format!("http://{domain}:8080/").as_str()));
        assert_eq!(ported.header("cache-control"), "no-store", "the shop may give the domain back");
        let by_https = send(bed.request(sub, "GET", "/").header("x-forwarded-proto", "https")).await;
        assert_eq!(led(&by_https), (301, format!("https://{domain}/").as_str()));

        // What the shop prints as its address is the domain.
        let robots = send(bed.request(sub, "GET", "/robots.txt")).await.expect(200);
        assert!(String::from_utf8_lossy(&robots.bytes).contains(&at("/sitemap.xml")));
        let home = send(bed.request(domain, "GET", "/").header("x-forwarded-proto", "https")).await.expect(200);
        let home = String::from_utf8_lossy(&home.bytes).into_owned();
        assert!(home.contains(&format!("https://{domain}/")) && !home.contains(sub), "{home}");
    });
}

#[test]
fn s43_f05_nobody_is_led_to_a_domain_that_is_not_proved_or_not_any_more() {
    run(async {
        let bed = bed().await;
        let (pending, lapsing) = (bed.shop("so-pedida").await, bed.shop("que-perdeu").await);
        claim(bed, &pending, "so-pedida.example").await;
        answers(bed, &pending.host, 200).await;
        send(bed.request("so-pedida.example", "GET", "/")).await.expect(404);

        claim(bed, &lapsing, "que-perdeu.example").await;
        report(bed, &lapsing, all_there()).await;
        becomes(bed, &lapsing, "active").await;
        report(bed, &lapsing, nothing()).await;
        becomes(bed, &lapsing, "lapsing").await;
        for host in [lapsing.host.as_str(), "que-perdeu.example"] {
            answers(bed, host, 200).await;
        }
    });
}

#[test]
fn s43_f05_a_domain_that_is_proved_but_leads_elsewhere_leaves_the_shop_where_it_was() {
    run(async {
        let bed = bed().await;
        let domain = "leva-alhures.example";
        let (shop, www) = (bed.shop("leva-alhures").await, format!("www.{domain}"));
        claim(bed, &shop, domain).await;
        let elsewhere = || DomainFound { address: false, www: false, ..all_there() };
        report(bed, &shop, elsewhere()).await;
        becomes(bed, &shop, "active").await;
        answers(bed, domain, 200).await;
        for host in [shop.host.as_str(), www.as_str()] {
            send(bed.request(host, "GET", "/")).await.expect(200);
        }
        report(bed, &shop, all_there()).await;
        for host in [shop.host.as_str(), www.as_str()] {
            answers(bed, host, 301).await;
        }
        report(bed, &shop, elsewhere()).await;
        for host in [shop.host.as_str(), www.as_str()] {
            answers(bed, host, 200).await;
        }
    });
}

#[test]
fn s43_f05_a_suspended_shop_says_so_on_its_own_domain_and_a_closed_one_has_none() {
    run(async {
        let bed = bed().await;
        let domain = "casa-fechada.example";
        let shop = proved(bed, "casa-fechada", domain).await;
        let path = format!("/tenants/{}", shop.id);
        send(bed.operator("POST", &format!("{path}/suspend"))).await.expect(200);
        // The store's own page of such a shop, which answers 503 and 410, is the whole program's.
        answers(bed, domain, 403).await;
        let page = send(bed.request(domain, "GET", "/search")).await.expect(403);
        assert!(String::from_utf8_lossy(&page.bytes).contains("fechada por enquanto"));
        send(bed.operator("POST", &format!("{path}/close")).json(&json!({"subdomain": "casa-fechada"})))
            .await
            .expect(200);
        answers(bed, domain, 404).await;
        answers(bed, &shop.host, 403).await;
    });
}

#[test]
fn s43_f05_a_proxy_is_told_for_which_names_it_may_fetch_a_certificate() {
    run(async {
        let bed = bed().await;
        let shop = proved(bed, "com-certificado", "com-certificado.example").await;
        claim(bed, &bed.shop("sem-certificado").await, "sem-certificado.example").await;
        for (name, status) in [
            ("com-certificado.example", 200),
            ("www.com-certificado.example", 200),
            ("COM-certificado.example.", 200),
            (shop.host.as_str(), 200),
            ("localhost", 200),
            ("sem-certificado.example", 404),
            ("outra.com-certificado.example", 404),
            ("www.com-certificado.localhost", 404),
            ("nada.localhost", 404),
            ("203.0.113.7", 404),
            ("", 404),
        ] {
            for host in ["localhost", "10.0.0.7:8080", "feira:8080", shop.host.as_str()] {
                let answer = send(bed.request(host, "GET", &format!("/tls/allowed?domain={name}"))).await;
                assert_eq!(answer.status, status, "{name} on {host}");
                assert!(!String::from_utf8_lossy(&answer.bytes).contains(&shop.id), "{name}");
            }
        }
        send(bed.request("localhost", "GET", "/tls/allowed")).await.expect(404);
    });
}

/// The pointers of what is wrong with a body.
fn pointers(refused: &Answered) -> Vec<&str> {
    refused.json["errors"].as_array().unwrap().iter().map(|error| error["pointer"].as_str().unwrap()).collect()
}

#[test]
fn s43_f05_a_domain_is_claimed_shown_and_given_back_by_the_api() {
    run(async {
        let bed = bed().await;
        let (shop, other) = (bed.shop("quer-dominio").await, bed.shop("quer-o-mesmo").await);
        let put = |shop: &Shop, domain: &str| bed.staff(shop, "PUT", "/domain").json(&json!({"domain": domain}));
        let none = send(bed.staff(&shop, "GET", "/domain")).await.expect(404);
        assert_eq!(none.code(), "not_found");
        send(bed.staff(&shop, "POST", "/domain/check")).await.expect(404);
        for wrong in [" ", "loja", "localhost", "outra.localhost", "10.0.0.1", "a b.example", "loja.example:80"] {
            assert_eq!(pointers(&send(put(&shop, wrong)).await.expect(422)), ["/domain"], "{wrong}");
        }

        let made = send(put(&shop, " WWW.Quer-Dominio.example ")).await.expect(201);
        assert_eq!(made.header("location"), "/api/admin/v1/domain");
        let (domain, records) = (&made.json, &made.json["records"]);
        assert_eq!((&domain["domain"], &domain["status"]), (&json!("quer-dominio.example"), &json!("pending")));
        assert!(domain["until"].is_string() && domain["looked_at"].is_null(), "{domain}");
        let proof = records[0]["value"].as_str().unwrap();
        assert!(proof.starts_with("feira-verification="), "{proof}");
        let named: Vec<_> =
            records.as_array().unwrap().iter().map(|record| (&record["type"], &record["name"])).collect();
        assert_eq!(
            named,
            [
                (&json!("TXT"), &json!("_feira.quer-dominio.example")),
                (&json!("CNAME"), &json!("quer-dominio.example")),
                (&json!("CNAME"), &json!("www.quer-dominio.example")),
            ]
        );
        assert_eq!(records[1]["value"], json!(shop.host));
        let read = send(bed.staff(&shop, "GET", "/domain")).await.expect(200);
        assert_eq!((&read.json, read.header("etag")), (domain, made.header("etag")));
        let again = send(put(&shop, "quer-dominio.example")).await.expect(200);
        assert_eq!(&again.json, domain, "the same claim changes nothing");
        send(put(&shop, "outro-dominio.example").header("if-match", "\"9\"")).await.expect(412);

        // A claim keeps nobody out, and each shop has a proof of its own.
        let theirs = send(put(&other, "quer-dominio.example")).await.expect(201).json;
        assert_ne!(theirs["records"][0]["value"], proof);
        report(bed, &other, all_there()).await;
        becomes(bed, &other, "active").await;
        report(bed, &shop, all_there()).await;
        becomes(bed, &shop, "ended").await;
        let ended = send(bed.staff(&shop, "GET", "/domain")).await.expect(200).json;
        assert_eq!(ended["ended_because"], "taken", "{ended}");

        let refused = send(put(&other, "mais-um.example")).await.expect(409);
        assert_eq!(refused.code(), "limit_reached");
        let checked = send(bed.staff(&other, "POST", "/domain/check")).await.expect(200).json;
        assert_eq!((&checked["domain"], &checked["found"]["proof"]), (&json!("quer-dominio.example"), &json!(true)));
        send(bed.staff(&other, "DELETE", "/domain")).await.expect(204);
        send(bed.staff(&other, "GET", "/domain")).await.expect(404);
        send(bed.staff(&other, "DELETE", "/domain")).await.expect(404);
        send(put(&other, "mais-um.example").header("if-match", "\"0\"")).await.expect(201);
    });
}
