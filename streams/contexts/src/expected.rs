//! The version that a change is meant for.

use feira_schemas::{
    problem::{Code, Refusal},
    records::common::CommandMeta,
    refusals,
};

/// `If-Match`: refuses a change that is meant for another version.
pub(crate) fn check_version(meta: &CommandMeta, version: i64) -> Result<(), Refusal> {
    match meta.expected_version {
        Some(expected) if expected != version => {
            Err(Refusal::new(Code::VersionMismatch, refusals::other_version(version, expected)))
        }
        _ => Ok(()),
    }
}
