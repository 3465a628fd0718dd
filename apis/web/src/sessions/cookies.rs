//! Cookies: each is of one host alone, hidden from scripts, and not sent by other sites' forms.

use feira_schemas::{
    ids::Micros,
    rows::sessions::{CART_KEPT, SESSION_LASTS},
};
use http::{HeaderMap, HeaderValue, header};

use crate::hosts;

/// The bytes of a session's token, and of a visitor's.
pub(super) const TOKEN: usize = 32;
/// The bytes of a cart's id.
pub(super) const CART: usize = 16;

/// A cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cookie {
    /// The token of a session.
    Session,
    /// Random bytes, to which the forms of who has not logged in are bound.
    Visitor,
    /// The id of a buyer's cart.
    Cart,
}

impl Cookie {
    /// The name on this host. Over https a browser takes `__Host-` from the host itself alone, and never from a neighbour or over http.
    fn name(self, headers: &HeaderMap) -> &'static str {
        match (self, is_secure(headers)) {
            (Self::Session, true) => "__Host-feira_session",
            (Self::Session, false) => "feira_session",
            (Self::Visitor, true) => "__Host-feira_visitor",
            (Self::Visitor, false) => "feira_visitor",
            (Self::Cart, true) => "__Host-feira_cart",
            (Self::Cart, false) => "feira_cart",
        }
    }

    /// The random bytes of its value.
    const fn bytes(self) -> usize {
        match self {
            Self::Session | Self::Visitor => TOKEN,
            Self::Cart => CART,
        }
    }

    /// The microseconds for which a browser is to keep it.
    const fn lasts(self) -> Micros {
        match self {
            Self::Session | Self::Visitor => SESSION_LASTS,
            Self::Cart => CART_KEPT,
        }
    }

    /// True for a text that has the form of its value: base64url of as many bytes.
    pub(super) fn is_value(self, text: &str) -> bool {
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        text.len() == (self.bytes() * 4).div_ceil(3) && text.bytes().all(legal)
    }

    /// The value that a browser sent; none where it sent two, of which nobody knows which is ours, or what no cookie of ours looks like.
    pub(super) fn read(self, headers: &HeaderMap) -> Option<&str> {
        let name = self.name(headers);
        let lines = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
        let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
        let mut values = pairs.filter(|(known, _)| *known == name).map(|(_, value)| value);
        match (values.next(), values.next()) {
            (Some(value), None) if self.is_value(value) => Some(value),
            _ => None,
        }
    }

    /// The header that has a browser keep this value.
    pub(super) fn set(self, headers: &HeaderMap, value: &str) -> Option<HeaderValue> {
        self.header(headers, value, self.lasts() / 1_000_000)
    }

    /// The header that has a browser forget it.
    pub(super) fn clear(self, headers: &HeaderMap) -> Option<HeaderValue> {
        self.header(headers, "", 0)
    }

    fn header(self, headers: &HeaderMap, value: &str, seconds: i64) -> Option<HeaderValue> {
        let (name, secure) = (self.name(headers), if is_secure(headers) { "; Secure" } else { "" });
        let cookie = format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
        let mut cookie = HeaderValue::try_from(cookie).ok()?;
        cookie.set_sensitive(true);
        Some(cookie)
    }
}

/// True unless the host is of this machine and knows no https: there a browser would not keep such a cookie. Anywhere else none is ever
/// sent in the clear, also where no trusted proxy says how the client came.
fn is_secure(headers: &HeaderMap) -> bool {
    let is_plain = || hosts::name(headers).is_some_and(|host| hosts::is_of_this_machine(&host));
    hosts::scheme(headers) == "https" || !is_plain()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn headers(https: bool, cookies: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::from_iter([(header::HOST, HeaderValue::from_static("localhost:8080"))]);
        if https {
            headers.insert("x-forwarded-proto", HeaderValue::from_static("https"));
        }
        for line in cookies {
            headers.append(header::COOKIE, line.parse().unwrap());
        }
        headers
    }

    #[test]
    fn a_cookie_is_its_hosts_alone_and_no_scripts() {
        let set = |https| Cookie::Session.set(&headers(https, &[]), "x").unwrap().to_str().unwrap().to_owned();
        let rest = "=x; Path=/; Max-Age=1209600; HttpOnly; SameSite=Lax";
        assert_eq!(set(true), format!("__Host-feira_session{rest}; Secure"));
        assert_eq!(set(false), format!("feira_session{rest}"));
        let cleared = Cookie::Session.clear(&headers(true, &[])).unwrap();
        assert!(cleared.to_str().unwrap().starts_with("__Host-feira_session=; Path=/; Max-Age=0;"));
    }

    #[test]
    fn s94_a_carts_cookie_is_shorter_and_lives_longer() {
        let id = "c".repeat(22);
        let set = Cookie::Cart.set(&headers(true, &[]), &id).unwrap();
        let expected = format!("__Host-feira_cart={id}; Path=/; Max-Age=2592000; HttpOnly; SameSite=Lax; Secure");
        assert_eq!(set.to_str().unwrap(), expected);
        let sent = |value: &str| Cookie::Cart.read(&headers(false, &[&format!("feira_cart={value}")])).is_some();
        assert!(sent(&id) && !sent(&"c".repeat(43)) && !sent(&"c".repeat(21)) && !sent(""));
    }

    #[test]
    fn without_https_a_cookie_is_kept_on_this_machine_alone() {
        for (host, is_plain) in [
            ("localhost:8080", true),
            ("MODA.localhost", true),
            ("127.0.0.1:8080", true),
            ("[::1]:8080", true),
            ("feira.example", false),
            ("10.0.0.7:8080", false),
            ("localhost.evil.example", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::from_iter([(header::HOST, HeaderValue::from_static(host))]);
            let set = |headers: &HeaderMap| Cookie::Session.set(headers, "x").unwrap().to_str().unwrap().to_owned();
            let is_secure = |cookie: &str| cookie.starts_with("__Host-") && cookie.ends_with("; Secure");
            assert_eq!(!is_secure(&set(&headers)), is_plain, "{host}");
            headers.insert("x-forwarded-proto", HeaderValue::from_static("https"));
            assert!(is_secure(&set(&headers)), "{host}");
        }
        assert!(Cookie::Visitor.set(&HeaderMap::new(), "x").unwrap().to_str().unwrap().ends_with("; Secure"));
    }

    #[test]
    fn only_one_cookie_of_the_right_name_and_form_is_read() {
        let (token, other) = ("a".repeat(43), "b".repeat(43));
        let plain = format!("x=1; feira_session={token}; y=2");
        assert_eq!(Cookie::Session.read(&headers(false, &[&plain])), Some(token.as_str()));
        assert_eq!(Cookie::Session.read(&headers(true, &[&plain])), None, "over https the plain name is anybody's");
        assert_eq!(Cookie::Visitor.read(&headers(false, &[&plain])), None);
        let second = format!("feira_session={other}");
        assert_eq!(Cookie::Session.read(&headers(false, &[&plain, &second])), None, "one was slipped in");
        for wrong in
            ["", "a", &"a".repeat(42), &"a".repeat(44), &format!("{}=", &token[1..]), &format!("{}%", &token[1..])]
        {
            assert_eq!(Cookie::Session.read(&headers(false, &[&format!("feira_session={wrong}")])), None, "{wrong}");
        }
    }
}
