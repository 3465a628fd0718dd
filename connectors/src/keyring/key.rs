//! The bytes of a key, be it a master key or a data key.

use std::fmt;

use feira_schemas::secrets::ring::KEY_BYTES;
use zeroize::Zeroizing;

use crate::random::Random;

/// A key of 256 bits. Its `Debug` hides it, and its bytes are wiped when it is dropped.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Key(Zeroizing<[u8; Key::BYTES]>);

impl Key {
    /// Bytes of a key.
    pub(super) const BYTES: usize = KEY_BYTES;

    /// A key that nobody can guess.
    pub(super) fn random(random: &Random) -> Self {
        let mut bytes = Zeroizing::new([0; Self::BYTES]);
        random(bytes.as_mut_slice());
        Self(bytes)
    }

    /// The key that these bytes are; `None` unless there are 32.
    pub(super) fn of(bytes: &[u8]) -> Option<Self> {
        let mut key = Zeroizing::new([0; Self::BYTES]);
        (bytes.len() == Self::BYTES).then(|| key.copy_from_slice(bytes))?;
        Some(Self(key))
    }

    /// The key's hex digits, for the files that keep keys.
    pub(super) fn to_hex(&self) -> Zeroizing<String> {
        Zeroizing::new(hex::encode(*self.0))
    }

    /// The bytes.
    pub(super) fn bytes(&self) -> &[u8; Self::BYTES] {
        &self.0
    }
}

impl From<Zeroizing<[u8; Key::BYTES]>> for Key {
    fn from(bytes: Zeroizing<[u8; Key::BYTES]>) -> Self {
        Self(bytes)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(hidden)")
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn a_key_has_32_bytes_and_is_never_printed() {
        let key = Key::of(&[0xab; 32]).unwrap();
        assert_eq!((format!("{key:?}").as_str(), key.to_hex().as_str()), ("Key(hidden)", "ab".repeat(32).as_str()));
        assert_eq!(Key::from(Zeroizing::new([0xab; 32])), key);
        let random: Random = Arc::new(|bytes: &mut [u8]| bytes.fill(0xab));
        assert_eq!(Key::random(&random), key);
        assert!(Key::of(&[1; 31]).is_none());
    }
}
