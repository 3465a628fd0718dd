//! The JSON Schemas of plans, kept cards and subscriptions.

use serde_json::{Value, json};

use super::{
    fields::{KEY_CHARS, MONTHS, PLAN_DESCRIPTION, PLAN_NAME, REFERENCE, STATEMENT_DESCRIPTOR, TOKEN_LIFETIME},
    pieces::{buyer, described, nullable, or_null, time_or_null},
    subscription_view::{CARD_STATUSES, PLAN_STATUSES, SUBSCRIPTION_STATUSES},
};
use crate::api::schema::{
    Named, boolean, id, id_or_none, id_or_null, list_of, object, page_of, reference, text, text_or_null, time, whole,
    words,
};

/// The schemas of plans, kept cards and subscriptions.
pub(super) fn subscription_schemas() -> Vec<Named> {
    vec![
        ("PlanBody", plan_body()),
        ("Plan", plan()),
        ("PlanPage", page_of("Plan")),
        ("SavedCardBody", saved_card_body()),
        ("SavedCard", saved_card()),
        ("SubscriptionBody", subscription_body()),
        ("SubscriptionCardBody", card_body()),
        ("Subscription", whole(&[card_fields(), subscription_fields()].concat())),
        ("SubscriptionCard", whole(&card_fields())),
        ("SubscriptionPage", subscription_page()),
    ]
}

/// The account that something is made at.
fn account() -> Value {
    described(id_or_none(), "The account that it is made at; left out, the default.")
}

/// The caller's own id of something.
fn own_reference() -> Value {
    described(REFERENCE.schema(), "Your own id of it.")
}

fn plan_body() -> Value {
    object(
        &[
            ("reference", own_reference()),
            ("account_id", account()),
            ("name", PLAN_NAME.schema()),
            ("description", PLAN_DESCRIPTION.schema()),
            ("price", described(reference("ChargeSum"), "The price of one period.")),
            ("months", described(or_null(MONTHS.schema()), "Months of a period; 1 if left out.")),
            ("statement_descriptor", STATEMENT_DESCRIPTOR.schema()),
        ],
        &["name", "price"],
    )
}

fn plan() -> Value {
    whole(&[
        ("id", id()),
        ("reference", text_or_null()),
        ("name", text()),
        ("description", text()),
        ("price", reference("Money")),
        ("months", MONTHS.schema()),
        ("statement_descriptor", text_or_null()),
        ("status", one_of(&PLAN_STATUSES)),
        ("why", text_or_null()),
        ("account_id", id_or_null()),
        ("remote_id", described(text_or_null(), "The gateway's id of it.")),
        ("errors", list_of(reference("GatewayError"))),
        ("created_at", time()),
        ("updated_at", time()),
    ])
}

fn token() -> Value {
    let what = "The token that the buyer's browser got from the gateway for the card. A card's number or its code are refused.";
    described(words(KEY_CHARS), what)
}

fn lifetime() -> Value {
    described(or_null(TOKEN_LIFETIME.schema()), "Seconds for which the token is still good; 60 if left out.")
}

fn card_body() -> Value {
    let card = "A card that the gateway keeps, at the plan's account; this or `token`.";
    object(
        &[("token", or_null(token())), ("token_lifetime", lifetime()), ("card_id", described(id_or_none(), card))],
        &[],
    )
}

fn saved_card_body() -> Value {
    let buyer = described(reference("ChargeBuyerBody"), "The person or company whose card it is.");
    object(
        &[
            ("reference", own_reference()),
            ("account_id", account()),
            ("token", token()),
            ("token_lifetime", lifetime()),
            ("buyer", buyer),
        ],
        &["token", "buyer"],
    )
}

fn saved_card() -> Value {
    whole(&[
        ("id", id()),
        ("reference", text_or_null()),
        ("status", one_of(&CARD_STATUSES)),
        ("why", text_or_null()),
        ("account_id", id_or_null()),
        ("brand", text_or_null()),
        ("last_four", text_or_null()),
        ("buyer", nullable(buyer())),
        ("erased", erased()),
        ("attempts", list_of(reference("PaymentAttempt"))),
        ("errors", list_of(reference("GatewayError"))),
        ("created_at", time()),
        ("updated_at", time()),
    ])
}

fn subscription_body() -> Value {
    let plan = "The plan. It says the price, the period and the account.";
    object(
        &[
            ("reference", own_reference()),
            ("plan_id", described(id(), plan)),
            ("card", reference("SubscriptionCardBody")),
            ("buyer", reference("ChargeBuyerBody")),
        ],
        &["plan_id", "card", "buyer"],
    )
}

/// The fields of a subscription in a list.
fn card_fields() -> Vec<(&'static str, Value)> {
    let period = whole(&[("begins", time()), ("ends", time())]);
    vec![
        ("id", id()),
        ("reference", text_or_null()),
        ("plan_id", id()),
        ("status", one_of(SUBSCRIPTION_STATUSES)),
        ("why", text_or_null()),
        ("card_id", id_or_null()),
        ("account_id", id_or_null()),
        ("gateway", text_or_null()),
        ("remote_id", text_or_null()),
        ("period", described(nullable(period), "The period that it is in, as the gateway has it.")),
        ("next_billing", described(time_or_null(), "The time at which the gateway charges next.")),
        (
            "end_wanted",
            described(boolean(), "True once it is to end; until it is `ended` the gateway has not confirmed it."),
        ),
        ("created_at", time()),
        ("updated_at", time()),
    ]
}

/// The fields that a subscription has besides.
fn subscription_fields() -> Vec<(&'static str, Value)> {
    let charges = "The ids of its charges, the newest last. Each is a charge like others: read, listed and given back.";
    vec![
        ("charges", described(list_of(id()), charges)),
        ("buyer", nullable(buyer())),
        ("erased", erased()),
        ("attempts", list_of(reference("PaymentAttempt"))),
        ("errors", list_of(reference("GatewayError"))),
    ]
}

fn subscription_page() -> Value {
    let next = "The `after` of the next page; null on the last. A page may hold fewer than `limit` before it: filters look at so many \
                at a time.";
    whole(&[("items", list_of(reference("SubscriptionCard"))), ("next", described(text_or_null(), next))])
}

fn one_of(words: &[&str]) -> Value {
    json!({"type": "string", "enum": words})
}

fn erased() -> Value {
    described(boolean(), "True where the buyer's data was erased: `buyer` is null then.")
}
