//! The panel's list of products: found by the panel's own search shard, drafts too, and read from the rows.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use feira_connectors::{
    search::{Hit, Lack, SearchPage, SearchQuery, Sort, Status},
    state::StateError,
};
use feira_schemas::{
    api::product::product_card_json,
    groups,
    ids::{CategoryId, ProductId, TenantId},
    money::Money,
    problem::Code,
    records::{
        admin::{Category, Product},
        catalogue::ProductStatus,
    },
    rows::admin::{CategoryRow, ProductRow},
    topics::{Context, Position},
};
use feira_web::{
    context::Api,
    problem::Problem,
    reads, reply,
    reply::Response,
    routing::{Kind, Parameter, Request, Route},
    sessions::{Access, Area},
};
use serde_json::json;

use super::kinds::json_of;

/// The consumer that fills the panel's shards.
pub(super) const PANEL: &str = groups::PANEL.name;
/// The orders of the list.
const SORTS: &[&str] = &["relevance", "newest", "price_asc", "price_desc", "name", "best_selling"];
/// The words for what products may lack.
const LACKS: &[&str] = &["picture", "weight", "stock"];
/// Rows of products that are read at once: one of 2,048 variants takes several megabytes meanwhile.
const ROWS: usize = 4;
/// A shop's categories are read whole: a filter names a category's sub-categories too.
const CATEGORIES: usize = 10_000;

/// The route of the list.
pub fn routes() -> Vec<Route> {
    vec![
        Route::get("/api/admin/v1/products", list)
            .for_staff(Access::read(Area::Catalogue))
            .query([
                Parameter::new(
                    "q",
                    Kind::Text(1_000),
                    "Finds products by words of their name, options, tags, brand, category or description, and by SKUs \
                     and barcodes, or parts of them.",
                ),
                Parameter::new("status", Kind::OneOf(&["draft", "published"]), "Only these."),
                Parameter::new(
                    "category",
                    Kind::Text(255),
                    "Shows only what is in this category (id or slug) or below it.",
                ),
                Parameter::new(
                    "sort",
                    Kind::OneOf(SORTS),
                    "The order; left out, newest first, or with `q` best first.",
                ),
                Parameter::new(
                    "lacks",
                    Kind::OneOf(LACKS),
                    "Shows only what lacks this; of stock, what is published and can't be bought.",
                ),
                reads::AFTER,
                reads::LIMIT,
            ])
            .gives(200, "A page of products.", json_of("ProductPage"))
            .problems(&[409])
            .says("Lists the shop's products, drafts among them."),
    ]
}

async fn list(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    caught_up(&api, &request).await?;
    let make = |product: &Product, available| product_card_json(product, available).to_string();
    let (page, items) = page(&api, request.tenant, query(&api, &request).await?, make, String::len).await?;
    let mut body = Vec::with_capacity(items.iter().map(|item| item.len() + 1).sum::<usize>() + 1_024);
    body.extend_from_slice(b"{\"items\":[");
    body.extend_from_slice(items.join(",").as_bytes());
    body.extend_from_slice(format!("],\"next\":{},\"total\":{}}}", json!(page.next), page.total).as_bytes());
    Ok(reply::private_json(body))
}

/// A product as a page shows it in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    /// The product.
    pub id: ProductId,
    /// The version that is shown.
    pub version: i64,
    /// Shown to buyers, or to staff alone.
    pub status: ProductStatus,
    /// The name.
    pub name: String,
    /// The lowest price.
    pub price: Option<Money>,
    /// The highest price.
    pub price_to: Option<Money>,
    /// The number of variants.
    pub variants: usize,
    /// The category.
    pub category_id: Option<CategoryId>,
    /// True if buyers can buy it now, as far as the shop shows it.
    pub available: bool,
}

impl Card {
    fn of(product: &Product, available: bool) -> Self {
        let prices = || product.variants.iter().map(|variant| variant.price);
        Self {
            id: product.product_id,
            version: product.version,
            status: product.status,
            name: product.name.clone(),
            price: prices().min_by_key(|price| price.amount),
            price_to: prices().max_by_key(|price| price.amount),
            variants: product.variants.len(),
            category_id: product.category_id,
            available,
        }
    }
}

/// A page of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cards {
    /// The products, in the order asked for.
    pub cards: Vec<Card>,
    /// The cursor of the next page.
    pub next: Option<String>,
    /// The number of products that match in all.
    pub total: u64,
}

/// The page of the list that a request asks for by the parameters of `GET /api/admin/v1/products`; one that is empty, as forms send
/// it, asks nothing. What it must show is waited for before ([`caught_up`]).
pub async fn cards(api: &Api, request: &Request) -> Result<Cards, Problem> {
    let query = query(api, request).await?;
    let (page, cards) = page(api, request.tenant, query, Card::of, |card| card.name.len()).await?;
    Ok(Cards { cards, next: page.next, total: page.total })
}

/// A product by its name and the slug of its page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// The product.
    pub id: ProductId,
    /// The name.
    pub name: String,
    /// The slug.
    pub slug: String,
}

/// The products that words, SKUs or bar codes find, drafts too, the best first, and how many there are in all; without words the newest.
/// What they must show is waited for before ([`caught_up`]).
///
/// # Errors
/// Where the panel's shard lies in another process, or does not answer.
pub async fn found(api: &Api, tenant: TenantId, text: &str, limit: usize) -> Result<(Vec<Named>, u64), Problem> {
    let text = Some(text.to_owned()).filter(|text| !text.trim().is_empty());
    let sort = if text.is_some() { Sort::Relevance } else { Sort::Newest };
    let query = SearchQuery { text, sort, limit, ..SearchQuery::default() };
    let named = |product: &Product, _: bool| Named {
        id: product.product_id,
        name: product.name.clone(),
        slug: product.slug.clone(),
    };
    let (page, products) = page(api, tenant, query, named, |named| named.name.len() + named.slug.len()).await?;
    Ok((products, page.total))
}

/// Numbers of a shop's products, as its shards know them by now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// All of them.
    pub products: u64,
    /// Those that buyers don't see.
    pub drafts: u64,
    /// Published ones without a picture.
    pub without_picture: u64,
    /// Published ones of which a variant has no weight.
    pub without_weight: u64,
    /// Published ones that nobody can buy now; none where the shop's shard does not say.
    pub without_stock: Option<u64>,
}

/// Counts a shop's products: one question to the panel's shard, and one to the shop's, which alone knows what can be bought.
///
/// # Errors
/// Where the panel's shard lies in another process, or does not answer.
pub async fn counts(api: &Api, tenant: TenantId) -> Result<Counts, Problem> {
    let of_panel = SearchQuery { facets: true, ..SearchQuery::default() };
    let of_shop = SearchQuery { lacking: Some(Lack::Stock), ..SearchQuery::default() };
    let (all, sold_out) =
        tokio::join!(api.readers.panel.search(tenant, &of_panel), api.readers.search.search(tenant, &of_shop));
    let all = all?;
    let facets = all.facets.unwrap_or_default();
    let [without_picture, without_weight, _] = facets.lacking;
    let (products, drafts, without_stock) = (all.total, facets.drafts, sold_out.ok().map(|found| found.total));
    Ok(Counts { products, drafts, without_picture, without_weight, without_stock })
}

/// Waits until the list shows what a request asks for.
pub async fn caught_up(api: &Api, request: &Request) -> Result<(), Problem> {
    // Hits come from the shard, what is shown of them from the rows.
    let found = reads::caught_up(api, request, PANEL, Context::Admin);
    let rows = reads::point(api, request, Context::Admin);
    tokio::try_join!(found, rows, shop_caught_up(api, request)).map(|_| ())
}

/// Waits for the shop's shard, where it is what a request's products are found by.
async fn shop_caught_up(api: &Api, request: &Request) -> Result<(), Problem> {
    match lacking(request) {
        Some(Lack::Stock) => reads::caught_up(api, request, groups::SEARCH.name, Context::Store).await,
        _ => Ok(()),
    }
}

/// What a request's products lack.
fn lacking(request: &Request) -> Option<Lack> {
    match request.query.text("lacks")? {
        "picture" => Some(Lack::Picture),
        "weight" => Some(Lack::Weight),
        "stock" => Some(Lack::Stock),
        _ => None,
    }
}

/// A page, and what is made of its products: it ends where its bytes do, even before its limit.
async fn page<T>(
    api: &Api,
    tenant: TenantId,
    mut query: SearchQuery,
    make: impl Fn(&Product, bool) -> T,
    bytes: impl Fn(&T) -> usize,
) -> Result<(SearchPage, Vec<T>), Problem> {
    // What can be bought the panel's shard does not know.
    let reader = if query.lacking == Some(Lack::Stock) { &api.readers.search } else { &api.readers.panel };
    let mut page = reader.search(tenant, &query).await?;
    loop {
        let items = items(api, tenant, &page.hits, &make).await?;
        let fitting = reads::fitting(items.iter().map(|item| item.as_ref().map_or(0, |item| bytes(item) + 1)));
        if fitting == items.len() {
            return Ok((page, items.into_iter().flatten().collect()));
        }
        // Where the next page begins is the search's to say, of a page that ends here.
        query.limit = fitting;
        let shorter = reader.search(tenant, &query).await?;
        (page.hits, page.next) = (shorter.hits, shorter.next);
    }
}

async fn query(api: &Api, request: &Request) -> Result<SearchQuery, Problem> {
    let parameters = &request.query;
    let text = parameters.text("q").map(str::to_owned).filter(|text| !text.trim().is_empty());
    let given = |name: &'static str| parameters.text(name).filter(|value| !value.is_empty());
    let categories = match given("category") {
        Some(name) => Some(with_those_below(api, request.tenant, name).await?),
        None => None,
    };
    let asked_categories = given("category").map(|name| vec![name.to_owned()]);
    let sort = match given("sort") {
        Some("newest") => Sort::Newest,
        Some("price_asc") => Sort::PriceAsc,
        Some("price_desc") => Sort::PriceDesc,
        Some("name") => Sort::Name,
        Some("best_selling") => Sort::BestSelling,
        Some(_) => Sort::Relevance,
        None if text.is_some() => Sort::Relevance,
        None => Sort::Newest,
    };
    let status = match given("status") {
        Some("draft") => Some(Status::Draft),
        Some(_) => Some(Status::Published),
        None => None,
    };
    let lacking = lacking(request);
    let (after, limit) = (given("after").map(str::to_owned), reads::limit(request));
    Ok(SearchQuery {
        text,
        categories,
        asked_categories,
        status,
        lacking,
        sort,
        after,
        limit,
        ..SearchQuery::default()
    })
}

/// A category by id or slug, and all below it.
async fn with_those_below(api: &Api, tenant: TenantId, name: &str) -> Result<Vec<CategoryId>, Problem> {
    let rows = api.platform.state.scan::<CategoryRow>(&CategoryRow::all(tenant), None, CATEGORIES).await?;
    let top = named(&rows, name).ok_or_else(unknown_filter)?.category_id;
    let mut below: HashMap<CategoryId, Vec<CategoryId>> = HashMap::new();
    for category in rows.iter().map(|row| &row.category) {
        if let Some(parent) = category.parent_id {
            below.entry(parent).or_default().push(category.category_id);
        }
    }
    let mut found = HashSet::from([top]);
    let mut open = vec![top];
    while let Some(above) = open.pop() {
        // Two moves at once can't make a circle, for one writer decides both; yet a set costs nothing and can't run for ever.
        open.extend(below.get(&above).into_iter().flatten().filter(|id| found.insert(**id)));
    }
    Ok(found.into_iter().collect())
}

/// What is made of each hit's product. One that was removed since it was found is left out.
async fn items<T>(
    api: &Api,
    tenant: TenantId,
    hits: &[Hit],
    make: &impl Fn(&Product, bool) -> T,
) -> Result<Vec<Option<T>>, Problem> {
    let mut items = Vec::with_capacity(hits.len());
    for hits in hits.chunks(ROWS) {
        let _turn = api.room.rows().await;
        let keys: Vec<_> = hits.iter().map(|hit| ProductRow::at(tenant, hit.product_id)).collect();
        for row in api.platform.state.get_many::<ProductRow>(&keys).await? {
            items.push(match row {
                Some(row) => Some(make(&row.product, is_available(api, tenant, row.product.product_id).await?)),
                None => None,
            });
        }
    }
    Ok(items)
}

/// True if a product can be bought now: that is the shop's to know, as far as it shows it.
async fn is_available(api: &Api, tenant: TenantId, product: ProductId) -> Result<bool, Problem> {
    let shown = api.readers.storefront.in_list(tenant, product).await;
    let shown = shown.map_err(|error| Problem::from(StateError::clone(&error)))?;
    Ok(shown.map(|shown| shown.list_card()).transpose()?.is_some_and(|shown| shown.available))
}

/// True if the shop has products of a category, as the panel's shard knows it once it shows what admin has decided by
/// now, and what the request asks for.
pub(super) async fn has_products(api: &Api, request: &Request, category: CategoryId) -> Result<bool, Problem> {
    reads::caught_up(api, request, PANEL, Context::Admin).await?;
    let tenant = request.tenant;
    let partition = api.platform.partition_of(tenant);
    let write_ts = api.platform.reached.mark(Context::Admin.name(), partition).write_ts;
    let decided = Position { context: Context::Admin, partition, write_ts };
    // A shard that lags is asked all the same: the answer keeps a merchant from a slip, the tree itself does not depend on it.
    let _ = api.platform.reached.wait(PANEL, Context::Admin, decided, reads::PATIENCE).await;
    let query = SearchQuery { categories: Some(vec![category]), limit: 1, ..SearchQuery::default() };
    let page = api.readers.panel.search(tenant, &query).await?;
    Ok(page.total > 0)
}

/// A category by its id or its slug, as a filter names it.
fn named<'a>(rows: &'a [CategoryRow], name: &str) -> Option<&'a Category> {
    let category = |row: &&CategoryRow| row.category.slug == name || row.category.category_id.to_string() == name;
    rows.iter().find(category).map(|row| &row.category)
}

/// A filter names a category that the shop does not have.
fn unknown_filter() -> Problem {
    Problem::parameter(
        "/query/category",
        Code::UnknownReference,
        "Não há categoria com este id ou endereço nesta loja.",
    )
}
