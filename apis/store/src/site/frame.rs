//! What stands around every page of a shop: name, look, menu; and the addresses that pages give of themselves.

use std::sync::Arc;

use feira_schemas::{
    catalogue::extension,
    ids::TenantId,
    records::{
        admin::Logo,
        store::{ListedCategory, Shop},
    },
};
use feira_web::{context::Api, problem::Problem, routing::Request};
use http::{HeaderMap, header};

use super::{
    super::{lists, shop, tree::Tree},
    payment::Terms,
};
use crate::pages::{self, CategoryLink, Picture, Theme};

/// Pixels of a logo whose file does not say its own.
const LOGO: (u32, u32) = (480, 160);

/// Categories below one that its page links to.
const PILLS: usize = 100;

/// The shop as its pages show it, and its categories.
pub(super) struct Frame {
    pub shop: pages::Shop,
    pub tree: Arc<Tree>,
    pub terms: Terms,
}

/// The frame of a page, once the views show what the request asks for.
pub(super) async fn frame(api: &Api, request: &Request) -> Result<Frame, Problem> {
    shop::lists_caught_up(api, request).await?;
    let open = shop::open(api, request.tenant).await?;
    around(api, request.tenant, &open, &request.headers).await
}

/// The frame of an open shop.
pub(super) async fn around(api: &Api, tenant: TenantId, shop: &Shop, headers: &HeaderMap) -> Result<Frame, Problem> {
    let (tree, terms) = (lists::tree(api, tenant).await?, Terms::of(shop));
    let shop = pages::Shop {
        name: shop.name.clone(),
        tagline: shop.tagline.clone().filter(|tagline| !tagline.is_empty()),
        origin: origin(api, shop, headers),
        logo: shop.logo.as_ref().map(logo),
        theme: theme(shop),
        menu: Arc::clone(tree.menu()),
    };
    Ok(Frame { shop, tree, terms })
}

/// The look that the shop chose.
pub(super) fn theme(shop: &Shop) -> Theme {
    shop.accent.as_deref().and_then(Theme::from_hex).unwrap_or_default()
}

/// Scheme and host of the shop's main address, with the port that the request came by.
pub(super) fn origin(api: &Api, shop: &Shop, headers: &HeaderMap) -> String {
    let (scheme, port) = (scheme(headers), port(headers));
    format!("{scheme}://{}.{}{port}", shop.subdomain, api.config.platform_domain)
}

/// `https` where a proxy in front says so. It only makes links of this one answer, so anybody may say it.
pub(super) fn scheme(headers: &HeaderMap) -> &'static str {
    match headers.get("x-forwarded-proto").map(|value| value.as_bytes()) {
        Some(b"https") => "https",
        _ => "http",
    }
}

/// `:8080`, or nothing.
pub(super) fn port(headers: &HeaderMap) -> String {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let port = host.rsplit_once(':').map_or("", |(_, port)| port);
    let known = !port.is_empty() && port.len() <= 5 && port.bytes().all(|byte| byte.is_ascii_digit());
    if known { format!(":{port}") } else { String::new() }
}

fn logo(logo: &Logo) -> Picture {
    let pixels =
        |pixels: Option<i32>| pixels.and_then(|pixels| u32::try_from(pixels).ok()).filter(|pixels| *pixels > 0);
    let (width, height) = pixels(logo.width).zip(pixels(logo.height)).unwrap_or(LOGO);
    let url = format!("/media/{}.{}", logo.image_id, extension(&logo.content_type));
    Picture { url, alt: String::new(), width, height, copies: Vec::new() }
}

/// The first of those directly below a category, and whether there are more.
pub(super) fn below(tree: &Tree, category: &ListedCategory) -> (Vec<CategoryLink>, bool) {
    let below = tree.children(Some(category.category_id));
    let more = below.len() > PILLS;
    (below.take(PILLS).map(link).collect(), more)
}

/// A category by name and slug.
pub(super) fn link(category: &ListedCategory) -> CategoryLink {
    CategoryLink { name: category.name.clone(), slug: category.slug.clone() }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_taken_from_the_host_only_if_it_is_one() {
        for (host, expected) in [
            ("moda.localhost:8080", ":8080"),
            ("moda.localhost", ""),
            ("moda:", ""),
            ("moda:<b>", ""),
            ("a:123456", ""),
        ] {
            let headers = HeaderMap::from_iter([(header::HOST, host.parse().unwrap())]);
            assert_eq!(port(&headers), expected, "{host}");
        }
        assert_eq!(port(&HeaderMap::new()), "");
    }
}
