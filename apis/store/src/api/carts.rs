//! `/api/store/v1/carts/{cart}`: carts of programs that keep a cart's id themselves. Whoever has the id has the cart, so no cookie is read or set.
//! The version that `If-Match` names stands in the body: prices change without it, so it is no tag of an answer.

use std::sync::Arc;

use feira_schemas::{ids::VariantId, problem::Code, refusals, rows::sessions::CartRow};
use feira_web::{
    context::Api,
    problem::Problem,
    reply::{self, Response},
    routing::{Request, Route},
};
use http::{HeaderValue, Method, StatusCode, header};

use crate::{
    cart::{Change, begin, cart_json, cep, change, code, find, quantity, shown, wanted, ways, ways_json},
    shop,
};

const ALL: &str = "/api/store/v1/carts";
const ONE: &str = "/api/store/v1/carts/{cart}";
const ITEMS: &str = "/api/store/v1/carts/{cart}/items";
const ITEM: &str = "/api/store/v1/carts/{cart}/items/{vid}";
const COUPON: &str = "/api/store/v1/carts/{cart}/coupon";
const QUOTE: &str = "/api/store/v1/carts/{cart}/shipping-quote";
/// Bytes of a body: whoever sends one has no credential, and room is held for it until it has come.
const BODY_BYTES: usize = 4 * 1024;

pub(super) fn routes() -> [Route; 8] {
    [
        Route::new(Method::POST, ALL, make)
            .keyed()
            .takes(vec![("application/json", "StoreCartItem")], BODY_BYTES)
            .gives(201, "The cart with its id.", Some(("application/json", "StoreCart")))
            .with_headers(&["Location"])
            .problems(&[403, 409])
            .says("Makes a cart with a first product in it."),
        Route::get(ONE, read)
            .gives_json("The cart as it is now.", "StoreCart")
            .problems(&[403, 409])
            .says("Reads a cart: prices and what can be bought are those of this moment."),
        changing(Route::new(Method::POST, ITEMS, add))
            .takes(vec![("application/json", "StoreCartItem")], BODY_BYTES)
            .says("Adds a product; one that is there already becomes so many more."),
        changing(Route::new(Method::PUT, ITEM, set))
            .takes(vec![("application/json", "StoreCartQuantity")], BODY_BYTES)
            .says("Changes how many pieces of a variant are in the cart."),
        changing(Route::new(Method::DELETE, ITEM, remove)).says("Removes a variant from the cart."),
        changing(Route::new(Method::PUT, COUPON, set_coupon))
            .takes(vec![("application/json", "StoreCartCoupon")], BODY_BYTES)
            .says("Sets the coupon, in the place of another one."),
        changing(Route::new(Method::DELETE, COUPON, remove_coupon)).says("Removes the coupon."),
        Route::new(Method::POST, QUOTE, try_out)
            .takes(vec![("application/json", "StoreCartCep")], BODY_BYTES)
            .gives_json("The ways that there are, in the shop's order.", "StoreCartQuote")
            .problems(&[403, 409])
            .says("Shows what delivery to a CEP costs by each way, which is kept nowhere."),
    ]
}

fn changing(route: Route) -> Route {
    let what = "The cart as it is then. To the same key and body again: nothing is changed, and the cart is as it is at that time.";
    route.keyed().versioned().gives_json(what, "StoreCart").problems(&[403, 409, 422])
}

async fn make(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    shop::open_to(&api, &request).await?;
    let wanted = wanted(&request.body)?;
    let (id, row) = begin(&api, &request).await?;
    let shown = change(&api, &request, row, Change::Add(wanted)).await?;
    let mut response = reply::with_status(StatusCode::CREATED, &cart_json(&id, &shown));
    let location = HeaderValue::try_from(format!("{ALL}/{id}")).map_err(Problem::internal)?;
    response.headers_mut().insert(header::LOCATION, location);
    Ok(response)
}

async fn read(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let row = present(&api, &request).await?;
    let shown = shown(&api, &request, row).await?;
    Ok(reply::json(&cart_json(request.param(0), &shown)))
}

async fn add(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let row = present(&api, &request).await?;
    let wanted = wanted(&request.body)?;
    changed(&api, &request, row, Change::Add(wanted)).await
}

async fn set(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let row = present(&api, &request).await?;
    let (variant_id, (quantity, seen_price)) = (variant(&request)?, quantity(&request.body)?);
    changed(&api, &request, row, Change::Set(variant_id, quantity, seen_price)).await
}

async fn remove(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let row = present(&api, &request).await?;
    let variant_id = variant(&request)?;
    changed(&api, &request, row, Change::Remove(variant_id)).await
}

async fn set_coupon(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let row = present(&api, &request).await?;
    let code = code(&request.body)?;
    changed(&api, &request, row, Change::Coupon(code)).await
}

async fn remove_coupon(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let row = present(&api, &request).await?;
    changed(&api, &request, row, Change::NoCoupon).await
}

async fn try_out(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let row = present(&api, &request).await?;
    let cep = cep(&request.body)?;
    let shown = shown(&api, &request, row).await?;
    Ok(reply::json(&ways_json(&ways(&api, &request, &cep, &shown).await?)))
}

/// The cart that the path names, of a shop that serves buyers.
async fn present(api: &Api, request: &Request) -> Result<CartRow, Problem> {
    shop::open_to(api, request).await?;
    let row = find(api, request.tenant, request.param(0)).await?;
    row.ok_or_else(|| Problem::new(Code::NotFound, refusals::NO_SUCH_CART))
}

/// The variant that the path names.
fn variant(request: &Request) -> Result<VariantId, Problem> {
    request.id(1, "Este produto")
}

async fn changed(api: &Api, request: &Request, row: CartRow, asked: Change) -> Result<Response, Problem> {
    let shown = change(api, request, row, asked).await?;
    Ok(reply::json(&cart_json(request.param(0), &shown)))
}
