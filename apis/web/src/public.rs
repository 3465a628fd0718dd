//! Answers that anybody may keep and must ask about again: what is shown to everybody changes at any moment, and is
//! the same for all.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, header};
use sha2::{Digest, Sha256};

use crate::{
    reply::{self, Response},
    routing::Request,
};

/// Kept by whoever wants to, and never shown again without asking whether it still holds.
pub const ASK_AGAIN: HeaderValue = HeaderValue::from_static("public, max-age=0, must-revalidate");

/// Content with this tag, or 304 if the client has it already.
pub fn tagged(request: &HeaderMap, content_type: HeaderValue, content: Bytes, etag: HeaderValue) -> Response {
    let mut response = if reply::has_already(request, &etag) {
        reply::not_modified(content_type)
    } else {
        reply::content(content_type, content)
    };
    let headers = response.headers_mut();
    headers.insert(header::ETAG, etag);
    headers.insert(header::CACHE_CONTROL, ASK_AGAIN);
    response
}

/// JSON whose tag is made of its bytes: what is made of many entities has no version of its own.
pub fn json(request: &Request, content: impl Into<Bytes>) -> Response {
    let content = content.into();
    let etag = tag_of(&content);
    tagged(&request.headers, HeaderValue::from_static("application/json"), content, etag)
}

/// 96 bits of the content's hash, in quotation marks.
pub fn tag_of(content: &[u8]) -> HeaderValue {
    let digest = Sha256::digest(content);
    HeaderValue::try_from(format!("\"{}\"", hex::encode(&digest[..12]))).unwrap_or(HeaderValue::from_static("\"\""))
}
