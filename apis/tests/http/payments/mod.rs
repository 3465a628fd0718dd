//! Payments for other systems over HTTP, with the runner and a gateway that moves no money.

mod access;
mod accounts;
mod callbacks;
mod charges;
pub mod lent;
pub mod owed;
mod plans;
mod refusals;
mod renewals;
mod sealing;
mod subscriptions;

use std::time::{Duration, Instant};

use feira_schemas::{ids::TenantId, records::payments::StandingStatus, rows::payments::StandingRow};
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};

use crate::bed::{Answered, Bed, Shop, send};

/// The gateways that everything is tried at.
const GATEWAYS: [&str; 2] = ["pagarme", "stripe"];

/// The e-mail address of every buyer: it must stand in no record.
const EMAIL: &str = "joana.prado@example.com";

/// A shop with an account at the simulator and a credential of its payments API.
pub struct Seller {
    pub shop: Shop,
    /// The credential's secret.
    pub credential: String,
    /// The account as the admin API shows it.
    pub account: Value,
    /// The account as the simulator has it.
    pub remote: Value,
}

impl Seller {
    /// A shop that may charge by this gateway.
    pub async fn at(bed: &Bed, subdomain: &str, gateway: &str) -> Self {
        Self::of(bed, bed.shop(subdomain).await, gateway).await
    }

    /// A shop that is there, which may charge by this gateway from now on.
    pub async fn of(bed: &Bed, shop: Shop, gateway: &str) -> Self {
        let remote = simulated(bed, "accounts", json!({"gateway": gateway, "lag_millis": 0, "gets_a_minute": 0})).await;
        let body = json!({"name": "Principal", "gateway": gateway, "public_key": remote["public_key"], "secret_key": remote["secret_key"]});
        let made = send(bed.staff(&shop, "POST", "/payments/accounts").json(&body)).await.expect(201).json;
        let account = tried(bed.staff(&shop, "GET", &format!("/payments/accounts/{}", text(&made["id"])))).await;
        let named = json!({"name": "ERP"});
        let credential = send(bed.staff(&shop, "POST", "/payments/credentials").json(&named)).await.expect(201);
        let credential = credential.json["secret"].as_str().unwrap().to_owned();
        let tenant: TenantId = shop.id.parse().unwrap();
        let is_open = async || {
            let row = bed.api.platform.state.get::<StandingRow>(&StandingRow::at(tenant)).await.unwrap();
            row.is_some_and(|row| row.standing.status == StandingStatus::Open)
        };
        while !is_open().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Self { shop, credential, account, remote }
    }

    /// A request of the other system.
    pub fn asks(&self, bed: &Bed, method: &str, path: &str) -> RequestBuilder {
        bed.request(&self.shop.host, method, &format!("/api/payments/v1{path}")).bearer_auth(&self.credential)
    }

    /// A card charge of this sum that is paid.
    pub async fn paid(&self, bed: &Bed, amount: i64) -> Value {
        let token = self.token(bed, "4000000000000010").await;
        self.charges(bed, &card(&token, amount)).await.expect(201).json
    }

    pub async fn charges(&self, bed: &Bed, body: &Value) -> Answered {
        send(self.asks(bed, "POST", "/charges").json(body)).await
    }

    /// Reads an address until it shows something.
    async fn until(&self, bed: &Bed, path: &str, shows: impl Fn(&Value) -> bool) -> Value {
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            let read = send(self.asks(bed, "GET", path)).await.expect(200).json;
            if shows(&read) {
                return read;
            }
            assert!(Instant::now() < deadline, "{read}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// The place that the account's callbacks come to.
    async fn callback(&self, bed: &Bed) -> Callback {
        let account = format!("/payments/accounts/{}", text(&self.account["id"]));
        let callback = send(bed.staff(&self.shop, "GET", &account)).await.expect(200).json["callback"].take();
        let address = text(&callback["address"]);
        let (_, path) = address.split_once("://").unwrap().1.split_once('/').unwrap();
        assert!(address.contains("://localhost"), "{address}");
        Callback { path: format!("/{path}"), password: callback["password"].as_str().unwrap_or_default().to_owned() }
    }

    /// A card of what a buyer of either gateway has: one that pays, or one that its bank declines.
    async fn card_token(&self, bed: &Bed, declined: bool) -> String {
        if self.account["gateway"] == "pagarme" {
            return self.token(bed, if declined { "4000000000000028" } else { "4000000000000010" }).await;
        }
        let card = if declined { "tok_chargeDeclinedInsufficientFunds" } else { "tok_visa" };
        let form = format!("type=card&card[token]={card}");
        text(&self.vendors(bed, "POST", "/v1/payment_methods", &form).await["id"])
    }

    /// A request of the merchant's own program to the gateway, with a body in the vendor's form.
    async fn vendors(&self, bed: &Bed, method: &str, path: &str, body: &str) -> Value {
        let form = if path.starts_with("/v1") { "application/x-www-form-urlencoded" } else { "application/json" };
        let address = format!("http://{}{path}", bed.simulator.address());
        let request = Client::new().request(method.parse().unwrap(), address).header("content-type", form);
        let secret = text(&self.remote["secret_key"]);
        let answer = request.basic_auth(secret, Some("")).body(body.to_owned()).send().await.unwrap();
        let (status, bytes) = (answer.status(), answer.bytes().await.unwrap());
        assert!(status.is_success(), "{status} {}", String::from_utf8_lossy(&bytes));
        serde_json::from_slice(&bytes).unwrap()
    }

    /// The charges that the gateway has truly made of this account.
    async fn truth(&self, bed: &Bed) -> Vec<Value> {
        let account = text(&self.remote["id"]);
        let address = format!("http://{}/admin/charges?account={account}", bed.simulator.address());
        Client::new().get(address).send().await.unwrap().json().await.unwrap()
    }

    /// A plan that is made at the gateway.
    pub async fn plan(&self, bed: &Bed) -> Value {
        send(self.asks(bed, "POST", "/plans").json(&plan(4_990))).await.expect(201).json
    }

    /// A subscription to this plan by a card that pays.
    pub async fn subscribes(&self, bed: &Bed, plan: &Value) -> Value {
        let body = subscription(plan, &self.card_token(bed, false).await);
        send(self.asks(bed, "POST", "/subscriptions").json(&body)).await.expect(201).json
    }

    /// A card that the gateway keeps.
    pub async fn keeps(&self, bed: &Bed) -> Value {
        let body = kept_card(&self.card_token(bed, false).await);
        send(self.asks(bed, "POST", "/cards").json(&body)).await.expect(201).json
    }

    /// A token of a card, as a browser gets it from pagar.me.
    pub async fn token(&self, bed: &Bed, number: &str) -> String {
        let card = json!({"number": number, "holder_name": "JOANA", "exp_month": 12, "exp_year": 2040, "cvv": "123"});
        let address =
            format!("http://{}/core/v5/tokens?appId={}", bed.simulator.address(), text(&self.remote["public_key"]));
        let answer = Client::new().post(address).json(&json!({"type": "card", "card": card})).send().await.unwrap();
        text(&answer.json::<Value>().await.unwrap()["id"])
    }
}

/// The place that callbacks of an account come to.
struct Callback {
    /// The path on the platform's host.
    path: String,
    /// The password of the user `feira`; empty where the gateway signs.
    password: String,
}

/// An account of the platform itself at the simulator; what comes back is the account as operators see it, and as the simulator has it.
pub async fn of_platform(bed: &Bed, gateway: &str) -> (Value, Value) {
    let remote = simulated(bed, "accounts", json!({"gateway": gateway, "lag_millis": 0, "gets_a_minute": 0})).await;
    let body = json!({"name": "Plataforma", "gateway": gateway, "public_key": remote["public_key"], "secret_key": remote["secret_key"]});
    let made = send(bed.operator("POST", "/payments/accounts").json(&body)).await.expect(201).json;
    let account = tried(bed.operator("GET", &format!("/payments/accounts/{}", text(&made["id"])))).await;
    (account, remote)
}

/// The account that this reads, once its gateway has said whether it takes the key: who saves one waits for that for some seconds only.
pub async fn tried(read: RequestBuilder) -> Value {
    let deadline = Instant::now() + Duration::from_secs(120);
    loop {
        let answer = send(read.try_clone().unwrap()).await;
        if answer.status == 200 && answer.json["status"] != "untested" {
            return answer.json;
        }
        assert!(Instant::now() < deadline, "{answer:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Asks the simulator's admin API to make something.
pub async fn simulated(bed: &Bed, what: &str, body: Value) -> Value {
    let address = format!("http://{}/admin/{what}", bed.simulator.address());
    let answer = Client::new().post(address).json(&body).send().await.unwrap();
    assert!(answer.status().is_success(), "{}", answer.status());
    answer.json().await.unwrap()
}

pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}

pub fn brl(amount: i64) -> Value {
    json!({"amount": amount, "currency": "BRL"})
}

/// The buyer of everything.
fn buyer() -> Value {
    json!({
        "name": "Joana Prado",
        "email": EMAIL,
        "document": "529.982.247-25",
        "phone": "(11) 98765-4321",
        "address": {
            "postal_code": "01310-100", "street": "Avenida Paulista", "number": "1578", "district": "Bela Vista",
            "city": "São Paulo", "state": "SP",
        },
    })
}

/// A charge of this sum without its terms.
pub fn charge(method: &str, amount: i64) -> Value {
    json!({
        "reference": "1001",
        "method": method,
        "amount": brl(amount),
        "items": [{"code": "caneca", "description": "Caneca", "quantity": 2, "total": brl(amount)}],
        "buyer": buyer(),
    })
}

/// A monthly plan of this price.
pub fn plan(price: i64) -> Value {
    json!({"reference": "clube", "name": "Clube do café", "description": "Um quilo por mês", "price": brl(price), "statement_descriptor": "CLUBE"})
}

/// A card that is to be kept.
pub fn kept_card(token: &str) -> Value {
    json!({"reference": "cartao-1", "token": token, "buyer": buyer()})
}

/// A subscription to a plan by a card's token.
pub fn subscription(plan: &Value, token: &str) -> Value {
    json!({"reference": "S-1", "plan_id": plan["id"], "card": {"token": token}, "buyer": buyer()})
}

/// A Pix of this sum.
pub fn pix(amount: i64) -> Value {
    let mut body = charge("pix", amount);
    body["pix"] = json!({"lifetime": 3_600, "information": [{"name": "Pedido", "value": "1001"}]});
    body
}

pub fn card(token: &str, amount: i64) -> Value {
    let mut body = charge("card", amount);
    body["card"] = json!({"token": token, "installments": 2});
    body
}
