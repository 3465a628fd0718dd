//! Rows between JSON and CQL, guided by the columns' types.

use std::collections::BTreeMap;

use scylla::{
    cluster::metadata::{CollectionType, ColumnType, NativeType},
    value::CqlValue,
};
use serde_json::{Map, Value};

use super::script::TypeWords;

/// The reason why this CQL type can't be a column's, if it can't: its values can't be told from what comes back, or
/// it is no value written whole.
pub(super) fn unsupported(typ: &ColumnType<'_>, inside: bool) -> Option<String> {
    match typ {
        ColumnType::Native(
            NativeType::Text
            | NativeType::BigInt
            | NativeType::Int
            | NativeType::Boolean
            | NativeType::Double
            | NativeType::Uuid,
        ) => None,
        // Writing an unfrozen list twice at one timestamp doubles its elements, and an empty one can't be told from null.
        ColumnType::Collection { frozen: false, .. } | ColumnType::UserDefinedType { frozen: false, .. } if !inside => {
            Some("must be frozen<…>, or writing a row again would change it".to_owned())
        }
        ColumnType::Collection { typ: CollectionType::List(of) | CollectionType::Set(of), .. } => unsupported(of, true),
        ColumnType::Collection { typ: CollectionType::Map(key, value), .. } => match **key {
            ColumnType::Native(NativeType::Text) => unsupported(value, true),
            _ => Some("maps need text keys, since JSON objects have no others".to_owned()),
        },
        ColumnType::UserDefinedType { definition, .. } => {
            definition.field_types.iter().find_map(|(_, typ)| unsupported(typ, true))
        }
        other => {
            Some(format!("type {other:?} isn't one of text, bigint, int, boolean, double, uuid, list, set, map, UDT"))
        }
    }
}

/// The words of a live type, as those of a declared one are read.
pub(super) fn words(typ: &ColumnType<'_>) -> TypeWords {
    let around = |name: &str, inside: &[&ColumnType<'_>]| {
        std::iter::once(name.to_owned()).chain(inside.iter().flat_map(|typ| words(typ))).collect()
    };
    match typ {
        ColumnType::Native(native) => vec![format!("{native:?}").to_ascii_lowercase()],
        ColumnType::Collection { typ: CollectionType::List(of), .. } => around("list", &[of]),
        ColumnType::Collection { typ: CollectionType::Set(of), .. } => around("set", &[of]),
        ColumnType::Collection { typ: CollectionType::Map(key, value), .. } => around("map", &[key, value]),
        ColumnType::UserDefinedType { definition, .. } => vec![definition.name.to_string()],
        other => vec![format!("{other:?}")],
    }
}

/// A JSON value as the column's type; JSON null is a null. The error says what doesn't fit.
pub(super) fn to_cql(value: &Value, typ: &ColumnType<'_>) -> Result<Option<CqlValue>, String> {
    if value.is_null() {
        return Ok(None);
    }
    let fit = match (typ, value) {
        (ColumnType::Native(native), _) => native_to_cql(value, native),
        (ColumnType::Collection { typ: CollectionType::List(of), .. }, Value::Array(items)) => {
            Some(CqlValue::List(items_to_cql(items, of)?))
        }
        (ColumnType::Collection { typ: CollectionType::Set(of), .. }, Value::Array(items)) => {
            Some(CqlValue::Set(items_to_cql(items, of)?))
        }
        (ColumnType::Collection { typ: CollectionType::Map(_, of), .. }, Value::Object(entries)) => {
            let entries = entries.iter().map(|(key, value)| Ok((CqlValue::Text(key.clone()), item_to_cql(value, of)?)));
            Some(CqlValue::Map(entries.collect::<Result<_, String>>()?))
        }
        (ColumnType::UserDefinedType { definition, .. }, Value::Object(given)) => {
            let known = |name: &String| definition.field_types.iter().any(|(field, _)| field == name);
            if let Some(unknown) = given.keys().find(|name| !known(name)) {
                return Err(format!("type {} has no field {unknown}", definition.name));
            }
            let fields = definition.field_types.iter().map(|(name, typ)| {
                let value = given.get(name.as_ref()).unwrap_or(&Value::Null);
                Ok((name.to_string(), to_cql(value, typ).map_err(|why| format!("{name}: {why}"))?))
            });
            Some(CqlValue::UserDefinedType {
                keyspace: definition.keyspace.to_string(),
                name: definition.name.to_string(),
                fields: fields.collect::<Result<_, String>>()?,
            })
        }
        _ => None,
    };
    fit.map(Some).ok_or_else(|| format!("{} doesn't fit {typ:?}", kind(value)))
}

fn native_to_cql(value: &Value, native: &NativeType) -> Option<CqlValue> {
    match native {
        NativeType::Text => value.as_str().map(|text| CqlValue::Text(text.to_owned())),
        NativeType::BigInt => value.as_i64().map(CqlValue::BigInt),
        NativeType::Int => value.as_i64().and_then(|number| i32::try_from(number).ok()).map(CqlValue::Int),
        NativeType::Boolean => value.as_bool().map(CqlValue::Boolean),
        NativeType::Double => value.as_f64().map(CqlValue::Double),
        NativeType::Uuid => value.as_str().and_then(|text| text.parse().ok()).map(CqlValue::Uuid),
        _ => None,
    }
}

fn items_to_cql(items: &[Value], of: &ColumnType<'_>) -> Result<Vec<CqlValue>, String> {
    items.iter().map(|item| item_to_cql(item, of)).collect()
}

fn item_to_cql(item: &Value, of: &ColumnType<'_>) -> Result<CqlValue, String> {
    to_cql(item, of)?.ok_or_else(|| "CQL has no null inside a collection".to_owned())
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "the number",
        Value::String(_) => "the text",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// Turns a value that [`to_cql`] made into JSON again.
pub(super) fn to_json(value: Option<CqlValue>) -> Result<Value, String> {
    let Some(value) = value else { return Ok(Value::Null) };
    Ok(match value {
        CqlValue::Text(text) => Value::String(text),
        CqlValue::BigInt(number) => number.into(),
        CqlValue::Int(number) => number.into(),
        CqlValue::Boolean(yes) => yes.into(),
        CqlValue::Double(number) => number.into(),
        CqlValue::Uuid(uuid) => Value::String(uuid.to_string()),
        CqlValue::List(items) | CqlValue::Set(items) => {
            Value::Array(items.into_iter().map(|item| to_json(Some(item))).collect::<Result<_, _>>()?)
        }
        CqlValue::Map(entries) => Value::Object(
            entries
                .into_iter()
                .map(|(key, value)| match key {
                    CqlValue::Text(key) => Ok((key, to_json(Some(value))?)),
                    other => Err(format!("a map's key is {other:?}")),
                })
                .collect::<Result<Map<_, _>, String>>()?,
        ),
        CqlValue::UserDefinedType { fields, .. } => Value::Object(
            fields
                .into_iter()
                .map(|(name, value)| Ok((name, to_json(value)?)))
                .collect::<Result<Map<_, _>, String>>()?,
        ),
        other => return Err(format!("unexpected value {other:?}")),
    })
}

/// The bytes that the value takes in a request, near enough.
pub(super) fn size(value: &CqlValue) -> usize {
    match value {
        CqlValue::Text(text) => 4 + text.len(),
        CqlValue::List(items) | CqlValue::Set(items) => 8 + items.iter().map(size).sum::<usize>(),
        CqlValue::Map(entries) => 8 + entries.iter().map(|(key, value)| size(key) + size(value)).sum::<usize>(),
        CqlValue::UserDefinedType { fields, .. } => {
            8 + fields.iter().map(|(_, value)| value.as_ref().map_or(4, size)).sum::<usize>()
        }
        _ => 20,
    }
}

/// The row's columns as what is bound, in the columns' order. A column that the row leaves out is null; a field that is no
/// column is an error, since it would be lost.
pub(super) fn row_to_cql(
    row: &Value,
    columns: &BTreeMap<String, ColumnType<'static>>,
) -> Result<Vec<Option<CqlValue>>, String> {
    let row = row.as_object().ok_or("the row is no JSON object")?;
    if let Some(unknown) = row.keys().find(|name| !columns.contains_key(*name)) {
        return Err(format!("there is no column {unknown}"));
    }
    columns
        .iter()
        .map(|(name, typ)| {
            to_cql(row.get(name).unwrap_or(&Value::Null), typ).map_err(|why| format!("column {name}: {why}"))
        })
        .collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use serde_json::json;

    use super::*;

    fn list(of: NativeType, frozen: bool) -> ColumnType<'static> {
        ColumnType::Collection { frozen, typ: CollectionType::List(Box::new(ColumnType::Native(of))) }
    }

    #[test]
    fn what_doesnt_fit_its_column_is_said() {
        let columns = BTreeMap::from([
            ("count".to_owned(), ColumnType::Native(NativeType::Int)),
            ("ids".to_owned(), list(NativeType::Uuid, true)),
        ]);
        let bind = |row: Value| row_to_cql(&row, &columns);
        assert_eq!(bind(json!({"count": 7})).unwrap(), [Some(CqlValue::Int(7)), None]);
        for (row, part) in [
            (json!({"count": 3_000_000_000_i64}), "column count"),
            (json!({"count": 1.5}), "column count"),
            (json!({"count": "7"}), "column count"),
            (json!({"ids": ["x"]}), "column ids"),
            (json!({"ids": [null]}), "no null inside"),
            (json!({"name": "x"}), "no column name"),
            (json!([]), "no JSON object"),
        ] {
            let why = bind(row.clone()).unwrap_err();
            assert!(why.contains(part), "{row}: {why}");
        }
    }

    #[test]
    fn columns_that_could_change_when_written_again_are_unsupported() {
        assert_eq!(unsupported(&list(NativeType::Text, true), false), None);
        assert!(unsupported(&list(NativeType::Text, false), false).unwrap().contains("frozen"));
        assert!(unsupported(&ColumnType::Native(NativeType::Counter), false).is_some());
        assert!(unsupported(&ColumnType::Native(NativeType::Blob), false).is_some());
        assert!(unsupported(&list(NativeType::Timestamp, true), false).is_some());
    }
}
