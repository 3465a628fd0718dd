//! Pieces of JSON Schema (2020-12), as OpenAPI 3.1 shows them and as bodies are checked against them.

use serde_json::{Map, Value, json};

use crate::limits;

/// A schema with its name.
pub type Named = (&'static str, Value);

/// Marks a text that may go over several lines: an annotation of our own, which other readers pass over.
pub const SEVERAL_LINES: &str = "x-several-lines";

/// An object with these fields and no others.
pub fn object(fields: &[(&str, Value)], required: &[&str]) -> Value {
    let properties: Map<String, Value> =
        fields.iter().map(|(name, schema)| ((*name).to_owned(), schema.clone())).collect();
    json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false})
}

/// An object that is given whole: each of its fields is always there.
pub fn whole(fields: &[(&str, Value)]) -> Value {
    let names: Vec<&str> = fields.iter().map(|(name, _)| *name).collect();
    object(fields, &names)
}

/// The page of a list of the schema `item`.
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

/// The page of a list of the schema `item` that nobody counts.
pub fn uncounted_page_of(item: &str) -> Value {
    let next = json!({"type": ["string", "null"], "description": "The `after` of the next page; null on the last."});
    object(&[("items", list_of(reference(item))), ("next", next)], &["items", "next"])
}

/// The schema of this name.
pub fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

/// The schema of this name, or null.
pub fn reference_or_null(name: &str) -> Value {
    json!({"anyOf": [reference(name), {"type": "null"}]})
}

/// A list of any length.
pub fn list_of(items: Value) -> Value {
    json!({"type": "array", "items": items})
}

/// Any text.
pub fn text() -> Value {
    json!({"type": "string"})
}

/// Any text, or null.
pub fn text_or_null() -> Value {
    json!({"type": ["string", "null"]})
}

/// Words: text of which something is left without the white space around it. Unicode's white space, of which `\s` lacks U+0085.
pub fn words(most: usize) -> Value {
    json!({"type": "string", "minLength": 1, "maxLength": most, "pattern": r"[^\s\u0085]"})
}

/// A UUID.
pub fn id() -> Value {
    json!({"type": "string", "format": "uuid"})
}

/// A UUID or null.
pub fn id_or_null() -> Value {
    json!({"type": ["string", "null"], "format": "uuid"})
}

/// A UUID, or none: null, or a blank text as forms send it.
pub fn id_or_none() -> Value {
    let id = "[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}";
    json!({"type": ["string", "null"], "pattern": format!(r"^(\s*|{id})$")})
}

/// The words of an address, or none: null, or a blank text as forms send it.
pub fn slug_or_none() -> Value {
    let slug = "[a-z0-9]+(-[a-z0-9]+)*";
    json!({"type": ["string", "null"], "maxLength": limits::SLUG_CHARS, "pattern": format!(r"^(\s*|{slug})$")})
}

/// A time of RFC 3339.
pub fn time() -> Value {
    json!({"type": "string", "format": "date-time"})
}

/// An entity's version.
pub fn version() -> Value {
    json!({"type": "integer", "minimum": 0})
}

/// True or false.
pub fn boolean() -> Value {
    json!({"type": "boolean"})
}

/// Pixels of a side of an image; null until the image is there.
pub fn pixels() -> Value {
    json!({"type": ["integer", "null"], "minimum": 1})
}
