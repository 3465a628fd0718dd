//! The seal: XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03) with 256-bit keys, random 192-bit nonces, and associated data that ties a
//! value to its place.
//!
//! Associated data is its parts, each with its length in four bytes (big endian) before it:
//!
//! | what is sealed | parts |
//! |---|---|
//! | a value, by a data key | the tenant's 16 bytes, the subject's text, the field's name, the version as one byte |
//! | a data key, by a master key | the tenant's 16 bytes, the subject's text, the data key's 16 bytes, the master key's id |
//! | a sentinel, by a master key | the master key's id |

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chacha20poly1305::{
    XChaCha20Poly1305, XNonce,
    aead::{Aead, KeyInit, Payload},
};
use feira_schemas::{
    ids::{KeyId, TenantId},
    sealed::{NONCE, Subject, TAG, VERSION},
};
use zeroize::Zeroizing;

use super::{key::Key, settings::MasterKey};

/// The place of a data key: nothing that is wrapped for one opens in another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Place {
    pub(super) tenant: TenantId,
    pub(super) subject: Subject,
    pub(super) key_id: KeyId,
}

/// The ciphertext of a value of this field. The cipher has no failure at these lengths, which is yet its to say.
pub(super) fn seal(key: &Key, place: &Place, field: &str, nonce: &[u8; NONCE], plain: &[u8]) -> Option<Vec<u8>> {
    encrypt(key, nonce, plain, &of_value(place, field))
}

/// The value that was sealed, if the key, the place, the field and every bit are what they were.
pub(super) fn open(
    key: &Key,
    place: &Place,
    field: &str,
    nonce: &[u8; NONCE],
    sealed: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    decrypt(key, nonce, sealed, &of_value(place, field))
}

/// A data key wrapped by a master key, as a row has it.
pub(super) fn wrap(master: &MasterKey, place: &Place, nonce: &[u8; NONCE], key: &Key) -> Option<String> {
    Some(text(master, nonce, &encrypt(&master.key, nonce, key.bytes(), &of_key(place, &master.id))?))
}

/// The data key that was wrapped; `None` unless the master key, the place and every bit are what they were.
pub(super) fn unwrap(master: &MasterKey, place: &Place, wrapped: &str) -> Option<Key> {
    let (nonce, ciphertext) = parts(wrapped)?;
    Key::of(&decrypt(&master.key, &nonce, &ciphertext, &of_key(place, &master.id))?)
}

/// The sentinel of a master key: any value that it alone opens.
pub(super) fn sentinel(master: &MasterKey, nonce: &[u8; NONCE]) -> Option<String> {
    Some(text(master, nonce, &encrypt(&master.key, nonce, &[], &associated(&[master.id.as_bytes()]))?))
}

/// True if this master key has made the sentinel.
pub(super) fn is_sentinel_of(master: &MasterKey, sentinel: &str) -> bool {
    let opened = |(nonce, sealed): ([u8; NONCE], Vec<u8>)| {
        decrypt(&master.key, &nonce, &sealed, &associated(&[master.id.as_bytes()]))
    };
    master_of(sentinel) == Some(&*master.id) && parts(sentinel).and_then(opened).is_some()
}

/// The id of the master key that has wrapped this.
pub(super) fn master_of(wrapped: &str) -> Option<&str> {
    wrapped.split_once('.').map(|(id, _)| id)
}

fn text(master: &MasterKey, nonce: &[u8; NONCE], ciphertext: &[u8]) -> String {
    format!("{}.{}", master.id, URL_SAFE_NO_PAD.encode([nonce.as_slice(), ciphertext].concat()))
}

fn parts(wrapped: &str) -> Option<([u8; NONCE], Vec<u8>)> {
    let bytes = URL_SAFE_NO_PAD.decode(wrapped.split_once('.')?.1).ok()?;
    let (nonce, ciphertext) = bytes.split_first_chunk::<NONCE>()?;
    (ciphertext.len() >= TAG).then(|| (*nonce, ciphertext.to_vec()))
}

fn of_value(place: &Place, field: &str) -> Vec<u8> {
    let subject = place.subject.to_string();
    associated(&[place.tenant.uuid().as_bytes(), subject.as_bytes(), field.as_bytes(), &[VERSION]])
}

fn of_key(place: &Place, master: &str) -> Vec<u8> {
    let subject = place.subject.to_string();
    let key_id = place.key_id.uuid();
    associated(&[place.tenant.uuid().as_bytes(), subject.as_bytes(), key_id.as_bytes(), master.as_bytes()])
}

/// The parts, each behind its length, so that no two lists of parts are the same bytes.
fn associated(parts: &[&[u8]]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(128);
    for part in parts {
        // Parts are ids and names of some dozen bytes.
        bytes.extend((part.len() as u32).to_be_bytes());
        bytes.extend_from_slice(part);
    }
    bytes
}

fn encrypt(key: &Key, nonce: &[u8; NONCE], msg: &[u8], aad: &[u8]) -> Option<Vec<u8>> {
    cipher(key).encrypt(XNonce::from_slice(nonce), Payload { msg, aad }).ok()
}

fn decrypt(key: &Key, nonce: &[u8; NONCE], msg: &[u8], aad: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    cipher(key).decrypt(XNonce::from_slice(nonce), Payload { msg, aad }).ok().map(Zeroizing::new)
}

/// The cipher, which wipes its copy of the key when it is dropped.
fn cipher(key: &Key) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(key.bytes().as_slice().into())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use feira_schemas::sealed::SubjectKind;
    use uuid::Uuid;

    use super::*;

    fn place() -> Place {
        Place {
            tenant: TenantId::from_uuid(Uuid::from_u128(1)),
            subject: Subject::new(SubjectKind::Order, Uuid::from_u128(2)),
            key_id: KeyId::from_uuid(Uuid::from_u128(3)),
        }
    }

    fn counted(from: u8) -> Key {
        Key::of(&std::array::from_fn::<u8, 32, _>(|at| from + at as u8)).unwrap()
    }

    fn key() -> Key {
        counted(0)
    }

    fn master() -> MasterKey {
        MasterKey { id: "m1".into(), key: counted(200) }
    }

    const NONCE_OF_TESTS: [u8; NONCE] = {
        let mut nonce = [0; NONCE];
        let mut at = 0;
        while at < NONCE {
            nonce[at] = 100 + at as u8;
            at += 1;
        }
        nonce
    };
    const PLAIN: &str = "Ana Lúcia";
    const VALUE: &str = "3d1d9890b3ed33e1ee51d736401ed40203e4b246d134598fe497";
    const WRAPPED: &str =
        "m1.ZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXp7b7anKUaSSIjE_IeZ7tNnfSPZ9UEAJO3P9TlwA33SO5LMzRZuPMCYzd-lE096ZklJ";
    const SENTINEL: &str = "m1.ZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXp7qJZcPhqTsAhtm7Epf1l9Rw";

    /// Made by another implementation (libsodium's) from the table above. What was sealed once is read for ever.
    #[test]
    fn what_is_sealed_is_what_the_table_says() {
        let sealed = seal(&key(), &place(), "name", &NONCE_OF_TESTS, PLAIN.as_bytes()).unwrap();
        assert_eq!(hex::encode(&sealed), VALUE);
        let opened = open(&key(), &place(), "name", &NONCE_OF_TESTS, &sealed).unwrap();
        assert_eq!(opened.as_slice(), PLAIN.as_bytes());
        assert_eq!(wrap(&master(), &place(), &NONCE_OF_TESTS, &key()).unwrap(), WRAPPED);
        assert_eq!(unwrap(&master(), &place(), WRAPPED), Some(key()));
        assert_eq!(sentinel(&master(), &NONCE_OF_TESTS).unwrap(), SENTINEL);
        assert!(is_sentinel_of(&master(), SENTINEL));
    }

    #[test]
    fn a_value_opens_in_its_own_place_alone() {
        let sealed = hex::decode(VALUE).unwrap();
        let opens = |place: &Place, field: &str| open(&key(), place, field, &NONCE_OF_TESTS, &sealed).is_some();
        assert!(opens(&place(), "name"));
        assert!(!opens(&place(), "email") && !opens(&place(), "nam"));
        assert!(!opens(&Place { tenant: TenantId::PLATFORM, ..place() }, "name"));
        for other in [(SubjectKind::Charge, 2), (SubjectKind::Order, 3)] {
            let subject = Subject::new(other.0, Uuid::from_u128(other.1));
            assert!(!opens(&Place { subject, ..place() }, "name"), "{subject}");
        }
        assert!(open(&counted(1), &place(), "name", &NONCE_OF_TESTS, &sealed).is_none());
        for bit in 0..sealed.len() * 8 {
            let mut flipped = sealed.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(open(&key(), &place(), "name", &NONCE_OF_TESTS, &flipped).is_none(), "{bit}");
        }
    }

    #[test]
    fn a_key_is_unwrapped_in_its_own_row_and_by_its_own_master_key_alone() {
        let place = place();
        for other in [
            Place { tenant: TenantId::PLATFORM, ..place },
            Place { subject: Subject::new(SubjectKind::Staff, place.subject.id()), ..place },
            Place { key_id: KeyId::from_uuid(Uuid::nil()), ..place },
        ] {
            assert_eq!(unwrap(&master(), &other, WRAPPED), None);
        }
        let renamed = MasterKey { id: "m2".into(), ..master() };
        let other = MasterKey { key: counted(1), ..master() };
        for master in [&renamed, &other] {
            assert_eq!(unwrap(master, &place, WRAPPED), None);
            assert!(!is_sentinel_of(master, SENTINEL));
        }
        assert_eq!(master_of(WRAPPED), Some("m1"));
        for broken in ["", "m1", "m1.", "m1.ZGVm", &WRAPPED[..WRAPPED.len() - 1], &WRAPPED.replace('_', "-"), SENTINEL]
        {
            assert_eq!(unwrap(&master(), &place, broken), None, "{broken}");
        }
        assert!(!is_sentinel_of(&master(), WRAPPED), "a wrapped key is no sentinel");
    }

    /// Parts that run together the other way are another place.
    #[test]
    fn lists_of_parts_are_told_apart() {
        assert_ne!(associated(&[b"ab", b"c"]), associated(&[b"a", b"bc"]));
        assert_ne!(associated(&[b"ab"]), associated(&[b"ab", b""]));
    }
}
