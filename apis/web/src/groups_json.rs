//! Groups of the staff of the request's tenant as JSON: what answers at the addresses that each audience gives them.

use std::sync::{Arc, LazyLock};

use feira_schemas::{
    api::staff_group::{GroupBody, group_change, group_content, group_json, schemas},
    records::admin::StaffGroup,
};
use serde_json::{Value, json};

use crate::{
    context::Api,
    cursor, groups, json as bodies,
    problem::Problem,
    reads, reply,
    reply::Response,
    routing::Request,
    writes::{self, Decided, NotDecided},
};

/// The JSON schemas that bodies are checked against.
static BODIES: LazyLock<bodies::Schemas> = LazyLock::new(|| bodies::Schemas::new(schemas()));

/// A page of the groups, by name.
pub async fn list(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let all = groups::all(&api, &request).await?;
    let (after, limit) = (request.query.text(reads::AFTER.name), reads::limit(&request));
    let (page, next) = cursor::page(&all, groups::place, "staff-groups", after, limit)?;
    let items: Vec<Value> = page.iter().map(group_json).collect();
    Ok(reply::json(&json!({"items": items, "next": next, "total": all.len()})))
}

/// The group that the path names.
pub async fn read(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let group = groups::present(&api, &request).await?;
    Ok(reply::entity(&request.headers, &group_json(&group), group.version))
}

/// Makes a group; its address lies below the one that is asked.
pub async fn create(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let body: GroupBody = bodies::read(&BODIES, &request.body, "GroupBody")?;
    let content = group_content(body).map_err(Problem::fields)?;
    let created = groups::create(&api, &request, content).await;
    writes::answer(shown(created), |id| format!("{}/{id}", request.route))
}

/// Changes the group that the path names.
pub async fn patch(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let patch = bodies::read_patch(&BODIES, &request.body, "GroupPatch")?;
    let change = group_change(&patch).map_err(Problem::fields)?;
    let group_id = groups::present(&api, &request).await?.group_id;
    let changed = groups::change(&api, &request, group_id, change).await;
    writes::answer(shown(changed), |_| request.path.clone())
}

/// Removes the group that the path names.
pub async fn delete(api: Arc<Api>, request: Request) -> Result<Response, Problem> {
    let group_id = request.id(0, "O grupo")?;
    writes::answer(groups::remove(&api, &request, group_id).await, |_| request.path.clone())
}

/// A decision with the group as the API gives it.
fn shown(decided: Result<(StaffGroup, Decided), NotDecided>) -> Result<Decided, NotDecided> {
    let (group, decided) = decided?;
    Ok(Decided { body: group_json(&group), ..decided })
}
