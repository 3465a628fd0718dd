//! Stock of a variant. The store owns it; a product and its variant must exist in admin before it can be set.

use std::sync::{Arc, LazyLock};

use feira_connectors::search::{SearchQuery, Sort};
use feira_contexts::store::{stock_json, unknown_stock};
use feira_schemas::{
    api::stock::{StockBody, StockChange, StockContent, schemas, stock_content},
    groups,
    ids::{ProductId, TenantId, VariantId},
    records::{
        StoreCommand,
        store::{AdjustStock, SetStock, Stock},
    },
    rows::{admin::ProductRow, store::StockRow},
    topics::Context,
};
use feira_web::{
    context::Api,
    json,
    problem::Problem,
    reads, reply,
    reply::Response,
    routing::{Request, Route},
    sessions::{Access, Area},
    writes::{self, Decided, NotDecided},
};
use http::Method;

use super::kinds::{changing, reading};

const ONE: &str = "/api/admin/v1/products/{id}/variants/{vid}/stock";

/// The JSON schemas that bodies are checked against.
static BODIES: LazyLock<json::Schemas> = LazyLock::new(|| json::Schemas::new(schemas()));

/// The routes of stock.
pub fn routes() -> Vec<Route> {
    vec![
        reading(Route::get(ONE, read), Area::Stock, "Stock").says("Reads how many pieces of a variant are on hand."),
        changing(Route::new(Method::PUT, ONE, write), Access::write(Area::Stock), "Stock")
            .takes_json("StockBody")
            .says("Sets the pieces on hand, or takes some away or adds some."),
    ]
}

/// Sends a change of a variant's stock and waits for the decision. The variant must be one of the request's shop.
pub async fn submit(
    api: &Api,
    request: &Request,
    (product_id, variant_id): (ProductId, VariantId),
    body: StockBody,
) -> Result<Decided, NotDecided> {
    let StockContent { change, reason } = stock_content(body).map_err(Problem::fields)?;
    caught_up(api, request).await?;
    exists(api, request.tenant, product_id, variant_id).await?;
    let meta = writes::meta(api, request, request.tenant)?;
    let command = match change {
        StockChange::Set(on_hand) => StoreCommand::SetStock(SetStock { meta, product_id, variant_id, on_hand, reason }),
        StockChange::Adjust(adjust) => {
            StoreCommand::AdjustStock(AdjustStock { meta, product_id, variant_id, adjust, reason })
        }
    };
    writes::send(api, request, command).await
}

/// The stock of a variant of the request's shop, as it is at the position that the request asks for.
pub async fn load(
    api: &Api,
    request: &Request,
    (product_id, variant_id): (ProductId, VariantId),
) -> Result<Stock, Problem> {
    caught_up(api, request).await?;
    exists(api, request.tenant, product_id, variant_id).await?;
    let row = api.platform.state.get::<StockRow>(&StockRow::at(request.tenant, product_id, variant_id)).await?;
    // Nothing is said of a variant until its first piece: that is zero at version zero, not an error.
    Ok(row.map_or_else(|| unknown_stock(product_id, variant_id), |row| row.stock))
}

/// The stock of some variants of a product of the request's shop, in their order.
pub async fn of_variants(
    api: &Api,
    request: &Request,
    product_id: ProductId,
    variants: &[VariantId],
) -> Result<Vec<Stock>, Problem> {
    caught_up(api, request).await?;
    let keys: Vec<_> =
        variants.iter().map(|variant_id| StockRow::at(request.tenant, product_id, *variant_id)).collect();
    let rows = api.platform.state.get_many::<StockRow>(&keys).await?;
    let known = |(variant_id, row): (&VariantId, Option<StockRow>)| {
        row.map_or_else(|| unknown_stock(product_id, *variant_id), |row| row.stock)
    };
    Ok(variants.iter().zip(rows).map(known).collect())
}

/// A product, with the stock of its variants.
pub struct Shelved {
    /// The product.
    pub product_id: ProductId,
    /// The product's name.
    pub name: String,
    /// The stock of each variant, in their order.
    pub stock: Vec<Stock>,
}

/// A page of the shop's products, drafts among them, each with the stock of its variants.
pub struct Shelf {
    /// The products.
    pub products: Vec<Shelved>,
    /// The cursor of the next page.
    pub next: Option<String>,
    /// The number of products on all pages.
    pub total: u64,
}

/// The products that these words find, or all by name, each with the stock of its variants.
pub async fn shelf(api: &Api, request: &Request, words: &str) -> Result<Shelf, Problem> {
    let found = reads::caught_up(api, request, groups::PANEL.name, Context::Admin);
    tokio::try_join!(found, caught_up(api, request))?;
    let text = Some(words.to_owned()).filter(|words| !words.trim().is_empty());
    let sort = if text.is_some() { Sort::Relevance } else { Sort::Name };
    let after = request.query.text(reads::AFTER.name).map(str::to_owned);
    let query = SearchQuery { text, sort, after, limit: reads::limit(request), ..SearchQuery::default() };
    let page = api.readers.panel.search(request.tenant, &query).await?;
    let mut products = Vec::with_capacity(page.hits.len());
    for hit in &page.hits {
        let _turn = api.room.rows().await;
        let key = ProductRow::at(request.tenant, hit.product_id);
        // One that was removed since it was found is left out.
        let Some(row) = api.platform.state.get::<ProductRow>(&key).await? else { continue };
        let variants: Vec<VariantId> = row.product.variants.iter().map(|variant| variant.variant_id).collect();
        let stock = of_variants(api, request, hit.product_id, &variants).await?;
        products.push(Shelved { product_id: hit.product_id, name: row.product.name, stock });
    }
    Ok(Shelf { products, next: page.next, total: page.total })
}

async fn read(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let stock = load(&api, &request, named(&request)?).await?;
    Ok(reply::entity(&request.headers, &stock_json(&stock), stock.version))
}

async fn write(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let body = json::read(&BODIES, &request.body, "StockBody")?;
    writes::answer(submit(&api, &request, named(&request)?, body).await, |_| request.path.clone())
}

/// Waits until rows show what the request asks for: that there is such a variant is admin's to say, its stock and whether the shop is
/// open the store's, which takes admin's events as inputs.
pub(super) async fn caught_up(api: &Api, request: &Request) -> Result<(), Problem> {
    let store = reads::caught_up(api, request, Context::Store.name(), Context::Store);
    tokio::try_join!(store, reads::point(api, request, Context::Admin)).map(|_| ())
}

/// Product and variant that a path names.
fn named(request: &Request) -> Result<(ProductId, VariantId), Problem> {
    Ok((super::products::product_id(request)?, request.id(1, "A variante")?))
}

async fn exists(api: &Api, tenant: TenantId, product: ProductId, variant: VariantId) -> Result<(), Problem> {
    let product = reads::product(&api.platform.state, tenant, product).await?;
    let known = product.variants.iter().any(|known| known.variant_id == variant);
    if known { Ok(()) } else { Err(Problem::not_found("A variante")) }
}
