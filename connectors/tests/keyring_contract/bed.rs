//! A keyring on each adapter, with clocks that a test moves.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

use feira_connectors::{
    keyring::{KeyStore, Keyring, KeyringError, MasterKeys, Opened, Sealer, Sources},
    random::random,
    state::CqlSettings,
};
use feira_schemas::{
    ids::{Micros, TenantId},
    sealed::{PersonName, Sealed, Subject, SubjectKind},
    time::Clock,
};
use tempfile::TempDir;
use uuid::Uuid;

use crate::support;

/// The master keys of the tests, by their ids.
pub fn masters(ids: &[&str]) -> MasterKeys {
    let entry = |id: &&str| format!("{id}:{}", hex_of(id));
    MasterKeys::parse(&ids.iter().map(entry).collect::<Vec<_>>().join(",").as_str().into()).unwrap()
}

/// 64 hex digits that are the same for the same id.
pub fn hex_of(id: &str) -> String {
    let bytes = id.bytes().cycle().take(32);
    bytes.map(|byte| format!("{byte:02x}")).collect()
}

/// The clocks of a test.
#[derive(Clone)]
pub struct Clocks {
    pub now: Arc<AtomicI64>,
    monotonic: Arc<AtomicU64>,
}

pub const START: Micros = 1_700_000_000_000_000;

impl Clocks {
    pub fn new() -> Self {
        Self { now: Arc::new(AtomicI64::new(START)), monotonic: Arc::default() }
    }

    pub fn pass(&self, seconds: u64) {
        self.monotonic.fetch_add(seconds, Ordering::Relaxed);
    }

    pub fn sources(&self) -> Sources {
        let Self { now, monotonic } = self.clone();
        Sources {
            clock: Clock::new(
                move || now.load(Ordering::Relaxed),
                move || monotonic.load(Ordering::Relaxed).cast_signed() * 1_000_000,
            ),
            random: random(),
        }
    }
}

/// A store of keys of its own, which can be opened again as another process would.
pub enum Place {
    Embedded(TempDir),
    Cql(Box<CqlSettings>, &'static str),
}

impl Place {
    /// One on each adapter.
    pub fn each() -> Vec<Self> {
        let mut places = vec![Self::Embedded(tempfile::tempdir().unwrap())];
        places.extend(cql_settings().map(|settings| {
            // Keyspaces of its own for each test: some look at all keys, and master keys differ.
            let name = format!("keyring_{}", &Uuid::new_v4().simple().to_string()[..12]);
            Self::Cql(Box::new(settings), Box::leak(name.into_boxed_str()))
        }));
        places
    }

    pub async fn store(&self) -> KeyStore {
        match self {
            Self::Embedded(folder) => KeyStore::embedded(&folder.path().join("keyring")).unwrap(),
            Self::Cql(settings, keyspace) => KeyStore::cql_in(settings, keyspace).await.unwrap(),
        }
    }

    pub async fn open(&self, ids: &[&str], clocks: &Clocks) -> Result<Keyring, KeyringError> {
        Keyring::open(self.store().await, masters(ids), clocks.sources()).await
    }

    pub async fn keyring(&self) -> Keyring {
        self.open(&["one"], &Clocks::new()).await.unwrap()
    }

    pub fn folder(&self) -> Option<&Path> {
        match self {
            Self::Embedded(folder) => Some(folder.path()),
            Self::Cql(..) => None,
        }
    }
}

/// The settings of the cluster that the environment names.
pub fn cql_settings() -> Option<CqlSettings> {
    let nodes = support::service("FEIRA_SCYLLA_NODES")?;
    let mut settings = CqlSettings::new(nodes.split(','));
    settings.read_timeout = Duration::from_secs(30);
    Some(settings)
}

pub fn tenant() -> TenantId {
    TenantId::from_uuid(Uuid::new_v4())
}

pub fn order() -> Subject {
    Subject::new(SubjectKind::Order, Uuid::new_v4())
}

pub fn name() -> PersonName {
    PersonName::new("Ana Lúcia de Souza").unwrap()
}

/// A name that was sealed for this subject.
pub async fn sealed(keyring: &Keyring, tenant: TenantId, subject: Subject) -> Sealed<PersonName> {
    let sealer: Sealer = keyring.mint(tenant, subject).await.unwrap();
    sealer.seal(&name()).unwrap()
}

/// Opens, and gives what came of it without the value: that is the name of the tests.
pub async fn opens(keyring: &Keyring, tenant: TenantId, sealed: &Sealed<PersonName>) -> Opened<()> {
    match keyring.unseal(tenant, sealed).await.unwrap() {
        Opened::Value(value) => {
            assert_eq!(value, name());
            Opened::Value(())
        }
        Opened::Erased => Opened::Erased,
        Opened::Lost => Opened::Lost,
    }
}
