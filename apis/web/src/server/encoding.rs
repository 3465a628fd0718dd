//! Answers in fewer bytes, for who takes them so. Each encoding of an answer is a variant with a tag of its own, and says that it
//! varies (RFC 9110, 8.8.3.3 and 15.4.5).

use std::{io::Write, sync::LazyLock};

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use tokio::sync::Semaphore;

use crate::reply::{self, Encoding, Fixed, Response};

/// Below this the encoding's own bytes and the work are not worth it.
const LEAST: u64 = 256;
/// Larger ones are packed aside: a worker that answers others would be held up for milliseconds.
const ASIDE: usize = 32 * 1024;
/// The quality of Brotli (0 to 11) beyond which the time that packing takes grows faster than what it saves.
const BROTLI_QUALITY: u32 = 4;
/// Twice the logarithm of the window that answers need, which is what an encoder keeps in memory.
const BROTLI_WINDOW: u32 = 18;

/// Permits for packing large answers: more than there are processors would only hold memory.
static PACKING: LazyLock<Semaphore> =
    LazyLock::new(|| Semaphore::new(std::thread::available_parallelism().map_or(2, usize::from)));

/// The parts of a request that decide about the variant that answers it.
pub(super) struct Asked {
    head: bool,
    encoding: Option<Encoding>,
    known: Vec<HeaderValue>,
}

impl Asked {
    pub(super) fn of(method: &Method, headers: &HeaderMap) -> Self {
        let known = headers.get_all(header::IF_NONE_MATCH).iter().cloned().collect();
        Self { head: *method == Method::HEAD, encoding: taken(headers), known }
    }
}

/// Gives an answer in the best encoding that its client takes; where it is one whose bytes are all there.
pub(super) async fn encode(asked: &Asked, mut response: Response) -> Response {
    let (varies, unchanged) = (varies(response.headers()), response.status() == StatusCode::NOT_MODIFIED);
    if unchanged {
        response.headers_mut().remove(header::CONTENT_TYPE);
    }
    if !varies {
        return response;
    }
    varies_by_encoding(response.headers_mut());
    if unchanged {
        not_modified(asked, &mut response);
        return response;
    }
    let Some(encoding) = asked.encoding.filter(|_| length(&response).is_some_and(|length| length >= LEAST)) else {
        return response;
    };
    if asked.head {
        response.headers_mut().remove(header::CONTENT_LENGTH);
    } else {
        let fixed = response.extensions_mut().remove::<&'static Fixed>();
        let (parts, body) = response.into_parts();
        let packed = match (fixed, reply::whole(body)) {
            (Some(fixed), _) => pack_once(encoding, fixed).await,
            (None, Ok(bytes)) => pack(encoding, bytes).await,
            (None, Err(body)) => return Response::from_parts(parts, body),
        };
        response = Response::from_parts(parts, packed.into());
        response.headers_mut().remove(header::CONTENT_LENGTH);
    }
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding.name()));
    headers.remove(header::ACCEPT_RANGES);
    if let Some(tag) = headers.get(header::ETAG).and_then(|tag| reply::encoded_tag(tag, encoding)) {
        headers.insert(header::ETAG, tag);
    }
    response
}

/// One line, whatever else the answer varies by: some caches look at one alone.
fn varies_by_encoding(headers: &mut HeaderMap) {
    const ENCODING: HeaderValue = HeaderValue::from_static("accept-encoding");
    const ORIGIN_AND_ENCODING: HeaderValue = HeaderValue::from_static("origin, accept-encoding");
    let mut known = headers.get_all(header::VARY).iter();
    let all = match (known.next(), known.next()) {
        (None, _) => ENCODING,
        // What scripts elsewhere may read, which is what is asked for most.
        (Some(one), None) if one == "origin" => ORIGIN_AND_ENCODING,
        _ => {
            let known = headers.get_all(header::VARY).iter().filter_map(|known| known.to_str().ok());
            let all: Vec<&str> = known.chain(["accept-encoding"]).collect();
            let Ok(all) = HeaderValue::try_from(all.join(", ")) else { return };
            all
        }
    };
    headers.insert(header::VARY, all);
}

/// Gives a 304 the ETag of the content that it stands for: the tag under which the client has it.
fn not_modified(asked: &Asked, response: &mut Response) {
    let headers = response.headers_mut();
    let Some(plain) = headers.get(header::ETAG).cloned() else { return };
    let variants = Encoding::ALL.into_iter().filter_map(|encoding| reply::encoded_tag(&plain, encoding));
    let has = |tag: &HeaderValue| asked.known.iter().any(|known| reply::names(known, tag));
    if let Some(tag) = variants.into_iter().find(has).filter(|_| !has(&plain)) {
        headers.insert(header::ETAG, tag);
    }
}

/// True if an answer's content is text of some kind, and not packed already. Lines that are followed as they come
/// must not wait in an encoder.
fn varies(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    let text = kind.starts_with("text/")
        || matches!(kind, "application/json" | "application/xml" | "application/javascript" | "image/svg+xml")
        || kind.starts_with("application/") && (kind.ends_with("+json") || kind.ends_with("+xml"));
    text && !headers.contains_key(header::CONTENT_ENCODING)
}

/// Bytes of an answer; of HEAD those that GET would give.
fn length(response: &Response) -> Option<u64> {
    let exact = hyper::body::Body::size_hint(response.body()).exact();
    let declared = response.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    exact.filter(|length| *length > 0).or(declared)
}

/// Who asks meanwhile waits for the first one's.
async fn pack_once(encoding: Encoding, fixed: &'static Fixed) -> Bytes {
    let bytes = Bytes::from_static(fixed.content().as_bytes());
    fixed.encoded(encoding).get_or_init(|| pack(encoding, bytes)).await.clone()
}

async fn pack(encoding: Encoding, bytes: Bytes) -> Bytes {
    if bytes.len() < ASIDE {
        return packed(encoding, &bytes);
    }
    let _turn = PACKING.acquire().await;
    let again = bytes.clone();
    // A panic in an encoder is told by the answer that it leaves: the plain one under another name would be a lie.
    match tokio::task::spawn_blocking(move || packed(encoding, &bytes)).await {
        Ok(packed) => packed,
        Err(error) => {
            tracing::error!(%error, "an answer could not be packed aside");
            packed(encoding, &again)
        }
    }
}

fn packed(encoding: Encoding, bytes: &[u8]) -> Bytes {
    let room = Vec::with_capacity(bytes.len() / 4);
    // Writing into memory does not fail.
    let written = match encoding {
        Encoding::Gzip => {
            let mut encoder = GzEncoder::new(room, Compression::new(5));
            encoder.write_all(bytes).and_then(|()| encoder.finish())
        }
        Encoding::Brotli => {
            let mut encoder = brotli::CompressorWriter::new(room, 4_096, BROTLI_QUALITY, BROTLI_WINDOW);
            encoder.write_all(bytes).and_then(|()| encoder.flush()).map(|()| encoder.into_inner())
        }
    };
    written.unwrap_or_default().into()
}

/// The encoding that a client likes best of those we have; brotli where it takes both alike.
fn taken(headers: &HeaderMap) -> Option<Encoding> {
    let lines = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|line| line.to_str().ok());
    let mut liked = [None, None];
    let mut any = None;
    for part in lines.flat_map(|line| line.split(',')) {
        let (name, weight) = weighed(part);
        match name.as_str() {
            "br" => liked[0] = Some(weight),
            "gzip" | "x-gzip" => liked[1] = Some(weight),
            "*" => any = Some(weight),
            _ => {}
        }
    }
    let [brotli, gzip] = liked.map(|weight| weight.or(any).unwrap_or(0));
    match (brotli, gzip) {
        (0, 0) => None,
        (brotli, gzip) if brotli >= gzip => Some(Encoding::Brotli),
        _ => Some(Encoding::Gzip),
    }
}

/// A part of `Accept-Encoding`: a name, and how much it is liked in thousandths.
fn weighed(part: &str) -> (String, u16) {
    let (name, parameters) = part.split_once(';').unwrap_or((part, ""));
    let weight = parameters.trim().strip_prefix("q=").or_else(|| parameters.trim().strip_prefix("Q="));
    let weight = weight.map_or(1.0, |weight| weight.trim().parse::<f32>().unwrap_or(0.0));
    (name.trim().to_ascii_lowercase(), (weight.clamp(0.0, 1.0) * 1_000.0) as u16)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::io::Read;

    use super::*;

    fn asked(accept: &str, known: &str) -> Asked {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_ENCODING, accept.parse().unwrap());
        if !known.is_empty() {
            headers.insert(header::IF_NONE_MATCH, known.parse().unwrap());
        }
        Asked::of(&Method::GET, &headers)
    }

    fn page(text: &str) -> Response {
        let mut response = reply::html(text.to_owned());
        response.headers_mut().insert(header::ETAG, HeaderValue::from_static("\"7\""));
        response
    }

    fn said<'a>(response: &'a Response, name: &str) -> &'a str {
        response.headers().get(name).map_or("", |value| value.to_str().unwrap())
    }

    #[test]
    fn the_encoding_is_what_the_client_likes_best() {
        for (accept, taken) in [
            ("", None),
            ("gzip", Some(Encoding::Gzip)),
            ("gzip, deflate, br, zstd", Some(Encoding::Brotli)),
            ("br;q=0.5, GZIP;q=0.8", Some(Encoding::Gzip)),
            ("br;q=0, gzip;q=0", None),
            ("*", Some(Encoding::Brotli)),
            ("br;q=0, *;q=0.1", Some(Encoding::Gzip)),
            ("identity", None),
            ("gzip;q=x", None),
        ] {
            assert_eq!(asked(accept, "").encoding, taken, "{accept}");
        }
    }

    #[tokio::test]
    async fn f10_each_encoding_is_a_variant_with_a_tag_of_its_own() {
        for size in [1_000, 3 * ASIDE] {
            let text = "algodão penteado ".repeat(size / 17 + 1);
            let plain = encode(&asked("", ""), page(&text)).await;
            assert_eq!((said(&plain, "etag"), said(&plain, "vary")), ("\"7\"", "accept-encoding"));
            assert_eq!(reply::whole(plain.into_body()).unwrap(), text);

            let packed = encode(&asked("gzip", ""), page(&text)).await;
            assert_eq!((said(&packed, "etag"), said(&packed, "vary")), ("\"7-gzip\"", "accept-encoding"));
            assert_eq!(said(&packed, "content-encoding"), "gzip");
            let bytes = reply::whole(packed.into_body()).unwrap();
            let mut read = String::new();
            flate2::read::GzDecoder::new(&bytes[..]).read_to_string(&mut read).unwrap();
            assert_eq!(read, text);

            let packed = encode(&asked("br", ""), page(&text)).await;
            assert_eq!((said(&packed, "etag"), said(&packed, "content-encoding")), ("\"7-br\"", "br"));
            let bytes = reply::whole(packed.into_body()).unwrap();
            let mut read = String::new();
            brotli::Decompressor::new(&bytes[..], 4_096).read_to_string(&mut read).unwrap();
            assert_eq!(read, text);
        }
    }

    #[tokio::test]
    async fn f10_what_lies_in_the_program_is_packed_once_in_each_encoding() {
        static FIXED: Fixed = Fixed::new(include_str!("encoding.rs"));
        let answer = async |accept: &str| {
            let kind = HeaderValue::from_static("text/javascript; charset=utf-8");
            let response = encode(&asked(accept, ""), reply::fixed(kind, &FIXED)).await;
            assert_eq!((said(&response, "content-encoding"), said(&response, "vary")), (accept, "accept-encoding"));
            reply::whole(response.into_body()).unwrap()
        };
        let (gzip, brotli) = (answer("gzip").await, answer("br").await);
        let again = (answer("gzip").await, answer("br").await);
        assert_eq!((again.0.as_ptr(), again.1.as_ptr()), (gzip.as_ptr(), brotli.as_ptr()));
        assert_eq!(answer("").await, FIXED.content());
        let (mut from_gzip, mut from_brotli) = (String::new(), String::new());
        flate2::read::GzDecoder::new(&gzip[..]).read_to_string(&mut from_gzip).unwrap();
        brotli::Decompressor::new(&brotli[..], 4_096).read_to_string(&mut from_brotli).unwrap();
        assert_eq!((from_gzip.as_str(), from_brotli.as_str()), (FIXED.content(), FIXED.content()));
    }

    #[tokio::test]
    async fn what_is_small_or_no_text_is_left_as_it_is() {
        let small = encode(&asked("gzip", ""), page("oi")).await;
        assert_eq!((said(&small, "etag"), said(&small, "content-encoding")), ("\"7\"", ""));
        let image = reply::content(HeaderValue::from_static("image/png"), vec![0; 10_000]);
        let image = encode(&asked("gzip", ""), image).await;
        assert_eq!((said(&image, "vary"), said(&image, "content-encoding")), ("", ""));
    }

    #[tokio::test]
    async fn f10_a_304_names_the_variant_that_the_client_has() {
        for (known, tag) in
            [("\"7\"", "\"7\""), ("\"x\", \"7-gzip\"", "\"7-gzip\""), ("W/\"7\"", "\"7\""), ("*", "\"7\"")]
        {
            let mut response = reply::empty(StatusCode::NOT_MODIFIED);
            response.headers_mut().insert(header::ETAG, HeaderValue::from_static("\"7\""));
            response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
            let response = encode(&asked("gzip", known), response).await;
            assert_eq!((said(&response, "etag"), said(&response, "vary")), (tag, "accept-encoding"), "{known}");
            assert_eq!(said(&response, "content-type"), "", "{known}");
        }
    }
}
