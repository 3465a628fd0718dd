//! The parameters that each call may have: another one is an error, as it is with Stripe.

use serde_json::{Map, Value};

use super::answer::Refused;

/// What every list takes.
const PAGE: [&str; 5] = ["limit", "starting_after", "ending_before", "created", "expand"];

/// The form, if the call knows all of its names.
pub(super) fn check(method: &str, path: &[&str], form: Map<String, Value>) -> Result<Map<String, Value>, Refused> {
    let known = of(method, path);
    let is_list = method == "GET" && (path.len() == 1 || path.last() == Some(&"payment_methods"));
    let knows = |name: &&String| {
        name.as_str() == "expand" || known.contains(&name.as_str()) || (is_list && PAGE.contains(&name.as_str()))
    };
    match form.keys().find(|name| !knows(name)) {
        Some(name) => Err(Refused::unknown_parameter(name)),
        None => Ok(form),
    }
}

fn of(method: &str, path: &[&str]) -> &'static [&'static str] {
    match (method, path) {
        ("POST", ["tokens"]) => &["card"],
        ("POST", ["customers", ..]) if path.len() < 3 => {
            &["name", "email", "phone", "description", "address", "payment_method", "invoice_settings", "metadata"]
        }
        ("GET", ["customers"]) => &["email"],
        ("POST", ["payment_methods"]) => &["type", "card", "pix", "boleto", "billing_details", "metadata"],
        ("POST", ["payment_methods", _, "attach"]) => &["customer"],
        ("GET", ["payment_methods"] | ["customers", _, "payment_methods"]) => &["customer", "type"],
        ("POST", ["payment_intents"] | ["payment_intents", _] | ["payment_intents", _, "confirm"]) => &[
            "amount",
            "currency",
            "confirm",
            "customer",
            "payment_method",
            "payment_method_data",
            "payment_method_types",
            "payment_method_options",
            "automatic_payment_methods",
            "capture_method",
            "description",
            "error_on_requires_action",
            "statement_descriptor",
            "statement_descriptor_suffix",
            "receipt_email",
            "setup_future_usage",
            "metadata",
            "off_session",
            "return_url",
        ],
        ("POST", ["payment_intents", _, "capture"]) => &["amount_to_capture"],
        ("POST", ["payment_intents", _, "cancel"]) => &["cancellation_reason"],
        ("GET", ["payment_intents"]) => &["customer"],
        ("GET", ["payment_intents", "search"]) => &["query", "limit", "page"],
        ("POST", ["refunds"]) => &["charge", "payment_intent", "amount", "reason", "metadata"],
        ("POST", ["refunds", _]) => &["metadata"],
        ("GET", ["refunds" | "disputes"]) => &["charge", "payment_intent"],
        ("GET", ["charges"]) => &["customer", "payment_intent"],
        ("GET", ["events"]) => &["type", "types"],
        ("POST", ["products", ..]) => &["id", "name", "description", "active", "metadata"],
        ("GET", ["products"]) => &["active"],
        ("POST", ["prices", ..]) => &[
            "product",
            "product_data",
            "currency",
            "unit_amount",
            "recurring",
            "nickname",
            "lookup_key",
            "active",
            "metadata",
        ],
        ("GET", ["prices"]) => &["product", "active", "lookup_keys"],
        ("POST", ["subscriptions"]) => &[
            "customer",
            "items",
            "default_payment_method",
            "collection_method",
            "trial_period_days",
            "trial_end",
            "cancel_at_period_end",
            "payment_behavior",
            "metadata",
            "off_session",
        ],
        ("POST", ["subscriptions", _]) => &["default_payment_method", "cancel_at_period_end", "metadata"],
        ("GET", ["subscriptions"]) => &["customer", "status", "price"],
        ("DELETE", ["subscriptions", _]) => &["invoice_now", "prorate"],
        ("GET", ["invoices"]) => &["customer", "subscription", "status"],
        ("POST", ["invoices", _, "pay"]) => &["payment_method", "off_session"],
        _ => &[],
    }
}
