//! The variants of a shop that run low: in the shop, counted, and few pieces on hand.

use std::sync::Arc;

use feira_schemas::{
    ids::{ProductId, VariantId},
    rows::store::LowStockRow,
};
use feira_web::{
    context::Api,
    cursor,
    problem::Problem,
    reads, reply,
    reply::Response,
    routing::{Request, Route},
    sessions::{Access, Area},
};
use serde_json::{Value, json};

use super::{kinds::json_of, stock};

const ALL: &str = "/api/admin/v1/low-stock";
/// The list that cursors are bound to.
const QUERY: &str = "low-stock";
/// Variants that are counted at most, so that a first page costs one short read: whoever has more of them needs the list, and no number.
pub const COUNTED: usize = 1_000;

/// The route of the list.
pub fn routes() -> Vec<Route> {
    vec![
        Route::get(ALL, list)
            .for_staff(Access::read(Area::Stock))
            .query([reads::AFTER, reads::LIMIT])
            .gives(200, "A page of variants, those of a product beside one another.", json_of("LowStockPage"))
            .problems(&[409])
            .says("Lists the variants that run low: of published products, counted, with few pieces on hand."),
    ]
}

/// A page of the variants that run low.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The variants, those of a product beside one another.
    pub variants: Vec<LowStockRow>,
    /// The cursor of the next page.
    pub next: Option<String>,
}

/// The page of the shop's variants that run low that a request asks for.
///
/// # Errors
/// 400 where the cursor is none of this list's, 409 where what the request must show is not decided yet.
pub async fn page(api: &Api, request: &Request) -> Result<Page, Problem> {
    let after = request.query.text(reads::AFTER.name);
    let after: Option<(ProductId, VariantId)> = after.map(|after| cursor::open(after, QUERY)).transpose()?;
    stock::caught_up(api, request).await?;
    let after = after.map(|(product, variant)| LowStockRow::at(request.tenant, product, variant));
    let (all, limit) = (LowStockRow::all(request.tenant), reads::limit(request));
    let mut variants = api.platform.state.scan::<LowStockRow>(&all, after.as_ref(), limit + 1).await?;
    let is_last = variants.len() <= limit;
    variants.truncate(limit);
    let place = |row: &LowStockRow| (row.product_id, row.variant_id);
    let next = variants.last().filter(|_| !is_last).map(|row| cursor::seal(place(row), QUERY));
    Ok(Page { variants, next })
}

/// The number of the shop's variants that run low; one more than [`COUNTED`] stands for any number above it.
///
/// # Errors
/// 409 where what the request must show is not decided yet.
pub async fn count(api: &Api, request: &Request) -> Result<usize, Problem> {
    stock::caught_up(api, request).await?;
    let all = LowStockRow::all(request.tenant);
    Ok(api.platform.state.scan::<LowStockRow>(&all, None, COUNTED + 1).await?.len())
}

async fn list(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let page = page(&api, &request).await?;
    let items: Vec<Value> = page.variants.iter().map(item).collect();
    Ok(reply::json(&json!({"items": items, "next": page.next})))
}

fn item(row: &LowStockRow) -> Value {
    json!({"product_id": row.product_id, "variant_id": row.variant_id, "on_hand": row.on_hand})
}
