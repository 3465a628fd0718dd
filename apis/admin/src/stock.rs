//! Stock of a variant. The store owns it; a product and its variant must exist in admin before it can be set.

use std::sync::{Arc, LazyLock};

use feira_contexts::store::{stock_json, unknown_stock};
use feira_schemas::{
    ids::{ProductId, TenantId, VariantId},
    limits,
    problem::{Code, FieldError},
    records::{
        StoreCommand,
        store::{AdjustStock, SetStock},
    },
    refusals,
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
    schemas::{Named, id, object, version},
    staff::Permission,
    writes,
};
use http::Method;
use serde::Deserialize;
use serde_json::json;

use super::kinds::{changing, reading};

const ONE: &str = "/api/admin/v1/products/{id}/variants/{vid}/stock";

/// The JSON schemas that bodies are checked against.
static BODIES: LazyLock<json::Schemas> = LazyLock::new(|| json::Schemas::new(schemas()));

/// The routes of stock.
pub fn routes() -> Vec<Route> {
    vec![
        reading(Route::get(ONE, read), "Stock").says("Reads how many pieces of a variant are on hand."),
        changing(Route::new(Method::PUT, ONE, write), Permission::Stock, "Stock")
            .takes_json("StockBody")
            .says("Sets the pieces on hand, or takes some away or adds some."),
    ]
}

/// The schemas of stock.
pub fn schemas() -> Vec<Named> {
    let on_hand = json!({"type": "integer", "minimum": 0, "maximum": limits::STOCK});
    let adjust = json!({"type": "integer", "minimum": -limits::STOCK, "maximum": limits::STOCK});
    let mut body = object(&[("on_hand", on_hand), ("adjust", adjust)], &[]);
    (body["minProperties"], body["maxProperties"]) = (json!(1), json!(1));
    let stock = [
        ("product_id", id()),
        ("variant_id", id()),
        ("on_hand", json!({"type": "integer"})),
        ("tracked", json!({"type": "boolean"})),
        ("version", version()),
    ];
    vec![("StockBody", body), ("Stock", object(&stock, &["product_id", "variant_id", "on_hand", "tracked", "version"]))]
}

/// One of the two.
#[derive(Deserialize)]
struct StockBody {
    on_hand: Option<i64>,
    adjust: Option<i64>,
}

async fn read(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    caught_up(&api, &request).await?;
    let (product_id, variant_id) = variant(&api, &request).await?;
    let row = api.platform.state.get::<StockRow>(&StockRow::at(request.tenant, product_id, variant_id)).await?;
    // Nothing is said of a variant until its first piece: that is zero at version zero, not an error.
    let stock = row.map_or_else(|| unknown_stock(product_id, variant_id), |row| row.stock);
    Ok(reply::entity(&request.headers, &stock_json(&stock), stock.version))
}

async fn write(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let body: StockBody = json::read(&BODIES, &request.body, "StockBody")?;
    let change = change(&body)?;
    caught_up(&api, &request).await?;
    let (product_id, variant_id) = variant(&api, &request).await?;
    let meta = writes::meta(&api, &request, request.tenant)?;
    let command = match change {
        Change::Set(on_hand) => StoreCommand::SetStock(SetStock { meta, product_id, variant_id, on_hand }),
        Change::Adjust(adjust) => StoreCommand::AdjustStock(AdjustStock { meta, product_id, variant_id, adjust }),
    };
    writes::answer(&api, &request, command, |_| request.path.clone()).await
}

/// Waits until rows show what the request asks for: that there is such a variant is admin's to say, its stock and whether the shop is
/// open the store's, which takes admin's events as inputs.
async fn caught_up(api: &Api, request: &Request) -> Result<(), Problem> {
    let store = reads::caught_up(api, request, Context::Store.name(), Context::Store);
    tokio::try_join!(store, reads::point(api, request, Context::Admin)).map(|_| ())
}

enum Change {
    Set(i64),
    Adjust(i64),
}

fn change(body: &StockBody) -> Result<Change, Problem> {
    let refuse =
        |pointer: &str, code, detail: String| Err(Problem::fields(vec![FieldError::new(pointer, code, detail)]));
    let most = limits::STOCK;
    match (body.on_hand, body.adjust) {
        (Some(on_hand), None) if (0..=most).contains(&on_hand) => Ok(Change::Set(on_hand)),
        (Some(_), None) => refuse("/on_hand", Code::OutOfRange, refusals::out_of_range("O estoque", 0, most)),
        (None, Some(adjust)) if (-most..=most).contains(&adjust) => Ok(Change::Adjust(adjust)),
        (None, Some(_)) => refuse("/adjust", Code::OutOfRange, refusals::out_of_range("O ajuste", -most, most)),
        (Some(_), Some(_)) => refuse("", Code::Invalid, "Informe «on_hand» ou «adjust», não os dois.".into()),
        (None, None) => refuse("", Code::Required, "Informe «on_hand» ou «adjust».".into()),
    }
}

/// The variant that a path names, if the shop has it.
async fn variant(api: &Api, request: &Request) -> Result<(ProductId, VariantId), Problem> {
    let product_id = super::products::product_id(request)?;
    let variant_id: VariantId = request.id(1, "A variante")?;
    exists(api, request.tenant, product_id, variant_id).await?;
    Ok((product_id, variant_id))
}

async fn exists(api: &Api, tenant: TenantId, product: ProductId, variant: VariantId) -> Result<(), Problem> {
    let product = reads::product(&api.platform.state, tenant, product).await?;
    let known = product.variants.iter().any(|known| known.variant_id == variant);
    if known { Ok(()) } else { Err(Problem::not_found("A variante")) }
}
