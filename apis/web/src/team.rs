//! The members of a tenant's staff as commands change them, by whatever way it is asked for: the one place where what is typed of them
//! is sealed, and where their links are made. Nobody gives what it does not have itself ([`Giver`]).

use feira_connectors::keyring::Sealer;
use feira_schemas::{
    access::{Access, House},
    api::staff::{StaffChange, StaffContent},
    ids::{GroupId, Micros, StaffId, TenantId},
    limits,
    problem::{Code, FieldError},
    records::{
        AdminCommand,
        admin::{
            AskStaffLink, ChangeStaff, EndStaffSessions, InviteStaff, SetStaffPassword, StaffGroup, StaffMember, Tenant,
        },
        common::{CommandMeta, Outcome},
    },
    refusals,
    rows::admin::{StaffEmailRow, StaffRow, TenantRow},
    sealed::{Email, PasswordHash, Subject, SubjectKind},
    staff::{MAIL_WANTED, OPERATORS_LINK, SHOP_LINK, StaffLink, email_term, role},
    topics::Context,
};

pub use crate::giver::Giver;
use crate::{
    context::Api,
    giver::not_yours,
    groups, hosts,
    payments::entity_of,
    problem::Problem,
    reads,
    routing::Request,
    writes::{self, Decided, NotDecided},
};

/// The refusals of a link by mail that nobody is told.
const UNTOLD: [Code; 4] = [Code::NotFound, Code::StaffDisabled, Code::LimitReached, Code::ShopClosed];

/// All members of the staff, oldest first, those that are disabled among them.
pub async fn all(api: &Api, request: &Request) -> Result<Vec<StaffMember>, Problem> {
    all_of(api, request, request.tenant).await
}

/// All members of a tenant's staff, oldest first.
pub async fn all_of(api: &Api, request: &Request, tenant: TenantId) -> Result<Vec<StaffMember>, Problem> {
    reads::point(api, request, Context::Admin).await?;
    let rows = api.platform.state.scan::<StaffRow>(&StaffRow::all(tenant), None, limits::STAFF).await?;
    let mut all: Vec<StaffMember> = rows.into_iter().map(|row| row.staff).collect();
    all.sort_by_key(|member| (member.created_at, member.staff_id));
    Ok(all)
}

/// The member that the path's first parameter names, as it is at the position that the request asks for.
pub async fn present(api: &Api, request: &Request) -> Result<StaffMember, Problem> {
    let none = || Problem::new(Code::NotFound, refusals::NO_SUCH_MEMBER);
    let staff_id: StaffId = request.param(0).parse().map_err(|_| none())?;
    reads::point(api, request, Context::Admin).await?;
    member(api, request.tenant, staff_id).await?.ok_or_else(none)
}

/// The member with this id.
pub async fn member(api: &Api, tenant: TenantId, staff_id: StaffId) -> Result<Option<StaffMember>, Problem> {
    let row = api.platform.state.get::<StaffRow>(&StaffRow::at(tenant, staff_id)).await?;
    Ok(row.map(|row| row.staff))
}

/// The member whose address has this term.
pub async fn of_term(api: &Api, tenant: TenantId, term: &str) -> Result<Option<StaffMember>, Problem> {
    let Some(row) = api.platform.state.get::<StaffEmailRow>(&StaffEmailRow::at(tenant, term)).await? else {
        return Ok(None);
    };
    member(api, tenant, row.staff_id).await
}

/// Checks that somebody may give these roles and permissions, or take them. The permissions are all that come of it, by groups as well.
///
/// # Errors
/// 403 where it makes an administrator and is none, or lacks a permission.
pub fn check_gives(giver: Giver<'_>, roles: &[String], permissions: &[Access]) -> Result<(), Problem> {
    match roles.iter().any(|role| role != role::MEMBER) {
        true => giver.check_everything(),
        false => giver.check(permissions),
    }
}

/// Checks that somebody may give a member of the request's tenant these roles, groups and permissions.
///
/// # Errors
/// 403 as [`check_gives`]; 422 where there is no such group.
pub async fn check_grants(
    giver: Giver<'_>,
    api: &Api,
    request: &Request,
    roles: &[String],
    groups: &[GroupId],
    permissions: &[Access],
) -> Result<(), Problem> {
    if giver == Giver::Everything {
        return Ok(());
    }
    check_gives(giver, roles, permissions)?;
    let found = groups::some(api, request.tenant, groups).await?;
    for (at, group) in found.iter().enumerate() {
        match group {
            Some(group) => groups::check(giver, group, request.tenant)?,
            // What it gives is not known here, so it is not given.
            None => {
                let pointer = format!("/groups/{at}");
                let error = FieldError::new(pointer, Code::UnknownReference, refusals::NO_SUCH_GROUP);
                return Err(Problem::fields(vec![error]));
            }
        }
    }
    Ok(())
}

/// Checks that somebody may change a member of the request's tenant, end its sessions or make links for it. A link is to be made of the member
/// that was checked: where that may do more by now, its version has risen, and the link is spent.
///
/// # Errors
/// 403 where the member may do something that who asks may not itself.
pub async fn check_over(giver: Giver<'_>, api: &Api, request: &Request, member: &StaffMember) -> Result<(), Problem> {
    if giver == Giver::Everything {
        return Ok(());
    }
    let found = groups::some(api, request.tenant, &member.groups).await?;
    // What a group gives that is not here is not known.
    let groups: Vec<StaffGroup> = found.into_iter().collect::<Option<_>>().ok_or_else(not_yours)?;
    giver.check_over(member, &groups, House::of(request.tenant))
}

/// Checks that who asks may do so with the member of this id. Of one that is not there the decision says so.
async fn check_over_id(api: &Api, request: &Request, staff_id: StaffId) -> Result<(), Problem> {
    let giver = Giver::of_request(request);
    if giver == Giver::Everything {
        return Ok(());
    }
    match member(api, request.tenant, staff_id).await? {
        Some(member) => check_over(giver, api, request, &member).await,
        None => Err(Problem::new(Code::NotFound, refusals::NO_SUCH_MEMBER)),
    }
}

/// Invites somebody to a tenant's staff and waits for the decision; the member that was decided. The request's key makes the member's id:
/// repeated, it names the same member.
///
/// # Errors
/// 403 where who asks would give what it does not have, or somebody was invited before who may do more: its link is not for who asks.
pub async fn invite(
    api: &Api,
    request: &Request,
    tenant: TenantId,
    content: StaffContent,
) -> Result<(StaffMember, Decided), NotDecided> {
    invite_by(api, request, writes::personal_meta(api, request, tenant)?, content).await
}

/// Invites somebody as [`invite`] does, by a command of this meta: of a request that sends others beside it. The member's id is the command's.
///
/// # Errors
/// As of [`invite`].
pub async fn invite_by(
    api: &Api,
    request: &Request,
    meta: CommandMeta,
    content: StaffContent,
) -> Result<(StaffMember, Decided), NotDecided> {
    let giver = Giver::in_staff_of(request, meta.tenant_id);
    check_grants(giver, api, request, &content.roles, &content.groups, &content.permissions).await?;
    let meta = CommandMeta { expected_version: None, ..meta };
    let command = invitation(api, meta, content).await?;
    let (member, decided) = changed(api, request, AdminCommand::InviteStaff(command)).await?;
    check_over(giver, api, request, &member).await?;
    Ok((member, decided))
}

/// The command that invites somebody to the staff of the meta's tenant: what was typed is sealed in it. The member has the command's id.
pub async fn invitation(api: &Api, meta: CommandMeta, content: StaffContent) -> Result<InviteStaff, Problem> {
    let tenant = meta.tenant_id;
    let email_term = email_term(&api.config.secrets, tenant, &content.email).map_err(Problem::internal)?;
    let staff_id = StaffId::from_uuid(meta.command_id.uuid());
    let sealer = sealer(api, tenant, staff_id).await?;
    let (email, name) = (sealer.seal(&content.email)?, sealer.seal(&content.name)?);
    let StaffContent { roles, groups, permissions, .. } = content;
    let permissions = Access::words(&permissions);
    Ok(InviteStaff { meta, staff_id, email, email_term, name, roles, groups, permissions })
}

/// Changes a member's name, state or what it may do, and waits for the decision. One that is disabled is logged out.
///
/// # Errors
/// 403 where the member may do more than who asks, or would.
pub async fn change(
    api: &Api,
    request: &Request,
    staff_id: StaffId,
    change: StaffChange,
) -> Result<(StaffMember, Decided), NotDecided> {
    let tenant = request.tenant;
    check_over_id(api, request, staff_id).await?;
    let (roles, groups) = (change.roles.as_deref().unwrap_or_default(), change.groups.as_deref().unwrap_or_default());
    let permissions = change.permissions.as_deref().unwrap_or_default();
    check_grants(Giver::of_request(request), api, request, roles, groups, permissions).await?;
    let name = match &change.name {
        Some(name) => Some(sealer(api, tenant, staff_id).await?.seal(name).map_err(Problem::from)?),
        None => None,
    };
    let meta = writes::personal_meta(api, request, tenant)?;
    let StaffChange { roles, status, groups, permissions, .. } = change;
    let permissions = permissions.as_deref().map(Access::words);
    let command = ChangeStaff { meta, staff_id, roles, status, name, groups, permissions };
    changed(api, request, AdminCommand::ChangeStaff(command)).await
}

/// Ends every session of a member and waits for the decision.
///
/// # Errors
/// 403 where the member may do more than who asks.
pub async fn end_sessions(
    api: &Api,
    request: &Request,
    staff_id: StaffId,
) -> Result<(StaffMember, Decided), NotDecided> {
    check_over_id(api, request, staff_id).await?;
    let meta = CommandMeta { expected_version: None, ..writes::meta(api, request, request.tenant)? };
    changed(api, request, AdminCommand::EndStaffSessions(EndStaffSessions { meta, staff_id })).await
}

/// True if the decision upon an invitation asks for a mail with the link. One that repeats another may ask for none,
/// where the member got some of late.
pub fn is_written_to(invited: &Decided) -> bool {
    invited.outcome == Outcome::Created || invited.body[MAIL_WANTED].as_bool() == Some(true)
}

/// Has a mail sent with a link by which the member of this address chooses another password, and waits for the
/// decision. Nobody is told what came of it; of an address that is nobody's it is asked as well, of a member that is
/// not there, so that it takes the same time.
///
/// # Errors
/// Nothing could be asked: those of our own side alone.
pub async fn ask_link(api: &Api, request: &Request, email: &Email) -> Result<(), Problem> {
    let tenant = request.tenant;
    let term = email_term(&api.config.secrets, tenant, email).map_err(Problem::internal)?;
    let meta = CommandMeta {
        actor: "visitor".to_owned(),
        expected_version: None,
        ..writes::personal_meta(api, request, tenant)?
    };
    let nobody = StaffId::from_uuid(meta.command_id.uuid());
    let staff_id = of_term(api, tenant, &term).await?.map_or(nobody, |member| member.staff_id);
    let command = AdminCommand::AskStaffLink(AskStaffLink { meta, staff_id });
    match writes::send(api, request, command).await {
        Ok(_) | Err(NotDecided::Pending(_)) => Ok(()),
        // There is no such member, it is disabled, it got some of late, or the shop was closed for good meanwhile.
        Err(NotDecided::Problem(problem)) if UNTOLD.contains(&problem.code) => Ok(()),
        Err(NotDecided::Problem(problem)) => Err(problem),
    }
}

/// Has a mail sent to who asks, with a link by which another password is chosen, and waits for the decision.
pub async fn ask_own_link(api: &Api, request: &Request, staff_id: StaffId) -> Result<(), NotDecided> {
    let meta = CommandMeta { expected_version: None, ..writes::meta(api, request, request.tenant)? };
    writes::send(api, request, AdminCommand::AskStaffLink(AskStaffLink { meta, staff_id })).await.map(drop)
}

/// Sets the password that was chosen by a link, which is spent by it, and waits for the decision. Who has the link is who does it.
pub async fn set_password(
    api: &Api,
    request: &Request,
    link: &StaffLink,
    hash: &PasswordHash,
) -> Result<(StaffMember, Decided), NotDecided> {
    let actor = format!("staff:{}", link.staff_id);
    let meta = CommandMeta { actor, expected_version: None, ..writes::personal_meta(api, request, link.tenant)? };
    let sealer = sealer(api, link.tenant, link.staff_id).await?;
    let password = sealer.seal(hash).map_err(Problem::from)?;
    let (staff_id, link_version) = (link.staff_id, link.link_version);
    let command = SetStaffPassword { meta, staff_id, link_version, password };
    changed(api, request, AdminCommand::SetStaffPassword(command)).await
}

async fn changed(api: &Api, request: &Request, command: AdminCommand) -> Result<(StaffMember, Decided), NotDecided> {
    let decided = writes::send(api, request, command).await?;
    Ok((entity_of::<StaffMember>(&decided.body)?, decided))
}

/// A link by which an operator chooses its password, made at this time: its address on the platform's host
/// ([`hosts::platform_origin`]), and its end.
pub fn link_to(api: &Api, request: &Request, member: &StaffMember, made_at: Micros) -> (String, Micros) {
    let origin = hosts::platform_origin(&request.headers, &api.config.platform_domain);
    link_at(api, &format!("{origin}{OPERATORS_LINK}"), TenantId::PLATFORM, member, made_at)
}

/// A link by which a member of a shop's staff chooses its password, made at this time: its address on the shop's sub-domain
/// ([`hosts::shop_origin`]), and its end.
pub fn link_to_shop(
    api: &Api,
    request: &Request,
    shop: &Tenant,
    member: &StaffMember,
    made_at: Micros,
) -> (String, Micros) {
    link_to_shop_of(api, request, (shop.tenant_id, &shop.subdomain), member, made_at)
}

/// The same of a shop that is known by its id and its sub-domain.
pub fn link_to_shop_of(
    api: &Api,
    request: &Request,
    (tenant, subdomain): (TenantId, &str),
    member: &StaffMember,
    made_at: Micros,
) -> (String, Micros) {
    let origin = hosts::shop_origin(&request.headers, &api.config.platform_domain, subdomain);
    link_at(api, &format!("{origin}{SHOP_LINK}"), tenant, member, made_at)
}

/// The same of a member of any tenant's staff: of the platform's, or of a shop's that is there.
pub async fn link_of(
    api: &Api,
    request: &Request,
    tenant: TenantId,
    member: &StaffMember,
    made_at: Micros,
) -> Result<(String, Micros), Problem> {
    if tenant == TenantId::PLATFORM {
        return Ok(link_to(api, request, member, made_at));
    }
    let row = api.platform.state.get::<TenantRow>(&TenantRow::at(tenant)).await?;
    let row = row.ok_or_else(|| Problem::new(Code::NotFound, refusals::NO_SUCH_SHOP))?;
    Ok(link_to_shop(api, request, &row.tenant, member, made_at))
}

fn link_at(api: &Api, page: &str, tenant: TenantId, member: &StaffMember, made_at: Micros) -> (String, Micros) {
    let link = StaffLink::for_password(tenant, member, made_at);
    (format!("{page}?t={}", link.write(&api.config.secrets)), link.until)
}

/// A key for what a member typed. It is durable before this returns, so what it seals may enter a record.
async fn sealer(api: &Api, tenant: TenantId, staff_id: StaffId) -> Result<Sealer, Problem> {
    Ok(api.keyring.mint(tenant, Subject::new(SubjectKind::Staff, staff_id.uuid())).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whoever types addresses into the form learns nothing of them, in a shop that is being closed neither.
    #[test]
    fn nobody_is_told_why_no_link_was_mailed() {
        for code in [Code::NotFound, Code::StaffDisabled, Code::LimitReached, Code::ShopClosed] {
            assert!(UNTOLD.contains(&code), "{code}");
        }
    }
}
