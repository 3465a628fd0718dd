//! One row of the table: where a route exists, who may call it, what it takes and gives, and what answers.

use std::{future::Future, sync::Arc, time::Duration};

use feira_schemas::limits;
use futures::future::BoxFuture;
use http::Method;

use super::{body::BodyKind, query::Parameter, request::Request};
use crate::{context::Api, problem::Problem, reply::Response, sessions::Access};

/// The hosts on which a route exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HostKind {
    /// Every shop's host; the shop is in the request.
    Shop,
    /// The platform's host.
    Platform,
    /// Any host, also one that nobody knows: what probes ask.
    Any,
}

/// The callers that a route allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Auth {
    /// Anybody, without a credential.
    None,
    /// Staff of the shop, whose credential allows this.
    Staff(Access),
    /// The platform's operator, by the operator's token.
    Operator,
    /// Another system, by a credential of the shop's for payments, which opens nothing else.
    Payments,
    /// Staff that has logged in, by the cookie of its session, and who may do this. Who has not is led to the log-in.
    Session(Access),
}

/// A handler: it takes the whole process' context and one request, and gives an answer or a problem.
pub type Handler = Arc<dyn Fn(Arc<Api>, Request) -> BoxFuture<'static, Result<Response, Problem>> + Send + Sync>;

/// The answer of a route with one status.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The answer in words, for who reads the description.
    pub what: &'static str,
    /// Media type and the name of its schema among [`crate::schemas`]; none is an answer without a body.
    pub content: Option<(&'static str, &'static str)>,
    /// Names of headers it carries.
    pub headers: &'static [&'static str],
}

/// The form in which clients of another product's API are told problems, at all addresses under a path of their own.
#[derive(Clone, Copy)]
pub struct Dialect {
    /// The path, without a slash at its end.
    pub under: &'static str,
    /// Makes the answer of a problem.
    pub says: fn(Problem) -> Response,
    /// The answer's media type and the name of its schema.
    pub content: (&'static str, &'static str),
}

/// One row of the table.
#[derive(Clone)]
pub struct Route {
    /// The hosts on which it exists.
    pub host: HostKind,
    /// The method; a GET answers HEAD too.
    pub method: Method,
    /// The path, with `{name}` for each parameter.
    pub path: &'static str,
    /// The callers that it allows.
    pub auth: Auth,
    /// One line for the description.
    pub summary: &'static str,
    /// The body that it takes; `None` is a route that ignores a body.
    pub body: Option<BodyKind>,
    /// Query parameters it knows.
    pub query: Vec<Parameter>,
    /// Answers other than problems, which every route may give.
    pub answers: Vec<Answer>,
    /// Codes' statuses it may give beside those that follow from host, auth, body and method.
    pub problems: &'static [u16],
    /// A page for people: problems are shown as HTML.
    pub page: bool,
    /// Takes a form that comes from a page of ours alone, which is checked before the handler sees it.
    pub own_form: bool,
    /// Takes such a form also without a token: its page is the same for everybody.
    pub tokenless: bool,
    /// Refuses a form that carries a card's number or code before the handler sees it.
    pub no_cards: bool,
    /// The form of problems here and at addresses beside it, where that is not as everywhere.
    pub dialect: Option<Dialect>,
    /// Answered also while a new generation of the tables is folded: it reads none of them.
    pub while_folding: bool,
    /// Takes an `Idempotency-Key`: it sends a command, which is decided once.
    pub keyed: bool,
    /// Takes `If-Match`: it changes an entity that has a version.
    pub versioned: bool,
    /// Longest time until its answer begins.
    pub within: Duration,
    /// The most bytes of its answer that are in memory at once, where that is not as usual.
    pub holds: Option<usize>,
    /// The function that answers.
    pub handler: Handler,
}

/// An entity's usual size, roughly.
const ENTITY_BYTES: usize = 16 * 1024;
/// Longest time until an answer begins: a client waits 2 s for a write and 0.5 s for a view, the rest is for slow dependencies.
const WITHIN: Duration = Duration::from_secs(10);

impl Dialect {
    /// True if the dialect is spoken at an address.
    pub(super) fn is_at(&self, path: &str) -> bool {
        path.strip_prefix(self.under).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

impl Route {
    /// A route of a shop's host that anybody may call; the methods below change that.
    pub fn new<F, Fut>(method: Method, path: &'static str, handler: F) -> Self
    where
        F: Fn(Arc<Api>, Request) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Response, Problem>> + Send + 'static,
    {
        Self {
            host: HostKind::Shop,
            method,
            path,
            auth: Auth::None,
            summary: "",
            body: None,
            query: Vec::new(),
            answers: Vec::new(),
            problems: &[],
            page: false,
            own_form: false,
            tokenless: false,
            no_cards: false,
            dialect: None,
            while_folding: false,
            keyed: false,
            versioned: false,
            within: WITHIN,
            holds: None,
            handler: Arc::new(move |api, request| Box::pin(handler(api, request))),
        }
    }

    /// A route for GET, and so for HEAD.
    pub fn get<F, Fut>(path: &'static str, handler: F) -> Self
    where
        F: Fn(Arc<Api>, Request) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Response, Problem>> + Send + 'static,
    {
        Self::new(Method::GET, path, handler)
    }

    /// One line for the description.
    pub fn says(mut self, summary: &'static str) -> Self {
        self.summary = summary;
        self
    }

    /// Puts the route on the platform's host alone.
    pub fn on_platform(mut self) -> Self {
        self.host = HostKind::Platform;
        self
    }

    /// Puts the route on every host.
    pub fn on_any_host(mut self) -> Self {
        self.host = HostKind::Any;
        self
    }

    /// Allows the route to who belongs to the shop and may do this.
    pub fn for_staff(mut self, access: Access) -> Self {
        self.auth = Auth::Staff(access);
        self
    }

    /// Puts the route on the platform's host, for the operator.
    pub fn for_operator(mut self) -> Self {
        (self.host, self.auth) = (HostKind::Platform, Auth::Operator);
        self
    }

    /// Allows the route to other systems that have a credential of the shop's for payments.
    pub fn for_payments(mut self) -> Self {
        self.auth = Auth::Payments;
        self
    }

    /// Allows the route to staff that has logged in and may do this; a write takes the form of a page that it was shown.
    pub fn for_session(mut self, access: Access) -> Self {
        self.auth = Auth::Session(access);
        self.gives(303, "Where the answer is: the log-in, for who has not logged in.", None).with_headers(&["Location"])
    }

    /// Takes a form of a page of ours, with the token that the page was made with.
    pub fn takes_own_form(mut self) -> Self {
        self.own_form = true;
        self.takes(vec![("application/x-www-form-urlencoded", "Form")], limits::FORM_BYTES)
    }

    /// Takes a form of a page that is the same for everybody and is kept on its way, so that no visitor's token can stand in it: that a
    /// browser says it comes from this very host must do.
    pub fn takes_form_of_all(mut self) -> Self {
        self.tokenless = true;
        self.takes_own_form()
    }

    /// Refuses a form that carries a card's number or code: pages give these to the gateway, and never to us.
    pub fn refuses_cards(mut self) -> Self {
        self.no_cards = true;
        self
    }

    /// A page for people.
    pub fn page(mut self) -> Self {
        self.page = true;
        if self.answers.is_empty() {
            self = self.gives(200, "The page, as HTML.", Some(("text/html", "Html")));
        }
        self
    }

    /// Speaks another product's dialect.
    pub fn speaking(mut self, dialect: Dialect) -> Self {
        self.dialect = Some(dialect);
        self
    }

    /// Answers also while a new generation of the tables is folded.
    pub fn while_folding(mut self) -> Self {
        self.while_folding = true;
        self
    }

    /// Takes JSON of this schema, up to the contract's 4 MiB.
    pub fn takes_json(self, schema: &'static str) -> Self {
        self.takes(vec![("application/json", schema)], limits::JSON_BODY_BYTES)
    }

    /// Takes any of these media types, each with its schema's name.
    pub fn takes(mut self, content: Vec<(&'static str, &'static str)>, limit: usize) -> Self {
        self.body = Some(BodyKind { content, limit, streamed: false, any_type: false });
        self
    }

    /// Takes a body of any length up to `limit`, which the handler reads as it comes ([`Request::stream`]).
    pub fn streams(mut self, content: Vec<(&'static str, &'static str)>, limit: usize) -> Self {
        self.body = Some(BodyKind { content, limit, streamed: true, any_type: false });
        self
    }

    /// Takes this media type as well.
    pub fn or_takes(mut self, media: &'static str, schema: &'static str) -> Self {
        if let Some(body) = &mut self.body {
            body.content.push((media, schema));
        }
        self
    }

    /// Looks at the body's bytes, whatever type its header gives.
    pub fn of_any_type(mut self) -> Self {
        if let Some(body) = &mut self.body {
            body.any_type = true;
        }
        self
    }

    /// Knows these query parameters.
    pub fn query(mut self, parameters: impl IntoIterator<Item = Parameter>) -> Self {
        self.query.extend(parameters);
        self
    }

    /// Gives JSON of this schema with 200.
    pub fn gives_json(self, what: &'static str, schema: &'static str) -> Self {
        self.gives(200, what, Some(("application/json", schema)))
    }

    /// Gives this for a status.
    pub fn gives(mut self, status: u16, what: &'static str, content: Option<(&'static str, &'static str)>) -> Self {
        self.answers.push(Answer { status, what, content, headers: &[] });
        self
    }

    /// The answer named last carries these headers.
    pub fn with_headers(mut self, headers: &'static [&'static str]) -> Self {
        if let Some(answer) = self.answers.last_mut() {
            answer.headers = headers;
        }
        self
    }

    /// May give these problem statuses beside the usual ones.
    pub fn problems(mut self, statuses: &'static [u16]) -> Self {
        self.problems = statuses;
        self
    }

    /// Sends a command; the same `Idempotency-Key` gets the same answer.
    pub fn keyed(mut self) -> Self {
        self.keyed = true;
        self
    }

    /// Changes an entity with a version, which `If-Match` may name.
    pub fn versioned(mut self) -> Self {
        self.versioned = true;
        self
    }

    /// Sets the time in which the answer must begin.
    pub fn within(mut self, within: Duration) -> Self {
        self.within = within;
        self
    }

    /// Sets how many bytes of its answer are in memory at once, at most: of one that goes on for long there are few.
    pub fn holds(mut self, bytes: usize) -> Self {
        self.holds = Some(bytes);
        self
    }

    /// The names of its path's parameters, in order.
    pub fn path_parameters(&self) -> impl Iterator<Item = &'static str> {
        self.path.split('/').filter_map(parameter_name)
    }

    /// The most bytes of its answer, about, where nobody has made it yet: a page's or a list's, or one entity's. A
    /// larger one takes its room once it is there.
    pub(super) fn answer_bytes(&self) -> usize {
        let listed = self.query.iter().any(|parameter| parameter.name == "limit");
        self.holds.unwrap_or(if self.page || listed { limits::PAGE_BYTES } else { ENTITY_BYTES })
    }

    /// True if the route is part of the API, whose unknown query parameters are refused and whose problems are JSON.
    pub fn is_api(&self) -> bool {
        self.path.starts_with("/api/")
    }
}

/// The name of a path segment that is a parameter.
pub(super) fn parameter_name(segment: &'static str) -> Option<&'static str> {
    segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'))
}
