//! Addresses inside a shop. Every link on a page is made here, so that no value reaches a URL unencoded.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Bytes that are encoded in a path or query: what RFC 3986 calls unreserved stays as it is; everything else is
/// encoded.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The path of a category's page.
pub fn category(slug: &str) -> String {
    format!("/category/{}", encode(slug))
}

/// The path of a product's page.
pub fn product(slug: &str) -> String {
    format!("/product/{}", encode(slug))
}

/// A product's page with one variant chosen.
pub fn variant(slug: &str, variant_id: &str) -> String {
    with_query(&product(slug), &[("variant", variant_id.to_owned())])
}

/// The path of one of the shop's policies, by its word.
pub fn policy(word: &str) -> String {
    format!("/policies/{}", encode(word))
}

/// A link by which one writes to an e-mail address (RFC 6068).
pub fn mail(address: &str) -> String {
    format!("mailto:{}", encode(address).replace("%40", "@"))
}

/// A product in the shop's API.
pub fn api_product(slug: &str) -> String {
    format!("/api/store/v1/products/{}", encode(slug))
}

/// A path with parameters, in the order given.
pub fn with_query(path: &str, parameters: &[(&'static str, String)]) -> String {
    let mut url = path.to_owned();
    for (index, (name, value)) in parameters.iter().enumerate() {
        url.push(if index == 0 { '?' } else { '&' });
        url.push_str(name);
        url.push('=');
        url.push_str(&encode(value));
    }
    url
}

/// `url` itself when it names its host, else the shop's origin before it: Open Graph and JSON-LD want whole addresses.
pub fn absolute(origin: &str, url: &str) -> String {
    let has_host = url.starts_with("https://") || url.starts_with("http://");
    if has_host { url.to_owned() } else { format!("{origin}{url}") }
}

fn encode(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_encoded() {
        assert_eq!(category("cama-e-mesa"), "/category/cama-e-mesa");
        assert_eq!(product("a/b?c"), "/product/a%2Fb%3Fc");
        assert_eq!(
            (policy("terms"), mail("a&b?c@loja.br")),
            ("/policies/terms".into(), "mailto:a%26b%3Fc@loja.br".into())
        );
        let url = with_query("/search", &[("q", "pão & \"café\"".to_owned()), ("sort", "name".to_owned())]);
        assert_eq!(url, "/search?q=p%C3%A3o%20%26%20%22caf%C3%A9%22&sort=name");
    }

    #[test]
    fn whole_addresses_keep_their_host() {
        assert_eq!(absolute("https://loja.test", "/media/1"), "https://loja.test/media/1");
        assert_eq!(absolute("https://loja.test", "https://cdn.test/1"), "https://cdn.test/1");
    }
}
