//! The form of terms, which a shop and a product have alike.

use std::sync::LazyLock;

use askama::Template;
use feira_schemas::{
    api::payment_method::{TermsBody, TermsContent, percent, schemas, terms_content},
    records::admin::PaymentTerms,
};
use feira_web::{forms::Form, json::Schemas, problem::Problem, reply::Response, routing::Request};

use super::filled::Filled;
use crate::{answer, frame::Frame};

/// The JSON schemas that forms are checked against, as bodies of the API are.
static BODIES: LazyLock<Schemas> = LazyLock::new(|| Schemas::new(schemas()));

/// What is typed into the form, as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Typed {
    pub active: bool,
    pub max_installments: String,
    pub discounted_installments: String,
    pub discount_percent: String,
}

impl Typed {
    /// What a form that was sent holds.
    pub fn sent(form: &Form) -> Self {
        let text = |name| form.text(name).unwrap_or_default().to_owned();
        Self {
            // A check box that is not ticked is not sent, so a hidden input says false before it.
            active: form.texts("/active").last().is_some_and(|text| text == "true"),
            max_installments: text("/max_installments"),
            discounted_installments: text("/discounted_installments"),
            discount_percent: text("/discount_percent"),
        }
    }

    /// What the form of these terms is filled with.
    pub fn of(active: bool, terms: &PaymentTerms) -> Self {
        Self {
            active,
            max_installments: terms.max_installments.to_string(),
            discounted_installments: terms.discounted_installments.to_string(),
            discount_percent: percent(terms.discount, ','),
        }
    }

    /// What the form is filled with where nothing is kept.
    pub fn new() -> Self {
        Self::of(true, &PaymentTerms { max_installments: 1, discounted_installments: 1, discount: 0 })
    }
}

/// The form of a method's terms.
#[derive(Template)]
#[template(path = "methods/terms.html")]
pub(super) struct Page<'a> {
    pub frame: &'a Frame,
    pub title: String,
    /// The page of all methods, and its name.
    pub back: &'a str,
    pub back_word: &'a str,
    /// The address that the form is sent to, below which the page lies that takes back what is kept.
    pub action: String,
    /// What ticking the box means.
    pub active_word: &'a str,
    /// What taking back means.
    pub removal: &'a str,
    pub filled: Filled<Typed>,
    /// True if the method may be paid in installments.
    pub installments: bool,
    /// True if something is kept.
    pub is_kept: bool,
    pub may_change: bool,
}

impl Page<'_> {
    pub fn answer(self) -> Result<Response, Problem> {
        answer::page(self.filled.code, self.render())
    }
}

/// The content that was typed, or everything that is wrong with it.
pub(super) fn content(request: &Request) -> Result<TermsContent, Problem> {
    let body = request.form.body::<TermsBody>(&BODIES, "PaymentTermsBody")?;
    terms_content(body).map_err(Problem::fields)
}
