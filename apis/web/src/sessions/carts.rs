//! The cookie of a buyer's cart. Whoever has the id has the cart; what it holds names nobody.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use feira_connectors::random::random;
use http::{HeaderMap, HeaderValue};

use super::cookies::{CART, Cookie};

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

/// True for a text that a cart's id may be.
pub fn is_cart_id(text: &str) -> bool {
    Cookie::Cart.is_value(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s94_no_two_carts_have_one_id() {
        let (one, other) = (new_cart_id(), new_cart_id());
        assert!(is_cart_id(&one) && is_cart_id(&other) && one != other);
        assert!(!is_cart_id("") && !is_cart_id(&one[1..]) && !is_cart_id(&format!("{}%", &one[1..])));
    }
}
