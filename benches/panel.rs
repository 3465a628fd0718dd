//! The shop's panel in a shop of 100,000 products: list, search, filter and save over HTTP, as a browser without JavaScript asks for them,
//! and the export of all products as a file.
//!
//! `cargo bench --bench panel`, embedded. The shop is filled by import commands. Beside the pages stands what each stands on, asked in
//! turn: bare tantivy over the same catalogue, and for a save one append to the log, which is there once it is on the disk.
//!
//! Aims: p95 of 150 ms for each page, and 60 MB that an export adds to what the process holds.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;
#[path = "limits/list.rs"]
mod limit;

use std::{
    fs,
    time::{Duration, Instant},
};

use bytes::Bytes;
use common::{
    catalogue, command, either, quantile,
    shop::{self, PATIENCE, Running},
    signup::{
        Browser, Form, Page,
        browser::{client, path_of},
    },
};
use feira_connectors::{
    log::{NewRecord, Retention, TopicSpec},
    search::{SearchQuery, Sort},
};
use feira_schemas::ids::TenantId;
use futures::StreamExt;
use reqwest::Client;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

/// The password of who looks after the shop.
const PASSWORD: &str = "lanterna de papel na chuva";
/// The aim for the p95 of a page, in milliseconds.
const AIM_MS: u64 = 150;
/// The aim for what an export adds to resident memory, in MB.
const AIM_MB: u64 = 60;
/// The topic of the bare appends.
const TOPIC: &str = "bench.panel";
/// Bytes of a product's event, which the bare append carries, too.
const EVENT: usize = 1_500;
/// Bytes of an export between two looks at the memory.
const BETWEEN: usize = 1 << 20;
/// The longest that an export is read: the client's own patience is for pages.
const EXPORTED_WITHIN: Duration = Duration::from_secs(600);
/// Words that are searched, in turn; a whole catalogue has products of each.
const WORDS: [&str; 4] = ["camiseta", "mesa", "azul", "couro"];

fn main() {
    let (products, times) = either((100_000, 200), (2_000, 3));
    Runtime::new().unwrap().block_on(async {
        let running = Running::start().await;
        let subdomain = shop::subdomain();
        let tenant = command::provision(&running.node.commands, &subdomain).await;
        shop::fill(&running, tenant, products).await;
        listed(&running, tenant, products).await;
        let desk = Desk::open(&running, tenant, &subdomain).await;
        let all = (0..products).map(|number| (catalogue::product(number), catalogue::category(number)));
        pages(&running, desk, &limit::Bare::index(all), times).await;
        exports(&running, tenant, products).await;
        running.node.stop().await.unwrap();
    });
}

/// Waits until the panel's list has all products.
async fn listed(running: &Running, tenant: TenantId, products: usize) {
    let begun = Instant::now();
    let query = SearchQuery { sort: Sort::Newest, limit: 1, ..SearchQuery::default() };
    while running.node.panel.search(tenant, &query).await.unwrap().total as usize != products {
        assert!(begun.elapsed() < PATIENCE, "the panel lists fewer than {products} products");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// A browser in which the shop's first administrator has logged in.
struct Desk {
    browser: Browser,
}

impl Desk {
    async fn open(running: &Running, tenant: TenantId, subdomain: &str) -> Self {
        let client = client();
        let base = format!("http://{}", running.address);
        let email = format!("dona@{subdomain}.example");
        let link = link(&client, running, &base, tenant, &email).await;
        let browser = Browser::new(&client, &base, &format!("{subdomain}.localhost"), 1);
        let mut desk = Self { browser };
        desk.fills_in(&link, "password", &[("password", PASSWORD)]).await;
        desk.fills_in("/admin/login", "password", &[("email", email.as_str()), ("password", PASSWORD)]).await;
        desk
    }

    /// Looks at a page, which is there.
    async fn looks(&mut self, path: &str) -> Page {
        let page = self.browser.get(path).await.unwrap();
        assert_eq!(page.status, 200, "{path}");
        page
    }

    /// Sends the form of a page that has this field, filled in so, which is done.
    async fn fills_in(&mut self, path: &str, field: &str, texts: &[(&str, &str)]) {
        let page = self.looks(path).await;
        self.sends(path, &filled(&page, field, texts)).await;
    }

    async fn sends(&mut self, path: &str, form: &Form) {
        let done = self.browser.send(path, form).await.unwrap();
        assert_eq!(done.status, 303, "{path}: {}", done.text);
    }
}

/// The form of a page that has this field, filled in so.
fn filled(page: &Page, field: &str, texts: &[(&str, &str)]) -> Form {
    let mut form = page.forms().into_iter().find(|form| form.has(field)).unwrap();
    for (name, text) in texts {
        form.set(name, text);
    }
    form
}

/// The path of the link by which somebody who is invited chooses a password.
async fn link(client: &Client, running: &Running, base: &str, tenant: TenantId, email: &str) -> String {
    let address = format!("{base}/api/operator/v1/tenants/{tenant}/staff");
    let invited = client.post(address).bearer_auth(&running.operator_token).header("host", "localhost");
    let invited = invited.json(&json!({"email": email, "name": "Ana Lima"})).send().await.unwrap();
    assert_eq!(invited.status(), 201);
    let made: Value = invited.json().await.unwrap();
    path_of(made["link"].as_str().unwrap()).to_owned()
}

/// Asks for each page and for what it stands on, in turn.
async fn pages(running: &Running, mut desk: Desk, bare: &limit::Bare, times: usize) {
    println!("limit: {}", limit::SETTINGS);
    let list = desk.looks("/admin/products").await;
    let (category, name) = category_of(&list.text);
    let filter = format!("/admin/products?status=published&category={category}");
    let mut asked = Times::default();
    for _ in 0..times {
        asked.bare(|| bare.list());
        asked.page(desk.looks("/admin/products")).await;
    }
    asked.tell("list, the newest");
    for word in WORDS.iter().cycle().take(times) {
        asked.bare(|| bare.search(word));
        asked.page(desk.looks(&format!("/admin/products?q={word}"))).await;
    }
    asked.tell("search, one word");
    for _ in 0..times {
        asked.bare(|| bare.filter(&name));
        asked.page(desk.looks(&filter)).await;
    }
    asked.tell("filter, a category");
    saves(running, &mut desk, &product_pages(&list.text), times).await;
}

/// Saves products with another name, beside appends of as much as a save writes.
async fn saves(running: &Running, desk: &mut Desk, pages: &[String], times: usize) {
    let log = &running.node.platform.log;
    let spec = TopicSpec { name: TOPIC.into(), partitions: 1, retention: Retention::Forever };
    log.ensure_topics(&[spec]).await.unwrap();
    let record = || NewRecord {
        topic: TOPIC.into(),
        partition: Some(0),
        key: Bytes::from_static(b"k"),
        value: Some(Bytes::from_static(&[b'x'; EVENT])),
        headers: Vec::new(),
    };
    let mut asked = Times::default();
    for (number, path) in (0..times).zip(pages.iter().cycle()) {
        let name = format!("Produto guardado {number}");
        let page = desk.looks(path).await;
        let form = filled(&page, "seo/title", &[("name", name.as_str())]);
        let begun = Instant::now();
        log.append(vec![record()]).await.unwrap();
        asked.bare.push(begun.elapsed());
        asked.page(desk.sends(path, &form)).await;
    }
    asked.tell("save a product");
}

/// The first category that the list lets choose: its id and its name.
fn category_of(list: &str) -> (String, String) {
    let (_, choices) = list.split_once("id=\"category\"").unwrap();
    // Before it stands the choice of all.
    let choice = choices.split("<option value=\"").nth(2).unwrap();
    let (id, rest) = choice.split_once("\">").unwrap();
    (id.to_owned(), rest.split('<').next().unwrap().to_owned())
}

/// The addresses of the products on a list.
fn product_pages(list: &str) -> Vec<String> {
    let links = list.split("<th scope=\"row\"><a href=\"").skip(1);
    links.map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
}

/// How long pages took, and what they stand on.
#[derive(Default)]
struct Times {
    bare: Vec<Duration>,
    pages: Vec<Duration>,
}

impl Times {
    fn bare(&mut self, ask: impl FnOnce()) {
        let begun = Instant::now();
        ask();
        self.bare.push(begun.elapsed());
    }

    async fn page<T>(&mut self, asked: impl Future<Output = T>) {
        let begun = Instant::now();
        asked.await;
        self.pages.push(begun.elapsed());
    }

    /// Prints what was measured, and begins anew.
    fn tell(&mut self, what: &str) {
        for (arm, times) in [("limit", &mut self.bare), ("feira", &mut self.pages)] {
            times.sort_unstable();
            let at = |part| quantile(times, part).unwrap().as_secs_f64() * 1e3;
            println!(
                "  {what:<20} {arm:<6} {:>5} times: p50 {:>8.2} ms, p95 {:>8.2} ms",
                times.len(),
                at(0.5),
                at(0.95)
            );
        }
        println!("  {what:<20} (aim: p95 of {AIM_MS} ms at most)");
        *self = Self::default();
    }
}

/// Reads the export of all products, twice: the first time also fills what the stores keep of their files.
async fn exports(running: &Running, tenant: TenantId, products: usize) {
    for turn in ["first", "again"] {
        let before = resident_mb();
        let begun = Instant::now();
        let (bytes, lines, most) = export(running, tenant).await;
        assert!(lines > products, "{lines} lines of {products} products");
        println!(
            "export, {turn}: {products} products, {} MB in {:.1} s; resident: {before} MB before, {most} MB at most, {} MB more (aim: \
             {AIM_MB} MB at most)",
            bytes >> 20,
            begun.elapsed().as_secs_f64(),
            most.saturating_sub(before)
        );
    }
}

/// Reads an export and keeps nothing of it: its bytes, its lines, and the most memory that was resident meanwhile, in MB.
async fn export(running: &Running, tenant: TenantId) -> (usize, usize, u64) {
    let address = format!("http://{}/api/operator/v1/tenants/{tenant}/export", running.address);
    let asked = client().get(address).bearer_auth(&running.operator_token).header("host", "localhost");
    let answer = asked.timeout(EXPORTED_WITHIN).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let mut parts = answer.bytes_stream();
    let (mut bytes, mut lines, mut most, mut looked) = (0, 0, resident_mb(), 0);
    while let Some(part) = parts.next().await {
        let part = part.unwrap();
        bytes += part.len();
        lines += part.iter().filter(|byte| **byte == b'\n').count();
        if bytes - looked >= BETWEEN {
            (looked, most) = (bytes, most.max(resident_mb()));
        }
    }
    (bytes, lines, most.max(resident_mb()))
}

/// Resident memory of this process, in MB.
fn resident_mb() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().split(' ').next().unwrap().parse::<u64>().unwrap() / 1_024
}
