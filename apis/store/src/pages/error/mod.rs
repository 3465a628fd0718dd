//! Pages that say why there is nothing to see.

mod model;

use std::{sync::Arc, time::Duration};

use feira_connectors::search::{SearchQuery, Sort};
use feira_schemas::{ids::TenantId, problem::Code};
use feira_web::{
    context::{Api, ErrorPage},
    problem::{Look, Problem},
    reply::Response,
    routing::Request,
};
use futures::future::BoxFuture;
use http::{HeaderMap, HeaderValue, StatusCode, header};

use super::{
    super::{answer, shop},
    Theme,
    frame::{self, Frame},
    payment::Terms,
    pieces::Card,
    shelf::{shelf, tiles},
};

pub use model::{
    Closed, Failure, Missing, NotFound, Suspended, UnknownShop, render_closed, render_failure, render_not_found,
    render_suspended, render_unknown_shop,
};

/// The number of products that a page of an error suggests: they fill a row.
const SUGGESTIONS: usize = 5;
/// Seconds after which a crawler may look again whether a suspended shop is open: soon enough for who waits for it.
const CLOSED_FOR: HeaderValue = HeaderValue::from_static("3600");
/// The time for which a page of an error waits for the shop's name and look: what failed may be what knows them.
const LOOK_WITHIN: Duration = Duration::from_millis(200);
/// The time that the page of what is not there has for the shop's frame: who waits longer is told without it.
const FRAME_WITHIN: Duration = Duration::from_secs(2);

/// The page of an error: in the shop's frame where it can be had, and always with the problem's headers.
///
/// The page keeps the problem's status but for two: a suspended shop is 503 to people and crawlers, who come back, one that is closed for
/// good 410, and they forget it; both are 403 to programs.
pub fn error_page(api: Arc<Api>, page: ErrorPage) -> BoxFuture<'static, Response> {
    Box::pin(async move {
        let drawn = match draw(&api, &page).await {
            Err(_) if page.look == Look::Plain => failure(&api, &page).await,
            drawn => drawn,
        };
        let plain = |_| page.problem.clone().into_page(page.look, page.reference.as_deref());
        let mut response = drawn.unwrap_or_else(plain);
        for (name, value) in page.problem.headers {
            response.headers_mut().insert(name, value);
        }
        answer::protect(&mut response);
        response
    })
}

/// The page; an error where it can't be drawn, which then must not hide the first one.
async fn draw(api: &Api, page: &ErrorPage) -> Result<Response, Problem> {
    let problem = &page.problem;
    if page.look != Look::Plain {
        return Err(problem.clone()); // No shop's look, and other ways to go on.
    }
    match (problem.status(), problem.code, page.tenant) {
        (status, _, _) if page.unknown_host => {
            answer::notice(status, render_unknown_shop(&UnknownShop { host: String::new(), platform_url: None }))
        }
        (_, Code::ShopSuspended, Some(tenant)) => suspended(api, tenant).await,
        (_, Code::ShopClosed, Some(tenant)) => closed(api, tenant).await,
        (StatusCode::NOT_FOUND, _, Some(tenant)) => {
            let drawn = tokio::time::timeout(FRAME_WITHIN, not_found(api, tenant, page)).await;
            drawn.unwrap_or_else(|_| Err(problem.clone()))
        }
        _ => Err(problem.clone()),
    }
}

/// What is wrong and what to do, in the shop's look where that can be had soon.
async fn failure(api: &Api, page: &ErrorPage) -> Result<Response, Problem> {
    let status = page.problem.status();
    let look = match page.tenant {
        Some(tenant) => tokio::time::timeout(LOOK_WITHIN, sign(api, tenant)).await.ok().and_then(Result::ok),
        None => None,
    };
    let (shop_name, theme) = look.map_or_else(Default::default, |(name, theme)| (Some(name), theme));
    let (detail, reference) = (page.problem.detail.clone(), page.reference.clone());
    answer::notice(status, render_failure(&Failure { status: status.as_u16(), detail, shop_name, theme, reference }))
}

/// The name and the look of a shop that serves nobody.
async fn sign(api: &Api, tenant: TenantId) -> Result<(String, Theme), Problem> {
    let shop = shop::known(api, tenant).await?;
    let name = shop.as_ref().map_or_else(|| "A loja".to_owned(), |shop| shop.name.clone());
    Ok((name, shop.as_ref().map(frame::theme).unwrap_or_default()))
}

/// The shop is closed for good: 410, so that crawlers forget its pages.
async fn closed(api: &Api, tenant: TenantId) -> Result<Response, Problem> {
    let (shop_name, theme) = sign(api, tenant).await?;
    answer::notice(StatusCode::GONE, render_closed(&Closed { shop_name, theme }))
}

async fn suspended(api: &Api, tenant: TenantId) -> Result<Response, Problem> {
    let (shop_name, theme) = sign(api, tenant).await?;
    let page = Suspended { shop_name, theme };
    let mut response = answer::notice(StatusCode::SERVICE_UNAVAILABLE, render_suspended(&page))?;
    response.headers_mut().insert(header::RETRY_AFTER, CLOSED_FOR);
    Ok(response)
}

async fn not_found(api: &Api, tenant: TenantId, page: &ErrorPage) -> Result<Response, Problem> {
    let shop = match shop::open(api, tenant).await {
        Err(problem) if problem.code == Code::ShopSuspended => return suspended(api, tenant).await,
        Err(problem) if problem.code == Code::ShopClosed => return closed(api, tenant).await,
        shop => shop?,
    };
    let mut frame = frame::around(api, tenant, &shop, &HeaderMap::new()).await?;
    frame.shop.cart = frame::badge(api, tenant, page.cart.as_deref()).await;
    lost(api, tenant, &frame, Missing::Page, page.reference.clone()).await
}

/// Nothing is here: 404 in the shop's frame, with where to go on.
pub(super) async fn missing(api: &Api, request: &Request, frame: &Frame, what: Missing) -> Result<Response, Problem> {
    lost(api, request.tenant, frame, what, request.reference()).await
}

async fn lost(
    api: &Api,
    tenant: TenantId,
    frame: &Frame,
    what: Missing,
    reference: Option<String>,
) -> Result<Response, Problem> {
    // A row of products less is no reason to say nothing.
    let suggestions = popular(api, tenant, frame.terms).await.unwrap_or_default();
    let page = NotFound { shop: &frame.shop, what, suggestions, reference };
    answer::notice(StatusCode::NOT_FOUND, render_not_found(&page))
}

/// A row of what is bought most.
pub(super) async fn popular(api: &Api, tenant: TenantId, terms: Terms) -> Result<Vec<Card>, Problem> {
    let query = SearchQuery { sort: Sort::BestSelling, limit: SUGGESTIONS, ..SearchQuery::default() };
    Ok(tiles(&shelf(api, tenant, query).await?, terms))
}
