//! The texts of a form as the JSON that its body's schema describes.

use std::collections::BTreeMap;

use feira_schemas::{
    money::Money,
    problem::{Code, FieldError},
};
use serde_json::{Map, Value, json};

use crate::{json::Schemas, problem::Problem};

/// Steps of a name: the deepest of our bodies has five.
const DEPTH: usize = 16;

/// The inputs of a form at one JSON Pointer and below it.
#[derive(Default)]
struct Node {
    /// The texts of the input with this very name.
    texts: Vec<String>,
    /// The nodes below this one, by the next step of the pointer.
    below: BTreeMap<String, Node>,
}

/// The JSON that a form's fields fill. A text that is not what the schema asks for is left as it is, so that the check says so.
pub(super) fn filled(
    fields: &BTreeMap<String, Vec<String>>,
    schemas: &Schemas,
    schema: &str,
) -> Result<Value, Problem> {
    let mut root = Node::default();
    for (name, texts) in fields {
        root.at(name)?.texts = texts.clone();
    }
    let Some(schema) = schemas.named(schema) else {
        return Err(Problem::internal(format!("there is no schema {schema}")));
    };
    let mut filling = Filling { schemas, errors: Vec::new() };
    let value = filling.value(root, schema, "").unwrap_or_else(|| json!({}));
    if filling.errors.is_empty() { Ok(value) } else { Err(Problem::fields(filling.errors)) }
}

impl Node {
    /// The node that a name points to (RFC 6901).
    fn at(&mut self, name: &str) -> Result<&mut Self, Problem> {
        let steps: Vec<&str> = name.split('/').collect();
        if !name.starts_with('/') || steps.len() > DEPTH {
            let name: String = name.chars().take(100).collect();
            return Err(Problem::new(Code::Malformed, format!("O formulário não tem um campo de nome «{name}».")));
        }
        let mut node = self;
        for step in steps.iter().skip(1) {
            node = node.below.entry(step.replace("~1", "/").replace("~0", "~")).or_default();
        }
        Ok(node)
    }
}

struct Filling<'a> {
    schemas: &'a Schemas,
    errors: Vec<FieldError>,
}

impl<'a> Filling<'a> {
    /// The value of a node; `None` leaves the field out.
    fn value(&mut self, node: Node, schema: &'a Value, pointer: &str) -> Option<Value> {
        let (schema, or_null) = self.meant(schema);
        let or_null = or_null || is(schema, "null");
        if is_money(schema) && node.below.is_empty() {
            return self.money(node.texts, or_null, pointer);
        }
        if is(schema, "array") {
            return self.array(node, schema, or_null, pointer);
        }
        if !node.below.is_empty() || (is(schema, "object") && node.texts.is_empty()) {
            return Some(self.object(node, schema, pointer));
        }
        self.text(node.texts, schema, or_null, pointer)
    }

    /// The schema that another one means, and true if null is the other choice.
    fn meant(&self, schema: &'a Value) -> (&'a Value, bool) {
        if let Some(choices) = schema["anyOf"].as_array() {
            let chosen = choices.iter().find(|choice| choice["type"] != "null").unwrap_or(schema);
            return (self.meant(chosen).0, true);
        }
        let name = schema["$ref"].as_str().and_then(|name| name.rsplit('/').next());
        (name.and_then(|name| self.schemas.named(name)).unwrap_or(schema), false)
    }

    fn money(&mut self, mut texts: Vec<String>, or_null: bool, pointer: &str) -> Option<Value> {
        let text = self.only(&mut texts, pointer)?;
        if text.trim().is_empty() {
            return or_null.then_some(Value::Null);
        }
        match Money::read(&text) {
            Ok(money) => serde_json::to_value(money).ok(),
            Err(why) => {
                let detail = format!("O valor «{text}» {why}. Escreva como 49,90.");
                self.errors.push(FieldError::new(pointer, Code::Invalid, detail));
                None
            }
        }
    }

    /// A list: of inputs that all have its name, of the lines of one, or of inputs whose names count from 0.
    fn array(&mut self, node: Node, schema: &'a Value, or_null: bool, pointer: &str) -> Option<Value> {
        if node.below.is_empty() {
            let lines = node.texts.iter().flat_map(|text| text.lines()).filter(|line| !line.trim().is_empty());
            let items: Vec<Value> = lines
                .filter_map(|line| {
                    let one = Node { texts: vec![line.to_owned()], below: BTreeMap::new() };
                    self.value(one, &schema["items"], pointer)
                })
                .collect();
            return if items.is_empty() && or_null { Some(Value::Null) } else { Some(items.into()) };
        }
        let mut below = node.below;
        let mut items = Vec::with_capacity(below.len());
        while !below.is_empty() {
            let at = format!("{pointer}/{}", items.len());
            let Some(item) = below.remove(&items.len().to_string()) else {
                let detail = "As linhas do formulário não estão numeradas em ordem. Recarregue a página.";
                self.errors.push(FieldError::new(at, Code::Malformed, detail));
                return None;
            };
            items.push(self.value(item, &schema["items"], &at).unwrap_or(Value::Null));
        }
        Some(items.into())
    }

    fn object(&mut self, node: Node, schema: &'a Value, pointer: &str) -> Value {
        let mut object = Map::new();
        for (name, node) in node.below {
            let at = format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"));
            // Of a field that is not known the check says so.
            let schema = schema["properties"].get(&name).unwrap_or(&schema["additionalProperties"]);
            if let Some(value) = self.value(node, schema, &at) {
                object.insert(name, value);
            }
        }
        object.into()
    }

    fn text(&mut self, mut texts: Vec<String>, schema: &Value, or_null: bool, pointer: &str) -> Option<Value> {
        if is(schema, "boolean") {
            // A check box that is not ticked is not sent, so a hidden input says false before it.
            let text = texts.pop()?;
            return Some(match text.as_str() {
                "true" | "on" | "1" => true.into(),
                "false" | "off" | "0" | "" => false.into(),
                _ => text.into(),
            });
        }
        let text = self.only(&mut texts, pointer)?;
        let is_blank = text.trim().is_empty();
        if is_blank && or_null {
            return Some(Value::Null);
        }
        if is(schema, "integer") {
            let number = text.trim().parse::<i64>();
            return if is_blank { None } else { Some(number.map_or_else(|_| text.into(), Value::from)) };
        }
        Some(text.into())
    }

    /// The text of an input that is there once.
    fn only(&mut self, texts: &mut Vec<String>, pointer: &str) -> Option<String> {
        if texts.len() > 1 {
            self.errors.push(FieldError::new(pointer, Code::Malformed, "O campo aparece duas vezes."));
        }
        texts.pop()
    }
}

/// True if a schema describes money, whatever bounds it sets: an amount and its currency.
fn is_money(schema: &Value) -> bool {
    let Some(properties) = schema["properties"].as_object() else { return false };
    properties.len() == 2 && ["amount", "currency"].iter().all(|name| properties.contains_key(*name))
}

/// True if a schema allows a type.
fn is(schema: &Value, kind: &str) -> bool {
    match &schema["type"] {
        Value::String(one) => one == kind,
        Value::Array(several) => several.iter().any(|one| one == kind),
        _ => false,
    }
}
