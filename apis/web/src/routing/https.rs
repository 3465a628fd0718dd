//! https, where a trusted proxy says how its client came ([`hosts::forwarded`]): what came without is led there, and browsers are told
//! to come by it alone. Hosts of this machine know no https, and where no proxy says anything nothing is asked.

use std::net::IpAddr;

use feira_schemas::problem::Code;
use http::{HeaderMap, HeaderValue, Method};

use super::raw::Raw;
use crate::{
    hosts,
    problem::Problem,
    reply::{self, Response},
};

/// What a browser is told to remember for a year, of a shop's host: what lies below an own domain is not ours to decide on.
const STRICT: HeaderValue = HeaderValue::from_static("max-age=31536000");
/// The same of the platform's own host. All that lies below it are shops, which are served by the same proxy: so whoever was on the
/// platform comes by https to a shop that its browser has never seen, too, and no neighbour without it can plant a cookie for all.
const STRICT_BELOW: HeaderValue = HeaderValue::from_static("max-age=31536000; includeSubDomains");

/// What becomes of a request that came without https.
pub(super) enum Forced {
    /// It is led to the same path by https.
    Moved(Response),
    /// What it brought has gone in the clear already, and nobody repeats it unasked.
    Refused(Problem),
}

/// What becomes of a request at a host that is ours or a shop's, if a trusted proxy says that it came without https; `None`: it goes on.
pub(super) fn forced(platform_domain: &str, raw: &Raw) -> Option<Forced> {
    if hosts::forwarded(&raw.headers) != Some("http") {
        return None;
    }
    let host = by_https(platform_domain, &raw.headers)?;
    if raw.method != Method::GET && raw.method != Method::HEAD {
        let detail = "Este endereço só aceita solicitações por https. Troque http:// por https:// e envie de novo.";
        return Some(Forced::Refused(Problem::new(Code::Forbidden, detail)));
    }
    let mark = if raw.query.is_empty() { "" } else { "?" };
    Some(Forced::Moved(reply::moved(&format!("https://{host}{}{mark}{}", raw.path, raw.query))))
}

/// The header by which a browser keeps to https, for a request that came by it.
pub(super) fn strict(platform_domain: &str, headers: &HeaderMap) -> Option<HeaderValue> {
    if hosts::forwarded(headers) != Some("https") {
        return None;
    }
    let name = hosts::name(headers).filter(|name| !hosts::is_of_this_machine(name) && address(name).is_none())?;
    Some(if name == platform_domain { STRICT_BELOW } else { STRICT })
}

/// The host at which a request is answered by https: its own, without a port, which was that of http. No certificate names an address,
/// and anybody can write one into `Host`, so the platform's domain stands for it.
fn by_https(platform_domain: &str, headers: &HeaderMap) -> Option<String> {
    let name = hosts::name(headers)?;
    let own = if address(&name).is_some() { platform_domain } else { &name };
    (!hosts::is_of_this_machine(&name) && !hosts::is_of_this_machine(own)).then(|| own.to_owned())
}

fn address(name: &str) -> Option<IpAddr> {
    name.trim_matches(['[', ']']).parse().ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use http::header;

    use super::*;

    fn headers(host: &str, said: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::from_iter([(header::HOST, host.parse().unwrap())]);
        for said in said {
            headers.append("x-forwarded-proto", said.parse().unwrap());
        }
        headers
    }

    #[test]
    fn a_browser_is_told_to_keep_to_https_on_the_hosts_that_have_it() {
        let (plain, below) = (Some(STRICT), Some(STRICT_BELOW));
        for (host, said, told) in [
            ("feira.example", &["https"][..], &below),
            ("FEIRA.example.:443", &["https"], &below),
            ("moda.feira.example", &["https"], &plain),
            ("lojadamoda.com.br", &["https"], &plain),
            ("feira.example", &["http"], &None),
            ("feira.example", &[], &None),
            ("feira.example", &["https, http"], &None),
            ("feira.example", &["https", "http"], &None),
            ("localhost:8080", &["https"], &None),
            ("moda.localhost", &["https"], &None),
            ("127.0.0.1:8080", &["https"], &None),
            ("203.0.113.7", &["https"], &None),
            ("[2001:db8::1]:443", &["https"], &None),
        ] {
            assert_eq!(&strict("feira.example", &headers(host, said)), told, "{host} {said:?}");
        }
    }

    #[test]
    fn a_request_is_led_to_its_own_host_and_from_an_address_to_the_platforms() {
        for (host, led) in [
            ("moda.feira.example:8080", Some("moda.feira.example")),
            ("LojaDaModa.com.br.", Some("lojadamoda.com.br")),
            ("feira.example", Some("feira.example")),
            ("203.0.113.7", Some("feira.example")),
            ("[2001:db8::1]:80", Some("feira.example")),
            ("127.0.0.1:8080", None),
            ("[::1]:8080", None),
            ("localhost", None),
            ("moda.localhost:8080", None),
        ] {
            assert_eq!(by_https("feira.example", &headers(host, &[])).as_deref(), led, "{host}");
        }
        assert_eq!(by_https("localhost", &headers("203.0.113.7", &[])), None, "there is no https to lead to");
    }
}
