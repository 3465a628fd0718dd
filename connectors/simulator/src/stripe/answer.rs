//! Refusals, in Stripe's form.

use http::{HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use crate::{core::refusal::Reason, exchange::Reply};

/// A refusal: its status, and what stands under `error`.
#[derive(Debug)]
pub(super) struct Refused {
    pub(super) status: StatusCode,
    pub(super) error: Value,
    pub(super) retry_after: Option<u32>,
}

impl Refused {
    /// 400: a parameter is wrong, or missing.
    pub(super) fn invalid(message: impl Into<String>, param: Option<&str>) -> Self {
        Self::of(StatusCode::BAD_REQUEST, "invalid_request_error", None, message).with("param", json!(param))
    }

    /// 400 with a code of Stripe's list.
    pub(super) fn coded(code: &str, message: impl Into<String>) -> Self {
        Self::of(StatusCode::BAD_REQUEST, "invalid_request_error", Some(code), message)
    }

    /// 400: a parameter that is not known.
    pub(super) fn unknown_parameter(name: &str) -> Self {
        Self::coded("parameter_unknown", format!("Received unknown parameter: {name}")).with("param", json!(name))
    }

    /// 400: a parameter that must be there.
    pub(super) fn missing(name: &str) -> Self {
        Self::coded("parameter_missing", format!("Missing required param: {name}.")).with("param", json!(name))
    }

    /// 401: no key, or none that is known.
    pub(super) fn unauthorized() -> Self {
        Self::of(StatusCode::UNAUTHORIZED, "invalid_request_error", None, "Invalid API Key provided.")
    }

    /// 404: no such thing of this account.
    pub(super) fn not_found(what: &str, id: &str) -> Self {
        let message = format!("No such {what}: '{id}'");
        let refused = Self::of(StatusCode::NOT_FOUND, "invalid_request_error", Some("resource_missing"), message);
        refused.with("param", json!("id"))
    }

    /// 402: the card was declined.
    pub(super) fn declined(reason: Reason) -> Self {
        let (code, decline) = codes_of(reason);
        let refused = Self::of(StatusCode::PAYMENT_REQUIRED, "card_error", Some(code), reason.message());
        refused.with("decline_code", json!(decline))
    }

    /// 400: the same key for another request.
    pub(super) fn other_request() -> Self {
        let message =
            "Keys for idempotent requests can only be used with the same parameters they were first used with.";
        Self::of(StatusCode::BAD_REQUEST, "idempotency_error", None, message)
    }

    /// 429: too many calls.
    pub(super) fn too_many(retry_after: u32) -> Self {
        let refused =
            Self::of(StatusCode::TOO_MANY_REQUESTS, "invalid_request_error", Some("rate_limit"), "Too many requests.");
        Self { retry_after: Some(retry_after), ..refused }
    }

    /// 500, as was ordered.
    pub(super) fn internal() -> Self {
        Self::of(StatusCode::INTERNAL_SERVER_ERROR, "api_error", None, "An unknown error occurred.")
    }

    fn of(status: StatusCode, kind: &str, code: Option<&str>, message: impl Into<String>) -> Self {
        let mut error = json!({"type": kind, "message": message.into()});
        if let Some(code) = code {
            error["code"] = json!(code);
        }
        Self { status, error, retry_after: None }
    }

    /// This refusal with another field under `error`.
    pub(super) fn with(mut self, name: &str, value: Value) -> Self {
        self.error[name] = value;
        self
    }

    pub(super) fn reply(self) -> Reply {
        let reply = Reply::json(self.status, &json!({"error": self.error}));
        match self.retry_after {
            Some(seconds) => reply.with(header::RETRY_AFTER, HeaderValue::from(seconds)),
            None => reply,
        }
    }
}

/// The code of an error, and the code of the decline.
pub(super) fn codes_of(reason: Reason) -> (&'static str, &'static str) {
    match reason {
        Reason::NotAuthorized => ("card_declined", "generic_decline"),
        Reason::InsufficientFunds => ("card_declined", "insufficient_funds"),
        Reason::Expired => ("expired_card", "expired_card"),
        Reason::Lost => ("card_declined", "lost_card"),
        Reason::Fraud => ("card_declined", "fraudulent"),
        Reason::ProviderAway => ("processing_error", "processing_error"),
        Reason::RanOut => ("payment_intent_payment_attempt_expired", "expired"),
    }
}
