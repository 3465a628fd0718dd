//! `/product/{slug}`: a product with its variants, and others of its category.

mod chosen;
mod model;

use std::sync::Arc;

use feira_connectors::search::{SearchQuery, Sort};
use feira_schemas::{catalogue::gtin, ids::TenantId};
use feira_streams::views::storefront::{Card, CardVariant, ListCard};
use feira_web::{
    context::Api,
    problem::Problem,
    reply::Response,
    routing::{Kind, Parameter, Request, Route},
    sessions,
};
use uuid::Uuid;

use super::{
    super::{answer, product as api_product},
    error::{Missing, missing},
    frame::{self, Frame, frame},
    payment::Terms,
    pieces::{CategoryLink, CleanHtml},
    shelf::{images, shelf, tiles},
};
use crate::links;

pub(super) use chosen::{chosen, shown};
pub use model::{Adding, NO_SUCH_MIX, Product, ProductOption, ProductPage, Variant, render};

/// The number of related products: they fill a row.
const RELATED: usize = 5;

const VARIANT: Parameter = Parameter::new("variant", Kind::Text(255), "The id of the variant to show.");
/// The name in the form is the same.
pub(super) const OPTION: Parameter =
    Parameter::new("option", Kind::Text(255), "The values of all options, in their order: the variant to show.")
        .repeatable();
const QUANTITY: Parameter = Parameter::new("quantity", Kind::Text(255), "The quantity that was typed.");

pub(super) fn route() -> Route {
    Route::get("/product/{slug}", product)
        .says("Shows a product's page.")
        .query([VARIANT, OPTION, QUANTITY])
        .page()
        .gives(301, "The product has another slug by now.", None)
        .with_headers(&["Location", "Cache-Control"])
        .problems(&[409])
}

async fn product(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let frame = frame(&api, &request).await?;
    let slug = request.param(0);
    let found = api_product::find(&api, &request, slug).await?;
    if let Some(slug) = api_product::moved_to(found.as_ref(), slug)? {
        let asked: Vec<_> = request.query.pairs().map(|(name, value)| (name, value.to_owned())).collect();
        return answer::moved(&links::with_query(&links::product(&slug), &asked));
    }
    let Some(found) = found else {
        return missing(&api, &request, &frame, Missing::Product).await;
    };
    let card = found.card().map_err(Problem::from)?;
    let values: Vec<&str> = request.query.all(OPTION.name).collect();
    let (variant, is_other) = shown(&card, &values, request.query.text(VARIANT.name));
    let adding = Adding { wrong_options: is_other.then_some(NO_SUCH_MIX), ..adding(&request) };
    let html = drawn(&api, request.tenant, &frame, &card, variant, adding).await?;
    answer::page(&request, html)
}

/// The form as a page shows it first. Its key is new each time, so there is none without a cart's cookie, where the page is kept and is everybody's.
fn adding(request: &Request) -> Adding {
    let first = Adding::default();
    let typed = request.query.text(QUANTITY.name).filter(|typed| !typed.is_empty());
    let key = sessions::cart_of(&request.headers).map(|_| Uuid::new_v4().to_string());
    Adding { quantity: typed.map_or(first.quantity, str::to_owned), key, ..first }
}

/// A product's page.
pub(super) async fn drawn(
    api: &Api,
    tenant: TenantId,
    frame: &Frame,
    card: &Card,
    variant: Option<String>,
    adding: Adding,
) -> Result<askama::Result<String>, Problem> {
    let related = related(api, tenant, frame, card).await?;
    let product = model(card, frame);
    let page =
        ProductPage { shop: &frame.shop, product: &product, variant, related: tiles(&related, frame.terms), adding };
    Ok(render(&page))
}

/// Others of its category, those that can be bought first.
async fn related(api: &Api, tenant: TenantId, frame: &Frame, card: &Card) -> Result<Vec<ListCard>, Problem> {
    let Some(category) = card.category_id else { return Ok(Vec::new()) };
    let query = SearchQuery {
        categories: Some(frame.tree.within(category)),
        sort: Sort::Relevance,
        limit: RELATED + 1,
        ..SearchQuery::default()
    };
    let mut related = shelf(api, tenant, query).await?;
    related.retain(|other| other.id != card.id);
    related.truncate(RELATED);
    Ok(related)
}

fn model(card: &Card, frame: &Frame) -> Product {
    let option = |option: &feira_streams::views::storefront::CardOption| ProductOption {
        name: option.name.clone(),
        values: option.values.clone(),
    };
    let (seo, terms) = (card.seo.as_ref(), frame.terms.with(&card.payment_methods));
    let written = |text: Option<&String>| text.filter(|text| !text.trim().is_empty()).cloned();
    Product {
        id: card.id.to_string(),
        slug: card.slug.clone(),
        name: card.name.clone(),
        vendor: written(card.vendor.as_ref()),
        description: CleanHtml::already_cleaned(card.description.clone()),
        images: images(card.id, &card.images),
        options: card.options.iter().map(option).collect(),
        variants: card.variants.iter().map(|one| variant(card, one, terms)).collect(),
        categories: categories(card, frame),
        seo_title: written(seo.and_then(|seo| seo.title.as_ref())),
        seo_description: written(seo.and_then(|seo| seo.description.as_ref())),
    }
}

fn categories(card: &Card, frame: &Frame) -> Vec<CategoryLink> {
    let path = card.category_id.map(|id| frame.tree.path(id)).unwrap_or_default();
    path.into_iter().map(frame::link).collect()
}

fn variant(card: &Card, variant: &CardVariant, terms: Terms) -> Variant {
    Variant {
        id: variant.id.to_string(),
        sku: variant.sku.clone(),
        gtin: variant.barcode.as_deref().and_then(gtin),
        values: card.options.iter().map(|option| chosen::value_of(variant, &option.name).to_owned()).collect(),
        price: variant.price.amount,
        compare_at: variant.compare_at_price.map(|money| money.amount),
        available: variant.available,
        weight_grams: variant.weight_grams.and_then(|grams| u32::try_from(grams).ok()).filter(|grams| *grams > 0),
        payment: terms.line(variant.price.amount),
    }
}
