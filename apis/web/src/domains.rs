//! A shop's own domain as its staff sees and changes it, by whatever way it comes.

use feira_schemas::{
    api::domain::{DnsRecord, DomainBody, dns_records, domain_content, domain_json, with_records},
    ids::TenantId,
    problem::Code,
    records::{
        AdminCommand,
        admin::{CheckDomain, ClaimDomain, Domain, WithdrawDomain},
    },
    refusals,
    rows::admin::{DomainRow, TenantRow},
    secrets::domain_proof,
    topics::Context,
};
use serde_json::Value;

use crate::{
    context::Api,
    problem::Problem,
    reads,
    routing::Request,
    writes::{self, Decided, NotDecided},
};

/// The domain of the request's shop, as far as this request must see it; none where there is none, or none any more by the shop's own will.
pub async fn known(api: &Api, request: &Request) -> Result<Option<DomainRow>, Problem> {
    reads::point(api, request, Context::Admin).await?;
    let row = api.platform.state.get::<DomainRow>(&DomainRow::at(request.tenant)).await?;
    Ok(row.filter(|row| !row.domain.is_withdrawn()))
}

/// The domain of the request's shop, or 404.
pub async fn present(api: &Api, request: &Request) -> Result<DomainRow, Problem> {
    let none = || Problem::new(Code::NotFound, refusals::NO_DOMAIN);
    known(api, request).await?.ok_or_else(none)
}

/// The host to which a shop has its domain lead: its sub-domain, which keeps its place whatever becomes of addresses.
pub async fn target(api: &Api, tenant: TenantId) -> Result<String, Problem> {
    let row = api.platform.state.get::<TenantRow>(&TenantRow::at(tenant)).await?;
    let subdomain = row.ok_or_else(Problem::no_such_address)?.tenant.subdomain;
    Ok(format!("{subdomain}.{}", api.config.platform_domain))
}

/// The records that the owner of a shop's domain sets in DNS.
pub async fn records(api: &Api, tenant: TenantId, domain: &Domain) -> Result<Vec<DnsRecord>, Problem> {
    Ok(dns_records(domain, &target(api, tenant).await?, &api.addresses))
}

/// A shop's domain as the API gives it. What was decided without a change has no version to show, and is as its row is.
pub async fn shown(api: &Api, tenant: TenantId, domain: &Domain, version: Option<i64>) -> Result<Value, Problem> {
    let version = match version {
        Some(version) => version,
        None => {
            let row = api.platform.state.get::<DomainRow>(&DomainRow::at(tenant)).await?;
            row.map_or(0, |row| row.version)
        }
    };
    Ok(with_records(domain_json(domain, version), &records(api, tenant, domain).await?))
}

/// Claims a domain for the request's shop, and waits for the decision.
pub async fn claim(api: &Api, request: &Request, body: &DomainBody) -> Result<Decided, NotDecided> {
    let domain = domain_content(body, &api.config.platform_domain).map_err(Problem::fields)?;
    let proof = domain_proof(&api.config.secrets, &domain, request.tenant);
    let meta = writes::meta(api, request, request.tenant)?;
    send(api, request, ClaimDomain { meta, domain, proof }).await
}

/// Gives the domain of the request's shop back, and waits for the decision.
pub async fn withdraw(api: &Api, request: &Request) -> Result<Decided, NotDecided> {
    let meta = writes::meta(api, request, request.tenant)?;
    send(api, request, WithdrawDomain { meta }).await
}

/// Has DNS asked of the domain of the request's shop, and waits for the decision on that, which is `Unchanged` where it was a moment ago.
pub async fn check(api: &Api, request: &Request) -> Result<Decided, NotDecided> {
    let meta = writes::meta(api, request, request.tenant)?;
    send(api, request, CheckDomain { meta }).await
}

async fn send(api: &Api, request: &Request, command: impl Into<AdminCommand>) -> Result<Decided, NotDecided> {
    writes::send(api, request, command.into()).await
}
