//! Subscriptions to plans of the platform, of all shops: listed and read. What subscribers typed is opened for the length of an answer,
//! which nobody on the way keeps.

use std::sync::Arc;

use feira_schemas::api::signup::{SUBSCRIPTION_STATUSES, subscription_card_json, subscription_json};
use feira_web::{
    context::Api,
    problem::Problem,
    reads::{self, Asked},
    reply,
    reply::Response,
    routing::{Kind, Parameter, Request, Route},
    sorted::Order,
    subscribers::{self, ORDERS, Page},
};
use http::{StatusCode, header};
use serde_json::{Value, json};

use crate::staff::{json_of, private};

const ALL: &str = "/api/operator/v1/subscriptions";
const ONE: &str = "/api/operator/v1/subscriptions/{shop}/{sid}";

/// The routes of subscriptions.
pub fn routes() -> Vec<Route> {
    let status = Parameter::new("status", Kind::OneOf(SUBSCRIPTION_STATUSES), "Shows only those of this status.");
    let sort = Parameter::new("sort", Kind::OneOf(ORDERS), "The order; the newest first if left out.");
    vec![
        Route::get(ALL, list)
            .for_operator()
            .query([status, sort, reads::AFTER, reads::LIMIT])
            .gives(200, "A page of subscriptions.", json_of("PlatformSubscriptionPage"))
            .problems(&[409])
            .says("Lists the subscriptions of all shops to the platform's plans, the newest first or in the order that is asked for."),
        Route::get(ONE, read)
            .for_operator()
            .gives(200, "The subscription with its invoices.", json_of("PlatformSubscription"))
            .with_headers(&["ETag"])
            .problems(&[409])
            .says("Reads a subscription: its subscriber, its plan, what is paid and the invoices."),
    ]
}

async fn list(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let (status, after) = (request.query.text("status"), request.query.text("after"));
    let asked = Asked { q: "", status, after, limit: reads::limit(&request) };
    let order = Order::read(request.query.text("sort"), ORDERS);
    let Page { subscriptions, next } = subscribers::list(&api, &request, asked, None, order).await?;
    let items: Vec<Value> =
        subscriptions.iter().map(|(tenant, subscription)| subscription_card_json(*tenant, subscription)).collect();
    Ok(private(StatusCode::OK, &json!({"items": items, "next": next})))
}

async fn read(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let (tenant, subscription) = subscribers::present(&api, &request).await?;
    let shown = subscribers::opened(&api, &request, tenant, &subscription).await?;
    let invoices = subscribers::invoices(&api, tenant, subscription.subscription_id).await?;
    let mut response = private(StatusCode::OK, &subscription_json(tenant, &subscription, &shown, &invoices));
    response.headers_mut().insert(header::ETAG, reply::etag(subscription.version));
    Ok(response)
}
