//! A request before anything is known of it but its path, and what may answer there.

use std::{net::IpAddr, sync::Arc};

use http::{HeaderMap, Method};

use super::{
    body::BodyStream,
    route::{Dialect, HostKind, Route},
};

/// A path and everything that can be done at it on one kind of host.
#[derive(Clone)]
pub(super) struct Endpoint {
    /// The path's pattern, with `{name}` for each parameter.
    pub path: &'static str,
    /// The routes at the path, one per method.
    pub routes: Arc<[Route]>,
}

/// A request as warp hands it over.
pub(super) struct Raw {
    pub method: Method,
    pub path: String,
    pub query: String,
    pub headers: HeaderMap,
    /// The client's address; `None` in tests that call the filter itself.
    pub client: Option<IpAddr>,
    pub body: BodyStream,
    /// The dialect that is spoken at its path.
    pub dialect: Option<Dialect>,
}

/// The tree of routes that a request came by: the platform's or the shops'.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Platform,
    Shop,
}

impl Side {
    /// True if a route is in this tree.
    pub fn has(self, route: &Route) -> bool {
        match self {
            Self::Platform => route.host != HostKind::Shop,
            Self::Shop => route.host != HostKind::Platform,
        }
    }
}
