//! Members of a shop's staff, and the platform's operators: invited, given a password by a link, changed, shown the
//! door.
//!
//! Only an invitation asks for an open shop: who must be kept out of one that is suspended, or comes back to it, does
//! not wait.

use std::sync::Arc;

use feira_schemas::{
    ids::{StaffId, TenantId},
    limits,
    problem::{Code, FieldError, Refusal},
    records::{
        AdminEvent,
        admin::{
            AskStaffLink, ChangeStaff, EndStaffSessions, InviteStaff, SetStaffPassword, StaffChanged, StaffMember,
            StaffStatus,
        },
        common::Outcome,
    },
    refusals,
    rows::admin::{StaffEmailRow, StaffRow},
    staff::{is_active_administrator, role},
};

use super::{groups, links, shown, standing};
use crate::{Decided, Decision, DecisionContext, EntityVersion, Need, Rows, Stop, expected::check_version, mails};

/// Invites somebody, by a mail with a link. Who is invited already, and has not come yet, stays as it is and gets
/// another mail: a link that was lost is no dead end.
pub(super) fn invite(command: &InviteStaff, rows: &Rows, context: &DecisionContext) -> Decided<AdminEvent> {
    let tenant = command.meta.tenant_id;
    if let Some(present) = of_email(tenant, &command.email_term, rows)? {
        let is_again = present.status == StaffStatus::Invited || present.staff_id == command.staff_id;
        if !is_again {
            return Err(email_taken(present.staff_id).into());
        }
        let is_told =
            present.status == StaffStatus::Invited && links::takes_mail(tenant, present.staff_id, rows, context)?;
        return if is_told { written_to(&present, rows, context) } else { Ok(unchanged(&present, context)) };
    }
    if rows.get::<StaffRow>(StaffRow::at(tenant, command.staff_id))?.is_some() {
        let detail = "Esta chave de idempotência já convidou outra pessoa. Use uma nova.";
        return Err(Refusal::new(Code::IdempotencyMismatch, detail).into());
    }
    let members = all(tenant, rows)?;
    if members.len() >= limits::STAFF {
        let detail = format!("A equipe pode ter até {} membros, contando os desativados.", limits::STAFF);
        return Err(Refusal::new(Code::LimitReached, detail).into());
    }
    standing::check_another_member(tenant, &members, rows)?;
    let groups = groups::checked_groups(tenant, &command.groups, rows)?;
    let permissions = groups::checked_permissions(tenant, "/permissions", &command.permissions)?;
    let member = StaffMember {
        staff_id: command.staff_id,
        version: 0,
        email: command.email.clone(),
        email_term: command.email_term.clone(),
        name: command.name.clone(),
        password: None,
        roles: command.roles.clone(),
        groups,
        permissions,
        status: StaffStatus::Invited,
        link_version: 0,
        sessions_not_before: 0,
        created_at: context.now,
        changed_at: context.now,
    };
    let is_told = links::takes_mail(tenant, member.staff_id, rows, context)?;
    let mail = links::link_mail(tenant, &member, links::shop(tenant, rows)?.as_ref(), context);
    let mut decision = now_is(member, Outcome::Created, context);
    if is_told {
        mails::want(&mut decision, context, mail);
    }
    Ok(decision)
}

/// Asks for a mail with a link by which a member chooses another password. Nothing of the member changes: its
/// password and the links that it has are good as before.
pub(super) fn ask_link(command: &AskStaffLink, rows: &Rows, context: &DecisionContext) -> Decided<AdminEvent> {
    let tenant = command.meta.tenant_id;
    let member = load(tenant, command.staff_id, rows)?;
    if !matches!(member.status, StaffStatus::Invited | StaffStatus::Active) {
        return Err(Refusal::new(Code::StaffDisabled, refusals::STAFF_DISABLED).into());
    }
    if !links::takes_mail(tenant, member.staff_id, rows, context)? {
        let detail = format!("Cada pessoa recebe até {} links por hora por e-mail.", limits::STAFF_MAILS_PER_HOUR);
        return Err(Refusal::new(Code::LimitReached, detail).into());
    }
    written_to(&member, rows, context)
}

/// Sets the password that was chosen by a link, which is spent by it. A new password ends every session.
pub(super) fn set_password(command: &SetStaffPassword, rows: &Rows, context: &DecisionContext) -> Decided<AdminEvent> {
    let before = load(command.meta.tenant_id, command.staff_id, rows)?;
    if !matches!(before.status, StaffStatus::Invited | StaffStatus::Active) {
        return Err(Refusal::new(Code::StaffDisabled, refusals::STAFF_DISABLED).into());
    }
    if before.link_version != command.link_version {
        return Err(Refusal::new(Code::LinkSpent, refusals::LINK_SPENT).into());
    }
    let member = StaffMember {
        password: Some(command.password.clone()),
        status: StaffStatus::Active,
        sessions_not_before: context.now,
        ..links::spent(before)
    };
    Ok(now_is(member, Outcome::Updated, context))
}

/// Changes what a member may do, its state or its name. Where it is not its name alone, links of before are spent: whoever has one would be a
/// member that may do other things.
pub(super) fn change(command: &ChangeStaff, rows: &Rows, context: &DecisionContext) -> Decided<AdminEvent> {
    let tenant = command.meta.tenant_id;
    let before = load(tenant, command.staff_id, rows)?;
    check_version(&command.meta, before.version)?;
    let member = changed(command, &before, rows, context)?;
    if member == before {
        return Ok(unchanged(&before, context));
    }
    check_administrators(tenant, &before, &member, rows)?;
    if !is_another(&before, &member) {
        return Ok(now_is(member, Outcome::Updated, context));
    }
    let member = links::spent(member);
    let mail = links::mail_instead(tenant, &member, rows, context)?;
    let mut decision = now_is(member, Outcome::Updated, context);
    if let Some(mail) = mail {
        mails::want(&mut decision, context, mail);
    }
    Ok(decision)
}

/// The member as a command changes it. Roles and permissions of later versions, which who asks was not shown, stay.
fn changed(
    command: &ChangeStaff,
    before: &StaffMember,
    rows: &Rows,
    context: &DecisionContext,
) -> Result<StaffMember, Stop> {
    let tenant = command.meta.tenant_id;
    let mut member = before.clone();
    if let Some(roles) = &command.roles {
        member.roles = groups::with_later(roles, &before.roles, |role| role::ALL.contains(&role));
    }
    if let Some(name) = &command.name {
        member.name.clone_from(name);
    }
    if let Some(groups) = &command.groups {
        member.groups = groups::checked_groups(tenant, groups, rows)?;
    }
    if let Some(permissions) = &command.permissions {
        member.permissions = groups::changed_permissions(tenant, permissions, &before.permissions)?;
    }
    match command.status {
        None => {}
        Some(StaffStatus::Active) => {
            let_in(&mut member);
            if before.status == StaffStatus::Disabled {
                standing::check_another_member(tenant, &all(tenant, rows)?, rows)?;
            }
        }
        Some(StaffStatus::Disabled) => keep_out(&mut member, context),
        Some(StaffStatus::Invited | StaffStatus::Unknown) => {
            let detail = "Um membro da equipe fica ativo ou desativado.";
            return Err(Refusal::fields(vec![FieldError::new("/status", Code::Invalid, detail)]).into());
        }
    }
    Ok(member)
}

/// True if a member may do something else than before, or its state is another.
fn is_another(before: &StaffMember, after: &StaffMember) -> bool {
    (before.status, &before.roles, &before.groups, &before.permissions)
        != (after.status, &after.roles, &after.groups, &after.permissions)
}

/// Ends every session of a member.
pub(super) fn end_sessions(command: &EndStaffSessions, rows: &Rows, context: &DecisionContext) -> Decided<AdminEvent> {
    let before = load(command.meta.tenant_id, command.staff_id, rows)?;
    let member = StaffMember { sessions_not_before: context.now, ..before };
    Ok(now_is(member, Outcome::Updated, context))
}

/// The member is as it is, and gets a mail with a link.
fn written_to(member: &StaffMember, rows: &Rows, context: &DecisionContext) -> Decided<AdminEvent> {
    let tenant = context.cause.tenant_id;
    let mail = links::link_mail(tenant, member, links::shop(tenant, rows)?.as_ref(), context);
    let mut decision = Decision::unchanged(context, shown::staff_written_to(member));
    mails::want(&mut decision, context, mail);
    Ok(decision)
}

/// A disabled member gets in again: by its password, or where it has none by a link, as one that was invited.
fn let_in(member: &mut StaffMember) {
    if !matches!(member.status, StaffStatus::Invited | StaffStatus::Active) {
        member.status = if member.password.is_some() { StaffStatus::Active } else { StaffStatus::Invited };
    }
}

fn keep_out(member: &mut StaffMember, context: &DecisionContext) {
    if member.status != StaffStatus::Disabled {
        member.status = StaffStatus::Disabled;
        member.sessions_not_before = context.now;
    }
}

/// Refuses a change after which nobody would be left who gets in and may do everything.
fn check_administrators(tenant: TenantId, before: &StaffMember, after: &StaffMember, rows: &Rows) -> Result<(), Stop> {
    if !is_active_administrator(before) || is_active_administrator(after) {
        return Ok(());
    }
    let is_other = |row: &Arc<StaffRow>| row.staff.staff_id != before.staff_id && is_active_administrator(&row.staff);
    match all(tenant, rows)?.iter().any(is_other) {
        true => Ok(()),
        false => {
            let detail = "Este é o último administrador ativo. Dê este papel a outra pessoa antes.";
            Err(Refusal::new(Code::LastAdministrator, detail).into())
        }
    }
}

/// All members of a shop's staff.
fn all(tenant: TenantId, rows: &Rows) -> Result<Vec<Arc<StaffRow>>, Need> {
    rows.scan::<StaffRow>(StaffRow::all(tenant))
}

/// The member whose address has this term.
pub(super) fn of_email(tenant: TenantId, email_term: &str, rows: &Rows) -> Result<Option<StaffMember>, Need> {
    let Some(email) = rows.get::<StaffEmailRow>(StaffEmailRow::at(tenant, email_term))? else { return Ok(None) };
    let row = rows.get::<StaffRow>(StaffRow::at(tenant, email.staff_id))?;
    // One that has taken another address has left the row of its first behind.
    Ok(row.map(|row| row.staff.clone()).filter(|staff| staff.email_term == email_term))
}

fn load(tenant: TenantId, staff_id: StaffId, rows: &Rows) -> Result<StaffMember, Stop> {
    let row = rows.get::<StaffRow>(StaffRow::at(tenant, staff_id))?;
    row.map(|row| row.staff.clone()).ok_or_else(|| Refusal::new(Code::NotFound, refusals::NO_SUCH_MEMBER).into())
}

/// The id is no secret among those who may invite, and leads programs to the member; beside the field it would be noise. What was typed is
/// not repeated.
fn email_taken(staff_id: StaffId) -> Refusal {
    let taken = "Já há um membro da equipe com este e-mail";
    let error = FieldError::new("/email", Code::EmailTaken, format!("{taken}."));
    Refusal { errors: vec![error], ..Refusal::new(Code::EmailTaken, format!("{taken}: {staff_id}.")) }
}

/// The member is as it is.
fn unchanged(member: &StaffMember, context: &DecisionContext) -> Decision<AdminEvent> {
    Decision::unchanged(context, shown::staff(member))
}

/// The member is now this, at its next version.
fn now_is(member: StaffMember, outcome: Outcome, context: &DecisionContext) -> Decision<AdminEvent> {
    let staff = StaffMember { version: member.version + 1, changed_at: context.now, ..member };
    let mut decision = Decision::new(context);
    let entity = EntityVersion::new(staff.staff_id, staff.version);
    decision.answer(outcome, entity, |meta| StaffChanged { meta, staff });
    decision
}
