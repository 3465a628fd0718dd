//! What the pages show and do: the shops, and the team.

use serde_json::json;

use super::{Browser, Member, choose, member_at, text};
use crate::{
    bed::{bed, product, send},
    run,
};

#[test]
fn pages_are_one_persons_and_in_no_frame() {
    run(async {
        let bed = bed().await;
        let member = Member::new(bed, "cabecalhos").await;
        let mut browser = member.browser(bed).await;
        for path in [
            "/operator",
            "/operator/staff",
            "/operator/staff/new",
            "/operator/groups",
            "/operator/groups/new",
            "/operator/shops/new",
            "/operator/plans",
            "/operator/plans/new",
            "/operator/subscribers",
            "/operator/reports",
            "/operator/dead-letters",
            "/operator/topics",
            "/operator/topics/admin.events?limit=1",
            "/operator/health",
            "/operator/login?next=/x",
        ] {
            let page =
                if path.contains("/login") { Browser::new(bed).get(path).await } else { browser.get(path).await };
            let page = page.expect(200);
            let policy = page.header("content-security-policy");
            assert!(policy.starts_with("default-src 'none'; style-src 'self'"), "{path}: {policy}");
            assert!(
                policy.contains("frame-ancestors 'none'") && policy.contains("script-src 'self';"),
                "{path}: {policy}"
            );
            for (name, value) in [
                ("cache-control", "no-store"),
                ("x-content-type-options", "nosniff"),
                ("referrer-policy", "same-origin"),
                ("origin-agent-cluster", "?1"),
            ] {
                assert_eq!(page.header(name), value, "{path}");
            }
            let html = text(&page);
            assert!(!html.contains("style=") && html.contains("lang=\"pt-BR\""), "{path}");
            let scripts: Vec<&str> = html.split("<script").skip(1).collect();
            assert!(
                scripts.len() == 1 && scripts[0].starts_with(" src=\"/operator/assets/panel."),
                "{path}: {scripts:?}"
            );
            let style = html.split_once("rel=\"stylesheet\" href=\"").unwrap().1.split('"').next().unwrap();
            let style = send(bed.request("localhost", "GET", style)).await.expect(200);
            assert_eq!(style.header("content-type"), "text/css; charset=utf-8");
            assert!(style.header("cache-control").contains("immutable"));
        }
    });
}

#[test]
fn shops_are_listed_found_suspended_and_reopened() {
    run(async {
        let bed = bed().await;
        let member = Member::new(bed, "das-lojas").await;
        let shop = bed.shop("painel-padaria").await;
        bed.shop("painel-livraria").await;
        let mut browser = member.browser(bed).await;
        let found = text(&browser.get("/operator?q=painel-pad").await.expect(200));
        assert!(found.contains("painel-padaria") && !found.contains("painel-livraria"), "{found}");
        assert!(text(&browser.get("/operator?q=nenhuma-assim").await.expect(200)).contains("Nenhuma loja"));
        browser.get("/operator?after=x").await.expect(400);
        let page = format!("/operator/shops/{}", shop.id);
        for (verb, word, writes) in [("suspend", "foi suspensa", 403), ("resume", "foi reaberta", 201)] {
            let asks = browser.get(&format!("{page}/{verb}")).await.expect(200);
            assert!(text(&asks).contains("method=\"post\""));
            let done = browser.post(&format!("{page}/{verb}"), &[]).await.expect(303);
            assert!(done.header("location").starts_with(&page), "{}", done.header("location"));
            let after = text(&browser.get(done.header("location")).await.expect(200));
            assert!(after.contains(word), "{after}");
            send(bed.staff(&shop, "POST", "/products").json(&product("x"))).await.expect(writes);
        }
        browser.get("/operator/shops/painel-padaria").await.expect(200);
        browser.get("/operator/shops/ninguem-assim").await.expect(404);
    });
}

#[test]
fn who_did_it_stands_in_the_record() {
    run(async {
        let bed = bed().await;
        let member = Member::new(bed, "que-fez").await;
        let shop = bed.shop("painel-autoria").await;
        let mut browser = member.browser(bed).await;
        browser.get("/operator").await.expect(200);
        browser.post(&format!("/operator/shops/{}/suspend", shop.id), &[]).await.expect(303);
        let path = format!("/topics/admin.commands/records?tenant={}", shop.id);
        let records = text(&send(bed.operator("GET", &path)).await.expect(200));
        assert!(records.contains(&format!("staff:{}", member.id)), "{records}");
    });
}

#[test]
fn somebody_is_invited_gets_in_and_is_kept_out_again() {
    run(async {
        let bed = bed().await;
        let member = Member::new(bed, "que-convida").await;
        let mut browser = member.browser(bed).await;
        browser.get("/operator/staff").await.expect(200);
        let name = "<script>alert(1)</script> & Cia";
        let wrong = [("/email", "sem-arroba"), ("/name", name), ("/roles", "administrator")];
        let refused = text(&browser.post("/operator/staff", &wrong).await.expect(422));
        assert!(refused.contains("id=\"email-error\"") && refused.contains("value=\"sem-arroba\""), "{refused}");
        assert!(refused.contains("<title>Erro: Convidar · Feira</title>"), "{refused}");
        assert!(
            refused.contains("&#60;script&#62;") && !refused.contains("<script>"),
            "what was typed is kept, as text"
        );

        let email = "nova@painel.example";
        let good = [("/email", email), ("/name", name), ("/roles", "administrator"), ("_key", "convite-1")];
        let form = browser.form("/operator/staff", &good);
        let shown = text(&browser.send(form.try_clone().unwrap()).await.expect(200));
        assert!(!shown.contains("<script>"), "{shown}");
        let link = shown.split_once("value=\"http://localhost:8080").unwrap().1.split('"').next().unwrap().to_owned();
        assert!(link.starts_with("/operator/link?t="), "{link}");
        // Sent again with its key, the same form shows the same link; the taken address is said beside its field.
        assert!(text(&browser.send(form).await.expect(200)).contains(&link));
        assert!(shown.contains("Papel: Administrador.") && !shown.contains("já estava convidada"), "{shown}");
        // Invited again before it comes, it keeps its name and role, and the page says so.
        let again = [("/email", email), ("/name", "Outra"), ("/roles", "member")];
        let kept = text(&browser.post("/operator/staff", &again).await.expect(200));
        assert!(kept.contains("Papel: Administrador.") && kept.contains("já estava convidada"), "{kept}");
        assert!(kept.contains("&#60;script&#62;") && !kept.contains("Outra"), "{kept}");
        choose(&mut Browser::new(bed), &link, "guarda-chuva na estante").await.expect(303);
        let taken = [("/email", email), ("/name", "Outra"), ("/roles", "member")];
        let taken = text(&browser.post("/operator/staff", &taken).await.expect(409));
        assert!(taken.contains("id=\"email-error\">Já há um membro da equipe com este e-mail.</p>"), "{taken}");

        let listed = text(&browser.get("/operator/staff?limit=100").await.expect(200));
        assert!(!listed.contains("<script>"), "names are text");
        let mut new = Browser::new(bed);
        new.log_in(email, "guarda-chuva na estante").await.expect(303);
        assert!(text(&new.get("/operator").await.expect(200)).contains("&#60;script&#62;alert(1)"));

        let page = format!("/operator/staff/{}", member_at(bed, email).await);
        browser.get(&format!("{page}/disable")).await.expect(200);
        browser.post(&format!("{page}/disable"), &[]).await.expect(303);
        new.get("/operator").await.expect(303);
        browser.post(&format!("{page}/link"), &[]).await.expect(409);
        browser.post(&format!("{page}/enable"), &[]).await.expect(303);
        let again = text(&browser.post(&format!("{page}/link"), &[]).await.expect(200));
        assert!(again.contains("/operator/link?t=") && again.contains("por 2 horas"), "{again}");
        browser.post(&format!("{page}/sessions/end"), &[]).await.expect(303);
    });
}

#[test]
fn a_member_without_a_role_changes_and_sees_nothing() {
    run(async {
        let bed = bed().await;
        let member = Member::new(bed, "sem-papel").await;
        let shop = bed.shop("painel-intocada").await;
        let mut browser = member.browser(bed).await;
        browser.get("/operator").await.expect(200);
        member.change(bed, json!({"roles": ["member"]})).await;
        for path in ["/operator/staff", "/operator/shops/painel-intocada", "/operator/shops/painel-intocada/suspend"] {
            let refused = text(&browser.get(path).await.expect(403));
            assert!(refused.contains("Você não tem acesso a esta área.") && !refused.contains("style="), "{refused}");
            assert!(refused.contains("<a href=\"/operator\">"), "{refused}");
            let style = refused.split_once("rel=\"stylesheet\" href=\"").unwrap().1.split('"').next().unwrap();
            send(bed.request("localhost", "GET", style)).await.expect(200);
        }
        browser.post(&format!("/operator/shops/{}/suspend", shop.id), &[]).await.expect(403);
        browser.post("/operator/staff", &[("/email", "x@painel.example"), ("/name", "X")]).await.expect(403);
        assert_eq!(send(bed.operator("GET", "/tenants/painel-intocada")).await.expect(200).json["status"], "active");
    });
}
