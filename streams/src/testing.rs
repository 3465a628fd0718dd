//! A platform on embedded parts, for tests of what needs one.
#![allow(clippy::unwrap_used)]

use std::path::Path;

use feira_connectors::{cache::Cache, clock::wall_clock, files::Files, log::Log, registry::Registry, state::State};
use feira_schemas::{budget::Budget, ids::TenantId};
use uuid::Uuid;

use crate::platform::{Platform, Ports};

/// One with a single partition, in this folder.
pub(crate) async fn platform(folder: &Path) -> Platform {
    let at = |name: &str| folder.join(name);
    let ports = Ports {
        log: Log::embedded(&at("log")).unwrap(),
        state: State::embedded(&at("state")).unwrap(),
        cache: Cache::embedded(1 << 20),
        files: Files::embedded(&at("files")).unwrap(),
        registry: Registry::embedded(&at("registry")).unwrap(),
    };
    Platform::start(ports, 1, Budget::default(), wall_clock()).await.unwrap()
}

/// A shop of this number.
pub(crate) fn tenant(number: u128) -> TenantId {
    TenantId::from_uuid(Uuid::from_u128(number))
}
