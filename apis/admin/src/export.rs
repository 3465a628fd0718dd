//! Exporting products: all of a shop's, as Shopify's CSV, in the order of their handles. Imported again the file changes nothing, and
//! in an empty shop it makes the same products but for what no column of it says:
//!
//! - ids, versions and times, and the addresses that a product had before;
//! - that a product is featured, and its own terms of payment: where they are they stay, in another shop a product has none;
//! - the tree of categories: the column `Type` has the name alone, so in a shop without one of that name a category is made at the top, and
//!   of several of one name a new product gets the outermost;
//! - files of images: the column has the address at which an image came in, or at which the shop shows it, and an image without either is
//!   left out;
//! - stock, where whoever exports does not see it: these cells are empty.
//!
//! Cells that a spreadsheet would take for a formula, and codes that an import would read otherwise than they are, such as `12345678.0` or
//! `1E+5`, have the mark `'` in front. Shopify separates tags by commas and has none with a comma in it; here such a tag stands between
//! quotes, as in CSV: `"b, c"`.

use std::{collections::HashMap, io, sync::Arc, time::Duration};

use bytes::Bytes;
use feira_connectors::{
    search::{SearchQuery, Sort},
    state::{State, StateError},
};
use feira_schemas::{
    ids::{CategoryId, ProductId, TenantId, VariantId},
    limits,
    problem::Code,
    records::admin::Product,
    refusals,
    row::{RowKey, Stored},
    rows::{
        admin::{CategoryRow, ProductRow, TenantRow},
        store::StockRow,
    },
    topics::Context,
};
use feira_web::{
    context::Api,
    hosts,
    problem::Problem,
    reads,
    reply::{self, Response},
    routing::{Request, Route},
    sessions::{Access, Area},
};
use futures::{StreamExt, TryStreamExt, stream};
use http::{HeaderValue, header};
use serde::Deserialize;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use super::{
    listing,
    shopify::{self, Written},
};

/// Products whose ids are asked of the search at once.
const IDS: usize = 1_000;
/// Addresses of products that are read at once.
const ADDRESSES: usize = 16;
/// Rows of products that are read at once: one of 2,048 variants takes several megabytes meanwhile.
const ROWS: usize = 4;
/// Parts of the file, each of [`ROWS`] products, that wait for a slow reader.
const WAITING: usize = 2;
/// Bytes that an export holds in memory: a few products of many variants, and the order of all.
const HELD: usize = 4 * 1024 * 1024;
/// The time until an export begins: the ids of all products are known by then.
const WITHIN: Duration = Duration::from_secs(60);

/// The routes of exports.
pub fn routes() -> Vec<Route> {
    let of_shop = Route::get("/api/admin/v1/products.csv", export_own).for_staff(Access::read(Area::Catalogue));
    let of_operator = Route::get("/api/operator/v1/tenants/{id}/export", export_of).for_operator();
    vec![
        giving_csv(of_shop).says("Gives all of the shop's products as Shopify's CSV, which an import takes."),
        giving_csv(of_operator).says("Gives all of a shop's products as Shopify's CSV, which an import takes."),
    ]
}

/// A route that gives the file of an export.
pub fn giving_csv(route: Route) -> Route {
    let what = "The products in the order of their handles, with all variants and the addresses of images. An answer that breaks off is not the whole file.";
    route.within(WITHIN).holds(HELD).gives(200, what, Some(("text/csv", "Csv"))).problems(&[409])
}

async fn export_own(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let sees_stock = request.staff.as_ref().is_some_and(|staff| staff.has(Access::read(Area::Stock)));
    export(&api, &request, request.tenant, sees_stock).await
}

async fn export_of(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    reads::point(&api, &request, Context::Admin).await?;
    let tenant = hosts::named(&api.platform.state, request.param(0)).await?;
    let tenant = tenant.ok_or_else(|| Problem::new(Code::NotFound, refusals::NO_SUCH_SHOP))?;
    export(&api, &request, tenant, true).await
}

/// The file of a shop's products, as it is made. Whoever does not see stock gets no quantities.
pub async fn export(
    api: &Arc<Api>,
    request: &Request,
    tenant: TenantId,
    sees_stock: bool,
) -> Result<Response, Problem> {
    let stock = reads::caught_up(api, request, Context::Store.name(), Context::Store);
    tokio::try_join!(listing::caught_up(api, request), stock)?;
    let shop = api.platform.state.get::<TenantRow>(&TenantRow::at(tenant)).await?;
    let shop = shop.ok_or_else(|| Problem::new(Code::NotFound, refusals::NO_SUCH_SHOP))?.tenant;
    let (products, categories) = (products(api, tenant).await?, categories(api, tenant).await?);
    let origin = api.hosts.pages_origin(&api.platform.state, &request.headers, tenant, &shop.subdomain).await?;
    let export = Export { api: Arc::clone(api), tenant, categories, origin, sees_stock };
    let (sender, parts) = mpsc::channel(WAITING);
    tokio::spawn(async move {
        if let Err(problem) = export.give(products, &sender).await {
            tracing::warn!(tenant.id = %export.tenant, error = %problem, "an export breaks off");
            // Whoever reads it must not take it for the whole. Perhaps nobody reads any more.
            let _ = sender.send(Err(io::Error::other("the export broke off"))).await;
        }
    });
    let mut response = reply::streamed(HeaderValue::from_static("text/csv; charset=utf-8"), ReceiverStream::new(parts));
    let file = format!("attachment; filename=\"produtos-{}.csv\"", shop.subdomain);
    if let Ok(file) = HeaderValue::try_from(file) {
        response.headers_mut().insert(header::CONTENT_DISPOSITION, file);
    }
    Ok(response)
}

/// The ids of all products of a shop.
async fn products(api: &Api, tenant: TenantId) -> Result<Vec<ProductId>, Problem> {
    let mut query = SearchQuery { sort: Sort::Newest, limit: IDS, ..SearchQuery::default() };
    let mut all = Vec::new();
    loop {
        let page = api.readers.panel.search(tenant, &query).await?;
        all.extend(page.hits.iter().map(|hit| hit.product_id));
        if page.next.is_none() {
            return Ok(all);
        }
        query.after = page.next;
    }
}

/// The names of a shop's categories.
async fn categories(api: &Api, tenant: TenantId) -> Result<HashMap<CategoryId, String>, Problem> {
    let rows = api.platform.state.scan::<CategoryRow>(&CategoryRow::all(tenant), None, limits::CATEGORIES).await?;
    Ok(rows.into_iter().map(|row| (row.category.category_id, row.category.name)).collect())
}

/// The columns of a product's row by which the file is in order.
#[derive(Deserialize)]
struct Address {
    product_id: ProductId,
    slug: String,
}

async fn address(state: &State, key: RowKey) -> Result<Option<Address>, StateError> {
    state.get_in::<Address>(ProductRow::TABLE, &key).await
}

/// An export under way.
struct Export {
    api: Arc<Api>,
    tenant: TenantId,
    categories: HashMap<CategoryId, String>,
    origin: String,
    sees_stock: bool,
}

impl Export {
    /// Gives the file in parts, until nobody takes them any more.
    async fn give(&self, products: Vec<ProductId>, parts: &mpsc::Sender<io::Result<Bytes>>) -> Result<(), Problem> {
        let products = self.in_order(products).await?;
        if parts.send(Ok(shopify::header().map_err(Problem::internal)?.into())).await.is_err() {
            return Ok(());
        }
        for some in products.chunks(ROWS) {
            if *self.api.stop.borrow() {
                return Err(Problem::unavailable("the process is to end"));
            }
            let part = self.part(some).await?;
            if !part.is_empty() && parts.send(Ok(part.into())).await.is_err() {
                return Ok(());
            }
        }
        Ok(())
    }

    /// The products in the order of their handles, which are the same in every shop that has them.
    async fn in_order(&self, products: Vec<ProductId>) -> Result<Vec<ProductId>, Problem> {
        let state = &self.api.platform.state;
        let asked: Vec<_> = products.iter().map(|id| address(state, ProductRow::at(self.tenant, *id))).collect();
        let known: Vec<Option<Address>> = stream::iter(asked).buffered(ADDRESSES).try_collect().await?;
        let mut known: Vec<Address> = known.into_iter().flatten().collect();
        known.sort_unstable_by(|one, other| one.slug.cmp(&other.slug));
        Ok(known.into_iter().map(|address| address.product_id).collect())
    }

    /// The rows of some products. One that is gone by now has none.
    async fn part(&self, products: &[ProductId]) -> Result<Vec<u8>, Problem> {
        let _turn = self.api.room.rows().await;
        let keys: Vec<_> = products.iter().map(|id| ProductRow::at(self.tenant, *id)).collect();
        let mut part = Vec::new();
        for row in self.api.platform.state.get_many::<ProductRow>(&keys).await?.into_iter().flatten() {
            let product = &row.product;
            let on_hand = if self.sees_stock { Some(self.on_hand(product).await?) } else { None };
            let category = product.category_id.and_then(|id| self.categories.get(&id)).map(String::as_str);
            let written = Written { product, category, on_hand: on_hand.as_deref(), origin: &self.origin };
            part.extend(written.rows().map_err(Problem::internal)?);
        }
        Ok(part)
    }

    /// Pieces on hand of the variants that are counted.
    async fn on_hand(&self, product: &Product) -> Result<Vec<(VariantId, i64)>, Problem> {
        let counted = product.variants.iter().filter(|variant| variant.tracked);
        let keys: Vec<_> =
            counted.map(|variant| StockRow::at(self.tenant, product.product_id, variant.variant_id)).collect();
        let rows = self.api.platform.state.get_many::<StockRow>(&keys).await?;
        Ok(rows.into_iter().flatten().map(|row| (row.stock.variant_id, row.stock.on_hand)).collect())
    }
}
