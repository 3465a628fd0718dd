//! Sign-up while a context is away, and while processes are killed: everybody who pays gets one shop.

mod killed;

use feira_node::{
    config::{Config, Role},
    node::Node,
    serve::{self, Credentials},
};
use feira_schemas::topics::Context;
use tempfile::TempDir;

use crate::common::{
    gateway::{Simulator, pointed_at},
    process::client,
    services::{OPERATOR_TOKEN, distributed, services, subdomain},
    signup::{Platform, away},
    until,
};

/// A process with all roles but one, which serves, and one with that role alone. Told on the services alone: embedded parts serve one
/// process, and `apis/tests/http/away.rs` tells it of them.
struct Apart {
    base: String,
    rest: Node,
    alone: Option<Node>,
    role: Role,
    gateways: String,
    folders: [TempDir; 2],
}

impl Apart {
    async fn start(role: Role, gateways: &str) -> Self {
        let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let rest = Role::ALL.into_iter().filter(|other| *other != role);
        let config = Config {
            fetch_images: false,
            listen: "127.0.0.1:0".parse().unwrap(),
            trusted_proxies: "127.0.0.1".into(),
            ..distributed(folders[0].path(), rest)
        };
        let config = pointed_at(gateways, config);
        let mut rest = Node::start(&config).await.unwrap();
        let api = serve::api(&rest, &config, &Credentials::of(&config).unwrap(), None, feira_apis::SITE).unwrap();
        let address = serve::start(&mut rest, api, &config, feira_apis::SITE).await.unwrap();
        let (base, gateways) = (format!("http://{address}"), gateways.to_owned());
        let mut apart = Self { base, rest, alone: None, role, gateways, folders };
        apart.turn(true).await;
        until("the process is ready", async || {
            let asked = client().get(format!("{}/readyz", apart.base)).header("host", "localhost");
            asked.send().await.unwrap().status() == 200
        })
        .await;
        apart
    }

    /// Starts the process with the one role, or ends it.
    async fn turn(&mut self, on: bool) {
        if let Some(alone) = self.alone.take() {
            alone.stop().await.unwrap();
        }
        if on {
            let config = Config { fetch_images: false, ..distributed(self.folders[1].path(), [self.role]) };
            self.alone = Some(Node::start(&pointed_at(&self.gateways, config)).await.unwrap());
        }
    }

    async fn stop(mut self) {
        self.turn(false).await;
        self.rest.stop().await.unwrap();
    }
}

/// A deployment apart, and a platform on it that takes sign-ups.
async fn begun(context: Context, simulator: &Simulator) -> (Apart, Platform) {
    let apart = Apart::start(Role::Context(context), &simulator.base).await;
    let platform = Platform::open(&apart.base, OPERATOR_TOKEN, &simulator.base).await;
    (apart, platform)
}

async fn ended(apart: Apart, platform: &Platform, simulator: Simulator) {
    platform.close().await;
    apart.stop().await;
    simulator.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn s107_with_admin_away_a_subscription_is_paid_and_its_shop_appears_when_it_is_back() {
    let Some(_alone) = services().await else { return };
    let simulator = Simulator::start().await;
    let (mut apart, platform) = begun(Context::Admin, &simulator).await;
    let names = [subdomain("padaria"), subdomain("padaria")];
    away::of_admin(&platform, names.each_ref().map(String::as_str), async |on| apart.turn(on).await).await;
    ended(apart, &platform, simulator).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn s107_with_payments_away_sign_up_says_that_it_goes_on_by_itself_and_does_when_it_is_back() {
    let Some(_alone) = services().await else { return };
    let simulator = Simulator::start().await;
    let (mut apart, platform) = begun(Context::Payments, &simulator).await;
    let names = [subdomain("padaria"), subdomain("padaria")];
    away::of_payments(&platform, names.each_ref().map(String::as_str), async |on| apart.turn(on).await).await;
    ended(apart, &platform, simulator).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn s107_with_signup_away_shops_sell_on_and_who_signs_up_gets_a_shop_when_it_is_back() {
    let Some(_alone) = services().await else { return };
    let simulator = Simulator::start().await;
    let (mut apart, platform) = begun(Context::Signup, &simulator).await;
    let names = [subdomain("padaria"), subdomain("padaria")];
    away::of_signup(&platform, names.each_ref().map(String::as_str), async |on| apart.turn(on).await).await;
    ended(apart, &platform, simulator).await;
}
