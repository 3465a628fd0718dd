//! Settings of the keyring: the master keys, as the configuration or a file has them.

use std::fmt;

use feira_schemas::secret::Secret;

use super::key::Key;

/// Most characters of a master key's id.
const ID_CHARS: usize = 32;

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

/// A text that does not hold master keys. It is not repeated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidMasterKeys {
    /// An entry, counted from 1, has another form.
    #[error(
        "entry {0} is not id:key, the id 1 to {ID_CHARS} of a-z, 0-9, `_` and `-`, the key 64 hex digits (`openssl rand -hex 32`)"
    )]
    Malformed(usize),
    /// Two entries have one id.
    #[error("the id {0} stands twice")]
    Twice(String),
}

impl MasterKeys {
    /// Reads `id:key,…`, the newest last, each key in 64 hex digits.
    pub fn parse(text: &Secret) -> Result<Self, InvalidMasterKeys> {
        let mut older: Vec<MasterKey> = Vec::new();
        for (at, entry) in text.expose().split(',').enumerate() {
            let key = MasterKey::parse(entry.trim()).ok_or(InvalidMasterKeys::Malformed(at + 1))?;
            if older.iter().any(|other| other.id == key.id) {
                return Err(InvalidMasterKeys::Twice(key.id.into()));
            }
            older.push(key);
        }
        let newest = older.pop().ok_or(InvalidMasterKeys::Malformed(1))?;
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

impl MasterKey {
    fn parse(entry: &str) -> Option<Self> {
        let (id, hex) = entry.split_once(':')?;
        let of_an_id = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-');
        if id.is_empty() || id.len() > ID_CHARS || !id.bytes().all(of_an_id) {
            return None;
        }
        Some(Self { id: id.into(), key: Key::of_hex(hex)? })
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

    #[test]
    fn what_holds_no_keys_is_refused_by_its_place_alone() {
        let refused = |text: &str| MasterKeys::parse(&text.into()).unwrap_err();
        for text in [
            "",
            ONE,
            "one",
            &format!("One:{ONE}"),
            &format!(":{ONE}"),
            &format!("one:{}", &ONE[1..]),
            &format!("a.b:{ONE}"),
        ] {
            let refused = refused(text);
            assert_eq!(refused, InvalidMasterKeys::Malformed(1), "{text}");
            assert!(!refused.to_string().contains("0101"), "{refused}");
        }
        assert_eq!(refused(&format!("one:{ONE},")), InvalidMasterKeys::Malformed(2));
        assert_eq!(refused(&format!("one:{ONE},one:{TWO}")), InvalidMasterKeys::Twice("one".to_owned()));
    }
}
