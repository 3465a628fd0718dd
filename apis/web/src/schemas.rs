//! Schemas that every resource uses; those of a resource stand beside its body in `feira_schemas::api`, or in its file.

pub use feira_schemas::api::schema::{
    Named, id, id_or_null, list_of, object, page_of, reference, reference_or_null, text, text_or_null, time, version,
    whole, words,
};
use feira_schemas::{money::Money, problem::Code};
use serde_json::json;

/// The schemas that all APIs share.
pub fn common() -> Vec<Named> {
    let code = json!({"type": "string", "enum": CODES.as_slice()});
    vec![
        ("Html", json!({"type": "string"})),
        ("Form", json!({"type": "object", "additionalProperties": {"type": "string"}})),
        ("Text", json!({"type": "string"})),
        ("Image", json!({"type": "string", "minLength": 1, "contentEncoding": "binary"})),
        ("Code", code),
        (
            "Problem",
            object(
                &[
                    ("type", json!({"type": "string", "format": "uri"})),
                    ("title", text()),
                    ("status", json!({"type": "integer", "minimum": 400, "maximum": 599})),
                    (
                        "detail",
                        json!({"type": "string", "description": "What is wrong and what to do, in Portuguese."}),
                    ),
                    ("code", reference("Code")),
                    ("errors", list_of(reference("FieldError"))),
                ],
                &["type", "title", "status", "detail", "code", "errors"],
            ),
        ),
        (
            "FieldError",
            object(
                &[
                    (
                        "pointer",
                        json!({
                            "type": "string",
                            "description": "JSON Pointer (RFC 6901) to what is wrong: into the body, or below `/query` and `/headers`.",
                        }),
                    ),
                    ("code", reference("Code")),
                    ("detail", text()),
                    (
                        "type",
                        json!({"type": "string", "description": "Of a payment gateway's refusal: the kind of what is wrong."}),
                    ),
                    (
                        "parameter_name",
                        json!({
                            "type": ["string", "null"],
                            "description": "Of a payment gateway's refusal: the field that it is about, as the gateway names it.",
                        }),
                    ),
                    (
                        "message",
                        json!({
                            "type": ["string", "null"],
                            "description": "Of a payment gateway's refusal: the gateway's own sentence.",
                        }),
                    ),
                ],
                &["pointer", "code", "detail"],
            ),
        ),
        (
            "Money",
            object(
                &[
                    ("amount", json!({"type": "integer", "minimum": 0, "maximum": Money::MAX_AMOUNT})),
                    ("currency", json!({"type": "string", "enum": ["BRL"]})),
                ],
                &["amount", "currency"],
            ),
        ),
    ]
}

/// The closed list of codes.
const CODES: [Code; 43] = [
    Code::Malformed,
    Code::Invalid,
    Code::Required,
    Code::TooLong,
    Code::OutOfRange,
    Code::Duplicate,
    Code::UnknownReference,
    Code::NotFound,
    Code::MethodNotAllowed,
    Code::Unauthorized,
    Code::Forbidden,
    Code::SlugTaken,
    Code::NameReserved,
    Code::NameTaken,
    Code::CategoryInUse,
    Code::VersionMismatch,
    Code::IdempotencyMismatch,
    Code::IdempotencyInProgress,
    Code::StockBelowZero,
    Code::ShopSuspended,
    Code::ShopClosed,
    Code::Stale,
    Code::BadCursor,
    Code::BadPosition,
    Code::TooLarge,
    Code::UnsupportedMedia,
    Code::LimitReached,
    Code::PlanLimit,
    Code::InvalidGateway,
    Code::NoAccount,
    Code::PaymentState,
    Code::GatewayRefused,
    Code::EmailTaken,
    Code::LastAdministrator,
    Code::LinkSpent,
    Code::StaffDisabled,
    Code::NotGranted,
    Code::TooLate,
    Code::TooManyRequests,
    Code::Unavailable,
    Code::CommandFailed,
    Code::Internal,
    Code::Unknown,
];
