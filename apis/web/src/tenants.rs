//! Shops as the platform's staff sees them, by whatever way it comes: listing, finding, closing and opening them.

use feira_schemas::{
    api::tenant::{STATUSES, tenant_status},
    hosts::normalise_subdomain,
    ids::TenantId,
    problem::Code,
    records::{
        AdminCommand,
        admin::{ResumeTenant, SuspendTenant, Tenant},
    },
    refusals,
    rows::admin::{SettingsRow, TenantRow},
    topics::Context,
};

use crate::{
    context::Api,
    cursor, hosts,
    problem::Problem,
    reads::{self, Asked},
    routing::Request,
    writes::{self, Decided, NotDecided},
};

/// Shops that a list reads. A deployment of more needs a list of its own, kept by a view.
const MOST: usize = 100_000;

/// A page of shops, by sub-domain.
#[derive(Debug, Clone)]
pub struct Page {
    /// The shops, each with its name, which is one of its settings.
    pub shops: Vec<(Tenant, Option<String>)>,
    /// The cursor of the next page.
    pub next: Option<String>,
    /// The number of shops on all pages.
    pub total: usize,
    /// The number of all shops of each status, whatever is asked for.
    pub counts: Vec<(&'static str, usize)>,
}

/// What is done to a shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// It is closed to buyers, and nothing in it can be changed.
    Suspend,
    /// It is opened again.
    Resume,
}

/// The shops that are asked for, as far as this request must see them.
pub async fn list(api: &Api, request: &Request, asked: Asked<'_>) -> Result<Page, Problem> {
    reads::caught_up(api, request, Context::Admin.name(), Context::Admin).await?;
    let mut found = all(api).await?;
    let of_status = |status: &'static str| found.iter().filter(|shop| tenant_status(shop.status) == status).count();
    let counts = STATUSES.iter().map(|status| (*status, of_status(status))).collect();
    let part = normalise_subdomain(asked.q);
    found.retain(|tenant| {
        tenant.subdomain.contains(&part) && asked.status.is_none_or(|status| tenant_status(tenant.status) == status)
    });
    let key = |tenant: &Tenant| (tenant.subdomain.clone(), tenant.tenant_id);
    found.sort_by_key(key);
    let query = format!("tenants\u{1}{}\u{1}{}", asked.q, asked.status.unwrap_or_default());
    let (page, next) = cursor::page(&found, key, &query, asked.after, asked.limit)?;
    Ok(Page { shops: with_names(api, page).await?, next, total: found.len(), counts })
}

/// Every shop.
pub async fn all(api: &Api) -> Result<Vec<Tenant>, Problem> {
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = api.platform.state.scan_table::<TenantRow>(after, 1_000).await?;
        found.extend(page.rows.into_iter().map(|row| row.tenant));
        after = page.next;
        if after.is_none() || found.len() >= MOST {
            return Ok(found);
        }
    }
}

async fn with_names(api: &Api, tenants: &[Tenant]) -> Result<Vec<(Tenant, Option<String>)>, Problem> {
    let keys: Vec<_> = tenants.iter().map(|tenant| SettingsRow::at(tenant.tenant_id)).collect();
    let settings = api.platform.state.get_many::<SettingsRow>(&keys).await?;
    let name = |row: Option<SettingsRow>| row.map(|row| row.settings.shop_name);
    Ok(tenants.iter().cloned().zip(settings.into_iter().map(name)).collect())
}

/// A shop's name.
pub async fn name(api: &Api, tenant: TenantId) -> Result<Option<String>, Problem> {
    let row = api.platform.state.get::<SettingsRow>(&SettingsRow::at(tenant)).await?;
    Ok(row.map(|row| row.settings.shop_name))
}

/// The shop that the path's first parameter names, by its sub-domain or its id.
pub async fn present(api: &Api, request: &Request) -> Result<Tenant, Problem> {
    reads::point(api, request, Context::Admin).await?;
    let none = || Problem::new(Code::NotFound, refusals::NO_SUCH_SHOP);
    let tenant = hosts::named(&api.platform.state, request.param(0)).await?.ok_or_else(none)?;
    let row = api.platform.state.get::<TenantRow>(&TenantRow::at(tenant)).await?;
    row.map(|row| row.tenant).ok_or_else(none)
}

/// Asks for a shop to be closed or opened, and waits for the decision.
pub async fn submit(api: &Api, request: &Request, tenant: TenantId, turn: Turn) -> Result<Decided, NotDecided> {
    let meta = writes::meta(api, request, tenant)?;
    let command = match turn {
        Turn::Suspend => AdminCommand::SuspendTenant(SuspendTenant { meta }),
        Turn::Resume => AdminCommand::ResumeTenant(ResumeTenant { meta }),
    };
    writes::send(api, request, command).await
}
