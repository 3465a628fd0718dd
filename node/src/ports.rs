//! Builds the ports that a configuration names.

use std::path::{Path, PathBuf};

use feira_connectors::{
    cache::{Cache, CacheError, RedisSettings},
    clock::wall_clock,
    dns::{DnsSettings, Resolver},
    files::Files,
    gateway::{GatewayError, GatewaySettings, Gateways},
    http::{HttpClient, HttpPolicy},
    keyring::{self, KeyStore, Keyring, KeyringError, MasterKeys, SecretsFrom, Sources},
    log::{KafkaSettings, Log},
    mail::{Mail, MailError},
    registry::Registry,
    sessions::SessionStore,
    state::{State, StateError},
};
use feira_schemas::secrets::Secrets;
use feira_streams::{
    effects::{domains::DomainPorts, gateways::GatewayPorts},
    platform::Ports,
    start::{starting, starting_over},
    unavailable::Unavailable,
};

use crate::config::{Config, ConfigError, Role};

/// A port that can't be opened.
#[derive(Debug, thiserror::Error)]
pub enum PortError {
    /// The configuration does not fit together.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The log can't be opened.
    #[error(transparent)]
    Log(#[from] feira_connectors::log::LogError),
    /// The state can't be opened.
    #[error(transparent)]
    State(#[from] feira_connectors::state::StateError),
    /// The schema registry can't be used.
    #[error(transparent)]
    Registry(#[from] feira_connectors::registry::RegistryError),
    /// The store of files can't be opened.
    #[error(transparent)]
    Files(#[from] feira_connectors::files::FilesError),
    /// The cache can't be used.
    #[error(transparent)]
    Cache(#[from] CacheError),
    /// The keyring can't be opened, or its master keys are not those of what it holds.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    /// The payment gateways can't be used as they are set.
    #[error(transparent)]
    Gateways(#[from] GatewayError),
    /// Mail can't be sent as it is set.
    #[error(transparent)]
    Mail(#[from] MailError),
    /// The data folder can't be made.
    #[error("can't make the data folder {folder}")]
    Folder {
        /// The folder's path.
        folder: String,
        /// The error of the file system.
        source: std::io::Error,
    },
}

impl Unavailable for PortError {
    fn unavailable(&self) -> Option<(&'static str, &str)> {
        match self {
            Self::Log(error) => error.unavailable(),
            Self::State(error) => error.unavailable(),
            Self::Registry(error) => error.unavailable(),
            Self::Keyring(error) => error.unavailable(),
            _ => None,
        }
    }
}

/// Opens every port; the embedded ones in the data folder. Waits for a cluster that is away.
pub async fn open(config: &Config) -> Result<Ports, PortError> {
    std::fs::create_dir_all(&config.data)
        .map_err(|source| PortError::Folder { folder: config.data.display().to_string(), source })?;
    // The log first: its lock is what tells a second process that the folder is in use, and by whom.
    let log = open_log(config)?;
    Ok(Ports {
        log,
        state: open_state(config).await?,
        cache: open_cache(config).await?,
        files: open_files(config)?,
        registry: open_registry(config)?,
    })
}

/// What the roles seal, open, sign and verify with ([`Role::has_keys`]). Cheap to clone; clones share the keyring.
#[derive(Debug, Clone)]
pub struct Keys {
    /// The keyring.
    pub keyring: Keyring,
    /// The secrets of the deployment.
    pub secrets: Secrets,
}

/// Opens the keyring as [`open_keyring`] does, and waits for a cluster that is away.
pub async fn start_keyring(config: &Config) -> Result<Option<Keys>, PortError> {
    starting_over(!config.scylla_nodes.is_empty(), || open_keyring(config)).await
}

/// Opens the keyring, and reads the secrets that go with it, where the configuration has or makes the master keys and secrets; `None`
/// where no role of this process has a use for them.
pub async fn open_keyring(config: &Config) -> Result<Option<Keys>, PortError> {
    if !config.roles.iter().any(|role| role.has_keys()) {
        return Ok(None);
    }
    let from = secrets_from(config)?;
    let (store, masters) = open_keys(config).await?;
    let sources = Sources::of_this_machine();
    let keyring = Keyring::open(store.clone(), masters, sources.clone()).await?;
    let secrets = keyring::secrets(&store, from, &sources).await?;
    Ok(Some(Keys { keyring, secrets }))
}

/// The place of the secrets. Needed of the configuration wherever the master keys are.
fn secrets_from(config: &Config) -> Result<SecretsFrom<'_>, ConfigError> {
    match (config.secrets.is_empty(), config.scylla_nodes.is_empty()) {
        (false, _) => {
            let secrets = Secrets::parse(&config.secrets).map_err(|error| ConfigError::Invalid(error.to_string()))?;
            Ok(SecretsFrom::Configuration(secrets))
        }
        (true, true) => Ok(SecretsFrom::Folder(&config.data)),
        (true, false) => {
            let why = "FEIRA_SECRETS must be set: every process with the role api or effects needs the same (`index:` and 64 hex \
                       digits of openssl rand -hex 32, a comma, and an id of your own with 64 others)";
            Err(ConfigError::Invalid(why.to_owned()))
        }
    }
}

/// Opens the store of the keyring and the master keys, without looking whether the one is of the other.
pub async fn open_keys(config: &Config) -> Result<(KeyStore, MasterKeys), PortError> {
    let folder = keyring_folder(config);
    let masters = match (config.master_key.is_empty(), config.scylla_nodes.is_empty()) {
        (false, _) => MasterKeys::parse(&config.master_key).map_err(|error| ConfigError::Invalid(error.to_string()))?,
        (true, true) => keyring::master_keys(&config.data, &folder, &Sources::of_this_machine().random)?,
        (true, false) => {
            let why = "FEIRA_MASTER_KEY must be set: every process with the role api or effects needs the same (`id:` and 64 hex digits of openssl rand -hex 32)";
            return Err(ConfigError::Invalid(why.to_owned()).into());
        }
    };
    let store = match config.scylla_nodes.is_empty() {
        true => KeyStore::embedded_within(&folder, config.budget().keyring_store())?,
        false => KeyStore::cql(&config.scylla.settings(&config.scylla_nodes, config.replication)?).await?,
    };
    Ok((store, masters))
}

/// The folder of an embedded keyring.
pub fn keyring_folder(config: &Config) -> PathBuf {
    config.data.join("keyring")
}

/// The HTTP client that fetches images from strangers' servers; `None` where this process fetches none.
pub fn fetcher(config: &Config) -> Option<HttpClient> {
    if !config.fetch_images || !config.roles.contains(&Role::Effects) {
        return None;
    }
    HttpClient::new(HttpPolicy::images())
        // Whoever has no certificates can try Feira all the same; images wait.
        .inspect_err(|error| tracing::warn!(%error, "images are not fetched: install certificates (ca-certificates), or set FEIRA_FETCH_IMAGES=false"))
        .ok()
}

/// What shops' domains are looked at by; `None` where this process looks at none. Must be called within a tokio runtime.
pub fn domains(config: &Config) -> Result<Option<DomainPorts>, PortError> {
    if !config.roles.contains(&Role::Effects) {
        return Ok(None);
    }
    let (server, targets) = (config.name_server()?, config.domain_targets()?);
    // Whoever has no name servers can try Feira all the same; claims of domains wait.
    let resolver = Resolver::new(&DnsSettings::new(server))
        .inspect_err(|error| tracing::warn!(%error, "shops' domains are not looked at: name a server by FEIRA_DNS"));
    Ok(resolver.ok().map(|resolver| DomainPorts { resolver, targets }))
}

/// The ports by which payment gateways are asked; `None` where this process asks none.
pub fn gateways(
    config: &Config,
    settings: &GatewaySettings,
    keyring: Option<&Keyring>,
) -> Result<Option<GatewayPorts>, PortError> {
    let Some(keyring) = keyring.filter(|_| config.roles.contains(&Role::Effects)) else { return Ok(None) };
    let gateways = Gateways::new(settings, &wall_clock())?;
    Ok(Some(GatewayPorts { gateways, keyring: keyring.clone() }))
}

/// Opens the store of sessions; `None` where this process answers no requests. Waits for a cluster that is away.
pub async fn open_sessions(config: &Config) -> Result<Option<SessionStore>, PortError> {
    if !config.roles.contains(&Role::Api) {
        return Ok(None);
    }
    if !config.scylla_nodes.is_empty() {
        let settings = config.scylla.settings(&config.scylla_nodes, config.replication)?;
        return Ok(Some(starting(|| SessionStore::cql(&settings)).await?));
    }
    let (folder, share) = (config.data.join("sessions"), config.budget().session_store());
    let why = match SessionStore::embedded_within(&folder, share).await {
        Err(StateError::Corrupt(why)) => why,
        other => return Ok(Some(other?)),
    };
    let aside = set_aside(&folder)?;
    tracing::error!(%why, aside = %aside.display(), "the sessions can't be opened: everybody logs in again; what they were may be deleted");
    Ok(Some(SessionStore::embedded_within(&folder, share).await?))
}

/// Opens the mail port. Nothing is asked or made before the first mail.
pub fn open_mail(config: &Config) -> Result<Mail, PortError> {
    let (settings, server) = config.mail.settings(&config.platform_domain)?;
    if let Some(server) = server {
        return Ok(Mail::smtp(&server, &settings)?);
    }
    if !config.kafka_brokers.is_empty() {
        tracing::warn!(
            "mails are files of this machine, which nobody else sees and no erasing elsewhere reaches: set mail.smtp (FEIRA_MAIL_SMTP)"
        );
    }
    Ok(Mail::folder(&config.data.join("mail"), &settings)?)
}

/// Opens the log alone.
pub fn open_log(config: &Config) -> Result<Log, PortError> {
    if config.kafka_brokers.is_empty() {
        return Ok(Log::embedded_within(&config.data.join("log"), config.budget().log_store())?);
    }
    let client_id = format!("feira-{}", std::process::id());
    let settings = KafkaSettings {
        brokers: config.kafka_brokers.clone(),
        client_id,
        replication: Some(u16::from(config.replication)),
        security: config.kafka.security()?,
    };
    Ok(Log::kafka(&settings)?)
}

/// Opens the registry alone.
pub fn open_registry(config: &Config) -> Result<Registry, PortError> {
    if config.registry_url.is_empty() {
        return Ok(Registry::embedded(&config.data.join("registry"))?);
    }
    Ok(Registry::confluent(&config.registry.settings(&config.registry_url)?)?)
}

async fn open_cache(config: &Config) -> Result<Cache, PortError> {
    if config.redis_url.is_empty() {
        return Ok(Cache::embedded(config.budget().cache()));
    }
    let settings = config.redis.settings(&config.redis_url)?;
    let settings = RedisSettings { memory_bytes: config.budget().cache(), ..settings };
    Ok(Cache::redis(&settings).await?)
}

async fn open_state(config: &Config) -> Result<State, PortError> {
    if config.scylla_nodes.is_empty() {
        return open_embedded_state(config);
    }
    let settings = config.scylla.settings(&config.scylla_nodes, config.replication)?;
    Ok(starting(|| State::cql(&settings)).await?)
}

/// The state in the data folder. One that no start will open is set aside, and folded again from the log.
fn open_embedded_state(config: &Config) -> Result<State, PortError> {
    let (folder, share) = (config.data.join("state"), config.budget().state_store());
    let why = match State::embedded_within(&folder, share) {
        Err(StateError::Corrupt(why)) => why,
        other => return Ok(other?),
    };
    let aside = set_aside(&folder)?;
    tracing::error!(%why, aside = %aside.display(), "the state can't be opened and is folded again from the log; what it was may be deleted");
    Ok(State::embedded_within(&folder, share)?)
}

/// Sets a store that no start will open aside, in the place of one that was set aside before; where it lies then.
fn set_aside(folder: &Path) -> Result<PathBuf, PortError> {
    let aside = folder.with_extension("damaged");
    let failed = |source| PortError::Folder { folder: aside.display().to_string(), source };
    if aside.exists() {
        std::fs::remove_dir_all(&aside).map_err(failed)?;
    }
    std::fs::rename(folder, &aside).map_err(failed)?;
    Ok(aside)
}

fn open_files(config: &Config) -> Result<Files, PortError> {
    if config.s3_url.is_empty() {
        return Ok(Files::embedded(&config.data.join("files"))?);
    }
    Ok(Files::s3(&config.s3.settings(config.s3_url.expose())?)?)
}
