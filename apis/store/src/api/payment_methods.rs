//! `/api/store/v1/payment-methods`: ways in which the shop's buyers pay.

use std::sync::Arc;

use feira_schemas::{api::payment_method::KINDS, records::payments::PaymentMethod};
use feira_streams::views::storefront::CardMethod;
use feira_web::{
    context::Api,
    problem::Problem,
    reply::Response,
    routing::{Request, Route},
};
use serde_json::json;

use crate::{answer, shop};

pub(super) fn route() -> Route {
    Route::get("/api/store/v1/payment-methods", list)
        .says("Lists the shop's payment methods; what a product says of one itself stands in the product.")
        .gives_json("All of them.", "StorePaymentMethods")
        .with_headers(&["ETag", "Cache-Control"])
        .gives(304, "The client has this list.", None)
        .with_headers(&["ETag", "Cache-Control"])
        .problems(&[403, 409])
}

async fn list(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let shop = shop::open_to(&api, &request).await?;
    let of = |kind: PaymentMethod| shop.methods.iter().find(|listed| listed.method == kind);
    let items: Vec<CardMethod> = KINDS.into_iter().filter_map(|(kind, ..)| of(kind).map(CardMethod::from)).collect();
    let body = json!({"items": items, "interest_free_installments": shop.interest_free_installments.unwrap_or(1)});
    Ok(answer::json(&request, body.to_string()))
}
