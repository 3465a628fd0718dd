//! The platform that people sign up to, as its operator prepares it: an account at the simulator, and a plan that is paid to it.

use std::{convert::Infallible, time::Duration};

use reqwest::{Client, Method};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use super::{PATIENCE, browser};

/// The time between two looks at what is to be paid.
const PAYS_EVERY: Duration = Duration::from_millis(300);

/// The platform's account at the simulator.
#[derive(Debug, Clone)]
pub struct Gateway {
    client: Client,
    /// The simulator's address, without a slash at the end.
    base: String,
    id: String,
    public_key: String,
}

/// A platform to which people can sign up.
#[derive(Debug, Clone)]
pub struct Platform {
    /// The client of all who ask it.
    pub client: Client,
    /// The address that is connected to, without a slash at the end.
    pub base: String,
    /// The plan that people take.
    pub plan: String,
    /// Where they pay.
    pub gateway: Gateway,
    account: String,
    operator: String,
}

impl Gateway {
    async fn open(client: &Client, base: &str, body: &Value) -> (Self, String) {
        let made = post(client, &format!("{base}/admin/accounts"), body).await;
        let text = |name: &str| made[name].as_str().unwrap().to_owned();
        let (id, public_key) = (text("id"), text("public_key"));
        (Self { client: client.clone(), base: base.to_owned(), id, public_key }, text("secret_key"))
    }

    /// The simulator's id of the account, which is found by its key.
    async fn own_id(&self) -> String {
        let all = self.client.get(format!("{}/admin/accounts", self.base)).send().await.unwrap();
        let all: Vec<Value> = all.json().await.unwrap();
        let own = all.into_iter().find(|account| account["public_key"] == self.public_key.as_str());
        let own = own.unwrap_or_else(|| panic!("the simulator has no account of {}", self.public_key));
        own["id"].as_str().unwrap().to_owned()
    }

    /// A token of a card that pays, as a browser gets it.
    pub async fn token(&self) -> String {
        let card = json!({"number": "4000000000000010", "holder_name": "JOANA", "exp_month": 12, "exp_year": 2040, "cvv": "123"});
        let address = format!("{}/core/v5/tokens?appId={}", self.base, self.public_key);
        let token = post(&self.client, &address, &json!({"type": "card", "card": card})).await;
        token["id"].as_str().unwrap().to_owned()
    }

    /// The charges that were truly made.
    pub async fn charges(&self) -> Vec<Value> {
        let asked = self.client.get(format!("{}/admin/charges?account={}", self.base, self.id));
        asked.send().await.unwrap().json().await.unwrap()
    }

    /// The charges that are paid.
    pub async fn paid(&self) -> Vec<Value> {
        self.charges().await.into_iter().filter(|charge| charge["status"] == "paid").collect()
    }

    /// Every Pix and boleto that waits is paid by somebody, for as long as this is waited for.
    pub async fn is_paid(&self) -> Infallible {
        loop {
            for charge in self.charges().await {
                if charge["status"] == "pending" && charge["method"] != "credit_card" {
                    let address = format!("{}/admin/charges/{}/pay", self.base, charge["id"].as_str().unwrap());
                    // One that is over by now is refused.
                    self.client.post(address).json(&json!({})).send().await.unwrap();
                }
            }
            sleep(PAYS_EVERY).await;
        }
    }
}

impl Platform {
    /// Gives the platform at `base` an account at the simulator, and a plan that can be paid in every way.
    pub async fn open(base: &str, operator: &str, simulator: &str) -> Self {
        let client = browser::client();
        let body = json!({"gateway": "pagarme", "name": "Plataforma", "lag_millis": 0, "gets_a_minute": 0});
        let (gateway, secret_key) = Gateway::open(&client, simulator, &body).await;
        let (base, operator) = (base.to_owned(), operator.to_owned());
        let nothing = String::new();
        let mut platform = Self { client, base, plan: nothing.clone(), gateway, account: nothing, operator };
        let public_key = &platform.gateway.public_key;
        let body =
            json!({"name": "Plataforma", "gateway": "pagarme", "public_key": public_key, "secret_key": secret_key});
        let account = platform.asked(Method::POST, "/payments/accounts", Some(&body)).await;
        platform.account = account["id"].as_str().unwrap().to_owned();
        let account = format!("/payments/accounts/{}", platform.account);
        let ready = platform.shows(&account, |account| account["status"] == "ready").await;
        platform.asked(Method::POST, &format!("{account}/default"), None).await;
        platform.is_called_back(&ready["callback"]).await;
        let plan = json!({
            "name": "Essencial", "price": {"amount": 4_990, "currency": "BRL"}, "months": 1, "methods": ["card", "boleto", "pix"],
            "limits": {"products": 100, "staff": 5},
        });
        let plan = platform.asked(Method::POST, "/plans", Some(&plan)).await;
        platform.plan = plan["id"].as_str().unwrap().to_owned();
        platform.shows(&format!("/plans/{}", platform.plan), |plan| plan["gateway_plan"]["status"] == "made").await;
        platform
    }

    /// The platform at `base` as it is, with the first of its accounts, which is at the simulator, and of its plans.
    pub async fn found(base: &str, operator: &str, simulator: &str) -> Self {
        let client = browser::client();
        let (nothing, operator) = (String::new(), operator.to_owned());
        let (id, public_key) = (nothing.clone(), nothing.clone());
        let gateway = Gateway { client: client.clone(), base: simulator.to_owned(), id, public_key };
        let (base, plan) = (base.to_owned(), nothing.clone());
        let mut platform = Self { client, base, plan, gateway, account: nothing, operator };
        let (accounts, plans) = (platform.all("/payments/accounts").await, platform.all("/plans").await);
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        platform.account = text(&accounts[0]["id"]);
        platform.plan = text(&plans[0]["id"]);
        platform.gateway.public_key = text(&accounts[0]["public_key"]);
        platform.gateway.id = platform.gateway.own_id().await;
        platform
    }

    /// All things of a list of the operator's API.
    pub async fn all(&self, path: &str) -> Vec<Value> {
        let listed = self.shows(path, |listed| listed["items"].is_array()).await;
        listed["items"].as_array().unwrap().clone()
    }

    /// Takes plan and account out again, where other tests come after this one.
    pub async fn close(&self) {
        self.asked(Method::PATCH, &format!("/plans/{}", self.plan), Some(&json!({"status": "inactive"}))).await;
        self.asked(Method::DELETE, &format!("/payments/accounts/{}", self.account), None).await;
    }

    /// Has the gateway tell of what happens, as an operator registers it there.
    async fn is_called_back(&self, callback: &Value) {
        let text = |name: &str| callback[name].as_str().unwrap();
        let url = format!("{}{}", self.base, browser::path_of(text("address")));
        let hooks = json!({"hooks": {"url": url, "basic": [text("user"), text("password")]}});
        let address = format!("{}/admin/accounts/{}", self.gateway.base, self.gateway.id);
        let changed = self.client.patch(address).json(&hooks).send().await.unwrap();
        assert!(changed.status().is_success(), "{}", changed.text().await.unwrap());
    }

    /// The shop with this sub-domain, as operators see it.
    pub async fn shop(&self, subdomain: &str) -> Value {
        self.shows(&format!("/tenants/{subdomain}"), |shop| shop["tenant_id"].is_string()).await
    }

    /// A thing of the operator's API, once it is so.
    async fn shows(&self, path: &str, is_so: impl Fn(&Value) -> bool) -> Value {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let answer = self.request(Method::GET, path).send().await.unwrap();
            let text = answer.text().await.unwrap();
            let shown: Value = serde_json::from_str(&text).unwrap_or_default();
            if is_so(&shown) {
                return shown;
            }
            assert!(Instant::now() < deadline, "{path}: {text}");
            sleep(Duration::from_millis(50)).await;
        }
    }

    async fn asked(&self, method: Method, path: &str, body: Option<&Value>) -> Value {
        let (deadline, key) = (Instant::now() + PATIENCE, Uuid::new_v4().to_string());
        loop {
            let request = self.request(method.clone(), path).header("idempotency-key", &key);
            let request = if let Some(body) = body { request.json(body) } else { request };
            let answer = request.send().await.unwrap();
            let (status, text) = (answer.status(), answer.text().await.unwrap());
            if status.is_success() && status != 202 {
                return serde_json::from_str(&text).unwrap();
            }
            // Rows follow the log by a moment, and who has just taken its partitions decides in a moment.
            let comes = matches!(status.as_u16(), 202 | 404 | 409 | 503) && Instant::now() < deadline;
            assert!(comes, "{method} {path}: {status} {text}");
            sleep(Duration::from_millis(100)).await;
        }
    }

    fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let request = self.client.request(method, format!("{}/api/operator/v1{path}", self.base));
        request.header("host", "localhost").bearer_auth(&self.operator)
    }
}

async fn post(client: &Client, address: &str, body: &Value) -> Value {
    let answer = client.post(address).json(body).send().await.unwrap();
    let (status, text) = (answer.status(), answer.text().await.unwrap());
    assert!(status.is_success(), "{address}: {status} {text}");
    serde_json::from_str(&text).unwrap()
}
