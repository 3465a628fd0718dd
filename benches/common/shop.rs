//! A whole Feira for a bench: a process that listens, and a shop in it.

use std::{net::SocketAddr, time::Duration};

use feira_node::{
    config::Config,
    node::Node,
    serve::{self, Credentials},
};
use feira_schemas::{
    api::product::product_content,
    ids::TenantId,
    records::{
        AdminCommand,
        admin::ImportProduct,
        common::{CommandResult, Outcome},
    },
    topics::{Context, Position},
};
use feira_streams::commands::Commands;
use futures::{StreamExt, stream};
use tempfile::TempDir;
use uuid::Uuid;

use super::{catalogue, command, services};

/// Requests a minute: more than anything answers.
const QUOTA: u32 = 1_000_000_000;

/// The longest wait for anything before the bench gives up.
pub const PATIENCE: Duration = Duration::from_secs(120);
/// Commands under way at once while a catalogue is filled.
const AT_ONCE: usize = 256;

/// A running Feira with an HTTP listener and a folder of its own.
pub struct Running {
    /// The node with all of its parts.
    pub node: Node,
    /// The address of its HTTP listener.
    pub address: SocketAddr,
    /// The token of its operator API.
    pub operator_token: String,
    _folder: TempDir,
}

impl Running {
    /// Starts one on the embedded parts, or on the services that the environment names.
    pub async fn start() -> Self {
        Self::start_with(|config| config).await
    }

    /// Starts one with other settings.
    pub async fn start_with(settings: impl FnOnce(Config) -> Config) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listen = SocketAddr::from(([127, 0, 0, 1], 0));
        let config = settings(Config { listen, ..configured(&folder) });
        let credentials = Credentials::of(&config).unwrap();
        let mut node = Node::start(&config).await.unwrap();
        let api = serve::api(&node, &config, &credentials, None, feira_apis::SITE).unwrap();
        let address = serve::start(&mut node, api, &config, feira_apis::SITE).await.unwrap();
        Self { node, address, operator_token: credentials.operator_token.expose().to_owned(), _folder: folder }
    }

    /// Waits until both views of the shop show a position.
    pub async fn shown(&self, at: Position) {
        for view in ["search", "storefront"] {
            self.node.platform.reached.wait(view, Context::Store, at, PATIENCE).await.unwrap();
        }
    }
}

/// The configuration in force, on this folder; what every process of a deployment shares is made up where it is not set.
pub fn configured(folder: &TempDir) -> Config {
    let mut config = Config { data: folder.path().to_owned(), ..Config::load().unwrap() };
    // Counted as always, and never used up: one client asks as fast as it can.
    (config.quota_shop, config.quota_credential, config.quota_address) = (QUOTA, QUOTA, QUOTA);
    (config.quota_carts, config.quota_coupons) = (QUOTA, QUOTA);
    if config.operator_token.is_empty() {
        config.operator_token = "operator-of-the-benches".into();
    }
    if config.secret.is_empty() {
        config.secret = services::SECRET.into();
    }
    // Of a cluster the same as the tests', which may have used it before.
    if !config.scylla_nodes.is_empty() && config.master_key.is_empty() && config.secrets.is_empty() {
        (config.master_key, config.secrets) = (services::MASTER_KEY.into(), services::SECRETS.into());
    }
    config
}

/// The mode that a result of this run names: embedded or distributed.
pub fn mode(config: &Config) -> &'static str {
    if config.kafka_brokers.is_empty() { "embedded" } else { "distributed" }
}

/// A sub-domain that nobody has taken.
pub fn subdomain() -> String {
    format!("bench-{}", &Uuid::new_v4().simple().to_string()[..12])
}

/// Sends an admin command and waits for its answer, which must be a success.
pub async fn send(commands: &Commands, command: impl Into<AdminCommand>) -> CommandResult {
    let result = command::send(commands, command).await;
    assert!(matches!(result.outcome, Outcome::Created | Outcome::Updated), "{result:?}");
    result
}

/// The command that brings product `number` of the catalogue in.
pub fn import(tenant: TenantId, number: usize) -> ImportProduct {
    let content = product_content(serde_json::from_value(catalogue::product(number)).unwrap()).unwrap();
    let category_name = Some(catalogue::category(number));
    ImportProduct { meta: command::meta(tenant), content, category_name, images: Vec::new(), clears_images: false }
}

/// Fills a shop with the first `count` products of the catalogue and waits until buyers see them.
pub async fn fill(running: &Running, tenant: TenantId, count: usize) {
    let results = stream::iter(0..count).map(|number| send(&running.node.commands, import(tenant, number)));
    let last = results.buffer_unordered(AT_ONCE).fold(None::<CommandResult>, |last, result| async move {
        last.filter(|last| last.write_ts >= result.write_ts).or(Some(result))
    });
    running.shown(command::position(&last.await.expect("at least one product"))).await;
}
