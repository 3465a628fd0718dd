//! Where somebody goes after the log-in: a page of the same host, or the first one.

use http::Method;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// The page at which operators log in.
pub const LOGIN: &str = "/operator/login";
/// Most bytes of an address that is gone back to.
const MOST: usize = 1_000;

/// The address, if it is a path of the same host: one `/` first, no second, and no `\`, which browsers take for one. Nor anything that
/// is no visible ASCII: browsers drop tabs and line breaks, and what is left may be another address.
pub fn safe(next: &str) -> Option<&str> {
    let is_path = next.starts_with('/') && !next.starts_with("//") && next.len() <= MOST;
    (is_path && next.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')).then_some(next)
}

/// The address of the log-in that leads back to what was asked for. A form that was sent is lost, so it leads to the first page.
pub(crate) fn login(method: &Method, path: &str, query: &str) -> String {
    let asked = if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") };
    match safe(&asked) {
        Some(next) if *method == Method::GET => format!("{LOGIN}?next={}", utf8_percent_encode(next, NON_ALPHANUMERIC)),
        _ => LOGIN.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_path_of_the_same_host_is_gone_to() {
        for good in ["/", "/operator", "/operator/shops/1?q=a%20b&after=x", "/a//b"] {
            assert_eq!(safe(good), Some(good));
        }
        for wrong in [
            "",
            "operator",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "/\t/evil.example",
            "/\n/evil.example",
            "/a\\b",
            "https://evil.example",
            "javascript:alert(1)",
            " /operator",
            "/ação",
            "/a b",
            &format!("/{}", "a".repeat(MOST)),
        ] {
            assert_eq!(safe(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_log_in_leads_back_to_what_was_asked_for() {
        assert_eq!(login(&Method::GET, "/operator/staff", "q=a"), "/operator/login?next=%2Foperator%2Fstaff%3Fq%3Da");
        assert_eq!(login(&Method::POST, "/operator/staff", ""), LOGIN);
        assert_eq!(login(&Method::GET, "//evil.example", ""), LOGIN);
    }
}
