//! A form of an entity that is kept whole, as it is shown: as what is kept fills it, or again as it was sent.

use feira_schemas::problem::Code;
use feira_web::{problem::Problem, routing::Request, sessions::VERSION_FIELD};
use http::StatusCode;

use crate::frame::Wrong;

/// A form, filled.
pub(crate) struct Filled<T> {
    /// The status of the page that shows it.
    pub code: StatusCode,
    pub typed: T,
    /// The version that the form changes; 0 where nothing is kept.
    pub version: String,
    pub wrong: Wrong,
    /// What is wrong with the form as a whole, where no field is to blame.
    pub refused: Option<String>,
    /// True if somebody else has changed meanwhile what the form was filled with.
    pub stale: bool,
}

impl<T> Filled<T> {
    /// A form of what is kept in this version.
    pub fn of(typed: T, version: i64) -> Self {
        let (code, version, wrong) = (StatusCode::OK, version.to_string(), Wrong::default());
        Self { code, typed, version, wrong, refused: None, stale: false }
    }

    /// The form as it was sent, a step on: nothing of it is kept, and it changes the version that it did. Version `present` is kept now.
    pub fn stepped(request: &Request, typed: T, present: i64) -> Self {
        let sent = request.form.said(VERSION_FIELD).map(str::to_owned);
        let filled = Self::of(typed, present);
        Self { version: sent.unwrap_or_else(|| present.to_string()), ..filled }
    }

    /// The form with what is wrong and all that was typed. Where somebody else has changed meanwhile what is kept, in version `present` now,
    /// it changes that if it is sent once more.
    pub fn again(request: &Request, problem: Problem, typed: T, present: i64) -> Self {
        let (code, stale) = (problem.status(), problem.code == Code::VersionMismatch);
        let sent = request.form.said(VERSION_FIELD).filter(|_| !stale);
        let version = sent.map_or_else(|| present.to_string(), str::to_owned);
        let refused = (problem.errors.is_empty() && !stale).then(|| problem.detail.clone());
        Self { code, typed, version, wrong: Wrong(problem.errors), refused, stale }
    }
}
