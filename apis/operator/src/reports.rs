//! Reports of shops, which anybody may have sent: listed, the newest first.

use std::sync::Arc;

use feira_schemas::api::report::report_json;
use feira_web::{
    context::Api,
    problem::Problem,
    reads::{self, Asked},
    reply::Response,
    reports::{self, Page, Reported},
    routing::{Request, Route},
};
use http::StatusCode;
use serde_json::{Value, json};

use crate::staff::{json_of, private};

const ALL: &str = "/api/operator/v1/reports";

/// The routes of reports.
pub fn routes() -> Vec<Route> {
    vec![
        Route::get(ALL, list)
            .for_operator()
            .query([reports::SHOP, reads::AFTER, reads::LIMIT])
            .gives(200, "A page of reports, the newest first.", json_of("ShopReportPage"))
            .problems(&[409])
            .says("Lists what was reported of shops, the newest first: of all shops what came in two years."),
    ]
}

async fn list(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let asked = Asked { after: request.query.text("after"), limit: reads::limit(&request), ..Asked::default() };
    let Page { reports, next } = reports::list(&api, &request, reports::shop(&request)?, asked).await?;
    let items: Vec<Value> = reports.iter().map(shown).collect();
    Ok(private(StatusCode::OK, &json!({"items": items, "next": next})))
}

fn shown(reported: &Reported) -> Value {
    let mut json = report_json(reported.tenant_id, &reported.report);
    json["subdomain"] = json!(reported.subdomain);
    json["shop_name"] = json!(reported.shop_name);
    json
}
