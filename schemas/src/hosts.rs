//! Host names: which are the platform's, which are a shop's sub-domain, and what a sub-domain and a domain of a shop's own may be.

use crate::{
    limits::SUBDOMAIN_CHARS,
    problem::{Code, Refusal},
    refusals,
};

/// Names that no shop may have: the platform's own, and those that mail and DNS give a meaning.
const RESERVED: &[&str] = &[
    "www",
    "admin",
    "administrador",
    "api",
    "app",
    "apps",
    "assets",
    "static",
    "cdn",
    "media",
    "img",
    "files",
    "mail",
    "email",
    "smtp",
    "imap",
    "pop",
    "webmail",
    "mx",
    "autoconfig",
    "autodiscover",
    "operator",
    "operador",
    "platform",
    "plataforma",
    "feira",
    "status",
    "health",
    "healthz",
    "readyz",
    "metrics",
    "registry",
    "kafka",
    "docs",
    "help",
    "ajuda",
    "suporte",
    "support",
    "blog",
    "signup",
    "assinar",
    "planos",
    "login",
    "conta",
    "account",
    "billing",
    "checkout",
    "pagamento",
    "pagamentos",
    "payments",
    "payment",
    "webhook",
    "webhooks",
    "callback",
    "callbacks",
    "security",
    "abuse",
    "postmaster",
    "hostmaster",
    "webmaster",
    "root",
    "dns",
    "ftp",
    "ssh",
    "vpn",
    "test",
    "dev",
    "staging",
    "demo",
    "localhost",
    "ns1",
    "ns2",
    "wpad",
    "isatap",
];

/// Brands and banks, one a line: by the name of one somebody else would be believed. Lines that begin with `#` say what follows.
const BRANDS: &str = include_str!("brazil/reserved_names.txt");

/// True for a name that no shop may have: the platform's own, and brands' and banks', with or without hyphens between.
fn is_reserved(name: &str) -> bool {
    let bare = name.replace('-', "");
    RESERVED.contains(&name) || brands().any(|brand| brand == bare)
}

fn brands() -> impl Iterator<Item = &'static str> {
    BRANDS.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// A sub-domain as it is kept: lower case.
pub fn normalise_subdomain(text: &str) -> String {
    text.trim().to_ascii_lowercase()
}

/// Refuses a normalised name that can't be a shop's sub-domain.
pub fn check_subdomain(name: &str) -> Result<(), Refusal> {
    let form = SUBDOMAIN_CHARS.contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && name.as_bytes()[0].is_ascii_lowercase()
        && !name.ends_with('-')
        && !name.contains("--");
    if !form {
        let (least, most) = SUBDOMAIN_CHARS.into_inner();
        let detail = format!(
            "O endereço tem de {least} a {most} letras sem acento, números ou hífens simples; começa com letra e não termina com hífen."
        );
        return Err(Refusal::new(Code::Invalid, detail));
    }
    if is_reserved(name) {
        return Err(Refusal::new(Code::NameReserved, format!("O endereço «{name}» é reservado. Escolha outro.")));
    }
    Ok(())
}

/// Most characters of a domain: a name of DNS has 255 bytes with the lengths of its labels (RFC 1035), and `_feira.` stands before it.
const DOMAIN_CHARS: usize = 246;
/// Most characters of a label of a domain (RFC 1035).
const LABEL_CHARS: usize = 63;

/// A domain as it is kept: in ASCII and lower case, without a scheme and `www.`, however often, before it and a dot or slash behind it. What is no
/// domain comes back as something that [`check_domain`] refuses.
pub fn normalise_domain(text: &str) -> String {
    let text = text.trim().to_lowercase();
    let text = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).unwrap_or(&text);
    let text = text.strip_suffix('/').unwrap_or(text);
    let text = text.strip_suffix('.').unwrap_or(text);
    let domain = match url::Host::parse(text) {
        Ok(url::Host::Domain(domain)) => domain,
        Ok(url::Host::Ipv4(_) | url::Host::Ipv6(_)) | Err(_) => text.to_owned(),
    };
    domain.trim_start_matches("www.").to_owned()
}

/// Refuses a normalised text that can't be a shop's own domain. That it is not the platform's only those can tell who know that one.
pub fn check_domain(domain: &str) -> Result<(), Refusal> {
    let is_label = |label: &str| {
        (1..=LABEL_CHARS).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let labels: Vec<&str> = domain.split('.').collect();
    // No domain ends in digits alone, as an IPv4 address does.
    let ends = |last: &&str| last.len() > 1 && last.bytes().any(|byte| byte.is_ascii_lowercase());
    let form = domain.len() <= DOMAIN_CHARS
        && labels.len() > 1
        && !domain.starts_with("www.")
        && labels.iter().all(|label| is_label(label))
        && labels.last().is_some_and(ends);
    match form {
        true => Ok(()),
        false => Err(Refusal::new(Code::Invalid, refusals::NO_DOMAIN_FORM)),
    }
}

/// The thing that a `Host` header names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Host {
    /// The platform itself.
    Platform,
    /// A name under the platform's domain.
    Subdomain(String),
    /// Another domain, perhaps a shop's own.
    Domain(String),
    /// Not a host name.
    Invalid,
}

impl Host {
    /// Reads a `Host` header: port and trailing dot dropped, case ignored.
    pub fn parse(header: &str, platform_domain: &str) -> Self {
        let host = header.trim();
        let host = match host.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
            _ => host,
        };
        let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'[' | b']' | b':');
        if host.is_empty() || host.len() > 253 || !host.bytes().all(legal) {
            return Self::Invalid;
        }
        if host == platform_domain {
            return Self::Platform;
        }
        match host.strip_suffix(platform_domain).and_then(|rest| rest.strip_suffix('.')) {
            Some(name) => Self::Subdomain(name.to_owned()),
            None => Self::Domain(host),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subdomains_follow_the_contract() {
        for good in ["abc", "moda", "a1-b2", &"a".repeat(40)] {
            assert_eq!(check_subdomain(good), Ok(()), "{good}");
        }
        for wrong in ["ab", "1abc", "-abc", "abc-", "a--b", "Abc", "ação", "a.b", &"a".repeat(41), ""] {
            assert_eq!(check_subdomain(wrong).unwrap_err().code, Code::Invalid, "{wrong}");
        }
        assert_eq!(check_subdomain("www").unwrap_err().code, Code::NameReserved);
    }

    #[test]
    fn names_of_brands_and_banks_are_reserved_however_they_are_hyphenated() {
        for name in ["bradesco", "mercadolivre", "mercado-livre", "banco-do-brasil", "magalu", "receita-federal"] {
            assert_eq!(check_subdomain(name).unwrap_err().code, Code::NameReserved, "{name}");
        }
        for name in ["moda", "casa", "livros", "padaria", "bradesco-nao", "caixas"] {
            assert_eq!(check_subdomain(name), Ok(()), "{name}");
        }
        let all: Vec<&str> = brands().collect();
        assert!(all.len() >= 60, "{}", all.len());
        for (place, brand) in all.iter().enumerate() {
            assert!(brand.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()), "{brand}");
            assert!(!all[..place].contains(brand), "{brand} stands twice");
        }
    }

    #[test]
    fn f05_domains_are_kept_in_one_form() {
        for (typed, kept) in [
            ("loja.example", "loja.example"),
            (" WWW.Loja.Example. ", "loja.example"),
            ("https://www.loja.com.br/", "loja.com.br"),
            ("http://loja.com.br", "loja.com.br"),
            ("ação.com.br", "xn--ao-siap.com.br"),
            ("XN--AO-SIAP.com.br", "xn--ao-siap.com.br"),
            ("www2.loja.com.br", "www2.loja.com.br"),
            ("www.www.loja.com.br", "loja.com.br"),
        ] {
            let domain = normalise_domain(typed);
            assert_eq!((domain.as_str(), check_domain(&domain)), (kept, Ok(())), "{typed}");
        }
    }

    #[test]
    fn f05_what_is_no_domain_is_refused() {
        let long = format!("{}.com", "a".repeat(64));
        let longer = format!("{}com", "abcdefghi.".repeat(25));
        for wrong in [
            "",
            ".",
            "loja",
            "www.br",
            "loja..com",
            "-loja.com",
            "loja-.com",
            "lo ja.com",
            "loja.com:8080",
            "loja.com/x",
            "10.0.0.1",
            "[::1]",
            "loja.1",
            "_feira.loja.com",
            "*.loja.com",
            &long,
            &longer,
        ] {
            assert_eq!(check_domain(&normalise_domain(wrong)).unwrap_err().code, Code::Invalid, "{wrong}");
        }
        assert_eq!(check_domain("www.loja.com").unwrap_err().code, Code::Invalid, "it is kept without");
    }

    #[test]
    fn hosts_are_read_without_port_dot_and_case() {
        let parse = |host| Host::parse(host, "localhost");
        assert_eq!(parse("localhost:8080"), Host::Platform);
        assert_eq!(parse("MODA.Localhost.:8080"), Host::Subdomain("moda".into()));
        assert_eq!(parse("a.b.localhost"), Host::Subdomain("a.b".into()));
        assert_eq!(parse("loja.example.com"), Host::Domain("loja.example.com".into()));
        assert_eq!(parse("evillocalhost"), Host::Domain("evillocalhost".into()));
        for wrong in ["", "a b", "a/b", "<x>"] {
            assert_eq!(parse(wrong), Host::Invalid);
        }
    }
}
