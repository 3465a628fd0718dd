//! Panels of shops: each lives on the shop's sub-domain alone. Whoever gets a domain that has lapsed gets no cookie of its staff by it.

use feira_schemas::{ids::TenantId, rows::admin::TenantRow, staff::SHOP_PANEL};

use super::raw::Raw;
use crate::{context::Api, hosts, problem::Problem, sessions};

/// True for what is asked for at a shop's panel on the shop's own domain.
pub(super) fn are_elsewhere(api: &Api, tenant: TenantId, raw: &Raw) -> bool {
    let is_of_shop = tenant != TenantId::PLATFORM && sessions::is_below(SHOP_PANEL, &raw.path);
    is_of_shop && api.hosts.is_own_domain(&raw.headers)
}

/// The address of the same on the sub-domain.
pub(super) async fn address(api: &Api, tenant: TenantId, raw: &Raw) -> Result<String, Problem> {
    api.quotas.anonymous(Some(tenant), raw.client)?;
    let row = api.platform.state.get::<TenantRow>(&TenantRow::at(tenant)).await?;
    let subdomain = row.ok_or_else(Problem::no_such_address)?.tenant.subdomain;
    let origin = hosts::shop_origin(&raw.headers, &api.config.platform_domain, &subdomain);
    let mark = if raw.query.is_empty() { "" } else { "?" };
    Ok(format!("{origin}{}{mark}{}", raw.path, raw.query))
}
