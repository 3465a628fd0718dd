//! Values that a person typed about itself, which stand in records and rows sealed and in no other way (LGPD).
//!
//! A plain value is of a type that is [`Personal`]: it has no serde and no `Display`, its `Debug` hides it, and its bytes are wiped
//! when it is dropped. [`Sealed`] is what a record or a row has in its place. So a record with a plain value does not compile,
//!
//! ```compile_fail
//! use feira_schemas::sealed::PersonName;
//!
//! #[derive(serde::Serialize, serde::Deserialize)]
//! struct Record {
//!     buyer: PersonName,
//! }
//! ```
//!
//! and one with the sealed value does:
//!
//! ```
//! use feira_schemas::sealed::{PersonName, Sealed};
//!
//! #[derive(serde::Serialize, serde::Deserialize)]
//! struct Record {
//!     buyer: Sealed<PersonName>,
//! }
//! ```
//!
//! A value of another field does not take its place:
//!
//! ```compile_fail
//! use feira_schemas::sealed::{Email, PersonName, Sealed};
//!
//! fn swapped(sealed: Sealed<Email>) -> Sealed<PersonName> {
//!     sealed
//! }
//! ```
//!
//! Nor can a plain value be printed,
//!
//! ```compile_fail
//! use feira_schemas::sealed::PersonName;
//!
//! fn told(name: &PersonName) -> String {
//!     format!("{name}")
//! }
//! ```
//!
//! unless whoever does so says that it is to be shown:
//!
//! ```
//! use feira_schemas::sealed::PersonName;
//!
//! fn told(name: &PersonName) -> String {
//!     format!("{} {name:?}", name.expose())
//! }
//! assert_eq!(told(&PersonName::new("Ana")?), "Ana PersonName(hidden)");
//! # Ok::<(), feira_schemas::sealed::Unfit>(())
//! ```

mod address;
mod bank_account;
mod envelope;
mod personal;
mod subject;

use std::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error, Visitor},
};
use zeroize::Zeroizing;

use self::envelope::is_field_name;
pub use self::{
    address::{AddressParts, PostalAddress},
    bank_account::{BankAccount, BankAccountParts},
    envelope::{Envelope, EnvelopeError, NONCE, TAG, VERSION},
    personal::{
        CallbackSecret, CardToken, Document, Email, GatewayKey, GatewayText, LastFour, MaskedDocument, PasswordHash,
        PersonName, Phone, Unfit,
    },
    subject::{InvalidSubject, Subject, SubjectKind},
};

/// A value that a person typed about itself, or a secret that proves who somebody is.
///
/// An implementor has neither serde nor `Display`, hides itself in its `Debug`, and wipes its bytes when it is dropped.
pub trait Personal: Sized {
    /// The field's name, 1 to 32 of `a`–`z`, `0`–`9` and `_`, which no other type has. It is part of what a seal vouches for and
    /// stands in records, so it never changes.
    const FIELD: &'static str;

    /// The bytes that are sealed, at most 8 KiB.
    fn to_plain(&self) -> Zeroizing<Vec<u8>>;

    /// The value of bytes that were sealed. What was taken once is read for ever, so no rule but the bytes' own form is asked.
    fn from_plain(plain: &[u8]) -> Result<Self, NotPlain>;
}

/// Bytes that were opened, and are not those of a value of this type. They are not repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the opened bytes are no {0}")]
pub struct NotPlain(pub &'static str);

/// A sealed value of type `T`, which the keyring alone makes and opens.
///
/// To serde it is bytes in a format that is not for people (Avro, where its schema is `bytes`), and a text in base64url in one that
/// is (rows and JSON). Reading takes any whole envelope of the field of `T`, whether its key is there or not.
pub struct Sealed<T> {
    envelope: Envelope,
    of: PhantomData<fn() -> T>,
}

/// An envelope of another field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a sealed {found} stands where a sealed {expected} belongs")]
pub struct OtherField {
    /// The field that belongs there.
    pub expected: &'static str,
    /// The field of the envelope.
    pub found: Box<str>,
}

impl<T: Personal> Sealed<T> {
    /// The sealed value in this envelope. Refused where it is of another field.
    pub fn of(envelope: Envelope) -> Result<Self, OtherField> {
        const { assert!(is_field_name(T::FIELD), "a field's name is 1 to 32 of a-z, 0-9 and _") };
        if envelope.field() != T::FIELD {
            return Err(OtherField { expected: T::FIELD, found: envelope.field().into() });
        }
        Ok(Self { envelope, of: PhantomData })
    }

    /// The envelope.
    pub fn envelope(&self) -> &Envelope {
        &self.envelope
    }
}

impl<T> Clone for Sealed<T> {
    fn clone(&self) -> Self {
        Self { envelope: self.envelope.clone(), of: PhantomData }
    }
}

impl<T> PartialEq for Sealed<T> {
    fn eq(&self, other: &Self) -> bool {
        self.envelope == other.envelope
    }
}

impl<T> Eq for Sealed<T> {}

impl<T> fmt::Debug for Sealed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&told(&self.envelope))
    }
}

impl<T> Serialize for Sealed<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match serializer.is_human_readable() {
            true => serializer.serialize_str(&self.envelope.to_text()),
            false => serializer.serialize_bytes(&self.envelope.to_bytes()),
        }
    }
}

impl<'de, T: Personal> Deserialize<'de> for Sealed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let envelope = match deserializer.is_human_readable() {
            true => deserializer.deserialize_str(EnvelopeVisitor)?,
            false => deserializer.deserialize_byte_buf(EnvelopeVisitor)?,
        };
        Self::of(envelope).map_err(D::Error::custom)
    }
}

/// Takes an envelope in either form: what serde buffers, as for an untagged enum, forgets which format it is from.
struct EnvelopeVisitor;

impl Visitor<'_> for EnvelopeVisitor {
    type Value = Envelope;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a sealed value")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Envelope, E> {
        Envelope::from_text(text).map_err(E::custom)
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Envelope, E> {
        Envelope::from_bytes(bytes).map_err(E::custom)
    }
}

/// Says of a record's bytes what is sealed in them, for taps and dead letters.
pub(crate) fn shown(bytes: &[u8]) -> String {
    Envelope::from_bytes(bytes).map_or_else(|error| format!("({error})"), |envelope| told(&envelope))
}

fn told(envelope: &Envelope) -> String {
    format!("(sealed {} of {})", envelope.field(), envelope.subject())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::collections::BTreeSet;

    use apache_avro::{Schema, reader::datum::GenericDatumReader, writer::datum::GenericDatumWriter};
    use uuid::Uuid;

    use super::*;
    use crate::ids::{KeyId, TenantId};

    fn sealed<T: Personal>(field: &str) -> Result<Sealed<T>, OtherField> {
        let (subject, key) =
            (Subject::new(SubjectKind::Order, Uuid::from_u128(1)), KeyId::from_uuid(Uuid::from_u128(2)));
        Sealed::of(Envelope::new(subject, field, key, [3; NONCE], vec![4; 40]).unwrap())
    }

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    struct Record {
        tenant: TenantId,
        buyer: Sealed<PersonName>,
        phone: Option<Sealed<Phone>>,
        emails: Vec<Sealed<Email>>,
    }

    fn record() -> Record {
        Record {
            tenant: TenantId::from_uuid(Uuid::from_u128(7)),
            buyer: sealed("name").unwrap(),
            phone: Some(sealed("phone").unwrap()),
            emails: vec![sealed("email").unwrap()],
        }
    }

    /// The schema of [`Record`]; static as a codec's, since readers borrow theirs.
    fn schema() -> &'static Schema {
        Box::leak(Box::new(
            Schema::parse_str(
                r#"{"type": "record", "name": "Record", "fields": [
                {"name": "tenant", "type": "string"}, {"name": "buyer", "type": "bytes"},
                {"name": "phone", "type": ["null", "bytes"]}, {"name": "emails", "type": {"type": "array", "items": "bytes"}}]}"#,
            )
            .unwrap(),
        ))
    }

    fn avro(record: &Record) -> Vec<u8> {
        let writer = GenericDatumWriter::builder(schema()).human_readable(false).build().unwrap();
        let mut bytes = Vec::new();
        writer.write_ser(&mut bytes, record).unwrap();
        bytes
    }

    fn read<T: serde::de::DeserializeOwned>(mut bytes: &[u8]) -> Result<T, String> {
        let reader = GenericDatumReader::builder(schema()).human_readable(false).build().unwrap();
        reader.read_deser(&mut bytes).map_err(|error| error.to_string())
    }

    #[test]
    fn in_avro_it_is_its_bytes_and_in_rows_a_text() {
        for record in [record(), Record { phone: None, emails: Vec::new(), ..record() }] {
            let bytes = avro(&record);
            let holds = |part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
            assert!(holds(&record.buyer.envelope().to_bytes()) && holds(record.tenant.to_string().as_bytes()));
            assert_eq!(read::<Record>(&bytes), Ok(record.clone()));
            let json = serde_json::to_value(&record).unwrap();
            assert_eq!(json["buyer"], record.buyer.envelope().to_text());
            assert_eq!(serde_json::from_value::<Record>(json.clone()).unwrap(), record);
            assert_eq!(serde_json::from_str::<Record>(&json.to_string()).unwrap(), record);
        }
    }

    #[test]
    fn what_serde_buffers_is_read_as_well() {
        #[derive(Debug, PartialEq, Deserialize)]
        #[serde(untagged)]
        enum Buffered {
            Record(Record),
        }
        assert_eq!(read::<Buffered>(&avro(&record())), Ok(Buffered::Record(record())));
        let json = serde_json::to_string(&record()).unwrap();
        assert_eq!(serde_json::from_str::<Buffered>(&json).unwrap(), Buffered::Record(record()));
    }

    #[test]
    fn a_value_of_another_field_is_no_value_of_this_one() {
        let refused = sealed::<PersonName>("email").unwrap_err().to_string();
        assert_eq!(refused, "a sealed email stands where a sealed name belongs");
        let email = serde_json::to_value(sealed::<Email>("email").unwrap()).unwrap();
        assert!(
            serde_json::from_value::<Sealed<PersonName>>(email.clone())
                .unwrap_err()
                .to_string()
                .contains("sealed email")
        );
        assert!(serde_json::from_value::<Sealed<Email>>(email).is_ok());
        let mut other = record();
        other.buyer = Sealed { envelope: sealed::<Email>("email").unwrap().envelope, of: PhantomData };
        assert!(read::<Record>(&avro(&other)).unwrap_err().contains("sealed email"));
    }

    #[test]
    fn it_is_shown_as_sealed() {
        let name = sealed::<PersonName>("name").unwrap();
        let said = "(sealed name of order:00000000-0000-0000-0000-000000000001)";
        assert_eq!((format!("{name:?}").as_str(), shown(&name.envelope().to_bytes()).as_str()), (said, said));
        assert_eq!(
            shown(&[9]),
            "(a sealed value is of version 9, which this program does not know: a newer one has written it)"
        );
    }

    #[test]
    fn every_field_has_a_name_of_its_own() {
        let fields = [
            PersonName::FIELD,
            Email::FIELD,
            Document::FIELD,
            Phone::FIELD,
            PostalAddress::FIELD,
            GatewayKey::FIELD,
            CardToken::FIELD,
            LastFour::FIELD,
            MaskedDocument::FIELD,
            GatewayText::FIELD,
            CallbackSecret::FIELD,
            BankAccount::FIELD,
            PasswordHash::FIELD,
        ];
        assert_eq!(fields.iter().collect::<BTreeSet<_>>().len(), fields.len());
    }
}
