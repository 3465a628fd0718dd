//! The HTTP part of a process: credentials, listener, and the demo.

use std::{
    collections::BTreeMap,
    fs,
    io::{self, Write},
    net::SocketAddr,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::Context as _;
use feira_connectors::gateway::Gateways;
use feira_demo::{
    payments::{self, DemoAccount},
    platform,
    seed::{self, Seeded, SeededShop},
    staff,
};
use feira_schemas::secret::Secret;
use feira_streams::views::Readers;
use feira_web::{
    context::{Api, ApiConfig, Showcased},
    probes::{self, Probes},
    quotas::Quotas,
    server::{self, Answers, ServerSettings},
    site::Site,
    tokens,
};
use metrics_exporter_prometheus::PrometheusHandle;
use rand::RngCore;
use serde::{Deserialize, Serialize};
use tokio::net::{TcpListener, TcpSocket};

use crate::{
    config::{Config, ConfigError},
    descriptors,
    node::Node,
    simulator::Simulator,
};

/// The content of `credentials.json` in the data folder, which only its owner may read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credentials {
    /// The bearer token of the operator API.
    pub operator_token: Secret,
    /// 64 hex digits; see [`Config::secret`].
    pub secret: Secret,
    /// The credentials of the demo shops, by sub-domain.
    #[serde(default)]
    pub shops: BTreeMap<String, ShopCredentials>,
    /// True once the demo shops are whole, images too.
    #[serde(default)]
    pub demo_made: bool,
}

/// The credentials of a demo shop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShopCredentials {
    /// The shop's id, a UUID.
    pub tenant_id: String,
    /// The bearer token of the shop's admin API.
    pub admin_token: Secret,
}

impl Credentials {
    /// The file's path: `credentials.json` in the data folder.
    pub fn path(data: &Path) -> PathBuf {
        data.join("credentials.json")
    }

    /// Reads the credentials of a data folder; fails where there is no file, or one that does not parse.
    pub fn read(data: &Path) -> anyhow::Result<Self> {
        let path = Self::path(data);
        let text = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
        serde_json::from_str(&text).with_context(|| format!("{} is not as it was written", path.display()))
    }

    /// The credentials of a data folder, or empty ones where it has none; values of the configuration stand above
    /// them. Refused where they can't be made.
    pub fn known(config: &Config) -> anyhow::Result<Self> {
        let mut credentials = match Self::read(&config.data) {
            Ok(credentials) => credentials,
            Err(_) if !Self::path(&config.data).exists() => Self::default(),
            Err(error) => return Err(error),
        };
        if !config.operator_token.is_empty() {
            credentials.operator_token.clone_from(&config.operator_token);
        }
        if !config.secret.is_empty() {
            credentials.secret.clone_from(&config.secret);
        }
        let distributed = !config.kafka_brokers.is_empty();
        if distributed && (credentials.operator_token.is_empty() || credentials.secret.is_empty()) {
            let why = "FEIRA_OPERATOR_TOKEN and FEIRA_SECRET must be set: every process needs the same";
            return Err(ConfigError::Invalid(why.to_owned()).into());
        }
        if !credentials.secret.is_empty() {
            secret_of(&credentials)?;
        }
        Ok(credentials)
    }

    /// The credentials of [`Self::known`]; those that are missing are made and written to the data folder.
    pub fn of(config: &Config) -> anyhow::Result<Self> {
        let mut credentials = Self::known(config)?;
        let before = credentials.clone();
        if credentials.operator_token.is_empty() {
            credentials.operator_token = format!("operator_{}", random_hex()).into();
        }
        if credentials.secret.is_empty() {
            credentials.secret = random_hex().into();
        }
        if credentials != before {
            credentials.write(&config.data)?;
        }
        Ok(credentials)
    }

    /// Keeps them: whole or not at all, and readable by their owner alone.
    pub fn write(&self, data: &Path) -> anyhow::Result<()> {
        let path = Self::path(data);
        let beside = path.with_extension("new");
        let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
        file.write_all(serde_json::to_string_pretty(self)?.as_bytes())?;
        file.sync_all()?;
        fs::rename(&beside, &path).with_context(|| format!("writing {}", path.display()))
    }
}

fn random_hex() -> String {
    let mut bytes = [0; 32];
    rand::rng().fill_bytes(&mut bytes);
    hex::encode(bytes)
}

fn secret_of(credentials: &Credentials) -> anyhow::Result<[u8; 32]> {
    let mut secret = [0; 32];
    hex::decode_to_slice(credentials.secret.expose(), &mut secret).context("the secret must be 64 hex digits")?;
    Ok(secret)
}

/// The APIs' context on a running node.
pub fn api(
    node: &Node,
    config: &Config,
    credentials: &Credentials,
    metrics: Option<PrometheusHandle>,
    site: Site,
) -> anyhow::Result<Arc<Api>> {
    let secret = secret_of(credentials)?;
    let readers =
        Readers { storefront: node.storefront.clone(), search: node.search.clone(), panel: node.panel.clone() };
    let of_api = node.keys.as_ref().zip(node.sessions.as_ref());
    let (keys, sessions) = of_api.context("a process without the role api answers nothing")?;
    let api_config = ApiConfig {
        platform_domain: config.platform_domain.clone(),
        operator_token_hash: tokens::hash(credentials.operator_token.expose()),
        secret,
        secrets: keys.secrets.clone(),
        contact: config.mail.contact().map(str::to_owned),
    };
    let commands = Arc::clone(&node.commands);
    let gateways = Gateways::new(&node.gateways, &node.platform.clock)?;
    let (platform, keyring) = (node.platform.clone(), keys.keyring.clone());
    let mut api =
        Api::new(platform, commands, readers, keyring, gateways, sessions.clone(), api_config, node.stopped());
    (api.metrics, api.error_page) = (metrics, site.error_page);
    api.quotas = Arc::new(Quotas::new(config.quotas()));
    api.showcase = showcase();
    api.addresses = config.domain_targets()?.addresses.into();
    api.simulation = node.simulator.as_ref().map(Simulator::simulation);
    Ok(Arc::new(api))
}

/// The demo shops, for the platform's home page.
fn showcase() -> Arc<[Showcased]> {
    let showcased = |shop: feira_demo::DemoShop| Showcased { subdomain: shop.subdomain.into(), name: shop.name.into() };
    feira_demo::shops().into_iter().map(showcased).collect()
}

/// Listens. Connections that come while others are being accepted wait, up to 4,096 of them or what the system allows (Linux:
/// `net.core.somaxconn`): one that finds no place is tried again after a second by its client's system, then after three.
fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    const WAITING: u32 = 4_096;
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // As the library's own `bind` does: what a process before this one left behind keeps no address.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(WAITING)
}

/// Listens and serves everything with the node, until it stops.
pub async fn start(node: &mut Node, api: Arc<Api>, config: &Config, site: Site) -> anyhow::Result<SocketAddr> {
    serve(node, feira_web::routing::filter(api, &(site.routes)()), config)
}

/// Listens and serves the probes of a process that has not the role `api`: how it is, and what it counts. Nothing else is there.
pub fn start_probes(node: &mut Node, config: &Config, metrics: Option<PrometheusHandle>) -> anyhow::Result<SocketAddr> {
    let (health, clock) = (node.platform.health.clone(), node.platform.clock.clone());
    let probes = Probes::new(health, clock, &config.platform_domain, metrics, node.stopped());
    serve(node, probes::filter(probes), config)
}

fn serve(node: &mut Node, answers: Answers, config: &Config) -> anyhow::Result<SocketAddr> {
    let listener = listen(config.listen).map_err(|error| not_listening(config.listen, error))?;
    let address = listener.local_addr()?;
    let settings = server_settings(config)?;
    tracing::info!(connections = settings.connections, per_address = settings.per_address, "connections at most");
    node.serve(|stop| async move {
        server::serve_filter(listener, answers, settings, stop).await;
        Ok(())
    });
    Ok(address)
}

/// Why nobody listens there. Each process of a machine has an address of its own.
fn not_listening(address: SocketAddr, error: io::Error) -> anyhow::Error {
    let taken = error.kind() == io::ErrorKind::AddrInUse;
    let what_to_do = if taken { ": another process has it; set FEIRA_LISTEN (port 0: any that is free)" } else { "" };
    anyhow::Error::from(error).context(format!("listening on {address}{what_to_do}"))
}

/// The limits of the listener's connections: as many as descriptors and memory leave, or fewer where the
/// configuration says so.
fn server_settings(config: &Config) -> anyhow::Result<ServerSettings> {
    let mut settings = ServerSettings::within(descriptors::limit(), config.budget());
    if config.connections > 0 {
        settings.connections = settings.connections.min(config.connections as usize);
        settings.per_address = settings.per_address.min(settings.connections);
    }
    if config.connections_per_address > 0 {
        settings.per_address = settings.connections.min(config.connections_per_address as usize);
    }
    settings.proxies = config.proxies()?;
    Ok(settings)
}

/// Makes the demo shops if they are not whole yet. Returns once their products are there; images follow. What comes back are the
/// sub-domains of those that are there already and that these credentials did not make: they are left as they are.
pub async fn demo(
    node: &mut Node,
    api: &Arc<Api>,
    config: &Config,
    credentials: &mut Credentials,
) -> anyhow::Result<Vec<&'static str>> {
    if credentials.demo_made {
        return Ok(Vec::new());
    }
    let Seeded { shops, others } = seed::seed(api).await?;
    if !others.is_empty() {
        tracing::warn!(shops = ?others, "demo shops were made with other credentials than these of the data folder, or are not the demo's");
    }
    credentials.shops = shops.iter().map(shop_credentials).collect();
    credentials.write(&config.data)?;
    let (api, data, mut made) = (Arc::clone(api), config.data.clone(), credentials.clone());
    // Otherwise the next start looks again, and says it again.
    let whole = others.is_empty();
    node.serve(|mut stop| async move {
        // Cancel safety: what was drawn is kept under ids of its own, and the rest is drawn at the next start.
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return Ok(()),
            drawn = seed::draw(&api, &shops) => drawn?,
        }
        made.demo_made = whole;
        made.write(&data)
    });
    Ok(others)
}

/// Gives the demo shops their accounts at the simulator, where there is one, and has their callbacks sent to the listener at this
/// address. What is there is left as it is.
pub async fn demo_payments(
    node: &Node,
    api: &Api,
    credentials: &Credentials,
    listener: SocketAddr,
) -> anyhow::Result<()> {
    let Some(simulator) = &node.simulator else { return Ok(()) };
    for (subdomain, shop) in &credentials.shops {
        let accounts = DemoAccount::all(api, subdomain, shop.tenant_id.parse()?);
        simulator.serve(&accounts, listener)?;
        payments::save(api, subdomain, &accounts).await?;
    }
    Ok(())
}

/// Gives the platform an account at the simulator, where there is one, and plans that are paid to it, unless it has its own. True if
/// people can sign up.
pub async fn demo_platform(node: &Node, api: &Api, listener: SocketAddr) -> anyhow::Result<bool> {
    let Some(simulator) = &node.simulator else { return Ok(false) };
    let failed = |why: String| anyhow::anyhow!("the demo's platform could not be opened for sign-ups: {why}");
    if let Some(account) = platform::account(api).await.map_err(failed)? {
        // The key is tried once it is saved: the simulator knows it before.
        simulator.serve(std::slice::from_ref(&account), listener)?;
        platform::open(api, &account).await.map_err(failed)?;
    }
    platform::offers(api).await.map_err(failed)
}

/// Invites the first operator of a platform that has no staff yet; the path of the link by which a password is chosen.
pub async fn first_operator(api: &Api) -> anyhow::Result<Option<String>> {
    staff::first_operator(api).await.map_err(|why| anyhow::anyhow!("the first operator could not be invited: {why}"))
}

fn shop_credentials(shop: &SeededShop) -> (String, ShopCredentials) {
    let credentials =
        ShopCredentials { tenant_id: shop.tenant_id.to_string(), admin_token: shop.admin_token.clone().into() };
    (shop.subdomain.clone(), credentials)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::time::Duration;

    use tokio::{net::TcpStream, time::timeout};

    use super::*;

    #[tokio::test]
    async fn an_address_that_another_process_has_is_said_with_the_variable_to_set() {
        let taken = listen("127.0.0.1:0".parse().unwrap()).unwrap();
        let address = taken.local_addr().unwrap();
        let said = format!("{:#}", not_listening(address, listen(address).err().unwrap()));
        assert!(said.contains(&address.to_string()) && said.contains("FEIRA_LISTEN"), "{said}");
    }

    #[tokio::test]
    async fn f40_as_many_as_come_at_once_wait_to_be_accepted() {
        // More than the 128 that the libraries have wait.
        const COME: usize = 400;
        let most = fs::read_to_string("/proc/sys/net/core/somaxconn").unwrap();
        assert!(most.trim().parse::<usize>().unwrap() >= COME, "this system allows {most}");
        let listener = listen("127.0.0.1:0".parse().unwrap()).unwrap();
        let address = listener.local_addr().unwrap();
        let mut waiting = Vec::new();
        for _ in 0..COME {
            // Who finds no place connects after minutes, or never.
            waiting.push(timeout(Duration::from_secs(30), TcpStream::connect(address)).await.unwrap().unwrap());
        }
        for _ in 0..COME {
            listener.accept().await.unwrap();
        }
    }
}
