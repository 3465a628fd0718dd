//! `/search`: hits with facets. A value that can't be read is passed over: people follow links that others cut short.

mod model;

use std::sync::Arc;

use feira_connectors::search::{Facets, SearchQuery as Asked};
use feira_web::{
    context::Api,
    problem::Problem,
    reply::Response,
    routing::{Kind, Parameter, Request, Route},
};

use super::{
    super::{answer, lists, tree::Tree},
    error::{Missing, missing, popular},
    frame::{self, Frame, frame},
    listing::Sort,
    shelf::{self, NUMBER, SORT, number, numbered, tiles},
};

pub use model::{CategoryCount, PriceBand, SearchPage, SearchQuery, render};

/// The number of products on a page: as many as fill whole rows at every width.
const PAGE: usize = 24;
/// Other spellings that are offered where nothing was found.
const SPELLINGS: usize = 3;
/// Categories of the facet: more than a person looks through.
const CATEGORIES: usize = 100;
/// Characters of the words that are kept; the search itself looks at fewer.
const WORDS: usize = 300;

const Q: Parameter = Parameter::new("q", Kind::Text(16_384), "The buyer's words.");
const CATEGORY: Parameter = Parameter::new("category", Kind::Text(255), "Slug of a category.").repeatable();
const MIN_PRICE: Parameter = Parameter::new("min_price", Kind::Text(64), "Lowest price in centavos, inclusive.");
const MAX_PRICE: Parameter = Parameter::new("max_price", Kind::Text(64), "Highest price in centavos, inclusive.");

pub(super) fn route() -> Route {
    Route::get("/search", search)
        .says("Shows the shop's search page.")
        .query([Q, CATEGORY, MIN_PRICE, MAX_PRICE, SORT, NUMBER])
        .page()
        .gives(301, "A category has another slug by now.", None)
        .with_headers(&["Location", "Cache-Control"])
        .problems(&[409])
}

async fn search(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let frame = frame(&api, &request).await?;
    if let Some(moved) = lists::moved(&request, &frame.tree) {
        return moved;
    }
    let query = query(&request);
    let number = number(request.query.text("page"));
    let Some((found, paging)) = numbered(&api, request.tenant, asked(&query, &frame.tree), number).await? else {
        return missing(&api, &request, &frame, Missing::Page).await;
    };
    let Frame { shop, tree, terms } = &frame;
    let (did_you_mean, popular) = match found.hits.as_slice() {
        [] => (spellings(&api, &request, &query.text).await?, popular(&api, request.tenant, *terms).await?),
        _ => (Vec::new(), Vec::new()),
    };
    let (categories, prices) = counts(tree, found.facets.as_ref(), &query.categories);
    let chosen = query.categories.iter().filter_map(|slug| tree.by_slug(slug)).map(frame::link).collect();
    let cards = tiles(&shelf::cards(&api, request.tenant, &found).await?, *terms);
    let page = SearchPage { shop, query, cards, paging, categories, chosen, prices, did_you_mean, popular };
    answer::page(&request, render(&page))
}

/// Reads the query from the address bar's parameters.
fn query(request: &Request) -> SearchQuery {
    let text = request.query.text("q").unwrap_or_default().trim();
    let price = |name| request.query.integer(name).filter(|price| *price >= 0);
    let mut categories: Vec<String> = Vec::new();
    for slug in request.query.all("category").filter(|slug| !slug.is_empty()) {
        if !categories.iter().any(|known| known == slug) {
            categories.push(slug.to_owned());
        }
    }
    SearchQuery {
        text: text.chars().take(WORDS).collect(),
        categories,
        min_price: price("min_price"),
        max_price: price("max_price"),
        sort: request.query.text("sort").and_then(Sort::from_param).unwrap_or(Sort::Relevance),
    }
}

/// The shard's question for a query.
fn asked(query: &SearchQuery, tree: &Tree) -> Asked {
    let chosen = !query.categories.is_empty();
    Asked {
        text: Some(query.text.clone()),
        categories: chosen.then(|| tree.within_slugs(query.categories.iter().map(String::as_str))),
        asked_categories: chosen.then(|| query.categories.clone()),
        min_price: query.min_price,
        max_price: query.max_price,
        sort: lists::sort_of(Some(query.sort.param())).unwrap_or_default(),
        limit: PAGE,
        facets: true,
        ..Asked::default()
    }
}

/// The facets: of the categories those with most products, and the chosen ones.
fn counts(tree: &Tree, facets: Option<&Facets>, chosen: &[String]) -> (Vec<CategoryCount>, Vec<PriceBand>) {
    let Some(facets) = facets else { return (Vec::new(), Vec::new()) };
    let counted = tree.rolled_up(&facets.categories).into_iter().enumerate();
    let shown = counted.filter(|(place, (category, _))| *place < CATEGORIES || chosen.contains(&category.slug));
    let categories = shown.map(|(_, (category, count))| CategoryCount {
        slug: category.slug.clone(),
        name: category.name.clone(),
        count,
    });
    let prices = facets.prices.iter().map(|band| PriceBand { from: band.from, to: band.to, count: band.count });
    (categories.collect(), prices.collect())
}

/// Names of products that begin like what was looked for.
async fn spellings(api: &Api, request: &Request, text: &str) -> Result<Vec<String>, Problem> {
    let found = api.readers.search.suggest(request.tenant, text, SPELLINGS).await?;
    Ok(found.into_iter().map(|suggestion| suggestion.text).collect())
}
