//! Products as pages show them: made of cards.

use feira_connectors::search::{MAX_LIMIT, SearchPage, SearchQuery};
use feira_schemas::ids::{ProductId, TenantId};
use feira_streams::views::storefront::{CardImage, ListCard};
use feira_web::{
    context::Api,
    problem::Problem,
    routing::{Kind, Parameter},
};

use super::{
    super::{lists, shop},
    listing::Paging,
    payment::Terms,
    pieces::{self, Picture},
};

/// `sort` of pages; what is no order is the usual one, as old links must lead somewhere.
pub(super) const SORT: Parameter = Parameter::new("sort", Kind::Text(64), "The order of the products.");
/// The parameter `page`.
pub(super) const NUMBER: Parameter = Parameter::new("page", Kind::Text(64), "The page's number, from 1.");

/// Longest side of the small copy that is kept beside every uploaded image.
const SMALL: u32 = 480;
/// Size of the images that the shop draws.
const MADE: (u32, u32) = (800, 1_000);
/// Products that pages can be turned to. Turning further would search again and again for what nobody looks at; the API's
/// cursors lead to the last one.
const TURNED_TO: u64 = 10_000;

/// The cards of a query's first page.
pub(super) async fn shelf(api: &Api, tenant: TenantId, query: SearchQuery) -> Result<Vec<ListCard>, Problem> {
    let page = lists::search(api, tenant, &query).await?;
    cards(api, tenant, &page).await
}

/// The cards of a page's hits.
pub(super) async fn cards(api: &Api, tenant: TenantId, page: &SearchPage) -> Result<Vec<ListCard>, Problem> {
    let ids: Vec<_> = page.hits.iter().map(|hit| hit.product_id).collect();
    api.readers.storefront.list(tenant, &ids).await.map_err(shop::unreadable)
}

/// The page with this number (from 1) of a query with a limit; none if there is no such page. The first always is.
pub(super) async fn numbered(
    api: &Api,
    tenant: TenantId,
    query: SearchQuery,
    number: u32,
) -> Result<Option<(SearchPage, Paging)>, Problem> {
    let size = query.limit as u64;
    let mut before = u64::from(number.saturating_sub(1)).saturating_mul(size);
    if before >= TURNED_TO {
        return Ok(None);
    }
    let mut query = SearchQuery { after: None, ..query };
    let facets = query.facets;
    while before > 0 {
        let step = before.min(MAX_LIMIT as u64);
        query = SearchQuery { limit: step as usize, facets: false, ..query };
        match lists::search(api, tenant, &query).await?.next {
            Some(next) => query.after = Some(next),
            None => return Ok(None),
        }
        before -= step;
    }
    let page = lists::search(api, tenant, &SearchQuery { limit: size as usize, facets, ..query }).await?;
    let pages = page.total.min(TURNED_TO).div_ceil(size.max(1));
    let paging = Paging { total: page.total, page: number, pages: u32::try_from(pages).unwrap_or(u32::MAX) };
    Ok(Some((page, paging)))
}

/// The number that a `page` parameter names; what is no number is the first page.
pub(super) fn number(text: Option<&str>) -> u32 {
    text.and_then(|text| text.parse().ok()).unwrap_or(1).max(1)
}

/// A product in a list.
pub(super) fn tile(card: &ListCard, terms: Terms) -> pieces::Card {
    pieces::Card {
        slug: card.slug.clone(),
        name: card.name.clone(),
        vendor: card.vendor.clone().filter(|vendor| !vendor.is_empty()),
        price: card.price.amount,
        price_varies: card.price_to != card.price,
        compare_at: card.compare_at_price.map(|money| money.amount),
        available: card.available,
        image: Some(image(card.id, &card.images)),
        payment: terms.with(&card.payment_methods).line(card.price.amount),
    }
}

/// Products in a list.
pub(super) fn tiles(cards: &[ListCard], terms: Terms) -> Vec<pieces::Card> {
    cards.iter().map(|card| tile(card, terms)).collect()
}

/// The image that stands for a product: its first, or one that the shop draws.
pub(super) fn image(product: ProductId, all: &[CardImage]) -> Picture {
    images(product, all).swap_remove(0)
}

/// A product's images: at least one, which the shop draws if there is no other.
pub(super) fn images(product: ProductId, images: &[CardImage]) -> Vec<Picture> {
    let mut all: Vec<Picture> = Vec::with_capacity(images.len().max(1));
    for image in images {
        let shown = shown(image);
        // Images whose files have not come are all drawn alike; one of them is enough.
        if image.ready || all.iter().all(|known| known.url != shown.url) {
            all.push(shown);
        }
    }
    if all.is_empty() {
        all.push(made(format!("/media/made/{product}.svg"), String::new()));
    }
    all
}

fn made(url: String, alt: String) -> Picture {
    Picture { url, alt, width: MADE.0, height: MADE.1, copies: Vec::new() }
}

fn shown(image: &CardImage) -> Picture {
    let alt = image.alt.clone().unwrap_or_default();
    let pixels =
        |pixels: Option<i32>| pixels.and_then(|pixels| u32::try_from(pixels).ok()).filter(|pixels| *pixels > 0);
    let (true, Some((width, height))) = (image.ready, pixels(image.width).zip(pixels(image.height))) else {
        return made(image.url.clone(), alt);
    };
    let copies = match image.url.rsplit_once('.') {
        Some((name, extension)) if extension != "svg" && width.max(height) > SMALL => {
            let small = (u64::from(width) * u64::from(SMALL) / u64::from(width.max(height))).max(1);
            vec![(small as u32, format!("{name}-{SMALL}.{extension}")), (width, image.url.clone())]
        }
        _ => Vec::new(),
    };
    Picture { url: image.url.clone(), alt, width, height, copies }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use feira_schemas::ids::ImageId;
    use uuid::Uuid;

    use super::*;

    fn image(url: &str, size: Option<(i32, i32)>, ready: bool) -> CardImage {
        let id = ImageId::from_uuid(Uuid::from_u128(1));
        let (width, height) = size.unzip();
        CardImage { id, url: url.into(), alt: None, width, height, ready }
    }

    #[test]
    fn a_large_photo_has_a_small_copy() {
        let wide = shown(&image("/media/a.jpg", Some((1_600, 1_200)), true));
        assert_eq!(wide.copies, [(480, "/media/a-480.jpg".to_owned()), (1_600, "/media/a.jpg".to_owned())]);
        let upright = shown(&image("/media/a.jpg", Some((900, 1_200)), true));
        assert_eq!(upright.copies[0].0, 360, "the longest side is 480");
        for other in [
            image("/media/a.svg", Some((800, 1_000)), true),
            image("/media/a.jpg", Some((300, 480)), true),
            image("/media/a.jpg", None, true),
            image("/media/made/p.svg", None, false),
        ] {
            assert!(shown(&other).copies.is_empty(), "{other:?}");
        }
    }

    #[test]
    fn what_is_no_page_number_is_the_first_page() {
        for (text, expected) in [(None, 1), (Some("3"), 3), (Some("0"), 1), (Some("-1"), 1), (Some("x"), 1)] {
            assert_eq!(number(text), expected, "{text:?}");
        }
    }
}
