//! The JSON Schemas of subscriptions to plans of the platform.

use serde_json::{Value, json};

use super::subscription::{INVOICE_STATUSES, METHOD_WORDS, PAYMENT_STATUSES, SUBSCRIPTION_STATUSES};
use crate::api::{
    payments::buyer_schema,
    schema::{
        Named, boolean, id, id_or_null, list_of, reference, reference_or_null, text, text_or_null, time,
        uncounted_page_of, version, whole,
    },
};

/// The schemas of the operator's routes for subscriptions.
pub fn subscription_schemas() -> Vec<Named> {
    let mut subscription = card();
    subscription.extend([
        ("limits", reference("PlatformPlanLimits")),
        ("gateway", text()),
        ("account_id", id()),
        ("subscriber", json!({"anyOf": [buyer_schema(), {"type": "null"}]})),
        (
            "erased",
            json!({"type": "boolean", "description": "True where what the subscriber typed was erased: `subscriber` is null then."}),
        ),
        ("payment", payment()),
        ("period", reference_or_null("PlatformPeriod")),
        ("invoices", list_of(reference("PlatformInvoice"))),
        ("accepted", json!({"type": "string", "description": "The version of terms and privacy notice."})),
        ("accepted_at", time()),
        ("held_until", time_or_null("The time until which the shop's name is held at least; null while it is not.")),
    ]);
    vec![
        ("PlatformSubscriptionCard", whole(&card())),
        ("PlatformSubscription", whole(&subscription)),
        ("PlatformSubscriptionPage", uncounted_page_of("PlatformSubscriptionCard")),
        ("PlatformPeriod", period()),
        ("PlatformInvoice", invoice()),
    ]
}

fn card() -> Vec<(&'static str, Value)> {
    vec![
        ("id", id()),
        ("tenant_id", json!({"type": "string", "format": "uuid", "description": "The shop that it is for."})),
        ("version", version()),
        ("status", one_of(SUBSCRIPTION_STATUSES)),
        ("shop_name", text()),
        ("subdomain", text()),
        ("plan_id", id()),
        ("plan_name", text()),
        ("price", reference("Money")),
        ("months", number()),
        ("method", one_of(&METHOD_WORDS)),
        ("simulated", boolean()),
        ("created_at", time()),
        ("changed_at", time()),
    ]
}

fn payment() -> Value {
    whole(&[
        ("attempt", number()),
        ("method", one_of(&METHOD_WORDS)),
        ("status", one_of(&PAYMENT_STATUSES)),
        ("charge_id", id_or_null()),
        ("subscription_id", id_or_null()),
        ("due", text_or_null()),
        ("pix_until", time_or_null("The time until which the Pix code can be paid.")),
        ("why", text_or_null()),
        ("errors", list_of(reference("GatewayError"))),
    ])
}

fn period() -> Value {
    whole(&[("number", number()), ("first_day", text()), ("next_day", text()), ("anchor_day", number())])
}

fn invoice() -> Value {
    whole(&[
        ("id", id()),
        ("version", version()),
        ("number", number()),
        ("status", one_of(&INVOICE_STATUSES)),
        ("amount", reference("Money")),
        ("method", one_of(&METHOD_WORDS)),
        ("charge_id", id_or_null()),
        ("created_at", time()),
        ("paid_at", time_or_null("The time at which it was paid; null until then.")),
    ])
}

fn number() -> Value {
    json!({"type": "integer", "minimum": 1})
}

fn one_of(words: &[&str]) -> Value {
    json!({"type": "string", "enum": words})
}

fn time_or_null(what: &str) -> Value {
    json!({"type": ["string", "null"], "format": "date-time", "description": what})
}
