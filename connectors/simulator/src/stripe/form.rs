//! Bodies and queries are forms whose names nest by brackets: `items[0][price]=…` is a list of objects.

use serde_json::{Map, Value};

use super::answer::Refused;

/// Pairs of a form, and brackets of a name.
const PAIRS: usize = 1_000;
const DEPTH: usize = 8;

/// Reads pairs into an object whose leaves are texts. Lists are told by their numbers, or by empty brackets.
pub(super) fn read(pairs: Vec<(String, String)>) -> Result<Map<String, Value>, Refused> {
    if pairs.len() > PAIRS {
        return Err(Refused::invalid("Too many parameters.", None));
    }
    let mut root = Value::Object(Map::new());
    for (name, value) in pairs {
        let path = path(&name).ok_or_else(|| Refused::invalid(format!("Invalid parameter name: {name}"), None))?;
        let mut at = &mut root;
        for part in path {
            let Value::Object(object) = at else { return Err(Refused::invalid("Invalid nesting.", Some(&name))) };
            let key = if part.is_empty() { object.len().to_string() } else { part };
            at = object.entry(key).or_insert_with(|| Value::Object(Map::new()));
        }
        *at = Value::String(value);
    }
    match lists(root) {
        Value::Object(form) => Ok(form),
        _ => Ok(Map::new()),
    }
}

/// The parts of a name, such as `items`, `0` and `price`.
fn path(name: &str) -> Option<Vec<String>> {
    let (first, rest) = name.split_once('[').map_or((name, ""), |(first, rest)| (first, rest));
    let mut parts = vec![first.to_owned()];
    if !rest.is_empty() {
        parts.extend(rest.strip_suffix(']')?.split("][").map(str::to_owned));
    }
    (parts.len() <= DEPTH && !first.is_empty()).then_some(parts)
}

/// Objects whose names are the numbers from 0 on become lists.
fn lists(value: Value) -> Value {
    let Value::Object(object) = value else { return value };
    let is_list = !object.is_empty() && (0..object.len()).all(|place| object.contains_key(&place.to_string()));
    if !is_list {
        return Value::Object(object.into_iter().map(|(name, value)| (name, lists(value))).collect());
    }
    let mut items: Vec<(usize, Value)> =
        object.into_iter().map(|(name, value)| (name.parse().unwrap_or_default(), lists(value))).collect();
    items.sort_by_key(|(place, _)| *place);
    items.into_iter().map(|(_, value)| value).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn form(pairs: &[(&str, &str)]) -> Value {
        let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        read(pairs).map_or(Value::Null, Value::Object)
    }

    #[test]
    fn names_nest_by_brackets_and_numbers_make_lists() {
        let nested = form(&[("items[0][price]", "p"), ("items[1][price]", "q"), ("metadata[a]", "1"), ("b", "2")]);
        assert_eq!(nested, json!({"items": [{"price": "p"}, {"price": "q"}], "metadata": {"a": "1"}, "b": "2"}));
        assert_eq!(form(&[("expand[]", "x"), ("expand[]", "y")]), json!({"expand": ["x", "y"]}));
        assert_eq!(form(&[("a[b", "x")]), Value::Null);
        assert_eq!(form(&[("a", "x"), ("a[b]", "y")]), Value::Null);
        assert_eq!(form(&[("a[1][2][3][4][5][6][7][8]", "x")]), Value::Null);
    }
}
