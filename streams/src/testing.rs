//! A platform on embedded parts, for tests of what needs one.
#![allow(clippy::unwrap_used)]

use std::path::Path;

use feira_connectors::{cache::Cache, clock::wall_clock, files::Files, log::Log, registry::Registry, state::State};
use feira_schemas::{budget::Budget, ids::TenantId, time::Clock};
use uuid::Uuid;

use crate::platform::{Platform, Ports};

/// One with a single partition, in this folder.
pub(crate) async fn platform(folder: &Path) -> Platform {
    platform_of(folder, 1, wall_clock()).await
}

/// One with so many partitions and this clock, in this folder.
pub(crate) async fn platform_of(folder: &Path, partitions: u32, clock: Clock) -> Platform {
    let at = |name: &str| folder.join(name);
    let ports = Ports {
        log: Log::embedded(&at("log")).unwrap(),
        state: State::embedded(&at("state")).unwrap(),
        cache: Cache::embedded(1 << 20),
        files: Files::embedded(&at("files")).unwrap(),
        registry: Registry::embedded(&at("registry")).unwrap(),
    };
    Platform::start(ports, partitions, Budget::default(), clock).await.unwrap()
}

/// A shop of this number.
pub(crate) fn tenant(number: u128) -> TenantId {
    TenantId::from_uuid(Uuid::from_u128(number))
}
