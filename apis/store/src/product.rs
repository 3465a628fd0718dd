//! The product that an address leads to, and where the address leads on.

use bytes::Bytes;
use feira_schemas::{
    ids::{ProductId, TenantId},
    rows::{store::ListingRow, storefront::CardSlugRow},
    topics::Context,
};
use feira_streams::views::storefront::{Card, Found};
use feira_web::{context::Api, problem::Problem, reads, routing::Request};
use http::HeaderValue;

use super::shop;

/// The bytes that every card begins with: `{"id":"`, an id of 36 characters, and `",`.
const BEFORE_ID: &[u8] = b"{\"id\":\"";
/// Characters of an id.
const ID: usize = 36;
const BEFORE_VERSION: usize = BEFORE_ID.len() + ID + 2;

/// The product that an address leads to, showing what the request asks for. Addresses are printed and typed in capitals, too.
pub(super) async fn find(api: &Api, request: &Request, slug: &str) -> Result<Option<Found>, Problem> {
    let slug = &slug.to_ascii_lowercase();
    if !request.at_least.is_empty() {
        // On the heap: most ask for no position, and have nothing of this to carry about.
        if let Some(found) = Box::pin(decided_meanwhile(api, request, slug)).await? {
            return Ok(Some(found));
        }
    }
    api.readers.storefront.by_slug(request.tenant, slug).await.map_err(shop::unreadable)
}

/// Waits until the view shows what the request asks for. Some: the view is behind, and what the store has decided is read instead;
/// if that is behind too, nothing old is shown.
async fn decided_meanwhile(api: &Api, request: &Request, slug: &str) -> Result<Option<Found>, Problem> {
    let wait = |consumer| reads::caught_up(api, request, consumer, Context::Store);
    let (Err(stale), decided) = tokio::join!(wait(shop::CARDS), wait(Context::Store.name())) else { return Ok(None) };
    decided?;
    decided_listing(api, request.tenant, slug).await?.map(Some).ok_or(stale)
}

/// A product from the store's own rows, past the view. None: where the address leads is not known. It may be newer
/// than the view, and a product that has left it, was deleted or is not listed now may have given it to another.
async fn decided_listing(api: &Api, tenant: TenantId, slug: &str) -> Result<Option<Found>, Problem> {
    let state = &api.platform.state;
    let Some(address) = state.get::<CardSlugRow>(&CardSlugRow::at(tenant, slug)).await? else { return Ok(None) };
    let row = state.get::<ListingRow>(&ListingRow::at(tenant, address.product_id)).await?;
    let has_address =
        |row: &ListingRow| row.listing.slug == slug || row.listing.slug_history.iter().any(|old| old == slug);
    let Some(row) = row.filter(|row| row.listed && has_address(row)) else { return Ok(None) };
    let json = serde_json::to_vec(&Card::from(&row.listing)).map_err(Problem::internal)?;
    Ok(Some(Found { version: row.listing.version, json: Bytes::from(json) }))
}

/// The slug that an address leads on to: the card's own slug if that is another one; the slug in small letters if
/// there is no card and it has capitals; else `None`.
pub(super) fn moved_to(found: Option<&Found>, slug: &str) -> Result<Option<String>, Problem> {
    let Some(found) = found else {
        let lower = slug.to_ascii_lowercase();
        return Ok((lower != slug).then_some(lower));
    };
    if begins_with_slug(found, slug) {
        return Ok(None);
    }
    let own = found.card().map_err(Problem::from)?.slug;
    Ok((own != slug).then_some(own))
}

/// True if a card is at its own address, seen from its first bytes. False says nothing: a card of another release may
/// begin otherwise.
fn begins_with_slug(found: &Found, slug: &str) -> bool {
    let expected = format!("\"version\":{},\"slug\":\"{slug}\",", found.version);
    found.json.get(BEFORE_VERSION..).is_some_and(|rest| rest.starts_with(expected.as_bytes()))
}

/// The tag of a product at a version. An address may be another product's by now, whose versions begin anew: so it names both.
pub(super) fn etag(found: &Found) -> Result<HeaderValue, Problem> {
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
    fn a_card_at_its_own_address_is_known_without_being_read() {
        let found = card("mesa");
        assert!(begins_with_slug(&found, "mesa"));
        for other in ["mes", "mesa-1", "mesa\",\"name", ""] {
            assert!(!begins_with_slug(&found, other), "{other}");
        }
    }

    #[test]
    fn a_card_that_begins_otherwise_is_read() {
        let found = card("mesa");
        let value: serde_json::Value = serde_json::from_slice(&found.json).unwrap();
        let spaced = Found { json: serde_json::to_vec_pretty(&value).unwrap().into(), ..found };
        assert_eq!(moved_to(Some(&spaced), "mesa").unwrap(), None);
        assert_eq!(moved_to(Some(&spaced), "old").unwrap().as_deref(), Some("mesa"));
    }

    #[test]
    fn capitals_lead_to_the_address_without() {
        let found = card("mesa");
        assert_eq!(moved_to(Some(&found), "Mesa").unwrap().as_deref(), Some("mesa"));
        assert_eq!(moved_to(None, "CADEIRA").unwrap().as_deref(), Some("cadeira"));
        assert_eq!(moved_to(None, "cadeira").unwrap(), None);
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
