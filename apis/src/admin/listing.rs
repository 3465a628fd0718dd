//! The panel's list of products: found by the panel's own search shard, drafts too, and read from the rows.

use std::{collections::HashSet, sync::Arc};

use feira_connectors::search::{SearchPage, SearchQuery, Sort, Status};
use feira_schemas::{
    catalogue::product_json,
    ids::{CategoryId, TenantId},
    rows::admin::{CategoryRow, ProductRow},
    topics::{Context, Position},
};
use serde_json::{Value, json};

use super::{categories, json as json_of};
use crate::{
    context::Api,
    problem::Problem,
    reads, reply,
    reply::Response,
    routing::{Kind, Parameter, Request, Route},
};

/// The consumer that fills the panel's shards.
const PANEL: &str = "panel";
/// The orders of the list.
const SORTS: &[&str] = &["relevance", "newest", "price_asc", "price_desc", "name", "best_selling"];
/// A shop's categories are read whole: a filter names a category's sub-categories too.
const CATEGORIES: usize = 10_000;

/// The route of the list.
pub fn routes() -> Vec<Route> {
    vec![
        Route::get("/api/admin/v1/products", list)
            .for_staff()
            .query([
                Parameter::new("q", Kind::Text(1_000), "Words of name, code, tags, brand or description."),
                Parameter::new("status", Kind::OneOf(&["draft", "published"]), "Only these."),
                Parameter::new("category", Kind::Text(255), "Only of this category (id or slug) and those below it."),
                Parameter::new("sort", Kind::OneOf(SORTS), "newest; with q relevance."),
                reads::AFTER,
                reads::LIMIT,
            ])
            .gives(200, "A page.", json_of("ProductPage"))
            .problems(&[409])
            .says("Products, drafts too."),
    ]
}

async fn list(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    // Hits come from the shard, what is shown of them from the rows.
    let found = reads::caught_up(&api, &request, PANEL, Context::Admin);
    tokio::try_join!(found, reads::point(&api, &request, Context::Admin))?;
    let query = query(&api, &request).await?;
    let page = api.readers.panel.search(request.tenant, &query).await?;
    let items = items(&api, request.tenant, &page).await?;
    Ok(reply::json(&json!({"items": items, "next": page.next, "total": page.total})))
}

async fn query(api: &Api, request: &Request) -> Result<SearchQuery, Problem> {
    let parameters = &request.query;
    let text = parameters.text("q").map(str::to_owned).filter(|text| !text.trim().is_empty());
    let categories = match parameters.text("category") {
        Some(name) => Some(with_those_below(api, request.tenant, name).await?),
        None => None,
    };
    let asked_categories = parameters.text("category").map(|name| vec![name.to_owned()]);
    let sort = match parameters.text("sort") {
        Some("newest") => Sort::Newest,
        Some("price_asc") => Sort::PriceAsc,
        Some("price_desc") => Sort::PriceDesc,
        Some("name") => Sort::Name,
        Some("best_selling") => Sort::BestSelling,
        Some(_) => Sort::Relevance,
        None if text.is_some() => Sort::Relevance,
        None => Sort::Newest,
    };
    let status = match parameters.text("status") {
        Some("draft") => Some(Status::Draft),
        Some(_) => Some(Status::Published),
        None => None,
    };
    let (after, limit) = (parameters.text("after").map(str::to_owned), reads::limit(request));
    Ok(SearchQuery { text, categories, asked_categories, status, sort, after, limit, ..SearchQuery::default() })
}

/// A category by id or slug, and all below it.
async fn with_those_below(api: &Api, tenant: TenantId, name: &str) -> Result<Vec<CategoryId>, Problem> {
    let rows = api.platform.state.scan::<CategoryRow>(&CategoryRow::all(tenant), None, CATEGORIES).await?;
    let top = categories::named(&rows, name).ok_or_else(categories::unknown_filter)?.category_id;
    let mut found = HashSet::from([top]);
    let mut open = vec![top];
    while let Some(above) = open.pop() {
        let below = rows.iter().filter(|row| row.category.parent_id == Some(above)).map(|row| row.category.category_id);
        // Two moves at once can't make a circle, for one writer decides both; yet a set costs nothing and can't run for ever.
        open.extend(below.filter(|id| found.insert(*id)));
    }
    Ok(found.into_iter().collect())
}

/// The products of a page. One that was removed since it was found is left out.
async fn items(api: &Api, tenant: TenantId, page: &SearchPage) -> Result<Vec<Value>, Problem> {
    let keys: Vec<_> = page.hits.iter().map(|hit| ProductRow::at(tenant, hit.product_id)).collect();
    let rows = api.platform.state.get_many::<ProductRow>(&keys).await?;
    Ok(rows.into_iter().flatten().map(|row| product_json(&row.product)).collect())
}

/// Whether the shop has products of a category, as the panel's shard knows it once it shows what admin has decided by now, and
/// what the request asks for.
pub(super) async fn has_products(api: &Api, request: &Request, category: CategoryId) -> Result<bool, Problem> {
    reads::caught_up(api, request, PANEL, Context::Admin).await?;
    let tenant = request.tenant;
    let partition = api.platform.partition_of(tenant);
    let write_ts = api.platform.watermarks.mark(Context::Admin.name(), partition).write_ts;
    let decided = Position { context: Context::Admin, partition, write_ts };
    // A shard that lags is asked all the same: the answer keeps a merchant from a slip, the tree itself does not depend on it.
    let _ = api.platform.watermarks.wait(PANEL, Context::Admin, decided, reads::PATIENCE).await;
    let query = SearchQuery { categories: Some(vec![category]), limit: 1, ..SearchQuery::default() };
    let page = api.readers.panel.search(tenant, &query).await?;
    Ok(page.total > 0)
}
