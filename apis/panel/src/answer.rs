//! Answers of the panel: each is one person's, so nobody keeps it, and no other page may hold it in a frame.

use feira_web::{
    problem::Problem,
    reply::{self, Response},
    writes::NotDecided,
};
use http::{HeaderName, HeaderValue, StatusCode, header};

use crate::frame::{Frame, Message, SENT_OFF};

/// The `Content-Security-Policy`: the panel's own stylesheet and script, forms that stay on the host, and nothing else.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
);
/// Addresses of the panel, among them links that serve once, are told to no other site. With `no-referrer` a browser would name no origin
/// with a form either, by which those are told apart that do not say `Sec-Fetch-Site`.
const REFERRER: HeaderValue = HeaderValue::from_static("same-origin");

/// A page with a status.
pub(crate) fn page(status: StatusCode, html: askama::Result<String>) -> Result<Response, Problem> {
    let mut response = reply::html(html.map_err(Problem::internal)?);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::CONTENT_SECURITY_POLICY, POLICY);
    headers.insert(header::REFERRER_POLICY, REFERRER);
    headers.insert(HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin"));
    headers.insert(HeaderName::from_static("origin-agent-cluster"), HeaderValue::from_static("?1"));
    Ok(response)
}

/// 303 to a page that says what was done, by a word of [`crate::frame::notice`].
pub(crate) fn done(page: &str, word: &str) -> Response {
    reply::see_other(&format!("{page}?done={word}"))
}

/// The answer where a command has no decision to show: it is still to come, or it is a refusal, which the page says.
pub(crate) fn not_decided(frame: &Frame, back: &str, not_decided: NotDecided) -> Result<Response, Problem> {
    match not_decided {
        NotDecided::Pending(_) => Ok(done(back, SENT_OFF)),
        NotDecided::Problem(problem) if problem.status().is_client_error() => refused(frame, back, &problem),
        NotDecided::Problem(problem) => Err(problem),
    }
}

fn refused(frame: &Frame, back: &str, problem: &Problem) -> Result<Response, Problem> {
    let message = Message { frame, title: "Não foi feito", text: &problem.detail, back: Some(back) };
    let mut response = page(problem.status(), message.html())?;
    response.headers_mut().extend(problem.headers.clone());
    Ok(response)
}

/// The sentence for who did something too often, and may again in so many seconds.
pub(crate) fn too_many(seconds: u64) -> String {
    let minutes = match seconds.div_ceil(60) {
        1 => "1 minuto".to_owned(),
        minutes => format!("{minutes} minutos"),
    };
    format!("Houve tentativas demais. Espere {minutes} antes de tentar de novo.")
}

/// Says in an answer's head, too, in how many seconds it may be tried again.
pub(crate) fn wait(response: Result<Response, Problem>, seconds: u64) -> Result<Response, Problem> {
    let mut response = response?;
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    Ok(response)
}

/// Has the browser keep or forget a cookie.
pub(crate) fn set_cookie(response: &mut Response, cookie: Option<HeaderValue>) {
    if let Some(cookie) = cookie {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}
