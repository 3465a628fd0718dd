//! Configuration: parsed (unknown keys of the file refused, unknown variables named in a warning), validated, and only then used.
//! Default < `feira.toml` < environment < flag.

pub(crate) mod addresses;
mod alone;
mod domains;
mod environment;
mod gateways;
mod kafka;
mod mail;
mod role;
mod scylla;
mod services;
mod simulator;
mod tls;
mod variables;

#[cfg(test)]
mod tests;

use std::{collections::BTreeSet, ffi::OsString, fmt, net::SocketAddr, path::PathBuf, thread::available_parallelism};

use feira_connectors::keyring::MasterKeys;
use feira_schemas::{
    budget::{self, Budget},
    secret::Secret,
    secrets::Secrets,
};
use feira_web::{addresses::TrustedProxies, quotas::QuotaSettings};
use figment::{
    Figment,
    providers::{Format, Serialized, Toml},
    value::{Dict, Value},
};
use serde::{Deserialize, Serialize};

use self::environment::{Variable, setting};
pub use feira_schemas::groups::Role;

pub use self::{
    gateways::GatewaysTable,
    kafka::{Kafka, Properties},
    mail::MailTable,
    role::role,
    scylla::Scylla,
    services::{Redis, RegistryTable, S3},
    simulator::SimulatorTable,
};
use crate::output::{complain, masked};

/// Everything that can be set. Its `Debug` is what `feira config` prints: nothing in it is a secret.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Folder of the embedded parts and of the search shards.
    pub data: PathBuf,
    /// Address of the HTTP listener.
    pub listen: SocketAddr,
    /// The platform's domain: shops are `<sub-domain>.<this>`.
    pub platform_domain: String,
    /// The roles of this process.
    pub roles: BTreeSet<Role>,
    /// Partitions of every topic; fixed when the topics are made.
    pub partitions: u32,
    /// `host:port,…`: the log is Kafka; empty: embedded.
    pub kafka_brokers: String,
    /// The replication factor of topics, and of rows too, unless `scylla.replication` says otherwise.
    pub replication: u8,
    /// `host:port,…`: the state is ScyllaDB (or Cassandra); empty: embedded.
    pub scylla_nodes: String,
    /// `redis://…`: the cache is Redis; empty: in process.
    pub redis_url: String,
    /// Confluent-compatible schema registry; empty: embedded.
    pub registry_url: String,
    /// `http(s)://key:secret@host:port/bucket`: files are in S3; empty: in the data folder.
    pub s3_url: Secret,
    /// `[kafka]`: TLS, login and properties of the clients.
    pub kafka: Kafka,
    /// `[scylla]`: TLS, login, consistency and replication.
    pub scylla: Scylla,
    /// `[redis]`: TLS and login.
    pub redis: Redis,
    /// `[registry]`: TLS and login.
    pub registry: RegistryTable,
    /// `[s3]`: region, keys and path style.
    pub s3: S3,
    /// `[gateways]`: addresses of payment gateways.
    pub gateways: GatewaysTable,
    /// `[simulator]`: a payment gateway that moves no money, in this process.
    pub simulator: SimulatorTable,
    /// `[mail]`: the sender, the server and the key of mails.
    pub mail: MailTable,
    /// Credential of the operator API; empty: made and kept in `credentials.json` of the data folder (embedded only).
    pub operator_token: Secret,
    /// 64 hex digits that tokens are derived with; must be the same on every process. Empty: as for `operator_token`.
    pub secret: Secret,
    /// Master keys of the keyring, `id:key,…`, the newest last; must be the same on every process. Empty: `master.key` of the data
    /// folder, made once (embedded keyring only).
    pub master_key: Secret,
    /// Secrets that tokens and terms are derived from, `id:key,…`, the newest last; must be the same on every process. Empty:
    /// `secrets.key` of the data folder, made once (embedded keyring only).
    pub secrets: Secret,
    /// Makes this process a static member of its groups.
    pub instance: String,
    /// Loops that each context's partitions are shared out to in this process; 0: as many as it may use cores.
    pub threads: u32,
    /// Mebibytes of memory that this process shares out among its parts.
    pub memory_mb: u32,
    /// True if images that an import names by address are fetched.
    pub fetch_images: bool,
    /// `address:port` of the name server that is asked for shops' domains; empty: those of this machine.
    pub dns: String,
    /// Addresses and names (`198.51.100.7,…`) that a shop's domain may lead to beside the platform's own.
    pub domain_targets: String,
    /// Addresses and networks (`10.0.0.0/8,…`) of proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed; empty: of
    /// none.
    pub trusted_proxies: String,
    /// Most connections at once; 0: what the limit of open files leaves, 10,000 at most.
    pub connections: u32,
    /// Most connections at once of one address; 0: a quarter of all.
    pub connections_per_address: u32,
    /// Requests a minute of a shop, of a shop's credential, and of an address without one; 0: without end.
    pub quota_shop: u32,
    /// Requests a minute with one credential of a shop; 0: without end.
    pub quota_credential: u32,
    /// Requests a minute from one address without a credential; 0: without end.
    pub quota_address: u32,
    /// New carts a minute from one address; 0: without end.
    pub quota_carts: u32,
    /// Codes that no coupon of a shop has, tried from one address in 15 minutes; 0: without end.
    pub quota_coupons: u32,
    /// Three demo shops are made if there is no shop, and where payments are simulated plans to sign up to if there is none.
    pub demo: bool,
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Taken apart, so that a key that is added and not thought of here does not compile.
        let Self {
            data,
            listen,
            platform_domain,
            roles,
            partitions,
            kafka_brokers,
            replication,
            scylla_nodes,
            redis_url,
            registry_url,
            s3_url,
            kafka,
            scylla,
            redis,
            registry,
            s3,
            gateways,
            simulator,
            mail,
            operator_token,
            secret,
            master_key,
            secrets,
            instance,
            threads,
            memory_mb,
            fetch_images,
            dns,
            domain_targets,
            trusted_proxies,
            connections,
            connections_per_address,
            quota_shop,
            quota_credential,
            quota_address,
            quota_carts,
            quota_coupons,
            demo,
        } = self;
        f.debug_struct("Config")
            .field("data", data)
            .field("listen", listen)
            .field("platform_domain", platform_domain)
            .field("roles", roles)
            .field("partitions", partitions)
            .field("kafka_brokers", &masked(kafka_brokers))
            .field("replication", replication)
            .field("scylla_nodes", &masked(scylla_nodes))
            .field("redis_url", &masked(redis_url))
            .field("registry_url", &masked(registry_url))
            .field("s3_url", s3_url)
            .field("kafka", kafka)
            .field("scylla", scylla)
            .field("redis", redis)
            .field("registry", registry)
            .field("s3", s3)
            .field("gateways", gateways)
            .field("simulator", simulator)
            .field("mail", mail)
            .field("operator_token", operator_token)
            .field("secret", secret)
            .field("master_key", master_key)
            .field("secrets", secrets)
            .field("instance", instance)
            .field("threads", threads)
            .field("memory_mb", memory_mb)
            .field("memory", &Shares(self.budget()))
            .field("fetch_images", fetch_images)
            .field("dns", dns)
            .field("domain_targets", domain_targets)
            .field("trusted_proxies", trusted_proxies)
            .field("connections", connections)
            .field("connections_per_address", connections_per_address)
            .field("quota_shop", quota_shop)
            .field("quota_credential", quota_credential)
            .field("quota_address", quota_address)
            .field("quota_carts", quota_carts)
            .field("quota_coupons", quota_coupons)
            .field("demo", demo)
            .finish()
    }
}

/// The shares of the memory budget, printed in mebibytes.
struct Shares(Budget);

impl fmt::Debug for Shares {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shares = self.0.shares();
        f.debug_map().entries(shares.map(|(name, bytes)| (name, bytes / (1024 * 1024)))).finish()
    }
}

impl Default for Config {
    fn default() -> Self {
        let QuotaSettings { shop, credential, address, carts, coupons } = QuotaSettings::default();
        Self {
            data: PathBuf::from("data"),
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            platform_domain: "localhost".into(),
            roles: Role::ALL.into(),
            partitions: 12,
            kafka_brokers: String::new(),
            replication: 1,
            scylla_nodes: String::new(),
            redis_url: String::new(),
            registry_url: String::new(),
            s3_url: Secret::default(),
            kafka: Kafka::default(),
            scylla: Scylla::default(),
            redis: Redis::default(),
            registry: RegistryTable::default(),
            s3: S3::default(),
            gateways: GatewaysTable::default(),
            simulator: SimulatorTable::default(),
            mail: MailTable::default(),
            operator_token: Secret::default(),
            secret: Secret::default(),
            master_key: Secret::default(),
            secrets: Secret::default(),
            instance: String::new(),
            threads: 0,
            memory_mb: budget::DEFAULT_MB,
            fetch_images: true,
            dns: String::new(),
            domain_targets: String::new(),
            trusted_proxies: String::new(),
            connections: 0,
            connections_per_address: 0,
            quota_shop: shop,
            quota_credential: credential,
            quota_address: address,
            quota_carts: carts,
            quota_coupons: coupons,
            demo: false,
        }
    }
}

/// True for an `http` or `https` address with a host.
pub(crate) fn is_http(address: &str) -> bool {
    let parsed = reqwest::Url::parse(address);
    parsed.is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

/// A configuration that is refused.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A key is unknown or a value can't be read.
    #[error("configuration: {0}")]
    Unreadable(Box<figment::Error>),
    /// A value breaks a rule.
    #[error("configuration: {0}")]
    Invalid(String),
}

fn unreadable(error: figment::Error) -> ConfigError {
    ConfigError::Unreadable(Box::new(error))
}

impl Config {
    /// Reads `feira.toml` and `FEIRA_…`; flags are laid over the result by the caller, who then validates. Variables that set
    /// nothing are named on standard error: the environment is not ours alone, and they may be a newer program's.
    pub fn load() -> Result<Self, ConfigError> {
        let file = Figment::from(Serialized::defaults(Self::default())).merge(Toml::file("feira.toml"));
        // A text that is no Unicode is none of ours, or can't be what is meant.
        let texts = |(name, text): (OsString, OsString)| Some((name.into_string().ok()?, text.into_string().ok()?));
        let (config, unknown) = Self::of(file, std::env::vars_os().filter_map(texts))?;
        if !unknown.is_empty() {
            complain(format_args!("warning: passed over, since they set nothing here: {}", unknown.join(", ")));
        }
        Ok(config)
    }

    /// The configuration of file and environment, the environment over the file, and the names of variables that set
    /// nothing.
    fn of(
        mut figment: Figment,
        variables: impl Iterator<Item = (String, String)>,
    ) -> Result<(Self, Vec<String>), ConfigError> {
        let (variables, unknown) = Variable::all(&Self::settings()?, variables)?;
        for variable in variables {
            figment = figment.merge(variable);
        }
        Ok((figment.extract().map_err(unreadable)?, unknown))
    }

    /// The names of all that can be set outside of tables.
    fn settings() -> Result<BTreeSet<String>, ConfigError> {
        let every = Value::serialize(Self::default()).map_err(unreadable)?;
        let every = every.into_dict().unwrap_or_else(Dict::new).into_iter();
        Ok(every.filter(|(_, value)| value.as_dict().is_none()).map(|(name, _)| name).collect())
    }

    /// The memory that the parts of this process share.
    pub fn budget(&self) -> Budget {
        Budget::of_mb(self.memory_mb)
    }

    /// Loops of each context: more than there are partitions would have nothing to do.
    pub fn threads(&self) -> u32 {
        let cores = || available_parallelism().ok().and_then(|cores| u32::try_from(cores.get()).ok()).unwrap_or(1);
        let asked = if self.threads == 0 { cores() } else { self.threads };
        asked.clamp(1, self.partitions.max(1))
    }

    /// The limits of what may be asked; 0 is no limit.
    pub fn quotas(&self) -> QuotaSettings {
        QuotaSettings {
            shop: self.quota_shop,
            credential: self.quota_credential,
            address: self.quota_address,
            carts: self.quota_carts,
            coupons: self.quota_coupons,
        }
    }

    /// The proxies whose word counts.
    pub fn proxies(&self) -> Result<TrustedProxies, ConfigError> {
        let invalid = |error| ConfigError::Invalid(format!("trusted_proxies: {error}"));
        TrustedProxies::parse(&self.trusted_proxies).map_err(invalid)
    }

    /// Checks all that can be told before anything is connected.
    pub fn validate(&self) -> Result<(), ConfigError> {
        let invalid = |why: &str| Err(ConfigError::Invalid(why.to_owned()));
        if self.partitions == 0 || self.partitions > 1_000 {
            return invalid("partitions must be 1 to 1,000");
        }
        if self.replication == 0 {
            return invalid("replication must be at least 1");
        }
        if self.data.as_os_str().is_empty() {
            return invalid("data must name a folder");
        }
        if self.memory_mb < budget::SMALLEST_MB {
            return Err(ConfigError::Invalid(format!("memory_mb must be at least {}", budget::SMALLEST_MB)));
        }
        self.proxies()?;
        if self.roles.is_empty() {
            return Err(ConfigError::Invalid(format!("roles must name at least one of {}", Role::list())));
        }
        if self.platform_domain.is_empty() || self.platform_domain != self.platform_domain.to_ascii_lowercase() {
            return invalid("platform_domain must be a lower-case host name such as feira.example");
        }
        if !self.secret.is_empty() && hex::decode(self.secret.expose()).map_or(0, |bytes| bytes.len()) != 32 {
            return invalid("secret must be 64 hex digits (32 bytes); make one with `openssl rand -hex 32`");
        }
        if !self.master_key.is_empty()
            && let Err(error) = MasterKeys::parse(&self.master_key)
        {
            return Err(ConfigError::Invalid(format!("{}: {error}", setting("master_key"))));
        }
        if !self.secrets.is_empty()
            && let Err(error) = Secrets::parse(&self.secrets)
        {
            return Err(ConfigError::Invalid(format!("{}: {error}", setting("secrets"))));
        }
        // What follows would otherwise be named, passwords and all, by whoever can't connect to it.
        if self.kafka_brokers.contains('@') || self.scylla_nodes.contains('@') {
            return invalid("kafka_brokers and scylla_nodes are host:port,… and take no user and password");
        }
        let embedded_log = self.kafka_brokers.is_empty();
        let unnamed: Vec<&str> =
            Role::ALL.iter().filter(|role| !self.roles.contains(role)).map(|role| role.name()).collect();
        if embedded_log && !unnamed.is_empty() {
            return Err(ConfigError::Invalid(format!(
                "the embedded log serves one process, which must have all roles, and this one lacks {}: add that (or name no role, \
                 which is all of them), or set kafka_brokers",
                unnamed.join(",")
            )));
        }
        if !embedded_log && self.registry_url.is_empty() {
            return invalid(
                "with kafka_brokers set, registry_url is needed: other readers of the topics ask it for schemas",
            );
        }
        addresses::check(self)?;
        self.name_server()?;
        self.domain_targets()?;
        self.validate_services()
    }

    /// Checks the tables of services: those of services that are used must make their adapters' settings; those of
    /// others must be empty.
    fn validate_services(&self) -> Result<(), ConfigError> {
        let unused = |address: &str, table: &str| {
            Err(ConfigError::Invalid(format!("[{table}] is set, and {} is not", setting(address))))
        };
        match self.kafka_brokers.is_empty() {
            false => drop(self.kafka.security()?),
            true if self.kafka != Kafka::default() => return unused("kafka_brokers", "kafka"),
            true => {}
        }
        match self.scylla_nodes.is_empty() {
            false => drop(self.scylla.settings(&self.scylla_nodes, self.replication)?),
            true if self.scylla != Scylla::default() => return unused("scylla_nodes", "scylla"),
            true => {}
        }
        match self.redis_url.is_empty() {
            false => drop(self.redis.settings(&self.redis_url)?),
            true if self.redis != Redis::default() => return unused("redis_url", "redis"),
            true => {}
        }
        match self.registry_url.is_empty() {
            false => drop(self.registry.settings(&self.registry_url)?),
            true if self.registry != RegistryTable::default() => return unused("registry_url", "registry"),
            true => {}
        }
        match self.s3_url.is_empty() {
            false => drop(self.s3.settings(self.s3_url.expose())?),
            true if self.s3 != S3::default() => return unused("s3_url", "s3"),
            true => {}
        }
        self.gateways.settings()?;
        self.check_simulator()?;
        self.mail.settings(&self.platform_domain).map(drop)
    }
}
