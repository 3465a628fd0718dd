//! The bodies that an operator sends about dead letters: which are put back, and why one is set aside.

use serde::Deserialize;
use serde_json::json;

use super::{
    rules::{Errors, Text},
    schema::{Named, object, text_or_null},
};
use crate::{groups, problem::FieldError};

/// Why a letter is not needed: it is read by who looks for it later.
const REASON: Text = Text::words("O motivo", 1_000);

/// The dead letters to put back.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReplayBody {
    /// Only those of this consumer group; `None` for all.
    #[serde(default)]
    pub group: Option<String>,
}

/// Why a letter is set aside.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DiscardBody {
    /// Words; the letter keeps them.
    pub reason: String,
}

/// The reason that a body gives, or what is wrong with it.
pub fn discard_reason(body: DiscardBody) -> Result<String, Vec<FieldError>> {
    let mut errors = Errors::default();
    REASON.check(&mut errors, "/reason", Some(&body.reason));
    errors.or(body.reason)
}

/// The schemas of what is written: `Replay` and `Discard`.
pub fn schemas() -> Vec<Named> {
    let groups: Vec<Option<&str>> = groups::NAMES.into_iter().map(Some).chain([None]).collect();
    let mut group = text_or_null();
    group["enum"] = json!(groups);
    vec![("Replay", object(&[("group", group)], &[])), ("Discard", object(&[("reason", REASON.schema())], &["reason"]))]
}
