//! Settings of the keyring: the master keys, as the configuration or a file has them.

use std::fmt;

use feira_schemas::{
    secret::Secret,
    secrets::ring::{self, InvalidRing},
};

use super::key::Key;

/// The master keys of a deployment, at least one. The last is the newest: it wraps, all of them unwrap.
#[derive(Clone)]
pub struct MasterKeys {
    older: Vec<MasterKey>,
    newest: MasterKey,
}

/// A master key under its id.
#[derive(Clone)]
pub(super) struct MasterKey {
    pub(super) id: Box<str>,
    pub(super) key: Key,
}

impl MasterKeys {
    /// Reads `id:key,…`, the newest last, each key in 64 hex digits.
    pub fn parse(text: &Secret) -> Result<Self, InvalidRing> {
        let keys = ring::entries(text)?.into_iter();
        let mut older: Vec<MasterKey> =
            keys.map(|entry| MasterKey { id: entry.id, key: Key::from(entry.key) }).collect();
        let newest = older.pop().ok_or(InvalidRing::Malformed(1))?;
        Ok(Self { older, newest })
    }

    /// The ids, the newest last.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.all().map(|key| &*key.id)
    }

    /// The newest, which wraps.
    pub(super) fn newest(&self) -> &MasterKey {
        &self.newest
    }

    pub(super) fn find(&self, id: &str) -> Option<&MasterKey> {
        self.all().find(|key| &*key.id == id)
    }

    fn all(&self) -> impl Iterator<Item = &MasterKey> {
        self.older.iter().chain([&self.newest])
    }
}

impl fmt::Debug for MasterKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.ids()).finish()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const ONE: &str = "0101010101010101010101010101010101010101010101010101010101010101";
    const TWO: &str = "0202020202020202020202020202020202020202020202020202020202020202";

    #[test]
    fn the_last_key_wraps_and_no_key_is_shown() {
        let keys = MasterKeys::parse(&format!("one:{ONE}, two-b:{TWO}").as_str().into()).unwrap();
        assert_eq!(keys.ids().collect::<Vec<_>>(), ["one", "two-b"]);
        assert_eq!((&*keys.newest().id, keys.newest().key.bytes()), ("two-b", &[2; 32]));
        assert_eq!(keys.find("one").map(|found| found.key.bytes()), Some(&[1; 32]));
        assert!(keys.find("three").is_none());
        assert_eq!(format!("{keys:?}"), r#"["one", "two-b"]"#);
    }
}
