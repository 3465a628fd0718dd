//! Sentinels: one row for each master key that wraps or has wrapped, by which a lost or wrong one is known at the start and not when
//! the first value does not open.

use feira_schemas::rows::keyring::MasterKeyRow;

use super::{KeyStore, KeyringError, MasterKeys, Sources, crypto, nonce};

/// Refuses master keys that are not those of the store, and makes the sentinel of the newest where it has none.
pub(super) async fn agree(store: &KeyStore, masters: &MasterKeys, sources: &Sources) -> Result<(), KeyringError> {
    let newest = masters.newest();
    let mut rows = store.master_keys().await?;
    if !rows.iter().any(|row| row.master_id == *newest.id) {
        let wrapped = crypto::sentinel(newest, &nonce(&sources.random)).ok_or_else(super::unsealed)?;
        let made_at = sources.clock.now();
        let row = MasterKeyRow { master_id: newest.id.to_string(), wrapped, made_at };
        // The others first: a store that is not of these master keys is left as it is.
        refuse_others(&rows, masters)?;
        store.put_master(&row, made_at).await?;
        // Another process may have made it at the same time, with another key.
        rows = store.master_keys().await?;
    }
    refuse_others(&rows, masters)
}

fn refuse_others(rows: &[MasterKeyRow], masters: &MasterKeys) -> Result<(), KeyringError> {
    match rows.iter().find_map(|row| fault(row, masters)) {
        Some(fault) => Err(KeyringError::Refused(fault)),
        None => Ok(()),
    }
}

/// What is wrong about a sentinel, in one sentence with what to do; `None` if its master key is here.
pub(super) fn fault(row: &MasterKeyRow, masters: &MasterKeys) -> Option<String> {
    let id = &row.master_id;
    match masters.find(id) {
        None => Some(format!(
            "keys are wrapped by master key {id:?}, which FEIRA_MASTER_KEY (embedded: master.key) does not have: put it back, before the \
             newest; without it what it wrapped opens never again"
        )),
        Some(master) if !crypto::is_sentinel_of(master, &row.wrapped) => Some(format!(
            "FEIRA_MASTER_KEY (embedded: master.key) has another key under {id:?} than the one that wrapped the keys here: put that one \
             back, and give a new key an id of its own"
        )),
        Some(_) => None,
    }
}
