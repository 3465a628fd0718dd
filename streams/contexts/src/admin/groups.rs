//! Groups of a shop's staff, and of the platform's: what a group gives, each of its members has.
//!
//! Only a new group asks for an open shop: what staff may do no longer does not wait.

use std::{collections::BTreeSet, sync::Arc};

use feira_schemas::{
    access::{Access, House},
    ids::{GroupId, TenantId},
    limits,
    problem::{Code, FieldError, Refusal},
    records::{
        AdminEvent,
        admin::{
            ChangeStaffGroup, CreateStaffGroup, RemoveStaffGroup, StaffChanged, StaffGroup, StaffGroupChanged,
            StaffGroupRemoved, StaffMember,
        },
        common::Outcome,
    },
    refusals,
    rows::admin::{StaffGroupRow, StaffRow},
};

use super::{links, shown};
use crate::{Decided, Decision, DecisionContext, EntityVersion, Need, Rows, Stop, expected::check_version, mails};

/// Makes a group. The same command again finds it as it is, unless it is another by now.
pub(super) fn create(command: &CreateStaffGroup, rows: &Rows, context: &DecisionContext) -> Decided<AdminEvent> {
    let tenant = command.meta.tenant_id;
    let all = all(tenant, rows)?;
    let permissions = checked_permissions(tenant, "/permissions", &command.permissions)?;
    if let Some(present) = all.iter().find(|row| row.group.group_id == command.group_id) {
        return made_before(&present.group, &command.name, &permissions, context);
    }
    if all.len() >= limits::STAFF_GROUPS {
        let detail = format!("A equipe pode ter até {} grupos.", limits::STAFF_GROUPS);
        return Err(Refusal::new(Code::LimitReached, detail).into());
    }
    check_name(&command.name, command.group_id, &all)?;
    let group = StaffGroup {
        group_id: command.group_id,
        version: 0,
        name: command.name.clone(),
        permissions,
        created_at: context.now,
        changed_at: context.now,
    };
    Ok(now_is(group, Outcome::Created, context))
}

/// The group's id is made of the asker's key, which is remembered longer than the answer that it got: no other group is to be had by it.
fn made_before(
    group: &StaffGroup,
    name: &str,
    permissions: &[String],
    context: &DecisionContext,
) -> Decided<AdminEvent> {
    if group.name != name || group.permissions != permissions {
        let detail = "Esta chave de idempotência já criou outro grupo. Use uma nova.";
        return Err(Refusal::new(Code::IdempotencyMismatch, detail).into());
    }
    Ok(Decision::unchanged(context, shown::group(group)))
}

/// Changes a group's name or what it gives. Where it gives something else, links of its members are spent in the same decision.
pub(super) fn change(command: &ChangeStaffGroup, rows: &Rows, context: &DecisionContext) -> Decided<AdminEvent> {
    let tenant = command.meta.tenant_id;
    let all = all(tenant, rows)?;
    let before = load(command.group_id, &all)?;
    check_version(&command.meta, before.version)?;
    let mut group = before.clone();
    if let Some(name) = &command.name {
        check_name(name, group.group_id, &all)?;
        group.name.clone_from(name);
    }
    if let Some(permissions) = &command.permissions {
        group.permissions = changed_permissions(tenant, permissions, &before.permissions)?;
    }
    if group == before {
        return Ok(Decision::unchanged(context, shown::group(&before)));
    }
    let (group_id, gives_else) = (group.group_id, group.permissions != before.permissions);
    // Before its members: what they may do comes of it.
    let mut decision = now_is(group, Outcome::Updated, context);
    if gives_else {
        change_members(group_id, |_| (), &mut decision, rows, context)?;
    }
    Ok(decision)
}

/// Removes a group, and takes it from each member that is in it, whose links are spent.
pub(super) fn remove(command: &RemoveStaffGroup, rows: &Rows, context: &DecisionContext) -> Decided<AdminEvent> {
    let tenant = command.meta.tenant_id;
    let group = load(command.group_id, &all(tenant, rows)?)?;
    check_version(&command.meta, group.version)?;
    let mut decision = Decision::new(context);
    let (group_id, entity) = (group.group_id, EntityVersion::new(group.group_id, group.version + 1));
    decision.answer(Outcome::Deleted, entity, |meta| StaffGroupRemoved { meta, group });
    let leaves = |member: &mut StaffMember| member.groups.retain(|other| *other != group_id);
    change_members(group_id, leaves, &mut decision, rows, context)?;
    Ok(decision)
}

/// Changes each member in a group, which may do something else from now on: its links are spent, and who was invited gets another. There are
/// no more of them than a staff has members ([`limits::STAFF`]).
fn change_members(
    group: GroupId,
    change: impl Fn(&mut StaffMember),
    decision: &mut Decision<AdminEvent>,
    rows: &Rows,
    context: &DecisionContext,
) -> Result<(), Need> {
    let tenant = context.cause.tenant_id;
    let members = rows.scan::<StaffRow>(StaffRow::all(tenant))?;
    for row in members.iter().filter(|row| row.staff.groups.contains(&group)) {
        let mut staff = links::spent(row.staff.clone());
        change(&mut staff);
        staff.version += 1;
        staff.changed_at = context.now;
        let mail = links::mail_instead(tenant, &staff, rows, context)?;
        let entity = EntityVersion::new(staff.staff_id, staff.version);
        decision.event(entity, |meta| StaffChanged { meta, staff });
        if let Some(mail) = mail {
            mails::want(decision, context, mail);
        }
    }
    Ok(())
}

/// The groups of a member, each once, all of which there are.
///
/// # Errors
/// One of them is none of the staff's.
pub(super) fn checked_groups(tenant: TenantId, groups: &[GroupId], rows: &Rows) -> Result<Vec<GroupId>, Stop> {
    let keys = groups.iter().map(|group| StaffGroupRow::at(tenant, *group)).collect();
    let found = rows.get_many::<StaffGroupRow>(keys)?;
    let unknown = found.iter().enumerate().filter(|(_, row)| row.is_none());
    refuse_unknown("/groups", unknown.map(|(at, _)| at), refusals::NO_SUCH_GROUP)?;
    let mut seen = BTreeSet::new();
    Ok(groups.iter().copied().filter(|group| seen.insert(*group)).collect())
}

/// Permissions of a tenant's staff as records have them: sorted, each once.
///
/// # Errors
/// One of them is none of its house.
pub(super) fn checked_permissions(tenant: TenantId, pointer: &str, words: &[String]) -> Result<Vec<String>, Stop> {
    let house = House::of(tenant);
    let is_known = |word: &str| word.parse::<Access>().is_ok_and(|access| access.area.is_of(house));
    let unknown = words.iter().enumerate().filter(|(_, word)| !is_known(word));
    refuse_unknown(pointer, unknown.map(|(at, _)| at), refusals::NO_SUCH_PERMISSION)?;
    Ok(Access::words(&Access::known(words, house)))
}

/// All permissions that somebody is to have, as records have them, beside those of before that a later version has given: who sends the list
/// was not shown them.
///
/// # Errors
/// As those of [`checked_permissions`].
pub(super) fn changed_permissions(tenant: TenantId, words: &[String], before: &[String]) -> Result<Vec<String>, Stop> {
    let words = checked_permissions(tenant, "/permissions", words)?;
    Ok(with_later(&words, before, |word| word.parse::<Access>().is_ok()))
}

/// A whole list of words that was sent, beside those of before that are not known here. A list that has the words of before is as it was.
pub(super) fn with_later(sent: &[String], before: &[String], is_known: impl Fn(&str) -> bool) -> Vec<String> {
    let later = before.iter().filter(|word| !is_known(word.as_str()) && !sent.contains(word));
    let all: Vec<String> = sent.iter().chain(later).cloned().collect();
    let is_same = all.len() == before.len() && all.iter().all(|word| before.contains(word));
    if is_same { before.to_vec() } else { all }
}

/// Refuses what stands at these places of a list.
fn refuse_unknown(pointer: &str, at: impl Iterator<Item = usize>, detail: &str) -> Result<(), Refusal> {
    let error = |at: usize| FieldError::new(format!("{pointer}/{at}"), Code::UnknownReference, detail);
    let errors: Vec<FieldError> = at.map(error).collect();
    if errors.is_empty() { Ok(()) } else { Err(Refusal::fields(errors)) }
}

/// Refuses a name that another group has, however it is written.
fn check_name(name: &str, group: GroupId, all: &[Arc<StaffGroupRow>]) -> Result<(), Refusal> {
    let folded = |name: &str| name.trim().to_lowercase();
    let has_it = |row: &Arc<StaffGroupRow>| row.group.group_id != group && folded(&row.group.name) == folded(name);
    if !all.iter().any(has_it) {
        return Ok(());
    }
    let detail = "Já há um grupo da equipe com este nome.";
    Err(Refusal { code: Code::Duplicate, ..Refusal::fields(vec![FieldError::new("/name", Code::Duplicate, detail)]) })
}

fn all(tenant: TenantId, rows: &Rows) -> Result<Vec<Arc<StaffGroupRow>>, Need> {
    rows.scan::<StaffGroupRow>(StaffGroupRow::all(tenant))
}

fn load(group: GroupId, all: &[Arc<StaffGroupRow>]) -> Result<StaffGroup, Refusal> {
    let found = all.iter().find(|row| row.group.group_id == group);
    found.map(|row| row.group.clone()).ok_or_else(|| Refusal::new(Code::NotFound, refusals::NO_SUCH_GROUP))
}

/// The group is now this, at its next version.
fn now_is(group: StaffGroup, outcome: Outcome, context: &DecisionContext) -> Decision<AdminEvent> {
    let group = StaffGroup { version: group.version + 1, changed_at: context.now, ..group };
    let mut decision = Decision::new(context);
    let entity = EntityVersion::new(group.group_id, group.version);
    decision.answer(outcome, entity, |meta| StaffGroupChanged { meta, group });
    decision
}
