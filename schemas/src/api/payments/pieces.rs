//! Pieces of the JSON Schemas of payments.

use serde_json::{Value, json};

use crate::api::schema::{text, text_or_null, whole};

/// A person or company that pays, as answers show it.
pub(crate) fn buyer() -> Value {
    let address =
        ["postal_code", "street", "number", "complement", "district", "city", "state"].map(|name| (name, text()));
    whole(&[
        ("name", text()),
        ("email", text()),
        ("document", text()),
        ("phone", text_or_null()),
        ("address", whole(&address)),
    ])
}

/// A schema with its description.
pub(super) fn described(mut schema: Value, what: &str) -> Value {
    schema["description"] = json!(what);
    schema
}

/// A schema of something that may be null.
pub(super) fn nullable(schema: Value) -> Value {
    json!({"anyOf": [schema, {"type": "null"}]})
}

/// A schema of one type, which may be null.
pub(super) fn or_null(mut schema: Value) -> Value {
    schema["type"] = json!([schema["type"], "null"]);
    schema
}

/// A time, or null.
pub(super) fn time_or_null() -> Value {
    json!({"type": ["string", "null"], "format": "date-time"})
}
