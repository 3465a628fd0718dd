//! Groups of the staff of the request's tenant, as its staff sees and changes them, by whatever way it comes.

use feira_schemas::{
    access::{Access, House},
    api::staff_group::{GroupChange, GroupContent},
    ids::{GroupId, TenantId},
    limits,
    problem::Code,
    records::{
        AdminCommand,
        admin::{ChangeStaffGroup, CreateStaffGroup, RemoveStaffGroup, StaffGroup},
        common::CommandMeta,
    },
    refusals,
    rows::admin::StaffGroupRow,
    topics::Context,
};

use crate::{
    context::Api,
    giver::Giver,
    payments::entity_of,
    problem::Problem,
    reads,
    routing::Request,
    writes::{self, Decided, NotDecided},
};

/// All groups of the staff, by name.
pub async fn all(api: &Api, request: &Request) -> Result<Vec<StaffGroup>, Problem> {
    reads::point(api, request, Context::Admin).await?;
    let at = StaffGroupRow::all(request.tenant);
    let rows = api.platform.state.scan::<StaffGroupRow>(&at, None, limits::STAFF_GROUPS).await?;
    let mut all: Vec<StaffGroup> = rows.into_iter().map(|row| row.group).collect();
    all.sort_by_cached_key(place);
    Ok(all)
}

/// The place of a group among all.
pub fn place(group: &StaffGroup) -> (String, GroupId) {
    (group.name.to_lowercase(), group.group_id)
}

/// The group that the path's first parameter names, as it is at the position that the request asks for.
pub async fn present(api: &Api, request: &Request) -> Result<StaffGroup, Problem> {
    let none = || Problem::new(Code::NotFound, refusals::NO_SUCH_GROUP);
    let group_id: GroupId = request.param(0).parse().map_err(|_| none())?;
    reads::point(api, request, Context::Admin).await?;
    one(api, request.tenant, group_id).await?.ok_or_else(none)
}

/// The groups of a tenant's staff with these ids, in their order; `None` in the place of one that is not there.
pub(crate) async fn some(api: &Api, tenant: TenantId, ids: &[GroupId]) -> Result<Vec<Option<StaffGroup>>, Problem> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let keys: Vec<_> = ids.iter().map(|group| StaffGroupRow::at(tenant, *group)).collect();
    let rows = api.platform.state.get_many::<StaffGroupRow>(&keys).await?;
    Ok(rows.into_iter().map(|row| row.map(|row| row.group)).collect())
}

async fn one(api: &Api, tenant: TenantId, group_id: GroupId) -> Result<Option<StaffGroup>, Problem> {
    let row = api.platform.state.get::<StaffGroupRow>(&StaffGroupRow::at(tenant, group_id)).await?;
    Ok(row.map(|row| row.group))
}

/// Checks that somebody may change or remove a group of a tenant's staff, or put somebody into it.
///
/// # Errors
/// 403 where it lacks something that the group gives.
pub(crate) fn check(giver: Giver<'_>, group: &StaffGroup, tenant: TenantId) -> Result<(), Problem> {
    giver.check_words(&group.permissions, House::of(tenant))
}

/// Makes a group and waits for the decision. Its id is its command's: a repeated key names the same.
///
/// # Errors
/// 403 where it would give what who asks does not have.
pub async fn create(api: &Api, request: &Request, content: GroupContent) -> Result<(StaffGroup, Decided), NotDecided> {
    Giver::of_request(request).check(&content.permissions)?;
    let meta = CommandMeta { expected_version: None, ..writes::meta(api, request, request.tenant)? };
    let group_id = GroupId::from_uuid(meta.command_id.uuid());
    let permissions = Access::words(&content.permissions);
    changed(api, request, CreateStaffGroup { meta, group_id, name: content.name, permissions }.into()).await
}

/// Changes a group and waits for the decision.
///
/// # Errors
/// 403 where it gives, or would give, what who asks does not have.
pub async fn change(
    api: &Api,
    request: &Request,
    group_id: GroupId,
    change: GroupChange,
) -> Result<(StaffGroup, Decided), NotDecided> {
    check_over(api, request, group_id).await?;
    Giver::of_request(request).check(change.permissions.as_deref().unwrap_or_default())?;
    let meta = writes::meta(api, request, request.tenant)?;
    let permissions = change.permissions.as_deref().map(Access::words);
    changed(api, request, ChangeStaffGroup { meta, group_id, name: change.name, permissions }.into()).await
}

/// Removes a group, which leaves each of its members, and waits for the decision.
///
/// # Errors
/// 403 where it gives what who asks does not have.
pub async fn remove(api: &Api, request: &Request, group_id: GroupId) -> Result<Decided, NotDecided> {
    check_over(api, request, group_id).await?;
    let meta = writes::meta(api, request, request.tenant)?;
    writes::send(api, request, AdminCommand::RemoveStaffGroup(RemoveStaffGroup { meta, group_id })).await
}

/// Checks that who asks has all that a group gives. Of one that is not there the decision says so.
async fn check_over(api: &Api, request: &Request, group_id: GroupId) -> Result<(), Problem> {
    let giver = Giver::of_request(request);
    if giver == Giver::Everything {
        return Ok(());
    }
    match one(api, request.tenant, group_id).await? {
        Some(group) => check(giver, &group, request.tenant),
        None => Err(Problem::new(Code::NotFound, refusals::NO_SUCH_GROUP)),
    }
}

async fn changed(api: &Api, request: &Request, command: AdminCommand) -> Result<(StaffGroup, Decided), NotDecided> {
    let decided = writes::send(api, request, command).await?;
    Ok((entity_of::<StaffGroup>(&decided.body)?, decided))
}
