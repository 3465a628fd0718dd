//! Shops as the platform's staff sees them, by whatever way it comes: making, listing and finding them, closing and opening them.

use std::collections::HashMap;

use feira_schemas::{
    api::tenant::{CloseBody, STATUSES, TenantBody, check_closing, tenant_content, tenant_status},
    hosts::normalise_subdomain,
    ids::TenantId,
    problem::Code,
    records::{
        AdminCommand,
        admin::{CloseTenant, ProvisionTenant, ResumeTenant, SuspendTenant, Tenant, TenantStatus},
    },
    refusals,
    rows::admin::{SettingsRow, StandingRow, TenantRow},
    topics::Context,
};
use serde_json::Value as JsonValue;

use crate::{
    context::Api,
    hosts,
    problem::Problem,
    reads::{self, Asked},
    routing::Request,
    sorted::{self, Order, Place, Value},
    tokens,
    writes::{self, Decided, NotDecided},
};

/// The orders of the list: from the least, or with `-` from the greatest.
pub const ORDERS: &[&str] =
    &["subdomain", "-subdomain", "name", "-name", "created_at", "-created_at", "status", "-status"];
/// The order of a list that is asked for in none.
pub const USUAL: Order = Order::up("subdomain");
/// Shops that a list reads. A deployment of more needs a list of its own, kept by a view.
const MOST: usize = 100_000;

/// A page of shops.
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

/// The shops that are asked for, as far as this request must see them: those that have the text in their sub-domain or their name. Names
/// are settings, so a text, and the order by name, reads the settings of all shops, as many as [`all`] reads.
pub async fn list(api: &Api, request: &Request, asked: Asked<'_>, order: Option<Order>) -> Result<Page, Problem> {
    reads::caught_up(api, request, Context::Admin.name(), Context::Admin).await?;
    let (mut found, order) = (all(api).await?, order.unwrap_or(USUAL));
    let of_status = |status: &'static str| found.iter().filter(|shop| tenant_status(shop.status) == status).count();
    let counts = STATUSES.iter().map(|status| (*status, of_status(status))).collect();
    let (part, words) = (normalise_subdomain(asked.q), asked.q.trim().to_lowercase());
    let names = match words.is_empty() && order.by != "name" {
        true => HashMap::new(),
        false => names(api).await?,
    };
    let name =
        |tenant: &Tenant| names.get(&tenant.tenant_id).map_or(tenant.subdomain.as_str(), String::as_str).to_owned();
    found.retain(|tenant| {
        (tenant.subdomain.contains(&part) || name(tenant).to_lowercase().contains(&words))
            && asked.status.is_none_or(|status| tenant_status(tenant.status) == status)
    });
    let place = |tenant: &Tenant| place(tenant, &name(tenant), order);
    let query = format!("tenants\u{1}{}\u{1}{}\u{1}{order}", asked.q, asked.status.unwrap_or_default());
    let total = found.len();
    let (page, next) = sorted::page(&mut found, place, &query, asked.after, asked.limit)?;
    Ok(Page { shops: with_names(api, page).await?, next, total, counts })
}

/// The place of a shop in the list.
fn place(tenant: &Tenant, name: &str, order: Order) -> Place {
    let value = match order.by {
        "name" => Value::text(name),
        "created_at" => Value::Number(tenant.created_at),
        "status" => Value::text(tenant_status(tenant.status)),
        _ => Value::text(&tenant.subdomain),
    };
    order.place(value, tenant.tenant_id)
}

/// The names of all shops.
async fn names(api: &Api) -> Result<HashMap<TenantId, String>, Problem> {
    let (mut names, mut after) = (HashMap::new(), None);
    loop {
        let page = api.platform.state.scan_table::<SettingsRow>(after, 1_000).await?;
        names.extend(page.rows.into_iter().map(|row| (row.tenant_id, row.settings.shop_name)));
        after = page.next;
        if after.is_none() || names.len() >= MOST {
            return Ok(names);
        }
    }
}

/// The names of the plans that pay for these shops; none of one that an operator has made.
pub async fn plans(api: &Api, shops: &[TenantId]) -> Result<Vec<Option<String>>, Problem> {
    let keys: Vec<_> = shops.iter().map(|shop| StandingRow::at(*shop)).collect();
    let standings = api.platform.state.get_many::<StandingRow>(&keys).await?;
    Ok(standings.into_iter().map(|row| row.map(|row| row.standing.plan_name)).collect())
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

/// Asks for a shop to be closed for good, and waits for the decision. Who asks names it once more.
pub async fn close(api: &Api, request: &Request, shop: &Tenant, body: &CloseBody) -> Result<Decided, NotDecided> {
    check_closing(body, shop).map_err(Problem::fields)?;
    let meta = writes::meta(api, request, shop.tenant_id)?;
    writes::send(api, request, AdminCommand::CloseTenant(CloseTenant { meta })).await
}

/// A shop that was asked for, with the first token of its admin API.
pub struct Provisioned {
    /// The decision upon the command that asks for the shop.
    pub decided: Decided,
    /// The shop.
    pub tenant_id: TenantId,
    /// The name under the platform's domain, as it is kept.
    pub subdomain: String,
    /// The token, if one was wanted: shown now, and kept by nobody.
    pub token: Option<String>,
}

/// Asks for a shop, and for a first token if that is wanted, and waits for the decision. The request's key is the shop's: repeated, it
/// names the same shop, with the same token.
///
/// # Errors
/// The shop that the key has made was closed for good.
pub async fn provision(
    api: &Api,
    request: &Request,
    body: &TenantBody,
    wants_token: bool,
) -> Result<Provisioned, NotDecided> {
    let (subdomain, shop_name) = tenant_content(body).map_err(Problem::from)?;
    let mut meta = writes::meta(api, request, TenantId::PLATFORM)?;
    let tenant_id = TenantId::from_uuid(meta.command_id.uuid());
    meta.tenant_id = tenant_id;
    meta.expected_version = None;
    // The answer that is remembered of a key says nothing of what came after.
    check_not_closed(api, tenant_id).await?;
    if is_of_another(api, &subdomain, tenant_id).await? {
        return Err(Problem::new(Code::NameTaken, refusals::subdomain_taken(&subdomain)).into());
    }
    let token = match wants_token {
        true => Some(tokens::derive(&api.config.secret, tenant_id, b"first")?),
        false => None,
    };
    let token_hash = token.as_deref().map(tokens::hash);
    let command = ProvisionTenant { meta, subdomain: subdomain.clone(), shop_name, token_hash };
    let decided = writes::send(api, request, AdminCommand::ProvisionTenant(command)).await?;
    if is_opened(&decided.body) {
        api.hosts.remember(&subdomain, tenant_id).await;
    }
    Ok(Provisioned { decided, tenant_id, subdomain, token })
}

/// Refuses to make a shop anew that was closed for good.
async fn check_not_closed(api: &Api, tenant: TenantId) -> Result<(), Problem> {
    let row = api.platform.state.get::<TenantRow>(&TenantRow::at(tenant)).await?;
    match row.is_some_and(|row| row.tenant.status == TenantStatus::Closed) {
        true => Err(Problem::new(Code::ShopClosed, refusals::SHOP_CLOSED)),
        false => Ok(()),
    }
}

/// True if an answer shows a shop that was opened, whose name is its own.
fn is_opened(shop: &JsonValue) -> bool {
    let status = shop["status"].as_str();
    [TenantStatus::Active, TenantStatus::Suspended].into_iter().any(|opened| status == Some(tenant_status(opened)))
}

/// True if a name leads to another shop: as its name, or as its id, which operators may write in a name's place.
async fn is_of_another(api: &Api, subdomain: &str, tenant: TenantId) -> Result<bool, Problem> {
    let named = hosts::named(&api.platform.state, subdomain).await?;
    Ok(named.is_some_and(|other| other != tenant))
}
