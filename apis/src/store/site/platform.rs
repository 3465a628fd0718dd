//! `/` on the platform's host: the demo shops, where there are any.

use std::sync::Arc;

use feira_connectors::search::SearchQuery;
use feira_schemas::records::store::ShopStatus;
use http::{HeaderMap, HeaderValue, header};

use super::{
    super::{answer, lists, shop},
    frame::{port, scheme, theme},
};
use crate::{
    context::Api,
    demo,
    pages::platform::{DemoShop, PlatformHome, render},
    problem::Problem,
    reply::Response,
    routing::{Request, Route},
};

pub(super) fn route() -> Route {
    Route::get("/", home).says("The platform's home page: the demo shops, where there are any.").on_platform().page()
}

async fn home(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let mut shops = Vec::new();
    for demo in demo::shops() {
        shops.extend(stall(&api, &request, &demo).await?);
    }
    answer::page(&request, render(&PlatformHome { shops }))
}

/// A demo shop, if it is there and open. Under its sub-domain another shop may live, which is none: it has another name.
async fn stall(api: &Api, request: &Request, demo: &demo::DemoShop) -> Result<Option<DemoShop>, Problem> {
    let host = format!("{}.{}", demo.subdomain, api.config.platform_domain);
    let name = HeaderValue::try_from(&host).map_err(Problem::internal)?;
    let Some(tenant) = api.hosts.tenant(&api.platform.state, &HeaderMap::from_iter([(header::HOST, name)])).await?
    else {
        return Ok(None);
    };
    let Some(shop) = shop::known(api, tenant).await? else { return Ok(None) };
    if shop.status != ShopStatus::Open || shop.name != demo.name {
        return Ok(None);
    }
    let total = lists::search(api, tenant, &SearchQuery { limit: 0, ..SearchQuery::default() }).await?.total;
    Ok(Some(DemoShop {
        name: shop.name.clone(),
        url: format!("{}://{host}{}/", scheme(&request.headers), port(&request.headers)),
        tagline: shop.tagline.clone(),
        products: Some(total),
        theme: theme(&shop),
    }))
}
