//! Refusals, with the vendor's statuses and its form of their bodies.

use std::collections::BTreeMap;

use http::{HeaderValue, StatusCode, header};
use serde_json::json;

use crate::exchange::Reply;

/// The errors of a body, by the path of their field.
pub(super) type Errors = BTreeMap<String, Vec<String>>;

/// A refusal.
#[derive(Debug)]
pub(super) struct Refused {
    pub(super) status: StatusCode,
    pub(super) message: String,
    pub(super) errors: Errors,
    pub(super) retry_after: Option<u32>,
}

impl Refused {
    /// 400: no JSON, or no body of an object.
    pub(super) fn bad_request(message: impl Into<String>) -> Self {
        Self::of(StatusCode::BAD_REQUEST, message)
    }

    /// 401: no key, or none that is known.
    pub(super) fn unauthorized() -> Self {
        Self::of(StatusCode::UNAUTHORIZED, "Authorization has been denied for this request.")
    }

    /// 403: a browser's origin that the merchant has not registered.
    pub(super) fn forbidden(message: impl Into<String>) -> Self {
        Self::of(StatusCode::FORBIDDEN, message)
    }

    /// 404: no such thing of this account.
    pub(super) fn not_found(what: &str) -> Self {
        Self::of(StatusCode::NOT_FOUND, format!("{what} not found."))
    }

    /// 412: well formed, and not to be done as things are.
    pub(super) fn rule(message: impl Into<String>) -> Self {
        Self::of(StatusCode::PRECONDITION_FAILED, message)
    }

    /// 422: the body does not keep the contract.
    pub(super) fn contract(errors: Errors) -> Self {
        Self { errors, ..Self::of(StatusCode::UNPROCESSABLE_ENTITY, "The request is invalid.") }
    }

    /// 422 for one field.
    pub(super) fn field(path: &str, text: impl Into<String>) -> Self {
        Self::contract(Errors::from([(path.to_owned(), vec![text.into()])]))
    }

    /// 429: too many calls in this minute.
    pub(super) fn too_many(retry_after: u32) -> Self {
        let refused = Self::of(StatusCode::TOO_MANY_REQUESTS, "Too many requests.");
        Self { retry_after: Some(retry_after), ..refused }
    }

    /// 500, as was ordered.
    pub(super) fn internal() -> Self {
        Self::of(StatusCode::INTERNAL_SERVER_ERROR, "Internal server error.")
    }

    fn of(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into(), errors: Errors::new(), retry_after: None }
    }

    pub(super) fn reply(self) -> Reply {
        let reply = Reply::json(self.status, &json!({"message": self.message, "errors": self.errors}));
        match self.retry_after {
            Some(seconds) => reply.with(header::RETRY_AFTER, HeaderValue::from(seconds)),
            None => reply,
        }
    }
}
