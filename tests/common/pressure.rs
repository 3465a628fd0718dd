//! Everything that one client or one shop can do to the others, all at once, and what another shop notices of it.

use std::{
    io::Cursor,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use feira_schemas::limits;
use image::{DynamicImage, ImageFormat};
use reqwest::{Client, Method, Response, StatusCode};
use serde_json::{Value, json};
use tokio::{
    io::AsyncWriteExt,
    net::TcpStream,
    runtime::Builder,
    task::{JoinSet, spawn_blocking},
    time::{sleep, timeout},
};

use super::{process::PATIENCE, services::OPERATOR_TOKEN};

/// The numbers of clients that press, by what they do.
#[derive(Clone, Copy, Debug)]
pub struct Strength {
    /// Clients that change a product of 2,048 variants again and again.
    pub patching: usize,
    /// Shops that are written to in turn.
    pub shops: usize,
    /// Clients that ask for a long list and read nothing of it.
    pub slow: usize,
    /// Clients that upload images of 40 megapixels.
    pub uploading: usize,
    /// Clients that search as strangers.
    pub searching: usize,
    /// Connections that say nothing.
    pub idle: usize,
    /// The time that the pressure lasts.
    pub lasting: Duration,
}

/// The latencies that another shop saw.
#[derive(Debug, Default)]
pub struct Seen {
    /// The time that each of its reads took.
    pub reads: Vec<Duration>,
    /// The time that each of its writes took until it was decided.
    pub writes: Vec<Duration>,
}

impl Seen {
    /// The 99th part of a hundred, and the longest, of reads or of writes.
    pub fn p99(times: &[Duration]) -> (Duration, Duration) {
        let mut times = times.to_vec();
        times.sort_unstable();
        let at = (times.len() * 99).div_ceil(100).saturating_sub(1);
        (times[at], times[times.len() - 1])
    }
}

/// A Feira under pressure, reached by HTTP alone.
#[derive(Clone)]
pub struct Pressed {
    client: Client,
    address: SocketAddr,
}

/// A shop of it.
#[derive(Clone)]
pub struct Shop {
    of: Pressed,
    host: String,
    token: String,
}

impl Pressed {
    /// The Feira at this address (`http://127.0.0.1:…`).
    pub fn at(url: &str) -> Self {
        Self { client: client(1), address: url.trim_start_matches("http://").parse().unwrap() }
    }

    /// A client at another address of this machine: who presses has an address' share of its own.
    pub fn elsewhere(&self) -> Self {
        Self { client: client(2), address: self.address }
    }

    /// A new shop.
    pub async fn shop(&self, subdomain: &str) -> Shop {
        let asked = self.client.post(format!("http://{}/api/operator/v1/tenants", self.address));
        let asked = asked.bearer_auth(OPERATOR_TOKEN).header("host", "localhost");
        let body = json!({"subdomain": subdomain, "name": subdomain});
        let made: Value = asked.json(&body).send().await.unwrap().json().await.unwrap();
        let token = made["admin_token"].as_str().unwrap_or_else(|| panic!("{made}")).to_owned();
        Shop { of: self.clone(), host: format!("{subdomain}.localhost"), token }
    }

    /// Presses, and has another shop read and write meanwhile. What all those who press are answered is no matter, as long as
    /// the other shop is served.
    pub async fn press(&self, strength: Strength, other: &Shop) -> Seen {
        let fat = self.shop("grande").await;
        let product = fat.make(&fat_product()).await;
        let path = format!("/api/admin/v1/products/{}", product["id"].as_str().unwrap());
        let mut shops = Vec::new();
        for number in 0..strength.shops {
            shops.push(self.shop(&format!("loja-{number}")).await);
        }
        let image = large_image();
        let until = Instant::now() + strength.lasting;
        let mut all = JoinSet::new();
        for number in 0..strength.patching {
            all.spawn(fat.clone().patches(path.clone(), number, until));
        }
        let shops = Arc::new(shops);
        for number in 0..strength.shops.min(16) {
            all.spawn(write_to_each(Arc::clone(&shops), number, until));
        }
        for _ in 0..strength.uploading {
            all.spawn(fat.clone().uploads(format!("{path}/images"), image.clone(), until));
        }
        for number in 0..strength.searching {
            all.spawn(fat.clone().searches(number, until));
        }
        for _ in 0..strength.slow {
            all.spawn(fat.clone().reads_nothing("/api/store/v1/products?limit=100", until));
        }
        for _ in 0..strength.idle {
            all.spawn(fat.clone().reads_nothing("", until));
        }
        let seen = other.look(until).await;
        all.join_all().await;
        seen
    }
}

impl Shop {
    async fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> reqwest::Result<Response> {
        let asked = self.of.client.request(method, format!("http://{}{path}", self.of.address));
        let asked = asked.header("host", &self.host).bearer_auth(&self.token);
        match body {
            Some(body) => asked.json(body).send().await,
            None => asked.send().await,
        }
    }

    /// Makes a product.
    pub async fn make(&self, body: &Value) -> Value {
        let made = self.ask(Method::POST, "/api/admin/v1/products", Some(body)).await.unwrap();
        assert_eq!(made.status(), StatusCode::CREATED);
        made.json().await.unwrap()
    }

    /// Reads and writes until then, one after another, as one merchant and one buyer do: from a thread of its own, so that no
    /// time is counted in which those who press keep this process busy.
    pub async fn look(&self, until: Instant) -> Seen {
        let shop = Self { of: self.of.elsewhere(), ..self.clone() };
        let alone = move || {
            let runtime = Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(shop.look_here(until))
        };
        spawn_blocking(alone).await.unwrap()
    }

    async fn look_here(&self, until: Instant) -> Seen {
        let mut seen = Seen::default();
        let mut number = 0;
        while Instant::now() < until {
            number += 1;
            for path in ["/", "/api/store/v1/products", "/api/store/v1/search?q=produto"] {
                let begun = Instant::now();
                let read = self.ask(Method::GET, path, None).await.unwrap();
                assert_eq!(read.status(), StatusCode::OK, "{path}: {}", read.text().await.unwrap());
                read.bytes().await.unwrap();
                seen.reads.push(begun.elapsed());
            }
            let begun = Instant::now();
            self.write(number).await;
            seen.writes.push(begun.elapsed());
            sleep(Duration::from_millis(20)).await;
        }
        seen
    }

    /// Makes a small product, and waits until that is decided.
    async fn write(&self, number: usize) {
        let variants = json!([{"price": {"amount": 100, "currency": "BRL"}, "stock": 1}]);
        let body = json!({"name": format!("Produto {number}"), "status": "published", "variants": variants});
        let made = self.ask(Method::POST, "/api/admin/v1/products", Some(&body)).await.unwrap();
        match made.status() {
            StatusCode::CREATED => {}
            StatusCode::ACCEPTED => {
                let at = made.headers()["location"].to_str().unwrap().to_owned();
                loop {
                    let state: Value = self.ask(Method::GET, &at, None).await.unwrap().json().await.unwrap();
                    if state["status"] != "pending" {
                        break;
                    }
                    sleep(Duration::from_millis(50)).await;
                }
            }
            other => panic!("{other}: {}", made.text().await.unwrap()),
        }
    }

    async fn patches(self, path: String, number: usize, until: Instant) {
        let mut changes = 0;
        while Instant::now() < until {
            changes += 1;
            let body = json!({"name": format!("Produto {number}-{changes}")});
            if let Ok(answer) = self.ask(Method::PATCH, &path, Some(&body)).await {
                pause(answer.status()).await;
            }
        }
    }

    async fn uploads(self, path: String, image: Bytes, until: Instant) {
        while Instant::now() < until {
            let asked = self.of.client.post(format!("http://{}{path}", self.of.address));
            let asked = asked.header("host", &self.host).bearer_auth(&self.token).header("content-type", "image/png");
            if let Ok(answer) = asked.body(image.clone()).send().await {
                pause(answer.status()).await;
            }
        }
    }

    async fn searches(self, number: usize, until: Instant) {
        let path = format!("/api/store/v1/search?q=produto%20{number}");
        while Instant::now() < until {
            let asked = self.of.client.get(format!("http://{}{path}", self.of.address)).header("host", &self.host);
            if let Ok(answer) = asked.send().await {
                pause(answer.status()).await;
                let _ = answer.bytes().await;
            }
        }
    }

    /// Asks for something, or for nothing, and reads nothing of the answer. Who is shown the door comes again.
    async fn reads_nothing(self, path: &'static str, until: Instant) {
        while let Some(left) = until.checked_duration_since(Instant::now()) {
            let Ok(mut stream) = TcpStream::connect(self.of.address).await else {
                sleep(Duration::from_millis(100)).await;
                continue;
            };
            if !path.is_empty() {
                let head = format!("GET {path} HTTP/1.1\r\nhost: {}\r\n\r\n", self.host);
                let _ = stream.write_all(head.as_bytes()).await;
            }
            let _ = timeout(left.min(Duration::from_secs(20)), std::future::pending::<()>()).await;
        }
    }
}

fn client(number: u8) -> Client {
    let from = IpAddr::from([127, 0, 0, number]);
    Client::builder().no_proxy().local_address(from).pool_max_idle_per_host(64).timeout(PATIENCE).build().unwrap()
}

async fn write_to_each(shops: Arc<Vec<Shop>>, first: usize, until: Instant) {
    let mut number = 0;
    for shop in shops.iter().cycle().skip(first * shops.len() / 16) {
        if Instant::now() >= until {
            break;
        }
        number += 1;
        let variants = json!([{"price": {"amount": 100, "currency": "BRL"}}]);
        let body = json!({"name": format!("Produto {first}-{number}"), "status": "published", "variants": variants});
        if let Ok(answer) = shop.ask(Method::POST, "/api/admin/v1/products", Some(&body)).await {
            pause(answer.status()).await;
        }
    }
}

/// Waits 100 ms after an answer that is no success: less than a client is told to wait.
async fn pause(status: StatusCode) {
    if !status.is_success() {
        sleep(Duration::from_millis(100)).await;
    }
}

/// A legal product that is about as large as one may be.
fn fat_product() -> Value {
    let values = |letter: &str, count: usize| -> Vec<String> {
        (0..count).map(|number| format!("{number:03}{}", letter.repeat(limits::OPTION_CHARS - 3))).collect()
    };
    let names = ["Tamanho", "Cor", "Corte"].map(|name| format!("{name:x<97}"));
    let options = [values("á", 16), values("é", 16), values("í", 8)];
    let variant = |number: usize| {
        let chosen = [number / 128, number / 8 % 16, number % 8];
        let chosen: serde_json::Map<String, Value> = (0..3)
            .map(|option| (names[option].clone(), Value::from(options[option][chosen[option]].clone())))
            .collect();
        let sku = format!("S{number}-{}", "k".repeat(55));
        json!({"options": chosen, "price": {"amount": 1_000, "currency": "BRL"}, "stock": 1, "sku": sku})
    };
    let options: Vec<Value> =
        names.iter().zip(&options).map(|(name, values)| json!({"name": name, "values": values})).collect();
    let variants: Vec<Value> = (0..limits::VARIANTS).map(variant).collect();
    json!({"name": "Produto", "status": "published", "options": options, "variants": variants})
}

/// An image of as many pixels as one may have.
fn large_image() -> Bytes {
    let mut file = Cursor::new(Vec::new());
    DynamicImage::new_rgb8(8_000, 5_000).write_to(&mut file, ImageFormat::Png).unwrap();
    file.into_inner().into()
}
