//! The Avro schemas: hand-written files, and the self-contained schema of each record as a registry keeps it.

mod meaning;

use std::collections::HashSet;

use apache_avro::Schema;
pub use meaning::same_meaning;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// A record's schema with every type it uses written out where it is first used.
#[derive(Debug)]
pub struct RecordSchema {
    /// Full name; also the registry's subject (RecordNameStrategy).
    pub name: &'static str,
    /// The schema as JSON text.
    pub json: String,
    /// The parsed schema.
    pub schema: Schema,
}

/// The identity of a schema, however its text is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Full name of the record type.
    pub name: String,
    /// SHA-256 of the parsing canonical form (Avro specification, "Parsing Canonical Form for Schemas") and of the logical types,
    /// which that form leaves out; hex.
    pub fingerprint: String,
}

impl Identity {
    /// Makes the fingerprint of a record schema's JSON text, or says why it is none.
    pub fn of(json: &str) -> Result<Self, String> {
        let schema = Schema::parse_str(json).map_err(|error| error.to_string())?;
        let name = schema.name().ok_or("the schema has no name")?.fullname(None).to_string();
        let value: Value = serde_json::from_str(json).map_err(|error| error.to_string())?;
        let text = schema.canonical_form() + &meaning::attributes(&value);
        Ok(Self { name, fingerprint: hex::encode(Sha256::digest(text)) })
    }
}

/// Why a schema file can't be used: a fault of the build, found by the first test that runs.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    /// The file is not JSON.
    #[error("{name}.avsc is not JSON: {source}")]
    NotJson {
        /// Full name of the type.
        name: String,
        /// The place in the schema.
        source: serde_json::Error,
    },
    /// The file is not an Avro schema.
    #[error("{name}.avsc is not an Avro schema: {source}")]
    NotAvro {
        /// Full name of the type.
        name: String,
        /// The library's error.
        source: Box<apache_avro::Error>,
    },
    /// No file has this name.
    #[error("no Avro file for {0}")]
    Missing(String),
}

/// Hand-written Avro files, one per named type: (full name, text of the file).
pub(crate) type Sources = [&'static [(&'static str, &'static str)]];

/// The schema of the type with this full name, of these files.
pub(crate) fn load(name: &'static str, sources: &Sources) -> Result<RecordSchema, SchemaError> {
    let json = inline(name, sources, &mut HashSet::new())?.to_string();
    let schema = Schema::parse_str(&json)
        .map_err(|source| SchemaError::NotAvro { name: name.to_owned(), source: Box::new(source) })?;
    Ok(RecordSchema { name, json, schema })
}

/// The type's file with each reference replaced by the definition it names, the first time it is named.
fn inline(name: &str, sources: &Sources, defined: &mut HashSet<String>) -> Result<Value, SchemaError> {
    let mut files = sources.iter().copied().flatten();
    let (_, text) = files.find(|(source, _)| *source == name).ok_or_else(|| SchemaError::Missing(name.into()))?;
    let mut schema: Value =
        serde_json::from_str(text).map_err(|source| SchemaError::NotJson { name: name.to_owned(), source })?;
    defined.insert(name.to_owned());
    if let Some(fields) = schema.get_mut("fields").and_then(Value::as_array_mut) {
        for field in fields {
            inline_types(&mut field["type"], sources, defined)?;
        }
    }
    Ok(schema)
}

fn inline_types(schema: &mut Value, sources: &Sources, defined: &mut HashSet<String>) -> Result<(), SchemaError> {
    match schema {
        Value::String(name) if name.contains('.') && !defined.contains(name.as_str()) => {
            let name = name.clone();
            *schema = inline(&name, sources, defined)?;
        }
        Value::Array(branches) => {
            for branch in branches {
                inline_types(branch, sources, defined)?;
            }
        }
        Value::Object(object) => {
            if let Some(items) = object.get_mut("items") {
                inline_types(items, sources, defined)?;
            }
        }
        _ => {}
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemas_of_other_units_are_others_and_other_spaces_are_none() {
        let of = |unit: &str| {
            format!(
                r#"{{"type": "record", "name": "R", "fields": [{{"name": "at", "type": {{"type": "long", "logicalType": "{unit}"}}}}]}}"#
            )
        };
        let micros = Identity::of(&of("timestamp-micros")).unwrap();
        assert_ne!(micros, Identity::of(&of("timestamp-millis")).unwrap());
        assert_eq!(micros, Identity::of(&of("timestamp-micros").replace(' ', "")).unwrap());
    }
}
