//! Reading records: an unknown schema id is the record's fault only while the registry still knows ours.

use feira_connectors::log::{LogRecord, NewRecord};
use feira_schemas::{
    codec::{Codec, CodecError},
    ids::Micros,
};

use crate::{
    backoff::Backoff,
    deadletters::{Stage, dead_letter},
    platform::Platform,
    waiting::Patient,
};

/// A record that can't be read here.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum Unread {
    /// The bytes are no record of the topic, and never will be one.
    #[error("{0}")]
    Unreadable(String),
    /// The bytes are a Feira's record of a type that this program is too old to know. Who comes after it will read
    /// it, so nobody may call it unreadable.
    #[error("a {name}, which only a newer program knows")]
    Newer {
        /// Full name of its type.
        name: String,
        /// The event's `write_ts` in microseconds since 1970, which its position is made of; `None` if it is no
        /// event.
        write_ts: Option<Micros>,
    },
}

/// Decodes a record, or says why it can't be read. The reader waits while the registry is away, or has lost what it
/// had.
///
/// `decode` is [`RecordSet::decode`](feira_schemas::records::RecordSet::decode) of what the topic holds.
pub(crate) async fn read<T>(
    platform: &Platform,
    group: &str,
    record: &LogRecord,
    decode: impl Fn(&Codec, &[u8]) -> Result<T, CodecError>,
) -> Result<T, Unread> {
    let unreadable = |why: &dyn std::fmt::Display| Unread::Unreadable(why.to_string());
    let Some(value) = record.value.as_deref() else { return Err(unreadable(&"a record without value")) };
    let patient = Patient::new(platform, group);
    let mut backoff = Backoff::default();
    loop {
        let id = match decode(&platform.codec, value) {
            Ok(read) => return Ok(read),
            Err(CodecError::UnknownSchema(id)) => id,
            Err(CodecError::NotInSet { name, .. }) if is_newer(&platform.codec, &name) => {
                return Err(Unread::Newer { name, write_ts: write_ts_of(&platform.codec, value) });
            }
            Err(error) => return Err(unreadable(&error)),
        };
        match platform.learn_schema(id).await {
            Ok(true) => {}
            Ok(false) if platform.registry_verifies().await => return Err(unreadable(&CodecError::UnknownSchema(id))),
            Ok(false) => patient.wait(&mut backoff, "schema registry", &"it has lost schemas that it had").await,
            Err(error) => patient.wait(&mut backoff, "schema registry", &error).await,
        }
    }
}

/// True if a type of record is Feira's, and none that this program has.
fn is_newer(codec: &Codec, name: &str) -> bool {
    name.starts_with("feira.") && codec.id_of(name).is_none()
}

/// The `write_ts` of an event of any type: all have it at the same place.
fn write_ts_of(codec: &Codec, value: &[u8]) -> Option<Micros> {
    codec.open(value).ok()?.read_json().ok()?["meta"]["write_ts"].as_i64()
}

/// The dead letter of a record that can't be read.
pub(crate) fn unreadable(group: &str, record: &LogRecord, why: &str) -> NewRecord {
    tracing::warn!(group, topic = %record.at.topic, partition = record.at.partition, offset = record.offset, %why, "unreadable record");
    metrics::counter!("feira_dlq_total", "group" => group.to_owned(), "reason" => "decode").increment(1);
    dead_letter(record, group, Stage::Decode, 1, why)
}
