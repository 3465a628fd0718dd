//! `/product/{slug}`: a product with its variants, and others of its category.

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
};

use super::{
    super::{answer, product as api_product},
    error::{Missing, missing},
    frame::{self, Frame, frame},
    payment::Terms,
    pieces::{CategoryLink, CleanHtml},
    shelf::{images, shelf, tiles},
};
use crate::links;

pub use model::{Adding, Product, ProductOption, ProductPage, Variant, render};

/// The number of related products: they fill a row.
const RELATED: usize = 5;

const VARIANT: Parameter = Parameter::new("variant", Kind::Text(255), "The id of the variant to show.");

pub(super) fn route() -> Route {
    Route::get("/product/{slug}", product)
        .says("Shows a product's page.")
        .query([VARIANT])
        .page()
        .gives(301, "The product has another slug by now.", None)
        .with_headers(&["Location", "Cache-Control"])
        .problems(&[409])
}

async fn product(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let frame = frame(&api, &request).await?;
    let slug = request.param(0);
    let found = api_product::find(&api, &request, slug).await?;
    let variant = request.query.text("variant");
    if let Some(slug) = api_product::moved_to(found.as_ref(), slug)? {
        let moved = variant.map_or_else(|| links::product(&slug), |variant| links::variant(&slug, variant));
        return answer::moved(&moved);
    }
    let Some(found) = found else {
        return missing(&api, &request, &frame, Missing::Product).await;
    };
    let card = found.card().map_err(Problem::from)?;
    let html = drawn(&api, request.tenant, &frame, &card, variant, Adding::default()).await?;
    answer::page(&request, html)
}

/// A product's page.
pub(super) async fn drawn(
    api: &Api,
    tenant: TenantId,
    frame: &Frame,
    card: &Card,
    variant: Option<&str>,
    adding: Adding,
) -> Result<askama::Result<String>, Problem> {
    let related = related(api, tenant, frame, card).await?;
    let product = model(card, frame);
    let page = ProductPage {
        shop: &frame.shop,
        product: &product,
        variant: variant.map(str::to_owned),
        related: tiles(&related, frame.terms),
        adding,
    };
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
    let value = |name: &str| variant.options.get(name).and_then(|value| value.as_str()).unwrap_or_default().to_owned();
    Variant {
        id: variant.id.to_string(),
        sku: variant.sku.clone(),
        gtin: variant.barcode.as_deref().and_then(gtin),
        values: card.options.iter().map(|option| value(&option.name)).collect(),
        price: variant.price.amount,
        compare_at: variant.compare_at_price.map(|money| money.amount),
        available: variant.available,
        weight_grams: variant.weight_grams.and_then(|grams| u32::try_from(grams).ok()).filter(|grams| *grams > 0),
        payment: terms.line(variant.price.amount),
    }
}
