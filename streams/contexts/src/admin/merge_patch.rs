//! JSON Merge Patch (RFC 7396).

use feira_schemas::{
    problem::{Code, Refusal},
    refusals,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

/// A body with a merge patch (RFC 7396) in it, read back strictly.
pub(super) fn merged<T: Serialize + DeserializeOwned>(body: &T, patch: &str) -> Result<T, Refusal> {
    // Its words are English and name no field; the API has held the patch against the schema, which does.
    let malformed = |_: serde_json::Error| Refusal::new(Code::Malformed, refusals::CONTENT_UNREADABLE);
    let mut value = serde_json::to_value(body).map_err(malformed)?;
    let patch: Value = serde_json::from_str(patch).map_err(malformed)?;
    merge(&mut value, patch);
    serde_json::from_value(value).map_err(malformed)
}

/// RFC 7396, section 2.
fn merge(target: &mut Value, patch: Value) {
    let Value::Object(patch) = patch else {
        *target = patch;
        return;
    };
    if !target.is_object() {
        *target = Value::Object(serde_json::Map::new());
    }
    let Value::Object(target) = target else { return };
    for (name, value) in patch {
        if value.is_null() {
            target.shift_remove(&name);
        } else {
            merge(target.entry(name).or_insert(Value::Null), value);
        }
    }
}
