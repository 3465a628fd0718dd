//! A simulator with a folder, a clock and a client, and a receiver of hooks.

use std::{
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

use feira_schemas::time::Clock;
use feira_simulator::{
    Running, Settings,
    core::{
        account::{Account, Gateway},
        ids::Ids,
    },
};
use rand::{SeedableRng, rngs::StdRng};
use reqwest::{Client, Method, Response, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

/// 2026-11-02T12:00:00Z, in microseconds.
const NOW: i64 = 1_793_620_800_000_000;

pub struct Bed {
    pub running: Running,
    pub account: Account,
    pub client: Client,
    pub folder: TempDir,
}

impl Bed {
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let running = start(folder.path(), 7).await;
        let account =
            running.accounts().unwrap().into_iter().find(|account| account.gateway == Gateway::Pagarme).unwrap();
        // A time-out that ends a test that hangs; no test waits for it.
        let client = Client::builder().timeout(Duration::from_secs(30)).no_proxy().build().unwrap();
        Self { running, account, client, folder }
    }

    /// The same folder after an end and a start.
    pub async fn again(self) -> Self {
        let Self { running, account, client, folder } = self;
        running.stop().await;
        let running = start(folder.path(), 8).await;
        Self { running, account, client, folder }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}/{path}", self.running.address())
    }

    /// Sends a request with the account's key; an error where no answer comes.
    pub async fn try_send(&self, method: &str, path: &str, body: &Value) -> reqwest::Result<Response> {
        self.try_send_with(method, path, body, &[]).await
    }

    pub async fn try_send_with(
        &self,
        method: &str,
        path: &str,
        body: &Value,
        headers: &[(&str, &str)],
    ) -> reqwest::Result<Response> {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let mut request = self.client.request(method, self.url(&format!("core/v5/{path}")));
        request = request.basic_auth(&self.account.secret_key, Some(""));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if !body.is_null() {
            request = request.json(body);
        }
        request.send().await
    }

    /// Sends a request and reads its answer, of whatever status.
    pub async fn send(&self, method: &str, path: &str, body: Value) -> (StatusCode, Value) {
        let response = self.try_send(method, path, &body).await.unwrap();
        (response.status(), response.json().await.unwrap())
    }

    /// Sends a request that is answered 200.
    pub async fn ok(&self, method: &str, path: &str, body: Value) -> Value {
        let (status, answer) = self.send(method, path, body).await;
        assert_eq!(status, StatusCode::OK, "{method} {path}: {answer}");
        answer
    }

    /// Orders something of the admin API.
    pub async fn admin(&self, method: &str, path: &str, body: Value) -> Value {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let request = self.client.request(method, self.url(&format!("admin/{path}")));
        let response = if body.is_null() { request } else { request.json(&body) }.send().await.unwrap();
        let (status, answer) = (response.status(), response.json::<Value>().await.unwrap());
        assert_eq!(status, StatusCode::OK, "{path}: {answer}");
        answer
    }

    pub async fn move_clock(&self, seconds: i64) {
        self.admin("POST", "clock", json!({"advance_millis": seconds * 1_000})).await;
    }

    pub async fn fault(&self, fault: Value) {
        self.admin("POST", "faults", fault).await;
    }

    /// What was truly charged under a code.
    pub async fn truth(&self, code: &str) -> Value {
        self.admin("GET", &format!("charges?code={code}"), Value::Null).await
    }

    pub async fn token(&self, number: &str) -> String {
        let card = json!({"number": number, "holder_name": "MARIA", "exp_month": 12, "exp_year": 2035, "cvv": "123"});
        let url = self.url(&format!("core/v5/tokens?appId={}", self.account.public_key));
        let response = self.client.post(url).json(&json!({"type": "card", "card": card})).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        response.json::<Value>().await.unwrap()["id"].as_str().unwrap().to_owned()
    }

    /// The payment of a card that was just shown.
    pub async fn card(&self, number: &str) -> Value {
        json!({"payment_method": "credit_card", "credit_card": {"card_token": self.token(number).await}})
    }

    /// An order that was made, and its only charge's id.
    pub async fn ordered(&self, code: &str, payment: Value) -> (Value, String) {
        let order = self.ok("POST", "orders", order(code, 5_000, payment)).await;
        let charge = order["charges"][0]["id"].as_str().unwrap().to_owned();
        (order, charge)
    }

    /// The id of a paid charge of that payment.
    pub async fn paid(&self, code: &str, payment: Value) -> String {
        let (_, charge) = self.ordered(code, payment).await;
        self.admin("POST", &format!("charges/{charge}/pay"), json!({})).await;
        charge
    }
}

async fn start(folder: &Path, seed: u64) -> Running {
    let settings = Settings {
        listen: "127.0.0.1:0".parse().unwrap(),
        anywhere: false,
        folder: folder.to_owned(),
        clock: Clock::passing(|| NOW),
        ids: Ids::from(StdRng::seed_from_u64(seed)),
    };
    Running::start(settings).await.unwrap()
}

pub fn pix() -> Value {
    json!({"payment_method": "pix", "pix": {"expires_in": 1_800}})
}

pub fn boleto() -> Value {
    json!({"payment_method": "boleto", "boleto": {"due_at": "2026-11-05T02:59:59Z", "document_number": "42"}})
}

pub fn customer() -> Value {
    let address = json!({"line_1": "10, Rua A, Centro", "zip_code": "01310100", "city": "São Paulo", "state": "SP", "country": "BR"});
    json!({"name": "Maria", "email": "maria@example.com", "document": "123.456.789-09", "type": "individual", "address": address})
}

pub fn order(code: &str, amount: i64, payment: Value) -> Value {
    json!({
        "code": code,
        "customer": customer(),
        "items": [{"amount": amount, "description": "Caderno", "quantity": 1, "category": "papelaria"}],
        "payments": [payment],
    })
}

/// What a receiver of hooks was sent.
#[derive(Clone, Debug)]
pub struct Hook {
    pub credentials: Option<String>,
    pub signature: Option<String>,
    pub text: String,
    pub body: Value,
}

/// A receiver of hooks that answers with the statuses that it was given, and then 200.
pub struct Receiver {
    pub address: String,
    hooks: Arc<Mutex<Vec<Hook>>>,
}

impl Receiver {
    pub async fn new(statuses: Vec<u16>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/callback", listener.local_addr().unwrap());
        let hooks: Arc<Mutex<Vec<Hook>>> = Arc::default();
        let seen = hooks.clone();
        tokio::spawn(async move {
            let mut statuses = statuses.into_iter();
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let hook = read(&mut stream).await;
                let status = statuses.next().unwrap_or(200);
                seen.lock().unwrap().push(hook);
                let answer = format!("HTTP/1.1 {status} x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        Self { address, hooks }
    }

    /// Waits until so many hooks have come.
    pub async fn seen(&self, count: usize) -> Vec<Hook> {
        loop {
            let hooks = self.hooks.lock().unwrap().clone();
            if hooks.len() >= count {
                return hooks;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

async fn read(stream: &mut tokio::net::TcpStream) -> Hook {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let header = |name: &str| {
                let line = head.lines().find(|line| line.to_ascii_lowercase().starts_with(name))?;
                line.split_once(": ").map(|(_, value)| value.to_owned())
            };
            if body.len() >= header("content-length:").unwrap().parse().unwrap() {
                return Hook {
                    credentials: header("authorization:"),
                    signature: header("stripe-signature:"),
                    body: serde_json::from_str(body).unwrap(),
                    text: body.to_owned(),
                };
            }
        }
        assert_ne!(stream.read_buf(&mut bytes).await.unwrap(), 0, "a hook was cut off");
    }
}

impl Bed {
    /// A receiver whose address the account has, with a user and a password.
    pub async fn receiver(&self, statuses: Vec<u16>) -> Receiver {
        let receiver = Receiver::new(statuses).await;
        let hooks = json!({"url": receiver.address, "basic": ["user", "password"]});
        self.admin("PATCH", &format!("accounts/{}", self.account.id), json!({"hooks": hooks})).await;
        receiver
    }
}
