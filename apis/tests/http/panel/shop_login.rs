//! The panel of a shop: its staff gets in on the shop's own sub-domain, and nowhere else.

use std::{fs, path::PathBuf, time::Duration};

use feira_schemas::{
    ids::{SignupPlanId, SubscriptionId, TenantId},
    records::{
        admin::{Standing, Tenant, TenantStatus},
        directory::{Name, NameStatus},
        signup::PlanLimits,
    },
    row::Write,
    rows::{
        admin::{ProductCountRow, StandingRow, TenantRow},
        directory::NameRow,
    },
    time::HOUR,
};
use serde_json::json;
use uuid::Uuid;

use super::{Browser, Member, PASSWORD, choose, staff::id_of, text};
use crate::{
    bed::{Bed, Shop, bed, send},
    reconciliation::until,
    run,
    sign_up::mails::unquoted,
};

/// A member of a shop's staff.
pub struct Owner {
    pub shop: Shop,
    pub id: String,
    pub email: String,
    /// The path of the link of the invitation.
    pub link: String,
}

impl Owner {
    /// The first administrator of a new shop, who was invited as `tenant create --email` does.
    async fn invited(bed: &Bed, subdomain: &str) -> Self {
        let shop = bed.shop(subdomain).await;
        let email = format!("dona@{subdomain}.example");
        let body = json!({"email": email, "name": "Ana Lima"});
        let made = send(bed.operator("POST", &format!("/tenants/{}/staff", shop.id)).json(&body)).await.expect(201);
        assert_eq!(made.header("cache-control"), "no-store");
        let (id, link) = (made.json["id"].as_str().unwrap().to_owned(), made.json["link"].as_str().unwrap());
        let link = link.strip_prefix(&format!("http://{}", shop.host)).unwrap().to_owned();
        assert!(link.starts_with("/admin/link?t="), "{link}");
        Self { shop, id, email, link }
    }

    /// One that has chosen its password.
    pub async fn new(bed: &Bed, subdomain: &str) -> Self {
        let owner = Self::invited(bed, subdomain).await;
        let chosen = choose(&mut owner.visitor(bed), &owner.link, PASSWORD).await.expect(303);
        assert_eq!(chosen.header("location"), "/admin/login?done=password");
        owner
    }

    /// A browser on the shop's sub-domain in which nobody has logged in.
    pub fn visitor<'a>(&self, bed: &'a Bed) -> Browser<'a> {
        Browser::at(bed, &self.shop.host)
    }

    /// One in which the member has logged in.
    pub async fn browser<'a>(&self, bed: &'a Bed) -> Browser<'a> {
        let mut browser = self.visitor(bed);
        browser.log_in(&self.email, PASSWORD).await.expect(303);
        browser
    }

    /// Another member of the shop's staff, who is no administrator, holds these permissions and has chosen a password.
    pub async fn member(&self, bed: &Bed, name: &str, permissions: &[&str]) -> Member {
        let mut browser = self.browser(bed).await;
        browser.get("/admin/staff/new").await.expect(200);
        let email = format!("{name}@{}", self.shop.host);
        let email = email.replace(".localhost", ".example");
        let mut fields = vec![("/email", email.as_str()), ("/name", name), ("/roles", "member"), ("/permissions", "")];
        fields.extend(permissions.iter().map(|permission| ("/permissions", *permission)));
        let shown = text(&browser.post("/admin/staff", &fields).await.expect(200));
        let link = self.link_in(&shown);
        choose(&mut self.visitor(bed), &link, PASSWORD).await.expect(303);
        let list = text(&browser.get("/admin/staff").await.expect(200));
        Member { id: id_of(&list, name), email, link }
    }

    /// The path of the link that a page shows once.
    pub fn link_in(&self, page: &str) -> String {
        let before = format!("value=\"http://{}:8080", self.shop.host);
        let (_, rest) = page.split_once(&before).unwrap_or_else(|| panic!("{page}"));
        let link = rest.split('"').next().unwrap().to_owned();
        assert!(link.starts_with("/admin/link?t="), "{link}");
        link
    }

    pub fn tenant(&self) -> TenantId {
        self.shop.id.parse().unwrap()
    }
}

/// Writes rows past what decides, later than all that it has written.
async fn written(bed: &Bed, writes: impl Fn(i64) -> Vec<Write>) {
    bed.api.platform.state.write(&writes(bed.api.platform.now() + HOUR)).await.unwrap();
}

#[test]
fn s49_a_shops_staff_chooses_a_password_logs_in_and_sees_its_shop() {
    run(async {
        let bed = bed().await;
        let owner = Owner::new(bed, "painel-da-dona").await;
        let mut browser = owner.visitor(bed);
        assert!(text(&browser.get("/admin/login").await.expect(200)).contains("Para a equipe de painel-da-dona."));
        let entered = browser.log_in(" DONA@painel-da-dona.example ", PASSWORD).await.expect(303);
        assert_eq!(entered.header("location"), "/admin");
        let cookie = entered.header("set-cookie");
        assert!(
            cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && !cookie.contains("Domain"),
            "{cookie}"
        );
        let first = browser.get("/admin").await.expect(200);
        assert_eq!((first.header("cache-control"), first.header("origin-agent-cluster")), ("no-store", "?1"));
        let first = text(&first);
        for part in [
            "Olá, Ana Lima",
            "<title>Olá, Ana Lima · painel-da-dona</title>",
            "href=\"http://painel-da-dona.localhost:8080/\"",
            "Aberta",
            "href=\"/\"",
        ] {
            assert!(first.contains(part), "{part}: {first}");
        }
        assert!(!first.contains("/operator") && !first.contains("Plano"), "{first}");
        let steps = ["/admin/products/new", "/admin/settings", "/admin/payment-methods", "/admin/staff/new"];
        for path in steps.into_iter().chain(["/admin/categories", "/admin/stock", "/admin/groups", "/admin/tokens"]) {
            // Groups are led to from the staff.
            let is_led_to = first.contains(&format!("href=\"{path}\""));
            assert_eq!(is_led_to, path != "/admin/groups", "{path}: {first}");
        }
        let style = first.split_once("rel=\"stylesheet\" href=\"").unwrap().1.split('"').next().unwrap();
        let style = send(bed.request(&owner.shop.host, "GET", style)).await.expect(200);
        assert!(style.header("cache-control").contains("immutable"));
        // The link has served.
        let spent = text(&owner.visitor(bed).get(&owner.link).await.expect(410));
        assert!(spent.contains("href=\"/admin/login\"") && spent.contains("href=\"/admin/forgot\""), "{spent}");
    });
}

#[test]
fn s49_the_log_in_of_a_shop_is_on_its_own_sub_domain_alone() {
    run(async {
        let bed = bed().await;
        let (owner, other) = (Owner::new(bed, "so-no-meu").await, bed.shop("so-no-outro").await);
        let unspent = Owner::invited(bed, "so-com-link").await;
        // On another shop's host nobody knows who that is, nor the link.
        Browser::at(bed, &other.host).log_in(&owner.email, PASSWORD).await.expect(422);
        Browser::at(bed, &other.host).get(&unspent.link).await.expect(410);
        // The platform has no such pages, and its own do not know a shop's staff.
        for path in ["/admin", "/admin/login", "/admin/forgot", unspent.link.as_str()] {
            send(bed.request("localhost", "GET", path)).await.expect(404);
        }
        Browser::new(bed).log_in(&owner.email, PASSWORD).await.expect(422);
        let (_, link) = unspent.link.split_once("?t=").unwrap();
        Browser::new(bed).get(&format!("/operator/link?t={link}")).await.expect(410);
        send(bed.request(&owner.shop.host, "GET", "/operator/login")).await.expect(404);
        unspent.visitor(bed).get(&unspent.link).await.expect(200);
        // A domain of the shop's own leads to the sub-domain, and sets no cookie.
        let (tenant_id, status) = (owner.tenant(), NameStatus::Confirmed);
        let name = Name { name: "so-no-meu.example".into(), tenant_id, status, until: None };
        written(bed, |at| vec![Write::put(NameRow { name: name.clone(), version: 1 }, at)]).await;
        for (method, path) in
            [("GET", "/admin"), ("GET", "/admin/login?next=%2Fadmin"), ("POST", "/admin/login"), ("GET", "/admin/nada")]
        {
            let led = send(bed.request("so-no-meu.example:8080", method, path)).await.expect(303);
            assert_eq!(led.header("location"), format!("http://so-no-meu.localhost:8080{path}"), "{method}");
            assert!(led.headers.get("set-cookie").is_none());
        }
        send(bed.request("so-no-meu.example", "GET", "/administrador")).await.expect(404);
    });
}

#[test]
fn s49_a_session_is_of_one_shop_or_of_the_platform() {
    run(async {
        let bed = bed().await;
        let (one, other) = (Owner::new(bed, "sessao-daqui").await, Owner::new(bed, "sessao-de-la").await);
        let operator = Member::new(bed, "nao-e-da-loja").await.browser(bed).await;
        let (mut ones, others) = (one.browser(bed).await, other.browser(bed).await);
        ones.get("/admin").await.expect(200);
        let opens = async |host: &str, path: &str, session: &str| {
            let cookie = format!("feira_session={session}");
            send(bed.request(host, "GET", path).header("cookie", cookie)).await.status
        };
        let session = |browser: &Browser| browser.session().unwrap().to_owned();
        assert_eq!(opens(&one.shop.host, "/admin", &session(&ones)).await, 200);
        for wrong in [session(&others), session(&operator)] {
            assert_eq!(opens(&one.shop.host, "/admin", &wrong).await, 303);
        }
        assert_eq!(opens("localhost", "/operator", &session(&ones)).await, 303);
        assert_eq!(opens("localhost", "/operator", &session(&operator)).await, 200);
    });
}

#[test]
fn s49_the_panel_of_a_shop_leads_to_its_own_pages_alone_and_lets_out() {
    run(async {
        let bed = bed().await;
        let owner = Owner::new(bed, "painel-caminhos").await;
        let mut browser = owner.visitor(bed);
        let led = browser.get("/admin?done=out").await.expect(303);
        assert_eq!(led.header("location"), "/admin/login?next=%2Fadmin%3Fdone%3Dout");
        for (next, leads) in [
            ("/admin?done=out", "/admin?done=out"),
            ("/", "/admin"),
            ("/products", "/admin"),
            ("/admin/../products", "/admin"),
            ("//evil.example", "/admin"),
        ] {
            let mut browser = owner.visitor(bed);
            browser.get("/admin/login").await.expect(200);
            let fields = [("/email", owner.email.as_str()), ("/password", PASSWORD), ("_next", next)];
            assert_eq!(browser.post("/admin/login", &fields).await.expect(303).header("location"), leads, "{next}");
        }
        let wrong = owner.visitor(bed).log_in(&owner.email, "outra senha qualquer").await.expect(422);
        let unknown = owner.visitor(bed).log_in("ninguem@painel.example", PASSWORD).await.expect(422);
        assert!([&wrong, &unknown].iter().all(|page| text(page).contains("E-mail ou senha não conferem.")));

        let (mut one, mut two) = (owner.browser(bed).await, owner.browser(bed).await);
        one.get("/admin").await.expect(200);
        let (cookies, token) = (one.cookies.clone(), one.token.clone());
        // Neither from a neighbour nor without the token.
        let neighbour = one.request("POST", "/admin/logout").header("sec-fetch-site", "same-site");
        let body = format!("_token={token}");
        let form = "application/x-www-form-urlencoded";
        send(neighbour.header("content-type", form).body(body)).await.expect(403);
        one.token = String::new();
        one.post("/admin/logout", &[]).await.expect(403);
        one.token = token;
        let out = one.post("/admin/logout", &[]).await.expect(303);
        assert_eq!((out.header("location"), one.session()), ("/admin/login?done=out", None));
        one.cookies = cookies;
        one.get("/admin").await.expect(303);
        let mut three = owner.browser(bed).await;
        two.get("/admin").await.expect(200);
        let ended = two.post("/admin/sessions/end", &[]).await.expect(303);
        assert_eq!(ended.header("location"), "/admin/login?done=ended");
        three.get("/admin").await.expect(303);
    });
}

#[test]
fn s49_staff_of_a_suspended_shop_logs_in_and_is_told() {
    run(async {
        let bed = bed().await;
        let owner = Owner::new(bed, "painel-suspenso").await;
        send(bed.operator("POST", &format!("/tenants/{}/suspend", owner.shop.id))).await.expect(200);
        let mut browser = owner.browser(bed).await;
        let page = text(&browser.get("/admin").await.expect(200));
        assert!(page.contains("A loja está suspensa") && page.contains("Suspensa"), "{page}");
        assert!(!page.contains("Próximos passos") && !page.contains("/admin/products/new"), "{page}");
        let refused = text(&browser.post("/admin/tokens", &[("/label", "planilha")]).await.expect(403));
        assert!(refused.contains("Esta loja não está ativa") && refused.contains("value=\"planilha\""), "{refused}");
    });
}

#[test]
fn a_shop_that_was_refused_has_no_panel() {
    run(async {
        let bed = bed().await;
        let owner = Owner::new(bed, "painel-recusado").await;
        let mut browser = owner.browser(bed).await;
        let at = TenantRow::at(owner.tenant());
        let row = bed.api.platform.state.get::<TenantRow>(&at).await.unwrap().unwrap();
        let tenant = Tenant { status: TenantStatus::Refused, ..row.tenant };
        written(bed, |at| vec![Write::put(TenantRow { tenant: tenant.clone() }, at)]).await;
        for path in ["/admin", "/admin/login", "/admin/forgot", owner.link.as_str()] {
            let page = text(&browser.get(path).await.expect(404));
            assert!(page.contains("/admin/assets/panel.css") && !page.contains("/operator"), "{page}");
        }
        for host in ["ninguem-aqui.localhost", "ninguem.example"] {
            send(bed.request(host, "GET", "/admin")).await.expect(404);
        }
    });
}

#[test]
fn the_first_page_says_by_which_plan_a_shop_is_there() {
    run(async {
        let bed = bed().await;
        let owner = Owner::new(bed, "painel-com-plano").await;
        let standing = Standing {
            version: 1,
            subscription_id: SubscriptionId::from_uuid(Uuid::new_v4()),
            source_version: 5,
            plan_id: SignupPlanId::from_uuid(Uuid::new_v4()),
            plan_name: "Essencial".into(),
            limits: PlanLimits { products: Some(100), staff: None },
            changed_at: 0,
        };
        let tenant_id = owner.tenant();
        written(bed, |at| {
            let standing = StandingRow { tenant_id, standing: standing.clone() };
            vec![Write::put(standing, at), Write::put(ProductCountRow { tenant_id, products: 1_234 }, at)]
        })
        .await;
        let page = text(&owner.browser(bed).await.get("/admin").await.expect(200));
        for part in ["Essencial", "até 100 produtos, equipe sem limite", "1.234"] {
            assert!(page.contains(part), "{part}: {page}");
        }
    });
}

/// The texts of the mails that a member of a shop's staff has got.
fn mails(bed: &Bed, owner: &Owner) -> Vec<String> {
    let folder: PathBuf = bed.mail_folder.join(&owner.shop.id).join(format!("staff-{}", owner.id));
    let Ok(files) = fs::read_dir(folder) else { return Vec::new() };
    let files = files.map(|file| file.unwrap().path());
    let files = files.filter(|file| file.extension().is_some_and(|extension| extension == "eml"));
    files.map(|file| unquoted(&fs::read_to_string(file).unwrap())).collect()
}

#[test]
fn s49_staff_of_a_shop_that_has_forgotten_its_password_or_wants_another_gets_a_link_by_mail() {
    run(async {
        let bed = bed().await;
        let owner = Owner::new(bed, "painel-esquecido").await;
        let mut answers = Vec::new();
        for email in [owner.email.as_str(), "ninguem@painel-esquecido.example"] {
            let mut browser = owner.visitor(bed);
            browser.get("/admin/forgot").await.expect(200);
            let asked = browser.post("/admin/forgot", &[("/email", email)]).await.expect(303);
            answers.push((asked.header("location").to_owned(), asked.bytes));
        }
        assert_eq!(answers[0], answers[1]);
        assert_eq!(answers[0].0, "/admin/login?done=mailed");
        let mut inside = owner.browser(bed).await;
        inside.get("/admin").await.expect(200);
        let asked = inside.post("/admin/password", &[]).await.expect(303);
        assert_eq!(asked.header("location"), "/admin?done=password-asked");
        assert!(text(&inside.get("/admin?done=password-asked").await.expect(200)).contains("Enviamos a você um link"));
        // The invitation, and the two that were asked for.
        let all = until("the mails", async || Some(mails(bed, &owner)).filter(|mails| mails.len() == 3)).await;
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert_eq!(mails(bed, &owner).len(), 3);
        let links = all.iter().map(|mail| mail.split_once("/admin/link?t=").unwrap_or_else(|| panic!("{mail}")));
        let links: Vec<String> =
            links.map(|(_, rest)| format!("/admin/link?t={}", rest.split_whitespace().next().unwrap())).collect();
        let mut good = Vec::new();
        for link in &links {
            if owner.visitor(bed).get(link).await.status == 200 {
                good.push(link);
            }
        }
        assert_eq!(good.len(), 2, "the invitation's has served");
        choose(&mut owner.visitor(bed), good[0], "outra lanterna na chuva").await.expect(303);
        inside.get("/admin").await.expect(303);
        owner.visitor(bed).get(good[1]).await.expect(410);
        owner.visitor(bed).log_in(&owner.email, "outra lanterna na chuva").await.expect(303);
    });
}
