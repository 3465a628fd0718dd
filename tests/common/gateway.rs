//! The gateways' side: a simulator with an account, as its vendor's client sees it, and what was truly charged.

use std::{collections::BTreeMap, path::Path};

use feira_connectors::clock::wall_clock;
use feira_node::config::Config;
use feira_schemas::ids::Micros;
use feira_simulator::{Running, Settings, core::ids::Ids};
use rand::{SeedableRng, rngs::StdRng};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tempfile::TempDir;

/// The vendors whose adapters there are.
pub const VENDORS: [&str; 2] = ["pagarme", "stripe"];

/// A simulator of both vendors.
pub struct Simulator {
    pub base: String,
    running: Running,
    _folder: Option<TempDir>,
}

/// An account at the simulator, as a person copies it from the vendor's pages.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Remote {
    pub base: String,
    pub vendor: String,
    pub id: String,
    pub secret_key: String,
    pub public_key: String,
}

impl Simulator {
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let started = Self::on(folder.path()).await;
        Self { _folder: Some(folder), ..started }
    }

    /// Starts one on what another has kept.
    pub async fn on(folder: &Path) -> Self {
        let settings = Settings {
            listen: "127.0.0.1:0".parse().unwrap(),
            anywhere: false,
            folder: folder.to_owned(),
            clock: wall_clock(),
            ids: Ids::from(StdRng::seed_from_u64(11)),
        };
        let running = Running::start(settings).await.unwrap();
        Self { base: format!("http://{}", running.address()), running, _folder: None }
    }

    /// Opens an account with a vendor.
    pub async fn account(&self, vendor: &str) -> Remote {
        let asked = json!({"gateway": vendor, "name": "Loja de Teste"});
        let made = post(&format!("{}/admin/accounts", self.base), &asked).await;
        let text = |name: &str| made[name].as_str().unwrap().to_owned();
        Remote {
            base: self.base.clone(),
            vendor: vendor.to_owned(),
            id: text("id"),
            secret_key: text("secret_key"),
            public_key: text("public_key"),
        }
    }

    /// A person pays the charge of an account that carries this id of ours, whether its code is over or not.
    pub async fn pay_late(&self, account: &str, charge: &str) {
        let answer = reqwest::get(format!("{}/admin/charges?account={account}", self.base)).await.unwrap();
        let truth: Vec<Value> = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
        let found =
            truth.iter().find(|truth| truth.to_string().contains(charge)).expect("the charge is at the gateway");
        let pay = format!("{}/admin/charges/{}/pay", self.base, found["id"].as_str().unwrap());
        post(&pay, &json!({"late": true})).await;
    }

    pub async fn stop(self) {
        self.running.stop().await;
    }
}

/// Has a process ask the simulator instead of the vendors.
pub fn pointed_at(base: &str, mut config: Config) -> Config {
    for (vendor, path) in [("pagarme", "/core/v5"), ("stripe", "/v1")] {
        config.gateways.addresses.insert(vendor.to_owned(), format!("{base}{path}"));
    }
    config
}

/// Moves the clock of the simulator at this address ahead.
pub async fn advance(base: &str, by: Micros) {
    post(&format!("{base}/admin/clock"), &json!({"advance_millis": by / 1_000})).await;
}

impl Remote {
    /// A token of a card that pays, or of one whose bank declines, as a browser gets it.
    pub async fn token(&self, declined: bool) -> String {
        if self.vendor == "stripe" {
            let card = if declined { "tok_chargeDeclinedInsufficientFunds" } else { "tok_visa" };
            let asked = reqwest::Client::new()
                .post(format!("{}/v1/payment_methods", self.base))
                .basic_auth(&self.secret_key, Some(""))
                .header("content-type", "application/x-www-form-urlencoded")
                .body(format!("type=card&card[token]={card}"));
            let made: Value = serde_json::from_str(&asked.send().await.unwrap().text().await.unwrap()).unwrap();
            return made["id"].as_str().unwrap().to_owned();
        }
        let number = if declined { "4000000000000028" } else { "4000000000000010" };
        let card = json!({"number": number, "holder_name": "JOANA", "exp_month": 12, "exp_year": 2040, "cvv": "123"});
        let tokens = format!("{}/core/v5/tokens?appId={}", self.base, self.public_key);
        let token = post(&tokens, &json!({"type": "card", "card": card})).await;
        token["id"].as_str().unwrap().to_owned()
    }

    /// Orders a fault for the next call of that operation on this account.
    pub async fn fault(&self, operation: &str, mut effect: Value) {
        effect["account"] = json!(self.id);
        effect["operation"] = json!(operation);
        post(&format!("{}/admin/faults", self.base), &effect).await;
    }

    /// The charges that were truly made of this account.
    pub async fn truth(&self) -> Vec<Value> {
        let answer = reqwest::get(format!("{}/admin/charges?account={}", self.base, self.id)).await.unwrap();
        serde_json::from_str(&answer.text().await.unwrap()).unwrap()
    }

    /// The subscriptions that were truly made of this account.
    pub async fn subscriptions(&self) -> Vec<Value> {
        let answer = reqwest::get(format!("{}/admin/subscriptions?account={}", self.base, self.id)).await.unwrap();
        serde_json::from_str(&answer.text().await.unwrap()).unwrap()
    }

    /// The calls that came for this account, by operation, whatever became of them.
    pub async fn calls(&self) -> BTreeMap<String, u64> {
        let answer = reqwest::get(format!("{}/admin/calls?account={}", self.base, self.id)).await.unwrap();
        let calls: Vec<Value> = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
        let of = |calls: &Value| Some((calls["operation"].as_str()?.to_owned(), calls["count"].as_u64()?));
        calls.iter().filter_map(of).collect()
    }

    /// A person pays the charge with this code.
    pub async fn pay_code(&self, code: &str) {
        let charges = self.truth().await;
        let charge = charges.iter().find(|charge| charge["code"] == code).expect("the charge is at the gateway");
        post(&format!("{}/admin/charges/{}/pay", self.base, charge["id"].as_str().unwrap()), &json!({})).await;
    }

    /// Has the account's hooks sent to this address, with this user and password.
    pub async fn hooked_to(&self, url: &str, user: &str, password: &str) {
        let hooks = json!({"hooks": {"url": url, "basic": [user, password]}});
        let changed = reqwest::Client::new().patch(format!("{}/admin/accounts/{}", self.base, self.id)).json(&hooks);
        assert!(changed.send().await.unwrap().status().is_success());
    }

    /// The deliveries of hooks of the account.
    pub async fn hooks(&self) -> Vec<Value> {
        let answer = reqwest::get(format!("{}/admin/hooks?account={}", self.base, self.id)).await.unwrap();
        serde_json::from_str(&answer.text().await.unwrap()).unwrap()
    }

    /// A person pays the account's only Pix, whether its code is over or not.
    pub async fn pay_pix_late(&self) {
        let charges = self.truth().await;
        let pix = charges.iter().find(|charge| charge["method"] == "pix").expect("a Pix is at the gateway");
        let pay = format!("{}/admin/charges/{}/pay", self.base, pix["id"].as_str().unwrap());
        post(&pay, &json!({"late": true})).await;
    }

    /// A person pays the account's only charge.
    pub async fn pay(&self) {
        let [charge] = &self.truth().await[..] else { panic!("one charge") };
        let id = charge["id"].as_str().unwrap();
        post(&format!("{}/admin/charges/{id}/pay", self.base), &json!({})).await;
    }
}

async fn post(address: &str, body: &Value) -> Value {
    let answer = reqwest::Client::new().post(address).json(body).send().await.unwrap();
    let (status, text) = (answer.status(), answer.text().await.unwrap());
    assert!(status.is_success(), "{address}: {status} {text}");
    serde_json::from_str(&text).unwrap()
}
