//! `/api/store/v1/products/{slug}`: a product as it lies in the cache.

use std::sync::Arc;

use feira_web::{
    context::Api,
    problem::Problem,
    reply::Response,
    routing::{Request, Route},
};
use http::HeaderValue;

use crate::{
    answer, links,
    product::{etag, find, moved_to},
    shop,
};

pub(super) fn route() -> Route {
    Route::get("/api/store/v1/products/{slug}", read)
        .says("Reads a product as buyers see it: whether each variant can be bought, never a count, never a cost.")
        .gives_json("The product.", "StoreProduct")
        .with_headers(&["ETag", "Cache-Control"])
        .gives(301, "The product has another slug by now.", None)
        .with_headers(&["Location", "Cache-Control"])
        .gives(304, "The client has this version.", None)
        .with_headers(&["ETag", "Cache-Control"])
        .problems(&[403, 409])
}

async fn read(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let slug = request.param(0);
    let found = find(&api, &request, slug).await?;
    // After what the request asks for was waited for: that the shop was closed may be part of it.
    shop::is_open(&api, request.tenant).await?;
    let moved = moved_to(found.as_ref(), slug)?;
    match (moved, found) {
        (Some(slug), _) => answer::moved(&links::api_product(&slug)),
        (None, None) => Err(Problem::not_found("O produto")),
        (None, Some(found)) => {
            let etag = etag(&found)?;
            Ok(answer::tagged(&request.headers, HeaderValue::from_static("application/json"), found.json, etag))
        }
    }
}
