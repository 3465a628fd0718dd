//! `/`: what the merchant puts in front, what is bought most, what is new, and the categories.

mod model;

use std::{collections::HashSet, sync::Arc};

use feira_connectors::search::{SearchQuery, Sort};
use feira_streams::views::storefront::ListCard;
use feira_web::{
    context::Api,
    problem::Problem,
    reply::Response,
    routing::{Request, Route},
};

use super::{
    super::answer,
    frame::{Frame, frame},
    shelf::{images, shelf, tiles},
};

pub use model::{Home, render};

/// Products of a shelf.
const SHELF: usize = 10;

pub(super) fn route() -> Route {
    Route::get("/", home).says("Shows the shop's home page.").page().problems(&[409])
}

async fn home(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let mut frame = frame(&api, &request).await?;
    let by = |sort| shelf(&api, request.tenant, SearchQuery { sort, limit: SHELF, ..SearchQuery::default() });
    let (mut featured, newest, best_sellers) =
        tokio::try_join!(by(Sort::Featured), by(Sort::Newest), by(Sort::BestSelling))?;
    // The order puts the featured ones first and all others behind them.
    featured.retain(|card| card.featured);
    illustrate(&mut frame, &[&featured, &best_sellers, &newest]);
    let page = Home {
        shop: &frame.shop,
        featured: tiles(&featured, frame.terms),
        newest: tiles(&newest, frame.terms),
        best_sellers: tiles(&best_sellers, frame.terms),
    };
    answer::page(&request, render(&page))
}

/// Gives each category of the first level the image of a product in it that the page shows anyway. A product's initials, which are
/// drawn where it has none, say nothing of its category.
fn illustrate(frame: &mut Frame, shelves: &[&[ListCard]]) {
    let mut used = HashSet::new();
    for card in shelves.iter().copied().flatten() {
        let path = card.category_id.map(|id| frame.tree.path(id)).unwrap_or_default();
        let own = images(card.id, &card.images).into_iter().find(|image| !image.is_made());
        let (Some(outermost), Some(own)) = (path.first(), own) else { continue };
        let categories = &mut Arc::make_mut(&mut frame.shop.menu).categories;
        let place = categories.iter_mut().find(|category| category.slug == outermost.slug);
        if let Some(category) = place.filter(|category| category.image.is_none())
            && used.insert(card.id)
        {
            category.image = Some(own);
        }
    }
}
