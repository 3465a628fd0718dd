//! `/api/store/v1/products`, and what every list of the API shares.

use std::sync::Arc;

use feira_connectors::search::{SearchPage, SearchQuery, Sort};
use feira_schemas::ids::TenantId;
use feira_streams::views::storefront::Found;
use feira_web::{
    context::Api,
    problem::Problem,
    reads,
    reply::Response,
    routing::{Kind, Parameter, Request, Route},
};

use crate::{
    answer,
    lists::{asked_categories, each, moved, search, sort_of, tree},
    shop,
};

/// `category` of lists and search.
pub(super) const CATEGORY: Parameter = Parameter::new(
    "category",
    Kind::Text(255),
    "Slug of a category; its sub-categories count too. Several are joined by «or»; one that does not exist holds no product.",
)
.repeatable();

const SORT: Parameter = Parameter::new(
    "sort",
    Kind::OneOf(&["newest", "price_asc", "price_desc", "name", "best_selling"]),
    "The order; newest first if left out.",
);

pub(super) fn route() -> Route {
    Route::get("/api/store/v1/products", list)
        .says("Lists the shop's published products.")
        .query([CATEGORY, SORT, reads::AFTER, reads::LIMIT])
        .gives_json("A page of products.", "StoreProductPage")
        .with_headers(&["ETag", "Cache-Control"])
        .gives(301, "A category has another slug by now.", None)
        .with_headers(&["Location", "Cache-Control"])
        .gives(304, "The client has this page.", None)
        .with_headers(&["ETag", "Cache-Control"])
        .problems(&[403, 409])
}

async fn list(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    shop::lists_caught_up(&api, &request).await?;
    shop::is_open(&api, request.tenant).await?;
    let asked_categories = asked_categories(&request);
    let categories = match &asked_categories {
        Some(slugs) => {
            let tree = tree(&api, request.tenant).await?;
            if let Some(moved) = moved(&request, &tree) {
                return moved;
            }
            Some(tree.within_slugs(slugs.iter().map(String::as_str)))
        }
        None => None,
    };
    let query = SearchQuery {
        categories,
        asked_categories,
        sort: sort_of(request.query.text("sort")).unwrap_or(Sort::Newest),
        after: request.query.text("after").map(str::to_owned),
        limit: reads::limit(&request),
        ..SearchQuery::default()
    };
    let (page, cards) = page(&api, request.tenant, query).await?;
    let mut body = begin(&cards, &page);
    body.push(b'}');
    Ok(answer::json(&request, body))
}

/// A page of a list, and what it shows.
async fn page(api: &Api, tenant: TenantId, query: SearchQuery) -> Result<(SearchPage, Vec<Found>), Problem> {
    let page = search(api, tenant, &query).await?;
    filled(api, tenant, query, page).await
}

/// A page of a query and what it shows: it ends where its bytes do, even before its limit.
pub(super) async fn filled(
    api: &Api,
    tenant: TenantId,
    mut query: SearchQuery,
    mut page: SearchPage,
) -> Result<(SearchPage, Vec<Found>), Problem> {
    loop {
        let found = each(api, tenant, &page.hits).await?;
        let sizes = found.iter().map(|found| found.as_ref().map_or(0, |found| found.json.len() + 1));
        let fitting = reads::fitting(sizes);
        if fitting == found.len() {
            return Ok((page, found.into_iter().flatten().collect()));
        }
        // Where the next page begins is the search's to say, of a page that ends here. What it counted stands.
        (query.limit, query.facets) = (fitting, false);
        let shorter = search(api, tenant, &query).await?;
        (page.hits, page.next) = (shorter.hits, shorter.next);
    }
}

/// A page of a list as JSON, without its closing brace. The cards are put in as they lie in the cache: reading and writing
/// them again would be most of a list's time.
pub(super) fn begin(cards: &[Found], page: &SearchPage) -> Vec<u8> {
    let size: usize = cards.iter().map(|found| found.json.len() + 1).sum();
    let mut body = Vec::with_capacity(size + 1_024);
    body.extend_from_slice(b"{\"items\":[");
    for (index, found) in cards.iter().enumerate() {
        if index > 0 {
            body.push(b',');
        }
        body.extend_from_slice(&found.json);
    }
    // A cursor is base64url: it needs no escapes.
    let next = page.next.as_ref().map_or("null".to_owned(), |next| format!("\"{next}\""));
    body.extend_from_slice(format!("],\"next\":{next},\"total\":{}", page.total).as_bytes());
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_json_around_the_cards() {
        let card = |json: &'static str| Found { version: 1, json: json.into() };
        for (cards, next) in [(vec![], None), (vec![card("{\"a\":1}"), card("{}")], Some("AbC_-1"))] {
            let page = SearchPage { total: 7, next: next.map(str::to_owned), ..SearchPage::default() };
            let mut body = begin(&cards, &page);
            body.push(b'}');
            let value: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
            assert_eq!(value["items"].as_array().map(Vec::len), Some(cards.len()));
            assert_eq!((&value["total"], value["next"].as_str()), (&7.into(), next));
        }
    }
}
