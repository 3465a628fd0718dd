//! `/operator/reports`: what was reported of shops, the newest first.

use std::sync::Arc;

use askama::Template;
use feira_schemas::api::report::reason_label;
use feira_web::{
    context::Api,
    hosts,
    problem::Problem,
    reads::{self, Asked},
    reply::Response,
    reports::{self, Reported},
    routing::{Request, Route},
    sessions::{Access, Area},
};
use http::StatusCode;

use crate::{answer, format::moment, frame::Frame};

const ALL: &str = "/operator/reports";

pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::get(ALL, show)
            .on_platform()
            .page()
            .for_session(Access::read(Area::Shops))
            .query([reports::SHOP, reads::AFTER, reads::LIMIT])
            .problems(&[409])
            .says("Shows what was reported of shops, the newest first."),
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
    reports: Vec<Listed>,
    next: Option<String>,
}

async fn show(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let shop = reports::shop(&request)?;
    let after = request.query.text(reads::AFTER.name);
    let asked = Asked { after, limit: reads::limit(&request), ..Asked::default() };
    let reports::Page { reports, next } = reports::list(&api, &request, shop, asked).await?;
    let list = List {
        frame: &Frame::around(&api, &request, "reports").await?,
        shop: shop.map(|shop| shop.to_string()).unwrap_or_default(),
        reports: reports.into_iter().map(|reported| listed(&api, &request, reported)).collect(),
        next,
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
