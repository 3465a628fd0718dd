//! Dispatch of a request at a known path: host, method, credential, parameters, body, and then the handler.

use std::{net::IpAddr, sync::Arc, time::Instant};

use feira_schemas::{ids::TenantId, problem::Code};
use http::{HeaderValue, Method, StatusCode, header};
use percent_encoding::percent_decode_str;
use tokio::time::timeout;

use super::{
    body, cors, domains,
    https::{self, Forced},
    panels, positions,
    query::Query,
    raw::{Endpoint, Raw, Side},
    request::{Request, reference_of},
    route::{Auth, HostKind, Route},
};
use crate::{
    context::{Api, ErrorPage},
    forms::Form,
    problem::{Look, Problem},
    quotas::Left,
    raw_cards,
    reply::{self, Response},
    room::TakenRoom,
    sessions::{self, Holder, KEY_FIELD, Session, TOKEN_FIELD, VERSION_FIELD},
    staff::Staff,
    standing, tokens,
};

/// Longest path parameter: any id or slug is far below it.
const PARAMETER_BYTES: usize = 1_024;

/// The place that a request's host leads to.
enum Place {
    Tenant(TenantId),
    Unknown,
}

/// Whoever asks, once it is known to be allowed to.
struct Caller {
    /// The name of the actor in records.
    actor: String,
    session: Option<Session>,
    staff: Option<Staff>,
    client: Option<IpAddr>,
}

/// Answers a request at a path of the table.
pub(super) async fn answer(api: Arc<Api>, endpoint: &Endpoint, params: Vec<String>, side: Side, raw: Raw) -> Response {
    let wanted = if raw.method == Method::HEAD { &Method::GET } else { &raw.method };
    let route = endpoint.routes.iter().find(|route| route.method == *wanted);
    if !api.platform.generations.tables_are_whole() && !route.is_some_and(|route| route.while_folding) {
        return refuse_while_folding(api, raw).await;
    }
    let any = route.is_some_and(|route| route.host == HostKind::Any);
    let api = if raw.headers.contains_key(positions::AT_LEAST) { api.past_caches() } else { api };
    let tenant = match place(&api, side, any, &raw).await {
        Ok(Place::Tenant(tenant)) => tenant,
        Ok(Place::Unknown) => return refuse(api, raw, None, unknown_host()).await,
        Err(problem) => return refuse(api, raw, None, problem).await,
    };
    // What probes ask comes from within, by whatever host they know.
    if !any && let Some(forced) = https::forced(&api.config.platform_domain, &raw) {
        return by_https(api, raw, tenant, forced).await;
    }
    let strict = https::strict(&api.config.platform_domain, &raw.headers);
    let origin = cors::is_open(endpoint.path).then(|| raw.headers.get(header::ORIGIN).cloned());
    let mut response = of_tenant(Arc::clone(&api), endpoint, params, tenant, raw).await;
    if let Some(origin) = origin {
        cors::write(&api, tenant, origin, &mut response).await;
    }
    keep_to_https(strict, &mut response);
    response
}

/// Answers a request that came without https where that is asked for.
async fn by_https(api: Arc<Api>, raw: Raw, tenant: TenantId, forced: Forced) -> Response {
    match forced {
        Forced::Refused(problem) => refuse(api, raw, Some(tenant), problem).await,
        Forced::Moved(response) => {
            body::drain(raw.body).await;
            measure("none", &raw.method, response.status(), Instant::now());
            response
        }
    }
}

fn keep_to_https(strict: Option<HeaderValue>, response: &mut Response) {
    if let Some(strict) = strict {
        response.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, strict);
    }
}

async fn of_tenant(api: Arc<Api>, endpoint: &Endpoint, params: Vec<String>, tenant: TenantId, raw: Raw) -> Response {
    if panels::are_elsewhere(&api, tenant, &raw) {
        return Box::pin(to_sub_domain(api, tenant, raw)).await;
    }
    let started = Instant::now();
    let head = raw.method == Method::HEAD;
    let wanted = if head { &Method::GET } else { &raw.method };
    let route = endpoint.routes.iter().find(|route| route.method == *wanted);
    if raw.method == Method::OPTIONS && cors::is_open(endpoint.path) {
        return match api.quotas.anonymous(shop(tenant), raw.client) {
            Ok(_) => cors::options(&methods_of(endpoint)),
            Err(problem) => refuse(api, raw, Some(tenant), problem).await,
        };
    }
    let Some(route) = route else {
        let problem = method_not_allowed(endpoint);
        return refuse(api, raw, Some(tenant), problem).await;
    };
    match domains::elsewhere(&api, tenant, route, &raw).await {
        Ok(None) => {}
        Ok(Some(address)) => return Box::pin(to_main_domain(raw, &address)).await,
        Err(problem) => return refuse(api, raw, Some(tenant), problem).await,
    }
    let (name, method) = (route.path, route.method.clone());
    let takes_page = route.page && takes_page(&raw.headers);
    let page = takes_page.then(|| error_page(&api, &raw.headers, Some(tenant), name, unavailable_in_time()));
    let counted = match route.auth {
        Auth::None if route.host != HostKind::Any => api.quotas.anonymous(shop(tenant), raw.client),
        // What probes ask must be answered, and who has a credential is counted once it is known to be good.
        _ => Ok(Left::default()),
    };
    let mut left = match counted {
        Ok(left) => left,
        Err(problem) => return refuse(api, raw, Some(tenant), problem).await,
    };
    let room = match route.host {
        HostKind::Any => None,
        _ => match api.room.answer(tenant, route.answer_bytes()).await {
            Ok(room) => Some(TakenRoom::new(room)),
            Err(problem) => return refuse(api, raw, Some(tenant), problem).await,
        },
    };
    let answered = timeout(route.within, handle(&api, route, tenant, params, raw, &mut left)).await;
    let mut response = match (answered.unwrap_or_else(|_| Err(unavailable_in_time())), page) {
        (Ok(response), _) => response,
        (Err(problem), Some(page)) => (api.error_page)(Arc::clone(&api), ErrorPage { problem, ..page }).await,
        (Err(problem), None) => match route.dialect {
            Some(dialect) => (dialect.says)(problem),
            None => problem.into_response(),
        },
    };
    if head {
        reply::without_body(&mut response);
    }
    if route.is_api() {
        left.write(response.headers_mut());
    }
    if let Some(room) = room {
        response.extensions_mut().insert(room);
    }
    measure(name, &method, response.status(), started);
    response
}

/// Leads what is asked for at a shop's panel on the shop's own domain to the sub-domain.
async fn to_sub_domain(api: Arc<Api>, tenant: TenantId, raw: Raw) -> Response {
    match panels::address(&api, tenant, &raw).await {
        Ok(address) => {
            let response = reply::see_other(&address);
            body::drain(raw.body).await;
            measure("none", &raw.method, response.status(), Instant::now());
            response
        }
        Err(problem) => refuse(api, raw, Some(tenant), problem).await,
    }
}

/// Leads what is asked for at one host of a shop to the one at which it lives.
async fn to_main_domain(raw: Raw, address: &str) -> Response {
    let response = reply::moved_for_good(address);
    body::drain(raw.body).await;
    measure("none", &raw.method, response.status(), Instant::now());
    response
}

/// Answers a request at a path that is not in the table.
pub(super) async fn nothing_here(api: Arc<Api>, side: Side, raw: Raw) -> Response {
    if !api.platform.generations.tables_are_whole() {
        return refuse_while_folding(api, raw).await;
    }
    let problem = Problem::no_such_address();
    match place(&api, side, false, &raw).await {
        Ok(Place::Tenant(tenant)) => {
            let strict = https::strict(&api.config.platform_domain, &raw.headers);
            let mut response = if panels::are_elsewhere(&api, tenant, &raw) {
                Box::pin(to_sub_domain(api, tenant, raw)).await
            } else {
                let problem = api.quotas.anonymous(shop(tenant), raw.client).err().unwrap_or(problem);
                refuse(api, raw, Some(tenant), problem).await
            };
            keep_to_https(strict, &mut response);
            response
        }
        Ok(Place::Unknown) => refuse(api, raw, None, unknown_host()).await,
        Err(problem) => refuse(api, raw, None, problem).await,
    }
}

async fn place(api: &Api, side: Side, any: bool, raw: &Raw) -> Result<Place, Problem> {
    if any || side == Side::Platform {
        return Ok(Place::Tenant(TenantId::PLATFORM));
    }
    Ok(api.hosts.tenant(&api.platform.state, &raw.headers).await?.map_or(Place::Unknown, Place::Tenant))
}

async fn handle(
    api: &Arc<Api>,
    route: &Route,
    tenant: TenantId,
    params: Vec<String>,
    raw: Raw,
    left: &mut Left,
) -> Result<Response, Problem> {
    let (mut body, client) = (Some(raw.body), raw.client);
    let caller = match admit(api, route, tenant, client, &raw.headers, left).await {
        Ok(None) => {
            if let Some(body) = body.take() {
                body::drain(body).await;
            }
            return Ok(reply::see_other(&sessions::login(tenant, &raw.method, &raw.path, &raw.query)));
        }
        Ok(Some(caller)) => Ok(caller),
        Err(problem) => Err(problem),
    };
    let prepared =
        caller.and_then(|caller| prepare(api, route, tenant, caller, raw.path, params, &raw.query, raw.headers));
    let mut request = match prepared {
        Ok(request) => request,
        Err(problem) => {
            if let Some(body) = body.take() {
                body::drain(body).await;
            }
            return Err(problem);
        }
    };
    match (&route.body, body) {
        (Some(kind), Some(body)) if kind.streamed => request.stream = Some(body),
        (Some(kind), Some(body)) => {
            request.body = body::collect(body, kind, &request.headers, &mut request.room).await?;
            if route.own_form {
                take_form(api, route, &mut request).await?;
            }
        }
        _ => {}
    }
    (route.handler)(Arc::clone(api), request).await
}

/// Reads the form of a page of ours: its token is this session's, or this visitor's, unless its page has none. The key that the page was made with is the
/// request's `Idempotency-Key`, and the version that it showed is its `If-Match`.
async fn take_form(api: &Api, route: &Route, request: &mut Request) -> Result<(), Problem> {
    let content_type = request.header(header::CONTENT_TYPE.as_str()).unwrap_or_default();
    let form = Form::read(content_type, &request.body).await?;
    if route.no_cards {
        raw_cards::check_form(route.path, &form)?;
    }
    let holder = match &request.session {
        Some(session) => session.holder(),
        None => Holder::Visitor(sessions::known_visitor(&request.headers).unwrap_or_default()),
    };
    if !route.tokenless {
        holder.check(api, form.said(TOKEN_FIELD))?;
    }
    let key = form.said(KEY_FIELD).map(HeaderValue::try_from);
    if let Some(Ok(key)) = key {
        request.headers.insert("idempotency-key", key);
    }
    let version = form.said(VERSION_FIELD).map(|version| HeaderValue::try_from(format!("\"{version}\"")));
    if let Some(Ok(version)) = version {
        request.headers.insert(header::IF_MATCH, version);
    }
    request.form = form;
    Ok(())
}

/// Admits whoever asks, by the credential that the route wants; counted for its quota. `None` has to log in first.
async fn admit(
    api: &Api,
    route: &Route,
    tenant: TenantId,
    client: Option<IpAddr>,
    headers: &http::HeaderMap,
    left: &mut Left,
) -> Result<Option<Caller>, Problem> {
    if opens_a_shop(&route.auth)
        && let Err(closed) = standing::check_not_closed(api, tenant).await
    {
        *left = api.quotas.anonymous(shop(tenant), client)?;
        return Err(closed);
    }
    let known = |actor: String| -> Result<Option<Caller>, Problem> {
        Ok(Some(Caller { actor, session: None, staff: None, client }))
    };
    let refused = match route.auth {
        Auth::None => return known("buyer".to_owned()),
        Auth::Operator => match tokens::operator(api, headers) {
            Ok(operator) => return known(operator),
            Err(problem) => problem,
        },
        Auth::Session(access) => match sessions::find(api, tenant, headers).await? {
            Some(session) => {
                let actor = session.actor();
                *left = api.quotas.staff(tenant, &actor)?;
                sessions::check(access, &session.permissions)?;
                return Ok(Some(Caller { actor, session: Some(session), staff: None, client }));
            }
            None => {
                *left = api.quotas.anonymous(shop(tenant), client)?;
                return Ok(None);
            }
        },
        Auth::Staff(access) => match tokens::staff(api, tenant, headers).await {
            Ok(staff) => {
                *left = api.quotas.staff(tenant, &staff.actor)?;
                staff.may(access)?;
                return Ok(Some(Caller { actor: staff.actor.clone(), session: None, staff: Some(staff), client }));
            }
            Err(problem) => problem,
        },
        Auth::Payments => match tokens::payments(api, tenant, headers).await {
            Ok(system) => {
                *left = api.quotas.staff(tenant, &system)?;
                return known(system);
            }
            Err(problem) => problem,
        },
    };
    // Who tries credentials has none.
    *left = api.quotas.anonymous(shop(tenant), client)?;
    Err(refused)
}

/// True of what somebody gets into a shop by: nobody gets into one that is closed for good.
fn opens_a_shop(auth: &Auth) -> bool {
    match auth {
        Auth::None | Auth::Operator => false,
        Auth::Session(_) | Auth::Staff(_) | Auth::Payments => true,
    }
}

#[allow(clippy::too_many_arguments)] // The parts of a request, which is what is made of them.
fn prepare(
    api: &Api,
    route: &Route,
    tenant: TenantId,
    caller: Caller,
    path: String,
    params: Vec<String>,
    query: &str,
    headers: http::HeaderMap,
) -> Result<Request, Problem> {
    let params = params.iter().map(|param| decode(param)).collect::<Option<Vec<_>>>();
    let params = params.ok_or_else(Problem::no_such_address)?;
    let query = Query::parse(query, &route.query, route.is_api())?;
    // Writes name it too: what they look up before they send is read like any other row.
    let at_least = positions::positions(&headers, api.platform.partitions)?;
    if route.own_form {
        sessions::check_origin(&headers)?;
    }
    if let Some(kind) = &route.body {
        body::check_encoding(&headers)?;
        body::check_type(kind, &headers)?;
    }
    let traceparent = traceparent(&headers);
    let Caller { actor, session, staff, client } = caller;
    Ok(Request {
        tenant,
        actor,
        session,
        staff,
        client,
        method: route.method.clone(),
        route: route.path,
        path,
        params,
        query,
        headers,
        body: bytes::Bytes::new(),
        form: Form::default(),
        stream: None,
        room: api.room.body(tenant),
        at_least,
        traceparent,
    })
}

fn decode(param: &str) -> Option<String> {
    let decoded = percent_decode_str(param).decode_utf8().ok()?;
    (decoded.len() <= PARAMETER_BYTES).then(|| decoded.into_owned())
}

/// Version 00 of W3C Trace Context: anything else is not passed on into records.
fn traceparent(headers: &http::HeaderMap) -> Option<String> {
    let text = headers.get("traceparent")?.to_str().ok()?;
    let lengths: Vec<usize> = text.split('-').map(str::len).collect();
    let hex = text.bytes().all(|byte| byte == b'-' || byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    (hex && lengths == [2, 32, 16, 2]).then(|| text.to_owned())
}

/// Answers with a problem where no handler was reached: as JSON under `/api` and to who takes no page, in the dialect that is spoken at
/// the address, else as a page.
async fn refuse(api: Arc<Api>, raw: Raw, tenant: Option<TenantId>, problem: Problem) -> Response {
    body::drain(raw.body).await;
    let mut response = if raw.path == "/api" || raw.path.starts_with("/api/") {
        problem.into_response()
    } else if let Some(dialect) = raw.dialect {
        (dialect.says)(problem)
    } else if !takes_page(&raw.headers) {
        problem.into_response()
    } else {
        let page = error_page(&api, &raw.headers, tenant, &raw.path, problem);
        (api.error_page)(Arc::clone(&api), page).await
    };
    if raw.method == Method::HEAD {
        reply::without_body(&mut response);
    }
    measure("none", &raw.method, response.status(), Instant::now());
    response
}

/// True for who takes a page (RFC 9110, 12.5.1): browsers name HTML, who names nothing takes anything, and a program that names JSON
/// besides anything wants that.
fn takes_page(headers: &http::HeaderMap) -> bool {
    let lines: Vec<&str> = headers.get_all(header::ACCEPT).iter().filter_map(|line| line.to_str().ok()).collect();
    let ranges: Vec<&str> = lines.iter().flat_map(|line| line.split(',')).filter_map(taken_range).collect();
    let names = |kinds: &[&str]| ranges.iter().any(|range| kinds.iter().any(|kind| range.eq_ignore_ascii_case(kind)));
    let names_json = names(&["application/json", "application/problem+json"]);
    lines.is_empty() || names(&["text/html", "application/xhtml+xml", "text/*"]) || (names(&["*/*"]) && !names_json)
}

/// The media range of a part of `Accept`; none of one that its quality of 0 refuses.
fn taken_range(part: &str) -> Option<&str> {
    let mut pieces = part.split(';').map(str::trim);
    let range = pieces.next()?;
    let quality = pieces.find_map(|piece| piece.strip_prefix("q=").or_else(|| piece.strip_prefix("Q=")));
    let is_refused = quality.is_some_and(|quality| quality.trim().parse::<f32>().is_ok_and(|quality| quality <= 0.0));
    (!is_refused).then_some(range)
}

/// An error that a person sees at an address of a tenant, or of an unknown host.
fn error_page(
    api: &Api,
    headers: &http::HeaderMap,
    tenant: Option<TenantId>,
    path: &str,
    problem: Problem,
) -> ErrorPage {
    let panel = tenant.map(sessions::panel_of).filter(|panel| sessions::is_below(panel, path));
    let look = match (panel, tenant) {
        (Some(panel), _) => Look::Panel(panel),
        // What is said for all hosts is the platform's, and leads to the site on its own host alone.
        (None, Some(tenant)) if tenant == TenantId::PLATFORM && api.hosts.is_platform(headers) => Look::Site,
        (None, _) => Look::Plain,
    };
    let reference = reference_of(headers);
    let cart = sessions::cart_of(headers).map(str::to_owned);
    ErrorPage { tenant: tenant.and_then(shop), unknown_host: tenant.is_none(), look, cart, problem, reference }
}

fn shop(tenant: TenantId) -> Option<TenantId> {
    (tenant != TenantId::PLATFORM).then_some(tenant)
}

/// A table that holds a part of its rows would say of the others that they do not exist. The page is the platform's: the shop's own
/// rows are among those.
async fn refuse_while_folding(api: Arc<Api>, raw: Raw) -> Response {
    let detail = "Estamos preparando os dados para uma nova versão. Tente de novo em alguns minutos.";
    refuse(api, raw, Some(TenantId::PLATFORM), Problem::new(Code::Unavailable, detail)).await
}

fn unknown_host() -> Problem {
    Problem::new(Code::NotFound, "Não há loja neste endereço. Confira se ele está escrito certo.")
}

fn unavailable_in_time() -> Problem {
    Problem::new(Code::Unavailable, "O serviço demorou demais para responder. Tente de novo em instantes.")
}

fn method_not_allowed(endpoint: &Endpoint) -> Problem {
    Problem::method_not_allowed(&methods_of(endpoint))
}

/// The methods that a path takes, as `Allow` names them.
fn methods_of(endpoint: &Endpoint) -> String {
    let mut methods: Vec<&str> = endpoint.routes.iter().map(|route| route.method.as_str()).collect();
    if methods.contains(&"GET") {
        methods.push("HEAD");
    }
    if cors::is_open(endpoint.path) {
        methods.push("OPTIONS");
    }
    methods.join(", ")
}

/// Counts an answer, and the time that it took.
pub(crate) fn measure(route: &'static str, method: &Method, status: StatusCode, started: Instant) {
    metrics::counter!("feira_http_requests_total", "route" => route, "method" => known(method), "status" => class(status))
        .increment(1);
    metrics::histogram!("feira_http_request_duration_seconds", "route" => route)
        .record(started.elapsed().as_secs_f64());
}

/// A method as a label. Whoever asks chooses it: only known ones become one.
fn known(method: &Method) -> &'static str {
    const KNOWN: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    KNOWN.into_iter().find(|known| method == known).unwrap_or("other")
}

/// A status' class as a label.
fn class(status: StatusCode) -> &'static str {
    match status.as_u16() / 100 {
        1 => "1xx",
        2 => "2xx",
        3 => "3xx",
        4 => "4xx",
        _ => "5xx",
    }
}
