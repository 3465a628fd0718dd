//! Schemas that every resource uses; each resource's own stand in its file.

use feira_schemas::{limits, problem::Code};
use serde_json::{Value, json};

/// A schema with its name.
pub type Named = (&'static str, Value);

/// The schemas that all APIs share.
pub fn common() -> Vec<Named> {
    let code = json!({"type": "string", "enum": CODES});
    vec![
        ("Html", json!({"type": "string"})),
        ("Text", json!({"type": "string"})),
        ("Image", json!({"type": "string", "minLength": 1, "contentEncoding": "binary"})),
        ("Code", code),
        (
            "Problem",
            object(
                &[
                    ("type", json!({"type": "string", "format": "uri"})),
                    ("title", text()),
                    ("status", json!({"type": "integer", "minimum": 400, "maximum": 599})),
                    (
                        "detail",
                        json!({"type": "string", "description": "What is wrong and what to do, in Portuguese."}),
                    ),
                    ("code", reference("Code")),
                    ("errors", list_of(reference("FieldError"))),
                ],
                &["type", "title", "status", "detail", "code", "errors"],
            ),
        ),
        (
            "FieldError",
            object(
                &[
                    (
                        "pointer",
                        json!({
                            "type": "string",
                            "description": "JSON Pointer (RFC 6901) to what is wrong: into the body, or below `/query` and `/headers`.",
                        }),
                    ),
                    ("code", reference("Code")),
                    ("detail", text()),
                ],
                &["pointer", "code", "detail"],
            ),
        ),
        (
            "Money",
            object(
                &[
                    (
                        "amount",
                        json!({"type": "integer", "minimum": 0, "maximum": feira_schemas::money::Money::MAX_AMOUNT}),
                    ),
                    ("currency", json!({"type": "string", "enum": ["BRL"]})),
                ],
                &["amount", "currency"],
            ),
        ),
    ]
}

/// The closed list of codes.
const CODES: [Code; 30] = [
    Code::Malformed,
    Code::Invalid,
    Code::Required,
    Code::TooLong,
    Code::OutOfRange,
    Code::Duplicate,
    Code::UnknownReference,
    Code::NotFound,
    Code::MethodNotAllowed,
    Code::Unauthorized,
    Code::Forbidden,
    Code::SlugTaken,
    Code::NameReserved,
    Code::NameTaken,
    Code::CategoryInUse,
    Code::VersionMismatch,
    Code::IdempotencyMismatch,
    Code::IdempotencyInProgress,
    Code::StockBelowZero,
    Code::ShopSuspended,
    Code::Stale,
    Code::BadCursor,
    Code::BadPosition,
    Code::TooLarge,
    Code::UnsupportedMedia,
    Code::TooManyRequests,
    Code::Unavailable,
    Code::CommandFailed,
    Code::Internal,
    Code::Unknown,
];

/// An object with these fields and no others.
pub fn object(fields: &[(&str, Value)], required: &[&str]) -> Value {
    let properties: serde_json::Map<String, Value> =
        fields.iter().map(|(name, schema)| ((*name).to_owned(), schema.clone())).collect();
    json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false})
}

/// The page of a list of these.
pub fn page_of(item: &str) -> Value {
    object(
        &[
            ("items", list_of(reference(item))),
            (
                "next",
                json!({"type": ["string", "null"], "description": "The `after` of the next page; null on the last."}),
            ),
            ("total", json!({"type": "integer", "minimum": 0})),
        ],
        &["items", "next", "total"],
    )
}

/// A reference to another schema by its name.
pub fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

/// The schema of an array of such items.
pub fn list_of(items: Value) -> Value {
    json!({"type": "array", "items": items})
}

/// The schema of any text.
pub fn text() -> Value {
    json!({"type": "string"})
}

/// Words: text of which something is left without the white space around it. Unicode's white space, of which `\s` lacks U+0085.
pub fn words(most: usize) -> Value {
    json!({"type": "string", "minLength": 1, "maxLength": most, "pattern": r"[^\s\u0085]"})
}

/// The schema of a text or null.
pub fn text_or_null() -> Value {
    json!({"type": ["string", "null"]})
}

/// The schema of an id, a UUID.
pub fn id() -> Value {
    json!({"type": "string", "format": "uuid"})
}

/// An id or null.
pub fn id_or_null() -> Value {
    json!({"type": ["string", "null"], "format": "uuid"})
}

/// An id or none: null, or a blank text as forms send it.
pub fn id_or_none() -> Value {
    let id = "[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}";
    json!({"type": ["string", "null"], "pattern": format!(r"^(\s*|{id})$")})
}

/// The words of an address, or none: null, or a blank text as forms send it.
pub fn slug_or_none() -> Value {
    let slug = "[a-z0-9]+(-[a-z0-9]+)*";
    json!({"type": ["string", "null"], "maxLength": limits::SLUG_CHARS, "pattern": format!(r"^(\s*|{slug})$")})
}

/// The schema of a time, RFC 3339.
pub fn time() -> Value {
    json!({"type": "string", "format": "date-time"})
}

/// The schema of an entity's version, a whole number from 0.
pub fn version() -> Value {
    json!({"type": "integer", "minimum": 0})
}
