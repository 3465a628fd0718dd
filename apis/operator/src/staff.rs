//! The platform's own staff, which logs in at `/operator`: invited, listed, changed, given a link to choose a password.
//!
//! A text that somebody typed is sealed here, before the command is sent, and opened for the length of an answer, which nobody on
//! the way keeps. A link is shown once: it is made of the decision, so that a request that is repeated with its key
//! shows the same one.

use std::sync::{Arc, LazyLock};

use feira_schemas::{
    api::staff::{StaffBody, link_fields, schemas, staff_change, staff_content},
    ids::{Micros, TenantId},
    problem::Code,
    records::{
        admin::{StaffMember, StaffStatus},
        common::Outcome,
    },
    refusals,
};
use feira_web::{
    commands::KEPT,
    context::Api,
    cursor, json as bodies, members,
    problem::Problem,
    reads, reply,
    reply::Response,
    routing::{Request, Route},
    team,
    writes::{self, Decided, NotDecided},
};
use http::{HeaderValue, Method, StatusCode, header};
use serde_json::{Value, json};

const ALL: &str = "/api/operator/v1/staff";
const ONE: &str = "/api/operator/v1/staff/{id}";
const LINK: &str = "/api/operator/v1/staff/{id}/link";
const SESSIONS: &str = "/api/operator/v1/staff/{id}/sessions/end";
/// Operators belong to the platform itself.
const PLATFORM: TenantId = TenantId::PLATFORM;
/// Bytes of a member's body: an address, a name and some words.
pub(super) const BODY_BYTES: usize = 16 * 1024;

/// The JSON schemas that bodies are checked against.
static BODIES: LazyLock<bodies::Schemas> = LazyLock::new(|| bodies::Schemas::new(schemas()));

/// The routes of the platform's staff.
pub fn routes() -> Vec<Route> {
    let written = |route: Route| {
        let route = route.for_operator().keyed().gives(200, "The member.", json_of("StaffMember"));
        let route = route.with_headers(&["ETag", "Feira-Position"]);
        route.gives(202, KEPT, json_of("PendingCommand")).with_headers(&["Location"])
    };
    vec![
        Route::get(ALL, list)
            .for_operator()
            .query([reads::AFTER, reads::LIMIT])
            .gives(200, "A page of members, oldest first.", json_of("StaffPage"))
            .problems(&[409])
            .says("Lists the platform's staff, those that are disabled among them."),
        Route::new(Method::POST, ALL, invite)
            .for_operator()
            .keyed()
            .takes(vec![("application/json", "StaffBody")], BODY_BYTES)
            .gives(201, "The new member, and the link by which it chooses its password.", json_of("StaffInvited"))
            .with_headers(&["Location", "ETag", "Feira-Position"])
            .gives(200, "The member that was invited already, as it is, and a new link.", json_of("StaffInvited"))
            .with_headers(&["Location", "ETag", "Feira-Position"])
            .gives(202, KEPT, json_of("PendingCommand"))
            .with_headers(&["Location"])
            .says("Invites somebody to the platform's staff, and shows the link by which a password is chosen."),
        Route::get(ONE, read)
            .for_operator()
            .gives(200, "The member.", json_of("StaffMember"))
            .with_headers(&["ETag"])
            .problems(&[409])
            .says("Reads a member of the platform's staff."),
        written(Route::new(Method::PATCH, ONE, patch))
            .versioned()
            .takes(vec![("application/merge-patch+json", "StaffPatch"), ("application/json", "StaffPatch")], BODY_BYTES)
            .says("Changes a member's name, roles or state. One that is disabled is logged out."),
        Route::new(Method::POST, LINK, link)
            .for_operator()
            .gives(200, "A link by which the member chooses its password.", json_of("StaffLink"))
            .problems(&[409])
            .says("Makes a link by which a member chooses its password: the first one, or another."),
        written(Route::new(Method::POST, SESSIONS, end_sessions)).says("Ends every session of a member."),
    ]
}

pub(super) fn json_of(schema: &'static str) -> Option<(&'static str, &'static str)> {
    Some(("application/json", schema))
}

async fn list(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let all = team::all(&api, &request).await?;
    let key = |member: &StaffMember| (member.created_at, member.staff_id);
    let (page, next) = cursor::page(&all, key, "staff", request.query.text("after"), reads::limit(&request))?;
    let mut items = Vec::with_capacity(page.len());
    for member in page {
        items.push(members::shown(&api, PLATFORM, member).await?);
    }
    Ok(private(StatusCode::OK, &json!({"items": items, "next": next, "total": all.len()})))
}

async fn read(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let member = team::present(&api, &request).await?;
    let mut response = private(StatusCode::OK, &members::shown(&api, PLATFORM, &member).await?);
    response.headers_mut().insert(header::ETAG, reply::etag(member.version));
    Ok(response)
}

async fn invite(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let body: StaffBody = bodies::read(&BODIES, &request.body, "StaffBody")?;
    let content = staff_content(body).map_err(Problem::fields)?;
    let (member, decided) = match team::invite(&api, &request, PLATFORM, content).await {
        Ok(invited) => invited,
        Err(not_decided) => return writes::not_answered(not_decided),
    };
    let mut shown = members::shown(&api, PLATFORM, &member).await?;
    // Its end counts from the decision, which a request that is repeated with its key is answered with as well.
    for (name, value) in link_to(&api, &request, &member, decided.position.write_ts) {
        shown[name] = value;
    }
    let status = if decided.outcome == Outcome::Created { StatusCode::CREATED } else { StatusCode::OK };
    let mut response = of_decided(status, &shown, &member, &decided);
    if let Ok(address) = HeaderValue::try_from(format!("{ALL}/{}", member.staff_id)) {
        response.headers_mut().insert(header::LOCATION, address);
    }
    Ok(response)
}

async fn patch(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let patch = bodies::read_patch(&BODIES, &request.body, "StaffPatch")?;
    let change = staff_change(&patch).map_err(Problem::fields)?;
    let staff_id = team::present(&api, &request).await?.staff_id;
    changed(&api, team::change(&api, &request, staff_id, change).await).await
}

async fn end_sessions(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let staff_id = team::present(&api, &request).await?.staff_id;
    changed(&api, team::end_sessions(&api, &request, staff_id).await).await
}

async fn link(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let member = team::present(&api, &request).await?;
    if !matches!(member.status, StaffStatus::Invited | StaffStatus::Active) {
        return Err(Problem::new(Code::StaffDisabled, refusals::STAFF_DISABLED));
    }
    let fields = link_to(&api, &request, &member, api.platform.now());
    let fields = fields.into_iter().map(|(name, value)| (name.to_owned(), value));
    Ok(private(StatusCode::OK, &Value::Object(fields.collect())))
}

/// A change of a member as it is answered.
async fn changed(api: &Api, submitted: Result<(StaffMember, Decided), NotDecided>) -> Result<Response, Problem> {
    match submitted {
        Ok((member, decided)) => {
            let shown = members::shown(api, PLATFORM, &member).await?;
            Ok(of_decided(StatusCode::OK, &shown, &member, &decided))
        }
        Err(not_decided) => writes::not_answered(not_decided),
    }
}

/// The fields of the link by which a member chooses its password.
fn link_to(api: &Api, request: &Request, member: &StaffMember, made_at: Micros) -> [(&'static str, Value); 2] {
    let (address, until) = team::link_to(api, request, member, made_at);
    link_fields(address, until)
}

/// JSON that nobody on the way keeps: it has personal data or a secret in it.
pub(super) fn private(status: StatusCode, json: &Value) -> Response {
    let mut response = reply::with_status(status, json);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

pub(super) fn of_decided(status: StatusCode, json: &Value, member: &StaffMember, decided: &Decided) -> Response {
    let mut response = private(status, json);
    response.headers_mut().insert(header::ETAG, reply::etag(member.version));
    writes::with_position(&mut response, decided.position);
    response
}
