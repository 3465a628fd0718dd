//! The schemas of all records, read once.

use std::{collections::BTreeMap, sync::LazyLock};

use super::{avro_files, sets};
use crate::avro::{self, RecordSchema, SchemaError};

/// Every record type that may stand on a topic, by full name.
pub fn record_schemas() -> Result<&'static BTreeMap<&'static str, RecordSchema>, &'static SchemaError> {
    static ALL: LazyLock<Result<BTreeMap<&'static str, RecordSchema>, SchemaError>> = LazyLock::new(load_all);
    ALL.as_ref()
}

fn load_all() -> Result<BTreeMap<&'static str, RecordSchema>, SchemaError> {
    let files = avro_files();
    sets().flat_map(|set| set.names).map(|name| Ok((*name, avro::load(name, &files)?))).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn every_record_has_a_self_contained_schema() {
        let schemas = record_schemas().unwrap();
        assert!(schemas.len() > 40);
        for schema in schemas.values() {
            assert!(
                schema.json.contains("feira.common") || schema.json.contains("\"namespace\":\"feira"),
                "{}",
                schema.name
            );
        }
    }

    #[test]
    fn every_enum_has_the_default_unknown_and_nothing_is_bytes_but_what_is_sealed() {
        for (name, text) in avro_files().into_iter().flatten() {
            let schema: Value = serde_json::from_str(text).unwrap();
            if schema["type"] == "enum" {
                assert_eq!(schema["default"], "UNKNOWN", "{name}");
            }
            let sealed = text.matches("{\"type\": \"bytes\", \"sealed\": \"").count();
            assert_eq!(
                text.matches("\"bytes\"").count(),
                sealed,
                "{name}: text, numbers and records, and what is sealed"
            );
            assert!(schema["doc"].as_str().is_some_and(|doc| doc.len() > 5), "{name} says what it is");
        }
    }
}
