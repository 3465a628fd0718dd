//! A Feira that listens, its shops, and what buyers ask of it.

use std::{net::SocketAddr, path::Path};

use feira_node::{
    config::Config,
    node::Node,
    serve::{self, Credentials},
};
use feira_schemas::{
    api::product::product_content,
    ids::{CategoryId, ProductId, TenantId},
    records::{
        AdminCommand,
        admin::{CategoryContent, ChangeSettings, CreateCategory, CreateProduct, PatchProduct},
        common::{CommandResult, Outcome},
    },
    rows::directory::NameRow,
};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::common::{self, admin, config, meta, position};

/// A Feira that listens, and the position of the last write, which every read then asks for.
pub struct World {
    pub node: Node,
    address: SocketAddr,
    client: reqwest::Client,
    pub at_least: String,
    folder: TempDir,
}

/// An answer, read whole.
pub struct Answer {
    pub status: u16,
    headers: reqwest::header::HeaderMap,
    pub text: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("{}: {}", self.status, self.text))
    }

    /// The addresses of the items of a list.
    pub fn slugs(&self) -> Vec<String> {
        let items = self.json()["items"].as_array().unwrap_or_else(|| panic!("{}", self.text)).clone();
        items.iter().map(|item| item["slug"].as_str().unwrap().to_owned()).collect()
    }

    /// The addresses of the products that a page shows as cards, in order.
    pub fn cards(&self) -> Vec<String> {
        let links = self.text.split("card-link\" href=\"/product/").skip(1);
        links.map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
    }
}

impl World {
    pub async fn new() -> Self {
        Self::on("localhost").await
    }

    /// With this as the platform's domain.
    pub async fn on(platform_domain: &str) -> Self {
        Self::behind("", platform_domain).await
    }

    /// With this as the platform's domain, and these addresses as those of proxies that are trusted.
    pub async fn behind(proxies: &str, platform_domain: &str) -> Self {
        let (platform_domain, trusted_proxies) = (platform_domain.to_owned(), proxies.to_owned());
        Self::configured(|config| Config { platform_domain, trusted_proxies, ..config }).await
    }

    /// With what a test makes of the configuration.
    pub async fn configured(change: impl FnOnce(Config) -> Config) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = change(Config { listen: "127.0.0.1:0".parse().unwrap(), ..config(&folder) });
        let mut node = Node::start(&config).await.unwrap();
        let api = serve::api(&node, &config, &Credentials::of(&config).unwrap(), None, feira_apis::SITE).unwrap();
        let address = serve::start(&mut node, api, &config, feira_apis::SITE).await.unwrap();
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build().unwrap();
        Self { node, address, client, at_least: String::new(), folder }
    }

    /// The data folder.
    pub fn data(&self) -> &Path {
        self.folder.path()
    }

    pub async fn shop(&mut self, subdomain: &str) -> TenantId {
        let tenant = common::tenant(&self.node, subdomain).await;
        let state = &self.node.platform.state;
        let is_known = async || state.get::<NameRow>(&NameRow::at(subdomain)).await.unwrap().is_some();
        common::until("its name is known", is_known).await;
        let tagline = Some("Bem-vindo".into());
        self.write(ChangeSettings { tagline, ..settings(tenant) }).await;
        tenant
    }

    /// Sends a command that changes something; later reads ask for its position.
    pub async fn write(&mut self, command: impl Into<AdminCommand>) -> CommandResult {
        let result = admin(&self.node, command).await;
        let good = matches!(result.outcome, Outcome::Created | Outcome::Updated | Outcome::Deleted);
        assert!(good, "{result:?}");
        self.at_least = position(&result).to_string();
        result
    }

    pub async fn category(&mut self, shop: TenantId, name: &str, parent_id: Option<CategoryId>) -> CategoryId {
        let content = CategoryContent { name: name.into(), slug: None, parent_id };
        let result = self.write(CreateCategory { meta: meta(shop), content }).await;
        result.aggregate_id.unwrap().parse().unwrap()
    }

    pub async fn product(&mut self, shop: TenantId, body: Value) -> ProductId {
        let content = product_content(serde_json::from_value(body).unwrap()).unwrap();
        let result = self.write(CreateProduct { meta: meta(shop), content }).await;
        result.aggregate_id.unwrap().parse().unwrap()
    }

    pub async fn patch(&mut self, shop: TenantId, product_id: ProductId, patch: Value) {
        self.write(PatchProduct { meta: meta(shop), product_id, merge_patch: patch.to_string() }).await;
    }

    pub async fn get_with(&self, host: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.ask("GET", host, path, headers).await
    }

    /// The answer to a request without a body.
    pub async fn ask(&self, method: &str, host: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        let (url, method) = (format!("http://{}{path}", self.address), method.parse().unwrap());
        let mut request = self.client.request(method, url).header("host", host);
        if !self.at_least.is_empty() {
            request = request.header("feira-at-least", &self.at_least);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Answer { status, headers, text: response.text().await.unwrap() }
    }

    /// The address of a path on a host, for a client that finds hosts by itself.
    pub fn url(&self, host: &str, path: &str) -> String {
        format!("http://{host}:{}{path}", self.address.port())
    }

    /// The answer of a shop to a GET, showing the last write. A view that is behind says 409, and is asked again.
    pub async fn get(&self, host: &str, path: &str) -> Answer {
        let deadline = tokio::time::Instant::now() + common::PATIENCE;
        loop {
            let answer = self.get_with(host, path, &[]).await;
            if answer.status != 409 || tokio::time::Instant::now() > deadline {
                return answer;
            }
        }
    }
}

/// A change of settings, of nothing yet.
pub fn settings(shop: TenantId) -> ChangeSettings {
    ChangeSettings {
        meta: meta(shop),
        shop_name: None,
        tagline: None,
        accent: None,
        interest_free_installments: None,
        cors_origins: None,
        contact: None,
        seller: None,
        policies: None,
    }
}

/// A published product with one variant, three in stock.
pub fn product(name: &str, price: i64, category: Option<CategoryId>) -> Value {
    json!({
        "name": name, "status": "published", "category_id": category,
        "variants": [{"price": {"amount": price, "currency": "BRL"}, "stock": 3}]
    })
}

/// Waits until something holds: for reads that name no position.
pub async fn until<F: Future<Output = bool>>(mut holds: impl FnMut() -> F) {
    let deadline = tokio::time::Instant::now() + common::PATIENCE;
    while !holds().await {
        assert!(tokio::time::Instant::now() < deadline);
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}
