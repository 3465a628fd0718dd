//! Callbacks: what proves them, and what they point at.

use feira_connectors::gateway::*;
use hmac::{Hmac, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::given;

fn parse(name: &str, account: &Account, request: CallbackRequest<'_>) -> Result<Callback, CallbackError> {
    let now = given::at(given::NOW);
    given::gateway(name, "http://127.0.0.1:1").parse_callback(account, request, now)
}

fn basic(authorization: Option<&str>, body: &str) -> Result<Callback, CallbackError> {
    let request = CallbackRequest { authorization, signature: None, body: body.as_bytes() };
    parse("pagarme", &given::account(), request)
}

/// `feira:0123456789abcdef` in Base64.
const RIGHT: &str = "Basic ZmVpcmE6MDEyMzQ1Njc4OWFiY2RlZg==";

fn hook(kind: &str, data: Value) -> String {
    json!({
        "id": "hook_RyEKQO789TRpZjv5", "account": {"id": "acc_1", "name": "Loja"}, "type": kind,
        "created_at": "2026-12-01T17:59:58.123Z", "data": data,
    })
    .to_string()
}

#[test]
fn pagarmes_callbacks_point_at_what_they_are_about() {
    let charge = json!({"id": "ch_1", "status": "paid", "order": {"id": "or_1", "code": given::EFFECT}});
    let found = basic(Some(RIGHT), &hook("charge.paid", charge)).unwrap();
    assert_eq!(
        found,
        Callback {
            id: "hook_RyEKQO789TRpZjv5".to_owned(),
            kind: "charge.paid".to_owned(),
            charge: Some("ch_1".to_owned()),
            order: Some("or_1".to_owned()),
            subscription: None,
            code: Some(given::EFFECT.to_owned()),
            tenant: None,
            remote_account: Some("acc_1".to_owned()),
            at: given::at("2026-12-01T17:59:58.123Z"),
        }
    );
    let order = json!({"id": "or_1", "code": "x", "charges": [{"id": "ch_1"}]});
    let found = basic(Some(RIGHT), &hook("order.paid", order)).unwrap();
    assert_eq!((found.order.as_deref(), found.charge.as_deref()), (Some("or_1"), Some("ch_1")));
    let invoice = json!({"id": "in_1", "charge": {"id": "ch_2"}, "subscription": {"id": "sub_1"}});
    let found = basic(Some(RIGHT), &hook("invoice.paid", invoice)).unwrap();
    assert_eq!((found.charge.as_deref(), found.subscription.as_deref()), (Some("ch_2"), Some("sub_1")));
    let marked = json!({"effect_id": given::EFFECT, "tenant": given::tenant().to_string()});
    for (kind, thing) in [
        ("charge.paid", json!({"id": "ch_1", "metadata": marked})),
        ("charge.paid", json!({"id": "ch_1", "metadata": {}, "order": {"id": "or_1", "metadata": marked}})),
        ("order.paid", json!({"id": "or_1", "metadata": marked, "charges": [{"id": "ch_1"}]})),
        ("subscription.canceled", json!({"id": "sub_1", "metadata": marked})),
        ("invoice.paid", json!({"id": "in_1", "subscription": {"id": "sub_1", "metadata": marked}})),
        ("charge.paid", json!({"id": "ch_2", "invoice": {"subscription": {"id": "sub_1", "metadata": marked}}})),
    ] {
        let found = basic(Some(RIGHT), &hook(kind, thing)).unwrap();
        assert_eq!(found.tenant, Some(given::tenant()), "{kind}: whom it was made for");
    }
    let other = json!({"id": "ch_1", "metadata": {"tenant": "another system's"}});
    assert_eq!(basic(Some(RIGHT), &hook("charge.paid", other)).unwrap().tenant, None);
    // A type that nobody knows yet is kept, and means the same: look.
    let found = basic(Some(RIGHT), &hook("charge.dreamt", json!({"id": "ch_3"}))).unwrap();
    assert_eq!((found.kind.as_str(), found.charge.as_deref()), ("charge.dreamt", Some("ch_3")));
}

#[test]
fn pagarmes_callbacks_are_proven_by_user_and_password() {
    let body = hook("charge.paid", json!({"id": "ch_1"}));
    assert!(basic(Some(&RIGHT.replace("Basic", "basic")), &body).is_ok());
    for wrong in [
        None,
        Some(""),
        Some("Basic"),
        Some("Basic "),
        Some("Basic ZmVpcmE6MDEyMzQ1Njc4OWFiY2RlZA=="),
        Some("Basic ZmVpcmE="),
        Some("Basic ?"),
        Some("Bearer ZmVpcmE6MDEyMzQ1Njc4OWFiY2RlZg=="),
        Some("ZmVpcmE6MDEyMzQ1Njc4OWFiY2RlZg=="),
    ] {
        assert_eq!(basic(wrong, &body), Err(CallbackError::NotProven), "{wrong:?}");
    }
    // An account without a password takes none.
    let open = Account { callback_secret: "".into(), ..given::account() };
    for authorization in [None, Some("Basic ")] {
        let request = CallbackRequest { authorization, signature: None, body: body.as_bytes() };
        assert_eq!(parse("pagarme", &open, request), Err(CallbackError::NotProven));
    }
    for unreadable in ["", "{", "[]", "{\"id\": 5}", "{\"id\": \"hook_1\"}"] {
        assert_eq!(basic(Some(RIGHT), unreadable), Err(CallbackError::Unreadable), "{unreadable}");
    }
}

const SECRET: &str = "whsec_test_secret";

fn signed(secret: &str, time: i64, body: &str) -> String {
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    let mac = mac.chain_update(format!("{time}.{body}"));
    hex::encode(mac.finalize().into_bytes())
}

fn stripe(signature: &str, body: &str) -> Result<Callback, CallbackError> {
    let account = Account { callback_secret: SECRET.into(), ..given::account() };
    let request = CallbackRequest { authorization: None, signature: Some(signature), body: body.as_bytes() };
    parse("stripe", &account, request)
}

#[test]
fn stripes_callbacks_point_at_what_they_are_about() {
    let now = given::at(given::NOW) / 1_000_000;
    let of = |kind: &str, object: Value| {
        let body =
            json!({"id": "evt_1", "type": kind, "created": now, "account": "acct_1", "data": {"object": object}});
        let body = body.to_string();
        stripe(&format!("t={now},v1={}", signed(SECRET, now, &body)), &body).unwrap()
    };
    let marked = json!({"effect_id": given::EFFECT, "tenant": given::tenant().to_string()});
    let paid = of("payment_intent.succeeded", json!({"object": "payment_intent", "id": "pi_1", "metadata": marked}));
    assert_eq!(
        (paid.id.as_str(), paid.charge.as_deref(), paid.code.as_deref(), paid.tenant),
        ("evt_1", Some("pi_1"), Some(given::EFFECT), Some(given::tenant()))
    );
    let details = json!({"subscription": "sub_1", "metadata": marked});
    let billed = json!({"type": "subscription_details", "subscription_details": details});
    let billed = of("invoice.paid", json!({"object": "invoice", "id": "in_1", "parent": billed}));
    assert_eq!((billed.tenant, billed.subscription.as_deref()), (Some(given::tenant()), Some("sub_1")));
    assert_eq!((paid.at, paid.remote_account.as_deref()), (given::at(given::NOW), Some("acct_1")));
    for (kind, object) in
        [("charge.refunded", "charge"), ("charge.dispute.created", "dispute"), ("refund.updated", "refund")]
    {
        let found = of(kind, json!({"object": object, "id": "x_1", "payment_intent": "pi_2"}));
        assert_eq!(found.charge.as_deref(), Some("pi_2"), "{kind}");
    }
    let invoice = of(
        "invoice.paid",
        json!({"object": "invoice", "id": "in_1", "payment_intent": "pi_3", "subscription": "sub_1"}),
    );
    assert_eq!((invoice.charge.as_deref(), invoice.subscription.as_deref()), (Some("pi_3"), Some("sub_1")));
    let ended = of("customer.subscription.deleted", json!({"object": "subscription", "id": "sub_2"}));
    assert_eq!((ended.charge, ended.subscription.as_deref(), ended.tenant), (None, Some("sub_2"), None));
}

/// The vector was made with OpenSSL: `printf '%s.%s' 1796148000 "$body" | openssl dgst -sha256 -hmac whsec_test_secret`.
#[test]
fn a_signature_of_scheme_v1_is_the_hmac_of_time_and_body() {
    let body = r#"{"id":"evt_1","type":"payment_intent.succeeded"}"#;
    let signature = "601e6bac8a7146352d19586a033e806ebd8cbd9cc1ba91e6d71e880b514d5284";
    assert_eq!(given::at(given::NOW), 1_796_148_000_000_000);
    assert_eq!(stripe(&format!("t=1796148000,v1={signature}"), body).map(|found| found.id), Ok("evt_1".to_owned()));
}

#[test]
fn stripes_callbacks_are_proven_by_a_signature_of_the_last_five_minutes() {
    let body = json!({"id": "evt_1", "type": "x"}).to_string();
    let now = given::at(given::NOW) / 1_000_000;
    let right = |time: i64| signed(SECRET, time, &body);
    for good in [
        format!("t={now},v1={}", right(now)),
        format!("t={now}, v1={}", right(now).to_uppercase()),
        format!("v0=00,v1={},t={now}", right(now)),
        // Two while the secret is changed.
        format!("t={now},v1={},v1={}", signed("whsec_other", now, &body), right(now)),
        format!("t={},v1={}", now - 300, right(now - 300)),
        format!("t={},v1={}", now + 300, right(now + 300)),
    ] {
        assert!(stripe(&good, &body).is_ok(), "{good}");
    }
    for wrong in [
        String::new(),
        "t=,v1=".to_owned(),
        format!("v1={}", right(now)),
        format!("t={now}"),
        format!("t={now},v1="),
        format!("t={now},v0={}", right(now)),
        format!("t={now},v1={}", signed("whsec_other", now, &body)),
        format!("t={now},v1={}", &right(now)[..62]),
        format!("t={now},v1={}", right(now - 1)),
        format!("t={},v1={}", now - 301, right(now - 301)),
        format!("t={},v1={}", now + 301, right(now + 301)),
        format!("t=-9223372036854775808,v1={}", right(i64::MIN)),
        format!("t={now},v1={}", right(now).replace(|_| true, "z")),
    ] {
        assert_eq!(stripe(&wrong, &body), Err(CallbackError::NotProven), "{wrong}");
    }
    let changed = body.replace("evt_1", "evt_2");
    assert_eq!(stripe(&format!("t={now},v1={}", right(now)), &changed), Err(CallbackError::NotProven));
    // An account without a secret takes none.
    let open = Account { callback_secret: "".into(), ..given::account() };
    let signature = format!("t={now},v1={}", signed("", now, &body));
    let request = CallbackRequest { authorization: None, signature: Some(&signature), body: body.as_bytes() };
    assert_eq!(parse("stripe", &open, request), Err(CallbackError::NotProven));
    let unreadable = format!("t={now},v1={}", signed(SECRET, now, "{}"));
    assert_eq!(stripe(&unreadable, "{}"), Err(CallbackError::Unreadable));
}

#[test]
fn each_gateway_names_the_header_that_it_signs_in() {
    let header = |name: &str| given::gateway(name, "http://127.0.0.1:1").signature_header();
    assert_eq!((header("pagarme"), header("stripe")), (None, Some("stripe-signature")));
}
