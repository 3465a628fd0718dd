//! The real services: their addresses, and configurations of processes that share them.

use std::{
    env,
    path::{Path, PathBuf},
};

use feira_node::config::{Config, Role};
use tokio::sync::{Mutex, MutexGuard};

/// The variables with each service's address.
pub const ADDRESSES: [&str; 5] =
    ["FEIRA_KAFKA_BROKERS", "FEIRA_SCYLLA_NODES", "FEIRA_REDIS_URL", "FEIRA_REGISTRY_URL", "FEIRA_S3_URL"];
/// Every process of a deployment needs the same.
pub const SECRET: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
/// The master key of all processes: what one has sealed another opens, in later runs on the same cluster as well.
pub const MASTER_KEY: &str = "tests:00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
/// The secrets of all processes.
pub const SECRETS: &str = "index:00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff,tests:ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100";
/// Likewise.
pub const OPERATOR_TOKEN: &str = "operator-of-the-tests";
/// Partitions of every topic: whatever they were made with stays.
pub const PARTITIONS: u32 = 4;

/// Groups have fixed names, so two deployments of tests at once would share each other's partitions.
static ALONE: Mutex<()> = Mutex::const_new(());

/// The services, for one test at a time; none where they are not all there, which is said.
pub async fn services() -> Option<MutexGuard<'static, ()>> {
    let missing: Vec<&str> =
        ADDRESSES.into_iter().filter(|name| env::var(name).map_or(true, |address| address.is_empty())).collect();
    if missing.is_empty() {
        if env::var("RUST_LOG").is_ok() {
            feira_node::telemetry::start().unwrap();
        }
        return Some(ALONE.lock().await);
    }
    assert_ne!(env::var("FEIRA_REQUIRE").as_deref(), Ok("all"), "FEIRA_REQUIRE=all, but {missing:?} are not set");
    println!("skipped: {missing:?} are not set (tests/services/services.sh start prints them)");
    None
}

/// The folder of the services behind passwords and certificates, for one test at a time; none where they do not run, which is said.
pub async fn secure() -> Option<(MutexGuard<'static, ()>, PathBuf)> {
    if let Ok(folder) = env::var("SERVICES_SECURE") {
        return Some((ALONE.lock().await, folder.into()));
    }
    assert_ne!(env::var("FEIRA_REQUIRE").as_deref(), Ok("all"), "FEIRA_REQUIRE=all, but SERVICES_SECURE is not set");
    println!("skipped: SERVICES_SECURE is not set (tests/services/services.sh start secure prints it)");
    None
}

/// A process with these roles on the real services, with a data folder of its own.
pub fn distributed(folder: &Path, roles: impl IntoIterator<Item = Role>) -> Config {
    let address = |name: &str| env::var(name).unwrap();
    let [kafka, scylla, redis, registry, s3] = ADDRESSES.map(address);
    Config {
        data: folder.to_owned(),
        partitions: PARTITIONS,
        roles: roles.into_iter().collect(),
        kafka_brokers: kafka,
        scylla_nodes: scylla,
        redis_url: redis,
        registry_url: registry,
        s3_url: s3.into(),
        operator_token: OPERATOR_TOKEN.into(),
        secret: SECRET.into(),
        master_key: MASTER_KEY.into(),
        secrets: SECRETS.into(),
        ..Config::default()
    }
}

/// A sub-domain that no earlier run has taken.
pub fn subdomain(of: &str) -> String {
    format!("{of}-{}", &uuid::Uuid::new_v4().simple().to_string()[..12])
}
