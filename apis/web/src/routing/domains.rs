//! Pages of shops: each lives at one host, so that those who look for pages find it once. All else of a shop, such as its API and its
//! images, is answered at every host of it.

use feira_schemas::{ids::TenantId, staff::SHOP_PANEL};
use http::Method;

use super::{
    raw::Raw,
    route::{Auth, HostKind, Route},
};
use crate::{context::Api, hosts, problem::Problem, sessions};

/// The address at which a page lives that was asked for at another host of its shop; none where it lives here, and of all else.
pub(super) async fn elsewhere(
    api: &Api,
    tenant: TenantId,
    route: &Route,
    raw: &Raw,
) -> Result<Option<String>, Problem> {
    if !is_page_for_buyers(route, &raw.path) {
        return Ok(None);
    }
    let Some(domain) = api.hosts.instead(&api.platform.state, tenant, &raw.headers).await? else { return Ok(None) };
    api.quotas.anonymous(Some(tenant), raw.client)?;
    let origin = hosts::domain_origin(&raw.headers, &api.config.platform_domain, &domain);
    let mark = if raw.query.is_empty() { "" } else { "?" };
    Ok(Some(format!("{origin}{}{mark}{}", raw.path, raw.query)))
}

/// True for what is read as a page by anybody, and not in the panel.
fn is_page_for_buyers(route: &Route, path: &str) -> bool {
    let is_for_buyers = route.page && route.host == HostKind::Shop && route.auth == Auth::None;
    is_for_buyers && route.method == Method::GET && !sessions::is_below(SHOP_PANEL, path)
}
