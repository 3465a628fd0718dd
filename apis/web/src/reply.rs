//! Answers: the few shapes in which everything is said.

use bytes::Bytes;
use futures::{FutureExt, Stream};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use http_body_util::BodyExt;
use serde_json::Value;
use tokio::sync::OnceCell;
use warp::Reply;

/// The answer that every handler gives.
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
    let mut response = private_json(value.to_string());
    *response.status_mut() = status;
    response
}

/// 200 with JSON that is written already.
pub fn private_json(json: impl Into<Bytes>) -> Response {
    let mut response = content(JSON, json);
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

/// 200 with content that lies in the program. See [`Fixed`].
pub fn fixed(content_type: HeaderValue, fixed: &'static Fixed) -> Response {
    let mut response = content(content_type, fixed.content);
    response.extensions_mut().insert(fixed);
    response
}

/// An answer 200 with HTML.
pub fn html(page: impl Into<Bytes>) -> Response {
    content(HeaderValue::from_static("text/html; charset=utf-8"), page)
}

/// A status without a body.
pub fn empty(status: StatusCode) -> Response {
    let mut response = Response::default();
    *response.status_mut() = status;
    response
}

/// HEAD: the headers that GET would give, and nothing more (RFC 9110, 9.3.2).
pub(crate) fn without_body(response: &mut Response) {
    let length = hyper::body::Body::size_hint(response.body()).exact();
    if let Some(length) = length.filter(|length| *length > 0) {
        response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    }
    *response.body_mut() = Response::default().into_body();
}

/// 303: the answer is at this address. Nobody keeps that, since it follows from who asks.
pub fn see_other(address: &str) -> Response {
    let mut response = empty(StatusCode::SEE_OTHER);
    let headers = response.headers_mut();
    // What is no header is no address of ours.
    let address = HeaderValue::try_from(address).unwrap_or(HeaderValue::from_static("/"));
    headers.insert(header::LOCATION, address);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// 308: the same request belongs to this address, with its method. Nobody keeps that: what is for good is said by another header.
pub fn moved(address: &str) -> Response {
    let mut response = see_other(address);
    *response.status_mut() = StatusCode::PERMANENT_REDIRECT;
    response
}

/// 301: the page has this address, which whoever looks for pages is to remember. Browsers do not keep that: the address may be another's
/// one day.
pub fn moved_for_good(address: &str) -> Response {
    let mut response = see_other(address);
    *response.status_mut() = StatusCode::MOVED_PERMANENTLY;
    response
}

/// Lines of JSON as they come.
pub fn ndjson(lines: impl Stream<Item = Result<Bytes, std::convert::Infallible>> + Send + Sync + 'static) -> Response {
    let mut response = warp::reply::stream(lines).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-ndjson"));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// Content whose parts come as they are made. An error breaks the answer off, so that nobody takes a part of it for the whole.
pub fn streamed<E>(
    content_type: HeaderValue,
    parts: impl Stream<Item = Result<Bytes, E>> + Send + Sync + 'static,
) -> Response
where
    E: Into<Box<dyn std::error::Error + Send + Sync>> + Send + 'static,
{
    let mut response = warp::reply::stream(parts).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, content_type);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// Events for a browser as they come (WHATWG HTML, 9.2).
pub fn events(events: impl Stream<Item = Result<Bytes, std::convert::Infallible>> + Send + Sync + 'static) -> Response {
    let mut response = warp::reply::stream(events).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // Some proxies hold an answer back until there is much of it, unless they are told not to.
    headers.insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    response
}

/// The `ETag` of an entity at a version: `"7"`.
pub fn etag(version: i64) -> HeaderValue {
    HeaderValue::try_from(format!("\"{version}\"")).unwrap_or(HeaderValue::from_static("\"0\""))
}

/// An entity with its `ETag`; 304 if the client has this version already.
pub fn entity(request: &HeaderMap, value: &Value, version: i64) -> Response {
    let etag = etag(version);
    let mut response = if has_already(request, &etag) { not_modified(JSON) } else { json(value) };
    response.headers_mut().insert(header::ETAG, etag);
    response
}

/// 304 for content of this type. The server takes the type away again once it has said what such content varies by.
pub fn not_modified(content_type: HeaderValue) -> Response {
    let mut response = empty(StatusCode::NOT_MODIFIED);
    response.headers_mut().insert(header::CONTENT_TYPE, content_type);
    response
}

/// True if `If-None-Match` names this tag or that of one of its encodings (RFC 9110, 13.1.2: compared weakly).
pub fn has_already(request: &HeaderMap, etag: &HeaderValue) -> bool {
    if !request.contains_key(header::IF_NONE_MATCH) {
        return false;
    }
    let encodings = Encoding::ALL.into_iter().filter_map(|encoding| encoded_tag(etag, encoding));
    let tags: Vec<HeaderValue> = encodings.chain([etag.clone()]).collect();
    request.get_all(header::IF_NONE_MATCH).iter().any(|known| tags.iter().any(|tag| names(known, tag)))
}

/// True if a line of `If-None-Match` names this tag.
pub(crate) fn names(known: &HeaderValue, etag: &HeaderValue) -> bool {
    let tags = known.to_str().unwrap_or_default().split(',').map(|tag| tag.trim().trim_start_matches("W/"));
    tags.into_iter().any(|tag| tag == "*" || tag.as_bytes() == etag.as_bytes())
}

/// The content coding of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// Brotli (`br`), the smaller one.
    Brotli,
    /// The one that everybody knows.
    Gzip,
}

impl Encoding {
    /// All content codings that an answer may come in.
    pub const ALL: [Self; 2] = [Self::Brotli, Self::Gzip];

    /// The name in `Content-Encoding` and `Accept-Encoding`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gzip",
        }
    }
}

/// Content that lies in the program. Each of its encodings is made when somebody first takes it, and kept: a large one costs more than
/// all else that a request does.
#[derive(Debug)]
pub struct Fixed {
    content: &'static str,
    encoded: [OnceCell<Bytes>; 2],
}

impl Fixed {
    /// This content, in no encoding yet.
    pub const fn new(content: &'static str) -> Self {
        Self { content, encoded: [OnceCell::const_new(), OnceCell::const_new()] }
    }

    /// The content as it is.
    pub const fn content(&self) -> &'static str {
        self.content
    }

    /// The place of its bytes in an encoding.
    pub(crate) const fn encoded(&self, encoding: Encoding) -> &OnceCell<Bytes> {
        let [brotli, gzip] = &self.encoded;
        match encoding {
            Encoding::Brotli => brotli,
            Encoding::Gzip => gzip,
        }
    }
}

/// The tag of an answer in an encoding: other bytes have another strong tag.
pub fn encoded_tag(etag: &HeaderValue, encoding: Encoding) -> Option<HeaderValue> {
    let inner = etag.to_str().ok()?.strip_suffix('"')?;
    HeaderValue::try_from(format!("{inner}-{}\"", encoding.name())).ok()
}

/// The value between a tag's quotation marks, whatever encoding it came in.
pub fn tagged_value(tag: &str) -> Option<&str> {
    let value = tag.strip_prefix('"')?.strip_suffix('"')?;
    let plain = Encoding::ALL.iter().find_map(|encoding| value.strip_suffix(encoding.name())?.strip_suffix('-'));
    Some(plain.unwrap_or(value))
}

/// The bytes of a body that are all there already; else the body.
pub fn whole<B>(body: B) -> Result<Bytes, B>
where
    B: hyper::body::Body<Data = Bytes> + Unpin,
{
    if body.size_hint().exact().is_none() {
        return Err(body);
    }
    match body.collect().now_or_never() {
        Some(Ok(collected)) => Ok(collected.to_bytes()),
        // A body of known size that is made of one piece can neither wait nor fail.
        _ => Ok(Bytes::new()),
    }
}

const JSON: HeaderValue = HeaderValue::from_static("application/json");

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_known_in_each_of_its_encodings() {
        let tag = etag(7);
        for (sent, known) in [
            ("\"7\"", true),
            ("W/\"7\"", true),
            ("\"6\", \"7-gzip\"", true),
            ("W/\"7-br\"", true),
            ("*", true),
            ("\"7-zstd\"", false),
            ("\"77\"", false),
            ("7", false),
        ] {
            let headers = HeaderMap::from_iter([(header::IF_NONE_MATCH, sent.parse().unwrap())]);
            assert_eq!(has_already(&headers, &tag), known, "{sent}");
        }
        for (tag, value) in [("\"7\"", Some("7")), ("\"7-gzip\"", Some("7")), ("\"7-x\"", Some("7-x")), ("7", None)] {
            assert_eq!(tagged_value(tag), value, "{tag}");
        }
    }
}
