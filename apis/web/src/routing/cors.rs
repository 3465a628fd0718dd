//! A shop's own front end elsewhere: scripts of the origins that the shop names may use its API, without credentials
//! (<https://fetch.spec.whatwg.org/#http-cors-protocol>).

use feira_schemas::ids::TenantId;
use http::{HeaderValue, StatusCode, header};

use crate::{
    context::Api,
    reply::{self, Response},
};

/// The prefix of paths that scripts of other origins may use.
const PATHS: &str = "/api/store/v1/";
/// Seconds for which a browser need not ask again what it may do: the longest that all of them keep.
const MAX_AGE: HeaderValue = HeaderValue::from_static("600");
const ASKED_HEADERS: HeaderValue = HeaderValue::from_static(
    "accept, content-type, feira-at-least, idempotency-key, if-match, if-none-match, traceparent, x-request-id",
);
const SHOWN_HEADERS: HeaderValue = HeaderValue::from_static(
    "content-location, etag, feira-position, link, location, ratelimit, ratelimit-policy, retry-after, x-request-id",
);

/// True if this path's answers are for scripts of other origins too.
pub(super) fn is_open(path: &str) -> bool {
    path.starts_with(PATHS)
}

/// The answer to OPTIONS: what may be asked at an address that takes these methods.
pub(super) fn options(methods: &str) -> Response {
    let mut response = reply::empty(StatusCode::NO_CONTENT);
    let headers = response.headers_mut();
    if let Ok(methods) = HeaderValue::try_from(methods) {
        headers.insert(header::ALLOW, methods.clone());
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, methods);
    }
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, ASKED_HEADERS);
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, MAX_AGE);
    response
}

/// Says in an answer whether scripts of the origin that asks may read it. Every answer varies by it, also one that was asked for
/// without: a cache would give it to a script otherwise.
pub(super) async fn write(api: &Api, tenant: TenantId, origin: Option<HeaderValue>, response: &mut Response) {
    response.headers_mut().append(header::VARY, HeaderValue::from_static("origin"));
    let Some(origin) = origin else { return };
    // A shop that can't be read now allows nothing, and what was asked for says why.
    let shop = api.readers.storefront.shop(tenant).await.ok().flatten();
    if shop.is_some_and(|shop| shop.cors_origins.iter().any(|known| known.as_bytes() == origin.as_bytes())) {
        let headers = response.headers_mut();
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, SHOWN_HEADERS);
    }
}
