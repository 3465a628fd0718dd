//! The list of the variants that run low, each with the way to its form.

use askama::Template;
use feira_api_admin::low_stock;
use feira_schemas::{
    ids::ProductId,
    records::admin::Product,
    rows::{admin::ProductRow, store::LowStockRow},
};
use feira_web::{context::Api, problem::Problem, reply::Response, routing::Request};
use http::StatusCode;

use super::{HERE, VARIANTS, model};
use crate::{answer, frame::Frame};

/// A variant of the list.
struct Listed {
    product: ProductId,
    name: String,
    variant: String,
    on_hand: String,
    level: &'static str,
    /// The page of its product's variants on which its form stands, and the place there.
    page: usize,
    place: usize,
}

/// The list.
#[derive(Template)]
#[template(path = "stock/low.html")]
struct Low<'a> {
    frame: &'a Frame,
    variants: Vec<Listed>,
    next: Option<String>,
    low: i64,
}

pub(super) async fn list(api: &Api, request: &Request) -> Result<Response, Problem> {
    let low_stock::Page { variants: rows, next } = low_stock::page(api, request).await?;
    let mut variants = Vec::with_capacity(rows.len());
    for of_product in rows.chunk_by(|one, next| one.product_id == next.product_id) {
        let Some(first) = of_product.first() else { continue };
        let _turn = api.room.rows().await;
        let key = ProductRow::at(request.tenant, first.product_id);
        // The shop may still show for a moment what is removed already.
        let Some(row) = api.platform.state.get::<ProductRow>(&key).await? else { continue };
        variants.extend(of_product.iter().filter_map(|low| listed(&row.product, low)));
    }
    let frame = Frame::around(api, request, HERE).await?;
    answer::page(StatusCode::OK, Low { frame: &frame, variants, next, low: model::LOW }.render())
}

fn listed(product: &Product, low: &LowStockRow) -> Option<Listed> {
    let mut variants = product.variants.iter().enumerate();
    let (at, variant) = variants.find(|(_, variant)| variant.variant_id == low.variant_id)?;
    let (level, _) = model::level_of(low.on_hand);
    Some(Listed {
        product: product.product_id,
        name: product.name.clone(),
        variant: model::name(product, variant),
        on_hand: model::pieces(low.on_hand),
        level,
        page: at / VARIANTS + 1,
        place: at % VARIANTS,
    })
}
