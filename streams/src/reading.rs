//! Reading records: an unknown schema id is the record's fault only while the registry still knows ours.

use feira_connectors::log::{LogRecord, NewRecord};
use feira_schemas::codec::{Codec, CodecError};

use crate::{
    deadletter::{Stage, dead_letter},
    platform::{Backoff, Platform},
    waiting::Patient,
};

/// What a record says, or why it can't be read. The reader waits while the registry is away, or has lost what it had.
///
/// `decode` is [`RecordSet::decode`](feira_schemas::records::RecordSet::decode) of what the topic holds.
pub(crate) async fn read<T>(
    platform: &Platform,
    group: &str,
    record: &LogRecord,
    decode: impl Fn(&Codec, &[u8]) -> Result<T, CodecError>,
) -> Result<T, String> {
    let Some(value) = record.value.as_deref() else { return Err("a record without value".to_owned()) };
    let patient = Patient::new(platform, group);
    let mut backoff = Backoff::default();
    loop {
        let id = match decode(&platform.codec, value) {
            Ok(read) => return Ok(read),
            Err(CodecError::UnknownSchema(id)) => id,
            Err(error) => return Err(error.to_string()),
        };
        match platform.learn_schema(id).await {
            Ok(true) => {}
            Ok(false) if platform.registry_verifies().await => return Err(CodecError::UnknownSchema(id).to_string()),
            Ok(false) => patient.wait(&mut backoff, "schema registry", &"it has lost schemas that it had").await,
            Err(error) => patient.wait(&mut backoff, "schema registry", &error).await,
        }
    }
}

/// The dead letter of a record that can't be read.
pub(crate) fn unreadable(group: &str, record: &LogRecord, why: &str) -> NewRecord {
    tracing::warn!(group, topic = %record.at.topic, partition = record.at.partition, offset = record.offset, %why, "unreadable record");
    metrics::counter!("feira_dlq_total", "group" => group.to_owned(), "reason" => "decode").increment(1);
    dead_letter(record, group, Stage::Decode, 1, why)
}
