//! Why a request was refused: one closed list of codes, shared by decisions, results and HTTP (RFC 9457's `code`).

use std::fmt;

use serde::{Deserialize, Serialize};

/// The closed list. A code's name is part of the contract: clients switch on it, so none ever changes its meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// The body is not JSON, or has an unknown or wrongly typed field.
    Malformed,
    /// A field breaks a rule; `errors` says which.
    Invalid,
    /// A field that must be there is not.
    Required,
    /// A text, list or body is longer than its limit.
    TooLong,
    /// A number is outside its limits.
    OutOfRange,
    /// Two entries that must differ are the same.
    Duplicate,
    /// A named thing does not exist in this shop.
    UnknownReference,
    /// The thing at this address does not exist.
    NotFound,
    /// The address exists, but not with this method.
    MethodNotAllowed,
    /// Missing or bad credential.
    Unauthorized,
    /// The credential does not allow this.
    Forbidden,
    /// The slug belongs to another product or category of the shop.
    SlugTaken,
    /// The sub-domain is on the reserved list.
    NameReserved,
    /// The sub-domain belongs to another shop.
    NameTaken,
    /// The category still has sub-categories or products.
    CategoryInUse,
    /// `If-Match` names another version than the present one.
    VersionMismatch,
    /// An `Idempotency-Key` came again, with another body.
    IdempotencyMismatch,
    /// A command with this `Idempotency-Key` is still being decided.
    IdempotencyInProgress,
    /// Stock can't go below zero.
    StockBelowZero,
    /// The shop is not active.
    ShopSuspended,
    /// The shop is closed for good.
    ShopClosed,
    /// A list, search or suggestion has not yet caught up with `Feira-At-Least`.
    Stale,
    /// The `after` of a list is not one that this list gave.
    BadCursor,
    /// `Feira-At-Least` is not a position.
    BadPosition,
    /// Body, image or record over its limit (413).
    TooLarge,
    /// The image is of no kind that is accepted, or is broken.
    UnsupportedMedia,
    /// The shop has as many of it as it may have.
    LimitReached,
    /// The shop has as many of it as its plan allows: another plan has room for more.
    PlanLimit,
    /// There is no payment gateway of this name.
    InvalidGateway,
    /// The shop has no account at a gateway that takes this charge.
    NoAccount,
    /// The state of the charge or refund does not allow this.
    PaymentState,
    /// The gateway refused it.
    GatewayRefused,
    /// The e-mail address belongs to another member of the staff.
    EmailTaken,
    /// Nobody would be left who may do everything.
    LastAdministrator,
    /// The link was used, or another one was after it.
    LinkSpent,
    /// The member of staff is disabled.
    StaffDisabled,
    /// No attempt may be made now: another one is under way, or what became of one is not known.
    NotGranted,
    /// The command was decided after the time until which its asker waits; nothing was charged.
    TooLate,
    /// Too many commands of this shop in flight (429).
    TooManyRequests,
    /// The log or the state can't be reached; repeat with the same key (503).
    Unavailable,
    /// A command could not be decided because of a fault of ours; it is kept as a dead letter.
    CommandFailed,
    /// A fault of ours.
    Internal,
    /// A code of a later version.
    #[serde(other)]
    Unknown,
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

/// A field of a body that is wrong, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    /// JSON Pointer (RFC 6901) into the body: `/variants/0/price`.
    pub pointer: String,
    /// The code from the closed list.
    pub code: Code,
    /// The sentence for the merchant (pt-BR): what is wrong and what to do.
    pub detail: String,
}

impl FieldError {
    /// An error at a pointer.
    pub fn new(pointer: impl Into<String>, code: Code, detail: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), code, detail: detail.into() }
    }
}

/// A refusal: an answer, never an error of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The code from the closed list.
    pub code: Code,
    /// pt-BR.
    pub detail: String,
    /// The errors of fields, where fields are to blame.
    pub errors: Vec<FieldError>,
}

impl Refusal {
    /// A refusal that no single field is to blame for.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), errors: Vec::new() }
    }

    /// A body with wrong fields.
    pub fn fields(errors: Vec<FieldError>) -> Self {
        let detail = match errors.as_slice() {
            [one] => one.detail.clone(),
            many => format!("{} campos precisam de correção.", many.len()),
        };
        Self { code: Code::Invalid, detail, errors }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_written_in_snake_case() {
        assert_eq!(Code::NameReserved.to_string(), "name_reserved");
        assert_eq!(serde_json::from_str::<Code>("\"a_later_code\"").unwrap(), Code::Unknown);
    }
}
