//! Images as buyers' browsers ask for them: those that a shop shows, while it is open.

use std::sync::Arc;

use feira_schemas::{rows::admin::RemovedImageRow, topics::Context};
use feira_streams::images::{self, SMALL};
use feira_web::{
    context::Api,
    problem::Problem,
    reads,
    reply::{self, Response},
    routing::{Request, Route},
};
use http::{HeaderValue, header};
use uuid::Uuid;

use super::shop;

/// An image's name is an id that is never used for another file, so whoever has it need not ask again.
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// The routes of images.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/media/{file}", read)
            .gives(200, "The image.", Some(("image/*", "Image")))
            .with_headers(&["ETag", "Cache-Control"])
            .gives(304, "The client has the image.", None)
            .with_headers(&["ETag", "Cache-Control"])
            .problems(&[403, 409])
            .says("Reads an image of the shop: <id>.<extension>, or <id>-480.<extension> for the small size."),
    ]
}

async fn read(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let not_found = || Problem::not_found("A imagem");
    let name = file_name(request.param(0)).ok_or_else(not_found)?;
    let image = images::image_of(name).ok_or_else(not_found)?;
    reads::point(&api, &request, Context::Admin).await?;
    shop::open_to(&api, &request).await?;
    let key = RemovedImageRow::at(request.tenant, image);
    // Its files stay for a while after it was taken away.
    if api.platform.state.get::<RemovedImageRow>(&key).await?.is_some() {
        return Err(not_found());
    }
    let file = api.platform.files.get(request.tenant, name).await?.ok_or_else(not_found)?;
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

/// The `Content-Security-Policy` of an SVG drawing that is opened by itself: it is shown, and nothing more. A drawing
/// can hold scripts.
pub(super) const DRAWING_POLICY: HeaderValue =
    HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'");

/// An image's name in an address: the file it stands for, if it can be one. Drawings (svg) are kept by the program alone;
/// no upload becomes one.
fn file_name(name: &str) -> Option<&str> {
    let (stem, extension) = name.rsplit_once('.')?;
    let id = stem.strip_suffix(&format!("-{SMALL}")).unwrap_or(stem);
    let known = matches!(extension, "jpg" | "png" | "webp" | "gif" | "svg");
    (known && id.len() == 36 && Uuid::try_parse(id).is_ok() && !id.bytes().any(|byte| byte.is_ascii_uppercase()))
        .then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_images_are_asked_of_the_files() {
        let id = "018f4d7e-3c1b-7a52-9d0e-5b7f1c2a3d4e";
        for good in [format!("{id}.jpg"), format!("{id}-480.webp")] {
            assert_eq!(file_name(&good), Some(good.as_str()));
        }
        for wrong in [
            "",
            "x.jpg",
            "../a.jpg",
            &format!("{id}.exe"),
            &format!("{id}-481.jpg"),
            &id.to_uppercase(),
            &format!("{id}/x.jpg"),
        ] {
            assert_eq!(file_name(wrong), None, "{wrong}");
        }
    }
}
