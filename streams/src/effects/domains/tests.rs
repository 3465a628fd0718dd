//! From a claim to a domain of a shop's own, by admin, the directory and the effect, over name servers that the test speaks for.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

use feira_connectors::{
    clock::wall_clock,
    dns::{Records, Zone},
};
use feira_schemas::{
    groups::{Context, Role},
    ids::{CommandId, TenantId},
    records::{
        AdminCommand,
        admin::{CheckDomain, ClaimDomain, Domain, DomainFound, DomainStatus, ProvisionTenant},
        common::{CommandMeta, Outcome},
        directory::NameStatus,
    },
    rows::{admin::DomainRow, directory::NameRow},
    time::Clock,
};
use tempfile::TempDir;
use tokio::{
    runtime::Handle,
    time::{sleep, timeout},
};

use super::*;
use crate::{
    testing::{platform_of, tenant},
    wiring::{Parts, Wiring, WiringSettings},
};

const DOMAIN: &str = "loja.example";
/// The time in which everything must have happened.
const PATIENCE: Duration = Duration::from_secs(60);

/// Admin, the directory and the effect.
struct Bed {
    platform: Platform,
    /// Microseconds by which the test's clock is ahead of the machine's.
    ahead: Arc<AtomicI64>,
    wiring: Wiring,
    zone: Zone,
    parts: Parts,
    _folder: TempDir,
}

impl Bed {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (ahead, machine) = (Arc::new(AtomicI64::new(0)), wall_clock());
        let (wall, steady) = ((machine.clone(), Arc::clone(&ahead)), (machine, Arc::clone(&ahead)));
        let clock = Clock::new(
            move || wall.0.now() + wall.1.load(Ordering::Relaxed),
            move || steady.0.steady() + steady.1.load(Ordering::Relaxed),
        );
        let platform = platform_of(folder.path(), 1, clock).await;
        let mut parts = Parts::on(Handle::current());
        let zone = Zone::default();
        let targets = DomainTargets::parse("feira.example", "").unwrap();
        let settings = WiringSettings {
            shards: folder.path().join("shards"),
            images: None,
            domains: Some(DomainPorts { resolver: Resolver::fixed(zone.clone()), targets }),
            gateways: None,
            mails: None,
            instance: None,
            threads: 1,
        };
        let wiring = Wiring::open(platform.clone(), settings, parts.stopped()).await.unwrap();
        let roles = [Role::Context(Context::Admin), Role::Context(Context::Directory), Role::Effects];
        wiring.run(&roles.into(), &mut parts).await.unwrap();
        Self { platform, ahead, wiring, zone, parts, _folder: folder }
    }

    async fn send(&self, tenant: TenantId, command: impl Into<AdminCommand>) {
        let key = tenant.to_string();
        let sent = self.wiring.commands.send(&key, command.into(), None, PATIENCE).await.unwrap();
        assert!(matches!(sent.outcome, Outcome::Created | Outcome::Updated), "{sent:?}");
    }

    /// A shop that claims the domain by a proof of its own.
    async fn claims(&self, tenant: TenantId, subdomain: &str) {
        let (subdomain, shop_name) = (subdomain.to_owned(), subdomain.to_owned());
        let made = ProvisionTenant { meta: meta(tenant, "make"), subdomain, shop_name, token_hash: None };
        self.send(tenant, made).await;
        let claim = ClaimDomain { meta: meta(tenant, "claim"), domain: DOMAIN.into(), proof: proof(tenant) };
        self.send(tenant, claim).await;
    }

    /// Has the domain looked at, ten seconds after the last time: before that nobody looks again.
    async fn check(&self, tenant: TenantId, number: usize) {
        self.ahead.fetch_add(10_000_000, Ordering::Relaxed);
        self.send(tenant, CheckDomain { meta: meta(tenant, &format!("check {number}")) }).await;
    }

    /// The shop's domain, once it is so.
    async fn until(&self, tenant: TenantId, is_so: impl Fn(&Domain) -> bool) -> Domain {
        let look = async {
            loop {
                let row = self.platform.state.get::<DomainRow>(&DomainRow::at(tenant)).await.unwrap();
                match row.map(|row| row.domain).filter(|domain| is_so(domain)) {
                    Some(domain) => return domain,
                    None => sleep(Duration::from_millis(10)).await,
                }
            }
        };
        timeout(PATIENCE, look).await.unwrap()
    }
}

fn proof(tenant: TenantId) -> String {
    format!("feira-verification={tenant}")
}

fn meta(tenant_id: TenantId, what: &str) -> CommandMeta {
    CommandMeta {
        command_id: CommandId::from_client_key(tenant_id, "test", what, "domain", "once"),
        tenant_id,
        actor: "operator".into(),
        issued_at: 0,
        body_hash: String::new(),
        keyed: false,
        expected_version: None,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s43_f05_of_two_shops_that_claim_a_domain_the_one_that_proves_it_has_it() {
    let mut bed = Bed::new().await;
    let (one, two) = (tenant(1), tenant(2));
    bed.claims(one, "uma").await;
    bed.claims(two, "outra").await;
    for shop in [one, two] {
        bed.check(shop, 1).await;
        let looked_at = bed.until(shop, |domain| domain.looked_at.is_some()).await;
        assert_eq!(looked_at.status, DomainStatus::Pending);
        assert_eq!(looked_at.found.why.as_deref(), Some(DomainFound::NO_SUCH_NAME));
    }
    let alias = Some("outra.feira.example".to_owned());
    bed.zone.put(DOMAIN, Ok(Records { cname: alias, ..Records::default() }));
    bed.zone.put("_feira.loja.example", Ok(Records { txt: vec![proof(two)], ..Records::default() }));
    bed.check(two, 2).await;
    let own = bed.until(two, |domain| domain.status == DomainStatus::Active).await;
    assert_eq!(own.found, DomainFound { proof: true, address: true, www: false, why: None });
    bed.check(one, 2).await;
    let other = bed.until(one, |domain| domain.found.why.as_deref() == Some(DomainFound::OTHER_TXT)).await;
    assert_eq!(other.status, DomainStatus::Pending);
    // Both proofs are there: the domain stays whose it is.
    let txt = vec![proof(one), proof(two)];
    bed.zone.put("_feira.loja.example", Ok(Records { txt, ..Records::default() }));
    bed.check(one, 3).await;
    let ended = bed.until(one, |domain| domain.status == DomainStatus::Ended).await;
    assert_eq!(ended.ended_because.as_deref(), Some(Domain::TAKEN));
    let name = bed.platform.state.get::<NameRow>(&NameRow::at(DOMAIN)).await.unwrap().unwrap().name;
    assert_eq!((name.tenant_id, name.status), (two, NameStatus::Confirmed));
    bed.parts.stop().await.unwrap();
}
