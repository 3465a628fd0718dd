//! The entity of an event that answers without a change: told also of events of before, which did not name it.

use feira_schemas::{
    api::{settings::settings_json, tenant::tenant_json},
    records::{
        admin::{
            Settings, Tenant,
            entity::{CATEGORY, PRODUCT, SETTINGS, TENANT},
        },
        common::CommandAnswered,
        store::entity::STOCK,
    },
};
use serde_json::Value;

/// The kind of the entity that the event shows, and the entity as the API gives it.
///
/// An event of before has its entity told by the fields that no other has, and settings and shops are brought from how they were
/// kept to how the API gives them. Where that can't be told the body stays as it is, of no kind.
pub fn entity_and_body(event: &CommandAnswered) -> (Option<String>, Option<String>) {
    match (&event.entity, &event.body) {
        (None, Some(body)) => match of_before(body) {
            Some((entity, body)) => (Some(entity.to_owned()), Some(body)),
            None => (None, Some(body.clone())),
        },
        (entity, body) => (entity.clone(), body.clone()),
    }
}

fn of_before(body: &str) -> Option<(&'static str, String)> {
    let json: Value = serde_json::from_str(body).ok()?;
    let has = |field: &str| json.get(field).is_some();
    if has("shop_name") {
        let settings: Settings = serde_json::from_value(json).ok()?;
        return Some((SETTINGS, settings_json(&settings).to_string()));
    }
    if has("subdomain") {
        let tenant: Tenant = serde_json::from_value(json).ok()?;
        return Some((TENANT, tenant_json(&tenant).to_string()));
    }
    let others = [("on_hand", STOCK), ("variants", PRODUCT), ("parent_id", CATEGORY)];
    others.into_iter().find(|(field, _)| has(field)).map(|(_, entity)| (entity, body.to_owned()))
}
