//! The platform's own staff, which logs in at `/operator`: invited, listed, changed, given a link to choose a password.
//!
//! A text that somebody typed is sealed here, before the command is sent, and opened for the length of an answer, which nobody on
//! the way keeps. A link is shown once: it is made of the decision, so that a request that is repeated with its key
//! shows the same one.

use std::sync::{Arc, LazyLock};

use feira_connectors::keyring::Sealer;
use feira_schemas::{
    api::staff::{StaffBody, link_fields, schemas, staff_change, staff_content},
    ids::{Micros, StaffId, TenantId},
    limits,
    problem::Code,
    records::{
        AdminCommand,
        admin::{ChangeStaff, EndStaffSessions, InviteStaff, StaffMember, StaffStatus},
        common::{CommandMeta, Outcome},
    },
    refusals,
    rows::admin::StaffRow,
    sealed::{Subject, SubjectKind},
    staff::{OPERATORS_LINK, StaffLink, email_term},
    topics::Context,
};
use feira_web::{
    commands::KEPT,
    context::Api,
    cursor, hosts, json as bodies, members,
    payments::entity_of,
    problem::Problem,
    reads, reply,
    reply::Response,
    routing::{Request, Route},
    writes::{self, Decided},
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
const BODY_BYTES: usize = 16 * 1024;

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

fn json_of(schema: &'static str) -> Option<(&'static str, &'static str)> {
    Some(("application/json", schema))
}

async fn list(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    reads::point(&api, &request, Context::Admin).await?;
    let rows = api.platform.state.scan::<StaffRow>(&StaffRow::all(PLATFORM), None, limits::STAFF).await?;
    let mut all: Vec<StaffMember> = rows.into_iter().map(|row| row.staff).collect();
    let key = |member: &StaffMember| (member.created_at, member.staff_id);
    all.sort_by_key(key);
    let (page, next) = cursor::page(&all, key, "staff", request.query.text("after"), reads::limit(&request))?;
    let mut items = Vec::with_capacity(page.len());
    for member in page {
        items.push(members::shown(&api, PLATFORM, member).await?);
    }
    Ok(private(StatusCode::OK, &json!({"items": items, "next": next, "total": all.len()})))
}

async fn read(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let member = present(&api, &request).await?;
    let mut response = private(StatusCode::OK, &members::shown(&api, PLATFORM, &member).await?);
    response.headers_mut().insert(header::ETAG, reply::etag(member.version));
    Ok(response)
}

async fn invite(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let body: StaffBody = bodies::read(&BODIES, &request.body, "StaffBody")?;
    let content = staff_content(body).map_err(Problem::fields)?;
    let email_term = email_term(&api.config.secrets, PLATFORM, &content.email).map_err(Problem::internal)?;
    let meta = CommandMeta { expected_version: None, ..writes::personal_meta(&api, &request, PLATFORM)? };
    let staff_id = StaffId::from_uuid(meta.command_id.uuid());
    let sealer = sealer_of(&api, staff_id).await?;
    let (email, name) = (sealer.seal(&content.email)?, sealer.seal(&content.name)?);
    let command = InviteStaff { meta, staff_id, email, email_term, name, roles: content.roles };
    let decided = match writes::send(&api, &request, AdminCommand::InviteStaff(command)).await {
        Ok(decided) => decided,
        Err(not_decided) => return writes::not_answered(not_decided),
    };
    let member = entity_of::<StaffMember>(&decided.body)?;
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
    let staff_id = present(&api, &request).await?.staff_id;
    let name = match &change.name {
        Some(name) => Some(sealer_of(&api, staff_id).await?.seal(name)?),
        None => None,
    };
    let meta = writes::personal_meta(&api, &request, PLATFORM)?;
    let command = ChangeStaff { meta, staff_id, roles: change.roles, status: change.status, name };
    changed(&api, &request, AdminCommand::ChangeStaff(command)).await
}

async fn end_sessions(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let staff_id = present(&api, &request).await?.staff_id;
    let meta = CommandMeta { expected_version: None, ..writes::meta(&api, &request, PLATFORM)? };
    changed(&api, &request, AdminCommand::EndStaffSessions(EndStaffSessions { meta, staff_id })).await
}

async fn link(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let member = present(&api, &request).await?;
    if !matches!(member.status, StaffStatus::Invited | StaffStatus::Active) {
        return Err(Problem::new(Code::StaffDisabled, refusals::STAFF_DISABLED));
    }
    let fields = link_to(&api, &request, &member, api.platform.now());
    let fields = fields.into_iter().map(|(name, value)| (name.to_owned(), value));
    Ok(private(StatusCode::OK, &Value::Object(fields.collect())))
}

/// Sends a change of a member, and answers with the member.
async fn changed(api: &Api, request: &Request, command: AdminCommand) -> Result<Response, Problem> {
    match writes::send(api, request, command).await {
        Ok(decided) => {
            let member = entity_of::<StaffMember>(&decided.body)?;
            let shown = members::shown(api, PLATFORM, &member).await?;
            Ok(of_decided(StatusCode::OK, &shown, &member, &decided))
        }
        Err(not_decided) => writes::not_answered(not_decided),
    }
}

/// The member that the path names, as it is at the position that the request asks for.
async fn present(api: &Api, request: &Request) -> Result<StaffMember, Problem> {
    let none = || Problem::new(Code::NotFound, refusals::NO_SUCH_MEMBER);
    let staff_id: StaffId = request.param(0).parse().map_err(|_| none())?;
    reads::point(api, request, Context::Admin).await?;
    let row = api.platform.state.get::<StaffRow>(&StaffRow::at(PLATFORM, staff_id)).await?;
    row.map(|row| row.staff).ok_or_else(none)
}

/// A key for what a member typed. It is durable before this returns, so what it seals may enter a record.
async fn sealer_of(api: &Api, staff_id: StaffId) -> Result<Sealer, Problem> {
    Ok(api.keyring.mint(PLATFORM, Subject::new(SubjectKind::Staff, staff_id.uuid())).await?)
}

/// The fields of the link by which a member chooses its password: its address on the platform's host, by the scheme and
/// port that the request came by, and its end.
fn link_to(api: &Api, request: &Request, member: &StaffMember, made_at: Micros) -> [(&'static str, Value); 2] {
    let link = StaffLink::for_password(PLATFORM, member, made_at);
    let (scheme, port) = (hosts::scheme(&request.headers), hosts::port(&request.headers));
    let (domain, text) = (&api.config.platform_domain, link.write(&api.config.secrets));
    link_fields(format!("{scheme}://{domain}{port}{OPERATORS_LINK}?t={text}"), link.until)
}

/// JSON that nobody on the way keeps: it has personal data or a secret in it.
fn private(status: StatusCode, json: &Value) -> Response {
    let mut response = reply::with_status(status, json);
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn of_decided(status: StatusCode, json: &Value, member: &StaffMember, decided: &Decided) -> Response {
    let mut response = private(status, json);
    response.headers_mut().insert(header::ETAG, reply::etag(member.version));
    writes::with_position(&mut response, decided.position);
    response
}
