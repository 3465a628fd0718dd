//! Pages that everybody sees alike, and whether a name is free.

use serde_json::json;

use super::{Site, page};
use crate::{
    bed::{Bed, CONTACT, bed, send},
    panel::Browser,
    run,
    signup::{made, plan},
};

#[test]
fn s01_s02_s03_the_landing_page_and_the_plans_lead_to_each_offered_plans_form() {
    run(async {
        let bed = Bed::start().await;
        let empty = send(bed.request("localhost", "GET", "/")).await.expect(200);
        assert!(page(&empty).contains("assinaturas estão fechadas"), "nobody can subscribe to anything yet");
        let mut hidden = plan("Escondido", 100);
        hidden["status"] = json!("inactive");
        made(&bed, &hidden).await;
        let site = Site::at(&bed, "pagarme").await;
        for path in ["/", "/planos"] {
            let answer = send(bed.request("localhost", "GET", path)).await.expect(200);
            let html = page(&answer);
            let link = format!("href=\"{}\"", site.form());
            assert!(html.contains(&link) && html.contains("R$ 49,90") && html.contains("por mês"), "{html}");
            assert!(!html.contains("Escondido") && !html.contains("<script"), "{html}");
            assert_eq!(html.matches("<h1").count(), 1, "{path}");
            assert_eq!(answer.header("cache-control"), "public, max-age=0, must-revalidate");
            let policy = answer.header("content-security-policy");
            assert!(policy.starts_with("default-src 'none'") && policy.ends_with("connect-src 'self'"), "{policy}");
            let tag = answer.header("etag").to_owned();
            send(bed.request("localhost", "GET", path).header("if-none-match", tag)).await.expect(304);
        }
        send(bed.request("localhost", "HEAD", "/")).await.expect(200);
    });
}

#[test]
fn s04_an_unknown_plan_has_no_form() {
    run(async {
        let bed = bed().await;
        for id in ["018f4d7e-3c1b-7a52-9d0e-5b7f1c2a3d4e", "nada"] {
            let answer = send(bed.request("localhost", "GET", &format!("/assinar/{id}"))).await.expect(404);
            assert!(page(&answer).contains("href=\"/planos\""), "it leads on");
        }
        send(bed.request("localhost", "GET", "/assinatura/nada")).await.expect(404);
        send(bed.request("localhost", "GET", "/assinatura/nada/eventos")).await.expect(404);
    });
}

#[test]
fn terms_and_privacy_notice_name_their_version_and_files_are_kept_for_long() {
    run(async {
        let bed = bed().await;
        for path in ["/termos", "/privacidade"] {
            let answer = send(bed.request("localhost", "GET", path)).await.expect(200);
            let html = page(&answer);
            assert!(html.contains("2026-11") && html.contains(&format!("href=\"mailto:{CONTACT}\"")), "{path}");
            let (_, rest) = html.split_once("rel=\"stylesheet\" href=\"").unwrap();
            let style = send(bed.request("localhost", "GET", rest.split('"').next().unwrap())).await.expect(200);
            assert_eq!(style.header("cache-control"), "public, max-age=31536000, immutable");
            assert!(page(&style).contains("prefers-reduced-motion"));
        }
        send(bed.request("localhost", "GET", "/site/assets/site.other")).await.expect(404);
    });
}

#[test]
fn what_is_refused_before_any_page_is_drawn_as_the_sites_and_leads_on() {
    run(async {
        let bed = bed().await;
        let shop = bed.shop("sem-site").await;
        let mut browser = Browser::new(bed);
        let unsent = browser.post("/assinar/018f4d7e-3c1b-7a52-9d0e-5b7f1c2a3d4e", &[]).await.expect(403);
        let nowhere = browser.get("/nada").await.expect(404);
        let method = send(bed.request("localhost", "DELETE", "/planos")).await.expect(405);
        for answer in [unsent, nowhere, method] {
            let html = page(&answer);
            assert!(html.contains("href=\"/site/assets/site.css\"") && html.contains("href=\"/planos\""), "{html}");
        }
        let style = send(bed.request("localhost", "GET", "/site/assets/site.css")).await.expect(200);
        assert_eq!(style.header("cache-control"), "public, max-age=60");
        let of_shop = page(&send(bed.request(&shop.host, "GET", "/nada")).await.expect(404));
        assert!(!of_shop.contains("/site/assets/"), "{of_shop}");
    });
}

#[test]
fn whether_a_name_is_free_is_told_with_why_not() {
    run(async {
        let bed = bed().await;
        bed.shop("quitanda").await;
        let ask = async |name: &str| {
            let path = format!("/assinar/disponivel?nome={name}");
            let answer = send(bed.request("localhost", "GET", &path)).await.expect(200);
            assert_eq!(answer.header("cache-control"), "no-store");
            answer.json
        };
        assert_eq!(ask("quitanda-nova").await["free"], true);
        let normal = ask("%20Quitanda-NOVA").await;
        assert_eq!((&normal["free"], &normal["name"]), (&json!(true), &json!("quitanda-nova")));
        for (name, why) in [
            ("quitanda", "já é de outra loja"),
            ("admin", "é reservado"),
            ("mercado-livre", "é reservado"),
            ("a", "de 3 a 40"),
            ("", "de 3 a 40"),
        ] {
            let told = ask(name).await;
            let detail = told["detail"].as_str().unwrap().to_owned();
            assert!(told["free"] == false && detail.contains(why), "{name}: {told}");
        }
    });
}

#[test]
fn who_has_no_account_to_be_paid_by_takes_no_subscriptions() {
    run(async {
        let bed = Bed::start().await;
        let mut body = plan("Sem conta", 100);
        body["methods"] = json!(["pix"]);
        let known = made(&bed, &body).await;
        let path = format!("/assinar/{}", known["id"].as_str().unwrap());
        let answer = Browser::new(&bed).get(&path).await.expect(503);
        assert!(page(&answer).contains("fechadas por enquanto"), "{}", page(&answer));
    });
}
