//! The model of `/denunciar`.

use askama::Template;
use feira_schemas::{api::report::REASONS, records::admin::ReportReason};

use crate::pages::{filters, pieces::Shop};

/// The form by which a shop is reported.
#[derive(Debug, Template)]
#[template(path = "report/report.html")]
pub struct Report<'a> {
    /// The shop around it.
    pub shop: &'a Shop,
    /// The token of the visitor's forms.
    pub token: String,
    /// The `Idempotency-Key`, new in each form.
    pub key: String,
    /// The reasons to choose from.
    pub reasons: Vec<Reason>,
    /// The path of the page that the report may be about.
    pub page: Option<String>,
    /// True if the report is about that page.
    pub is_about_page: bool,
    /// The words for what is wrong with all of it.
    pub refused: Option<String>,
    /// True if no reason was chosen.
    pub lacks_reason: bool,
}

/// A reason to choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reason {
    /// The reason.
    pub reason: ReportReason,
    /// The word that the form sends.
    pub word: &'static str,
    /// What people read.
    pub label: &'static str,
    /// True if it is chosen.
    pub is_chosen: bool,
}

/// The page that thanks who has reported a shop.
#[derive(Debug, Template)]
#[template(path = "report/thanks.html")]
pub struct Thanks<'a> {
    /// The shop around it.
    pub shop: &'a Shop,
}

/// Every reason, of which none is chosen.
pub fn unchosen() -> [Reason; REASONS.len()] {
    REASONS.map(|(reason, word, label)| Reason { reason, word, label, is_chosen: false })
}

/// [`Report`] as HTML.
pub fn render(page: &Report<'_>) -> askama::Result<String> {
    page.render()
}

/// [`Thanks`] as HTML.
pub fn render_thanks(page: &Thanks<'_>) -> askama::Result<String> {
    page.render()
}

impl Report<'_> {
    fn here(&self) -> &str {
        ""
    }
}

impl Thanks<'_> {
    fn here(&self) -> &str {
        ""
    }
}
