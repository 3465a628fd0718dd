//! `/api/store/v1/products/{slug}`: a product as it lies in the cache.

use std::sync::Arc;

use feira_schemas::ids::ProductId;
use feira_streams::views::storefront::Found;
use feira_web::{
    context::Api,
    problem::Problem,
    reply::Response,
    routing::{Request, Route},
};
use http::HeaderValue;

use crate::{
    answer, links,
    product::{BEFORE_ID, ID, find, moved_to},
    shop,
};

pub(super) fn route() -> Route {
    Route::get("/api/store/v1/products/{slug}", read)
        .says("Reads a product as buyers see it: whether each variant can be bought, never a count, never a cost.")
        .gives_json("The product.", "StoreProduct")
        .with_headers(&["ETag", "Cache-Control"])
        .gives(301, "The product has another slug by now.", None)
        .with_headers(&["Location", "Cache-Control"])
        .gives(304, "The client has this version.", None)
        .with_headers(&["ETag", "Cache-Control"])
        .problems(&[403, 409])
}

async fn read(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let slug = request.param(0);
    let found = find(&api, &request, slug).await?;
    // After what the request asks for was waited for: that the shop was closed may be part of it.
    shop::is_open(&api, request.tenant).await?;
    let moved = moved_to(found.as_ref(), slug)?;
    match (moved, found) {
        (Some(slug), _) => answer::moved(&links::api_product(&slug)),
        (None, None) => Err(Problem::not_found("O produto")),
        (None, Some(found)) => {
            let etag = etag(&found)?;
            Ok(answer::tagged(&request.headers, HeaderValue::from_static("application/json"), found.json, etag))
        }
    }
}

/// The tag of a product at a version. An address may be another product's by now, whose versions begin anew: so it names both.
fn etag(found: &Found) -> Result<HeaderValue, Problem> {
    let written = found.json.strip_prefix(BEFORE_ID).and_then(|rest| rest.get(..ID));
    let written = written.and_then(|id| std::str::from_utf8(id).ok()).and_then(|id| id.parse::<ProductId>().ok());
    let id = match written {
        Some(id) => id,
        None => found.card().map_err(Problem::from)?.id,
    };
    HeaderValue::try_from(format!("\"{id}-{}\"", found.version)).map_err(Problem::internal)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use feira_streams::views::storefront::Card;
    use serde_json::json;

    use super::*;

    fn card(slug: &str) -> Found {
        let card: Card = serde_json::from_value(json!({
            "id": "018f4d7e-3c1b-7a52-9d0e-5b7f1c2a3d4e", "version": 12, "slug": slug, "name": "x", "description": "",
            "vendor": null, "tags": [], "featured": false, "category_id": null, "price": {"amount": 1, "currency": "BRL"},
            "compare_at_price": null, "available": true, "options": [], "variants": [], "images": [], "seo": null,
            "created_at": "", "updated_at": ""
        }))
        .unwrap();
        Found { version: 12, json: serde_json::to_vec(&card).unwrap().into() }
    }

    #[test]
    fn f10_a_tag_names_the_product_and_its_version() {
        let found = card("mesa");
        let tag = HeaderValue::from_static("\"018f4d7e-3c1b-7a52-9d0e-5b7f1c2a3d4e-12\"");
        assert_eq!(etag(&found).unwrap(), tag);
        let value: serde_json::Value = serde_json::from_slice(&found.json).unwrap();
        let spaced = Found { json: serde_json::to_vec_pretty(&value).unwrap().into(), ..found };
        assert_eq!(etag(&spaced).unwrap(), tag, "a card of another release may begin otherwise");
    }
}
