//! The letter itself, and a parked record: the record as it came, and headers that say why it is there.
//!
//! The headers of a letter are those of KIP-1191 (`__dlq.errors.*`), as text, and replace any that were there before.

use feira_connectors::log::{LogRecord, MAX_HEADER_BYTES, MAX_RECORD_BYTES, NewRecord};
use feira_schemas::topics;

use crate::platform::header;

/// The headers' common beginning.
pub(super) const PREFIX: &str = "__dlq.errors.";
/// A longer message would only repeat itself.
const MESSAGE_BYTES: usize = 1_024;

/// The step at which a record failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// The record's bytes can't be read.
    Decode,
    /// Working on it failed.
    Handle,
}

impl Stage {
    /// The name in the header `__dlq.errors.stage`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Decode => "decode",
            Self::Handle => "handle",
        }
    }
}

/// Reads a letter's header `__dlq.errors.<name>`, such as `topic` or `message`.
pub fn said<'a>(record: &'a LogRecord, name: &str) -> Option<&'a str> {
    header(record, &format!("{PREFIX}{name}"))
}

/// The dead letter of a record.
pub fn dead_letter(record: &LogRecord, group: &str, stage: Stage, tries: u32, message: &str) -> NewRecord {
    let headers = with_errors(record, group, stage, tries, message);
    // An empty key can't choose a partition; such a record was none of ours in the first place.
    let key = if record.key.is_empty() { bytes::Bytes::from_static(b"-") } else { record.key.clone() };
    let letter = NewRecord {
        topic: topics::dead_letters(group).into(),
        partition: None,
        key,
        value: record.value.clone(),
        headers,
    };
    fitting(letter)
}

/// The dead letter of a foreign event of which a context can make nothing. Deciding is pure, so it is decided once.
pub(crate) fn undecidable(group: &str, record: &LogRecord, why: &str) -> NewRecord {
    tracing::error!(group, topic = %record.at.topic, partition = record.at.partition, offset = record.offset, %why, "nothing can be made of an event");
    metrics::counter!("feira_dlq_total", "group" => group.to_owned(), "reason" => "handle").increment(1);
    dead_letter(record, group, Stage::Handle, 1, why)
}

/// The record as it is parked: in the retry topic's partition of the same number, which has the same owner.
pub fn parked(record: &LogRecord, group: &str, message: &str) -> NewRecord {
    fitting(NewRecord {
        topic: topics::retry(group).into(),
        partition: Some(record.at.partition),
        key: record.key.clone(),
        value: record.value.clone(),
        headers: with_errors(record, group, Stage::Handle, IN_PLACE, message),
    })
}

/// The number of times that a view tries a record in place before it is parked.
pub const IN_PLACE: u32 = 3;

/// A record from elsewhere may fill what a topic takes, and has no room for why it is here: then its own headers are left out,
/// or its value. Where both still lie is among the headers that say why.
fn fitting(mut letter: NewRecord) -> NewRecord {
    let ours = |name: &str| name.starts_with(PREFIX);
    let size = |headers: &[(String, bytes::Bytes)]| headers.iter().map(|(name, value)| name.len() + value.len()).sum();
    let bytes: usize = size(&letter.headers);
    if bytes > MAX_HEADER_BYTES {
        letter.headers.retain(|(name, _)| ours(name));
        let left_out = bytes - size(&letter.headers);
        letter.headers.push((format!("{PREFIX}left-out.header-bytes"), left_out.to_string().into()));
    }
    let value = letter.value.as_ref().map_or(0, bytes::Bytes::len);
    if letter.key.len() + value > MAX_RECORD_BYTES {
        letter.value = None;
        letter.headers.push((format!("{PREFIX}left-out.value-bytes"), value.to_string().into()));
    }
    letter
}

fn with_errors(
    record: &LogRecord,
    group: &str,
    stage: Stage,
    tries: u32,
    message: &str,
) -> Vec<(String, bytes::Bytes)> {
    let mut headers: Vec<_> = record.headers.iter().filter(|(name, _)| !name.starts_with(PREFIX)).cloned().collect();
    let errors = [
        ("topic", record.at.topic.to_string()),
        ("partition", record.at.partition.to_string()),
        ("offset", record.offset.to_string()),
        ("group", group.to_owned()),
        ("delivery.count", tries.to_string()),
        ("message", truncated(message)),
        ("stage", stage.name().to_owned()),
        ("timestamp", record.timestamp_ms.to_string()),
    ];
    headers.extend(errors.into_iter().map(|(name, value)| (format!("{PREFIX}{name}"), value.into())));
    headers
}

fn truncated(message: &str) -> String {
    let end = message.char_indices().map(|(at, _)| at).take_while(|at| *at <= MESSAGE_BYTES).last().unwrap_or(0);
    if message.len() <= MESSAGE_BYTES { message.to_owned() } else { message[..end].to_owned() }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use feira_connectors::log::TopicPartition;

    use super::*;

    #[test]
    fn a_dead_letter_keeps_all_and_replaces_its_own_headers() {
        let record = LogRecord {
            at: TopicPartition::new("admin.commands", 3),
            offset: 7,
            timestamp_ms: 1,
            key: "k".into(),
            value: None,
            headers: vec![("ce_id".into(), "1".into()), ("__dlq.errors.message".into(), "old".into())],
        };
        let letter = dead_letter(&record, "admin", Stage::Decode, 1, &"ã".repeat(2_000));
        let messages: Vec<_> = letter.headers.iter().filter(|(name, _)| name == "__dlq.errors.message").collect();
        assert_eq!((messages.len(), letter.value), (1, None));
        assert!(messages[0].1.len() <= MESSAGE_BYTES + 2 && !messages[0].1.starts_with(b"old"));
        assert!(letter.headers.contains(&("ce_id".into(), "1".into())));
    }

    #[test]
    fn a_record_that_fills_the_topic_becomes_a_letter_that_fits() {
        let mut record = LogRecord {
            at: TopicPartition::new("admin.commands", 3),
            offset: 7,
            timestamp_ms: 1,
            key: "k".into(),
            value: Some(vec![1; MAX_RECORD_BYTES - 1].into()),
            headers: vec![("theirs".into(), vec![2; MAX_HEADER_BYTES - 6].into())],
        };
        let letter = dead_letter(&record, "admin", Stage::Decode, 1, "why");
        assert_eq!(letter.value, record.value, "what fits stays");
        assert!(letter.headers.iter().all(|(name, _)| name.starts_with(PREFIX)), "their headers do not");
        record.value = Some(vec![1; MAX_RECORD_BYTES].into());
        let letter = dead_letter(&record, "admin", Stage::Decode, 1, "why");
        let said = letter.headers.iter().find(|(name, _)| name == "__dlq.errors.left-out.value-bytes").unwrap();
        assert_eq!((letter.value, &said.1[..]), (None, MAX_RECORD_BYTES.to_string().as_bytes()));
    }
}
