//! The cookie of a buyer's cart. Whoever has the id has the cart; what it holds names nobody.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use feira_connectors::random::random;
use feira_schemas::ids::TenantId;
use hmac::{Hmac, Mac};
use http::{HeaderMap, HeaderValue};
use sha2::Sha256;

use super::cookies::{CART, Cookie};
use crate::{addresses::Source, problem::Problem};

/// The id of the cart that a browser has; it may name none that is kept.
pub fn cart_of(headers: &HeaderMap) -> Option<&str> {
    Cookie::Cart.read(headers)
}

/// The header that has a browser keep a cart's id for as long as the cart is kept that was changed just now.
pub fn cart_cookie(headers: &HeaderMap, id: &str) -> Option<HeaderValue> {
    Cookie::Cart.set(headers, id)
}

/// The header that has a browser forget its cart, of which nothing is left.
pub fn no_cart_cookie(headers: &HeaderMap) -> Option<HeaderValue> {
    Cookie::Cart.clear(headers)
}

/// A new cart's id: 128 random bits in base64url.
pub fn new_cart_id() -> String {
    let mut bytes = [0; CART];
    random()(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The id of the cart that a request makes which may come again: of one shop, source and key it is the same id, and without the platform's
/// secret nobody tells it from a random one. The source stands in it because keys are chosen by strangers: who happens to choose another
/// buyer's gets a cart of its own.
pub fn keyed_cart_id(
    secret: &[u8; 32],
    tenant: TenantId,
    source: Option<Source>,
    key: &str,
) -> Result<String, Problem> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).map_err(Problem::internal)?;
    mac.update(b"feira:cart:");
    mac.update(tenant.uuid().as_bytes());
    // No source has a NUL in it, so no two of source and key are the same bytes.
    mac.update(source.map(|source| source.to_string()).unwrap_or_default().as_bytes());
    mac.update(b"\0");
    mac.update(key.as_bytes());
    Ok(URL_SAFE_NO_PAD.encode(&mac.finalize().into_bytes()[..CART]))
}

/// True for a text that a cart's id may be.
pub fn is_cart_id(text: &str) -> bool {
    Cookie::Cart.is_value(text)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use uuid::Uuid;

    use super::*;

    #[test]
    fn s94_no_two_carts_have_one_id() {
        let (one, other) = (new_cart_id(), new_cart_id());
        assert!(is_cart_id(&one) && is_cart_id(&other) && one != other);
        assert!(!is_cart_id("") && !is_cart_id(&one[1..]) && !is_cart_id(&format!("{}%", &one[1..])));
    }

    #[test]
    fn s94_a_key_leads_to_one_cart_of_one_shop_and_source() {
        let shop = |number| TenantId::from_uuid(Uuid::from_u128(number));
        let source = |last| Some(Source::from(IpAddr::from(Ipv4Addr::new(192, 0, 2, last))));
        let id = |secret, number, source, key| keyed_cart_id(&[secret; 32], shop(number), source, key).unwrap();
        let one = id(7, 1, source(1), "um-clique");
        assert!(is_cart_id(&one));
        assert_eq!(one, id(7, 1, source(1), "um-clique"));
        for other in [
            id(8, 1, source(1), "um-clique"),
            id(7, 2, source(1), "um-clique"),
            id(7, 1, source(2), "um-clique"),
            id(7, 1, None, "um-clique"),
            id(7, 1, source(1), "dois-cliques"),
        ] {
            assert_ne!(one, other);
        }
    }
}
