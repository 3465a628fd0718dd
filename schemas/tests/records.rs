//! Every record type goes through its Avro schema and back, byte for byte: each field, each enum symbol, each branch of each
//! union. It also reads what every version that shipped wrote, and what a newer program will write. The values and their bytes
//! are made from the schema's JSON alone, by an encoder of this test's own.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fs,
    path::Path,
    thread,
};

use feira_schemas::{
    codec::{Codec, CodecError},
    ids::KeyId,
    records::{AdminEvent, AnySet, RecordSet, record_schemas, sets},
    sealed::{Envelope, NONCE, Subject, SubjectKind, TAG},
};
use serde_json::{Value, json};
use uuid::Uuid;

/// Values made of each record type; enough that every symbol and branch comes up, which is asserted.
const VALUES: u64 = 200;
/// The id of a writer that is not this program; its own schemas are numbered from 1.
const OTHER_WRITER: u32 = 1_000;

fn codec() -> Codec {
    let schemas = record_schemas().unwrap();
    let ids: HashMap<&'static str, u32> = schemas.keys().copied().zip(1..).collect();
    Codec::new(schemas, &ids).unwrap()
}

/// Writes values of a schema in Avro's binary encoding (specification, "Binary encoding").
struct Generator<'a> {
    /// State of a linear congruential generator; Knuth's constants.
    random: u64,
    named: BTreeMap<String, &'a Value>,
    /// Symbols and branches by where they stand, and which of them came up.
    seen: BTreeMap<String, BTreeSet<usize>>,
    choices: BTreeMap<String, usize>,
}

impl<'a> Generator<'a> {
    fn of(schema: &'a Value) -> Self {
        let mut generator = Self { random: 1, named: BTreeMap::new(), seen: BTreeMap::new(), choices: BTreeMap::new() };
        generator.learn(schema);
        generator
    }

    /// A value in wire format.
    fn value(&mut self, id: u32, name: &str, schema: &'a Value) -> Vec<u8> {
        let mut value = vec![0];
        value.extend_from_slice(&id.to_be_bytes());
        self.write(schema, name, &mut value);
        value
    }

    fn assert_that_every_choice_came_up(&self) {
        for (place, choices) in &self.choices {
            assert_eq!(self.seen[place].len(), *choices, "{place}: not every choice came up");
        }
    }

    fn learn(&mut self, schema: &'a Value) {
        match schema {
            Value::Array(branches) => branches.iter().for_each(|branch| self.learn(branch)),
            Value::Object(object) => {
                if let (Some(name), Some(namespace)) = (object.get("name"), object.get("namespace")) {
                    self.named.insert(format!("{}.{}", namespace.as_str().unwrap(), name.as_str().unwrap()), schema);
                }
                let fields = object.get("fields").and_then(Value::as_array).into_iter().flatten();
                fields.for_each(|field| self.learn(&field["type"]));
                object.get("items").into_iter().for_each(|items| self.learn(items));
            }
            _ => {}
        }
    }

    fn below(&mut self, bound: usize) -> usize {
        self.random = self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.random >> 33).unwrap() % bound
    }

    fn choose(&mut self, place: &str, of: usize) -> usize {
        let chosen = self.below(of);
        self.seen.entry(place.to_owned()).or_default().insert(chosen);
        self.choices.insert(place.to_owned(), of);
        chosen
    }

    fn write(&mut self, schema: &'a Value, place: &str, out: &mut Vec<u8>) {
        match schema {
            Value::String(name) => match name.as_str() {
                "string" => self.string(out),
                "boolean" => out.push(u8::from(self.choose(place, 2) == 1)),
                "int" => long(i64::from(self.number() as i32), out),
                "long" => long(self.number(), out),
                "null" => {}
                named => self.write(self.named[named], place, out),
            },
            Value::Array(branches) => {
                let branch = self.choose(place, branches.len());
                long(i64::try_from(branch).unwrap(), out);
                self.write(&branches[branch], place, out);
            }
            Value::Object(object) => match object["type"].as_str().unwrap() {
                "record" => {
                    for field in object["fields"].as_array().unwrap() {
                        let place = format!("{place}/{}", field["name"].as_str().unwrap());
                        self.write(&field["type"], &place, out);
                    }
                }
                "enum" => {
                    // A union of the enum, or of an array, stands in the same place.
                    let symbol = self.choose(&format!("{place}#symbol"), object["symbols"].as_array().unwrap().len());
                    long(i64::try_from(symbol).unwrap(), out);
                }
                "array" => {
                    let items = self.choose(&format!("{place}#items"), 3);
                    if items > 0 {
                        long(i64::try_from(items).unwrap(), out);
                        (0..items).for_each(|_| self.write(&object["items"], &format!("{place}[]"), out));
                    }
                    out.push(0);
                }
                "bytes" => self.sealed(object["sealed"].as_str().unwrap(), out),
                _ => self.write(&object["type"], place, out), // A logical type, written as the type below it.
            },
            _ => panic!("{place}: no schema"),
        }
    }

    /// A UUID, which is a legal text everywhere and the only legal text of an id.
    fn string(&mut self, out: &mut Vec<u8>) {
        let text = format!("018f4d7e-3c1b-7a52-9d0e-{:012x}", self.below(1 << 30));
        long(i64::try_from(text.len()).unwrap(), out);
        out.extend_from_slice(text.as_bytes());
    }

    /// A sealed value of this field, which nobody can open.
    fn sealed(&mut self, field: &str, out: &mut Vec<u8>) {
        let of = self.below(1 << 30) as u128;
        let subject = Subject::new(SubjectKind::Charge, Uuid::from_u128(of));
        let bytes = vec![7; TAG + self.below(300)];
        let envelope = Envelope::new(subject, field, KeyId::from_uuid(Uuid::from_u128(of)), [9; NONCE], bytes).unwrap();
        let bytes = envelope.to_bytes();
        long(i64::try_from(bytes.len()).unwrap(), out);
        out.extend_from_slice(&bytes);
    }

    fn number(&mut self) -> i64 {
        let numbers = [0, 1, -1, 63, -65, 4_990, i64::from(i32::MAX), i64::from(i32::MIN), i64::MAX, i64::MIN];
        numbers[self.below(numbers.len())]
    }
}

/// Zigzag and variable length.
fn long(value: i64, out: &mut Vec<u8>) {
    let mut rest = ((value << 1) ^ (value >> 63)) as u64;
    while rest >= 0x80 {
        out.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    out.push(rest as u8);
}

fn there_and_back(name: &str, set: AnySet) {
    let codec = codec();
    let schema: Value = serde_json::from_str(&record_schemas().unwrap()[name].json).unwrap();
    let mut generator = Generator::of(&schema);
    for _ in 0..VALUES {
        let value = generator.value(codec.id_of(name).unwrap(), name, &schema);
        let (read, again) = (set.rewrite)(&codec, &value).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(read, name);
        assert_eq!(again, value, "{name} is written otherwise than it was read");
    }
    generator.assert_that_every_choice_came_up();
}

/// The present types read what every version that shipped wrote, and what a later one will write.
fn older_and_newer(name: &str, set: AnySet) {
    let mut versions = shipped(name);
    let mut newer = versions.last().unwrap_or_else(|| panic!("{name} has not shipped")).clone();
    grow(&mut newer);
    versions.push(newer);
    for (version, schema) in (1..).zip(&versions) {
        let reader = codec();
        reader.learn(OTHER_WRITER, &schema.to_string()).unwrap();
        let mut generator = Generator::of(schema);
        for _ in 0..VALUES {
            let value = generator.value(OTHER_WRITER, name, schema);
            let read = (set.rewrite)(&reader, &value);
            let (read, _) = read.unwrap_or_else(|error| panic!("version {version} of {name}: {error}"));
            assert_eq!(read, name);
        }
        generator.assert_that_every_choice_came_up();
    }
}

/// Checks each record type of each set, by as many threads as there are cores.
fn of_every_record(check: fn(&str, AnySet)) {
    let of_sets = sets().flat_map(|set| set.names.iter().map(move |name| (*name, set)));
    let records: Vec<_> = of_sets.collect();
    assert!(records.len() > 40);
    let cores = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for part in records.chunks(records.len().div_ceil(cores)) {
            scope.spawn(move || part.iter().for_each(|(name, set)| check(name, *set)));
        }
    });
}

/// All versions of a record, oldest first.
fn shipped(name: &str) -> Vec<Value> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("avro/shipped").join(name);
    let texts = (1..).map_while(|version| fs::read_to_string(folder.join(format!("{version}.avsc"))).ok());
    texts.map(|text| serde_json::from_str(&text).unwrap()).collect()
}

/// Adds to every record in a schema a field that has a default, and to every enum a symbol: what a later version may do.
fn grow(schema: &mut Value) {
    match schema {
        Value::Array(branches) => branches.iter_mut().for_each(grow),
        Value::Object(object) => {
            if let Some(symbols) = object.get_mut("symbols").and_then(Value::as_array_mut) {
                symbols.push(json!("LATER"));
            }
            if let Some(fields) = object.get_mut("fields").and_then(Value::as_array_mut) {
                fields.iter_mut().for_each(|field| grow(&mut field["type"]));
                // In front, where whatever reads by place instead of by name notices it.
                fields.insert(0, json!({"name": "later_field", "type": ["null", "string"], "default": null}));
            }
            object.get_mut("items").into_iter().for_each(grow);
        }
        _ => {}
    }
}

#[test]
fn every_record_goes_there_and_back() {
    of_every_record(there_and_back);
}

#[test]
fn every_record_of_other_versions_is_read() {
    of_every_record(older_and_newer);
}

/// The tests above look for this fault: a field that a shipped version lacks, and that the type has no default for.
#[test]
fn a_field_without_a_default_shows_when_an_older_record_is_read() {
    let name = "feira.admin.SettingsChanged";
    let mut older = shipped(name).pop().unwrap();
    let meta = older["fields"].as_array_mut().unwrap().iter_mut().find(|field| field["name"] == "meta").unwrap();
    meta["type"]["fields"].as_array_mut().unwrap().retain(|field| field["name"] != "actor");
    let reader = codec();
    reader.learn(OTHER_WRITER, &older.to_string()).unwrap();
    let value = Generator::of(&older).value(OTHER_WRITER, name, &older);
    let read = AdminEvent::decode(&reader, &value);
    assert!(matches!(&read, Err(CodecError::Malformed { why, .. }) if why.contains("actor")), "{read:?}");
}
