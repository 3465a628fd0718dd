//! `/` on the platform's host: the shops that it shows, where there are any.

mod model;

use std::sync::Arc;

use feira_connectors::search::SearchQuery;
use feira_schemas::records::store::ShopStatus;
use feira_web::{
    context::{Api, Showcased},
    problem::Problem,
    reply::Response,
    routing::{Request, Route},
};
use http::{HeaderMap, HeaderValue, header};

use super::{
    super::{answer, lists, shop},
    frame::{port, scheme, theme},
};

pub use model::{DemoShop, PlatformHome, render};

pub(super) fn route() -> Route {
    Route::get("/", home)
        .says("Shows the platform's home page: the demo shops, where there are any.")
        .on_platform()
        .page()
}

async fn home(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let mut shops = Vec::new();
    for showcased in api.showcase.iter() {
        shops.extend(stall(&api, &request, showcased).await?);
    }
    let simulator = api.simulation.as_ref().map(|simulation| format!("{}/", simulation.address));
    answer::page(&request, render(&PlatformHome { shops, simulator }))
}

/// A showcased shop, if it is there and open. Under its sub-domain another shop may live, which is not shown: it has another name.
async fn stall(api: &Api, request: &Request, showcased: &Showcased) -> Result<Option<DemoShop>, Problem> {
    let host = format!("{}.{}", showcased.subdomain, api.config.platform_domain);
    let name = HeaderValue::try_from(&host).map_err(Problem::internal)?;
    let Some(tenant) = api.hosts.tenant(&api.platform.state, &HeaderMap::from_iter([(header::HOST, name)])).await?
    else {
        return Ok(None);
    };
    let Some(shop) = shop::known(api, tenant).await? else { return Ok(None) };
    if shop.status != ShopStatus::Open || shop.name != showcased.name {
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
