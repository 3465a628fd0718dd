//! One look: whether it is still wanted, and the command that says what it has found.

use fail::fail_point;
use feira_schemas::{
    ids::{CommandId, TenantId},
    records::{
        AdminCommand, AdminEvent,
        admin::{Domain, DomainFound, ReportDomain},
        common::CommandMeta,
    },
    rows::admin::DomainRow,
    topics::{Context, Position},
};

use super::{Domains, GROUP, look::look};
use crate::effects::{Attempted, Away, Effect, Errand, Open, Wanted, said};

/// A shop whose domain is to be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// The shop: it has one domain.
    pub tenant: TenantId,
}

impl Wanted for Look {
    type Key = TenantId;

    fn key(&self) -> Self::Key {
        self.tenant
    }

    fn tenant(&self) -> TenantId {
        self.tenant
    }
}

impl Effect for Domains {
    const GROUP: &'static str = GROUP;
    const SOURCE: Context = Context::Admin;
    /// Most of a look is waiting; name servers of this machine take many more questions.
    const AT_ONCE: usize = 16;
    /// A shop has one domain.
    const PER_SHOP: usize = 1;
    type Event = AdminEvent;
    type Wanted = Look;
    /// What is left to do the group's position says.
    const OPEN: Option<Open<Look>> = None;

    fn wanted(event: &AdminEvent) -> Vec<Look> {
        match event {
            AdminEvent::DomainChanged(event) if event.look_wanted => vec![Look { tenant: event.meta.tenant_id }],
            _ => Vec::new(),
        }
    }

    fn away(&self) -> &Away {
        &self.away
    }

    async fn attempt(&self, errand: Errand<Look>, _: bool) -> Attempted {
        let Some(domain) = self.waiting(&errand).await else { return Attempted::Done };
        let found = look(&self.ports, &domain).await;
        fail_point!(&format!("{GROUP}::looked"));
        self.report(&errand, domain, found).await;
        Attempted::Done
    }
}

impl Domains {
    /// The domain, if it was not looked at since the event that wants it.
    async fn waiting(&self, errand: &Errand<Look>) -> Option<Domain> {
        let (partition, write_ts) = (errand.named.partition, errand.named.write_ts);
        said::shown(&self.platform, &self.away, GROUP, Position { context: Context::Admin, partition, write_ts }).await;
        let key = DomainRow::at(errand.wanted.tenant);
        let read = || async { self.platform.state.get::<DomainRow>(&key).await.map_err(|error| error.to_string()) };
        let domain = self.away.waited_for(GROUP, read).await?.domain;
        let is_wanted = domain.is_live() && domain.looked_at.is_none_or(|looked_at| looked_at < write_ts);
        is_wanted.then_some(domain)
    }

    /// Says what was found. The same event makes the same command, so that one that was sent before a crash is decided once.
    async fn report(&self, errand: &Errand<Look>, domain: Domain, found: DomainFound) {
        let outcome = match found.why.as_deref() {
            _ if found.proof => "proved",
            Some(DomainFound::TIMEOUT | DomainFound::REFUSED) => "unanswered",
            _ => "not proved",
        };
        metrics::counter!("feira_domains_total", "outcome" => outcome).increment(1);
        let Look { tenant } = errand.wanted;
        let actor = format!("system:{GROUP}");
        let meta = CommandMeta {
            command_id: CommandId::from_client_key(tenant, &actor, "look", "domain", &errand.named.event.to_string()),
            tenant_id: tenant,
            actor,
            issued_at: self.platform.now(),
            body_hash: String::new(),
            keyed: true,
            expected_version: None,
        };
        let Domain { domain, claimed_at, .. } = domain;
        let command = AdminCommand::from(ReportDomain { meta, domain, claimed_at, found });
        said::send(&self.platform, &self.commands, &self.away, GROUP, command).await;
    }
}
