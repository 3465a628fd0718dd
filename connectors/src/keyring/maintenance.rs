//! What an operator does with all keys: wrapping them by the newest master key, and looking whether each can be unwrapped.

use std::collections::{BTreeMap, BTreeSet};

use feira_schemas::{ids::Micros, rows::keyring::DataKeyRow, sealed::Subject};

use super::{
    KeyStore, Keyring, KeyringError, MOST_ROTATIONS, MasterKeys, PAGE,
    crypto::{self, Place},
    key::Key,
    nonce, sentinels,
    settings::MasterKey,
    unsealed,
};

/// Faults that are named one by one; more of them are counted.
const NAMED: usize = 20;

/// The outcome of wrapping all data keys by the newest master key.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Rotated {
    /// Keys that were wrapped anew.
    pub wrapped: u64,
    /// Keys that the newest master key had wrapped already.
    pub current: u64,
    /// Keys that are erased.
    pub erased: u64,
    /// Keys that could not be unwrapped, and are left as they are.
    pub failed: u64,
    /// The ids of master keys that wrap nothing any more: they may leave the configuration.
    pub retired: BTreeSet<String>,
}

/// What is in a keyring, and what of it can't be opened.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Checked {
    /// Keys that can be unwrapped, by the id of their master key.
    pub by_master: BTreeMap<String, u64>,
    /// Keys that are erased.
    pub erased: u64,
    /// The faults, in words: those of sentinels, and of the first keys that can't be unwrapped.
    pub faults: Vec<String>,
    /// Faults that are not named.
    pub more: u64,
}

/// Looks at every sentinel and unwraps every key of the store.
pub async fn check(store: &KeyStore, masters: &MasterKeys) -> Result<Checked, KeyringError> {
    let mut checked = Checked::default();
    checked.faults.extend(store.master_keys().await?.iter().filter_map(|row| sentinels::fault(row, masters)));
    let mut after = None;
    loop {
        let page = store.page(after, PAGE).await?;
        for row in &page.rows {
            checked.add(row, masters);
        }
        after = page.next;
        if after.is_none() {
            return Ok(checked);
        }
    }
}

impl Checked {
    /// True if every key can be opened, or is erased.
    pub fn is_whole(&self) -> bool {
        self.faults.is_empty() && self.more == 0
    }

    fn add(&mut self, row: &DataKeyRow, masters: &MasterKeys) {
        match unwrapped(row, masters) {
            Ok(Row::Erased) => self.erased += 1,
            Ok(Row::Key { master, .. }) => *self.by_master.entry(master.id.to_string()).or_default() += 1,
            Err(_) if self.faults.len() >= NAMED => self.more += 1,
            Err(why) => {
                self.faults.push(format!("key {} of {} of tenant {} {why}", row.key_id, row.subject, row.tenant_id))
            }
        }
    }
}

impl Keyring {
    /// Wraps by the newest master key every data key that another has wrapped, page by page, and tells `progress` after each. One that
    /// is interrupted goes on where it was when it is called again. Call it once every process has the newest master key: one that
    /// has not goes on wrapping new keys by an older one.
    pub async fn rotate(&self, mut progress: impl FnMut(&Rotated)) -> Result<Rotated, KeyringError> {
        let (mut rotated, mut needed, mut after) = (Rotated::default(), BTreeSet::new(), None);
        loop {
            let page = self.0.store.page(after, PAGE).await?;
            let mut writes = Vec::new();
            for row in page.rows {
                match self.wrapped_anew(&row) {
                    Ok(Anew::Erased) => rotated.erased += 1,
                    Ok(Anew::Current) => rotated.current += 1,
                    Ok(Anew::Wrapped(row, at)) => writes.push((row, at)),
                    Err(KeyringError::Corrupt(_)) => {
                        rotated.failed += 1;
                        needed.extend(row.wrapped.as_deref().and_then(crypto::master_of).map(str::to_owned));
                    }
                    Err(error) => return Err(error),
                }
            }
            self.0.store.put(&writes).await?;
            rotated.wrapped += writes.len() as u64;
            progress(&rotated);
            after = page.next;
            if after.is_none() {
                rotated.retired = self.retire(&needed).await?;
                return Ok(rotated);
            }
        }
    }

    fn wrapped_anew(&self, row: &DataKeyRow) -> Result<Anew, KeyringError> {
        let (masters, newest) = (&self.0.masters, self.0.masters.newest());
        let (place, key) = match unwrapped(row, masters).map_err(|why| KeyringError::Corrupt(why.to_owned()))? {
            Row::Erased => return Ok(Anew::Erased),
            Row::Key { master, .. } if master.id == newest.id => return Ok(Anew::Current),
            Row::Key { place, key, .. } => (place, key),
        };
        let rotation = row.rotation + 1;
        if rotation > MOST_ROTATIONS {
            return Err(KeyringError::Refused(format!("a key is wrapped anew {MOST_ROTATIONS} times at most")));
        }
        let wrapped = crypto::wrap(newest, &place, &nonce(&self.0.sources.random), &key).ok_or_else(unsealed)?;
        let row = DataKeyRow { wrapped: Some(wrapped), rotation, ..row.clone() };
        let at = row.made_at + rotation;
        Ok(Anew::Wrapped(row, at))
    }

    /// Takes the sentinels of master keys away that wrap nothing any more, and gives their ids.
    async fn retire(&self, needed: &BTreeSet<String>) -> Result<BTreeSet<String>, KeyringError> {
        let (store, newest) = (&self.0.store, self.0.masters.newest());
        let mut retired = BTreeSet::new();
        for row in store.master_keys().await? {
            if row.master_id != *newest.id && !needed.contains(&row.master_id) {
                store.delete_master(&row.master_id, self.0.sources.clock.now().max(row.made_at + 1)).await?;
                retired.insert(row.master_id);
            }
        }
        Ok(retired)
    }
}

/// What becomes of a row when it is wrapped anew.
enum Anew {
    Erased,
    Current,
    /// The row, and the timestamp of its writing.
    Wrapped(DataKeyRow, Micros),
}

/// What a row holds.
enum Row<'a> {
    Erased,
    Key { master: &'a MasterKey, place: Place, key: Key },
}

/// The key in a row, or what is wrong about it.
fn unwrapped<'a>(row: &DataKeyRow, masters: &'a MasterKeys) -> Result<Row<'a>, &'static str> {
    if row.erased_at.is_some() {
        return Ok(Row::Erased);
    }
    let subject: Subject = row.subject.parse().map_err(|_| "is of no subject that this program knows")?;
    let place = Place { tenant: row.tenant_id, subject, key_id: row.key_id };
    let wrapped = row.wrapped.as_deref().ok_or("is neither wrapped nor erased")?;
    let master = crypto::master_of(wrapped).and_then(|id| masters.find(id));
    let master = master.ok_or("is wrapped by a master key that is not configured")?;
    let key = crypto::unwrap(master, &place, wrapped).ok_or("is not opened by its master key")?;
    Ok(Row::Key { master, place, key })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use feira_schemas::{
        ids::TenantId,
        sealed::{PersonName, SubjectKind},
    };
    use uuid::Uuid;

    use super::*;
    use crate::keyring::{Opened, Sources};

    fn masters(ids: &[&str]) -> MasterKeys {
        let entry = |id: &&str| format!("{id}:{}", hex::encode(id.repeat(32).get(..32).unwrap()));
        MasterKeys::parse(&ids.iter().map(entry).collect::<Vec<_>>().join(",").as_str().into()).unwrap()
    }

    /// A wrapping anew that was read before an erasing and comes after it, one that comes before it, and a tombstone in which a key
    /// lies all the same: none of them opens.
    #[tokio::test]
    async fn whatever_comes_before_or_after_an_erasing_does_not_open() {
        let folder = tempfile::tempdir().unwrap();
        let store = KeyStore::embedded(&folder.path().join("keyring")).unwrap();
        let old = Keyring::open(store.clone(), masters(&["a"]), Sources::of_this_machine()).await.unwrap();
        let new = Keyring::open(store.clone(), masters(&["a", "b"]), Sources::of_this_machine()).await.unwrap();
        let tenant = TenantId::from_uuid(Uuid::from_u128(1));
        for late in [true, false] {
            let subject = Subject::new(SubjectKind::Order, Uuid::new_v4());
            let sealer = old.mint(tenant, subject).await.unwrap();
            let sealed = sealer.seal(&PersonName::new("Ana").unwrap()).unwrap();
            let place = Place { tenant, subject, key_id: sealed.envelope().key_id() };
            let row = store.get(&place).await.unwrap().unwrap();
            let Anew::Wrapped(wrapped, at) = new.wrapped_anew(&row).unwrap() else {
                panic!("it was wrapped by the old one")
            };
            assert_eq!((wrapped.rotation, at), (1, row.made_at + 1));
            if late {
                old.erase(tenant, subject).await.unwrap();
                store.put(&[(wrapped, at)]).await.unwrap();
            } else {
                store.put(&[(wrapped, at)]).await.unwrap();
                assert!(matches!(new.unseal(tenant, &sealed).await.unwrap(), Opened::Value(_)));
                new.erase(tenant, subject).await.unwrap();
            }
            let kept = store.get(&place).await.unwrap().unwrap();
            assert!(kept.erased_at.is_some() && kept.wrapped.is_none(), "{kept:?}");
            assert_eq!(new.unseal(tenant, &sealed).await.unwrap(), Opened::Erased);

            let with_a_key = DataKeyRow { wrapped: row.wrapped, ..kept };
            store.put(&[(with_a_key, Micros::MAX)]).await.unwrap();
            assert_eq!(new.unseal(tenant, &sealed).await.unwrap(), Opened::Erased);
            assert_eq!(new.rotate(|_| ()).await.unwrap().wrapped, 0, "nor is it wrapped anew");
        }
    }

    /// A row that can't be unwrapped is lost, which is said, and left as it is for a copy to mend.
    #[tokio::test]
    async fn a_row_that_is_damaged_is_lost_and_is_not_touched() {
        let folder = tempfile::tempdir().unwrap();
        let store = KeyStore::embedded(&folder.path().join("keyring")).unwrap();
        let keyring = Keyring::open(store.clone(), masters(&["a", "b"]), Sources::of_this_machine()).await.unwrap();
        let (tenant, subject) = (TenantId::PLATFORM, Subject::new(SubjectKind::Account, Uuid::from_u128(2)));
        let sealed = keyring.mint(tenant, subject).await.unwrap().seal(&PersonName::new("Ana").unwrap()).unwrap();
        let place = Place { tenant, subject, key_id: sealed.envelope().key_id() };
        let row = store.get(&place).await.unwrap().unwrap();
        for wrapped in [None, Some("a.AAAA".to_owned()), Some(String::new())] {
            let at = keyring.0.sources.clock.now() + 1;
            store.put(&[(DataKeyRow { wrapped, ..row.clone() }, at)]).await.unwrap();
            let left = store.get(&place).await.unwrap();
            assert_eq!(keyring.unseal(tenant, &sealed).await.unwrap(), Opened::Lost);
            assert_eq!(keyring.rotate(|_| ()).await.unwrap().failed, 1);
            assert_eq!(store.get(&place).await.unwrap(), left);
            let checked = check(&store, &masters(&["a", "b"])).await.unwrap();
            assert!(!checked.is_whole() && checked.faults.len() == 1, "{checked:?}");
        }
    }
}
