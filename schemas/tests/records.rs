//! Every record type goes through its Avro schema and back, byte for byte: each field, each enum symbol, each branch of each
//! union. The values and their bytes are made from the schema's JSON alone, by an encoder of this test's own.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet, HashMap};

use feira_schemas::{
    avro::record_schemas,
    codec::Codec,
    records::{
        AdminCommand, AdminEvent, DirectoryCommand, DirectoryEvent, RecordSet, ResultRecord, StoreCommand, StoreEvent,
    },
};
use serde_json::Value;

/// Values made of each record type; enough that every symbol and branch comes up, which is asserted.
const VALUES: u64 = 200;

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
                    let symbol = self.choose(place, object["symbols"].as_array().unwrap().len());
                    long(i64::try_from(symbol).unwrap(), out);
                }
                "array" => {
                    let items = self.choose(place, 3);
                    if items > 0 {
                        long(i64::try_from(items).unwrap(), out);
                        (0..items).for_each(|_| self.write(&object["items"], &format!("{place}[]"), out));
                    }
                    out.push(0);
                }
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

fn there_and_back<S: RecordSet>() {
    let codec = codec();
    for name in S::NAMES {
        let schema: Value = serde_json::from_str(&record_schemas().unwrap()[name].json).unwrap();
        let mut generator = Generator::of(&schema);
        for _ in 0..VALUES {
            let mut value = vec![0];
            value.extend_from_slice(&codec.id_of(name).unwrap().to_be_bytes());
            generator.write(&schema, name, &mut value);
            let record = S::decode(&codec, &value).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(record.record_name(), *name);
            let again = record.encode(&codec).unwrap();
            assert_eq!(again, value, "{record:?} is written otherwise than it was read");
        }
        for (place, choices) in &generator.choices {
            assert_eq!(generator.seen[place].len(), *choices, "{place}: not every choice came up");
        }
    }
}

#[test]
fn directory() {
    there_and_back::<DirectoryCommand>();
    there_and_back::<DirectoryEvent>();
}

#[test]
fn admin_commands() {
    there_and_back::<AdminCommand>();
}

#[test]
fn admin_events() {
    there_and_back::<AdminEvent>();
}

#[test]
fn store() {
    there_and_back::<StoreCommand>();
    there_and_back::<StoreEvent>();
}

#[test]
fn results() {
    there_and_back::<ResultRecord>();
}
