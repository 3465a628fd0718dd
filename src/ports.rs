//! Builds the ports that a configuration names.

use std::path::Path;

use feira_connectors::{
    cache::{Cache, LocalCache},
    files::{Files, ObjectFiles, S3Settings},
    log::{KafkaConfig, Log},
    registry::{EmbeddedRegistry, Registry},
    state::{CqlSettings, CqlState, EmbeddedState, Replication, State},
};
use feira_streams::platform::Ports;

use crate::config::{Config, ConfigError};

/// Bytes of values kept in process.
const CACHE_BYTES: u64 = 128 * 1024 * 1024;

/// Why a port can't be opened.
#[derive(Debug, thiserror::Error)]
pub enum PortError {
    /// The log.
    #[error(transparent)]
    Log(#[from] feira_connectors::log::LogError),
    /// The state.
    #[error(transparent)]
    State(#[from] feira_connectors::state::StateError),
    /// The registry.
    #[error(transparent)]
    Registry(#[from] feira_connectors::registry::RegistryError),
    /// The files.
    #[error(transparent)]
    Files(#[from] feira_connectors::files::FilesError),
    /// The configuration.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The data folder.
    #[error("can't make the data folder {folder}: {source}")]
    Folder {
        /// Which.
        folder: String,
        /// Why.
        source: std::io::Error,
    },
}

/// Opens every port; the embedded ones in the data folder.
pub async fn open(config: &Config) -> Result<Ports, PortError> {
    std::fs::create_dir_all(&config.data)
        .map_err(|source| PortError::Folder { folder: config.data.display().to_string(), source })?;
    // The log first: its lock is what tells a second process that the folder is in use, and by whom.
    let log = open_log(config)?;
    Ok(Ports {
        log,
        state: open_state(config).await?,
        cache: Cache::Local(LocalCache::new(CACHE_BYTES)),
        files: open_files(config)?,
        registry: open_registry(config)?,
    })
}

/// Opens the log alone.
pub fn open_log(config: &Config) -> Result<Log, PortError> {
    if config.kafka_brokers.is_empty() {
        return Ok(Log::open_embedded(&config.data.join("log"))?);
    }
    let client_id = format!("feira-{}", std::process::id());
    let kafka = KafkaConfig {
        brokers: config.kafka_brokers.clone(),
        client_id,
        replication: Some(u16::from(config.replication)),
    };
    Ok(Log::kafka(kafka)?)
}

/// Opens the registry alone.
pub fn open_registry(config: &Config) -> Result<Registry, PortError> {
    Ok(Registry::Embedded(EmbeddedRegistry::open(&config.data.join("registry"))?))
}

async fn open_state(config: &Config) -> Result<State, PortError> {
    if config.scylla_nodes.is_empty() {
        return Ok(State::Embedded(EmbeddedState::open(&config.data.join("state"))?));
    }
    let mut settings = CqlSettings::new(config.scylla_nodes.split(','));
    settings.replication = Replication::Everywhere(config.replication);
    Ok(State::Cql(CqlState::connect(&settings).await?))
}

fn open_files(config: &Config) -> Result<Files, PortError> {
    if config.s3_url.is_empty() {
        return Ok(Files::Local(ObjectFiles::local(Path::new(&config.data.join("files")))?));
    }
    let invalid = || ConfigError::Invalid("s3_url must be http(s)://host:port/bucket".into());
    let (endpoint, bucket) = config.s3_url.trim_end_matches('/').rsplit_once('/').ok_or_else(invalid)?;
    let keys = (config.s3_access_key.0.clone(), config.s3_secret_key.0.clone());
    let settings = S3Settings {
        endpoint: Some(endpoint.to_owned()),
        bucket: bucket.to_owned(),
        region: "us-east-1".to_owned(),
        credentials: Some(keys).filter(|(key, _)| !key.is_empty()),
    };
    Ok(Files::S3(ObjectFiles::s3(&settings)?))
}
