//! The keyring port: data keys, by which values that a person typed about itself are sealed, and which are erased with their subject.
//!
//! Every act of sealing mints a key of its own under a random id, so no two processes ever race for a row; all keys of a subject lie
//! below it. The row is durable before the key is handed out: it is no fold of the log, and what it sealed may be in a record a moment
//! later. Data keys lie wrapped by a master key ([`MasterKeys`]), without which the store opens nothing.
//!
//! **Nothing brings an erased key back.** An erasing writes at the present time, a wrapping anew just behind the key's making, so that
//! in whatever order they come the erasing stays; and a row that says when it was erased opens nothing, whatever else it holds.

mod cache;
mod cql;
mod crypto;
mod embedded;
mod error;
mod key;
mod key_file;
mod maintenance;
mod secrets;
mod sentinels;
mod settings;
mod store;
mod subjects;

use std::{sync::Arc, time::Duration};

use feira_schemas::{
    ids::{KeyId, Micros, TenantId},
    limits::SEALED_FIELD_BYTES,
    rows::keyring::DataKeyRow,
    sealed::{Envelope, NONCE, Personal, Sealed, Subject},
    time::Clock,
};
use uuid::Builder;

use self::{cache::Cache, crypto::Place, key::Key};
pub use self::{
    cql::CqlKeys,
    embedded::{EmbeddedKeys, MASTER_FILE, is_there, master_keys},
    error::KeyringError,
    maintenance::{Checked, Rotated, check},
    secrets::{SECRETS_FILE, SecretsFrom, secrets},
    settings::MasterKeys,
    store::{KeyStore, LetGo},
    subjects::{SubjectCursor, SubjectKeys, SubjectPage},
};
use crate::{
    clock::wall_clock,
    random::{Random, random},
};

/// The most times that a key is wrapped anew: beyond it, a wrapping could reach the time of an erasing. Once a day it is 2,700 years.
const MOST_ROTATIONS: i64 = 1_000_000;
/// Rows that are read and written at once.
const PAGE: usize = 500;

/// Mints, opens and erases data keys. Cheap to clone; clones share everything, so that what one forgets all have forgotten.
#[derive(Clone)]
pub struct Keyring(Arc<Inner>);

struct Inner {
    store: KeyStore,
    masters: MasterKeys,
    sources: Sources,
    cache: Cache,
}

/// The clock and the randomness of a keyring: the machine's, or a test's.
#[derive(Clone)]
pub struct Sources {
    /// Gives the times in rows, and the steady one by which keys in memory run out.
    pub clock: Clock,
    /// The source of keys, their ids and nonces.
    pub random: Random,
}

impl Sources {
    /// The clock and the randomness of this machine.
    pub fn of_this_machine() -> Self {
        Self { clock: wall_clock(), random: random() }
    }
}

/// A data key that was just minted and is durable: it seals the values of one subject that come together.
pub struct Sealer {
    place: Place,
    key: Key,
    random: Random,
}

/// The outcome of opening a sealed value.
#[derive(Debug, PartialEq, Eq)]
#[must_use]
pub enum Opened<T> {
    /// The value.
    Value(T),
    /// The key was erased, as its tombstone says: nobody can open the value any more.
    Erased,
    /// The key is not there, and no tombstone says why: the keyring has lost it. Never to be taken for erased; an alarm was raised.
    Lost,
}

impl std::fmt::Debug for Keyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keyring")
            .field("store", &self.0.store)
            .field("masters", &self.0.masters)
            .finish_non_exhaustive()
    }
}

impl Keyring {
    /// The keyring of this store. Refused, with what to do, where the store knows a master key that these do not have, or has another
    /// key under one's id.
    pub async fn open(store: KeyStore, masters: MasterKeys, sources: Sources) -> Result<Self, KeyringError> {
        sentinels::agree(&store, &masters, &sources).await?;
        Ok(Self(Arc::new(Inner { store, masters, sources, cache: Cache::default() })))
    }

    /// Mints a data key for the values of a subject. It is durable once this returns.
    pub async fn mint(&self, tenant: TenantId, subject: Subject) -> Result<Sealer, KeyringError> {
        let Inner { store, masters, sources, .. } = &*self.0;
        let (mut id, key, now) = ([0; 16], Key::random(&sources.random), sources.clock.now());
        (sources.random)(&mut id);
        let key_id = KeyId::from_uuid(Builder::from_random_bytes(id).into_uuid());
        let place = Place { tenant, subject, key_id };
        let wrapped = crypto::wrap(masters.newest(), &place, &nonce(&sources.random), &key).ok_or_else(unsealed)?;
        let row = DataKeyRow {
            tenant_id: tenant,
            subject: subject.to_string(),
            key_id,
            wrapped: Some(wrapped),
            made_at: now,
            rotation: 0,
            erased_at: None,
        };
        store.put(&[(row, now)]).await?;
        metrics::counter!("feira_keyring_minted_total").increment(1);
        Ok(Sealer { place, key, random: Arc::clone(&sources.random) })
    }

    /// Opens a sealed value of this tenant. [`KeyringError::Forged`] where it is not as it was sealed there.
    pub async fn unseal<T: Personal>(&self, tenant: TenantId, sealed: &Sealed<T>) -> Result<Opened<T>, KeyringError> {
        let outcome = self.opened(tenant, sealed).await;
        let result = match &outcome {
            Ok(Opened::Value(_)) => "opened",
            Ok(Opened::Erased) => "erased",
            Ok(Opened::Lost) => "lost",
            Err(KeyringError::Forged) => "forged",
            Err(_) => "failed",
        };
        metrics::counter!("feira_keyring_opened_total", "result" => result).increment(1);
        outcome
    }

    /// Looks for a key that nobody has, as opening a value looks for one that somebody has: so nobody costs what somebody does, and where the
    /// store is away both are told so. Nothing is counted and nothing raises an alarm.
    pub async fn look_for_nobody(&self, tenant: TenantId, subject: Subject) -> Result<(), KeyringError> {
        let Inner { store, sources, .. } = &*self.0;
        let mut id = [0; 16];
        (sources.random)(&mut id);
        let key_id = KeyId::from_uuid(Builder::from_random_bytes(id).into_uuid());
        store.get(&Place { tenant, subject, key_id }).await.map(drop)
    }

    async fn opened<T: Personal>(&self, tenant: TenantId, sealed: &Sealed<T>) -> Result<Opened<T>, KeyringError> {
        let envelope = sealed.envelope();
        let place = Place { tenant, subject: envelope.subject(), key_id: envelope.key_id() };
        let key = match self.key(&place).await? {
            Opened::Value(key) => key,
            Opened::Erased => return Ok(Opened::Erased),
            Opened::Lost => return Ok(Opened::Lost),
        };
        let plain = crypto::open(&key, &place, T::FIELD, envelope.nonce(), envelope.ciphertext());
        let plain = plain.ok_or(KeyringError::Forged)?;
        // The seal vouches for the bytes, so a program that reads them otherwise is to blame.
        T::from_plain(&plain).map(Opened::Value).map_err(|error| KeyringError::Corrupt(error.to_string()))
    }

    /// The data key of a place, from memory or from its row.
    async fn key(&self, place: &Place) -> Result<Opened<Key>, KeyringError> {
        let Inner { store, masters, sources, cache } = &*self.0;
        // Before the row is read: a key that is erased meanwhile is kept no longer for that.
        let read = Duration::from_micros(sources.clock.steady().unsigned_abs());
        if let Some(key) = cache.get(place, read) {
            return Ok(Opened::Value(key));
        }
        let Some(row) = store.get(place).await? else { return Ok(lost(place, "has no row and no tombstone")) };
        if row.erased_at.is_some() {
            return Ok(Opened::Erased);
        }
        let Some((master, wrapped)) =
            row.wrapped.as_deref().and_then(|wrapped| Some((crypto::master_of(wrapped)?, wrapped)))
        else {
            return Ok(lost(place, "has a row without a key"));
        };
        let Some(master) = masters.find(master) else {
            return Err(KeyringError::Away(format!("its master key {master:?} is not configured here")));
        };
        let Some(key) = crypto::unwrap(master, place, wrapped) else {
            return Ok(lost(place, "has a row that its master key does not open"));
        };
        cache.put(*place, key.clone(), read);
        Ok(Opened::Value(key))
    }

    /// Erases all data keys of a subject for good, and says how many there were. Repeating it is harmless, and the right thing to do
    /// after an error. Other processes may open what they have read for 60 s more, unless they are told to
    /// [`forget`](Self::forget) it.
    pub async fn erase(&self, tenant: TenantId, subject: Subject) -> Result<usize, KeyringError> {
        self.erase_made_before(tenant, subject, Micros::MAX).await
    }

    /// Erases a subject's data keys that were made before a time, in microseconds since 1970, as [`Self::erase`] does. Those that were made
    /// later stay: what they have sealed may be on its way.
    pub async fn erase_made_before(
        &self,
        tenant: TenantId,
        subject: Subject,
        before: Micros,
    ) -> Result<usize, KeyringError> {
        let Inner { store, sources, .. } = &*self.0;
        let now = sources.clock.now();
        let (mut erased, mut after) = (0, None);
        loop {
            let rows = store.of_subject(tenant, subject, after, PAGE).await?;
            let Some(last) = rows.last() else { break };
            after = Some(last.key_id);
            let to_erase = rows.into_iter().filter(|row| row.erased_at.is_none() && row.made_at < before);
            let tombstones: Vec<_> = to_erase.map(|row| tombstone(row, now)).collect();
            store.put(&tombstones).await?;
            erased += tombstones.len();
        }
        self.forget(tenant, subject);
        metrics::counter!("feira_keyring_erased_total").increment(erased as u64);
        Ok(erased)
    }

    /// Makes the store let go of the bytes of what was erased, so that no file of it can be read for them: called once per erasing command,
    /// after the last of its subjects, since an embedded store is copied for it whole. Repeating it is
    /// harmless, and the right thing to do after an error or a crash. What comes at once shares a copy.
    pub async fn let_go(&self) -> Result<LetGo, KeyringError> {
        self.0.store.let_go().await
    }

    /// Drops what this process has read of a subject's keys: whoever erased them says so to all.
    pub fn forget(&self, tenant: TenantId, subject: Subject) {
        self.0.cache.forget(tenant, subject);
    }

    /// Asks the store for something, to see whether it answers.
    pub async fn answers(&self) -> Result<(), KeyringError> {
        self.0.store.master_keys().await.map(drop)
    }

    /// A problem of the embedded store that a person must look at, in words; `None` if all is well, and always on a cluster.
    pub fn trouble(&self) -> Option<String> {
        self.0.store.trouble()
    }
}

impl Sealer {
    /// Seals a value. Refused where it has more than 8 KiB.
    pub fn seal<T: Personal>(&self, value: &T) -> Result<Sealed<T>, KeyringError> {
        let plain = value.to_plain();
        if plain.len() > SEALED_FIELD_BYTES {
            return Err(KeyringError::Refused(format!(
                "a value of {} has {} bytes, and a sealed field has at most {SEALED_FIELD_BYTES}",
                T::FIELD,
                plain.len()
            )));
        }
        let nonce = nonce(&self.random);
        let ciphertext = crypto::seal(&self.key, &self.place, T::FIELD, &nonce, &plain).ok_or_else(unsealed)?;
        let envelope = Envelope::new(self.place.subject, T::FIELD, self.place.key_id, nonce, ciphertext);
        let envelope = envelope.map_err(|error| KeyringError::Refused(error.to_string()))?;
        Sealed::of(envelope).map_err(|error| KeyringError::Refused(error.to_string()))
    }
}

/// The row of an erased key and the timestamp of its writing: beyond all that a wrapping anew may have, also where this machine's clock
/// is behind the one that made the key.
fn tombstone(row: DataKeyRow, now: Micros) -> (DataKeyRow, Micros) {
    let at = now.max(row.made_at + MOST_ROTATIONS + 1);
    (DataKeyRow { wrapped: None, erased_at: Some(now), ..row }, at)
}

fn nonce(random: &Random) -> [u8; NONCE] {
    let mut nonce = [0; NONCE];
    random(&mut nonce);
    nonce
}

fn unsealed() -> KeyringError {
    KeyringError::Refused("the cipher refused to seal".to_owned())
}

/// Says on the log, where it is handled, that a key is lost.
fn lost<T>(place: &Place, why: &str) -> Opened<T> {
    let Place { tenant, subject, key_id } = place;
    tracing::error!(tenant.id = %tenant, %subject, %key_id, "a data key {why}: it is lost, and what it sealed with it; look for a copy of the keyring");
    Opened::Lost
}
