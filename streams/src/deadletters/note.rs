//! Notes: what was done about a letter, said by a record without value in the letter's partition.

use bytes::Bytes;
use feira_connectors::log::{LogRecord, NewRecord};
use feira_schemas::topics;

use super::place::Place;
use crate::platform::header;

/// The header that says what was done.
const ACTION: &str = "__dlq.action";
/// The header that says why it was done.
const REASON: &str = "__dlq.reason";
/// The header with the offset of the letter that a note is about; it lies in the same partition.
const OF: &str = "__dlq.of";

/// The note that a letter was put back.
pub fn replayed(place: &Place) -> NewRecord {
    note(place, "replayed", None)
}

/// The note that a letter was set aside for good, and why.
pub fn discarded(place: &Place, reason: &str) -> NewRecord {
    note(place, "discarded", Some(reason))
}

fn note(place: &Place, action: &str, reason: Option<&str>) -> NewRecord {
    let mut headers: Vec<(String, Bytes)> =
        vec![(ACTION.into(), action.to_owned().into()), (OF.into(), place.offset.to_string().into())];
    headers.extend(reason.map(|reason| (REASON.to_owned(), Bytes::from(reason.to_owned()))));
    NewRecord {
        topic: topics::dead_letters(place.group).into(),
        partition: Some(place.partition),
        key: Bytes::from_static(b"note"),
        value: None,
        headers,
    }
}

/// The offset of the letter that a record is a note about; `None` where it is a letter itself.
pub fn noted(record: &LogRecord) -> Option<i64> {
    header(record, OF)?.parse().ok()
}
