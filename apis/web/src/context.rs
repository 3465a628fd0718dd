//! The context of every handler: the platform, the way to send commands, and the deployment's names and secrets.

use std::{net::IpAddr, sync::Arc};

use feira_connectors::{gateway::Gateways, keyring::Keyring, sessions::SessionStore};
use feira_schemas::{ids::TenantId, secrets::Secrets};
use feira_streams::{commands::Commands, platform::Platform, views::Readers};
use futures::future::BoxFuture;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::sync::watch;

use crate::{
    derived::Derived,
    hosts::Hosts,
    passwords::Passwords,
    problem::{Look, Problem},
    quotas::{QuotaSettings, Quotas},
    reply::Response,
    room::Room,
};

/// Tells whether a simulator in this process has given out a gateway's key: by the gateway's name and the key.
pub type GaveOut = Arc<dyn Fn(&str, &str) -> bool + Send + Sync>;

/// The operator's settings for the APIs.
#[derive(Clone)]
pub struct ApiConfig {
    /// The platform's domain without port, lower case: shops live under it.
    pub platform_domain: String,
    /// SHA-256, hex, of the operator's token; empty lets no operator in.
    pub operator_token_hash: String,
    /// The secret from which shops' first tokens and one-time links are derived. Losing it changes no token that was given out.
    pub secret: [u8; 32],
    /// The secrets of the deployment: they sign the tokens of forms and links, and make the terms by which sealed values are found.
    pub secrets: Secrets,
    /// The address at which people reach who operates the platform, for its pages; none where none is set that somebody reads.
    pub contact: Option<String>,
}

/// An error that a person sees.
pub struct ErrorPage {
    /// The shop whose host it is; none on the platform's host and on an unknown one.
    pub tenant: Option<TenantId>,
    /// No shop has this host.
    pub unknown_host: bool,
    /// The look of the pages around the address.
    pub look: Look,
    /// The id of the visitor's cart, which the page says how full it is; it may name none that is kept.
    pub cart: Option<String>,
    /// The problem that the page shows.
    pub problem: Problem,
    /// The request's id, by which whoever runs the platform finds it in the logs; none where nobody gave one.
    pub reference: Option<String>,
}

/// Makes the page of an error. It keeps the problem's status and headers.
pub type ErrorPages = fn(Arc<Api>, ErrorPage) -> BoxFuture<'static, Response>;

/// A shop that the platform's home page shows while one of this name is open at this address.
#[derive(Debug, Clone)]
pub struct Showcased {
    /// The shop's name under the platform's domain.
    pub subdomain: String,
    /// The shop's name for buyers: a shop of another name under the sub-domain is not shown.
    pub name: String,
}

/// The simulator of this process, which is asked in every gateway's place.
#[derive(Clone)]
pub struct Simulation {
    /// The address of its pages on this machine, without a slash at the end.
    pub address: String,
    /// True for a gateway's name and a secret key that the simulator has given out. It may wait for a disk.
    pub gave_out: GaveOut,
}

/// The context of all handlers of a process. Clones share what counts and what remembers.
#[derive(Clone)]
pub struct Api {
    /// Ports, codec, marks of what is reached, health, clock.
    pub platform: Platform,
    /// Sends commands and waits for their answers.
    pub commands: Arc<Commands>,
    /// The readers of the views.
    pub readers: Readers,
    /// Seals what a person types about itself, and opens it for those who may see it.
    pub keyring: Keyring,
    /// The sessions of staff, and failed attempts at one.
    pub sessions: SessionStore,
    /// The pool in which passwords are looked at.
    pub passwords: Passwords,
    /// Payment gateways: which there are, and how each proves its callbacks. Nothing here asks one.
    pub gateways: Gateways,
    /// Names and secrets.
    pub config: ApiConfig,
    /// Finds the shop of a request's `Host`.
    pub hosts: Arc<Hosts>,
    /// Memory of what is under way.
    pub room: Room,
    /// Requests a minute.
    pub quotas: Arc<Quotas>,
    /// Values made from bytes of the views' cache, once for those bytes.
    pub derived: Derived,
    /// The shops on the platform's home page, in their order; none unless the process says so.
    pub showcase: Arc<[Showcased]>,
    /// The addresses by which a shop's domain that is no alias leads to the platform; none unless the process says so.
    pub addresses: Arc<[IpAddr]>,
    /// The simulator, where payments are simulated by this process.
    pub simulation: Option<Simulation>,
    /// Makes the page of an error for people.
    pub error_page: ErrorPages,
    /// The Prometheus metrics that `/metrics` prints; `None` in tests.
    pub metrics: Option<PrometheusHandle>,
    /// True once the process is to end: answers without an end stop then.
    pub stop: watch::Receiver<bool>,
}

impl Api {
    /// A context with plain error pages and no metrics.
    #[allow(clippy::too_many_arguments)] // The parts of a process that has the role, each from elsewhere.
    pub fn new(
        platform: Platform,
        commands: Arc<Commands>,
        readers: Readers,
        keyring: Keyring,
        gateways: Gateways,
        sessions: SessionStore,
        config: ApiConfig,
        stop: watch::Receiver<bool>,
    ) -> Self {
        let hosts = Arc::new(Hosts::new(config.platform_domain.clone()));
        let (room, derived) = (Room::new(platform.budget), Derived::new(platform.budget));
        Self {
            platform,
            commands,
            readers,
            keyring,
            sessions,
            passwords: Passwords::default(),
            gateways,
            config,
            hosts,
            room,
            quotas: Arc::new(Quotas::new(QuotaSettings::default())),
            derived,
            showcase: Arc::default(),
            addresses: Arc::default(),
            simulation: None,
            error_page: plain_error_page,
            metrics: None,
            stop,
        }
    }

    /// The context of a request with `Feira-At-Least`: it reads the storefront past the caches.
    pub(crate) fn past_caches(&self) -> Arc<Self> {
        let readers = Readers { storefront: self.readers.storefront.past_caches(), ..self.readers.clone() };
        Arc::new(Self { readers, ..self.clone() })
    }
}

fn plain_error_page(_: Arc<Api>, page: ErrorPage) -> BoxFuture<'static, Response> {
    Box::pin(std::future::ready(page.problem.into_page(page.look, page.reference.as_deref())))
}
