//! Lists of products, of the API and of pages: searching, and the cards of hits.

use std::sync::Arc;

use bytes::Bytes;
use feira_connectors::search::{Hit, SearchPage, SearchQuery, Sort};
use feira_schemas::ids::TenantId;
use feira_streams::views::storefront::Found;
use feira_web::{context::Api, problem::Problem, reply::Response, routing::Request};
use futures::future::try_join_all;

use super::{answer, links, shop, tree::Tree};

/// The answer where a `category` is one's old slug, or in capitals: the same address with its own. A cursor is bound to the slugs
/// that it was given for, so one of before leads to an error and not to another page.
pub(super) fn moved(request: &Request, tree: &Tree) -> Option<Result<Response, Problem>> {
    let of = |(name, value): (&'static str, &str)| match name {
        "category" => tree.moved_to(value),
        _ => None,
    };
    request.query.pairs().any(|pair| of(pair).is_some()).then(|| {
        let pairs = request.query.pairs().map(|pair| (pair.0, of(pair).unwrap_or_else(|| pair.1.to_owned())));
        answer::moved(&links::with_query(&request.path, &pairs.collect::<Vec<_>>()))
    })
}

/// The slugs of `category`; none where every category counts.
pub(super) fn asked_categories(request: &Request) -> Option<Vec<String>> {
    request.query.text("category").map(|_| request.query.all("category").map(str::to_owned).collect())
}

/// Searches what buyers may see.
pub(super) async fn search(api: &Api, tenant: TenantId, query: &SearchQuery) -> Result<SearchPage, Problem> {
    Ok(api.readers.search.search(tenant, query).await?)
}

/// The order that a `sort` parameter names.
pub(super) fn sort_of(name: Option<&str>) -> Option<Sort> {
    match name? {
        "relevance" => Some(Sort::Relevance),
        "newest" => Some(Sort::Newest),
        "price_asc" => Some(Sort::PriceAsc),
        "price_desc" => Some(Sort::PriceDesc),
        "name" => Some(Sort::Name),
        "best_selling" => Some(Sort::BestSelling),
        _ => None,
    }
}

/// The shop's categories as JSON.
pub(super) async fn categories(api: &Api, tenant: TenantId) -> Result<Bytes, Problem> {
    api.readers.storefront.categories(tenant).await.map_err(shop::unreadable)
}

/// Reads the shop's tree of categories.
pub(super) async fn tree(api: &Api, tenant: TenantId) -> Result<Arc<Tree>, Problem> {
    Ok(Tree::of(&api.derived, tenant, categories(api, tenant).await?)?)
}

/// The cards of hits, in their order; those that are gone are left out.
pub(super) async fn cards(api: &Api, tenant: TenantId, hits: &[Hit]) -> Result<Vec<Found>, Problem> {
    Ok(each(api, tenant, hits).await?.into_iter().flatten().collect())
}

/// The cards of hits, in their order, with `None` in the place of those that are gone.
pub(super) async fn each(api: &Api, tenant: TenantId, hits: &[Hit]) -> Result<Vec<Option<Found>>, Problem> {
    let storefront = &api.readers.storefront;
    let found = try_join_all(hits.iter().map(|hit| storefront.in_list(tenant, hit.product_id)));
    found.await.map_err(shop::unreadable)
}
