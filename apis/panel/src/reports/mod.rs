//! `/operator/reports`: what was reported of shops, the newest first.

use std::sync::Arc;

use askama::Template;
use feira_schemas::api::report::{REASONS, reason_label};
use feira_web::{
    context::Api,
    hosts,
    problem::Problem,
    reads::{self, Asked},
    reply::Response,
    reports::{self, ORDERS, Reported, USUAL},
    routing::{Kind, Parameter, Request, Route},
    sessions::{Access, Area},
    sorted::SORT,
};
use http::StatusCode;

use crate::{
    answer,
    format::moment,
    forms::Choice,
    frame::Frame,
    listed::{Column, Table},
};

const ALL: &str = "/operator/reports";
/// The reason of the reports that are shown; an empty one, as forms send it, shows all.
const REASON: Parameter = Parameter::new("reason", Kind::Text(32), "Shows only reports for this reason.");
/// The columns of the list.
const COLUMNS: [Column; 4] = [
    Column::sorted("Loja", "shop_name"),
    Column::sorted("Motivo", "reason"),
    Column::plain("Página"),
    Column::sorted("Quando", "reported_at"),
];

pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::get(ALL, show)
            .on_platform()
            .page()
            .for_session(Access::read(Area::Shops))
            .query([reports::SHOP, REASON, SORT, reads::AFTER, reads::LIMIT])
            .problems(&[409])
            .says("Shows what was reported of shops, the newest first or in the order that is asked for."),
    ]
}

/// The address of a shop's reports.
pub(crate) fn of_shop(shop: impl std::fmt::Display) -> String {
    format!("{ALL}?shop={shop}")
}

/// A report of the list.
struct Listed {
    reason: &'static str,
    /// The shop's page of the panel.
    shop: String,
    name: String,
    page: Option<ReportedPage>,
    at: String,
}

/// The page that a report is about.
struct ReportedPage {
    address: String,
    path: String,
}

/// The list.
#[derive(Template)]
#[template(path = "reports/reports.html")]
struct List<'a> {
    frame: &'a Frame,
    /// The id of the only shop whose reports are shown; empty for all.
    shop: String,
    /// Reasons that the list may be narrowed to.
    choices: Vec<Choice>,
    /// True if the list is narrowed to a reason.
    is_narrowed: bool,
    reports: Vec<Listed>,
    table: Table,
}

async fn show(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let shop = reports::shop(&request)?;
    let after = request.query.text(reads::AFTER.name);
    let asked = Asked { after, limit: reads::limit(&request), ..Asked::default() };
    let reason = request.query.text(REASON.name).filter(|word| REASONS.iter().any(|(_, known, _)| known == word));
    let table = Table::of(&request, ALL, ORDERS, USUAL, &[reports::SHOP.name, REASON.name]);
    let reports::Page { reports, next } = match (reason, table.order()) {
        (None, USUAL) => reports::list(&api, &request, shop, asked).await?,
        (reason, order) => reports::sorted_list(&api, &request, shop, reason, asked, order).await?,
    };
    let choice = |(_, value, word): (_, &'static str, &'static str)| Choice::new(value, word, reason == Some(value));
    let list = List {
        frame: &Frame::around(&api, &request, "reports").await?,
        shop: shop.map(|shop| shop.to_string()).unwrap_or_default(),
        choices: REASONS.into_iter().map(choice).collect(),
        is_narrowed: reason.is_some(),
        reports: reports.into_iter().map(|reported| listed(&api, &request, reported)).collect(),
        table: table.with(&COLUMNS, next),
    };
    answer::page(StatusCode::OK, list.render())
}

fn listed(api: &Api, request: &Request, reported: Reported) -> Listed {
    let Reported { tenant_id, subdomain, shop_name, report } = reported;
    let (scheme, port) = (hosts::scheme(&request.headers), hosts::port(&request.headers));
    let address = |path: &str| {
        let subdomain = subdomain.as_deref()?;
        Some(format!("{scheme}://{subdomain}.{}{port}{path}", api.config.platform_domain))
    };
    Listed {
        reason: reason_label(report.reason),
        shop: format!("/operator/shops/{tenant_id}"),
        page: report.page.and_then(|path| Some(ReportedPage { address: address(&path)?, path })),
        name: shop_name.or(subdomain).unwrap_or_else(|| tenant_id.to_string()),
        at: moment(report.reported_at),
    }
}
