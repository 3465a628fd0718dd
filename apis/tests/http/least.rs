//! The least command of a kind: made from its schema alone, so that whatever a context is asked can be sent.

use feira_schemas::{
    codec::Codec,
    records::{RecordSet, record_schemas},
};
use serde_json::Value;

/// The values of a least command where they are no zero, no null and no empty list.
pub struct Least<'a> {
    /// The command's id.
    pub command_id: String,
    /// The shop that asks.
    pub tenant_id: &'a str,
    /// Every other text: a UUID, by which nothing is known.
    pub text: &'a str,
    /// The version that the command is meant for.
    pub expected_version: i64,
}

impl Least<'_> {
    /// The command of this set with this Avro full name; `None` where it must have something that nothing here writes, such as what is sealed.
    pub fn command<C: RecordSet>(&self, codec: &Codec, name: &str) -> Option<C> {
        let schema: Value = serde_json::from_str(&record_schemas().unwrap()[name].json).unwrap();
        let mut value = vec![0];
        value.extend_from_slice(&codec.id_of(name).unwrap().to_be_bytes());
        self.write("", &schema, &mut value)?;
        Some(C::decode(codec, &value).unwrap())
    }

    /// Writes a field in Avro's binary encoding (specification, "Binary encoding").
    fn write(&self, field: &str, schema: &Value, out: &mut Vec<u8>) -> Option<()> {
        match schema {
            Value::Array(branches) if field == "expected_version" => {
                let branch = branches.iter().position(|branch| branch != "null").unwrap();
                long(branch.try_into().unwrap(), out);
                long(self.expected_version, out);
            }
            Value::Array(branches) => {
                long(0, out);
                self.write(field, &branches[0], out)?;
            }
            Value::Object(object) => match object["type"].as_str().unwrap() {
                "record" => {
                    for field in object["fields"].as_array().unwrap() {
                        self.write(field["name"].as_str().unwrap(), &field["type"], out)?;
                    }
                }
                "enum" | "array" => long(0, out),
                _ => self.write(field, &object["type"], out)?, // A logical type, written as the type below it.
            },
            _ => match (schema.as_str().unwrap(), field) {
                ("string", "command_id") => text(&self.command_id, out),
                ("string", "tenant_id") => text(self.tenant_id, out),
                ("string", _) => text(self.text, out),
                ("null", _) => {}
                ("boolean" | "int" | "long", _) => long(0, out),
                _ => return None,
            },
        }
        Some(())
    }
}

fn text(text: &str, out: &mut Vec<u8>) {
    long(text.len().try_into().unwrap(), out);
    out.extend_from_slice(text.as_bytes());
}

/// Zigzag and variable length.
fn long(value: i64, out: &mut Vec<u8>) {
    let mut rest = ((value << 1) ^ (value >> 63)).cast_unsigned();
    while rest >= 0x80 {
        out.push((rest & 0x7f) as u8 | 0x80);
        rest >>= 7;
    }
    out.push(rest as u8);
}
