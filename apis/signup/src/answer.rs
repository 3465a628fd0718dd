//! Answers of the site: pages that everybody sees alike, which may be kept and are asked for again, and those of one person, which nobody keeps.

use bytes::Bytes;
use feira_web::{
    problem::Problem,
    public::{tag_of, tagged},
    reply::{self, Response},
    routing::Request,
};
use http::{HeaderName, HeaderValue, StatusCode, header};

/// The `Content-Security-Policy`: own stylesheet and scripts, forms that stay on the host, and pictures that stand in the page itself. Behind it
/// stand the addresses that scripts may ask: the host's own, and on a page with a card's form the gateway's.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; \
                      frame-ancestors 'none'; connect-src 'self'";
/// Links to a subscription are told to no other site. With `no-referrer` a browser would name no origin with a form either, by which those are
/// told apart that do not say `Sec-Fetch-Site`.
const REFERRER: HeaderValue = HeaderValue::from_static("same-origin");
const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");

/// A page that is the same for everybody.
pub(crate) fn open(request: &Request, html: askama::Result<String>) -> Result<Response, Problem> {
    let html = Bytes::from(html.map_err(Problem::internal)?);
    let etag = tag_of(&html);
    let mut response = tagged(&request.headers, HTML, html, etag);
    protect(&mut response, None)?;
    Ok(response)
}

/// A page of one person, or one that says why there is nothing else. Its scripts may ask the gateway at this origin.
pub(crate) fn page(
    status: StatusCode,
    html: askama::Result<String>,
    gateway: Option<&str>,
) -> Result<Response, Problem> {
    let mut response = reply::html(html.map_err(Problem::internal)?);
    *response.status_mut() = status;
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    protect(&mut response, gateway)?;
    Ok(response)
}

/// The headers that keep a page what it is in a browser.
fn protect(response: &mut Response, gateway: Option<&str>) -> Result<(), Problem> {
    let policy = match gateway {
        Some(origin) => HeaderValue::try_from(format!("{POLICY} {origin}")).map_err(Problem::internal)?,
        None => HeaderValue::from_static(POLICY),
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    headers.insert(header::REFERRER_POLICY, REFERRER);
    headers.insert(HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin"));
    headers.insert(HeaderName::from_static("origin-agent-cluster"), HeaderValue::from_static("?1"));
    Ok(())
}

/// Has the browser keep a cookie.
pub(crate) fn set_cookie(response: &mut Response, cookie: Option<HeaderValue>) {
    if let Some(cookie) = cookie {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}
