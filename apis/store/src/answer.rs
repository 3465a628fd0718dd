//! Answers that anybody may keep and must ask about again: what a buyer sees changes at any moment, and is the same for all who have no cart.

use bytes::Bytes;
pub(super) use feira_web::public::{ASK_AGAIN, json, tag_of, tagged};
use feira_web::{
    problem::Problem,
    reply::{self, Response},
    routing::Request,
    sessions,
};
use http::{HeaderName, HeaderValue, StatusCode, header};

/// The `Content-Security-Policy` of a shop's pages, which may load: their own stylesheet, script and images, and
/// images that a description names. No inline script or style, no frame around them, no form that leaves the shop.
const PAGE_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' https: http:; connect-src 'self'; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
);

/// A page of a shop. With a cart's cookie it says how full that cart is, and is nobody else's; nor is it shown again by a browser that goes
/// back to it, since the cart may be another by then.
pub(super) fn page(request: &Request, html: askama::Result<String>) -> Result<Response, Problem> {
    let html = Bytes::from(html.map_err(Problem::internal)?);
    if sessions::cart_of(&request.headers).is_some() {
        let mut response = reply::html(html);
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
        protect(&mut response);
        return Ok(response);
    }
    let etag = tag_of(&html);
    let mut response = tagged(&request.headers, HeaderValue::from_static("text/html; charset=utf-8"), html, etag);
    protect(&mut response);
    Ok(response)
}

/// A page that says why there is nothing to see; never kept.
pub(super) fn notice(status: StatusCode, html: askama::Result<String>) -> Result<Response, Problem> {
    let mut response = reply::html(html.map_err(Problem::internal)?);
    *response.status_mut() = status;
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    protect(&mut response);
    Ok(response)
}

/// The headers that keep a page what it is in a browser.
pub(super) fn protect(response: &mut Response) {
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, PAGE_POLICY);
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("strict-origin-when-cross-origin"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin"));
}

/// A permanent redirect (301) to `location`.
pub(super) fn moved(location: &str) -> Result<Response, Problem> {
    let mut response = reply::empty(StatusCode::MOVED_PERMANENTLY);
    let location = HeaderValue::try_from(location).map_err(Problem::internal)?;
    response.headers_mut().insert(header::LOCATION, location);
    // Without this a browser may keep a redirect for ever, and the old address may be another product's one day.
    response.headers_mut().insert(header::CACHE_CONTROL, ASK_AGAIN);
    Ok(response)
}
