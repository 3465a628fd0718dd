//! A request as handlers see it: its shop is known, its credential checked, its parameters decoded, its body read.

use std::{net::IpAddr, str::FromStr};

use bytes::Bytes;
use feira_schemas::{ids::TenantId, topics::Position};
use http::{HeaderMap, Method};

use super::{body::BodyStream, query::Query};
use crate::{forms::Form, problem::Problem, room::Reserved, sessions::Session, staff::Staff};

/// A request, once its route is known and its parameters and body are read.
pub struct Request {
    /// The shop of the host; [`TenantId::PLATFORM`] on the platform's.
    pub tenant: TenantId,
    /// The actor who asks: `token:<8 hex>`, `credential:<8 hex>`, `staff:<id>`, `operator` or `buyer`; of sign-up `visitor:<hash>`.
    pub actor: String,
    /// The session, where the route wants one.
    pub session: Option<Session>,
    /// The holder of the token, where the route wants one of the shop's.
    pub staff: Option<Staff>,
    /// The client's address; `None` in tests that call the filter itself.
    pub client: Option<IpAddr>,
    /// The HTTP method.
    pub method: Method,
    /// The route's pattern, with `{name}` for each parameter.
    pub route: &'static str,
    /// The path as it was asked for.
    pub path: String,
    /// The path's parameters, decoded, in the pattern's order.
    pub params: Vec<String>,
    /// The query's parameters.
    pub query: Query,
    /// The headers.
    pub headers: HeaderMap,
    /// The body; empty where the route takes none or reads it as a stream.
    pub body: Bytes,
    /// The form of a route that takes one of a page of ours; else it is empty.
    pub form: Form,
    /// The body of a route that reads it as it comes.
    pub stream: Option<BodyStream>,
    /// The room in memory that the body takes, for as long as the request is under way.
    pub room: Reserved,
    /// `Feira-At-Least`: what the answer must show.
    pub at_least: Vec<Position>,
    /// W3C trace context, if the client sent one.
    pub traceparent: Option<String>,
}

/// The header with the request's id, which the server gives to each.
const REQUEST_ID: &str = "x-request-id";

/// The id of a request with these headers.
pub(super) fn reference_of(headers: &HeaderMap) -> Option<String> {
    headers.get(REQUEST_ID).and_then(|id| id.to_str().ok()).map(str::to_owned)
}

impl Request {
    /// A path parameter; empty if the pattern has no such place, which only a mistake in the table makes.
    pub fn param(&self, index: usize) -> &str {
        self.params.get(index).map_or("", String::as_str)
    }

    /// A path parameter that is an id. What is no id names nothing: 404, with `what` (such as "O produto").
    pub fn id<Id: FromStr>(&self, index: usize, what: &str) -> Result<Id, Problem> {
        self.param(index).parse().map_err(|_| Problem::not_found(what))
    }

    /// The session of a route that wants one. That there is none only a mistake in the table makes.
    pub fn session(&self) -> Result<&Session, Problem> {
        self.session.as_ref().ok_or_else(|| Problem::internal("a route that reads its session asks for none"))
    }

    /// The request's id, by which whoever runs the platform finds it in the logs; none where nobody gave one.
    pub fn reference(&self) -> Option<String> {
        reference_of(&self.headers)
    }

    /// A header's text, if it is there and is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}
