//! Reading JSON bodies: strictly as text, then against the schema that the description shows, so that what is written
//! there and what is accepted are one thing. Letters become one sign each where they are two, and no control character comes in.

use std::{borrow::Cow, collections::HashMap, fmt};

use feira_schemas::{
    api::{rules::Errors, schema::SEVERAL_LINES},
    problem::{Code, FieldError},
    refusals,
    text::{Lines, composed, forbidden},
};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Number, Value, error::Category};

use crate::{
    problem::Problem,
    schemas::{self, Named},
};

/// The largest number up to which a double is exact, 2⁵³: beyond it a whole number written with a fraction may have
/// been another one.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// The JSON schemas that bodies are checked against, by name.
pub struct Schemas(HashMap<&'static str, Value>);

impl Schemas {
    /// A resource's own, beside those that all name.
    pub fn new(own: Vec<Named>) -> Self {
        Self(schemas::common().into_iter().chain(own).collect())
    }

    /// The schema of a name.
    pub(crate) fn named(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }
}

/// A body that must be as the schema says.
pub fn read<T: DeserializeOwned>(schemas: &Schemas, body: &[u8], schema: &str) -> Result<T, Problem> {
    typed(schemas, parse(body)?, schema)
}

/// A body that is JSON already and must be as the schema says.
pub fn typed<T: DeserializeOwned>(schemas: &Schemas, value: Value, schema: &str) -> Result<T, Problem> {
    check(&value, schema, Rules { schemas, mode: Mode::Whole })?;
    // What the schema lets through and the type does not is one more field error, though it can't say where.
    serde_json::from_value(value).map_err(|error| {
        tracing::warn!(%error, schema, "a body fits its schema and not its type");
        Problem::fields(vec![FieldError::new("", Code::Invalid, refusals::CONTENT_UNREADABLE)])
    })
}

/// A merge patch (RFC 7396) of what the schema describes: nothing is required, null removes.
pub fn read_patch(schemas: &Schemas, body: &[u8], schema: &str) -> Result<Map<String, Value>, Problem> {
    patch_of(schemas, parse(body)?, schema)
}

/// The same of a patch that is JSON already.
pub fn patch_of(schemas: &Schemas, value: Value, schema: &str) -> Result<Map<String, Value>, Problem> {
    check(&value, schema, Rules { schemas, mode: Mode::Patch })?;
    match value {
        Value::Object(patch) => Ok(patch),
        _ => Err(Problem::new(Code::Malformed, "O conteúdo deve ser um objeto JSON.")),
    }
}

/// JSON text: UTF-8, of bounded depth, and without two fields of one name (the second of which would win unseen).
pub fn parse(body: &[u8]) -> Result<Value, Problem> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Err(Problem::new(Code::Malformed, "Envie um conteúdo JSON."));
    }
    let strict: Result<Strict, _> = serde_json::from_slice(body);
    strict.map(|strict| strict.0).map_err(|error| {
        let at = format!("linha {}, coluna {}", error.line(), error.column());
        Problem::new(Code::Malformed, format!("O conteúdo não é JSON válido ({at}): {}.", in_portuguese(&error)))
    })
}

/// The fault of a text that is no strict JSON, in Portuguese. The library says it in English, but for what [`Strict`]
/// itself refuses.
fn in_portuguese(error: &serde_json::Error) -> String {
    tracing::debug!(%error, "a body is no JSON");
    match error.classify() {
        Category::Eof => "o texto termina antes do fim".to_owned(),
        Category::Data => {
            let (said, place) = (error.to_string(), format!(" at line {} column {}", error.line(), error.column()));
            said.strip_suffix(&place).unwrap_or(&said).to_owned()
        }
        Category::Syntax | Category::Io => {
            "há aqui um caractere que não cabe, ou um valor grande ou fundo demais".to_owned()
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Whole,
    Patch,
}

/// The rules that a value is checked by.
#[derive(Clone, Copy)]
struct Rules<'a> {
    schemas: &'a Schemas,
    mode: Mode,
}

fn check(value: &Value, schema: &str, rules: Rules<'_>) -> Result<(), Problem> {
    let Some(schema) = rules.schemas.named(schema) else {
        return Err(Problem::internal(format!("there is no schema {schema}")));
    };
    let mut errors = Vec::new();
    visit(value, schema, rules, &mut String::new(), &mut errors);
    errors.truncate(Errors::MOST);
    if errors.is_empty() { Ok(()) } else { Err(Problem::fields(errors)) }
}

/// Checks types, names, words and letters. Lengths and ranges are the catalogue's rules, which know how to speak of them.
fn visit(value: &Value, schema: &Value, rules: Rules<'_>, pointer: &mut String, errors: &mut Vec<FieldError>) {
    if errors.len() >= Errors::MOST {
        return;
    }
    if let Some(name) = schema["$ref"].as_str().and_then(|name| name.rsplit('/').next()) {
        if let Some(schema) = rules.schemas.named(name) {
            visit(value, schema, rules, pointer, errors);
        }
        return;
    }
    if let Some(choices) = schema["anyOf"].as_array() {
        // The only choice our schemas give is between a thing and null.
        let chosen = choices.iter().find(|choice| (choice["type"] == "null") == value.is_null());
        visit(value, chosen.unwrap_or(&choices[0]), rules, pointer, errors);
        return;
    }
    if let Some((code, detail)) = wrong_type(value, &schema["type"]) {
        let removed = rules.mode == Mode::Patch && value.is_null() && !pointer.is_empty();
        errors.push(match removed {
            true => FieldError::new(pointer.as_str(), Code::Required, "Este campo não pode ser removido."),
            false => FieldError::new(pointer.as_str(), code, detail),
        });
        return;
    }
    if let Some(words) = schema["enum"].as_array()
        && !words.contains(value)
    {
        let words = words.iter().filter(|word| !word.is_null());
        let words: Vec<String> = words.map(|word| word.as_str().map_or(word.to_string(), str::to_owned)).collect();
        errors.push(FieldError::new(
            pointer.as_str(),
            Code::Invalid,
            format!("O valor é um destes: {}.", words.join(", ")),
        ));
    }
    match value {
        Value::String(text) => {
            let lines = if schema[SEVERAL_LINES] == true { Lines::Several } else { Lines::One };
            let wrong = forbidden(text, lines);
            errors.extend(wrong.map(|detail| FieldError::new(pointer.as_str(), Code::Invalid, detail)));
        }
        Value::Object(fields) => visit_fields(fields, schema, rules, pointer, errors),
        Value::Array(items) => {
            // A patch replaces a list as a whole, so what stands in it is not a patch.
            let whole = Rules { mode: Mode::Whole, ..rules };
            for (index, item) in items.iter().enumerate() {
                within(pointer, &index.to_string(), |pointer| visit(item, &schema["items"], whole, pointer, errors));
            }
        }
        _ => {}
    }
}

fn visit_fields(
    fields: &Map<String, Value>,
    schema: &Value,
    rules: Rules<'_>,
    pointer: &mut String,
    errors: &mut Vec<FieldError>,
) {
    let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
    for name in required.filter(|name| rules.mode == Mode::Whole && !fields.contains_key(*name)) {
        let detail = format!("Informe o campo «{name}».");
        within(pointer, name, |pointer| errors.push(FieldError::new(pointer.as_str(), Code::Required, detail)));
    }
    for (name, value) in fields {
        within(pointer, name, |pointer| {
            match (&schema["properties"][name.as_str()], &schema["additionalProperties"]) {
                (Value::Null, Value::Bool(false)) => {
                    let name: String = name.chars().take(100).collect();
                    let detail = refusals::unknown_field(&name);
                    errors.push(FieldError::new(pointer.as_str(), Code::Malformed, detail));
                }
                (Value::Null, others) => {
                    let wrong = forbidden(name, Lines::One);
                    errors.extend(wrong.map(|detail| FieldError::new(pointer.as_str(), Code::Invalid, detail)));
                    visit(value, others, rules, pointer, errors);
                }
                (known, _) => visit(value, known, rules, pointer, errors),
            }
        });
    }
}

/// Works one step deeper: `~` and `/` are written as RFC 6901 has it.
fn within(pointer: &mut String, name: &str, work: impl FnOnce(&mut String)) {
    let length = pointer.len();
    pointer.push('/');
    pointer.extend(name.chars().take(100).flat_map(|c| match c {
        '~' => vec!['~', '0'],
        '/' => vec!['~', '1'],
        c => vec![c],
    }));
    work(pointer);
    pointer.truncate(length);
}

fn wrong_type(value: &Value, expected: &Value) -> Option<(Code, String)> {
    let types: Vec<&str> = match expected {
        Value::String(one) => vec![one.as_str()],
        Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
        _ => return None,
    };
    let fits = |kind: &&str| match *kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        _ => false,
    };
    if !types.iter().any(fits) {
        let names: Vec<&str> = types.iter().map(|kind| in_words(kind)).collect();
        return Some((Code::Malformed, format!("O valor deve ser {}.", names.join(" ou "))));
    }
    let too_large = types.contains(&"integer") && value.is_u64() && !value.is_i64();
    too_large.then(|| (Code::OutOfRange, "O número é grande demais.".to_owned()))
}

fn in_words(kind: &str) -> &'static str {
    match kind {
        "object" => "um objeto",
        "array" => "uma lista",
        "string" => "um texto",
        "integer" => "um número inteiro",
        "number" => "um número",
        "boolean" => "true ou false",
        _ => "null",
    }
}

/// Any JSON whose objects name each field once.
struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StrictVisitor).map(Strict)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }
    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }
    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }
    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        // JSON Schema's integers are what they are worth, not how they are written: 5.0 is one.
        if value.fract() == 0.0 && value.abs() <= EXACT {
            return Ok((value as i64).into());
        }
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("um número não é finito"))
    }
    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(composed(value).into())
    }
    fn visit_string<E: Error>(self, value: String) -> Result<Value, E> {
        Ok(match composed(&value) {
            Cow::Borrowed(_) => value.into(),
            Cow::Owned(composed) => composed.into(),
        })
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut array = Vec::new();
        while let Some(Strict(item)) = items.next_element()? {
            array.push(item);
        }
        Ok(Value::Array(array))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some((name, Strict(value))) = fields.next_entry::<String, Strict>()? {
            let name = composed(&name).into_owned();
            if object.contains_key(&name) {
                return Err(A::Error::custom(format!("o campo «{name}» aparece duas vezes")));
            }
            object.insert(name, value);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn text_that_is_not_strict_json_is_malformed() {
        let deep = "[".repeat(100_000);
        for wrong in
            ["", "  ", "{", "{'a':1}", "{\"a\":1}x", "{\"a\":1,\"a\":2}", "\"\\ud800\"", "[1e999]", &deep, "NaN"]
        {
            let problem = parse(wrong.as_bytes()).unwrap_err();
            assert_eq!((problem.code, problem.status().as_u16()), (Code::Malformed, 400));
        }
        assert_eq!(parse(b"\xff").unwrap_err().code, Code::Malformed);
        assert_eq!(parse(br#"{"a":[1,-1,1.5,true,null,"x"]}"#).unwrap()["a"][1], -1);
        assert_eq!(parse(b"[5.0, -2e3, 0.5, 1e300]").unwrap(), serde_json::json!([5, -2_000, 0.5, 1e300]));
    }

    #[test]
    fn what_is_wrong_is_said_in_portuguese_and_where() {
        for (wrong, said) in [
            ("{\n\"a\": ", "(linha 2, coluna 5): o texto termina antes do fim."),
            ("{\"a\":1,\"a\":2}", "): o campo «a» aparece duas vezes."),
            ("{\"a at line 1\":1,\"a at line 1\":2}", "duas vezes."),
            ("{'a':1}", "(linha 1, coluna 2): há aqui um caractere que não cabe, ou um valor grande ou fundo demais."),
        ] {
            let detail = parse(wrong.as_bytes()).unwrap_err().detail;
            assert!(detail.ends_with(said), "{detail}");
        }
    }

    #[test]
    fn letters_that_look_alike_are_one_also_in_names() {
        let apart = "{\"C\u{327}\": \"A\u{302}mbar\", \"a\": [\"u\\u0301\"]}";
        assert_eq!(parse(apart.as_bytes()).unwrap(), serde_json::json!({"Ç": "Âmbar", "a": ["ú"]}));
        assert_eq!(
            parse("{\"é\": 1, \"e\u{301}\": 2}".as_bytes()).unwrap_err().code,
            Code::Malformed,
            "one name twice"
        );
    }
}
