//! The list of charges: by months backwards, the newest first.

use std::sync::Arc;

use feira_schemas::{
    api::payments::{charge_card_json, charge_status},
    records::payments::{Charge, PaymentMethod},
    rows::payments::{ChargeOfMonthRow, ChargeRow},
    topics::Context,
};
use feira_web::{
    context::Api,
    cursor,
    problem::Problem,
    reads, reply,
    reply::Response,
    routing::{Kind, Parameter, Request, Route},
};
use http::{HeaderValue, header};
use serde_json::{Value, json};

use crate::{
    kinds::{CHARGES, reading},
    months::{self, Place},
};

const STATUSES: &[&str] = &[
    "processing",
    "pending",
    "confirming",
    "authorized",
    "paid",
    "underpaid",
    "partly_refunded",
    "refunded",
    "failed",
    "expired",
    "cancelled",
    "charged_back",
];

pub(crate) fn routes() -> Vec<Route> {
    let parameters = [
        Parameter::new("status", Kind::OneOf(STATUSES), "Only these."),
        Parameter::new("method", Kind::OneOf(&["card", "boleto", "pix"]), "Only these."),
        Parameter::new("reference", Kind::Text(64), "Only those of your own id."),
        reads::AFTER,
        reads::LIMIT,
    ];
    let page = "A page of charges, the newest first. There is no total: it would count all that the shop ever had.";
    vec![
        reading(Route::get(CHARGES, list), page, "ChargePage")
            .query(parameters)
            .says("Lists the shop's charges, the newest first."),
    ]
}

/// The charges that a request asks for.
struct Filter<'a> {
    status: Option<&'a str>,
    method: Option<&'a str>,
    reference: Option<&'a str>,
}

impl<'a> Filter<'a> {
    fn of(request: &'a Request) -> Self {
        let query = |name| request.query.text(name);
        Self { status: query("status"), method: query("method"), reference: query("reference") }
    }

    /// All that makes this list another one.
    fn query(&self) -> String {
        let word = |word: Option<&str>| word.unwrap_or_default().to_owned();
        format!("charges\u{1}{}\u{1}{}\u{1}{}", word(self.status), word(self.method), word(self.reference))
    }

    fn takes(&self, charge: &Charge) -> bool {
        let method = match charge.request.method {
            PaymentMethod::Card => "card",
            PaymentMethod::Boleto => "boleto",
            PaymentMethod::Pix => "pix",
            PaymentMethod::Unknown => "",
        };
        self.status.is_none_or(|status| status == charge_status(charge.status))
            && self.method.is_none_or(|asked| asked == method)
            && self.reference.is_none_or(|reference| charge.request.reference.as_deref() == Some(reference))
    }
}

async fn list(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    reads::point(&api, &request, Context::Payments).await?;
    let filter = Filter::of(&request);
    let query = filter.query();
    let after = request.query.text("after").map(|after| cursor::open::<Place>(after, &query)).transpose()?;
    let wanted = |row: &ChargeRow| row.charge.lent.is_none() && filter.takes(&row.charge);
    let page = months::page::<ChargeOfMonthRow>(&api, request.tenant, wanted, after, reads::limit(&request)).await?;
    let items: Vec<Value> = page.items.iter().map(|row| charge_card_json(&row.charge)).collect();
    let next = page.next.map(|place| cursor::seal(place, &query));
    let mut response = reply::json(&json!({"items": items, "next": next}));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}
