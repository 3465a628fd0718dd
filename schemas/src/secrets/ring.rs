//! Rings: keys of a deployment under ids, as a variable or a file has them, the newest last.

use std::fmt;

use zeroize::Zeroizing;

use crate::secret::Secret;

/// Most characters of a key's id: it stands in every token, and before every key that a master key wraps.
pub const ID_CHARS: usize = 32;
/// Bytes of a key.
pub const KEY_BYTES: usize = 32;

/// A key under its id. Its `Debug` shows the id alone, and its bytes are wiped when it is dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Entry {
    /// The id: 1 to 32 of `a`–`z`, `0`–`9`, `_` and `-`, which no other entry of its ring has.
    pub id: Box<str>,
    /// The key's bytes.
    pub key: Zeroizing<[u8; KEY_BYTES]>,
}

/// A text that holds no ring. It is not repeated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRing {
    /// An entry, counted from 1, has another form.
    #[error(
        "entry {0} is not id:key, the id 1 to {ID_CHARS} of a-z, 0-9, `_` and `-`, the key 64 hex digits (`openssl rand -hex 32`)"
    )]
    Malformed(usize),
    /// Two entries have one id.
    #[error("the id {0} stands twice")]
    Twice(String),
}

/// The entries of `id:key,…`, each key in 64 hex digits, in the order in which they stand there. At least one.
pub fn entries(text: &Secret) -> Result<Vec<Entry>, InvalidRing> {
    let mut entries: Vec<Entry> = Vec::new();
    for (at, entry) in text.expose().split(',').enumerate() {
        let entry = Entry::parse(entry.trim()).ok_or(InvalidRing::Malformed(at + 1))?;
        if entries.iter().any(|other| other.id == entry.id) {
            return Err(InvalidRing::Twice(entry.id.into()));
        }
        entries.push(entry);
    }
    Ok(entries)
}

impl Entry {
    fn parse(entry: &str) -> Option<Self> {
        let (id, digits) = entry.split_once(':')?;
        let of_an_id = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-');
        if id.is_empty() || id.len() > ID_CHARS || !id.bytes().all(of_an_id) {
            return None;
        }
        let mut key = Zeroizing::new([0; KEY_BYTES]);
        hex::decode_to_slice(digits, key.as_mut_slice()).ok()?;
        Some(Self { id: id.into(), key })
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:(hidden)", self.id)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const ONE: &str = "0101010101010101010101010101010101010101010101010101010101010101";
    const TWO: &str = "0202020202020202020202020202020202020202020202020202020202020202";

    #[test]
    fn entries_keep_their_order_and_no_key_is_shown() {
        let ring = entries(&format!("one:{ONE}, two-b:{TWO}").as_str().into()).unwrap();
        assert_eq!(
            ring.iter().map(|entry| (&*entry.id, *entry.key)).collect::<Vec<_>>(),
            [("one", [1; 32]), ("two-b", [2; 32])]
        );
        assert_eq!(format!("{ring:?}"), "[one:(hidden), two-b:(hidden)]");
    }

    #[test]
    fn what_holds_no_keys_is_refused_by_its_place_alone() {
        let refused = |text: &str| entries(&text.into()).unwrap_err();
        for text in [
            "",
            ONE,
            "one",
            &format!("One:{ONE}"),
            &format!(":{ONE}"),
            &format!("one:{}", &ONE[1..]),
            &format!("a.b:{ONE}"),
            &format!("{}:{ONE}", "a".repeat(ID_CHARS + 1)),
        ] {
            let refused = refused(text);
            assert_eq!(refused, InvalidRing::Malformed(1), "{text}");
            assert!(!refused.to_string().contains("0101"), "{refused}");
        }
        assert_eq!(refused(&format!("one:{ONE},")), InvalidRing::Malformed(2));
        assert_eq!(refused(&format!("one:{ONE},one:{TWO}")), InvalidRing::Twice("one".to_owned()));
    }
}
