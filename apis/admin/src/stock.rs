//! Stock of a variant. The store owns it; a product and its variant must exist in admin before it can be set.

use std::sync::{Arc, LazyLock};

use feira_contexts::store::{stock_json, unknown_stock};
use feira_schemas::{
    api::stock::{StockBody, StockContent, schemas, stock_content},
    ids::{ProductId, TenantId, VariantId},
    records::{
        StoreCommand,
        store::{AdjustStock, SetStock, Stock},
    },
    rows::store::StockRow,
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
    let content = stock_content(body).map_err(Problem::fields)?;
    caught_up(api, request).await?;
    exists(api, request.tenant, product_id, variant_id).await?;
    let meta = writes::meta(api, request, request.tenant)?;
    let command = match content {
        StockContent::Set(on_hand) => StoreCommand::SetStock(SetStock { meta, product_id, variant_id, on_hand }),
        StockContent::Adjust(adjust) => StoreCommand::AdjustStock(AdjustStock { meta, product_id, variant_id, adjust }),
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
async fn caught_up(api: &Api, request: &Request) -> Result<(), Problem> {
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
