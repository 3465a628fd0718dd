//! Bodies are read strictly: a field that the vendor's client does not know, or of another type than it sends, is a contract error.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::answer::{Errors, Refused};

/// The fields that an object may have.
pub(super) type Shape = [Field];

/// A field. Its name is compared without regard to case, as the vendor's client writes some in capitals.
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) required: bool,
}

/// What a field holds.
pub(super) enum Kind {
    Text,
    Whole,
    Flag,
    Texts,
    TextList,
    WholeList,
    Object(&'static Shape),
    Objects(&'static Shape),
    /// Known to the vendor's client, and of no meaning here.
    Ignored,
}

/// A field that may be left out.
pub(super) const fn may(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, required: false }
}

/// A field that must be there.
pub(super) const fn must(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, required: true }
}

/// Reads a body of that shape; no body is an empty object. `root` stands before every path of an error.
pub(super) fn read<T: DeserializeOwned>(body: &[u8], shape: &Shape, root: &str) -> Result<T, Refused> {
    let value = match body {
        [] => Value::Object(Map::new()),
        body => serde_json::from_slice(body).map_err(|error| Refused::bad_request(error.to_string()))?,
    };
    let Value::Object(object) = value else { return Err(Refused::bad_request("the body is no object")) };
    let mut errors = Errors::new();
    let clean = cleaned(object, shape, root, &mut errors);
    if !errors.is_empty() {
        return Err(Refused::contract(errors));
    }
    serde_json::from_value(Value::Object(clean)).map_err(|error| Refused::field(root, error.to_string()))
}

/// The object with the names of its shape, without nulls and without what is ignored.
fn cleaned(object: Map<String, Value>, shape: &Shape, path: &str, errors: &mut Errors) -> Map<String, Value> {
    let mut clean = Map::new();
    for (name, value) in object {
        let at = format!("{path}.{}", name.to_ascii_lowercase());
        let Some(field) = shape.iter().find(|field| field.name.eq_ignore_ascii_case(&name)) else {
            say(errors, at, format!("Could not find member '{name}'."));
            continue;
        };
        if value.is_null() || matches!(field.kind, Kind::Ignored) {
            continue;
        }
        if let Some(value) = fitting(value, &field.kind, &at, errors) {
            clean.insert(field.name.to_owned(), value);
        }
    }
    for field in shape.iter().filter(|field| field.required && !clean.contains_key(field.name)) {
        let at = format!("{path}.{}", field.name);
        if !errors.keys().any(|known| known.starts_with(&at)) {
            say(errors, at, format!("The {} field is required.", field.name));
        }
    }
    clean
}

fn fitting(value: Value, kind: &Kind, at: &str, errors: &mut Errors) -> Option<Value> {
    match (kind, value) {
        (Kind::Object(shape), Value::Object(object)) => Some(Value::Object(cleaned(object, shape, at, errors))),
        (Kind::Objects(shape), Value::Array(items)) => {
            let mut clean = Vec::new();
            for (place, item) in items.into_iter().enumerate() {
                let at = format!("{at}[{place}]");
                match item {
                    Value::Object(object) => clean.push(Value::Object(cleaned(object, shape, &at, errors))),
                    _ => say(errors, at, "The value is no object.".to_owned()),
                }
            }
            Some(Value::Array(clean))
        }
        (kind, value) if is(kind, &value) => Some(value),
        (kind, _) => {
            say(errors, at.to_owned(), format!("The value is no {}.", word(kind)));
            None
        }
    }
}

fn is(kind: &Kind, value: &Value) -> bool {
    match (kind, value) {
        (Kind::Text, Value::String(_)) | (Kind::Flag, Value::Bool(_)) => true,
        (Kind::Whole, value) => value.is_i64(),
        (Kind::Texts, Value::Object(texts)) => texts.values().all(Value::is_string),
        (Kind::TextList, Value::Array(texts)) => texts.iter().all(Value::is_string),
        (Kind::WholeList, Value::Array(numbers)) => numbers.iter().all(Value::is_i64),
        _ => false,
    }
}

fn word(kind: &Kind) -> &'static str {
    match kind {
        Kind::Text => "text",
        Kind::Whole => "whole number",
        Kind::Flag => "boolean",
        Kind::Texts => "object of texts",
        Kind::TextList => "list of texts",
        Kind::WholeList => "list of whole numbers",
        Kind::Object(_) | Kind::Ignored => "object",
        Kind::Objects(_) => "list of objects",
    }
}

fn say(errors: &mut Errors, at: String, text: String) {
    errors.entry(at).or_default().push(text);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    static ITEM: [Field; 2] = [must("amount", Kind::Whole), may("code", Kind::Text)];
    static BODY: [Field; 4] = [
        may("items", Kind::Objects(&ITEM)),
        may("first", Kind::Object(&ITEM)),
        may("metadata", Kind::Texts),
        may("ip", Kind::Ignored),
    ];

    fn errors(body: &Value) -> Vec<String> {
        let read: Result<Value, Refused> = read(body.to_string().as_bytes(), &BODY, "order");
        read.err().map(|refused| refused.errors.into_keys().collect()).unwrap_or_default()
    }

    #[test]
    fn a_body_is_of_its_shape_or_each_error_is_named_by_its_path() {
        let good =
            json!({"Items": [{"Amount": 1, "code": null}], "metadata": {"a": "b"}, "ip": 4, "first": {"amount": 2}});
        let clean: Value = read(good.to_string().as_bytes(), &BODY, "order").unwrap();
        assert_eq!(clean, json!({"items": [{"amount": 1}], "metadata": {"a": "b"}, "first": {"amount": 2}}));
        assert_eq!(errors(&json!({"items": [{"amount": 1.5}]})), ["order.items[0].amount"]);
        assert_eq!(errors(&json!({"items": [{}]})), ["order.items[0].amount"]);
        assert_eq!(errors(&json!({"first": {"amount": 1, "color": "red"}})), ["order.first.color"]);
        assert_eq!(errors(&json!({"metadata": {"a": 1}, "oops": true})), ["order.metadata", "order.oops"]);
        let read: Result<Value, Refused> = read(b"[", &BODY, "order");
        assert_eq!(read.unwrap_err().status, http::StatusCode::BAD_REQUEST);
    }
}
