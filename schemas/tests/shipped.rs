//! Every schema that ever shipped stays in `schemas/avro/shipped/<full name>/<n>.avsc`, as registries keep it, and every two
//! versions of a record can read each other's records: somebody has them on a topic that is kept for ever.
//!
//! To change a schema: edit its file in `schemas/avro`; a new field has a default, a new enum symbol is read as
//! UNKNOWN by older programs, and nothing is renamed (by an alias
//! neither) or given another type, logical type or unit; only a field with a default may go. Then ship it: `FEIRA_SHIP_SCHEMAS=1 cargo test --workspace --test shipped`
//! writes the next version of each record that changed and its line in SHA256SUMS; commit both. A version that is there is
//! never written again.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, OpenOptions},
    io::Write,
    path::{Path, PathBuf},
};

use apache_avro::{
    Schema,
    schema_compatibility::{Compatibility, SchemaCompatibility},
};
use feira_schemas::{avro::same_meaning, records::record_schemas};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("avro/shipped")
}

/// The path of a version's file below the folder.
fn file(name: &str, version: usize) -> String {
    format!("{name}/{version}.avsc")
}

/// All versions of a record, oldest first; they are numbered from 1 without a gap.
fn versions(name: &str) -> Vec<Value> {
    let paths = (1..).map(|version| folder().join(file(name, version)));
    let texts = paths.map_while(|path| fs::read_to_string(path).ok());
    texts.map(|text| serde_json::from_str(&text).unwrap()).collect()
}

fn present() -> BTreeMap<&'static str, Value> {
    let schemas = record_schemas().unwrap();
    schemas.iter().map(|(name, schema)| (*name, serde_json::from_str(&schema.json).unwrap())).collect()
}

/// SHA256SUMS: file → digest, in the form that `sha256sum --check` reads.
fn sums() -> BTreeMap<String, String> {
    let text = fs::read_to_string(folder().join("SHA256SUMS")).unwrap_or_default();
    let sum = |line: &str| line.split_once("  ").map(|(digest, file)| (file.to_owned(), digest.to_owned())).unwrap();
    text.lines().map(sum).collect()
}

fn digest(path: &Path) -> String {
    hex::encode(Sha256::digest(fs::read(path).unwrap()))
}

/// The named types of a schema, each apart and naming the others: then a definition that moved within a schema is the same.
fn definitions(schema: &Value) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    take_out(schema.clone(), &mut found);
    found
}

fn take_out(schema: Value, found: &mut BTreeMap<String, Value>) -> Value {
    match schema {
        Value::Array(branches) => branches.into_iter().map(|branch| take_out(branch, found)).collect(),
        Value::Object(mut object) => {
            for field in object.get_mut("fields").and_then(Value::as_array_mut).into_iter().flatten() {
                field["type"] = take_out(field["type"].take(), found);
            }
            if let Some(items) = object.get_mut("items") {
                *items = take_out(items.take(), found);
            }
            let Some(name) = object.get("name").and_then(Value::as_str) else { return Value::Object(object) };
            let name = format!("{}.{name}", object["namespace"].as_str().unwrap());
            found.insert(name.clone(), Value::Object(object));
            Value::String(name)
        }
        other => other,
    }
}

fn parsed(definitions: &BTreeMap<String, Value>) -> BTreeMap<&str, Schema> {
    let texts: Vec<String> = definitions.values().map(Value::to_string).collect();
    let schemas = Schema::parse_list(texts.iter().map(String::as_str)).unwrap();
    definitions.keys().map(String::as_str).zip(schemas).collect()
}

/// Checks that each of two schemas can read all records of the other, and takes them for what they are.
fn read_each_other(one: &Value, other: &Value) -> Result<(), String> {
    same_meaning(one, other)?;
    let (one, other) = (definitions(one), definitions(other));
    let (one, other) = (parsed(&one), parsed(&other));
    for (name, schema) in &one {
        let Some(counterpart) = other.get(name) else { continue };
        for (writer, reader) in [(schema, counterpart), (counterpart, schema)] {
            match SchemaCompatibility::can_read(writer, reader) {
                Ok(Compatibility::Full) => {}
                Ok(Compatibility::Partial) => return Err(format!("{name}: some values of a union can't be read")),
                Err(error) => return Err(format!("{name}: {error}")),
            }
        }
    }
    Ok(())
}

/// Ships what changed, if it is told to; else every schema of this program must be the newest that shipped.
#[test]
fn ship_every_schema_or_find_it_shipped() {
    let shipping = std::env::var("FEIRA_SHIP_SCHEMAS").is_ok_and(|value| value == "1");
    for (name, schema) in present() {
        let shipped = versions(name);
        if shipped.last() == Some(&schema) {
            continue;
        }
        assert!(shipping, "{name} is not as it shipped last; see the head of this file for what to do");
        for (version, earlier) in (1..).zip(&shipped) {
            read_each_other(earlier, &schema).unwrap_or_else(|why| panic!("{name}, against version {version}: {why}"));
        }
        ship(name, shipped.len() + 1, &schema);
    }
}

fn ship(name: &str, version: usize, schema: &Value) {
    let file = file(name, version);
    let path = folder().join(&file);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    // Never over a version that is there.
    let mut target = OpenOptions::new().write(true).create_new(true).open(&path).unwrap();
    writeln!(target, "{}", serde_json::to_string_pretty(schema).unwrap()).unwrap();
    let mut sums = OpenOptions::new().append(true).create(true).open(folder().join("SHA256SUMS")).unwrap();
    writeln!(sums, "{}  {file}", digest(&path)).unwrap();
}

#[test]
fn every_two_versions_read_each_other() {
    for name in present().keys() {
        let versions = versions(name);
        for (one, other) in versions.iter().flat_map(|one| versions.iter().map(move |other| (one, other))) {
            read_each_other(one, other).unwrap_or_else(|why| panic!("{name}: {why}"));
        }
    }
}

#[test]
fn what_has_shipped_never_changes_and_never_goes() {
    let sums = sums();
    assert!(!sums.is_empty());
    for (file, shipped) in &sums {
        assert_eq!(digest(&folder().join(file)), *shipped, "{file} is not what shipped");
    }
    let mut found = BTreeSet::new();
    for record in fs::read_dir(folder()).unwrap().map(Result::unwrap).filter(|entry| entry.path().is_dir()) {
        for version in fs::read_dir(record.path()).unwrap().map(Result::unwrap) {
            found.insert(format!("{}/{}", record.file_name().display(), version.file_name().display()));
        }
    }
    assert_eq!(found, sums.into_keys().collect(), "files, and the lines of SHA256SUMS");
}

/// The gate itself: what it lets through, and what it does not.
#[test]
fn f30_only_changes_that_every_reader_survives_pass() {
    let schema = |fields: Value, symbols: Value| {
        let kind = json!({"type": "enum", "name": "Kind", "namespace": "t", "symbols": symbols, "default": "UNKNOWN"});
        let mut all = vec![json!({"name": "kind", "type": kind}), json!({"name": "again", "type": "t.Kind"})];
        all.extend(fields.as_array().unwrap().iter().cloned());
        json!({"type": "record", "name": "Record", "namespace": "t", "fields": all})
    };
    let symbols = json!(["UNKNOWN", "A"]);
    let old = schema(
        json!([{"name": "a", "type": "long"}, {"name": "b", "type": ["null", "string"], "default": null}]),
        symbols.clone(),
    );
    let passes = [
        schema(json!([{"name": "a", "type": "long"}]), symbols.clone()),
        schema(json!([{"name": "a", "type": "long"}]), json!(["UNKNOWN", "A", "B"])),
        schema(json!([{"name": "a", "type": "long"}, {"name": "c", "type": "string", "default": ""}]), symbols.clone()),
    ];
    for new in &passes {
        read_each_other(&old, new).unwrap();
    }
    let fails = [
        schema(json!([]), symbols.clone()),
        schema(json!([{"name": "a", "type": "string"}]), symbols.clone()),
        schema(json!([{"name": "a", "type": "int"}]), symbols.clone()),
        schema(json!([{"name": "a", "type": "long"}, {"name": "c", "type": "string"}]), symbols.clone()),
        schema(
            json!([{"name": "a", "type": "long"}, {"name": "b", "type": ["null", "string", "long"], "default": null}]),
            symbols,
        ),
    ];
    for new in &fails {
        read_each_other(&old, new).unwrap_err();
    }
}

/// A change that no checker sees: the program would go on writing microseconds under a schema that says milliseconds.
#[test]
fn another_unit_of_time_in_any_event_is_not_shipped() {
    let mut tried = 0;
    for (name, schema) in present() {
        let text = schema.to_string();
        let other = text.replace("timestamp-micros", "timestamp-millis");
        if other != text {
            let why = read_each_other(&schema, &serde_json::from_str(&other).unwrap()).unwrap_err();
            assert!(why.contains("timestamp-millis"), "{name}: {why}");
            tried += 1;
        }
    }
    assert!(tried > 10, "events say when they occurred");
}
