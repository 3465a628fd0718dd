//! Sealed values among bytes, of whatever record or row they are a part, and whether they open.

use aho_corasick::{AhoCorasick, Match};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use feira_connectors::keyring::{Keyring, KeyringError, Opened};
use feira_schemas::{
    ids::{KeyId, TenantId},
    sealed::{
        BankAccount, CallbackSecret, CardToken, Document, Email, Envelope, EnvelopeError, GatewayKey, GatewayText,
        LastFour, MaskedDocument, NONCE, PersonName, Personal, Phone, PostalAddress, Sealed, Subject, TAG,
    },
};
use uuid::Uuid;

/// Bytes with which every envelope of a subject begins: version, kind and id. They are whole groups of base64.
const BEGINNING: usize = 18;
/// Bytes of the lengths that Avro writes before an envelope: one takes from 64 bytes to below 16 KiB.
const LENGTHS: [usize; 2] = [2, 3];

/// A subject that is looked for.
pub struct Sought {
    /// Finds an envelope's first bytes as they are (pattern 0) and as a text (pattern 1).
    automaton: AhoCorasick,
}

impl Sought {
    pub fn new(subject: Subject) -> Self {
        let (key, nonce) = (KeyId::from_uuid(Uuid::nil()), [0; NONCE]);
        let bytes = Envelope::new(subject, PersonName::FIELD, key, nonce, vec![0; TAG]).unwrap().to_bytes();
        let text = URL_SAFE_NO_PAD.encode(&bytes[..BEGINNING]);
        Self { automaton: AhoCorasick::new([&bytes[..BEGINNING], text.as_bytes()]).unwrap() }
    }

    /// The subject's envelopes in these bytes; `Err` where one begins and can't be read.
    pub fn copies(&self, bytes: &[u8]) -> Result<Vec<Envelope>, String> {
        let envelope = |found: Match| match found.pattern().as_usize() {
            0 => {
                let read = LENGTHS.into_iter().find_map(|length| binary(bytes, found.start(), length));
                read.ok_or_else(|| "a copy in bytes can't be read".to_owned())
            }
            _ => in_text(&bytes[found.start()..]).map_err(|error| format!("a copy in a text: {error}")),
        };
        self.automaton.find_iter(bytes).map(envelope).collect()
    }
}

/// The envelope that a text begins with.
fn in_text(bytes: &[u8]) -> Result<Envelope, EnvelopeError> {
    let is_of_text = |byte: &&u8| byte.is_ascii_alphanumeric() || b"-_".contains(byte);
    let text: Vec<u8> = bytes.iter().take_while(is_of_text).copied().collect();
    Envelope::from_text(&String::from_utf8_lossy(&text))
}

/// The envelope that begins here and before which Avro has written its length in so many bytes.
fn binary(bytes: &[u8], at: usize, length: usize) -> Option<Envelope> {
    let before = bytes.get(at.checked_sub(length)?..at)?;
    let (last, others) = before.split_last()?;
    if *last >= 0x80 || others.iter().any(|byte| *byte < 0x80) {
        return None;
    }
    let zigzag = before.iter().rev().fold(0, |number, byte| (number << 7) | usize::from(byte & 0x7f));
    Envelope::from_bytes(bytes.get(at..at + zigzag / 2)?).ok()
}

/// What became of opening a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Became {
    Open,
    Erased,
    Lost,
    /// It is not as it was sealed, as in a record that was cut off.
    Torn,
}

/// Tries to open a copy.
pub async fn open(keyring: &Keyring, tenant: TenantId, envelope: &Envelope) -> Became {
    match envelope.field() {
        PersonName::FIELD => of::<PersonName>(keyring, tenant, envelope).await,
        Email::FIELD => of::<Email>(keyring, tenant, envelope).await,
        Document::FIELD => of::<Document>(keyring, tenant, envelope).await,
        Phone::FIELD => of::<Phone>(keyring, tenant, envelope).await,
        PostalAddress::FIELD => of::<PostalAddress>(keyring, tenant, envelope).await,
        BankAccount::FIELD => of::<BankAccount>(keyring, tenant, envelope).await,
        CardToken::FIELD => of::<CardToken>(keyring, tenant, envelope).await,
        LastFour::FIELD => of::<LastFour>(keyring, tenant, envelope).await,
        MaskedDocument::FIELD => of::<MaskedDocument>(keyring, tenant, envelope).await,
        GatewayText::FIELD => of::<GatewayText>(keyring, tenant, envelope).await,
        GatewayKey::FIELD => of::<GatewayKey>(keyring, tenant, envelope).await,
        CallbackSecret::FIELD => of::<CallbackSecret>(keyring, tenant, envelope).await,
        other => panic!("a sealed field that this test does not know: {other}"),
    }
}

async fn of<T: Personal>(keyring: &Keyring, tenant: TenantId, envelope: &Envelope) -> Became {
    match keyring.unseal(tenant, &Sealed::<T>::of(envelope.clone()).unwrap()).await {
        Ok(Opened::Value(_)) => Became::Open,
        Ok(Opened::Erased) => Became::Erased,
        Ok(Opened::Lost) => Became::Lost,
        Err(KeyringError::Forged) => Became::Torn,
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn a_copy_is_found_in_a_record_and_in_a_row() {
    let subject = Subject::new(feira_schemas::sealed::SubjectKind::Charge, Uuid::from_u128(7));
    let sealed = |bytes| {
        Envelope::new(subject, "address", KeyId::from_uuid(Uuid::from_u128(1)), [9; NONCE], vec![5; bytes]).unwrap()
    };
    for bytes in [TAG, 100, 8_000] {
        let (envelope, sought) = (sealed(bytes), Sought::new(subject));
        let (mut length, mut record) = (2 * envelope.to_bytes().len(), vec![0, 0, 0, 0, 3, 0x80]);
        while length >= 0x80 {
            record.push(u8::try_from(length % 0x80).unwrap() | 0x80);
            length /= 0x80;
        }
        record.push(u8::try_from(length).unwrap());
        record.extend(envelope.to_bytes());
        record.extend([2, 2, 2]);
        assert_eq!(sought.copies(&record).unwrap(), std::slice::from_ref(&envelope));
        assert!(sought.copies(&record[..record.len() - 10]).is_err(), "a copy that is cut off");
        let row = format!(r#"{{"body":"{{\"a\":\"{}\"}}"}}"#, envelope.to_text());
        assert_eq!(sought.copies(row.as_bytes()).unwrap(), [envelope]);
        let other = Sought::new(Subject::new(feira_schemas::sealed::SubjectKind::Charge, Uuid::from_u128(8)));
        assert_eq!(other.copies(&record).unwrap().len() + other.copies(row.as_bytes()).unwrap().len(), 0);
    }
}
