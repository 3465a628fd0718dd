//! The frame around every page of a shop: name, look, menu; and the addresses that pages give of themselves.

use std::{sync::Arc, time::Duration};

use feira_schemas::{
    api::image::extension,
    ids::TenantId,
    records::{
        admin::Logo,
        store::{ListedCategory, Shop},
    },
};
use feira_web::{context::Api, problem::Problem, routing::Request, sessions, tokens};
use http::HeaderMap;
use tokio::time::timeout;

use super::{
    super::{lists, shop, tree::Tree},
    Theme,
    payment::Terms,
    pieces::{self, Badge, CategoryLink, Menu, Picture},
    seller::Seller,
};

/// The time for which a page waits for how full the visitor's cart is: later it is shown without.
const BADGE_WITHIN: Duration = Duration::from_millis(150);
/// Pixels of a logo whose file does not say its own.
const LOGO: (u32, u32) = (480, 160);

/// The notice on a demo shop's pages where payments are simulated.
const DEMO: &str = "Loja de demonstração: pagamentos simulados, nenhum dinheiro se move.";
/// The notice on another shop's pages there.
const SIMULATED: &str = "Pagamentos simulados: nenhum dinheiro se move.";

/// Categories of the first level in the menu: more than that is no menu.
const MENU_TOP: usize = 100;
/// Categories of the second level below each of them.
const MENU_BELOW: usize = 20;
/// Categories of the second level in all: each is some hundred bytes of every page.
const MENU_LINKS: usize = 300;
/// Categories below one that its page links to.
const PILLS: usize = 100;

/// The shop as its pages show it, and its categories.
pub(super) struct Frame {
    pub shop: pieces::Shop,
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
    let categories = lists::categories(api, tenant).await?;
    let (tree, terms) = (Tree::of(&api.derived, tenant, categories.clone())?, Terms::of(shop));
    let menu = api.derived.of(tenant, categories, |_| Ok::<_, Problem>(menu(&tree)))?;
    let shop = pieces::Shop {
        name: shop.name.clone(),
        tagline: shop.tagline.clone().filter(|tagline| !tagline.is_empty()),
        origin: origin(api, tenant, shop, headers).await?,
        logo: shop.logo.as_ref().map(logo),
        theme: theme(shop),
        menu,
        notice: notice(api, shop),
        seller: Seller::of(shop),
        cart: badge(api, tenant, sessions::cart_of(headers)).await,
    };
    Ok(Frame { shop, tree, terms })
}

/// How full the cart is whose cookie came, by its row alone: no page waits for the cards of fifty products. Nothing is read without a cookie.
pub(super) async fn badge(api: &Api, tenant: TenantId, cart: Option<&str>) -> Option<Badge> {
    let hash = tokens::hash(cart?);
    let row = timeout(BADGE_WITHIN, api.sessions.cart(tenant, &hash)).await.ok()?.ok()??;
    if row.is_over(api.platform.now()) {
        return None;
    }
    Badge::of(row.pieces, row.goods)
}

/// The words for a shop's payments where they are simulated.
fn notice(api: &Api, shop: &Shop) -> Option<&'static str> {
    api.simulation.as_ref()?;
    let is_demo = api.showcase.iter().any(|demo| demo.subdomain == shop.subdomain && demo.name == shop.name);
    Some(if is_demo { DEMO } else { SIMULATED })
}

/// The look that the shop chose.
pub(super) fn theme(shop: &Shop) -> Theme {
    shop.accent.as_deref().and_then(Theme::from_hex).unwrap_or_default()
}

/// Scheme and host of the shop's main address: its own domain where its pages live there, else its sub-domain.
pub(super) async fn origin(api: &Api, tenant: TenantId, shop: &Shop, headers: &HeaderMap) -> Result<String, Problem> {
    api.hosts.pages_origin(&api.platform.state, headers, tenant, &shop.subdomain).await
}

fn logo(logo: &Logo) -> Picture {
    let pixels =
        |pixels: Option<i32>| pixels.and_then(|pixels| u32::try_from(pixels).ok()).filter(|pixels| *pixels > 0);
    let (width, height) = pixels(logo.width).zip(pixels(logo.height)).unwrap_or(LOGO);
    let url = format!("/media/{}.{}", logo.image_id, extension(&logo.content_type));
    Picture { url, alt: String::new(), width, height, copies: Vec::new() }
}

/// The categories that stand on every page of a shop.
fn menu(tree: &Tree) -> Menu {
    let top = tree.children(None);
    let mut menu = Menu { categories: Vec::new(), cut: top.len() > MENU_TOP };
    let mut left = MENU_LINKS;
    for category in top.take(MENU_TOP) {
        let below = tree.children(Some(category.category_id));
        let most = left.min(MENU_BELOW);
        let cut = below.len() > most;
        let child = |child: &ListedCategory| pieces::Category {
            name: child.name.clone(),
            slug: child.slug.clone(),
            ..pieces::Category::default()
        };
        let children: Vec<_> = below.take(most).map(child).collect();
        left -= children.len();
        let (name, slug) = (category.name.clone(), category.slug.clone());
        menu.categories.push(pieces::Category { name, slug, image: None, children, cut });
    }
    menu
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
    use feira_schemas::ids::CategoryId;
    use feira_web::hosts::port;
    use http::header;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn s92_a_menu_shows_all_of_a_usual_shop_and_a_part_of_a_vast_one() {
        let category = |number: u128, parent: u128| ListedCategory {
            category_id: CategoryId::from_uuid(Uuid::from_u128(number)),
            version: 1,
            source_version: 1,
            name: format!("Categoria {number}"),
            slug: format!("c{number}"),
            slug_history: Vec::new(),
            parent_id: (parent > 0).then(|| CategoryId::from_uuid(Uuid::from_u128(parent))),
        };
        let usual =
            Tree::new((1..=20).map(|number| category(number, if number > 8 { number % 8 + 1 } else { 0 })).collect());
        let all: usize = menu(&usual).categories.iter().map(|top| 1 + top.children.len()).sum();
        assert_eq!((all, menu(&usual).cut), (20, false));
        assert!(menu(&usual).categories.iter().all(|top| !top.cut));

        let vast = Tree::new(
            (1..=5_000).map(|number| category(number, if number > 200 { number % 200 + 1 } else { 0 })).collect(),
        );
        let menu = menu(&vast);
        let below: usize = menu.categories.iter().map(|top| top.children.len()).sum();
        assert_eq!((menu.categories.len(), menu.cut, below), (MENU_TOP, true, MENU_LINKS));
        assert!(menu.categories.iter().all(|top| top.cut), "each leads to where the rest is");
    }

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
