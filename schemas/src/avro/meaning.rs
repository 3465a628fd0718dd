//! The meaning of a schema, beyond what the specification compares.
//!
//! The specification's schema resolution, and with it every compatibility checker, passes over logical types: a field that goes
//! from microseconds to milliseconds is compatible, and who reads it by its schema is a thousand times wrong. Aliases are in the
//! resolution, and some libraries don't know them: after a renaming by alias they lose the value without a word. So both are
//! compared here, and neither may change.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// The attributes that the specification gives a meaning of its own; everything else that stands at a type says
/// how its values are to be taken.
const STRUCTURE: [&str; 11] =
    ["type", "name", "namespace", "doc", "aliases", "fields", "order", "default", "symbols", "items", "values"];

/// The meaning of each place of a schema, and the names that its aliases stand for.
#[derive(Debug, Default)]
struct Meaning {
    /// Place (a named type's full name and the way from there) → the type's name there, and the attributes that it has.
    places: BTreeMap<String, String>,
    /// Place of an alias, beside what it is an alias of → which place had that name.
    aliases: BTreeMap<String, String>,
}

/// Refuses another unit, logical type or type's name at a place that two versions of a schema share, and a new name for
/// an old thing; says which.
pub fn same_meaning(one: &Value, other: &Value) -> Result<(), String> {
    let (one, other) = (Meaning::of(one), Meaning::of(other));
    for (place, meaning) in &one.places {
        match other.places.get(place) {
            Some(other) if other != meaning => {
                return Err(format!("{place} is {meaning} in one and {other} in the other"));
            }
            _ => {}
        }
    }
    for (one, other) in [(&one, &other), (&other, &one)] {
        if let Some((new, old)) = one.aliases.iter().find(|(_, old)| other.places.contains_key(*old)) {
            return Err(format!("{new} is a new name for {old} by an alias, which not every library knows"));
        }
    }
    Ok(())
}

/// The attributes of a schema that its canonical form leaves out and that say how values are to be taken, in a fixed order;
/// empty where there are none.
pub(super) fn attributes(schema: &Value) -> String {
    let meaning = Meaning::of(schema);
    let with_attributes = meaning.places.iter().filter(|(_, meaning)| meaning.contains('{'));
    with_attributes.map(|(place, meaning)| format!("{place} {meaning}\n")).collect()
}

impl Meaning {
    fn of(schema: &Value) -> Self {
        let mut meaning = Self::default();
        meaning.take_in(schema, "", "");
        meaning
    }

    /// Notes a type and what it consists of, and returns what it is called.
    fn take_in(&mut self, schema: &Value, place: &str, namespace: &str) -> String {
        match schema {
            Value::String(name) => {
                let name = full_name(name, namespace);
                self.note(place, &name);
                name
            }
            Value::Array(branches) => {
                for branch in branches {
                    // A union has one branch of each kind, so its kind is its place.
                    let kind = kind(branch, namespace);
                    self.take_in(branch, &format!("{place}[{kind}]"), namespace);
                }
                self.note(place, "a union");
                "a union".to_owned()
            }
            Value::Object(object) => self.take_in_object(object, place, namespace),
            other => other.to_string(),
        }
    }

    fn take_in_object(&mut self, object: &Map<String, Value>, place: &str, namespace: &str) -> String {
        let kind = match object.get("type") {
            Some(Value::String(kind)) => kind.as_str(),
            // `{"type": {"type": …}}` says no more than what is inside.
            Some(inner) => return self.take_in(inner, place, namespace),
            None => return "no type".to_owned(),
        };
        let meaning = match kind {
            // What stands at its definition is noted there, and other places only name it.
            "record" | "error" | "enum" | "fixed" => self.take_in_named(object, namespace),
            "array" | "map" => {
                let part = if kind == "array" { "items" } else { "values" };
                self.take_in(object.get(part).unwrap_or(&Value::Null), &format!("{place}.{part}"), namespace);
                with_attributes(kind, object)
            }
            name => with_attributes(&full_name(name, namespace), object),
        };
        self.note(place, &meaning);
        meaning
    }

    fn take_in_named(&mut self, object: &Map<String, Value>, namespace: &str) -> String {
        let text = |key: &str| object.get(key).and_then(Value::as_str);
        let namespace = text("namespace").unwrap_or(namespace);
        let name = full_name(text("name").unwrap_or_default(), namespace);
        let namespace = name.rsplit_once('.').map_or("", |(namespace, _)| namespace);
        self.note(&name, &with_attributes(&name, object));
        for alias in aliases(object) {
            self.aliases.insert(name.clone(), full_name(alias, namespace));
        }
        for field in object.get("fields").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object) {
            let place = format!("{name}.{}", field.get("name").and_then(Value::as_str).unwrap_or_default());
            let meaning = self.take_in(field.get("type").unwrap_or(&Value::Null), &place, namespace);
            // A unit may also stand beside the type.
            self.note(&place, &with_attributes(&meaning, field));
            for alias in aliases(field) {
                self.aliases.insert(place.clone(), format!("{name}.{alias}"));
            }
        }
        name
    }

    fn note(&mut self, place: &str, meaning: &str) {
        if !place.is_empty() {
            self.places.insert(place.to_owned(), meaning.to_owned());
        }
    }
}

fn with_attributes(name: &str, object: &Map<String, Value>) -> String {
    let attributes: BTreeMap<&String, &Value> =
        object.iter().filter(|(name, _)| !STRUCTURE.contains(&name.as_str())).collect();
    if attributes.is_empty() {
        return name.to_owned();
    }
    let attributes: Vec<String> = attributes.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    format!("{name} {{{}}}", attributes.join(", "))
}

fn aliases(object: &Map<String, Value>) -> impl Iterator<Item = &str> {
    object.get("aliases").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

/// The name of a union's branch.
fn kind(schema: &Value, namespace: &str) -> String {
    match schema {
        Value::String(name) => full_name(name, namespace),
        Value::Object(object) => match (object.get("name").and_then(Value::as_str), object.get("type")) {
            (Some(name), _) => full_name(name, object.get("namespace").and_then(Value::as_str).unwrap_or(namespace)),
            (None, inner) => inner.map_or_else(String::new, |inner| kind(inner, namespace)),
        },
        other => other.to_string(),
    }
}

/// A named type's full name (Avro specification, "Names"); a primitive type's own.
fn full_name(name: &str, namespace: &str) -> String {
    const PRIMITIVE: [&str; 8] = ["null", "boolean", "int", "long", "float", "double", "bytes", "string"];
    if name.contains('.') || namespace.is_empty() || PRIMITIVE.contains(&name) {
        return name.to_owned();
    }
    format!("{namespace}.{name}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn record(fields: Value) -> Value {
        json!({"type": "record", "name": "R", "namespace": "t", "fields": fields})
    }

    fn at(kind: Value) -> Value {
        record(json!([{"name": "at", "type": kind}]))
    }

    #[test]
    fn another_unit_is_refused_wherever_it_stands() {
        let of = |unit: &str| json!({"type": "long", "logicalType": unit});
        let (micros, millis) = (of("timestamp-micros"), of("timestamp-millis"));
        let inner = |unit: &Value| json!({"type": "record", "name": "Inner", "fields": [{"name": "at", "type": unit}]});
        for (one, other) in [
            (at(micros.clone()), at(millis.clone())),
            (at(micros.clone()), at(json!("long"))),
            (at(micros.clone()), at(json!({"type": "long"}))),
            (at(micros.clone()), at(of("local-timestamp-micros"))),
            (at(json!(["null", micros])), at(json!(["null", millis]))),
            (at(json!({"type": "array", "items": micros})), at(json!({"type": "array", "items": millis}))),
            (at(json!({"type": "map", "values": micros})), at(json!({"type": "map", "values": "long"}))),
            (at(inner(&micros)), at(inner(&millis))),
            (at(json!(["null", inner(&micros)])), at(json!(["null", inner(&millis)]))),
            (at(json!({"type": "string", "logicalType": "uuid"})), at(json!("string"))),
            (
                at(json!({"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2})),
                at(json!({"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 3})),
            ),
            (
                record(json!([{"name": "at", "type": "long", "unit": "g"}])),
                record(json!([{"name": "at", "type": "long", "unit": "kg"}])),
            ),
        ] {
            let why = same_meaning(&one, &other).unwrap_err();
            assert!(why.starts_with("t."), "{why}");
            same_meaning(&other, &one).unwrap_err();
            same_meaning(&one, &one).unwrap();
            assert_ne!(attributes(&one), attributes(&other), "{why}");
        }
    }

    #[test]
    fn a_new_name_for_an_old_thing_is_refused() {
        let old = record(json!([{"name": "a", "type": "long", "default": 0}]));
        let renamed = record(json!([{"name": "b", "aliases": ["a"], "type": "long", "default": 0}]));
        let both = record(
            json!([{"name": "a", "type": "long"}, {"name": "b", "aliases": ["a"], "type": "long", "default": 0}]),
        );
        let inner = |name: &str, aliases: Value| {
            at(json!({"type": "enum", "name": name, "aliases": aliases, "symbols": ["A"]}))
        };
        for (one, other) in [
            (old.clone(), renamed.clone()),
            (old.clone(), both),
            (inner("One", json!([])), inner("Other", json!(["One"]))),
            (inner("One", json!([])), inner("Other", json!(["t.One"]))),
            (inner("One", json!([])), inner("Other", json!([]))),
        ] {
            same_meaning(&one, &other).unwrap_err();
            same_meaning(&other, &one).unwrap_err();
        }
        same_meaning(&renamed, &renamed).unwrap();
    }

    #[test]
    fn what_every_reader_survives_passes() {
        let money = json!({"type": "record", "name": "Money", "fields": [{"name": "amount", "type": "long"}]});
        let one = record(json!([
            {"name": "a", "type": money, "doc": "old"},
            {"name": "b", "type": ["null", "Money"]},
            {"name": "gone", "type": {"type": "long", "logicalType": "timestamp-micros"}, "default": 0},
        ]));
        let other = record(json!([
            {"name": "new", "aliases": ["never"], "type": {"type": "long", "logicalType": "timestamp-millis"}, "default": 0},
            {"name": "b", "type": ["null", money]},
            {"name": "a", "type": "t.Money", "doc": "new"},
        ]));
        same_meaning(&one, &other).unwrap();
        same_meaning(&other, &one).unwrap();
        let tree = record(json!([{"name": "children", "type": {"type": "array", "items": "R"}}]));
        same_meaning(&tree, &tree).unwrap();
    }
}
