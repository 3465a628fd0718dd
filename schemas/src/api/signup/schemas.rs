//! The JSON Schemas of sign-up's bodies and answers.

use serde_json::{Value, json};

use super::{
    rules::{
        DESCRIPTION, FEATURE, FEATURES, METHOD_LIST, METHODS, MONTHS, NAME, POSITION, PRODUCTS, SMALLEST_PRICE, STAFF,
    },
    view::{PLAN_STATUSES, REMOTE_STATUSES},
};
use crate::{
    api::schema::{
        Named, id, id_or_null, list_of, object, page_of, reference, reference_or_null, text, text_or_null, time,
        version, whole,
    },
    money::Money,
};

/// The schemas of the operator's routes for plans.
pub fn operator_schemas() -> Vec<Named> {
    let again = json!({
        "type": ["string", "null"],
        "format": "date-time",
        "description": "When it is asked for once more; null if it is not.",
    });
    let remote = whole(&[
        ("payments_plan_id", id()),
        ("status", one_of(&REMOTE_STATUSES)),
        ("price", reference("Money")),
        ("months", months()),
        ("account_id", id_or_null()),
        ("remote_id", text_or_null()),
        ("why", text_or_null()),
        ("detail", text_or_null()),
        ("errors", list_of(reference("GatewayError"))),
        ("asked_at", time()),
        ("asked_again_at", again),
    ]);
    let offered = json!({"type": "boolean", "description": "True if people can subscribe to it now."});
    let mut plan = vec![("id", id()), ("version", version())];
    plan.extend(said());
    plan.extend([
        ("price", reference("Money")),
        ("months", months()),
        ("limits", reference("PlatformPlanLimits")),
        ("status", one_of(PLAN_STATUSES)),
        ("position", POSITION.schema()),
        ("methods", methods()),
        ("offered", offered),
        ("gateway_plan", reference_or_null("PlatformGatewayPlan")),
        ("earlier_gateway_plans", list_of(reference("PlatformGatewayPlan"))),
        ("created_at", time()),
        ("changed_at", time()),
    ]);
    vec![
        ("PlatformPlanBody", object(&written(), &["name", "price", "months", "methods"])),
        ("PlatformPlanPatch", object(&written(), &[])),
        ("PlatformPlanPrice", price()),
        ("PlatformPlan", whole(&plan)),
        ("PlatformPlanPage", page_of("PlatformPlan")),
        ("PlatformGatewayPlan", remote),
    ]
}

/// The schemas of plans as they are offered to everybody, and of the limits that operators see as well.
pub fn offered_schemas() -> Vec<Named> {
    let mut offered = vec![("id", id())];
    offered.extend(said());
    offered.extend([
        ("price", reference("Money")),
        ("months", months()),
        ("limits", reference("PlatformPlanLimits")),
        ("methods", methods()),
    ]);
    vec![
        ("OfferedPlan", whole(&offered)),
        ("OfferedPlanList", whole(&[("items", list_of(reference("OfferedPlan")))])),
        ("PlatformPlanLimits", whole(&limits())),
    ]
}

/// Name, description and what is in a plan.
fn said() -> [(&'static str, Value); 3] {
    [("name", text()), ("description", text()), ("features", list_of(text()))]
}

fn written() -> Vec<(&'static str, Value)> {
    let mut methods = METHOD_LIST.schema(method());
    methods["minItems"] = json!(1);
    vec![
        ("name", NAME.schema()),
        ("description", DESCRIPTION.schema()),
        ("features", FEATURES.schema(FEATURE.schema())),
        ("price", reference("PlatformPlanPrice")),
        ("months", months()),
        ("limits", object(&limits(), &[])),
        ("status", one_of(PLAN_STATUSES)),
        ("position", POSITION.schema()),
        ("methods", methods),
    ]
}

/// Money from the smallest price of a plan on.
fn price() -> Value {
    object(
        &[
            ("amount", json!({"type": "integer", "minimum": SMALLEST_PRICE, "maximum": Money::MAX_AMOUNT})),
            ("currency", json!({"type": "string", "enum": ["BRL"]})),
        ],
        &["amount", "currency"],
    )
}

fn limits() -> [(&'static str, Value); 2] {
    [("products", PRODUCTS.schema_or_null()), ("staff", STAFF.schema_or_null())]
}

fn months() -> Value {
    json!({"type": "integer", "enum": MONTHS})
}

fn methods() -> Value {
    list_of(method())
}

fn method() -> Value {
    one_of(&METHODS.map(|(_, word)| word))
}

fn one_of(words: &[&str]) -> Value {
    json!({"type": "string", "enum": words})
}
