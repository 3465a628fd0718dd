//! What differs between an entity before and after a change, field by field.

use std::collections::{HashMap, HashSet};

use feira_schemas::limits;
use serde::Serialize;
use serde_json::{Map, Value, json};

/// The most fields that are told of a change: as many as a person reads. A product that is made has thousands.
const MOST: usize = 30;
/// Characters of a text that are shown of each side.
const LONG: usize = 200;
/// Characters of a list, as JSON, that is shown whole: all products that a coupon may name, each an id in quotes and a comma.
const LONG_LIST: usize = limits::COUPON_PRODUCTS * 40;
/// Characters that are shown of what two long texts begin with alike, before they differ.
const ALIKE: usize = 30;
/// The field by which a sealed value is told from others.
const SEALED: &str = "\u{2022}sealed";
/// What stands in the place of a sealed value.
const HIDDEN: &str = "•••";
/// A field that is not there.
static NOTHING: Value = Value::Null;
/// Fields of the entity itself that change with every change.
const PASSED_OVER: [&str; 4] = ["version", "created_at", "updated_at", "changed_at"];

/// A field that differs.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// JSON Pointer into the entity. Items of lists go by their ids, where they have some.
    pub field: String,
    /// The item of a list that the field is of, as people know it.
    pub of: Option<String>,
    /// What was there.
    pub before: Option<Value>,
    /// What is there.
    pub after: Option<Value>,
}

/// The fields that differ.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Differences {
    /// The first of them.
    pub items: Vec<Difference>,
    /// True if there are more.
    pub more: bool,
}

/// A sealed value in an entity's JSON: it is compared, and never shown.
pub(super) fn sealed(value: &impl Serialize) -> Value {
    json!({SEALED: value})
}

/// The differences of an entity before and after; `None` is one that was not there, or is no more.
pub(super) fn differences(before: Option<&Value>, after: Option<&Value>) -> Differences {
    let own = |entity: Option<&Value>| {
        let mut entity = entity.cloned().unwrap_or_default();
        if let Some(fields) = entity.as_object_mut() {
            fields.retain(|name, _| !PASSED_OVER.contains(&name.as_str()));
        }
        entity
    };
    let mut found = Differences::default();
    found.look("", None, &own(before), &own(after));
    found
}

impl Differences {
    fn look(&mut self, field: &str, of: Option<&str>, before: &Value, after: &Value) {
        if before == after || self.more {
            return;
        }
        match (before, after) {
            (Value::Object(one), Value::Object(other)) if !is_leaf(one) && !is_leaf(other) => {
                self.fields(field, of, one, other);
            }
            (Value::Null, Value::Object(other)) if !is_leaf(other) => self.fields(field, of, &Map::new(), other),
            (Value::Object(one), Value::Null) if !is_leaf(one) => self.fields(field, of, one, &Map::new()),
            (Value::Array(one), Value::Array(other)) if has_entities(one) || has_entities(other) => {
                self.entities(field, one, other);
            }
            (Value::Null, Value::Array(other)) if has_entities(other) => self.entities(field, &[], other),
            (Value::Array(one), Value::Null) if has_entities(one) => self.entities(field, one, &[]),
            _ => self.add(field, of, before, after),
        }
    }

    fn fields(&mut self, field: &str, of: Option<&str>, before: &Map<String, Value>, after: &Map<String, Value>) {
        let added = after.keys().filter(|name| !before.contains_key(*name));
        for name in before.keys().chain(added) {
            let (one, other) = (before.get(name).unwrap_or(&NOTHING), after.get(name).unwrap_or(&NOTHING));
            self.look(&format!("{field}/{}", escaped(name)), of, one, other);
        }
    }

    /// Items of lists: by their ids where all have some, else by their places.
    fn entities(&mut self, field: &str, before: &[Value], after: &[Value]) {
        let ids = |side: &[Value]| side.iter().map(id_of).collect::<Option<Vec<String>>>();
        let (Some(old), Some(new)) = (ids(before), ids(after)) else {
            return self.by_place(field, before, after);
        };
        let now: HashMap<&String, &Value> = new.iter().zip(after).collect();
        for (id, item) in old.iter().zip(before) {
            let now = now.get(id).copied();
            let label = label_of(now.unwrap_or(item));
            let path = format!("{field}/{}", escaped(id));
            self.look(&path, label.as_deref(), item, now.unwrap_or(&NOTHING));
        }
        let was: HashSet<&String> = old.iter().collect();
        for (id, item) in new.iter().zip(after).filter(|(id, _)| !was.contains(id)) {
            self.look(&format!("{field}/{}", escaped(id)), label_of(item).as_deref(), &NOTHING, item);
        }
        let stayed: Vec<&String> = old.iter().filter(|id| now.contains_key(id)).collect();
        let stands: Vec<&String> = new.iter().filter(|id| was.contains(id)).collect();
        if stayed != stands {
            self.add(field, None, &json!(stayed), &json!(stands));
        }
    }

    fn by_place(&mut self, field: &str, before: &[Value], after: &[Value]) {
        for place in 0..before.len().max(after.len()) {
            let (one, other) = (before.get(place).unwrap_or(&NOTHING), after.get(place).unwrap_or(&NOTHING));
            self.look(&format!("{field}/{place}"), None, one, other);
        }
    }

    fn add(&mut self, field: &str, of: Option<&str>, before: &Value, after: &Value) {
        if is_nothing(before) && is_nothing(after) {
            return;
        }
        if self.items.len() == MOST {
            self.more = true;
            return;
        }
        let (before, after) = match (before, after) {
            (Value::String(one), Value::String(other)) => {
                let alike = one.chars().zip(other.chars()).take_while(|(one, other)| one == other).count();
                (cut(one, alike), cut(other, alike))
            }
            _ => (readable(before), readable(after)),
        };
        let there = |value: Value| Some(value).filter(|value| !value.is_null());
        let (before, after) = (there(before), there(after));
        self.items.push(Difference { field: field.to_owned(), of: of.map(str::to_owned), before, after });
    }
}

/// True of what nobody would call a value: a field that is left out, null, or an empty list.
fn is_nothing(value: &Value) -> bool {
    value.is_null() || value.as_array().is_some_and(Vec::is_empty)
}

/// True of an object that is one value to people: money, or what is sealed.
fn is_leaf(object: &Map<String, Value>) -> bool {
    object.contains_key(SEALED)
        || (object.len() == 2 && object.contains_key("amount") && object.contains_key("currency"))
}

/// True of a list whose items have fields.
fn has_entities(list: &[Value]) -> bool {
    list.iter().any(Value::is_object)
}

/// What tells an item of a list from the others: its id, or its name.
fn id_of(item: &Value) -> Option<String> {
    let text = |field: &str| item[field].as_str().map(str::to_owned);
    text("id").or_else(|| text("name"))
}

/// An item as people know it: a variant by its code or its options, anything else by its name.
fn label_of(item: &Value) -> Option<String> {
    let text = |field: &str| item[field].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    let options = || {
        let values: Vec<&str> = item["options"].as_object()?.values().filter_map(Value::as_str).collect();
        Some(values.join(" / ")).filter(|label| !label.is_empty())
    };
    text("name").or_else(options).or_else(|| text("sku")).or_else(|| text("alt"))
}

/// A value as it is shown.
fn readable(value: &Value) -> Value {
    match value {
        Value::Object(fields) if fields.contains_key(SEALED) => HIDDEN.into(),
        Value::String(text) => cut(text, 0),
        Value::Array(_) => {
            let text = value.to_string();
            if text.chars().count() > LONG_LIST { cut(&text, 0) } else { value.clone() }
        }
        _ => value.clone(),
    }
}

/// The part of a text around the place where it begins to differ.
fn cut(text: &str, alike: usize) -> Value {
    let length = text.chars().count();
    if length <= LONG {
        return text.into();
    }
    let start = if alike + ALIKE < LONG { 0 } else { alike - ALIKE };
    let part: String = text.chars().skip(start).take(LONG).collect();
    let (before, after) = (if start > 0 { "…" } else { "" }, if start + LONG < length { "…" } else { "" });
    format!("{before}{part}{after}").into()
}

/// A name as a part of a JSON Pointer.
fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// The fields that differ, with both sides.
    fn between(before: &Value, after: &Value) -> Vec<(String, Value, Value)> {
        let found = differences(Some(before), Some(after));
        assert!(!found.more);
        let sides = |one: Difference| (one.field, one.before.unwrap_or_default(), one.after.unwrap_or_default());
        found.items.into_iter().map(sides).collect()
    }

    #[test]
    fn f20_fields_are_compared_one_by_one_and_what_changes_always_is_passed_over() {
        let before =
            json!({"version": 1, "updated_at": "a", "name": "Caneca", "vendor": "Olaria", "seo": {"title": "x"}});
        let after =
            json!({"version": 2, "updated_at": "b", "name": "Caneca azul", "tags": ["azul"], "seo": {"title": "y"}});
        let mut found = between(&before, &after);
        found.sort_by(|one, other| one.0.cmp(&other.0));
        let expected = [
            ("/name", json!("Caneca"), json!("Caneca azul")),
            ("/seo/title", json!("x"), json!("y")),
            ("/tags", Value::Null, json!(["azul"])),
            ("/vendor", json!("Olaria"), Value::Null),
        ];
        assert_eq!(found, expected.map(|(field, before, after)| (field.to_owned(), before, after)));
        assert_eq!(between(&before, &before), []);
        assert_eq!(between(&json!({"tags": []}), &json!({"alt": null})), [], "neither is anything");
    }

    #[test]
    fn items_of_lists_go_by_their_ids_or_else_by_their_places() {
        let money = |amount: i64| json!({"amount": amount, "currency": "BRL"});
        let variant = |id: &str, sku: &str, price: i64| json!({"id": id, "sku": sku, "price": money(price)});
        let before =
            json!({"variants": [variant("a", "A-1", 100), variant("b", "B-1", 200), variant("c", "C-1", 300)]});
        let after = json!({"variants": [variant("b", "B-1", 200), variant("a", "A-1", 150)]});
        let found = differences(Some(&before), Some(&after));
        let told: Vec<_> = found.items.iter().map(|one| (one.field.as_str(), one.of.as_deref())).collect();
        let expected = [
            ("/variants/a/price", Some("A-1")),
            ("/variants/c/id", Some("C-1")),
            ("/variants/c/sku", Some("C-1")),
            ("/variants/c/price", Some("C-1")),
            ("/variants", None),
        ];
        assert_eq!(told, expected, "a price, one that is gone, and the order");
        assert_eq!((&found.items[0].before, &found.items[0].after), (&Some(money(100)), &Some(money(150))));
        assert_eq!(
            (&found.items[4].before, &found.items[4].after),
            (&Some(json!(["a", "b"])), &Some(json!(["b", "a"])))
        );

        let (one, two) = (json!({"lines": [{"x": 1}, {"x": 2}]}), json!({"lines": [{"x": 1}, {"x": 3}, {"x": 4}]}));
        let fields: Vec<String> = between(&one, &two).into_iter().map(|(field, ..)| field).collect();
        assert_eq!(fields, ["/lines/1/x", "/lines/2/x"]);
    }

    #[test]
    fn what_is_sealed_is_told_to_have_changed_and_never_shown() {
        let entity = |name: &str| json!({"name": sealed(&name), "email": sealed(&"kept")});
        let found = between(&entity("one"), &entity("two"));
        assert_eq!(found, [("/name".to_owned(), json!(HIDDEN), json!(HIDDEN))]);
        let made = differences(None, Some(&entity("one")));
        assert!(made.items.iter().all(|one| one.before.is_none() && one.after == Some(json!(HIDDEN))), "{made:?}");
    }

    #[test]
    fn long_texts_are_cut_to_where_they_differ_and_long_lists_of_fields_end() {
        let text = |end: &str| json!({"description": format!("{}{end}{}", "a".repeat(500), "b".repeat(500))});
        let (_, before, after) = between(&text("um"), &text("dois")).pop().unwrap();
        for (side, word) in [(before, "aum"), (after, "adois")] {
            let side = side.as_str().unwrap();
            assert!(side.starts_with('…') && side.ends_with('…') && side.contains(word), "{side}");
            assert_eq!(side.chars().count(), LONG + 2);
        }
        let ids = |count: usize| json!({"products": vec!["0190a5d4-0000-7000-8000-000000000000"; count]});
        let (whole, long) = (ids(limits::COUPON_PRODUCTS), ids(2 * limits::COUPON_PRODUCTS));
        let found = differences(Some(&whole), Some(&long));
        assert_eq!(found.items[0].before.as_ref(), Some(&whole["products"]));
        assert!(found.items[0].after.as_ref().is_some_and(Value::is_string), "{found:?}");
        let many: Map<String, Value> = (0..=MOST).map(|number| (number.to_string(), json!(number))).collect();
        let found = differences(None, Some(&Value::Object(many)));
        assert_eq!((found.items.len(), found.more), (MOST, true));
    }
}
