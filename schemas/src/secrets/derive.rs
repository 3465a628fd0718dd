//! What is derived from a secret: keys by HKDF-SHA-256 (RFC 5869), one for each purpose, and by them codes by HMAC-SHA-256.

use hkdf::Hkdf;
use hmac::{Hmac, Mac, digest::KeyInit};
use sha2::Sha256;
use zeroize::Zeroizing;

/// Bytes of a code.
pub(super) const CODE: usize = 32;
/// Bytes of a derived key: a block of the hash, which HMAC takes as it is.
const KEY: usize = 64;
/// Most bytes that HKDF gives of one secret: 255 hashes.
const MOST: usize = 255 * 32;
/// What stands before all that is derived here: the same secret for another program, or a later way, gives other keys.
const WAY: &[u8] = b"feira 1";

/// HKDF-SHA-256: `BYTES` bytes of this secret for this purpose.
#[allow(clippy::expect_used)]
fn hkdf<const BYTES: usize>(salt: &[u8], secret: &[u8], info: &[u8]) -> Zeroizing<[u8; BYTES]> {
    const { assert!(BYTES <= MOST, "HKDF gives no more") };
    let mut key = Zeroizing::new([0; BYTES]);
    // The one error is more bytes than that, which does not compile.
    Hkdf::<Sha256>::new(Some(salt), secret).expand(info, key.as_mut_slice()).expect("the length is asserted above");
    key
}

/// A keyed hash for one purpose, which these parts make: a secret that was drawn needs no salt.
pub(super) fn keyed(secret: &[u8], purpose: &[&[u8]]) -> Hmac<Sha256> {
    let key = hkdf::<KEY>(&[], secret, &parts(&[&[WAY][..], purpose].concat()));
    <Hmac<Sha256> as KeyInit>::new((&*key).into())
}

/// The hash over these parts, for reading or for comparing.
pub(super) fn over(mac: Hmac<Sha256>, said: &[&[u8]]) -> Hmac<Sha256> {
    mac.chain_update(parts(said))
}

/// The parts, each behind its length in eight bytes (big endian), so that no two lists of parts are the same bytes.
fn parts(parts: &[&[u8]]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(parts.iter().map(|part| part.len() + 8).sum());
    for part in parts {
        bytes.extend((part.len() as u64).to_be_bytes());
        bytes.extend_from_slice(part);
    }
    bytes
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// The cases of RFC 5869, appendix A, that are of SHA-256.
    #[test]
    fn keys_are_those_of_rfc_5869() {
        let counted = |from: u8, count: u8| (0..count).map(|at| from + at).collect::<Vec<u8>>();
        let one = hkdf::<42>(&counted(0, 13), &[0x0b; 22], &counted(0xf0, 10));
        assert_eq!(
            hex::encode(*one),
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"
        );
        let two = hkdf::<82>(&counted(0x60, 80), &counted(0, 80), &counted(0xb0, 80));
        assert_eq!(
            hex::encode(*two),
            "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9a\
             ca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87"
        );
        let three = hkdf::<42>(&[], &[0x0b; 22], &[]);
        assert_eq!(
            hex::encode(*three),
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"
        );
    }

    #[test]
    fn lists_of_parts_are_told_apart() {
        assert_ne!(parts(&[b"ab", b"c"]), parts(&[b"a", b"bc"]));
        assert_ne!(parts(&[b"ab"]), parts(&[b"ab", b""]));
        assert_ne!(parts(&[]), parts(&[b""]));
    }
}
