//! Answers: the few shapes in which everything is said.

use bytes::Bytes;
use futures::Stream;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::Value;
use warp::Reply;

/// What every handler gives.
pub type Response = warp::reply::Response;

/// 200 with these bytes and no header.
pub fn bytes(content: impl Into<Bytes>) -> Response {
    let content: Bytes = content.into();
    Response::new(content.into())
}

/// 200 with JSON. Nothing between may keep it: it is one shop's, and seen with a credential.
pub fn json(value: &Value) -> Response {
    with_status(StatusCode::OK, value)
}

/// JSON with a status.
pub fn with_status(status: StatusCode, value: &Value) -> Response {
    let mut response = content(HeaderValue::from_static("application/json"), value.to_string());
    *response.status_mut() = status;
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    response
}

/// 200 with any content; says nothing about caching.
pub fn content(content_type: HeaderValue, content: impl Into<Bytes>) -> Response {
    let mut response = bytes(content);
    response.headers_mut().insert(header::CONTENT_TYPE, content_type);
    response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// 200 with HTML.
pub fn html(page: impl Into<Bytes>) -> Response {
    content(HeaderValue::from_static("text/html; charset=utf-8"), page)
}

/// A status without a body.
pub fn empty(status: StatusCode) -> Response {
    let mut response = Response::default();
    *response.status_mut() = status;
    response
}

/// Lines of JSON as they come.
pub fn ndjson(lines: impl Stream<Item = Result<Bytes, std::convert::Infallible>> + Send + Sync + 'static) -> Response {
    let mut response = warp::reply::stream(lines).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-ndjson"));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// The `ETag` of an entity at a version: `"7"`.
pub fn etag(version: i64) -> HeaderValue {
    HeaderValue::try_from(format!("\"{version}\"")).unwrap_or(HeaderValue::from_static("\"0\""))
}

/// An entity with its `ETag`; 304 if the client has this version already.
pub fn entity(request: &HeaderMap, value: &Value, version: i64) -> Response {
    let etag = etag(version);
    let mut response = if has_already(request, &etag) { empty(StatusCode::NOT_MODIFIED) } else { json(value) };
    response.headers_mut().insert(header::ETAG, etag);
    response
}

/// Whether `If-None-Match` names this tag (RFC 9110, 13.1.2: compared weakly).
pub fn has_already(request: &HeaderMap, etag: &HeaderValue) -> bool {
    let tags = request.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    tags.flat_map(|tags| tags.split(','))
        .map(|tag| tag.trim().trim_start_matches("W/"))
        .any(|tag| tag == "*" || tag.as_bytes() == etag.as_bytes())
}
