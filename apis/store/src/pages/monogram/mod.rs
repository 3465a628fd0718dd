//! `/media/made/{file}`: the tile of a product whose image has not come.

mod model;

use std::{str::FromStr, sync::Arc};

use bytes::Bytes;
use feira_schemas::ids::ProductId;
use feira_web::{
    context::Api,
    problem::Problem,
    reply::Response,
    routing::{Request, Route},
};
use http::{HeaderValue, header};

use super::{
    super::{answer, media::DRAWING_POLICY, shop},
    frame::theme,
};

pub use model::render;

/// An hour: the tile changes only with the product's name and the shop's accent, and asking again costs a 304.
const FOR_AN_HOUR: HeaderValue = HeaderValue::from_static("public, max-age=3600");

pub(super) fn route() -> Route {
    Route::get("/media/made/{file}", made)
        .says("Draws the initials of a product whose image has not come, in the shop's colour: <product id>.svg.")
        .gives(200, "The drawing.", Some(("image/svg+xml", "Image")))
        .with_headers(&["ETag", "Cache-Control"])
        .gives(304, "The client has the drawing.", None)
        .with_headers(&["ETag", "Cache-Control"])
        .problems(&[403, 409])
}

async fn made(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let id = request.param(0).strip_suffix(".svg").and_then(|id| ProductId::from_str(id).ok());
    let id = id.ok_or_else(Problem::no_such_address)?;
    let shop = shop::open_to(&api, &request).await?;
    let found = api.readers.storefront.card(request.tenant, id).await.map_err(shop::unreadable)?;
    let card = found.ok_or_else(|| Problem::not_found("O produto"))?.card().map_err(Problem::from)?;
    let drawing = Bytes::from(render(&card.name, theme(&shop)).map_err(Problem::internal)?);
    let etag = answer::tag_of(&drawing);
    let mut response = answer::tagged(&request.headers, HeaderValue::from_static("image/svg+xml"), drawing, etag);
    response.headers_mut().insert(header::CACHE_CONTROL, FOR_AN_HOUR);
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, DRAWING_POLICY);
    Ok(response)
}
