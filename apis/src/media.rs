//! Pictures as buyers' browsers ask for them.

use std::sync::Arc;

use http::{HeaderValue, header};

use crate::{
    admin::uploads::file_name,
    context::Api,
    problem::Problem,
    reply::{self, Response},
    routing::{Request, Route},
};

/// A picture's name is an id that is never used for another file, so whoever has it need not ask again.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// The routes of pictures.
pub fn routes() -> Vec<Route> {
    vec![
        Route::get("/media/{file}", read)
            .gives(200, "The picture.", Some(("image/*", "Image")))
            .with_headers(&["ETag", "Cache-Control"])
            .gives(304, "It is still so.", None)
            .with_headers(&["ETag", "Cache-Control"])
            .says("A picture of the shop: <id>.<extension>, or <id>-480.<extension> for the small size."),
    ]
}

async fn read(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let name = file_name(request.param(0)).ok_or_else(|| Problem::not_found("A imagem"))?;
    let file = api.platform.files.get(request.tenant, name).await?.ok_or_else(|| Problem::not_found("A imagem"))?;
    let etag = HeaderValue::try_from(format!("\"{}\"", file.etag)).map_err(Problem::internal)?;
    let content_type = HeaderValue::from_static(file.content_type);
    let mut response = if reply::has_already(&request.headers, &etag) {
        reply::not_modified(content_type)
    } else {
        reply::content(content_type, file.bytes)
    };
    response.headers_mut().insert(header::ETAG, etag);
    response.headers_mut().insert(header::CACHE_CONTROL, FOR_EVER);
    if file.content_type == "image/svg+xml" {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, DRAWING_POLICY);
    }
    Ok(response)
}

/// What a browser may do with a drawing that is opened by itself: show it. A drawing can hold scripts.
pub const DRAWING_POLICY: HeaderValue = HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'");
