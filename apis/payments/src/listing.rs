//! The list of charges: by months backwards, the newest first.

use std::sync::Arc;

use feira_schemas::{
    api::payments::{charge_card_json, charge_status},
    ids::{ChargeId, Micros, TenantId},
    records::payments::{Charge, PaymentMethod},
    row::Row,
    rows::{
        admin::TenantRow,
        payments::{ChargeOfMonthRow, ChargeRow},
    },
    time::HOUR,
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

use crate::kinds::{CHARGES, reading};

/// Charges that a request looks at: a filter that few fit would read all that the shop ever had, and goes on with the next page.
const LOOKED: usize = 1_000;
/// Charges that are read at once.
const AT_ONCE: usize = 100;
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

/// The place of a charge in the list.
type Place = (String, i64, ChargeId);

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
    let page = page(&api, request.tenant, &filter, after, reads::limit(&request)).await?;
    let items: Vec<Value> = page.charges.iter().map(charge_card_json).collect();
    let next = page.next.map(|place| cursor::seal(place, &query));
    let mut response = reply::json(&json!({"items": items, "next": next}));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

/// A page: its charges, and the place that the next one goes on from.
struct Page {
    charges: Vec<Charge>,
    next: Option<Place>,
}

async fn page(
    api: &Api,
    tenant: TenantId,
    filter: &Filter<'_>,
    after: Option<Place>,
    limit: usize,
) -> Result<Page, Problem> {
    // A decision's clock may be ahead of this one, by seconds.
    let newest = ChargeOfMonthRow::month(api.platform.now() + HOUR);
    let mut month = after.as_ref().map_or(newest, |(month, ..)| month.clone());
    let oldest = ChargeOfMonthRow::month(since(api, tenant).await?);
    let (mut charges, mut looked, mut last, mut included) = (Vec::new(), 0, after, None);
    while month >= oldest {
        let from = last.clone().filter(|(of, ..)| *of == month);
        let rows = of_month(api, tenant, &month, from).await?;
        let is_whole = rows.len() < AT_ONCE;
        for (place, charge) in rows {
            looked += 1;
            if let Some(charge) = charge.filter(|charge| filter.takes(charge)) {
                if charges.len() == limit {
                    return Ok(Page { charges, next: included });
                }
                charges.push(charge);
                included = Some(place.clone());
            }
            last = Some(place);
        }
        if looked >= LOOKED {
            return Ok(Page { charges, next: last });
        }
        if is_whole {
            let Some(before) = month_before(&month) else { break };
            month = before;
        }
    }
    Ok(Page { charges, next: None })
}

/// The time before which the shop has no charge.
async fn since(api: &Api, tenant: TenantId) -> Result<Micros, Problem> {
    let row = api.platform.state.get::<TenantRow>(&TenantRow::at(tenant)).await?;
    Ok(row.map_or_else(|| api.platform.now(), |row| row.tenant.created_at))
}

/// The next charges of a month; one is `None` whose own row is not written yet.
async fn of_month(
    api: &Api,
    tenant: TenantId,
    month: &str,
    from: Option<Place>,
) -> Result<Vec<(Place, Option<Charge>)>, Problem> {
    let from = from.map(|(month, newest_first, charge_id)| {
        ChargeOfMonthRow { tenant_id: tenant, month, newest_first, charge_id }.key()
    });
    let prefix = ChargeOfMonthRow::all(tenant, month);
    let rows = api.platform.state.scan::<ChargeOfMonthRow>(&prefix, from.as_ref(), AT_ONCE).await?;
    let keys: Vec<_> = rows.iter().map(|row| ChargeRow::at(tenant, row.charge_id)).collect();
    let charges = api.platform.state.get_many::<ChargeRow>(&keys).await?;
    let place = |row: ChargeOfMonthRow| (row.month, row.newest_first, row.charge_id);
    Ok(rows.into_iter().zip(charges).map(|(row, charge)| (place(row), charge.map(|row| row.charge))).collect())
}

/// The month before a month such as 2026-12.
fn month_before(month: &str) -> Option<String> {
    let (year, month) = month.split_once('-')?;
    let (year, month): (i32, i32) = (year.parse().ok()?, month.parse().ok()?);
    let (year, month) = if month > 1 { (year, month - 1) } else { (year - 1, 12) };
    (year > 1970).then(|| format!("{year:04}-{month:02}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_go_back_over_the_years_and_end() {
        for (month, before) in
            [("2026-12", Some("2026-11")), ("2026-01", Some("2025-12")), ("1971-01", None), ("x", None), ("", None)]
        {
            assert_eq!(month_before(month).as_deref(), before, "{month}");
        }
    }
}
