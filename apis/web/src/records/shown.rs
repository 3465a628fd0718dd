//! A record of a topic as people and programs outside read it: decoded, on one line.

use feira_connectors::log::LogRecord;
use feira_schemas::codec::CodecError;
use feira_streams::platform::Platform;
use serde_json::{Map, Value, json};

/// One record. What can't be decoded has no value and says why; its bytes stay on the topic.
pub async fn record_json(platform: &Platform, record: &LogRecord) -> Value {
    let (schema_id, decoded) = match record.value.as_deref() {
        Some(value) => (schema_id(value), decode(platform, value).await),
        None => (None, Ok((None, Value::Null))),
    };
    let headers = record.headers.iter().map(|(name, value)| (name.clone(), text(value).into()));
    let mut json = json!({
        "topic": &*record.at.topic,
        "partition": record.at.partition,
        "offset": record.offset,
        "timestamp": time(record.timestamp_ms),
        "key": text(&record.key),
        "headers": headers.collect::<Map<String, Value>>(),
        "schema_id": schema_id,
        "type": null,
        "value": null,
    });
    match decoded {
        Ok((name, value)) => (json["type"], json["value"]) = (name.into(), value),
        Err(error) => json["error"] = error.into(),
    }
    json
}

async fn decode(platform: &Platform, value: &[u8]) -> Result<(Option<String>, Value), String> {
    if let Err(CodecError::UnknownSchema(id)) = platform.codec.open(value) {
        // An error here leaves the schema unknown, which the second try then says.
        let _ = platform.learn_schema(id).await;
    }
    let encoded = platform.codec.open(value).map_err(|error| error.to_string())?;
    let value = encoded.read_json().map_err(|error| error.to_string())?;
    Ok((Some(encoded.name().to_owned()), value))
}

fn schema_id(value: &[u8]) -> Option<u32> {
    match value {
        [0, a, b, c, d, ..] => Some(u32::from_be_bytes([*a, *b, *c, *d])),
        _ => None,
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn time(millis: i64) -> String {
    feira_schemas::time::rfc3339(millis.saturating_mul(1_000))
}
