//! A platform on embedded parts, for tests of what needs one.
#![allow(clippy::unwrap_used)]

use std::path::Path;

use feira_connectors::{
    cache::{Cache, LocalCache},
    files::{Files, ObjectFiles},
    log::Log,
    registry::{EmbeddedRegistry, Registry},
    state::{EmbeddedState, State},
};

use feira_schemas::budget::Budget;

use crate::platform::{Platform, Ports, wall_clock};

/// One with a single partition, in this folder.
pub(crate) async fn platform(folder: &Path) -> Platform {
    let at = |name: &str| folder.join(name);
    let ports = Ports {
        log: Log::open_embedded(&at("log")).unwrap(),
        state: State::Embedded(EmbeddedState::open(&at("state")).unwrap()),
        cache: Cache::Local(LocalCache::new(1 << 20)),
        files: Files::Local(ObjectFiles::local(&at("files")).unwrap()),
        registry: Registry::Embedded(EmbeddedRegistry::open(&at("registry")).unwrap()),
    };
    Platform::start(ports, 1, Budget::default(), wall_clock()).await.unwrap()
}
