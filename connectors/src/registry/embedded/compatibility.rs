//! Avro compatibility: says whether two schemas can read each other's records.

use std::collections::HashMap;

use apache_avro::{
    Schema,
    schema::{Name, UnionSchema},
    schema_compatibility::{Compatibility, SchemaCompatibility},
};

/// Each can read every record of the other; the error says which can't, and why. `Partial` (an enum or union of which only
/// some values can be read) is not enough: the others are written sooner or later.
pub(super) fn fully_compatible(earlier: &Schema, new: &Schema) -> Result<(), String> {
    let (earlier, new) = (Inliner::default().inline(earlier), Inliner::default().inline(new));
    for (writer, reader, direction) in [
        (&earlier, &new, "the new schema can't read its records"),
        (&new, &earlier, "it can't read the new schema's records"),
    ] {
        match SchemaCompatibility::can_read(writer, reader) {
            Ok(Compatibility::Full) => {}
            Ok(Compatibility::Partial) => {
                return Err(format!("{direction}, where an enum or union has grown or shrunk"));
            }
            Err(error) => return Err(format!("{direction}: {}", first_line(&error.to_string()))),
        }
    }
    Ok(())
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

/// Puts a named type's definition at each place that only names it. A new field in front can move a definition to another
/// place, which changes no record, but the comparison takes a name and a definition for different types.
#[derive(Default)]
struct Inliner {
    definitions: HashMap<Name, Schema>,
    /// The types that are being written out: inside themselves they stay names, or there would be no end.
    open: Vec<Name>,
}

impl Inliner {
    fn inline(&mut self, schema: &Schema) -> Schema {
        if let Schema::Ref { name } = schema {
            let known = self.definitions.get(name).filter(|_| !self.open.contains(name)).cloned();
            return known.map_or_else(|| schema.clone(), |definition| self.inline(&definition));
        }
        if let Some(name) = schema.name() {
            self.definitions.entry(name.clone()).or_insert_with(|| schema.clone());
            self.open.push(name.clone());
        }
        let inlined = self.inline_parts(schema);
        if schema.name().is_some() {
            self.open.pop();
        }
        inlined
    }

    fn inline_parts(&mut self, schema: &Schema) -> Schema {
        let mut inlined = schema.clone();
        match &mut inlined {
            Schema::Record(record) => {
                for field in &mut record.fields {
                    field.schema = self.inline(&field.schema);
                }
            }
            Schema::Array(array) => *array.items = self.inline(&array.items),
            Schema::Map(map) => *map.types = self.inline(&map.types),
            Schema::Union(union) => {
                let variants = union.variants().iter().map(|variant| self.inline(variant)).collect();
                // The variants are the same types as before, so what made a union still does.
                if let Ok(same) = UnionSchema::new(variants) {
                    *union = same;
                }
            }
            _ => {}
        }
        inlined
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn record(fields: Value) -> Schema {
        Schema::parse(&json!({"type": "record", "name": "R", "fields": fields})).unwrap()
    }

    #[test]
    fn a_definition_may_move_within_a_schema() {
        let money = json!({"type": "record", "name": "Money", "fields": [{"name": "amount", "type": "long"}]});
        let one = record(json!([{"name": "a", "type": money}, {"name": "b", "type": ["null", "Money"]}]));
        let other = record(json!([{"name": "b", "type": ["null", money]}, {"name": "a", "type": "Money"}]));
        fully_compatible(&one, &other).unwrap();
        let wider = json!({"type": "record", "name": "Money", "fields": [{"name": "amount", "type": "string"}]});
        let changed = record(json!([{"name": "b", "type": ["null", wider]}, {"name": "a", "type": "Money"}]));
        fully_compatible(&one, &changed).unwrap_err();
    }

    #[test]
    fn a_type_that_holds_itself_is_compared_too() {
        let tree = |label: Value| {
            record(json!([
                {"name": "label", "type": label},
                {"name": "children", "type": {"type": "array", "items": "R"}},
                {"name": "parents", "type": {"type": "map", "values": "R"}},
            ]))
        };
        fully_compatible(&tree(json!("long")), &tree(json!("long"))).unwrap();
        fully_compatible(&tree(json!("long")), &tree(json!("string"))).unwrap_err();
    }

    #[test]
    fn a_union_may_neither_grow_nor_shrink() {
        let of = |kind: Value| record(json!([{"name": "a", "type": kind}]));
        let why = fully_compatible(&of(json!(["null", "long"])), &of(json!(["null", "long", "string"]))).unwrap_err();
        assert!(why.contains("union"), "{why}");
        fully_compatible(&of(json!("long")), &of(json!(["null", "long"]))).unwrap_err();
    }
}
