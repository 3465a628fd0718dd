//! Forms that come from our own pages. Shops under one domain are one site to a browser, so `SameSite` divides nothing between them: a
//! write by cookie comes from the very host, as the browser says, and brings a token that the page was made with.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use feira_connectors::random::random;
use feira_schemas::{ids::Micros, problem::Code, secrets::Purpose, time::DAY};
use http::{HeaderMap, HeaderName, HeaderValue, header};

use super::cookies::{Cookie, TOKEN};
use crate::{context::Api, problem::Problem};

/// The name of a form's token, behind the `_` of what a form says of itself.
pub const TOKEN_FIELD: &str = "token";
/// The name of a form's `Idempotency-Key`, likewise.
pub const KEY_FIELD: &str = "key";
/// The name of the version that a form was filled with, likewise: what is changed is this version alone.
pub const VERSION_FIELD: &str = "version";
/// What a browser says of where a request comes from (W3C Fetch Metadata).
const SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
/// The time for which a page may lie open before its form is sent. The token's end is different in each page, so the token is as well:
/// of pages that are compressed, nothing is learned by their length.
const OPEN_FOR: Micros = DAY;

/// The one that a form's token is bound to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder<'a> {
    /// Somebody who has logged in, by the hash of the session's token.
    Session(&'a str),
    /// Somebody who has not, by the visitor's cookie.
    Visitor(&'a str),
}

impl Holder<'_> {
    fn parts(&self) -> [&[u8]; 2] {
        match self {
            Self::Session(hash) => [b"session", hash.as_bytes()],
            Self::Visitor(cookie) => [b"visitor", cookie.as_bytes()],
        }
    }

    /// A token for a form of a page that is made now.
    pub fn token(&self, api: &Api) -> String {
        api.config.secrets.sign(Purpose::Form, &self.parts(), Some(api.platform.now() + OPEN_FOR))
    }

    /// Checks the token that a form brought.
    ///
    /// # Errors
    /// 403 where it is none of this holder's, or too old.
    pub fn check(&self, api: &Api, token: Option<&str>) -> Result<(), Problem> {
        let now = api.platform.now();
        let verified = token.map(|token| api.config.secrets.verify(Purpose::Form, &self.parts(), token, now));
        if matches!(verified, Some(Ok(()))) { Ok(()) } else { Err(not_ours()) }
    }
}

/// The visitor's cookie, and the header that sets it where the browser has none yet.
pub struct Visitor {
    /// The cookie's value.
    pub cookie: String,
    /// `Set-Cookie`.
    pub set: Option<HeaderValue>,
}

impl Visitor {
    /// The same visitor, whose cookie is set anew: it lives on from now, and not from the first visit.
    pub fn renewed(self, headers: &HeaderMap) -> Self {
        Self { set: Cookie::Visitor.set(headers, &self.cookie), ..self }
    }
}

/// The visitor who asks for a page with a form.
pub fn visitor(headers: &HeaderMap) -> Visitor {
    match known_visitor(headers) {
        Some(known) => Visitor { cookie: known.to_owned(), set: None },
        None => {
            let cookie = random_token();
            Visitor { set: Cookie::Visitor.set(headers, &cookie), cookie }
        }
    }
}

/// The visitor's cookie that a browser sent.
pub(crate) fn known_visitor(headers: &HeaderMap) -> Option<&str> {
    Cookie::Visitor.read(headers)
}

/// 256 random bits as a cookie has them.
pub(super) fn random_token() -> String {
    let mut bytes = [0; TOKEN];
    random()(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Checks that a write comes from a page of this very host: the browser says so, or, where it says nothing of it, the origin is the host.
///
/// # Errors
/// 403 where it comes from elsewhere, or nobody says from where.
pub(crate) fn check_origin(headers: &HeaderMap) -> Result<(), Problem> {
    let is_ours = match headers.get(SITE) {
        Some(site) => site == "same-origin",
        None => is_the_host(headers),
    };
    if is_ours { Ok(()) } else { Err(not_ours()) }
}

/// True if `Origin` is the request's host, port and all. Its scheme is not compared: a proxy in front may have another one.
fn is_the_host(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let authority = text(header::ORIGIN).and_then(|origin| origin.split_once("://"));
    match (authority, text(header::HOST)) {
        (Some(("http" | "https", authority)), Some(host)) => authority.eq_ignore_ascii_case(host),
        _ => false,
    }
}

fn not_ours() -> Problem {
    let detail = "Este formulário não veio desta página, ou ficou aberto por tempo demais. Volte, recarregue a página e envie-o de novo.";
    Problem::new(Code::Forbidden, detail)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_write_comes_from_its_own_host() {
        for (site, origin, ours) in [
            (Some("same-origin"), None, true),
            (Some("same-origin"), Some("https://moda.localhost"), true),
            (Some("same-site"), Some("http://localhost:8080"), false),
            (Some("cross-site"), None, false),
            (Some("none"), None, false),
            (Some(""), Some("http://localhost:8080"), false),
            (None, Some("http://localhost:8080"), true),
            (None, Some("https://LOCALHOST:8080"), true),
            (None, Some("http://moda.localhost:8080"), false),
            (None, Some("http://localhost"), false),
            (None, Some("http://localhost:8080.evil.example"), false),
            (None, Some("ftp://localhost:8080"), false),
            (None, Some("null"), false),
            (None, None, false),
        ] {
            let mut headers = HeaderMap::from_iter([(header::HOST, HeaderValue::from_static("localhost:8080"))]);
            for (name, value) in [(SITE, site), (header::ORIGIN, origin)] {
                headers.extend(value.map(|value| (name, value.parse().unwrap())));
            }
            assert_eq!(check_origin(&headers).is_ok(), ours, "{site:?} {origin:?}");
        }
    }

    #[test]
    fn a_visitor_keeps_its_cookie_and_a_new_one_gets_one() {
        let host = || (header::HOST, HeaderValue::from_static("localhost"));
        let new = visitor(&HeaderMap::from_iter([host()]));
        assert!(new.set.is_some() && new.cookie.len() == 43);
        let cookie = format!("feira_visitor={}", new.cookie).parse().unwrap();
        let known = visitor(&HeaderMap::from_iter([host(), (header::COOKIE, cookie)]));
        assert_eq!((known.cookie == new.cookie, &known.set), (true, &None));
        let renewed = known.renewed(&HeaderMap::from_iter([host()]));
        let set = renewed.set.unwrap().to_str().unwrap().to_owned();
        assert!(set.starts_with(&format!("feira_visitor={};", new.cookie)) && set.contains("Max-Age="), "{set}");
        assert_ne!(visitor(&HeaderMap::from_iter([host()])).cookie, new.cookie);
    }
}
