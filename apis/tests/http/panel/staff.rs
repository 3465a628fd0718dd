//! The staff of the platform and of shops, and their groups: who sees and does what.

use super::{Browser, Member, PASSWORD, choose, shop_login::Owner, text};
use crate::{
    bed::{bed, send},
    run,
};

/// The id in the address to which a name of a list leads.
pub(super) fn id_of(list: &str, name: &str) -> String {
    let (before, _) = list.split_once(&format!("\">{name}</a>")).unwrap_or_else(|| panic!("{name}: {list}"));
    before.rsplit('/').next().unwrap().to_owned()
}

/// The version that the form of a page changes.
fn version_of(page: &str) -> String {
    let (_, rest) = page.split_once("name=\"_version\" value=\"").unwrap_or_else(|| panic!("{page}"));
    rest.split('"').next().unwrap().to_owned()
}

/// Makes a group in a panel with one permission; its id.
async fn group(browser: &mut Browser<'_>, panel: &str, name: &str, permission: &str) -> String {
    let all = format!("{panel}/groups");
    browser.get(&format!("{all}/new")).await.expect(200);
    let fields = [("/name", name), ("/permissions", ""), ("/permissions", permission)];
    let done = browser.post(&all, &fields).await.expect(303);
    let list = text(&browser.get(done.header("location")).await.expect(200));
    assert!(list.contains("O grupo foi criado"), "{list}");
    id_of(&list, name)
}

/// Gives a member a role and groups, by the form of its page; the page after that.
async fn give(browser: &mut Browser<'_>, page: &str, name: &str, role: &str, groups: &[&str]) -> String {
    let version = version_of(&text(&browser.get(page).await.expect(200)));
    let mut fields = vec![("/name", name), ("/roles", role), ("/permissions", ""), ("/groups", "")];
    fields.extend(groups.iter().map(|group| ("/groups", *group)));
    fields.push(("_version", version.as_str()));
    let done = browser.post(page, &fields).await.expect(303);
    text(&browser.get(done.header("location")).await.expect(200))
}

#[test]
fn s48_a_member_of_a_group_sees_and_does_what_it_gives_until_it_is_gone() {
    run(async {
        let bed = bed().await;
        let mut browser = Member::new(bed, "que-agrupa").await.browser(bed).await;
        let shop = bed.shop("painel-do-grupo").await;
        let member = Member::invited_as(bed, "do-grupo", "Bia Reis", "member").await;
        member.chooses(bed, PASSWORD).await.expect(303);
        let mut hers = member.browser(bed).await;
        let shops = format!("/operator/shops/{}", shop.id);
        assert!(text(&hers.get("/operator").await.expect(200)).contains("não abre nenhuma área"));
        hers.get(&shops).await.expect(403);

        let id = group(&mut browser, "/operator", "Atendimento das lojas", "shops:read").await;
        let page = format!("/operator/staff/{}", member.id);
        let given = give(&mut browser, &page, "Bia Reis", "member", &[&id]).await;
        assert!(
            given.contains("O acesso dessa pessoa foi guardado") && given.contains("<dd>Lojas (ver)</dd>"),
            "{given}"
        );
        let first = text(&hers.get("/operator").await.expect(200));
        assert!(first.contains("href=\"/operator/reports\"") && first.contains("<h1>Lojas</h1>"), "{first}");
        for other in ["/operator/plans", "/operator/staff", "/operator/topics", "/operator/groups"] {
            assert!(!first.contains(&format!("href=\"{other}\"")), "{other}: {first}");
            hers.get(other).await.expect(403);
        }
        hers.get(&shops).await.expect(200);
        hers.post(&format!("{shops}/suspend"), &[]).await.expect(403);
        assert_eq!(send(bed.operator("GET", "/tenants/painel-do-grupo")).await.expect(200).json["status"], "active");

        let groups = format!("/operator/groups/{id}");
        let asks = text(&browser.get(&format!("{groups}/remove")).await.expect(200));
        assert!(asks.contains("1 pessoa está neste grupo e perde o que ele dá: Lojas (ver)."), "{asks}");
        let done = browser.post(&format!("{groups}/remove"), &[]).await.expect(303);
        let list = text(&browser.get(done.header("location")).await.expect(200));
        assert!(list.contains("O grupo foi excluído") && !list.contains("Atendimento das lojas"), "{list}");
        hers.get(&shops).await.expect(403);
        browser.get(&groups).await.expect(404);
    });
}

#[test]
fn s48_who_changes_what_somebody_else_has_changed_is_told_and_overwrites_nothing() {
    run(async {
        let bed = bed().await;
        let mut browser = Member::new(bed, "que-muda-acessos").await.browser(bed).await;
        let member = Member::invited_as(bed, "a-quatro-maos", "Caio Reis", "member").await;
        let id = group(&mut browser, "/operator", "Dos planos", "plans:read").await;
        let (person, group) = (format!("/operator/staff/{}", member.id), format!("/operator/groups/{id}"));
        let version = version_of(&text(&browser.get(&person).await.expect(200)));
        give(&mut browser, &person, "Caio Reis", "member", &[&id]).await;
        let late = [
            ("/name", "Caio"),
            ("/roles", "member"),
            ("/permissions", ""),
            ("/groups", ""),
            ("_version", version.as_str()),
        ];
        let told = text(&browser.post(&person, &late).await.expect(412));
        assert!(told.contains("mudou enquanto você editava") && told.contains("<li>Grupos: Dos planos</li>"), "{told}");
        assert!(told.contains("value=\"Caio\"") && version_of(&told) != version, "{told}");

        let version = version_of(&text(&browser.get(&group).await.expect(200)));
        let fields = |name: &'static str, permission: &'static str| {
            [("/name", name), ("/permissions", ""), ("/permissions", permission), ("_version", version.as_str())]
        };
        let saved = browser.post(&group, &fields("Dos planos", "plans:write")).await.expect(303);
        assert!(text(&browser.get(saved.header("location")).await.expect(200)).contains("O grupo foi guardado"));
        let told = text(&browser.post(&group, &fields("Outro nome", "shops:read")).await.expect(412));
        assert!(told.contains("<li>O que dá: Planos (ver e alterar)</li>"), "{told}");
        let nameless =
            text(&browser.post("/operator/groups", &[("/name", " "), ("/permissions", "")]).await.expect(422));
        assert!(nameless.contains("id=\"name-error\""), "{nameless}");
    });
}

#[test]
fn s48_the_platforms_staff_and_a_shops_do_not_enter_each_others_panel() {
    run(async {
        let bed = bed().await;
        let owner = Owner::new(bed, "cada-um-no-seu").await;
        let (operator, owners) = (Member::new(bed, "no-seu").await.browser(bed).await, owner.browser(bed).await);
        let opens = async |host: &str, path: &str, browser: &Browser<'_>| {
            let cookie = format!("feira_session={}", browser.session().unwrap());
            send(bed.request(host, "GET", path).header("cookie", cookie)).await.status
        };
        for (path, other) in [("/operator/staff", "/admin/staff"), ("/operator/groups", "/admin/groups")] {
            assert_eq!(opens("localhost", path, &operator).await, 200);
            assert_eq!(opens(&owner.shop.host, other, &owners).await, 200);
            assert_eq!(opens("localhost", path, &owners).await, 303);
            assert_eq!(opens(&owner.shop.host, other, &operator).await, 303);
            // Nor are the one's pages on the other's host.
            assert_eq!(opens(&owner.shop.host, path, &owners).await, 404);
            assert_eq!(opens("localhost", other, &operator).await, 404);
        }
    });
}

#[test]
fn s62_s63_f24_a_shops_staff_is_invited_with_a_group_and_does_what_it_gives() {
    run(async {
        let bed = bed().await;
        let owner = Owner::new(bed, "equipe-da-loja").await;
        let mut browser = owner.browser(bed).await;
        let id = group(&mut browser, "/admin", "Depósito", "stock:write").await;
        let new = text(&browser.get("/admin/staff/new").await.expect(200));
        assert!(new.contains("Depósito: Estoque (ver e alterar)") && !new.contains("shops:read"), "{new}");
        let fields = [
            ("/email", "bia@equipe-da-loja.example"),
            ("/name", "Bia Reis"),
            ("/roles", "member"),
            ("/groups", ""),
            ("/groups", id.as_str()),
            ("/permissions", ""),
            ("/permissions", "tokens:read"),
        ];
        let shown = text(&browser.post("/admin/staff", &fields).await.expect(200));
        assert!(shown.contains("Enviamos um e-mail a Bia Reis") && shown.contains("Grupos: Depósito."), "{shown}");
        assert!(shown.contains("Estoque (ver e alterar), Tokens da API (ver)"), "{shown}");
        choose(&mut owner.visitor(bed), &owner.link_in(&shown), PASSWORD).await.expect(303);
        let mut hers = owner.visitor(bed);
        hers.log_in("bia@equipe-da-loja.example", PASSWORD).await.expect(303);
        let leads = |page: &str, path: &str| page.contains(&format!("href=\"{path}\""));
        let first = text(&hers.get("/admin").await.expect(200));
        assert!(leads(&first, "/admin/stock") && leads(&first, "/admin/tokens"), "{first}");
        assert!(!leads(&first, "/admin/staff") && !leads(&first, "/admin/products"), "{first}");
        hers.get("/admin/tokens").await.expect(200);
        for denied in ["/admin/tokens/new", "/admin/staff", "/admin/staff/new", "/admin/groups"] {
            hers.get(denied).await.expect(403);
        }
        hers.post("/admin/staff", &[("/email", "x@equipe-da-loja.example"), ("/name", "X")]).await.expect(403);

        // A member without a group sees nothing, an administrator everything.
        let list = text(&browser.get("/admin/staff").await.expect(200));
        assert!(list.contains("Membro · Depósito") && list.contains("(você)"), "{list}");
        let page = format!("/admin/staff/{}", id_of(&list, "Bia Reis"));
        let areas = ["products", "categories", "stock", "coupons", "payment-methods", "settings", "staff", "tokens"];
        let areas = areas.map(|area| format!("/admin/{area}"));
        let given = give(&mut browser, &page, "Bia Reis", "member", &[]).await;
        assert!(given.contains("nada além do próprio acesso"), "{given}");
        let first = text(&hers.get("/admin").await.expect(200));
        assert!(areas.iter().all(|area| !leads(&first, area)), "{first}");
        hers.get("/admin/tokens").await.expect(403);
        let given = give(&mut browser, &page, "Bia Reis", "administrator", &[]).await;
        assert!(given.contains("<dd>tudo</dd>"), "{given}");
        let first = text(&hers.get("/admin").await.expect(200));
        assert!(areas.iter().all(|area| leads(&first, area)), "{first}");
        for open in ["/admin/tokens/new", "/admin/staff/new", "/admin/groups"] {
            hers.get(open).await.expect(200);
        }

        // Kept out and let in again, after a question each.
        for (verb, word) in [("disable", "foi desativado"), ("enable", "foi reativado")] {
            let asks = text(&browser.get(&format!("{page}/{verb}")).await.expect(200));
            // What a person made for programs does not end with it.
            assert_eq!(asks.contains("<a href=\"/admin/tokens\">Veja os tokens</a>"), verb == "disable", "{asks}");
            let done = browser.post(&format!("{page}/{verb}"), &[]).await.expect(303);
            assert!(text(&browser.get(done.header("location")).await.expect(200)).contains(word));
            hers.get("/admin").await.expect(303);
        }
        owner.visitor(bed).log_in("bia@equipe-da-loja.example", PASSWORD).await.expect(303);
    });
}

#[test]
fn s62_s63_the_last_administrator_of_a_shop_stays_one() {
    run(async {
        let bed = bed().await;
        let owner = Owner::new(bed, "equipe-de-um-so").await;
        let mut browser = owner.browser(bed).await;
        let page = format!("/admin/staff/{}", owner.id);
        let version = version_of(&text(&browser.get(&page).await.expect(200)));
        let less = [("/name", "Ana Lima"), ("/roles", "member"), ("/permissions", ""), ("_version", version.as_str())];
        let refused = text(&browser.post(&page, &less).await.expect(409));
        assert!(refused.contains("Este é o último administrador ativo.") && refused.contains("<form"), "{refused}");
        let refused = text(&browser.post(&format!("{page}/disable"), &[]).await.expect(409));
        assert!(refused.contains("Este é o último administrador ativo."), "{refused}");
        browser.get("/admin/staff").await.expect(200);
    });
}

#[test]
fn s62_s63_nobody_gives_what_he_lacks_nor_gets_the_link_of_who_may_do_more() {
    run(async {
        let bed = bed().await;
        let owner = Owner::new(bed, "equipe-com-degraus").await;
        let member = owner.member(bed, "rui", &["team:write", "stock:write"]).await;
        let mut his = owner.visitor(bed);
        his.log_in(&member.email, PASSWORD).await.expect(303);
        let new = text(&his.get("/admin/staff/new").await.expect(200));
        assert!(!new.contains("value=\"administrator\"") && !new.contains("value=\"payments:read\""), "{new}");
        let invites = [("/email", "lia@equipe-com-degraus.example"), ("/name", "Lia")];
        for more in [vec![("/roles", "administrator")], vec![("/roles", "member"), ("/permissions", "payments:read")]] {
            let refused = text(&his.post("/admin/staff", &[&invites[..], &more].concat()).await.expect(403));
            assert!(!refused.contains("/admin/link?t="), "{refused}");
        }
        let within = [("/roles", "member"), ("/permissions", ""), ("/permissions", "stock:read")];
        let shown = text(&his.post("/admin/staff", &[&invites[..], &within].concat()).await.expect(200));
        owner.link_in(&shown);
        let denied = text(&his.post(&format!("/admin/staff/{}/link", owner.id), &[]).await.expect(403));
        assert!(!denied.contains("/admin/link?t=") && denied.contains("Não foi feito"), "{denied}");
        let fields = [("/name", "Depósito"), ("/permissions", ""), ("/permissions", "catalogue:write")];
        his.post("/admin/groups", &fields).await.expect(403);
    });
}
