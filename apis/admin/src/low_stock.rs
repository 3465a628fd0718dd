//! The variants of a shop that run low: in the shop, counted, and few pieces on hand.

use std::sync::Arc;

use feira_schemas::{
    ids::{ProductId, TenantId, VariantId},
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
/// Variants that are counted at most, so that a first page costs short reads: whoever has more of them needs the list, and no number.
pub const COUNTED: usize = 1_000;

/// A variant's place in the list: its product, from which its partition follows, and itself.
type Place = (ProductId, VariantId);

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
    let after = request.query.text(reads::AFTER.name).filter(|after| !after.is_empty());
    let after: Option<Place> = after.map(|after| cursor::open(after, QUERY)).transpose()?;
    stock::caught_up(api, request).await?;
    let limit = reads::limit(request);
    let mut variants = rows(api, request.tenant, after, limit + 1).await?;
    let is_last = variants.len() <= limit;
    variants.truncate(limit);
    let place = |row: &LowStockRow| -> Place { (row.product_id, row.variant_id) };
    let next = variants.last().filter(|_| !is_last).map(|row| cursor::seal(place(row), QUERY));
    Ok(Page { variants, next })
}

/// The number of the shop's variants that run low; one more than [`COUNTED`] stands for any number above it.
///
/// # Errors
/// 409 where what the request must show is not decided yet.
pub async fn count(api: &Api, request: &Request) -> Result<usize, Problem> {
    stock::caught_up(api, request).await?;
    Ok(rows(api, request.tenant, None, COUNTED + 1).await?.len())
}

/// The first so many of the shop's variants that run low, behind a place: one partition after the other, and none that is not needed.
async fn rows(api: &Api, tenant: TenantId, after: Option<Place>, most: usize) -> Result<Vec<LowStockRow>, Problem> {
    let first = after.map_or(0, |(product, _)| LowStockRow::bucket_of(product));
    let mut after = after.map(|(product, variant)| LowStockRow::at(tenant, product, variant));
    let mut rows = Vec::new();
    for bucket in first..LowStockRow::BUCKETS {
        let (all, behind) = (LowStockRow::all(tenant, bucket), after.take());
        rows.extend(api.platform.state.scan::<LowStockRow>(&all, behind.as_ref(), most - rows.len()).await?);
        if rows.len() >= most {
            break;
        }
    }
    Ok(rows)
}

async fn list(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let page = page(&api, &request).await?;
    let items: Vec<Value> = page.variants.iter().map(item).collect();
    Ok(reply::json(&json!({"items": items, "next": page.next})))
}

fn item(row: &LowStockRow) -> Value {
    json!({"product_id": row.product_id, "variant_id": row.variant_id, "on_hand": row.on_hand})
}
