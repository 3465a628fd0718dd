//! Reading events of another context's topic: what can't be read stops nobody.

use feira_connectors::log::{LogRecord, NewRecord};
use feira_schemas::{codec::CodecError, records::RecordSet};

use crate::{
    deadletter::{Stage, dead_letter},
    health::Doing,
    platform::{Backoff, Platform},
};

/// The event of a record, or the dead letter that the record becomes.
pub(crate) async fn decoded<E: RecordSet>(
    platform: &Platform,
    group: &str,
    record: &LogRecord,
) -> Result<E, NewRecord> {
    read(platform, group, record).await.map_err(|why| unreadable(group, record, &why))
}

/// The event of a record, or why it can't be read. An unknown schema id is the record's fault only while the registry still
/// knows ours; until then the reader waits.
pub(crate) async fn read<E: RecordSet>(platform: &Platform, group: &str, record: &LogRecord) -> Result<E, String> {
    let mut backoff = Backoff::default();
    loop {
        let Some(value) = record.value.as_deref() else { return Err("a record without value".to_owned()) };
        match E::decode(&platform.codec, value) {
            Ok(event) => return Ok(event),
            Err(CodecError::UnknownSchema(id)) => match platform.learn_schema(id).await {
                Ok(true) => {}
                Ok(false) if platform.registry_verifies().await => {
                    return Err(CodecError::UnknownSchema(id).to_string());
                }
                Ok(false) | Err(_) => {
                    platform.health.report(group, Doing::Waiting("schema registry".into()), platform.now());
                    backoff.wait().await;
                }
            },
            Err(error) => return Err(error.to_string()),
        }
    }
}

/// The dead letter of a record that can't be read.
pub(crate) fn unreadable(group: &str, record: &LogRecord, why: &str) -> NewRecord {
    tracing::warn!(group, topic = %record.at.topic, partition = record.at.partition, offset = record.offset, %why, "unreadable record");
    metrics::counter!("feira_dlq_total", "group" => group.to_owned(), "reason" => "decode").increment(1);
    dead_letter(record, group, Stage::Decode, 1, why)
}
