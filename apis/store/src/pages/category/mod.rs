//! `/category/{slug}`: fifteen products a page, those of its sub-categories too.

mod model;

use std::sync::Arc;

use feira_connectors::search::SearchQuery;
use feira_web::{
    context::Api,
    problem::Problem,
    reply::Response,
    routing::{Request, Route},
};

use super::{
    super::{answer, lists},
    error::{Missing, missing},
    frame::{self, Frame, frame},
    listing::Sort,
    shelf::{NUMBER, SORT, cards, number, numbered, tiles},
};
use crate::links;

pub use model::{CategoryPage, render};

/// The number of products on a page: as many as fill whole rows of three and of five.
const PAGE: usize = 15;

pub(super) fn route() -> Route {
    Route::get("/category/{slug}", category)
        .says("Shows a category's products.")
        .query([SORT, NUMBER])
        .page()
        .gives(301, "The category has another slug by now.", None)
        .with_headers(&["Location", "Cache-Control"])
        .problems(&[409])
}

async fn category(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let frame = frame(&api, &request).await?;
    if let Some(slug) = frame.tree.moved_to(request.param(0)) {
        let pairs: Vec<_> = request.query.pairs().map(|(name, value)| (name, value.to_owned())).collect();
        return answer::moved(&links::with_query(&links::category(&slug), &pairs));
    }
    let Some(category) = frame.tree.by_slug(request.param(0)) else {
        return missing(&api, &request, &frame, Missing::Category).await;
    };
    let sort = request.query.text("sort").and_then(Sort::from_param).filter(|sort| Sort::OF_CATEGORY.contains(sort));
    let sort = sort.unwrap_or(Sort::Newest);
    let query = SearchQuery {
        categories: Some(frame.tree.within(category.category_id)),
        sort: lists::sort_of(Some(sort.param())).unwrap_or_default(),
        limit: PAGE,
        ..SearchQuery::default()
    };
    let number = number(request.query.text("page"));
    let Some((found, paging)) = numbered(&api, request.tenant, query, number).await? else {
        return missing(&api, &request, &frame, Missing::Page).await;
    };
    let Frame { shop, tree, terms } = &frame;
    let mut path: Vec<_> = tree.path(category.category_id).into_iter().map(frame::link).collect();
    path.pop();
    let (children, more_children) = frame::below(tree, category);
    let page = CategoryPage {
        shop,
        name: category.name.clone(),
        slug: category.slug.clone(),
        description: None,
        ancestors: path,
        children,
        more_children,
        sort,
        cards: tiles(&cards(&api, request.tenant, &found).await?, *terms),
        paging,
    };
    answer::page(&request, render(&page))
}
