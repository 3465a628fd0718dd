//! The staff of a tenant as JSON: what answers at the addresses that each audience gives it.
//!
//! A text that somebody typed is sealed before the command is sent, and opened for the length of an answer, which nobody on the way keeps. A
//! link is shown once: it is made of the decision, so that a request that is repeated with its key shows the same one.

use std::sync::{Arc, LazyLock};

use feira_schemas::{
    api::staff::{StaffBody, link_fields, schemas, staff_change, staff_content},
    ids::{StaffId, TenantId},
    problem::Code,
    records::{
        admin::{StaffMember, StaffStatus},
        common::Outcome,
    },
    refusals,
};
use http::{HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use crate::{
    context::Api,
    cursor,
    giver::Giver,
    json as bodies, members,
    problem::Problem,
    reads, reply,
    reply::Response,
    routing::Request,
    team,
    writes::{self, Decided, NotDecided},
};

/// Bytes of a member's body: an address, a name, some words, and the ids of groups.
pub const BODY_BYTES: usize = 16 * 1024;

/// The JSON schemas that bodies are checked against.
static BODIES: LazyLock<bodies::Schemas> = LazyLock::new(|| bodies::Schemas::new(schemas()));

/// A page of the members, oldest first.
pub async fn list(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    list_of(&api, &request, request.tenant).await
}

/// A page of the members of a tenant's staff, oldest first.
pub async fn list_of(api: &Api, request: &Request, tenant: TenantId) -> Result<Response, Problem> {
    let all = team::all_of(api, request, tenant).await?;
    let key = |member: &StaffMember| (member.created_at, member.staff_id);
    let (after, limit) = (request.query.text(reads::AFTER.name), reads::limit(request));
    let (page, next) = cursor::page(&all, key, "staff", after, limit)?;
    let mut items = Vec::with_capacity(page.len());
    for member in page {
        items.push(members::shown(api, tenant, member).await?);
    }
    Ok(private(StatusCode::OK, &json!({"items": items, "next": next, "total": all.len()})))
}

/// The member that the path names.
pub async fn read(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let member = team::present(&api, &request).await?;
    let mut response = private(StatusCode::OK, &members::shown(&api, request.tenant, &member).await?);
    response.headers_mut().insert(header::ETAG, reply::etag(member.version));
    Ok(response)
}

/// Invites somebody, whose address lies below the one that is asked, and shows the link by which a password is chosen.
pub async fn invite(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    match invite_to(&api, &request, request.tenant).await? {
        Invited::Now { staff_id, mut response } => {
            if let Ok(address) = HeaderValue::try_from(format!("{}/{staff_id}", request.route)) {
                response.headers_mut().insert(header::LOCATION, address);
            }
            Ok(response)
        }
        Invited::Later(response) => Ok(response),
    }
}

/// An invitation that was asked for.
pub enum Invited {
    /// It is decided.
    Now {
        /// The member.
        staff_id: StaffId,
        /// The answer, without the member's address.
        response: Response,
    },
    /// It is kept, and will be decided.
    Later(Response),
}

impl Invited {
    /// The answer.
    pub fn into_response(self) -> Response {
        match self {
            Self::Now { response, .. } | Self::Later(response) => response,
        }
    }
}

/// Invites somebody to a tenant's staff, and shows the link by which a password is chosen.
pub async fn invite_to(api: &Api, request: &Request, tenant: TenantId) -> Result<Invited, Problem> {
    let body: StaffBody = bodies::read(&BODIES, &request.body, "StaffBody")?;
    let content = staff_content(body).map_err(Problem::fields)?;
    let (member, decided) = match team::invite(api, request, tenant, content).await {
        Ok(invited) => invited,
        Err(not_decided) => return writes::not_answered(not_decided).map(Invited::Later),
    };
    let mut shown = members::shown(api, tenant, &member).await?;
    // Its end counts from the decision, which a request that is repeated with its key is answered with as well.
    let (address, until) = team::link_of(api, request, tenant, &member, decided.position.write_ts).await?;
    for (name, value) in link_fields(address, until) {
        shown[name] = value;
    }
    let status = if decided.outcome == Outcome::Created { StatusCode::CREATED } else { StatusCode::OK };
    let response = of_decided(status, &shown, &member, &decided);
    Ok(Invited::Now { staff_id: member.staff_id, response })
}

/// Changes the member that the path names.
pub async fn patch(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let patch = bodies::read_patch(&BODIES, &request.body, "StaffPatch")?;
    let change = staff_change(&patch).map_err(Problem::fields)?;
    let staff_id = team::present(&api, &request).await?.staff_id;
    changed(&api, &request, team::change(&api, &request, staff_id, change).await).await
}

/// Ends every session of the member that the path names.
pub async fn end_sessions(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let staff_id = team::present(&api, &request).await?.staff_id;
    changed(&api, &request, team::end_sessions(&api, &request, staff_id).await).await
}

/// Makes a link by which the member that the path names chooses its password.
pub async fn link(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let member = team::present(&api, &request).await?;
    team::check_over(Giver::of_request(&request), &api, &request, &member).await?;
    if !matches!(member.status, StaffStatus::Invited | StaffStatus::Active) {
        return Err(Problem::new(Code::StaffDisabled, refusals::STAFF_DISABLED));
    }
    let (address, until) = team::link_of(&api, &request, request.tenant, &member, api.platform.now()).await?;
    let fields = link_fields(address, until).map(|(name, value)| (name.to_owned(), value));
    Ok(private(StatusCode::OK, &Value::Object(fields.into_iter().collect())))
}

/// A change of a member as it is answered.
async fn changed(
    api: &Api,
    request: &Request,
    submitted: Result<(StaffMember, Decided), NotDecided>,
) -> Result<Response, Problem> {
    match submitted {
        Ok((member, decided)) => {
            let shown = members::shown(api, request.tenant, &member).await?;
            Ok(of_decided(StatusCode::OK, &shown, &member, &decided))
        }
        Err(not_decided) => writes::not_answered(not_decided),
    }
}

/// JSON that nobody on the way keeps: it has personal data or a secret in it.
pub fn private(status: StatusCode, json: &Value) -> Response {
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
