//! The envelope of a sealed value: what stands in records and rows in the value's place.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use uuid::Uuid;

use super::subject::{Subject, SubjectKind};
use crate::{ids::KeyId, limits::SEALED_FIELD_BYTES};

/// The version of the layout and of the cipher (XChaCha20-Poly1305 with a 256-bit key).
pub const VERSION: u8 = 1;
/// Bytes of a nonce.
pub const NONCE: usize = 24;
/// Bytes of the authentication tag, which ends an envelope's ciphertext.
pub const TAG: usize = 16;
/// Bytes of a UUID.
const ID: usize = 16;
/// Longest name of a field.
const FIELD_NAME: usize = 32;

/// The sealed form of one value of one subject. Its bytes, of which all numbers are unsigned:
///
/// | bytes | |
/// |---|---|
/// | 1 | version: 1 |
/// | 1 | number of the subject's kind ([`SubjectKind`]) |
/// | 16 | the subject's id, a UUID |
/// | 1 | length of the field's name, 1 to 32 |
/// | that many | the field's name: `a`–`z`, `0`–`9`, `_` |
/// | 16 | the data key's id, a UUID |
/// | 24 | nonce |
/// | rest | ciphertext and its tag of 16 bytes, 8 KiB of ciphertext at most |
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    subject: Subject,
    field: Box<str>,
    key_id: KeyId,
    nonce: [u8; NONCE],
    ciphertext: Box<[u8]>,
}

/// Bytes or a text that are no envelope that this program reads. Nothing of them is repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EnvelopeError {
    /// The text is not base64url without padding (RFC 4648).
    #[error("a sealed value's text is not base64url")]
    NotBase64,
    /// The first byte names a version that this program does not know.
    #[error("a sealed value is of version {0}, which this program does not know: a newer one has written it")]
    UnknownVersion(u8),
    /// The subject is of a kind that this program does not know.
    #[error("a sealed value's subject is of kind {0}, which this program does not know: a newer one has written it")]
    UnknownKind(u8),
    /// The bytes end too early, or a part of them breaks its rule.
    #[error("a sealed value is not whole")]
    Malformed,
    /// The ciphertext is longer than a field may be.
    #[error("a sealed value has more than {SEALED_FIELD_BYTES} bytes")]
    TooLong,
}

impl Envelope {
    /// An envelope from its parts. Refused where the field's name or the ciphertext's length breaks the layout's rules.
    pub fn new(
        subject: Subject,
        field: &str,
        key_id: KeyId,
        nonce: [u8; NONCE],
        ciphertext: Vec<u8>,
    ) -> Result<Self, EnvelopeError> {
        if !is_field_name(field) || ciphertext.len() < TAG {
            return Err(EnvelopeError::Malformed);
        }
        if ciphertext.len() > SEALED_FIELD_BYTES + TAG {
            return Err(EnvelopeError::TooLong);
        }
        Ok(Self { subject, field: field.into(), key_id, nonce, ciphertext: ciphertext.into() })
    }

    /// Reads the bytes of an envelope.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, EnvelopeError> {
        let mut rest = Rest(bytes);
        match rest.take()? {
            [VERSION] => {}
            [other] => return Err(EnvelopeError::UnknownVersion(other)),
        }
        let [number] = rest.take()?;
        let kind = SubjectKind::numbered(number).ok_or(EnvelopeError::UnknownKind(number))?;
        let subject = Subject::new(kind, Uuid::from_bytes(rest.take::<ID>()?));
        let [length] = rest.take()?;
        let field = std::str::from_utf8(rest.take_slice(length.into())?).map_err(|_| EnvelopeError::Malformed)?;
        let key_id = KeyId::from_uuid(Uuid::from_bytes(rest.take::<ID>()?));
        let nonce = rest.take::<NONCE>()?;
        Self::new(subject, field, key_id, nonce, rest.0.to_vec())
    }

    /// The bytes of the envelope.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(3 + 2 * ID + self.field.len() + NONCE + self.ciphertext.len());
        bytes.extend([VERSION, self.subject.kind().number()]);
        bytes.extend(self.subject.id().as_bytes());
        // A field's name has at most 32 bytes.
        bytes.push(self.field.len() as u8);
        bytes.extend(self.field.as_bytes());
        bytes.extend(self.key_id.uuid().as_bytes());
        bytes.extend(self.nonce);
        bytes.extend(&*self.ciphertext);
        bytes
    }

    /// Reads the text of an envelope, as rows have it.
    pub fn from_text(text: &str) -> Result<Self, EnvelopeError> {
        Self::from_bytes(&URL_SAFE_NO_PAD.decode(text).map_err(|_| EnvelopeError::NotBase64)?)
    }

    /// The text of the envelope: its bytes in base64url without padding (RFC 4648).
    pub fn to_text(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.to_bytes())
    }

    /// Whom or what the value is about.
    pub fn subject(&self) -> Subject {
        self.subject
    }

    /// The name of the field that the value is for.
    pub fn field(&self) -> &str {
        &self.field
    }

    /// The id of the data key that the value is sealed by.
    pub fn key_id(&self) -> KeyId {
        self.key_id
    }

    /// The nonce.
    pub fn nonce(&self) -> &[u8; NONCE] {
        &self.nonce
    }

    /// The ciphertext, which ends with its tag.
    pub fn ciphertext(&self) -> &[u8] {
        &self.ciphertext
    }
}

/// True for a field's name: 1 to 32 of `a`–`z`, `0`–`9` and `_`.
pub(super) const fn is_field_name(name: &str) -> bool {
    let (bytes, mut at) = (name.as_bytes(), 0);
    while at < bytes.len() {
        if !matches!(bytes[at], b'a'..=b'z' | b'0'..=b'9' | b'_') {
            return false;
        }
        at += 1;
    }
    !bytes.is_empty() && bytes.len() <= FIELD_NAME
}

/// The bytes that are not read yet.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], EnvelopeError> {
        let (taken, rest) = self.0.split_first_chunk().ok_or(EnvelopeError::Malformed)?;
        self.0 = rest;
        Ok(*taken)
    }

    fn take_slice(&mut self, length: usize) -> Result<&'a [u8], EnvelopeError> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(EnvelopeError::Malformed)?;
        self.0 = rest;
        Ok(taken)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn envelope() -> Envelope {
        let subject = Subject::new(SubjectKind::Order, Uuid::from_u128(1));
        Envelope::new(subject, "name", KeyId::from_uuid(Uuid::from_u128(2)), [3; NONCE], vec![4; TAG + 5]).unwrap()
    }

    /// Records are kept for ever: these bytes must be read by every program to come.
    #[test]
    fn the_layout_is_what_the_table_says() {
        let bytes = envelope().to_bytes();
        let zeros = [0; 15];
        let parts: [&[u8]; 9] = [&[1, 1], &zeros, &[1, 4], b"name", &zeros, &[2], &[3; NONCE], &[4; 5], &[4; TAG]];
        assert_eq!(bytes, parts.concat());
        assert_eq!(Envelope::from_bytes(&bytes), Ok(envelope()));
        assert_eq!(Envelope::from_text(&envelope().to_text()), Ok(envelope()));
        assert!(envelope().to_text().bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
    }

    #[test]
    fn what_is_cut_short_or_of_a_newer_program_is_refused() {
        let bytes = envelope().to_bytes();
        let shortest = bytes.len() - 5;
        for length in 0..shortest {
            assert_eq!(Envelope::from_bytes(&bytes[..length]), Err(EnvelopeError::Malformed), "{length}");
        }
        assert!(Envelope::from_bytes(&bytes[..shortest]).is_ok(), "an empty value is sealed as its tag alone");
        let with = |at: usize, byte: u8| {
            let mut other = bytes.clone();
            other[at] = byte;
            Envelope::from_bytes(&other)
        };
        assert_eq!(with(0, 2), Err(EnvelopeError::UnknownVersion(2)));
        assert_eq!(with(1, 200), Err(EnvelopeError::UnknownKind(200)));
        for (at, byte) in [(18, 0), (18, 200), (19, b'N'), (19, 255)] {
            assert_eq!(with(at, byte), Err(EnvelopeError::Malformed), "{at}");
        }
        assert_eq!(Envelope::from_text("ã"), Err(EnvelopeError::NotBase64));
        assert_eq!(Envelope::from_text(&format!("{}=", envelope().to_text())), Err(EnvelopeError::NotBase64));
    }

    #[test]
    fn a_field_has_8_kib_at_most() {
        let of =
            |bytes: usize| Envelope::new(envelope().subject, "name", envelope().key_id, [0; NONCE], vec![0; bytes]);
        assert!(of(SEALED_FIELD_BYTES + TAG).is_ok());
        assert_eq!(of(SEALED_FIELD_BYTES + TAG + 1), Err(EnvelopeError::TooLong));
        assert_eq!(of(TAG - 1), Err(EnvelopeError::Malformed));
    }
}
