//! A platform that takes sign-ups: a Feira with effects, a simulator as its gateway, the platform's account there, and a plan.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use feira_node::config::Config;
use feira_schemas::{
    ids::TenantId,
    records::{
        signup::{Subscription, SubscriptionStatus},
        store::ShopStatus,
    },
    rows::{admin::TenantRow, directory::NameRow, signup::SubscriptionRow},
};
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    common::{
        gateway::{Remote, Simulator, pointed_at},
        process::free_port,
        services::OPERATOR_TOKEN,
        signup::mails::unquoted,
        until,
    },
    world::World,
};

/// The name of the plan.
pub const PLAN: &str = "Essencial";
/// The plan's price.
pub const PRICE: &str = "49,90";

/// A platform that takes sign-ups.
pub struct Platform {
    world: World,
    simulator: Simulator,
    /// The platform's account as the simulator has it.
    pub remote: Remote,
    client: Client,
}

impl Platform {
    /// Starts one whose only plan can be paid in every way.
    pub async fn start() -> Self {
        let simulator = Simulator::start().await;
        // Mails name the listener's port, which is therefore known before.
        let listen = SocketAddr::from(([127, 0, 0, 1], free_port()));
        let world = World::configured(|config| {
            pointed_at(&simulator.base, Config { listen, operator_token: OPERATOR_TOKEN.into(), ..config })
        })
        .await;
        let remote = simulator.account("pagarme").await;
        let client = Client::builder().no_proxy().build().unwrap();
        let platform = Self { world, simulator, remote, client };
        platform.account().await;
        platform.plan().await;
        platform
    }

    /// Saves the platform's account, whose callbacks come here.
    async fn account(&self) {
        let body = json!({
            "name": "Plataforma", "gateway": "pagarme",
            "public_key": self.remote.public_key, "secret_key": self.remote.secret_key,
        });
        let account = self.made("/payments/accounts", &body).await;
        let text = |value: &Value| value.as_str().unwrap_or_else(|| panic!("{account}")).to_owned();
        let callback = &account["callback"];
        let address = text(&callback["address"]);
        let (_, path) = address.split_once("/payments/").unwrap();
        let here = self.url(&format!("/payments/{path}"));
        self.remote.hooked_to(&here, &text(&callback["user"]), &text(&callback["password"])).await;
    }

    /// Makes the plan, and waits until cards can pay it.
    async fn plan(&self) {
        let plan = json!({
            "name": PLAN, "price": {"amount": 4_990, "currency": "BRL"}, "months": 1,
            "methods": ["card", "boleto", "pix"],
            "description": "Para começar a vender.", "features": ["Loja própria", "Sem comissão"],
            "limits": {"products": 100, "staff": 3},
        });
        let plan = self.made("/plans", &plan).await;
        let path = format!("/plans/{}", plan["id"].as_str().unwrap());
        until("the plan is made at the gateway", async || {
            let (status, plan) = self.operator(Method::GET, &path, None).await;
            status == 200 && plan["gateway_plan"]["status"] == "made"
        })
        .await;
    }

    /// Asks the operator's API.
    pub async fn operator(&self, method: Method, path: &str, body: Option<&Value>) -> (u16, Value) {
        let mut request = self.request(method, path);
        if let Some(body) = body {
            request = request.json(body);
        }
        answered(request).await
    }

    /// What the operator's API has made. It is asked with one key until that is decided.
    pub async fn made(&self, path: &str, body: &Value) -> Value {
        let (key, mut made) = (Uuid::new_v4().to_string(), Value::Null);
        until("what is asked for is made", async || {
            let request = self.request(Method::POST, path).header("idempotency-key", &key);
            let (status, answer) = answered(request.json(body)).await;
            // The shop of a path may be made and not written yet.
            assert!(matches!(status, 201 | 202 | 404), "{path}: {status} {answer}");
            made = answer;
            status == 201
        })
        .await;
        made
    }

    /// A request to the operator's API.
    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.client.request(method, self.world.url("127.0.0.1", &format!("/api/operator/v1{path}")));
        request.header("host", self.host()).bearer_auth(OPERATOR_TOKEN)
    }

    /// The platform's host with its port, as browsers name it.
    fn host(&self) -> String {
        self.world.url("localhost", "").trim_start_matches("http://").to_owned()
    }

    /// The beginning of what the gateway is asked at.
    pub fn gateway(&self) -> &str {
        &self.simulator.base
    }

    /// An address on the platform's host.
    pub fn url(&self, path: &str) -> String {
        self.world.url("localhost", path)
    }

    /// An address on a shop's sub-domain.
    pub fn of_shop(&self, subdomain: &str, path: &str) -> String {
        self.world.url(&format!("{subdomain}.localhost"), path)
    }

    /// The sub-domains of all shops that there are.
    pub async fn shops(&self) -> Vec<String> {
        let rows = self.world.node.platform.state.scan_table::<TenantRow>(None, 100).await.unwrap().rows;
        let rows = rows.into_iter().filter(|row| row.tenant.tenant_id != TenantId::PLATFORM);
        let mut shops: Vec<String> = rows.map(|row| row.tenant.subdomain).collect();
        shops.sort();
        shops
    }

    /// Waits until these are all shops that there are, in order.
    pub async fn has_shops(&self, subdomains: &[&str]) {
        until("the shops", async || self.shops().await == subdomains).await;
    }

    /// Waits until buyers find the shop open: its name and its pages come on their own time.
    pub async fn serves(&self, subdomain: &str) {
        let node = &self.world.node;
        until("the shop is open to buyers", async || {
            let Some(tenant) = self.tenant(subdomain).await else { return false };
            let name = node.platform.state.get::<NameRow>(&NameRow::at(subdomain)).await.unwrap();
            let shop = node.storefront.shop(tenant).await.unwrap();
            name.is_some() && shop.is_some_and(|shop| shop.status == ShopStatus::Open && shop.settings_version > 0)
        })
        .await;
    }

    /// Waits until buyers find the product with this address.
    pub async fn sells(&self, subdomain: &str, slug: &str) {
        let storefront = &self.world.node.storefront;
        until("the product is in the shop", async || {
            let Some(tenant) = self.tenant(subdomain).await else { return false };
            storefront.by_slug(tenant, slug).await.unwrap().is_some()
        })
        .await;
    }

    async fn tenant(&self, subdomain: &str) -> Option<TenantId> {
        let rows = self.world.node.platform.state.scan_table::<TenantRow>(None, 100).await.unwrap().rows;
        rows.into_iter().find(|row| row.tenant.subdomain == subdomain).map(|row| row.tenant.tenant_id)
    }

    /// All subscriptions.
    pub async fn subscriptions(&self) -> Vec<Subscription> {
        let rows = self.world.node.platform.state.scan_table::<SubscriptionRow>(None, 100).await.unwrap().rows;
        rows.into_iter().map(|row| row.subscription).collect()
    }

    /// The state of the only subscription.
    pub async fn status(&self) -> SubscriptionStatus {
        let [subscription] = &self.subscriptions().await[..] else { panic!("one subscription") };
        subscription.status
    }

    /// The charges that brought money.
    pub async fn paid(&self) -> usize {
        let paid = |charge: &&Value| charge["received"].as_i64().unwrap() > 0;
        self.remote.truth().await.iter().filter(paid).count()
    }

    /// The link to the panel of a shop in a mail to its first administrator.
    pub async fn mailed_link(&self, subdomain: &str) -> String {
        let begin = format!("{}?t=", self.of_shop(subdomain, "/admin/link"));
        let (folder, mut link) = (self.world.data().join("mail"), String::new());
        until("a mail with a link to the panel", async || {
            let found = mails(&folder).iter().find_map(|mail| link_in(mail, &begin));
            link = found.unwrap_or_default();
            !link.is_empty()
        })
        .await;
        link
    }

    /// Ends it; browsers have ended before.
    pub async fn stop(self) {
        self.world.node.stop().await.unwrap();
        self.simulator.stop().await;
    }
}

/// An answer's status and what it holds.
async fn answered(request: RequestBuilder) -> (u16, Value) {
    let answer = request.send().await.unwrap();
    let (status, text) = (answer.status().as_u16(), answer.text().await.unwrap());
    (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
}

/// The whole text of every mail in a folder and in those below it.
fn mails(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let entries = entries.map(|entry| entry.unwrap().path());
    let read = |path: PathBuf| match path.extension() {
        _ if path.is_dir() => mails(&path),
        Some(extension) if extension == "eml" => vec![unquoted(&fs::read_to_string(&path).unwrap())],
        _ => Vec::new(),
    };
    entries.flat_map(read).collect()
}

/// A link of a mail that begins so.
fn link_in(mail: &str, begin: &str) -> Option<String> {
    let (_, rest) = mail.split_once(begin)?;
    let is_of_it = |letter: char| letter.is_ascii_alphanumeric() || "-_.~%=:".contains(letter);
    Some(format!("{begin}{}", rest.chars().take_while(|letter| is_of_it(*letter)).collect::<String>()))
}
