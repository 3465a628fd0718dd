//! `/assets/{file}`: stylesheet, script and icon of the pages.

mod files;

use std::sync::Arc;

use feira_web::{
    context::Api,
    problem::Problem,
    reply::{self, Response},
    routing::{Request, Route},
};
use http::{HeaderValue, header};

pub use files::{Asset, find, icon, script, stylesheet};

pub(super) fn route() -> Route {
    Route::get("/assets/{file}", asset)
        .says("Serves stylesheet, script and icon of the pages; their names hold the hash of their content.")
        .gives(200, "The file, with the media type of its kind.", Some(("*/*", "Text")))
        .with_headers(&["Cache-Control"])
        // Pages of hosts that no shop has look like something too.
        .on_any_host()
}

async fn asset(_: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let found = find(&format!("/assets/{}", request.param(0))).ok_or_else(Problem::no_such_address)?;
    let mut response = reply::content(HeaderValue::from_static(found.content_type), found.bytes.into_owned());
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(found.cache_control));
    Ok(response)
}
