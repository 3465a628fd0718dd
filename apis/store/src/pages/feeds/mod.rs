//! The routes `/robots.txt` and `/sitemap.xml`.

mod model;

use std::{sync::Arc, time::Duration};

use feira_connectors::search::{Hit, MAX_LIMIT, SearchQuery, Sort};
use feira_schemas::{ids::TenantId, problem::Code, records::store::Shop};
use feira_streams::views::storefront::Found;
use feira_web::{
    context::Api,
    problem::Problem,
    reply::Response,
    routing::{Kind, Parameter, Request, Route},
};
use http::HeaderValue;
use serde::Deserialize;

use super::{
    super::{answer, lists, shop},
    frame::origin,
    seller::Policy,
};

pub use model::{
    Robots, SITEMAP_ENTRIES, Sitemap, SitemapEntry, SitemapIndex, SitemapPage, Standing, render_robots, render_sitemap,
    render_sitemap_index,
};

/// Products of one sitemap: its making stays well below a second. The format would allow five times as many.
const PRODUCTS: usize = 10_000;
/// Sitemaps of a shop: a million products.
const PARTS: i64 = 100;
/// The last part of a million products lies behind a thousand searches.
const WITHIN: Duration = Duration::from_secs(60);

const PART: Parameter = Parameter::new(
    "part",
    Kind::Integer(1, PARTS),
    "The number of one of a large shop's sitemaps; left out, the one sitemap, or the list of them.",
);

/// The part of a card that a sitemap needs; the rest is not even kept in memory.
#[derive(Deserialize)]
struct Address {
    slug: String,
    updated_at: String,
}

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/sitemap.xml", sitemap)
            .says(
                "Lists the shop's pages for crawlers; a shop of more than 10,000 products answers a list of sitemaps.",
            )
            .query([PART])
            .within(WITHIN)
            .gives(200, "A sitemap or a list of them.", Some(("application/xml", "Text")))
            .with_headers(&["ETag", "Cache-Control"])
            .problems(&[403, 409]),
        Route::get("/robots.txt", robots)
            .says("Tells crawlers what they may visit.")
            .gives(200, "The rules for crawlers.", Some(("text/plain", "Text")))
            .with_headers(&["ETag", "Cache-Control"])
            .problems(&[409]),
    ]
}

async fn robots(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    shop::cards_caught_up(&api, &request).await?;
    let (origin, standing) = match shop::open(&api, request.tenant).await {
        Ok(shop) => (origin(&api, request.tenant, &shop, &request.headers).await?, Standing::Open),
        Err(problem) if problem.code == Code::ShopSuspended => (String::new(), Standing::Suspended),
        Err(problem) if problem.code == Code::ShopClosed => (String::new(), Standing::Closed),
        Err(problem) => return Err(problem),
    };
    let robots = render_robots(&Robots { origin: &origin, standing });
    text(&request, "text/plain; charset=utf-8", robots)
}

async fn sitemap(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    shop::lists_caught_up(&api, &request).await?;
    let shop = shop::open(&api, request.tenant).await?;
    let origin = origin(&api, request.tenant, &shop, &request.headers).await?;
    let part = request.query.integer("part").and_then(|part| usize::try_from(part).ok());
    let total = total(&api, request.tenant).await?;
    let xml = match part {
        None if total > PRODUCTS as u64 => {
            let parts = total.div_ceil(PRODUCTS as u64).min(PARTS.unsigned_abs());
            let paths: Vec<String> = (1..=parts).map(|part| format!("/sitemap.xml?part={part}")).collect();
            render_sitemap_index(&SitemapIndex { origin: &origin, paths: &paths })
        }
        part => {
            let part = part.unwrap_or(1);
            let mut entries = if part == 1 { fixed(&api, request.tenant, &shop).await? } else { Vec::new() };
            entries.extend(products(&api, request.tenant, part).await?);
            if entries.is_empty() {
                return Err(Problem::no_such_address());
            }
            render_sitemap(&Sitemap { origin: &origin, entries: &entries })
        }
    };
    text(&request, "application/xml", xml)
}

fn text(request: &Request, content_type: &'static str, text: askama::Result<String>) -> Result<Response, Problem> {
    let text = bytes::Bytes::from(text.map_err(Problem::internal)?);
    let etag = answer::tag_of(&text);
    Ok(answer::tagged(&request.headers, HeaderValue::from_static(content_type), text, etag))
}

async fn total(api: &Api, tenant: TenantId) -> Result<u64, Problem> {
    let query = SearchQuery { limit: 0, ..SearchQuery::default() };
    Ok(lists::search(api, tenant, &query).await?.total)
}

/// The home page, the categories, and the policies that are written.
async fn fixed(api: &Api, tenant: TenantId, shop: &Shop) -> Result<Vec<SitemapEntry>, Problem> {
    let tree = lists::tree(api, tenant).await?;
    let categories = tree.all().iter().map(|category| SitemapPage::Category(category.slug.clone()));
    let policies = Policy::written(shop).into_iter().map(SitemapPage::Policy);
    let pages = [SitemapPage::Home].into_iter().chain(categories).chain(policies);
    Ok(pages.map(|page| SitemapEntry { page, last_modified: None }).collect())
}

/// The products of a part, newest first.
async fn products(api: &Api, tenant: TenantId, part: usize) -> Result<Vec<SitemapEntry>, Problem> {
    let mut query = SearchQuery { sort: Sort::Newest, limit: MAX_LIMIT, ..SearchQuery::default() };
    let (mut entries, mut before) = (Vec::new(), (part - 1) * PRODUCTS);
    while entries.len() < PRODUCTS {
        let page = lists::search(api, tenant, &query).await?;
        if before > 0 {
            before = before.saturating_sub(page.hits.len());
        } else {
            entries.extend(addresses(api, tenant, &page.hits).await?);
        }
        match page.next {
            Some(next) => query.after = Some(next),
            None => break,
        }
    }
    Ok(entries)
}

async fn addresses(api: &Api, tenant: TenantId, hits: &[Hit]) -> Result<Vec<SitemapEntry>, Problem> {
    let entry = |found: Found| {
        let address: Address = serde_json::from_slice(&found.json).map_err(Problem::internal)?;
        Ok(SitemapEntry { page: SitemapPage::Product(address.slug), last_modified: Some(address.updated_at) })
    };
    lists::cards(api, tenant, hits).await?.into_iter().map(entry).collect()
}
