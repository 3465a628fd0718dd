//! Services that scale each for itself: three processes that decide for admin, three of the shop, and one with all the rest. Told on the
//! services alone.

use std::collections::{BTreeMap, BTreeSet};

use feira_node::{
    config::{Config, Role},
    node::Node,
    serve::{self, Credentials},
};
use feira_schemas::{
    ids::TenantId,
    records::{admin::CreateProduct, common::Outcome},
    topics::Context,
};
use futures::future::join_all;
use tempfile::TempDir;
use tokio::time::{Duration, Instant, sleep};

use crate::common::{
    PATIENCE, admin, meta, position,
    process::client,
    products::content,
    services::{PARTITIONS, distributed, services, subdomain},
    tenant, until,
};

/// The processes of a service that is scaled.
const REPLICAS: usize = 3;

/// All processes.
struct Scaled {
    admins: Vec<Node>,
    /// Those of the shop, each with its address.
    shops: Vec<(Node, String)>,
    rest: Node,
    _folders: Vec<TempDir>,
}

/// A process with these roles, with one loop for each context: its group has as many members as processes.
fn config(folder: &TempDir, roles: &[Role]) -> Config {
    let of_all = distributed(folder.path(), roles.iter().copied());
    Config { threads: 1, fetch_images: false, listen: "127.0.0.1:0".parse().unwrap(), ..of_all }
}

async fn serving(config: Config) -> (Node, String) {
    let mut node = Node::start(&config).await.unwrap();
    let credentials = Credentials::of(&config).unwrap();
    let api = serve::api(&node, &config, &credentials, None, feira_apis::SITE).unwrap();
    let address = serve::start(&mut node, api, &config, feira_apis::SITE).await.unwrap();
    (node, format!("http://{address}"))
}

impl Scaled {
    async fn start() -> Self {
        let folders: Vec<TempDir> = (0..=2 * REPLICAS).map(|_| tempfile::tempdir().unwrap()).collect();
        let of_admin = Role::Context(Context::Admin);
        let of_shop = [Role::Context(Context::Store), Role::Search, Role::Storefront, Role::Api];
        let is_left = |role: &Role| *role != of_admin && !of_shop.contains(role);
        let left: Vec<Role> = Role::ALL.into_iter().filter(is_left).collect();
        let (admins, others) = folders.split_at(REPLICAS);
        let (shops, rest) = others.split_at(REPLICAS);
        let admins = admins.iter().map(|folder| {
            let config = config(folder, &[of_admin]);
            async move { Node::start(&config).await.unwrap() }
        });
        let shops = shops.iter().map(|folder| serving(config(folder, &of_shop)));
        let rest = config(&rest[0], &left);
        let (admins, shops, rest) = tokio::join!(join_all(admins), join_all(shops), Node::start(&rest));
        Self { admins, shops, rest: rest.unwrap(), _folders: folders }
    }

    /// Waits until each partition is decided by one of the admins that run, and each of them decides one at least.
    async fn spread(&self) {
        until("the partitions are spread over all admins", async || {
            let owner = |partition| {
                let owns = |node: &Node| node.platform.reached.serves(Context::Admin.name(), partition);
                self.admins.iter().position(owns)
            };
            let owners: Vec<usize> = (0..PARTITIONS).filter_map(owner).collect();
            let deciding: BTreeSet<usize> = owners.iter().copied().collect();
            owners.len() == PARTITIONS as usize && deciding.len() == self.admins.len()
        })
        .await;
    }

    /// A shop in every partition.
    async fn open(&self) -> Vec<(TenantId, String)> {
        let (asked, _) = &self.shops[0];
        let mut opened = BTreeMap::new();
        while opened.len() < PARTITIONS as usize {
            let name = subdomain("rede");
            let shop = tenant(asked, &name).await;
            opened.insert(asked.platform.partition_of(shop), (shop, name));
        }
        opened.into_values().collect()
    }

    /// Makes a product in each of these shops, asked of another process of the shop in turn, and sees it on the pages of all of them.
    async fn sells(&self, shops: &[(TenantId, String)], name: &str) {
        for (number, (shop, subdomain)) in shops.iter().enumerate() {
            let (asked, _) = &self.shops[number % self.shops.len()];
            let created = admin(asked, CreateProduct { meta: meta(*shop), content: content(name, 1_000) }).await;
            assert_eq!(created.outcome, Outcome::Created, "{created:?}");
            let at_least = position(&created).to_string();
            join_all(self.shops.iter().map(|(_, address)| is_shown(address, subdomain, name, &at_least))).await;
        }
    }

    async fn stop(self) {
        let shops = self.shops.into_iter().map(|(node, _)| node);
        let all: Vec<Node> = shops.chain(self.admins).chain([self.rest]).collect();
        for stopped in join_all(all.into_iter().map(Node::stop)).await {
            stopped.unwrap();
        }
    }
}

/// Waits until a process of the shop shows a product on its page.
async fn is_shown(address: &str, subdomain: &str, name: &str, at_least: &str) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let page = client().get(format!("{address}/product/{}", name.to_lowercase()));
        let page = page.header("host", format!("{subdomain}.localhost")).header("feira-at-least", at_least);
        let page = page.send().await.unwrap();
        let (status, html) = (page.status(), page.text().await.unwrap());
        if status == 200 {
            assert!(html.contains(name), "{name} is not on its page at {address}");
            return;
        }
        assert!(Instant::now() < deadline, "{address} never shows {name} of {subdomain}: {status} {html}");
        sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn s109_admin_and_the_shop_run_three_times_each_and_go_on_with_one_admin_less() {
    let Some(_alone) = services().await else { return };
    let mut scaled = Scaled::start().await;
    scaled.spread().await;
    let shops = scaled.open().await;
    scaled.sells(&shops, "Caneca").await;

    let stopped = scaled.admins.remove(0);
    stopped.stop().await.unwrap();
    scaled.sells(&shops, "Prato").await;
    scaled.spread().await;
    scaled.stop().await;
}
