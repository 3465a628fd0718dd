//! Hosts: from a `Host` header to the shop it names. The directory's rows say whose a name is; a short memory in
//! front of them spares a read per request.

use std::{
    net::IpAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use feira_connectors::{state::State, tls::is_this_machine};
use feira_schemas::{
    hosts::{Host, normalise_subdomain},
    ids::TenantId,
    records::{
        admin::{Domain, DomainStatus, TenantStatus},
        directory::NameStatus,
    },
    rows::{
        admin::{DomainRow, TenantRow},
        directory::NameRow,
    },
};
use http::{HeaderMap, HeaderValue, header};
use moka::{Expiry, future::Cache};

use crate::{addresses::FORWARDED_PROTO, problem::Problem};

/// The time for which a name's shop is remembered; a name changes hands almost never.
const KNOWN_FOR: Duration = Duration::from_secs(5);
/// The time for which an unknown name is remembered; short, because the next thing to happen to it is that somebody
/// takes it.
const UNKNOWN_FOR: Duration = Duration::from_secs(1);
/// Names remembered, and shops' domains: strangers can ask for any, so their number is bounded.
const NAMES: u64 = 20_000;

/// The scheme that the client came by, `https` or `http`, where a trusted proxy says so, once and clearly; the server takes the word of
/// everybody else away before anything reads it ([`TrustedProxies::believe`](crate::addresses::TrustedProxies::believe)).
pub fn forwarded(headers: &HeaderMap) -> Option<&'static str> {
    let mut said = headers.get_all(FORWARDED_PROTO).iter();
    match (said.next().map(HeaderValue::as_bytes), said.next()) {
        (Some(b"https"), None) => Some("https"),
        (Some(b"http"), None) => Some("http"),
        _ => None,
    }
}

/// The scheme of links and cookies: `https` where the client came by it, as far as anybody knows.
pub fn scheme(headers: &HeaderMap) -> &'static str {
    forwarded(headers).unwrap_or("http")
}

/// True for a host of the machine that asks, which no proxy with a certificate stands in front of: names below `localhost` too.
pub(crate) fn is_of_this_machine(name: &str) -> bool {
    is_this_machine(name) || name.ends_with(".localhost")
}

/// The port of the request's host with its colon, such as `:8080`, or nothing.
pub fn port(headers: &HeaderMap) -> String {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let port = host.rsplit_once(':').map_or("", |(_, port)| port);
    let known = !port.is_empty() && port.len() <= 5 && port.bytes().all(|byte| byte.is_ascii_digit());
    if known { format!(":{port}") } else { String::new() }
}

/// The beginning of an address on the platform's host, such as `https://feira.example`. The scheme and port are the request's where it came
/// by that very name, or where the platform is this machine's; who asks by another one, such as an address, says nothing of them.
pub fn platform_origin(headers: &HeaderMap, platform_domain: &str) -> String {
    match is_of_this_machine(platform_domain) || name(headers).is_some_and(|name| name == platform_domain) {
        true => format!("{}://{platform_domain}{}", scheme(headers), port(headers)),
        false => format!("https://{platform_domain}"),
    }
}

/// The beginning of an address on a shop's sub-domain, such as `https://moda.feira.example`. The scheme and port are the request's where it
/// came by a name of the platform or below it, or where the platform is this machine's.
pub fn shop_origin(headers: &HeaderMap, platform_domain: &str, subdomain: &str) -> String {
    let is_ours = matches!(of(headers, platform_domain), Host::Platform | Host::Subdomain(_));
    match is_ours || is_of_this_machine(platform_domain) {
        true => format!("{}://{subdomain}.{platform_domain}{}", scheme(headers), port(headers)),
        false => format!("https://{subdomain}.{platform_domain}"),
    }
}

/// The beginning of an address on a shop's own domain. The scheme and port are the request's where it came by that very domain, with or
/// without `www.`, or as [`shop_origin`] takes them.
pub fn domain_origin(headers: &HeaderMap, platform_domain: &str, domain: &str) -> String {
    let is_ours = match of(headers, platform_domain) {
        Host::Platform | Host::Subdomain(_) => true,
        Host::Domain(name) => without_www(&name) == domain,
        Host::Invalid => false,
    };
    match is_ours || is_of_this_machine(platform_domain) {
        true => format!("{}://{domain}{}", scheme(headers), port(headers)),
        false => format!("https://{domain}"),
    }
}

/// A domain without the `www.` that may stand in front of it: both are the same shop's.
fn without_www(domain: &str) -> &str {
    domain.strip_prefix("www.").unwrap_or(domain)
}

/// The request's host in lower case, without port and closing dot; none where it has no host, or two, or what is no host's name.
pub fn name(headers: &HeaderMap) -> Option<String> {
    match of(headers, "") {
        Host::Domain(name) => Some(name),
        _ => None,
    }
}

/// True if a request is for the platform. An IP address counts as the platform's host: no shop can have one, and probes know no other
/// name.
pub(crate) fn is_platform(headers: &HeaderMap, platform_domain: &str) -> bool {
    match of(headers, platform_domain) {
        Host::Platform => true,
        Host::Domain(domain) => domain.trim_matches(['[', ']']).parse::<IpAddr>().is_ok(),
        Host::Subdomain(_) | Host::Invalid => false,
    }
}

/// Reads the request's `Host` header. More than one, or none, is no host.
fn of(headers: &HeaderMap, platform_domain: &str) -> Host {
    let mut given = headers.get_all(header::HOST).iter();
    match (given.next().and_then(|host| host.to_str().ok()), given.next()) {
        (Some(host), None) => Host::parse(host, platform_domain),
        _ => Host::Invalid,
    }
}

/// The tenants of hosts.
pub struct Hosts {
    platform_domain: String,
    names: Cache<String, Option<TenantId>>,
    /// The domains at which shops' pages live, of those that have one.
    domains: Cache<TenantId, Option<Arc<str>>>,
}

impl Hosts {
    /// Hosts under this domain (without port, lower case).
    pub fn new(platform_domain: String) -> Self {
        let names = Cache::builder().max_capacity(NAMES).expire_after(ByKind).build();
        let domains = Cache::builder().max_capacity(NAMES).time_to_live(KNOWN_FOR).build();
        Self { platform_domain, names, domains }
    }

    fn of(&self, headers: &HeaderMap) -> Host {
        of(headers, &self.platform_domain)
    }

    /// True if a request is for the platform ([`is_platform`]).
    pub fn is_platform(&self, headers: &HeaderMap) -> bool {
        is_platform(headers, &self.platform_domain)
    }

    /// True if a request is for a domain that is not below the platform's: at most a shop's own.
    pub(crate) fn is_own_domain(&self, headers: &HeaderMap) -> bool {
        matches!(self.of(headers), Host::Domain(_))
    }

    /// The shop of a request's host.
    pub async fn tenant(&self, state: &State, headers: &HeaderMap) -> Result<Option<TenantId>, Problem> {
        self.tenant_of(state, self.of(headers)).await
    }

    /// True if this name is one at which pages are answered: the platform's, a shop's sub-domain, or a shop's domain with or without `www.`.
    pub async fn answers_at(&self, state: &State, name: &str) -> Result<bool, Problem> {
        match Host::parse(name, &self.platform_domain) {
            Host::Platform => Ok(true),
            host => Ok(self.tenant_of(state, host).await?.is_some()),
        }
    }

    async fn tenant_of(&self, state: &State, host: Host) -> Result<Option<TenantId>, Problem> {
        let (name, dotted) = match host {
            Host::Subdomain(name) => (name, false),
            Host::Domain(domain) => (without_www(&domain).to_owned(), true),
            Host::Platform | Host::Invalid => return Ok(None),
        };
        // The directory keeps sub-domains and domains side by side: neither is to be found in the other's place.
        if name.contains('.') != dotted {
            return Ok(None);
        }
        if let Some(known) = self.names.get(&name).await {
            return Ok(known);
        }
        let found = holder(state, &name).await?;
        self.names.insert(name, found).await;
        Ok(found)
    }

    /// The domain of its own at which a shop's pages live, as it was a few seconds ago at most; none where they live at the sub-domain, as
    /// they do while a domain is not proved yet, or not any more, or leads elsewhere.
    pub async fn domain(&self, state: &State, tenant: TenantId) -> Result<Option<Arc<str>>, Problem> {
        if let Some(known) = self.domains.get(&tenant).await {
            return Ok(known);
        }
        let row = state.get::<DomainRow>(&DomainRow::at(tenant)).await?;
        let serves = |domain: &Domain| domain.status == DomainStatus::Active && domain.found.address;
        let domain: Option<Arc<str>> = row.map(|row| row.domain).filter(serves).map(|domain| domain.domain.into());
        self.domains.insert(tenant, domain.clone()).await;
        Ok(domain)
    }

    /// The domain at which what is asked for at a shop's host lives, where that is another host: the sub-domain gives way to the shop's own
    /// domain, and so does `www.` of that domain.
    pub(crate) async fn instead(
        &self,
        state: &State,
        tenant: TenantId,
        headers: &HeaderMap,
    ) -> Result<Option<Arc<str>>, Problem> {
        match self.of(headers) {
            Host::Subdomain(_) => self.domain(state, tenant).await,
            Host::Domain(name) => match name.strip_prefix("www.") {
                Some(bare) => Ok(self.domain(state, tenant).await?.filter(|domain| **domain == *bare)),
                None => Ok(None),
            },
            Host::Platform | Host::Invalid => Ok(None),
        }
    }

    /// The beginning of the addresses of a shop's pages: on its own domain ([`domain_origin`]) where they live there, else on its sub-domain
    /// ([`shop_origin`]).
    pub async fn pages_origin(
        &self,
        state: &State,
        headers: &HeaderMap,
        tenant: TenantId,
        subdomain: &str,
    ) -> Result<String, Problem> {
        Ok(match self.domain(state, tenant).await? {
            Some(domain) => domain_origin(headers, &self.platform_domain, &domain),
            None => shop_origin(headers, &self.platform_domain, subdomain),
        })
    }

    /// A name was just given to a shop: whoever asked for it a moment ago and found nothing finds the shop now.
    pub async fn remember(&self, name: &str, tenant: TenantId) {
        self.names.insert(name.to_owned(), Some(tenant)).await;
    }
}

/// The shop that an operator names: by its sub-domain, or by its id. Some texts can be both, and a name is what people see and say:
/// so no shop's id hides another's name.
pub async fn named(state: &State, name: &str) -> Result<Option<TenantId>, Problem> {
    if let Some(tenant) = holder(state, &normalise_subdomain(name)).await? {
        return Ok(Some(tenant));
    }
    let Ok(tenant) = name.parse::<TenantId>() else { return Ok(None) };
    let row = state.get::<TenantRow>(&TenantRow::at(tenant)).await?;
    Ok(row.map(|row| row.tenant.tenant_id))
}

/// The shop that has a name: for good, or held while its opening is confirmed.
pub(crate) async fn holder(state: &State, name: &str) -> Result<Option<TenantId>, Problem> {
    if name.is_empty() {
        return Ok(None);
    }
    let Some(row) = state.get::<NameRow>(&NameRow::at(name)).await? else { return Ok(None) };
    let tenant = row.name.tenant_id;
    match row.name.status {
        NameStatus::Confirmed => Ok(Some(tenant)),
        NameStatus::Held => {
            let row = state.get::<TenantRow>(&TenantRow::at(tenant)).await?;
            let opened = |row: TenantRow| {
                matches!(row.tenant.status, TenantStatus::Active | TenantStatus::Suspended | TenantStatus::Closed)
            };
            Ok(row.is_some_and(opened).then_some(tenant))
        }
        NameStatus::Released | NameStatus::Unknown => Ok(None),
    }
}

struct ByKind;

impl Expiry<String, Option<TenantId>> for ByKind {
    fn expire_after_create(&self, _: &String, tenant: &Option<TenantId>, _: Instant) -> Option<Duration> {
        Some(if tenant.is_some() { KNOWN_FOR } else { UNKNOWN_FOR })
    }

    fn expire_after_update(
        &self,
        _: &String,
        tenant: &Option<TenantId>,
        _: Instant,
        _: Option<Duration>,
    ) -> Option<Duration> {
        Some(if tenant.is_some() { KNOWN_FOR } else { UNKNOWN_FOR })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn an_address_on_the_platforms_host_takes_scheme_and_port_of_its_own_name_alone() {
        for (domain, host, said, origin) in [
            ("feira.example", "feira.example", Some("https"), "https://feira.example"),
            ("feira.example", "FEIRA.example.:8443", Some("https"), "https://feira.example:8443"),
            ("feira.example", "feira.example:8080", None, "http://feira.example:8080"),
            // Operators go to a process by its address, and a shop's staff to its shop.
            ("feira.example", "10.0.0.7:8080", None, "https://feira.example"),
            ("feira.example", "127.0.0.1:8080", None, "https://feira.example"),
            ("feira.example", "moda.feira.example:8080", Some("http"), "https://feira.example"),
            ("localhost", "localhost:8080", None, "http://localhost:8080"),
            ("localhost", "127.0.0.1:8080", None, "http://localhost:8080"),
            ("localhost", "moda.localhost:8080", Some("https"), "https://localhost:8080"),
        ] {
            let mut headers = HeaderMap::from_iter([(header::HOST, host.parse().unwrap())]);
            headers.extend(said.map(|said| (http::HeaderName::from_static(FORWARDED_PROTO), said.parse().unwrap())));
            assert_eq!(platform_origin(&headers, domain), origin, "{host} {said:?}");
        }
    }

    #[test]
    fn s43_an_address_on_a_shops_own_domain_takes_scheme_and_port_of_names_that_lead_to_it_alone() {
        for (host, said, origin) in [
            ("loja.example", Some("https"), "https://loja.example"),
            ("www.loja.example:8080", None, "http://loja.example:8080"),
            ("moda.feira.example:8443", Some("https"), "https://loja.example:8443"),
            ("outra.example:8080", Some("http"), "https://loja.example"),
            ("10.0.0.7:8080", None, "https://loja.example"),
            ("", None, "https://loja.example"),
        ] {
            let mut headers = HeaderMap::from_iter([(header::HOST, host.parse().unwrap())]);
            headers.extend(said.map(|said| (http::HeaderName::from_static(FORWARDED_PROTO), said.parse().unwrap())));
            assert_eq!(domain_origin(&headers, "feira.example", "loja.example"), origin, "{host} {said:?}");
        }
    }

    #[test]
    fn an_address_on_a_shops_sub_domain_takes_scheme_and_port_of_the_platforms_names_alone() {
        for (domain, host, said, origin) in [
            ("feira.example", "moda.feira.example:8443", Some("https"), "https://moda.feira.example:8443"),
            ("feira.example", "feira.example", Some("http"), "http://moda.feira.example"),
            ("feira.example", "loja.example:8080", Some("http"), "https://moda.feira.example"),
            ("localhost", "moda.localhost:8080", None, "http://moda.localhost:8080"),
            ("localhost", "loja.example:8080", None, "http://moda.localhost:8080"),
        ] {
            let mut headers = HeaderMap::from_iter([(header::HOST, host.parse().unwrap())]);
            headers.extend(said.map(|said| (http::HeaderName::from_static(FORWARDED_PROTO), said.parse().unwrap())));
            assert_eq!(shop_origin(&headers, domain, "moda"), origin, "{host} {said:?}");
        }
    }
}
