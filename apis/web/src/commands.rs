//! What became of a command that was answered with 202, for whoever may ask.

use feira_schemas::{ids::ImageId, records::admin::Settings};
use feira_streams::pictures;
use serde_json::{Value, json};

use crate::{
    schemas::{Named, id, object, reference, text, text_or_null},
    settings::settings_json,
    writes::Decided,
};

/// The schemas of commands.
pub fn schemas() -> Vec<Named> {
    let status = json!({"type": "string", "enum": ["pending", "done"]});
    let outcome =
        json!({"type": "string", "enum": ["created", "updated", "deleted", "unchanged", "refused", "failed"]});
    let command = [
        ("id", id()),
        ("status", status),
        ("outcome", outcome),
        ("position", text()),
        ("entity_id", text_or_null()),
        ("version", json!({"type": ["integer", "null"]})),
        ("body", json!({"description": "What the write itself would have answered; null where it is gone."})),
        ("problem", json!({"anyOf": [reference("Problem"), {"type": "null"}]})),
    ];
    let pending = [("id", id()), ("status", json!({"type": "string", "enum": ["pending"]}))];
    vec![("Command", object(&command, &["id", "status"])), ("PendingCommand", object(&pending, &["id", "status"]))]
}

/// What the write itself would have answered: answers keep settings as they are kept, and a picture with its whole product.
pub fn shown(decided: &Decided, picture: Option<ImageId>) -> Value {
    let body = &decided.body;
    if let Some(picture) = picture {
        return pictures::of(body, picture).cloned().unwrap_or_default();
    }
    match body.get("shop_name").map(|_| serde_json::from_value::<Settings>(body.clone())) {
        Some(Ok(settings)) => settings_json(&settings),
        _ => body.clone(),
    }
}
